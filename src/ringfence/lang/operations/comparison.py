"""Comparison: equality, order, identity.

Its one rule: two values are compared by all of their parts, so that the answer has the labels of everything that both
sides contain (of identity: of the two references). That makes each `unsafe_value` here sound.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember, RecordData
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Set, Value, type_name, unsafe_value
from ringfence.lang import sizes
from ringfence.lang.mappings import Counter
from ringfence.lang.objects import Deque, View, deep, settle
from ringfence.lang.operations.arithmetic import Operation, as_set
from ringfence.lang.operations.truth import invert
from ringfence.lang.raised import fail, of_python

_ORDERED: Final = frozenset({int, float, bool, str, bytes, Decimal, datetime, date, time, timedelta})
_ORDER: Final[dict[str, Callable[[object, object], bool]]] = {
    "<": operator.lt,  # type: ignore[dict-item]
    "<=": operator.le,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    ">=": operator.ge,  # type: ignore[dict-item]
}


def equal_raw(x: Value, y: Value) -> bool:
    """Deep equality of values, labels aside; the caller has joined `deep` of both."""
    x, y = _untied(unsafe_value(settle(x))), _untied(unsafe_value(settle(y)))
    if x is y:
        return not (isinstance(x, (float, Decimal)) and x != x)  # which object a NaN is, no replay could know
    if isinstance(x, EnumMember) or isinstance(y, EnumMember):
        if isinstance(x, EnumMember) and isinstance(y, EnumMember):
            return x == y
        member, other = (x, y) if isinstance(x, EnumMember) else (y, x)
        assert isinstance(member, EnumMember)
        return member.mixed and type(other) in (str, int, float, bool) and member.value == other
    if isinstance(x, tuple) and isinstance(y, tuple):
        sizes.work(5 + min(len(x), len(y)))
        return len(x) == len(y) and all(equal_raw(a, b) for a, b in zip(x, y, strict=True))
    if not isinstance(x, (Heap, list, dict, set, frozenset, RecordData)):
        try:
            return bool(not isinstance(y, (Heap, tuple)) and x == y)
        except TypeError:
            return False
    return _equal_heap(x, y)


def _untied(value: Value) -> Value:
    """A named tuple as the tuple that it is; anything else as it is."""
    return tuple(value.fields.values()) if isinstance(value, Record) and value.indexed else value


def _counts_hold(symbol: str, x: Counter, y: Counter, label: Label) -> bool:
    """Whether all counts compare so; a missing key counts 0."""
    keys = {**x.items, **y.items}
    sizes.work(len(keys))
    counts = ((x.items.get(key, 0), y.items.get(key, 0)) for key in keys)
    return all(equal_raw(a, b) if symbol == "==" else order_raw(symbol, a, b, label) for a, b in counts)


def _equal_heap(x: Value, y: Value) -> bool:
    if isinstance(x, Counter) and isinstance(y, Counter):
        return _counts_hold("==", x, y, TRUSTED_PUBLIC)
    left, right = _shape(x), _shape(y)
    if left is None or right is None or left[0] != right[0]:
        return False
    a, b = left[1], right[1]
    sizes.work(15 + min(len(a), len(b)))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(equal_raw(p, q) for p, q in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return len(a) == len(b) and all(key in b and equal_raw(part, b[key]) for key, part in a.items())
    return False


def _shape(value: Value) -> tuple[str, list[Value] | dict[Value, Value]] | None:
    """What two values must share to be equal, and their parts."""
    if isinstance(value, View):
        made = None if value.kind == "dict_values" else as_set(value)
        return None if made is None else ("set", dict.fromkeys(made.items, True))
    if isinstance(value, List):
        return ("deque" if isinstance(value, Deque) else "list"), value.items
    if isinstance(value, list):
        return "list", value
    if isinstance(value, Dict):
        return "dict", value.items
    if isinstance(value, dict):
        return "dict", value
    if isinstance(value, Set):
        return "set", dict.fromkeys(value.items, True)
    if isinstance(value, (set, frozenset)):
        return "set", dict.fromkeys(value, True)
    if isinstance(value, (Record, RecordData)):
        return f"record {value.name}", dict(value.fields.items())
    return None


def eq(a: Value, b: Value) -> Value:
    """`a == b`. Labels: everything that both sides contain."""
    x, y = unsafe_value(a), unsafe_value(b)
    if type(x) in _ORDERED and type(y) in _ORDERED:
        if type(a) is Labeled:
            label = a.label.join(b.label) if type(b) is Labeled else a.label
        elif type(b) is Labeled:
            label = b.label
        else:
            return x == y
        return Labeled(x == y, label)
    a, b = settle(a), settle(b)
    label = deep(a).join(deep(b))
    result = equal_raw(a, b)
    return result if label is TRUSTED_PUBLIC else Labeled(result, label)


def ne(a: Value, b: Value) -> Value:
    """`a != b`."""
    return invert(eq(a, b))


def _ordering(symbol: str, operate: Callable[[object, object], bool]) -> Operation:
    def apply(a: Value, b: Value) -> Value:
        x, y = unsafe_value(a), unsafe_value(b)
        if type(x) in _ORDERED and type(y) in _ORDERED:
            if type(a) is Labeled:
                label = a.label
                if type(b) is Labeled and b.label is not label:
                    label = label.join(b.label)
            elif type(b) is Labeled:
                label = b.label
            else:
                label = TRUSTED_PUBLIC
            try:
                made = operate(x, y)
            except (TypeError, ArithmeticError) as error:
                raise of_python(error, label) from None
            return made if label is TRUSTED_PUBLIC else Labeled(made, label)
        a, b = settle(a), settle(b)
        label = deep(a).join(deep(b))
        made = order_raw(symbol, a, b, label)
        return made if label is TRUSTED_PUBLIC else Labeled(made, label)

    return apply


def order_raw(symbol: str, a: Value, b: Value, label: Label) -> bool:
    """An ordering comparison of raw operands; sequences are compared element by element."""
    x, y = unsafe_value(settle(a)), unsafe_value(settle(b))
    if isinstance(x, Counter) and isinstance(y, Counter):
        proper = symbol in ("<", ">")
        return _counts_hold(f"{symbol[0]}=", x, y, label) and not (proper and equal_raw(x, y))
    left, right = _set_items(x), _set_items(y)
    if left is not None and right is not None:
        return _ORDER[symbol](left, right)
    one, two = _sequence(x), _sequence(y)
    if one is not None and two is not None and one[0] == two[0]:
        for index, (p, q) in enumerate(zip(one[1], two[1], strict=False)):
            if not equal_raw(p, q):
                sizes.work(index)
                return order_raw(symbol, p, q, label)
        sizes.work(min(len(one[1]), len(two[1])))
        return _ORDER[symbol](len(one[1]), len(two[1]))
    x, y = _mixed(x), _mixed(y)
    if type(x) in _ORDERED and type(y) in _ORDERED:
        try:
            return _ORDER[symbol](x, y)
        except (TypeError, ArithmeticError) as error:
            raise of_python(error, label) from None
    fail("TypeError", f"'{symbol}' not supported between instances of '{type_name(x)}' and '{type_name(y)}'", label)


def _mixed(value: Value) -> Value:
    return value.value if isinstance(value, EnumMember) and value.mixed else value


def _sequence(value: Value) -> tuple[str, list[Value] | tuple[Value, ...]] | None:
    value = _untied(value)
    if isinstance(value, List) and type(value) is not View:
        return type(value).__name__, value.items
    if type(value) is list:
        return "List", value
    if isinstance(value, Record) and value.ordered:
        return f"record {value.name}", tuple(value.fields.values())
    return ("tuple", value) if isinstance(value, tuple) else None


def _set_items(value: Value) -> frozenset[Value] | None:
    if isinstance(value, (Set, View)):
        found = as_set(value)
        return None if found is None else frozenset(found.items)
    return frozenset(value) if isinstance(value, (set, frozenset)) else None


lt: Final = _ordering("<", operator.lt)  # type: ignore[arg-type]
le: Final = _ordering("<=", operator.le)  # type: ignore[arg-type]
gt: Final = _ordering(">", operator.gt)  # type: ignore[arg-type]
ge: Final = _ordering(">=", operator.ge)  # type: ignore[arg-type]


def same(a: Value, b: Value) -> Value:
    """`a is b`: identity of objects, and of None, True and False."""
    a, b = settle(a), settle(b)
    x, y = unsafe_value(a), unsafe_value(b)
    label = reference(a).join(reference(b))
    result = x is y or (isinstance(x, EnumMember) and x == y)
    return result if label is TRUSTED_PUBLIC else Labeled(result, label)


def not_same(a: Value, b: Value) -> Value:
    """`a is not b`."""
    return invert(same(a, b))


def reference(value: Value) -> Label:
    """The label of the reference alone, whatever the object contains."""
    return value.label if type(value) is Labeled else TRUSTED_PUBLIC
