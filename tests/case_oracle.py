"""CPython as the oracle: runs a case's plan as the Python text that it also is.

Its one rule: nothing of the product takes part but the encoding of results, so that an agreement means something.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import io
import types
import typing
from collections.abc import Callable
from typing import Any

import pydantic

from case_runner import Case, Labels, Report
from ringfence.core.encoding import to_json
from ringfence.schema import plain_of

UNLABELLED = Labels((), None)


def python_report(case: Case) -> Report:
    """What CPython makes of the plan: outcome, variables, answer, and how it failed."""
    tree = ast.parse(case.text)
    answers: list[Any] = []
    printed: list[str] = []

    def show(*parts: object, sep: str | None = " ", end: str | None = "\n") -> None:
        line = io.StringIO()
        print(*parts, sep=sep, end=end, file=line)
        printed.append(line.getvalue())

    scope = prelude(answers.append, show)
    before = set(scope)
    error: tuple[str, tuple[str, ...], int | None] | None = None
    try:
        run(tree, scope)
    except Exception as problem:
        error = ("E301", ("PlanFailure", type(problem).__name__), line_of(problem))
    final = scope.pop("final value", None)
    variables = {
        name: (encoded(value), UNLABELLED)
        for name, value in scope.items()
        if own(name, value, before) and name not in imported(tree)
    }
    given = answers[-1] if answers else "".join(printed).removesuffix("\n") if printed else final
    answer = (encoded(given), UNLABELLED)
    return Report("completed" if error is None else "failed", variables, answer if error is None else None, error=error)


def prelude(answer: Callable[[Any], None], show: Callable[..., None]) -> dict[str, Any]:
    """What a plan has without an import."""
    found = {"BaseModel": pydantic.BaseModel, "Field": pydantic.Field, "dataclass": dataclasses.dataclass}
    found |= {"Enum": enum.Enum, "TypedDict": typing.TypedDict, "asdict": dataclasses.asdict}
    found |= {
        name: getattr(typing, name) for name in ("Literal", "Optional", "Union", "Any", "Annotated", "NamedTuple")
    }
    return {**found, "answer": answer, "print": show, "__name__": "__main__"}


def run(tree: ast.Module, scope: dict[str, Any]) -> None:
    """Execute it; the value of a final expression goes under a name that no plan can have."""
    body = list(tree.body)
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    # Annotations are values there: this file's own future is not theirs.
    exec(compile(ast.Module(body, []), "<case>", "exec", dont_inherit=True), scope)
    if isinstance(last, ast.Expr):
        scope["final value"] = eval(compile(ast.Expression(last.value), "<case>", "eval", dont_inherit=True), scope)


def imported(tree: ast.Module) -> set[str]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {(alias.asname or alias.name).partition(".")[0] for node in found for alias in node.names}


def own(name: str, value: Any, before: set[str]) -> bool:
    return name not in before and not name.startswith("__") and not isinstance(value, types.ModuleType)


def encoded(value: Any) -> Any:
    try:
        return to_json(plain_of(value))
    except TypeError:
        return to_json(value)


def line_of(problem: BaseException) -> int | None:
    """The line of the top level where it happened or began to."""
    trace, found = problem.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<case>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found
