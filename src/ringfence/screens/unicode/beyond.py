"""What of a text is beyond ordinary ASCII: which classes of characters are in it, by one pass over these alone.

Its one rule: a class that is not among those found has no character in the text. Most texts hold a few quotation marks,
dashes and accents, and are done with after this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, final

from ringfence.screens.patterns import PatternSet
from ringfence.screens.unicode import tables
from ringfence.screens.unicode.confusables import FOREIGN, LATIN_OF

# Look-alikes that are no alphabet of their own (ᴀ, 🅰, ı).
OWN_LETTERS: Final = "".join(like for like in LATIN_OF if like not in FOREIGN)

# The classes. What each is for is said where it is used.
CONTROL, INVISIBLE, MARK, ALIKE, COMPATIBLE, DRESSED, WIDE, OWN = range(8)
INTO_LATIN, LATIN, EXTENDED, RARE_LATIN, CAPITAL, ACCENTED, SCRIPT = range(8, 15)
BROKEN: Final = 15  # halves of surrogate pairs, which no encoding has
_CLASSES: Final = {
    CONTROL: tables.CONTROLS,
    INVISIBLE: tables.INVISIBLE,
    MARK: tables.LOOSE_MARKS,
    ALIKE: FOREIGN,
    COMPATIBLE: tables.COMPATIBLE,
    DRESSED: tables.COMPATIBLE_LETTERS,
    WIDE: tables.WIDE_LETTERS,
    OWN: OWN_LETTERS,
    INTO_LATIN: tables.INTO_LATIN,
    LATIN: tables.LATIN,
    EXTENDED: tables.EXTENDED_LATIN,
    RARE_LATIN: tables.RARE_LATIN,
    CAPITAL: tables.LATIN_CAPITALS,
    ACCENTED: tables.ACCENTED,
    SCRIPT: tables.SCRIPTS_OF_WORDS,
}
_ALL: Final = frozenset((*_CLASSES, BROKEN))
_FINDER: Final = PatternSet([f"[{_CLASSES[number]}]" for number in sorted(_CLASSES)], case=True)
_CONTROL: Final = re.compile(rf"[{tables.CONTROLS}]")
_ORDINARY: Final = bytes(code for code in range(128) if _CONTROL.match(chr(code)) is None)
_SHORT: Final = 1_500  # so many bytes are taken apart into characters
_FEW: Final = 12  # so many characters are looked for one by one


@final
@dataclass(frozen=True, slots=True)
class Beyond:
    """The characters of a text that are no ordinary ASCII, in UTF-8, and the classes of which there are some.

    There may be some more than in the text.
    """

    rare: bytes = b""
    classes: frozenset[int] = frozenset()

    def without(self, number: int) -> Beyond:
        """The same where a class has gone from the text."""
        return Beyond(self.rare, self.classes - {number})

    def letters(self, number: int) -> frozenset[str]:
        """The characters of a class that may be in the text; where there is much that is beyond, all of the class."""
        members = members_of(number)
        if len(self.rare) > _SHORT:
            return members
        return members & frozenset(self.rare.decode("utf-8", "surrogatepass"))

    def runs(self, text: str, number: int) -> Iterable[tuple[int, int]]:
        """Where characters of a class stand one after the other, from left to right."""
        if number not in self.classes:
            return ()
        letters = self.letters(number)
        if len(letters) <= _FEW:
            return _joined(sorted(place for letter in letters for place in _places(text, letter)))
        return (found.span() for found in _pattern(number).finditer(text))


NOTHING: Final = Beyond()


def beyond(text: str) -> Beyond:
    """What of a text is beyond ordinary ASCII."""
    try:
        rare = text.encode().translate(None, _ORDINARY)
    except UnicodeEncodeError:
        return Beyond(text.encode("utf-8", "surrogatepass").translate(None, _ORDINARY), _ALL)
    return Beyond(rare, _FINDER.found(rare)) if rare else NOTHING


@cache
def members_of(number: int) -> frozenset[str]:
    """The characters of a class."""
    return frozenset(tables.members(_CLASSES[number]))


@cache
def _pattern(number: int) -> re.Pattern[str]:
    return re.compile(f"[{_CLASSES[number]}]+")


def _places(text: str, letter: str) -> Iterator[int]:
    place = text.find(letter)
    while place >= 0:
        yield place
        place = text.find(letter, place + 1)


def _joined(places: list[int]) -> Iterator[tuple[int, int]]:
    """Places that follow each other as runs."""
    start = end = -1
    for place in places:
        if place != end:
            if end >= 0:
                yield start, end
            start = place
        end = place + 1
    if end >= 0:
        yield start, end
