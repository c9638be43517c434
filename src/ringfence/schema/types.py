"""The descriptions themselves: immutable trees of types.

Their one rule: they are data. Nothing here looks at a value; `validate`, `render` and the others do. A type
is finite: a class that contains itself has no description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

from ringfence.core.plain import EnumMember, Plain


@final
@dataclass(frozen=True, slots=True)
class AnyType:
    """Anything that is data."""


@final
@dataclass(frozen=True, slots=True)
class Scalar:
    """`name` is None, bool, int, float, str, bytes, Decimal, date, time, datetime or timedelta. Bounds are inclusive.

    `format` is one of "email", "url", "quote" (a text of the data, word for word), "type" (a parameter for which a plan
    names a type, see schema/stored.py) or None; `pattern` is searched with the linear-time engine.
    """

    name: str
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None


@final
@dataclass(frozen=True, slots=True)
class ListType:
    """`kind` is list, set, frozenset, deque, or tuple (of any length)."""

    item: Type
    kind: str = "list"
    min_length: int | None = None
    max_length: int | None = None


@final
@dataclass(frozen=True, slots=True)
class TupleType:
    items: tuple[Type, ...]


@final
@dataclass(frozen=True, slots=True)
class DictType:
    key: Type
    value: Type


@final
@dataclass(frozen=True, slots=True)
class UnionType:
    options: tuple[Type, ...]


@final
@dataclass(frozen=True, slots=True)
class LiteralType:
    values: tuple[str | int | bool | None, ...]


@final
@dataclass(frozen=True, slots=True)
class EnumType:
    """`members` are (name, value) pairs.

    A `mixed` one (class X(str, Enum), IntEnum) has members that equal their values; where it `shows_value`
    (StrEnum, IntEnum), `str` of a member is that of the value.
    """

    name: str
    members: tuple[tuple[str, str | int | float | bool | None], ...]
    mixed: bool = False
    shows_value: bool = False

    def member(self, name: str, value: str | int | float | bool | None) -> EnumMember:
        """The member as plain data."""
        return EnumMember(self.name, name, value, self.mixed, str(value) if self.shows_value else None)


@final
@dataclass(frozen=True, slots=True)
class Field:
    """`default` counts only if `required` is False; it is plain data."""

    name: str
    type: Type
    required: bool = True
    default: Plain = None
    description: str = ""


@final
@dataclass(frozen=True, slots=True)
class RecordType:
    """Named fields. A `mapping` one (TypedDict, a dict of types) is a dict in the plan, not a record.

    A dict of types has no name (""). A missing optional field takes its default in a record; a mapping goes without.
    """

    name: str
    fields: tuple[Field, ...]
    mapping: bool = False
    description: str = ""


Type: TypeAlias = AnyType | Scalar | ListType | TupleType | DictType | UnionType | LiteralType | EnumType | RecordType
