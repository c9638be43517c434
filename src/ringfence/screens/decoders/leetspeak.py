"""Leetspeak: digits and signs in the place of letters that look like them.

Its one rule: a line is leetspeak if several of its words become known words by it; then all of its words are read so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from ringfence.screens.decoders import places
from ringfence.screens.decoders.decoder import Decoder, lines
from ringfence.screens.patterns import finder
from ringfence.screens.views import Piece
from ringfence.screens.words import is_word

# The letters of a sign, the likeliest first.
_LETTERS: Final = {
    "0": "o",
    "1": "il",
    "2": "z",
    "3": "e",
    "4": "a",
    "5": "s",
    "6": "gb",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "!": "il",
    "|": "il",
    "€": "e",
    "+": "t",
    "£": "l",
    "¢": "c",
}
_SIGNS: Final = "0-9@$!|€+£¢"
_WORD: Final = re.compile(rf"[A-Za-z{_SIGNS}]{{1,24}}")
_ANY: Final = re.compile(rf"[A-Za-z][{_SIGNS}]|[{_SIGNS}][A-Za-z]")
_MIXED: Final = re.compile(rf"(?=[^A-Za-z]*[A-Za-z])[A-Za-z{_SIGNS}]*[{_SIGNS}][A-Za-z{_SIGNS}]*")
# A line with two of these. A question mark stands for the signs that are not of ASCII.
_FIND_TWO: Final = finder(r"(?:[a-z][0-9@$!|+?]|[0-9@$!|+?][a-z])[^\n]*?(?:[a-z][0-9@$!|+?]|[0-9@$!|+?][a-z])")
_DIGITS: Final = re.compile(r"[0134578]{1,9}")
_LONG_NUMBER: Final = re.compile(r"\d{7}")
_NUMBERED: Final = re.compile(r"\d+(?:st|nd|rd|th|[a-zA-Z]{1,2})|[A-Za-z]+\d+")  # 4th, 10kg, h2
_FEWEST, _SHARE = 2, 5
_MOST_READINGS: Final = 8


def _leet(text: str) -> Iterator[Piece]:
    for low, high in places.lines(_FIND_TWO, text):
        if len(_ANY.findall(text, low, high)) >= _FEWEST:
            for start, end in lines(text, low, high):
                yield from _leet_line(text, start, end)


def _leet_line(text: str, start: int, end: int) -> Iterator[Piece]:
    words = list(_WORD.finditer(text, start, end))
    mixed = [word for word in words if _MIXED.fullmatch(word.group()) is not None]
    read = {word.start(): _read(word.group()) for word in mixed}
    sure = sum(is_word(read[word.start()]) and _NUMBERED.fullmatch(word.group().rstrip("!")) is None for word in mixed)
    if sure >= _FEWEST and _SHARE * len(mixed) >= len(words):
        for word in words:
            made = read.get(word.start()) or _number(word.group(), text[word.start() - 1 : word.start()])
            if made != word.group():
                yield Piece(word.start(), word.end(), made)


def _read(word: str) -> str:
    """The reading that is a known word, or the likeliest; a mark at the end may be one."""
    ending = word[len(word.rstrip("!|+")) :]
    whole = list(_readings(word))
    bare = list(_readings(word.removesuffix(ending))) if ending else whole
    known = [one for one in whole if is_word(one)] or [one + ending for one in bare if is_word(one)]
    if not known and _LONG_NUMBER.search(word) is not None:
        return word
    if not known and "@" in word[1:-1]:  # an address
        return "@".join(_read(part) if part else part for part in word.split("@"))
    return known[0] if known else bare[0] + ending


def _readings(word: str) -> Iterator[str]:
    choices = [_LETTERS.get(sign, sign) for sign in word]
    for count, one in enumerate(product(*choices)):
        if count >= _MOST_READINGS:
            return
        yield "".join(one)


def _number(word: str, before: str) -> str:
    """A number that spells a word: 70, 15, 4; or the end of one: aren'7."""
    if before and before in "'’" and word in "57":
        return _LETTERS[word]
    if _DIGITS.fullmatch(word) is None:
        return word
    return next((one for one in _readings(word) if is_word(one)), word)


LEETSPEAK: Final = Decoder(
    "leetspeak",
    r"(?:[a-z][013457@$!|][a-z]|\b[013457@$][a-z]{2})[^\n]{0,30}(?:[a-z][013457@$!|][a-z0-9]|\b[013457@$][a-z]{2})",
    _leet,
)
