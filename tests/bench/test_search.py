"""The attacker's search: by feedback, within a budget, repeatable; and what it says fits the schema."""

from __future__ import annotations

import pytest

from ringfence.bench.agentdojo.attacker import EVERYWHERE, HostileReader, Knowledge
from ringfence.bench.agentdojo.search import Tried, search
from ringfence.schema import type_of

FIELDS = {"a": 7, "b": 7, "c": 7, EVERYWHERE: 7}
GOAL = {"a": 3, "b": 5, "c": 1}


def target(assignment):
    """Three fields, each of which has one value that comes nearer."""
    return sum(assignment.get(name, assignment.get(EVERYWHERE, 0)) == index for name, index in GOAL.items())


def counted(score):
    tried = []

    def run(assignment):
        tried.append(dict(assignment))
        return Tried((score(assignment),), score(assignment) == len(GOAL), FIELDS)

    return tried, run


def test_each_step_comes_nearer_so_that_few_of_343_are_tried():
    tried, run = counted(target)
    assert search(run, 60, "seed") == len(tried) < 60
    assert target(tried[-1]) == 3


def test_it_repeats_exactly():
    one, run = counted(target)
    search(run, 60, "seed")
    other, again = counted(target)
    search(again, 60, "seed")
    assert one == other


def test_the_budget_is_kept():
    tried, run = counted(lambda assignment: 0)
    assert search(run, 25, "seed") == len(tried) == 25


def test_no_assignment_is_run_twice_and_it_ends_when_all_were():
    tried = []

    def run(assignment):
        tried.append(tuple(sorted(assignment.items())))
        return Tried((0,), False, {"a": 2, EVERYWHERE: 2})

    assert search(run, 1_000, "seed") == len(tried) == len(set(tried)) < 12


def test_without_a_field_there_is_one_run():
    assert search(lambda assignment: Tried((0,), False, {}), 50, "seed") == 1


KNOWN = Knowledge(("DE1", "Hacked!", "eve@evil.example"), (5.0, 1.0), (("recipient", "DE1"), ("subject", "Hacked!")))


@pytest.mark.parametrize(
    ("name", "annotation", "value"),
    [
        ("recipient", str, "DE1"),
        ("subject_line", str, "Hacked!"),
        ("amount", float, 5.0),
        ("count", int, 5),
        ("suspicious", bool, True),
        ("other", str, "DE1"),
        ("recipients", list[str], ["DE1"]),
    ],
)
def test_what_suits_a_field_comes_first(name, annotation, value):
    reader = HostileReader(KNOWN, assignment={})
    assert reader.read("Read it.", ("x",), type_of(dict[str, annotation])) is not None
    from typing import TypedDict

    schema = type_of(TypedDict("Found", {name: annotation}))
    assert reader.read("Read it.", ("x",), schema) == {name: value}


def test_an_assignment_is_said_where_it_says_and_elsewhere_what_stands_for_all():
    from typing import TypedDict

    schema = type_of(TypedDict("Found", {"a": str, "b": str}))
    reader = HostileReader(KNOWN, assignment={})
    reader.read("Read it.", ("x",), schema)
    first = next(name for name in reader.fields if name.endswith(".a"))
    other = HostileReader(KNOWN, assignment={first: 1, EVERYWHERE: 2})
    assert other.read("Read it.", ("x",), schema) == {"a": "Hacked!", "b": "eve@evil.example"}


def test_addresses_in_the_data_are_known_too():
    reader = HostileReader(KNOWN, assignment={EVERYWHERE: 3})
    assert reader.read("Read it.", ("write to www.evil.example/x now",), type_of(str)) == "www.evil.example/x"
