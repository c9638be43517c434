"""Positions in a plan, and what is wrong there: diagnostics with a code and a caret.

Its one rule: a diagnostic names types, names, rules and labels, and never a runtime value, so that
it may be shown to the planner. Diagnostics are static; what happens at run time is an error
(`core/errors.py`). Every code is in `core/codes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """Where something stands in the plan's text. Lines count from 1, columns from 1; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem found before anything ran: code, message, place, and what to write instead (or None).

    A `note` is told and refuses nothing.
    """

    code: str
    message: str
    span: Span
    hint: str | None = None
    note: bool = False

    def render(self, text: str) -> str:
        """The message with the line of `text` it concerns and carets under the place."""
        head = f"{self.code} {'note, ' if self.note else ''}line {self.span.line}: {self.message}"
        lines = text.splitlines()
        parts = [head]
        if 1 <= self.span.line <= len(lines):
            line = lines[self.span.line - 1].expandtabs(1)
            stop = self.span.end_column if self.span.end_line == self.span.line else len(line) + 1
            width = max(1, min(stop, len(line) + 1) - self.span.column)
            parts += [f"    {line}", "    " + " " * (self.span.column - 1) + "^" * width]
        if self.hint is not None:
            parts.append(f"    hint: {self.hint}")
        return "\n".join(parts)


def render_all(diagnostics: Iterable[Diagnostic], text: str, limit: int = 20) -> str:
    """All diagnostics, sorted by place, at most `limit` of them, and how many were left out."""
    ordered = sorted(diagnostics, key=lambda d: (d.span, d.code))
    parts = [diagnostic.render(text) for diagnostic in ordered[:limit]]
    if len(ordered) > limit:
        parts.append(f"... and {len(ordered) - limit} more")
    return "\n".join(parts)
