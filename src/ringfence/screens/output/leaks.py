"""Where a text tells our own prompts: as they stand, over several lines, or in an encoding that the screens read.

Its one rule: eight consecutive words are no accident, and fewer are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias, final

from ringfence.screens.detector import Block, Hit
from ringfence.screens.normalise import may_read_otherwise
from ringfence.screens.prefilter import decoders_in
from ringfence.screens.screen import Screen
from ringfence.screens.unicode.beyond import beyond
from ringfence.screens.words import cost

RUN: Final = 8
_TAIL: Final = 300  # characters, in which the last words are nearly always
_NAME: Final = "prompts"
_SHORTEST: Final = 40  # no eight words are shorter in an encoding
_WORD: Final = re.compile(r"[^\W\d_]+")  # a number before each word hides none of them
Runs: TypeAlias = frozenset[tuple[str, ...]]
Pair: TypeAlias = tuple[str, str]
Span: TypeAlias = tuple[int, int]


def runs_of(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of eight consecutive words, in lower case."""
    words = _WORD.findall(text.lower())
    return (tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


def last_words(text: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What is to be known of a segment, and of those before it, when the next one is looked at."""
    words = _WORD.findall(text[-_TAIL:].lower())
    if len(words) < RUN and len(text) > _TAIL:  # the first may have been cut
        words = _WORD.findall(text.lower())
    return (*before, *words)[-RUN + 1 :]


@lru_cache(maxsize=16)
def anchors_of(runs: Runs) -> frozenset[Pair]:
    """Neighbours of which each run holds some: its rarest ones, unless some are in it that were taken before."""
    chosen: set[Pair] = set()
    for run in sorted(runs):
        pairs = tuple(pairwise(run))
        if chosen.isdisjoint(pairs):
            chosen.add(max(pairs, key=lambda pair: (cost(pair[0]) + cost(pair[1]), pair)))
    return frozenset(chosen)


def may_repeat(text: str, anchors: Set[Pair], before: tuple[str, ...] = ()) -> bool:
    """Whether a run may end in a text after these words. No means that none does, in any segment of it."""
    return bool(anchors) and not anchors.isdisjoint(pairwise((*before, *_WORD.findall(text.lower()))))


def may_be_coded(text: str) -> bool:
    """Whether something in a text may be read otherwise than it stands; no: nor in any part of it."""
    there = beyond(text)
    return may_read_otherwise(text, there) or bool(decoders_in(text, there))


def coded(text: str, runs: Runs) -> Iterator[Span]:
    """The places of what says runs in an encoding."""
    if len(text) >= _SHORTEST:
        hits = Screen((_Repeated(runs),), ruled=False).verdict(text).hits
        yield from ((hit.start, hit.end) for hit in hits if hit.detector == _NAME)


def repeated(text: str, runs: Runs, before: tuple[str, ...] = ()) -> Iterator[Span]:
    """The places of runs that stand in the text. `before`: the last words of what was shown already."""
    places = [(0, 0)] * len(before) + [match.span() for match in _WORD.finditer(text)]
    words = [*before, *(text[start:end].lower() for start, end in places[len(before) :])]
    for start in range(len(words) - RUN + 1):
        if tuple(words[start : start + RUN]) in runs:
            yield places[start][0], places[start + RUN - 1][1]


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
    """As a detector, it is shown what is written in other ways."""

    runs: Runs
    name: str = _NAME

    def hits(self, block: Block) -> Iterator[Hit]:
        view = block.view
        if not may_repeat(view.text, anchors_of(self.runs)):
            return
        for start, end in merged(repeated(view.text, self.runs)):
            low, high = view.span(start, end)
            yield Hit("prompt-leak", 1.0, low, high, view.name, self.name)
