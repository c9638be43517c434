"""Plans at random whose reads overlap, some of which fail: they end as they do when each read is waited for at once.

What a read gives, and whether it fails, is decided by what it is asked. Behind one that failed, more may be made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from types import ModuleType
from typing import Any
from zlib import crc32

import pytest

import rich_plans
import wide_plans
from ringfence import lang
from ringfence.core.errors import PlanRejected, ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Labeled, Value, deep, unsafe_plain
from ringfence.lang.host import Bounds, HostCall, Site
from test_wide_plans import RESULTS, SECRETS, SIGNATURES, with_sinks

SEEDS = range(4000, 4020)
Call = tuple[str, dict[str, str]]


class Late:
    """A result on its way; of a call that fails none."""

    def __init__(self, call: HostCall, value: Value | None, label: Label) -> None:
        self.call = call
        self.value = value
        self.label = label

    def result(self) -> Value:
        if self.value is None:
            raise ToolError(self.call.name, "no", label=self.label)
        return self.value


class Reading:
    """A host of which every `fails`-th question, by what is asked, has no answer; 0: each has one."""

    def __init__(self, later: bool, fails: int) -> None:
        self.later = later
        self.fails = fails
        self.calls: list[tuple[int, Call]] = []

    def call(self, call: HostCall) -> Any:
        label = RESULTS.get(call.name, TRUSTED_PUBLIC).join(call.pc)
        for value in call.arguments.values():
            label = label.join(deep(value))
        asked = {name: shown(value) for name, value in call.arguments.items() if name != "returns"}
        self.calls.append((call.index, (call.name, asked)))
        number = crc32(repr((call.name, sorted(asked.items()))).encode()) >> 3
        fails = self.fails and number % self.fails == 1 and call.name != "put"
        made = Late(call, None if fails else Labeled(number // 7 % 4, label), label)
        return made if self.later and call.name != "put" else made.result()

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def shown(value: Value) -> str:
    return re.sub(" at 0x[0-9a-f]+", "", repr(unsafe_plain(value)))


def ended(text: str, given: Mapping[str, Value], host: Reading) -> tuple[str, dict[str, str], list[Call]]:
    """How it ends, with its variables if it completes; and its calls in their order."""
    bounds = {name: Bounds(label, label) for name, label in SECRETS.items()}
    program = lang.compile(lang.check(lang.parse(text), SIGNATURES, given=bounds))
    result = lang.run(program, host, dict(given), lang.Limits(steps=20_000))
    completed = result.outcome == "completed"
    variables = {name: shown(value) for name, value in result.variables.items()} if completed else {}
    return result.outcome, variables, [call for _, call in sorted(host.calls, key=lambda one: one[0])]


def differing(seed: int, writer: ModuleType, fails: int) -> str:
    """The plan, if it ends in another way where its reads overlap."""
    random = Random(seed)
    reads = re.sub(r"\b(look|ask|rows|vault)\(", lambda _: f"{random.choice(list(RESULTS))}(", writer.plan(random))
    text = with_sinks(reads)
    given = {name: Labeled(random.randint(0, 3), label) for name, label in SECRETS.items()}
    try:
        one, other = (ended(text, given, Reading(later, fails)) for later in (False, True))
    except PlanRejected:
        return ""
    more = iter(other[2])
    calls = all(call in more for call in one[2]) if fails else one[2] == other[2]
    return "" if one[:2] == other[:2] and (calls or one[0] != "completed") else text


@pytest.mark.parametrize("fails", [0, 2, 3])
@pytest.mark.parametrize("writer", [rich_plans, wide_plans], ids=["rich", "wide"])
@pytest.mark.parametrize("seed", SEEDS)
def test_reads_that_overlap_give_what_they_give_one_by_one(seed: int, writer: ModuleType, fails: int) -> None:
    assert differing(seed, writer, fails) == ""
