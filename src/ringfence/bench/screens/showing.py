"""What `ringfence bench screens` prints.

Its one rule: a share is never shown without its interval and the number of texts behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ringfence.bench.screens.formats import PublicSet
from ringfence.bench.screens.known import KNOWN
from ringfence.bench.screens.measures import Share
from ringfence.bench.screens.named import SOURCES
from ringfence.bench.screens.sets import HARD, SECOND, Sample
from ringfence.bench.screens.study import Study
from ringfence.cli.output import say
from ringfence.core.encoding import Json

_SETS: Final = {"": "shipped, first", SECOND: "shipped, second"}


def report_json(
    plain: Sequence[Sample],
    coded: Sequence[Sample],
    public: Iterable[PublicSet],
    found: Iterable[Study],
    missing: Sequence[str],
) -> Json:
    """All figures of a comparison."""
    sets: list[Json] = [
        {
            "name": one.name,
            "sha256": one.digest,
            "texts": len(one.samples),
            "attacks": sum(sample.attack for sample in one.samples),
            "from": one.origin or None,
            "licence": one.licence or None,
        }
        for one in public
    ]
    attacks = sum(one.attack for one in plain)
    texts: Json = {
        "attacks": attacks,
        "benign": len(plain) - attacks,
        "encoded": sum(one.attack for one in coded),
        "encoded_benign": sum(not one.attack for one in coded),
    }
    return {"texts": texts, "sets": sets, "left_out": list(missing), "studies": [one.to_json() for one in found]}


def report(
    plain: Sequence[Sample], coded: Sequence[Sample], public: Iterable[PublicSet], found: Sequence[Study]
) -> None:
    """A comparison for a person: each detector by itself, then all in one table."""
    attacks = sum(one.attack for one in plain)
    say(f"{attacks} attacks, {len(plain) - attacks} harmless texts")
    if coded:
        hidden = sum(one.attack for one in coded)
        say(f"in other encodings {hidden} attacks, {len(coded) - hidden} harmless texts")
    for one in public:
        _set(one)
    for study in found:
        _detector(study)
    _table(found)


def _set(one: PublicSet) -> None:
    say(f"{one.name}: {len(one.samples)} texts, sha256 {one.digest}")
    if one.origin:
        say(f"  from {one.origin}, licence {one.licence}")


def _detector(one: Study) -> None:
    say(f"\n{one.name}, threshold {one.threshold:g}")
    say(f"  attacks found     {one.plain.recall}")
    say(f"  harmless flagged  {one.plain.false_positives}")
    if one.hard.total:
        say(f"    hard ones       {one.hard}")
    if one.coded.total:
        say(f"  encoded, found    {one.coded}")
    if one.coded_benign.total:
        say(f"  encoded, flagged  {one.coded_benign}")
    if one.plain.recall.total and one.plain.false_positives.total:
        say(f"  precision {one.plain.precision:.3f}, F1 {one.plain.f1:.3f}")
    if one.errors:
        say(f"  {one.errors} texts on which it failed, counted as let through")
    say(f"  {one.speed['mb_per_second']:g} MB/s on one core, {one.speed['ms_for_4_kb']:g} ms for 4 kB (median)")
    say(f"  {one.speed['documentation_mb_per_second']:g} MB/s on ordinary documentation")
    _sources(one)
    _shares("attacks found, by technique", one.techniques)
    _shares("harmless flagged, by kind (* hard: about attacks, or like them)", _marked(one.kinds))
    _shares("attacks found, by encoding", one.encodings)
    _shares("of those that are found in plain text, by encoding", one.kept)
    _shares("encoded harmless texts flagged, where any are", _some(one.benign_encodings))


def _sources(one: Study) -> None:
    if len(one.sources) < 2:
        return
    _shares("attacks found, by set", {_SETS.get(name, name): part.recall for name, part in one.sources.items()})
    flagged = {_SETS.get(name, name): part.false_positives for name, part in one.sources.items()}
    _shares("harmless flagged, by set", flagged)


def _marked(kinds: Mapping[str, Share]) -> dict[str, Share]:
    return {f"{name} *" if name in HARD else name: share for name, share in kinds.items()}


def _some(shares: Mapping[str, Share]) -> dict[str, Share]:
    return {name: share for name, share in shares.items() if share.count}


def _shares(title: str, shares: Mapping[str, Share]) -> None:
    shown = {name: share for name, share in shares.items() if share.total}
    if shown:
        say(f"  {title}")
    for name, share in shown.items():
        say(f"    {name:<28} {share}")


def _table(found: Sequence[Study]) -> None:
    """Everything side by side, with intervals, in 100 columns."""
    head = ("detector", "attacks found", "harmless flagged", "hard ones flagged", "F1", "ms/4 kB")
    rows = [head, *(_row(one) for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    say("")
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(one: Study) -> tuple[str, ...]:
    both = one.plain.recall.total and one.plain.false_positives.total
    shares = [_short(share) for share in (one.plain.recall, one.plain.false_positives, one.hard)]
    return (one.name, *shares, f"{one.plain.f1:.3f}" if both else "-", f"{one.speed['ms_for_4_kb']:.2f}")


def _short(share: Share) -> str:
    low, high = share.interval
    return f"{share.value:.1%} ({low:.1%}-{high:.1%})" if share.total else "-"


def names_json() -> Json:
    """The sets and detectors that have a name."""
    sets: dict[str, Json] = {
        name: {
            "about": one.about,
            "installed": one.version(),
            "licence": one.licence() if one.version() else None,
            "parts": dict(one.all_parts()),
            "install": one.install,
        }
        for name, one in SOURCES.items()
    }
    detectors: dict[str, Json] = {name: {"about": one.about, "installed": one.version()} for name, one in KNOWN.items()}
    return {"sets": sets, "detectors": detectors}


def names() -> None:
    """The same for a person."""
    say("sets of others, for --set NAME or --set NAME:PART")
    for name, source in SOURCES.items():
        version = source.version()
        here = f"{version}, licence {source.licence()}" if version else f"not installed: {source.install}"
        say(f"  {name} ({here})\n    {source.about}")
        for part, about in source.all_parts().items():
            say(f"    {name}:{part:<24} {about}")
    say("\nother detectors, for --other NAME; --others runs all that are installed")
    for name, known in KNOWN.items():
        here = known.version() or f"not installed: pip install {name}"
        say(f"  {name} ({here})\n    {known.about}")
