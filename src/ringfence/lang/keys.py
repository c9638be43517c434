"""Dictionary keys, set elements, membership: values as raw hashable keys, and back.

Its one rule: a key loses its label only into the label of the container that it goes into or is looked up in.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, EnumMember, Heap, Labeled, List, Record, Set, Value, type_name
from ringfence.lang import sizes
from ringfence.lang.objects import Builtin, Function, Iter, ToolValue, TypeValue, deep, label_of, settle
from ringfence.lang.operators import equal_raw
from ringfence.lang.raised import ExceptionType, fail

_SIMPLE: Final = frozenset(
    {str, int, float, bool, bytes, type(None), Decimal, datetime, date, time, timedelta, timezone, EnumMember}
)
_IDENTITY: Final = (TypeValue, Builtin, ToolValue, ExceptionType, Function)
_PLAIN: Final = frozenset({str, int, bool, type(None)})
_BIG: Final = 2**61 - 1


@final
class NamedKey(tuple[Value, ...]):
    """A named tuple as a key: the tuple that it equals, and how to make it again.

    A frozen record of the plan's own classes is a key, too; it equals no tuple and no record of another class.
    """

    names: tuple[str, ...]
    kind: str
    kinds: frozenset[str]
    indexed: bool

    def record(self) -> Record:
        """The record."""
        made = Record(self.kind, dict(zip(self.names, map(value_of_key, self), strict=True)))
        made.indexed, made.kinds = self.indexed, self.kinds
        return made

    def __eq__(self, other: object) -> bool:
        if not tuple.__eq__(self, other):
            return False
        if isinstance(other, NamedKey) and not (self.indexed and other.indexed):
            return (self.indexed, self.kind) == (other.indexed, other.kind)
        return self.indexed or isinstance(other, NamedKey)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return tuple.__hash__(self)


def place_in(numbers: range, key: Value) -> int | None:
    """Where a number stands in a range. Python itself would try one after the other for 1.5."""
    finite = key.is_finite() if isinstance(key, Decimal) else isinstance(key, float) and math.isfinite(key)
    if finite and isinstance(key, (float, Decimal)) and key == int(key):
        key = int(key)
    return numbers.index(int(key)) if isinstance(key, int) and int(key) in numbers else None


def key_of(value: Value) -> tuple[Value, Label]:
    """The raw hashable key and the label that it had."""
    if type(value) is Labeled:
        raw, label = value._value, value.label
    else:
        raw, label = value, TRUSTED_PUBLIC
    kind = type(raw)
    if kind in _SIMPLE:
        if kind is Decimal or (kind is int and not -_BIG < raw < _BIG):  # type: ignore[operator]
            sizes.hashed(raw)
        return raw, label
    key, label = _compound_key(settle(value))
    if type(key) is tuple:
        sizes.hashed(key)
    return key, label


def _compound_key(value: Value) -> tuple[Value, Label]:
    label = label_of(value)
    raw = value._value if type(value) is Labeled else value
    if type(raw) in _SIMPLE or isinstance(raw, _IDENTITY):
        return raw, label
    if isinstance(raw, tuple):
        parts: list[Value] = []
        sizes.work(3 + len(raw))
        for part in raw:
            key, key_label = key_of(part)
            parts.append(key)
            label = label.join(key_label)
        return tuple(parts), label
    if isinstance(raw, Record) and (raw.indexed or (raw.frozen and raw.kinds)):
        return _named_key(raw, label)
    if isinstance(raw, range):
        return raw, label
    if isinstance(raw, Set) and raw.frozen:
        return frozenset(raw.items), label.join(raw.label)
    fail("TypeError", f"unhashable type: '{type_name(value)}'", label)


def _named_key(raw: Record, label: Label) -> tuple[Value, Label]:
    parts, inner = _compound_key(tuple(raw.fields.values()))
    assert isinstance(parts, tuple)
    made = NamedKey(parts)
    made.names, made.kind, made.kinds, made.indexed = tuple(raw.fields), raw.name, raw.kinds, raw.indexed
    return made, label.join(inner)


def value_of_key(raw: Value) -> Value:
    """A raw key as a value again (the caller joins the container's label)."""
    if isinstance(raw, NamedKey):
        return raw.record()
    return Set(dict.fromkeys(raw), frozen=True) if isinstance(raw, frozenset) else raw


def membership(item: Value, container: Value) -> Value:
    """`item in container`, for everything but text in text."""
    raw = container._value if type(container) is Labeled else container
    label = label_of(container)
    if isinstance(raw, (Dict, Set)):
        if isinstance(item_raw := (item._value if type(item) is Labeled else item), Set):
            item = Set(item_raw.items, item_raw.label, frozen=True)
        key, key_label = key_of(item)
        return _labelled(key in raw.items, label.join(key_label))
    if isinstance(raw, Record) and raw.indexed:
        raw = tuple(raw.fields.values())
    if isinstance(raw, (List, tuple)):
        items = raw.items if isinstance(raw, List) else raw
        # Whether an early element matched decides how far the search went: all of them count.
        label = label.join(deep(item)).join(deep(container))
        sizes.work(len(items) // 6)
        return _labelled(_among(item, items), label)
    if isinstance(raw, range):
        key, key_label = key_of(item)
        return _labelled(place_in(raw, key) is not None, label.join(key_label))
    if isinstance(raw, TypeValue) and raw.members:
        key, key_label = key_of(item)
        return _labelled(any(key == member for member in raw.members.values()), label.join(key_label))
    if isinstance(raw, bytes):
        key, key_label = key_of(item)
        return _labelled(isinstance(key, (bytes, int)) and key in raw, label.join(key_label))
    if isinstance(raw, Iter):
        return _iterated(item, raw, label)
    kind = "'in <string>' requires string as left operand" if isinstance(raw, str) else "argument is not iterable"
    fail("TypeError", f"{kind}, not '{type_name(item if isinstance(raw, str) else container)}'", label.join(deep(item)))


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
    return _labelled(found, label)


def _labelled(result: bool, label: Label) -> Value:
    return result if label is TRUSTED_PUBLIC else Labeled(result, label)


def is_heap(value: Value) -> bool:
    """Whether the raw value is an object of the heap."""
    return isinstance(value._value if type(value) is Labeled else value, Heap)
