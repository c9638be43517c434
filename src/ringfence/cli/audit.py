"""`ringfence audit list|show|verify|export`: what happened, from the hash-chained record.

Its one rule: it reads and never writes; what does not verify is said first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Final, cast

import click

from ringfence.cli import options
from ringfence.cli.output import emit, note, say
from ringfence.cli.standing import opened_store
from ringfence.cli.status import DONE, FAILED
from ringfence.core.encoding import Json
from ringfence.core.errors import AuditError, ConfigError
from ringfence.guard.audit import AuditRecord, Verification
from ringfence.guard.visible import visible

_where = options.together(
    options.store,
    options.policy,
    click.option("--workspace", metavar="DIR", help="The workspace (default: the working directory, if it is one)."),
    options.as_json,
)
_SHOWN: Final = ("tool", "verdict", "state", "outcome", "code", "rules", "role", "mode", "by", "reason")


@click.group("audit")
def command() -> None:
    """What happened."""


@command.command("list")
@_where
def list_(store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """The runs, oldest first, with what became of them."""
    with opened_store(store, policy, workspace) as kept:
        rows = _runs(kept.audit().records())
    if as_json:
        emit(cast(Json, rows))
        return DONE
    for row in rows:
        ended = "(not ended)" if row["outcome"] is None else row["outcome"]
        say(f"{row['run']}  {row['began']}  {ended:<11}  {row['calls']} calls, {row['records']} records")
    if not rows:
        note("nothing has been recorded yet")
    return DONE


def _runs(records: Iterable[AuditRecord]) -> list[dict[str, object]]:
    began: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    counts: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for record in records:
        if record.kind == "bypass":  # of no run
            continue
        began.setdefault(record.run, record.time[:19])
        counts[record.run] += 1
        data = _data(record)
        if record.kind == "end":
            outcomes[record.run] = str(data.get("outcome"))
        calls[record.run] += record.kind == "call" and data.get("state") in ("done", "failed")
    return [
        {"run": run, "began": at, "outcome": outcomes.get(run), "calls": calls[run], "records": counts[run]}
        for run, at in began.items()
    ]


@command.command("show")
@click.argument("run")
@_where
def show(run: str, store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """The records of a RUN (or its beginning), or the one record with that number."""
    with opened_store(store, policy, workspace) as kept:
        found = [one for one in kept.audit().records() if one.run.startswith(run) or run == f"{one.number}"]
    if not found:
        raise ConfigError("there is no such run and no such record", code="C510", hint="`ringfence audit list`")
    if as_json:
        emit([record_json(one) for one in found])
        return DONE
    for one in found:
        say(f"{one.number:>5}  {one.time[:19]}  {one.kind:<9} {_summary(_data(one))}")
    return DONE


def _summary(data: dict[str, Json]) -> str:
    parts = []
    for key in _SHOWN:
        found = data.get(key)
        if isinstance(found, list):
            found = ", ".join(str(item) for item in found)
        if found is not None and found != "":
            parts.append(f"{key} {visible(str(found))}")
    return "; ".join(parts)


@command.command("verify")
@_where
def verify(store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """Whether all records are there, unchanged and in order."""
    with opened_store(store, policy, workspace) as kept:
        audit = kept.audit()
        found, head = audit.verify(), audit.head()
    if as_json:
        emit(
            {
                "ok": found.ok,
                "records": found.count,
                "bad": found.bad,
                "problem": found.problem,
                "head": head.hash,
            }
        )
    if found.ok:
        if not as_json:
            say(f"the audit verifies: {found.count} records, head {head.hash}")
        return DONE
    note(_broken(found).render())
    return FAILED


def _broken(found: Verification) -> AuditError:
    place = "its end" if found.bad is None else f"record {found.bad}"
    return AuditError(
        f"the audit does not verify at {place}: {found.problem}",
        code="E371",
        hint="keep the file, do not write to it, and find out who changed it",
    )


@command.command("export")
@click.option("--run", metavar="RUN", help="Only the records of one run.")
@_where
def export(run: str | None, store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """All records as JSON lines, last the head of the chain, to be kept elsewhere. With --json one array."""
    with opened_store(store, policy, workspace) as kept:
        audit = kept.audit()
        records = [record_json(one) for one in audit.records(run)]
        head = audit.head()
    last: dict[str, Json] = {"head": {"count": head.count, "hash": head.hash}}
    if as_json:
        emit([*records, last])
    else:
        for record in records:
            emit(record)
        emit(last)
    return DONE


def record_json(record: AuditRecord) -> Json:
    """A record as an object. `data` is as it was written, `text` the exact text that was hashed."""
    return {
        "number": record.number,
        "time": record.time,
        "run": record.run,
        "kind": record.kind,
        "data": cast(Json, _data(record)),
        "text": record.data,
        "previous": record.previous,
        "hash": record.hash,
    }


def _data(record: AuditRecord) -> dict[str, Json]:
    """The content of a record; empty if it is damaged, which `verify` tells."""
    try:
        found = json.loads(record.data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
