"""The constraints of statements: what is bound, what loops and branches go over, what is raised, returned and deleted.

Its one rule: as in `lang/analysis/constraints.py`: every arm is walked, and a name may hold afterwards what any of them
binds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ringfence.lang import ir
from ringfence.lang.scope import binds, children, walk

if TYPE_CHECKING:
    from ringfence.lang.analysis.constraints import Constraints


def _assign(c: Constraints, node: ir.Assign) -> None:
    source = c.expr(node.value)
    for target in node.targets:
        c.bind(target, source, node)


def _annotated(c: Constraints, node: ir.AnnAssign) -> None:
    if node.value is not None:
        c.bind(node.target, c.expr(node.value), node)


def _augmented(c: Constraints, node: ir.AugAssign) -> None:
    target, operand = node.target, c.expr(node.value)
    c.consumes(node, operand)
    current = c.expr(target)
    c.changes(node, current)
    _, fresh = c.allocate(target)
    for source in (current, operand):
        loaded = c.graph.contents(source)
        c.graph.store(fresh, loaded)
        c.graph.store(current, loaded)
    if isinstance(target, ir.Name):
        c.assign_name(target.id, current)
        c.assign_name(target.id, fresh)
    else:
        c.bind(target, fresh, node)


def _branch(c: Constraints, node: ir.If) -> None:
    c.expr(node.test)
    c.block(node.body)
    c.block(node.orelse)


def _for(c: Constraints, node: ir.For) -> None:
    c.iterated(node, node.target, c.expr(node.iterable))
    _looped(c, node, node.body)
    c.block(node.orelse)


def _while(c: Constraints, node: ir.While) -> None:
    c.expr(node.test)
    _looped(c, node, node.body)
    c.block(node.orelse)


def _looped(c: Constraints, node: ir.Node, body: tuple[ir.Stmt, ...]) -> None:
    outer, c.place = c.place, (c.place[0], node, c.place[2])
    c.block(body)
    c.place = outer


def _function(c: Constraints, node: ir.FunctionDef) -> None:
    c.assign_name(node.name, c.code(node, node.params, node.body))


def _return(c: Constraints, node: ir.Return) -> None:
    if node.value is not None:
        c.graph.copy(c.expr(node.value), c.results[-1])


def _raise(c: Constraints, node: ir.Raise) -> None:
    for given in (node.error, node.cause):
        if given is not None:
            c.graph.copy(c.expr(given), c.raised)


def _try(c: Constraints, node: ir.Try) -> None:
    outer = c.place
    if node.handlers:
        c.place = (*outer[:2], node)
    c.block(node.body)
    c.place = outer
    for handler in node.handlers:
        if handler.type is not None:
            c.expr(handler.type)
        if handler.name is not None:
            c.assign_name(handler.name, c.graph.reach(c.raised))
        c.block(handler.body)
    c.block(node.orelse)
    c.block(node.final)


def _class(c: Constraints, node: ir.ClassDef) -> None:
    """What a class makes may hold the default values that stand in it, and calls what makes such."""
    _, place = c.allocate(node, blob=True)
    for field in node.fields:
        for part in children(field):
            c.graph.store(place, c.expr(part))  # type: ignore[arg-type]  # a field holds expressions
    for base in (*node.bases, *(keyword.value for keyword in node.keywords)):
        c.graph.copy(c.expr(base), place)
    c.assign_name(node.name, place)


def _delete(c: Constraints, node: ir.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ir.Subscript):
            c.changes(node, c.expr(target.value))
            c.expr(target.index)


def _match(c: Constraints, node: ir.Match) -> None:
    everything = c.graph.reach(c.expr(node.subject))
    for case in node.cases:
        for name in c.outline.bound((case.pattern,)):
            c.assign_name(name, everything)
        for part in walk((case.pattern,)):
            if isinstance(part, (ir.StarPattern, ir.MappingPattern)):
                _, rest = c.allocate(part)
                c.graph.store(rest, everything)
                for name in binds(part):
                    c.assign_name(name, rest)
        if case.guard is not None:
            c.expr(case.guard)
        c.block(case.body)


def any_part(c: Constraints, node: ir.Node) -> None:
    if isinstance(node, ir.ClassField):
        c.inner(node)
    elif not isinstance(node, (ir.Keyword, ir.ImportName)):
        c.expr(node)  # type: ignore[arg-type]  # the remaining statements hold expressions only


# The rules of statements, each for its class; of others the parts are looked at.
STATEMENTS: Final[dict[type[ir.Node], Callable[[Constraints, ir.Stmt], object]]] = {
    ir.ExprStatement: lambda c, node: c.expr(node.value),  # type: ignore[union-attr, arg-type]  # its class
    ir.Assign: _assign,  # type: ignore[dict-item]  # as above
    ir.AugAssign: _augmented,  # type: ignore[dict-item]
    ir.AnnAssign: _annotated,  # type: ignore[dict-item]
    ir.If: _branch,  # type: ignore[dict-item]
    ir.For: _for,  # type: ignore[dict-item]
    ir.While: _while,  # type: ignore[dict-item]
    ir.FunctionDef: _function,  # type: ignore[dict-item]
    ir.Return: _return,  # type: ignore[dict-item]
    ir.Raise: _raise,  # type: ignore[dict-item]
    ir.Try: _try,  # type: ignore[dict-item]
    ir.Delete: _delete,  # type: ignore[dict-item]
    ir.Match: _match,  # type: ignore[dict-item]
    ir.ClassDef: _class,  # type: ignore[dict-item]
}
