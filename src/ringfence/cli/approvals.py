"""`ringfence approvals list|show|approve|reject`: the questions that runs wait for.

Its one rule: who approves is shown the engine's preview of exactly the call that will be made.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import click

from ringfence.cli import options
from ringfence.cli.output import emit, note, say
from ringfence.cli.place import configuration
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.approval import Approval, Approvals, ApprovalState, Rejection, Stored, now
from ringfence.stores import Store, open_store

_where = options.together(
    options.store,
    options.policy,
    click.option("--workspace", metavar="DIR", help="The workspace (default: the working directory, if it is one)."),
    options.as_json,
)


def opened_store(store: str | None, policy: str | None, workspace: str | None) -> Store:
    """The store of a command that only makes sense with one that is there. ConfigError (C509), AuditError."""
    from pathlib import Path

    place = options.store_of(configuration(policy, workspace), store)
    if place is None:
        raise ConfigError(
            "there is no store", code="C509", hint="give --store PATH, or do it in a workspace or with --workspace DIR"
        )
    if "://" not in place and not Path(place).exists():
        raise ConfigError(f"there is no store at {place}", code="C509", hint="nothing has been run there yet")
    return open_store(place)


@click.group("approvals")
def command() -> None:
    """Questions that runs wait for."""


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are decided.")
@_where
def list_(everything: bool, store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """The questions that wait, oldest first."""
    with opened_store(store, policy, workspace) as kept:
        found = kept.approvals().list(None if everything else "pending")
    if as_json:
        emit([_json(one) for one in found])
        return 0
    for one in found:
        request = one.request
        say(f"{request.id}  {_state(one):<9} {request.tool:<20} run {request.run}  until {_time(request.expires)}")
    if not found:
        note("no question waits")
    return 0


@command.command("show")
@click.argument("id")
@_where
def show(id: str, store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """The call that the question ID is about."""
    with opened_store(store, policy, workspace) as kept:
        found = _found(kept.approvals(), id)
    if as_json:
        emit(_json(found))
    else:
        say(f"{found.request.id}: {_state(found)}, run {found.request.run}, until {_time(found.request.expires)}\n")
        say(found.request.preview.render())
    return 0


@command.command("approve")
@click.argument("id")
@click.option("--only-once", is_flag=True, help="Do not vouch for the values: ask again about the same ones.")
@_where
def approve(id: str, only_once: bool, **where: Any) -> int:
    """Say yes to the question ID: this call, with these arguments, once."""
    return _decide(id, "approved", endorse=not only_once, **where)


@command.command("reject")
@click.argument("id")
@_where
def reject(id: str, **where: Any) -> int:
    """Say no to the question ID, which is final for its plan."""
    return _decide(id, "rejected", endorse=False, **where)


def _decide(
    id: str,
    what: ApprovalState,
    *,
    endorse: bool,
    store: str | None,
    policy: str | None,
    workspace: str | None,
    as_json: bool,
) -> int:
    with opened_store(store, policy, workspace) as kept:
        approvals = kept.approvals()
        request = _found(approvals, id).request
        answer: Approval | Rejection = (
            request.approve("command-line", endorse=endorse) if what == "approved" else request.reject("command-line")
        )
        after = approvals.decide(request.id, answer, now())
    note(request.preview.render())
    if as_json:
        emit(_json(after))
    else:
        again = f"; go on with `ringfence run --resume {request.run}` or `ringfence exec PLAN --resume {request.run}`"
        say(f"{what} {request.id}{again if what == 'approved' else ''}")
    return 0


def _found(approvals: Approvals, id: str) -> Stored:
    found = approvals.get(id)
    if found is None:
        raise ConfigError("there is no such question", code="C510", hint="`ringfence approvals list` names them")
    return found


def _state(one: Stored) -> str:
    return "expired" if one.state == "pending" and one.request.expires <= now() else one.state


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _json(one: Stored) -> Json:
    request = one.request
    return {
        "id": request.id,
        "state": _state(one),
        "run": request.run,
        "plan_hash": request.plan_hash,
        "index": request.index,
        "tool": request.tool,
        "rules": [*request.rules],
        "preview": cast(Json, request.preview.to_json()),
        "expires": request.expires.isoformat(),
        "by": one.by,
        "decided": None if one.decided is None else one.decided.isoformat(),
    }
