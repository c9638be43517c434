"""The store that ends with the process."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import Self, final

from ringfence.guard.approval import Approvals, MemoryApprovals
from ringfence.guard.audit import Audit, MemoryAudit, now_text
from ringfence.guard.budgets import Ledger, MemoryLedger
from ringfence.guard.bypass import Bypasses, MemoryBypasses
from ringfence.guard.journal import Journal, MemoryJournal
from ringfence.stores.runs import RunRecord, Runs


@final
class MemoryRuns:
    """Runs in a dict."""

    def __init__(self) -> None:
        self._runs: dict[str, RunRecord] = {}
        self._lock = Lock()

    def put(self, run: RunRecord) -> RunRecord:
        with self._lock:
            before, now = self._runs.pop(run.id, None), now_text()
            self._runs[run.id] = replace(run, created=now if before is None else before.created, updated=now)
            return self._runs[run.id]

    def get(self, id: str) -> RunRecord | None:
        return self._runs.get(id)

    def list(self, outcome: str | None = None, *, limit: int = 100) -> tuple[RunRecord, ...]:
        with self._lock:
            found = [run for run in self._runs.values() if outcome is None or run.outcome == outcome]
        return tuple(sorted(found, key=lambda run: run.created, reverse=True)[:limit])


@final
class MemoryStore:
    """Journal, audit, approvals and runs in memory."""

    def __init__(self) -> None:
        self._journals: dict[str, MemoryJournal] = {}
        self._audit = MemoryAudit()
        self._approvals = MemoryApprovals()
        self._bypasses = MemoryBypasses()
        self._runs = MemoryRuns()
        self._ledger = MemoryLedger()

    def journal(self, run: str) -> Journal:
        return self._journals.setdefault(run, MemoryJournal())

    def audit(self) -> Audit:
        return self._audit

    def approvals(self) -> Approvals:
        return self._approvals

    def bypasses(self) -> Bypasses:
        return self._bypasses

    def runs(self) -> Runs:
        return self._runs

    def ledger(self) -> Ledger:
        return self._ledger

    def close(self) -> None:
        """Nothing to give back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
