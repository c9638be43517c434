"""Calls of every built-in function, method and attribute of the language, to try a property on all of them.

`native_samples.txt` has lines `name | text`: the text is an expression, or statements that set `x`; what stands between
« and » is a value from outside, which a test may label and vary. Its one rule: a line means what it means in Python.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from lang.module_oracle import NoHost
from ringfence import lang
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Set, Value, wrap
from ringfence.lang.host import UNKNOWN
from ringfence.lang.objects import Slice, callable_name
from ringfence.lang.program import Program, RunResult
from ringfence.lang.raised import ExceptionType, ExceptionValue

SECRET = Label({"tool:vault"}, {"alice"})
IMPORTS = """\
import base64, calendar, collections, copy, dataclasses, datetime, decimal, functools, html, itertools, json
import math, operator, re, statistics, string, textwrap, unicodedata, urllib.parse, zoneinfo
import datetime as dt
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from datetime import date, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo
"""
CLASSES = """\
from collections import namedtuple
class Box(BaseModel):
    v: int = 0
    items: list = []
@dataclass
class Row:
    v: int
    items: list
class Level(Enum):
    LOW = "low"
    HIGH = "high"
Pair = namedtuple("Pair", "v items")
"""


@dataclass(frozen=True)
class Sample:
    """One call. `text` sets `x` from `h0`, `h1`, …, the values of `holes`."""

    name: str
    line: str
    text: str
    holes: tuple[str, ...]

    @property
    def plan(self) -> str:
        """The text with what it needs."""
        needed = [line for line in IMPORTS.splitlines() if _names(line) & set(re.findall(r"\w+", self.text))]
        classes = CLASSES if re.search("Box|Row|Level|Pair", self.text) else ""
        return "\n".join((*needed, classes + self.text))


def _names(line: str) -> set[str]:
    told = line.partition("import ")[2]
    return {part.partition(" as ")[2] or part.partition(".")[0] for part in told.split(", ")}


def samples() -> list[Sample]:
    """All of the file."""
    text = (Path(__file__).parent / "native_samples.txt").read_text(encoding="utf-8")
    return [_sample(line) for line in text.splitlines() if line and not line.startswith("#")]


def _sample(line: str) -> Sample:
    name, _, text = line.partition(" | ")
    holes: list[str] = []

    def hole(found: re.Match[str]) -> str:
        holes.append(found[1])
        return f"h{len(holes) - 1}"

    text = re.sub("«(.*?)»", hole, text)
    text = text.replace("; ", "\n") if "x = " in text else f"x = {text}"
    return Sample(name, line, text, tuple(holes))


def scope() -> dict[str, Any]:
    """What the values of holes are written with, in Python."""
    found: dict[str, Any] = {}
    exec(IMPORTS, found)
    return found


_SCOPE = scope()


def value_of(hole: str) -> Any:
    """The value of a hole, in Python."""
    return eval(hole, dict(_SCOPE))


def prepared(text: str, given: Mapping[str, object]) -> Program:
    """A plan that is given these names."""
    return lang.compile(lang.check(lang.parse(text), {}, given=dict.fromkeys(given, UNKNOWN)))


def run(program: Program, given: Mapping[str, Value]) -> RunResult:
    return lang.run(program, NoHost(), given, lang.Limits(steps=5_000))


# What everyone may see

HIDDEN = "(hidden)"


def seen(value: Value, above: Label = TRUSTED_PUBLIC, within: tuple[int, ...] = ()) -> object:
    """The value with everything hidden that not everyone may see, each part by its own label."""
    label = above
    if type(value) is Labeled:
        label, value = label.join(value.label), value._value
    if isinstance(value, Heap):
        label = label.join(value.label)
    if not label.public:
        return HIDDEN
    if id(value) in within:
        return "(itself)"
    within = (*within, id(value))
    if isinstance(value, Dict):
        return {key: seen(part, label, within) for key, part in value.items.items()}
    if isinstance(value, Record):
        return (value.name, {key: seen(part, label, within) for key, part in value.fields.items()})
    if isinstance(value, List):
        kind = {"List": "list"}.get(type(value).__name__, type(value).__name__)
        return [kind, *[seen(part, label, within) for part in value.items]]
    if isinstance(value, Set):
        return ("set", list(value.items))
    if isinstance(value, dict):
        return {key: seen(part, label, within) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *[seen(part, label, within) for part in value]]
    if isinstance(value, (Slice, ExceptionValue)):
        return [type(value).__name__, *[seen(part, label, within) for part in value.children()]]
    if isinstance(value, ExceptionType):
        return value.name
    shown = callable_name(value)
    return (type(value).__name__, repr(value)) if shown is None else shown


# What a secret could be

_OTHERS: dict[type, tuple[Any, ...]] = {
    int: (-1, 0, 1, 2, 3, 7, 40),
    str: ("", "a", "b", "zz", " ", "1", "ab a", "2026-03-04", "%d", "(", "b,c", "k=1"),
    float: (0.0, -1.5, 2.25, 1e9),
    bytes: (b"", b"a", b"zz b"),
    bool: (True, False),
    list: ([], [1], [2, 1], [[5]], ["a"], [("a", 1)], [1, 2, 3, 4]),
    tuple: ((), (1,), (2, 1), (5, 6, 7)),
    dict: ({}, {"a": 1}, {"b": [2]}, {"a": 1, "b": 2, "c": 3}),
    set: (set(), {1}, {5, 6}),
    date: (date(2024, 2, 29), date(1999, 12, 31)),
    datetime: (datetime(2024, 2, 29, 1), datetime(1999, 12, 31, 23, tzinfo=UTC)),
    time: (time(1), time(23, 59)),
    timedelta: (timedelta(0), timedelta(days=-3), timedelta(hours=5)),
    timezone: (UTC, timezone(timedelta(hours=3))),
    Decimal: (Decimal(0), Decimal("-2.5"), Decimal("NaN"), Decimal("1e9")),
}
_ANYTHING = (None, 0, "zz", [], [3, 1], {"q": 1})

Make = Callable[[], Value]


def others(value: Any, many: bool) -> list[Any]:
    """Values that could stand in the place of this one, of its type and of others."""
    alike = _OTHERS.get(type(value), ())
    found = [*alike, *_ANYTHING] if many else [*alike[:2], *alike[4:5], None, *_ANYTHING[4:]]
    return [value, *[one for one in found if type(one) is not type(value) or repr(one) != repr(value)]]


def secrets(value: Any, many: bool = True) -> Iterator[tuple[str, list[Make]]]:
    """What of a value may be secret (all of it, its shape, one part), with what it could be, each made anew."""
    yield "whole", [lambda one=one: wrap(copy.deepcopy(one), SECRET) for one in others(value, many)]
    if isinstance(value, (list, dict, set)):
        yield "shape", [lambda one=one: public(one, SECRET) for one in _shapes(value)]
    if isinstance(value, (list, tuple, dict)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield f"part {key}", [lambda one=one, key=key: _part(value, key, one) for one in others(value[key], many)]


def _shapes(value: Any) -> list[Any]:
    if isinstance(value, set):
        return [value, set(), {9}, value | {9}]
    if isinstance(value, list):
        return [value, value[::-1], value[:1], [*value, *value[:1]], []]
    rows = list(value.items())
    return [value, dict(rows[::-1]), dict(rows[:1]), {**value, "new": 0}, {}]


def _part(value: Any, key: Any, one: Any) -> Value:
    hidden = wrap(copy.deepcopy(one), SECRET)
    if isinstance(value, dict):
        return public({**value, key: hidden})
    made = public([*value[:key], hidden, *value[key + 1 :]])
    assert isinstance(made, List)
    return tuple(made.items) if isinstance(value, tuple) else made


def public(value: Any, shape: Label = TRUSTED_PUBLIC) -> Value:
    """The value with parts that everyone may see; its shape has a label."""
    if isinstance(value, list):
        return List([_copied(part) for part in value], shape)
    if isinstance(value, dict):
        return Dict({key: _copied(part) for key, part in value.items()}, shape)
    return wrap(copy.deepcopy(value), shape)


def _copied(part: Any) -> Value:
    return part if type(part) is Labeled else wrap(copy.deepcopy(part), TRUSTED_PUBLIC)
