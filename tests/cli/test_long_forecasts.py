"""The forecast of a long plan for people: what nobody could read is counted, not drawn."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence import Firewall, tool
from ringfence.cli.foretell import argument_text
from ringfence.cli.graph import mermaid, svg
from ringfence.cli.picture import draw
from ringfence.session.setup import PlannedRun


@tool(effect="read")
def look(name: str) -> str:
    """Something."""
    return name


@tool(effect="write")
def tell(text: Any) -> None:
    """Tells."""


def planned(count: int) -> PlannedRun:
    lines = ["found = []", *(f"found.append(look('{n}'))" for n in range(count)), "tell(found)", "tell(found)"]
    return Firewall(tools=[look, tell]).check("\n".join(lines))


def test_few_sources_are_named_and_drawn_one_by_one() -> None:
    run = planned(3)
    last = run.forecast.calls[-1].arguments[0]
    assert argument_text(last, run.forecast) == "look (line 2), look (line 3), look (line 4)"
    picture = draw(run, frozenset({"user"}))
    assert [edge.source for edge in picture.edges if edge.target == "tell#4"] == ["look#0", "look#1", "look#2"]


def test_many_are_named_up_to_a_number_and_drawn_as_one() -> None:
    run = planned(200)
    last = run.forecast.calls[-1].arguments[0]
    assert len(last.sources) == 200
    assert argument_text(last, run.forecast).endswith("look (line 13) and 188 more") is True
    picture = draw(run, frozenset({"user"}))
    gathered = [node for node in picture.nodes if node.id == "several:0"]
    assert [node.title for node in gathered] == ["200 calls and variables"]
    into = [edge for edge in picture.edges if edge.target.startswith("tell#")]
    assert [(edge.source, edge.risky) for edge in into] == [("several:0", True)] * 2
    assert "200 calls and variables" in mermaid(picture)
    assert len(svg(picture)) < 100_000


@pytest.mark.parametrize("source", ["look#7", "look", "#0", "given:look", "tell#0", "look#-1", "look#0#0"])
def test_a_source_that_is_no_call_names_none(source: str) -> None:
    assert planned(2).forecast.maker(source) is None


def test_a_source_names_its_call() -> None:
    run = planned(2)
    assert run.forecast.maker("look#1") is run.forecast.calls[1]
