"""What is printed where: data on stdout, everything else on stderr.

Its one rule: stdout belongs to the data. While tools or other foreign code run, whatever they print goes to stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING, Final, TextIO

from ringfence.cli.status import DENIED, FAILED, USAGE, WAITING, ReaderGone
from ringfence.core.encoding import Json, dumps
from ringfence.core.errors import (
    ApprovalExpired,
    ApprovalRefused,
    ApprovalRequired,
    ConfigError,
    PlanRejected,
    PolicyDenied,
    Refused,
    RingfenceError,
)

if TYPE_CHECKING:
    from rich.console import Console

WIDTH: Final = 100


def emit(obj: Json, *, indent: int | None = None) -> None:
    """Print an object as JSON on stdout."""
    say(dumps(obj, indent=indent))


def say(text: str) -> None:
    """Print text on stdout."""
    _write(sys.stdout, text)


def note(text: str) -> None:
    """Print text on stderr. That nobody can read it is no reason to fail."""
    with suppress(OSError, ValueError, ReaderGone):
        _write(sys.stderr, text)


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # closed by whoever started us
        return
    try:
        stream.write(text + "\n")
        stream.flush()
    except BrokenPipeError:
        raise ReaderGone from None


def console(*, data: bool = False) -> Console:
    """A rich console on stderr, or on stdout for data. Without a terminal it prints plain text, 100 columns wide."""
    from rich.console import Console

    stream = sys.stdout if data else sys.stderr
    terminal = stream is not None and stream.isatty()
    return Console(
        file=open(os.devnull, "w") if stream is None else stream,
        width=None if terminal else WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def complain(problem: RingfenceError) -> None:
    """Say on stderr what is wrong, with its code, every diagnostic, and what to do."""
    note(problem.render())
    if isinstance(problem, ConfigError):
        for one in problem.diagnostics[1:]:
            note(f"{one.code} column {one.span.column}: {one.message}" + (f" ({one.hint})" if one.hint else ""))


def problem_json(problem: RingfenceError) -> dict[str, Json]:
    """An error as an object, for commands that have no result to put it in."""
    return {
        "code": problem.code,
        "kind": type(problem).__name__,
        "message": problem.message,
        "hint": problem.hint,
    }


def status_of_error(problem: RingfenceError | ApprovalRequired) -> int:
    """The exit status of a command that ended with this error."""
    if isinstance(problem, (ConfigError, PlanRejected)):
        return USAGE
    if isinstance(problem, (PolicyDenied, ApprovalRefused, ApprovalExpired, Refused)):
        return DENIED
    return WAITING if isinstance(problem, ApprovalRequired) else FAILED


@contextmanager
def foreign_code() -> Iterator[None]:
    """While this is open, stdout is stderr for everybody: for `print` in a tool, and for programs that tools start."""
    kept = _redirected()
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if kept is not None:
            os.dup2(kept, 1)
            os.close(kept)


def _redirected() -> int | None:
    """Point the descriptor 1 to stderr and return a copy of what it was; None where stdout is not a descriptor."""
    try:
        if sys.stdout.fileno() != 1 or sys.stderr.fileno() != 2:
            return None
        sys.stdout.flush()
        kept = os.dup(1)
    except (AttributeError, OSError, ValueError):
        return None
    os.dup2(2, 1)
    return kept
