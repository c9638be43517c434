"""What a screen says of a text, and why.

Its one rule: a verdict holds places, names and numbers, and nothing of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from ringfence.core.encoding import Json
from ringfence.screens.detector import Hit
from ringfence.screens.normalise import Oddity

_MORE: Final = 0.08
_COUNTS: Final = 0.4


@final
@dataclass(frozen=True, slots=True)
class Verdict:
    """`hits`, the strongest first, those with a named technique before those without.

    `unseen` says what was not looked at because of a limit; empty: all was.
    """

    hits: tuple[Hit, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """The strongest hit, and a little more for each other technique that was found."""
        if not self.hits:
            return 0.0
        strongest = max(hit.score for hit in self.hits)
        techniques = {hit.technique for hit in self.hits if hit.score >= _COUNTS}
        return max(strongest, round(min(0.99, strongest + _MORE * max(0, len(techniques) - 1)), 3))

    @property
    def technique(self) -> str | None:
        """That of the strongest hit."""
        return self.hits[0].technique if self.hits else None

    @property
    def techniques(self) -> tuple[str, ...]:
        """All of them, the strongest first."""
        return tuple(dict.fromkeys(hit.technique for hit in self.hits))

    def over(self, threshold: float) -> bool:
        """Whether it is a hit: the score reaches the threshold."""
        return self.score >= threshold

    def to_json(self, most: int = 20) -> dict[str, Json]:
        """The verdict as an object, with the strongest hits."""
        hits: list[Json] = [
            {
                "technique": hit.technique,
                "score": hit.score,
                "start": hit.start,
                "end": hit.end,
                "view": hit.view,
                "detector": hit.detector,
                "rule": hit.rule,
            }
            for hit in self.hits[:most]
        ]
        odd: list[Json] = [
            {"kind": one.kind, "start": one.start, "end": one.end, "hides_text": one.hidden != ""}
            for one in self.oddities[:most]
        ]
        return {
            "score": self.score,
            "technique": self.technique,
            "hits": hits,
            "unicode": odd,
            "unseen": [*self.unseen],
        }
