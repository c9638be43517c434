"""Untrusted text, made visible: what a person reads before saying yes.

Its one rule: a text cannot pretend to be anything but text. Whatever does not print as itself (controls, direction
marks, zero-width and blank look-alikes, piled-up accents) is shown as its code point, every line starts with a bar,
and lines are broken here, before a terminal breaks them without the bar.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

BAR: Final = "│ "
WIDTH: Final = 96
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MAX_ACCENTS: Final = 3
# Default-ignorable or blank although their category says letter or mark (Unicode: Default_Ignorable_Code_Point).
_BLANK: Final = frozenset([0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810)])
_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))


def visible(text: str) -> str:
    """The text on one line, with everything that does not print as itself shown as ⟨U+202E⟩."""
    return "".join(_pieces(text))


def lines(text: str, width: int = WIDTH) -> list[str]:
    """The text as a person can trust to see it: lines of at most `width` columns, each after a bar."""
    made: list[str] = []
    for line in text.splitlines() or [""]:
        made += [BAR + piece for piece in _wrapped(line, width)]
    return made


def _pieces(text: str) -> Iterator[str]:
    accents = 0
    for character in text:
        accents = accents + 1 if unicodedata.combining(character) else 0
        hidden = accents > _MAX_ACCENTS or _is_hidden(character)
        yield f"⟨U+{ord(character):04X}⟩" if hidden else character


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
