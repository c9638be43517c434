"""Runs detectors over the sets and counts.

Its one rule: every detector sees the same texts, and what is compared is named with its threshold.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from ringfence.bench.screens.measures import Quality, Share
from ringfence.bench.screens.sets import HARD, Sample, shipped
from ringfence.core.encoding import Json
from ringfence.screens.detector import Detector
from ringfence.screens.screen import Screen

_TEXT: Final = 4_096
_LARGE: Final = 2_000_000
_REPEATS: Final = 31
_LONGEST: Final = 2.0
_PROSE: Final = ("plain", "imperative")
_DOCUMENTATION: Final = ("documentation",)

Score = Callable[[str], float]


@final
@dataclass(frozen=True, slots=True)
class Study:
    """What one detector did."""

    name: str
    threshold: float
    plain: Quality
    hard: Share
    techniques: Mapping[str, Share]
    encodings: Mapping[str, Share]
    kinds: Mapping[str, Share]
    sources: Mapping[str, Quality]
    speed: Mapping[str, float]
    coded: Share
    coded_benign: Share
    benign_encodings: Mapping[str, Share]
    kept: Mapping[str, Share]
    errors: int = 0

    def to_json(self) -> dict[str, Json]:
        """All figures."""
        return {
            "detector": self.name,
            "threshold": self.threshold,
            "precision": round(self.plain.precision, 4),
            "recall": self.plain.recall.to_json(),
            "f1": round(self.plain.f1, 4),
            "false_positives": self.plain.false_positives.to_json(),
            "hard_negatives": self.hard.to_json(),
            "encoded": self.coded.to_json(),
            "encoded_benign": self.coded_benign.to_json(),
            "by_technique": {name: share.to_json() for name, share in self.techniques.items()},
            "by_encoding": {name: share.to_json() for name, share in self.encodings.items()},
            "by_encoding_of_found": {name: share.to_json() for name, share in self.kept.items()},
            "by_encoding_benign": {name: share.to_json() for name, share in self.benign_encodings.items()},
            "by_kind": {name: share.to_json() for name, share in self.kinds.items()},
            "by_set": {
                name: {"recall": one.recall.to_json(), "false_positives": one.false_positives.to_json()}
                for name, one in self.sources.items()
            },
            "speed": dict(self.speed),
            "errors": self.errors,
        }


def study(
    name: str, detectors: Iterable[Detector], threshold: float, plain: tuple[Sample, ...], coded: tuple[Sample, ...]
) -> Study:
    """One detector, or several together, over all texts."""
    screen = Screen(tuple(detectors))
    return study_of(name, lambda text: screen.verdict(text).score, threshold, plain, coded)


def study_of(
    name: str,
    score: Score,
    threshold: float,
    plain: tuple[Sample, ...],
    coded: tuple[Sample, ...],
    failures: Callable[[], int] = int,
) -> Study:
    """Whatever gives a text a score, over all texts. `failures` is asked when it has seen them."""
    hits = {id(one): score(one.text) >= threshold for one in (*plain, *coded)}
    found = {one.text: hits[id(one)] for one in plain}
    for one in coded:
        if one.attack and one.plain not in found:
            found[one.plain] = score(one.plain) >= threshold
    failed = failures()
    attacks = [one for one in plain if one.attack]
    benign = [one for one in plain if not one.attack]
    coded_attacks = [one for one in coded if one.attack]
    coded_benign = [one for one in coded if not one.attack]

    def share(samples: Iterable[Sample]) -> Share:
        over = [hits[id(one)] for one in samples]
        return Share(sum(over), len(over))

    return Study(
        name,
        threshold,
        Quality(share(attacks), share(benign)),
        share(one for one in benign if one.kind in HARD),
        _grouped(attacks, lambda one: one.kind, share),
        _grouped(coded_attacks, lambda one: one.encoding, share),
        _grouped(benign, lambda one: one.kind, share),
        _by_source(plain, share),
        speed(score),
        share(coded_attacks),
        share(coded_benign),
        _grouped(coded_benign, lambda one: one.encoding, share),
        _grouped((one for one in coded_attacks if found[one.plain]), lambda one: one.encoding, share),
        failed,
    )


def _by_source(plain: tuple[Sample, ...], share: Callable[[Iterable[Sample]], Share]) -> dict[str, Quality]:
    attacks = _grouped((one for one in plain if one.attack), lambda one: one.source, share)
    benign = _grouped((one for one in plain if not one.attack), lambda one: one.source, share)
    names = dict.fromkeys(one.source for one in plain)
    return {name: Quality(attacks.get(name, Share(0, 0)), benign.get(name, Share(0, 0))) for name in names}


def _grouped(
    samples: Iterable[Sample], key: Callable[[Sample], str], share: Callable[[Iterable[Sample]], Share]
) -> dict[str, Share]:
    groups: dict[str, list[Sample]] = {}
    for one in samples:
        groups.setdefault(key(one), []).append(one)
    return {name: share(found) for name, found in groups.items()}


def speed(score: Score) -> dict[str, float]:
    """Megabytes a second of processor time on one core, and the median for 4 kB in ms, over the prose that ships.

    The prose is harmless sentences, most of them like attacks; `documentation_mb_per_second` is that of ordinary
    documentation. A detector that would take more than two seconds for the first gets a shorter text.
    """
    prose, documentation = _shipped_text(_PROSE), _shipped_text(_DOCUMENTATION)
    score(prose[:_TEXT])  # what is loaded or compiled at first use is not counted
    median = statistics.median(_taken(score, prose[:_TEXT]) for _ in range(_REPEATS))
    size = max(_TEXT, min(_LARGE, int(_TEXT * _LONGEST / median)))
    return {
        "mb_per_second": _rate(score, prose[:size]),
        "ms_for_4_kb": round(median * 1e3, 3),
        "documentation_mb_per_second": _rate(score, documentation[:size]),
    }


def _shipped_text(kinds: Iterable[str]) -> str:
    """The harmless texts of some kinds that ship, over and over."""
    prose = " ".join(one.text for one in shipped() if one.kind in kinds and one.text.isascii() and not one.attack)
    return (prose + "\n") * (_LARGE // (len(prose) + 1) + 1)


def _rate(score: Score, text: str) -> float:
    return round(len(text) / _taken(score, text) / 1e6, 2)


def _taken(score: Score, text: str) -> float:
    start = time.process_time()
    score(text)
    return max(1e-9, time.process_time() - start)
