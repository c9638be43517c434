"""The properties of `test_wide_plans.py` on plans of another kind (`rich_plans.py`), whose reads overlap and may fail.

What is secret is what two variables hold, and what private tools give: it also decides which of their calls fail.
"""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest

from case_execution import execute
from case_runner import Case, Report
from case_tools import TOOLSETS, readings
from rich_plans import PRELUDE, RULES, plan
from test_wide_plans import RESULTS, Counting, differences, exceeding, with_sinks

FEW, MANY = range(25), range(25, 400)
PRIVATE = {"sources": ["user"], "readers": ["ann"]}


def run(text: str, secrets: dict[str, int], hidden: int) -> Report:
    """`hidden` is what the private tool gives."""
    given = {name: {"value": value, **PRIVATE} for name, value in secrets.items()}
    tools = ["sinks", "readings"]
    case = Case(Path("random"), 1, text, given=given, tools=tools, mode="strict", limits={"steps": 20_000})
    with patch.dict(TOOLSETS, readings=lambda: readings(hidden)):
        return execute(case, Counting(), observer="nobody")


def leaking(seed: int) -> list[str]:
    random = Random(seed)
    text = plan(random)
    secrets = [({name: random.randint(0, 3) for name in "st"}, random.randint(0, 2)) for _ in "12"]
    one = run(text, *secrets[0])
    if one.outcome == "rejected":
        return []
    assert one.error is None or one.error[0] != "E303", text
    return [f"{name} with {secrets}:\n{text}" for name in differences(one, run(text, *secrets[1]))]


@pytest.mark.parametrize("seed", FEW)
def test_nothing_public_depends_on_a_secret(seed: int) -> None:
    assert leaking(seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_nothing_public_depends_on_a_secret_in_many_plans(seed: int) -> None:
    assert leaking(seed) == []


def above(seed: int) -> list[str]:
    random = Random(seed)
    text = re.sub(r"\b(look|ask|rows)\(", lambda _: f"{random.choice(list(RESULTS))}(", plan(random))
    return exceeding(with_sinks(text), random)


@pytest.mark.parametrize("seed", FEW)
def test_no_label_is_above_its_forecast(seed: int) -> None:
    assert above(seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_no_label_is_above_its_forecast_in_many_plans(seed: int) -> None:
    assert above(seed) == []


def test_most_plans_run_through_and_every_rule_is_used() -> None:
    texts = [plan(Random(seed))[len(PRELUDE) :] for seed in range(800)]
    whole = "\n".join(texts)
    fixed = {max(re.split(r"@.|;|>", rule), key=len) for kind in ("simple", "block", "f") for rule in RULES[kind]}
    assert sorted(part for part in fixed if part not in whole) == []
    outcomes = [run(PRELUDE + text, {"s": 1, "t": 0}, 1).outcome for text in texts[:40]]
    assert outcomes.count("completed") > 24
    assert outcomes.count("rejected") < 4
