"""From Python annotations to types: builtins, typing, dataclasses, enumerations, pydantic.

Its one rule: an annotation that has no rule here is a ConfigError that names it; a constraint is never
dropped in silence. Pydantic and annotated-types are not imported: they are known by what the author used.
"""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import datetime as dt
import math
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Final, Literal, get_args, get_origin

from ringfence.core.errors import ConfigError
from ringfence.core.plain import Plain
from ringfence.schema.formats import compiled
from ringfence.schema.python import plain_of
from ringfence.schema.types import (
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

MAX_NESTING: Final = 60

_SCALARS: Final[dict[object, str]] = {
    None: "None",
    type(None): "None",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    bytes: "bytes",
    Decimal: "Decimal",
    dt.date: "date",
    dt.time: "time",
    dt.datetime: "datetime",
    dt.timedelta: "timedelta",
}
_LISTS: Final[dict[object, str]] = {
    list: "list",
    set: "set",
    frozenset: "frozenset",
    collections.deque: "deque",
    collections.abc.MutableSequence: "list",
    collections.abc.Set: "set",
    collections.abc.MutableSet: "set",
}
_SEQUENCES: Final = (collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
_DICTS: Final = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_PYDANTIC_FORMATS: Final = {"EmailStr": "email", "AnyUrl": "url", "AnyHttpUrl": "url", "HttpUrl": "url"}
_EMPTY_FACTORIES: Final = (list, dict, set, frozenset, tuple)


def type_of(annotation: object) -> Type:
    """The type that a resolved annotation describes. ConfigError (C502) for one that has no meaning for data.

    A string must be resolved first (`typing.get_type_hints(function, include_extras=True)`). Metadata of
    `Annotated` that is neither pydantic's nor annotated-types' is left to others (rules of the guard).
    """
    return _type_of(annotation, ())


def description_of(annotation: object) -> str:
    """The `Field(description=...)` inside an `Annotated`, or ""."""
    if get_origin(annotation) is not typing.Annotated:
        return ""
    for item in get_args(annotation)[1:]:
        if _is_pydantic(item, "FieldInfo"):
            return str(getattr(item, "description", None) or "")
    return ""


def _type_of(annotation: object, above: tuple[object, ...]) -> Type:
    if len(above) > MAX_NESTING:
        raise _refused("the annotation is nested too deeply")
    if annotation is typing.Any or annotation is object:
        return AnyType()
    if isinstance(annotation, str | typing.ForwardRef):
        raise _refused("an annotation is still a string", "resolve it first; is its name imported at run time?")
    if isinstance(annotation, collections.abc.Hashable) and annotation in _SCALARS:
        return Scalar(_SCALARS[annotation])
    origin = get_origin(annotation)
    if origin is not None:
        return _generic(annotation, origin, get_args(annotation), (*above, annotation))
    if isinstance(annotation, typing.NewType):
        return _type_of(annotation.__supertype__, above)
    if type(annotation).__name__ == "TypeAliasType":  # of typing_extensions, and of typing from 3.12 on
        return _type_of(getattr(annotation, "__value__", None), (*above, annotation))
    if isinstance(annotation, type):
        return _class(annotation, above)
    raise _unknown(annotation)


def _generic(annotation: object, origin: object, args: tuple[object, ...], above: tuple[object, ...]) -> Type:
    if origin is typing.Annotated:
        return _constrain(_type_of(args[0], above), args[1:])
    if origin is Literal:
        return _literal(args)
    if origin is typing.Union or origin is types.UnionType:
        return _union(_type_of(arg, above) for arg in args)
    if not args and isinstance(origin, type) and not isinstance(annotation, types.GenericAlias):
        return _class(origin, above)  # typing.List and the like without a parameter
    if origin is tuple:
        return _tuple(args, above)
    if origin in (typing.Required, typing.NotRequired, typing.Final):
        return _type_of(args[0], above)
    if origin in _LISTS:
        return ListType(_type_of(args[0], above), _LISTS[origin])
    if origin in _SEQUENCES:
        return _sequence(_type_of(args[0], above))
    if origin in _DICTS:
        return DictType(_type_of(args[0], above), _type_of(args[1], above))
    raise _unknown(annotation)


def _class(cls: type, above: tuple[object, ...]) -> Type:
    if cls in above:
        raise _refused(f"{cls.__name__} contains itself", "describe the inner one as Any or as a dict")
    inner = (*above, cls)
    if cls is tuple:
        return ListType(AnyType(), "tuple")
    if cls in _LISTS:
        return ListType(AnyType(), _LISTS[cls])
    if cls in _SEQUENCES:
        return _sequence(AnyType())
    if cls in _DICTS:
        return DictType(AnyType(), AnyType())
    if cls.__module__ == "pydantic.networks" and cls.__name__ in _PYDANTIC_FORMATS:
        return Scalar("str", format=_PYDANTIC_FORMATS[cls.__name__])
    if issubclass(cls, Enum):
        return _enum(cls)
    if issubclass(cls, dict) and hasattr(cls, "__required_keys__"):  # a TypedDict of typing or typing_extensions
        return _record(cls, _typed_dict_fields(cls, inner), mapping=True)
    if hasattr(cls, "__pydantic_fields__"):
        return _record(cls, _pydantic_fields(cls, inner))
    if dataclasses.is_dataclass(cls):
        return _record(cls, _dataclass_fields(cls, inner))
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return _record(cls, _named_tuple_fields(cls, inner))
    raise _unknown(cls)


def _union(options: Iterable[Type]) -> Type:
    flat: list[Type] = []
    for option in options:
        for part in option.options if isinstance(option, UnionType) else (option,):
            if part not in flat:
                flat.append(part)
    return flat[0] if len(flat) == 1 else UnionType(tuple(flat))


def _sequence(item: Type) -> Type:
    return UnionType((ListType(item, "list"), ListType(item, "tuple")))


def _tuple(args: tuple[object, ...], above: tuple[object, ...]) -> Type:
    if len(args) == 2 and args[1] is Ellipsis:
        return ListType(_type_of(args[0], above), "tuple")
    return TupleType(tuple(_type_of(arg, above) for arg in args))


def _literal(args: tuple[object, ...]) -> Type:
    values = [arg for arg in args if arg is None or type(arg) in (str, int, bool)]
    if len(values) != len(args):
        raise _refused("a Literal may hold strings, integers, booleans and None")
    return LiteralType(tuple(values))  # type: ignore[arg-type]  # checked above


def _enum(cls: type[Enum]) -> EnumType:
    members: list[tuple[str, str | int | float | bool | None]] = []
    for member in cls:
        value = member.value
        if not (value is None or type(value) in (str, int, float, bool)):
            raise _refused(f"the values of {cls.__name__} are not plain text or numbers")
        members.append((member.name, value))
    if not members:
        raise _refused(f"{cls.__name__} has no members")
    return EnumType(
        cls.__name__, tuple(members), issubclass(cls, str | int | float), issubclass(cls, StrEnum | IntEnum)
    )


def _record(cls: type, fields: Iterable[Field], mapping: bool = False) -> RecordType:
    if not cls.__name__.isidentifier():
        raise _refused(f"{cls.__name__} has no plain name", "derive a class with a name of its own from it")
    doc = cls.__dict__.get("__doc__")
    generated = not isinstance(doc, str) or doc.startswith(f"{cls.__name__}(")
    return RecordType(cls.__name__, tuple(fields), mapping, "" if generated else " ".join(str(doc).split()))


def _hints(cls: type) -> Mapping[str, object]:
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except (NameError, TypeError, AttributeError) as problem:
        raise _refused(
            f"an annotation of {cls.__name__} cannot be resolved", "is its name imported at run time?"
        ) from problem


def _typed_dict_fields(cls: type, above: tuple[object, ...]) -> Iterator[Field]:
    required: frozenset[str] = getattr(cls, "__required_keys__", frozenset())
    for name, hint in _hints(cls).items():
        yield Field(name, _type_of(hint, above), name in required, description=description_of(hint))


def _named_tuple_fields(cls: type, above: tuple[object, ...]) -> Iterator[Field]:
    hints = _hints(cls)
    names: tuple[str, ...] = getattr(cls, "_fields", ())
    defaults: Mapping[str, object] = getattr(cls, "_field_defaults", {})
    for name in names:
        hint = hints.get(name, object)
        yield _field(name, _type_of(hint, above), name in defaults, defaults.get(name), description_of(hint))


def _dataclass_fields(cls: type, above: tuple[object, ...]) -> Iterator[Field]:
    hints = _hints(cls)
    for field in dataclasses.fields(cls):
        kind, text = _type_of(hints[field.name], above), description_of(hints[field.name])
        if field.default is not dataclasses.MISSING:
            yield _field(field.name, kind, True, field.default, text)
        elif field.default_factory is not dataclasses.MISSING:
            yield _from_factory(field.name, kind, field.default_factory, text)
        else:
            yield Field(field.name, kind, description=text)


def _pydantic_fields(cls: type, above: tuple[object, ...]) -> Iterator[Field]:
    fields: Mapping[str, object] = getattr(cls, "__pydantic_fields__", {})
    for name, info in fields.items():
        kind = _constrain(_type_of(getattr(info, "annotation", None), above), getattr(info, "metadata", ()))
        text = str(getattr(info, "description", None) or "")
        factory: Callable[[], object] | None = getattr(info, "default_factory", None)
        required: Callable[[], bool] = getattr(info, "is_required", bool)
        if factory is not None:
            yield _from_factory(name, kind, factory, text)
        else:
            yield _field(name, kind, not required(), getattr(info, "default", None), text)


def _from_factory(name: str, kind: Type, factory: object, text: str) -> Field:
    """A factory that does more than make an empty container may read a clock: then the plan gives the value."""
    for empty in _EMPTY_FACTORIES:
        if factory is empty:
            return Field(name, kind, False, empty(), text)
    return Field(name, kind, description=text)


def _field(name: str, kind: Type, optional: bool, default: object, text: str) -> Field:
    if not optional:
        return Field(name, kind, description=text)
    try:
        plain: Plain = plain_of(default)
    except TypeError as problem:
        raise _refused(
            f"the default of {name} is not data", "use None, text, a number, a date or a list of these"
        ) from problem
    return Field(name, kind, False, plain, text)


# Constraints


def _constrain(kind: Type, metadata: Iterable[object]) -> Type:
    for item in metadata:
        if _is_pydantic(item, "FieldInfo"):
            kind = _constrain(kind, getattr(item, "metadata", ()))
            continue
        module = type(item).__module__.partition(".")[0]
        if module not in ("annotated_types", "pydantic"):
            continue
        bounds = dict(_bounds(kind, item))
        if bounds:
            kind = _bounded(kind, bounds)
    return kind


_CONSTRAINTS: Final = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")
_HARMLESS: Final = frozenset({"Strict", "FieldInfo", "WithJsonSchema", "Discriminator", "Tag"})


def _bounds(kind: Type, item: object) -> Iterator[tuple[str, object]]:
    """The constraints in one piece of metadata. Any attribute that has no rule here is an error."""
    name = type(item).__name__
    if name in _HARMLESS:
        return
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        given = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    else:
        given = dict(getattr(item, "__dict__", {}))
    given = {key: value for key, value in given.items() if value is not None and key != "strict" and value is not False}
    if not given and name not in ("Interval", "Len", "StringConstraints", "_PydanticGeneralMetadata"):
        raise _refused(f"the constraint {name} has no meaning here")
    for key, value in given.items():
        if key not in _CONSTRAINTS:
            raise _refused(f"the constraint {name}({key}) has no meaning here")
        yield key, value


def _bounded(kind: Type, bounds: Mapping[str, object]) -> Type:
    if isinstance(kind, UnionType):  # Optional[int] with bounds: they speak about the part that is not None
        return UnionType(
            tuple(option if option == Scalar("None") else _bounded(option, bounds) for option in kind.options)
        )
    changes = dict(_change(kind, key, value) for key, value in bounds.items())
    if isinstance(kind, ListType) and changes.keys() <= {"min_length", "max_length"}:
        return dataclasses.replace(kind, **changes)  # type: ignore[arg-type]  # the keys and values were checked
    if isinstance(kind, Scalar) and not (changes.keys() - _allowed(kind.name)):
        return dataclasses.replace(kind, **changes)  # type: ignore[arg-type]
    raise _refused(f"the constraint {', '.join(sorted(bounds))} does not fit the type")


def _allowed(name: str) -> frozenset[str]:
    if name in ("int", "float", "Decimal"):
        return frozenset({"minimum", "maximum"})
    if name == "str":
        return frozenset({"min_length", "max_length", "pattern"})
    return frozenset({"min_length", "max_length"}) if name == "bytes" else frozenset()


def _change(kind: Type, key: str, value: object) -> tuple[str, object]:
    if key == "pattern":
        text = getattr(value, "pattern", value)
        if not isinstance(text, str):
            raise _refused("a pattern is text")
        compiled(text)
        return key, text
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value != value:
        raise _refused(f"the constraint {key} is not a number")
    if key.endswith("_length"):
        return key, value
    bound = _exact(value)
    name = kind.name if isinstance(kind, Scalar) else ""
    if key in ("ge", "gt"):
        return "minimum", bound if key == "ge" else _beyond(bound, name, upwards=True)
    return "maximum", bound if key == "le" else _beyond(bound, name, upwards=False)


def _exact(value: int | float | Decimal) -> int | float:
    if isinstance(value, Decimal):
        if Decimal(float(value)) != value:
            raise _refused("a bound that is a Decimal is not exact as a float", "use a bound such as 0 or 0.5")
        return float(value)
    return value


def _beyond(bound: int | float, name: str, *, upwards: bool) -> int | float:
    """The inclusive bound that means the same as an exclusive one."""
    if name == "int":
        return math.floor(bound) + 1 if upwards else math.ceil(bound) - 1
    if name == "float":
        return math.nextafter(bound, math.inf if upwards else -math.inf)
    raise _refused("an exclusive bound fits int and float only", "use ge and le")


def _is_pydantic(item: object, name: str) -> bool:
    cls = type(item)
    return cls.__name__ == name and cls.__module__.partition(".")[0] == "pydantic"


def _unknown(annotation: object) -> ConfigError:
    name = getattr(annotation, "__qualname__", None) or repr(annotation)
    return _refused(
        f"the annotation {name} is not a type of data",
        "use None, bool, int, float, str, bytes, Decimal, date, time, datetime, timedelta, list, dict, set, tuple, "
        "Literal, an Enum, a dataclass, a pydantic model, a TypedDict, a NamedTuple, EmailStr, HttpUrl, a union, Any",
    )


def _refused(message: str, hint: str | None = None) -> ConfigError:
    return ConfigError(message, code="C502", hint=hint)
