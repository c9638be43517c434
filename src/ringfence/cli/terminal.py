"""Asking a person in the terminal.

Its one rule: what is shown is the engine's own preview, and only a typed y is a yes. Keys that were pressed before
the question stood there do not count. Without a terminal nobody is asked.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterable
from typing import Final, final

from ringfence.cli.output import note
from ringfence.core.encoding import EncodingError, Json, canonical_json, loads
from ringfence.core.errors import ConfigError
from ringfence.guard.approval import PLAN, Answer, ApprovalRequest, ApproveAll, Approver
from ringfence.guard.visible import visible

_RULE: Final = "─" * 78
_HELP: Final = """\
y: make this call, as shown, once.            n: do not make it; the plan ends.
w: decide later; the run waits.               a: show all of it, nothing folded.
e: write another value for an argument. The call is then decided again, with your value."""
_PLAN_HELP: Final = """\
y: approve these calls as they are shown, each once. What is not known yet is asked about next.
n: do not start; the plan ends.               w: decide later; the run waits.
a: show all of it, nothing folded."""


@final
class TerminalApprover:
    """Shows the preview on stderr and reads the answer from the terminal."""

    def decide(self, request: ApprovalRequest) -> Answer | None:
        """A yes, a no, an edit, or None for "later" and for the end of the input."""
        whole, of_plan = False, request.index == PLAN
        for _ in range(5):
            note(f"\n{_RULE}\n{request.preview.render(whole=whole, columns=_columns())}\n{_RULE}")
            answer = ask("Approve the plan? [y/n/w/a/?] " if of_plan else "Make this call? [y/n/w/e/a/?] ")
            match None if answer is None else answer.strip().lower():
                case "y" | "yes":
                    return request.accept(who(), _taken(request)) if of_plan else request.approve(who())
                case "n" | "no":
                    return request.reject(who(), reason=(ask("Why? (Enter: no reason) ") or "").strip())
                case None | "w" | "wait" | "later":
                    return None
                case "a" | "all":
                    whole = True
                    continue
                case "e" | "edit" if not of_plan:
                    if (edit := _edit(request)) is not None:
                        return edit
                    continue
            note(_PLAN_HELP if of_plan else _HELP)
        return None


def _columns() -> int | None:
    """How wide the terminal is; None if it does not say."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or None
    except (OSError, ValueError, AttributeError):
        return None


def _taken(request: ApprovalRequest) -> tuple[str, ...]:
    """What is not known yet, taken by name: everything else is asked about in the run."""
    taken = []
    for name, call, argument in request.unseen():
        where = f"line {call.line}, {visible(call.tool)}: {argument.name}"
        answer = ask(f"{where} is not known yet: {visible(argument.text)[:200]}.\n  Take it unseen? [y/N] ")
        if answer is not None and answer.strip().lower() in ("y", "yes"):
            taken.append(name)
    return tuple(taken)


def _edit(request: ApprovalRequest) -> Answer | None:
    names = [argument.name for argument in request.preview.arguments if argument.editable]
    name = (ask(f"Which argument? [{', '.join(names)}] ") or "").strip()
    if name not in names:
        note("there is no such argument")
        return None
    text = ask(f"{name} = ")
    if text is None:
        return None
    try:
        return request.edit(who(), edits_of(request, [f"{name}={text.rstrip(chr(10))}"]))
    except ConfigError as problem:
        note(problem.render())
        return None


def edits_of(request: ApprovalRequest, written: Iterable[str]) -> dict[str, str]:
    """The values of `NAME=VALUE`: text for an argument that is text, JSON for another. ConfigError (C541)."""
    forms = {argument.name: argument.form for argument in request.preview.arguments if argument.editable}
    made: dict[str, str] = {}
    for one in written:
        name, equals, text = one.partition("=")
        if not equals or name not in forms:
            raise ConfigError(
                "an edit names no argument of the call", code="C541", hint=f"NAME=VALUE with {', '.join(forms)}"
            )
        made[name] = canonical_json(text if forms[name] == "text" else _json(name, text))
    return made


def _json(name: str, text: str) -> Json:
    try:
        return loads(text)
    except EncodingError:
        raise ConfigError(
            f"the new value of {name} is not JSON", code="C541", hint=f"""for example --edit '{name}=["a"]'"""
        ) from None


def who() -> str:
    """The name of the person at this machine, for the record."""
    try:
        return getpass.getuser()[:100]
    except (OSError, KeyError, ImportError):
        return "terminal"


def ask(question: str) -> str | None:
    """A line that is typed after the question stands there; None at the end of the input."""
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


def _webhook() -> Approver:
    from ringfence.connectors.webhook import Webhook
    from ringfence.guard.signed import secret_of

    first = os.environ.get("RINGFENCE_WEBHOOK_SECRET", "").partition(",")[0]
    url = os.environ.get("RINGFENCE_WEBHOOK_URL", "")
    return Webhook(url, secret_of(first), lambda what: note(f"the question could not be sent ({what}); it waits"))


def has_terminal() -> bool:
    """Whether a person can be asked: both the question and the answer have a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def approver_for(chosen: str | None) -> Approver | None:
    """The approver for `--approve`: everything, nobody, an address, or the person at the terminal, if there is one."""
    if chosen == "all":
        return ApproveAll()
    if chosen == "webhook":
        return _webhook()
    if chosen == "none" or not has_terminal():
        return None
    return TerminalApprover()
