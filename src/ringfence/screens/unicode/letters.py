"""Latin letters and digits of a text in lower case, with a space for everything else: what its words are.

Its one rule: it answers as ignoring case by Unicode would (`str.casefold`), or, where it cannot, not at all.
"""

from __future__ import annotations

import codecs
from typing import Final

from ringfence.screens.unicode import tables
from ringfence.screens.unicode.beyond import CAPITAL, EXTENDED, INTO_LATIN, RARE_LATIN, Beyond

# ASCII, and in the place of the other bytes Latin letters: those of Latin-1, and of its neighbours in lower case alone.
_LETTERS: Final = [letter for letter in map(chr, range(0xC0, 0x100)) if letter not in "\u00d7\u00df"]
_SMALL: Final = [
    letter
    for letter in tables.members("\u0100-\u017f\u0219\u021b")
    if letter.islower() and letter not in "\u0149\u017f"
]
_BYTES: Final = "".join([*map(chr, range(128)), *_LETTERS, *_SMALL]).ljust(256, "\ufffe")
_IN_BYTES: Final = codecs.charmap_build(_BYTES)
_LOWERED: Final = "".join(
    letter.lower() if letter != "\ufffe" and (letter.isalnum() or letter > "\x7f") else " " for letter in _BYTES
)
# The same for texts of Latin-1 alone.
_LATIN_1: Final = bytes(
    ord(letter.lower()) if (letter.isalnum() if letter.isascii() else letter in _LETTERS) else ord(" ")
    for letter in map(chr, range(256))
)


def folded(text: str, there: Beyond) -> str:
    """The text with letters that are two letters, or one of ASCII, when case is ignored (ß, İ, ﬁ) as these."""
    if INTO_LATIN in there.classes:
        for letter in there.letters(INTO_LATIN):
            text = text.replace(letter, letter.casefold())
    return text


def latin_words(text: str, there: Beyond) -> str | None:
    """The letters and digits of a text that is folded, with spaces between; None if some are not known here.

    `there`: what of the text is beyond ordinary ASCII, or of that before it was folded.
    """
    if RARE_LATIN in there.classes:
        return None
    if EXTENDED not in there.classes:
        return text.encode("latin-1", "replace").translate(_LATIN_1).decode("latin-1")
    if CAPITAL in there.classes:
        text = text.lower()
    encoded, _ = codecs.charmap_encode(text, "replace", _IN_BYTES)
    return codecs.charmap_decode(encoded, "strict", _LOWERED)[0]
