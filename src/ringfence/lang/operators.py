"""Operators on labelled values: arithmetic, comparison, membership, truth.

Its one rule: the label of a result is the join of the labels of all that it was computed from. Each
operation on plain numbers is one call of Python's own operator, behind a check of what it would cost.
Nothing here touches the pc label: that is control flow (`lang/engine.py`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import (
    PLAIN_CONTAINERS,
    Dict,
    EnumMember,
    Heap,
    Labeled,
    List,
    Record,
    RecordData,
    Set,
    Value,
    type_name,
    with_label,
)
from ringfence.lang import sizes
from ringfence.lang.host import SchemaValue
from ringfence.lang.objects import Deque, Promise, TypeValue, View, deep, label_of, settle, settle_deep
from ringfence.lang.raised import fail, of_python

NUMBERS: Final = frozenset({int, float, bool})
_ORDERED: Final = frozenset({int, float, bool, str, bytes, Decimal, datetime, date, time, timedelta})
_ARITHMETIC: Final = (int, float, Decimal, datetime, date, time, timedelta)

Operation: TypeAlias = Callable[[Value, Value], Value]


def _binary(symbol: str, operate: Operation, guard: Callable[[Value, Value], None] | None) -> Operation:
    """The labelled operation: numbers at once, everything else through `_general`."""

    def apply(a: Value, b: Value) -> Value:
        if type(a) is Labeled:
            x = a._value
            label = a.label
            if type(b) is Labeled:
                y = b._value
                if b.label is not label:
                    label = label.join(b.label)
            else:
                y = b
        elif type(b) is Labeled:
            x, y, label = a, b._value, b.label
        else:
            if type(a) in NUMBERS and type(b) in NUMBERS:
                try:
                    if guard is not None:
                        guard(a, b)
                    return operate(a, b)
                except ArithmeticError as error:
                    raise of_python(error, TRUSTED_PUBLIC) from None
                except (TypeError, ValueError) as error:
                    raise of_python(error, TRUSTED_PUBLIC) from None
            return _general(symbol, operate, a, b, TRUSTED_PUBLIC, apply)
        if type(x) in NUMBERS and type(y) in NUMBERS:
            try:
                if guard is not None:
                    guard(x, y)
                return Labeled(operate(x, y), label)
            except (ArithmeticError, TypeError, ValueError) as error:
                raise of_python(error, label) from None
        if type(x) is Promise or type(y) is Promise:
            return apply(settle(a), settle(b))
        made = _general(symbol, operate, x, y, label, apply)
        return with_label(made, label)

    return apply


def _general(symbol: str, operate: Operation, x: Value, y: Value, label: Label, again: Operation) -> Value:
    """The operation on raw operands that are not both numbers. The caller puts the references' label on the result."""
    if type(x) is str and type(y) is str and symbol == "+":
        sizes.text(len(x) + len(y))
        return x + y
    if type(x) is Promise or type(y) is Promise:
        return again(settle(x), settle(y))
    if symbol == "|" and (isinstance(x, (TypeValue, SchemaValue)) or isinstance(y, (TypeValue, SchemaValue))):
        from ringfence.lang.builtins.schemas import union

        joined = union(x, y)
        if joined is not None:
            return joined
    if symbol == "%" and isinstance(x, (str, bytes)):
        from ringfence.lang.text import percent

        if isinstance(x, str):
            # What is formatted is inside of the operand, and its labels are there.
            y = settle_deep(y)
            inner = deep(y)
            return with_label(percent(x, y, label.join(inner)), inner)
    if (isinstance(x, Record) and x.indexed) or (isinstance(y, Record) and y.indexed):
        return again(_as_tuple(x), _as_tuple(y))
    rule = _RULES.get(symbol)
    made = rule(x, y, label) if rule is not None else NotImplemented
    if made is not NotImplemented:
        return made
    try:
        if isinstance(x, _ARITHMETIC) and isinstance(y, _ARITHMETIC):
            sizes.arithmetic(symbol, x, y)
            return operate(x, y)
        if isinstance(x, (bytes, EnumMember)) or isinstance(y, (bytes, EnumMember)):
            return operate(_enum_raw(x), _enum_raw(y))
    except (ArithmeticError, TypeError, ValueError) as error:
        raise of_python(error, label) from None
    fail("TypeError", f"unsupported operand type(s) for {symbol}: '{type_name(x)}' and '{type_name(y)}'", label)


def _as_tuple(value: Value) -> Value:
    """A named tuple as the tuple that it is, under the label of its shape; anything else as it is."""
    if not (isinstance(value, Record) and value.indexed):
        return value
    return with_label(tuple(with_label(part, value.label) for part in value.fields.values()), value.label)


def _enum_raw(value: Value) -> Value:
    return value.value if isinstance(value, EnumMember) and type(value.value) in (int, str) else value


def _repeat(x: Value, y: Value, label: Label) -> Value:
    if type(y) in (int, bool) and not isinstance(x, _ARITHMETIC):
        x, y = y, x
    if type(x) is bool:
        x = int(x)
    if type(x) is not int:
        return NotImplemented
    if isinstance(y, (str, bytes)):
        sizes.text(len(y) * max(x, 0))
        return y * x
    if isinstance(y, tuple):
        sizes.items(len(y) * max(x, 0))
        return y * x
    if isinstance(y, List) and type(y) is not View:
        sizes.items(len(y.items) * max(x, 0))
        return _like(y, _own(y) * x, y.label)
    return NotImplemented


def _own(source: List) -> list[Value]:
    """The elements as values that stand for themselves outside of their list."""
    return source.items if source.label is TRUSTED_PUBLIC else parts(source)


def parts(source: List) -> list[Value]:
    """All elements, each with the list's label joined."""
    from ringfence.core.values import element

    label = source.label
    return [element(source, source.items, index, label) for index in range(len(source.items))]


def _like(source: List, items: list[Value], label: Label) -> List:
    return Deque(items, label, source.limit) if isinstance(source, Deque) else List(items, label)


def _concat(x: Value, y: Value, label: Label) -> Value:
    if isinstance(x, List) and isinstance(y, List) and type(x) is type(y):
        sizes.items(len(x.items) + len(y.items))
        return _like(x, _own(x) + _own(y), x.label.join(y.label))
    if isinstance(x, tuple) and isinstance(y, tuple):
        sizes.items(len(x) + len(y))
        return x + y
    if isinstance(x, bytes) and isinstance(y, bytes):
        sizes.text(len(x) + len(y))
        return x + y
    if isinstance(x, Dict) and isinstance(y, Dict):
        return _counted("+", x, y)
    return NotImplemented


def _counted(symbol: str, x: Dict, y: Dict) -> Value:
    from ringfence.lang.mappings import Counter, combine_counters

    return combine_counters(symbol, x, y) if isinstance(x, Counter) and isinstance(y, Counter) else NotImplemented


def _as_set(value: Value) -> Set | None:
    if isinstance(value, Set):
        return value
    if isinstance(value, View) and value.kind in ("dict_keys", "dict_items"):
        from ringfence.lang.keys import key_of

        label = value.label
        made: dict[Value, None] = {}
        for part in value.items:
            key, key_label = key_of(part)
            made[key] = None
            label = label.join(key_label)
        return Set(made, label)
    return None


def _set_rule(
    symbol: str, pick: Callable[[dict[Value, None], dict[Value, None]], dict[Value, None]]
) -> Callable[[Value, Value, Label], Value]:
    def rule(x: Value, y: Value, label: Label) -> Value:
        left, right = _as_set(x), _as_set(y)
        if left is not None and right is not None:
            sizes.copied(len(left.items) + len(right.items))
            return Set(pick(left.items, right.items), left.label.join(right.label), frozen=left.frozen)
        if isinstance(x, Dict) and isinstance(y, Dict):
            return _merge(symbol, x, y)
        if type(x) in (int, bool) and type(y) in (int, bool):
            return NotImplemented
        return NotImplemented

    return rule


def _merge(symbol: str, x: Dict, y: Dict) -> Value:
    counted = _counted(symbol, x, y)
    if counted is not NotImplemented or symbol != "|":
        return counted
    from ringfence.lang.mappings import merged

    return merged(x, y)


_RULES: Final[dict[str, Callable[[Value, Value, Label], Value]]] = {
    "+": _concat,
    "*": _repeat,
    "-": _set_rule("-", lambda a, b: {k: None for k in a if k not in b}),
    "&": _set_rule("&", lambda a, b: {k: None for k in a if k in b}),
    "|": _set_rule("|", lambda a, b: {**a, **b}),
    "^": _set_rule("^", lambda a, b: {**{k: None for k in a if k not in b}, **{k: None for k in b if k not in a}}),
}

add: Final = _binary("+", operator.add, None)
sub: Final = _binary("-", operator.sub, None)
mul: Final = _binary("*", operator.mul, sizes.product)
div: Final = _binary("/", operator.truediv, None)
floordiv: Final = _binary("//", operator.floordiv, sizes.division)
mod: Final = _binary("%", operator.mod, sizes.division)
power: Final = _binary("**", operator.pow, sizes.power)
lshift: Final = _binary("<<", operator.lshift, sizes.shift)
rshift: Final = _binary(">>", operator.rshift, None)
bitand: Final = _binary("&", operator.and_, None)
bitor: Final = _binary("|", operator.or_, None)
bitxor: Final = _binary("^", operator.xor, None)


# Comparison


def _raw(value: Value) -> Value:
    return value._value if type(value) is Labeled else value


def equal_raw(x: Value, y: Value) -> bool:
    """Deep equality of values, labels aside; the caller has joined `deep` of both."""
    x, y = _untied(_raw(settle(x))), _untied(_raw(settle(y)))
    if x is y:
        return not (type(x) is float and x != x)
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


def _equal_heap(x: Value, y: Value) -> bool:
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


def _scalar_pair(a: Value, b: Value) -> bool:
    return type(a) in _ORDERED and type(b) in _ORDERED


def eq(a: Value, b: Value) -> Value:
    """`a == b`. Labels: everything that both sides contain."""
    x, y = _raw(a), _raw(b)
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


def invert(value: Value) -> Value:
    """`not` of a labelled truth value."""
    if type(value) is Labeled:
        return Labeled(not value._value, value.label)
    return not value


def _ordering(symbol: str, operate: Callable[[object, object], bool]) -> Operation:
    def apply(a: Value, b: Value) -> Value:
        x, y = _raw(a), _raw(b)
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


_ORDER: Final[dict[str, Callable[[object, object], bool]]] = {
    "<": operator.lt,  # type: ignore[dict-item]
    "<=": operator.le,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    ">=": operator.ge,  # type: ignore[dict-item]
}


def order_raw(symbol: str, a: Value, b: Value, label: Label) -> bool:
    """An ordering comparison of raw operands; sequences are compared element by element."""
    x, y = _raw(settle(a)), _raw(settle(b))
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
    if isinstance(value, Set):
        return frozenset(value.items)
    return frozenset(value) if isinstance(value, (set, frozenset)) else None


lt: Final = _ordering("<", operator.lt)  # type: ignore[arg-type]
le: Final = _ordering("<=", operator.le)  # type: ignore[arg-type]
gt: Final = _ordering(">", operator.gt)  # type: ignore[arg-type]
ge: Final = _ordering(">=", operator.ge)  # type: ignore[arg-type]


def same(a: Value, b: Value) -> Value:
    """`a is b`: identity of objects, and of None, True and False."""
    a, b = settle(a), settle(b)
    x, y = _raw(a), _raw(b)
    label = _reference(a).join(_reference(b))
    result = x is y or (isinstance(x, EnumMember) and x == y)
    return result if label is TRUSTED_PUBLIC else Labeled(result, label)


def not_same(a: Value, b: Value) -> Value:
    """`a is not b`."""
    return invert(same(a, b))


def _reference(value: Value) -> Label:
    return value.label if type(value) is Labeled else TRUSTED_PUBLIC


def contains(a: Value, b: Value) -> Value:
    """`a in b`."""
    x, y = _raw(a), _raw(b)
    if type(x) is str and type(y) is str:
        label = _reference(a).join(_reference(b))
        sizes.scanned(len(y))
        return x in y if label is TRUSTED_PUBLIC else Labeled(x in y, label)
    if type(x) is Promise or type(y) is Promise:
        return contains(settle(a), settle(b))
    from ringfence.lang.keys import membership

    return membership(settle(a), settle(b))


def not_contains(a: Value, b: Value) -> Value:
    """`a not in b`."""
    return invert(contains(a, b))


# Unary and truth


def negate(value: Value) -> Value:
    """`-value`."""
    return _unary("-", operator.neg, value)


def positive(value: Value) -> Value:
    """`+value`."""
    return _unary("+", operator.pos, value)


def complement(value: Value) -> Value:
    """`~value`."""
    return _unary("~", operator.invert, value)


def _unary(symbol: str, operate: Callable[[int], int], value: Value) -> Value:
    value = settle(value)
    raw = _raw(value)
    if not isinstance(raw, (int, float, Decimal, timedelta)):
        fail("TypeError", f"bad operand type for unary {symbol}: '{type_name(raw)}'", label_of(value))
    try:
        made: Value = operate(raw)  # type: ignore[arg-type]
    except (TypeError, ArithmeticError) as error:
        raise of_python(error, label_of(value)) from None
    return Labeled(made, value.label) if type(value) is Labeled else made


def truth(value: Value) -> bool:
    """The raw truth value; the caller accounts for `label_of(value)`."""
    raw = _raw(value)
    if type(raw) is bool:
        return raw
    raw = _raw(settle(value))
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


BINARY: Final[dict[str, Operation]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": div,
    "//": floordiv,
    "%": mod,
    "**": power,
    "<<": lshift,
    ">>": rshift,
    "&": bitand,
    "|": bitor,
    "^": bitxor,
}
COMPARE: Final[dict[str, Operation]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "is": same,
    "is not": not_same,
    "in": contains,
    "not in": not_contains,
}
