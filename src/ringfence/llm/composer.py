"""The last word to the user, made from the run's results alone.

Its one rule: the request is not among the arguments, so it cannot leak into the answer or steer it. By default no
model takes part: the answer is laid out by rules. A model, where one is configured, sees types and names, and only
results that are trusted; all others are references ($1) that are replaced for the user's eyes afterwards. Text is
made safe for a terminal here: control, bidi and invisible characters are shown and have no effect.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, final

from ringfence.core.values import Cycle, EnumMember, Plain, RecordData
from ringfence.guard.visible import visible as visible_line
from ringfence.llm.models import ChatModel
from ringfence.llm.prompts import COMPOSER_SYSTEM

MAX_CHARACTERS: Final = 100_000
MAX_DEPTH: Final = 8
MAX_ROWS: Final = 1_000
_WIDEST_CELL: Final = 60


@final
@dataclass(frozen=True, slots=True)
class Result:
    """A value of the run for the composer: what it is called, where it came from, and whether its label is trusted."""

    name: str
    value: Plain
    call: str = ""
    trusted: bool = False


@final
class Composer:
    """Lays out an answer; with a model, has a sentence written around it."""

    def __init__(self, model: ChatModel | None = None) -> None:
        self._model = model

    @property
    def writes(self) -> bool:
        """Whether a model writes the answer (and the monitor has to be asked first)."""
        return self._model is not None

    def compose(self, answer: Plain, calls: Sequence[str] = ()) -> str:
        """The answer as text for a person; for None, what was done, from the names of the completed calls."""
        return done(calls) if answer is None else layout(answer)

    def prompt(self, results: Sequence[Result], calls: Sequence[str] = ()) -> str:
        """All text that a model would be given: trusted results as they are, others as typed references."""
        lines = [f"Completed calls: {_counted(calls)}" if calls else "No tool was called."]
        for number, result in enumerate(results, 1):
            origin = f" from {result.call}" if result.call else ""
            shown = f": {layout(result.value)}" if result.trusted else ""
            lines.append(f"${number} is {result.name}, {_kind(result.value)}{origin}{shown}")
        return "\n".join(lines)

    def write(self, prompt: str) -> str:
        """Have the model write the answer with references. Raises ModelError; ValueError without a model."""
        if self._model is None:
            raise ValueError("this composer has no model")
        return self._model.complete(COMPOSER_SYSTEM, prompt).text

    def resolve(self, text: str, results: Sequence[Result]) -> str:
        """Put the content in the place of the references, once: references inside content stay as they are.

        Unknown references stay. Results that the text does not mention are added below it, so none is lost.
        """
        mentioned: set[int] = set()

        def content(found: re.Match[str]) -> str:
            number = int(found.group(1))
            if not 1 <= number <= len(results):
                return found.group()
            mentioned.add(number)
            return layout(results[number - 1].value)

        made = re.sub(r"\$(\d{1,3})(?!\d)", content, visible(text))
        rest = [layout(result.value) for number, result in enumerate(results, 1) if number not in mentioned]
        return "\n\n".join([made, *rest])


def done(calls: Sequence[str]) -> str:
    """ "Done: send_mail, list_events (2 times)." Names of tools only."""
    return f"Done: {_counted(calls)}." if calls else "Done; no tool was called."


def _counted(calls: Sequence[str]) -> str:
    counts: dict[str, int] = {}
    for name in calls:
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(name if count == 1 else f"{name} ({count} times)" for name, count in counts.items())


def _kind(value: Plain) -> str:
    if isinstance(value, RecordData):
        return f"a {visible(value.name)}"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"


def layout(value: Plain) -> str:
    """Plain data as readable text: text as it is, records and dicts as lists of fields, lists of records as tables."""
    text = _layout(value, 0)
    if len(text) > MAX_CHARACTERS:
        return f"{text[:MAX_CHARACTERS]}\n… {len(text) - MAX_CHARACTERS} more characters"
    return text


def _layout(value: Plain, depth: int) -> str:
    if isinstance(value, str):
        return visible(value[: MAX_CHARACTERS + 1])
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, RecordData):
        return _fields(value.fields, depth)
    if isinstance(value, Mapping):
        return _fields({inline(key): part for key, part in value.items()}, depth) if value else "nothing"
    if isinstance(value, list | tuple | set | frozenset | deque):
        return _items(list(value), depth)
    return inline(value)


def _items(items: list[Plain], depth: int) -> str:
    if not items:
        return "nothing"
    shown = items[:MAX_ROWS]
    rest = f"\n… {len(items) - MAX_ROWS} more" if len(items) > MAX_ROWS else ""
    table = _table(shown)
    if table is not None:
        return table + rest
    return "\n".join(f"- {_indented(_layout(item, depth + 1))}" for item in shown) + rest


def _fields(fields: Mapping[str, Plain], depth: int) -> str:
    lines = []
    for name, part in fields.items():
        text = _layout(part, depth + 1)
        label = visible(name).replace("_", " ")
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
    rows = [[_cell(part) for part in record.fields.values()] for record in records]
    if not names or any(cell is None for row in rows for cell in row):
        return None
    cells = [[name.replace("_", " ") for name in map(visible, names)], *[[cell or "" for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _cell(value: Plain) -> str | None:
    """A short value on one line, or None."""
    if isinstance(value, list | tuple) and all(isinstance(part, str | int | float | Decimal) for part in value):
        text = ", ".join(inline(part) for part in value)
    elif isinstance(value, RecordData | Mapping | list | tuple | set | frozenset):
        return None
    else:
        text = inline(value)
    return text if len(text) <= _WIDEST_CELL and "\n" not in text else None


def inline(value: Plain) -> str:
    """One scalar, as people write it."""
    for kind, write in _INLINE:
        if isinstance(value, kind):
            return visible(write(value))
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


def names_of(calls: Iterable[str]) -> tuple[str, ...]:
    """The calls that people care about: the engine's own verbs left out."""
    return tuple(name for name in calls if name not in ("quarantine", "quarantine_each"))
