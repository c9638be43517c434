"""What each piece of a plan may do: which host calls it makes, and which objects it may change.

Its one rule: over-approximate. A branch that is not taken must leave the same labels behind as one that is, so the
engine has to know what it could have changed, through aliases, called functions, closures, default arguments and
generators. That is a points-to question (`lang/analysis/constraints.py`, `lang/analysis/pointsto.py`). Nothing here
changes once it is made but what is remembered of answers, so that one analysis serves the forecast and all runs, in any
thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, final

from ringfence.lang import ir
from ringfence.lang.analysis.callconstraints import SPEAKS
from ringfence.lang.analysis.constraints import Constraints
from ringfence.lang.analysis.pointsto import Graph, Inclusion, Unification
from ringfence.lang.analysis.unions import NOTHING, Effect, Unions
from ringfence.lang.host import Site
from ringfence.lang.scope import Outline, children, escapes, own

PRECISE: Final = 3000  # nodes; larger plans get the cheaper analysis
FEW: Final = 64  # allocation sites, functions included; what can be nested is looked at in plans with no more


@final
class Effects:
    """The analysis of one plan."""

    def __init__(self, outline: Outline, tools: frozenset[str], given: frozenset[str] = frozenset()) -> None:
        self.outline = outline
        self._graph: Graph = Inclusion() if outline.size <= PRECISE else Unification()
        self._found = Constraints(self._graph, outline, tools, given)
        self._graph.solve()
        self._unions = Unions()
        self._codes = set(self._found.codes)
        # By the identity of sets of allocation sites (nodes that are one share one set): the codes among them, what
        # these may do with all that they may call, the numbers of the sites as the engine has them, and of iterators.
        self._codes_in: dict[int, set[int]] = {}
        self._set_effects: dict[int, Effect] = {}
        self._numbers: dict[int, set[int]] = {}
        self._iterators_in: dict[int, set[int]] = {}
        self._callbacks: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[Effect, bool]] = {}
        self._code_effects: dict[int, tuple[Effect, dict[int, None]]] = {}
        self._skipped: dict[int, Effect] = {}
        # Numbered as they end in the text, so that an argument's call comes before the call; whoever asks first.
        calls = sorted(self._found.host_calls.values(), key=lambda node: (node.span.end_line, node.span.end_column))
        self.sites = tuple(Site(number, _called(node), node.span) for number, node in enumerate(calls))
        self._site_of = {id(node): number for number, node in enumerate(calls)}
        self._mutated = self._all_mutated()

    def _all_mutated(self) -> set[int]:
        found: set[int] = set()
        seen: set[int] = set()  # nodes that are one share one set, which is looked at once
        for targets in self._found.changed.values():
            for target in targets:
                points = self._graph.points(target)
                if id(points) not in seen:
                    seen.add(id(points))
                    found |= points
        for sources in self._found.consumed.values():
            for source in sources:
                points = self._graph.points(source)
                if ~id(points) not in seen:
                    seen.add(~id(points))
                    found |= points & self._found.iterators
        return self._with_all_inside(found)

    def _with_all_inside(self, found: set[int]) -> set[int]:
        """What is in an object of an unknown kind, or given by an iterator, is its own if no site of the plan made it.

        So that this does not depend on what happened, all that a site did make has to be known to be that site's.
        """
        pending = list(found & (self._found.blobs | self._found.givers))
        while pending:
            inside = self._graph.inside(pending.pop()) - found
            found |= inside
            pending += inside
        return found

    @property
    def companions(self) -> dict[int, tuple[frozenset[int], ...]]:
        """For each allocation site, the sets of sites that a change through one and the same expression may hit."""
        groups: dict[frozenset[int], None] = {}
        seen: set[int] = set()
        for targets in self._found.changed.values():
            for target in targets:
                points = self._graph.points(target)
                if len(points) > 1 and id(points) not in seen:
                    seen.add(id(points))  # a set of many targets is one object, or as small as they are few
                    groups[frozenset(number + 1 for number in points)] = None
        found: dict[int, list[frozenset[int]]] = {}
        for group in groups:
            for number in group:
                found.setdefault(number, []).append(group)
        return {number: tuple(sets) for number, sets in found.items()}

    @property
    def deep_sites(self) -> frozenset[int]:
        """The allocation sites whose objects hold others that no site of the plan made."""
        return frozenset(number + 1 for number in self._found.blobs)

    @property
    def shallow(self) -> bool:
        """Whether data and calls of the plan's making can be nested no deeper than its text is long.

        No object can hold another of its own site, and no function can be running twice. What a tool gives is as deep
        as it is: not the plan's making.
        """
        found = self._found
        if found.count > FEW:
            return False
        holds = {number: self._held(number) for number in range(found.count)}
        calls = {number: self._calls_of(code.body) for number, code in found.codes.items()}
        return not _comes_back(holds) and not _comes_back(calls)

    def _held(self, number: int) -> set[int]:
        """The sites of what an object may hold. The layers of what one call makes are not one inside the other."""
        inside = self._graph.inside(number)
        made_of = self._found.layers.get(number)
        return inside if made_of is None or number in self._graph.points(made_of) else inside - {number}

    def _calls_of(self, body: tuple[ir.Node, ...]) -> set[int]:
        return set().union(*(self._codes_in[key] for key in self._direct(own(body))[1]))

    def child_site(self, node: ir.Node) -> int:
        """The allocation site of what a defaultdict made at `node` fills itself with; 0 if nothing changes those."""
        number = self._found.products.get(id(node))
        return number + 1 if number is not None and number in self._mutated else 0

    def tracked(self, node: ir.Node) -> int | None:
        """The number of the allocation site at `node`, if something in the plan may change what it makes."""
        number = self._found.allocated.get(id(node))
        return number + 1 if number is not None and number in self._mutated else None

    def site(self, node: ir.Call | ir.Name) -> int:
        """The number of the call site (or of the place where a tool is used as a value)."""
        return self._site_of[id(node)]

    @property
    def named_alike(self) -> Mapping[str, ir.Name]:
        """The variables that stand for a tool of their name until they are bound: where each is first read."""
        return self._found.named_alike

    # What hangs on a construct

    def of_condition(self, node: ir.Node) -> Effect:
        """What the code may do that the construct at `node` decides about."""
        decided, ways = self._decided(node)
        found = [self._of(decided)]
        if isinstance(node, (ir.For, ir.Comprehension, ir.Compare)):
            found.append(self.of_itself(node))
        if ways:
            found.append(self._of_skipped(node, ways))
        return self._unions.joined(found)

    def of_itself(self, node: ir.Node) -> Effect:
        """What happens at the node itself, without its parts: how it goes on with iterators, and what these do."""
        itself, called = self._direct((node,))
        return self._unions.joined([itself, self._of_sets(called)]) if called else itself

    def of_callbacks(self, node: ir.Call | ir.Compare) -> tuple[Effect, bool]:
        """What the functions may do that the call at `node` may call, and which iterators it may use up.

        With whether it may call functions that do anything, or go on with a generator's code.
        """
        called, consumed = tuple(self._called_at(node)), self._iterators_at(node)
        key = (called, tuple(consumed))
        found = self._callbacks.get(key)
        if found is None:
            effect = self._of_sets(called)
            whole = (
                self._unions.joined([effect, (NOTHING, self._unions.of(consumed.values()), False)])
                if consumed
                else effect
            )
            found = self._callbacks[key] = (whole, any(effect))
        return found

    def runs_code(self, node: ir.Node) -> bool:
        """Whether code of the plan may run at a node: a function that it calls, a generator that it goes on with."""
        return id(node) in self._found.calls and bool(self._called_at(node))

    def hits_several(self, node: ir.Node) -> bool:
        """Whether a change at a node may hit one or the other of several objects."""
        return any(len(self._graph.points(one)) > 1 for one in self._found.changed.get(id(node), ()))

    def _iterators_at(self, node: ir.Node) -> dict[int, set[int]]:
        """The sets of iterators that the call may use up, by identity: below 0, for it changes no other objects."""
        found: dict[int, set[int]] = {}
        for source in self._found.consumed.get(id(node), ()) if self._found.iterators else ():
            inner = self._iterators_among(self._graph.points(source))
            if inner:
                found[id(inner)] = inner
        return found

    def _iterators_among(self, points: set[int]) -> set[int]:
        found = self._iterators_in.get(id(points))
        if found is None:
            found = self._iterators_in[id(points)] = {-number - 1 for number in points & self._found.iterators}
        return found

    def _called_at(self, node: ir.Node) -> dict[int, None]:
        """The sets of codes of the plan that may be called at a node, by their keys in `_codes_in`."""
        found: dict[int, None] = {}
        for called in self._found.calls.get(id(node), ()) if self._codes else ():
            points = self._graph.points(called)
            key = id(points)
            codes = self._codes_in.get(key)
            if codes is None:
                codes = self._codes_in[key] = points & self._codes
            if codes:
                found[key] = None
        return found

    def _decided(self, node: ir.Node) -> tuple[Sequence[ir.Node], frozenset[str]]:
        """What runs or not as the construct says, and how that code can leave it."""
        match node:
            case ir.If(body=body, orelse=orelse):
                return [*body, *orelse], escapes((*body, *orelse))
            case ir.For(body=body, orelse=orelse):
                return [node.target, *body, *orelse], escapes((node,))
            case ir.While(test=test, body=body, orelse=orelse):
                return [test, *body, *orelse], escapes((node,))
            case ir.Try(body=body, handlers=handlers, orelse=orelse):
                return [*body, *handlers, *orelse], escapes((node,))
            case ir.Match(cases=cases):
                inner = [s for case in cases for s in case.body]
                return [*(case.guard for case in cases if case.guard is not None), *inner], escapes(inner)
            case ir.Assert():
                return [], frozenset({"raise"})
            case ir.Logic(values=values):
                return values[1:], frozenset()
            case ir.Conditional(then=then, orelse=orelse):
                return [then, orelse], frozenset()
            case ir.Compare(operands=operands):
                return operands[2:], frozenset()
            case _:
                return children(node), frozenset()

    def _of_skipped(self, node: ir.Node, ways: frozenset[str]) -> Effect:
        """What a jump out of `node` may skip: the rest of what bounds it (all that this decides about, to be simple).

        A `finally` is never skipped. What is skipped may itself leave that: then what bounds it comes to it.
        """
        function, loop, guard = self._found.places.get(id(node), (self.outline.body, None, None))
        if "return" in ways or ("raise" in ways and guard is None):
            return self._whole(id(function), function)
        found: list[Effect] = [(set(), set(), False)]
        for way, bound in (("loop", loop), ("raise", guard)):
            if way in ways and isinstance(bound, (ir.For, ir.While, ir.Try)):
                found.append(self._whole(id(bound), self._decided(bound)[0]))
                found.append(self.of_itself(bound))
                further = escapes((bound,))
                if further:
                    found.append(self._of_skipped(bound, further))
        return self._unions.joined(found)

    def _whole(self, key: int, nodes: Iterable[ir.Node]) -> Effect:
        """The effect of what may be skipped. Many conditions of one function may end it: it is worked out once."""
        found = self._skipped.get(key)
        if found is None:
            found = self._skipped[key] = self._of(nodes)
        return found

    def _of(self, nodes: Iterable[ir.Node]) -> Effect:
        directly, called = self._direct(own(nodes))
        return self._unions.joined([directly, self._of_sets(called)]) if called else directly

    def _of_sets(self, called: Iterable[int]) -> Effect:
        """What codes may do, with all that they may call; worked out once for a set."""
        effects = []
        for key in called:
            if key not in self._set_effects:
                self._work_out(key)
            effects.append(self._set_effects[key])
        return self._unions.joined(effects)

    def _work_out(self, start: int) -> None:
        """The effects of a set of codes, and of all that calls lead to from there.

        Sets that lead to each other have one effect: they are found together (R. Tarjan, SIAM J. Computing 1, 1972).
        """
        met = {start: 0}
        lowest = {start: 0}
        path = [start]
        steps = [(start, iter(self._calls_from(start)))]
        while steps:
            key, following = steps[-1]
            for other in following:
                if other in self._set_effects:
                    continue
                if other not in met:
                    met[other] = lowest[other] = len(met)
                    path.append(other)
                    steps.append((other, iter(self._calls_from(other))))
                    break
                lowest[key] = min(lowest[key], met[other])
            else:
                steps.pop()
                if steps:
                    before = steps[-1][0]
                    lowest[before] = min(lowest[before], lowest[key])
                if lowest[key] == met[key]:
                    group = [path.pop()]
                    while group[-1] != key:
                        group.append(path.pop())
                    self._set_effects.update(dict.fromkeys(group, self._of_group(group)))

    def _calls_from(self, key: int) -> dict[int, None]:
        """The sets of codes that the codes of a set may call."""
        found: dict[int, None] = {}
        for number in self._codes_in[key]:
            found.update(self._of_code(number)[1])
        return found

    def _of_group(self, group: list[int]) -> Effect:
        """What sets of codes may do that lead to each other: what they lead to beside has been worked out."""
        effects: list[Effect] = []
        for key in group:
            effects += [self._of_code(number)[0] for number in self._codes_in[key]]
            effects += [self._set_effects[other] for other in self._calls_from(key) if other in self._set_effects]
        return self._unions.joined(effects)

    def _of_code(self, number: int) -> tuple[Effect, dict[int, None]]:
        """What one code does itself, and the sets of codes that it may call."""
        found = self._code_effects.get(number)
        if found is None:
            found = self._code_effects[number] = self._direct(own(self._found.codes[number].body))
        return found

    def _numbered(self, points: set[int]) -> set[int]:
        """The numbers of allocation sites, as the engine counts them."""
        found = self._numbers.get(id(points))
        if found is None:
            found = self._numbers[id(points)] = {number + 1 for number in points}
        return found

    def _direct(self, nodes: Iterable[ir.Node]) -> tuple[Effect, dict[int, None]]:
        """What these nodes do, without what is below them, and the sets of codes that they may call."""
        sites: set[int] = set()
        objects: dict[int, set[int]] = {}
        called: dict[int, None] = {}
        answers = False
        site_of, points_of = self._site_of, self._graph.points
        calls, changes, consumes = self._found.calls, self._found.changed, self._found.consumed
        for node in nodes:
            key = id(node)
            if key in site_of:
                sites.add(site_of[key])
            if type(node) is ir.Call and type(node.func) is ir.Name and node.func.id in SPEAKS:
                answers = True
            if key in calls:
                called.update(self._called_at(node))
            if key in changes:
                for target in changes[key]:
                    changed = self._numbered(points_of(target))
                    objects[id(changed)] = changed
            if key in consumes:
                for source in consumes[key]:
                    changed = self._iterators_among(points_of(source))
                    objects[id(changed)] = changed
        return (sites, self._unions.of(objects.values()), answers), called


def _comes_back(steps: Mapping[int, set[int]]) -> bool:
    """Whether a way leads from somewhere back to it: what is left when all have gone that lead nowhere."""
    left = {one: set(to) for one, to in steps.items()}
    while ends := {one for one, to in left.items() if not to}:
        left = {one: to - ends for one, to in left.items() if one not in ends}
    return bool(left)


def _called(node: ir.Call | ir.Name) -> str:
    return node.id if isinstance(node, ir.Name) else getattr(node.func, "id", "")
