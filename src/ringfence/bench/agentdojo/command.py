"""`ringfence bench agentdojo`. Its one rule: progress on stderr, figures on stdout."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, cast

import click

from ringfence.bench.agentdojo.report import figures, html, text
from ringfence.bench.agentdojo.study import Row, Settings, study
from ringfence.bench.agentdojo.suites import SUITES
from ringfence.bench.agentdojo.sweep import Human, Rules, Strength
from ringfence.cli.output import emit, note, say
from ringfence.cli.status import DONE
from ringfence.core.encoding import Json

RULES: Final = ("off", "none", "packs", "default", "strict")
HUMANS: Final = ("nobody", "careful", "always")


@click.command("agentdojo")
@click.option("--suite", "suites", multiple=True, type=click.Choice(SUITES), help="Default: all four.")
@click.option("--task", "tasks", multiple=True, metavar="NAME", help="Such as user_task_3. Default: all.")
@click.option("--turns", default=12, show_default=True, help="The attacker's tries on each pair; 0: none.")
@click.option(
    "--rules", multiple=True, type=click.Choice(("off", "none", "packs", "default", "strict")), default=("default",)
)
@click.option(
    "--human", "humans", multiple=True, type=click.Choice(("nobody", "careful", "always")), default=("nobody",)
)
@click.option("--hostile", "strengths", multiple=True, type=click.Choice(("all", "injected")), default=("all",))
@click.option("--all", "everything", is_flag=True, help="All rules, all humans, both strengths.")
@click.option("--jobs", default=os.cpu_count() or 1, show_default="processors", help="Processes.")
@click.option("--out", metavar="DIR", help="Keep rows and report.html there; go on with what is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def command(
    suites: tuple[str, ...],
    tasks: tuple[str, ...],
    turns: int,
    rules: tuple[str, ...],
    humans: tuple[str, ...],
    strengths: tuple[str, ...],
    everything: bool,
    jobs: int,
    out: str | None,
    as_json: bool,
) -> int:
    """AgentDojo with reviewed plans: utility with an honest reader, security against the strongest attacker."""
    if everything:
        rules, humans, strengths = RULES, HUMANS, ("all", "injected")
    settings = Settings(
        suites or SUITES,
        tasks,
        cast("tuple[Rules, ...]", rules),
        cast("tuple[Human, ...]", humans),
        cast("tuple[Strength, ...]", strengths),
        turns,
    )
    folder = None if out is None else Path(out)
    rows: list[Row] = []
    for done, whole, some in study(settings, folder, jobs):
        rows += some
        note(f"{done} of {whole} tasks")
    found = figures(rows)
    if folder is not None:
        (folder / "report.html").write_text(html(found), "utf-8")
        note(f"the report is in {folder / 'report.html'}")
    if as_json:
        emit(cast(Json, found))
    else:
        say(text(found))
    return DONE
