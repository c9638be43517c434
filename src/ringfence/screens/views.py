"""A view: a text that was made from another one, and where in that other one each part of it came from.

Its one rule: every place of a view leads back to a place of the original. What was decoded as a whole leads to the
whole of what it was decoded from.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Piece:
    """What stands in the place of `start` to `end` of a text."""

    start: int
    end: int
    text: str


@final
@dataclass(frozen=True, slots=True)
class View:
    """A text. `steps` names what was done to get it; the original has none.

    `cuts` are places in this text and `origins` the places in the parent's text that they came from, in order; both
    begin with the beginning and end with the end.
    """

    text: str
    steps: tuple[str, ...] = ()
    parent: View | None = None
    cuts: tuple[int, ...] = ()
    origins: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """`original`, or the steps in order."""
        return " > ".join(self.steps) if self.steps else "original"

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of a place in this text."""
        view: View | None = self
        while view is not None and view.parent is not None:
            start, end = view._up(start, end)
            view = view.parent
        return start, end

    def _up(self, start: int, end: int) -> tuple[int, int]:
        first = max(0, bisect_right(self.cuts, start) - 1)
        last = max(first, bisect_left(self.cuts, max(end, start + 1)) - 1)
        last = min(last, len(self.cuts) - 2)
        first = min(first, last)
        low = self.origins[first] + (start - self.cuts[first] if self._exact(first) else 0)
        high = self.origins[last] + (end - self.cuts[last]) if self._exact(last) else self.origins[last + 1]
        return min(low, self.origins[first + 1]), max(low, min(high, self.origins[last + 1]))

    def _exact(self, part: int) -> bool:
        return self.cuts[part + 1] - self.cuts[part] == self.origins[part + 1] - self.origins[part]

    def window(self, start: int, end: int) -> View:
        """A part of this text, as a view with the same steps."""
        start, end = max(0, start), min(len(self.text), end)
        text = self.text[start:end]
        return View(text, self.steps, self, (0, len(text)), (start, end))

    def rewritten(self, pieces: Iterable[Piece], *steps: str) -> View:
        """This text with pieces replaced. The pieces are in order and do not overlap."""
        made: list[str] = []
        cuts, origins, done, length = [0], [0], 0, 0
        for piece in pieces:
            kept = self.text[done : piece.start]
            made += (kept, piece.text)
            for amount, origin in ((len(kept), piece.start), (len(piece.text), piece.end)):
                length += amount
                cuts.append(length)
                origins.append(origin)
            done = piece.end
        rest = self.text[done:]
        made.append(rest)
        cuts.append(length + len(rest))
        origins.append(len(self.text))
        return View("".join(made), (*self.steps, *steps), self, tuple(cuts), tuple(origins))

    def same_length(self, text: str, *steps: str) -> View:
        """Another text of the same length, place by place."""
        assert len(text) == len(self.text)
        return View(text, (*self.steps, *steps), self, (0, len(text)), (0, len(text)))

    def whole(self, text: str, *steps: str) -> View:
        """A text of which each place came from all of this one."""
        if len(text) == len(self.text):
            text += " "  # places are taken one by one only where lengths agree
        return View(text, (*self.steps, *steps), self, (0, len(text)), (0, len(self.text)))
