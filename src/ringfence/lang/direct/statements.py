"""The statements of a plan's top, performed from the tree, with the arms of their branches.

Its one rule: as in `direct/expressions.py`: what `lang/codegen/` writes is done here, in the same order. Loops,
functions, `try` and `match` are units of code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, final

from ringfence.core.diagnostics import Span
from ringfence.lang import ir
from ringfence.lang.codegen.scopes import meet
from ringfence.lang.direct.assignments import annotated, assignment, augmented
from ringfence.lang.direct.branches import Chain, assertion, branch
from ringfence.lang.direct.evaluator import Evaluator, NeedsCode
from ringfence.lang.direct.expressions import RULES as EXPRESSIONS
from ringfence.lang.direct.frame import Code, Frame, Whole
from ringfence.lang.direct.units import Unit
from ringfence.lang.running.bindings import taint
from ringfence.lang.running.runtime import imported
from ringfence.lang.scope import ends, variable


@final
class Block:
    """Statements to be performed, each with its place. A traceback shows which one is: `place` in `perform`."""

    __slots__ = ("steps",)

    def __init__(self, steps: list[tuple[Span, Code]]) -> None:
        self.steps = steps

    def perform(self, frame: Frame) -> None:
        """Perform them."""
        for place, step in self.steps:  # noqa: B007  (read from the traceback)
            step(frame)


@final
class Performer(Evaluator):
    """Makes what performs the statements of one plan."""

    def expr(self, node: ir.Expr) -> Code:
        """What evaluates the expression."""
        rule = EXPRESSIONS.get(type(node))
        return self.unit(node).value if rule is None else rule(self, node)

    def whole_plan(self) -> Block:
        """All of its statements; the last, if it is an expression, is the plan's value."""
        body = self.whole.outline.body
        block = Block([])
        for index, node in enumerate(body):
            if isinstance(node, ir.ExprStatement) and index + 1 == len(body):
                block.steps.append((node.span, self.last(node)))
            else:
                self.append(block, node)
        place = body[-1].span if body else ir.NOWHERE
        block.steps.append((place, lambda frame: frame.run.settle_all(0)))
        return block

    def last(self, node: ir.ExprStatement) -> Code:
        self.place = node
        try:
            value = self.expr(node.value)
        except NeedsCode:
            return Unit(self.whole, node, node, "last").perform

        def final_value(frame: Frame) -> None:
            frame.run.final = taint(value(frame), frame.run.pc)

        return final_value

    def block(self, body: Iterable[ir.Stmt]) -> Block:
        block = Block([])
        for node in body:
            self.append(block, node)
        return block

    def append(self, block: Block, node: ir.Stmt) -> None:
        self.place = node
        rule = _RULES.get(type(node))
        mark = self.timeline.mark()
        try:
            step = self.as_code(node) if rule is None else rule(self, node)
        except NeedsCode:
            self.timeline.take(mark)
            step = self.as_code(node)
        if step is not None:
            block.steps.append((node.span, step))

    def as_code(self, node: ir.Stmt) -> Code:
        """The statement as a unit of generated code."""
        del self.local[:]
        unit = Unit(self.whole, node, node, "statement")
        for name in _surely_bound((node,)) or ():
            self.timeline.add(name)
        return unit.perform


def _surely_bound(body: Iterable[ir.Stmt]) -> set[str] | None:
    """The names that have a value after statements that are written as code; None if nothing comes after them."""
    found: set[str] = set()
    for node in body:
        match node:
            case ir.Assign(targets=targets):
                found.update(target.id for target in targets if isinstance(target, ir.Name))
            case ir.AugAssign(target=ir.Name(id=name)) | ir.FunctionDef(name=name) | ir.ClassDef(name=name):
                found.add(name)
            case ir.AnnAssign(target=ir.Name(id=name), value=value) if value is not None:
                found.add(name)
            case ir.Match(cases=cases) if _takes_all(cases[-1]):
                found.update(meet([_surely_bound(case.body) for case in cases]))
            case _ if ends((node,)):
                return None
            case _:
                pass
    return found


def _takes_all(case: ir.Case) -> bool:
    return case.guard is None and isinstance(case.pattern, ir.CapturePattern) and case.pattern.pattern is None


# Simple statements


def _expression(p: Performer, node: ir.ExprStatement) -> Code:
    return p.expr(node.value)


def _pass(p: Performer, node: ir.Pass) -> None:
    return None


def _import(p: Performer, node: ir.Import) -> Code | None:
    if node.module == "__future__":
        return None
    bound: list[tuple[str, str, str | None]] = []
    for one in node.names:
        name = one.alias if one.alias is not None else one.name.split(".")[0]
        whole = one.name if one.alias is not None else one.name.split(".")[0]
        bound.append((variable(name), whole, None) if node.module is None else (variable(name), node.module, one.name))
        p.timeline.add(name)

    def bind(frame: Frame) -> None:
        for key, module, member in bound:
            frame.names[key] = imported(module, member)

    return bind


# Each is the rule of its node's class; whoever looks it up has such a node.
_RULES: Final[dict[type[ir.Node], Callable[[Performer, ir.Stmt], Code | None]]] = {
    ir.ExprStatement: _expression,  # type: ignore[dict-item]
    ir.Assign: assignment,  # type: ignore[dict-item]
    ir.AnnAssign: annotated,  # type: ignore[dict-item]
    ir.AugAssign: augmented,  # type: ignore[dict-item]
    ir.Pass: _pass,  # type: ignore[dict-item]
    ir.Import: _import,  # type: ignore[dict-item]
    ir.Assert: assertion,  # type: ignore[dict-item]
    ir.If: branch,  # type: ignore[dict-item]
}


def prepared(whole: Whole) -> Block:
    """What performs a plan."""
    return Performer(whole).whole_plan()


# Where the place of a failure is found in a traceback.
PLACED: Final = frozenset({Block.perform.__code__, Chain.choose.__code__})
