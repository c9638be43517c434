"""What a yes to a plan covers: exactly what was shown, and what was taken unseen by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ringfence.core.values import List, wrap
from ringfence.guard.coverage import Shown, literal_digest
from ringfence.guard.decision import Decision, Reason

from .guard_plan import MAIL

RULE = "send.body: Trusted"
REASON = Reason(RULE, "trusted(body)", "trusted", "body", "tool:x")
ASK = Decision("ask", "send", (RULE,), (REASON,))
SHOWN = Shown(
    3,
    "send",
    {"to": literal_digest(["bob@x"])},
    frozenset({"body"}),
    frozenset({(RULE, "trusted", "body")}),
    frozenset({RULE}),
)
TAKEN = frozenset({"3.body"})
ARGUMENTS: dict[str, Any] = {"to": List(["bob@x"]), "body": wrap("hello", MAIL)}


def test_the_call_that_was_shown_is_covered() -> None:
    assert SHOWN.covers("send", ARGUMENTS, ASK, TAKEN)
    assert SHOWN.covers("send", {**ARGUMENTS, "body": wrap("anything", MAIL)}, ASK, TAKEN)
    assert SHOWN.covers("send", {**ARGUMENTS, "to": wrap(["bob@x"], MAIL)}, ASK, TAKEN)  # under a private condition


@pytest.mark.parametrize(
    "arguments",
    [
        {"to": ["eve@x"]},
        {"to": ["bob@x", "eve@x"]},
        {"to": "bob@x"},
        {"to": ("bob@x",)},
        {"to": []},
        {"cc": "eve@x"},
    ],
)
def test_other_arguments_are_not(arguments: dict[str, Any]) -> None:
    assert not SHOWN.covers("send", {**ARGUMENTS, **arguments}, ASK, TAKEN)


def test_fewer_arguments_or_another_tool_are_not() -> None:
    assert not SHOWN.covers("send", {"to": ARGUMENTS["to"]}, ASK, TAKEN)
    assert not SHOWN.covers("pay", ARGUMENTS, ASK, TAKEN)


@pytest.mark.parametrize("taken", [frozenset(), frozenset({"2.body"}), frozenset({"3.to"}), frozenset({"body"})])
def test_what_was_not_taken_by_name_is_not(taken: frozenset[str]) -> None:
    assert not SHOWN.covers("send", ARGUMENTS, ASK, taken)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (replace(REASON, predicate="public"), True),  # of the same rule, about what was taken whatever it is
        (replace(REASON, argument="to"), False),
        (replace(REASON, argument=None, predicate="pc_public"), False),
        (replace(REASON, rule="other"), False),
    ],
)
def test_other_reasons_are_not_unless_they_lie_in_what_was_taken(reason: Reason, expected: bool) -> None:
    decision = replace(ASK, reasons=(REASON, reason))
    assert SHOWN.covers("send", ARGUMENTS, decision, TAKEN) is expected
