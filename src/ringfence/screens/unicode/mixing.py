"""Words that mix alphabets whose letters look alike, and words wholly of look-alikes in lines of Latin letters.

Its one rule: a word that a language writes is no such word, whatever stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from ringfence.screens.patterns import Pattern
from ringfence.screens.unicode.beyond import ALIKE, BROKEN, OWN, Beyond
from ringfence.screens.unicode.confusables import FOLD, FOREIGN, LATIN_OF
from ringfence.screens.views import Piece, View

_WORD: Final = re.compile(r"[^\W\d_]+")
_MIXED: Final = re.compile(f"[A-Za-z][{FOREIGN}]|[{FOREIGN}][A-Za-z]")
_FOREIGN_WORD: Final = re.compile(
    rf"(?<=[A-Za-z] )[{FOREIGN}]{{2,}}(?: [{FOREIGN}]+)*(?![^\W\d_])|(?<![^\W\d_])[{FOREIGN}]{{2,}}(?= [A-Za-z]{{2}})"
)
_LATIN: Final = re.compile("[A-Za-z]")
# The letters that a word of look-alikes has most often beside it: with one of them it is part of a longer word.
_BESIDE: Final = "A-Za-z" + "".join(
    letter for letter in map(chr, (*range(0x370, 0x590), *range(0x13A0, 0x1400))) if _WORD.match(letter)
)
# In linear time: what each of the two patterns above finds, and a little more.
_MAYBE_MIXED: Final = Pattern(f"[A-Za-z][{FOREIGN}]|[{FOREIGN}][A-Za-z]", case=True)
_MAYBE_FOREIGN: Final = Pattern(
    f"[A-Za-z] [{FOREIGN}]{{2,}}(?:[^{_BESIDE}]|$)|(?:^|[^{_BESIDE}])[{FOREIGN}]{{2,}} [A-Za-z]{{2}}", case=True
)
_LONGEST_WORD: Final = 80

Span: TypeAlias = tuple[int, int]


def may_mix(text: str, there: Beyond) -> bool:
    """Whether there may be such words in a text or in a part of it."""
    if ALIKE not in there.classes or BROKEN in there.classes:
        return ALIKE in there.classes
    data = text.encode()
    return _MAYBE_MIXED.found_in(data) or _MAYBE_FOREIGN.found_in(data)


def mixed_words(text: str, there: Beyond) -> Iterator[Span]:
    """Words with Latin letters in which all others look like Latin ones, and words wholly of those in Latin lines."""
    if ALIKE not in there.classes:
        return
    data = None if BROKEN in there.classes else text.encode()
    if data is None or _MAYBE_MIXED.found_in(data):
        yield from _mixed(text)
    if data is None or _MAYBE_FOREIGN.found_in(data):
        yield from (word.span() for word in _FOREIGN_WORD.finditer(text) if _is_among_latin(text, word))


def _mixed(text: str) -> Iterator[Span]:
    done = -1
    for found in _MIXED.finditer(text):
        if found.start() < done:
            continue
        word = _word_around(text, found.start())
        if word is None or word.end() <= done:
            continue
        done = word.end()
        if all(letter in LATIN_OF or letter < "\u0370" for letter in word.group()):
            yield word.span()


def _word_around(text: str, place: int) -> re.Match[str] | None:
    low = place
    while low > 0 and place - low < _LONGEST_WORD and text[low - 1].isalpha():
        low -= 1
    return _WORD.match(text, low, low + 2 * _LONGEST_WORD)


def _is_among_latin(text: str, word: re.Match[str]) -> bool:
    around = text[max(0, word.start() - 60) : word.start()] + text[word.end() : word.end() + 60]
    letters = sum(character.isalpha() for character in around)
    return letters > 10 and len(_LATIN.findall(around)) > 0.8 * letters


def unmixed(view: View, words: list[Span]) -> View:
    """The view with words that mix alphabets in Latin letters."""
    pieces = [Piece(start, end, view.text[start:end].translate(FOLD)) for start, end in sorted(set(words))]
    return view.rewritten(pieces, "look-alikes") if pieces else view


def own_folded(view: View, there: Beyond) -> View:
    """The view with look-alikes that are no alphabet of their own (ᴀ, 🅰, ı) in Latin letters."""
    if OWN not in there.classes:
        return view
    text = view.text
    for letter in there.letters(OWN):
        text = text.replace(letter, LATIN_OF[letter])
    return view.same_length(text, "look-alikes") if text != view.text else view
