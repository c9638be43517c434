"""Which rules may match a text, found in one pass over it.

A cue of a rule is a pattern, or one of several, of which every match of the rule holds one: a few words that follow
each other, or signs such as `</data>`. Beside it are checks, patterns that every match holds within so many characters
of the cue. All cues are searched for at once, by one pattern that stops wherever one is and seldom elsewhere. All of it
was derived from the pattern of the rule by `training/cues.py`, with its digest: a rule that has changed since has none.

Its one rule: a rule that matches a text is among those that are answered. What is not known is answered too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import count
from typing import Any, Final, TypeAlias, final

from ringfence.screens.patterns import Finder, finder
from ringfence.screens.rules import RULES, Rule

BEGINNING: Final = 8  # characters of a cue by which it is known
_NEAR: Final = 24
_MOST_PLACES: Final = 24
_MOST_MET: Final = 4_096  # beginnings of which it is kept what they call
# What is not of ASCII is this character in the copy that is searched. The normaliser leaves none in a text.
_OTHER: Final = "\x1a"
_ALNUM: Final = b"abcdefghijklmnopqrstuvwxyz0123456789"
_TO_WORDS: Final = bytes(code if (code := bytes([point]).lower()[0]) in _ALNUM else 0x20 for point in range(256))
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


@cache
def _longest(text: str) -> Finder:
    return finder(text, longest=True)


@final
@dataclass(frozen=True, slots=True)
class _Check:
    """A pattern that is found from so many characters before a cue to so many after it; None: anywhere in the text.

    It may be further off where `unless` is found around, if that is not empty.
    """

    pattern: str
    before: int | None
    after: int | None
    unless: str


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


_Called: TypeAlias = tuple[tuple[str, tuple[_Way, ...]], ...]


@final
@dataclass(frozen=True, slots=True)
class _Book:
    """The cues of all rules. `begun`: patterns of cues by what they begin with, each with the ways that it calls.

    `without`: the rules that have none.
    """

    find: Finder
    begun: dict[bytes, dict[str, list[_Way]]]
    without: tuple[Rule, ...]
    _met: dict[bytes, _Called] = field(default_factory=dict)

    def called(self, begins: bytes) -> _Called:
        """The cues that may stand where a text goes on so, each with the ways that it calls."""
        met = self._met.get(begins)
        if met is None:
            if len(self._met) >= _MOST_MET:
                self._met.clear()
            ways: dict[str, dict[int, _Way]] = {}
            for end in range(1, len(begins) + 1):
                for at, some in self.begun.get(begins[:end], {}).items():
                    ways.setdefault(at, {}).update((way.key, way) for way in some)
            met = self._met[begins] = tuple((at, tuple(some.values())) for at, some in ways.items())
        return met


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
    derived = known()
    begun: dict[bytes, dict[str, list[_Way]]] = {}
    without: list[Rule] = []
    keys = count()
    for number, rule in enumerate(RULES):
        found = derived.get(rule.name)
        if found is None or found["pattern"] != digest(rule.pattern.text) or found["ways"] is None:
            without.append(rule)
            continue
        for listed in found["ways"]:
            way = _Way(next(keys), number, listed["ends"], tuple(_Check(*one) for one in listed["checks"]))
            for begins, at in listed["cues"]:
                for text in begins:
                    begun.setdefault(text.encode(), {}).setdefault(at, []).append(way)
    return _Book(finder(_data()["find"], longest=True), begun, tuple(without))


def without_cues() -> Sequence[Rule]:
    """The rules of which nothing is known here."""
    return book().without


def likely(copy: bytes) -> list[Rule]:
    """The rules with cues that may match a text, in order, by the copy of it."""
    return _Search(copy).rules()


def copied(text: str) -> bytes | None:
    """A copy in ASCII, place by place, to search in; None if patterns would not see in it what they see in the text."""
    if _OTHER in text:
        return None
    if text.isascii():
        return text.encode()
    if "\u017f" in text or "\u212a" in text:  # to patterns, these are letters of ASCII
        return None
    if "?" not in text:
        return text.encode("ascii", "replace").replace(b"?", _OTHER.encode())
    # A question mark stands for what is not of ASCII; those of the text are put aside meanwhile.
    return text.replace("?", _OTHER).encode("ascii", "replace").translate(_SWAPPED)


@final
class _Search:
    """One text being searched."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._found: set[int] = set()
        self._tried: dict[int, int] = {}
        self._anywhere: dict[str, bool] = {}

    def rules(self) -> list[Rule]:
        cues, text = book(), self._text
        find, end = cues.find, len(text)
        place = find(text, 0, end)[0]
        while place >= 0:
            for at, ways in cues.called(beginning(text, place)):
                self._look(at, ways, place)
            place = find(text, place + 1, end)[0]
        return [RULES[number] for number in sorted(self._found)]

    def _look(self, at: str, ways: tuple[_Way, ...], place: int) -> None:
        found = self._found
        open_ways = [way for way in ways if way.number not in found]
        end = _longest(at)(self._text, place, len(self._text), here=True)[1] if open_ways else -1
        if end >= 0:
            found.update(way.number for way in open_ways if self._holds(way, place, end if way.ends else place))

    def _holds(self, way: _Way, place: int, end: int) -> bool:
        """Whether all checks hold around a cue. After many places with the cue it is taken that they do."""
        tried = self._tried[way.key] = self._tried.get(way.key, 0) + 1
        if tried > _MOST_PLACES:
            return True
        text, length = self._text, len(self._text)
        for check in way.checks:
            if check.before is None or check.after is None:
                if not self._is_anywhere(check.pattern):
                    return False
                continue
            low, high = max(0, place - check.before), min(length, end + check.after)
            if _pattern(check.pattern)(text, low, high)[0] < 0 and not self._is_long(check, low, high):
                return False
        return True

    def _is_long(self, check: _Check, low: int, high: int) -> bool:
        """Whether something there is repeated so often that what is looked for may be further off."""
        if not check.unless:
            return False
        more = high - low
        return _pattern(check.unless)(self._text, max(0, low - more), min(len(self._text), high + more))[0] >= 0

    def _is_anywhere(self, pattern: str) -> bool:
        known = self._anywhere.get(pattern)
        if known is None:
            known = self._anywhere[pattern] = _pattern(pattern)(self._text, 0, len(self._text))[0] >= 0
        return known


def beginning(text: bytes, place: int) -> bytes:
    """The first characters at a place: letters and digits in lower case, a space for whatever stands between them.

    The very first is as it is, in lower case."""
    more = _single(text[place + 1 : place + 1 + _NEAR])
    if len(more) < BEGINNING - 1:
        more = _single(text[place + 1 :])
    return text[place : place + 1].lower() + more[: BEGINNING - 1]


def _single(text: bytes) -> bytes:
    words = in_words(text)
    while b"  " in words:
        words = words.replace(b"  ", b" ")
    return words
