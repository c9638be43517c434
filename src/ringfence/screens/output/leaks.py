"""Where a text tells our own prompts: as they stand, over several lines, or in an encoding that the screens read.

Its one rule: eight words in their order, with at most twice as many others between, are no accident; fewer are left
alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias, final

from ringfence.screens.detector import Block, Hit
from ringfence.screens.normalise import may_read_otherwise
from ringfence.screens.prefilter import decoders_in
from ringfence.screens.screen import Screen
from ringfence.screens.unicode.beyond import beyond
from ringfence.screens.views import View
from ringfence.screens.words import cost

RUN: Final = 8
_WIDEST: Final = 3 * RUN  # words in which they stand: others may be between
_TAIL: Final = 300  # characters, in which the last words are nearly always
_CODE: Final = 240  # characters of what was shown with which an encoding may begin
_SHORTEST: Final = 40  # no eight words are shorter in an encoding
_WORD: Final = re.compile(r"[^\W\d_]+")  # a number before each word hides none of them
_MARKUP: Final = "markup"
_SPACE: Final = re.compile(r"\s")
Runs: TypeAlias = frozenset[tuple[str, ...]]
Pair: TypeAlias = tuple[str, str]
Span: TypeAlias = tuple[int, int]


@final
@dataclass(frozen=True, slots=True)
class Before:
    """What is to be known of the segments before one: their last words, and how they ended."""

    words: tuple[str, ...] = ()
    code: str = ""

    def then(self, text: str) -> Before:
        """The same after one more segment. The end begins where a word does."""
        code = (self.code + text)[-_CODE:]
        begun = _SPACE.search(code) if len(code) == _CODE else None
        return Before(last_words(text, self.words), code if begun is None else code[begun.end() :])


NOTHING: Final = Before()


def runs_of(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of eight consecutive words, in lower case."""
    words = _WORD.findall(text.lower())
    return (tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


def last_words(text: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The last words of a segment and of those before it."""
    words = _WORD.findall(text[-_TAIL:].lower())
    if len(words) < _WIDEST and len(text) > _TAIL:  # the first may have been cut
        words = _WORD.findall(text.lower())
    return (*before, *words)[-_WIDEST + 1 :]


@lru_cache(maxsize=16)
def vocabulary_of(runs: Runs) -> frozenset[str]:
    """The words of runs."""
    return frozenset(word for run in runs for word in run)


@lru_cache(maxsize=16)
def anchors_of(runs: Runs) -> frozenset[Pair]:
    """Neighbours of which each run holds some: its rarest ones, unless some are in it that were taken before."""
    chosen: set[Pair] = set()
    for run in sorted(runs):
        pairs = tuple(pairwise(run))
        if chosen.isdisjoint(pairs):
            chosen.add(max(pairs, key=lambda pair: (cost(pair[0]) + cost(pair[1]), pair)))
    return frozenset(chosen)


def may_repeat(text: str, runs: Runs, before: tuple[str, ...] = ()) -> bool:
    """Whether a run may end in a text after these words. No means that none does, in any segment of it."""
    if not runs:
        return False
    vocabulary = vocabulary_of(runs)
    known = [word for word in (*before, *_WORD.findall(text.lower())) if word in vocabulary]
    return not anchors_of(runs).isdisjoint(pairwise(known))


def may_be_coded(text: str, before: str = "") -> bool:
    """Whether something in a text may be read otherwise than it stands; no: nor in any part of it."""
    text = before + text
    there = beyond(text)
    return may_read_otherwise(text, there) or bool(decoders_in(text, there))


def coded(text: str, runs: Runs, before: str = "") -> Iterator[Span]:
    """The places of what says runs in an encoding, which may have begun in what was shown before."""
    if _is_but_markup(text, runs, before):
        return
    shown = len(before)
    found = _coded(before + text, runs)
    if not any(end > shown for _, end in found):
        return
    if before and len(_coded(before, runs)) >= len(found):  # all was said before: the text is only beside it
        yield from _coded(text, runs)
    else:
        yield from ((max(0, start - shown), end - shown) for start, end in found if end > shown)


def _is_but_markup(text: str, runs: Runs, before: str) -> bool:
    """Whether tags are all that may be read otherwise, and without them there is nothing: told at once."""
    around = before + text
    there = beyond(around)
    decoders = [] if may_read_otherwise(around, there) else decoders_in(around, there)
    if [one.name for one in decoders] != [_MARKUP]:
        return False
    bare = View(text).rewritten(decoders[0].pieces(text)).text
    return not may_repeat(bare, runs) and not [one for one in decoders_in(bare) if one.name != _MARKUP]


def _coded(text: str, runs: Runs) -> list[Span]:
    places: list[Span] = []
    if len(text) >= _SHORTEST:
        Screen((_Repeated(runs, places),), ruled=False).verdict(text)
    return places


def repeated(text: str, runs: Runs, before: tuple[str, ...] = ()) -> Iterator[Span]:
    """The places of runs that stand in the text, words of no run between theirs or not.

    `before`: the last words of what was shown already.
    """
    vocabulary = vocabulary_of(runs)
    places = [(0, 0)] * len(before) + [match.span() for match in _WORD.finditer(text)]
    words = [*before, *(text[start:end].lower() for start, end in places[len(before) :])]
    known = [number for number, word in enumerate(words) if word in vocabulary]
    for start in range(len(known) - RUN + 1):
        run = known[start : start + RUN]
        if run[-1] - run[0] < _WIDEST and run[-1] >= len(before) and tuple(words[number] for number in run) in runs:
            yield places[run[0]][0], places[run[-1]][1]


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    last: Span | None = None
    for start, end in sorted(spans):
        if last is None or start > last[1]:
            if last is not None:
                yield last
            last = (start, end)
        else:
            last = (last[0], max(last[1], end))
    if last is not None:
        yield last


@final
@dataclass(frozen=True, slots=True)
class _Repeated:
    """As a detector, it is shown what is written in other ways; it keeps the places of runs."""

    runs: Runs
    places: list[Span]
    name: str = "prompts"

    def hits(self, block: Block) -> Iterator[Hit]:
        view = block.view
        if may_repeat(view.text, self.runs):
            self.places.extend(view.span(start, end) for start, end in repeated(view.text, self.runs))
        return iter(())
