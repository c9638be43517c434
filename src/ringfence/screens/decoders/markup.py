"""Markup inside of words: tags and comments, and the marks of Markdown.

Its one rule: see the package. Of marks, which programs are full of, only those go that make a word that somebody looks
for, with those that stand near them: what they leave otherwise no rule would find, and no other decoder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from ringfence.screens.decoders import places
from ringfence.screens.decoders.decoder import Decoder
from ringfence.screens.decoders.shifts import SHIFTS
from ringfence.screens.patterns import finder
from ringfence.screens.rules import RULES
from ringfence.screens.rules.rule import needs
from ringfence.screens.views import Piece
from ringfence.screens.words import is_word

_INLINE: Final = (
    r"<(?:span|b|i|font)\b[^<>\n]{0,100}(?:font-size\s*:\s*0|display\s*:\s*none)[^<>\n]{0,100}>[^<>\n]{0,60}</\w+>|"
    r"</?(?:b|i|u|s|em|strong|span|font|a|wbr|small|code|mark|sub|sup|tt|big)\b[^<>\n]{0,200}>|<!--[^<>]{0,200}-->"
)
_MARKUP: Final = re.compile(rf"(?:{_INLINE})+|(?<=[\w/<(\[\"'@#$-])(?:\*\*|__|~~|``|\\)+(?=\w)", re.IGNORECASE)
_FIND_MARKUP: Final = finder(
    r"</?(?:b|i|u|s|em|strong|span|font|a|wbr|small|code|mark|sub|sup|tt|big)\b[^<>\n]*>|<!--[^<>]*-->"
    r"|(?:\*\*|__|~~|``|\\)[*_~`\\]*[\w?]"
)
_NEAR: Final = 160  # characters between marks of one text
_LONG: Final = 16  # letters and digits, from which on they may be a code
_BEGINNING: Final = 5
_BEFORE: Final = re.compile(r"[^\W_]{0,40}\Z")
_AFTER: Final = re.compile(r"[^\W_]{0,40}")
_LEFT: Final = 40


def _pieces(text: str) -> Iterator[Piece]:
    """Nothing in the place of markup."""
    group: list[Piece] = []
    for found in places.starts(_FIND_MARKUP, _MARKUP, text):
        piece = Piece(*found.span(), "")
        if group and piece.start - group[-1].end > _NEAR:
            yield from _telling(text, group)
            group = []
        group.append(piece)
    yield from _telling(text, group)


def _telling(text: str, group: list[Piece]) -> Sequence[Piece]:
    """The pieces that stand near each other, if one of them is a tag or makes a word."""
    if any(text[piece.start] == "<" for piece in group):
        return group
    first = 0
    for number, piece in enumerate(group):
        joins_next = number + 1 < len(group) and text[piece.end : group[number + 1].start].isalnum()
        if not joins_next:
            if _makes_word(text, group[first : number + 1]):
                return group
            first = number + 1
    return ()


def _makes_word(text: str, run: Sequence[Piece]) -> bool:
    """Whether marks in one run of letters and digits make a word of it, or uncover one behind a sign."""
    start, end = run[0].start, run[-1].end
    before, after = _before(text, start), _AFTER.match(text, end)
    inside = "".join(text[one.end : other.start] for one, other in zip(run, run[1:], strict=False))
    word = f"{before}{inside}{after.group() if after is not None else ''}".lower()
    if not word.isascii() or len(word) >= _LONG or word[:_BEGINNING] in _looked_for():
        return True
    if not before:
        return False
    return is_word(word) if word.isalpha() else not before.isdigit()


def _before(text: str, place: int) -> str:
    found = _BEFORE.search(text[max(0, place - _LEFT) : place])
    return "" if found is None else found.group()


@cache
def _looked_for() -> frozenset[str]:
    """The beginnings of the words that rules need, and of those by which shifted and reversed texts are known."""
    groups = (group for rule in RULES for group in needs(rule.words).groups)
    coded = (group for one in SHIFTS for group in needs(one.words).groups)
    return frozenset(word[:_BEGINNING] for group in (*groups, *coded) for word in group)


MARKUP: Final = Decoder("markup", rf"{_INLINE}|\w(?:\*\*|__|~~|``)\w", _pieces)
