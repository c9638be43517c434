"""`ringfence run REQUEST`: the main job, shown as it happens.

Its one rule: the answer goes to stdout, all that is shown on the way to stderr; with `--json` stdout is one object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from ringfence.cli import options
from ringfence.cli.output import console, emit, foreign_code, note, problem_json
from ringfence.cli.place import Place, opened
from ringfence.cli.show import detail, report
from ringfence.cli.status import BY_OUTCOME
from ringfence.cli.terminal import approver_for
from ringfence.core.encoding import Json
from ringfence.core.errors import RingfenceError
from ringfence.guard.approval import Approver
from ringfence.guard.ruleset import Mode
from ringfence.session.firewall import Firewall
from ringfence.session.result import Result
from ringfence.stores import Store, open_store

if TYPE_CHECKING:
    from ringfence.cli.live import LiveView

MAX_VERIFIED = 50_000


@click.command("run")
@click.argument("request", required=False)
@click.option("--workspace", metavar="DIR", help="The workspace (default: the working directory, if it is one).")
@options.together(
    options.tools, options.policy, options.dialect, options.mode, options.approve, options.approve_plan,
    options.user, options.model, options.quarantine, options.store,
)  # fmt: skip
@click.option("--resume", metavar="RUN", help="Go on with a run that waited or was interrupted.")
@options.as_json
def command(
    request: str | None,
    workspace: str | None,
    tools: str | None,
    policy: str | None,
    dialect: str | None,
    mode: Mode | None,
    approve: str | None,
    approve_plan: bool,
    user: str | None,
    model: str | None,
    quarantine_model: str | None,
    store: str | None,
    resume: str | None,
    as_json: bool,
) -> int:
    """Plan the REQUEST, run the plan under the policy, and answer."""
    if (request is None) == (resume is None):
        raise click.UsageError("give a REQUEST, or --resume RUN")
    try:
        with opened(policy, workspace, tools) as place, open_store(options.store_of(place.config, store)) as kept:
            firewall = session(
                place, kept, approver_for(approve), mode=mode, user=user, model=model,
                quarantine=quarantine_model, dialect=dialect, quiet=as_json, approve_plan=approve_plan,
            )  # fmt: skip
            with firewall, foreign_code():
                if request is not None:
                    announce(firewall)
                    result = firewall.run(request, today=place.today)
                else:
                    result = _resumed(firewall, resume)
            kept_at = options.store_of(place.config, store)
            where = options.told_again(store, policy, workspace)
            report(result, as_json=as_json, again=None if kept_at is None else "ringfence run", where=where)
            if not as_json:
                detail(result)
            audit = audited(kept, result.run_id, kept_at)
    except RingfenceError as problem:
        if as_json:
            emit({"outcome": "failed", "error": problem_json(problem)})
        raise
    if as_json:
        emit(run_json(result, firewall, audit))
    else:
        note(audit_line(audit))
    return BY_OUTCOME[result.outcome]


def _resumed(firewall: Firewall, run: str | None) -> Result:
    assert run is not None
    return firewall.resume(run)


def session(
    place: Place,
    store: Store,
    approver: Approver | None,
    *,
    mode: Mode | None = None,
    user: str | None = None,
    model: str | None = None,
    quarantine: str | None = None,
    dialect: str | None = None,
    quiet: bool = False,
    view: LiveView | None = None,
    approve_plan: bool = False,
) -> Firewall:
    """A firewall around a place, which shows what happens unless it is `quiet`."""
    from ringfence.cli.live import LiveView

    effective = place.config.mode if mode is None else mode
    if view is None and not quiet:
        view = LiveView(console(), place.config.trusted, effective)
    return Firewall(
        place.tools, model, quarantine, place.config, effective, user, store, approver, dialect=dialect, watcher=view,
        approve_plan=approve_plan,
    )  # fmt: skip


def announce(firewall: Firewall) -> None:
    """Say which models are used; of the stand-in, what it is."""
    named = firewall.models.named()
    if named.offline:
        from ringfence.llm.offline import ANNOUNCEMENT

        note(click.wrap_text(ANNOUNCEMENT, 96))
    else:
        note(f"planner {named.planner}, quarantined model {named.quarantine} ({named.source})")


def run_json(result: Result, firewall: Firewall, audit: dict[str, Json]) -> Json:
    """The object of `exec --json`, and what only a request has."""
    named = firewall.models.named()
    models: Json = {"planner": str(named.planner), "quarantine": str(named.quarantine)}
    forecast: Json = [] if result.forecast is None else result.forecast.to_json()
    more: dict[str, Json] = {"run": result.run_id, "mode": result.mode, "models": models, "text": result.text}
    more["questions"] = result.questions
    more |= {"plan": result.plan, "plan_hash": result.plan_hash, "forecast": forecast, "audit": cast(Json, audit)}
    usage: dict[str, Json] = {role: used.to_json() for role, used in result.usage.items()}
    more |= {"usage": usage, "rounds": result.rounds, "bits": round(result.bits, 2)}
    more["citations"] = [*result.citations]
    if result.approval is not None:
        more["approval"] = result.approval.id
    return {**result.to_json(), **more}


def audited(store: Store, run: str, place: str | None) -> dict[str, Json]:
    """Where the audit is, and whether it verifies (null: too long to do it after every run)."""
    audit = store.audit()
    records = sum(1 for _ in audit.records(run)) if run else 0
    head = audit.head()
    verified = audit.verify().ok if head.count <= MAX_VERIFIED else None
    return {"store": place, "records": records, "count": head.count, "head": head.hash, "verified": verified}


def audit_line(audit: dict[str, Json]) -> str:
    """The same for a person."""
    where = "in memory only (--store keeps it)" if audit["store"] is None else str(audit["store"])
    words = {True: "it verifies", False: "IT DOES NOT VERIFY: `ringfence audit verify`", None: "not verified now"}
    verified = words[cast("bool | None", audit["verified"])]
    return f"audit: {where}: {audit['records']} records of this run, {audit['count']} in all, {verified}"
