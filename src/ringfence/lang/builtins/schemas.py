"""Schemas in a plan: types as values.

Its one rule: a type is written in the plan; what something labelled decided about is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, List, Value, unsafe_plain, unsafe_value, with_label
from ringfence.lang.builtins.abstract import HOLDS, NO_CLASSES
from ringfence.lang.host import SchemaValue
from ringfence.lang.objects import Native, TypeValue, deep, settle
from ringfence.lang.raised import EXCEPTIONS, ExceptionValue, Raised, fail
from ringfence.schema import (
    AnyType,
    DictType,
    EnumType,
    Field,
    ListType,
    LiteralType,
    RecordType,
    Scalar,
    TupleType,
    Type,
    UnionType,
)

if TYPE_CHECKING:
    pass


NONE: Final = Scalar("None")


@final
class Special:
    """A name of `typing` that only means something in an annotation."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


@final
class Forward:
    """A type named before it is defined."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def is_ellipsis(value: Value) -> bool:
    """Whether it is what `...` stands for in types and in `Field(...)`."""
    return isinstance(value, Special) and value.name == "Ellipsis"


def forward(name: str) -> Value:
    """An annotation that names a class which does not exist yet."""
    return Forward(name)


def in_plan(value: Value) -> Value:
    """A part of a type, without a label. A type that something labelled decided about is none.

    What is checked against a type, and what a model is told of it, does not carry the label of the type.
    """
    label = deep(value)
    if label is not TRUSTED_PUBLIC:
        fail("TypeError", "types, and what they say of their values, must be written in the plan", label)
    return unsafe_value(settle(value))


BY_NAME: Final[dict[str, Type]] = {
    "Quote": Scalar("str", format="quote"),
    "str": Scalar("str"),
    "int": Scalar("int"),
    "float": Scalar("float"),
    "bool": Scalar("bool"),
    "bytes": Scalar("bytes"),
    "None": NONE,
    "Decimal": Scalar("Decimal"),
    "date": Scalar("date"),
    "datetime": Scalar("datetime"),
    "time": Scalar("time"),
    "timedelta": Scalar("timedelta"),
    "list": ListType(AnyType()),
    "tuple": ListType(AnyType(), kind="tuple"),
    "set": ListType(AnyType(), kind="set"),
    "frozenset": ListType(AnyType(), kind="frozenset"),
    "dict": DictType(AnyType(), AnyType()),
    "Any": AnyType(),
    "object": AnyType(),
    "EmailStr": Scalar("str", format="email"),
    "HttpUrl": Scalar("str", format="url"),
}


def builtin_type(name: str, make: Native | None, *kinds: type, members: Mapping[str, Value] | None = None) -> TypeValue:
    """A built-in type as a value; an instance is a raw value of one of `kinds`."""
    return TypeValue(name, make, lambda raw: isinstance(raw, kinds), BY_NAME.get(name), members)


def schema_of(value: Value) -> Type | None:
    """The type that a value stands for: a type, a schema, None, a dict of types, a one-element list; else None."""
    value = settle(value)
    raw = in_plan(value)
    if raw is None:
        return NONE
    if isinstance(raw, TypeValue):
        return raw.schema
    if isinstance(raw, SchemaValue):
        return raw.type
    if isinstance(raw, Special):
        return AnyType() if raw.name in ("Any", "object") else None
    if isinstance(raw, Forward):
        return AnyType()
    if isinstance(raw, str):
        return BY_NAME.get(raw)
    if isinstance(raw, List) and len(raw.items) == 1:
        inner = schema_of(raw.items[0])
        return None if inner is None else ListType(inner)
    if isinstance(raw, (tuple, List)):
        values = [unsafe_plain(part) for part in (raw if isinstance(raw, tuple) else raw.items)]
        texts = tuple(part for part in values if isinstance(part, str))
        return LiteralType(texts) if texts and len(texts) == len(values) else None
    if isinstance(raw, Dict):
        return _of_dict(raw)
    return None


def _of_dict(raw: Dict) -> Type | None:
    fields: list[Field] = []
    for name, part in raw.items.items():
        inner = schema_of(part)
        if inner is None or not isinstance(name, str):
            return None
        fields.append(Field(name, inner))
    return RecordType("dict", tuple(fields), mapping=True)


def subscripted(raw: TypeValue, key: Value, label: Label) -> Value:
    """`list[int]`, `dict[str, int]`, and `Color["RED"]`."""
    found = key._value if type(key) is Labeled else key
    if isinstance(raw.schema, EnumType) and isinstance(found, str):
        if found not in raw.members:
            raise Raised(ExceptionValue(EXCEPTIONS["KeyError"], (found,), label), label)
        return with_label(raw.members[found], label)
    in_plan(key)
    parts = found if isinstance(found, tuple) else (found,)
    if raw.name in ("Literal",):
        return SchemaValue(LiteralType(tuple(_literal(part) for part in parts)))
    if raw.name in ("tuple", "Tuple") and len(parts) == 2 and is_ellipsis(parts[1]):
        return SchemaValue(ListType(schema_of(parts[0]) or AnyType(), kind="tuple"))
    if raw.name == "Callable":
        return SchemaValue(AnyType())
    inner = [schema_of(part) for part in parts]
    types = [AnyType() if one is None else one for one in inner]
    made = _generic(raw.name, types)
    if made is None:
        fail("TypeError", f"type '{raw.name}' is not subscriptable", label)
    return SchemaValue(made)


def _literal(part: Value) -> str | int | bool | None:
    raw = in_plan(part)
    if raw is None or isinstance(raw, (str, int, bool)):
        return raw
    fail("TypeError", "Literal takes texts, integers, booleans and None")


def _generic(name: str, types: list[Type]) -> Type | None:
    match name:
        case "list" | "List" | "Sequence" | "Iterable" | "Collection":
            return ListType(types[0])
        case "set" | "frozenset" | "Set" | "FrozenSet" | "deque":
            return ListType(types[0], kind=name.lower())
        case "tuple" | "Tuple":
            return TupleType(tuple(types))
        case "dict" | "Dict" | "Mapping" | "defaultdict" | "OrderedDict" | "Counter":
            return DictType(types[0], types[1] if len(types) > 1 else Scalar("int"))
        case "Optional":
            return UnionType((types[0], NONE))
        case "Union":
            return UnionType(tuple(types))
        case "Annotated" | "Final" | "Required" | "NotRequired" | "ClassVar":
            return types[0]
        case _:
            return AnyType() if name in HOLDS or name in NO_CLASSES.split() else None


def union(left: Value, right: Value) -> Value | None:
    """`int | None` between types; None if these are not types."""
    if not any(isinstance(unsafe_value(one), (TypeValue, SchemaValue)) for one in (left, right)):
        return None
    types = [schema_of(left), schema_of(right)]
    options: list[Type] = []
    for one in types:
        if one is None:
            return None
        options += one.options if isinstance(one, UnionType) else [one]
    return SchemaValue(UnionType(tuple(options)))
