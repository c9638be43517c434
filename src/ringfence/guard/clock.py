"""Time that nobody can turn back: the wall's clock, and the seconds since the machine was started.

Its one rule: what is limited in time ends when either clock says so; where neither can say how much has passed, it has
ended. The wall's clock can be set, by a person or by a service; the other cannot, but it begins again with the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeAlias, final
from uuid import uuid4

Clock: TypeAlias = Callable[[], datetime]
Ticker: TypeAlias = "Callable[[], Ticks]"


@final
@dataclass(frozen=True, slots=True)
class Ticks:
    """Seconds since the machine was started; comparable between processes of one `boot` only."""

    boot: str
    seconds: float

    def until(self, later: Ticks) -> timedelta | None:
        """How much has passed; None if the machine was started anew in between, or it is another machine."""
        if self.boot != later.boot or later.seconds < self.seconds:
            return None
        return timedelta(seconds=later.seconds - self.seconds)

    def text(self) -> str:
        """As it is stored."""
        return f"{self.boot} {self.seconds!r}"


def ticks_from(text: str) -> Ticks:
    """What `Ticks.text` wrote. ValueError for anything else."""
    boot, _, seconds = text.rpartition(" ")
    return Ticks(boot, float(seconds))


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def ticks() -> Ticks:
    """The seconds since the machine was started, those in which it slept included where the system counts them."""
    which = getattr(time, "CLOCK_BOOTTIME", None)
    return Ticks(_boot(), time.monotonic() if which is None else time.clock_gettime(which))


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return uuid4().hex  # then only this process can compare


def over(began: datetime, ends: datetime, at: datetime, since: Ticks | None, ticks: Ticks) -> bool:
    """Whether what began at `began` and `since` has ended at `at` and `ticks`: in doubt it has."""
    if at >= ends:
        return True
    passed = None if since is None else since.until(ticks)
    return at < began if passed is None else passed >= ends - began
