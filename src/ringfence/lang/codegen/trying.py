"""`try`, and the jumps that leave one, as code.

Its one rule: what a body of a `try` or a handler may have bound has afterwards the label of all that could fail in it.
"""

from __future__ import annotations

from ringfence.lang import ir
from ringfence.lang.codegen.writer import Writer
from ringfence.lang.scope import escapes


def returned(w: Writer, value: ir.Expr | None) -> None:
    result = "None" if value is None else w.expr(value)
    if w.bodies and value is not None:
        made = w.temp()
        w.line(f"{made} = {result}")
        result = made
    ended(w, 0)
    # Which `return` it is depends on the pc, also where a caller's had that label before.
    w.line(f"return taint({result}, S.pc)" if w.early else f"return {result}")


def ended(w: Writer, outside: int) -> None:
    """A jump ends the body of the innermost `try` that it leaves: failures of calls on their way belong to it."""
    if len(w.bodies) > outside:
        w.line(f"S.settled({w.bodies[-1]})")


def try_statement(w: Writer, node: ir.Try) -> None:
    trying = w.temp()
    region = w.effects.region(node)
    jumps = bool(escapes((node,)) & {"loop", "return"})
    w.line(f"{trying} = S.try_({region})")
    if node.final or jumps:
        w.line("try:")
        w.depth += 1
    before = w.scope.assigned.mark()
    body_names = list(w.bound(node.body))
    if node.handlers:
        guarded(w, node, trying, body_names, before)
    else:
        w.depth -= 1
        body_of_try(w, node, trying)
        w.depth += 1
        w.line(f"S.settled({trying})")
        w.line(f"S.body_done({trying})")
    w.span = node.span
    others = list(node.handlers)
    names = w.bound((*others, *node.orelse))
    if node.final or jumps:
        w.depth -= 1
        error = w.temp()
        w.line(f"except Raised as {error}:")
        w.line(f" S.note({trying}, {error}, {bool(escapes(node.final))})")
        w.line(" raise")
        w.line("finally:")
        w.line(" if S.live():")
        w.depth += 2
        label = w.temp()
        w.line(f"{label} = S.leave({trying}, {jumps})")
        for name in body_names:
            w.line(f"v_{name} = kept(v_{name}, {label})")
        w.taints([name for name in names if name not in body_names], label)
        w.scope.assigned.take(before)
        w.depth -= 1
        w.block(node.final)
        w.depth += 1
        if jumps:
            w.line(f"S.stay({trying})")
        w.depth -= 2
    else:
        label = w.temp()
        w.line(f"{label} = S.leave({trying})")
        # Had it failed, the body's variables would have the label of that: so they have it if it did not.
        w.taints({**dict.fromkeys(body_names), **names}, label)
        w.scope.assigned.take(before)


def body_of_try(w: Writer, node: ir.Try, trying: str) -> None:
    w.in_try += 1
    w.bodies.append(trying)
    w.block(node.body)
    w.bodies.pop()
    w.in_try -= 1


def guarded(w: Writer, node: ir.Try, trying: str, body_names: list[str], before: int) -> None:
    error = w.temp()
    w.line("try:")
    body_of_try(w, node, trying)
    w.depth += 1
    w.line(f"S.settled({trying})")
    w.line(f"S.body_done({trying})")
    w.depth -= 1
    after_body = w.scope.assigned.take(before)
    w.line(f"except Raised as {error}:")
    w.depth += 1
    w.line(f"S.caught({trying}, {error})")
    for name in body_names:
        w.line(f"v_{name} = kept(v_{name}, {trying}.label)")
    bare = False
    for index, handler in enumerate(node.handlers):
        w.span = handler.span
        word = "elif" if index else "if"
        if handler.type is None:
            bare = True
            w.line("else:" if index else "if True:")
        else:
            w.line(f"{word} S.matches({trying}, {error}, {w.expr(handler.type)}):")
        if handler.name is not None:
            w.line(f" v_{handler.name} = S.bound({error})")
            w.scope.assigned.add(handler.name)
            w.line(" try:")
            w.depth += 1
            w.block(handler.body)
            w.depth -= 1
            w.line(" finally:")
            w.line(f"  v_{handler.name} = UNBOUND")
        else:
            w.line(" pass")
            w.block(handler.body)
        w.scope.assigned.take(before)
    if not bare:
        w.line("else:")
        w.line(f" S.note({trying}, {error})")
        w.line(" raise")
    w.depth -= 1
    if node.orelse:
        w.scope.assigned.update(sorted(after_body))
        w.line("else:")
        w.in_try += 1
        w.block(node.orelse)
        w.in_try -= 1
