"""What the rules of a plan's top share: how they come by the code of a part, and what is known where they are.

Its one rule: an expression without a rule, and what a rule gives up, becomes a unit of generated code.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Final

from ringfence.core.values import Value
from ringfence.lang import ir
from ringfence.lang.direct.frame import Code, Whole
from ringfence.lang.direct.units import Unit
from ringfence.lang.objects import settle
from ringfence.lang.scope import walk

_PARTS: Final = (ir.Constant, ir.Compare, ir.Unary, ir.Binary, ir.FString, ir.Sequence, ir.DictDisplay)


class NeedsCode(Exception):
    """What is around it must be written as code: it binds a name, or takes one of a comprehension with it."""


class Evaluator(ABC):
    """Makes what evaluates the expressions of one plan."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.places = whole.places
        self.timeline = whole.timeline
        self.place: ir.Node = ir.Pass()  # the statement that is being prepared
        self.local: list[dict[str, str]] = []  # the variables of the comprehensions around, and their keys
        self.loads = 0  # how many reads that may fail there have been
        self.comprehensions = 0

    @abstractmethod
    def expr(self, node: ir.Expr) -> Code:
        """What evaluates the expression."""

    def unit(self, node: ir.Expr, kind: str = "expression") -> Unit:
        """The expression as generated code."""
        if self.local or (self.whole.outline.walrus and any(isinstance(part, ir.Walrus) for part in walk((node,)))):
            raise NeedsCode
        return Unit(self.whole, node, self.place, kind)

    def each(self, nodes: Iterable[ir.Expr]) -> tuple[Code, ...]:
        return tuple([self.expr(node) for node in nodes])

    def settled(self, node: ir.Expr) -> Code:
        code = self.expr(node)
        if isinstance(node, _PARTS):
            return code
        return lambda frame: settle(code(frame))

    def is_outside(self, name: str) -> bool:
        """Whether a name means a tool or a built-in, and no variable of the plan."""
        return name not in self.whole.names and not any(name in names for names in self.local)

    def tagged(self, node: ir.Expr, code: Code) -> Code:
        number = self.places.tracked(node)
        return code if number is None else lambda frame: frame.run.tag(code(frame), number)


def constant(value: Value) -> Code:
    """What gives a value that is known."""
    return lambda frame: value
