"""Truth: what counts as true, and what is not.

Its one rule: the raw truth of a value has no label; who asks accounts for `label_of(value)`.
"""

from __future__ import annotations

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.plain import PLAIN_CONTAINERS, EnumMember, RecordData
from ringfence.core.values import Dict, Heap, Labeled, List, Set, Value, unsafe_value
from ringfence.lang.objects import label_of, settle


def truth(value: Value) -> bool:
    """The raw truth value; the caller accounts for `label_of(value)`."""
    raw = unsafe_value(value)
    if type(raw) is bool:
        return raw
    raw = unsafe_value(settle(value))
    if isinstance(raw, (List, Dict, Set)):
        return bool(raw.items)
    if type(raw) in PLAIN_CONTAINERS and not isinstance(raw, RecordData):
        return bool(raw)
    if isinstance(raw, Heap):
        return True
    if isinstance(raw, EnumMember):
        return bool(raw.value) if raw.mixed else True
    return bool(raw)


def negation(value: Value) -> Value:
    """`not value`."""
    if type(value) is bool:
        return not value
    value = settle(value)
    label = label_of(value)
    result = not truth(value)
    return result if label is TRUSTED_PUBLIC else Labeled(result, label)


def invert(value: Value) -> Value:
    """`not` of a labelled truth value."""
    if type(value) is Labeled:
        return Labeled(not value._value, value.label)
    return not value
