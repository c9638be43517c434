"""Code that never runs: what stands behind a jump, or below a condition that is written out.

Its one rule: only what is certain from the text alone is told, and as a note: such a plan is no worse than another.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final, get_args

from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.lang import ir
from ringfence.lang.depth import deep_stack
from ringfence.lang.scope import Outline, children

_ENDS: Final = frozenset({"refuse", "observe"})
_STATEMENTS: Final = frozenset(get_args(ir.Stmt))
_JUMPS: Final = {ir.Return: "return", ir.Raise: "raise", ir.Break: "break", ir.Continue: "continue"}


def unreachable(plan: ir.Plan) -> tuple[Diagnostic, ...]:
    """A note (E220) for each stretch of statements that no run can reach, in the order of the text."""
    with deep_stack():
        outline = Outline(plan.body)
        functions = outline.of(ir.FunctionDef)
        bound = {name for body in (plan.body, *(one.body for one in functions)) for name in outline.bound(body)}
        walk = _Walk(_ENDS - bound - {param.name for param in outline.of(ir.Parameter)})
        for body in (plan.body, *(one.body for one in functions)):
            walk.block(body)
    return tuple(sorted(walk.notes, key=lambda note: note.span))


@final
class _Walk:
    """Whether control gets past each statement; `why` is told of what it cannot get past."""

    def __init__(self, ends: frozenset[str]) -> None:
        self.ends = ends
        self.notes: list[Diagnostic] = []

    def block(self, body: tuple[ir.Stmt, ...]) -> str:
        """Why control cannot get past the statements; "" if it can. What stands behind that point is noted."""
        for index, statement in enumerate(body):
            self.expressions(children(statement))
            why = self.statement(statement)
            if why:
                self.note(body[index + 1 :], why)
                return why
        return ""

    def expressions(self, nodes: Iterable[ir.Node]) -> None:
        """Notes the parts of expressions that are never reached; of statements inside, `block` tells."""
        pending = [node for node in nodes if type(node) not in _STATEMENTS]
        while pending:
            node = pending.pop()
            decided = _decided(node)
            if decided is not None:
                dead, test, known = decided
                self.note(dead, f"the condition on line {test.span.line} is always {'true' if known else 'false'}")
                pending += [part for part in children(node) if all(part is not one for one in dead)]
            elif not isinstance(node, (ir.Handler, ir.Case)):
                pending += children(node)
            elif isinstance(node, ir.Case) and node.guard is not None:
                pending.append(node.guard)

    def note(self, body: tuple[ir.Node, ...], why: str) -> None:
        if body:
            first, last = body[0].span, body[-1].span
            span = Span(first.line, first.column, last.end_line, last.end_column)
            self.notes.append(Diagnostic("E220", f"this never runs: {why}", span, "leave it out, or move it", True))

    def statement(self, node: ir.Stmt) -> str:
        match node:
            case ir.Return() | ir.Raise() | ir.Break() | ir.Continue():
                return f"`{_JUMPS[type(node)]}` on line {node.span.line} comes first"
            case ir.ExprStatement(value=ir.Call(func=ir.Name(id=name))) if name in self.ends:
                return f"`{name}(...)` on line {node.span.line} ends the plan"
            case ir.Assert(test=test) if constant(test) is False:
                return f"the assertion on line {node.span.line} always fails"
            case ir.If():
                return self.branch(node)
            case ir.While():
                return self.loop(node)
            case ir.For(body=body, orelse=orelse):
                self.block(body)
                why = self.block(orelse)
                return "" if not why or breaks(body) else why
            case ir.Try():
                return self.attempt(node)
            case ir.Match():
                return self.choice(node)
            case _:
                return ""

    def branch(self, node: ir.If) -> str:
        known = constant(node.test)
        if known is None:
            ways = [self.block(node.body), self.block(node.orelse)]
            return ways[-1] if all(ways) else ""
        taken, other = (node.body, node.orelse) if known else (node.orelse, node.body)
        self.note(other, f"the condition on line {node.test.span.line} is always {'true' if known else 'false'}")
        return self.block(taken)

    def loop(self, node: ir.While) -> str:
        known = constant(node.test)
        if known is False:
            self.note(node.body, f"the condition on line {node.test.span.line} is always false")
            return self.block(node.orelse)
        self.block(node.body)
        if known is None:
            why = self.block(node.orelse)
            return "" if not why or breaks(node.body) else why
        self.note(node.orelse, f"the condition on line {node.test.span.line} is always true")
        return "" if breaks(node.body) else f"the loop on line {node.span.line} has no `break`"

    def attempt(self, node: ir.Try) -> str:
        """Any statement of the body may fail, the first one too."""
        why = self.block(node.body)
        if why:
            self.note(node.orelse, why)
        else:
            why = self.block(node.orelse)
        caught = [self.block(handler.body) for handler in node.handlers]
        last = self.block(node.final)
        return last or (why if all(caught) else "")

    def choice(self, node: ir.Match) -> str:
        ways = [self.case(case) for case in node.cases]
        for index, case in enumerate(node.cases):
            certain = case.guard is None or constant(case.guard) is True
            if certain and isinstance(case.pattern, ir.CapturePattern) and case.pattern.pattern is None:
                why = f"the case on line {case.pattern.span.line} takes all"
                self.note(tuple(part for later in node.cases[index + 1 :] for part in later.body), why)
                return ways[index] if all(ways[: index + 1]) else ""
        return ""

    def case(self, node: ir.Case) -> str:
        if node.guard is None or constant(node.guard) is not False:
            return self.block(node.body)
        why = f"the condition on line {node.guard.span.line} is always false"
        self.note(node.body, why)
        return why


def constant(test: ir.Expr) -> bool | None:
    """The truth of a condition that is written out; None if it depends on anything."""
    match test:
        case ir.Constant(value=value):
            return bool(value)
        case ir.Unary(op="not", operand=operand):
            known = constant(operand)
            return None if known is None else not known
        case _:
            return None


def _decided(node: ir.Node) -> tuple[tuple[ir.Node, ...], ir.Expr, bool] | None:
    """What of an expression is never reached, the condition that says so, and which way; None if all may be."""
    match node:
        case ir.Conditional(test=test, then=then, orelse=orelse):
            known = constant(test)
            return None if known is None else ((orelse if known else then,), test, known)
        case ir.Logic(op=op, values=values):
            for index, value in enumerate(values[:-1]):
                if constant(value) is (op == "or"):
                    return values[index + 1 :], value, op == "or"
        case ir.Comprehension(element=element, value=value, clauses=clauses):
            for clause in clauses:
                for condition in clause.conditions:
                    if constant(condition) is False:
                        return (element,) if value is None else (element, value), condition, False
    return None


def breaks(body: Iterable[ir.Stmt]) -> bool:
    """Whether a `break` in the statements leaves the loop around them."""
    return any(_breaks(statement) for statement in body)


def _breaks(node: ir.Stmt) -> bool:
    match node:
        case ir.Break():
            return True
        case ir.If(body=body, orelse=orelse):
            return breaks(body) or breaks(orelse)
        case ir.For(orelse=orelse) | ir.While(orelse=orelse):
            return breaks(orelse)
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            return any(map(breaks, (body, orelse, final, *(handler.body for handler in handlers))))
        case ir.Match(cases=cases):
            return any(breaks(case.body) for case in cases)
        case _:
            return False
