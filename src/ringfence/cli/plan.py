"""`ringfence plan REQUEST`: the plan, its forecast and its data flow. Its one rule: nothing is called."""

from __future__ import annotations

from typing import Final, cast

import click

from ringfence.cli import options
from ringfence.cli.output import console, emit, foreign_code, note, problem_json, say
from ringfence.cli.place import opened
from ringfence.cli.run import announce, session
from ringfence.cli.show import problem
from ringfence.cli.status import DENIED, DONE
from ringfence.core.encoding import Json
from ringfence.core.errors import RingfenceError
from ringfence.guard.ruleset import Mode
from ringfence.session.report import error_json
from ringfence.session.setup import PlannedRun
from ringfence.stores import open_store

FORMATS: Final = ("text", "json", "mermaid", "svg", "html")


@click.command("plan")
@click.argument("request")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--workspace", metavar="DIR", help="The workspace (default: the working directory, if it is one).")
@options.together(
    options.tools, options.policy, options.dialect, options.mode, options.user, options.model, options.store
)
@options.as_json
def command(
    request: str,
    format_: str,
    workspace: str | None,
    tools: str | None,
    policy: str | None,
    dialect: str | None,
    mode: Mode | None,
    user: str | None,
    model: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Show the plan for the REQUEST, and what the policy will say, without running it."""
    as_json = as_json or format_ == "json"
    try:
        with opened(policy, workspace, tools) as place, open_store(options.store_of(place.config, store)) as kept:
            firewall = session(place, kept, None, mode=mode, user=user, model=model, dialect=dialect, quiet=True)
            announce(firewall)
            with firewall, foreign_code():
                planned = firewall.plan(request, today=place.today)
    except RingfenceError as failure:
        if as_json:
            emit({"outcome": "failed", "error": problem_json(failure)})
        raise
    if as_json:
        emit({**planned.to_json(), "error": cast(Json, error_json(planned.denial))})
    else:
        _show(planned, format_, request, firewall.policy.trusted)
    if planned.denial is not None:
        note(problem(planned.denial))
    return DONE if planned.denial is None else DENIED


def _show(planned: PlannedRun, format_: str, request: str, trusted: frozenset[str]) -> None:
    from ringfence.cli import graph

    picture = graph.draw(planned, trusted)
    match format_:
        case "mermaid":
            say(graph.mermaid(picture))
        case "svg":
            say(graph.svg(picture))
        case "html":
            say(graph.html(picture, planned, request, trusted))
        case _:
            from ringfence.cli.foretell import forecast_view, plan_view

            out = console(data=True)
            out.rule(f"Plan ({planned.checked.dialect}, {planned.plan_hash[:12]})", align="left", style="cyan")
            out.print(plan_view(planned.text))
            out.rule("Forecast", align="left", style="cyan")
            out.print(forecast_view(planned, trusted))
            out.rule("Data flow", align="left", style="cyan")
            out.print(graph.terminal(picture))
