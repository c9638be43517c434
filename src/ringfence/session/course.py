"""How far one run has come: the round it is in, what its planner can be asked, and what it was told of data.

Its one rule: a round is never changed, only followed by the next one; whoever plans, writes down or follows finds here
where the run is.
"""

from __future__ import annotations

from typing import Final, final

from ringfence.core.errors import ConfigError
from ringfence.guard.observing import Observing
from ringfence.session.asked import Asks
from ringfence.session.rounds import Round
from ringfence.session.setup import Setup

_ONE_ROUND: Final = ("action-selector", "plan-then-execute", "map-reduce")


@final
class Course:
    """The course of one run."""

    def __init__(self, setup: Setup) -> None:
        self.now = Round()
        self.request = ""
        self.asks: Asks | None = None
        self.asked = 0  # how often the planner was
        self.sealed = False  # a child that does what a text says
        self.observing = Observing(setup.planning, setup.policy.mode, setup.policy.trusted)
        self._setup = setup

    @property
    def more(self) -> bool:
        """Whether another round may follow this one."""
        return self.now.number < self._setup.planning.rounds and self._setup.dialect not in _ONE_ROUND

    @property
    def replans(self) -> bool:
        """Whether there is a planner that writes further plans."""
        if self.asks is None:
            return False
        try:
            return bool(getattr(self.asks.writer(), "replans", False))
        except ConfigError:
            return False
