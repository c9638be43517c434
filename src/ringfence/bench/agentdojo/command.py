"""`ringfence bench agentdojo`. Its one rule: progress on stderr, figures on stdout."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import click

from ringfence.bench.agentdojo import modelled_report, report
from ringfence.bench.agentdojo.injecting import IMPORTANT
from ringfence.bench.agentdojo.modelled import Modelled, require
from ringfence.bench.agentdojo.study import Row, Settings, Work, study
from ringfence.bench.agentdojo.suites import SUITES, VERSION
from ringfence.bench.agentdojo.sweep import Human, Rules, Strength
from ringfence.cli import options
from ringfence.cli.output import emit, note, say
from ringfence.cli.status import DONE
from ringfence.core.encoding import Json

RULES: Final = ("off", "none", "packs", "default", "strict")
HUMANS: Final = ("nobody", "careful", "always")


@click.command("agentdojo")
@click.option("--suite", "suites", multiple=True, type=click.Choice(SUITES), help="Default: all four.")
@click.option("--task", "tasks", multiple=True, metavar="NAME", help="Such as user_task_3. Default: all.")
@click.option("--rules", multiple=True, type=click.Choice(RULES), default=("default",))
@click.option("--human", "humans", multiple=True, type=click.Choice(HUMANS), default=("nobody",))
@click.option(
    "--turns", default=12, show_default=True, help="Without a model: the attacker's tries on each pair; 0: none."
)
@click.option(
    "--hostile", "strengths", multiple=True, type=click.Choice(("all", "injected")), default=("all",),
    help="Without a model: which readings are the attacker's.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Without a model: all rules, all humans, both strengths.")
@click.option("--model", metavar="NAME", help="Have a model plan: PROVIDER:NAME or PROVIDER:NAME@URL.")
@options.quarantine
@click.option("--undefended", is_flag=True, help="With a model: also the same model in a loop without a defence.")
@click.option(
    "--attack", "attacks", multiple=True, metavar="NAME",
    help=f"With a model: an attack of the benchmark. Default: {IMPORTANT}; none: no attack.",
)  # fmt: skip
@click.option("--goal", "goals", multiple=True, metavar="NAME", help="With a model: such as injection_task_3.")
@click.option(
    "--delegate", is_flag=True, help="With a model: plans may let a text give the orders, if a person agrees."
)
@click.option("--again", is_flag=True, help="With a model: run again what failed because the provider did.")
@click.option("--config", metavar="FILE", help="With a model: a configuration with the prices in [spending.prices].")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes (default: processors).")
@click.option("--out", metavar="DIR", help="Keep rows and report.html there; go on with what is there already.")
@options.as_json
def command(
    suites: tuple[str, ...],
    tasks: tuple[str, ...],
    rules: tuple[str, ...],
    humans: tuple[str, ...],
    turns: int,
    strengths: tuple[str, ...],
    everything: bool,
    model: str | None,
    quarantine_model: str | None,
    undefended: bool,
    attacks: tuple[str, ...],
    goals: tuple[str, ...],
    delegate: bool,
    again: bool,
    config: str | None,
    jobs: int,
    out: str | None,
    as_json: bool,
) -> int:
    """AgentDojo: without a model, reviewed plans against the strongest attacker; with one, the benchmark's attacks."""
    folder = None if out is None else Path(out)
    some, of_humans = suites or SUITES, cast("tuple[Human, ...]", HUMANS if everything else humans)
    of_rules = cast("tuple[Rules, ...]", RULES if everything else rules)
    if model is None:
        _only_with_a_model(
            undefended=undefended,
            attack=attacks,
            goal=goals,
            delegate=delegate,
            again=again,
            quarantine_model=quarantine_model,
        )
        hostile = cast("tuple[Strength, ...]", ("all", "injected") if everything else strengths)
        found = report.figures(_rows(Settings(some, tasks, of_rules, of_humans, hostile, turns), folder, jobs))
        return _show(found, report.text(found), report.html(found), folder, as_json=as_json)
    if "careful" in humans or everything:
        raise click.UsageError("--human careful and --all need the reviewed plans, so they go without --model")
    prices = options.configuration(config).spending.prices
    work = Modelled(
        some, tasks, model, quarantine_model, ("ringfence", "undefended") if undefended else ("ringfence",),
        tuple(name for name in attacks or (IMPORTANT,) if name != "none"), goals, of_rules, of_humans,
        tuple((name, price.input, price.output) for name, price in prices.items()), delegate,
    )  # fmt: skip
    work.units()  # what is wrong in a name is said before a model is looked for
    require((model, quarantine_model))
    found = modelled_report.figures(_rows(work, folder, jobs, lambda row: again and bool(row.get("provider"))))
    about = f"Benchmark {VERSION}; planner {model}, quarantined model {quarantine_model or model}."
    return _show(found, modelled_report.text(found), modelled_report.html(found, about), folder, as_json=as_json)


def _only_with_a_model(**given: object) -> None:
    for name, value in given.items():
        if value:
            raise click.UsageError(f"--{name.replace('_', '-')} is about a model: give --model")


def _rows(work: Work, folder: Path | None, jobs: int, again: Callable[[Row], bool] = lambda row: False) -> list[Row]:
    """All rows of a study, with its progress on stderr."""
    rows: list[Row] = []
    try:
        for done, whole, some in study(work, folder, jobs, again):
            rows += some
            failed = sum(bool(row.get("provider")) for row in rows)
            note(f"{done} of {whole} done" + (f", {failed} failed because the provider did" if failed else ""))
    except KeyboardInterrupt:
        note("what is done is kept: the same command goes on" if folder else "nothing is kept without --out")
        raise
    return rows


def _show(found: dict[str, Any], text: str, html: str, folder: Path | None, *, as_json: bool) -> int:
    if folder is not None:
        (folder / "report.html").write_text(html, "utf-8")
        note(f"the report is in {folder / 'report.html'}")
    if as_json:
        emit(cast(Json, found))
    else:
        say(text)
    return DONE
