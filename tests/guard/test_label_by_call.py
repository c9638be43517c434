"""`labels(by_call=True)`: functions of a label rule that look at the call's arguments."""

from __future__ import annotations

import pytest

from ringfence import Firewall, labels, tool


def note_tool(rule):
    @tool(effect="read", returns=rule)
    def note(name: str, count: int = 1) -> list[str]:
        """Notes of somebody."""
        return [name] * count

    return note


def label_of(rule, call):
    return Firewall(tools=[note_tool(rule)], user="me").exec(f"answer({call})").answer.label


def test_functions_see_the_record_and_the_arguments():
    rule = labels(
        sources=lambda record, *, arguments: f"by:{arguments['name']}:{record}",
        readers=lambda record, *, arguments: [f"for:{arguments['name']}"],
        by_call=True,
    )
    found = label_of(rule, "note('ann')[0]")
    assert found.sources == {"tool:note", "by:ann:ann"}
    assert found.readers == {"me"}  # the length of the list is the user's alone
    assert label_of(rule, "note('bob', 0)").sources == {"tool:note"}


@pytest.mark.parametrize(
    "sources",
    [
        lambda record: "x",
        lambda record, *, arguments: arguments["missing"],
        lambda record, *, arguments: arguments.clear() or "x",
        lambda record, *, arguments: None,
    ],
)
def test_a_function_that_fails_labels_as_any_other_that_fails(sources):
    found = label_of(labels(sources=sources, by_call=True), "note('ann')[0]")
    assert found.sources == {"tool:note", "unknown"}


def test_a_rule_without_functions_is_as_it_was():
    rule = labels(sources="x", by_call=True)
    assert label_of(rule, "note('ann')[0]").sources == {"x", "tool:note"}
    assert rule.constant
