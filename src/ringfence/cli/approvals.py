"""`ringfence approvals list|show|approve|reject|serve`: the questions that runs wait for.

Its one rule: who approves is shown the engine's preview of exactly the call that will be made.
"""

from __future__ import annotations

import os
import socket
from contextlib import closing
from datetime import datetime
from typing import cast

import click

from ringfence.cli import options
from ringfence.cli.output import emit, note, say
from ringfence.cli.standing import opened_store
from ringfence.cli.terminal import edits_of, who
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.approval import PLAN, REQUEST, Answer, ApprovalRequest, Approvals, Stored, now
from ringfence.guard.signed import secret_of
from ringfence.guard.visible import visible

where = options.together(
    options.store,
    options.policy,
    click.option("--workspace", metavar="DIR", help="The workspace (default: the working directory, if it is one)."),
    options.as_json,
)
_which = click.argument("which", nargs=-1, required=True, metavar="ID | RUN CALL")
_by = click.option("--by", metavar="NAME", help="Who decides (default: the name of your account).")
_reason = click.option("--reason", default="", metavar="TEXT", help="Why, for the record.")


@click.group("approvals")
def command() -> None:
    """Questions that runs wait for."""


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are decided.")
@where
def list_(everything: bool, store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """The questions that wait, oldest first."""
    with opened_store(store, policy, workspace) as kept:
        found = kept.approvals().list(None if everything else "pending")
    if as_json:
        emit([stored_json(one) for one in found])
        return 0
    for one in found:
        request = one.request
        call = {PLAN: "the plan", REQUEST: "the request"}.get(request.index, f"call {request.index}")
        place = f"run {request.run}, {call}"
        say(f"{request.id}  {state_of(one):<9} {visible(request.tool):<20} {place}  until {_time(request.expires)}")
    if not found:
        note("no question waits")
    return 0


@command.command("show")
@_which
@where
def show(which: tuple[str, ...], store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """The call that a question is about, all of it: by the question's ID, or by RUN and CALL (its index, or "plan")."""
    with opened_store(store, policy, workspace) as kept:
        found = _found(kept.approvals(), which)
    if as_json:
        emit(stored_json(found))
        return 0
    request = found.request
    say(f"{request.id}: {state_of(found)}{_by_whom(found)}, run {request.run}, until {_time(request.expires)}\n")
    say(request.preview.render(whole=True))
    for name, call, argument in request.unseen():
        say(f"\nto take {argument.name} of line {call.line} unseen: --unseen {name}")
    return 0


@command.command("approve")
@_which
@click.option("--only-once", is_flag=True, help="Do not vouch for the values: ask again about the same ones.")
@click.option("--edit", "edits", multiple=True, metavar="NAME=VALUE", help="Not a yes: your value, decided again.")
@click.option("--unseen", multiple=True, metavar="NAME", help="Of a plan: an argument that is taken unseen.")
@_by
@_reason
@where
def approve(
    which: tuple[str, ...],
    only_once: bool,
    edits: tuple[str, ...],
    unseen: tuple[str, ...],
    by: str | None,
    reason: str,
    store: str | None,
    policy: str | None,
    workspace: str | None,
    as_json: bool,
) -> int:
    """Say yes to a question: this call, with these arguments, once. By its ID, or by RUN and CALL."""
    name = who() if by is None else by
    with opened_store(store, policy, workspace) as kept:
        approvals = kept.approvals()
        request = _found(approvals, which).request
        answer = _yes(request, name, reason, only_once, edits, unseen)
        after = approvals.decide(request.id, answer, now())
    return _decided(after, as_json, options.told_again(store, policy), options.told_again(store, policy, workspace))


@command.command("reject")
@_which
@_by
@_reason
@where
def reject(
    which: tuple[str, ...],
    by: str | None,
    reason: str,
    store: str | None,
    policy: str | None,
    workspace: str | None,
    as_json: bool,
) -> int:
    """Say no to a question, which is final for its plan."""
    with opened_store(store, policy, workspace) as kept:
        approvals = kept.approvals()
        request = _found(approvals, which).request
        after = approvals.decide(request.id, request.reject(who() if by is None else by, reason=reason), now())
    return _decided(after, as_json, options.told_again(store, policy), options.told_again(store, policy, workspace))


@command.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8931, show_default=True, help="0: any that is free.")
@where
def serve(host: str, port: int, store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """Receive signed answers: POST /answers. The secret is in RINGFENCE_WEBHOOK_SECRET."""
    secrets = [secret_of(one) for one in os.environ.get("RINGFENCE_WEBHOOK_SECRET", "").split(",")]
    try:
        import uvicorn

        from ringfence.server.answers import answers_app
    except ImportError:
        raise ConfigError(
            "the parts of a server are not installed", code="C543", hint="pip install 'ringfence[serve]'"
        ) from None
    with opened_store(store, policy, workspace) as kept, closing(_listening(host, port)) as listener:
        name, number = listener.getsockname()[:2]
        emit({"host": name, "port": number}) if as_json else say(
            f"waiting for answers at http://{name}:{number}/answers"
        )
        config = uvicorn.Config(answers_app(kept, secrets), log_level="warning", lifespan="off")
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except (OSError, OverflowError) as problem:
        raise ConfigError(
            f"nothing can listen there ({type(problem).__name__})", code="C543", hint="--port 0 takes any that is free"
        ) from None


def _yes(
    request: ApprovalRequest, by: str, reason: str, only_once: bool, edits: tuple[str, ...], unseen: tuple[str, ...]
) -> Answer:
    if edits:
        if request.index == PLAN:
            raise ConfigError("a plan has no arguments to edit", code="C541", hint="approve it, or reject it")
        return request.edit(by, edits_of(request, edits), reason=reason)
    if request.index != PLAN:
        if unseen:
            raise ConfigError("everything of this call is known", code="C541", hint="leave out --unseen")
        return request.approve(by, endorse=not only_once, reason=reason)
    if not set(unseen) <= set(request.endorsable):
        known = ", ".join(request.endorsable) if request.endorsable else "none"
        raise ConfigError("--unseen names nothing of this plan", code="C541", hint=f"there are: {known}")
    return request.accept(by, unseen, reason=reason)


def _decided(after: Stored, as_json: bool, executed: str, ran: str) -> int:
    request = after.request
    note(request.preview.render(whole=True))
    if as_json:
        emit(stored_json(after))
        return 0
    resume = f"--resume {request.run}"
    again = f"; go on with `ringfence run {resume}{ran}` or `ringfence exec PLAN {resume}{executed}`"
    if after.state == "edited":
        again = f" ({', '.join(after.edits)}): no approval, the call is decided again with it{again}"
    say(f"{after.state} {request.id}{'' if after.state == 'rejected' else again}")
    return 0


def _found(approvals: Approvals, which: tuple[str, ...]) -> Stored:
    if len(which) == 1:
        if (found := approvals.get(which[0])) is not None:
            return found
    elif len(which) == 2 and (which[1] == "plan" or which[1].isdecimal()):
        index = PLAN if which[1] == "plan" else int(which[1])
        asked = [one for one in approvals.list(run=which[0]) if one.request.index == index]
        if asked:  # of several (a call that was edited is asked about again) the last is the one that matters
            return next((one for one in asked if one.state == "pending"), asked[-1])
    raise ConfigError("there is no such question", code="C510", hint="`ringfence approvals list` names them")


def state_of(one: Stored) -> str:
    """The state for people: whoever waits too long is told so before anybody writes it down."""
    return "expired" if one.state == "pending" and one.request.expires <= now() else one.state


def _by_whom(one: Stored) -> str:
    reason = f" ({visible(one.reason)})" if one.reason else ""
    return "" if one.by is None else f" by {visible(one.by)}{reason}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def stored_json(one: Stored) -> Json:
    """A question for programs."""
    request = one.request
    return {
        "id": request.id,
        "state": state_of(one),
        "run": request.run,
        "plan_hash": request.plan_hash,
        "index": request.index,
        "tool": request.tool,
        "digest": request.digest,
        "rules": [*request.rules],
        "preview": cast(Json, request.preview.to_json()),
        "unseen": [name for name, _, _ in request.unseen()],
        "expires": request.expires.isoformat(),
        "by": one.by,
        "decided": None if one.decided is None else one.decided.isoformat(),
        "reason": one.reason,
        "edited": [*one.edits],
    }
