"""Looking for an assignment of hostile answers that gets an attack through: by feedback, one field after another.

Its one rule: it sees what no attacker sees (the calls that were made, whether the check was passed) and takes every
step that comes nearer; it is bounded by a number of runs and repeats exactly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from ringfence.bench.agentdojo.attacker import EVERYWHERE, Assignment

_RESTART: Final = 0.5  # how much of an assignment is drawn anew


@final
@dataclass(frozen=True)
class Tried:
    """One run: how near it came (higher is nearer), whether that is enough, and the fields that it was asked for."""

    score: tuple[int, ...]
    reached: bool
    fields: Mapping[str, int]


def search(run: Callable[[Assignment], Tried], budget: int, seed: str) -> int:
    """Run assignments until one reaches the goal, none is left, or `budget` runs are spent; how many were run.

    First one value in all fields at a time; then, from the nearest, each field on its own, as long as that comes
    nearer; then again from assignments that are drawn at random.
    """
    chance = random.Random(seed)  # noqa: S311 (repeatable; guards nothing)
    known: dict[str, int] = {}
    spent: dict[tuple[tuple[str, int], ...], Tried] = {}

    def tried(assignment: Assignment) -> Tried | None:
        """What came of an assignment; None if the budget is spent."""
        key = tuple(sorted(assignment.items()))
        if key not in spent:
            if len(spent) >= budget:
                return None
            spent[key] = run(assignment)
            known.update(spent[key].fields)
        return spent[key]

    best: dict[str, int] = {}
    found = tried(best)
    while found is not None and not found.reached and found.fields:
        for assignment in _around(best, known, chance):
            other = tried(assignment)
            if other is None or other.reached:
                return len(spent)
            if other.score > found.score:
                best, found = dict(assignment), other
                break
        else:  # nothing near is nearer
            before = len(spent)
            for _ in range(8 * budget):
                best = _drawn(best, known, chance)
                found = tried(best)
                if found is None or found.reached or len(spent) > before:
                    break
            else:
                break  # everything that there is has been tried
    return len(spent)


def _around(best: Assignment, fields: Mapping[str, int], chance: random.Random) -> Iterator[dict[str, int]]:
    """The assignments that differ from one in one field; the field that stands for all others first."""
    order = [name for name in fields if name != EVERYWHERE]
    chance.shuffle(order)
    for name in (EVERYWHERE, *order):
        now = best.get(name, best.get(EVERYWHERE, 0))
        for index in range(fields.get(name, 0)):
            if index != now:
                yield {**best, name: index}


def _drawn(best: Assignment, fields: Mapping[str, int], chance: random.Random) -> dict[str, int]:
    """An assignment that differs in about half of its fields."""
    made = dict(best)
    for name, count in fields.items():
        if name != EVERYWHERE and chance.random() < _RESTART:
            made[name] = chance.randrange(count)
    return made
