"""Loops as code: `for` and `while`, and reductions by a kernel.

Its one rule: after a loop every name that it may have bound has the label of its course, also if it never ran.
"""

from __future__ import annotations

from ringfence.lang import ir
from ringfence.lang.codegen.assignments import made_whole, store
from ringfence.lang.codegen.writer import Writer
from ringfence.lang.kernels.finding import loop_kernel
from ringfence.lang.scope import escapes, statements


def for_loop(w: Writer, node: ir.For) -> None:
    loop, weight = w.temp(), _weight(node.body)
    region = w.effects.region(node)
    items = f"{loop}.items"
    if (by_kernel := reduction(w, node, loop, region, weight)) is not None:
        items = by_kernel
    else:
        w.line(f"{loop} = Loop(S, {region}).start({made_whole(w, node.iterable)}, {weight})")
    before = w.scope.assigned.mark()
    if isinstance(node.target, ir.Name):
        target = f"v_{node.target.id}"
        item = w.temp() if w.in_try else target  # in a `try`, the variable changes only if no call before failed
        kept = w.temp()  # what the variable has if the result that it is given failed
        if w.in_try:
            w.line(f"{kept} = {target}")
        w.line(f"for {item} in {items}:")
        w.depth += 1
        if w.in_try:
            w.line(f"{target} = S.assigned({item}, {kept})")
            if isinstance(node.iterable, (ir.Comprehension, ir.Call)):  # it may have made the calls turn by turn
                w.line(f"{kept} = {target}")
        if w.tracking:
            w.line(f"S.touched({target})")
        w.scope.assigned.add(node.target.id)
    else:
        item = w.temp()
        w.line(f"for {item} in {loop}.items:")
        w.depth += 1
        store(w, node.target, item)
    w.line("pass")
    w.depth -= 1
    body_of_loop(w, node)
    w.scope.assigned.take(before)
    if node.orelse:
        w.line("else:")
        w.block(node.orelse)
        if any("loop" in escapes((statement,)) for statement in node.body):
            w.scope.assigned.take(before)
    finish_loop(w, loop, node)


def reduction(w: Writer, node: ir.For, loop: str, region: int, weight: int) -> str | None:
    """A loop by its kernel, if it has one: what is left to go over, which is all if it cannot be used."""
    found = loop_kernel(node, w.is_outside)
    if found is None or not isinstance(node.target, ir.Name):
        return None
    value, done = w.temp(), w.temp()
    w.line(f"{loop} = Loop(S, {region})")
    w.line(f"{value} = {w.expr(node.iterable)}")
    variables = "".join(f"v_{name}, " for name in found.written.variables)
    function = w.kernel(found.written, found.reduction)
    target = f"v_{node.target.id}"
    ends = f"v_{found.holder}, {target}, {weight}"
    w.line(f"{done} = reduced(S, {loop}, {function}, {value}, ({variables}), {ends})")
    summed = f", v_{found.holder}" if found.reduction.form == "sum" else ", _"
    both = f"S.assigned({done}[0]), S.assigned({done}[1])" if w.in_try else done
    w.line(f"if {done} is not None: {target}{summed} = {both}")
    return f"({loop}.start({value}, {weight}).items if {done} is None else ())"


def while_loop(w: Writer, node: ir.While) -> None:
    loop, weight = w.temp(), _weight(node.body)
    w.line(f"{loop} = Loop(S, {w.effects.region(node)})")
    before = w.scope.assigned.mark()
    w.repeated += 1
    w.line(f"while {loop}.again({w.expr(node.test)}, {weight}):")
    w.repeated -= 1
    body_of_loop(w, node)
    w.scope.assigned.take(before)
    if node.orelse:
        w.line("else:")
        w.block(node.orelse)
        w.scope.assigned.take(before)
    finish_loop(w, loop, node)


def body_of_loop(w: Writer, node: ir.For | ir.While) -> None:
    w.repeated += 1
    w.around.append(len(w.bodies))
    w.block(node.body)
    w.around.pop()
    w.repeated -= 1


def finish_loop(w: Writer, loop: str, node: ir.For | ir.While) -> None:
    left = (escapes(node.body) - {"loop"}) | escapes(node.orelse)
    jumps = "loop" in escapes(node.body)
    names = w.bound((node,))
    if jumps:
        # A labelled break or continue left the pc raised (it may have been so before): all that the loop could
        # write depends on it.
        held = w.temp()
        w.line(f"{held} = S.pc.join({loop}.label)")
    else:
        held = f"{loop}.label"
    w.line(f"if {held} is not TRUSTED_PUBLIC:")
    w.depth += 1
    if not left:
        w.line(f"S.back({loop}.pc)")
    w.taints(names, held)
    w.line("pass")
    w.depth -= 1


def _weight(body: tuple[ir.Stmt, ...]) -> int:
    """The steps of one turn: the statements in it, those of inner loops and functions counted there."""
    total = 1
    for node in statements(body, loops=False):
        total += isinstance(node, (ir.Assign, ir.AugAssign, ir.ExprStatement, ir.If, ir.Return, ir.Match))
    return total
