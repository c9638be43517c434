"""What a screen says of a text, and why.

Its one rule: a verdict holds places, names and numbers, and nothing of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from ringfence.core.encoding import Json
from ringfence.screens.detector import Hit
from ringfence.screens.normalise import Oddity

_NEAR: Final = 300  # characters between what belongs together
_COUNTS: Final = 0.45
_AGREES: Final = 0.6  # by so much a second technique takes away of the doubt
_MOST: Final = 64  # hits that are compared


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
        """The strongest hit, or two techniques near each other: what one leaves in doubt, the other takes away in part.

        One weak rule alone stays below the threshold; with the classifier, or with another technique beside it, it may
        pass.
        """
        hits = self.hits[:_MOST]
        found = [hit.score + (1 - hit.score) * _AGREES * _beside(hit, hits) for hit in hits]
        return max([min(0.99, round(one, 3)) for one in found] + [hit.score for hit in self.hits], default=0.0)

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


def _beside(hit: Hit, hits: Sequence[Hit]) -> float:
    """The strongest score of another technique near a hit."""
    return max(
        (
            one.score
            for one in hits
            if one.technique != hit.technique
            and one.score >= _COUNTS
            and one.start <= hit.end + _NEAR
            and hit.start <= one.end + _NEAR
        ),
        default=0.0,
    )
