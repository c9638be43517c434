"""What certainly gives a value, and what certainly cannot fail.

Its one rule: an allow-list. Whatever is not known to give a value, or to run to its end, may fail; and whatever looks
at a value may find that it is on its way, and that the call has failed. What the engine takes for something that could
have failed (`lang/running/trying.py`) is not here, also where it never does, as a comparison.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ringfence.lang import ir
from ringfence.lang.scope import walk

_GIVE: Final = (ir.Constant, ir.Name, ir.Conditional, ir.Logic, ir.Sequence)


def total(nodes: Iterable[ir.Node]) -> bool:
    """Whether evaluating the expressions can do nothing but give a value: no failure, nothing to wait for, no limit."""
    return all(map(_is_there, nodes))


def _is_there(node: ir.Node) -> bool:
    constants = isinstance(node, ir.Sequence) and all(isinstance(item, ir.Constant) for item in node.items)
    return constants or isinstance(node, (ir.Constant, ir.Name))


def gives(nodes: Iterable[ir.Node]) -> bool:
    """Whether nothing fails in the expressions that a `try` could catch, if nothing in them is on its way."""
    return all(map(_gives, walk(nodes)))


def cannot_fail(body: Iterable[ir.Stmt]) -> bool:
    """As `gives`, of statements; as long as their variables have values."""
    return all(map(_is_sure, body))


def _gives(node: ir.Node) -> bool:
    match node:
        case ir.Sequence(kind="set", items=items):  # what is in it may have no hash
            return all(isinstance(item, ir.Constant) for item in items)
        case _:
            return isinstance(node, _GIVE)


def _is_sure(statement: ir.Stmt) -> bool:
    match statement:
        case ir.Pass() | ir.Break() | ir.Continue() | ir.Return(value=None):
            return True
        case ir.Return(value=value) | ir.ExprStatement(value=value):
            return value is None or gives((value,))
        case ir.Assign(targets=targets, value=value):
            return gives((value,)) and all(isinstance(target, ir.Name) for target in targets)
        case ir.AnnAssign(target=ir.Name(), value=value):
            return value is None or gives((value,))
        case ir.If(orelse=(ir.If(),)):
            return False
        case ir.If(test=test, body=body, orelse=orelse):
            return gives((test,)) and cannot_fail((*body, *orelse))
        case _:
            return False
