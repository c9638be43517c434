"""Long plans that decide on untrusted data all the time end within their limits.

What a branch may have changed is marked for each region once: in a plan too long for the precise analysis every region
may change every object, and marking all of them again for each object of each region took most of a minute.
"""

from __future__ import annotations

import itertools

import pytest

from ringfence import lang
from ringfence.core.labels import Label
from ringfence.core.values import Value, wrap
from ringfence.lang.host import HostCall, Param, Signature, Site
from ringfence.lang.running import meter

UNTRUSTED = Label({"tool:inbox"})
PART = """
found{n} = search({n})
first{n} = [one for one in found{n} if one > 1]
if len(first{n}) > 1:
    log.append(first{n})
for one in first{n}:
    total += one
    if one > 2:
        log.append(one)
row = {{'n': {n}, 'first': first{n}}}
rows.append(row)
"""


class Inbox:
    def call(self, call: HostCall) -> Value:
        return wrap([1, 2, 3], UNTRUSTED)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def test_a_long_plan_ends_within_the_default_limits() -> None:
    text = "log = []\nrows = []\ntotal = 0\n" + "".join(PART.format(n=n) for n in range(250)) + "answer(total)\n"
    plan = lang.parse(text)
    assert len(plan.body) > 1_000
    program = lang.compile(lang.check(plan, {"search": Signature("search", (Param("query"),), effect="read")}))
    result = lang.run(program, Inbox())
    assert (result.outcome, result.error) == ("completed", None)
    assert result.variables["total"].label == UNTRUSTED


class Senders:
    """Records of as many senders as there are records."""

    def call(self, call: HostCall) -> Value:
        return wrap([wrap(1, Label({f"email:{number}@x"})) for number in range(800)], UNTRUSTED)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def test_marking_ends_with_the_time_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each branch has a label of its own here, so that much is marked for each of them: no step counts that."""
    looks = itertools.count()
    monkeypatch.setattr(meter, "monotonic", lambda: next(looks) / 1000)  # each look at the clock is a millisecond
    part = "l{n} = []\nif d[{n}] > 0:\n    g = l{n} if d[{n}] else l{m}\n    g.append(2)\n"
    text = "d = search()\n" + "".join(part.format(n=n, m=max(0, n - 1)) for n in range(800))
    checked = lang.check(lang.parse(text), {"search": Signature("search", (), effect="read")})
    result = lang.run(lang.compile(checked), Senders(), limits=lang.Limits(seconds=0.05))
    assert result.outcome == "limit"
    assert result.error is not None
    assert "0.05 seconds" in str(result.error)
