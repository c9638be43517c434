"""Many texts that are searched for at once, in one pass over a copy in ASCII.

    Literals([("ignore all", 0, 7)]).find(b"please ignore all of it", found)

adds (7, 7) to `found`. In a text a space between words stands for one or more in the copy, one at its end or beginning
for one; OTHER is one character, a space in the copy.

Gaps of one and two spaces are searched for as they are. The first one that is wider is found by what stands before it,
or by the word behind it, whichever ordinary texts hold less often; the other side is looked at there.

Its one rule: the time is linear in the copy and in what is found (Aho and Corasick), and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias, final

from ahocorasick_rs import BytesAhoCorasick, Implementation

OTHER: Final = "\x1a"  # what is not of ASCII is this character in a copy. The normaliser leaves none in a text.
_WIDE: Final = "   "  # a gap that is wider than those that are searched for one by one
_NEAR, _FAR = 16, 120  # characters that are looked at beside a wide gap, first and then
# They stand beside wide gaps often: at the ends of lines and at their beginnings.
_COMMON: Final = frozenset(
    "a all an and any are as at be by do for from get has have i if in is it its my no not of on one or our return "
    "set that the then they this to use we when will with you your".split()
)

Found: TypeAlias = tuple[int, int]  # what, and at which place
_Ends: TypeAlias = list[tuple[bytes, list["Found"]]]
_Around: TypeAlias = list[tuple[bytes, bytes, list["Found"]]]


@final
@dataclass(frozen=True, slots=True)
class _Form:
    """What is searched for. `rest`: the words beyond a wide gap. `before`: what ends there, if it is the one behind."""

    text: str
    rest: bytes = b""
    before: bytes = b""


@final
class Literals:
    """Texts, each with how far after its beginning what it stands for begins, and with the number of that."""

    def __init__(self, texts: Iterable[tuple[str, int, int]]) -> None:
        asked: dict[str, list[Found]] = {}
        for text, after, what in texts:
            asked.setdefault(text, []).append((what, after))
        known: dict[str, list[Found]] = {}
        ahead: dict[str, dict[int, _Ends]] = {}
        behind: dict[str, dict[int, _Around]] = {}
        for text, found in asked.items():
            for form in _forms(text):
                if form.before:
                    sides = behind.setdefault(form.text, {}).setdefault(form.before[-1], [])
                    sides.append((form.before, form.rest, found))
                elif form.rest:
                    ahead.setdefault(form.text, {}).setdefault(form.rest[0], []).append((form.rest, found))
                else:
                    known.setdefault(form.text, []).extend(found)
        data = [text.encode() for text in (*known, *ahead, *behind)]
        self._find = BytesAhoCorasick(data, implementation=Implementation.DFA).find_matches_as_indexes
        self._known, self._ahead, self._behind = list(known.values()), list(ahead.values()), list(behind.values())
        self._longest = max(map(len, asked), default=0)

    def find(self, copy: bytes, found: list[Found]) -> None:
        """Add what is in a copy: the numbers, each with the place."""
        known, ahead, behind = self._known, self._ahead, self._behind
        narrow, first_behind = len(known), len(known) + len(ahead)
        for number, start, end in self._find(copy, overlapping=True):
            if number < narrow:
                for what, after in known[number]:
                    found.append((what, start + after))
            elif number < first_behind:
                near = copy[end : end + _NEAR].lstrip() or copy[end:].lstrip()
                if near and near[0] in ahead[number - narrow]:
                    self._add_ahead(ahead[number - narrow][near[0]], copy, start, end, found)
            else:
                self._add_behind(behind[number - first_behind], copy, start, found)

    def _add_ahead(self, ends: _Ends, copy: bytes, start: int, end: int, found: list[Found]) -> None:
        """Add what stands on both sides of a wide gap that begins before `end`."""
        words = self._words(copy, end)
        for rest, known in ends:
            if words.startswith(rest):
                found += [(what, start + after) for what, after in known]

    def _add_behind(self, sides: dict[int, _Around], copy: bytes, start: int, found: list[Found]) -> None:
        """Add what stands on both sides of a wide gap of which the last spaces begin at `start`."""
        low = max(0, start - _NEAR)
        near = copy[low:start].rstrip()
        if not near:
            low, near = 0, copy[:start].rstrip()
        if not near or near[-1] not in sides:
            return
        gap, words = low + len(near), self._words(copy, start)
        for before, rest, known in sides[near[-1]]:
            if copy.endswith(before, 0, gap) and words.startswith(rest):
                found += [(what, gap - len(before) + after) for what, after in known]

    def _words(self, copy: bytes, start: int) -> bytes:
        """The words from a place on, as many as may matter."""
        words = _single(copy[start : start + _FAR])
        return words if len(words) > self._longest else _single(copy[start:])


def _forms(text: str) -> Iterator[_Form]:
    """A text with gaps of one sign or two; with a wider one, one side of it, and the other to look at."""
    if len(text) < 2:
        yield _Form(_spaced(text))
        return
    first, *words = text[1:-1].split(" ")
    forms = [_spaced(text[0] + first)]
    for number, word in enumerate(words):
        rest = _single(_spaced(" ".join(words[number:]) + text[-1]).encode())
        next_one = _spaced(word + (" " if number < len(words) - 1 else text[-1]))
        for form in forms:
            if 0 < _tells(form) < _tells(next_one):
                yield _Form(_WIDE + next_one, rest, form.rstrip().encode())
            else:
                yield _Form(form + _WIDE, rest)
        more = _spaced(word)
        forms = [form + gap + more for form in forms for gap in (" ", "  ")]
    for form in forms:
        yield _Form(form + _spaced(text[-1]))


def _tells(side: str) -> int:
    """How seldom it stands beside a wide gap: the more letters the less."""
    return 1 if side.strip() in _COMMON else len(side.strip())


def _spaced(text: str) -> str:
    return text.replace(OTHER, " ")


def _single(words: bytes) -> bytes:
    return b" ".join(words.split())
