"""Assignments as code: to names, fields, items, slices; unpacking; `del`.

Its one rule: holder and key of a target are evaluated once, in Python's order.
"""

from __future__ import annotations

from ringfence.lang import ir
from ringfence.lang.codegen.writer import BINARY, Writer


def assignment(w: Writer, targets: tuple[ir.Expr, ...], value: ir.Expr) -> None:
    code = made_whole(w, value)
    if len(targets) == 1 and isinstance(targets[0], ir.Name):
        store(w, targets[0], code)
        return
    if len(targets) == 1 and pairwise(w, targets[0], value):
        return
    temp = w.temp()
    w.line(f"{temp} = {code}")
    for target in targets:
        store(w, target, temp)


def made_whole(w: Writer, node: ir.Expr) -> str:
    """The expression. In the body of a `try`, a display or a comprehension is not there if a part of it failed."""
    display = isinstance(node, (ir.Sequence, ir.DictDisplay))
    made = display or (isinstance(node, ir.Comprehension) and node.kind != "generator")
    return f"S.whole({w.expr(node)})" if made and w.in_try else w.expr(node)


def pairwise(w: Writer, target: ir.Expr, value: ir.Expr) -> bool:
    """`a, b = b, a` needs no tuple."""
    if not (isinstance(target, ir.Sequence) and isinstance(value, ir.Sequence) and value.kind == "tuple"):
        return False
    if len(target.items) != len(value.items):
        return False
    if any(isinstance(part, ir.Starred) for part in (*target.items, *value.items)):
        return False
    temps = [w.temp() for _ in value.items]
    for temp, part in zip(temps, value.items, strict=True):
        w.line(f"{temp} = {w.expr(part)}")
    if w.in_try:
        w.line(f"S.whole(({', '.join(temps)},))")
    for temp, part in zip(temps, target.items, strict=True):
        store(w, part, temp)
    return True


def store(w: Writer, target: ir.Expr, code: str) -> None:
    match target:
        case ir.Name(id=name):
            w.line(f"v_{name} = S.assigned({code}, v_{name})" if w.in_try else f"v_{name} = {code}")
            w.scope.assigned.add(name)
        case ir.Attribute(value=value, name=name):
            holder, temp = w.temp(), w.temp()
            w.line(f"{temp} = {code}")
            w.line(f"{holder} = {w.expr(value)}")
            w.line(f'set_attr(S, {holder}, "{name}", {temp})')
            w.touched(holder)
        case ir.Subscript(value=value, index=index):
            holder, temp, key = w.temp(), w.temp(), w.temp()
            w.line(f"{temp} = {code}")
            w.line(f"{holder} = {w.expr(value)}")
            if isinstance(index, ir.Slice):
                w.line(w.using(target, "set_slice", f"S, {holder}, {w.bounds(index)}, {temp}"))
                w.touched(holder)
            else:
                w.line(f"{key} = {w.expr(index)}")
                w.line(f"set_item(S, {holder}, {key}, {temp})")
                w.touched(holder, key)
        case ir.Sequence(items=items):
            unpack(w, target, items, code)
        case _:
            raise AssertionError("not a target")


def unpack(w: Writer, target: ir.Expr, items: tuple[ir.Expr, ...], code: str) -> None:
    star = next((index for index, part in enumerate(items) if isinstance(part, ir.Starred)), -1)
    temp = w.temp()
    w.line(f"{temp} = {w.using(target, 'unpack', f'S, {code}, {len(items)}, {star}')}")
    for index, part in enumerate(items):
        inner = part.value if isinstance(part, ir.Starred) else part
        if isinstance(part, ir.Starred):
            w.line(f"{temp}[{index}] = {w.tagged(part, f'{temp}[{index}]')}")
        store(w, inner, f"{temp}[{index}]")
    if w.tracking:
        w.line(f"S.touched(*{temp})")


def augmented(w: Writer, node: ir.AugAssign) -> None:
    target, op, value = node.target, node.op, node.value
    function = f"i{BINARY[op]}" if op in ("+", "-", "*", "|", "&", "^") else BINARY[op]
    run = "S, " if function.startswith("i") else ""
    if isinstance(target, ir.Name):
        code = w.using(node, function, f"{run}{w.resolve(target.id)}, {w.expr(value)}")
        store(w, target, w.tracked(w.tagged(target, code)))
        return
    holder = w.temp()
    if isinstance(target, ir.Attribute):
        w.line(f"{holder} = {w.expr(target.value)}")
        code = w.tracked(w.using(node, function, f'{run}attr(S, {holder}, "{target.name}"), {w.expr(value)}'))
        w.line(f'set_attr(S, {holder}, "{target.name}", {code})')
        w.touched(holder)
        return
    assert isinstance(target, ir.Subscript)
    key = w.temp()
    w.line(f"{holder} = {w.expr(target.value)}")
    w.line(f"{key} = {w.expr(target.index)}")
    current = w.using(target, "item", f"S, {holder}, {key}")
    code = w.tracked(w.using(node, function, f"{run}{current}, {w.expr(value)}"))
    w.line(f"set_item(S, {holder}, {key}, {code})")
    w.touched(holder, key)


def delete(w: Writer, target: ir.Expr) -> None:
    if isinstance(target, ir.Name):
        w.line(w.resolve(target.id))
        w.in_order()
        w.line(f"v_{target.id} = UNBOUND")
    elif isinstance(target, ir.Subscript):
        holder = w.temp()
        w.line(f"{holder} = {w.expr(target.value)}")
        if isinstance(target.index, ir.Slice):
            w.line(f"del_slice(S, {holder}, {w.bounds(target.index)})")
        else:
            w.line(f"del_item(S, {holder}, {w.expr(target.index)})")
        w.touched(holder)
    elif isinstance(target, ir.Sequence):
        for part in target.items:
            delete(w, part)
    else:
        raise AssertionError("the checker refuses other targets of del")
