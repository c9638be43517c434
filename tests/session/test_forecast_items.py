"""What is foreseen of calls that are made for each item of a list."""

from __future__ import annotations

from ringfence import EVERYONE, Firewall, labels, tool
from ringfence.config import Config
from ringfence.testing import HostileQuarantine


def test_each_item_that_is_read_by_itself_may_be_less_than_all_of_them() -> None:
    """No certain denial for a list of which one item would be denied: a call gets one item, and there may be none."""

    @tool(effect="read", returns=labels(sources="chat:bob", readers=EVERYONE, own=False))
    def note() -> str:
        return "a note"

    rules = Config(tools={"quarantine_each": {"allow": "trusted(data)", "ask": "False"}})
    plan = 'xs = ["mine", note()]\nanswer(quarantine_each("Polite?", xs[:{}], returns=bool))'
    firewall = Firewall([note], policy=rules, quarantine=HostileQuarantine())
    for most, outcome in ((0, "completed"), (1, "completed"), (2, "denied")):
        forecast = firewall.check(plan.format(most)).forecast
        assert [call.verdict for call in forecast.calls] == ["allow", "depends"]
        assert firewall.exec(plan.format(most)).outcome == outcome
