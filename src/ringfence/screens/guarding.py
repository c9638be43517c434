"""A screen for the monitor: settings decide what a verdict means at each place.

Its one rule: what it hands to the audit are names and numbers.
"""

from __future__ import annotations

from typing import Final, final

from ringfence.core.encoding import Json
from ringfence.guard.screening import Action, Looked, Place
from ringfence.screens.screen import Screen
from ringfence.screens.settings import ACTIONS, Settings
from ringfence.screens.verdict import Verdict

_WORTH_A_RECORD: Final = 0.4
_MOST_HITS: Final = 8


@final
class Guarding:
    """See `guard.screening.Screen`."""

    def __init__(self, screen: Screen, settings: Settings, mode: str) -> None:
        self._screen = screen
        self._settings = settings
        self._mode = mode

    def look(self, text: str, place: Place, tool: str, sources: frozenset[str]) -> Looked | None:
        """A verdict, as what it means here. In `strict`, what could not be looked at counts as a hit."""
        verdict = self._screen.verdict(text)
        threshold = self._settings.threshold(self._mode, tool, sources)
        hit = verdict.over(threshold) or (self._mode == "strict" and verdict.unseen != ())
        if not hit and verdict.score < _WORTH_A_RECORD:
            return None
        action: Action = self._settings.action(self._mode, place, tool, sources) if hit else "record"
        return Looked(action, hit, {**_data(verdict), "threshold": threshold, "hit": hit, "action": action})

    def may(self, action: Action, tool: str) -> bool:
        """Whether a hit in a result of this tool could lead to this action: by its settings or those of a source."""
        if self._mode == "observe" or action not in ACTIONS["result"]:
            return action == "record"
        special = [one.on_hit for one in self._settings.sources.values()]
        return action in special or self._settings.action(self._mode, "result", tool) == action


def _data(verdict: Verdict) -> dict[str, Json]:
    hits: list[Json] = [
        {"technique": hit.technique, "score": hit.score, "detector": hit.detector, "rule": hit.rule, "view": hit.view}
        for hit in verdict.hits[:_MOST_HITS]
    ]
    return {
        "score": verdict.score,
        "techniques": [*verdict.techniques],
        "hits": hits,
        "unicode": [*dict.fromkeys(one.kind for one in verdict.oddities)],
        "unseen": [*verdict.unseen],
    }
