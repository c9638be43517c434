"""A bypass: for one tool and a short time nothing is stopped, and everybody can see it.

Its one rule: it has a reason, a name and an end; it is in the store and in the audit, and it ends when either clock
says so (guard/clock.py) and for good. It lifts the policy's verdict on calls of that tool, and nothing else: not what
the planner may read, not what an answer may hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Protocol, final

from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.clock import Ticker, Ticks, over, ticks

MAX_MINUTES: Final = 24 * 60
MAX_REASON: Final = 500


@final
@dataclass(frozen=True, slots=True)
class Bypass:
    """One bypass. `since`: when it began, on the clock nobody can set; `stopped`: when it was found to have ended."""

    id: str
    tool: str
    reason: str
    by: str
    began: datetime
    ends: datetime
    since: Ticks | None = None
    stopped: datetime | None = None

    def runs(self, at: datetime, ticks: Ticks) -> bool:
        """Whether it is in force. A clock that was set back ends it: nobody knows how long it has lasted."""
        return self.stopped is None and at >= self.began and not over(self.began, self.ends, at, self.since, ticks)

    def to_json(self) -> dict[str, Json]:
        """For people and programs."""
        return {
            "id": self.id,
            "tool": self.tool,
            "reason": self.reason,
            "by": self.by,
            "began": self.began.isoformat(),
            "ends": self.ends.isoformat(),
            "stopped": None if self.stopped is None else self.stopped.isoformat(),
        }


class Bypasses(Protocol):
    """The bypasses of a store. Thread-safe; durable when a method returns. AuditError."""

    def start(self, bypass: Bypass) -> None:
        """Write down one that begins now."""

    def list(self) -> tuple[Bypass, ...]:
        """All there ever were, oldest first."""

    def active(self, at: datetime) -> tuple[Bypass, ...]:
        """Those in force. Those that have ended are written down as stopped, and never come back."""

    def stop(self, id: str, at: datetime) -> Bypass | None:
        """End one. None if there is no such bypass."""


def made(id: str, tool: str, *, minutes: int, reason: str, by: str, at: datetime, ticks: Ticks) -> Bypass:
    """A bypass that begins now. ConfigError (C540) for one without a reason or an end."""
    if not reason.strip() or len(reason) > MAX_REASON:
        raise ConfigError("a bypass needs a reason", code="C540", hint=f"say why, in at most {MAX_REASON} characters")
    if not 1 <= minutes <= MAX_MINUTES:
        raise ConfigError("a bypass lasts from one minute to a day", code="C540", hint="--minutes 15")
    if not tool.isidentifier():
        raise ConfigError("a bypass is for one tool", code="C540", hint="--tool NAME; there are no patterns")
    return Bypass(id, tool, reason.strip(), by, at, at + timedelta(minutes=minutes), ticks)


@final
class MemoryBypasses:
    """Bypasses that end with the process."""

    def __init__(self, ticker: Ticker = ticks) -> None:
        self._kept: dict[str, Bypass] = {}
        self._lock = Lock()
        self._ticker = ticker

    def start(self, bypass: Bypass) -> None:
        with self._lock:
            self._kept[bypass.id] = bypass

    def list(self) -> tuple[Bypass, ...]:
        with self._lock:
            return tuple(self._kept.values())

    def active(self, at: datetime) -> tuple[Bypass, ...]:
        ticks = self._ticker()
        with self._lock:
            for one in self._kept.values():
                if one.stopped is None and not one.runs(at, ticks):
                    self._kept[one.id] = replace(one, stopped=at)
            return tuple(one for one in self._kept.values() if one.stopped is None)

    def stop(self, id: str, at: datetime) -> Bypass | None:
        with self._lock:
            found = self._kept.get(id)
            if found is not None and found.stopped is None:
                found = self._kept[id] = replace(found, stopped=at)
            return found
