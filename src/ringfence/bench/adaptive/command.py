"""`ringfence bench attack`. Its one rule: progress on stderr, findings on stdout, a status that says if any."""

from __future__ import annotations

import time
from pathlib import Path
from typing import cast

import click

from ringfence.bench.adaptive.corpus import Corpus, stored
from ringfence.bench.adaptive.oracles import GOALS, Goal, violations
from ringfence.bench.adaptive.previews import Previews
from ringfence.bench.adaptive.scenarios import BY_NAME, SCENARIOS
from ringfence.bench.adaptive.search import Found, Search, judged
from ringfence.bench.adaptive.world import World
from ringfence.cli.output import emit, note, say
from ringfence.cli.status import DONE, FAILED
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.ruleset import MODES, Mode
from ringfence.guard.visible import visible

_EVERY: float = 10.0


@click.command("attack")
@click.option("--seconds", type=click.FloatRange(min=0), default=60.0, show_default=True, help="For how long.")
@click.option("--trials", type=click.IntRange(min=1), help="At most so many trials, for a run that can be repeated.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same trials.")
@click.option("--goal", "goals", multiple=True, type=click.Choice(GOALS), help="Default: all.")
@click.option("--scenario", "names", multiple=True, metavar="NAME", help="Default: all.")
@click.option("--mode", type=click.Choice(MODES), default="enforce", show_default=True)
@click.option("--out", metavar="DIR", help="Keep the corpus and what was found there, and go on from it.")
@click.option("--replay", metavar="FILE", help="Carry out one attack that was found, and say what it does now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def command(
    seconds: float,
    trials: int | None,
    seed: int,
    goals: tuple[str, ...],
    names: tuple[str, ...],
    mode: str,
    out: str | None,
    replay: str | None,
    as_json: bool,
) -> int:
    """An adaptive attacker against a live firewall. Exit status 4 if it finds something."""
    if unknown := [name for name in names if name not in BY_NAME]:
        raise ConfigError(
            f"there is no scenario {unknown[0][:40]}", code="C512", hint=f"there are {', '.join(BY_NAME)}"
        )
    if replay is not None:
        return _again(Path(replay), cast(Mode, mode), as_json)
    corpus = None if out is None else Corpus(Path(out))
    known = () if corpus is None else corpus.read()
    with World(cast(Mode, mode)) as world:
        chosen = [BY_NAME[name] for name in names] if names else SCENARIOS
        search = Search(world, seed, cast("tuple[Goal, ...]", goals or GOALS), chosen, known)
        _run(search, seconds, trials, corpus)
    if corpus is not None:
        corpus.write(search.kept())
    emit(_json(search)) if as_json else _show(search)
    return FAILED if search.found else DONE


def _run(search: Search, seconds: float, trials: int | None, corpus: Corpus | None) -> None:
    began = told = time.monotonic()
    while (now := time.monotonic()) < began + seconds and (trials is None or search.trials < trials):
        for found in search.step():
            note(f"found: {visible(_line(found))}")
            if corpus is not None:
                corpus.add(found)
        if now - told >= _EVERY:
            told = now
            note(f"{search.trials:,} trials, {len(search.found)} found")


def _again(path: Path, mode: Mode, as_json: bool) -> int:
    name, genome, secret = stored(path)
    with World(mode) as world:
        made = judged(world, BY_NAME[name], genome, secret, {})
        found = [*violations(made), *Previews().violations(made)]
    if as_json:
        emit({"scenario": name, "outcome": made.made.result.outcome, "found": [one.what for one in found]})
    else:
        say(f"{name}: {made.made.result.outcome}")
        for one in found:
            say(f"  {one.goal}: {visible(one.what)}")
        if not found:
            say("  nothing of what must not happen happens")
    return FAILED if found else DONE


def _line(found: Found) -> str:
    return f"{found.violation.goal} in {found.scenario}: {found.violation.what}"


def _json(search: Search) -> Json:
    return {
        "seed": search.seed,
        "trials": search.trials,
        "goals": {goal: round(close, 3) for goal, close in search.closest().items()},
        "found": cast(Json, [found.to_json() for found in search.found]),
    }


def _show(search: Search) -> None:
    say(f"{search.trials:,} trials with the seed {search.seed}")
    for goal, close in search.closest().items():
        count = sum(found.violation.goal == goal for found in search.found)
        say(f"  {goal:<9} {count} found, closest {close:.2f} of 1")
    for found in search.found:
        say(f"  {visible(_line(found))}")
