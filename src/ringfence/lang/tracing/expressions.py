"""Expressions: what reaches what they make, and what is sure of it.

Its one rule: nothing is sure of what is computed but what a rule here says, of the whole or of the shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from ringfence.lang import ir
from ringfence.lang.scope import children
from ringfence.lang.tracing.calls import call, tool_value
from ringfence.lang.tracing.influence import NOTHING
from ringfence.lang.tracing.trace import Trace

_LOOKING: Final = frozenset({"in", "not in", "is", "is not"})  # at identities, or at as many elements as it takes


def _name(trace: Trace, node: ir.Name) -> int:
    name, into = node.id, trace.into
    if name not in trace.own:
        signature = trace.checked.signatures.get(name)
        return NOTHING if signature is None else tool_value(trace, node, signature)
    trace.step(node)
    if name not in trace.functions:
        return trace.variable(name)
    # A function as a value may be called wherever it gets to, and gives there what it gives.
    found = into.node()
    into.flow(trace.variable(name), found)
    into.flow(trace.returned, found)
    into.shade(trace.anything, found)
    return found


def _logic(trace: Trace, node: ir.Logic) -> int:
    first = trace.visit(node.values[0])
    return trace.surely(skipped(trace, first, node.values[1:]), [trace.low(node.values[0]).shape])


def _compare(trace: Trace, node: ir.Compare) -> int:
    left, right = node.operands[:2]
    found = trace.into.join(trace.visit(left), trace.visit(right))
    for operand, op in zip(node.operands[1:], node.ops, strict=True):
        if op in ("in", "not in"):
            trace.step(operand, found)
    if len(node.operands) > 2:
        return skipped(trace, found, node.operands[2:])
    if node.ops[0] in _LOOKING:
        return trace.weak(found)
    return trace.surely(found, [trace.low(left).shape, trace.low(right).shape])


def _conditional(trace: Trace, node: ir.Conditional) -> int:
    found = skipped(trace, trace.visit(node.test), (node.then, node.orelse))
    return trace.surely(found, [trace.low(node.test).shape])


def skipped(trace: Trace, test: int, rest: Iterable[ir.Expr]) -> int:
    pc, certain = trace.pc, trace.certain
    trace.decide(test)
    trace.certain = False
    found = trace.weak(trace.into.join(test, trace.all(rest)))
    trace.pc, trace.certain = pc, certain
    return found


def _binary(trace: Trace, node: ir.Binary) -> int:
    found = trace.into.join(trace.visit(node.left), trace.visit(node.right))
    lows = [trace.low(node.left), trace.low(node.right)]
    shapes = [low.shape for low in lows]
    return trace.surely(found, [low.deep for low in lows], shapes) if node.op == "+" else trace.surely(found, shapes)


def _unary(trace: Trace, node: ir.Unary) -> int:
    return trace.surely(trace.visit(node.operand), [trace.low(node.operand).shape])


def _fstring(trace: Trace, node: ir.FString) -> int:
    return trace.surely(
        trace.all(node.parts), [trace.low(part.value).deep for part in node.parts if isinstance(part, ir.Formatted)]
    )


def _sequence(trace: Trace, node: ir.Sequence) -> int:
    found = trace.all(node.items)
    if node.kind == "set":
        return trace.weak(found)
    return trace.surely(found, [trace.low(item).deep for item in node.items], ())


def _dict(trace: Trace, node: ir.DictDisplay) -> int:
    found = trace.all(children(node))
    keys = [key.value for key in node.keys if isinstance(key, ir.Constant)]
    if len(set(keys)) < len(node.keys):
        return trace.weak(found)  # of two values with one key only the last is there
    return trace.surely(found, [trace.low(value).deep for value in node.values], ())


def _subscript(trace: Trace, node: ir.Subscript) -> int:
    found = trace.into.join(trace.visit(node.value), trace.visit(node.index))
    if trace.sharing.filling:  # a defaultdict makes what it is asked for
        trace.grow(node.value, found, node)
    if parts(trace, node.value):
        return trace.weak(found)  # an element may have less than the whole
    return trace.surely(found, [trace.low(node.value).deep, trace.low(node.index).shape])


def _attribute(trace: Trace, node: ir.Attribute) -> int:
    found = trace.visit(node.value)
    return trace.weak(found) if parts(trace, node.value) else trace.surely(found, [trace.low(node.value).deep])


def parts(trace: Trace, node: ir.Expr) -> bool:
    """Whether a part of the value may have a lower label than the whole: it was put together in the plan."""
    root = node
    while isinstance(root, (ir.Attribute, ir.Subscript)):
        root = root.value
    if isinstance(root, ir.Name):
        root = trace.made_once.get(root.id, root)
    return not (isinstance(root, ir.Call) and trace.signature(root) is not None)


def _walrus(trace: Trace, node: ir.Walrus) -> int:
    found = trace.visit(node.value)
    trace.assign(node.name, found)
    return trace.under_pc(found)  # what is assigned in a `try` has the label of what did not fail before


def _lambda(trace: Trace, node: ir.Lambda) -> int:
    trace.code(node.params, (node.body,))
    return trace.anything


def _comprehension(trace: Trace, node: ir.Comprehension) -> int:
    pc, certain = trace.pc, trace.certain
    found, turn = trace.into.node(), trace.into.node()
    trace.decide(turn)
    trace.into.shade(trace.pc, found)
    if node.kind == "generator":  # it runs where it is consumed, and under the pc of that place
        trace.decide(trace.anything)
    for clause in node.clauses:
        source = trace.visit(clause.iterable)
        trace.step(clause.iterable, turn)
        trace.into.flow(source, found)
        trace.decide(source)
        trace.certain = False
        trace.bind(clause.target, source, node)
        for condition in clause.conditions:
            test = trace.visit(condition)
            trace.into.flow(test, found)
            trace.decide(test)
    trace.into.flow(trace.visit(node.element), found)
    if node.value is not None:
        trace.into.flow(trace.visit(node.value), found)
    trace.into.flow(trace.pc, turn)
    trace.pc, trace.certain = pc, certain
    return found


EXPRESSIONS: Final[dict[type[ir.Node], Callable[[Trace, ir.Node], int]]] = {  # as above
    ir.Constant: lambda trace, node: NOTHING,
    ir.Name: _name,  # type: ignore[dict-item]
    ir.Logic: _logic,  # type: ignore[dict-item]
    ir.Compare: _compare,  # type: ignore[dict-item]
    ir.Conditional: _conditional,  # type: ignore[dict-item]
    ir.Binary: _binary,  # type: ignore[dict-item]
    ir.Unary: _unary,  # type: ignore[dict-item]
    ir.FString: _fstring,  # type: ignore[dict-item]
    ir.Sequence: _sequence,  # type: ignore[dict-item]
    ir.DictDisplay: _dict,  # type: ignore[dict-item]
    ir.Subscript: _subscript,  # type: ignore[dict-item]
    ir.Attribute: _attribute,  # type: ignore[dict-item]
    ir.Walrus: _walrus,  # type: ignore[dict-item]
    ir.Lambda: _lambda,  # type: ignore[dict-item]
    ir.Comprehension: _comprehension,  # type: ignore[dict-item]
    ir.Call: call,  # type: ignore[dict-item]
}
