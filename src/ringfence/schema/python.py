"""Between a tool's own objects and plain data, both ways.

Its one rule: only data crosses, and it is copied: nothing that a tool keeps a reference to is ever seen
by a plan, and no object of the host (a handle, a lazy proxy, a subclass with code) reaches one.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Final, get_args, get_origin
from zoneinfo import ZoneInfo

from ringfence.core.plain import EnumMember, Plain, RecordData

MAX_DEPTH: Final = 200

_ATOMS: Final = (type(None), bool, int, float, str, bytes, dt.date, dt.timedelta, dt.timezone, EnumMember)
_BARE: Final = (str, int, bool, float)
_DICTS: Final = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)
_URLS: Final = ("pydantic.networks", "pydantic_core._pydantic_core")


def plain_of(obj: object) -> Plain:
    """A deep copy of the object as plain data. TypeError naming the type for anything that is not data.

    Dataclasses, pydantic models and named tuples become RecordData with their declared fields, members of an
    Enum EnumMember; a subclass of str or int is refused, because it may carry code.
    """
    return _plain(obj, 0)


def _plain(obj: object, depth: int) -> Plain:
    kind = type(obj)
    if kind in _ATOMS:
        return obj
    if kind is Decimal:
        return _number(typing.cast(Decimal, obj))
    if depth > MAX_DEPTH:
        raise TypeError(f"data nested more than {MAX_DEPTH} levels, or inside itself")
    if isinstance(obj, dt.datetime | dt.time):
        return _moment(obj)
    if kind is list:
        return [_plain(part, depth + 1) for part in typing.cast(list[object], obj)]
    if kind is tuple:
        return tuple(_plain(part, depth + 1) for part in typing.cast(tuple[object, ...], obj))
    if isinstance(obj, dict) and kind in _DICTS:
        return {_key(key, depth): _plain(part, depth + 1) for key, part in obj.items()}
    if kind is set or kind is frozenset:
        return kind(_key(part, depth) for part in typing.cast(set[object], obj))
    if kind is collections.deque:
        deque = typing.cast("collections.deque[object]", obj)
        return collections.deque((_plain(part, depth + 1) for part in deque), deque.maxlen)
    if isinstance(obj, Enum):
        return _member(obj)
    names = _field_names(kind)
    if names is not None:
        return RecordData(kind.__name__, {name: _plain(getattr(obj, name), depth + 1) for name in names})
    if isinstance(obj, RecordData):
        return RecordData(obj.name, {name: _plain(part, depth + 1) for name, part in obj.fields.items()})
    if kind.__module__ in _URLS and kind.__name__.endswith("Url"):
        return str(obj)
    raise TypeError(f"{kind.__qualname__} is not data")


def _number(number: Decimal) -> Decimal:
    if number.is_snan():  # every comparison with one fails, and it has no hash
        raise TypeError("a signalling NaN is not data")
    return number


def _member(member: Enum) -> EnumMember:
    value, cls = member.value, type(member)
    if not (value is None or type(value) in (bool, int, float, str)):
        raise TypeError(f"{cls.__qualname__} has members that are not plain text or numbers")
    return EnumMember(cls.__name__, member.name, value, issubclass(cls, str | int | float), _shown(cls, value))


def _shown(cls: type[Enum], value: object) -> str | None:
    """What `str` of a member gives where it shows the value (StrEnum, IntEnum); None for the usual `Name.MEMBER`."""
    return str(value) if issubclass(cls, StrEnum | IntEnum) else None


def _key(obj: object, depth: int) -> Plain:
    plain = _plain(obj, depth + 1)
    try:
        hash(plain)
    except TypeError:
        raise TypeError(f"{type(obj).__qualname__} cannot be a key or an element of a set") from None
    return plain


def _moment(obj: dt.datetime | dt.time) -> Plain:
    """Time zones are objects with code: only the two of the standard library are kept, others become their offset."""
    if type(obj) is not dt.datetime and type(obj) is not dt.time:
        raise TypeError(f"{type(obj).__qualname__} is not data")
    if obj.tzinfo is None or type(obj.tzinfo) in (dt.timezone, ZoneInfo):
        return obj
    offset = obj.utcoffset()
    return obj.replace(tzinfo=None if offset is None else dt.timezone(offset))


def _field_names(kind: type) -> tuple[str, ...] | None:
    """The declared fields of a class of records; None for any other class."""
    if kind is RecordData:
        return None
    pydantic_fields = getattr(kind, "__pydantic_fields__", None)
    if isinstance(pydantic_fields, Mapping):
        return tuple(pydantic_fields)
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    names = getattr(kind, "_fields", None)
    if issubclass(kind, tuple) and isinstance(names, tuple):
        return names
    return None


def to_python(annotation: object, plain: Plain) -> object:
    """The object that a tool's parameter expects, from plain data that `validate` accepted for its type.

    Records become the annotation's dataclass, pydantic model or named tuple, EnumMembers its Enum. Validators
    that the author wrote run here and may raise; so may the constructor of a dataclass.
    """
    if annotation is type(plain) and annotation in _BARE:
        return plain
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated or origin in (typing.Required, typing.NotRequired, typing.Final):
        return to_python(args[0], plain)
    if isinstance(annotation, typing.NewType):
        return to_python(annotation.__supertype__, plain)
    if hasattr(annotation, "__value__"):
        return to_python(annotation.__value__, plain)
    if origin is typing.Union or origin is types.UnionType:
        return _from_union(args, plain)
    if isinstance(plain, EnumMember):
        return annotation[plain.name] if isinstance(annotation, type) and issubclass(annotation, Enum) else plain
    if isinstance(plain, RecordData):
        return _construct(annotation, plain.fields) if isinstance(annotation, type) else plain
    if isinstance(plain, dict):
        return _from_dict(annotation, args, plain)
    if isinstance(plain, list | set | frozenset | tuple | collections.deque):
        return _from_items(args, plain)
    if isinstance(plain, str) and getattr(annotation, "__module__", "") == "pydantic.networks":
        return _pydantic_text(annotation, plain)
    return plain


def _from_union(options: tuple[object, ...], plain: Plain) -> object:
    from ringfence.schema.annotations import type_of
    from ringfence.schema.validate import SchemaMismatch, validate

    for option in options:
        try:
            validate(type_of(option), plain)
        except SchemaMismatch:
            continue
        return to_python(option, plain)
    return plain


def _from_items(
    args: tuple[object, ...],
    plain: list[Plain] | set[Plain] | frozenset[Plain] | tuple[Plain, ...] | collections.deque[Plain],
) -> object:
    if isinstance(plain, tuple) and args and args[-1] is not Ellipsis:
        return tuple(to_python(arg, part) for arg, part in zip(args, plain, strict=True))
    item = args[0] if args else object
    made: Iterable[object] = (to_python(item, part) for part in plain)
    return collections.deque(made, plain.maxlen) if isinstance(plain, collections.deque) else type(plain)(made)


def _from_dict(annotation: object, args: tuple[object, ...], plain: dict[Plain, Plain]) -> object:
    if isinstance(annotation, type) and hasattr(annotation, "__required_keys__"):
        hints = typing.get_type_hints(annotation, include_extras=True)
        return {key: to_python(hints.get(str(key), object), part) for key, part in plain.items()}
    key_type, value_type = args if len(args) == 2 else (object, object)
    return {to_python(key_type, key): to_python(value_type, part) for key, part in plain.items()}


def _construct(cls: type, fields: Mapping[str, Plain]) -> object:
    infos = getattr(cls, "__pydantic_fields__", None)
    if isinstance(infos, Mapping):
        made = {name: to_python(getattr(infos[name], "annotation", object), part) for name, part in fields.items()}
        names = {name: getattr(infos[name], "alias", None) or name for name in made}
        build: Callable[..., object] = cls
        return build(**{names[name]: part for name, part in made.items()})
    hints = typing.get_type_hints(cls, include_extras=True)
    made = {name: to_python(hints.get(name, object), part) for name, part in fields.items()}
    if not dataclasses.is_dataclass(cls):
        return cls(**made)
    computed = {field.name for field in dataclasses.fields(cls) if not field.init}
    return cls(**{name: part for name, part in made.items() if name not in computed})


def _pydantic_text(annotation: object, text: str) -> object:
    if getattr(annotation, "__name__", "") == "EmailStr":
        return text
    from pydantic import TypeAdapter

    adapter: TypeAdapter[object] = TypeAdapter(annotation)  # type: ignore[arg-type]  # a class of pydantic.networks
    return adapter.validate_python(text)
