"""Where a text tells our own prompts: as they stand, over several lines, or in an encoding that the screens read.

Its one rule: eight consecutive words are no accident, and fewer are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Final, TypeAlias, final

from ringfence.screens.detector import Block, Hit
from ringfence.screens.screen import Screen

RUN: Final = 8
_NAME: Final = "prompts"
_SHORTEST: Final = 40  # no eight words are shorter in an encoding
_WORD: Final = re.compile(r"[^\W\d_]+")  # a number before each word hides none of them
Runs: TypeAlias = frozenset[tuple[str, ...]]
Span: TypeAlias = tuple[int, int]


def runs_of(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of eight consecutive words, in lower case."""
    words = _WORD.findall(text.lower())
    return (tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


def last_words(text: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What is to be known of a segment, and of those before it, when the next one is looked at."""
    return (*before, *_WORD.findall(text.lower()))[-RUN + 1 :]


def leaks(text: str, runs: Runs, before: tuple[str, ...] = ()) -> list[Span]:
    """The places that repeat such runs, in order and apart. `before`: the last words of what was shown already."""
    if not runs:
        return []
    found = list(_repeated(text, runs, before))
    if len(text) >= _SHORTEST:
        found += [
            (hit.start, hit.end) for hit in Screen((_Repeated(runs),)).verdict(text).hits if hit.detector == _NAME
        ]
    return list(_merged(found))


def _repeated(text: str, runs: Set[tuple[str, ...]], before: tuple[str, ...] = ()) -> Iterator[Span]:
    places = [(0, 0)] * len(before) + [match.span() for match in _WORD.finditer(text)]
    words = [*before, *(text[start:end].lower() for start, end in places[len(before) :])]
    for start in range(len(words) - RUN + 1):
        if tuple(words[start : start + RUN]) in runs:
            yield places[start][0], places[start + RUN - 1][1]


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
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
        for start, end in _merged(_repeated(view.text, self.runs)):
            low, high = view.span(start, end)
            yield Hit("prompt-leak", 1.0, low, high, view.name, self.name)
