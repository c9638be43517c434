"""`ringfence exec PLAN`: run a plan from a file, without a planner.

Its one rule: with `--json` it prints one object of a stable shape, whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable

import click

from ringfence.cli import options
from ringfence.cli.loading import named_tools, read_given, read_plan
from ringfence.cli.output import emit, foreign_code
from ringfence.cli.show import detail, report
from ringfence.cli.status import BY_OUTCOME
from ringfence.cli.terminal import approver_for
from ringfence.config import Config
from ringfence.core.errors import ConfigError, PlanRejected, RingfenceError, RunError, ToolError
from ringfence.guard.ruleset import Mode
from ringfence.guard.tools import Tool
from ringfence.session.firewall import Firewall
from ringfence.session.result import Result


@click.command("exec")
@click.argument("plan", required=False)
@options.together(
    options.tools, options.given, options.policy, options.dialect, options.mode, options.approve,
    options.approve_plan, options.user, options.model, options.quarantine, options.store,
)  # fmt: skip
@click.option("--resume", metavar="RUN", help="Go on with a run that waited or was interrupted; needs --store.")
@options.as_json
def command(
    plan: str | None,
    tools: str | None,
    given: str | None,
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
    """Run the plan in the file PLAN ("-": stdin), as text or in its stored form."""
    kept_at = store
    try:
        config = options.configuration(policy)
        if store is None:
            # A new run is kept only where somebody said so; one to go on with is looked for where runs usually are.
            kept_at = config.store if resume is None else options.store_of(config, None)
        result = _run(
            plan, resume, given, named_tools(config, tools), config, kept_at,
            lambda config, found, place: Firewall(
                found, model, quarantine_model, config, mode, user, place, approver_for(approve), dialect=dialect,
                approve_plan=approve_plan,
            ),
        )  # fmt: skip
    except PlanRejected as rejected:
        result = Result("rejected", "", diagnostics=rejected.diagnostics, error=rejected, plan=rejected.text)
    except RingfenceError as problem:
        if as_json:
            emit(Result("rejected" if isinstance(problem, ConfigError) else "failed", "", error=problem).to_json())
        raise
    again = None if kept_at is None else "ringfence exec PLAN"
    report(result, as_json=as_json, again=again, where=options.told_again(store, policy))
    if as_json:
        emit(result.to_json())
    elif not _told_by_a_tool(result.error):
        detail(result)
    return BY_OUTCOME[result.outcome]


def _told_by_a_tool(error: object) -> bool:
    """Whether a tool failed: what it said is for the user's eyes, who need not be the one that runs a plan here."""
    return isinstance(error, ToolError) or (isinstance(error, RunError) and isinstance(error.__cause__, ToolError))


def _run(
    plan: str | None,
    resume: str | None,
    given: str | None,
    tools: list[Tool],
    config: Config,
    store: str | None,
    make: Callable[[Config, list[Tool], str | None], Firewall],
) -> Result:
    if plan is None and resume is None:
        raise ConfigError("there is no plan", hint="give PLAN, or --resume RUN")
    values = read_given(given, tools)
    read = None if plan is None else read_plan(plan)
    with foreign_code(), make(config, tools, store) as firewall:
        if resume is not None:
            return firewall.resume(resume, plan=read, given=None if given is None else values)
        assert read is not None
        return firewall.exec(read, values)
