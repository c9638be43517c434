"""What a policy says of a call: the verdict, the rules that made it, the reasons, and what would make it legal.

Its one rule: a decision names rules, parameters, kinds of sources and readers, and never a value or a name that
comes from data, so that it may be shown to a planner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, final

from ringfence.core.jsontext import Json

Verdict: TypeAlias = Literal["allow", "ask", "deny"]
Forecast: TypeAlias = Literal["allow", "ask", "deny", "depends"]
# Why it is so. structural: with this tool and policy never; permission: not with these labels or values; budget: too
# much; transient: something that the rule needs is not there now.
Class: TypeAlias = Literal["structural", "permission", "budget", "transient"]
# What would have to be another for the verdict to change.
Scope: TypeAlias = Literal["argument", "place", "call", "tool", "run", "day"]


@final
@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule did not hold: `argument` is None for the place of the call; `obstacle` a source, readers, or None."""

    rule: str
    condition: str
    predicate: str
    argument: str | None
    obstacle: str | None

    @property
    def short(self) -> str:
        """`trusted(to)`."""
        return self.predicate if self.argument is None else f"{self.predicate}({self.argument})"

    def render(self) -> str:
        """What did not hold, why, and in which rule."""
        why = "" if self.obstacle is None else f" ({self.obstacle})"
        return f"{self.short} does not hold{why}: rule {self.rule}"


@final
@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict. `rules` are those that made it; `code` is P410 for an ask, P401, P403, P404, P430 or P432 else.

    kind: the class of what stands in the way. retryable: the same call, unchanged, may be allowed later. scope: what
    would have to be another. All three say nothing of a call that is allowed.
    """

    verdict: Verdict
    tool: str
    rules: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    remedies: tuple[str, ...] = ()
    code: str | None = None
    kind: Class | None = None
    retryable: bool = False
    scope: Scope | None = None

    @property
    def argument(self) -> str | None:
        """The first argument that stood in the way."""
        return next((reason.argument for reason in self.reasons if reason.argument is not None), None)

    @property
    def obstacle(self) -> str | None:
        """The first source or reader that stood in the way."""
        return next((reason.obstacle for reason in self.reasons if reason.obstacle is not None), None)

    def render(self) -> str:
        """For a person, several lines."""
        words = {"allow": "allowed", "ask": "needs an approval", "deny": "denied"}[self.verdict]
        lines = [f"{self.tool}: {words} ({', '.join(self.rules) if self.rules else 'no rule allows it'})"]
        lines += [f"    {reason.render()}" for reason in self.reasons]
        lines += [f"    remedy: {remedy}" for remedy in self.remedies]
        return "\n".join(lines)

    def for_planner(self, code: str | None = None) -> str:
        """For a planner: code, tool, what stands in the way, and what would make it legal. One line each.

        `code`: of the denial that was raised, where it says more (P402: nothing has run).
        """
        words = "needs an approval" if self.verdict == "ask" else "is denied"
        lines = [f"{self.code if code is None else code}: {self.tool} {words}"]
        lines += [f"- {reason.render()}" for reason in self.reasons]
        if self.verdict == "deny" and not self.retryable and self.scope == "tool":
            lines.append("- final: no change of the arguments makes this call legal")
        return "\n".join([*lines, *(f"- remedy: {remedy}" for remedy in self.remedies)])

    def to_json(self) -> dict[str, Json]:
        """The same as an object."""
        return {
            "verdict": self.verdict,
            "tool": self.tool,
            "rules": [*self.rules],
            "reasons": [
                {
                    "rule": reason.rule,
                    "condition": reason.condition,
                    "predicate": reason.predicate,
                    "argument": reason.argument,
                    "obstacle": reason.obstacle,
                }
                for reason in self.reasons
            ],
            "remedies": [*self.remedies],
            "code": self.code,
            "class": self.kind,
            "retryable": self.retryable,
            "scope": self.scope,
        }
