"""What a scan found in one file, and where.

Its one rule: plain data; `cli/scan.py` looks, and prints it as text or JSON, `cli/sarif.py` as SARIF.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from ringfence.screens.detector import Hit
from ringfence.screens.verdict import Verdict


@final
@dataclass(frozen=True, slots=True)
class Scanned:
    """One file. `problem`: why it was not scanned. `note`: what else is to be known of it."""

    name: str
    text: str = ""
    verdict: Verdict | None = None
    note: str | None = None
    problem: str | None = None


def hits_over(verdict: Verdict, least: float) -> list[Hit]:
    """The hits to be shown: those over the threshold, or the strongest if only all together reach it."""
    if not verdict.over(least):
        return []
    over = [hit for hit in verdict.hits if hit.score >= least]
    return over if over else [verdict.hits[0]]


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a place, from one."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1
