"""Results for people: what was answered on stdout, what went otherwise on stderr.

Its one rule: everything that data wrote is made visible first, so that it cannot steer a terminal.
"""

from __future__ import annotations

from ringfence.cli.output import complain, note, say
from ringfence.core.diagnostics import Span, render_all
from ringfence.core.errors import ApprovalRequired, PolicyDenied, RingfenceError
from ringfence.guard.decision import Decision
from ringfence.session.result import Result

MAX_TEXT = 1_000_000


def report(result: Result, *, as_json: bool) -> None:
    """Print a result for a person; with `as_json` only what belongs on stderr."""
    if result.error is not None:
        _problem(result)
    if as_json:
        return
    if result.text:
        say(result.text[:MAX_TEXT])
    elif result.outcome == "completed":
        note("The user may not read the answer; --json prints it with its label.")


def _problem(result: Result) -> None:
    error = result.error
    if result.diagnostics:
        code = error.code if isinstance(error, RingfenceError) else "E200"
        note(f"{result.outcome}: {code}\n{render_all(result.diagnostics, result.plan)}")
    elif isinstance(error, ApprovalRequired):
        _waiting(result)
    elif isinstance(error, RingfenceError):
        span = getattr(error, "span", None)
        place = f" (line {span.line})" if isinstance(span, Span) else ""
        note(f"{result.outcome}{place}:")
        if isinstance(error, PolicyDenied) and isinstance(error.decision, Decision):
            note(f"{error.code}: {error.decision.render()}")
        else:
            complain(error)


def _waiting(result: Result) -> None:
    request = result.approval
    if request is None:
        return
    note(f"waiting: P410: a person has to decide on this call\n\n{request.preview.render()}\n")
    note(
        f"With a store: `ringfence approvals approve {request.id}`, then the same command with "
        f"`--resume {result.run_id}`. It can be approved until {request.expires:%Y-%m-%d %H:%M} UTC."
    )
