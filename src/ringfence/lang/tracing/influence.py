"""What influences what: the graph of which the forecast is the solution.

Its one rule: least and exact. Everything that the forecast knows of a value is a union (of labels, of the calls it
comes from), so that what reaches a node is what reaches its components: one walk over them, whatever the order of the
text (Tarjan, "Depth-first search and linear graph algorithms", 1972). Sets are the bits of a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label, join_all
from ringfence.lang.tracing.foreseen import Sources

NOTHING: Final = 0
_UNKNOWN: Final = 1  # the bit of labels of which nothing is known


@final
class Influences:
    """Nodes, numbered from 0, which is `NOTHING`, and what flows between them."""

    def __init__(self, sources: Sequence[str]) -> None:
        self.names = sources
        self._numbers = {name: number for number, name in enumerate(sources)}
        self.labels: list[int] = [0]
        self.sources: list[int] = [0]
        self.whole: list[list[int]] = [[]]
        self.shades: dict[int, list[int]] = {}
        self.known: list[Label] = []
        self._bits: dict[Label, int] = {}

    def node(self) -> int:
        """A new node that nothing reaches yet."""
        self.labels.append(0)
        self.sources.append(0)
        self.whole.append([])
        return len(self.labels) - 1

    def made(self, high: Label | None, source: str | None = None) -> int:
        """A new node of something with a label of at most `high` (None: any), from a call or a given variable."""
        found = self.node()
        self.labels[found] = self._bit(high)
        if source is not None:
            self.sources[found] = 1 << self._numbers[source]
        return found

    def _bit(self, label: Label | None) -> int:
        if label is None:
            return _UNKNOWN
        if label is TRUSTED_PUBLIC:
            return 0
        bit = self._bits.get(label)
        if bit is None:
            self.known.append(label)
            bit = self._bits[label] = _UNKNOWN << len(self.known)
        return bit

    def flow(self, source: int, target: int) -> None:
        """What is at `source` may be part of what is at `target`."""
        if source and source != target:
            self.whole[target].append(source)

    def shade(self, source: int, target: int) -> None:
        """What is at `source` may decide about what is at `target`: its label reaches it, and no data does."""
        if source and source != target:
            self.shades.setdefault(target, []).append(source)

    def join(self, one: int, other: int) -> int:
        """A node that both reach; one of them if that is enough."""
        if not one or one == other:
            return other
        if not other:
            return one
        found = self.node()
        self.whole[found] += (one, other)
        return found


@final
class Reached:
    """What reaches each node, worked out for those that are asked about. The graph must not change any more."""

    def __init__(self, graph: Influences) -> None:
        self._graph = graph
        self._labels: dict[int, int] = {}
        self._sources: dict[int, int] = {}
        self._label_of: dict[int, Label | None] = {}
        self._sources_of: dict[int, Sources] = {}

    def high(self, node: int) -> Label | None:
        """The least label that is known to be above what is at a node; None if nothing is known."""
        mask = _settled(node, self._graph.labels, self._deciding, self._labels)
        if mask not in self._label_of:
            known = None if mask & _UNKNOWN else join_all(_of_bits(self._graph.known, mask >> 1))
            self._label_of[mask] = known
        return self._label_of[mask]

    def sources(self, node: int) -> Sources:
        """The calls and given variables whose data may be part of what is at a node."""
        mask = _settled(node, self._graph.sources, self._graph.whole.__getitem__, self._sources)
        found = self._sources_of.get(mask)
        if found is None:
            found = self._sources_of[mask] = Sources(self._graph.names, mask)
        return found

    def _deciding(self, node: int) -> list[int]:
        shades = self._graph.shades.get(node)
        whole = self._graph.whole[node]
        return whole if shades is None else [*whole, *shades]


def _of_bits(names: Sequence[Label], mask: int) -> set[Label]:
    return {names[number] for number, bit in enumerate(bin(mask)[:1:-1]) if bit == "1"}


def _settled(root: int, own: Sequence[int], before: Callable[[int], list[int]], done: dict[int, int]) -> int:
    """The union of what is known of all nodes from which `root` can be reached; `done` remembers it of all of them."""
    if root in done:
        return done[root]
    order: dict[int, int] = {root: 0}  # the nodes that were come to, and when
    oldest: dict[int, int] = {root: 0}  # the first of them that each can come back to
    gathered: dict[int, int] = {root: own[root]}
    open_nodes = [root]
    path = [(root, iter(before(root)))]
    while path:
        node, rest = path[-1]
        for other in rest:
            if other in done:
                gathered[node] |= done[other]
            elif other in order:
                oldest[node] = min(oldest[node], order[other])
            else:
                order[other] = oldest[other] = len(order)
                gathered[other] = own[other]
                open_nodes.append(other)
                path.append((other, iter(before(other))))
                break
        else:
            path.pop()
            if oldest[node] == order[node]:
                _close(node, open_nodes, gathered, done)
            if path:
                above = path[-1][0]
                if node in done:
                    gathered[above] |= done[node]
                else:
                    oldest[above] = min(oldest[above], oldest[node])
    return done[root]


def _close(first: int, open_nodes: list[int], gathered: dict[int, int], done: dict[int, int]) -> None:
    """All that came after `first` and is open can be reached from it and reaches it: they have the same."""
    members = []
    union = 0
    while True:
        node = open_nodes.pop()
        members.append(node)
        union |= gathered.pop(node)
        if node == first:
            break
    for node in members:
        done[node] = union
