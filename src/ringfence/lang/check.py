"""Check a whole plan before anything runs: names, calls, types of literals, dialect.

Its one rule: all problems are reported at once, each with a code, a place and what to write instead.
`lang/checking/` holds how.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from ringfence.core.errors import PlanRejected
from ringfence.lang import ir
from ringfence.lang.analysis.effects import Effects
from ringfence.lang.checking.checker import Checker
from ringfence.lang.depth import deep_stack, preparing
from ringfence.lang.dialects import dialect_problems
from ringfence.lang.host import Bounds, Signature
from ringfence.lang.scope import Outline


@final
@dataclass(frozen=True, slots=True)
class CheckedPlan:
    """A plan without known problems, and what it was checked against. Only `check` makes one."""

    plan: ir.Plan
    signatures: Mapping[str, Signature]
    dialect: str
    given: Mapping[str, Bounds]
    names: frozenset[str]
    outline: Outline = field(compare=False, repr=False)
    _effects: list[Effects] = field(default_factory=list, compare=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, compare=False, repr=False)

    def effects(self) -> Effects:
        """What each piece of the plan may do: worked out when it is first asked for, for the forecast and the run."""
        with self._lock, deep_stack():
            if not self._effects:
                self._effects.append(Effects(self.outline, frozenset(self.signatures), frozenset(self.given)))
            return self._effects[0]


def check(
    plan: ir.Plan,
    signatures: Mapping[str, Signature],
    *,
    dialect: str = "code-then-execute",
    given: Mapping[str, Bounds] | None = None,
) -> CheckedPlan:
    """Check a plan. Raises PlanRejected with every problem; `given` are variables that exist before it starts."""
    from ringfence.lang.running.runtime import NAMES

    variables: Mapping[str, Bounds] = {} if given is None else given
    with preparing():
        outline = Outline(plan.body)
        checker = Checker(plan, outline, signatures, frozenset(NAMES), variables)
        checker.whole()
        problems = [*checker.problems, *dialect_problems(plan, signatures, dialect)]
    if problems:
        raise PlanRejected(sorted(problems, key=lambda p: (p.span, p.code)), plan.text)
    return CheckedPlan(plan, dict(signatures), dialect, dict(variables), frozenset(NAMES), outline)
