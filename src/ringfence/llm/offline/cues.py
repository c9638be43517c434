"""What is looked for in a text: the cues that a schema gives, and the place that fits them best.

Its one rule: cues come from the schema and the instruction, never from the text that is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, final

from ringfence.core.plain import Plain
from ringfence.llm.offline.finding import Spot
from ringfence.llm.offline.summary import words
from ringfence.schema import Field

_T = TypeVar("_T")


@final
class Missing:
    """Nothing in the text fits."""


MISSING: Final = Missing()
Filled = Plain


@final
@dataclass(frozen=True, slots=True)
class Cue:
    """What is looked for: the words of a field's name and description, the instruction, and the field's siblings."""

    name: str
    description: str
    instruction: str
    siblings: tuple[Field, ...] = ()

    @property
    def own(self) -> list[str]:
        """The words of the name."""
        return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", self.name)]

    @property
    def all(self) -> set[str]:
        """Stems of name and description; of the instruction if there are neither."""
        own = words(" ".join(self.own) + " " + self.description)
        return set(own if own else words(self.instruction))

    def speaks_of(self, *hints: str) -> bool:
        """Whether the name or the description has one of the words; for an answer without a name, the instruction."""
        text = " ".join(self.own) + " " + self.description.lower()
        text = text if text.strip() else self.instruction.lower()
        return any(re.search(rf"\b{hint}", text) for hint in hints)


def near(spots: Sequence[Spot[_T]], cue: Cue, text: str) -> _T | Missing:
    """The one that stands on the line, or within 60 characters, after most of the cue's words; else the first."""
    if not spots:
        return MISSING
    wanted = cue.all
    best = max(spots, key=lambda spot: (_support(spot, wanted, text), -spot.start))
    return best.value


def _support(spot: Spot[object], wanted: set[str], text: str) -> float:
    line_start = text.rfind("\n", 0, spot.start) + 1
    before = text[max(line_start, spot.start - 60) : spot.start]
    line_end = text.find("\n", spot.end, spot.end + 40)
    after = text[spot.end : line_end if line_end >= 0 else spot.end + 40]
    return len(wanted & set(words(before))) + 0.5 * len(wanted & set(words(after)))
