"""Markup inside of words: tags and comments, and the marks of Markdown.

Its one rule: see the package. Marks as programs have them, names between underscores, escapes and powers of numbers,
stay where nothing else is near: what is left without them no rule looks for, and no decoder.
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
# What stands before the marks of programs: a quotation mark or a bracket; a number behind a sign of arithmetic.
_OPENS: Final = frozenset("\"'([")
_POWER: Final = re.compile(r"(?:[*(,\[]|[*%/+=<>,-] )\d{1,4}\*\*[a-z]\w{0,30}(?!\w)", re.IGNORECASE)
_FAR: Final = 6
_AFTER: Final = re.compile(r"[^\W_]*")


def _pieces(text: str) -> Iterator[Piece]:
    """Nothing in the place of markup."""
    group: list[Piece] = []
    for found in places.starts(_FIND_MARKUP, _MARKUP, text):
        piece = Piece(*found.span(), "")
        if group and piece.start - group[-1].end > _NEAR:
            yield from _hiding(text, group)
            group = []
        group.append(piece)
    yield from _hiding(text, group)


def _hiding(text: str, group: list[Piece]) -> Sequence[Piece]:
    """The pieces that stand near each other, if not all of them are marks of a program."""
    return () if all(_is_of_program(text, piece) for piece in group) else group


def _is_of_program(text: str, piece: Piece) -> bool:
    mark, before = text[piece.start : piece.end], text[piece.start - 1]
    if before in _OPENS and mark in ("__", "\\"):
        word = _AFTER.match(text, piece.end)
        return word is not None and _is_indifferent(word.group())
    return mark == "**" and before.isdigit() and _is_power(text, piece.start)


def _is_indifferent(word: str) -> bool:
    """Whether nobody looks for a word."""
    return word.isascii() and len(word) < _LONG and word[:_BEGINNING].lower() not in _looked_for()


def _is_power(text: str, place: int) -> bool:
    found = _POWER.search(text, max(0, place - _FAR), place + 2 + _LONG)
    return found is not None and found.start() < place < found.end()


@cache
def _looked_for() -> frozenset[str]:
    """The beginnings of the words that rules need, and of those by which shifted and reversed texts are known."""
    groups = (group for rule in RULES for group in needs(rule.words).groups)
    coded = (group for one in SHIFTS for group in needs(one.words).groups)
    return frozenset(word[:_BEGINNING] for group in (*groups, *coded) for word in group)


MARKUP: Final = Decoder("markup", rf"{_INLINE}|\w(?:\*\*|__|~~|``)\w", _pieces)
