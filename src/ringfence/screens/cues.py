"""Which rules may match a text, found in one pass over it.

A cue of a rule is a pattern, or one of several, of which every match of the rule holds one: a few words that follow
each other, or signs such as `</data>`. Beside a cue are checks, patterns that every match holds within so many
characters of it. Cues are known by texts that they begin with: all of these are searched for at once. All of it was
derived from the pattern of the rule by `training/cues.py`, with its digest: a rule that has changed since has none.

Its one rule: a rule that matches a text is among those that are answered. What is not known is answered too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import count
from typing import Any, Final, final

from ringfence.screens.literals import OTHER, Found, Literals
from ringfence.screens.patterns import Finder, ending, finder
from ringfence.screens.rules import RULES, Rule

_MOST_PLACES: Final = 24
_ALNUM: Final = b"abcdefghijklmnopqrstuvwxyz0123456789"
_TO_WORDS: Final = bytes(code if (code := bytes([point]).lower()[0]) in _ALNUM else 0x20 for point in range(256))
# All digits are searched for as one: with no more than 32 signs the table of the search is half as large.
_ONE_DIGIT: Final = str.maketrans("123456789", "0" * 9)
_TO_SEARCH: Final = bytes(ord(chr(code).translate(_ONE_DIGIT)) for code in _TO_WORDS)
_SWAPPED: Final = bytes.maketrans(b"?\x1a", b"\x1a?")


def digest(pattern: str) -> str:
    """What a pattern is known by."""
    return sha256(pattern.encode()).hexdigest()[:16]


def in_words(text: bytes) -> bytes:
    """A text of ASCII as words: in lower case, with spaces in place of everything else."""
    return text.translate(_TO_WORDS)


@cache
def _pattern(text: str) -> Finder:
    return finder(text)


@final
class _Check:
    """A pattern that is found from so many characters before a cue to so many after it; None: anywhere in the text.

    It may be further off where `unless` is found around, if that is not empty.
    """

    __slots__ = ("after", "before", "find", "pattern", "unless")

    def __init__(self, pattern: str, before: int | None, after: int | None, unless: str) -> None:
        self.pattern, self.before, self.after, self.unless = pattern, before, after, unless
        self.find: Finder = self._first_find

    def _first_find(self, text: bytes, start: int, end: int, *, here: bool = False) -> tuple[int, int]:
        """Finds the pattern, and makes the finder that does so from now on."""
        self.find = _pattern(self.pattern)
        return self.find(text, start, end, here=here)


@final
@dataclass(frozen=True, slots=True)
class _Way:
    """One way in which a rule can match; `number` is the place of the rule among all.

    `ends`: what stands around is counted from the end of the cue; else from its beginning.
    """

    key: int
    number: int
    ends: bool
    checks: tuple[_Check, ...]


@final
class _Cue:
    """A pattern, and the ways that it calls where it is found."""

    __slots__ = ("_end", "at", "ways")

    def __init__(self, at: str) -> None:
        self.at = at
        self.ways: list[_Way] = []
        self._end: Callable[[bytes, int], int] | None = None

    def end(self) -> Callable[[bytes, int], int]:
        """Says where the longest match that begins at a place of a text ends; -1 if there is none."""
        if self._end is None:
            self._end = ending(self.at)
        return self._end


@final
@dataclass(frozen=True, slots=True)
class _Book:
    """The cues of all rules. `without`: the rules that have none."""

    cues: Sequence[_Cue]
    words: Literals
    signs: Literals
    without: tuple[Rule, ...]

    def found_in(self, texts: Sequence[bytes], signed: Sequence[bool] | None = None) -> dict[int, list[Found]]:
        """The cues that may be in some texts: by number, in which of the texts and where. `signed`: see `likely_in`."""
        found: dict[int, list[Found]] = {}
        some: list[Found] = []
        for of, text in enumerate(texts):
            self.words.find(b" %b " % text.translate(_TO_SEARCH), some)
            _add(found, of, some)
        for of, text in enumerate(texts):
            if signed is None or signed[of]:
                self.signs.find(text.lower(), some)
                _add(found, of, some)
        return found


def _add(found: dict[int, list[Found]], of: int, some: list[Found]) -> None:
    for cue, place in some:
        if cue in found:
            found[cue].append((of, place))
        else:
            found[cue] = [(of, place)]
    some.clear()


@cache
def _data() -> dict[str, Any]:
    text = resources.files("ringfence.screens").joinpath("data/cues.json").read_text(encoding="ascii")
    made: dict[str, Any] = json.loads(text)
    return made


def known() -> dict[str, Any]:
    """What was derived, by the names of rules."""
    made: dict[str, Any] = _data()["rules"]
    return made


@cache
def book() -> _Book:
    """The cues of the rules as they are."""
    data = _data()["cues"]
    cues = [_Cue(at) for at, *_ in data]
    without: list[Rule] = []
    keys = count()
    for number, rule in enumerate(RULES):
        found = known().get(rule.name)
        if found is None or found["pattern"] != digest(rule.pattern.text) or found["ways"] is None:
            without.append(rule)
            continue
        for one in found["ways"]:
            way = _Way(next(keys), number, one["ends"], tuple(_Check(*check) for check in one["checks"]))
            for cue in one["cues"]:
                cues[cue].ways.append(way)
    asked = [(number, *one[1:]) for number, one in enumerate(data) if cues[number].ways]
    # The copy of words begins with a space.
    words = [(text.translate(_ONE_DIGIT), 0 if led else -1, number) for number, led, some, _ in asked for text in some]
    signs = [(text, 0, number) for number, _, _, some in asked for text in some]
    return _Book(cues, Literals(words), Literals(signs), tuple(without))


def without_cues() -> Sequence[Rule]:
    """The rules of which nothing is known here."""
    return book().without


def likely(copy: bytes) -> list[Rule]:
    """The rules with cues that may match a text, in order, by the copy of it."""
    return likely_in([copy])[0]


def likely_in(copies: Sequence[bytes], signed: Sequence[bool] | None = None) -> list[list[Rule]]:
    """The same for several texts. Each cue is looked for in all of them, one after the other.

    `signed`: in which of them signs of cues may be; None if that is not known.
    """
    cues, searches = book().cues, [_Search(copy) for copy in copies]
    for number, places in sorted(book().found_in(copies, signed).items()):
        cue = cues[number]
        ends = cue.end()
        for of, place in places:
            end = ends(copies[of], place)
            if end >= 0:
                searches[of].look(cue, place, end)
    return [search.rules() for search in searches]


def copied(text: str) -> bytes | None:
    """A copy in ASCII, place by place, to search in; None if patterns would not see in it what they see in the text."""
    if OTHER in text:
        return None
    if text.isascii():
        return text.encode()
    if "\u017f" in text or "\u212a" in text:  # to patterns, these are letters of ASCII
        return None
    if "?" not in text:
        return text.encode("ascii", "replace").replace(b"?", OTHER.encode())
    # A question mark stands for what is not of ASCII; those of the text are put aside meanwhile.
    return text.replace("?", OTHER).encode("ascii", "replace").translate(_SWAPPED)


@final
class _Search:
    """One text being searched."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._found: set[int] = set()
        self._tried: dict[int, int] = {}
        self._anywhere: dict[str, bool] = {}

    def rules(self) -> list[Rule]:
        """Those that may match."""
        return [RULES[number] for number in sorted(self._found)]

    def look(self, cue: _Cue, place: int, end: int) -> None:
        """Look what a cue that is at a place calls."""
        known = self._found
        for way in cue.ways:
            if way.number not in known and self._holds(way, place, end if way.ends else place):
                known.add(way.number)

    def _holds(self, way: _Way, place: int, end: int) -> bool:
        """Whether all checks hold around a cue. After many places with the cue it is taken that they do."""
        tried = self._tried[way.key] = self._tried.get(way.key, 0) + 1
        if tried > _MOST_PLACES:
            return True
        text, length = self._text, len(self._text)
        for check in way.checks:  # the most frequent loop of all: no call, and nothing built in, that can be avoided
            before, after = check.before, check.after
            if before is None or after is None:
                if not self._is_anywhere(check):
                    return False
                continue
            low, high = place - before, end + after
            low, high = low if low > 0 else 0, high if high < length else length
            if check.find(text, low, high)[0] < 0 and not (check.unless and self._is_long(check, low, high)):
                return False
        return True

    def _is_long(self, check: _Check, low: int, high: int) -> bool:
        """Whether something there is repeated so often that what is looked for may be further off."""
        more = high - low
        return _pattern(check.unless)(self._text, max(0, low - more), min(len(self._text), high + more))[0] >= 0

    def _is_anywhere(self, check: _Check) -> bool:
        known = self._anywhere.get(check.pattern)
        if known is None:
            known = self._anywhere[check.pattern] = check.find(self._text, 0, len(self._text))[0] >= 0
        return known
