"""Membership: `in`.

Its one rule: what was found tells how far the search went, so that the answer has the labels of all that it could have
looked at. That makes each `unsafe_value` here sound.
"""

from __future__ import annotations

from typing import Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, List, Record, Set, Value, type_name, unsafe_value
from ringfence.lang import sizes
from ringfence.lang.keys import key_of, place_in
from ringfence.lang.objects import Iter, Promise, TypeValue, deep, label_of, labelled, settle
from ringfence.lang.operations.comparison import equal_raw, reference
from ringfence.lang.operations.truth import invert
from ringfence.lang.raised import fail

_PLAIN: Final = frozenset({str, int, bool, type(None)})


def contains(a: Value, b: Value) -> Value:
    """`a in b`."""
    x, y = unsafe_value(a), unsafe_value(b)
    if type(x) is str:
        if type(y) is str:
            label = reference(a).join(reference(b))
            sizes.scanned(len(y))
            return x in y if label is TRUSTED_PUBLIC else Labeled(x in y, label)
        if type(y) is Dict:
            label = y.label.join(reference(a)).join(reference(b))
            return x in y.items if label is TRUSTED_PUBLIC else Labeled(x in y.items, label)
    if type(x) is Promise or type(y) is Promise:
        return contains(settle(a), settle(b))
    return _membership(settle(a), settle(b))


def not_contains(a: Value, b: Value) -> Value:
    """`a not in b`."""
    return invert(contains(a, b))


def _membership(item: Value, container: Value) -> Value:
    """`item in container`, for everything but text in text."""
    raw = container._value if type(container) is Labeled else container
    label = label_of(container)
    if isinstance(raw, (Dict, Set)):
        if isinstance(item_raw := (item._value if type(item) is Labeled else item), Set):
            item = Set(item_raw.items, item_raw.label, frozen=True)
        key, key_label = key_of(item)
        return labelled(key in raw.items, label.join(key_label))
    if isinstance(raw, Record) and raw.indexed:
        raw = tuple(raw.fields.values())
    if isinstance(raw, (List, tuple)):
        items = raw.items if isinstance(raw, List) else raw
        # Whether an early element matched decides how far the search went: all of them count.
        label = label.join(deep(item)).join(deep(container))
        sizes.work(len(items) // 6)
        return labelled(_among(item, items), label)
    if isinstance(raw, range):
        key, key_label = key_of(item)
        return labelled(place_in(raw, key) is not None, label.join(key_label))
    if isinstance(raw, TypeValue) and raw.members:
        key, key_label = key_of(item)
        return labelled(any(key == member for member in raw.members.values()), label.join(key_label))
    if isinstance(raw, bytes):
        key, key_label = key_of(item)
        return labelled(isinstance(key, (bytes, int)) and key in raw, label.join(key_label))
    if isinstance(raw, Iter):
        return _iterated(item, raw, label)
    message = f"argument of type '{type_name(container)}' is not iterable"
    if isinstance(raw, str):
        message = f"'in <string>' requires string as left operand, not {type_name(item)}"
    fail("TypeError", message, label.join(deep(item)))


def _among(item: Value, items: list[Value] | tuple[Value, ...]) -> bool:
    """Whether one of them equals `item`."""
    raw = item._value if type(item) is Labeled else item
    if type(raw) in _PLAIN:
        for part in items:
            other = part._value if type(part) is Labeled else part
            if (other == raw) if type(other) in _PLAIN else equal_raw(item, other):
                return True
        return False
    return any(equal_raw(item, part) for part in items)


def _iterated(item: Value, source: Iter, label: Label) -> Value:
    found = False
    label = label.join(deep(item))
    for part in source.steps:
        label = label.join(deep(part))
        if equal_raw(item, part):
            found = True
            break
    label = label.join(source.label)
    source.taint(label)
    return labelled(found, label)
