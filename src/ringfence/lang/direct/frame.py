"""What the parts of one plan share: while it runs, and while it is prepared.

Its one rule: a `Frame` belongs to one run, and holds all of its variables; what else is here belongs to the plan,
and nothing of a run is in it.
"""

from __future__ import annotations

import threading
from bisect import bisect
from collections.abc import Callable, Container
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias, final

from ringfence.core.diagnostics import Span
from ringfence.core.values import Value
from ringfence.lang import ir
from ringfence.lang.analysis.region import Places
from ringfence.lang.objects import UNBOUND, ToolValue
from ringfence.lang.scope import named_in_functions, variable

if TYPE_CHECKING:
    from ringfence.lang.check import CheckedPlan
    from ringfence.lang.direct.units import Unit
    from ringfence.lang.running.engine import Run

# Code of a plan that nests no deeper is far from what Python cannot compile, if there is no `try` in it.
LEVELS: Final = 16


@final
class Frame:
    """One run: its state, and the global names of its code, among which are the plan's variables."""

    __slots__ = ("names", "run")

    def __init__(self, run: Run, names: dict[str, Value]) -> None:
        self.run = run
        self.names = names


# What evaluates an expression, and what performs a statement.
Code: TypeAlias = Callable[[Frame], Value]
Store: TypeAlias = Callable[[Frame, Value], None]


@final
class Timeline:
    """The names that are sure to have a value, and which were at any moment before.

    As `Assigned`, which it is for the top of the plan; code that is written later asks for its moment.
    """

    __slots__ = ("_from", "_order", "_sure", "_until", "now")

    def __init__(self) -> None:
        self.now = 0
        self._from: dict[str, list[int]] = {}
        self._until: dict[str, list[int]] = {}  # one shorter than `_from` while the name is sure
        self._sure: set[str] = set()  # those that are now
        self._order: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._sure

    def add(self, name: str) -> None:
        """From now on it has a value."""
        if name not in self._sure:
            self.now += 1
            self._sure.add(name)
            self._from.setdefault(name, []).append(self.now)
            self._order.append(name)

    def mark(self) -> int:
        """Here; for `take`."""
        return len(self._order)

    def take(self, mark: int) -> set[str]:
        """The names added since; they are sure no more."""
        self.now += 1
        added = self._order[mark:]
        self._sure.difference_update(added)
        for name in added:
            self._until.setdefault(name, []).append(self.now)
        del self._order[mark:]
        return set(added)

    def sure(self, name: str, moment: int) -> bool:
        """Whether it was sure at a moment."""
        begun = bisect(self._from.get(name, ()), moment)
        return begun > bisect(self._until.get(name, ()), moment)


@final
class Whole:
    """A checked plan, with what was worked out for all of its units."""

    def __init__(self, checked: CheckedPlan) -> None:
        outline = checked.outline
        self.plan: Final = checked.plan
        self.outline: Final = outline
        self.places: Final = Places(checked.effects())
        self.given: Final = tuple(sorted(checked.given))
        self.given_site: Final = self.places.tracked(outline.given)
        self.tools: Final = checked.signatures
        self.builtins: Final = checked.names
        self.names: Final = {**dict.fromkeys(self.given), **outline.names}
        self.every_name: Final = frozenset(self.names)
        self.keys: Final = {name: variable(name) for name in self.names}
        self.removed: Final = outline.unbound()
        self.timeline: Final = Timeline()
        self.constants: Final[list[object]] = []
        self.spans: Final[dict[str, tuple[Span, ...]]] = {}  # of the lines of each unit, by the name of its file
        self.lock: Final = threading.Lock()
        self.units: Final[list[Unit]] = []
        own: Container[str] = self.every_name
        if outline.has(ir.Import):
            own = {*self.given, *outline.bound([node for node in outline.body if not isinstance(node, ir.Import)])}
        self.shown: Final = tuple([(name, key) for name, key in self.keys.items() if name in own])

    def first_values(self) -> dict[str, Value]:
        """What the variables are before the plan starts; those that were given are set for each run."""
        from ringfence.lang.running.runtime import WORLD

        found: dict[str, Value] = {}
        for name in self.names:
            value: Value = UNBOUND
            if name in self.tools:
                value = ToolValue(name, self.places.site_of_tool(name))
            elif name in self.builtins:
                value = WORLD[f"b_{name}"]
            if value is not UNBOUND or name in self.given:
                self.timeline.add(name)
            found[self.keys[name]] = value
        return found

    def deep_units(self) -> list[Unit]:
        """The units near what Python's compiler can take: they are compiled before anything runs."""
        return [unit for unit in self.units if self.plan.depth > LEVELS or unit.tries()]

    @cached_property
    def shared(self) -> frozenset[str]:
        """The variables that functions of the plan may know."""
        return named_in_functions(self.outline)
