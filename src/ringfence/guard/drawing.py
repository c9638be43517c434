"""The preview of a call, drawn from its labelled values.

Its one rule: what is drawn is what the tool will get, with who influenced each part, who may read it, and where it was
taken from; names and keys that come from data are repeated only where they cannot be read as the engine's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from ringfence.core.encoding import dumps, to_json
from ringfence.core.labels import Everyone, Label
from ringfence.core.origins import origin_of
from ringfence.core.plain import Plain, RecordData
from ringfence.core.values import Dict, Heap, List, Record, Value, deep, label_of, unsafe_plain, unsafe_value
from ringfence.guard.decision import Decision
from ringfence.guard.preview import MAX_TAIL, MAX_TEXT, Form, Preview, PreviewArgument, PreviewPart
from ringfence.lang.host import SchemaValue
from ringfence.schema import render

MAX_PARTS: Final = 12
_MAX_VISITED: Final = 2_000
_MAX_STEPS: Final = 8
_NO_NAMES: Final[Mapping[int, str]] = MappingProxyType({})
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


def draw(
    tool: str,
    effect: str,
    description: str,
    audience: Iterable[str],
    arguments: Mapping[str, Value],
    decision: Decision,
    trusted: frozenset[str],
    line: int = 0,
    made: Mapping[int, str] = _NO_NAMES,
    orders: str = "",
) -> Preview:
    """The preview of a call: who receives something first, then the rest in the order of the plan.

    `made` are the tools of the calls that values may come from, by the call's index; `orders` names the argument that
    the call is to carry out.
    """
    receivers = frozenset(audience)
    drawn = [
        replace(_argument(name, value, name in receivers, trusted, made), orders=name == orders)
        for name, value in arguments.items()
    ]
    ordered = sorted(drawn, key=lambda argument: not argument.audience)
    return Preview(tool, effect, first_line(description), tuple(ordered), asks_of(decision), line=line)


def first_line(description: str) -> str:
    """What a tool does, in one line."""
    return description.strip().partition("\n")[0]


def asks_of(decision: Decision) -> tuple[str, ...]:
    """The rules that ask, with what did not hold."""
    return tuple(dict.fromkeys(reason.render() for reason in decision.reasons)) or decision.rules


def _argument(
    name: str, value: Value, audience: bool, trusted: frozenset[str], made: Mapping[int, str]
) -> PreviewArgument:
    text, form = _text(value)
    parts = list(dict.fromkeys(_parts(value, made)))
    omitted = max(0, len(text) - MAX_TEXT)
    return PreviewArgument(
        name,
        text[:MAX_TEXT],
        omitted,
        tuple(parts[:MAX_PARTS]),
        max(0, len(parts) - MAX_PARTS),
        deep(value).trusted(trusted),
        audience,
        form,
        text[-min(omitted, MAX_TAIL) :] if omitted else "",
    )


def is_cut_off(plain: Plain) -> bool:
    """Whether a preview does not show all of a text."""
    return isinstance(plain, str) and len(plain) > MAX_TEXT


def _text(value: Value) -> tuple[str, Form]:
    if isinstance(value, SchemaValue):
        return render(value.type), "schema"
    # Sound: a preview is for the user, who is asked whether exactly this may leave.
    plain = unsafe_plain(value)
    return (plain, "text") if isinstance(plain, str) else (dumps(to_json(plain)), "json")


def _parts(value: Value, made: Mapping[int, str]) -> Iterable[PreviewPart]:
    """The parts whose label differs from that of what they are in, or that have an origin it has not; first all."""
    label = label_of(value)
    yield _part("", label, _origin(value, made))
    pending: list[tuple[str, Value, Label]] = [("", value, label)]
    seen: set[int] = set()
    visited = 0
    while pending and visited < _MAX_VISITED:
        path, holder, around = pending.pop(0)
        raw = unsafe_value(holder)
        if id(raw) in seen:
            continue
        seen.add(id(raw))
        for key, part in _children(raw):
            visited += 1
            inner = around.join(label_of(part))
            origin = "" if origin_of(holder) is not None else _origin(part, made)
            if inner is not around or origin:
                yield _part(path + key, inner, origin)
            if isinstance(unsafe_value(part), (Heap, tuple)):
                pending.append((path + key, part, inner))


def _children(raw: Value) -> Iterable[tuple[str, Value]]:
    if isinstance(raw, (Record, RecordData)):
        return ((f".{name}", part) for name, part in raw.fields.items())
    if isinstance(raw, List):
        return ((f"[{index}]", part) for index, part in enumerate(raw.items))
    if isinstance(raw, Dict):
        # A key may come from data: its place says which part is meant.
        return ((f".values()[{index}]", part) for index, part in enumerate(raw.items.values()))
    return ((f"[{index}]", part) for index, part in enumerate(raw)) if isinstance(raw, tuple) else ()


def _part(path: str, label: Label, origin: str) -> PreviewPart:
    readers = None if isinstance(label.readers, Everyone) else tuple(sorted(label.readers))
    return PreviewPart(path, tuple(sorted(label.sources)), readers, origin)


def _origin(value: Value, made: Mapping[int, str]) -> str:
    """The call and the place that a value was taken from as it is, in words; "" if that is not known."""
    origin = origin_of(value)
    if origin is None or origin.call not in made:
        return ""
    steps = "".join(_step(key) for key in origin.path[:_MAX_STEPS]) + ("…" if len(origin.path) > _MAX_STEPS else "")
    return f"call {origin.call} ({made[origin.call]})" + (f": {steps}" if steps else "")


def _step(key: str | int) -> str:
    # A key may come from data: only what cannot be read as a sentence is repeated.
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if _KEY.fullmatch(key) else "[…]"
