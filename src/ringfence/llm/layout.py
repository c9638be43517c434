"""Plain data as text for a person, in a terminal or anywhere.

Its one rule: what is shown has no effect: control, direction and invisible characters are written out. Sizes are
bounded, whatever the data: characters in all, rows, nesting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Final, final

from ringfence.core.plain import Cycle, EnumMember, Plain, RecordData
from ringfence.guard.visible import visible_again as visible_line

MAX_CHARACTERS: Final = 100_000
MAX_DEPTH: Final = 8
MAX_ROWS: Final = 1_000
_WIDEST_CELL: Final = 60
_MOST_IN_CELL: Final = 20


def layout(value: Plain) -> str:
    """Text as it is, records and dicts as lists of fields, lists of like records as tables, dates in words."""
    room = _Room()
    text = room.text(value, 0)
    if len(text) > MAX_CHARACTERS or room.left <= 0:
        return f"{text[:MAX_CHARACTERS]}\n… and more"
    return text


@final
class _Room:
    """One layout: what is left of the allowed characters is shared by all parts."""

    def __init__(self) -> None:
        self.left = MAX_CHARACTERS

    def text(self, value: Plain, depth: int) -> str:
        self.left -= 1
        if self.left <= 0:
            return "…"
        if isinstance(value, str):
            return self._taken(visible(value[: self.left + 1]))
        if depth > MAX_DEPTH:
            return "…"
        if isinstance(value, RecordData):
            return self._fields(iter(value.fields.items()), depth)
        if isinstance(value, Mapping):
            return self._fields(((inline(key), part) for key, part in value.items()), depth)
        if isinstance(value, list | tuple | set | frozenset | deque):
            return self._items(list(islice(value, MAX_ROWS)), len(value), depth)
        return self._taken(inline(value))

    def _taken(self, text: str) -> str:
        self.left -= len(text)
        return text

    def _items(self, shown: list[Plain], count: int, depth: int) -> str:
        if not shown:
            return "nothing"
        rest = f"\n… {count - MAX_ROWS} more" if count > MAX_ROWS else ""
        table = _table(shown)
        if table is not None:
            return self._taken(table) + rest
        lines = []
        for item in shown:
            if self.left <= 0:
                break
            lines.append(f"- {_indented(self.text(item, depth + 1))}")
        return "\n".join(lines) + rest

    def _fields(self, fields: Iterator[tuple[str, Plain]], depth: int) -> str:
        lines = []
        for name, part in fields:
            if self.left <= 0:
                break
            text = self.text(part, depth + 1)
            label = self._taken(visible_line(name[:_WIDEST_CELL]).replace("_", " "))
            lines.append(f"{label}:\n  {_indented(text)}" if "\n" in text else f"{label}: {text}")
        return "\n".join(lines) if lines else "nothing"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _table(items: list[Plain]) -> str | None:
    """Records of one kind whose fields are short as aligned columns; None if they are not like that."""
    records = [item for item in items if isinstance(item, RecordData)]
    if len(records) < 2 or len(records) != len(items) or len({tuple(record.fields) for record in records}) != 1:
        return None
    names = list(records[0].fields)
    rows: list[list[str]] = [[visible_line(name[:_WIDEST_CELL]).replace("_", " ") for name in names]]
    for record in records:
        cells = [cell for part in record.fields.values() if (cell := _cell(part)) is not None]
        if not names or len(cells) < len(names):
            return None
        rows.append(cells)
    widths = [max(len(row[column]) for row in rows) for column in range(len(names))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _cell(value: Plain) -> str | None:
    """A short value on one line, or None."""
    if isinstance(value, list | tuple):
        if len(value) > _MOST_IN_CELL or not all(isinstance(part, str | int | float | Decimal) for part in value):
            return None
        text = ", ".join(inline(part) for part in value)
    elif isinstance(value, RecordData | Mapping | set | frozenset | deque):
        return None
    else:
        text = inline(value)
    return text if len(text) <= _WIDEST_CELL and "\n" not in text else None


def inline(value: Plain) -> str:
    """One scalar, as people write it."""
    for kind, write in _INLINE:
        if isinstance(value, kind):
            return visible(write(value)[: MAX_CHARACTERS + 1])
    return f"<{type(value).__name__}>"


def _moment(value: object) -> str:
    assert isinstance(value, datetime)
    clock = f"{value:%H:%M}" if value.second == 0 else f"{value:%H:%M:%S}"
    zone = value.tzname()
    return f"{_day(value)}, {clock}" + (f" {zone}" if zone is not None else "")


def _day(value: object) -> str:
    assert isinstance(value, date)
    return f"{value:%A}, {value.day} {value:%B} {value.year:04}"


def _clock(value: object) -> str:
    assert isinstance(value, time)
    return f"{value:%H:%M}" if value.second == 0 else f"{value:%H:%M:%S}"


def _length(value: object) -> str:
    assert isinstance(value, timedelta)
    seconds = abs(round(value.total_seconds()))
    counts = (seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    parts = zip(counts, ("day", "hour", "minute", "second"), strict=True)
    text = ", ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)
    return ("minus " if value < timedelta(0) else "") + (text if text else "no time")


def _whole(value: object) -> str:
    assert isinstance(value, int)
    # Python refuses to write integers of more than 4,300 digits in decimal.
    return str(value) if value.bit_length() < 10_000 else f"{value:#x}"[:200] + "…"


def _number(value: object) -> str:
    assert isinstance(value, Decimal)
    return f"{value:f}" if value.is_finite() and -20 < value.adjusted() < 40 else str(value)


def _member(value: object) -> str:
    assert isinstance(value, EnumMember)
    return value.value if isinstance(value.value, str) else value.name


# The order matters: a bool is an int, a datetime is a date.
_INLINE: Final[tuple[tuple[type, Callable[[object], str]], ...]] = (
    (str, str),
    (type(None), lambda _: "nothing"),
    (bool, lambda value: "yes" if value else "no"),
    (int, _whole),
    (float, repr),
    (Decimal, _number),
    (datetime, _moment),
    (date, _day),
    (time, _clock),
    (timedelta, _length),
    (EnumMember, _member),
    (bytes, lambda value: f"{len(value) if isinstance(value, bytes) else 0} bytes"),
    (Cycle, lambda _: "(the same again)"),
)


def visible(text: str) -> str:
    """The text with all that could steer a terminal or hide from a reader written out as ⟨U+001B⟩. Lines stay."""
    return "\n".join(map(visible_line, text.replace("\r\n", "\n").replace("\t", "    ").split("\n")))
