"""What a decoder is. See the package."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, final

from ringfence.screens.decoders import places
from ringfence.screens.patterns import Finder
from ringfence.screens.readable import may_begin, text_of
from ringfence.screens.views import Piece

_LINE: Final = re.compile(r"[^\n]+")
_LONGEST_LINE: Final = 2_000


@final
@dataclass(frozen=True, slots=True)
class Decoder:
    """It looks closer where its `trigger` matches or one of its `words`, divided by bars, is found."""

    name: str
    trigger: str
    pieces: Callable[[str], Iterable[Piece]]
    words: str = ""


def replacing(
    pattern: re.Pattern[str],
    decoded: Callable[[str], str | None],
    find: Finder | None = None,
    at: Callable[[Finder, re.Pattern[str], str], Iterator[re.Match[str]]] = places.starts,
) -> Callable[[str], Iterator[Piece]]:
    """Pieces for each match of a pattern that can be decoded. `find` finds where to look `at` (see `places`)."""

    def pieces(text: str) -> Iterator[Piece]:
        for found in pattern.finditer(text) if find is None else at(find, pattern, text):
            made = decoded(found.group())
            if made is not None and made != found.group():
                yield Piece(found.start(), found.end(), made)

    return pieces


def quoted(readings: Callable[[str], Iterator[bytes]]) -> Callable[[str], str | None]:
    """The text in a run that stands for bytes, in the first reading that is text, with spaces on each side.

    Two of them: a quotation mark before the run does not make a quotation of what was hidden in it.
    """

    def decoded(run: str) -> str | None:
        for data in readings(run):
            text = text_of(data)
            if text is not None:
                return f"  {text}  "
        return None

    return decoded


def tried(read: Callable[[str], bytes], run: str) -> bytes:
    """The bytes that a run stands for; none if it does not follow the form."""
    try:
        return read(run)
    except (ValueError, KeyError, OverflowError):  # binascii.Error is a ValueError
        return b""


def begun(read: Callable[[str], bytes], run: str, head: int) -> bytes:
    """The same, but also none if the first `head` of its signs, which stand for bytes by themselves, begin no text."""
    first = tried(read, run[:head])
    return tried(read, run) if first and may_begin(first) else b""


def lines(text: str, low: int = 0, high: int | None = None) -> Iterator[tuple[int, int]]:
    """The lines of a block or of a part of it, long ones in parts."""
    for line in _LINE.finditer(text, low, len(text) if high is None else high):
        for start in range(line.start(), line.end(), _LONGEST_LINE):
            yield start, min(start + _LONGEST_LINE, line.end())
