"""What a value is: `isinstance`, `type`, `callable`, and all types that a plan has without an import.

Its one rule: a type is asked of the language's own kinds of values, and answers with a name and a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.plain import EnumMember
from ringfence.core.values import Dict, Record, Value, type_name, with_label
from ringfence.lang import sizes
from ringfence.lang.builtins.abstract import no_class
from ringfence.lang.builtins.functions import containers, numbers, texts
from ringfence.lang.builtins.schemas import Special
from ringfence.lang.host import SchemaValue
from ringfence.lang.objects import BoundMethod, Builtin, Function, ToolValue, TypeValue, deep, labelled, split
from ringfence.lang.raised import ExceptionType, ExceptionValue, fail
from ringfence.schema import AnyType, DictType, EnumType, ListType, RecordType, Scalar, Type, UnionType

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _isinstance(run: Run, value: Value, kind: Value) -> Value:
    raw, label = split(value)
    test, _ = split(kind)
    return labelled(holds(raw, test), label.join(deep(kind)))


def holds(raw: Value, kind: Value) -> bool:
    """Whether a raw value is of a kind: a type, a union, an exception, or a tuple of these."""
    kind, _ = split(kind)
    if isinstance(kind, tuple):
        sizes.work(1)
        return any(holds(raw, part) for part in kind)
    if isinstance(kind, TypeValue):
        return kind.holds(raw)
    if isinstance(kind, ExceptionType):
        return isinstance(raw, ExceptionValue) and raw.type.within(kind)
    if isinstance(kind, SchemaValue) and isinstance(kind.type, UnionType):
        return any(_fits(raw, option) for option in kind.type.options)
    if isinstance(kind, SchemaValue):
        fail("TypeError", "isinstance() argument 2 cannot be a parameterized generic")
    if isinstance(kind, Special) and kind.name == "Enum":
        return isinstance(raw, EnumMember)
    if isinstance(kind, Special) and kind.name == "BaseModel":
        return isinstance(raw, Record) and kind.name in raw.kinds
    if kind is None or kind == "NoneType":
        return raw is None
    return no_class(raw)


def _fits(raw: Value, option: Type) -> bool:
    """Whether it is an instance of one of the types of `int | str`."""
    match option:
        case Scalar(name="None"):
            return raw is None
        case Scalar(name=name) | ListType(item=AnyType(), kind=name) if name in TYPES:
            return holds(raw, TYPES[name])
        case DictType():
            return isinstance(raw, Dict)
        case RecordType(name=name):
            return isinstance(raw, Record) and (raw.name == name or name in raw.kinds)
        case EnumType(name=name):
            return isinstance(raw, EnumMember) and raw.enum == name
        case _:
            return no_class(raw)


def _type(run: Run, value: Value) -> Value:
    raw, label = split(value)
    if isinstance(raw, ExceptionValue):
        return with_label(raw.type, label)
    found = TYPES.get(type_name(raw))
    if found is None:
        found = TypeValue(type_name(raw), None, lambda other: type_name(other) == type_name(raw))
    return with_label(found, label)


def _callable(run: Run, value: Value) -> Value:
    raw, label = split(value)
    return labelled(is_callable(raw), label)


def is_callable(raw: Value) -> bool:
    """Whether the language can call it."""
    return isinstance(raw, (Function, Builtin, BoundMethod, ToolValue, ExceptionType, TypeValue))


TYPES: Final[dict[str, Value]] = {
    **numbers.TYPES,
    **texts.TYPES,
    **containers.TYPES,
    "object": TypeValue("object", None, lambda raw: True),
    "NoneType": TypeValue("NoneType", None, lambda raw: raw is None),
}
FUNCTIONS: Final[dict[str, Value]] = {
    "callable": Builtin("callable", _callable),
    "isinstance": Builtin("isinstance", _isinstance),
    "type": Builtin("type", _type),
}
