"""The code that a condition decides about, as the engine sees it.

Its one rule: a region is worked out when a run first needs it, which is when a condition has a label, and never
differs from run to run. Most conditions of most plans never do.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import final

from ringfence.core.diagnostics import Span
from ringfence.lang import ir
from ringfence.lang.analysis.effects import Effects
from ringfence.lang.analysis.unions import Effect
from ringfence.lang.depth import deep_stack
from ringfence.lang.host import Site


@final
@dataclass(frozen=True, slots=True)
class Region:
    """What hangs on one condition.

    span: of the condition's construct. sites: all places where that code calls the host, called functions
    included. objects: the allocation sites whose objects it may change; below 0, those of which it may only go on with
    the iterators. answers: whether it may answer or print.
    """

    span: Span
    sites: tuple[Site, ...] = ()
    objects: tuple[int, ...] = ()
    answers: bool = False


@final
class Regions:
    """The regions of one program by their numbers; 0 is empty. Several threads may ask."""

    def __init__(self) -> None:
        self._made: list[Region | None] = [Region(ir.NOWHERE)]
        self._make: list[Callable[[], Region]] = [lambda: Region(ir.NOWHERE)]
        self.sure: set[int] = set()  # those whose code cannot fail, but by waiting for a call
        self.uses_up: set[int] = set()  # those that only use up iterators: how far, the built-in says (Run.depends)

    def add(self, make: Callable[[], Region]) -> int:
        """The number of one more region, which `make` works out; it gives the same whenever it is called."""
        self._made.append(None)
        self._make.append(make)
        return len(self._made) - 1

    def __getitem__(self, number: int) -> Region:
        found = self._made[number]
        if found is None:
            with deep_stack():
                found = self._made[number] = self._make[number]()
        return found


@final
class Places:
    """The numbers that generated code uses: of call sites, allocation sites and regions. For one writing of it."""

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self.outline = effects.outline
        self.sites: list[Site] = list(effects.sites)
        self.regions = Regions()
        self.site = effects.site
        self.tracked = effects.tracked
        self.child_site = effects.child_site
        self._region_of: dict[int, tuple[int, ir.Node]] = {}  # with the node, so that it keeps its identity
        self._in_order: dict[int, tuple[AbstractSet[int], tuple[int, ...]]] = {}  # by identity, which it keeps, too

    def site_of_tool(self, name: str) -> int:
        """The site of a tool that a variable of the same name stands for at first: that where it is first read."""
        node = self.effects.named_alike.get(name)
        if node is not None:
            return self.site(node)
        self.sites.append(Site(len(self.sites), name, ir.NOWHERE))
        return len(self.sites) - 1

    def region(self, node: ir.Node) -> int:
        """The number of the region that the construct at `node` decides about."""
        found = self._region_of.get(id(node))
        if found is None:
            number = self.regions.add(lambda: self._region(node.span, self.effects.of_condition(node)))
            found = self._region_of[id(node)] = (number, node)
        return found[0]

    def callbacks(self, node: ir.Call | ir.Compare) -> int:
        """The region of all functions that the call at `node` may call; 0 if these can do nothing."""
        effect, functions = self.effects.of_callbacks(node)
        if not any(effect):
            return 0
        number = self.regions.add(lambda: self._region(node.span, effect))
        if not functions:
            self.regions.uses_up.add(number)
        return number

    def using_up(self, node: ir.Node) -> int:
        """The region of what happens at the node itself where it goes on with iterators; 0 if that can do nothing."""
        effect = self.effects.of_itself(node)
        return self.regions.add(lambda: self._region(node.span, effect)) if any(effect) else 0

    def _region(self, span: Span, effect: Effect) -> Region:
        sites, objects, answers = effect
        return Region(span, tuple(self.sites[number] for number in sorted(sites)), self._sorted(objects), answers)

    def _sorted(self, numbers: AbstractSet[int]) -> tuple[int, ...]:
        """In order. Many regions share a set, and then they share this."""
        found = self._in_order.get(id(numbers))
        if found is None:
            found = self._in_order[id(numbers)] = (numbers, tuple(sorted(numbers)))
        return found[1]
