"""`ringfence bypass start|list|stop`: for one tool and a short time nothing is stopped.

Its one rule: it is written down, in the store and in the audit, before it counts.
"""

from __future__ import annotations

import secrets

import click

from ringfence.cli import options
from ringfence.cli.approvals import where
from ringfence.cli.output import emit, note, say
from ringfence.cli.place import configuration
from ringfence.cli.standing import opened_store
from ringfence.cli.terminal import who
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.bypass import Bypass, made
from ringfence.guard.clock import now, ticks
from ringfence.guard.visible import visible
from ringfence.stores import Store, open_store


@click.group("bypass")
def command() -> None:
    """Stop nothing of one tool for a short time, on record."""


@command.command("start")
@click.option("--tool", required=True, metavar="NAME", help="The tool; there are no patterns.")
@click.option("--minutes", default=15, show_default=True, help="For how long, at most a day.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the record.")
@click.option("--by", metavar="NAME", help="Who says so (default: the name of your account).")
@where
def start(
    tool: str,
    minutes: int,
    reason: str,
    by: str | None,
    store: str | None,
    policy: str | None,
    workspace: str | None,
    as_json: bool,
) -> int:
    """Begin a bypass: until it ends, calls of the tool are decided and recorded, and none is stopped."""
    name = who() if by is None else by
    begun = made(
        f"bypass-{secrets.token_hex(4)}", tool, minutes=minutes, reason=reason, by=name, at=now(), ticks=ticks()
    )
    with _store(store, policy, workspace) as kept:
        kept.audit().append(begun.id, "bypass", {**begun.to_json(), "outcome": "started"}, durable=True)
        kept.bypasses().start(begun)
    return _shown(begun, as_json, f"began {begun.id}: nothing that {tool} does is stopped until {_time(begun)}")


@command.command("list")
@where
def list_(store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """All bypasses there ever were, oldest first."""
    with opened_store(store, policy, workspace) as kept:
        active = {one.id for one in kept.bypasses().active(now())}
        found = kept.bypasses().list()
    if as_json:
        emit([{**one.to_json(), "active": one.id in active} for one in found])
        return 0
    for one in found:
        state = "ACTIVE" if one.id in active else "ended"
        why = f"{visible(one.by)}: {visible(one.reason)}"
        say(f"{one.id}  {state:<6}  {visible(one.tool):<20} until {_time(one)}  {why}")
    if not found:
        note("nothing was ever bypassed")
    return 0


@command.command("stop")
@click.argument("id")
@where
def stop(id: str, store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """End a bypass now."""
    with _store(store, policy, workspace) as kept:
        ended = kept.bypasses().stop(id, now())
        if ended is None:
            raise ConfigError("there is no such bypass", code="C510", hint="`ringfence bypass list` names them")
        data: dict[str, Json] = {**ended.to_json(), "outcome": "stopped", "by": who()}
        kept.audit().append(ended.id, "bypass", data, durable=True)
    return _shown(ended, as_json, f"ended {ended.id}")


def _store(store: str | None, policy: str | None, workspace: str | None) -> Store:
    """The store, made if it is not there: a bypass may come before the first run."""
    place = options.store_of(configuration(policy, workspace), store)
    if place is None:
        raise ConfigError("there is no store", code="C509", hint="give --store PATH, or do it in a workspace")
    return open_store(place)


def _shown(bypass: Bypass, as_json: bool, text: str) -> int:
    if as_json:
        emit(bypass.to_json())
    else:
        say(text)
    return 0


def _time(bypass: Bypass) -> str:
    return f"{bypass.ends:%Y-%m-%d %H:%M} UTC"
