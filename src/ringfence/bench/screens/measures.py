"""Shares with their confidence, and what follows from counts.

Its one rule: a share of few texts says so by its interval (Wilson, 95 %).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, final

from ringfence.core.encoding import Json

_Z: Final = 1.959964


@final
@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share is, with 95 % confidence (Wilson 1927)."""
        if not self.total:
            return (0.0, 1.0)
        share, square = self.value, _Z * _Z
        middle = share + square / (2 * self.total)
        half = _Z * math.sqrt(share * (1 - share) / self.total + square / (4 * self.total * self.total))
        under = 1 + square / self.total
        return (max(0.0, (middle - half) / under), min(1.0, (middle + half) / under))

    def to_json(self) -> dict[str, Json]:
        """The share with its interval."""
        low, high = self.interval
        return {
            "count": self.count,
            "total": self.total,
            "share": round(self.value, 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }

    def __str__(self) -> str:
        if not self.total:
            return "  none in the sets"
        low, high = self.interval
        return f"{self.value:6.1%} ({low:.1%} to {high:.1%}; {self.count} of {self.total})"


@final
@dataclass(frozen=True, slots=True)
class Quality:
    """What a detector found of the attacks, and what it took for one."""

    recall: Share
    false_positives: Share

    @property
    def precision(self) -> float:
        """The share of attacks among what was found, for as many attacks and harmless texts as there are."""
        found = self.recall.count + self.false_positives.count
        return self.recall.count / found if found else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall.value
        return 2 * self.precision * self.recall.value / both if both else 0.0
