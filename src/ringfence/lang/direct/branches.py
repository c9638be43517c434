"""Branches and assertions at a plan's top, performed from the tree.

Its one rule: as in `direct/expressions.py`; what either arm could have assigned has the condition's label afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, final

from ringfence.core.diagnostics import Span
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.lang import ir
from ringfence.lang.codegen.scopes import meet
from ringfence.lang.direct.frame import Code, Frame
from ringfence.lang.running.bindings import taint
from ringfence.lang.running.branching import Saved
from ringfence.lang.running.loops import Loop
from ringfence.lang.scope import ends, escapes, variable

if TYPE_CHECKING:
    from ringfence.lang.direct.statements import Block, Performer


def assertion(p: Performer, node: ir.Assert) -> Code:
    """`assert`."""
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


def branch(p: Performer, node: ir.If) -> Code:
    """`if`, with all of its `elif`."""
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

    def perform(frame: Frame) -> None:
        value = test(frame)
        taken = value if value is True or value is False else frame.run.enter(value, region)
        (body if taken else orelse).perform(frame)
        if type(taken) is Saved:
            if not leaves:
                frame.run.back(taken.pc)
            _taints(frame, keys, taken.label)

    return perform


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
    tests: list[ir.Expr] = []  # each is evaluated if those before it are false
    current: ir.If | None = node
    orelse: tuple[ir.Stmt, ...] = ()
    while current is not None:
        p.place = current
        test = p.expr(current.test)
        block, assigned = _arm(p, current.body, before)
        arms.append((current.test.span, test, block))
        results.append(assigned)
        statements += current.body
        tests.append(current.test)
        orelse = current.orelse
        current = orelse[0] if len(orelse) == 1 and isinstance(orelse[0], ir.If) else None
    block, assigned = _arm(p, orelse, before)
    results.append(assigned)
    statements += orelse
    _sure(p, results)
    chain = Chain(arms, block)
    leaves = bool(escapes(statements))
    keys = [variable(name) for name in p.whole.outline.bound((*statements, *tests))]

    def perform(frame: Frame) -> None:
        loop = Loop(frame.run, region)
        chain.choose(frame, loop).perform(frame)
        if loop.label is not TRUSTED_PUBLIC:
            if not leaves:
                frame.run.back(loop.pc)
            _taints(frame, keys, loop.label)

    return perform
