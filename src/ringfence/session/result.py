"""How a request or a plan ended, for the program that asked.

Its one rule: a result is complete and immutable; the answer carries its label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast, final

from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.encoding import Json
from ringfence.core.errors import ApprovalRequired, RingfenceError
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Labeled, Value, deep
from ringfence.guard.approval import ApprovalRequest
from ringfence.guard.bypass import Bypass
from ringfence.guard.run import CallMade
from ringfence.llm.accounting import Role, Usage
from ringfence.session.forecast import Forecast
from ringfence.session.report import call_json, diagnostic_json, error_json, value_json, variables_json
from ringfence.session.rounds import Round

Outcome: TypeAlias = Literal["completed", "refused", "rejected", "denied", "waiting", "failed", "limit"]
OUTCOMES: Final = ("completed", "refused", "rejected", "denied", "waiting", "failed", "limit")
NOTHING: Final = Labeled(None, TRUSTED_PUBLIC)


@final
@dataclass(frozen=True, slots=True)
class Result:
    """One run. `error` is None exactly when the outcome is "completed".

    answer: the labelled answer (of a refusal: the reason). text: the same for the user's eyes, "" if the user may not
    read it. calls: those that were made, in program order. diagnostics: what the checker said of a rejected plan.
    approval: what a waiting run waits for. plan: the text of the plan, "" if there is none.
    usage: what each model has cost. rounds: how often the planner was asked.
    bits: what it was told of data. begun: what the run's last round began with.
    detail: what the error does not tell everybody, such as what a tool said, if the user may read it.
    questions: how often a person was asked. bypasses: those in force when it ended. notes: what else is to be known.
    """

    outcome: Outcome
    run_id: str
    answer: Labeled = NOTHING
    text: str = ""
    calls: tuple[CallMade, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    error: RingfenceError | ApprovalRequired | None = None
    steps: int = 0
    plan: str = ""
    plan_hash: str = ""
    variables: Mapping[str, Value] = field(default_factory=dict)
    forecast: Forecast | None = None
    place: Span | None = None
    mode: str = "enforce"
    detail: str = ""
    questions: int = 0
    bypasses: tuple[Bypass, ...] = ()
    notes: tuple[str, ...] = ()
    usage: Mapping[Role, Usage] = field(default_factory=dict)
    rounds: int = 0
    bits: float = 0.0
    begun: Round = field(default_factory=Round)

    @property
    def approval(self) -> ApprovalRequest | None:
        """The question that a waiting run waits for."""
        if isinstance(self.error, ApprovalRequired) and isinstance(self.error.request, ApprovalRequest):
            return self.error.request
        return None

    @property
    def citations(self) -> tuple[str, ...]:
        """Where the answer comes from: the sources of its label, tools and people and hosts, without the user."""
        return tuple(sorted(deep(self.answer).sources - {"user", "developer"}))

    def to_json(self) -> dict[str, Json]:
        """The object that `ringfence exec --json` prints. Its shape is stable."""
        return {
            "outcome": self.outcome,
            "answer": cast(Json, value_json(self.answer)),
            "variables": cast(Json, variables_json(self.variables)),
            "calls": [call_json(made) for made in self.calls],
            "diagnostics": [diagnostic_json(one) for one in self.diagnostics],
            "error": cast(Json, error_json(self.error, self.place)),
            "steps": self.steps,
            **self._standing(),
        }

    def _standing(self) -> dict[str, Json]:
        """What is said only where there is something to say."""
        made: dict[str, Json] = {}
        if self.mode == "observe":
            made["mode"] = self.mode
        if self.bypasses:
            made["bypasses"] = [one.to_json() for one in self.bypasses]
        if self.notes:
            made["notes"] = [*self.notes]
        return made
