"""Points-to analysis: which objects an expression may stand for.

Its one rule: over-approximate. `Inclusion` solves inclusion constraints (L. O. Andersen, 1994, chapter 4), precise and
cubic at worst; `Unification` merges what may be equal (B. Steensgaard, POPL 1996), almost linear, for large plans.
Both are flow- and context-insensitive, with one contents node for each allocation site.
"""

from __future__ import annotations

from typing import Final, Protocol, TypeAlias, final

Call: TypeAlias = tuple[tuple[int, ...], dict[str, int], tuple[int, ...], int]


NOTHING: Final = 0  # the node of what is no object: it stands for nothing, and never takes anything in
_ALIKE: Final = 8  # functions that may be called at one place, of which each is looked at by itself


class Graph(Protocol):
    """Nodes are integers; allocation sites are integers of their own."""

    def node(self) -> int:
        """A new node."""

    def points(self, node: int) -> set[int]:
        """The allocation sites that the node may stand for; right after `solve`."""

    def allocate(self, node: int, allocation: int) -> None:
        """The node may stand for what `allocation` makes."""

    def copy(self, source: int, target: int) -> None:
        """The target takes in the source."""

    def load(self, source: int, target: int) -> None:
        """The target takes in the contents of all that the source stands for."""

    def contents(self, source: int) -> int:
        """A node that stands for the contents of all that the source stands for; nothing is to be copied into it."""

    def reach(self, source: int) -> int:
        """A node that stands for all that can be reached from what the source stands for; as above."""

    def store(self, target: int, source: int) -> None:
        """The contents of all that the target stands for take in the source."""

    def code(self, allocation: int, params: dict[str, int], order: tuple[str, ...], result: int) -> None:
        """What `allocation` makes can be called. `params["*"]` takes in what fits no parameter."""

    def call(
        self, func: int, args: tuple[int, ...], keywords: dict[str, int], spread: tuple[int, ...], result: int
    ) -> None:
        """A call; `spread` nodes may reach any parameter."""

    def inside(self, allocation: int) -> set[int]:
        """The allocation sites of what an object of `allocation` may hold; right after `solve`."""

    def solve(self) -> None:
        """Work out all that follows."""


@final
class Inclusion:
    """Inclusion constraints, solved with a worklist; only what is new at a node is passed on."""

    def __init__(self) -> None:
        self._points: list[set[int]] = []
        self._copies: list[set[int]] = []
        self._loads: list[list[int]] = []
        self._stores: list[list[int]] = []
        self._calls: list[list[Call]] = []
        self._contents: dict[int, int] = {}
        self._codes: dict[int, tuple[dict[str, int], tuple[str, ...], int]] = {}
        self._done: list[set[int]] = []
        self._pending: list[int] = []
        self.node()  # NOTHING

    def node(self) -> int:
        self._points.append(set())
        self._done.append(set())
        self._copies.append(set())
        self._loads.append([])
        self._stores.append([])
        self._calls.append([])
        return len(self._points) - 1

    def points(self, node: int) -> set[int]:
        return self._points[node]

    def _inside(self, allocation: int) -> int:
        found = self._contents.get(allocation)
        if found is None:
            found = self._contents[allocation] = self.node()
        return found

    def inside(self, allocation: int) -> set[int]:
        found = self._contents.get(allocation)
        return set() if found is None else self._points[found]

    def allocate(self, node: int, allocation: int) -> None:
        self._points[node].add(allocation)
        self._pending.append(node)

    def copy(self, source: int, target: int) -> None:
        if source and source != target and target not in self._copies[source]:
            self._copies[source].add(target)
            self._pass(self._points[source], target)

    def _pass(self, points: set[int], target: int) -> None:
        if not points <= self._points[target]:
            self._points[target] |= points
            self._pending.append(target)

    def load(self, source: int, target: int) -> None:
        if source:
            self._loads[source].append(target)

    def contents(self, source: int) -> int:
        if not source:
            return NOTHING
        node = self.node()
        self._loads[source].append(node)
        return node

    def reach(self, source: int) -> int:
        if not source:
            return NOTHING
        node = self.node()
        self.copy(source, node)
        self._loads[node].append(node)
        return node

    def store(self, target: int, source: int) -> None:
        if target and source:
            self._stores[target].append(source)

    def code(self, allocation: int, params: dict[str, int], order: tuple[str, ...], result: int) -> None:
        self._codes[allocation] = (params, order, result)

    def call(
        self, func: int, args: tuple[int, ...], keywords: dict[str, int], spread: tuple[int, ...], result: int
    ) -> None:
        if func:
            self._calls[func].append((args, keywords, spread, result))

    def solve(self) -> None:
        while self._pending:
            node = self._pending.pop()
            new = self._points[node] - self._done[node]
            if not new:
                continue
            self._done[node] |= new
            if self._loads[node] or self._stores[node]:
                for allocation in new:
                    contents = self._inside(allocation)
                    for target in self._loads[node]:
                        self.copy(contents, target)
                    for source in self._stores[node]:
                        self.copy(source, contents)
            if self._calls[node]:
                for allocation in new & self._codes.keys():
                    for call in self._calls[node]:
                        for source, target in bindings(call, self._codes[allocation]):
                            self.copy(source, target)
            for target in self._copies[node]:
                self._pass(new, target)


@final
class Unification:
    """Nodes that may share an object are one."""

    def __init__(self) -> None:
        self._parent: list[int] = []
        self._points: dict[int, set[int]] = {}  # by the roots of what stands for something: most nodes do not
        self._contents: dict[int, int] = {}
        self._codes: dict[int, tuple[dict[str, int], tuple[str, ...], int]] = {}
        self._calls: list[tuple[int, Call]] = []
        self._places: dict[int, int] = {}
        self._nothing: set[int] = set()
        self.node()  # NOTHING, which is never made one with another

    def node(self) -> int:
        number = len(self._parent)
        self._parent.append(number)
        return number

    def _root(self, node: int) -> int:
        parent = self._parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def _unify(self, one: int, other: int) -> None:
        parent, points, contents = self._parent, self._points, self._contents
        while True:
            a, b = parent[one], parent[other]
            if parent[a] != a:
                a = self._root(a)
            if parent[b] != b:
                b = self._root(b)
            if a == b:
                return
            if b < a:
                a, b = b, a  # the older one stays: variables are older than what is assigned to them
            parent[b] = a
            second = points.pop(b, None)
            if second is not None:
                first = points.get(a)
                if first is None or len(first) < len(second):
                    points[a], first, second = second, second, first
                if second is not None:
                    first |= second
            inner = contents.pop(b, None)
            if inner is None:
                return
            if a not in contents:
                contents[a] = inner
                return
            one, other = contents[a], inner

    def points(self, node: int) -> set[int]:
        return self._points.get(self._root(node), self._nothing)

    def inside(self, allocation: int) -> set[int]:
        found = self._contents.get(self._root(self._places[allocation]))
        return self._nothing if found is None else self.points(found)

    def allocate(self, node: int, allocation: int) -> None:
        self._places[allocation] = node
        self._points.setdefault(self._root(node), set()).add(allocation)

    def copy(self, source: int, target: int) -> None:
        if source:
            self._unify(source, target)

    def load(self, source: int, target: int) -> None:
        if not source or not target:
            return
        root = self._root(source)
        inner = self._contents.get(root)
        if inner is None:
            self._contents[root] = target
        else:
            self._unify(inner, target)

    def contents(self, source: int) -> int:
        if not source:
            return NOTHING
        root = self._root(source)
        inner = self._contents.get(root)
        if inner is None:
            inner = self._contents[root] = self.node()
        return inner

    def reach(self, source: int) -> int:
        self.load(source, source)
        return source

    def store(self, target: int, source: int) -> None:
        self.load(target, source)  # what may be equal is one, whichever way it goes

    def code(self, allocation: int, params: dict[str, int], order: tuple[str, ...], result: int) -> None:
        self._codes[allocation] = (params, order, result)

    def call(
        self, func: int, args: tuple[int, ...], keywords: dict[str, int], spread: tuple[int, ...], result: int
    ) -> None:
        if func:
            self._calls.append((func, (args, keywords, spread, result)))

    def solve(self) -> None:
        bound: set[tuple[int, int]] = set()
        changed = bool(self._codes)
        while changed:
            changed = False
            groups = self._groups()
            for alike in groups.values():
                if len(alike) > _ALIKE:
                    self._as_one(alike)
            for index, (func, call) in enumerate(self._calls):
                group = groups.get(self._root(func))
                if not group:
                    continue
                # Many functions that may be called at one place are one function by now: the first stands for them.
                for allocation in group[:1] if len(group) > _ALIKE else group:
                    if (index, allocation) not in bound:
                        bound.add((index, allocation))
                        changed = True
                        for source, target in bindings(call, self._codes[allocation]):
                            self.copy(source, target)
            changed = changed or groups != self._groups()

    def _groups(self) -> dict[int, list[int]]:
        """The functions by the node that may stand for them."""
        groups: dict[int, list[int]] = {}
        for allocation in self._codes:
            groups.setdefault(self._root(self._places[allocation]), []).append(allocation)
        return groups

    def _as_one(self, group: list[int]) -> None:
        """Make one of all parameters of some functions, and one of all their results."""
        first, _, result = self._codes[group[0]]
        for allocation in group:
            params, _, other = self._codes[allocation]
            self._unify(result, other)
            for param in params.values():
                self._unify(first["*"], param)


def bindings(call: Call, code: tuple[dict[str, int], tuple[str, ...], int]) -> list[tuple[int, int]]:
    """The copies that a call of some code means: arguments to parameters, the result back."""
    args, keywords, spread, taken = call
    params, order, result = code
    made = [(result, taken)]
    if args:
        made += [(arg, params["*"]) for arg in args]
        made += [(arg, params[name]) for arg, name in zip(args, order, strict=False)]
    if keywords:
        made += [(arg, params.get(name, params["*"])) for name, arg in keywords.items()]
    if spread:
        made += [(arg, param) for arg in spread for param in params.values()]
    return made
