"""A detector of somebody else: any function from a text to a score, or to whether it is an attack.

Its one rule: a text on which it fails counts as one that it let through, and its failures are counted and shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, cast, final

from ringfence.cli.loading import object_at
from ringfence.cli.output import foreign_code
from ringfence.core.errors import ConfigError

_HINT: Final = (
    "write --other MODULE:FUNCTION; the function takes a text and returns a score from 0 to 1, or true or false"
)


@final
class Other:
    """A function as a detector, on the text as it is: neither decoded nor divided."""

    def __init__(self, name: str, function: Callable[[str], object]) -> None:
        self.name = name
        self.errors = 0
        self._function = function

    def failures(self) -> int:
        """On how many texts it failed until now."""
        return self.errors

    def score(self, text: str) -> float:
        """What the function says; 0 if it fails or returns neither a number from 0 to 1 nor a bool."""
        try:
            with foreign_code():
                return _number(self._function(text))
        except Exception:
            self.errors += 1
            return 0.0


def other(place: str) -> Other:
    """The function at MODULE:FUNCTION. ConfigError (C501)."""
    found = object_at(place, _HINT)
    if not callable(found):
        raise ConfigError("what --other names is no function", code="C501", hint=_HINT)
    return Other(place, cast("Callable[[str], object]", found))


def _number(said: object) -> float:
    if isinstance(said, bool):
        return float(said)
    value = float(cast("float", said))  # numbers of numpy have no common class with ours
    if isinstance(said, str) or math.isnan(value) or not 0 <= value <= 1:
        raise ValueError
    return value
