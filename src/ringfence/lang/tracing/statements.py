"""Statements: what they bind, store and decide about.

Its one rule: what is after a condition is under it if the condition may jump.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from ringfence.lang import ir
from ringfence.lang.scope import binds, children, escapes, walk
from ringfence.lang.tracing.influence import NOTHING
from ringfence.lang.tracing.trace import Trace


def under(trace: Trace, test: int, bodies: Iterable[Iterable[ir.Node]], whole: ir.Stmt, turn: int = NOTHING) -> None:
    """The parts of a construct that `test` decides about; `turn` is what decided about earlier turns of a loop."""
    pc, certain = trace.pc, trace.certain
    trace.certain = False
    trace.decide(test, turn)
    for body in bodies:
        trace.block(body)
    trace.into.flow(trace.pc, turn) if turn else None
    for name in trace.outline.bound((whole,)):
        trace.assign(name, test)
    ways = escapes((whole,))
    if ways:
        trace.certain = False  # what follows may be skipped, and is under the pc
        skips(trace) if ways != {"loop"} else None
        return
    trace.pc, trace.certain = pc, certain


def skips(trace: Trace) -> None:
    """The rest of what is around may not happen as this place decides: any change there, also of turns before."""
    trace.into.shade(trace.pc, trace.entry if trace.inside else trace.skipping)


def _assign(trace: Trace, node: ir.Assign) -> None:
    value = trace.visit(node.value)
    for target in node.targets:
        trace.bind(target, value, node)
    first = node.targets[0]
    if type(first) is ir.Name and trace.made_once.get(first.id) is node.value and value in trace.lows:
        trace.lows[trace.variable(first.id)] = trace.lasting(first.id, trace.lows[value])


def _augment(trace: Trace, node: ir.AugAssign) -> None:
    found = trace.into.join(trace.visit(node.value), trace.visit(node.target))
    trace.step(node.value)
    trace.bind(node.target, found, node)
    trace.grow(node.target, found, node)


def _annotate(trace: Trace, node: ir.AnnAssign) -> None:
    if node.value is not None:
        trace.bind(node.target, trace.visit(node.value), node)


def _if(trace: Trace, node: ir.If) -> None:
    under(trace, trace.visit(node.test), (node.body, node.orelse), node)


def _for(trace: Trace, node: ir.For) -> None:
    source, turn = trace.visit(node.iterable), trace.into.node()
    trace.bind(node.target, source, node)
    trace.step(node.iterable, turn)
    under(trace, source, (node.body, node.orelse), node, turn)


def _while(trace: Trace, node: ir.While) -> None:
    pc, turn = trace.pc, trace.into.node()
    trace.decide(turn)
    test = trace.visit(node.test)
    trace.pc = pc
    under(trace, test, (node.body, node.orelse), node, turn)


def _match(trace: Trace, node: ir.Match) -> None:
    source, pc, certain = trace.visit(node.subject), trace.pc, trace.certain
    trace.certain = False
    for case in node.cases:
        trace.decide(source)
        for name in trace.outline.bound((case.pattern,)):
            trace.assign(name, source)
        for part in walk((case.pattern,)):
            if isinstance(part, (ir.ClassPattern, ir.ValuePattern)):
                source = trace.into.join(source, trace.all(n for n in children(part) if isinstance(n, ir.Expr)))
        if case.guard is not None:
            source = trace.into.join(source, trace.visit(case.guard))
    trace.pc, trace.certain = pc, certain
    under(trace, source, tuple(case.body for case in node.cases), node)


def _try(trace: Trace, node: ir.Try) -> None:
    touched = trace.into.node()
    for part in walk(node.body):
        if isinstance(part, ir.Name) and part.id in trace.own:
            trace.into.flow(trace.variable(part.id), touched)
        elif isinstance(part, ir.Call) and (signature := trace.signature(part)) is not None:
            trace.into.flow(trace.result(part), touched)
            trace.into.shade(trace.into.made(signature.fact), touched)
        elif isinstance(part, ir.Raise) and any(trace.effects.tracked(made) is not None for made in walk((part,))):
            trace.into.flow(trace.thrown(), touched)  # what no variable holds yet, and a handler elsewhere changes
        if trace.effects.runs_code(part):
            trace.into.flow(trace.anything, touched)
    for handler in node.handlers:
        if handler.name is not None:
            trace.assign(handler.name, trace.into.join(touched, trace.said()))
    under(trace, touched, (node.body, *map(children, node.handlers), node.orelse), node)
    trace.block(node.final)


def _assert(trace: Trace, node: ir.Assert) -> None:
    trace.decide(trace.visit(node.test))
    skips(trace)
    trace.certain = False
    if node.message is not None:
        trace.visit(node.message)


def _raise(trace: Trace, node: ir.Raise) -> None:
    trace.all(children(node))
    trace.certain = False


def _delete(trace: Trace, node: ir.Delete) -> None:
    for target in node.targets:
        trace.bind(target, trace.all(children(target)), node)


def _function(trace: Trace, node: ir.FunctionDef) -> None:
    trace.assign(node.name, NOTHING)
    trace.code(node.params, node.body, node.name)


def _return(trace: Trace, node: ir.Return) -> None:
    if node.value is not None:
        trace.into.flow(trace.visit(node.value), trace.giving)
    trace.into.shade(trace.pc, trace.giving)
    trace.certain = False


def _class(trace: Trace, node: ir.ClassDef) -> None:
    trace.assign(node.name, trace.all(children(node)))


def _import(trace: Trace, node: ir.Import) -> None:
    for name in binds(node):
        trace.assign(name, NOTHING)


STATEMENTS: Final[dict[type[ir.Node], Callable[[Trace, ir.Node], None]]] = {  # each is called with its own class
    ir.Assign: _assign,  # type: ignore[dict-item]
    ir.AugAssign: _augment,  # type: ignore[dict-item]
    ir.AnnAssign: _annotate,  # type: ignore[dict-item]
    ir.If: _if,  # type: ignore[dict-item]
    ir.For: _for,  # type: ignore[dict-item]
    ir.While: _while,  # type: ignore[dict-item]
    ir.Match: _match,  # type: ignore[dict-item]
    ir.Try: _try,  # type: ignore[dict-item]
    ir.Assert: _assert,  # type: ignore[dict-item]
    ir.Raise: _raise,  # type: ignore[dict-item]
    ir.Delete: _delete,  # type: ignore[dict-item]
    ir.FunctionDef: _function,  # type: ignore[dict-item]
    ir.Return: _return,  # type: ignore[dict-item]
    ir.ClassDef: _class,  # type: ignore[dict-item]
    ir.Import: _import,  # type: ignore[dict-item]
}
