"""Classes of code points, written as the inside of a character class of `re`.

Its one rule: these are sets, and say nothing of what is done about them. DEFAULT_IGNORABLE follows the property
Default_Ignorable_Code_Point of Unicode 16 (4,174 code points), assigned or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

SOFT_HYPHEN: Final = "\u00ad"
ZERO_WIDTH: Final = "\u200b-\u200d\u2060\ufeff\u180e"
BIDI_MARKS: Final = "\u200e\u200f\u061c"
BIDI_EMBEDDINGS: Final = "\u202a-\u202c\u2066-\u2069"
BIDI_OVERRIDES: Final = "\u202d\u202e"
TAGS: Final = "\U000e0000-\U000e007f"
SELECTORS: Final = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
MONGOLIAN_SELECTORS: Final = "\u180b-\u180d\u180f"
OTHER_INVISIBLE: Final = (
    "\u034f\u115f\u1160\u17b4\u17b5\u2061-\u2065\u206a-\u206f\u3164\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
INVISIBLE: Final = (
    SOFT_HYPHEN
    + ZERO_WIDTH
    + BIDI_MARKS
    + BIDI_EMBEDDINGS
    + BIDI_OVERRIDES
    + TAGS
    + SELECTORS
    + MONGOLIAN_SELECTORS
    + OTHER_INVISIBLE
)
# Controls without tab, newline, form feed and carriage return; U+0085 is a newline. Escape begins what terminals obey.
CONTROLS: Final = "\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f"
SURROGATES: Final = "\ud800-\udfff"
# Marks that may be put on any letter. Marks that belong to a script (Thai, Arabic, Hebrew, Indic) are not here.
LOOSE_MARKS: Final = "\u0300-\u034e\u0350-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"

RIGHT_TO_LEFT: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
# Scripts in whose words U+200C and U+200D have a meaning.
JOINING: Final = (
    "\u0600-\u06ff\u0700-\u07ff\u0840-\u085f\u08a0-\u08ff\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"
    "\u1800-\u18af\u1900-\u194f\ua840-\ua87f\ua8e0-\ua8ff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00010a5f\U00011000-\U00011fff"
)
# Scripts that are written without spaces, where U+200B marks a word's end.
SPACELESS: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
HAN: Final = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# What emoji are made of: a superset of the property Extended_Pictographic, keycaps and skin tones.
EMOJI: Final = (
    "0-9#*\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
PICTURES: Final = (
    "\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
)
BLACK_FLAG: Final = "\U0001f3f4"
# The flags by tag characters that Unicode recommends for interchange: England, Scotland, Wales.
TAG_FLAGS: Final = frozenset({"gbeng", "gbsct", "gbwls"})
# Spaces that NFKC makes plain, each one for itself.
COMPATIBLE_SPACES: Final = "\u2000-\u200a\u202f\u205f\u3000\u00a0"
# Letters and digits in another dress, which NFKC makes plain. Punctuation of wide scripts is not among them.
WIDE_LETTERS: Final = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
COMPATIBLE_LETTERS: Final = (
    "\u00aa\u00b2\u00b3\u00b9\u00ba\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d6a\u1d78\u1d9b-\u1dbf\u2070-\u209c\u2100-\u214f\u2160-\u217f"
    "\u2460-\u24ea\u2c7c\u2c7d\ua69c\ua69d\ua770\ua7f8\ua7f9\uab5c-\uab5f\ufb00-\ufb06"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001f12e\U0001fbf0-\U0001fbf9"
) + WIDE_LETTERS
COMPATIBLE: Final = COMPATIBLE_LETTERS + COMPATIBLE_SPACES
REGIONAL: Final = "\U0001f1e6-\U0001f1ff"

# Letters of Latin words beyond ASCII, in either case; those beyond Latin-1; and those that are in hardly a word of
# today's languages, which are looked up slowly (see `unicode.letters`), with two whose small forms are among them.
LATIN: Final = "\u00c0-\u00d6\u00d8-\u024f"
EXTENDED_LATIN: Final = "\u0100-\u024f"
RARE_LATIN: Final = "\u0180-\u0217\u021c-\u024f\u2c7e\u2c7f"
LATIN_CAPITALS: Final = "".join(filter(str.isupper, map(chr, (*range(0x100, 0x180), *range(0x218, 0x21C)))))
# What is, or begins with, a letter of ASCII or of LATIN when case is ignored, and is none or becomes two.
INTO_LATIN: Final = "\u00df\u0130\u0149\u017f\u01f0\u1e96-\u1e9a\u1e9e\u212a\u212b\u2c7e\u2c7f\ufb00-\ufb06"
# Letters of the words of rules: what is not of ASCII in those of Latin letters with a space, and the other scripts.
ACCENTED: Final = "\u00e0\u00c0\u00e3\u00c3\u015b\u015a\u00ea\u00ca\u015f\u015e\u00f6\u00d6"
SCRIPTS_OF_WORDS: Final = (
    "\u1ecf\u1ece\u0400-\u052f\u0600-\u06ff\u0900-\u097f\u1c80-\u1c8f"
    "\u3040-\u30ff\u4e00-\u9fff\ua640-\ua69b\uac00-\ud7af"
)


def members(characters: str) -> Iterator[str]:
    """The characters of a class."""
    for first, last in re.findall("(?s)(.)(?:-(.))?", characters):
        yield from map(chr, range(ord(first), ord(last or first) + 1))


def one_of(characters: str) -> re.Pattern[str]:
    """A pattern for one character of a class."""
    return re.compile(f"[{characters}]")
