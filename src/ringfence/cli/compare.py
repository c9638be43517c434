"""Two runs of the same request side by side: what the data of the second could change.

Its one rule: everything that differs is named; what is the same is said only of what was compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from ringfence.core.encoding import Json, canonical_json, to_json
from ringfence.guard.run import CallMade


@final
@dataclass(frozen=True, slots=True)
class Difference:
    """An argument that is not the same in both runs. `added` are the lines of text that only the second has."""

    index: int
    tool: str
    parameter: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class Comparison:
    """`same_calls`: the same tools in the same order. `differences` are of their arguments."""

    same_calls: bool
    same_recipients: bool
    differences: tuple[Difference, ...]

    @property
    def held(self) -> bool:
        """Whether the second run did the same for the same people."""
        return self.same_calls and self.same_recipients

    def to_json(self) -> Json:
        """As an object."""
        return {
            "same_calls": self.same_calls,
            "same_recipients": self.same_recipients,
            "differences": [
                {
                    "call": one.index,
                    "tool": one.tool,
                    "parameter": one.parameter,
                    "added": [*one.added],
                    "removed": [*one.removed],
                }
                for one in self.differences
            ],
        }


def compare(
    first: Sequence[CallMade], second: Sequence[CallMade], delivered: tuple[Sequence[str], Sequence[str]]
) -> Comparison:
    """Compare the calls of two runs, and who really got something: the recipients of what was delivered."""
    same_calls = [made.tool for made in first] == [made.tool for made in second]
    differences = []
    for left, right in zip(first, second, strict=False):
        for name in dict.fromkeys((*left.arguments, *right.arguments)):
            before, after = (canonical_json(to_json(made.arguments.get(name))) for made in (left, right))
            if left.tool == right.tool and before != after:
                differences.append(_difference(left, right, name))
    return Comparison(same_calls, sorted(delivered[0]) == sorted(delivered[1]), tuple(differences))


def _difference(left: CallMade, right: CallMade, name: str) -> Difference:
    before, after = _lines(left.arguments.get(name)), _lines(right.arguments.get(name))
    return Difference(
        right.index,
        right.tool,
        name,
        tuple(line for line in after if line not in before),
        tuple(line for line in before if line not in after),
    )


def _lines(value: object) -> list[str]:
    return value.splitlines() if isinstance(value, str) else [canonical_json(to_json(value))]
