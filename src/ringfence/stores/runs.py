"""Runs: what is needed to take one up again in another process, and what became of it.

Its one rule: a run is written down before its first call, and its outcome when it ends. The request is kept as a
digest, and in words only until the run has ended, for the planner of a run that goes on; the plan, the given variables
and the configuration are what a run is resumed from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self, final

from ringfence.guard.approval import Approvals
from ringfence.guard.audit import Audit
from ringfence.guard.budgets import Ledger
from ringfence.guard.bypass import Bypasses
from ringfence.guard.journal import Journal


@final
@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. `plan`, `given` and `config` are JSON text; `outcome` is None while it goes on or waits.

    `created` and `updated` are UTC in ISO format; a store fills them in.
    """

    id: str
    request_digest: str
    mode: str
    plan: str | None = None
    plan_hash: str | None = None
    given: str = "{}"
    config: str = "{}"
    outcome: str | None = None
    created: str = ""
    updated: str = ""


class Runs(Protocol):
    """All runs of a store. Thread-safe. Raises AuditError."""

    def put(self, run: RunRecord) -> RunRecord:
        """Write a run down, a new one or the new state of one. Returns it with its times."""

    def get(self, id: str) -> RunRecord | None:
        """A run by its id."""

    def list(self, outcome: str | None = None, *, limit: int = 100) -> tuple[RunRecord, ...]:
        """The latest runs, newest first; those with an outcome such as "waiting", or all."""


class Store(Protocol):
    """Everything that outlives a call."""

    def journal(self, run: str) -> Journal:
        """The journal of a run, as it stands."""

    def audit(self) -> Audit:
        """The audit of all runs."""

    def approvals(self) -> Approvals:
        """The approvals of all runs."""

    def bypasses(self) -> Bypasses:
        """The bypasses, which count for all runs."""

    def runs(self) -> Runs:
        """The runs."""

    def ledger(self) -> Ledger:
        """What all runs have taken from the policy's budgets."""

    def close(self) -> None:
        """Give files and connections back."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...
