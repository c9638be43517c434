"""Dictionary keys and set elements: values as raw hashable keys, and back.

Its one rule: a key loses its label only into the label of the container that it goes into or is looked up in.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember
from ringfence.core.values import Heap, Labeled, Record, Set, Value, type_name
from ringfence.lang import sizes
from ringfence.lang.objects import Builtin, Function, ToolValue, TypeValue, label_of, settle
from ringfence.lang.raised import ExceptionType, fail

_SIMPLE: Final = frozenset(
    {str, int, float, bool, bytes, type(None), Decimal, datetime, date, time, timedelta, timezone, EnumMember}
)
_IDENTITY: Final = (TypeValue, Builtin, ToolValue, ExceptionType, Function)
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


# Keys whose hash is worked out from numbers that a plan can choose.
_CHOSEN: Final = frozenset({tuple, frozenset, range, NamedKey})


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
    if type(key) in _CHOSEN:
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


def is_heap(value: Value) -> bool:
    """Whether the raw value is an object of the heap."""
    return isinstance(value._value if type(value) is Labeled else value, Heap)
