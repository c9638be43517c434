"""`ringfence demo CASE` and `ringfence demo --list`."""

import json

import pytest

from ringfence.bench.cases import study
from ringfence.bench.cases.case import names
from ringfence.testing import Behaviour, ModelServer


def test_the_cases_are_listed(cli):
    ended = cli("demo", "--list", "--json")
    assert ended.status == 0
    assert [one["case"] for one in ended.json] == list(names())
    for one in ended.json:
        assert one["case"] in cli("demo", "--list").out


def test_a_case_is_shown_as_one_object(cli, place):
    ended = cli("demo", "arithmetic", "world", "--json")
    assert ended.status == 0
    shown = json.loads(ended.out)
    assert (shown["case"], shown["simulated"], shown["held"]) == ("arithmetic", True, True)
    assert all(task["with"]["done"] and task["without"]["done"] for task in shown["tasks"])
    for attack in shown["attacks"]:
        assert attack["without"]["harm"]
        assert [ended["harm"] for ended in attack["with"]] == [None] * len(attack["with"])
    assert (place / "world" / "attacks" / "row-clears-sheets" / "without" / "hours.csv").read_text().count("\n") == 1


def test_a_case_is_shown_to_people(cli):
    ended = cli("demo", "arithmetic", "world")
    assert ended.status == 0
    assert "simulated" in ended.out
    assert "the rows of invoices and hours are gone" in ended.out
    assert "attacks that did harm: 7 of 7 without it, 0 with it" in ended.out.replace("\n", " ")


def test_a_case_that_does_not_hold_fails(cli, monkeypatch):
    monkeypatch.setattr(study, "guarded", _harmed(study.guarded))
    ended = cli("demo", "arithmetic", "world", "--json")
    assert ended.status == 4
    assert json.loads(ended.out)["held"] is False


def _harmed(guarded):
    from dataclasses import replace

    return lambda *given, **named: replace(guarded(*given, **named), harm="something")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [(("arithmetics",), "arithmetic"), (("no-such-case", "world"), "arithmetic"), (("arithmetic", "full"), "empty")],
)
def test_what_is_wrong_is_said(cli, place, arguments, hint):
    (place / "full").mkdir()
    (place / "full" / "file").write_text("mine")
    ended = cli("demo", *arguments)
    assert ended.status == 2
    assert hint in ended.err
    assert (place / "full" / "file").read_text() == "mine"
    assert not (place / "world").exists()


def test_a_real_model_takes_the_place_of_the_simulated_one(cli, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with ModelServer(['{"answer": "391"}']) as server:
        ended = cli("demo", "arithmetic", "world", "--json", "--model", f"openai:test-model@{server.url}")
    assert ended.status == 4, "what it answers is no plan"
    assert (ended.json["simulated"], ended.json["held"]) == (False, False)
    assert [task["without"]["answer"] for task in ended.json["tasks"]] == ["391"] * 3
    assert [task["with"]["stopped"]["code"] for task in ended.json["tasks"]] == ["E110"] * 3


def test_a_model_that_cannot_be_had_is_said(cli, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with ModelServer([Behaviour(status=401)]) as server:
        ended = cli("demo", "arithmetic", "world", "--model", f"openai:test-model@{server.url}")
    assert ended.status == 4
    assert "E360" in ended.err or "E361" in ended.err
    assert cli("demo", "arithmetic", "other", "--model", "offline").status == 2
