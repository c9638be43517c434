"""Checking rules when a policy is loaded: names, predicates, their arguments, and what a rule may cost.

Its one rule: what has no entry in the tables here is refused, with its place; nothing is found out at a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, cast

from ringfence.core.diagnostics import Diagnostic
from ringfence.guard.predicates import PREDICATES, compiled
from ringfence.guard.sections import meant
from ringfence.guard.views import RuleError
from ringfence.lang import ir
from ringfence.lang.scope import children
from ringfence.lang.values_of import literal

MAX_NODES: Final = 400  # of one rule
MAX_NESTING: Final = 3  # of any() and all()
_FUNCTIONS: Final = ("len", "any", "all")
_PATTERNS: Final = "write text in RE2 syntax: no look-around, no references back"


def check(expr: ir.Expr, names: Iterable[str], sets: Iterable[str] = ()) -> list[Diagnostic]:
    """Every problem of a rule over the parameters `names`: unknown names, functions, constructs, arguments; its size.

    `sets` are the names of trusted sets, which stand in one_of() only.
    """
    params, known = tuple(names), frozenset(sets)
    problems = list(_check(expr, params, known))
    nodes, nesting = _size(expr)
    if nodes > MAX_NODES:
        problems.append(_problem(expr, f"a rule of more than {MAX_NODES} parts", "use a set, or several rules"))
    if nesting > MAX_NESTING:
        problems.append(_problem(expr, f"any() and all() are nested more than {MAX_NESTING} deep"))
    return problems


def _size(expr: ir.Expr) -> tuple[int, int]:
    """How many parts an expression has, and how deep generators are nested in it."""
    nodes, deepest = 0, 0
    pending: list[tuple[ir.Node, int]] = [(expr, 0)]
    while pending:
        node, depth = pending.pop()
        depth += isinstance(node, ir.Comprehension)
        nodes, deepest = nodes + 1, max(deepest, depth)
        pending.extend((child, depth) for child in children(node))
    return nodes, deepest


def _problem(node: ir.Node, message: str, hint: str | None = None) -> Diagnostic:
    return Diagnostic("C503", message, node.span, hint)


def _check(expr: ir.Expr, names: tuple[str, ...], sets: frozenset[str]) -> Iterator[Diagnostic]:
    match expr:
        case ir.Constant():
            return
        case ir.Name():
            if expr.id in sets and expr.id not in names:
                yield _problem(expr, f"{expr.id} is a set, which stands in one_of() only", f"one_of(x, {expr.id})")
            elif expr.id not in names:
                yield _problem(expr, f"unknown parameter: {expr.id}", meant(expr.id, (*names, *sets)))
        case ir.Logic():
            for value in expr.values:
                yield from _check(value, names, sets)
        case ir.Unary():
            if expr.op == "~":
                yield _problem(expr, "~ has no meaning in a rule", "write `not`")
            yield from _check(expr.operand, names, sets)
        case ir.Compare():
            for operand in expr.operands:
                yield from _check(operand, names, sets)
        case ir.Attribute():
            yield from _check(expr.value, names, sets)
        case ir.Subscript():
            yield from _check(expr.value, names, sets)
            yield from _check(expr.index, names, sets)
        case ir.Sequence():
            for item in expr.items:
                yield from _check(item, names, sets)
        case ir.Call():
            yield from _check_call(expr, names, sets)
        case _:
            yield _problem(
                expr, "a construct that a rule cannot have", "predicates, and, or, not, comparisons, len, any and all"
            )


def _check_call(expr: ir.Call, names: tuple[str, ...], sets: frozenset[str]) -> Iterator[Diagnostic]:
    if not isinstance(expr.func, ir.Name):
        yield _problem(expr, "a rule calls predicates by their name, and no methods")
        return
    name = expr.func.id
    if name in ("any", "all"):
        yield from _check_every(expr, name, names, sets)
        return
    for number, value in enumerate((*expr.args, *(keyword.value for keyword in expr.keywords))):
        if name == "one_of" and number > 0 and isinstance(value, ir.Name) and value.id in sets:
            if value.id in names:
                yield _problem(value, f"{value.id} is a set and a parameter", "give the set another name")
            continue
        yield from _check(value, names, sets)
    if name == "len":
        least, most, by = 1, cast("int | None", 1), False
    elif name in PREDICATES:
        least, most, by = PREDICATES[name].least, PREDICATES[name].most, PREDICATES[name].by
    else:
        yield _problem(expr.func, f"unknown predicate: {name}", meant(name, (*PREDICATES, *_FUNCTIONS)))
        return
    if len(expr.args) < least or (most is not None and len(expr.args) > most):
        wanted = f"{least}" if least == most else f"at least {least}"
        yield _problem(expr, f"{name}() takes {wanted} argument{'s' if least != 1 else ''}")
    if [keyword.name for keyword in expr.keywords] != (["by"] if by else []):
        yield _problem(expr, f"{name}() takes by=" if by else f"{name}() takes no such keyword argument")
    if name in ("principal", "dialect") and not all(isinstance(one, ir.Constant) for one in expr.args):
        yield _problem(expr, f"{name}() takes names in quotes")
    if name == "within" and len(expr.args) == 3 and _empty(expr.args[1], expr.args[2]):
        yield _problem(expr, "nothing can lie within these bounds", "write the lower one first")
    if name == "matches" and len(expr.args) == 2 and not _pattern(expr.args[1]):
        yield _problem(expr.args[1], "the pattern of matches() is no written-out regular expression", _PATTERNS)


def _pattern(expr: ir.Expr) -> bool:
    try:
        return isinstance(expr, ir.Constant) and isinstance(expr.value, str) and compiled(expr.value) is not None
    except RuleError:
        return False


def _empty(low: ir.Expr, high: ir.Expr) -> bool:
    one, other = literal(low), literal(high)
    if one is None or other is None:
        return False
    try:
        return bool(one[0] > other[0])  # type: ignore[operator]
    except TypeError:
        return True


def _check_every(expr: ir.Call, name: str, names: tuple[str, ...], sets: frozenset[str]) -> Iterator[Diagnostic]:
    found = expr.args[0] if len(expr.args) == 1 and not expr.keywords else None
    if not isinstance(found, ir.Comprehension) or found.kind != "generator" or len(found.clauses) != 1:
        yield _problem(expr, f"{name}() takes one generator", f"{name}(trusted(x) for x in PARAMETER)")
        return
    clause = found.clauses[0]
    yield from _check(clause.iterable, names, sets)
    if not isinstance(clause.target, ir.Name):
        yield _problem(clause, "the variable of a generator in a rule is one name")
        return
    inner = (*names, clause.target.id)
    for condition in clause.conditions:
        yield from _check(condition, inner, sets)
    yield from _check(found.element, inner, sets)
