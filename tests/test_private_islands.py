"""Precision, as a property: private work beside public work leaves that public.

A public plan at random (`nested_plans.py`, without tools) gets islands: statements that compute with a private value
and set only names of their own. What the plan made without them it makes with them, everyone may still see it, and
what it publishes is published. An engine that taints a whole run fails here.
"""

from __future__ import annotations

import ast
from pathlib import Path
from random import Random

import pytest

from case_execution import execute
from case_runner import Case, Report
from nested_plans import PRELUDE, as_python, plan
from rule_plans import Place, Writer, rules

FEW, MANY = range(20), range(20, 400)
PRIVATE = {"sources": ["user"], "readers": ["ann"]}
ISLANDS = rules("private_islands.txt")


def run(text: str, private: int) -> Report:
    given = {"p": {"value": private, **PRIVATE}}
    case = Case(Path("random"), 1, text, given=given, tools=["sinks"], mode="strict", limits={"steps": 20_000})
    return execute(case)


def public_plan(random: Random) -> str:
    """A plan without secrets that publishes what it makes."""
    text = as_python(plan(random), random.randint(0, 3), random.randint(0, 3))
    return text.replace("def publish(v):\n    log.append(v)\n", "")


def with_islands(text: str, random: Random) -> str:
    """The plan with islands between its statements, where these are in no function and in no `try`."""
    tree = ast.parse(text.removeprefix(PRELUDE))
    writer = Writer(random, ISLANDS)
    bodies = [tree.body]
    for body in bodies:
        for node in body:
            if isinstance(node, (ast.If, ast.For, ast.While)):
                bodies += [inner for inner in (node.body, node.orelse) if inner]
    for body in bodies:
        for _ in range(2 if body is tree.body else random.randint(0, 1)):
            made = ast.parse("\n".join(writer.lines(random.choice(ISLANDS["island"]), Place()))).body
            place = random.randint(0, len(body))
            body[place:place] = made
    return PRELUDE + ast.unparse(tree) + "\n"


def tainted(seed: int) -> list[str]:
    """What is no more public, or another value."""
    random = Random(seed)
    text = public_plan(random)
    alone, beside = run(text, 0), run(with_islands(text, random), random.randint(0, 3))
    return found_in(alone, beside)


def found_in(alone: Report, beside: Report) -> list[str]:
    found = [] if (alone.outcome, alone.calls) == (beside.outcome, beside.calls) else [f"ended: {beside.error}"]
    for name, (value, label) in alone.variables.items():
        if name != "p" and "$opaque" not in str(value) and beside.variables.get(name) != (value, label):
            found.append(f"{name}: {(value, label)}, and beside private work {beside.variables.get(name)}")
    return found


def share(seeds: range) -> float:
    """In how many of the plans something was tainted that had nothing to do with it.

    Not none: which functions an argument may be, and which objects they change, is known without regard to the caller
    (docs/limitations/language.md).
    """
    return sum(bool(tainted(seed)) for seed in seeds) / len(seeds)


def test_precision_private_work_leaves_public_work_public() -> None:
    assert share(FEW) <= 0.05


@pytest.mark.slow
def test_precision_private_work_leaves_public_work_public_in_many_plans() -> None:
    assert share(MANY) <= 0.05


PUBLIC = """\
from operator import attrgetter, methodcaller
@dataclass
class Row:
    v: int
    name: str = "n"
rows = [Row(2), Row(1)]
best = sorted(rows, key=attrgetter("v", "name"))[0]
names = list(map(methodcaller("get", "v", 0), [{"v": 1}]))
if p:
    mine = sorted([Row(p), Row(1)], key=attrgetter("v"))
publish(best.v)
"""


def test_precision_getters_of_names_that_are_written_out_change_nothing() -> None:
    report = run(PUBLIC, 1)
    assert (report.outcome, report.error) == ("completed", None)
    assert all(report.variables[name][1].readers is None for name in ("rows", "best", "names"))


@pytest.mark.parametrize(
    "maker", ['attrgetter("append")', 'attrgetter("v", "items.append")', 'attrgetter(*["append"])', "attrgetter(name)"]
)
def test_getters_of_other_names_may_change_what_they_are_given(maker: str) -> None:
    text = f'from operator import attrgetter\nname = "append"\nxs = [1]\nif p:\n    {maker}(xs)\nx = len(xs)\n'
    assert run(text, 0).variables["x"][1].readers == ("ann",)


def test_the_comparison_sees_what_is_tainted() -> None:
    assert found_in(run("x = 1\n", 1), run("x = 1\nif p:\n    x = 1\n", 1)) != []
    assert found_in(run("x = 1\n", 1), run("x = 1\nif p:\n    y = 1\n", 1)) == []
