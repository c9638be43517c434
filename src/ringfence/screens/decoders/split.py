"""Words taken apart: spaced letters, hyphens, markup inside words, pieces of text that a program would join.

Its one rule: see the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ringfence.screens.decoders.decoder import Decoder, replacing
from ringfence.screens.views import Piece
from ringfence.screens.words import in_words, is_word

_SEPARATORS: Final = r"[ \t.\-_*|/·•,~+=^:]"
_SPACED: Final = re.compile(rf"(?<![^\W_])[^\W_](?:{_SEPARATORS}{{1,8}}[^\W_]){{4,}}(?![^\W_])")
_WIDE: Final = re.compile(rf"[ \t]{{2,}}|{_SEPARATORS}{{3,}}|[ \t]*[/|][ \t]*")
_ONE: Final = re.compile(_SEPARATORS)


def _joined(run: str) -> str | None:
    """The letters as words: apart where the gaps are wider, else where known words begin."""
    parts = [_ONE.sub("", part) for part in _WIDE.split(run)]
    if len(parts) > 1 and max(map(len, parts)) > 1:
        return " ".join(parts)
    return in_words("".join(parts))


_INLINE: Final = (
    r"</?(?:b|i|u|s|em|strong|span|font|a|wbr|small|code|mark|sub|sup|tt|big)\b[^<>\n]{0,200}>|<!--[^<>]{0,200}-->"
)
_MARKUP: Final = re.compile(rf"(?:{_INLINE})+|(?<=\w)(?:\*\*|__|~~|``|\\)+(?=\w)", re.IGNORECASE)
_CONCATENATED: Final = re.compile(r"""(?<=\w|\s)["'`]\s*(?:\+|\.|&|\|\|)\s*["'`](?=\w|\s)""")
_HYPHENS: Final = re.compile(r"(?<!\w)[A-Za-z]+(?:[-‐‑·.*_|~^](?:\r?\n)?[A-Za-z]+)+(?!\w)")
_NO_LETTER: Final = re.compile(r"[^A-Za-z]+")


def _nothing(text: str) -> str:
    return ""


def _hyphens(text: str) -> Iterator[Piece]:
    """Words that are taken apart in the middle: what is left without the marks is a known word."""
    for found in _HYPHENS.finditer(text):
        joined = _NO_LETTER.sub("", found.group())
        if is_word(joined):
            yield Piece(found.start(), found.end(), joined)


def _glued(text: str) -> Iterator[Piece]:
    """Long runs of letters without a space, if they are words."""
    for found in _GLUED.finditer(text):
        made = in_words(found.group())
        if made is not None and made != found.group():
            yield Piece(found.start(), found.end(), made)


_GLUED: Final = re.compile(r"(?<![\w/])[A-Za-z]{20,400}(?![\w/])")

SPLITS: Final = (
    Decoder("spaced", rf"(?:\b\w{_SEPARATORS}{{1,8}}){{4}}\w\b", replacing(_SPACED, _joined)),
    Decoder("glued", r"[a-z]{20}", _glued),
    Decoder("markup", rf"{_INLINE}|\w(?:\*\*|__|~~|``)\w", replacing(_MARKUP, _nothing)),
    Decoder("concatenation", r"""["'`]\s*(?:\+|\.|&|\|\|)\s*["'`]""", replacing(_CONCATENATED, _nothing)),
    Decoder(
        "hyphens",
        r"[a-z][-‐‑·*|~^][a-z]{1,9}[^\n]{0,30}[a-z][-‐‑·*|~^][a-z]|[a-z][._][a-z]{1,7}[._][a-z]{1,7} [a-z]",
        _hyphens,
    ),
)
