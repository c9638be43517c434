"""What has a kernel: sort keys, comprehensions, loops that add.

Its one rule: a form that is not described here has no kernel, and is left to the runtime's operations
(docs/decisions/0003-uniform-kernels.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ringfence.lang import ir
from ringfence.lang.kernels.kernel import LEAF_CHARS, Reduction, Written, WrittenLoop
from ringfence.lang.kernels.writing import NoKernel, RawWriter


def key_kernel(target: str, body: ir.Expr, outside: Callable[[str], bool]) -> Written | None:
    """The kernel of a function of one element that gives a leaf, as a sort key is."""
    writer = RawWriter(target, outside)
    try:
        made = writer.value(body)
        if writer.variables:
            return None
        return writer.written(f"[{made.code} {writer.loops(False)}]", False, "made", None)
    except NoKernel:
        return None


def comprehension_kernel(node: ir.Comprehension, outside: Callable[[str], bool]) -> Written | None:
    """The kernel of a comprehension over one sequence. A dict's function gives pairs, of places or values."""
    clause = node.clauses[0]
    if len(node.clauses) != 1 or not isinstance(clause.target, ir.Name):
        return None
    writer = RawWriter(clause.target.id, outside)
    try:
        return _comprehension(writer, node, clause.conditions, node.kind != "set")
    except NoKernel:
        return None


def _comprehension(writer: RawWriter, node: ir.Comprehension, tests: tuple[ir.Expr, ...], whole_parts: bool) -> Written:
    """`whole_parts`: parts of the sequence go into the result as they are, with their origins."""
    conditions = "".join(f" if {writer.value(one).code}" for one in tests)
    taken = node.element if node.value is None else node.value
    part = writer.part(taken)
    whole = isinstance(taken, ir.Name) and taken.id == writer.target
    key = None if node.value is None else writer.value(node.element)
    long = key is not None and key.chars > LEAF_CHARS
    if whole_parts and (whole or part is not None):
        projects = None
        if part is not None:
            writer.column(*part)
            projects = part[1].name
        element, takes = "i", "kept"
    else:
        if whole_parts and _may_be_untouched(taken):
            raise NoKernel
        made = writer.value(taken)
        element, takes, projects, long = made.code, "made", None, long or made.chars > 256
    if key is not None:
        element = f"({key.code}, {element})"
    result = f"[{element} {writer.loops(takes == 'kept')}{conditions}]"
    return writer.written(result, long, takes, projects)


def loop_kernel(node: ir.For, outside: Callable[[str], bool]) -> WrittenLoop | None:
    """The kernel of a loop that only adds to totals, to a sum or to a list, perhaps under conditions."""
    if not isinstance(node.target, ir.Name) or node.orelse:
        return None
    conditions: list[ir.Expr] = []
    body = node.body
    while len(body) == 1 and isinstance(body[0], ir.If) and not body[0].orelse:
        conditions.append(body[0].test)
        body = body[0].body
    if len(body) != 1:
        return None
    try:
        return _loop(node.target.id, conditions, body[0], outside)
    except NoKernel:
        return None


def _loop(target: str, conditions: list[ir.Expr], body: ir.Stmt, outside: Callable[[str], bool]) -> WrittenLoop:
    key: ir.Expr | None = None
    missing: int | float | None = None
    match body:
        case ir.Assign(
            targets=(ir.Subscript(value=ir.Name(id=holder), index=key),),
            value=ir.Binary(
                op="+",
                left=ir.Call(
                    func=ir.Attribute(value=ir.Name(id=source), name="get"),
                    args=(again, ir.Constant(value=int() | float() as missing)),
                    keywords=(),
                ),
                right=value,
            ),
        ) if source == holder and again == key and not isinstance(missing, bool) and math.isfinite(missing):
            form = "total"
        case ir.AugAssign(target=ir.Subscript(value=ir.Name(id=holder), index=key), op="+", value=value):
            form = "total"
        case ir.AugAssign(target=ir.Name(id=holder), op="+", value=value):
            form = "sum"
        case ir.ExprStatement(
            value=ir.Call(func=ir.Attribute(value=ir.Name(id=holder), name="append"), args=(value,), keywords=())
        ):
            form = "append"
        case _:
            raise NoKernel
    kind = {"total": "dict", "sum": "set", "append": "list"}[form]
    made = ir.Comprehension(kind, value if key is None else key, None if key is None else value, ())
    writer = RawWriter(target, outside)
    written = _comprehension(writer, made, tuple(conditions), form == "append")
    if holder == target or holder in written.variables or outside(holder):
        raise NoKernel
    return WrittenLoop(Reduction(written.kernel, form, missing), written, holder)


def _may_be_untouched(node: ir.Expr) -> bool:
    """Whether the value can be one that was read, as it is: it would have kept its origin."""
    match node:
        case ir.Name() | ir.Attribute() | ir.Subscript(value=ir.Name()):
            return True
        case ir.Logic(values=values):
            return any(map(_may_be_untouched, values))
        case ir.Conditional(then=then, orelse=orelse):
            return _may_be_untouched(then) or _may_be_untouched(orelse)
        case _:
            return False
