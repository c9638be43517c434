"""The module `json`.

Its one rule: neither a text nor a value can make it recurse or grow without bound. Parsed data has the one label of
its text; a text has the label of everything that was written.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ringfence.core.errors import LimitExceeded
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember, Plain
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Value, type_name, unsafe_plain, wrap
from ringfence.lang import sizes
from ringfence.lang.builtins.modules.callbacks import called
from ringfence.lang.builtins.modules.members import natives
from ringfence.lang.objects import Deque, Module, View, deep, label_of, settle, settle_deep
from ringfence.lang.operations.truth import truth
from ringfence.lang.raised import EXCEPTIONS, fail, of_python

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

MAX_DEPTH: Final = 200
MAX_INDENT: Final = 100
_MAX_CONTAINERS: Final = 500_000
_SEPARATORS: Final = frozenset('"[]{}')


def loads(run: Run, s: Value) -> Value:
    """`json.loads(text)`."""
    text = settle(s)
    raw, label = (text._value, text.label) if type(text) is Labeled else (text, TRUSTED_PUBLIC)
    if isinstance(raw, bytes):
        try:
            raw = raw.decode(json.detect_encoding(raw))
        except UnicodeDecodeError as error:
            raise of_python(error, label) from None
    if not isinstance(raw, str):
        kind = type_name(raw)
        fail("TypeError", f"the JSON object must be str, bytes or bytearray, not {kind}", label_of(text))
    _bounded(raw, label)
    run.tick(len(raw) // 256)
    try:
        return wrap(json.loads(raw), label)
    except ValueError as error:
        raise of_python(error, label) from None


def _bounded(text: str, label: Label) -> None:
    containers = text.count("[") + text.count("{")
    if containers > _MAX_CONTAINERS:
        raise LimitExceeded("size", f"a JSON text has more than {_MAX_CONTAINERS:,} lists and objects", label=label)
    sizes.items(containers * 16 + text.count(","))
    if containers > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise LimitExceeded("depth", f"a JSON text is nested deeper than {MAX_DEPTH}", label=label)


def _depth(text: str) -> int:
    """How deep brackets outside of strings are nested."""
    depth = deepest = 0
    inside = False
    escaped = False
    for letter in text:
        if inside:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                inside = False
        elif letter in _SEPARATORS:
            if letter == '"':
                inside = True
            elif letter in "[{":
                depth += 1
                deepest = max(deepest, depth)
            else:
                depth -= 1
    return deepest


def dumps(
    run: Run,
    obj: Value,
    *,
    skipkeys: Value = False,
    ensure_ascii: Value = True,
    check_circular: Value = True,
    allow_nan: Value = True,
    indent: Value = None,
    separators: Value = None,
    default: Value = None,
    sort_keys: Value = False,
) -> Value:
    """`json.dumps(value, ...)`; `default` may be a function or a type of the plan."""
    obj = settle_deep(obj)
    options = [settle_deep(option) for option in (skipkeys, ensure_ascii, allow_nan, indent, separators, sort_keys)]
    label = deep(obj)
    for option in options:
        label = label.join(deep(option))
    plain = [unsafe_plain(option) for option in options]  # their labels are in `label`
    writer = _Writer(run, settle(default), label, bool(plain[0]))
    data = writer.plain(obj, 0)
    label = writer.label
    made = _written(
        run,
        data,
        label,
        ensure_ascii=bool(plain[1]),
        allow_nan=bool(plain[2]),
        indent=_indent(plain[3], label),
        separators=_pair(plain[4], label),
        sort_keys=truth(plain[5]),
    )
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def _indent(value: Plain, label: Label) -> int | str | None:
    if (
        value is None
        or (isinstance(value, int) and value <= MAX_INDENT)
        or (isinstance(value, str) and len(value) <= MAX_INDENT)
    ):
        return value
    if isinstance(value, (int, str)):
        raise LimitExceeded("size", f"json.dumps indents by {MAX_INDENT} characters at most", label=label)
    fail("TypeError", "indent must be an integer, a string or None", label)


def _pair(value: Plain, label: Label) -> tuple[str, str] | None:
    if value is None:
        return None
    if isinstance(value, (tuple, list)) and len(value) == 2 and all(isinstance(part, str) for part in value):
        sizes.text(max(map(len, value)) * 1000)
        return (value[0], value[1])
    fail("TypeError", "separators must be a pair of strings", label)


def _written(
    run: Run,
    data: Plain,
    label: Label,
    *,
    ensure_ascii: bool,
    allow_nan: bool,
    indent: int | str | None,
    separators: tuple[str, str] | None,
    sort_keys: bool,
) -> str:
    encoder = json.JSONEncoder(
        ensure_ascii=ensure_ascii,
        check_circular=False,  # the writer has looked
        allow_nan=allow_nan,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )
    parts: list[str] = []
    size = 0
    try:
        for part in encoder.iterencode(data, _one_shot=indent is None):
            parts.append(part)
            size += len(part)
            run.tick(1)
            if size > sizes.MAX_TEXT:
                sizes.text(size)
    except (ValueError, TypeError) as error:
        raise of_python(error, label) from None
    sizes.text(size)
    return "".join(parts)


class _Writer:
    """Makes the data that the encoder can write, and gathers the labels of what `default` gave."""

    def __init__(self, run: Run, default: Value, label: Label, skipkeys: bool) -> None:
        self.run = run
        self.default = default
        self.label = label
        self.skipkeys = skipkeys
        self.above: set[int] = set()
        self.size = 0

    def plain(self, value: Value, depth: int) -> Plain:
        raw = value._value if type(value) is Labeled else value
        self.run.steps += 1
        if self.run.steps > self.run.next_check:
            self.run.check()
        if isinstance(raw, EnumMember) and raw.mixed:
            raw = raw.value
        if raw is None or isinstance(raw, (str, int, float)):
            self.measure(raw)
            return raw
        if depth > MAX_DEPTH:
            raise LimitExceeded("depth", f"json.dumps writes data nested up to {MAX_DEPTH} deep", label=self.label)
        if id(raw) in self.above:
            fail("ValueError", "Circular reference detected", self.label)
        self.above.add(id(raw))
        made = self.container(raw, depth)
        self.above.discard(id(raw))
        return made

    def measure(self, raw: str | int | float | None) -> None:
        """Parts that occur many times are written many times."""
        self.size += len(raw) if isinstance(raw, str) else raw.bit_length() // 3 if isinstance(raw, int) else 8
        if self.size > sizes.MAX_TEXT:
            sizes.text(self.size)

    def container(self, raw: Value, depth: int) -> Plain:
        self.run.steps += 8
        if isinstance(raw, List) and not isinstance(raw, (View, Deque)):
            return [self.plain(part, depth + 1) for part in raw.items]
        if isinstance(raw, (tuple, list)):
            return [self.plain(part, depth + 1) for part in raw]
        if isinstance(raw, Record) and raw.indexed:
            return [self.plain(part, depth + 1) for part in raw.fields.values()]
        if isinstance(raw, (Dict, dict)):
            return self.object(raw.items if isinstance(raw, Dict) else raw, depth)
        return self.other(raw, depth)

    def object(self, items: dict[Value, Value], depth: int) -> Plain:
        made: dict[Plain, Plain] = {}
        for key, part in items.items():
            name = key.value if isinstance(key, EnumMember) and key.mixed else key
            if name is None or isinstance(name, (str, int, float)):
                self.measure(name)
                made[name] = self.plain(part, depth + 1)
            elif not self.skipkeys:
                fail("TypeError", f"keys must be str, int, float, bool or None, not {type_name(key)}", self.label)
        return made

    def other(self, raw: Value, depth: int) -> Plain:
        if self.default is None:
            fail("TypeError", f"Object of type {type_name(raw)} is not JSON serializable", self.label)
        given = raw if isinstance(raw, Heap) else wrap(raw, TRUSTED_PUBLIC)
        given = given if self.label is TRUSTED_PUBLIC else Labeled(given, self.label)
        result = settle_deep(called(self.run, self.default, (given,), self.label))
        self.label = self.label.join(deep(result))
        return self.plain(result, depth + 1)


MODULE: Final = Module(
    "json", {**natives({"dumps": dumps, "loads": loads}), "JSONDecodeError": EXCEPTIONS["JSONDecodeError"]}
)
