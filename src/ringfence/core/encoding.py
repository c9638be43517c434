"""Values as JSON and back, with `$` tags for what JSON lacks, and the canonical text that is hashed.

    {"$tuple": [...]}  {"$set": [...]}  {"$frozenset": [...]}  {"$dict": [[key, value], ...]}  {"$deque": [...]}
    {"$record": NAME, "fields": {...}}  {"$enum": "NAME.MEMBER"}  {"$datetime": ISO}  {"$date": ISO}  {"$time": ISO}
    {"$timedelta": SECONDS}  {"$timezone": SECONDS}  {"$decimal": TEXT}  {"$float": "nan" | "inf" | "-inf"}
    {"$int": HEX}  {"$bytes": BASE64}  {"$text": BASE64}  {"$range": [start, stop, step]}  {"$cycle": true}
    {"$opaque": TYPE}  {"$elided": TYPE}         (these two cannot be read back)
    {"$label": INDEX, "value": ..., "origin": [call, key, ...]}      (only with a table of labels)

Its one rule: writing never fails, whatever the plan made: huge integers, lone surrogates, ten thousand levels of
nesting, objects that contain themselves, a small object graph that would print as terabytes. Nothing here
recurses. A label is written into the table or the value is opaque; it is never dropped.
"""

from __future__ import annotations

import base64
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Final, TypeAlias, cast, final
from zoneinfo import ZoneInfo

from ringfence.core.decoding import from_json, labelled_from_json
from ringfence.core.jsontext import (
    EncodingError,
    Json,
    Part,
    Written,
    canonical_array,
    canonical_json,
    canonical_object,
    digest,
    dumps,
    label_from_json,
    label_to_json,
    label_written,
    loads,
    object_written,
)
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.origins import origin_of
from ringfence.core.plain import Cycle, EnumMember, Plain, RecordData
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Set, Value, unsafe_value

__all__ = [
    "EncodingError",
    "Json",
    "LabelTable",
    "Part",
    "Writer",
    "Written",
    "canonical_array",
    "canonical_json",
    "canonical_object",
    "digest",
    "dumps",
    "from_json",
    "label_from_json",
    "label_to_json",
    "label_written",
    "labelled_from_json",
    "labelled_to_json",
    "leaf_written",
    "loads",
    "object_written",
    "to_json",
]

MAX_PARTS: Final = 5_000_000
_MAX_DIGITS: Final = 4300
_BITS_PER_DIGIT: Final = 3.3219
_SHORT_BITS: Final = 2000  # an integer below is written as one whatever the interpreter's limit of digits is
_WORDS: Final = {None: "null", True: "true", False: "false"}
_LONE_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")  # two code points that JSON would read as one


@final
class LabelTable:
    """The labels of one document, each written once and named by its index."""

    __slots__ = ("_index", "labels")

    def __init__(self) -> None:
        self.labels: list[Label] = []
        self._index: dict[Label, int] = {}

    def index(self, label: Label) -> int:
        found = self._index.get(label)
        if found is None:
            found = self._index[label] = len(self.labels)
            self.labels.append(label)
        return found


def to_json(plain: Plain, *, exact: bool = False, limit: int = MAX_PARTS) -> Json:
    """Plain data as JSON. Labelled parts and host objects become `$opaque`; what is past `limit` parts `$elided`.

    `exact` adds what is needed to read back the same data: the zone of a time, the value of an enum's member.
    """
    return Writer(exact=exact, limit=limit).write(plain)


def leaf_written(value: Value) -> str | None:
    """The text that a bare leaf has in all forms of JSON here; None for what is no leaf, or is written with a tag."""
    kind = type(value)
    if kind is str:
        text: str = value  # type: ignore[assignment]
        return encode_basestring_ascii(text) if _plain_text(text) else None
    if kind is int:
        number: int = value  # type: ignore[assignment]
        return int.__repr__(number) if number.bit_length() < _SHORT_BITS else None
    return _WORDS.get(value) if value is None or value is True or value is False else None


def labelled_to_json(value: Value, *, origins: bool = True) -> Json:
    """`{"labels": [...], "value": ...}`, from which `labelled_from_json` makes the same value with the same labels.

    `origins` False leaves out where its parts came from.
    """
    table = LabelTable()
    written = Writer(table, exact=True, origins=origins).write(value)
    return {"labels": [label_to_json(label) for label in table.labels], "value": written}


@dataclass(slots=True)
class _Close:
    """Comes up when everything inside a container has been written."""

    identity: int
    finish: Callable[[], None] | None


_Task: TypeAlias = "tuple[Value, list[Json] | dict[str, Json], int | str, Label] | _Close"


@final
class Writer:
    """Writes one value. Then `opaque` and `elided` say whether parts could not be written, `left` how many more may."""

    def __init__(
        self, labels: LabelTable | None = None, *, exact: bool = False, origins: bool = False, limit: int = MAX_PARTS
    ) -> None:
        self.labels = labels
        self.exact = exact
        self.origins = origins
        self.limit = limit
        self.opaque = False
        self.elided = False
        self.left = limit
        self._above: set[int] = set()
        self._tasks: list[_Task] = []

    def write(self, value: Value, under: Label = TRUSTED_PUBLIC) -> Json:
        """The value as JSON; a part's label is written where it differs from that of the part around it."""
        root: list[Json] = [None]
        self._tasks.append((value, root, 0, under))
        while self._tasks:
            task = self._tasks.pop()
            if isinstance(task, _Close):
                self._above.discard(task.identity)
                if task.finish is not None:
                    task.finish()
                continue
            self._place(*task)
        return root[0]

    def _place(self, value: Value, holder: list[Json] | dict[str, Json], key: int | str, under: Label) -> None:
        self.left -= 1
        if self.left < 0:
            self.elided = True
            _put(holder, key, {"$elided": type(value).__name__})
            return
        if type(value) is Labeled or isinstance(value, Heap):
            if self.labels is None:
                self.opaque = True
                _put(holder, key, {"$opaque": type(value).__name__})
                return
            value, holder, key, under = self._labelled(value, holder, key, under, self.labels)
        atom = _ATOMS.get(type(value))
        if atom is not None:
            _put(holder, key, atom(value, self.exact))
        elif id(value) in self._above:
            _put(holder, key, {"$cycle": True})
        else:
            self._container(value, holder, key, under)

    def _labelled(
        self, value: Value, holder: list[Json] | dict[str, Json], key: int | str, under: Label, table: LabelTable
    ) -> tuple[Value, list[Json] | dict[str, Json], int | str, Label]:
        label, origin = under, origin_of(value) if self.origins else None
        if type(value) is Labeled:
            label = label.join(value.label)
            value = unsafe_value(value)  # sound: its label is written into the table, in the same breath
        if isinstance(value, Heap):
            label = label.join(value.label)
        if label is under and origin is None:
            return value, holder, key, under
        cell: dict[str, Json] = {"$label": table.index(label)}
        if origin is not None:
            cell["origin"] = [origin.call, *origin.path]
        cell["value"] = None
        _put(holder, key, cell)
        return value, cell, "value", label

    def _container(self, value: Value, holder: list[Json] | dict[str, Json], key: int | str, under: Label) -> None:
        if isinstance(value, (list, List)):
            parts: Iterable[Value] = value.items if isinstance(value, List) else value
            _put(holder, key, self._array(value, parts, under))
        elif isinstance(value, (dict, Dict)):
            _put(holder, key, self._dict(value, value.items if isinstance(value, Dict) else value, under))
        elif isinstance(value, (RecordData, Record)):
            fields: dict[str, Json] = {}
            self._open(value)
            self._push((part, fields, name, under) for name, part in value.fields.items())
            _put(holder, key, {"$record": value.name, "fields": fields})
        elif isinstance(value, (set, frozenset, Set)):
            frozen = value.frozen if isinstance(value, Set) else isinstance(value, frozenset)
            array = self._array(value, value.items if isinstance(value, Set) else value, under, sort=True)
            _put(holder, key, {"$frozenset" if frozen else "$set": array})
        elif isinstance(value, tuple):
            _put(holder, key, {"$tuple": self._array(value, value, under)})
        elif isinstance(value, deque):
            made: dict[str, Json] = {"$deque": self._array(value, value, under)}
            if value.maxlen is not None:
                made["maxlen"] = value.maxlen
            _put(holder, key, made)
        else:
            self.opaque = True
            _put(holder, key, {"$opaque": type(value).__name__})

    def _array(self, value: Value, parts: Iterable[Value], under: Label, *, sort: bool = False) -> list[Json]:
        array: list[Json] = []
        # The language has no hash order, so a set is written in the order of its parts' texts.
        self._open(value, (lambda: array.sort(key=canonical_json)) if sort else None)
        tasks: list[_Task] = []
        for part in parts:
            if len(tasks) > self.left:  # do not even make room for what will not be written
                self.elided = True
                array.append({"$elided": "more"})
                break
            tasks.append((part, array, len(array), under))
            array.append(None)
        self._push(tasks)
        return array

    def _dict(self, value: Value, items: dict[Value, Value], under: Label) -> Json:
        self._open(value)
        if all(type(name) is str and not name.startswith("$") and _plain_text(name) for name in items):
            made: dict[str, Json] = dict.fromkeys(cast("dict[str, Value]", items))
            self._push((part, made, cast(str, name), under) for name, part in items.items())
            return made
        pairs: list[Json] = []
        tasks: list[_Task] = []
        for name, part in items.items():
            pair: list[Json] = [None, None]
            pairs.append(pair)
            tasks += [(name, pair, 0, under), (part, pair, 1, under)]
        self._push(tasks)
        return {"$dict": pairs}

    def _open(self, value: Value, finish: Callable[[], None] | None = None) -> None:
        self._above.add(id(value))
        self._tasks.append(_Close(id(value), finish))

    def _push(self, tasks: Iterable[_Task]) -> None:
        self._tasks.extend(reversed(list(tasks)))


def _put(holder: list[Json] | dict[str, Json], key: int | str, made: Json) -> None:
    holder[key] = made  # type: ignore[index]  # an index goes with a list, a name with a dict


def _plain_text(text: str) -> bool:
    return text.isascii() or _LONE_PAIR.search(text) is None


def _digits() -> int:
    limit = sys.get_int_max_str_digits()
    return min(limit, _MAX_DIGITS) if limit else _MAX_DIGITS


def _int(value: int, exact: bool) -> Json:
    if value.bit_length() < _SHORT_BITS or value.bit_length() < (_digits() - 2) * _BITS_PER_DIGIT:
        return value
    return {"$int": hex(value)}


def _float(value: float, exact: bool) -> Json:
    if value != value:
        return {"$float": "nan"}
    if value in (float("inf"), float("-inf")):
        return {"$float": "inf" if value > 0 else "-inf"}
    return value


def _str(value: str, exact: bool) -> Json:
    if _plain_text(value):
        return value
    return {"$text": base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")}


def _moment(tag: str) -> Callable[[datetime | time, bool], Json]:
    def write(value: datetime | time, exact: bool) -> Json:
        made: dict[str, Json] = {tag: value.isoformat()}
        if exact and isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key is not None:
            made["zone"] = value.tzinfo.key
        if exact and value.fold:
            made["fold"] = 1
        return made

    return write


def _timedelta(value: timedelta, exact: bool) -> Json:
    seconds = value.total_seconds()
    try:
        same = timedelta(seconds=seconds) == value
    except OverflowError:
        same = False
    if same:
        return {"$timedelta": seconds}
    return {"$timedelta": value.days * 86_400 + value.seconds, "microseconds": value.microseconds}


def _enum(value: EnumMember, exact: bool) -> Json:
    made: dict[str, Json] = {"$enum": f"{value.enum}.{value.name}"}
    if exact:
        member = value.value
        made["value"] = _float(member, exact) if isinstance(member, float) else member
    return made


def _timezone(value: timezone, exact: bool) -> Json:
    return {"$timezone": value.utcoffset(None).total_seconds()}


_ATOMS: Final = cast(
    "dict[type, Callable[[Value, bool], Json]]",
    {
        type(None): lambda value, exact: None,
        bool: lambda value, exact: value,
        int: _int,
        float: _float,
        str: _str,
        bytes: lambda value, exact: {"$bytes": base64.b64encode(value).decode("ascii")},
        Decimal: lambda value, exact: {"$decimal": str(value)},
        datetime: _moment("$datetime"),
        date: lambda value, exact: {"$date": value.isoformat()},
        time: _moment("$time"),
        timedelta: _timedelta,
        timezone: _timezone,
        range: lambda value, exact: {"$range": [_int(part, exact) for part in (value.start, value.stop, value.step)]},
        EnumMember: _enum,
        Cycle: lambda value, exact: {"$cycle": True},
    },
)
