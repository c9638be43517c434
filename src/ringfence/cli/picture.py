"""The data-flow graph of a plan as a picture: nodes, edges, which flows may hold untrusted text, and places.

Its one rule: a flow is drawn as trusted only if nothing untrusted can be in it. The layout is a small layered one
(after Sugiyama, Tagawa and Toda 1981): layers by longest path, long edges through places of their own, and rows by
the median of the neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, final

from ringfence.cli.foretell import is_risky, sign
from ringfence.guard.visible import visible
from ringfence.lang.host import Bounds
from ringfence.session.forecast import ForecastCall
from ringfence.session.setup import PlannedRun

ANSWER: Final = "answer"
_SWEEPS: Final = 4
_MAX_TITLE: Final = 60
_MANY: Final = 24  # sources of one argument that are drawn one by one


@final
@dataclass(frozen=True, slots=True)
class Node:
    """A call, a given variable, many of both, or the answer. `swayed`: untrusted data may decide about it."""

    id: str
    kind: str
    title: str
    detail: str
    verdict: str = ""
    sign: str = ""
    effect: str = ""
    swayed: bool = False
    literals: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Edge:
    """Data of `source` that reaches the parameter `label` of `target`. `risky`: it may hold untrusted text."""

    source: str
    target: str
    label: str
    risky: bool


@final
@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes in the order of the plan, and edges."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def risky(self) -> bool:
        """Whether anything untrusted may flow at all."""
        return any(edge.risky for edge in self.edges)


def draw(planned: PlannedRun, trusted: frozenset[str]) -> Picture:
    """The picture of a plan."""
    calls, graph = planned.forecast.calls, planned.forecast.graph
    risky: dict[str, bool] = {
        f"given:{name}": is_risky(bounds, trusted) for name, bounds in planned.checked.given.items()
    }
    for call in calls:
        signature = planned.checked.signatures.get(call.tool)
        own = signature is not None and is_risky(signature.result, trusted)
        risky[_id(call)] = own or any(is_risky(argument.bounds, trusted) for argument in call.arguments)
    edges: list[Edge] = []
    gathered: dict[Sequence[str], Node] = {}
    for call in calls:
        for argument in call.arguments:
            sources = _few(argument.sources, gathered)
            edges += _edges(_id(call), argument.name, argument.bounds, sources, risky, trusted)
    edges += _edges(ANSWER, "", graph.answer.bounds, _few(graph.answer.sources, gathered), risky, trusted)
    used = {edge.source for edge in edges}
    given = [
        Node(f"given:{name}", "given", visible(name)[:_MAX_TITLE], "given")
        for name in planned.checked.given
        if f"given:{name}" in used
    ]
    made = [_node(call, trusted) for call in calls]
    answer = [Node(ANSWER, "answer", "answer", "to the user")] if graph.answer.text or graph.answer.sources else []
    nodes = (*given, *gathered.values(), *made, *answer)
    known = {node.id for node in nodes}
    return Picture(nodes, tuple(edge for edge in edges if {edge.source, edge.target} <= known))


def _few(sources: Sequence[str], gathered: dict[Sequence[str], Node]) -> Sequence[str]:
    """The sources, or a node for all of them where nobody could tell the lines apart; one for each set of them."""
    if len(sources) <= _MANY:
        return sources
    name = f"several:{len(gathered)}"
    node = gathered.setdefault(sources, Node(name, "given", f"{len(sources):,} calls and variables", "together"))
    return (node.id,)


def _edges(
    target: str, label: str, bounds: Bounds, sources: Iterable[str], risky: Mapping[str, bool], trusted: frozenset[str]
) -> list[Edge]:
    names = list(sources)
    if not is_risky(bounds, trusted):
        return [Edge(name, target, label, False) for name in names]
    guilty = {name for name in names if risky.get(name, True)}
    # The argument may be untrusted though no source is: then nobody is let off.
    return [Edge(name, target, label, name in guilty or not guilty) for name in names]


def _id(call: ForecastCall) -> str:
    return f"{call.tool}#{call.site.number}"


def _node(call: ForecastCall, trusted: frozenset[str]) -> Node:
    detail = f"line {call.site.span.line}" + ("" if call.certain else ", perhaps")
    literals = tuple(argument.name for argument in call.arguments if argument.literal)
    title = visible(call.tool)[:_MAX_TITLE]
    swayed = is_risky(call.pc, trusted)
    return Node(_id(call), "call", title, detail, call.verdict, sign(call), call.effect, swayed, literals)


# Layout


@final
@dataclass(slots=True)
class Layout:
    """Where everything is: by node its layer and row, by edge the rows it passes in the layers between."""

    layers: list[list[str]] = field(default_factory=list)
    routes: dict[Edge, list[str]] = field(default_factory=dict)

    def place(self) -> dict[str, tuple[int, int]]:
        """By name (of a node, or of a place that an edge passes) the layer and the row."""
        return {name: (x, y) for x, layer in enumerate(self.layers) for y, name in enumerate(layer)}


def layout(picture: Picture) -> Layout:
    """Layers from left to right. Edges that go back (loops) do not count for the layers."""
    order = {node.id: index for index, node in enumerate(picture.nodes)}
    level = dict.fromkeys(order, 0)
    forward = [edge for edge in picture.edges if order[edge.source] < order[edge.target]]
    for edge in sorted(forward, key=lambda edge: order[edge.target]):
        level[edge.target] = max(level[edge.target], level[edge.source] + 1)
    made = Layout([[] for _ in range(max(level.values(), default=-1) + 1)])
    for name, layer in level.items():
        made.layers[layer].append(name)
    neighbours: dict[str, set[str]] = {}
    for number, edge in enumerate(forward):
        if edge in made.routes:
            continue
        chain = [f"~{number}.{layer}" for layer in range(level[edge.source] + 1, level[edge.target])]
        made.routes[edge] = chain
        for layer, name in enumerate(chain, level[edge.source] + 1):
            made.layers[layer].append(name)
        whole = [edge.source, *chain, edge.target]
        for left, right in pairwise(whole):
            neighbours.setdefault(left, set()).add(right)
            neighbours.setdefault(right, set()).add(left)
    for sweep in range(_SWEEPS):
        _sort_rows(made, neighbours, backwards=sweep % 2 == 1)
    return made


def _sort_rows(made: Layout, neighbours: Mapping[str, set[str]], *, backwards: bool) -> None:
    layers = list(range(len(made.layers)))
    for x in reversed(layers) if backwards else layers:
        beside = x + 1 if backwards else x - 1
        if not 0 <= beside < len(made.layers):
            continue
        rows = {name: row for row, name in enumerate(made.layers[beside])}
        own = {name: row for row, name in enumerate(made.layers[x])}
        made.layers[x].sort(key=lambda name: (_median(name, rows, own, neighbours), own[name]))


def _median(name: str, rows: Mapping[str, int], own: Mapping[str, int], neighbours: Mapping[str, set[str]]) -> float:
    found = sorted(rows[other] for other in neighbours.get(name, ()) if other in rows)
    return float(found[len(found) // 2]) if found else float(own[name])
