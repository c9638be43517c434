"""Two properties of plans that use the whole language, on plans made at random (`wide_plans.py`).

Two runs that differ in a secret only look the same to those who may not know it: the calls and what goes into them,
denials and the places that they name, failures, the answer, and every variable that everyone may read. And no call has
a label above what was forecast for it. What each found first is a case in `tests/attacks/`.
"""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from case_execution import execute
from case_runner import Case, Labels, Report, public_calls
from ringfence import lang
from ringfence.core.errors import PlanRejected
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import Labeled, Value, deep
from ringfence.lang.host import Bounds, HostCall, Param, Signature, Site
from ringfence.schema import Type, validate
from wide_plans import PRELUDE, plan

PRIVATE = {"sources": ["user"], "readers": ["user"]}
FEW, MANY = range(60), range(60, 600)


class Counting:
    """A model that answers by what it reads, with a number from 0 to 4."""

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        return validate(schema, sum(map(ord, "".join(map(str, data)))) % 5, coerce=True)


def run(text: str, secrets: dict[str, int]) -> Report:
    given = {name: {"value": value, **PRIVATE} for name, value in secrets.items()}
    case = Case(Path("random"), 1, text, given=given, tools=["sinks"], mode="strict", limits={"steps": 20_000})
    return execute(case, Counting())


def public(value: tuple[Any, Labels] | None) -> Any:
    return None if value is None else value[0] if value[1].readers is None else "(hidden)"


def seen(report: Report, other: Report) -> dict[str, Any]:
    """What everyone may see. A variable that is there in one run only must be hidden where it is there."""
    return {
        "ended": (report.outcome, report.error, report.diagnostics),
        "calls": public_calls(report),
        "denials": [decision for decision in report.decisions if decision[0] != "allow"],
        "answer": public(report.answer),
        **{name: public(found) for name, found in report.variables.items()
           if name in other.variables or found[1].readers is None},
    }  # fmt: skip


def differences(one: Report, other: Report) -> list[str]:
    """In what the two differ that everyone may see.

    A run that a secret ended (E302) has made fewer calls, and among them none that waited for what failed.
    """
    calls = [public_calls(report) for report in (one, other)]
    ended = [report.error is not None and report.error[0] == "E302" for report in (one, other)]
    if any(ended):
        short, long = sorted(calls, key=len)
        fewer = short == long or ended[calls.index(short)]
        left = iter(long)
        return [] if fewer and all(call in left for call in short) else ["calls"]
    left, right = seen(one, other), seen(other, one)
    return [name for name in {**left, **right} if left.get(name) != right.get(name)]


def leaking(seed: int) -> list[str]:
    random = Random(seed)
    text = plan(random)
    first, second = [{name: random.randint(0, 3) for name in "st"} for _ in "12"]
    one = run(text, first)
    if one.outcome == "rejected":
        return []
    assert one.error is None or one.error[0] != "E303", text
    return [f"{name} with {first} and {second}:\n{text}" for name in differences(one, run(text, second))]


@pytest.mark.parametrize("seed", FEW)
def test_nothing_public_depends_on_a_secret(seed: int) -> None:
    assert leaking(seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_nothing_public_depends_on_a_secret_in_many_plans(seed: int) -> None:
    assert leaking(seed) == []


def test_the_comparison_sees_a_difference() -> None:
    shown = run("x = s\ny = 1\n", {"s": 1, "t": 1})
    assert differences(shown, run("x = s\ny = 2\n", {"s": 1, "t": 1})) == ["y"]
    assert differences(shown, run("x = s + 1\ny = 1\n", {"s": 1, "t": 1})) == []
    assert differences(run("publish(1)\n", {"s": 1}), run("publish(2)\n", {"s": 1})) == ["calls"]


# The forecast

RESULTS = {"vault": Label({"tool:vault"}, {"alice"}), "web": Label({"tool:web"}), "plain": TRUSTED_PUBLIC}
SECRETS = {"s": Label({"user"}, {"alice", "bob"}), "t": Label({"tool:held"}, {"bob"})}
OPTIONAL = (Param("x", required=False), Param("y", required=False))
SIGNATURES = {
    **{name: Signature(name, OPTIONAL, effect="read", result=Bounds(label, label)) for name, label in RESULTS.items()},
    "put": Signature("put", OPTIONAL, result=Bounds()),
}


class Watching:
    """A host that labels as the monitor does, and remembers each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[HostCall, dict[str, Label]]] = []

    def call(self, call: HostCall) -> Value:
        labels = {name: deep(value) for name, value in call.arguments.items() if name != "returns"}
        self.calls.append((call, labels))
        label = RESULTS.get(call.name, TRUSTED_PUBLIC).join(call.pc)
        for one in labels.values():
            label = label.join(one)
        return Labeled(len(self.calls) % 4, label)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def forecast_plan(random: Random) -> str:
    return with_sinks(re.sub(r"\blook\(", lambda _: f"{random.choice(list(RESULTS))}(", plan(random)))


def with_sinks(text: str) -> str:
    """Everything that is looked at goes to a tool."""
    return re.sub(r"seen\d = (.*)", r"put(\1)", re.sub(r"\bpublish\(", "put(", text))


def above(seed: int) -> list[str]:
    random = Random(seed)
    return exceeding(forecast_plan(random), random)


def exceeding(text: str, random: Random) -> list[str]:
    """The arguments and places of calls with a label above the forecast, or without one."""
    given: dict[str, Value] = {name: Labeled(random.randint(0, 3), label) for name, label in SECRETS.items()}
    bounds = {name: Bounds(label, label) for name, label in SECRETS.items()}
    try:
        checked = lang.check(lang.parse(text), SIGNATURES, given=bounds)
    except PlanRejected:
        return []
    foreseen = {call.site.number: call for call in lang.flows(checked).calls}
    host = Watching()
    lang.run(lang.compile(checked), host, given, lang.Limits(steps=20_000))
    found: list[str] = []
    for call, labels in host.calls:
        expected = foreseen.get(call.site.number)
        if expected is None:
            found.append(f"{call.name} on line {call.site.span.line} was not foreseen")
            continue
        high = {name: argument.bounds.high for name, argument in expected.arguments.items()}
        high["the place"] = expected.pc.high
        high["data"] = high.get("data", high.get("items"))  # each item of quarantine_each is a call of its own
        for name, label in {**labels, "the place": call.pc}.items():
            most = high.get(name, TRUSTED_PUBLIC)
            if most is not None and label.join(most) is not most:
                found.append(f"{name} of {call.name} on line {call.site.span.line}: {label} is above {most}")
    return [f"{one}\n{text}" for one in found]


# An exception is marked before any variable holds it: what is after it in a `raise`, or behind that, may tell.
THROWN = [
    """\
from collections import defaultdict
class Lost(Exception):
    pass
try:
    try:
        raise Lost(s)
    except Lost as problem:
        x = problem.args[0]
except Exception:
    pass
try:
    raise Lost(1) from ValueError(web(2))
except Exception:
    pass
""",
    """\
for turn in [1, 2]:
    try:
        raise ValueError(list("ab"), web(2))
    except ValueError as problem:
        if s:
            problem.args[0].append(2)
""",
]


@pytest.mark.parametrize("text", THROWN)
def test_what_a_raise_computes_is_where_the_forecast_says(text: str) -> None:
    assert exceeding(text, Random(1)) == []


@pytest.mark.parametrize("seed", FEW)
def test_no_label_is_above_its_forecast(seed: int) -> None:
    assert above(seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_no_label_is_above_its_forecast_in_many_plans(seed: int) -> None:
    assert above(seed) == []


def test_most_plans_run_and_every_construct_is_used() -> None:
    texts = [plan(Random(seed)) for seed in range(400)]
    bodies = "\n".join(text[len(PRELUDE) :] for text in texts)
    for part in ("match", "while", "try", "finally", "raise", "lambda", "reduce", "quarantine_each", "*it", "**("):
        assert part in bodies, part
    outcomes = [run(text, {"s": 1, "t": 0}).outcome for text in texts[:20]]
    assert outcomes.count("rejected") < 4
