"""Where a key of a TOML text stands, so that a message can point at it: `ringfence.toml:12:9`, and a caret.

Its one rule: it only ever points. What a file means is decided by tomllib alone; a place that cannot be found is
None, and then a message names the key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, final

from ringfence.core.diagnostics import Span

Path: TypeAlias = "tuple[str, ...]"
_MAX_LINES: Final = 60  # of one value that spans several


@final
@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: lines and columns count from 1."""

    file: str
    line: int
    column: int
    excerpt: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@final
@dataclass(frozen=True, slots=True)
class Source:
    """A policy's text, and what it is called in messages."""

    file: str
    text: str

    def place(self, path: Path, span: Span | None = None) -> Place | None:
        """The place of a key; with `span`, of that part of the expression in its value."""
        lines = self.text.splitlines()
        found = dict(_assignments(lines)).get(path)
        if found is None:
            header = next((number for number, name in _headers(lines) if name == path), None)
            return None if header is None else self._at(lines, header, 1, len(lines[header - 1]))
        first, last = found
        if span is not None:
            inside = _inside(lines[first - 1 : last], self._value(path))
            if inside is not None and span.line == 1:
                line, column = first + inside[0], inside[1] + span.column
                wide = span.end_column - span.column if span.end_line == span.line else 1
                return self._at(lines, line, column, wide)
        column = len(lines[first - 1]) - len(lines[first - 1].lstrip()) + 1
        return self._at(lines, first, column, len(lines[first - 1].split("=")[0].strip()))

    def line_of(self, path: Path) -> str:
        """FILE:LINE of a key or table; FILE alone if it is not found."""
        found = self.place(path)
        return self.file if found is None else f"{found.file}:{found.line}"

    def _value(self, path: Path) -> str:
        try:
            found: object = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError:
            return ""
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, str) else ""

    def _at(self, lines: list[str], line: int, column: int, wide: int) -> Place:
        text = lines[line - 1].expandtabs(1)
        room = max(1, min(wide, len(text) + 1 - column))
        return Place(self.file, line, column, f"    {text}\n    {' ' * (column - 1)}{'^' * room}")


def _inside(lines: list[str], value: str) -> tuple[int, int] | None:
    """Line and column offset of an expression's text where it is written as it is, without escapes."""
    # The parser of expressions leaves out space around the text, so columns count from what follows it.
    wanted = value.strip()
    if not wanted or "\n" in wanted:
        return None
    for number, line in enumerate(lines):
        at = line.find(wanted, line.find("=") + 1 if number == 0 else 0)
        if at >= 0:
            return number, at
    return None


def _headers(lines: list[str]) -> Iterator[tuple[int, Path]]:
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("["):
            name = _header(line)
            if name is not None:
                yield number, name


def _header(line: str) -> Path | None:
    try:
        found: object = tomllib.loads(line)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return _only(found)


def _only(found: object) -> Path | None:
    """The path through tables of one key each."""
    path: list[str] = []
    while isinstance(found, Mapping) and len(found) == 1:
        name = next(iter(found))
        path.append(str(name))
        found = found[name]
    return tuple(path) if path else None


def _assignments(lines: list[str]) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Each assigned key with its first and last line, those of inline tables too."""
    table: Path | None = ()
    number = 0
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        if line.startswith("["):
            table = _header(line)
        elif line and not line.startswith("#") and table is not None:
            first = number
            found = _parsed(lines, first)
            if found is None:
                continue
            made, number = found
            yield from ((table + path, (first, number)) for path in _paths(made))


def _parsed(lines: list[str], first: int) -> tuple[Mapping[str, object], int] | None:
    """The assignment that begins in a line, and its last line."""
    for last in range(first, min(len(lines), first + _MAX_LINES) + 1):
        try:
            return tomllib.loads("\n".join(lines[first - 1 : last])), last
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
    return None


def _paths(found: Mapping[str, object]) -> Iterator[Path]:
    for name, value in found.items():
        yield (name,)
        if isinstance(value, Mapping):
            yield from ((name, *rest) for rest in _paths(value))
