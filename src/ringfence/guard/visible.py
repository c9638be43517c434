"""Untrusted text, made visible: what a person reads before saying yes.

Its one rule: a text cannot pretend to be anything but text. Whatever does not print as itself (controls, direction
marks, tags, zero-width and blank look-alikes, piled-up accents) is shown as its code point, and so are letters that
pass for others (guard/lookalikes.py). Every line starts with a bar, and lines are broken here, before a terminal breaks
them without the bar; the rest of a broken line has a bar of its own kind, so that no text looks like another. What is
left out stands on a line without a bar, which no text can write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from ringfence.guard.lookalikes import passing_for_others

BAR: Final = "│ "
CONTINUED: Final = "┊ "  # the line before goes on
WIDTH: Final = 96
MAX_LINES: Final = 60
_LAST_LINES: Final = 12
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MAX_ACCENTS: Final = 3
_MAX_RUN: Final = 6  # this many hidden characters in a row are shown one by one
# Default-ignorable or blank although their category says letter or mark (Unicode: Default_Ignorable_Code_Point).
_BLANK: Final = frozenset([0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810)])
_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))
_MARK: Final = re.compile(r"(⟨(?:U\+[0-9A-F]{4,6}|and [0-9,]+ more that do not print)⟩)")
_OWN: Final = frozenset("⟨⟩")  # what a code point stands in here


def visible(text: str) -> str:
    """The text on one line, with everything that does not print as itself shown as ⟨U+202E⟩."""
    return text if _prints_as_itself(text) else "".join(_pieces(text))


def _prints_as_itself(text: str) -> bool:
    """Whether nothing in the text needs a closer look: told by its characters, which are few, and then its words."""
    if text.isascii():
        return text.isprintable()
    return not any(map(_stands_out, frozenset(text))) and not passing_for_others(text)


def visible_again(text: str) -> str:
    """As `visible`, for a text that may have been made visible before: marks that stand there stay as they are.

    Only for what was: in any other text, who wrote it could have written the marks.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(part if number % 2 else visible(part) for number, part in enumerate(_MARK.split(text)))


def lines(text: str, width: int = WIDTH) -> list[str]:
    """The text as a person can trust to see it: lines of at most `width` columns, each after a bar.

    A line ends where every program ends it; what ends one in some programs only is shown as its code point.
    """
    made: list[str] = []
    for line in text.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        for number, piece in enumerate(_wrapped(line, width)):
            made.append((CONTINUED if number else BAR) + piece)
    return made


def folded(text: str, width: int = WIDTH, most: int = MAX_LINES) -> list[str]:
    """As `lines`, at most about `most` of them: runs of empty lines and what is in the middle are counted instead."""
    made = list(_without_empty(lines(text, width)))
    if len(made) <= most:
        return made
    head = most - _LAST_LINES
    left_out = made[head:-_LAST_LINES]
    return [*made[:head], f"... {len(left_out):,} more lines ...", *made[-_LAST_LINES:]]


def _without_empty(made: Sequence[str]) -> Iterator[str]:
    empty: list[str] = []
    for line in [*made, None]:
        if line is not None and not line[len(BAR) :].strip():
            empty.append(line[: len(BAR)])
            continue
        yield from empty if len(empty) <= 2 else [f"... {len(empty):,} empty lines ..."]
        empty.clear()
        if line is not None:
            yield line


def _pieces(text: str) -> Iterator[str]:
    accents = 0
    run: list[str] = []
    marked = passing_for_others(text)
    for place, character in enumerate(text):
        accents = accents + 1 if unicodedata.combining(character) else 0
        if accents > _MAX_ACCENTS or _is_hidden(character):
            run.append(character)
            continue
        yield from _run(run)
        yield _point(character) if place in marked or character in _OWN else character
    yield from _run(run)


def _run(run: list[str]) -> Iterator[str]:
    """The hidden characters that stood together; of many the first ones and how many there are."""
    shown = run if len(run) <= _MAX_RUN else run[:_MAX_RUN]
    yield from map(_point, shown)
    if len(run) > len(shown):
        # In pieces, so that a narrow line can be broken between them.
        yield from f"⟨and {len(run) - len(shown):,} more that do not print⟩"
    run.clear()


def _point(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


@lru_cache(maxsize=4096)
def _stands_out(character: str) -> bool:
    return _is_hidden(character) or character in _OWN or unicodedata.combining(character) > 0


def _is_hidden(character: str) -> bool:
    if " " <= character <= "~":
        return False
    point = ord(character)
    category = unicodedata.category(character)
    return category in _HIDDEN or category == "Zs" or point in _BLANK or any(point in span for span in _SELECTORS)


def _wrapped(line: str, width: int) -> Iterator[str]:
    piece: list[str] = []
    used = 0
    for shown in _pieces(line):
        columns = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in shown)
        if used + columns > width and piece:
            yield "".join(piece)
            piece, used = [], 0
        piece.append(shown)
        used += columns
    yield "".join(piece)
