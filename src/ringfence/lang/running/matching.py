"""`match`: patterns against values.

Its one rule: whatever a pattern looked at to decide is part of what the rest of the `match` depends on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.core.values import Dict, List, Record, Value, element, with_label
from ringfence.lang.builtins.functions.types import holds
from ringfence.lang.iteration import collect
from ringfence.lang.keys import key_of
from ringfence.lang.objects import TypeValue, View, deep, label_of, settle, split
from ringfence.lang.operations.attributes import attr
from ringfence.lang.operations.comparison import equal_raw
from ringfence.lang.raised import Raised, fail
from ringfence.schema import RecordType

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run
    from ringfence.lang.running.loops import Loop

# ("value", place) ("capture", name, inner) ("star", name, site) ("sequence", parts) ("or", parts)
# ("mapping", places, parts, rest, site) ("class", place, parts, names, named)
Pattern = tuple[object, ...]


def matched(run: Run, loop: Loop, pattern: Pattern, values: tuple[Value, ...]) -> bool:
    """Whether the loop's subject fits; what it captured is in `loop.captured`."""
    loop.captured = {}
    return _match(run, loop, pattern, loop.subject, values)


def _match(run: Run, loop: Loop, pattern: Pattern, value: Value, values: tuple[Value, ...]) -> bool:
    value = settle(value)
    run.tick(1)
    match pattern:
        case ("value", int(place)):
            other = values[place]
            loop.depend(deep(value).join(deep(other)))
            raw, _ = split(value)
            singleton = other is None or isinstance(other, bool)
            return raw is other if singleton else equal_raw(value, other)
        case ("capture", name, inner):
            if inner is not None and not _match(run, loop, inner, value, values):  # type: ignore[arg-type]
                return False
            if isinstance(name, str):
                loop.captured[name] = value
            return True
        case ("or", tuple(parts)):
            return any(_match(run, loop, part, value, values) for part in parts)
        case ("sequence", tuple(parts)):
            return _sequence(run, loop, parts, value, values)
        case ("mapping", tuple(places), tuple(parts), rest, number):
            return _mapping(run, loop, places, parts, (rest, number), value, values)
        case ("class", int(place), tuple(parts), tuple(names), tuple(named)):
            return _class(run, loop, values[place], parts, names, named, value, values)
        case _:
            raise AssertionError("patterns are made by the code generator")


def _sequence(run: Run, loop: Loop, parts: tuple[Pattern, ...], value: Value, values: tuple[Value, ...]) -> bool:
    loop.depend(label_of(value))
    raw, _ = split(value)
    indexed = isinstance(raw, Record) and raw.indexed
    if not (indexed or isinstance(raw, (List, tuple, range))) or isinstance(raw, View):
        return False
    items, label = collect(run, value)
    loop.depend(label)
    star = next((index for index, part in enumerate(parts) if part[0] == "star"), -1)
    if star < 0:
        return len(items) == len(parts) and all(
            _match(run, loop, part, item, values) for part, item in zip(parts, items, strict=True)
        )
    if len(items) < len(parts) - 1:
        return False
    after = len(parts) - 1 - star
    tail = items[len(items) - after :]
    name = parts[star][1]
    if isinstance(name, str):
        rest = with_label(List(items[star : len(items) - after], label), label)
        loop.captured[name] = _tagged(run, rest, parts[star][2])
    head = all(_match(run, loop, part, item, values) for part, item in zip(parts[:star], items, strict=False))
    return head and all(
        _match(run, loop, part, item, values) for part, item in zip(parts[star + 1 :], tail, strict=True)
    )


def _tagged(run: Run, made: Value, number: object) -> Value:
    return made if number is None else run.tag(made, number)  # type: ignore[arg-type]  # the code generator's numbers


def _mapping(
    run: Run,
    loop: Loop,
    places: tuple[int, ...],
    parts: tuple[Pattern, ...],
    remaining: tuple[object, object],
    value: Value,
    values: tuple[Value, ...],
) -> bool:
    loop.depend(label_of(value))
    raw, label = split(value)
    if not isinstance(raw, Dict):
        return False
    label = label.join(raw.label)
    keys = []
    for place in places:
        key, key_label = key_of(values[place])
        loop.depend(key_label)
        label = label.join(key_label)
        keys.append(key)
    for key, part in zip(keys, parts, strict=True):
        if key not in raw.items or not _match(run, loop, part, element(raw, raw.items, key, label), values):
            return False
    rest, number = remaining
    if isinstance(rest, str):
        others = {key: element(raw, raw.items, key, label) for key in raw.items if key not in keys}
        loop.captured[rest] = _tagged(run, with_label(Dict(others, raw.label), label), number)
    return True


def _class(
    run: Run,
    loop: Loop,
    kind: Value,
    parts: tuple[Pattern, ...],
    names: tuple[str, ...],
    named: tuple[Pattern, ...],
    value: Value,
    values: tuple[Value, ...],
) -> bool:
    label = label_of(value).join(label_of(kind))
    loop.depend(label)
    raw, _ = split(value)
    kind, _ = split(kind)
    if not holds(raw, kind):
        return False
    if parts:
        own = kind.schema if isinstance(kind, TypeValue) else None
        if not isinstance(own, RecordType):
            return len(parts) == 1 and _match(run, loop, parts[0], value, values)
        if len(parts) > len(own.fields):
            given = f"{len(parts)} given"
            fail("TypeError", f"{own.name}() accepts {len(own.fields)} positional sub-patterns ({given})", label)
        names = (*(field.name for field in own.fields[: len(parts)]), *names)
        if len(set(names)) < len(names):
            fail("TypeError", f"{own.name}() got several sub-patterns for one attribute", label)
    return all(
        _attribute(run, loop, name, part, value, values) for name, part in zip(names, (*parts, *named), strict=True)
    )


def _attribute(run: Run, loop: Loop, name: str, part: Pattern, value: Value, values: tuple[Value, ...]) -> bool:
    """Whether an attribute fits; one that is not there does not."""
    raw, _ = split(value)
    if isinstance(raw, Record):
        return name in raw.fields and _match(run, loop, part, attr(run, value, name), values)
    try:
        found = attr(run, value, name)
    except Raised as error:
        if error.value.type.name != "AttributeError":
            raise
        loop.depend(error.label)
        return False
    return _match(run, loop, part, found, values)
