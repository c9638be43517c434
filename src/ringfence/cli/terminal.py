"""Asking a person in the terminal.

Its one rule: what is shown is the engine's own preview, and only a typed y is a yes. Keys that were pressed before
the question stood there do not count. Without a terminal nobody is asked.
"""

from __future__ import annotations

import os
import sys
from typing import Final, final

from ringfence.cli.output import note
from ringfence.guard.approval import Approval, ApprovalRequest, ApproveAll, Approver, Rejection

_RULE: Final = "─" * 78
_HELP: Final = "y: make this call, as shown, once.  n: do not make it; the plan ends.  w: decide later; the run waits."


@final
class TerminalApprover:
    """Shows the preview on stderr and reads y, n or w from the terminal."""

    def decide(self, request: ApprovalRequest) -> Approval | Rejection | None:
        """A yes, a no, or None for "later" and for the end of the input."""
        note(f"\n{_RULE}\n{request.preview.render()}\n{_RULE}")
        for _ in range(5):
            answer = _ask("Make this call? [y/n/w/?] ")
            if answer is None:
                return None
            match answer.strip().lower():
                case "y" | "yes":
                    return request.approve("terminal")
                case "n" | "no":
                    return request.reject("terminal")
                case "w" | "wait" | "later":
                    return None
            note(_HELP)
        return None


def _ask(question: str) -> str | None:
    _forget_typed_ahead()
    sys.stderr.write(question)
    sys.stderr.flush()
    # Not sys.stdin: the engine's thread, which asks, would hold its lock when the process is interrupted.
    line = os.read(sys.stdin.fileno(), 4096).decode("utf-8", "replace")
    return line if line else None


def _forget_typed_ahead() -> None:
    try:
        import termios

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    except (ImportError, OSError, ValueError, AttributeError):
        return  # not a terminal after all: then nobody has typed ahead


def has_terminal() -> bool:
    """Whether a person can be asked: both the question and the answer have a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def approver_for(chosen: str | None) -> Approver | None:
    """The approver for `--approve`: everything, nobody, or the person at the terminal, if there is one."""
    if chosen == "all":
        return ApproveAll()
    if chosen == "none" or not has_terminal():
        return None
    return TerminalApprover()
