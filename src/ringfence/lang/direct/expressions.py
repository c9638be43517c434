"""Expressions that are evaluated once, performed from the tree.

Its one rule: what `lang/codegen/` writes as code, call by call and in the same order, is done here; an expression
without a rule becomes a unit of that code. There is no `try` around what is performed here, so that what a
body of a `try` has to note is left out. `tests/lang/test_direct.py` compares both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from ringfence.core.values import Dict, Labeled, List, Value
from ringfence.lang import ir
from ringfence.lang.bindings import load
from ringfence.lang.callconstraints import MUTATORS
from ringfence.lang.calling import apply, call_builtin, call_tool, written
from ringfence.lang.direct.frame import Code, Frame, Whole
from ringfence.lang.direct.units import Unit
from ringfence.lang.loops import Loop, used_up
from ringfence.lang.objects import Native, ToolValue, settle
from ringfence.lang.operations.arithmetic import complement, negate, positive
from ringfence.lang.operations.attributes import append, attr, method, method_with
from ringfence.lang.operations.displays import make_dict, make_set
from ringfence.lang.operations.items import item, slice_of, slice_value
from ringfence.lang.operations.symbols import BINARY, COMPARE
from ringfence.lang.operations.truth import negation, truth
from ringfence.lang.runtime import DIRECT, WORLD, chosen, dict_of, filled, fstring, list_of, set_of
from ringfence.lang.scope import target_names, walk

SMALL: Final = 16  # a comprehension over a list of as many parts is performed; over more, it is worth to be compiled
RUNS: Final = 4  # a program that is run more often is worth it, too

_UNARY: Final = {
    "-": negate,
    "+": positive,
    "~": complement,
    "not": negation,
}
_PARTS: Final = (ir.Constant, ir.Compare, ir.Unary, ir.Binary, ir.FString, ir.Sequence, ir.DictDisplay)


class NeedsCode(Exception):
    """What is around it must be written as code: it binds a name, or takes one of a comprehension with it."""


class Evaluator:
    """Makes what evaluates the expressions of one plan."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.places = whole.places
        self.timeline = whole.timeline
        self.place: ir.Node = ir.Pass()  # the statement that is being prepared
        self.local: list[dict[str, str]] = []  # the variables of the comprehensions around, and their keys
        self.loads = 0  # how many reads that may fail there have been
        self.comprehensions = 0

    def expr(self, node: ir.Expr) -> Code:
        """What evaluates the expression."""
        rule = _RULES.get(type(node))
        return self.unit(node).value if rule is None else rule(self, node)

    def unit(self, node: ir.Expr, kind: str = "expression") -> Unit:
        """The expression as generated code."""
        if self.local or (self.whole.outline.walrus and any(isinstance(part, ir.Walrus) for part in walk((node,)))):
            raise NeedsCode
        return Unit(self.whole, node, self.place, kind)

    def each(self, nodes: Iterable[ir.Expr]) -> tuple[Code, ...]:
        return tuple([self.expr(node) for node in nodes])

    def settled(self, node: ir.Expr) -> Code:
        code = self.expr(node)
        if isinstance(node, _PARTS):
            return code
        return lambda frame: settle(code(frame))

    def is_outside(self, name: str) -> bool:
        """Whether a name means a tool or a built-in, and no variable of the plan."""
        return name not in self.whole.names and not any(name in names for names in self.local)

    def tagged(self, node: ir.Expr, code: Code) -> Code:
        number = self.places.tracked(node)
        return code if number is None else lambda frame: frame.run.tag(code(frame), number)


def constant(value: Value) -> Code:
    """What gives a value that is known."""
    return lambda frame: value


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
    plain = e.loads == loads and e.places.total(values[1:])
    first = e.settled(values[0])
    if plain:

        def total(frame: Frame) -> Value:
            value = first(frame)
            return chosen(rest(frame) if truth(value) is conjunction else value, value)

        return total
    region = e.places.region(node)

    def deciding(frame: Frame) -> Value:
        value = first(frame)
        saved = frame.run.begin(value, region)
        return frame.run.end(saved, rest(frame) if saved.truth is conjunction else value)

    return deciding


def _conditional(e: Evaluator, node: ir.Conditional) -> Code:
    region, test, loads = e.places.region(node), e.settled(node.test), e.loads
    then, orelse = e.expr(node.then), e.expr(node.orelse)
    if e.loads == loads and e.places.total((node.then, node.orelse)):

        def total(frame: Frame) -> Value:
            value = test(frame)
            return chosen(then(frame) if truth(value) else orelse(frame), value)

        return total

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


# Calls


def _call(e: Evaluator, node: ir.Call) -> Code:
    if _as_code(node):
        return e.unit(node).value
    code = _called(e, node)
    number = e.places.child_site(node)
    made = e.tagged(node, code)
    return made if not number else lambda frame: filled(made(frame), number)


def _as_code(node: ir.Call) -> bool:
    """Calls with stars, and those that use up a generator: there may be a kernel for both together."""
    if any(k.name is None for k in node.keywords):
        return True
    for arg in node.args:
        kind = type(arg)
        if kind is ir.Starred or (kind is ir.Comprehension and arg.kind == "generator"):  # type: ignore[union-attr]
            return True
    return False


def _called(e: Evaluator, node: ir.Call) -> Code:
    func = node.func
    if isinstance(func, ir.Name) and e.is_outside(func.id):
        if func.id in e.whole.tools or func.id in ("quarantine", "quarantine_each"):
            return _tool(e, node, func.id)
        return _builtin(e, node, func.id)
    if isinstance(func, ir.Attribute):
        return _method(e, node, func)
    region, function = e.places.callbacks(node), e.expr(func)
    args, keywords = e.each(node.args), _keywords(e, node)
    return lambda frame: apply(
        frame.run,
        function(frame),
        tuple([arg(frame) for arg in args]),
        {key: code(frame) for key, code in keywords},
        region,
    )


def _keywords(e: Evaluator, node: ir.Call) -> list[tuple[str, Code]]:
    found: list[tuple[str, Code]] = []
    for keyword in node.keywords:
        key = keyword.name == "key" and isinstance(keyword.value, ir.Lambda)
        found.append((str(keyword.name), e.unit(keyword.value, "key").value if key else e.expr(keyword.value)))
    return found


def _tool(e: Evaluator, node: ir.Call, name: str) -> Code:
    number, args, keywords = e.places.site(node), e.each(node.args), _keywords(e, node)
    names = written(e.whole.tools.get(name), len(args), tuple(key for key, _ in keywords))
    if names is not None:
        bound = list(zip(names, (*args, *(code for _, code in keywords)), strict=True))
        return lambda frame: frame.run.call_host(number, name, {key: code(frame) for key, code in bound})
    return lambda frame: call_tool(
        frame.run,
        number,
        name,
        tuple([arg(frame) for arg in args]),
        {key: code(frame) for key, code in keywords},
    )


def _builtin(e: Evaluator, node: ir.Call, name: str) -> Code:
    region, args, keywords = e.places.callbacks(node), e.each(node.args), _keywords(e, node)
    heard = e.places.effects.runs_code(node)
    native, value = DIRECT.get(name), WORLD.get(f"b_{name}")
    if f"b_{name}" not in WORLD:
        raise NeedsCode
    if keywords or native is None:

        def named(frame: Frame) -> Value:
            given = [arg(frame) for arg in args]
            rest = {key: code(frame) for key, code in keywords}
            if region:
                return frame.run.call_at(region, call_builtin, frame.run, value, *given, **rest)
            if heard:
                return frame.run.heard(call_builtin, frame.run, value, *given, **rest)
            return call_builtin(frame.run, value, *given, **rest)

        return named
    if region:
        return lambda frame: frame.run.call_at(region, native, frame.run, *[arg(frame) for arg in args])
    if heard:
        return lambda frame: frame.run.heard(native, frame.run, *[arg(frame) for arg in args])
    if len(args) == 1:
        arg = args[0]
        return lambda frame: native(frame.run, arg(frame))
    return lambda frame: native(frame.run, *[arg(frame) for arg in args])


def _method(e: Evaluator, node: ir.Call, func: ir.Attribute) -> Code:
    region, receiver, name = e.places.callbacks(node), e.expr(func.value), func.name
    args, keywords = e.each(node.args), _keywords(e, node)
    heard = e.places.effects.runs_code(node)
    if keywords:

        def named(frame: Frame) -> Value:
            run, holder = frame.run, receiver(frame)
            given = tuple([arg(frame) for arg in args])
            rest = {key: code(frame) for key, code in keywords}
            if region:
                return run.call_at(region, method_with, run, holder, name, given, rest)
            if heard:
                return run.heard(method_with, run, holder, name, given, rest)
            return method_with(run, holder, name, given, rest)

        return named
    if region:
        if name == "append" and len(args) == 1:
            return lambda frame: frame.run.call_at(region, append, frame.run, receiver(frame), args[0](frame))
        return lambda frame: frame.run.call_at(
            region, method, frame.run, receiver(frame), name, *[arg(frame) for arg in args]
        )
    if len(args) == 1:
        arg = args[0]
        if name == "append":
            return lambda frame: append(frame.run, receiver(frame), arg(frame))
        return lambda frame: method(frame.run, receiver(frame), name, arg(frame))
    return lambda frame: method(frame.run, receiver(frame), name, *[arg(frame) for arg in args])


# Comprehensions


def _comprehension(e: Evaluator, node: ir.Comprehension) -> Code:
    """Over few parts it is performed; over more, or what has no known number of parts, it is worth compiling."""
    if node.kind == "generator" or e.local:
        return e.unit(node).value
    first = e.expr(node.clauses[0].iterable)
    many = e.unit(node, "started").value
    try:
        few = _few(e, node)
    except NeedsCode:
        return lambda frame: many(frame, first(frame))

    performed = 0

    def measured(frame: Frame) -> Value:
        nonlocal performed
        value = first(frame)
        raw = value._value if type(value) is Labeled else value
        if type(raw) is List and len(raw.items) <= SMALL and performed < RUNS:
            performed += 1
            return few(frame, value)
        return many(frame, value)

    return measured


def _few(e: Evaluator, node: ir.Comprehension) -> Callable[[Frame, Value], Value]:
    """The comprehension over a value, performed."""
    later = [name for clause in node.clauses[1:] for name in target_names(clause.target)]
    if not e.whole.names.keys().isdisjoint(later):
        raise NeedsCode  # until it is bound, such a name is not the plan's variable
    region = e.places.region(node)
    depth = len(e.local)
    e.local.append({})
    try:
        clauses = [_clause(e, clause, index) for index, clause in enumerate(node.clauses)]
        element = e.expr(node.element)
        value = None if node.value is None else e.expr(node.value)
    finally:
        del e.local[depth:]
    number = e.places.tracked(node)
    kind = node.kind

    def few(frame: Frame, start: Value) -> Value:
        run = frame.run
        loop = Loop(run, region)
        made: list[Value] = []
        rows: list[tuple[Value, Value]] = []

        def over(index: int, items: Value) -> None:
            key, _, conditions = clauses[index]
            last = index + 1 == len(clauses)
            for part in loop.over(items):
                frame.names[key] = part
                for condition in conditions:
                    if not loop.test(condition(frame)):
                        break
                else:
                    if not last:
                        over(index + 1, clauses[index + 1][1](frame))
                    elif value is None:
                        made.append(element(frame))
                    else:
                        rows.append((element(frame), value(frame)))

        over(0, start)
        result = (
            dict_of(run, loop, rows)
            if kind == "dict"
            else set_of(run, loop, made)
            if kind == "set"
            else list_of(run, loop, made)
        )
        return result if number is None else run.tag(result, number)

    return few


def _clause(e: Evaluator, clause: ir.Clause, index: int) -> tuple[str, Code, tuple[Code, ...]]:
    iterable = constant(None) if index == 0 else e.expr(clause.iterable)
    if not isinstance(clause.target, ir.Name):
        raise NeedsCode
    e.comprehensions += 1
    key = f"w{e.comprehensions}"
    e.local[-1][clause.target.id] = key
    return key, iterable, e.each(clause.conditions)


# Each is the rule of its node's class; whoever looks it up has such a node.
_RULES: Final[dict[type[ir.Node], Callable[[Evaluator, ir.Expr], Code]]] = {
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
    ir.Call: _call,  # type: ignore[dict-item]
    ir.Comprehension: _comprehension,  # type: ignore[dict-item]
}
