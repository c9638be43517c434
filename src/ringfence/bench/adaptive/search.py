"""The search: a population for each scenario, changed by operators that a bandit chooses, kept if new or closer.

Its one rule: the same seed makes the same trials in the same order; a clock decides only how many there are. A change
is chosen by an upper confidence bound (UCB1: Auer, Cesa-Bianchi, Fischer 2002), parents by tournaments on one goal at
a time, so that an attack that is good at one is not lost for being bad at another.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, final

from ringfence.bench.adaptive.genome import HONEST, Genome
from ringfence.bench.adaptive.operators import NUMBERS, OPERATORS, changed, crossed
from ringfence.bench.adaptive.oracles import (
    GOALS,
    Goal,
    Judged,
    Violation,
    closeness,
    features,
    known_words,
    violations,
)
from ringfence.bench.adaptive.previews import Previews
from ringfence.bench.adaptive.scenarios import SCENARIOS, Scenario
from ringfence.bench.adaptive.seeds import SEEDS, USED
from ringfence.bench.adaptive.world import SECRETS, Evidence, World

_KEPT: Final = 24
_TOURNAMENT: Final = 3
_MOST_CHANGES: Final = 3
_EXPLORE: Final = 0.7


Honest = tuple[Evidence, frozenset[str]]  # an undisturbed run, and the words that it and the product say


@final
@dataclass(frozen=True, slots=True)
class Attack:
    """An attack that was tried, with how close it came and why it is kept."""

    genome: Genome
    scores: dict[Goal, float]


@final
@dataclass(frozen=True, slots=True)
class Found:
    """A violation with all that is needed to see it again."""

    violation: Violation
    scenario: str
    genome: Genome
    secret: str
    seed: int
    number: int

    def to_json(self) -> dict[str, object]:
        """For a file that `--replay` reads."""
        return {
            "goal": self.violation.goal,
            "rule": self.violation.rule,
            "what": self.violation.what,
            "scenario": self.scenario,
            "attack": self.genome.to_json(),
            "secret": self.secret,
            "seed": self.seed,
            "number": self.number,
        }


@final
@dataclass
class Bandit:
    """What paid: for each arm how often it was pulled and what it gave."""

    arms: tuple[str, ...]
    pulls: dict[str, int] = field(default_factory=dict)
    gains: dict[str, float] = field(default_factory=dict)

    def choose(self, draw: random.Random) -> str:
        """The arm with the highest bound; one that was never pulled first, at random."""
        fresh = [arm for arm in self.arms if arm not in self.pulls]
        if fresh:
            return draw.choice(fresh)
        whole = math.log(sum(self.pulls.values()))
        return max(
            self.arms,
            key=lambda arm: self.gains[arm] / self.pulls[arm] + _EXPLORE * math.sqrt(whole / self.pulls[arm]),
        )

    def learn(self, arm: str, gain: float) -> None:
        """What pulling an arm gave, from 0 to 1."""
        self.pulls[arm] = self.pulls.get(arm, 0) + 1
        self.gains[arm] = self.gains.get(arm, 0.0) + gain


@final
@dataclass
class _Front:
    """One scenario: its undisturbed run, the attacks that are kept, and what has been seen."""

    scenario: Scenario
    honest: dict[str, Honest]
    waiting: list[Genome]
    kept: list[Attack] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    operators: Bandit = field(default_factory=lambda: Bandit((*OPERATORS, NUMBERS)))
    tried: int = 0


@final
class Search:
    """An attacker at work. `step` makes one trial; `found` are the violations, one of each kind in each scenario."""

    def __init__(
        self,
        world: World,
        seed: int = 1,
        goals: Iterable[Goal] = GOALS,
        scenarios: Iterable[Scenario] = SCENARIOS,
        corpus: Iterable[tuple[str, Genome]] = (),
    ) -> None:
        """corpus: (scenario, attack) pairs that an earlier search has kept."""
        self._world = world
        self.seed = seed
        self.goals = tuple(goals)
        self._previews = Previews()
        self.found: list[Found] = []
        self.trials = 0
        self._names: set[tuple[str, str, str]] = set()
        known: dict[str, list[Genome]] = {}
        for name, genome in corpus:
            known.setdefault(name, []).append(genome)
        self._fronts = [_Front(one, {}, [*SEEDS, *known.get(one.name, ())]) for one in scenarios]

    def step(self) -> list[Found]:
        """One trial; the violations that are new."""
        front = self._fronts[self.trials % len(self._fronts)]
        draw = random.Random(f"{self.seed}:{front.scenario.name}:{front.tried}")  # noqa: S311 (repeatable; guards nothing)
        self.trials += 1
        front.tried += 1
        arms, parent, genome = self._next(front, draw)
        judged = self._judge(front, genome, SECRETS[draw.randrange(2)])
        new = [one for one in self._all(judged) if one.goal in self.goals]
        self._learn(front, arms, parent, judged, bool(new))
        return self._noted(front, judged, new)

    def kept(self) -> Iterator[tuple[str, Genome]]:
        """The attacks worth going on from."""
        for front in self._fronts:
            yield from ((front.scenario.name, one.genome) for one in front.kept)

    def closest(self) -> dict[Goal, float]:
        """How close any attack that is kept came to each goal."""
        scores = [one.scores for front in self._fronts for one in front.kept]
        return {goal: max((one[goal] for one in scores), default=0.0) for goal in self.goals}

    def _next(self, front: _Front, draw: random.Random) -> tuple[list[str], Attack | None, Genome]:
        if front.waiting:
            return [], None, front.waiting.pop(0)
        goal = draw.choice(self.goals)
        parent = _tournament(front.kept, goal, draw)
        genome = parent.genome
        if draw.random() < 0.25:
            genome = crossed(genome, _tournament(front.kept, goal, draw).genome, draw)
        arms = []
        for _ in range(draw.randint(1, _MOST_CHANGES)):
            arms.append(front.operators.choose(draw))
            genome = changed(genome, arms[-1], draw.choice(USED[front.scenario.name]), draw)
        return arms, parent, genome

    def _judge(self, front: _Front, genome: Genome, secret: str) -> Judged:
        return judged(self._world, front.scenario, genome, secret, front.honest)

    def _all(self, one: Judged) -> list[Violation]:
        return [*violations(one), *self._previews.violations(one)]

    def _learn(self, front: _Front, arms: list[str], parent: Attack | None, one: Judged, hit: bool) -> None:
        scores, told = closeness(one), features(one)
        better = parent is not None and any(scores[goal] > parent.scores[goal] + 1e-9 for goal in self.goals)
        new = bool(told - front.seen)
        front.seen |= told
        for arm in arms:
            front.operators.learn(arm, 1.0 if hit else 0.6 * new + 0.4 * better)
        if new or better or hit or len(front.kept) < _TOURNAMENT:
            front.kept.append(Attack(one.made.genome, scores))
        if len(front.kept) > _KEPT:
            best = {max(range(len(front.kept)), key=lambda at: front.kept[at].scores[goal]) for goal in self.goals}
            oldest = next(at for at in range(len(front.kept)) if at not in best)
            del front.kept[oldest]

    def _noted(self, front: _Front, one: Judged, new: list[Violation]) -> list[Found]:
        fresh = []
        for violation in new:
            name = (front.scenario.name, violation.goal, violation.rule)
            if name not in self._names:
                self._names.add(name)
                made = one.made
                fresh.append(Found(violation, made.scenario.name, made.genome, made.secret, self.seed, self.trials))
        self.found += fresh
        return fresh


def _tournament(kept: list[Attack], goal: Goal, draw: random.Random) -> Attack:
    return max((draw.choice(kept) for _ in range(_TOURNAMENT)), key=lambda one: one.scores[goal])


def judged(world: World, scenario: Scenario, genome: Genome, secret: str, honest: dict[str, Honest]) -> Judged:
    """One attack, carried out, with what it is compared to. `honest` keeps undisturbed runs, by the secret."""
    if secret not in honest:
        run = world.trial(scenario, HONEST, secret)
        honest[secret] = run, known_words(run)
    made = world.trial(scenario, genome, secret)
    outward = made.requests or made.names or made.mails or not scenario.person
    twin = world.trial(scenario, genome, next(one for one in SECRETS if one != secret)) if outward else None
    return Judged(made, *honest[secret], twin)
