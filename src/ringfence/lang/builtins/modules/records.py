"""Named tuples that the modules make: records that can also be indexed and unpacked.

Its one rule: their fields are listed here, so that the checker knows them; the fields are bare, and whoever returns one
puts the label on the reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ringfence.core.values import Record, Value

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "DecimalTuple": ("sign", "digits", "exponent"),
    "IsoCalendarDate": ("year", "week", "weekday"),
    "LinearRegression": ("slope", "intercept"),
    "ParseResult": ("scheme", "netloc", "path", "params", "query", "fragment"),
    "SplitResult": ("scheme", "netloc", "path", "query", "fragment"),
    "DefragResult": ("url", "fragment"),
    "struct_time": (
        "tm_year",
        "tm_mon",
        "tm_mday",
        "tm_hour",
        "tm_min",
        "tm_sec",
        "tm_wday",
        "tm_yday",
        "tm_isdst",
    ),
}


class Address(Record):
    """The parts of an address: a named tuple that also knows host, port and user."""

    __slots__ = ()


def named_tuple(name: str, values: Iterable[Value], kind: type[Record] = Record) -> Record:
    """A named tuple of one of the kinds above."""
    made = kind(name, dict(zip(FIELDS[name], values, strict=True)))
    made.indexed = True
    made.kinds = frozenset({name})
    return made
