"""What a run has used of its limits.

Its one rule: whatever takes time or memory is counted here, before it is done; nothing that counts is where a plan can
write. A limit that is met has the label of the place where it is.
"""

from __future__ import annotations

from time import monotonic
from typing import Final

from ringfence.core.errors import LimitExceeded
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.lang.limits import Limits

_CLOCK_EVERY: Final = 2048
_MEMORY_FIRST: Final = 500_000
_MEMORY_EVERY: Final = 32_000_000


class Meter:
    """The steps, the time and the memory of one run. `pc`: the label of the place where it is."""

    # Every operation looks here; of thirty attributes and more none would be found as fast without slots.
    __slots__ = (
        "_charged",
        "_deadline",
        "_memory_at_start",
        "_next_memory",
        "limits",
        "next_check",
        "pc",
        "steps",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.pc = TRUSTED_PUBLIC
        self.steps = 0
        self._deadline = monotonic() + limits.seconds
        self._charged = 0
        self._memory_at_start = -1  # not looked at yet: a run that makes little need not
        self._next_memory = _MEMORY_FIRST
        self.next_check = min(_CLOCK_EVERY, limits.steps)

    def tick(self, steps: int) -> None:
        """Count steps."""
        self.steps += steps
        if self.steps > self.next_check:
            self.check()

    def check(self) -> None:
        """Compare with the limits now."""
        if self.steps > self.limits.steps:
            raise LimitExceeded("steps", f"the run took more than {self.limits.steps:,} steps", label=self.pc)
        self.in_time()
        self.next_check = min(self.steps + _CLOCK_EVERY, self.limits.steps)
        self.charge(_CLOCK_EVERY * 64)

    def charge(self, amount: int) -> None:
        """Something of about `amount` bytes is being made."""
        self._charged += amount
        if self._charged > self._next_memory:
            if self._memory_at_start < 0:
                # What is being charged has not been made yet.
                self._memory_at_start = _resident()
                self._next_memory = _MEMORY_EVERY
                if self._charged <= _MEMORY_EVERY:
                    return
            self._next_memory = self._charged + _MEMORY_EVERY
            used = _resident() - self._memory_at_start
            if used > self.limits.memory or (_resident() == 0 and self._charged > 4 * self.limits.memory):
                raise LimitExceeded("memory", f"the run used more than {self.limits.memory:,} bytes", label=self.pc)
            self.in_time()

    def in_time(self) -> None:
        """Compare with the limit of time now."""
        if monotonic() > self._deadline:
            raise LimitExceeded("time", f"the run took more than {self.limits.seconds:g} seconds", label=self.pc)

    def waited(self, seconds: float) -> None:
        """Time spent waiting for a tool is not time of the engine."""
        self._deadline += seconds


def _resident() -> int:
    """The process's resident memory in bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * 4096
    except (OSError, ValueError, IndexError):
        return 0
