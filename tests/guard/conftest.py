"""Fixtures of the guard's tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from ringfence.guard.audit import MemoryAudit
from ringfence.guard.journal import MemoryJournal
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo
from ringfence.guard.tools import Tool

from .guard_plan import Make, Plan


@pytest.fixture
def make() -> Iterable[Make]:
    """Makes a plan over tools: `make(tools, mode=..., table=..., approver=..., ...)`."""
    monitors: list[Monitor] = []

    def build(
        tools: Iterable[Tool],
        *,
        mode: Any = "enforce",
        table: Mapping[str, object] | None = None,
        run: str = "run-1",
        **rest: Any,
    ) -> Plan:
        policy = Policy.load(tools, mode=mode, table=table)
        rest.setdefault("journal", MemoryJournal())
        rest.setdefault("audit", MemoryAudit())
        monitor = Monitor(policy.tools.values(), policy, run=RunInfo(run, "p" * 64), **rest)
        monitors.append(monitor)
        return Plan(monitor)

    yield build
    for monitor in monitors:
        monitor.close()
