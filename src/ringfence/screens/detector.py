"""What a detector is, what it is given, and what it answers.

Its one rule: a detector only looks. It has no state from one text to the next, keeps no text and calls nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, final

from ringfence.screens.rules import Rule
from ringfence.screens.views import View


@final
@dataclass(frozen=True, slots=True)
class Hit:
    """Something that a detector found. `start` and `end` are places in the original text, `view` is how it was read.

    `score` is from 0 to 1; `rule` is the name of the rule, or empty. It holds no text: what is recorded may be private.
    """

    technique: str
    score: float
    start: int
    end: int
    view: str
    detector: str
    rule: str = ""


@final
@dataclass(frozen=True, slots=True)
class Block:
    """A part of a view that is looked at as one. `rules` are those whose words are in it."""

    view: View
    rules: Sequence[Rule]


class Detector(Protocol):
    """Scores blocks of text. Thread-safe."""

    @property
    def name(self) -> str:
        """Its name in verdicts and settings."""

    def hits(self, block: Block) -> Iterable[Hit]:
        """What it finds in a block, with places in the original text."""
