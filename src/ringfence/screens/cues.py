"""Which rules may match a text, found in one or two passes over it.

A cue of a rule is a set of words or pairs of words (or of signs, such as `</data>`) of which every match of the rule
holds one; beside it are checks, patterns that every match holds within so many characters of the cue. Both were derived
from the pattern of the rule by `training/cues.py`, with its digest: a rule that has changed since has none.

Its one rule: a rule that matches a text is among those that are answered. What is not known is answered too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import count
from typing import Any, Final, TypeAlias, final

from ringfence.screens.patterns import Finder, finder
from ringfence.screens.rules import RULES, Rule

WORDS: Final = "words"
SIGNS: Final = "signs"
_MOST_PLACES: Final = 24
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


def pattern_of(words: Iterable[str], kind: str) -> str:
    """A pattern for cues: any of them, the longest that there is."""
    if kind == SIGNS:
        return _alternatives(_tree(words))
    anywhere = [word for word in words if not word.startswith("^")]
    starting = [word[1:] for word in words if word.startswith("^")]
    parts = [_alternatives(_tree(anywhere))] if anywhere else []
    return "|".join([*parts, rf"\b{_alternatives(_tree(starting))}"] if starting else parts)


_Tree: TypeAlias = dict[str, "_Tree"]


def _tree(words: Iterable[str]) -> _Tree:
    top: _Tree = {}
    for word in words:
        here = top
        for sign in word:
            here = here.setdefault(sign, {})
        here[""] = {}
    return top


def _alternatives(tree: _Tree) -> str:
    ways = [_sign(sign) + _alternatives(rest) for sign, rest in tree.items() if sign]
    if not ways:
        return ""
    if "" in tree:
        return f"(?:{'|'.join(ways)})?"
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"


def _sign(sign: str) -> str:
    return " +" if sign == " " else sign if sign.isalnum() else f"\\x{ord(sign):02x}"


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
    """One way in which a rule can match; `number` is the place of the rule among all, `at` what stands at the cue."""

    key: int
    number: int
    at: str | None
    checks: tuple[_Check, ...]


@final
@dataclass(frozen=True, slots=True)
class _Kind:
    """All cues of one kind: their pattern, and the ways that each calls, those of its beginnings included."""

    find: Finder
    called: dict[bytes, tuple[_Way, ...]]

    @staticmethod
    def of(cues: dict[str, list[_Way]], kind: str) -> _Kind:
        plain: dict[str, dict[int, _Way]] = {}
        for cue, ways in cues.items():
            plain.setdefault(cue.removeprefix("^"), {}).update((way.key, way) for way in ways)
        called = {
            cue.encode(): tuple(
                {key: way for end in range(1, len(cue) + 1) for key, way in plain.get(cue[:end], {}).items()}.values()
            )
            for cue in plain
        }
        return _Kind(finder(pattern_of(cues, kind), case=True, longest=True), called)


@final
@dataclass(frozen=True, slots=True)
class _Book:
    """The cues of all rules. `without`: the rules that have none."""

    words: _Kind
    signs: _Kind
    without: tuple[Rule, ...]


@cache
def known() -> dict[str, Any]:
    """What was derived, by the names of rules."""
    text = resources.files("ringfence.screens").joinpath("data/cues.json").read_text(encoding="ascii")
    made: dict[str, Any] = json.loads(text)
    return made


@cache
def book() -> _Book:
    """The cues of the rules as they are."""
    derived = known()
    cues: dict[str, dict[str, list[_Way]]] = {WORDS: {}, SIGNS: {}}
    without: list[Rule] = []
    keys = count()
    for number, rule in enumerate(RULES):
        found = derived.get(rule.name)
        if found is None or found["pattern"] != digest(rule.pattern.text) or not _tells(found["ways"]):
            without.append(rule)
            continue
        for listed in found["ways"]:
            way = _Way(next(keys), number, listed["at"], tuple(_Check(*one) for one in listed["checks"]))
            for kind, cue in _listed(listed):
                cues[kind].setdefault(cue, []).append(way)
    return _Book(_Kind.of(cues[WORDS], WORDS), _Kind.of(cues[SIGNS], SIGNS), tuple(without))


def _tells(ways: list[dict[str, Any]] | None) -> bool:
    """Whether there are cues, and none is letters of other scripts alone: in the copy any of these stands for any."""
    return ways is not None and not any(set(sign) == {_OTHER} for way in ways for sign in way.get(SIGNS, ()))


def _listed(way: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The cues of a way. Of words `a|b c|d` is each of the first with each of the second, and `a|b |d` also without."""
    for group in way.get(WORDS, ()):
        firsts, _, seconds = group.partition(" ")
        for first in firsts.split("|"):
            yield from ((WORDS, f"{first} {second}".rstrip(" ")) for second in seconds.split("|"))
    yield from ((SIGNS, sign) for sign in way.get(SIGNS, ()))


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
        cues = book()
        self._look(in_words(self._text), cues.words)
        self._look(self._text.lower(), cues.signs)
        return [RULES[number] for number in sorted(self._found)]

    def _look(self, text: bytes, kind: _Kind) -> None:
        find, called, end = kind.find, kind.called, len(text)
        place, last = find(text, 0, end) if called else (-1, -1)
        while place >= 0:
            for way in called[_key(text[place:last])]:
                if way.number not in self._found and self._holds(way, place):
                    self._found.add(way.number)
            place, last = find(text, place + 1, end)

    def _holds(self, way: _Way, place: int) -> bool:
        """Whether all checks hold there. After many places where they do not, it is taken that they do."""
        tried = self._tried[way.key] = self._tried.get(way.key, 0) + 1
        if tried > _MOST_PLACES:
            return True
        text, length, end = self._text, len(self._text), place
        if way.at is not None:
            end = _longest(way.at)(text, place, length, here=True)[1]
            if end < 0:
                return False
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


def _key(found: bytes) -> bytes:
    return found if b"  " not in found else b" ".join(found.split())
