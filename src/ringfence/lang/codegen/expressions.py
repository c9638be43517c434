"""Expressions as code: what is computed, compared, chosen and displayed.

Its one rule: every operation is a call of the runtime; a part that may be skipped is written so that its label says
so.
"""

from __future__ import annotations

import math
from typing import Final, assert_never

from ringfence.lang import ir
from ringfence.lang.analysis.callconstraints import MUTATORS
from ringfence.lang.analysis.certain import gives, total
from ringfence.lang.codegen.calls import call
from ringfence.lang.codegen.comprehensions import comprehension
from ringfence.lang.codegen.functions import lambda_
from ringfence.lang.codegen.writer import BINARY, Writer
from ringfence.lang.kernels.fusing import fusing

_COMPARE: Final = {
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "is": "same",
    "is not": "not_same",
    "in": "contains",
    "not in": "not_contains",
}
_UNARY: Final = {"-": "negate", "+": "positive", "~": "complement", "not": "negation"}


def expression(w: Writer, node: ir.Expr) -> str:
    if w.operands and id(node) in w.operands:
        return w.operands[id(node)]
    match node:
        case ir.Constant(value=value):
            if isinstance(value, float) and not math.isfinite(value):
                return w.constant(value)
            return repr(value)
        case ir.Name(id=name):
            return w.resolve(name, node)
        case ir.Binary() | ir.Compare() if w.repeated and (code := fused(w, node)):
            return code
        case ir.Binary(op=op, left=left, right=right):
            return w.tracked(w.tagged(node, f"{BINARY[op]}({w.expr(left)}, {w.expr(right)})"))
        case ir.Unary(op=op, operand=operand):
            return w.tracked(w.tagged(node, f"{_UNARY[op]}({w.expr(operand)})"))
        case ir.Compare():
            return comparison(w, node)
        case ir.Logic(op=op, values=values):
            return logic(w, node, op, values)
        case ir.Conditional():
            return conditional(w, node)
        case ir.Call():
            return w.tracked(w.filled(node, w.tagged(node, call(w, node))))
        case ir.Attribute(value=value, name=name):
            code = f'attr(S, {w.expr(value)}, "{name}")'
            return w.tracked(w.tagged(node, code) if name not in MUTATORS else code)
        case ir.Subscript(value=value, index=index):
            if isinstance(index, ir.Slice):
                return w.tracked(w.tagged(node, f"slice_of(S, {w.expr(value)}, {w.bounds(index)})"))
            return w.tracked(w.tagged(node, f"item(S, {w.expr(value)}, {w.expr(index)})"))
        case ir.Slice():
            return f"slice_value({w.bounds(node)})"
        case ir.Sequence(kind=kind, items=items):
            return display(w, node, kind, items)
        case ir.DictDisplay():
            return w.tagged(node, dict_display(w, node))
        case ir.FString(parts=parts):
            return w.tracked(fstring(w, parts))
        case ir.Formatted():
            return fstring(w, (node,))
        case ir.Comprehension():
            return comprehension(w, node)
        case ir.Lambda():
            return lambda_(w, node)
        case ir.Starred():
            raise AssertionError("the checker refuses a star here")
        case ir.Walrus(name=name, value=value):
            code = w.expr(value)
            w.scope.assigned.add(name)
            return f"(v_{name} := {f'S.assigned({code}, v_{name})' if w.in_try else code})"
        case _:
            assert_never(node)


def fused(w: Writer, node: ir.Expr) -> str:
    """Several operators on numbers as one call; "" where that is nothing to gain."""
    found = None if w.plain or w.operands else fusing(node, w.sure)
    if found is None or w.bound(found[1].operands):
        return ""
    code, parts = found
    given = "".join(f", {w.expr(operand)}" for operand in parts.operands)
    w.operands = {id(place): f"x{number}" for place, number in parts.places}
    general = w.expr(node)
    w.operands = {}
    params = ", ".join(f"x{number}" for number in range(len(parts.operands)))
    name = f"q{w.unit}_{len(w.kernels)}"
    made = f"fused({len(parts.operands)}, (lambda {params}: {code}), (lambda S, {params}: {general}))"
    w.kernels.append((f"{name} = {made}", w.span))
    return w.tracked(f"{name}(S{given})")


def comparison(w: Writer, node: ir.Compare) -> str:
    if len(node.ops) == 1:
        return w.tracked(relation(w, node, node.ops[0], w.expr(node.operands[0]), w.expr(node.operands[1])))
    return chained(w, node, node.operands, node.ops, None)


def relation(w: Writer, node: ir.Compare, op: str, left: str, right: str) -> str:
    """One comparison. `in` may use up an iterator, as far as what is looked for decides."""
    region = w.effects.callbacks(node) if op in ("in", "not in") else 0
    if region:
        found = f"S.call_at({region}, used_up, S, {left}, {right})"
        return f"negation({found})" if op == "not in" else found
    return f"{_COMPARE[op]}({left}, {right})"


def chained(w: Writer, node: ir.Compare, operands: tuple[ir.Expr, ...], ops: tuple[str, ...], first: str | None) -> str:
    left = w.expr(operands[0]) if first is None else first
    if len(ops) == 1:
        return relation(w, node, ops[0], left, w.expr(operands[1]))
    if w.plain:
        rest = f"(lambda p: {chained(w, node, operands[1:], ops[1:], 'p')})"
        compare = f"lambda p, q: {relation(w, node, ops[0], 'p', 'q')}"
        first_two = f"{compare}, {left}, {w.expr(operands[1])}"
        return f"S.compare_then({w.effects.region(node)}, {first_two}, {rest})"
    middle, saved, result = w.temp(), w.temp(), w.temp()
    compared = relation(w, node, ops[0], left, f"({middle} := {w.expr(operands[1])})")
    test = f"({result} := {compared})"
    rest = w.maybe_skipped(lambda: chained(w, node, operands[1:], ops[1:], middle))
    whole = f"S.end({saved} := S.begin({test}, {w.effects.region(node)}), {rest} if {saved}.truth else {result})"
    return w.retainted(whole, w.bound(operands[2:]), f"{saved}.label")


def logic(w: Writer, node: ir.Expr, op: str, values: tuple[ir.Expr, ...]) -> str:
    if len(values) == 1:
        return w.expr(values[0])
    rest = w.maybe_skipped(lambda: logic(w, node, op, values[1:]))
    effects = len(values) > 2 or not total(values[1:]) or "load" in rest
    if w.plain:
        flag = "True" if op == "and" else "False"
        return f"S.logic({w.effects.region(node)}, {flag}, {w.expr(values[0])}, lambda: {rest})"
    first = w.temp()
    code = f"({first} := {w.settled(values[0])})"
    if not effects:
        test = f"truth({code})"
        chosen = f"({rest}) if {test} else {first}" if op == "and" else f"{first} if {test} else ({rest})"
        return f"chosen(S, {chosen}, {first})"
    if isinstance(node, ir.Logic) and values is node.values:  # and not the rest of a longer one
        _looked_through(w, node, values[1:], rest)
    saved = w.temp()
    chosen = f"{rest} if {saved}.truth else {first}" if op == "and" else f"{first} if {saved}.truth else {rest}"
    whole = f"S.end({saved} := S.begin({code}, {w.effects.region(node)}), {chosen})"
    return w.retainted(whole, w.bound(values[1:]), f"{saved}.label")


def _looked_through(w: Writer, node: ir.Expr, decided: tuple[ir.Expr, ...], code: str) -> None:
    """Whether what the condition decides about can fail; if not, that it did not tells nothing."""
    if gives(decided) and "load" not in code:
        w.effects.regions.sure.add(w.effects.region(node))


def conditional(w: Writer, node: ir.Conditional) -> str:
    region = w.effects.region(node)
    if w.plain:
        then, orelse = w.expr(node.then), w.expr(node.orelse)
        return f"S.choose({region}, {w.expr(node.test)}, lambda: {then}, lambda: {orelse})"
    test = w.temp()
    code = f"({test} := {w.settled(node.test)})"
    then = w.maybe_skipped(lambda: w.expr(node.then))
    orelse = w.maybe_skipped(lambda: w.expr(node.orelse))
    if total((node.then, node.orelse)) and "load" not in then + orelse:
        return f"chosen(S, ({then}) if truth({code}) else ({orelse}), {test})"
    _looked_through(w, node, (node.then, node.orelse), then + orelse)
    saved = w.temp()
    whole = f"S.end({saved} := S.begin({code}, {region}), ({then}) if {saved}.truth else ({orelse}))"
    return w.retainted(whole, w.bound((node.then, node.orelse)), f"{saved}.label")


def display(w: Writer, node: ir.Expr, kind: str, items: tuple[ir.Expr, ...]) -> str:
    if any(isinstance(part, ir.Starred) for part in items):
        parts = "".join(
            f"(True, {w.expr(part.value)}), " if isinstance(part, ir.Starred) else f"(False, {w.expr(part)}), "
            for part in items
        )
        return w.tracked(w.tagged(node, w.using(node, "spread_display", f'S, "{kind}", ({parts})')))
    parts = "".join(f"{w.expr(part)}, " for part in items)
    if kind == "tuple":
        return f"({parts})"
    if kind == "list":
        return w.tagged(node, f"List([{parts}])")
    return w.tracked(w.tagged(node, f"make_set(S, [{parts}])"))


def dict_display(w: Writer, node: ir.DictDisplay) -> str:
    if all(isinstance(key, ir.Constant) and isinstance(key.value, (str, int)) for key in node.keys):
        pairs = [f"{w.expr(k)}: {w.expr(v)}" for k, v in zip(node.keys, node.values, strict=True) if k is not None]
        return f"Dict({{{', '.join(pairs)}}})"
    parts = ""
    for key, value in zip(node.keys, node.values, strict=True):
        parts += f"(None, {w.expr(value)}), " if key is None else f"(({w.expr(key)}, ), {w.expr(value)}), "
    return w.tracked(f"make_dict(S, ({parts}))")


def fstring(w: Writer, parts: tuple[ir.Constant | ir.Formatted, ...]) -> str:
    shape: list[object] = []
    values: list[str] = []
    for part in parts:
        if isinstance(part, ir.Constant):
            shape.append(part.value)
            continue
        values.append(w.expr(part.value))
        spec = part.spec
        if spec is None or all(isinstance(inner, ir.Constant) for inner in spec.parts):
            text = (
                ""
                if spec is None
                else "".join(str(inner.value) for inner in spec.parts if isinstance(inner, ir.Constant))
            )
            shape.append((part.conversion, text))
        else:
            values.append(fstring(w, spec.parts))
            shape.append((part.conversion, None))
    return f"fstring({w.constant(tuple(shape))}, {''.join(value + ', ' for value in values)})"
