"""What a run reports: labelled values, calls, diagnostics and errors as the JSON of the command line.

Its one rule: the report is complete and its shape is stable; a value is never printed without the label of all that
it holds. Whatever a plan made is printed: cycles, huge numbers, deep nesting; what is too large is elided and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.encoding import Json, LabelTable, Writer, label_to_json, to_json
from ringfence.core.errors import ApprovalRequired, PlanRejected, PolicyDenied, RingfenceError
from ringfence.core.values import Value, deep
from ringfence.guard.decision import Decision
from ringfence.guard.run import CallMade

MAX_PARTS: Final = 1_000_000
_APPROVE: Final = "a person can approve this call: `ringfence approvals approve ID`, then run again with --resume"


def value_json(value: Value) -> dict[str, Json]:
    """`{"value": ..., "label": ...}`, the label being `deep`."""
    label = deep(value)
    written = Writer(LabelTable(), limit=MAX_PARTS).write(value)
    # Sound: the labels of the parts are left out where the join of all of them stands beside the value.
    return {"value": _bare(written), "label": label_to_json(label)}


def is_too_large(value: Value) -> bool:
    """Whether a value has more parts than are shown, stored or sent."""
    writer = Writer(LabelTable(), limit=MAX_PARTS)
    writer.write(value)
    return writer.elided


def _bare(written: Json) -> Json:
    """JSON without the cells `{"$label": ...}`. A plan cannot forge one: keys with `$` are written as `$dict`."""
    root: list[Json] = [written]
    pending: list[tuple[list[Json] | dict[str, Json], int | str]] = [(root, 0)]
    while pending:
        holder, key = pending.pop()
        found = cast("dict[int | str, Json]", holder)[key]
        while isinstance(found, dict) and "$label" in found:
            found = found["value"]
        cast("dict[int | str, Json]", holder)[key] = found
        if isinstance(found, dict):
            pending.extend((found, name) for name, part in found.items() if isinstance(part, (dict, list)))
        elif isinstance(found, list):
            pending.extend((found, index) for index, part in enumerate(found) if isinstance(part, (dict, list)))
    return root[0]


def call_json(made: CallMade) -> dict[str, Json]:
    """A call with its arguments by parameter name, as plain data."""
    return {
        "index": made.index,
        "tool": made.tool,
        "arguments": {name: to_json(value, limit=MAX_PARTS) for name, value in made.arguments.items()},
        "verdict": made.verdict,
        "rules": [*made.rules],
        **({"bypass": made.bypass} if made.bypass else {}),
        **({"edited": [*made.edited]} if made.edited else {}),
    }


def diagnostic_json(one: Diagnostic) -> dict[str, Json]:
    """A diagnostic with its place."""
    return {
        "code": one.code,
        "message": one.message,
        "line": one.span.line,
        "column": one.span.column,
        "hint": one.hint,
        **({"note": True} if one.note else {}),
    }


def error_json(error: RingfenceError | ApprovalRequired | None, place: Span | None = None) -> dict[str, Json] | None:
    """Code, kind, line and remedies; `place` is used where the error knows none."""
    if error is None:
        return None
    span = getattr(error, "span", None)
    span = place if span is None else span
    if isinstance(error, PlanRejected) and error.diagnostics:
        span = error.diagnostics[0].span
    return {
        "code": error.code,
        "kind": type(error).__name__,
        "line": span.line if isinstance(span, Span) else None,
        "remedies": [*_remedies(error)],
    }


def _remedies(error: RingfenceError | ApprovalRequired) -> Iterable[str]:
    if isinstance(error, ApprovalRequired):
        return (_APPROVE,)
    if isinstance(error, PolicyDenied) and isinstance(error.decision, Decision) and error.decision.remedies:
        return error.decision.remedies
    if isinstance(error, PlanRejected):
        return dict.fromkeys(one.hint for one in error.diagnostics if one.hint is not None)
    return () if error.hint is None else (error.hint,)


def variables_json(variables: Mapping[str, Value]) -> dict[str, Json]:
    """All variables of a plan, in the order in which they were made."""
    return {name: value_json(value) for name, value in variables.items()}
