"""Shapes of results: types and keys and no content, for the planner alone, and only of the tool as it was."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from ringfence import ConfigError, Firewall, tool
from ringfence.cli.tools import command
from ringfence.config import load
from ringfence.core.plain import RecordData
from ringfence.schema import render
from ringfence.session.shapes import read_shapes, shape_of, write_shape
from ringfence.testing import ScriptedModel

CANARY = "CANARY4711"


@tool(effect="read")
def orders(customer: str = "x") -> object:
    """The orders of a customer."""
    return [{"id": 1, "items": [{"name": CANARY, "price": 2.5}], "paid": date(2026, 1, 2)}, {"id": 2, "items": []}]


@tool(effect="write")
def wipe() -> None:
    """Delete everything."""
    raise AssertionError("must not be called")


TOOLS = [orders, wipe]


@pytest.mark.parametrize(
    ("plain", "text"),
    [
        (3, "int"),
        (None, "None"),
        ("x", "str"),
        ([1, 2], "list[int]"),
        ([1, "a"], "list[int | str]"),
        ([], "list[Any]"),
        ({"a": 1, "b": ["x"]}, "{'a': int, 'b': list[str]}"),
        ({f"{CANARY} is no name": 1, "two words": 2}, "dict[str, int]"),
        ({}, "dict[str, Any]"),
        (RecordData("Mail", {"sender": "x"}), "Mail"),
        ([{"a": 1}, {"a": 2, "b": "x"}], "list[{'a': int, 'b': str | None}]"),
        ({n: n for n in range(5)}, "dict[str, int]"),
    ],
)
def test_shapes(plain, text):
    assert render(shape_of(plain)) == text


def test_deep_and_wide_results_have_a_shape():
    deep = "x"
    for _ in range(100):
        deep = [deep]
    assert "Any" in render(shape_of(deep))
    assert render(shape_of({f"k{n}": n for n in range(500)})) == "dict[str, int]"


def run(*args):
    return CliRunner().invoke(command, ["learn", *args, "--tools", "session.test_shapes:TOOLS"], standalone_mode=False)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ringfence.toml").write_text('shapes = "ringfence.shapes.json"\n')
    return tmp_path


def test_learning_shows_keys_and_no_content_and_keeps_nothing_by_itself(place):
    result = run("orders", "customer=ann")
    assert result.return_value == 0
    assert "'id': int" in result.stdout
    assert CANARY not in result.output
    assert not (place / "ringfence.shapes.json").exists()


def test_what_is_kept_is_shown_to_the_planner_and_not_relied_on(place):
    assert run("orders", "--write", "--json").return_value == 0
    assert CANARY not in (place / "ringfence.shapes.json").read_text()
    model = ScriptedModel(["answer(orders()[0]['id'])"])
    result = Firewall(TOOLS, model, policy=place / "ringfence.toml").run("x")
    assert result.text == "1"
    assert "def orders(customer: str = ...) -> list[{" in model.asked[0].user
    assert CANARY not in model.asked[0].user


def test_a_tool_that_writes_is_not_called(place):
    assert isinstance(run("wipe").exception, ConfigError)


def test_a_changed_tool_has_no_shape(tmp_path):
    path = tmp_path / "shapes.json"
    write_shape(path, orders, shape_of([{"id": 1}]))

    @tool(effect="read", name="orders")
    def changed(customer: str = "x") -> object:
        """Other words."""
        return []

    assert list(read_shapes(path, [orders])) == ["orders"]
    assert read_shapes(path, [changed]) == {}
    assert read_shapes(tmp_path / "none.json", [orders]) == {}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"ringfence": 2}', '{"ringfence": 1, "shapes": 3}'])
def test_a_file_that_holds_no_shapes(tmp_path, text):
    path = tmp_path / "shapes.json"
    path.write_text(text)
    with pytest.raises(ConfigError):
        read_shapes(path, [orders])


def test_an_entry_that_is_no_schema(tmp_path):
    path = tmp_path / "shapes.json"
    path.write_text(json.dumps({"ringfence": 1, "shapes": {"orders": {"pin": orders.pin, "schema": 3}}}))
    with pytest.raises(ConfigError):
        read_shapes(path, [orders])


def test_the_key_of_the_configuration(place):
    assert load(place / "ringfence.toml").shapes == place / "ringfence.shapes.json"
