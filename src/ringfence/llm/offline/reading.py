"""The offline reader: fills a schema from text by rules, with the names and descriptions of its fields as cues.

Its one rule: every value is taken from the text (or follows from its words, for yes/no and choices); where nothing
fits, the answer is the typed "not enough information". It must not follow anything the text says.
"""

from __future__ import annotations

import csv
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final, assert_never, final

from ringfence.core.errors import QuarantineError
from ringfence.core.plain import EnumMember, Plain
from ringfence.llm.offline import finding
from ringfence.llm.offline.cues import MISSING, Cue, Filled
from ringfence.llm.offline.finding import Spot
from ringfence.llm.offline.passages import passage
from ringfence.llm.offline.summary import sentences, stem, words
from ringfence.llm.offline.values import choice, scalar
from ringfence.schema import (
    AnyType,
    DictType,
    EnumType,
    ListType,
    LiteralType,
    RecordType,
    Scalar,
    SchemaMismatch,
    TupleType,
    Type,
    UnionType,
    validate,
)

MAX_TEXT: Final = 400_000
MAX_ITEMS: Final = 500


@final
class OfflineQuarantine:
    """A `guard.models.QuarantineModel` without a model."""

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        """What the rules find, as plain data of the schema. Raises QuarantineError E340."""
        parts = [part for item in data for part in unfolded(item)]
        share = MAX_TEXT // max(1, len(parts))
        texts = tuple(re.sub(r"\r\n?", "\n", part[:share]) for part in parts)
        found = fill(schema, Cue("", "", instruction), texts)
        if found is MISSING:
            raise QuarantineError(
                "the data does not hold what was asked for, as far as the offline stand-in can tell", code="E341"
            )
        try:
            return validate(schema, found)
        except SchemaMismatch as mismatch:
            raise QuarantineError("what the offline stand-in found does not fit the schema") from mismatch


def unfolded(item: str) -> list[str]:
    """Data that is no text comes as JSON: its elements as texts, its fields as "name: value" lines."""
    if item[:1] not in ("[", "{") or len(item) > 4 * MAX_TEXT:
        return [item]
    try:
        found = json.loads(item)
    except (ValueError, RecursionError):
        return [item]
    return [_unfold(part, 0) for part in found] if isinstance(found, list) else [_unfold(found, 0)]


def _unfold(part: object, depth: int) -> str:
    if depth > 20:
        return ""
    if isinstance(part, dict):
        fields = part.get("fields", part) if "$record" in part else part
        if isinstance(fields, dict):
            tagged = len(fields) == 1 and next(iter(fields)).startswith("$")
            return "\n".join(
                _unfold(value, depth + 1) if tagged else f"{name}: {_unfold(value, depth + 1)}"
                for name, value in fields.items()
            )
    if isinstance(part, list):
        return "\n".join(_unfold(one, depth + 1) for one in part)
    return part if isinstance(part, str) else json.dumps(part)


def fill(schema: Type, cue: Cue, texts: Sequence[str]) -> Filled:
    """Plain data of the schema, or MISSING."""
    match schema:
        case AnyType():
            return passage(Scalar("str"), cue, texts)
        case Scalar():
            return passage(schema, cue, texts) if schema.name == "str" else scalar(schema, cue, texts)
        case LiteralType():
            return choice([(str(value), value) for value in schema.values if value is not None], cue, texts)
        case EnumType():
            options = [(f"{name} {value}", EnumMember(schema.name, name, value)) for name, value in schema.members]
            return choice(options, cue, texts)
        case UnionType():
            return _union(schema, cue, texts)
        case ListType():
            found = _list(schema, cue, texts)
            return _KINDS[schema.kind](found) if isinstance(found, list) else found
        case TupleType():
            parts = tuple(fill(item, cue, texts) for item in schema.items)
            return MISSING if any(part is MISSING for part in parts) else parts
        case DictType():
            return _pairs(schema, texts)
        case RecordType():
            return _record(schema, cue, texts)
        case _:
            assert_never(schema)


def _union(schema: UnionType, cue: Cue, texts: Sequence[str]) -> Filled:
    for option in schema.options:
        found = MISSING if option == Scalar("None") else fill(option, cue, texts)
        if found is not MISSING:
            return found
    return None if Scalar("None") in schema.options else MISSING


def _record(schema: RecordType, cue: Cue, texts: Sequence[str]) -> Filled:
    made: dict[str, Plain] = {}
    for field in schema.fields:
        found = fill(field.type, Cue(field.name, field.description, cue.instruction, schema.fields), texts)
        if found is not MISSING:
            made[field.name] = found
        elif field.required:
            return MISSING
    return made


# Lists


_KINDS: Final[dict[str, Callable[[Iterable[Plain]], Plain]]] = {
    "list": list,
    "set": set,
    "frozenset": frozenset,
    "tuple": tuple,
    "deque": deque,
}


def _list(schema: ListType, cue: Cue, texts: Sequence[str]) -> Filled:
    """All that fit, each once, in the order of the text. An empty list is an answer."""
    if isinstance(schema.item, RecordType):
        found = _records(schema.item, cue, texts)
    elif isinstance(schema.item, Scalar):
        found = _many(schema.item, cue, "\n\n".join(texts))
    else:
        found = [one for text in texts for one in [fill(schema.item, cue, [text])] if one is not MISSING]
    limit = MAX_ITEMS if schema.max_length is None else min(MAX_ITEMS, schema.max_length)
    return MISSING if schema.min_length is not None and len(found) < schema.min_length else found[:limit]


def _many(item: Scalar, cue: Cue, text: str) -> list[Plain]:
    spots: Sequence[Spot[object]]
    match item.name:
        case "str" if item.format == "email" or cue.speaks_of("e-?mail", "addresses"):
            spots = finding.emails(text)
        case "str" if item.format == "url" or cue.speaks_of("url", "link"):
            spots = finding.urls(text)
        case "str" if cue.speaks_of("phone", "telephone"):
            spots = finding.phones(text)
        case "str":
            return _points(text)
        case "date":
            spots = finding.dates(text)
        case "datetime":
            spots = finding.datetimes(text)
        case "time":
            spots = finding.times(text)
        case "Decimal" | "float":
            money = finding.amounts(text)
            spots = [Spot(s.value.number, s.start, s.end) for s in money] if money else finding.numbers(text)
            if item.name == "float":
                return [float(spot.value) for spot in spots if isinstance(spot.value, Decimal)]
        case "int":
            return [int(spot.value) for spot in finding.numbers(text) if spot.value == spot.value.to_integral_value()]
        case _:
            return []
    return list(dict.fromkeys(spot.value for spot in spots))


_BULLET: Final = re.compile(r"^\s{0,8}(?:[-*•–]|\d{1,3}[.)])\s+(?P<text>\S.{0,400})$", re.MULTILINE)


def _points(text: str) -> list[Plain]:
    """The bullet points of a text, else its telling sentences."""
    points: list[Plain] = [match.group("text").strip() for match in _BULLET.finditer(text)][:MAX_ITEMS]
    if points:
        return points
    telling: list[Plain] = [sentence for sentence in sentences(text) if len(words(sentence)) >= 3]
    return telling[:5]


def _records(schema: RecordType, cue: Cue, texts: Sequence[str]) -> list[Plain]:
    """One record for each row of a table with a header, else for each paragraph or line that holds one."""
    made: list[Plain] = []
    for text in texts:
        rows = _table(text, schema)
        pieces = rows if rows else [part for part in re.split(r"\n\s*\n", text) if part.strip()]
        if not rows and sum(_filled(schema, cue, piece) is not None for piece in pieces[:3]) < 2:
            lines = [line for line in text.split("\n") if line.strip()]
            by_line = [one for line in lines[:MAX_ITEMS] if (one := _filled(schema, cue, line)) is not None]
            if len(by_line) > 1:
                made += by_line
                continue
        made += [one for piece in pieces[:MAX_ITEMS] if (one := _filled(schema, cue, piece)) is not None]
    return made


def _filled(schema: RecordType, cue: Cue, piece: str) -> Plain | None:
    """The record in a piece of text, if it holds something for at least half of the fields."""
    found = _record(schema, replace(cue, name=""), [piece])
    if not isinstance(found, dict):
        return None
    held = sum(value is not None and value is not False for value in found.values())
    return found if 2 * held >= len(schema.fields) else None


def _table(text: str, schema: RecordType) -> list[str]:
    """The rows of delimited text as "header: value" lines, if its first line names at least half of the fields."""
    lines = [line for line in text.split("\n") if line.strip()]
    delimiter = next((mark for mark in ("\t", ";", "|", ",") if lines and lines[0].count(mark) > 0), None)
    if delimiter is None or len(lines) < 2:
        return []
    rows = list(csv.reader((line.strip("| ") for line in lines[: MAX_ITEMS + 2]), delimiter=delimiter))
    header = [cell.strip() for cell in rows[0]]
    named = sum(
        any(stem(part) in words(cell) for cell in header for part in _parts(field.name)) for field in schema.fields
    )
    if 2 * named < len(schema.fields):
        return []
    return ["\n".join(f"{name}: {cell.strip()}" for name, cell in zip(header, row, strict=False)) for row in rows[1:]]


def _parts(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Za-z][a-z]*", name)]


def _pairs(schema: DictType, texts: Sequence[str]) -> Filled:
    """The labels of a text and what stands after them, where both fit."""
    made: dict[Plain, Plain] = {}
    for line in "\n".join(texts).split("\n")[: MAX_ITEMS * 4]:
        label, colon, value = line.partition(":")
        if not colon or not 0 < len(label.strip()) <= 60 or not value.strip():
            continue
        found = (
            fill(schema.value, Cue("", "", label), [value.strip()]) if schema.value != Scalar("str") else value.strip()
        )
        if found is not MISSING and len(made) < MAX_ITEMS:
            made[label.strip(" -*•")] = found
    return made if made else MISSING
