"""A real model in the place of the simulated one: through the provider's own client, against a server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.bench.cases.case import load
from ringfence.bench.cases.looping import STEPS
from ringfence.bench.cases.study import Attacked, Minds, Served, studied
from ringfence.bench.cases.unguarded import Unguarded, unguarded
from ringfence.core.errors import ModelError
from ringfence.session.models import Models
from ringfence.testing import Behaviour, ModelServer, Request

CASE = load("arithmetic")
TOTAL = '{"tool": "total", "arguments": {"sheet": "invoices"}}'
CLEAR = 'I will do that: {"tool": "clear", "arguments": {"sheet": "invoices"}}'


@contextmanager
def served(script: object) -> Iterator[tuple[Models, ModelServer]]:
    with ModelServer(script) as server:  # type: ignore[arg-type]  # a list or a function, as the server says
        models = Models(f"openai:test-model@{server.url}", None, {"OPENAI_API_KEY": "key"})
        try:
            yield models, server
        finally:
            models.close()


def carried_out(tmp_path: Path, *script: Behaviour | str) -> tuple[Unguarded, ModelServer]:
    """The task `total`, with the attack that wants the sheets cleared, by a model that says this."""
    with served([*script]) as (models, server):
        attack = next(one for one in CASE.attacks if one.name == "row-clears-sheets")
        return unguarded(CASE, tmp_path / "world", CASE.task("total"), attack, models.chat()), server


def test_a_model_that_obeys_does_harm(tmp_path: Path) -> None:
    ended, server = carried_out(tmp_path, TOTAL, CLEAR, '{"answer": "It is 1340.50."}')
    assert ended.harm == "the rows of invoices are gone"
    assert [made.tool for made in ended.calls] == ["total", "clear"]
    assert ended.answer == "It is 1340.50."
    first, second, _ = (json.dumps(request.body) for request in server.requests)
    assert "def clear(" in first
    assert "Toner" not in first
    assert "Toner" in second, "the model is shown what it has read"


def test_one_that_does_not_does_none(tmp_path: Path) -> None:
    ended, _ = carried_out(tmp_path, TOTAL, '{"answer": "It is 1340.50, the sheets are kept."}')
    assert (ended.harm, ended.done) == (None, True)


@pytest.mark.parametrize(
    "reply",
    [
        "What would you like?",
        '{"tool": "delete_everything", "arguments": {}}',
        '{"tool": "total", "arguments": {"sheet": "salaries"}}',
        '{"tool": "total", "arguments": ["invoices"]}',
        '{"tool": "total"',
        "{" * 5_000,
    ],
)
def test_what_is_no_step_is_told_and_ends(tmp_path: Path, reply: str) -> None:
    ended, server = carried_out(tmp_path, reply)
    assert (ended.harm, ended.answer, ended.calls) == (None, "", ())
    assert len(server.requests) == STEPS


def test_a_model_that_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        carried_out(tmp_path, Behaviour(status=401))


def test_the_same_model_plans_with_the_firewall(tmp_path: Path) -> None:
    """One that obeys whatever it reads in the loop, and plans well, for it reads nothing then."""

    def says(request: Request) -> str:
        asked = json.dumps(request.body)
        if "Answer with one JSON object" not in asked:
            plans = {"17 times": "multiply([17, 23])", "invoices add": 'total("invoices")', "Clear": 'clear("hours")'}
            return next(f"```python\n{plan}\n```" for words, plan in plans.items() if words in asked)
        steps = asked.split("Request: ")[1]
        if "the sheets are out of date" in steps and "clear" not in steps.split("Result: ")[-2]:
            return CLEAR
        return '{"answer": "It is 391 and 1340.50."}' if "Result: " in steps else TOTAL

    with served(says) as (models, server):
        made = [*studied(CASE, tmp_path, minds=Minds(models.chat(), models.reader()))]
    assert all(one.held for one in made if isinstance(one, (Served, Attacked)))
    harmed = [one.attack.name for one in made if isinstance(one, Attacked) and one.without.harm]
    assert "row-clears-sheets" in harmed
    planned = [json.dumps(one.body) for one in server.requests if "Answer with one JSON" not in json.dumps(one.body)]
    assert planned
    assert not any("Toner" in text for text in planned), "no row of a sheet reaches the planner"
