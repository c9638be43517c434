"""Displays: lists, tuples, sets and dicts as a plan writes them, with `*` and `**`.

Its one rule: elements keep their labels; keys, elements of sets, and how many were spread go to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, List, Set, Value, element, type_name
from ringfence.lang import sizes
from ringfence.lang.iteration import collect
from ringfence.lang.keys import key_of
from ringfence.lang.objects import label_of, settle, split
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def spread_display(run: Run, kind: str, rows: tuple[tuple[bool, Value], ...]) -> Value:
    """`[a, *b]` and its like."""
    made: list[Value] = []
    label = TRUSTED_PUBLIC
    for starred, value in rows:
        if starred:
            inner, shape = collect(run, value)
            label = label.join(shape)
            made.extend(inner)
        else:
            made.append(value)
    if kind == "set":
        return make_set(run, made, label)
    if kind == "tuple":
        return tuple(made) if label is TRUSTED_PUBLIC else Labeled(tuple(made), label)
    return List(made, label)


def make_set(run: Run, values: Iterable[Value], label: Label = TRUSTED_PUBLIC, frozen: bool = False) -> Value:
    """A set of the values, in order of appearance, under the join of their labels."""
    made: dict[Value, None] = {}
    for value in sizes.looked(values) if isinstance(values, list) else values:
        key, key_label = key_of(value)
        label = label.join(key_label)
        made[key] = None
    return Set(made, label, frozen=frozen)


def make_dict(run: Run, rows: Iterable[tuple[tuple[Value] | None, Value]]) -> Value:
    """`{k: v, **d}`."""
    made: dict[Value, Value] = {}
    label = TRUSTED_PUBLIC
    for key, value in rows:
        if key is not None:
            found, key_label = key_of(key[0])
            label = label.join(key_label)
            made[found] = value
            continue
        value = settle(value)
        raw, outer = split(value)
        if not isinstance(raw, Dict):
            fail("TypeError", f"'{type_name(raw)}' object is not a mapping", label_of(value))
        label = label.join(outer).join(raw.label)
        sizes.copied(8 * len(raw.items))
        for found in sizes.looked(list(raw.items)):
            made[found] = element(raw, raw.items, found, raw.label)
    return Dict(made, label)
