"""Every case: what the plan does is what its case says, and, where its meaning is Python's, what CPython does."""

from dataclasses import replace
from pathlib import Path

import pytest

from case_execution import execute
from case_oracle import python_report
from case_runner import Case, compare, compare_public, read_cases

ROOT = Path(__file__).parent
FILES = sorted([*ROOT.glob("cases/*.case"), *ROOT.glob("attacks/*.case")])
CASES = [case for path in FILES for case in read_cases(path)]

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
each_plain = pytest.mark.parametrize("case", [case for case in CASES if case.plain], ids=lambda case: case.name)
each_varied = pytest.mark.parametrize("case", [case for case in CASES if case.vary], ids=lambda case: case.name)


@each_case
def test_a_plan_does_what_its_case_says(case: Case) -> None:
    assert compare(case, execute(case)) == []


@each_plain
@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # cases are wrong on purpose; so says CPython's compiler
def test_cpython_says_the_same(case: Case) -> None:
    assert compare(replace(case, labels={}, answer_label=None), python_report(case)) == []


@each_varied
def test_nothing_public_depends_on_what_is_secret(case: Case) -> None:
    first = execute(case)
    for name, value in case.vary:
        given = {**case.given, name: {**case.given[name], "value": value}}
        assert compare_public(first, execute(replace(case, given=given))) == []
