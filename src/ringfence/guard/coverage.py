"""What a yes to a plan covers: the calls that were shown before it started, as they were shown.

Its one rule: what a person did not see is not approved. An argument that was shown must be that value, written in the
plan; one that was not known yet is covered only if the person took it unseen, and named it; the rules that ask must be
those that were told, for reasons that were told or that lie in what was taken unseen; each call that was shown counts
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from ringfence.core.encoding import digest, to_json
from ringfence.core.plain import Plain
from ringfence.core.values import Value, unsafe_plain
from ringfence.guard.decision import Decision

Cause = tuple[str, str, str | None]


@final
@dataclass(frozen=True, slots=True)
class Shown:
    """One call of a plan, as it was shown: digests of the values that are written in the plan, names of the others."""

    site: int
    tool: str
    literals: Mapping[str, str]
    unseen: frozenset[str]
    causes: frozenset[Cause]
    rules: frozenset[str] = frozenset()

    def key(self, parameter: str) -> str:
        """How an argument that was not known yet is named when a person takes it unseen."""
        return f"{self.site}.{parameter}"

    def covers(self, tool: str, arguments: Mapping[str, Value], decision: Decision, taken: frozenset[str]) -> bool:
        """Whether a call is this one, and asks for no other reasons. `taken` are the arguments taken unseen."""
        return (
            tool == self.tool
            and arguments.keys() == self.literals.keys() | self.unseen
            and all(self._told(cause) for cause in causes_of(decision))
            and all(self.key(name) in taken for name in self.unseen)
            and all(_is(arguments[name], expected) for name, expected in self.literals.items())
        )

    def _told(self, cause: Cause) -> bool:
        """Whether the person knew of it: it was certain, or is about what was taken whatever it is."""
        rule, _, argument = cause
        return cause in self.causes or (rule in self.rules and argument in self.unseen)


def causes_of(decision: Decision) -> frozenset[Cause]:
    """Why a decision asks, without the names that data may have brought in."""
    return frozenset((reason.rule, reason.predicate, reason.argument) for reason in decision.reasons)


def literal_digest(plain: Plain) -> str:
    """The digest of a value that is written in a plan."""
    return digest(to_json(plain))


def _is(value: Value, expected: str) -> bool:
    # Sound: only whether it is what was shown leaves this, and what was shown is written in the plan. Its label is that
    # of the place then, which the rules that ask look at.
    return literal_digest(unsafe_plain(value)) == expected
