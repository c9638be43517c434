"""A detector of somebody else: one that is known by name (known.py), or any function from a text to a score or a yes.

Its one rule: a text on which it fails counts as one that it let through, and its failures are counted and shown. One
that takes too long is stopped and left out, never counted in part.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final, cast, final

from ringfence.bench.screens.known import KNOWN, Known
from ringfence.cli.loading import object_at
from ringfence.cli.output import foreign_code
from ringfence.core.errors import ConfigError

_HINT: Final = (
    "write --other MODULE:FUNCTION; the function takes a text and returns a score from 0 to 1, or true or false. "
    f"By name are known {', '.join(KNOWN)}"
)


@final
class TooSlowError(Exception):
    """A detector has used up its processor time."""


@final
class Other:
    """A function as a detector, on the text as it is: neither decoded nor divided. `left` is its processor time."""

    def __init__(self, name: str, function: Callable[[str], object], left: float = math.inf) -> None:
        self.name = name
        self.errors = 0
        self.left = left
        self._function = function

    def failures(self) -> int:
        """On how many texts it failed until now."""
        return self.errors

    def score(self, text: str) -> float:
        """What the function says; 0 if it fails or returns neither a number from 0 to 1 nor a bool. TooSlowError."""
        if self.left <= 0:
            raise TooSlowError
        start = time.process_time()
        try:
            with foreign_code():
                return _number(self._function(text))
        except Exception:
            self.errors += 1
            return 0.0
        finally:
            self.left -= time.process_time() - start


def other(place: str) -> Other:
    """The known detector of that name, or the function at MODULE:FUNCTION. ConfigError (C501)."""
    if place in KNOWN:
        return known(KNOWN[place])
    found = object_at(place, _HINT)
    if not callable(found):
        raise ConfigError("what --other names is no function", code="C501", hint=_HINT)
    return Other(place, cast("Callable[[str], object]", found))


def known(one: Known) -> Other:
    """A detector that is known by name, with its version. ConfigError (C501): it is not installed, or does not load."""
    version = one.version()
    if version is None:
        raise ConfigError(f"{one.name} is not installed", code="C501", hint=f"do: pip install {one.name}")
    try:
        with foreign_code():
            made = one.make()
    except Exception as problem:  # whatever somebody's package raises when it is imported
        raise ConfigError(
            f"{one.name} {version} cannot be loaded ({type(problem).__name__})",
            code="C501",
            hint="it may need packages that are not installed, or have changed since it was made known here",
        ) from None
    return Other(f"{one.name} {version}", made)


def _number(said: object) -> float:
    if isinstance(said, bool):
        return float(said)
    value = float(cast("float", said))  # numbers of numpy have no common class with ours
    if isinstance(said, str) or math.isnan(value) or not 0 <= value <= 1:
        raise ValueError
    return value
