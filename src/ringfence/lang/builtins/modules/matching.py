"""Compiled patterns and matches, as values of the language.

Its one rule: which engine runs a pattern never shows. A search costs steps, and one that would take seconds is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Protocol, cast, final

import re2

from ringfence.core.errors import LimitExceeded
from ringfence.lang.builtins.modules.automaton import Compiler, Machine, Spans, Step, Tick
from ringfence.lang.builtins.modules.members import Opaque
from ringfence.lang.builtins.modules.patterns import NotExpressible, Parsed, PatternError, Translator, parse

_MEMORY: Final = 1 << 21
_MAX_WORK: Final = 2_000_000_000  # instructions times characters: the worst case takes seconds
_FLAGS: Final = (
    (re.IGNORECASE, "re.IGNORECASE"),
    (re.MULTILINE, "re.MULTILINE"),
    (re.DOTALL, "re.DOTALL"),
    (re.VERBOSE, "re.VERBOSE"),
    (re.ASCII, "re.ASCII"),
)
KNOWN_FLAGS: Final = int(re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE | re.ASCII | re.UNICODE)


class _Found(Protocol):
    def span(self, group: int) -> tuple[int, int]:
        """Where the group was found, or (-1, -1)."""


class _Engine(Protocol):
    """A pattern compiled by the linear-time engine. Texts are given as UTF-8, so that going on costs nothing."""

    programsize: int

    def search(self, text: bytes, pos: int, endpos: int) -> _Found | None: ...

    def match(self, text: bytes, pos: int, endpos: int) -> _Found | None: ...

    def fullmatch(self, text: bytes, pos: int, endpos: int) -> _Found | None: ...


@final
class _Offsets:
    """From characters to bytes and back, for places that only go forward."""

    __slots__ = ("at_byte", "at_char", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.at_byte = 0
        self.at_char = 0

    def chars(self, place: int) -> int:
        """The number of characters before a byte."""
        if place < self.at_byte:
            return self.at_char - len(self.text[place : self.at_byte].decode())
        self.at_char += len(self.text[self.at_byte : place].decode())
        self.at_byte = place
        return self.at_char


def _engine(tree: Parsed, ascii_text: bool) -> tuple[_Engine | None, bool]:
    """The linear-time engine for the tree, if it has a form there; and whether its `$` misses a final newline."""
    translator = Translator(ascii_text)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        text = translator.pattern(tree.data, tree.state.flags)
        return cast(_Engine, re2.compile(text, options)), translator.final_newline
    except (NotExpressible, re2.error, UnicodeError):
        return None, False


@final
class Pattern(Opaque):
    """A compiled pattern."""

    __slots__ = ("_engines", "_program", "_tree", "flags", "groupindex", "groups", "pattern", "varies")

    def __init__(self, pattern: str, flags: int) -> None:
        tree = parse(pattern, flags)
        self._tree = tree
        self.pattern = pattern
        self.flags = tree.state.flags
        self.groups = tree.state.groups - 1
        self.groupindex = dict(tree.state.groupdict)
        self.varies = tree.getwidth()[1] > 0  # whether a match may be longer than nothing
        self._engines: dict[bool, tuple[_Engine | None, bool]] = {}
        self._program: tuple[Step, ...] | None = None
        if self.engine("") is None:
            self.program()  # so that a pattern that is too large is told here

    def __repr__(self) -> str:
        names = [name for flag, name in _FLAGS if self.flags & flag]
        text = repr(self.pattern)
        return f"re.compile({text if len(text) <= 200 else text[:200]}{', ' if names else ''}{'|'.join(names)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and (self.pattern, self.flags) == (other.pattern, other.flags)

    def __hash__(self) -> int:
        return hash((self.pattern, self.flags))

    def engine(self, text: str) -> _Engine | None:
        """The linear-time engine, if it means the same as Python on this text."""
        simple = text.isascii()
        if simple not in self._engines:
            self._engines[simple] = _engine(self._tree, simple)
        engine, final_newline = self._engines[simple]
        return None if final_newline and text.endswith("\n") else engine

    def program(self) -> tuple[Step, ...]:
        """The pattern for the second engine."""
        if self._program is None:
            self._program = Compiler().program(self._tree.data, self.flags)
        return self._program

    def one(self, kind: str, text: str, pos: int, endpos: int, tick: Tick) -> Match | None:
        """`search`, `match` or `fullmatch`."""
        start, end = _bounds(text, pos, endpos)
        if start > end:
            return None
        if kind == "search":
            return next(self.all(text, pos, endpos, tick), None)
        subject = text[:end]  # to a pattern, the text ends there
        engine = self.engine(subject)
        if engine is None:
            machine = Machine(self.program(), self.groups, subject, end, tick)
            spans = machine.run(start, anchored=True, whole=kind == "fullmatch")
        else:
            spans = self.quick(engine, kind, subject, start, tick)
        return None if spans is None else Match(self, text, spans, start, end)

    def quick(self, engine: _Engine, kind: str, subject: str, start: int, tick: Tick) -> Spans | None:
        _affordable(engine, subject, tick)
        data = subject.encode()
        find = engine.match if kind == "match" else engine.fullmatch
        found = find(data, len(subject[:start].encode()), len(data))
        return None if found is None else self.spans(found, subject, _Offsets(data))

    def all(self, text: str, pos: int, endpos: int, tick: Tick) -> Iterator[Match]:
        """The matches that do not overlap, from left to right."""
        start, end = _bounds(text, pos, endpos)
        if start > end:
            return
        subject = text[:end]
        engine = self.engine(subject)
        if engine is None:
            found = self.slowly(subject, start, tick)
        else:
            _affordable(engine, subject, tick)
            found = self.quickly(engine, subject, start, tick)
        for spans in found:
            yield Match(self, text, spans, start, end)

    def quickly(self, engine: _Engine, subject: str, start: int, tick: Tick) -> Iterator[Spans]:
        data = subject.encode()
        offsets = _Offsets(data)
        machine: Machine | None = None
        place = len(subject[:start].encode())
        while place <= len(data):
            tick(1)
            found = engine.search(data, place, len(data))
            if found is None:
                return
            spans = self.spans(found, subject, offsets)
            yield spans
            place = found.span(0)[1]
            if spans[0] < spans[1]:
                continue
            longer: Spans | None = None
            if self.varies:
                # After an empty match Python looks for one at the same place that is not empty.
                machine = (
                    Machine(self.program(), self.groups, subject, len(subject), tick) if machine is None else machine
                )
                longer = machine.run(spans[1], anchored=True, nonempty=True)
            if longer is None:
                place += _width(data, place)
            else:
                yield longer
                place += len(subject[longer[0] : longer[1]].encode())

    def slowly(self, subject: str, start: int, tick: Tick) -> Iterator[Spans]:
        machine = Machine(self.program(), self.groups, subject, len(subject), tick)
        position, nonempty = start, False
        while position <= len(subject):
            spans = machine.run(position, nonempty=nonempty)
            if spans is None:
                return
            yield spans
            position, nonempty = spans[1], spans[0] == spans[1]

    def spans(self, found: _Found, subject: str, offsets: _Offsets) -> Spans:
        """Where the groups are, in characters."""
        spans: list[int] = []
        for group in range(self.groups + 1):
            spans.extend(found.span(group))
        if len(offsets.text) != len(subject):
            spans = [place if place < 0 else offsets.chars(place) for place in spans]
        return tuple(spans)


def _width(data: bytes, place: int) -> int:
    """How many bytes the character at `place` has; 1 at the end."""
    first = data[place] if place < len(data) else 0
    return 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


def _bounds(text: str, pos: int, endpos: int) -> tuple[int, int]:
    return max(0, min(pos, len(text))), max(0, min(endpos, len(text)))


def _affordable(engine: _Engine, text: str, tick: Tick) -> None:
    if engine.programsize * len(text) > _MAX_WORK:
        raise LimitExceeded("size", "a text is too long for so large a pattern")
    tick(len(text) // 1024)


@lru_cache(maxsize=128)
def compiled(pattern: str, flags: int) -> Pattern:
    """The pattern. Raises PatternError if it is wrong, or needs more than linear time."""
    return Pattern(pattern, flags)


@final
class Match(Opaque):
    """A match: the text and where each group was found."""

    __slots__ = ("endpos", "pos", "re", "spans", "string")

    def __init__(self, pattern: Pattern, string: str, spans: Spans, pos: int, endpos: int) -> None:
        self.re = pattern
        self.string = string
        self.spans = spans
        self.pos = pos
        self.endpos = endpos

    def __repr__(self) -> str:
        shown = repr(self[0])
        shown = shown if len(shown) <= 50 else shown[:50]
        return f"<re.Match object; span={self.span()}, match={shown}>"

    def index(self, group: object) -> int:
        """The number of a group. IndexError as Python's."""
        number = self.re.groupindex.get(group) if isinstance(group, str) else group
        if not isinstance(number, int) or not 0 <= number <= self.re.groups:
            raise IndexError("no such group")
        return number

    def __getitem__(self, group: object) -> str | None:
        start, end = self.span(group)
        return None if start < 0 else self.string[start:end]

    def span(self, group: object = 0) -> tuple[int, int]:
        number = self.index(group)
        return self.spans[2 * number], self.spans[2 * number + 1]

    def start(self, group: object = 0) -> int:
        return self.span(group)[0]

    def end(self, group: object = 0) -> int:
        return self.span(group)[1]

    def group(self, *groups: object) -> str | tuple[str | None, ...] | None:
        if len(groups) > 1:
            return tuple(self[group] for group in groups)
        return self[groups[0] if groups else 0]

    def groups(self, default: object = None) -> tuple[object, ...]:
        return tuple(default if self[number] is None else self[number] for number in range(1, self.re.groups + 1))

    def groupdict(self, default: object = None) -> dict[str, object]:
        return {name: default if self[number] is None else self[number] for name, number in self.re.groupindex.items()}

    def lastindex(self) -> int | None:
        """The number of the last group that closed."""
        best, last = -1, None
        for number in range(1, self.re.groups + 1):
            if self.end(number) > best:
                best, last = self.end(number), number
        return last

    def lastgroup(self) -> str | None:
        """The name of the last group that closed, if it has one."""
        last = self.lastindex()
        return next((name for name, number in self.re.groupindex.items() if number == last), None)

    def expand(self, template: str) -> str:
        """`template` with its group references filled in."""
        return "".join(
            part if isinstance(part, str) else self[part] or "" for part in parse_template(template, self.re)
        )


_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\"}
_REFERENCE: Final = re.compile(r"\\(?:g<([^>]*)>|(0[0-7]{0,2}|[1-3][0-7]{2}|[1-9][0-9]?)|(.?))", re.S)


def parse_template(template: str, pattern: Pattern) -> list[str | int]:
    r"""A replacement as texts and group numbers. PatternError for an unknown group or escape, as Python."""
    made: list[str | int] = []
    position = 0
    for found in _REFERENCE.finditer(template):
        made.append(template[position : found.start()])
        position = found.end()
        name, digits, letter = found.groups()
        if name is not None:
            made.append(_group_number(name, pattern))
        elif digits is not None:
            octal = digits.startswith("0") or len(digits) == 3
            made.append(chr(int(digits, 8) & 0o377) if octal else _group_number(digits, pattern))
        elif letter in _ESCAPES:
            made.append(_ESCAPES[letter])
        elif letter == "" or (letter.isascii() and letter.isalnum()):
            raise PatternError(f"bad escape \\{letter} at position {found.start()}")
        else:
            made.append(f"\\{letter}")
    made.append(template[position:])
    return [part for part in made if part != ""]


def _group_number(name: str, pattern: Pattern) -> int:
    if name.isdecimal() and name.isascii():
        if int(name) > pattern.groups:
            raise PatternError(f"invalid group reference {name}")
        return int(name)
    if not name.isidentifier():
        raise PatternError("missing group name" if not name else f"bad character in group name {name!r}")
    if name not in pattern.groupindex:
        raise IndexError(f"unknown group name {name!r}")
    return pattern.groupindex[name]
