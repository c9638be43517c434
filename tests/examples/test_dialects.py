"""The dialect of a task is the narrowest that its plan needs: what it excludes is excluded for a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from ringfence import Firewall
from ringfence.bench.cases.case import load, names
from ringfence.bench.cases.deployment import deployed
from ringfence.core.errors import PlanRejected

CASES = {name: load(name) for name in names()}
STATED = [(name, task.name) for name, case in CASES.items() for task in case.tasks if task.dialect is not None]
NARROWER: Final = {
    "action-selector": (),
    "plan-then-execute": ("action-selector",),
    "map-reduce": ("action-selector", "plan-then-execute"),
    "dual-llm": ("action-selector", "plan-then-execute"),
    "code-then-execute": ("action-selector", "plan-then-execute", "map-reduce", "dual-llm"),
}


@pytest.mark.parametrize(("name", "task"), STATED, ids=["-".join(pair) for pair in STATED])
def test_no_narrower_dialect_would_do(tmp_path: Path, name: str, task: str) -> None:
    case = CASES[name]
    wanted = case.task(task)
    with deployed(case, tmp_path) as deployment:
        given = deployment.given(wanted)
        for dialect in NARROWER[wanted.dialect or ""]:
            firewall = Firewall(deployment.tools, policy=deployment.config, mode="enforce", dialect=dialect)
            with firewall, pytest.raises(PlanRejected) as refused:
                firewall.check(wanted.plan, given)
            assert "E205" in {one.code for one in refused.value.diagnostics}, dialect


def test_every_dialect_is_shown() -> None:
    assert {CASES[name].task(task).dialect for name, task in STATED} >= set(NARROWER) - {"code-then-execute"}
