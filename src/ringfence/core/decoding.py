"""From JSON with `$` tags (core/encoding.py) back to plain data and labelled values.

Its one rule: what no rule here reads is refused, by its tag and never by its content. Nothing recurses.
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ringfence.core.jsontext import EncodingError, Json, label_from_json
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Cycle, EnumMember, Plain, RecordData
from ringfence.core.values import Labeled, Origin, Value, unsafe_value, wrap

_Build: TypeAlias = "Callable[[list[Value]], Value]"
_Cell: TypeAlias = "dict[str, Json]"


def from_json(obj: Json) -> Plain:
    """The plain data that `to_json` wrote. EncodingError for unknown tags, `$opaque`, `$elided` and labels."""
    return _read(obj, None)


def labelled_from_json(obj: Json) -> Value:
    """The value that `labelled_to_json` wrote, labels and origins included. EncodingError for anything else."""
    if not isinstance(obj, dict) or obj.keys() != {"labels", "value"} or not isinstance(obj["labels"], list):
        raise EncodingError("a labelled value is an object with labels and value")
    return wrap(_read(obj["value"], [label_from_json(label) for label in obj["labels"]]), TRUSTED_PUBLIC)


@dataclass(slots=True)
class _Frame:
    """A container that is being read: its parts, those that are done, and what makes the whole from them."""

    parts: list[Json]
    build: _Build
    done: list[Value] = field(default_factory=list)


def _read(obj: Json, labels: list[Label] | None) -> Value:
    frames = [_Frame([obj], lambda parts: parts[0])]
    while True:
        frame = frames[-1]
        if len(frame.done) < len(frame.parts):
            part = frame.parts[len(frame.done)]
            if isinstance(part, (dict, list)):
                frames.append(_open(part, labels))
            else:
                frame.done.append(part)
            continue
        frames.pop()
        try:
            made = frame.build(frame.done)
        except (TypeError, ValueError, OverflowError, InvalidOperation, binascii.Error) as problem:
            if isinstance(problem, EncodingError):
                raise
            raise EncodingError("the content of a tag is not what the tag says") from problem
        if not frames:
            return made
        frames[-1].done.append(made)


def _open(obj: _Cell | list[Json], labels: list[Label] | None) -> _Frame:
    if isinstance(obj, list):
        return _Frame(obj, list)
    tag = next((name for name in obj if name.startswith("$")), None)
    if tag is None:
        names = list(obj)
        return _Frame(list(obj.values()), lambda parts: dict(zip(names, parts, strict=True)))
    if tag == "$label" and labels is not None:
        return _labelled(obj, labels)
    if tag in _CONTAINERS:
        wanted, container = _CONTAINERS[tag]
        _expect(obj, wanted)
        return container(obj)
    if tag in _ATOMS:
        required, optional, atom = _ATOMS[tag]
        if not (required <= obj.keys() <= required | optional):
            raise EncodingError(f"{tag} with other keys than it has")
        return _Frame([], lambda parts: atom(obj))
    if tag in ("$opaque", "$elided"):
        raise EncodingError(f"{tag} stands for what could not be written, so it cannot be read")
    raise EncodingError("an unknown tag" if labels is None else "an unknown tag in a stored value")


def _expect(obj: _Cell, wanted: frozenset[str]) -> None:
    if obj.keys() - {"maxlen"} != wanted:
        raise EncodingError(f"{min(wanted)} with other keys than it has")


def _labelled(obj: _Cell, labels: list[Label]) -> _Frame:
    index, origin = obj["$label"], obj.get("origin")
    if obj.keys() - {"origin"} != {"$label", "value"} or type(index) is not int or not 0 <= index < len(labels):
        raise EncodingError("$label names no label of the table")
    label, source = labels[index], None if origin is None else _origin(origin)

    def build(parts: list[Value]) -> Value:
        made = parts[0]
        if type(made) is Labeled:  # sound: joined again in the same expression
            return Labeled(unsafe_value(made), made.label.join(label), source)
        return wrap(made, label, source)

    return _Frame([obj["value"]], build)


def _origin(obj: Json) -> Origin:
    if isinstance(obj, list) and obj and type(obj[0]) is int and all(type(key) in (int, str) for key in obj):
        return Origin(obj[0], tuple(cast("list[int | str]", obj[1:])))
    raise EncodingError("an origin is a list of a call and keys")


def _list_under(tag: str, make: Callable[[list[Value]], Value]) -> Callable[[_Cell], _Frame]:
    def open_(obj: _Cell) -> _Frame:
        parts = obj[tag]
        if not isinstance(parts, list):
            raise EncodingError(f"{tag} holds a list")
        return _Frame(parts, make)

    return open_


def _pairs(obj: _Cell) -> _Frame:
    pairs = obj["$dict"]
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise EncodingError("$dict holds a list of pairs")
    flat = [part for pair in cast("list[list[Json]]", pairs) for part in pair]
    return _Frame(flat, lambda parts: dict(zip(parts[::2], parts[1::2], strict=True)))


def _record(obj: _Cell) -> _Frame:
    name, fields = obj["$record"], obj["fields"]
    if not isinstance(name, str) or not isinstance(fields, dict):
        raise EncodingError("$record is a name with fields")
    names = list(fields)
    return _Frame(list(fields.values()), lambda parts: RecordData(name, dict(zip(names, parts, strict=True))))


def _deque(obj: _Cell) -> _Frame:
    limit = obj.get("maxlen")
    if limit is not None and type(limit) is not int:
        raise EncodingError("the maxlen of a $deque is a number")
    return _list_under("$deque", lambda parts: deque(parts, limit))(obj)


_CONTAINERS: Final[dict[str, tuple[frozenset[str], Callable[[_Cell], _Frame]]]] = {
    "$tuple": (frozenset({"$tuple"}), _list_under("$tuple", tuple)),
    "$set": (frozenset({"$set"}), _list_under("$set", set)),
    "$frozenset": (frozenset({"$frozenset"}), _list_under("$frozenset", frozenset)),
    "$deque": (frozenset({"$deque"}), _deque),
    "$dict": (frozenset({"$dict"}), _pairs),
    "$record": (frozenset({"$record", "fields"}), _record),
}


# Atoms


def _text(obj: Json) -> str:
    if type(obj) is not str:
        raise EncodingError("a tag holds another type of JSON than text")
    return obj


def _number(obj: Json) -> int | float:
    if type(obj) not in (int, float):
        raise EncodingError("a tag holds another type of JSON than a number")
    return cast("int | float", obj)


def _zone(obj: _Cell) -> ZoneInfo | None:
    if "zone" not in obj:
        return None
    try:
        return ZoneInfo(_text(obj["zone"]))
    except (ZoneInfoNotFoundError, OSError) as problem:
        raise EncodingError("a time zone that this machine does not know") from problem


def _datetime(obj: _Cell) -> Plain:
    moment = datetime.fromisoformat(_text(obj["$datetime"]))
    zone = _zone(obj)
    return moment.replace(tzinfo=zone if zone is not None else moment.tzinfo, fold=1 if "fold" in obj else 0)


def _time(obj: _Cell) -> Plain:
    moment = time.fromisoformat(_text(obj["$time"]))
    zone = _zone(obj)
    return moment.replace(tzinfo=zone if zone is not None else moment.tzinfo, fold=1 if "fold" in obj else 0)


def _timedelta(obj: _Cell) -> Plain:
    return timedelta(seconds=_number(obj["$timedelta"]), microseconds=_number(obj.get("microseconds", 0)))


def _enum(obj: _Cell) -> Plain:
    enum, dot, name = _text(obj["$enum"]).rpartition(".")
    value = obj.get("value", name)  # without a value, which only exact JSON has, the name stands for it
    if not dot or not enum or not name or isinstance(value, (dict, list)):
        raise EncodingError("$enum is NAME.MEMBER")
    return EnumMember(enum, name, value)


def _float(obj: _Cell) -> Plain:
    text = obj["$float"]
    if text not in ("nan", "inf", "-inf"):
        raise EncodingError("$float is nan, inf or -inf")
    return float(text)


def _int(obj: _Cell) -> Plain:
    text = _text(obj["$int"])
    if not text.removeprefix("-").startswith("0x"):
        raise EncodingError("$int is a hexadecimal number")
    return int(text, 16)


def _range(obj: _Cell) -> Plain:
    ends = obj["$range"]
    if not isinstance(ends, list) or len(ends) != 3:
        raise EncodingError("$range holds start, stop and step")
    start, stop, step = (_int(end) if isinstance(end, dict) and "$int" in end else end for end in ends)
    if not (type(start) is type(stop) is type(step) is int):
        raise EncodingError("$range holds start, stop and step")
    return range(start, stop, step)


def _decimal(text: str) -> Decimal:
    found = Decimal(text)
    if found.is_snan():
        raise ValueError("a signalling NaN is not data")
    return found


def _base64(text: Json) -> bytes:
    return base64.b64decode(_text(text), validate=True)


_NOTHING: Final[frozenset[str]] = frozenset()
_ZONED: Final = frozenset({"zone", "fold"})
_ATOMS: Final[dict[str, tuple[frozenset[str], frozenset[str], Callable[[_Cell], Plain]]]] = {
    "$datetime": (frozenset({"$datetime"}), _ZONED, _datetime),
    "$date": (frozenset({"$date"}), _NOTHING, lambda obj: date.fromisoformat(_text(obj["$date"]))),
    "$time": (frozenset({"$time"}), _ZONED, _time),
    "$timedelta": (frozenset({"$timedelta"}), frozenset({"microseconds"}), _timedelta),
    "$timezone": (frozenset({"$timezone"}), _NOTHING, lambda o: timezone(timedelta(seconds=_number(o["$timezone"])))),
    "$decimal": (frozenset({"$decimal"}), _NOTHING, lambda obj: _decimal(_text(obj["$decimal"]))),
    "$enum": (frozenset({"$enum"}), frozenset({"value"}), _enum),
    "$float": (frozenset({"$float"}), _NOTHING, _float),
    "$int": (frozenset({"$int"}), _NOTHING, _int),
    "$bytes": (frozenset({"$bytes"}), _NOTHING, lambda obj: _base64(obj["$bytes"])),
    "$text": (frozenset({"$text"}), _NOTHING, lambda obj: _base64(obj["$text"]).decode("utf-8", "surrogatepass")),
    "$range": (frozenset({"$range"}), _NOTHING, _range),
    "$cycle": (frozenset({"$cycle"}), _NOTHING, lambda obj: Cycle()),
}
