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
        asked: dict[str, list[Found]] = {}
        for text, after, what in texts:
            asked.setdefault(text, []).append((what, after))
        known: dict[str, list[Found]] = {}
        wide: dict[str, dict[int, _Ends]] = {}
        for text, found in asked.items():
            for form, rest in _forms(text):
                if rest:
                    wide.setdefault(form, {}).setdefault(rest[0], []).append((rest, found))
                else:
                    known.setdefault(form, []).extend(found)
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
    if len(text) < 2:
        yield _spaced(text), b""
        return
    first, *words = text[1:-1].split(" ")
    forms = [_spaced(text[0] + first)]
    for number, word in enumerate(words):
        rest = _single(_spaced(" ".join(words[number:]) + text[-1]).encode())
        for form in forms:
            yield form + _WIDE, rest
        more = _spaced(word)
        forms = [form + gap + more for form in forms for gap in (" ", "  ")]
    for form in forms:
        yield form + _spaced(text[-1]), b""


def _spaced(text: str) -> str:
    return text.replace(OTHER, " ")


def _single(words: bytes) -> bytes:
    return b" ".join(words.split())
