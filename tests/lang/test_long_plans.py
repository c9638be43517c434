"""Long plans that decide on untrusted data all the time end within their limits.

What a branch may have changed is marked for each region once: in a plan too long for the precise analysis every region
may change every object, and marking all of them again for each object of each region took most of a minute.
"""

from __future__ import annotations

from ringfence import lang
from ringfence.core.labels import Label
from ringfence.core.values import Value, wrap
from ringfence.lang.host import HostCall, Param, Signature, Site

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
