"""The statements of a plan's top, performed from the tree, with the arms of their branches.

Its one rule: as in `direct/expressions.py`: what `lang/codegen/` writes is done here, in the same order. Loops,
functions, `try` and `match` are units of code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, final

from ringfence.core.diagnostics import Span
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value
from ringfence.lang import ir
from ringfence.lang.bindings import taint
from ringfence.lang.codegen.scopes import meet
from ringfence.lang.direct.expressions import Evaluator, NeedsCode, bounds, read
from ringfence.lang.direct.frame import Code, Frame, Store, Whole
from ringfence.lang.direct.units import Unit
from ringfence.lang.loops import Loop
from ringfence.lang.objects import Native
from ringfence.lang.operations.attributes import attr, set_attr
from ringfence.lang.operations.items import item, set_item, set_slice
from ringfence.lang.operations.symbols import BINARY
from ringfence.lang.operations.unpacking import unpack
from ringfence.lang.place import Saved
from ringfence.lang.runtime import WORLD, imported
from ringfence.lang.scope import ends, escapes, variable

_IN_PLACE: Final = {"+": "iadd", "-": "isub", "*": "imul", "|": "ibitor", "&": "ibitand", "^": "ibitxor"}


@final
class Block:
    """Statements to be performed, each with its place. A traceback shows which one is: `place` in `perform`."""

    __slots__ = ("steps",)

    def __init__(self, steps: list[tuple[Span, Code]]) -> None:
        self.steps = steps

    def perform(self, frame: Frame) -> None:
        """Perform them."""
        for place, step in self.steps:  # noqa: B007  (read from the traceback)
            step(frame)


@final
class Performer(Evaluator):
    """Makes what performs the statements of one plan."""

    def whole_plan(self) -> Block:
        """All of its statements; the last, if it is an expression, is the plan's value."""
        body = self.whole.outline.body
        block = Block([])
        for index, node in enumerate(body):
            if isinstance(node, ir.ExprStatement) and index + 1 == len(body):
                block.steps.append((node.span, self.last(node)))
            else:
                self.append(block, node)
        place = body[-1].span if body else ir.NOWHERE
        block.steps.append((place, lambda frame: frame.run.settle_all(0)))
        return block

    def last(self, node: ir.ExprStatement) -> Code:
        self.place = node
        try:
            value = self.expr(node.value)
        except NeedsCode:
            return Unit(self.whole, node, node, "last").perform

        def final_value(frame: Frame) -> None:
            frame.run.final = taint(value(frame), frame.run.pc)

        return final_value

    def block(self, body: Iterable[ir.Stmt]) -> Block:
        block = Block([])
        for node in body:
            self.append(block, node)
        return block

    def append(self, block: Block, node: ir.Stmt) -> None:
        self.place = node
        rule = _RULES.get(type(node))
        mark = self.timeline.mark()
        try:
            step = self.as_code(node) if rule is None else rule(self, node)
        except NeedsCode:
            self.timeline.take(mark)
            step = self.as_code(node)
        if step is not None:
            block.steps.append((node.span, step))

    def as_code(self, node: ir.Stmt) -> Code:
        """The statement as a unit of generated code."""
        del self.local[:]
        unit = Unit(self.whole, node, node, "statement")
        for name in _surely_bound((node,)) or ():
            self.timeline.add(name)
        return unit.perform


def _surely_bound(body: Iterable[ir.Stmt]) -> set[str] | None:
    """The names that have a value after statements that are written as code; None if nothing comes after them."""
    found: set[str] = set()
    for node in body:
        match node:
            case ir.Assign(targets=targets):
                found.update(target.id for target in targets if isinstance(target, ir.Name))
            case ir.AugAssign(target=ir.Name(id=name)) | ir.FunctionDef(name=name) | ir.ClassDef(name=name):
                found.add(name)
            case ir.AnnAssign(target=ir.Name(id=name), value=value) if value is not None:
                found.add(name)
            case ir.Match(cases=cases) if _takes_all(cases[-1]):
                found.update(meet([_surely_bound(case.body) for case in cases]))
            case _ if ends((node,)):
                return None
            case _:
                pass
    return found


def _takes_all(case: ir.Case) -> bool:
    return case.guard is None and isinstance(case.pattern, ir.CapturePattern) and case.pattern.pattern is None


# Simple statements


def _expression(p: Performer, node: ir.ExprStatement) -> Code:
    return p.expr(node.value)


def _assign(p: Performer, node: ir.Assign) -> Code:
    if len(node.targets) == 1:
        (target,) = node.targets
        if isinstance(target, ir.Name):
            return _set_name(p, target.id, p.expr(node.value))
        if _pairwise(target, node.value):
            return _assign_pairs(p, target.items, node.value.items)  # type: ignore[union-attr]
    value = p.expr(node.value)
    stores = [_store(p, target) for target in node.targets]

    def assign(frame: Frame) -> None:
        made = value(frame)
        for store in stores:
            store(frame, made)

    return assign


def _set_name(p: Performer, name: str, value: Code) -> Code:
    key = p.whole.keys[name]
    p.timeline.add(name)

    def assign(frame: Frame) -> None:
        frame.names[key] = value(frame)

    return assign


def _pairwise(target: ir.Expr, value: ir.Expr) -> bool:
    """`a, b = b, a` needs no tuple."""
    if not (isinstance(target, ir.Sequence) and isinstance(value, ir.Sequence) and value.kind == "tuple"):
        return False
    stars = any(isinstance(part, ir.Starred) for part in (*target.items, *value.items))
    return len(target.items) == len(value.items) and not stars


def _assign_pairs(p: Performer, targets: tuple[ir.Expr, ...], values: tuple[ir.Expr, ...]) -> Code:
    codes = p.each(values)
    stores = [_store(p, target) for target in targets]

    def assign(frame: Frame) -> None:
        made = [code(frame) for code in codes]
        for store, value in zip(stores, made, strict=True):
            store(frame, value)

    return assign


def _store(p: Performer, target: ir.Expr) -> Store:
    match target:
        case ir.Name(id=name):
            key = p.whole.keys[name]
            p.timeline.add(name)
            return lambda frame, value: frame.names.__setitem__(key, value)
        case ir.Attribute(value=holder, name=name):
            of = p.expr(holder)
            return lambda frame, value: set_attr(frame.run, of(frame), name, value)
        case ir.Subscript(value=holder, index=ir.Slice() as index):
            if p.places.using_up(target):
                raise NeedsCode
            of = p.expr(holder)
            lower, upper, step = bounds(p, index)
            return lambda frame, value: set_slice(frame.run, of(frame), lower(frame), upper(frame), step(frame), value)
        case ir.Subscript(value=holder, index=index):
            of, at = p.expr(holder), p.expr(index)
            return lambda frame, value: set_item(frame.run, of(frame), at(frame), value)
        case ir.Sequence(items=items):
            if p.places.using_up(target):
                raise NeedsCode
            return _unpack(p, items)
        case _:
            raise AssertionError("not a target")


def _unpack(p: Performer, items: tuple[ir.Expr, ...]) -> Store:
    star = next((index for index, part in enumerate(items) if isinstance(part, ir.Starred)), -1)
    number = p.places.tracked(items[star]) if star >= 0 else None
    stores = [_store(p, part.value if isinstance(part, ir.Starred) else part) for part in items]

    def store_all(frame: Frame, value: Value) -> None:
        parts = unpack(frame.run, value, len(stores), star)
        for index, store in enumerate(stores):
            store(frame, frame.run.tag(parts[index], number) if index == star and number is not None else parts[index])

    return store_all


def _annotated(p: Performer, node: ir.AnnAssign) -> Code | None:
    return None if node.value is None else _assign(p, ir.Assign((node.target,), node.value, span=node.span))


def _augmented(p: Performer, node: ir.AugAssign) -> Code:
    target, operation = node.target, _in_place(node.op)
    if p.places.using_up(node) or p.places.using_up(target):
        raise NeedsCode
    if isinstance(target, ir.Name):
        current, value = read(p, target), p.expr(node.value)
        made = p.tagged(target, lambda frame: operation(frame.run, current(frame), value(frame)))
        return _set_name(p, target.id, made)
    if isinstance(target, ir.Attribute):
        of, name, value = p.expr(target.value), target.name, p.expr(node.value)

        def change(frame: Frame) -> None:
            run, holder = frame.run, of(frame)
            set_attr(run, holder, name, operation(run, attr(run, holder, name), value(frame)))

        return change
    if not isinstance(target, ir.Subscript) or isinstance(target.index, ir.Slice):
        raise NeedsCode
    of, at, value = p.expr(target.value), p.expr(target.index), p.expr(node.value)

    def change_item(frame: Frame) -> None:
        run, holder, key = frame.run, of(frame), at(frame)
        set_item(run, holder, key, operation(run, item(run, holder, key), value(frame)))

    return change_item


def _in_place(op: str) -> Native:
    if op not in _IN_PLACE:
        operation = BINARY[op]
        return lambda run, target, value: operation(target, value)
    found = WORLD[_IN_PLACE[op]]
    assert callable(found)
    in_place: Native = found
    return in_place


def _pass(p: Performer, node: ir.Pass) -> None:
    return None


def _import(p: Performer, node: ir.Import) -> Code | None:
    if node.module == "__future__":
        return None
    bound: list[tuple[str, str, str | None]] = []
    for one in node.names:
        name = one.alias if one.alias is not None else one.name.split(".")[0]
        whole = one.name if one.alias is not None else one.name.split(".")[0]
        bound.append((variable(name), whole, None) if node.module is None else (variable(name), node.module, one.name))
        p.timeline.add(name)

    def bind(frame: Frame) -> None:
        for key, module, member in bound:
            frame.names[key] = imported(module, member)

    return bind


def _assert(p: Performer, node: ir.Assert) -> Code:
    region, test = p.places.region(node), p.expr(node.test)
    message = None if node.message is None else p.expr(node.message)

    def check(frame: Frame) -> None:
        value = test(frame)
        if value is True or (value is not False and frame.run.enter(value, region)):
            return
        if message is None:
            frame.run.check_assert()
        else:
            frame.run.check_assert(message(frame), True)

    return check


# Branches


def _taints(frame: Frame, keys: Iterable[str], label: Label) -> None:
    names = frame.names
    for key in keys:
        names[key] = taint(names[key], label)


def _arm(p: Performer, body: tuple[ir.Stmt, ...], before: int) -> tuple[Block, set[str] | None]:
    """An arm, and the names that it assigns; None if nothing comes after it."""
    block = p.block(body)
    added = p.timeline.take(before)
    return block, None if ends(body) else added


def _sure(p: Performer, results: list[set[str] | None]) -> None:
    for name in meet(results):
        p.timeline.add(name)


def _branch(p: Performer, node: ir.If) -> Code:
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ir.If):
        return _chain(p, node)
    region, test = p.places.region(node), p.expr(node.test)
    before = p.timeline.mark()
    body, first = _arm(p, node.body, before)
    orelse, second = _arm(p, node.orelse, before)
    _sure(p, [first, second])
    arms = (*node.body, *node.orelse)
    leaves = bool(escapes(arms))
    keys = [variable(name) for name in p.whole.outline.bound(arms)]

    def branch(frame: Frame) -> None:
        value = test(frame)
        taken = value if value is True or value is False else frame.run.enter(value, region)
        (body if taken else orelse).perform(frame)
        if type(taken) is Saved:
            if not leaves:
                frame.run.back(taken.pc)
            _taints(frame, keys, taken.label)

    return branch


@final
class Chain:
    """`if ... elif ...`. A traceback shows which condition is evaluated: `place` in `choose`."""

    __slots__ = ("arms", "orelse")

    def __init__(self, arms: list[tuple[Span, Code, Block]], orelse: Block) -> None:
        self.arms = arms
        self.orelse = orelse

    def choose(self, frame: Frame, loop: Loop) -> Block:
        """The arm to be performed."""
        for place, test, body in self.arms:  # noqa: B007  (read from the traceback)
            if loop.test(test(frame)):
                return body
        return self.orelse


def _chain(p: Performer, node: ir.If) -> Code:
    region, before = p.places.region(node), p.timeline.mark()
    results: list[set[str] | None] = []
    arms: list[tuple[Span, Code, Block]] = []
    statements: list[ir.Stmt] = []
    current: ir.If | None = node
    orelse: tuple[ir.Stmt, ...] = ()
    while current is not None:
        test = p.expr(current.test)
        block, assigned = _arm(p, current.body, before)
        arms.append((current.test.span, test, block))
        results.append(assigned)
        statements += current.body
        orelse = current.orelse
        current = orelse[0] if len(orelse) == 1 and isinstance(orelse[0], ir.If) else None
    block, assigned = _arm(p, orelse, before)
    results.append(assigned)
    statements += orelse
    _sure(p, results)
    chain = Chain(arms, block)
    leaves = bool(escapes(statements))
    keys = [variable(name) for name in p.whole.outline.bound((*statements, node.test))]

    def branch(frame: Frame) -> None:
        loop = Loop(frame.run, region)
        chain.choose(frame, loop).perform(frame)
        if loop.label is not TRUSTED_PUBLIC:
            if not leaves:
                frame.run.back(loop.pc)
            _taints(frame, keys, loop.label)

    return branch


# Each is the rule of its node's class; whoever looks it up has such a node.
_RULES: Final[dict[type[ir.Node], Callable[[Performer, ir.Stmt], Code | None]]] = {
    ir.ExprStatement: _expression,  # type: ignore[dict-item]
    ir.Assign: _assign,  # type: ignore[dict-item]
    ir.AnnAssign: _annotated,  # type: ignore[dict-item]
    ir.AugAssign: _augmented,  # type: ignore[dict-item]
    ir.Pass: _pass,  # type: ignore[dict-item]
    ir.Import: _import,  # type: ignore[dict-item]
    ir.Assert: _assert,  # type: ignore[dict-item]
    ir.If: _branch,  # type: ignore[dict-item]
}


def prepared(whole: Whole) -> Block:
    """What performs a plan."""
    return Performer(whole).whole_plan()


# Where the place of a failure is found in a traceback.
PLACED: Final = frozenset({Block.perform.__code__, Chain.choose.__code__})
