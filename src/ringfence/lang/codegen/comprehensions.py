"""Comprehensions as code: Python's own, each element and condition seen by a `Loop`, or a kernel where one will do.

Its one rule: a kernel stands before the comprehension that it replaces, which does the whole where it cannot be used.
"""

from __future__ import annotations

from ringfence.lang import ir
from ringfence.lang.codegen.writer import Writer
from ringfence.lang.kernels.finding import comprehension_kernel
from ringfence.lang.scope import children, target_names


def comprehension(w: Writer, node: ir.Comprehension) -> str:
    loop, first = "k" + w.temp(), "k" + w.temp()
    w.loops[id(node)] = loop
    start = w.started.get(id(node)) or w.expr(node.clauses[0].iterable)
    region = w.effects.region(node)
    by_kernel = ""
    if not w.plain and node.kind != "generator":
        by_kernel = uniformly(w, node, region, f"({first} := {start})")
    # A generator outlives the expression, so that its own variables must be its own.
    inner = w.plain or (node.kind == "generator" and not w.bound(children(node)))
    # Python evaluates the first iterable outside, and wants no assignment in it.
    held = first if inner or by_kernel or ":=" in start else start
    before = w.scope.assigned.mark()
    plain = w.plain
    w.scope.local.append(frozenset())
    w.repeated += 1
    w.lazy += node.kind == "generator"
    clauses = ""
    for index, clause in enumerate(node.clauses):
        w.plain = True
        iterable = held if index == 0 else w.expr(clause.iterable)
        w.plain = plain
        names = frozenset(target_names(clause.target))
        w.scope.local[-1] = w.scope.local[-1] | names
        target, items = clause_target(w, clause.target, f"{loop}.over({iterable})")
        clauses += f" for {target} in {items}"
        for condition in clause.conditions:
            clauses += f" if {loop}.test({w.expr(condition)})"
    element = w.expr(node.element)
    if node.value is not None:
        element = f"({element}, {w.expr(node.value)})"
    w.scope.local.pop()
    w.lazy -= node.kind == "generator"
    w.repeated -= 1
    w.scope.assigned.take(before)
    make = {"list": "list_of", "set": "set_of", "dict": "dict_of", "generator": "generator"}[node.kind]
    opening, closing = "()" if node.kind == "generator" else "[]"
    body = f"{opening}{element}{clauses}{closing}"
    if inner:
        made = f"(lambda {loop}, {first}: {make}(S, {loop}, {body}))(Loop(S, {region}), {start})"
    else:
        head = f"{loop} := Loop(S, {region})"
        if held is first and not by_kernel:
            head = f"(({head}), ({first} := {start}))[0]"
        made = f"{make}(S, {head}, {body})"
    if by_kernel:
        result = "k" + w.temp()
        made = f"({result} if ({result} := {by_kernel}) is not None else {made})"
    assigned_inside = () if plain else w.bound(children(node))
    return w.retainted(w.tracked(w.tagged(node, made)), assigned_inside, f"{loop}.label")


def uniformly(w: Writer, node: ir.Comprehension, region: int, start: str) -> str:
    """The comprehension by its kernel: an expression that is None where the kernel cannot be used."""
    written = comprehension_kernel(node, w.is_outside)
    if written is None:
        return ""
    variables = "".join(f"v_{name}, " for name in written.variables)
    kind = "list" if node.kind == "generator" else node.kind
    return f'uniform(S, {region}, {w.kernel(written)}, {start}, ({variables}), "{kind}")'


def clause_target(w: Writer, target: ir.Expr, items: str) -> tuple[str, str]:
    if isinstance(target, ir.Name):
        return f"v_{target.id}", items

    def shape(part: ir.Expr) -> object:
        if isinstance(part, ir.Starred):
            return ("*", shape(part.value), w.effects.tracked(part) or 0)
        if isinstance(part, ir.Sequence):
            return tuple(shape(inner) for inner in part.items)
        return None

    def names(part: ir.Expr) -> str:
        if isinstance(part, ir.Starred):
            return names(part.value)
        if isinstance(part, ir.Sequence):
            return f"({''.join(names(inner) + ', ' for inner in part.items)})"
        assert isinstance(part, ir.Name), "the checker refuses other targets"
        return f"v_{part.id}"

    return names(target), f"unpacked(S, {items}, {w.constant(shape(target))}, {w.effects.using_up(target)})"
