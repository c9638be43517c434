"""Does this plain data fit this type?

Its one rule: what fits comes back as plain data of exactly the type; all else is a `SchemaMismatch` that names
the place and the expected type, and nothing of what was found there. Strict: True is no integer, a
subclass of str is no str, a field too many is a mismatch. Nesting is bounded, so hostile data cannot exhaust the stack.
"""

from __future__ import annotations

import base64
import binascii
import collections
import datetime as dt
import re
import typing
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final, assert_never

from ringfence.core.plain import SCALARS, EnumMember, Plain, RecordData
from ringfence.schema.formats import FORMATS, matches
from ringfence.schema.python import MAX_DEPTH
from ringfence.schema.text import expectation, render
from ringfence.schema.types import (
    AnyType,
    DictType,
    EnumType,
    ListType,
    LiteralType,
    RecordType,
    Scalar,
    TupleType,
    Type,
    UnionType,
)


class SchemaMismatch(ValueError):
    """Data that does not fit: `path` such as `[3].price` ("" for the whole), `expected` a type. Never the data."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path or 'the value'}: expected {expected}")
        self.path = path
        self.expected = expected


def validate(type: Type, plain: Plain, *, coerce: bool = False) -> Plain:
    """The data as the type has it: defaults filled in, RecordData for records, EnumMember for enumerations.

    `coerce` is for JSON that a model wrote: lists become sets and tuples, ISO texts become dates, and so on;
    the text "3" never becomes a number. Raises SchemaMismatch.
    """
    return _validate(type, plain, coerce, "", 0)


def _validate(kind: Type, plain: Plain, coerce: bool, path: str, depth: int) -> Plain:
    if depth > MAX_DEPTH:
        raise SchemaMismatch(path, f"at most {MAX_DEPTH} levels of nesting")
    match kind:
        case AnyType():
            return _any(plain, path, depth)
        case Scalar():
            return _scalar(kind, plain, coerce, path)
        case ListType():
            return _list(kind, plain, coerce, path, depth)
        case TupleType():
            return _tuple(kind, plain, coerce, path, depth)
        case DictType():
            return _dict(kind, plain, coerce, path, depth)
        case UnionType():
            return _union(kind, plain, coerce, path, depth)
        case LiteralType():
            if any(_same(plain, value) for value in kind.values):
                return plain
            raise SchemaMismatch(path, render(kind))
        case EnumType():
            return _enum(kind, plain, path)
        case RecordType():
            return _record(kind, plain, coerce, path, depth)
        case _:
            assert_never(kind)


def _same(plain: Plain, value: object) -> bool:
    return type(plain) is type(value) and plain == value


def _any(plain: Plain, path: str, depth: int) -> Plain:
    """Data of any shape, but data: no function, no mark of a cycle."""
    pending: list[tuple[Plain, int]] = [(plain, depth)]
    while pending:
        part, level = pending.pop()
        if type(part) in SCALARS or type(part) is EnumMember:
            continue
        if level > MAX_DEPTH:
            raise SchemaMismatch(path, f"at most {MAX_DEPTH} levels of nesting")
        inner = _parts(part)
        if inner is None:
            raise SchemaMismatch(path, "data (text, numbers, dates, lists, dicts, records)")
        pending.extend((child, level + 1) for child in inner)
    return plain


def _parts(part: Plain) -> list[Plain] | None:
    if isinstance(part, RecordData):
        return list(part.fields.values())
    if type(part) is dict:
        return [*part, *part.values()]
    if type(part) in (list, tuple, set, frozenset, collections.deque):
        return list(typing.cast(list[Plain], part))
    return None


# Scalars

_EXACT: Final[dict[str, type]] = {
    "None": type(None),
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "bytes": bytes,
    "Decimal": Decimal,
    "date": dt.date,
    "time": dt.time,
    "datetime": dt.datetime,
    "timedelta": dt.timedelta,
}


def _scalar(kind: Scalar, plain: Plain, coerce: bool, path: str) -> Plain:
    found: Plain = plain.value if isinstance(plain, EnumMember) and plain.mixed else plain
    if type(found) is not _EXACT[kind.name]:
        found = _converted(kind.name, found, coerce)
    if type(found) is not _EXACT[kind.name] or not _within(kind, found):
        raise SchemaMismatch(path, expectation(kind))
    return found


def _converted(name: str, plain: Plain, coerce: bool) -> Plain:
    """The data as the scalar `name`, or something else if it cannot be."""
    try:
        if name == "float" and type(plain) is int:
            return float(plain)
        if coerce and name in _FROM_JSON:
            return _FROM_JSON[name](plain)
    except (ValueError, OverflowError, InvalidOperation, binascii.Error):
        return plain
    return plain


def _integer(plain: Plain) -> Plain:
    return int(plain) if type(plain) is float and plain.is_integer() else plain


def _decimal(plain: Plain) -> Plain:
    if type(plain) is int or (type(plain) is str and len(plain) <= 400):
        number = Decimal(plain)
        return number if number.is_finite() else plain
    return Decimal(repr(plain)) if type(plain) is float and abs(plain) < float("inf") else plain


def _bytes(plain: Plain) -> Plain:
    return base64.b64decode(plain, validate=True) if type(plain) is str else plain


def _date(plain: Plain) -> Plain:
    return dt.date.fromisoformat(plain) if type(plain) is str else plain


def _time(plain: Plain) -> Plain:
    return dt.time.fromisoformat(plain) if type(plain) is str else plain


def _datetime(plain: Plain) -> Plain:
    return dt.datetime.fromisoformat(plain) if type(plain) is str and len(plain) > 10 else plain


_DURATION: Final = re.compile(
    r"(-)?P(?:(\d{1,6})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?", re.ASCII
)


def _timedelta(plain: Plain) -> Plain:
    """An ISO 8601 duration, or a number of seconds."""
    if type(plain) is int or type(plain) is float:
        return dt.timedelta(seconds=plain)
    found = _DURATION.fullmatch(plain) if type(plain) is str else None
    if found is None or not any(found.groups()[1:]):
        return plain
    weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    span = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -span if found.group(1) else span


_FROM_JSON: Final[dict[str, Callable[[Plain], Plain]]] = {
    "int": _integer,
    "Decimal": _decimal,
    "bytes": _bytes,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "timedelta": _timedelta,
}


def _within(kind: Scalar, plain: Plain) -> bool:
    if isinstance(plain, int | float | Decimal):
        # written so that "not a number" is outside of every bound; a signalling one cannot be compared
        if (
            isinstance(plain, Decimal)
            and not plain.is_finite()
            and (kind.minimum is not None or kind.maximum is not None)
        ):
            return False
        return (kind.minimum is None or plain >= kind.minimum) and (kind.maximum is None or plain <= kind.maximum)
    if isinstance(plain, str | bytes) and not _length_fits(kind, len(plain)):
        return False
    if isinstance(plain, str):
        if kind.format is not None and not FORMATS[kind.format](plain):
            return False
        return kind.pattern is None or matches(kind.pattern, plain)
    return True


def _length_fits(kind: Scalar | ListType, length: int) -> bool:
    return (kind.min_length is None or length >= kind.min_length) and (
        kind.max_length is None or length <= kind.max_length
    )


# Containers

_LISTS: Final[dict[str, type]] = {
    "list": list,
    "set": set,
    "frozenset": frozenset,
    "tuple": tuple,
    "deque": collections.deque,
}


def _list(kind: ListType, plain: Plain, coerce: bool, path: str, depth: int) -> Plain:
    wanted = _LISTS[kind.kind]
    if type(plain) is not wanted and not (coerce and type(plain) is list):
        raise SchemaMismatch(path, expectation(kind))
    source = typing.cast(list[Plain], plain)
    if not _length_fits(kind, len(source)):
        raise SchemaMismatch(path, expectation(kind))
    items = [_validate(kind.item, part, coerce, f"{path}[{index}]", depth + 1) for index, part in enumerate(source)]
    if kind.kind in ("set", "frozenset") and not all(map(_hashable, items)):
        raise SchemaMismatch(path, f"{render(kind)}, whose elements cannot be changed")
    made: Plain = wanted(items)
    if isinstance(made, set | frozenset) and not _length_fits(kind, len(made)):
        raise SchemaMismatch(path, expectation(kind))
    return made


def _hashable(plain: Plain) -> bool:
    try:
        hash(plain)
    except TypeError:
        return False
    return True


def _tuple(kind: TupleType, plain: Plain, coerce: bool, path: str, depth: int) -> Plain:
    if type(plain) is not tuple and not (coerce and type(plain) is list):
        raise SchemaMismatch(path, render(kind))
    parts = tuple(typing.cast(list[Plain], plain))
    if len(parts) != len(kind.items):
        raise SchemaMismatch(path, render(kind))
    return tuple(
        _validate(item, part, coerce, f"{path}[{index}]", depth + 1)
        for index, (item, part) in enumerate(zip(kind.items, parts, strict=True))
    )


def _dict(kind: DictType, plain: Plain, coerce: bool, path: str, depth: int) -> Plain:
    if type(plain) is not dict:
        raise SchemaMismatch(path, render(kind))
    made: dict[Plain, Plain] = {}
    for index, (key, part) in enumerate(plain.items()):
        place = f"{path}.keys()[{index}]"  # the key itself is a value, so the path counts
        name = _validate(kind.key, _json_key(kind.key, key) if coerce else key, coerce, place, depth + 1)
        if not _hashable(name) or name in made:
            raise SchemaMismatch(place, f"a key that is {render(kind.key)} and stands there once")
        made[name] = _validate(kind.value, part, coerce, f"{path}.values()[{index}]", depth + 1)
    return made


def _json_key(kind: Type, key: Plain) -> Plain:
    """JSON writes every key as text; a whole number in its usual form is one where numbers are expected."""
    if kind == Scalar("int") and type(key) is str and re.fullmatch(r"-?[1-9][0-9]{0,18}|0", key):
        return int(key)
    return key


def _union(kind: UnionType, plain: Plain, coerce: bool, path: str, depth: int) -> Plain:
    """The first option that fits exactly, else the first that fits with conversion."""
    options = [option for option in kind.options if option != Scalar("None")]
    if len(options) == 1 and plain is not None:
        return _validate(options[0], plain, coerce, path, depth + 1)
    for loose in (False, True) if coerce else (False,):
        for option in kind.options:
            try:
                return _validate(option, plain, loose, path, depth + 1)
            except SchemaMismatch:
                continue
    raise SchemaMismatch(path, render(kind))


def _enum(kind: EnumType, plain: Plain, path: str) -> Plain:
    """A member of the enumeration, or the value of one."""
    for name, value in kind.members:
        if isinstance(plain, EnumMember) and (plain.enum, plain.name) == (kind.name, name):
            return kind.member(name, value)
        if _same(plain, value):
            return kind.member(name, value)
    raise SchemaMismatch(path, expectation(kind))


def _record(kind: RecordType, plain: Plain, coerce: bool, path: str, depth: int) -> Plain:
    """A record of that name, or a dict with the fields."""
    given: dict[Plain, Plain] = {}
    if isinstance(plain, RecordData) and plain.name == kind.name and not kind.mapping:
        given.update(plain.fields)
    elif type(plain) is dict:
        given = plain
    else:
        raise SchemaMismatch(path, render(kind))
    made: dict[str, Plain] = {}
    for field in kind.fields:
        place = f"{path}.{field.name}"
        if field.name in given:
            made[field.name] = _validate(field.type, given[field.name], coerce, place, depth + 1)
        elif field.required:
            raise SchemaMismatch(place, f"{render(field.type)}, and it is missing")
        elif not kind.mapping:
            made[field.name] = _copy(field.default)
    if len(given) > sum(field.name in given for field in kind.fields):
        raise SchemaMismatch(path, f"no fields but {', '.join(field.name for field in kind.fields)}")
    return made if kind.mapping else RecordData(kind.name, made)


def _copy(plain: Plain) -> Plain:
    from ringfence.schema.python import plain_of

    return plain_of(plain)
