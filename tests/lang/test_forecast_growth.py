"""The forecast grows with the text, counted in nodes and edges: no clock decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forecasting import SIGNATURES
from ringfence import lang
from ringfence.lang.flows import traced
from ringfence.lang.tracing import influence
from ringfence.lang.tracing.foreseen import Sources

SHAPES: dict[str, Callable[[int], str]] = {
    "one that all feed": lambda n: "t = []\n" + "".join(f"x{i} = web()\nt.append(x{i})\nput(t)\n" for i in range(n)),
    "copies": lambda n: "x0 = web()\n" + "".join(f"x{i + 1} = x{i}\nput(x{i})\n" for i in range(n)),
    "copies against the order": lambda n: (
        "".join(f"x{i} = 0\n" for i in range(n + 1))
        + "for q in [1, 2]:\n"
        + "".join(f"    x{i} = x{i + 1}\n" for i in range(n))
        + f"    x{n} = web()\n    put(x0)\n"
    ),
    "functions": lambda n: "".join(f"def f{i}(a):\n    put(a)\n    return web(a)\nr{i} = f{i}(1)\n" for i in range(n)),
    "calls in calls": lambda n: "".join("put(" + "web(" * 50 + "1" + ")" * 51 + "\n" for _ in range(n // 50)),
    "containers": lambda n: "x = [web()]\n" + "x = [x]\n" * n + "put(x)\n",
    "tries": lambda n: "".join(
        f"try:\n    x{i} = web()\nexcept ValueError as e{i}:\n    put(e{i})\n" for i in range(n)
    ),
    "conditions": lambda n: "a = []\n" + "".join(f"if web():\n    a.append({i})\nput(a)\n" for i in range(n)),
}


def size(text: str) -> int:
    graph = traced(lang.check(lang.parse(text), SIGNATURES)).into
    return len(graph.labels) + sum(map(len, graph.whole)) + sum(map(len, graph.shades.values()))


@pytest.mark.parametrize("name", SHAPES)
def test_twice_the_text_is_twice_the_graph(name: str) -> None:
    assert size(SHAPES[name](1200)) < 2.1 * size(SHAPES[name](600))


@pytest.mark.parametrize("name", SHAPES)
def test_each_node_is_settled_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settled = []
    close = influence._close

    def counted(first: int, pending: list[int], gathered: dict[int, int], done: dict[int, int]) -> None:
        before = len(done)
        close(first, pending, gathered, done)
        settled.append(len(done) - before)

    monkeypatch.setattr(influence, "_close", counted)
    text = SHAPES[name](100)
    lang.flows(lang.check(lang.parse(text), SIGNATURES))
    assert sum(settled) <= 2 * size(text)


def test_what_comes_round_in_a_long_loop_is_found() -> None:
    graph = lang.flows(lang.check(lang.parse(SHAPES["copies against the order"](300)), SIGNATURES))
    (last,) = [call for call in graph.calls if call.name == "put"]
    assert tuple(last.arguments["x"].sources) == ("web#0",)
    assert last.arguments["x"].bounds.high == SIGNATURES["web"].result.high


def test_sources_are_a_sequence_of_names_in_order() -> None:
    found = Sources(("a", "b", "c"), 0b101)
    assert (len(found), list(found), found[1], found[-1:], "b" in found) == (2, ["a", "c"], "c", ("c",), False)
    assert found == ("a", "c")
    assert found == Sources(("a", "c"), 0b11)
    assert found != ("a",)
    assert found != ["a", "c"]
    assert hash(found) == hash(("a", "c"))
    assert repr(found) == "('a', 'c')"
    assert (len(Sources()), bool(Sources())) == (0, False)
    with pytest.raises(IndexError):
        found[2]


def test_flows_are_those_of_all_arguments_and_of_the_answer() -> None:
    graph = lang.flows(lang.check(lang.parse("x = web()\nput(x, y=plain(x))\nanswer(x)\n"), SIGNATURES))
    assert [(one.source, one.sink, one.parameter) for one in graph.flows()] == [
        ("web#0", "plain#1", "x"),
        ("web#0", "put#2", "x"),
        ("plain#1", "put#2", "y"),
        ("web#0", "answer", "value"),
    ]
