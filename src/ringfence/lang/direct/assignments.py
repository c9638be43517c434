"""Assignments at a plan's top, performed from the tree.

Its one rule: as in `direct/expressions.py`; the value is evaluated before the places that it goes to.
"""

from __future__ import annotations

from typing import Final

from ringfence.core.values import Value
from ringfence.lang import ir
from ringfence.lang.direct.evaluator import Evaluator, NeedsCode
from ringfence.lang.direct.expressions import bounds, read
from ringfence.lang.direct.frame import Code, Frame, Store
from ringfence.lang.objects import Native
from ringfence.lang.operations.attributes import attr, set_attr
from ringfence.lang.operations.items import item, set_item, set_slice
from ringfence.lang.operations.symbols import BINARY
from ringfence.lang.operations.unpacking import unpack
from ringfence.lang.running.runtime import WORLD

_IN_PLACE: Final = {"+": "iadd", "-": "isub", "*": "imul", "|": "ibitor", "&": "ibitand", "^": "ibitxor"}


def assignment(e: Evaluator, node: ir.Assign) -> Code:
    """`a = b = value`."""
    if len(node.targets) == 1:
        (target,) = node.targets
        if isinstance(target, ir.Name):
            return _set_name(e, target.id, e.expr(node.value))
        if _pairwise(target, node.value):
            return _assign_pairs(e, target.items, node.value.items)  # type: ignore[union-attr]
    value = e.expr(node.value)
    stores = [_store(e, target) for target in node.targets]

    def assign(frame: Frame) -> None:
        made = value(frame)
        for store in stores:
            store(frame, made)

    return assign


def _set_name(e: Evaluator, name: str, value: Code) -> Code:
    key = e.whole.keys[name]
    e.timeline.add(name)

    def assign(frame: Frame) -> None:
        frame.names[key] = value(frame)

    return assign


def _pairwise(target: ir.Expr, value: ir.Expr) -> bool:
    """`a, b = b, a` needs no tuple."""
    if not (isinstance(target, ir.Sequence) and isinstance(value, ir.Sequence) and value.kind == "tuple"):
        return False
    stars = any(isinstance(part, ir.Starred) for part in (*target.items, *value.items))
    return len(target.items) == len(value.items) and not stars


def _assign_pairs(e: Evaluator, targets: tuple[ir.Expr, ...], values: tuple[ir.Expr, ...]) -> Code:
    codes = e.each(values)
    stores = [_store(e, target) for target in targets]

    def assign(frame: Frame) -> None:
        made = [code(frame) for code in codes]
        for store, value in zip(stores, made, strict=True):
            store(frame, value)

    return assign


def _store(e: Evaluator, target: ir.Expr) -> Store:
    match target:
        case ir.Name(id=name):
            key = e.whole.keys[name]
            e.timeline.add(name)
            return lambda frame, value: frame.names.__setitem__(key, value)
        case ir.Attribute(value=holder, name=name):
            of = e.expr(holder)
            return lambda frame, value: set_attr(frame.run, of(frame), name, value)
        case ir.Subscript(value=holder, index=ir.Slice() as index):
            if e.places.using_up(target):
                raise NeedsCode
            of = e.expr(holder)
            lower, upper, step = bounds(e, index)
            return lambda frame, value: set_slice(frame.run, of(frame), lower(frame), upper(frame), step(frame), value)
        case ir.Subscript(value=holder, index=index):
            of, at = e.expr(holder), e.expr(index)
            return lambda frame, value: set_item(frame.run, of(frame), at(frame), value)
        case ir.Sequence(items=items):
            if e.places.using_up(target):
                raise NeedsCode
            return _unpack(e, items)
        case _:
            raise AssertionError("not a target")


def _unpack(e: Evaluator, items: tuple[ir.Expr, ...]) -> Store:
    star = next((index for index, part in enumerate(items) if isinstance(part, ir.Starred)), -1)
    number = e.places.tracked(items[star]) if star >= 0 else None
    stores = [_store(e, part.value if isinstance(part, ir.Starred) else part) for part in items]

    def store_all(frame: Frame, value: Value) -> None:
        parts = unpack(frame.run, value, len(stores), star)
        for index, store in enumerate(stores):
            store(frame, frame.run.tag(parts[index], number) if index == star and number is not None else parts[index])

    return store_all


def annotated(e: Evaluator, node: ir.AnnAssign) -> Code | None:
    """`a: type = value`."""
    return None if node.value is None else assignment(e, ir.Assign((node.target,), node.value, span=node.span))


def augmented(e: Evaluator, node: ir.AugAssign) -> Code:
    """`a += value`."""
    target, operation = node.target, _in_place(node.op)
    if e.places.using_up(node) or e.places.using_up(target):
        raise NeedsCode
    if isinstance(target, ir.Name):
        current, value = read(e, target), e.expr(node.value)
        made = e.tagged(target, lambda frame: operation(frame.run, current(frame), value(frame)))
        return _set_name(e, target.id, made)
    if isinstance(target, ir.Attribute):
        of, name, value = e.expr(target.value), target.name, e.expr(node.value)

        def change(frame: Frame) -> None:
            run, holder = frame.run, of(frame)
            set_attr(run, holder, name, operation(run, attr(run, holder, name), value(frame)))

        return change
    if not isinstance(target, ir.Subscript) or isinstance(target.index, ir.Slice):
        raise NeedsCode
    of, at, value = e.expr(target.value), e.expr(target.index), e.expr(node.value)

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
