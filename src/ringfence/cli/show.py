"""Results for people: what was answered on stdout, what went otherwise on stderr.

Its one rule: everything that data wrote is made visible first, so that it cannot steer a terminal.
"""

from __future__ import annotations

from typing import Final

from ringfence.cli.output import note, say
from ringfence.cli.standing import warn
from ringfence.core.diagnostics import Span, render_all
from ringfence.core.errors import ApprovalRequired, PolicyDenied, RingfenceError
from ringfence.guard.approval import PLAN
from ringfence.guard.decision import Decision
from ringfence.guard.visible import lines
from ringfence.session.result import Result

MAX_TEXT: Final = 1_000_000
MAX_DETAIL: Final = 2_000


def report(result: Result, *, as_json: bool, again: str | None = None, where: str = "") -> None:
    """Print a result for a person; with `as_json` only what belongs on stderr.

    `again` is the command that goes on with a run that waits; None: the run was not kept. `where`: the options with
    which it and others find the run.
    """
    warn(result.bypasses)
    for line in result.notes:
        note(line)
    if result.mode == "observe":
        _observed(result)
    elif any(made.bypass for made in result.calls):
        _bypassed(result)
    _questions(result)
    if result.error is not None:
        _problem(result, again, where, as_json=as_json)
    if as_json:
        return
    if result.text:
        say(result.text[:MAX_TEXT])
    elif result.outcome == "completed":
        note("The user may not read the answer; --json prints it with its label.")


def _questions(result: Result) -> None:
    """How often a person was asked: who decides how the rules are to be should see it every time."""
    if result.questions:
        note("1 question was asked" if result.questions == 1 else f"{result.questions:,} questions were asked")


def _observed(result: Result) -> None:
    """The mode that blocks nothing says so every time, and what it would have stopped."""
    note("mode observe: nothing was blocked")
    for made in result.calls:
        if made.verdict != "allow":
            what = "denied" if made.verdict == "deny" else "put to a person"
            note(f"    call {made.index}, {made.tool}, would have been {what}: {', '.join(made.rules)}")


def _bypassed(result: Result) -> None:
    """What was let through, because somebody said so for a while."""
    for made in result.calls:
        if made.bypass:
            what = "denied" if made.verdict == "deny" else "put to a person"
            note(f"    call {made.index}, {made.tool}, was let through by {made.bypass}; it would have been {what}")


def _problem(result: Result, again: str | None, where: str, *, as_json: bool) -> None:
    error = result.error
    if result.diagnostics:
        code = error.code if isinstance(error, RingfenceError) else "E200"
        note(f"{result.outcome}: {code}\n{render_all(result.diagnostics, result.plan)}")
    elif isinstance(error, ApprovalRequired):
        _waiting(result, again, where, as_json=as_json)
    elif isinstance(error, RingfenceError):
        span = getattr(error, "span", None)
        place = f" (line {span.line})" if isinstance(span, Span) else ""
        note(f"{result.outcome}{place}:\n{problem(error)}")


def detail(result: Result) -> None:
    """What the user may know of a failure, and others may not: for a terminal, before which the user sits."""
    if result.detail:
        note("in detail, for the user only:")
        for line in lines(result.detail[:MAX_DETAIL]):
            note(f"    {line}")


def problem(error: RingfenceError) -> str:
    """An error as a person should read it; a denial with its reasons."""
    if isinstance(error, PolicyDenied) and isinstance(error.decision, Decision):
        return f"{error.code}: {error.decision.render()}"
    return error.render()


def _waiting(result: Result, again: str | None, where: str, *, as_json: bool) -> None:
    request = result.approval
    if request is None:
        return
    what = "the plan" if request.index == PLAN else "a call"
    note(f"waiting: P410: a person has to decide on {what}")
    if not as_json:  # who wants an object reads the preview with `approvals show`
        note(f"\n{request.preview.render()}\n")
    if again is None:
        note("The run was not kept. Run it in a terminal, with --approve all, or with --store PATH to decide later.")
        return
    note(
        f"Decide until {request.expires:%Y-%m-%d %H:%M} UTC: `ringfence approvals approve {request.id}{where}` "
        f"(or reject), then `{again} --resume {result.run_id}{where}`."
    )
