"""`ringfence bench screens`: precision, recall, false positives, speed; and a red team.

Its one rule: it says which detectors were compared and which could not be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from ringfence.bench.screens import showing
from ringfence.bench.screens.formats import PublicSet, read_set
from ringfence.bench.screens.known import installed
from ringfence.bench.screens.measures import Share
from ringfence.bench.screens.mutations import Passed, red_team
from ringfence.bench.screens.named import is_name, named_set
from ringfence.bench.screens.other import Other, TooSlowError, other
from ringfence.bench.screens.sets import encoded, files, shipped
from ringfence.bench.screens.study import study, study_of
from ringfence.cli import options
from ringfence.cli.output import emit, note, say
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.ruleset import MODES
from ringfence.guard.visible import visible
from ringfence.screens.classifier import Classifier
from ringfence.screens.detector import Detector
from ringfence.screens.rulebook import Rulebook
from ringfence.screens.screen import Screen
from ringfence.screens.setting_up import back_ends, screen_of
from ringfence.screens.settings import settings

_SHOWN: Final = 20
_LONGEST: Final = 110


@click.command("screens")
@click.option(
    "--attacks", multiple=True, metavar="FILE", help="A set of attacks of your own, a text a line. Can be repeated."
)
@click.option("--benign", multiple=True, metavar="FILE", help="A set of harmless texts of your own. Can be repeated.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="FILE|NAME",
    help="A published set: JSON, JSON lines, CSV, TSV or a text a line; or one of --sets. Can be repeated.",
)
@click.option("--label", type=click.Choice(("attack", "benign")), help="What the texts of sets without labels are.")
@click.option(
    "--other",
    "others",
    multiple=True,
    metavar="NAME|MODULE:FUNCTION",
    help="Another detector: one of --sets, or a text in, a score or true or false out. Can be repeated.",
)
@click.option("--others", "all_others", is_flag=True, help="All other detectors that are known and installed.")
@click.option(
    "--patience",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Processor time for each other detector; one that takes longer is left out.",
)
@click.option("--sets", "listed", is_flag=True, help="List the sets and detectors that have a name, and end.")
@click.option("--plain", "only_plain", is_flag=True, help="Leave out the encodings.")
@click.option("--mode", type=click.Choice(MODES), help="Whose threshold counts (default: that of the configuration).")
@click.option("--threshold", type=click.FloatRange(0, 1), help="The score from which something is a hit.")
@click.option("--tool", metavar="NAME", help="With the threshold for results of this tool, if it has one.")
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="… for records with this source. Can be repeated."
)
@click.option(
    "--mutate", is_flag=True, help="Red team: change known attacks, and show which pass the configured screens."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the changes.")
@options.policy
@options.as_json
def command(
    attacks: tuple[str, ...],
    benign: tuple[str, ...],
    sets: tuple[str, ...],
    label: str | None,
    others: tuple[str, ...],
    all_others: bool,
    patience: float,
    listed: bool,
    only_plain: bool,
    mode: str | None,
    threshold: float | None,
    tool: str | None,
    sources: tuple[str, ...],
    mutate: bool,
    seed: int,
    policy: str | None,
    as_json: bool,
) -> int:
    """Measure the screens on the texts that come with the package, on your own, or on sets of others."""
    if listed:
        emit(showing.names_json()) if as_json else showing.names()
        return 0
    config = options.configuration(policy)
    made = settings({} if config.screens is None else config.screens)
    chosen = config.mode if mode is None else mode
    least = made.threshold(chosen, tool, sources) if threshold is None else threshold
    public = tuple(_set(place, label) for place in sets)
    plain = (*files(attacks, benign), *(one for found in public for one in found.samples))
    plain = plain if attacks or benign or sets else shipped()
    if mutate:
        screen = screen_of(made, config.path)
        shares, passed = red_team(screen, least, plain, seed)
        if as_json:
            emit(_team_json(shares, passed, least, screen, chosen))
        else:
            note(f"{', '.join(one.name for one in screen.detectors)}; mode {chosen}; hits from {least:g}")
            _show_team(shares, passed)
        return 0
    models = back_ends(made, config.path)
    coded = () if only_plain else encoded(plain)
    named, missing = _others(others, all_others)
    compared: dict[str, tuple[Detector, ...]] = {
        "rules": (Rulebook(),),
        "classifier": (Classifier(),),
        "rules + classifier": (Rulebook(), Classifier()),
        **{one.name: (one,) for one in models},
    }
    found = [study(name, detectors, least, plain, coded) for name, detectors in compared.items()]
    for one in named:
        one.left = patience
        try:
            found.append(study_of(one.name, one.score, least, plain, coded, one.failures))
        except TooSlowError:
            missing.append(f"{one.name} took more than {patience:g} seconds of processor time (--patience)")
    if as_json:
        emit(showing.report_json(plain, coded, public, found, missing))
        return 0
    showing.report(plain, coded, public, found)
    for why in missing:
        note(f"left out: {why}")
    if not models and not named:
        note(_alone())
    return 0


def _set(place: str, label: str | None) -> PublicSet:
    return named_set(place) if is_name(place) else read_set(place, None if label is None else label == "attack")


def _others(places: tuple[str, ...], installed_too: bool) -> tuple[list[Other], list[str]]:
    """The detectors to compare; and of those that nobody named, why one is left out."""
    found, missing = [other(place) for place in places], []
    for name in installed() if installed_too else ():
        if name not in places:
            try:
                found.append(other(name))
            except ConfigError as problem:
                missing.append(problem.message)
    return found, missing


def _alone() -> str:
    there = ", ".join(installed())
    if there:
        return f"no other detector was run; installed are {there}: --others runs them"
    return "no other detector is configured: see [screens.models] in docs/screens.md to compare one, or --other"


def _team_json(shares: Mapping[str, Share], passed: list[Passed], least: float, screen: Screen, mode: str) -> Json:
    return {
        "detectors": [one.name for one in screen.detectors],
        "mode": mode,
        "threshold": least,
        "found": {name: share.to_json() for name, share in shares.items()},
        "passed": [
            {"mutation": one.mutation, "technique": one.technique, "text": one.text, "score": one.score}
            for one in passed
        ],
    }


def _show_team(shares: Mapping[str, Share], passed: list[Passed]) -> None:
    say("attacks that these screens find, and still find after a change:")
    for name, share in shares.items():
        say(f"  {name:<28} {share}")
    say(f"\n{len(passed)} pass; the first {min(_SHOWN, len(passed))}:")
    for one in passed[:_SHOWN]:
        say(f"  [{one.mutation}; {one.technique}; {one.score:.2f}] {visible(one.text[:_LONGEST])}")
