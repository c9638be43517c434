"""Whether a reading still fits the budget of the run must not tell how much private data was read before."""

from __future__ import annotations

from datetime import date

from ringfence import Firewall, tool
from ringfence.config import Config
from ringfence.guard.spending import Spending
from ringfence.llm.models import Reply
from ringfence.testing import ScriptedModel

TODAY = date(2026, 3, 4)


@tool(effect="read")
def two() -> list[str]:
    """Two letters."""
    return ["one", "two"]


class Reader:
    """Reads numbers, for ten thousand tokens each."""

    def complete(self, system, user, schema=None):
        return Reply('{"value": 1, "not_enough_information": false}', 9_000, 1_000)


def firewall(plan, reader, spending):
    return Firewall([two], ScriptedModel([plan]), reader, policy=Config(spending=spending))


MIXED = """
a = quarantine("?", two()[0], returns=int)
n = a + 1  # waits for it: what is on its way has not been counted
try:
    b = quarantine_each("?", ["x"], returns=int)
    answer(b[0].failed if b[0] is not None else None)
except Exception:
    answer("caught")
"""


def test_what_a_reading_costs_is_told_by_no_reading_that_its_label_does_not_cover():
    """Whether an item of what everyone may know still fits told how much of a tool's text had been read."""
    result = firewall(MIXED, Reader(), Spending(tokens=10_500)).run("x", today=TODAY)
    assert (result.outcome, result.error.code) == ("limit", "E343")
    result = firewall(MIXED, Reader(), Spending(tokens=40_500)).run("x", today=TODAY)
    assert result.outcome != "limit"
