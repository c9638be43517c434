"""Places of host calls have one number each, whoever asks for it."""

from __future__ import annotations

from ringfence import lang
from ringfence.lang.host import Param, Signature

TEXT = """
def late(x):
    return second(x)
for item in first():
    if item:
        third(item)
    else:
        late(item)
pick = second
quarantine("what?", first(), returns=str)
"""


def test_forecast_and_program_number_the_sites_alike_and_in_the_order_of_the_calls() -> None:
    signatures = {name: Signature(name, (Param("x", required=False),)) for name in ("first", "second", "third")}
    checked = lang.check(lang.parse(TEXT), signatures)
    program = lang.compile(checked)
    foreseen = {call.site.number: call.site for call in lang.flows(checked).calls}
    assert [site.name for site in program.sites] == ["second", "first", "third", "second", "first", "quarantine"]
    assert all(program.sites[number] == site for number, site in foreseen.items())
