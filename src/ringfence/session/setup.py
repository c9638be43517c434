"""What all runs of a session have in common, and a plan that checks.

Its one rule: nothing here belongs to a run that has begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast, final

from ringfence import lang
from ringfence.core.encoding import Json
from ringfence.core.errors import PolicyDenied
from ringfence.guard.approval import LIFETIME, Approver
from ringfence.guard.observing import Observation, Planning
from ringfence.guard.policy import Policy
from ringfence.guard.run import Budget
from ringfence.guard.screening import Screen
from ringfence.guard.spending import Spending
from ringfence.guard.topics import ByWords, Classifier, Topics
from ringfence.lang import ir
from ringfence.llm.composer import Composer
from ringfence.schema import Type
from ringfence.screens.output import OutputGuard
from ringfence.session.approving import policy_digest
from ringfence.session.forecast import Forecast
from ringfence.session.watched import Watcher


@final
@dataclass(frozen=True, slots=True)
class Setup:
    """What all runs of a session have in common."""

    policy: Policy
    user: str
    dialect: str
    limits: lang.Limits
    budget: Budget
    approver: Approver | None = None
    watcher: Watcher | None = None
    composer: Composer = field(default_factory=Composer)
    grounding: bool = False
    planning: Planning = field(default_factory=Planning)
    approve_plan: bool = False
    lifetime: timedelta = LIFETIME
    topics: Topics | None = None
    classifier: Classifier = field(default_factory=ByWords)
    spending: Spending = field(default_factory=Spending)
    profile: str = field(default="", kw_only=True)
    shapes: Mapping[str, Type] = field(default_factory=dict, kw_only=True)
    output: OutputGuard = field(default_factory=OutputGuard)
    screen: Screen | None = None
    described: tuple[Mapping[str, Json], ...] = ()  # what the screen found in what tools say of themselves

    @property
    def pins(self) -> dict[str, str]:
        """By tool, the hash of all that a model and a policy see of it."""
        return {**self.policy.pins}


@final
@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A plan that checks, and what is expected of it. `denial`: the policy certainly denies it (P402)."""

    text: str
    plan: ir.Plan
    checked: lang.CheckedPlan
    plan_hash: str
    forecast: Forecast
    rounds: int = 0
    denial: PolicyDenied | None = None
    observations: tuple[Observation, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """Text, stored form, hash and forecast."""
        return {
            "text": self.text,
            "plan": cast(Json, lang.plan_to_json(self.plan)),
            "plan_hash": self.plan_hash,
            "dialect": self.checked.dialect,
            "rounds": self.rounds,
            "forecast": self.forecast.to_json(),
        }


def config_json(setup: Setup) -> dict[str, Json]:
    """What a run must find again when it is taken up later."""
    pins: dict[str, Json] = {**setup.pins}
    rules = policy_digest(setup.policy)
    return {"user": setup.user, "dialect": setup.dialect, "mode": setup.policy.mode, "pins": pins, "policy": rules}
