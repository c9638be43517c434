"""Random programs mean in the language what they mean in Python: same variables, same output, same exception."""

from __future__ import annotations

import json
import random
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from case_execution import execute
from case_oracle import python_report
from case_runner import Case, Report
from lang.plan_writer import PRELUDE, plan

# What is refused before the run is an exception in Python, where the run gets that far.
REFUSED = {"E101", "E102", "E201", "E202", "E203", "E207"}


def shown(value: Any) -> str | None:
    """The value as text that can be compared; None for functions, types and the like."""
    text = json.dumps(value, sort_keys=True)
    return None if "$opaque" in text else text


def differences(text: str) -> list[str]:
    """In what the two disagree about the plan."""
    case = Case(Path("random"), 1, text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        theirs = python_report(case)
    ours = execute(case)
    if ours.diagnostics:
        if all("a generator expression cannot set a variable" in message for _, message, _ in ours.diagnostics):
            return []
        return [] if theirs.outcome == "failed" and {one[0] for one in ours.diagnostics} <= REFUSED else ["refused"]
    found = [] if how(ours) == how(theirs) else [f"ended: {ours.error}, in Python {theirs.error}"]
    for name in sorted({*ours.variables, *theirs.variables}):
        one, other = (shown(side.variables[name][0]) if name in side.variables else "" for side in (ours, theirs))
        if one is not None and other is not None and one != other:
            found.append(f"{name}: {one}, in Python {other}")
    if ours.answer is not None and theirs.answer is not None and shown(ours.answer[0]) != shown(theirs.answer[0]):
        found.append(f"answer: {ours.answer[0]}, in Python {theirs.answer[0]}")
    return found


def how(report: Report) -> tuple[str, str, int | None]:
    """How it ended: outcome, exception, line."""
    if report.error is None:
        return report.outcome, "", None
    # Python calls a free variable without a value by the name of the wider exception; and the division of a Decimal by
    # zero is no exception of its own here.
    wider = {"UnboundLocalError": "NameError", "DivisionByZero": "ZeroDivisionError"}
    name = report.error[1][-1]
    return report.outcome, wider.get(name, name), report.error[2]


SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}


# The engine raises the recursion limit of the process, of which hypothesis keeps track.
@pytest.mark.filterwarnings("ignore:The recursion limit will not be reset")
@settings(max_examples=60, derandomize=True, **SETTINGS)
@given(st.integers(0, 2**40))
def test_random_plans_mean_what_they_mean_in_python(seed: int) -> None:
    text = plan(random.Random(seed))
    note(text.removeprefix(PRELUDE))
    assert differences(text) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_so_do_many_more(part: int) -> None:
    for seed in range(part * 40, part * 40 + 40):
        text = plan(random.Random(seed))
        assert differences(text) == [], text.removeprefix(PRELUDE)
