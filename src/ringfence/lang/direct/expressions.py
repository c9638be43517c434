"""Expressions that are evaluated once, performed from the tree.

Its one rule: what `lang/codegen/` writes as code, call by call and in the same order, is done here; an expression
without a rule becomes a unit of that code. There is no `try` around what is performed here, so that what a
body of a `try` has to note is left out. `tests/lang/test_direct.py` compares both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ringfence.core.values import Dict, List, Value
from ringfence.lang import ir
from ringfence.lang.analysis.callconstraints import MUTATORS
from ringfence.lang.analysis.certain import total
from ringfence.lang.direct.calls import call
from ringfence.lang.direct.comprehensions import comprehension
from ringfence.lang.direct.evaluator import Evaluator, NeedsCode, constant
from ringfence.lang.direct.frame import Code, Frame
from ringfence.lang.objects import Native, ToolValue
from ringfence.lang.operations.arithmetic import complement, negate, positive
from ringfence.lang.operations.attributes import attr
from ringfence.lang.operations.displays import make_dict, make_set
from ringfence.lang.operations.items import item, slice_of, slice_value
from ringfence.lang.operations.symbols import BINARY, COMPARE
from ringfence.lang.operations.truth import negation, truth
from ringfence.lang.running.bindings import load
from ringfence.lang.running.loops import used_up
from ringfence.lang.running.runtime import WORLD, chosen, fstring

_UNARY: Final = {
    "-": negate,
    "+": positive,
    "~": complement,
    "not": negation,
}


# Names and constants


def _constant(e: Evaluator, node: ir.Constant) -> Code:
    return constant(node.value)


def _name(e: Evaluator, node: ir.Name) -> Code:
    name = node.id
    for names in reversed(e.local):
        if name in names:
            return _variable(names[name])
    return read(e, node)


def _variable(key: str) -> Code:
    return lambda frame: frame.names[key]


def read(e: Evaluator, node: ir.Name) -> Code:
    """The value of a name that is no comprehension's."""
    name = node.id
    if name in e.whole.names:
        key = e.whole.keys[name]
        if name in e.timeline and name not in e.whole.removed:
            return _variable(key)
        e.loads += 1
        return lambda frame: load(frame.names[key], name)
    if name in e.whole.tools:
        number = e.places.site(node)
        return lambda frame: ToolValue(name, number)
    if f"b_{name}" not in WORLD:
        raise NeedsCode
    return constant(WORLD[f"b_{name}"])


# Operators


def _binary(e: Evaluator, node: ir.Binary) -> Code:
    operation, left, right = BINARY[node.op], e.expr(node.left), e.expr(node.right)
    return e.tagged(node, lambda frame: operation(left(frame), right(frame)))


def _unary(e: Evaluator, node: ir.Unary) -> Code:
    operation, operand = _UNARY[node.op], e.expr(node.operand)
    return e.tagged(node, lambda frame: operation(operand(frame)))


def _compare(e: Evaluator, node: ir.Compare) -> Code:
    operands = e.each(node.operands)
    operations = [_comparing(e, node, op) for op in node.ops]
    left, right, first = operands[0], operands[1], operations[0]
    if len(operations) == 1:
        return lambda frame: first(frame.run, left(frame), right(frame))
    region = e.places.region(node)

    def rest(frame: Frame, value: Value, index: int) -> Value:
        middle = operands[index + 1](frame)
        result = operations[index](frame.run, value, middle)
        if index + 1 == len(operations):
            return result
        saved = frame.run.begin(result, region)
        return frame.run.end(saved, rest(frame, middle, index + 1) if saved.truth else result)

    return lambda frame: rest(frame, left(frame), 0)


def _comparing(e: Evaluator, node: ir.Compare, op: str) -> Native:
    """One comparison. `in` may use up an iterator, as far as what is looked for decides."""
    region = e.places.callbacks(node) if op in ("in", "not in") else 0
    operation = COMPARE[op]
    if not region:
        return lambda run, left, right: operation(left, right)
    if op == "in":
        return lambda run, left, right: run.call_at(region, used_up, run, left, right)
    return lambda run, left, right: negation(run.call_at(region, used_up, run, left, right))


def _logic(e: Evaluator, node: ir.Logic) -> Code:
    return _joined(e, node, node.values)


def _joined(e: Evaluator, node: ir.Logic, values: tuple[ir.Expr, ...]) -> Code:
    if len(values) == 1:
        return e.expr(values[0])
    conjunction, loads = node.op == "and", e.loads
    rest = _joined(e, node, values[1:])
    plain = e.loads == loads and len(values) == 2 and total(values[1:])
    first = e.settled(values[0])
    if plain:

        def whole(frame: Frame) -> Value:
            value = first(frame)
            return chosen(frame.run, rest(frame) if truth(value) is conjunction else value, value)

        return whole
    region = e.places.region(node)

    def deciding(frame: Frame) -> Value:
        value = first(frame)
        saved = frame.run.begin(value, region)
        return frame.run.end(saved, rest(frame) if saved.truth is conjunction else value)

    return deciding


def _conditional(e: Evaluator, node: ir.Conditional) -> Code:
    region, test, loads = e.places.region(node), e.settled(node.test), e.loads
    then, orelse = e.expr(node.then), e.expr(node.orelse)
    if e.loads == loads and total((node.then, node.orelse)):

        def whole(frame: Frame) -> Value:
            value = test(frame)
            return chosen(frame.run, then(frame) if truth(value) else orelse(frame), value)

        return whole

    def deciding(frame: Frame) -> Value:
        saved = frame.run.begin(test(frame), region)
        return frame.run.end(saved, then(frame) if saved.truth else orelse(frame))

    return deciding


# Parts of values


def _attribute(e: Evaluator, node: ir.Attribute) -> Code:
    value, name = e.expr(node.value), node.name
    read: Code = lambda frame: attr(frame.run, value(frame), name)  # noqa: E731  (it is passed on)
    return read if name in MUTATORS else e.tagged(node, read)


def _subscript(e: Evaluator, node: ir.Subscript) -> Code:
    value = e.expr(node.value)
    if isinstance(node.index, ir.Slice):
        lower, upper, step = bounds(e, node.index)
        return e.tagged(
            node,
            lambda frame: slice_of(frame.run, value(frame), lower(frame), upper(frame), step(frame)),
        )
    if e.places.using_up(node):
        return e.unit(node).value
    index = e.expr(node.index)
    return e.tagged(node, lambda frame: item(frame.run, value(frame), index(frame)))


def bounds(e: Evaluator, node: ir.Slice) -> tuple[Code, Code, Code]:
    """The three parts of a slice."""
    lower, upper, step = (
        constant(None) if part is None else e.expr(part) for part in (node.lower, node.upper, node.step)
    )
    return lower, upper, step


def _slice(e: Evaluator, node: ir.Slice) -> Code:
    lower, upper, step = bounds(e, node)
    return lambda frame: slice_value(lower(frame), upper(frame), step(frame))


def _sequence(e: Evaluator, node: ir.Sequence) -> Code:
    if any(isinstance(part, ir.Starred) for part in node.items):
        return e.unit(node).value
    parts = e.each(node.items)
    if node.kind == "tuple":
        return lambda frame: tuple([part(frame) for part in parts])
    if node.kind == "list":
        return e.tagged(node, lambda frame: List([part(frame) for part in parts]))
    return e.tagged(node, lambda frame: make_set(frame.run, [part(frame) for part in parts]))


def _dict(e: Evaluator, node: ir.DictDisplay) -> Code:
    values = e.each(node.values)
    keys = [key.value for key in node.keys if isinstance(key, ir.Constant) and isinstance(key.value, (str, int))]
    if len(keys) == len(values):
        rows = list(zip(keys, values, strict=True))
        return e.tagged(node, lambda frame: Dict({key: value(frame) for key, value in rows}))
    makers = [None if key is None else e.expr(key) for key in node.keys]
    pairs = list(zip(makers, values, strict=True))
    return e.tagged(node, lambda frame: make_dict(frame.run, [_pair(frame, *pair) for pair in pairs]))


def _pair(frame: Frame, key: Code | None, value: Code) -> tuple[tuple[Value] | None, Value]:
    return None if key is None else (key(frame),), value(frame)


def _fstring(e: Evaluator, node: ir.FString) -> Code:
    return _formatted(e, node.parts)


def _formatted(e: Evaluator, parts: tuple[ir.Constant | ir.Formatted, ...]) -> Code:
    shape: list[str | tuple[str, str | None]] = []
    values: list[Code] = []
    for part in parts:
        if isinstance(part, ir.Constant):
            shape.append(str(part.value))
            continue
        values.append(e.expr(part.value))
        texts = [] if part.spec is None else [p.value for p in part.spec.parts if isinstance(p, ir.Constant)]
        if part.spec is None or len(texts) == len(part.spec.parts):
            shape.append((part.conversion, "".join(map(str, texts))))
        else:
            values.append(_formatted(e, part.spec.parts))
            shape.append((part.conversion, None))
    made = tuple(shape)
    return lambda frame: fstring(made, *[value(frame) for value in values])


# Each is the rule of its node's class; whoever looks it up has such a node.
RULES: Final[dict[type[ir.Node], Callable[[Evaluator, ir.Expr], Code]]] = {
    ir.Constant: _constant,  # type: ignore[dict-item]
    ir.Name: _name,  # type: ignore[dict-item]
    ir.Binary: _binary,  # type: ignore[dict-item]
    ir.Unary: _unary,  # type: ignore[dict-item]
    ir.Compare: _compare,  # type: ignore[dict-item]
    ir.Logic: _logic,  # type: ignore[dict-item]
    ir.Conditional: _conditional,  # type: ignore[dict-item]
    ir.Attribute: _attribute,  # type: ignore[dict-item]
    ir.Subscript: _subscript,  # type: ignore[dict-item]
    ir.Slice: _slice,  # type: ignore[dict-item]
    ir.Sequence: _sequence,  # type: ignore[dict-item]
    ir.DictDisplay: _dict,  # type: ignore[dict-item]
    ir.FString: _fstring,  # type: ignore[dict-item]
    ir.Call: call,  # type: ignore[dict-item]
    ir.Comprehension: comprehension,  # type: ignore[dict-item]
}
