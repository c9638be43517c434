"""`ringfence doctor`: what isolates programs on this machine, proven by trying to get out; and what else is there.

Its one rule: it says "held" only of what was tried. It ends with 0 if a sandbox for whole programs works and nothing
leaks, with 1 if none works (then such programs are refused), with 4 if one leaks.
"""

from __future__ import annotations

import importlib.util
import os
import platform
from typing import TYPE_CHECKING, Final, cast

import click

from ringfence.cli import options
from ringfence.cli.output import console, emit, note
from ringfence.cli.status import DENIED, DONE, FAILED
from ringfence.cli.terminal import has_terminal
from ringfence.config import find
from ringfence.connectors.sandbox.proof import Finding, Report, Result, examine
from ringfence.connectors.sandbox.sandbox import BACKENDS
from ringfence.core.encoding import Json
from ringfence.core.errors import RingfenceError

if TYPE_CHECKING:
    from rich.table import Table

_PARTS: Final = {  # module: what it is for
    "pydantic_monty": "small Python snippets without a process",
    "pydantic_ai": "models",
    "mcp": "MCP servers",
    "pypdf": "text of PDF files",
}
_MARKS: Final[dict[Result, str]] = {
    "held": "held",
    "leaked": "LEAKED",
    "known": "open",
    "untried": "UNTRIED",
    "absent": "–",
}
_STYLES: Final[dict[Result, str]] = {
    "held": "green",
    "leaked": "bold red",
    "known": "yellow",
    "untried": "bold red",
    "absent": "dim",
}


@click.command("doctor")
@click.option("--backend", "backends", multiple=True, type=click.Choice(BACKENDS), help="Only this one; repeatable.")
@options.policy
@options.as_json
def command(backends: tuple[str, ...], policy: str | None, as_json: bool) -> int:
    """Try to get out of every sandbox that works here, and show what held. Takes some seconds."""
    reports = examine(backends or BACKENDS)
    machine = _machine(policy)
    if as_json:
        emit({"ok": _status(reports) == DONE, **machine, "backends": [_report_json(one) for one in reports]})
    else:
        _show(machine, reports)
    return _status(reports)


def _status(reports: tuple[Report, ...]) -> int:
    if any(one.backend.works and not one.holds for one in reports):
        return FAILED
    return DONE if any(one.backend.works and one.backend.name != "monty" for one in reports) else DENIED


def _machine(policy: str | None) -> dict[str, Json]:
    """The machine and the installation, in brief."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "root": os.geteuid() == 0,
        "terminal": has_terminal(),
        "parts": {name: importlib.util.find_spec(name) is not None for name in _PARTS},
        "models": _models(policy),
    }


def _models(policy: str | None) -> Json:
    from ringfence.session.models import Models

    try:
        config = find(policy)
        named = Models(None, None, os.environ, (config.planner, config.quarantine)).named()
    except RingfenceError as problem:
        return {"problem": problem.code}
    return {"planner": str(named.planner), "quarantine": str(named.quarantine), "from": named.source}


def _report_json(report: Report) -> Json:
    findings: list[Json] = [
        {"attempt": one.attempt, "group": one.group, "title": one.title, "result": one.result, "detail": one.detail}
        for one in report.findings
    ]
    backend = report.backend
    made: dict[str, Json] = {"name": backend.name, "works": backend.works, "reason": backend.reason}
    return {**made, "holds": report.holds, "findings": findings}


# For people


def _show(machine: dict[str, Json], reports: tuple[Report, ...]) -> None:
    out = console(data=True)
    who = "as root" if machine["root"] else "as a user"
    out.print(f"Python {machine['python']} on {machine['system']}, {who}\n")
    for report in reports:
        backend = report.backend
        out.print(f"{backend.name}: {'works' if backend.works else f'does not work: {backend.reason}'}")
    out.print()
    working = [one for one in reports if one.findings]
    if working:
        out.print(_table(working))
        _explain(working)
    _rest(machine)
    for code, text in _verdicts(reports):
        note(f"{code}: {text}")


def _table(reports: list[Report]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for title in ("", "attempt", *(one.backend.name for one in reports)):
        table.add_column(title)
    by_name = [{one.attempt: one for one in report.findings} for report in reports]
    before = ""
    for attempt in dict.fromkeys(name for found in by_name for name in found):
        first = next(found[attempt] for found in by_name if attempt in found)
        marks = [Text(*_mark(found.get(attempt))) for found in by_name]
        table.add_row(first.group if first.group != before else "", first.title, *marks)
        before = first.group
    return table


def _mark(found: Finding | None) -> tuple[str, str]:
    result: Result = "absent" if found is None else found.result
    return _MARKS[result], _STYLES[result]


def _explain(reports: list[Report]) -> None:
    out = console(data=True)
    out.print()
    for report in reports:
        for one in report.findings:
            if one.result in ("leaked", "known", "untried"):
                detail = one.detail or "the program did not get that far"
                out.print(f"{report.backend.name}, {one.title}: {detail}")


def _rest(machine: dict[str, Json]) -> None:
    out = console(data=True)
    parts = cast("dict[str, bool]", machine["parts"])
    missing = [f"{name} ({_PARTS[name]})" for name, there in parts.items() if not there]
    models = cast("dict[str, str]", machine["models"])
    planner = models.get("planner") or f"none ({models.get('problem')})"
    out.print(f"\nplanner {planner}, quarantined model {models.get('quarantine', 'none')}")
    out.print(f"terminal to ask in: {'yes' if machine['terminal'] else 'no'}")
    out.print(f"not installed: {', '.join(missing) or 'nothing'}")


def _verdicts(reports: tuple[Report, ...]) -> list[tuple[str, str]]:
    leaking = [one.backend.name for one in reports if one.backend.works and not one.holds]
    found = [("E366", f"{name} does not hold everything; see above") for name in leaking]
    if _status(reports) == DENIED:
        found.append(("E365", "no sandbox for whole programs works here: run_shell is refused, and so is run_python"))
    return found
