"""The answer for the user's eyes: each text in it guarded by its own label.

Its one rule: what only trusted sources influenced is shown as it is; everything else may name, and may not do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, cast, final

from ringfence.core.errors import PolicyDenied
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain, RecordData
from ringfence.core.values import Dict, List, Record, Set, Value, deep, label_of, unsafe_plain, unsafe_value
from ringfence.lang import ir
from ringfence.lang.scope import walk
from ringfence.screens.output import Context, Finding, OutputGuard

_DEEPEST: Final = 60
_MOST: Final = 2_000_000
Shown = Callable[[str, Label], str]


class _TooDeep(Exception):
    """The value is left to `unsafe_plain`, with one label on all of it."""


@final
class Answering:
    """One answer being guarded. `findings` tell what was changed."""

    def __init__(self, guard: OutputGuard, trusted: frozenset[str], context: Callable[[], Context]) -> None:
        """trusted: the sources whose word counts. context: made when the first untrusted text is met."""
        self._guard = guard
        self._trusted = trusted
        self._context = context
        self._known: Context | None = None
        self.findings: list[Finding] = []

    def plain(self, answer: Value) -> Plain:
        """The answer without what it might do. For a value that the user may read. Raises PolicyDenied (P480)."""
        try:
            return _walked(answer, TRUSTED_PUBLIC, self._text, 0)
        except (_TooDeep, RecursionError):
            label = deep(answer)
            return _rewritten(unsafe_plain(answer), lambda text: self._text(text, label))

    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind."""
        found: dict[str, int] = {}
        for one in self.findings:
            found[one.kind] = found.get(one.kind, 0) + 1
        return found

    def _text(self, text: str, label: Label) -> str:
        if label.trusted(self._trusted):
            guarded = self._guard.trusted(text)
        else:
            if self._known is None:
                self._known = self._context()
            guarded = self._guard.text(text, self._known)
        self.findings += guarded.findings
        if guarded.stopped:
            raise PolicyDenied(
                "the answer holds an address that would carry private data to a host that no trusted source named",
                code="P480",
                hint="name the host in the request or in [output] hosts, or ask for the data without the link",
            )
        return guarded.text


def _walked(value: Value, under: Label, shown: Shown, depth: int) -> Plain:
    """The value as plain data, each text rewritten under its own label."""
    if depth > _DEEPEST:
        raise _TooDeep
    label = under.join(label_of(value))
    raw = unsafe_value(value)  # sound: the caller may read it, and each text is rewritten under its label

    def part(inner: Value) -> Plain:
        return _walked(inner, label, shown, depth + 1)

    if isinstance(raw, str):
        return shown(raw, label)
    if isinstance(raw, (List, list)):
        return [part(one) for one in _parts(raw)]
    if isinstance(raw, tuple):
        return tuple(part(one) for one in raw)
    if isinstance(raw, (Dict, dict)):
        items = raw.items if isinstance(raw, Dict) else raw
        return {_key(key, label, shown): part(one) for key, one in cast("dict[Value, Value]", items).items()}
    if isinstance(raw, (Record, RecordData)):
        return RecordData(raw.name, {name: part(one) for name, one in raw.fields.items()})
    if isinstance(raw, Set):
        raise _TooDeep  # its members are keys: rewritten as one
    return unsafe_plain(value)


def _parts(raw: object) -> list[Value]:
    return cast("list[Value]", raw.items if isinstance(raw, List) else raw)


def _key(key: Value, label: Label, shown: Shown) -> Plain:
    return shown(key, label) if isinstance(key, str) else unsafe_plain(key)


def _rewritten(plain: Plain, shown: Callable[[str], str], depth: int = 0) -> Plain:
    """Plain data with each text rewritten. What is nested more deeply than an answer is laid out is left out."""
    if isinstance(plain, str):
        return shown(plain)
    if depth > _DEEPEST:
        return "…"

    def part(inner: Plain) -> Plain:
        return _rewritten(inner, shown, depth + 1)

    if isinstance(plain, list):
        return [part(one) for one in plain]
    if isinstance(plain, tuple):
        return tuple(part(one) for one in plain)
    if isinstance(plain, dict):
        return {part(key): part(one) for key, one in plain.items()}
    if isinstance(plain, (set, frozenset)):
        return type(plain)(part(one) for one in plain)
    if isinstance(plain, RecordData):
        return RecordData(plain.name, {name: part(one) for name, one in plain.fields.items()})
    return plain


def strings_of(plan: ir.Plan) -> tuple[str, ...]:
    """The texts that are written in a plan. `event.name` is no text: it is written in code and names no host."""
    constants = (node.value for node in walk(plan.body) if isinstance(node, ir.Constant))
    return tuple(value for value in constants if isinstance(value, str))


def texts_of(values: Iterable[Value], wanted: Callable[[Label], bool]) -> Iterator[str]:
    """The texts in values whose label is wanted, up to two million characters in all."""
    left = _MOST
    found: list[str] = []

    def keep(text: str, label: Label) -> str:
        if wanted(label):
            found.append(text)
        return text

    for value in values:
        try:
            _walked(value, TRUSTED_PUBLIC, keep, 0)
        except (_TooDeep, RecursionError):
            label = deep(value)
            if wanted(label):
                _rewritten(unsafe_plain(value), partial(keep, label=label))
        for text in found:
            yield text[:left]
            left -= len(text)
        found.clear()
        if left <= 0:
            return
