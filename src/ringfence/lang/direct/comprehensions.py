"""Comprehensions over few parts, performed.

Its one rule: as in `direct/expressions.py`; over many parts, and when the plan is run often, it is a unit of code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ringfence.core.values import Labeled, List, Value
from ringfence.lang import ir
from ringfence.lang.direct.evaluator import Evaluator, NeedsCode, constant
from ringfence.lang.direct.frame import Code, Frame
from ringfence.lang.running.loops import Loop
from ringfence.lang.running.runtime import dict_of, list_of, set_of
from ringfence.lang.scope import target_names

SMALL: Final = 16  # a comprehension over a list of as many parts is performed; over more, it is worth to be compiled
RUNS: Final = 4  # a program that is run more often is worth it, too


def comprehension(e: Evaluator, node: ir.Comprehension) -> Code:
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
