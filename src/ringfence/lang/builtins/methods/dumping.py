"""Records as dicts and as JSON: `model_dump`, `model_dump_json`, `asdict`, with the options that choose among fields.

Its one rule: every part keeps its label, and what an option decided has the option's; an option that has no rule here
is refused, for leaving it out without a word would give away what it was to hold back.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember
from ringfence.core.values import Dict, Labeled, List, Record, Set, Value, with_label
from ringfence.lang.iteration import collect
from ringfence.lang.mappings import entries
from ringfence.lang.objects import deep, label_of, labelled, settle, settle_deep, split
from ringfence.lang.operations.attributes import attr
from ringfence.lang.operations.truth import truth
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

# What these would change is not in the language: a field has one name, and nobody is warned.
_WITHOUT_EFFECT: Final = frozenset({"by_alias", "warnings", "round_trip"})


def as_dict(run: Run, receiver: Value) -> Value:
    """`asdict(record)`: nested records become dicts; values keep their labels."""
    return _dumped(run, settle_deep(receiver), False, False)


def fields_as_dict(run: Run, receiver: Value) -> Value:
    """`_asdict()` of a named tuple: its own fields alone."""
    raw, label = split(receiver)
    assert isinstance(raw, Record)
    return with_label(Dict({name: attr(run, receiver, name) for name in raw.fields}, raw.label), label)


def model_dump(run: Run, receiver: Value, **options: Value) -> Value:
    """`model_dump(include=, exclude=, exclude_none=, mode=)`."""
    mode, mode_label = split(settle(options.pop("mode", "python")))
    if mode not in ("python", "json"):
        fail("ValueError", "the mode of model_dump() is 'python' or 'json'", mode_label)
    return with_label(_chosen(run, receiver, "model_dump", options, mode == "json"), mode_label)


def model_dump_json(run: Run, receiver: Value, indent: Value = None, **options: Value) -> Value:
    """`model_dump_json(indent=, include=, exclude=, exclude_none=)`: compact without `indent`, as in pydantic."""
    from ringfence.lang.builtins.modules.jsontext import dumps

    made = _chosen(run, receiver, "model_dump_json", options, True)
    raw, label = split(settle(indent))
    between = (",", ":") if raw is None else (",", ": ")
    return with_label(dumps(run, made, ensure_ascii=False, indent=indent, separators=between), label)


def _chosen(run: Run, receiver: Value, name: str, options: dict[str, Value], json: bool) -> Value:
    unknown = [option for option in options if option not in ("include", "exclude", "exclude_none", *_WITHOUT_EFFECT)]
    if unknown:
        hint = "choose the fields with include= or exclude="
        fail("TypeError", f"{name}() has no option '{unknown[0]}' in the language: {hint}", label_of(receiver))
    without_none = settle(options.get("exclude_none", False))
    made = _dumped(run, settle_deep(receiver), json, truth(without_none))
    label = label_of(without_none)
    raw, _ = split(made)
    assert isinstance(raw, Dict)
    for option in ("include", "exclude"):
        if settle(options.get(option)) is not None:
            names, among = _names(run, settle_deep(options[option]), name)
            label = label.join(among)
            raw.items = {key: part for key, part in raw.items.items() if (key in names) == (option == "include")}
    raw.taint(label)
    return with_label(made, label)


def _names(run: Run, value: Value, name: str) -> tuple[set[Value], Label]:
    raw, _ = split(value)
    if isinstance(raw, Dict):
        fail("TypeError", f"{name}() takes a set of the names of fields here, and no dict", deep(value))
    parts, _ = collect(run, value)
    return {split(part)[0] for part in parts if isinstance(split(part)[0], str)}, deep(value)


def _dumped(run: Run, value: Value, json: bool, without_none: bool) -> Value:
    raw, label = split(value)
    run.tick(1)
    if isinstance(raw, Record):
        made: Value = _record(run, value, raw, json, without_none)
    elif type(raw) is List:
        made = List([_dumped(run, part, json, without_none) for part in collect(run, raw)[0]], raw.label)
    elif type(raw) is Dict:
        keys = {_text_key(key) if json else key: part for key, part in entries(raw).items()}
        made = Dict({key: _dumped(run, part, json, without_none) for key, part in keys.items()}, raw.label)
    elif isinstance(raw, tuple):
        parts = [_dumped(run, part, json, without_none) for part in raw]
        made = List(parts, TRUSTED_PUBLIC) if json else tuple(parts)
    elif json and isinstance(raw, Set):
        made = List([_dumped(run, part, json, without_none) for part in collect(run, raw)[0]], raw.label)
    elif json:
        return labelled(_plain(raw), label) if _plain(raw) is not raw else value
    else:
        return value
    return labelled(made, label)


def _record(run: Run, value: Value, raw: Record, json: bool, without_none: bool) -> Dict:
    made: dict[Value, Value] = {}
    shape = raw.label
    for name in raw.fields:
        part = settle(attr(run, value, name))
        if without_none:
            shape = shape.join(label_of(part))  # whether it is None is told by whether it is there
            if (part._value if type(part) is Labeled else part) is None:
                continue
        made[name] = _dumped(run, part, json, without_none)
    return Dict(made, shape)


def _text_key(key: Value) -> Value:
    plain = _plain(key)
    return plain if isinstance(plain, str) else str(plain)


def _plain(raw: Value) -> Value:
    """A scalar as JSON has it; what JSON has already as it is."""
    if isinstance(raw, EnumMember):
        return raw.value
    if isinstance(raw, datetime):
        text = raw.isoformat()
        return f"{text[:-6]}Z" if text.endswith("+00:00") else text
    if isinstance(raw, (date, time)):
        return raw.isoformat()
    if isinstance(raw, timedelta):
        return _duration(raw)
    if isinstance(raw, bytes):
        return raw.decode("utf-8", "replace")
    return str(raw) if isinstance(raw, Decimal) else raw


def _duration(raw: timedelta) -> str:
    """ISO 8601, with years of 365 days, as pydantic writes it."""
    sign, raw = ("-", -raw) if raw < timedelta(0) else ("", raw)
    years, days = divmod(raw.days, 365)
    minutes, seconds = divmod(raw.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{raw.microseconds:06d}".rstrip("0") if raw.microseconds else ""
    day = f"{years}Y" * (years > 0) + f"{days}D" * (days > 0)
    clock = (
        f"{hours}H" * (hours > 0) + f"{minutes}M" * (minutes > 0) + f"{seconds}{fraction}S" * bool(seconds or fraction)
    )
    if not day and not clock:
        return "PT0S"
    return f"{sign}P{day}{'T' if clock else ''}{clock}"
