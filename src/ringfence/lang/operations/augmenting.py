"""Augmented assignment of an object: `+=` and its like change it in place.

Its one rule: whatever the operator takes from the other side marks the object that is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.core.values import Dict, List, Set, Value
from ringfence.lang import sizes
from ringfence.lang.iteration import collect
from ringfence.lang.objects import Deque, View, split
from ringfence.lang.operations.arithmetic import parts
from ringfence.lang.operations.symbols import BINARY

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def in_place(symbol: str, run: Run, target: Value, value: Value) -> Value | None:
    """The in-place form of an operator on a mutable object; None where there is none."""
    raw, _ = split(target)
    if isinstance(raw, List) and symbol == "+" and not isinstance(raw, View):
        made, label = collect(run, value)
        run.changing(target)
        raw.taint(label)
        raw.items.extend(made)
        _trim(raw)
        return target
    if isinstance(raw, List) and symbol == "*" and not isinstance(raw, (View, Deque)):
        count, label = split(value)
        if isinstance(count, int):
            sizes.items(len(raw.items) * max(count, 0))
            run.changing(target)
            raw.taint(label)
            raw.items[:] = parts(raw) * count
            return target
    if isinstance(raw, (Dict, Set)) and not (isinstance(raw, Set) and raw.frozen):
        made_value = BINARY[symbol](target, value)
        result, label = split(made_value)
        if isinstance(result, (Dict, Set)) and type(result) is type(raw):
            run.changing(target)
            raw.taint(label.join(result.label))
            items = dict(result.items)
            raw.items.clear()
            raw.items.update(items)  # type: ignore[arg-type]  # of the same kind, checked above
            return target
        return made_value
    return None


def _trim(raw: List) -> None:
    if isinstance(raw, Deque) and raw.limit is not None and len(raw.items) > raw.limit:
        del raw.items[: len(raw.items) - raw.limit]
