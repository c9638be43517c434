"""Plain data, without labels: what tools take and give, and what stands in it beside Python's own types.

Its one rule: nothing here knows of labels; what has one is a value (core/values.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final, TypeAlias, final

SCALARS: Final = (type(None), bool, int, float, str, bytes, Decimal, datetime, date, time, timedelta, timezone)

# `object` and not a closed union: scalars, list, dict, set, frozenset, tuple, RecordData, EnumMember, nested.
Plain: TypeAlias = object


@final
@dataclass(frozen=True, slots=True)
class RecordData:
    """Plain data with named fields: what a tool's dataclass, pydantic model or named tuple becomes."""

    name: str
    fields: dict[str, Plain]


@final
class EnumMember:
    """A member of an enumeration. A `mixed` one (class X(str, Enum), IntEnum) also equals its value."""

    __slots__ = ("enum", "mixed", "name", "text", "value")

    def __init__(
        self,
        enum: str,
        name: str,
        value: str | int | float | bool | None,
        mixed: bool = False,
        text: str | None = None,
    ) -> None:
        self.text = f"{enum}.{name}" if text is None else text  # what str() gives: the value for StrEnum and IntEnum
        self.enum = enum
        self.name = name
        self.value = value
        self.mixed = mixed

    def __eq__(self, other: object) -> bool:
        if isinstance(other, EnumMember):
            return (self.enum, self.name) == (other.enum, other.name)
        return self.mixed and self.value == other

    def __hash__(self) -> int:
        return hash(self.value) if self.mixed else hash((self.enum, self.name))

    def __repr__(self) -> str:
        return f"{self.enum}.{self.name}"


@final
@dataclass(frozen=True, slots=True)
class Cycle:
    """Stands where a value contains itself."""


PLAIN_CONTAINERS: Final = frozenset({list, dict, set, frozenset, RecordData})
