"""`ringfence bench screens`: precision, recall, false positives, speed; and a red team.

Its one rule: it says which detectors were compared and which could not be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from ringfence.bench.screens.formats import PublicSet, read_set
from ringfence.bench.screens.measures import Share
from ringfence.bench.screens.mutations import Passed, red_team
from ringfence.bench.screens.other import other
from ringfence.bench.screens.sets import Sample, encoded, files, shipped
from ringfence.bench.screens.study import Study, study, study_of
from ringfence.cli import options
from ringfence.cli.output import emit, note, say
from ringfence.core.encoding import Json
from ringfence.guard.ruleset import MODES
from ringfence.guard.visible import visible
from ringfence.screens.classifier import Classifier
from ringfence.screens.detector import Detector
from ringfence.screens.rulebook import Rulebook
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
    metavar="FILE",
    help="A published set: JSON, JSON lines, CSV, TSV or a text a line. Can be repeated.",
)
@click.option("--label", type=click.Choice(("attack", "benign")), help="What the texts of sets without labels are.")
@click.option(
    "--other",
    "others",
    multiple=True,
    metavar="MODULE:FUNCTION",
    help="Another detector: a text in, a score or true or false out. Can be repeated.",
)
@click.option("--plain", "only_plain", is_flag=True, help="Leave out the encodings.")
@click.option("--mode", type=click.Choice(MODES), help="Whose threshold counts (default: that of the configuration).")
@click.option("--threshold", type=click.FloatRange(0, 1), help="The score from which something is a hit.")
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
    only_plain: bool,
    mode: str | None,
    threshold: float | None,
    mutate: bool,
    seed: int,
    policy: str | None,
    as_json: bool,
) -> int:
    """Measure the screens on the texts that come with the package, or on your own."""
    config = options.configuration(policy)
    made = settings({} if config.screens is None else config.screens)
    least = made.threshold(config.mode if mode is None else mode) if threshold is None else threshold
    public = tuple(read_set(path, None if label is None else label == "attack") for path in sets)
    plain = (*files(attacks, benign), *(one for found in public for one in found.samples))
    plain = plain if attacks or benign or sets else shipped()
    if mutate:
        shares, passed = red_team(screen_of(made, config.path), least, plain, seed)
        emit(_team_json(shares, passed, least)) if as_json else _show_team(shares, passed)
        return 0
    installed = back_ends(made, config.path)
    coded = () if only_plain else encoded(plain)
    named = [other(place) for place in others]
    compared: dict[str, tuple[Detector, ...]] = {
        "rules": (Rulebook(),),
        "classifier": (Classifier(),),
        "rules + classifier": (Rulebook(), Classifier()),
        **{one.name: (one,) for one in installed},
    }
    found = [study(name, detectors, least, plain, coded) for name, detectors in compared.items()]
    found += [study_of(one.name, one.score, least, plain, coded, one.failures) for one in named]
    if as_json:
        emit({"texts": _counts(plain, coded), "sets": _digests(public), "studies": [one.to_json() for one in found]})
        return 0
    for read in public:
        say(f"{read.name}: {len(read.samples)} texts, sha256 {read.digest}")
    for one in found:
        _show(one)
    if not installed and not others:
        note("no other detector is configured: see [screens.models] in docs/screens.md to compare one, or --other")
    return 0


def _digests(public: tuple[PublicSet, ...]) -> Json:
    return [{"name": one.name, "sha256": one.digest, "texts": len(one.samples)} for one in public]


def _counts(plain: tuple[Sample, ...], coded: tuple[Sample, ...]) -> Json:
    attacks = sum(one.attack for one in plain)
    return {"attacks": attacks, "benign": len(plain) - attacks, "encoded": len(coded)}


def _show(one: Study) -> None:
    say(f"\n{one.name}, threshold {one.threshold:g}")
    say(f"  recall           {one.plain.recall}")
    say(f"  false positives  {one.plain.false_positives}")
    say(f"  hard negatives   {one.hard}")
    say(f"  precision {one.plain.precision:.3f}, F1 {one.plain.f1:.3f}")
    if one.errors:
        say(f"  {one.errors} texts on which it failed, counted as let through")
    for name, quality in one.sources.items() if len(one.sources) > 1 else ():
        say(f"  set {name or 'shipped'}")
        for title, share in (("recall", quality.recall), ("false positives", quality.false_positives)):
            if share.total:
                say(f"    {title:<24} {share}")
    if one.speed:
        say(f"  {one.speed['mb_per_second']:g} MB/s on one core, {one.speed['ms_for_4_kb']:g} ms for 4 kB (median)")
    for title, shares in (("technique", one.techniques), ("harmless", one.kinds), ("encoding", one.encodings)):
        say(f"  by {title}")
        for name, share in shares.items():
            say(f"    {name:<24} {share}")


def _team_json(shares: Mapping[str, Share], passed: list[Passed], least: float) -> Json:
    return {
        "threshold": least,
        "found": {name: share.to_json() for name, share in shares.items()},
        "passed": [
            {"mutation": one.mutation, "technique": one.technique, "text": one.text, "score": one.score}
            for one in passed
        ],
    }


def _show_team(shares: Mapping[str, Share], passed: list[Passed]) -> None:
    say("known attacks that are still found after a change:")
    for name, share in shares.items():
        say(f"  {name:<28} {share}")
    say(f"\n{len(passed)} pass; the first {min(_SHOWN, len(passed))}:")
    for one in passed[:_SHOWN]:
        say(f"  [{one.mutation}; {one.technique}; {one.score:.2f}] {visible(one.text[:_LONGEST])}")
