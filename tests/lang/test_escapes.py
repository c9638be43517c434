"""Known tricks by which programs leave an interpreter, or change it from inside: none of them works here.

Each plan is checked, compiled and run in this process beside a canary that the host holds, and the engine's own
tables. A trick that is refused, fails or completes without the canary in any output has not worked; afterwards the
engine must be as it was, and must still compute.
"""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest

import ringfence.lang as lang
from ringfence.core.encoding import canonical_json, to_json
from ringfence.core.errors import PlanRejected
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.plain import RecordData
from ringfence.core.values import Value, unsafe_plain, wrap
from ringfence.lang.builtins.tables import ATTRIBUTES, METHODS
from ringfence.lang.host import HostCall, Param, Signature, Site
from ringfence.lang.running import runtime

CANARY = "canary-7f3a"
SIGNATURES = {
    "look": Signature("look", (Param("x", required=False),), effect="read"),
    "record": Signature("record", (), effect="read"),
}


class Host:
    """A host whose calls are counted, and that holds the canary."""

    secret = CANARY

    def __init__(self) -> None:
        self.calls: list[str] = []

    def call(self, call: HostCall) -> Value:
        self.calls.append(call.name)
        if call.name == "record":
            return wrap(RecordData("Note", {"title": "t", "body": "{0.__class__}"}), TRUSTED_PUBLIC)
        return 1

    def foresee(self, site: Site, name: str, pc: object) -> None:
        """Nothing is denied."""


def state() -> tuple[Any, ...]:
    """What no plan may change: the world of generated code, the tables of methods, the host's built-ins and modules."""
    return (
        {name: id(value) for name, value in runtime.WORLD.items()},
        {kind: dict(table) for kind, table in METHODS.items()},
        {kind: dict(table) for kind, table in ATTRIBUTES.items()},
        {name: dict(module.members) for name, module in runtime.modules().items()},
        dict(vars(builtins)),
        sys.getrecursionlimit() > 0,
    )


def attempt(plan: str) -> tuple[str, str, list[str]]:
    """How it ended, all that can be seen of it, and the calls that it made."""
    host = Host()
    try:
        program = lang.compile(lang.check(lang.parse(plan), SIGNATURES))
    except PlanRejected as error:
        return "rejected", error.render(), host.calls
    result = lang.run(program, host, {}, lang.Limits(steps=100_000, seconds=120))
    seen = [canonical_json(to_json(unsafe_plain(value))) for value in (*result.variables.values(), result.answer)]
    seen.append("" if result.error is None else f"{result.error} {getattr(result.error, 'message', '')}")
    code = "" if result.error is None else result.error.code
    return f"{result.outcome} {code}".strip(), "\n".join(seen), host.calls


def plans(name: str) -> list[str]:
    """The plans of a file, separated by lines of `--`."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return [plan.strip("\n") for plan in text.split("\n--\n")]


# Refused before anything runs.
REFUSED = plans("escapes_refused.txt")

# May complete or fail, but show and change nothing of the host.
HARMLESS = plans("escapes_harmless.txt")


@pytest.mark.parametrize("plan", REFUSED)
def test_it_is_refused_before_it_runs(plan: str) -> None:
    before = state()
    outcome, seen, calls = attempt(plan)
    assert outcome == "rejected"
    assert calls == []
    assert CANARY not in seen
    assert state() == before


@pytest.mark.parametrize("plan", HARMLESS)
def test_it_reaches_nothing(plan: str) -> None:
    before = state()
    outcome, seen, _ = attempt(plan)
    assert outcome in ("rejected", "completed", "failed E301", "limit E320")
    for told in (CANARY, "0x", "<module 'os'", "__builtins__", "ringfence", "/usr/", "site-packages", "posix"):
        assert told not in seen
    assert state() == before
    still = attempt("x = sum(i for i in [1, 2])\ny = len('ab')\nz = look()")
    assert still == ("completed", "3\n2\n1\nnull\n", ["look"])
