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
from typing import Final, NamedTuple, TypeAlias, final

from ahocorasick_rs import BytesAhoCorasick, Implementation

OTHER: Final = "\x1a"  # what is not of ASCII is this character in a copy. The normaliser leaves none in a text.
_WIDE: Final = "   "  # a gap that is wider than those that are searched for one by one
_NEAR, _FAR = 24, 120  # characters that are looked at beside a wide gap, first and then
_TELLING: Final = 2  # letters by which most words are told from those that are looked for
# They stand beside wide gaps often: at the ends of lines and at their beginnings.
_COMMON: Final = frozenset(
    "a all an and any are as at be by do for from get has have i if in is it its my no not of on one or our return "
    "set that the then they this to use we when will with you your".split()
)

Found: TypeAlias = tuple[int, int]  # what, and at which place


class _Form(NamedTuple):
    """What is searched for. `rest`: the words beyond a wide gap. `before`: what ends there, if it is the one behind."""

    text: str
    rest: bytes = b""
    before: bytes = b""


@final
class _Rests:
    """Words of which some stand beyond a wide gap: by how long they are, with what each stands for."""

    __slots__ = ("_by_length", "_longest", "beside")

    def __init__(self) -> None:
        self._by_length: dict[int, dict[bytes, list[Found]]] = {}
        self._longest = 0
        self.beside: set[bytes] = set()  # the letters by which they begin, and none for nothing near

    def add(self, rest: bytes, found: Iterable[Found]) -> None:
        """One more."""
        self._by_length.setdefault(len(rest), {}).setdefault(rest, []).extend(found)
        self._longest = max(self._longest, len(rest))
        self.beside.update((b"", rest[:_TELLING]))

    def found(self, copy: bytes, start: int) -> Iterator[Found]:
        """What those stand for that stand in a copy behind the spaces that begin at a place."""
        words = _single(copy[start : start + _FAR])
        if len(words) < self._longest:
            words = _single(copy[start:])
        for length, rests in self._by_length.items():
            yield from rests.get(words[:length], ())


@final
class _Sides:
    """What ends before wide gaps behind which one word stands, each with the words that go on from there."""

    __slots__ = ("_rests", "beside")

    def __init__(self) -> None:
        self._rests: dict[bytes, _Rests] = {}
        self.beside: set[bytes] = set()  # the letters by which they end, and none for nothing near

    def add(self, before: bytes, rest: bytes, found: Iterable[Found]) -> None:
        """One more."""
        self._rests.setdefault(before, _Rests()).add(rest, found)
        self.beside.update((b"", before[-_TELLING:]))

    def found(self, copy: bytes, start: int) -> Iterator[Found]:
        """What stands on both sides of a gap of which the last spaces begin at a place, with where it begins."""
        gap = len(copy[:start].rstrip())
        for before, rests in self._rests.items():
            if copy.endswith(before, 0, gap):
                yield from ((what, gap - len(before) + after) for what, after in rests.found(copy, start))


@final
class Literals:
    """Texts, each with how far after its beginning what it stands for begins, and with the number of that."""

    def __init__(self, texts: Iterable[tuple[str, int, int]]) -> None:
        asked: dict[str, list[Found]] = {}
        for text, after, what in texts:
            asked.setdefault(text, []).append((what, after))
        known: dict[str, list[Found]] = {}
        ahead: dict[str, _Rests] = {}
        behind: dict[str, _Sides] = {}
        for text, found in asked.items():
            for form in _forms(text):
                if form.before:
                    behind.setdefault(form.text, _Sides()).add(form.before, form.rest, found)
                elif form.rest:
                    ahead.setdefault(form.text, _Rests()).add(form.rest, found)
                else:
                    known.setdefault(form.text, []).extend(found)
        data = [text.encode() for text in (*known, *ahead, *behind)]
        self._find = BytesAhoCorasick(data, implementation=Implementation.DFA).find_matches_as_indexes
        self._known, self._ahead, self._behind = list(known.values()), list(ahead.values()), list(behind.values())

    def find(self, copy: bytes, found: list[Found]) -> None:
        """Add what is in a copy: the numbers, each with the place."""
        known, ahead, behind = self._known, self._ahead, self._behind
        narrow, first_behind = len(known), len(known) + len(ahead)
        for number, start, end in self._find(copy, overlapping=True):
            if number < narrow:
                for what, after in known[number]:
                    found.append((what, start + after))
            elif number < first_behind:
                near, rests = copy[end : end + _NEAR].lstrip(), ahead[number - narrow]
                if near[:_TELLING] in rests.beside or near[:1] in rests.beside:
                    found += [(what, start + after) for what, after in rests.found(copy, end)]
            else:
                near, sides = copy[max(0, start - _NEAR) : start].rstrip(), behind[number - first_behind]
                if near[-_TELLING:] in sides.beside or near[-1:] in sides.beside:
                    found += sides.found(copy, start)


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
        behind = _tells(next_one)
        for form in forms:
            if 0 < _tells(form) < behind:
                yield _Form(_WIDE + next_one, rest, form.rstrip().encode())
            else:
                yield _Form(form + _WIDE, rest)
        more = _spaced(word)
        forms = [form + gap + more for form in forms for gap in (" ", "  ")]
    for form in forms:
        yield _Form(form + _spaced(text[-1]))


def _tells(side: str) -> int:
    """How seldom it stands beside a wide gap: the more letters the less."""
    word = side.strip()
    return 1 if word in _COMMON else len(word)


def _spaced(text: str) -> str:
    return text.replace(OTHER, " ")


def _single(words: bytes) -> bytes:
    return b" ".join(words.split())
