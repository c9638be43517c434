"""A screen from its settings.

Its one rule: a detector that was named and cannot be loaded is an error (C561), never left out.
"""

from __future__ import annotations

from pathlib import Path

from ringfence.screens.classifier import Classifier
from ringfence.screens.detector import Detector
from ringfence.screens.rulebook import Rulebook
from ringfence.screens.screen import Screen
from ringfence.screens.settings import Settings


def screen_of(settings: Settings, path: Path | None = None) -> Screen:
    """The screen that the settings describe; `path` is that of the configuration, which folders are relative to."""
    detectors: list[Detector] = []
    if "rules" in settings.detectors:
        detectors.append(Rulebook())
    if "classifier" in settings.detectors:
        detectors.append(Classifier())
    return Screen([*detectors, *back_ends(settings, path)])


def back_ends(settings: Settings, path: Path | None = None) -> list[Detector]:
    """The detectors with weights of others, which are configured by their folders."""
    if not settings.models:
        return []
    from ringfence.screens.backends import load

    base = Path() if path is None else path.parent
    return [load(one, base) for one in settings.models]
