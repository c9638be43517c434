"""Text to IR: `lang/parsing/` holds what reads it, and the rules.

Its one rule: Python's own parser reads the text, and nothing of it survives this stage.
"""

from __future__ import annotations

import ast
from contextlib import suppress

from ringfence.lang import ir
from ringfence.lang.depth import deep_stack, preparing
from ringfence.lang.parsing import expressions, statements  # noqa: F401  (they enter their rules into the tables)
from ringfence.lang.parsing.reader import Reader, Refused


def parse(text: str) -> ir.Plan:
    """A plan from its text. Raises PlanRejected with every problem found (E1xx); nothing else."""
    reader = Reader(text)
    with preparing():
        tree = reader.python(text, "exec")
        assert isinstance(tree, ast.Module)
        body = reader.top(tree.body)
        reader.finish()
        reader.few_functions(tree)
        reader.finish()
        reader.compiles(tree if reader.whole else ast.Module(reader.doubtful, []))
    return ir.Plan(body, text, reader.depth)


def parse_expression(text: str) -> ir.Expr:
    """One expression, as the conditions of a policy are. Raises PlanRejected (E1xx)."""
    reader = Reader(text)
    tree = reader.python(text.strip(), "eval")
    assert isinstance(tree, ast.Expression)
    result: ir.Expr = ir.Constant(None)
    with deep_stack(), suppress(Refused):
        result = reader.expr(tree.body)
    reader.finish()
    return result
