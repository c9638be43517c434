"""Words of instructions and of everyday English, to find the words in letters without spaces.

Its one rule: all of a run is words of the list, or hardly any of it is left over; else there is no answer.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

_LONGEST: Final = 16
_MOST: Final = 2_000
_UNKNOWN: Final = 12.0


@cache
def _costs() -> dict[str, float]:
    """The words, the most frequent first, with what using each costs: rare and short words cost more a letter."""
    listed = resources.files("ringfence.screens").joinpath("data/words.txt").read_text(encoding="utf-8").split()
    return {word: 4.0 + 4.0 * rank / len(listed) for rank, word in enumerate(listed)}


def is_word(letters: str) -> bool:
    """Whether the letters are one known word."""
    return letters.lower() in _costs()


def in_words(letters: str) -> str | None:
    """The letters as words with spaces, or None if less than nine tenths of them are known words."""
    text = letters[:_MOST].lower()
    if len(text) < 4 or not text.isascii():
        return letters if len(letters) >= 4 else None
    parts = _split(text)
    known = sum(len(part) for part in parts if part in _costs())
    return " ".join(parts) if known >= 0.9 * len(text) else None


def _split(text: str) -> list[str]:
    """The cheapest division into words (dynamic programming, a few steps a letter)."""
    costs = _costs()
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(text) + 1):
        options = [(best[end - 1][0] + _UNKNOWN, end - 1)]
        for start in range(max(0, end - _LONGEST), end):
            cost = costs.get(text[start:end])
            if cost is not None:
                options.append((best[start][0] + cost, start))
        best.append(min(options))
    parts: list[str] = []
    place = len(text)
    while place:
        start = best[place][1]
        parts.append(text[start:place])
        place = start
    return parts[::-1]
