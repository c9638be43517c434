"""Loops that add, by their kernels: to a sum, to the totals of a dict, to a list.

Its one rule: everything is computed before anything is changed; the answer is None where the kernel cannot be used.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, List, Value, label_of, with_label
from ringfence.lang.kernels.kernel import Kernel, Reduction
from ringfence.lang.kernels.sequences import Computed, Source, computed, source_of, taken
from ringfence.lang.keys import key_of
from ringfence.lang.mappings import Counter, DefaultDict
from ringfence.lang.objects import settle
from ringfence.lang.operations.arithmetic import NUMBERS

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run
    from ringfence.lang.running.loops import Loop


_WHOLE: Final = Kernel("leaf", (), takes="kept")
_NOTHING: Final = object()


def reduced(
    run: Run,
    loop: Loop,
    function: Computed,
    reduction: Reduction,
    value: Value,
    variables: tuple[Value, ...],
    holder: Value,
    last: Value,
    weight: int,
) -> tuple[Value, Value] | None:
    """A loop by its kernel, or None: the loop's variable at its end, and the sum.

    Everything is computed first; what can fail has not changed anything.
    """
    source = source_of(settle(value))
    if source is None:
        return None
    loop.depend(source.label)
    found = computed(run, function, reduction.kernel, source, variables, weight)
    total: Value = holder
    if found:
        total = _into(run, reduction, source, found, holder)
    if found is None or total is _NOTHING:
        run.steps -= 0 if found is None else len(source.parts) * weight
        run.back(loop.pc)
        loop.label = TRUSTED_PUBLIC
        return None
    size = len(source.parts)
    if size:
        last = with_label(taken(run, _WHOLE, source, [size - 1])[0], source.label)
    return last, total


def _into(run: Run, reduction: Reduction, source: Source, found: list[Value], holder: Value) -> Value:
    """Add what the kernel gave to a dict's totals, to a sum, or to a list; `_NOTHING` where that cannot be done."""
    try:
        if reduction.form == "sum":
            return run.touch(_summed(found, source.label, holder))
        if reduction.form == "append":
            return _appended(run, reduction.kernel, source, found, holder)
        return _totalled(run, reduction, found, holder)
    except ArithmeticError:
        return _NOTHING


def _summed(found: list[Value], label: Label, holder: Value) -> Value:
    first, own = (holder._value, holder.label) if type(holder) is Labeled else (holder, TRUSTED_PUBLIC)
    if type(first) not in NUMBERS or not set(map(type, found)) <= NUMBERS:
        return _NOTHING
    total: Value = reduce(operator.add, found, first)
    label = label.join(own)
    return total if label is TRUSTED_PUBLIC else Labeled(total, label)


def _appended(run: Run, kernel: Kernel, source: Source, found: list[Value], holder: Value) -> Value:
    raw, reference = (holder._value, holder.label) if type(holder) is Labeled else (holder, TRUSTED_PUBLIC)
    if type(raw) is not List or raw is source.holder:
        return _NOTHING
    if kernel.takes == "kept":
        found = taken(run, kernel, source, found)  # type: ignore[arg-type]  # places are integers
    run.changing(holder)
    if run.tries:
        run.held(reference)
    raw.items.extend(found)
    run.tick(len(found))
    return None


def _totalled(run: Run, reduction: Reduction, found: list[Value], holder: Value) -> Value:
    raw = holder._value if type(holder) is Labeled else holder
    if type(raw) not in (Dict, DefaultDict, Counter):
        return _NOTHING
    assert isinstance(raw, Dict)
    items, missing = raw.items, _missing(raw) if reduction.missing is None else reduction.missing
    rows: list[tuple[Value, int]] = found  # type: ignore[assignment]  # pairs of key and value
    if not {type(value) for _, value in rows} <= NUMBERS:
        return _NOTHING
    totals: dict[Value, int] = {}
    known = TRUSTED_PUBLIC  # of what is added to: in a `try` it matters that the adding has not failed
    for key, value in rows:
        if type(key) is not str:
            key = key_of(key)[0]
        if key in totals:
            totals[key] += value
            continue
        begun = items.get(key, missing)
        if type(begun) is Labeled:
            known = known.join(begun.label)
            begun = begun._value
        if type(begun) not in NUMBERS:
            return _NOTHING
        totals[key] = begun + value  # type: ignore[operator]  # a number
    run.changing(holder)
    if run.tries:
        run.held(known.join(label_of(holder)))
    for key, total in totals.items():
        held = items.get(key)
        label = raw.label.join(held.label) if type(held) is Labeled else raw.label
        if key not in items:
            run.charge(100)
        items[key] = total if label is TRUSTED_PUBLIC else Labeled(total, label)
    return None


def _missing(holder: Dict) -> Value:
    """With what a key's total begins: 0 in a Counter and in a defaultdict of numbers."""
    if isinstance(holder, Counter):
        return 0
    if isinstance(holder, DefaultDict):
        from ringfence.lang.builtins.functions.types import TYPES

        return 0 if holder.factory is TYPES["int"] else 0.0 if holder.factory is TYPES["float"] else None
    return None
