"""Three properties of the plans of `nested_plans.py`: of two runs that differ in a secret everyone sees the same; no
label is outside of its forecast, with rows of real tools whose labels are the monitor's; and what needs no tool means
what it means in Python.

What is secret is what two variables hold and what private tools, fields and rows give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest

from case_execution import Watched, execute
from case_runner import Case, Report
from case_tools import TOOLSETS, readings, staff
from forecasting import outside
from lang.test_oracle_fuzz import differences as from_python
from nested_plans import PRELUDE, RULES, as_python, plan
from ringfence import lang
from ringfence.core.errors import PlanRejected, QuarantineError
from ringfence.core.labels import Label
from ringfence.core.plain import Plain
from ringfence.core.values import Labeled, Value, deep, unsafe_plain
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo, values_of
from ringfence.guard.audit import MemoryAudit
from ringfence.lang.host import Bounds, HostCall, Pending, Site
from ringfence.schema import EnumType, ListType, LiteralType, RecordType, Type, UnionType, validate
from test_wide_plans import differences, with_sinks

FEW, MANY = range(30), range(30, 400)
PRIVATE = {"sources": ["user"], "readers": ["ann"]}
TOOLS = ["sinks", "readings", "staff"]
POLICY = '[tools.jot]\nallow = "True"\n'


class Answering:
    """A model that answers by what it reads, and sometimes cannot."""

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        digest = sum(map(ord, "".join(map(str, data))))
        if digest % 7 == 6:
            raise QuarantineError("not enough information")
        return validate(schema, answered(schema, digest), coerce=True)


def answered(schema: Type, digest: int) -> object:
    """Data of this type."""
    match schema:
        case RecordType(_, fields):
            return {
                one.name: answered(one.type, digest + place)
                for place, one in enumerate(fields)
                if one.required or (digest + place) % 2
            }
        case ListType(item):
            return [answered(item, digest + place) for place in range(digest % 3)]
        case UnionType(options):
            return answered(options[digest % len(options)], digest)
        case LiteralType(values):
            return values[digest % len(values)]
        case EnumType(_, members):
            return members[digest % len(members)][1]
    return digest % 5 if getattr(schema, "name", None) == "int" else None if schema.name == "None" else "ab"[: digest % 3]


def run(text: str, secrets: dict[str, int], hidden: int) -> Report:
    """`hidden` is what private tools, rows and fields are made of."""
    given = {name: {"value": value, **PRIVATE} for name, value in secrets.items()}
    case = Case(Path("random"), 1, text, given=given, tools=TOOLS, policy=POLICY, mode="strict", limits={"steps": 20_000})
    with patch.dict(TOOLSETS, readings=lambda: readings(hidden), staff=lambda: staff(hidden)):
        return execute(case, Answering(), observer="nobody")


def leaking(seed: int) -> list[str]:
    random = Random(seed)
    text = plan(random)
    secrets = [({name: random.randint(0, 3) for name in "st"}, random.randint(0, 3)) for _ in "12"]
    return leaks(text, secrets)


def leaks(text: str, secrets: list[tuple[dict[str, int], int]]) -> list[str]:
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
