"""Arithmetic: the operators that make a value of two, and of one.

Its one rule: the label of a result is the join of the labels of all that it was computed from. Each
operation on plain numbers is one call of Python's own operator, behind a check of what it would cost.
Nothing here touches the pc label: that is control flow (`lang/running/engine.py`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember
from ringfence.core.values import Dict, Labeled, List, Record, Set, Value, element, type_name, unsafe_value, with_label
from ringfence.lang import sizes
from ringfence.lang.builtins.schemas import union
from ringfence.lang.host import SchemaValue
from ringfence.lang.keys import key_of
from ringfence.lang.mappings import Counter, combine_counters, merged
from ringfence.lang.objects import Deque, Promise, TypeValue, View, deep, label_of, settle, settle_deep
from ringfence.lang.raised import fail, of_python
from ringfence.lang.text import percent

NUMBERS: Final = frozenset({int, float, bool})
_ARITHMETIC: Final = (int, float, Decimal, datetime, date, time, timedelta)
Operation: TypeAlias = Callable[[Value, Value], Value]


def _binary(symbol: str, operate: Operation, guard: Callable[[Value, Value], None] | None) -> Operation:
    """The labelled operation: numbers and texts at once, everything else through `_general`."""
    texts = symbol == "+"

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
        if texts and type(x) is str and type(y) is str:
            sizes.text(len(x) + len(y))
            return Labeled(x + y, label)
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
        joined = union(x, y)
        if joined is not None:
            return joined
    if symbol == "%" and isinstance(x, str):
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
        if _is_mixed(x) or _is_mixed(y):  # as their values, with the sizes of these
            return again(_of_mixed(x), _of_mixed(y))
        if isinstance(x, bytes) or isinstance(y, bytes):
            return operate(x, y)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise of_python(error, label) from None
    fail("TypeError", _unfit(symbol, x, y), label)


_SEQUENCES: Final = (str, bytes, tuple, List)


def _unfit(symbol: str, x: Value, y: Value) -> str:
    """Why there is no such operation between values of these types, in Python's words."""
    if symbol == "+" and isinstance(x, (str, tuple, List)) and type(x) is not View:
        return f'can only concatenate {type_name(x)} (not "{type_name(y)}") to {type_name(x)}'
    if symbol == "*" and (isinstance(x, _SEQUENCES) or isinstance(y, _SEQUENCES)):
        other = y if isinstance(x, _SEQUENCES) else x
        return f"can't multiply sequence by non-int of type '{type_name(other)}'"
    name = "** or pow()" if symbol == "**" else symbol
    return f"unsupported operand type(s) for {name}: '{type_name(x)}' and '{type_name(y)}'"


def _as_tuple(value: Value) -> Value:
    """A named tuple as the tuple that it is, under the label of its shape; anything else as it is."""
    if not (isinstance(value, Record) and value.indexed):
        return value
    return with_label(tuple(with_label(part, value.label) for part in value.fields.values()), value.label)


def _is_mixed(value: Value) -> bool:
    return isinstance(value, EnumMember) and value.mixed


def _of_mixed(value: Value) -> Value:
    return value.value if isinstance(value, EnumMember) and value.mixed else value


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
        return _counted("+", x, y, label)
    return NotImplemented


def _counted(symbol: str, x: Dict, y: Dict, label: Label) -> Value:
    both = isinstance(x, Counter) and isinstance(y, Counter)
    return combine_counters(symbol, x, y, label) if both else NotImplemented


def as_set(value: Value) -> Set | None:
    """A set, and a view of keys or pairs as one; None for everything else."""
    if isinstance(value, Set):
        return value
    if isinstance(value, View) and value.kind in ("dict_keys", "dict_items"):
        label = value.label
        made: dict[Value, None] = {}
        for part in value.items:
            key, key_label = key_of(part)
            made[key] = None
            label = label.join(key_label)
        return Set(made, label)
    return None


def _beside(value: Value, other: Value) -> Set | None:
    """A set or a view as a set; a list or tuple, too, beside a view, which takes whatever can be gone over."""
    found = as_set(value)
    if found is None and isinstance(other, View) and isinstance(value, (List, tuple)) and not isinstance(value, View):
        items = list(value) if isinstance(value, tuple) else parts(value)
        found = as_set(View("dict_keys", items, value.label if isinstance(value, List) else TRUSTED_PUBLIC))
    return found


def _set_rule(
    symbol: str, pick: Callable[[dict[Value, None], dict[Value, None]], dict[Value, None]]
) -> Callable[[Value, Value, Label], Value]:
    def rule(x: Value, y: Value, label: Label) -> Value:
        left, right = _beside(x, y), _beside(y, x)
        if left is not None and right is not None:
            sizes.copied(len(left.items) + len(right.items))
            return Set(pick(left.items, right.items), left.label.join(right.label), frozen=left.frozen)
        if isinstance(x, Dict) and isinstance(y, Dict):
            return _merge(symbol, x, y, label)
        return NotImplemented

    return rule


def _merge(symbol: str, x: Dict, y: Dict, label: Label) -> Value:
    counted = _counted(symbol, x, y, label)
    if counted is not NotImplemented or symbol != "|":
        return counted
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
    raw = _of_mixed(unsafe_value(value))
    if isinstance(raw, Counter) and symbol in "+-":
        counted = _counted(symbol, Counter({}, raw.label), raw, label_of(value))
        if counted is not NotImplemented:
            return with_label(counted, label_of(value))
    if not isinstance(raw, (int, float, Decimal, timedelta)):
        fail("TypeError", f"bad operand type for unary {symbol}: '{type_name(raw)}'", label_of(value))
    try:
        made: Value = operate(raw)  # type: ignore[arg-type]
    except (TypeError, ArithmeticError) as error:
        raise of_python(error, label_of(value)) from None
    return Labeled(made, value.label) if type(value) is Labeled else made
