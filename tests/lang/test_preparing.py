"""Preparing a plan: what is shared, what is worked out later, and what is refused because it would take too long."""

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from ringfence import lang
from ringfence.core.errors import PlanRejected

BRANCHES = """
log = []
def note(value):
    log.append(value)
for x in [1, 2]:
    if x > 1:
        note(x)
        break
"""


@pytest.mark.parametrize(
    "text",
    [
        "y = []\n" + "x = [a for a in y]\n" * 4001,
        "".join(f"f{n} = lambda: {n}\n" for n in range(4001)),
        "".join(f"def f{n}(): pass\n" for n in range(4001)),
        "".join(f"x{n} = {n}\n" for n in range(8000)) + "z = [a for a in [1]]\n" * 3000,
    ],
)
def test_more_functions_than_python_compiles_in_a_few_seconds_are_refused(text: str) -> None:
    with pytest.raises(PlanRejected) as caught:
        lang.parse(text)
    assert [problem.code for problem in caught.value.diagnostics] == ["E103"]


def test_the_forecast_and_the_program_share_one_analysis() -> None:
    checked = lang.check(lang.parse(BRANCHES), {})
    lang.flows(checked)
    analysis = checked.effects()
    lang.compile(checked)
    assert checked.effects() is analysis


def test_a_region_is_the_same_whoever_asks_first() -> None:
    checked = lang.check(lang.parse(BRANCHES), {})
    one, other = lang.compile(checked), lang.compile(checked)
    for program in (one, other):
        for unit in program.whole.units:
            unit.compiled()
    numbers = range(1, 3)
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda number: one.regions[number], [*numbers] * 8))
    assert asked == [other.regions[number] for number in numbers] * 8
    assert all(region.objects for region in asked)


def test_the_collector_is_as_it_was() -> None:
    for on in (True, False):
        (gc.enable if on else gc.disable)()
        try:
            lang.compile(lang.check(lang.parse(BRANCHES), {}))
            with pytest.raises(PlanRejected):
                lang.parse("x = = 1")
            assert gc.isenabled() is on
        finally:
            gc.enable()
