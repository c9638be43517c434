"""Guarding while text still comes. Its one rule: what was given out is what guarding the whole text would have begun
with; after a stop nothing more is given out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from ringfence.screens.output.context import Context
from ringfence.screens.output.findings import Finding
from ringfence.screens.output.guard import OutputGuard
from ringfence.screens.output.leaks import NOTHING
from ringfence.screens.output.segments import Segmenter


@final
class OutputStream:
    """One answer that comes in pieces."""

    def __init__(self, guard: OutputGuard, context: Context) -> None:
        self._guard = guard
        self._context = context
        self._segmenter = Segmenter()
        self._before = NOTHING
        self.findings: list[Finding] = []
        self.stopped = False

    def feed(self, piece: str) -> str:
        """What may be shown now; "" while a line or a link is still open, and after a stop."""
        return self._shown(self._segmenter.feed(piece))

    def close(self) -> str:
        """The rest."""
        return self._shown(self._segmenter.close())

    def _shown(self, segments: Iterable[str]) -> str:
        made: list[str] = []
        for segment in segments:
            if self.stopped:
                return ""
            guarded = self._guard.segment(segment, self._context, self._before)
            self._before = self._before.then(segment)
            self.findings += guarded.findings
            self.stopped = guarded.stopped
            if self.stopped:
                break
            made.append(guarded.text)
        return "".join(made)
