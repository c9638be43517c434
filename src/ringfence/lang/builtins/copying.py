"""Copies of values: `copy.copy`, `copy.deepcopy`, and those that models make of themselves.

Its one rule: a copy has the labels of what it was made of, each part its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.core.values import Dict, Labeled, List, Record, Set, Value, type_name, with_label
from ringfence.lang.iteration import collect
from ringfence.lang.mappings import entries, like
from ringfence.lang.objects import Deque, Iter, View, label_of, settle, settle_deep, split
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def copy(run: Run, x: Value) -> Value:
    """`copy.copy`: a new object with the same elements."""
    value = settle(x)
    raw, label = split(value)
    return with_label(_shallow(run, raw), label)


def _shallow(run: Run, raw: Value) -> Value:
    if isinstance(raw, Deque):
        parts, label = collect(run, raw)
        return Deque(parts, label, raw.limit)
    if isinstance(raw, (View, Iter)):
        fail("TypeError", f"cannot copy '{type_name(raw)}' object", label_of(raw))
    if isinstance(raw, List):
        parts, label = collect(run, raw)
        return List(parts, label)
    if isinstance(raw, Dict):
        return like(raw, entries(raw), raw.label)
    if isinstance(raw, Set):
        return raw if raw.frozen else Set(dict(raw.items), raw.label)
    if isinstance(raw, Record) and not raw.frozen:
        return _record_like(raw, dict(raw.fields))
    return raw


def _record_like(raw: Record, fields: dict[str, Value]) -> Record:
    made = type(raw)(raw.name, fields, raw.label, raw.frozen)
    made.indexed, made.kinds, made.ordered = raw.indexed, raw.kinds, raw.ordered
    return made


def deepcopy(run: Run, x: Value) -> Value:
    """`copy.deepcopy`: new objects all the way down; what is shared stays shared, cycles too."""
    return _deep(run, settle_deep(x), {})


def _deep(run: Run, value: Value, made: dict[int, Value]) -> Value:
    raw, label = split(value)
    if id(raw) in made:
        return with_label(made[id(raw)], label)
    run.tick(1)
    if isinstance(raw, tuple):
        parts = tuple(_deep(run, part, made) for part in raw)
        if type(value) is not Labeled:
            return parts
        same = all(new is old for new, old in zip(parts, raw, strict=True))  # else there are new objects in it
        return Labeled(parts, value.label, value.origin if same else None)
    copied = _shallow(run, raw)
    if copied is raw:
        return value
    made[id(raw)] = copied
    if isinstance(copied, List):
        copied.items[:] = [_deep(run, part, made) for part in copied.items]
    elif isinstance(copied, Dict):
        for key, part in list(copied.items.items()):
            copied.items[key] = _deep(run, part, made)
    elif isinstance(copied, Record):
        for name, part in list(copied.fields.items()):
            copied.fields[name] = _deep(run, part, made)
    return with_label(copied, label)
