"""Patterns in linear time: one search for many patterns at once, and single ones for what the first found.

Its one rule: the time is linear in the text whatever the text is (RE2), and memory is bounded. Patterns ignore case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol, final

import re2

_MEMORY: Final = 64 << 20


def _options(case: bool) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.case_sensitive = case
    options.log_errors = False
    return options


@final
class Pattern:
    """One pattern. Compiled when it is first used."""

    __slots__ = ("_case", "_made", "_of_bytes", "text")

    def __init__(self, text: str, *, case: bool = False) -> None:
        self.text = text
        self._case = case
        self._made: Any = None
        self._of_bytes: Any = None

    def spans(self, text: str, start: int = 0) -> Iterator[tuple[int, int]]:
        """The places where it matches, from left to right."""
        for found in self._compiled().finditer(text, start):
            yield found.span()

    def texts(self, text: str) -> list[str]:
        """What it matches, from left to right. It has no groups."""
        found: list[str] = self._compiled().findall(text)
        return found

    def found(self, text: str) -> bool:
        """Whether it matches anywhere."""
        return self._compiled().search(text) is not None

    def found_in(self, data: bytes) -> bool:
        """Whether it matches anywhere in a text that is given in UTF-8."""
        return self._compiled_for_bytes().search(data) is not None

    def starts_in(self, data: bytes) -> Iterator[int]:
        """All places where a match begins in such a text, also within another match."""
        search = self._compiled_for_bytes().search
        found = search(data)
        while found is not None:
            place = found.start()
            yield place
            found = search(data, place + 1)

    def _compiled(self) -> Any:
        if self._made is None:
            self._made = re2.compile(self.text, _options(self._case))
        return self._made

    def _compiled_for_bytes(self) -> Any:
        if self._of_bytes is None:
            self._of_bytes = re2.compile(self.text.encode(), _options(self._case))
        return self._of_bytes


@final
class PatternSet:
    """Many patterns; one pass over a text says which of them are in it, but not where."""

    def __init__(self, texts: Sequence[str], *, case: bool = False) -> None:
        self._texts = tuple(texts)
        self._case = case
        self._made: Any = None

    def found(self, text: str | bytes) -> frozenset[int]:
        """The numbers of the patterns that are in the text."""
        if self._made is None:
            self._made = self._compiled()
        return frozenset(_numbers(self._made.Match(text)))

    def _compiled(self) -> Any:
        made = re2.Set.SearchSet(_options(self._case))
        for one in self._texts:
            made.Add(one)
        made.Compile()
        return made


class Finder(Protocol):
    """Looks for a pattern in a text of ASCII, from a place up to an end; what is beyond is still seen as beside it."""

    def __call__(self, text: bytes, start: int, end: int, *, here: bool = False) -> tuple[int, int]:
        """Where it is found first, or (-1, -1). `here`: it has to begin at the start."""


def finder(pattern: str, *, case: bool = False, longest: bool = False) -> Finder:
    """A finder. `longest`: the longest of the first matches, else the one that is written first."""
    made = _of_ascii(pattern, case, longest)
    return _direct(made) or _wrapped(made)


def ending(pattern: str) -> Callable[[bytes, int], int]:
    """Says where the longest match that begins at a place of a text of ASCII ends; -1 if there is none."""
    made = _of_ascii(pattern, case=False, longest=True)
    return _direct_ending(made) or _wrapped_ending(made)


def slow_ending(pattern: str) -> Callable[[bytes, int], int]:
    """The same by match objects: what `ending` answers with where the engine does not show what it needs."""
    return _wrapped_ending(_of_ascii(pattern, case=False, longest=True))


def slow_finder(pattern: str) -> Finder:
    """A finder by match objects: what `finder` answers with where the engine does not show what it needs."""
    return _wrapped(_of_ascii(pattern, case=False, longest=False))


def _of_ascii(pattern: str, case: bool, longest: bool) -> Any:
    options = _options(case)
    options.longest_match = longest
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(pattern.encode("latin-1"), options)


def _engine(made: Any) -> Any:
    """The engine without what makes match objects, which takes longer than to look at a line; None if it hides that."""
    try:
        match = made._regexp.Match
        return match if match(re2._Anchor.UNANCHORED, b"", 0, 0)[0] in ((0, 0), (-1, -1)) else None
    except (AttributeError, TypeError):
        return None


def _direct(made: Any) -> Finder | None:
    match = _engine(made)
    if match is None:
        return None
    start_only, anywhere = re2._Anchor.ANCHOR_START, re2._Anchor.UNANCHORED

    def find(text: bytes, start: int, end: int, *, here: bool = False) -> tuple[int, int]:
        found: tuple[int, int] = match(start_only if here else anywhere, text, start, end)[0]
        return found

    return find


def _wrapped(made: Any) -> Finder:
    def find(text: bytes, start: int, end: int, *, here: bool = False) -> tuple[int, int]:
        found = (made.match if here else made.search)(text, start, end)
        return (-1, -1) if found is None else found.span()

    return find


def _direct_ending(made: Any) -> Callable[[bytes, int], int] | None:
    match = _engine(made)
    if match is None:
        return None
    start_only = re2._Anchor.ANCHOR_START

    def end(text: bytes, place: int) -> int:
        found: int = match(start_only, text, place, len(text))[0][1]
        return found

    return end


def _wrapped_ending(made: Any) -> Callable[[bytes, int], int]:
    def end(text: bytes, place: int) -> int:
        found = made.match(text, place)
        return -1 if found is None else found.end()

    return end


def literal(text: str) -> str:
    """The pattern for exactly this text."""
    return str(re2.escape(text))


def _numbers(found: Iterable[int] | None) -> Iterable[int]:
    return () if found is None else found
