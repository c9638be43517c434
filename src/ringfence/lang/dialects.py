"""The six patterns as subsets of the language (DESIGN §2; arXiv 2506.08837, section 3).

Its one rule: a dialect only ever forbids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ringfence.core.diagnostics import Diagnostic
from ringfence.core.errors import ConfigError
from ringfence.lang import ir
from ringfence.lang.host import Signature
from ringfence.lang.scope import walk
from ringfence.lang.values_of import literal

DIALECTS: Final = ("action-selector", "plan-then-execute", "map-reduce", "dual-llm", "code-then-execute")
_QUARANTINE: Final = frozenset({"quarantine", "quarantine_each"})
_STRAIGHT: Final = (
    ir.ExprStatement,
    ir.Assign,
    ir.AnnAssign,
    ir.Pass,
    ir.Import,
    ir.ClassDef,
)
_LOGIC: Final = (ir.Conditional, ir.Logic, ir.Comprehension, ir.Lambda, ir.Walrus)


def dialect_problems(plan: ir.Plan, signatures: Mapping[str, Signature], dialect: str) -> list[Diagnostic]:
    """What a dialect does not allow in the plan. Raises ConfigError for an unknown dialect."""
    if dialect not in DIALECTS:
        raise ConfigError(f"there is no dialect '{dialect}'", code="C507", hint=f"dialects: {', '.join(DIALECTS)}")
    if dialect == "code-then-execute":
        return []
    if dialect == "action-selector":
        return list(_action_selector(plan, signatures))
    return list(_straight(plan, signatures, dialect))


def _no(node: ir.Node, dialect: str, what: str, hint: str) -> Diagnostic:
    return Diagnostic("E205", f"the dialect {dialect} has no {what}", node.span, hint)


def _action_selector(plan: ir.Plan, signatures: Mapping[str, Signature]) -> Iterator[Diagnostic]:
    name = "action-selector"
    body = [node for node in plan.body if not isinstance(node, (ir.Import, ir.Pass))]
    if len(body) != 1 or not isinstance(body[0], (ir.ExprStatement, ir.Assign)):
        place = body[1] if len(body) > 1 else (body[0] if body else ir.Pass())
        yield _no(place, name, "plan of several steps", "write one tool call with literal arguments, or refuse(...)")
        return
    value = body[0].value
    if isinstance(value, ir.Call) and isinstance(value.func, ir.Name) and value.func.id in ("answer", "print"):
        inner = value.args[0] if len(value.args) == 1 else value
        value = inner if isinstance(inner, ir.Call) else value
    if not (isinstance(value, ir.Call) and isinstance(value.func, ir.Name)):
        yield _no(value, name, "computation", "write one tool call with literal arguments")
        return
    called = value.func.id
    if called in _QUARANTINE:
        yield _no(value, name, "quarantined calls", "the result of the tool goes to the user")
    elif called not in signatures and called not in ("refuse", "answer", "print"):
        yield _no(value, name, f"call of '{called}'", "call one of the tools")
    for arg in () if called in _QUARANTINE else (*value.args, *(k.value for k in value.keywords)):
        if literal(arg) is None and not _date_literal(arg):
            yield _no(arg, name, "computed arguments", "write the argument out as a literal")


def _date_literal(node: ir.Expr) -> bool:
    """`date(2026, 11, 21)` is a value written out, too."""
    if not isinstance(node, ir.Call) or not isinstance(node.func, (ir.Name, ir.Attribute)):
        return False
    name = node.func.id if isinstance(node.func, ir.Name) else node.func.name
    constant = all(literal(arg) is not None for arg in (*node.args, *(k.value for k in node.keywords)))
    return name in ("date", "datetime", "time", "timedelta", "Decimal") and constant


def _quarantines(node: ir.Node) -> bool:
    return isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id in _QUARANTINE


def _straight(plan: ir.Plan, signatures: Mapping[str, Signature], dialect: str) -> Iterator[Diagnostic]:
    loops = dialect == "map-reduce"
    for node in walk(plan.body):
        if isinstance(node, (ir.For, ir.Comprehension)) and loops:
            continue
        if isinstance(node, (ir.If, ir.Match, ir.While, ir.Try, ir.FunctionDef, ir.Raise, ir.Assert, ir.For)):
            what = type(node).__name__.lower().replace("functiondef", "def")
            yield _no(node, dialect, f"`{what}`", "write the calls one after the other, or use a wider dialect")
        elif isinstance(node, _LOGIC) and not isinstance(node, ir.Comprehension):
            yield _no(node, dialect, type(node).__name__.lower(), "write the calls one after the other")
        elif isinstance(node, ir.Comprehension) and not loops:
            yield _no(node, dialect, "comprehensions", "use the dialect map-reduce")
        elif dialect != "dual-llm" and isinstance(node, ir.Name) and node.id == "observe":
            yield _no(node, dialect, "second round", "write the whole plan, or use the dialect dual-llm")
        elif dialect == "plan-then-execute" and _quarantines(node):
            yield _no(node, dialect, "quarantined calls", "use the dialect dual-llm or map-reduce")
