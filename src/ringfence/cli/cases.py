"""`ringfence demo CASE`: a case study without the firewall and with it, as usual and under attack; `--list` names them.

Its one rule: what is shown is what happened; that the model without the firewall is simulated is said.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ringfence.cli.output import console, emit, foreign_code
from ringfence.cli.status import DONE, FAILED
from ringfence.guard.visible import visible

if TYPE_CHECKING:
    from rich.console import Console

    from ringfence.bench.cases.case import Case
    from ringfence.bench.cases.guarded import Guarded
    from ringfence.bench.cases.study import Attacked, LeftOut, Served, Study
    from ringfence.bench.cases.unguarded import Unguarded
    from ringfence.session.models import Models

SIMULATED: Final = (
    "Without the firewall: simulated, the task's own calls by a model that obeys what it reads. With it: the reviewed "
    "plan, read by an honest model and by ones in the attacker's hands; a careful person answers questions."
)
REAL: Final = (
    "Without the firewall: the model in a plain loop, which makes each call that it asks for. With it: the same model "
    "plans and reads, and then ones in the attacker's hands read; a careful person answers questions."
)
_WIDTH: Final = 84


def listed(as_json: bool) -> int:
    """Name the case studies."""
    from ringfence.bench.cases.case import load, names

    cases = [load(name) for name in names()]
    if as_json:
        emit(
            [
                {"case": one.name, "title": one.title, "patterns": [*one.patterns], "stage": one.stage,
                 "summary": one.summary, "tasks": len(one.tasks), "attacks": len(one.attacks)}
                for one in cases
            ]
        )  # fmt: skip
        return DONE
    out = console(data=True)
    for one in cases:
        out.print(f"{one.name:<22}{', '.join(one.patterns)}", style="bold", soft_wrap=True)
        out.print(f"{'':<22}{one.summary}", soft_wrap=True)
    return DONE


def shown(name: str, place: Callable[[], Path], as_json: bool, models: Models | None = None) -> int:
    """Carry out a case study in folders below a place, and show it. DONE if it held. Raises ConfigError, ModelError.

    `models`: real ones, in place of the simulated.
    """
    from ringfence.bench.cases.case import load
    from ringfence.bench.cases.study import Attacked, LeftOut, Minds, Served, Study, studied

    case = load(name)
    minds = None if models is None else Minds(models.chat(), models.reader())
    base = place()
    out = None if as_json else console(data=True)
    if out is not None:
        _introduce(out, case, base, minds is None)
    made: list[Served | Attacked | LeftOut] = []
    pending = studied(case, base, minds=minds)
    while True:
        with foreign_code():
            one = next(pending, None)
        if one is None:
            break
        made.append(one)
        if out is not None:
            _show(out, one)
    study = Study(
        case,
        tuple(one for one in made if isinstance(one, Served)),
        tuple(one for one in made if isinstance(one, Attacked)),
        tuple(one for one in made if isinstance(one, LeftOut)),
        minds is None,
    )
    if out is None:
        emit(study.to_json())
    else:
        _conclude(out, study)
    return DONE if study.held else FAILED


def _introduce(out: Console, case: Case, base: Path, simulated: bool) -> None:
    from rich.panel import Panel
    from rich.text import Text

    about = f"{case.title}\n{', '.join(case.patterns)}; stage {case.stage}\n{case.summary}\nworlds  {base}"
    out.print(Panel(Text(about), style="bold", expand=True))
    out.print(SIMULATED if simulated else REAL, style="yellow")


def _show(out: Console, one: Served | Attacked | LeftOut) -> None:
    from ringfence.bench.cases.study import LeftOut, Served

    if isinstance(one, LeftOut):
        out.print(f"\n– {one.name} is left out: {one.why}", style="yellow", soft_wrap=True)
    elif isinstance(one, Served):
        _serve(out, one)
    else:
        _attack(out, one)


def _serve(out: Console, one: Served) -> None:
    out.print()
    _mark(out, one.held, f"task {one.task.name}: {visible(one.task.request)}")
    if one.task.dialect is not None:
        _pair(out, "dialect", one.task.dialect)
    _pair(out, "calls", _flow([made.tool for made in one.within.calls]))
    for question in one.within.asked:
        _pair(out, "asked", f"{question.tool} ({', '.join(question.rules)}): {'yes' if question.yes else 'no'}")
    _pair(out, "then", one.task.expects if one.within.done else _ended(one.within))


def _attack(out: Console, one: Attacked) -> None:
    attack = one.attack
    out.print()
    _mark(out, one.held, f"attack {attack.name} ({attack.kind}, on {attack.task})")
    _pair(out, "planted", attack.planted)
    _pair(out, "without", _without(one.without), "red")
    ways: dict[tuple[str, str | None], list[str]] = {}
    for reader, ended in one.within:
        ways.setdefault((_ended(ended), ended.harm), []).append(reader)
    for (text, harm), readers in ways.items():
        who = f" [read by: {_who(readers)}]" if len(one.within) > 1 else ""
        if harm is None:
            _pair(out, "with", f"no harm; {text}{who}", "green")
        else:
            _pair(out, "with", f"{harm}; {text}{who}", "bold red")


def _who(readers: list[str]) -> str:
    hostile = sum(1 for one in readers if one.startswith("hostile"))
    honest = [one for one in readers if not one.startswith("hostile")]
    return ", ".join([*honest, *([f"{hostile} hostile"] if hostile else [])])


def _without(ended: Unguarded) -> str:
    extra = _flow([made.tool for made in ended.calls if made.obeyed])
    done = f"it obeyed with {extra}" if extra else f"calls made: {_flow([made.tool for made in ended.calls]) or 'none'}"
    return f"{ended.harm or 'no harm'}; {done}"


def _ended(ended: Guarded) -> str:
    made = f"; calls made: {_flow([one.tool for one in ended.calls]) or 'none'}"
    if ended.stopped is None:
        return f"{ended.outcome}{made}"
    what, code, rules = ended.stopped
    rules = rules or tuple(rule for question in ended.asked if not question.yes for rule in question.rules)
    by = f" by {', '.join(rules)}" if rules else ""
    return f"{ended.outcome}: {what} ({code}{by}){made}"


def _flow(tools: list[str]) -> str:
    """Calls in their order, equal ones in a row counted."""
    parts: list[list[str]] = []
    for name in tools:
        if parts and parts[-1][0] == name:
            parts[-1].append(name)
        else:
            parts.append([name])
    return " → ".join(part[0] if len(part) == 1 else f"{len(part)} × {part[0]}" for part in parts)


def _mark(out: Console, holds: bool, text: str) -> None:
    out.print(f"{'✓' if holds else '✗'} {text}", style="bold green" if holds else "bold red", soft_wrap=True)


def _pair(out: Console, what: str, text: str, style: str = "") -> None:
    from rich.text import Text

    for number, line in enumerate(textwrap.wrap(visible(text), _WIDTH) or [""]):
        out.print(Text(f"  {what if number == 0 else '':<10}{line}", style=style))


def _conclude(out: Console, study: Study) -> None:
    without = sum(1 for one in study.attacks if one.without.harm is not None)
    within = sum(1 for one in study.attacks if not one.held)
    done = sum(1 for one in study.tasks if one.held)
    out.print()
    out.rule(style="cyan")
    out.print(
        f"tasks done with the firewall: {done} of {len(study.tasks)}; attacks that did harm: {without} of "
        f"{len(study.attacks)} without it, {within} with it",
        style="bold",
        soft_wrap=True,
    )
