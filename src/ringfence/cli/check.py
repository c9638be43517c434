"""`ringfence check PLAN`: check a plan and forecast it, without running anything.

Its one rule: what it prints with `--json` is a stored plan that `exec` takes.
"""

from __future__ import annotations

from typing import cast

import click

from ringfence.cli import options
from ringfence.cli.loading import named_tools, read_given, read_plan
from ringfence.cli.output import console, emit, note
from ringfence.cli.status import DENIED, DONE, USAGE
from ringfence.config import Config
from ringfence.core.diagnostics import render_all
from ringfence.core.encoding import Json
from ringfence.core.errors import PlanRejected
from ringfence.guard.ruleset import Mode
from ringfence.lang import unreachable
from ringfence.session.firewall import Firewall
from ringfence.session.report import diagnostic_json, error_json
from ringfence.session.setup import PlannedRun


@click.command("check")
@click.argument("plan")
@options.together(options.tools, options.given, options.policy, options.dialect, options.mode, options.user)
@options.as_json
def command(
    plan: str,
    tools: str | None,
    given: str | None,
    policy: str | None,
    dialect: str | None,
    mode: Mode | None,
    user: str | None,
    as_json: bool,
) -> int:
    """Check the plan in the file PLAN ("-": stdin) against the tools and the policy."""
    config: Config = options.configuration(policy)
    found = named_tools(config, tools)
    firewall = Firewall(found, policy=config, mode=mode, user=user, dialect=dialect)
    try:
        planned = firewall.check(read_plan(plan), read_given(given, found))
    except PlanRejected as rejected:
        if as_json:
            emit(
                {
                    "ok": False,
                    "diagnostics": [diagnostic_json(one) for one in rejected.diagnostics],
                    "error": cast(Json, error_json(rejected)),
                    "plan": None,
                    "plan_hash": None,
                    "forecast": [],
                }
            )
        note(f"rejected: {rejected.code}\n{render_all(rejected.diagnostics, rejected.text)}")
        return USAGE
    denial = planned.denial
    notes = unreachable(planned.plan)
    if as_json:
        told: list[Json] = [diagnostic_json(one) for one in notes]
        made: dict[str, Json] = {"ok": denial is None, "diagnostics": told, "error": cast(Json, error_json(denial))}
        emit({**made, **planned.to_json()})
    else:
        _show(planned, firewall.policy.trusted)
        if notes:
            note(render_all(notes, planned.plan.text))
    if denial is not None:
        note(denial.render())
    return DONE if denial is None else DENIED


def _show(planned: PlannedRun, trusted: frozenset[str]) -> None:
    from ringfence.cli.foretell import forecast_view

    out = console(data=True)
    out.print(f"The plan checks ({planned.checked.dialect}, {planned.plan_hash[:12]}).\n")
    out.print(forecast_view(planned, trusted))
