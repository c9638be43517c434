"""Narrower and wider, decided by the meaning of rules: never said of a rule that lets one call more through."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value, wrap
from ringfence.guard.comparison import compare
from ringfence.guard.policy import Policy
from ringfence.guard.sections import Sections
from ringfence.guard.tools import tool
from ringfence.guard.views import view_of
from ringfence.lang.host import Bounds


@tool
def act(x: Any = None, y: Any = None) -> None: ...


def policy(table: dict[str, str], mode: Any = "enforce") -> Policy:
    sections = Sections(tools={"act": table} if table else {}, sets={"few": {"values": [1, "a"]}})
    return Policy.load([act], mode=mode, sections=sections)


def change(before: dict[str, str], after: dict[str, str], mode: Any = "enforce") -> str:
    return compare(policy(before, mode).rules["act"], policy(after, mode).rules["act"], mode)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("trusted(x)", "trusted(x)", "same"),
        ("trusted(x) and trusted(y)", "trusted(y) and trusted(x)", "same"),
        ("trusted(x)", "trusted(x) and trusted(y)", "narrower"),
        ("trusted(x)", "trusted(x) or trusted(y)", "wider"),
        ("trusted(x)", "trusted(y)", "both"),
        ("True", "trusted(x)", "narrower"),
        ("False", "trusted(x)", "wider"),
        ("not trusted(x)", "True", "wider"),
        ("readable(x, by=y)", "public(x)", "narrower"),
        ("public(x)", "readable(x, by=y)", "wider"),
        ("trusted(x)", "literal(x)", "narrower"),
        ("trusted(x)", "sourced(x, 'email:*')", "both"),  # it could fail
        ("pc_readable(by=x)", "pc_public()", "narrower"),
        ("len(x) <= 3", "len(x) <= 2", "narrower"),
        ("len(x) <= 2", "len(x) <= 3", "wider"),
        ("len(x) < 3", "len(x) <= 2", "narrower"),
        ("x <= 3", "x < 3", "narrower"),
        ("x > 3", "x == 5", "both"),
        ("x >= 3", "y >= 3", "both"),
        ("one_of(x, 1, 2)", "one_of(x, 1)", "narrower"),
        ("one_of(x, 1)", "one_of(x, 1, 2)", "wider"),
        ("trusted(x) or one_of(x, few)", "trusted(x)", "both"),  # a set that is not there denies; without it, it asks
        ("trusted(x) or within(x, 0, 5)", "within(x, 0, 5) or trusted(x)", "narrower"),  # it may fail before
    ],
)
def test_what_a_change_means(before: str, after: str, expected: str) -> None:
    assert change({"allow": before}, {"allow": after}) == expected


def test_asks_and_denials_count() -> None:
    assert change({"allow": "trusted(x)"}, {"allow": "trusted(x)", "ask": "False"}) == "narrower"
    assert change({"allow": "trusted(x)", "ask": "False"}, {"allow": "trusted(x)"}) == "wider"
    assert change({"allow": "trusted(x)"}, {"allow": "trusted(x)", "ask": "False"}, "strict") == "same"
    assert change({"allow": "trusted(x)"}, {"allow": "trusted(x)", "deny": "not pc_public()"}) == "narrower"
    assert change({}, {"allow": "True"}) == "wider"
    assert change({}, {"deny": "public(y)"}) == "narrower"
    assert change({}, {"allow": "trusted(x) and trusted(y) and pc_public()"}) == "same"


def test_what_is_too_much_to_compare_is_unknown() -> None:
    many = " or ".join(f"x == {number}" for number in range(12))
    assert change({"allow": many}, {"allow": "trusted(x)"}) == "unknown"
    assert change({"allow": "any(trusted(a) for a in x)"}, {"allow": "any(public(a) for a in x)"}) == "both"


ATOMS = [
    *("trusted(x)", "public(x)", "readable(x, by=y)", "literal(x)", "verbatim(x)", "pc_public()", "pc_trusted()"),
    *("len(x) <= 2", "len(x) < 2", "x <= 2", "x > 3", "x == 2", "within(x, 0, 5)", "within(x, 1, 2)", "one_of(x, 2)"),
    *("one_of(x, 2, few)", "one_of(x, 2, 7)", "matches(x, 'a+')", "all(trusted(z) for z in x)", "low_capacity(x)"),
    *("sourced(x, 'tool:*')", "trusted(y)", "True", "False", "x", "trusted(x.field)"),
]
RULES = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda one: f"(not {one})"),
    ),
    max_leaves=4,
)
TABLES = st.fixed_dictionaries({"allow": RULES}, optional={"ask": RULES, "deny": RULES}).filter(
    lambda table: table.get("deny") != table["allow"]
)
LABELS = [TRUSTED_PUBLIC, Label({"tool:w"}), Label((), {"user"}), Label({"tool:w"}, {"user", "email:b@x.example"})]
VALUES: list[Value] = [2, 7, 4.0, "", "aa", [], [2, 7], [7, "a"], ["b@x.example"], None, True]
CALLS = [
    {"x": view_of(wrap(value, label), literal=label is TRUSTED_PUBLIC and literal), "y": view_of("b@x.example")}
    for value, label, literal in product(VALUES, LABELS, (True, False))
]
PLACES = [Bounds(label, label) for label in LABELS]
ORDER = {"allow": 0, "ask": 1, "deny": 2}


@settings(max_examples=60, deadline=None)
@given(before=TABLES, after=TABLES, mode=st.sampled_from(["enforce", "strict"]))
def test_narrower_is_never_said_of_what_lets_more_through(before: Any, after: Any, mode: Any) -> None:
    found = change(before, after, mode)
    if found in ("both", "unknown"):
        return
    old, new = policy(before, mode), policy(after, mode)
    for views, place in product(CALLS, PLACES):
        was = ORDER[old.decide("act", views, place).verdict]
        now = ORDER[new.decide("act", views, place).verdict]
        assert (now == was) or (now > was and found == "narrower") or (now < was and found == "wider"), (views, place)
