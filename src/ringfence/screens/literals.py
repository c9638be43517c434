"""Many texts that are searched for at once, in one pass over a copy in ASCII.

    Literals([("ignore all", 0, 7)]).find(b"please ignore all of it", found)

adds (7, 7) to `found`. In a text a space between words stands for one or more in the copy, one at its end or beginning
for one; OTHER is one character, a space in the copy.

Its one rule: the time is linear in the copy and in what is found (Aho and Corasick), and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias, final

from ahocorasick_rs import BytesAhoCorasick, Implementation

OTHER: Final = "\x1a"  # what is not of ASCII is this character in a copy. The normaliser leaves none in a text.
_WIDE: Final = "   "  # a gap that is wider than those that are searched for one by one
_SPACE: Final = 0x20
_NEAR, _FAR = 16, 120  # characters that are looked at behind a wide gap, first and then

Found: TypeAlias = tuple[int, int]  # what, and at which place
_Ends: TypeAlias = list[tuple[bytes, list["Found"]]]


@final
class Literals:
    """Texts, each with how far after its beginning what it stands for begins, and with the number of that."""

    def __init__(self, texts: Iterable[tuple[str, int, int]]) -> None:
        known: dict[str, list[Found]] = {}
        wide: dict[str, dict[int, _Ends]] = {}
        for text, after, what in texts:
            for form, rest in _forms(text):
                if rest:
                    ends = wide.setdefault(form, {}).setdefault(rest[0], [])
                    _of(ends, rest).append((what, after))
                else:
                    known.setdefault(form, []).append((what, after))
        data = [text.encode() for text in (*known, *wide)]
        self._find = BytesAhoCorasick(data, implementation=Implementation.DFA).find_matches_as_indexes
        self._known, self._wide = list(known.values()), list(wide.values())
        self._longest = max(map(len, data), default=0)

    def find(self, copy: bytes, found: list[Found]) -> None:
        """Add what is in a copy: the numbers, each with the place."""
        known, wide, narrow, size = self._known, self._wide, len(self._known), len(copy)
        for number, start, end in self._find(copy, overlapping=True):
            if number < narrow:
                for what, after in known[number]:
                    found.append((what, start + after))
            else:
                next_one = copy[end] if end < size else _SPACE
                if next_one == _SPACE:
                    near = copy[end : end + _NEAR].lstrip() or copy[end:].lstrip()
                    next_one = near[0] if near else _SPACE
                ends = wide[number - narrow].get(next_one)
                if ends is not None:
                    self._add_beyond(ends, copy, start, end, found)

    def _add_beyond(self, ends: _Ends, copy: bytes, start: int, end: int, found: list[Found]) -> None:
        """Add what stands on both sides of a wide gap."""
        words = _single(copy[end : end + _FAR])
        if len(words) <= self._longest:
            words = _single(copy[end:])
        for rest, known in ends:
            if words.startswith(rest):
                found += [(what, start + after) for what, after in known]


def _forms(text: str) -> Iterator[tuple[str, bytes]]:
    """A text with its gaps, each one or two signs wide; where one is wider, up to there, with the rest in words."""
    forms = [text[0].replace(OTHER, " ")]
    for place, sign in enumerate(text[1:], 1):
        if sign != " " or place == len(text) - 1:
            forms = [form + sign.replace(OTHER, " ") for form in forms]
            continue
        rest = _single(text[place + 1 :].replace(OTHER, " ").encode())
        yield from ((form + _WIDE, rest) for form in forms)
        forms = [form + gap for form in forms for gap in (" ", "  ")]
    yield from ((form, b"") for form in forms)


def _of(ends: _Ends, rest: bytes) -> list[Found]:
    for text, known in ends:
        if text == rest:
            return known
    ends.append((rest, []))
    return ends[-1][1]


def _single(words: bytes) -> bytes:
    return b" ".join(words.split())
