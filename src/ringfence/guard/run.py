"""One run, as every part of its monitor sees it: which plan runs now, how many calls it may make, which it has made.

Its one rule: it only counts and remembers; whether a call may be made is not decided here. A call that was made stays.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, final

from ringfence.core.errors import LimitExceeded
from ringfence.core.plain import Plain
from ringfence.core.values import Value
from ringfence.guard.journal import Entry
from ringfence.lang.host import HostCall, SchemaValue

MAX_CALLS: Final = 10_000


@final
@dataclass(frozen=True, slots=True)
class RunInfo:
    """Which run this is: its id, and the hash of the plan, to which approvals are bound."""

    id: str
    plan_hash: str = ""


@final
@dataclass(frozen=True, slots=True)
class Budget:
    """How many calls a run may make, in all and of single tools."""

    calls: int = MAX_CALLS
    per_tool: Mapping[str, int] = field(default_factory=dict)


@final
@dataclass(frozen=True, slots=True)
class CallMade:
    """A call that was made, for the run's report. `arguments` are plain, so this is for the user's eyes.

    bypass: the id of the bypass without which it would have been stopped. edited: the arguments that a person wrote.
    """

    index: int
    tool: str
    arguments: Mapping[str, Plain]
    verdict: str
    rules: tuple[str, ...]
    bypass: str = ""
    edited: tuple[str, ...] = ()


@final
class Run:
    """The state of one run that all its calls share. The engine calls from one thread, so nothing here is locked."""

    def __init__(self, info: RunInfo, budget: Budget, literals: Mapping[int, frozenset[str]]) -> None:
        self.id = info.id
        self.planned(info.plan_hash, literals)
        self.calls: list[CallMade] = []  # those that were made, in program order
        self._budget = budget
        self._counts: dict[str, int] = {}

    def planned(self, plan_hash: str, literals: Mapping[int, frozenset[str]]) -> None:
        """The plan that runs now, and by a site's number the parameters whose arguments are written in it."""
        self.plan_hash = plan_hash
        self._literals = dict(literals)

    def written(self, site: int) -> frozenset[str]:
        """The parameters whose arguments are written in the plan at this place."""
        return self._literals.get(site, frozenset())

    def count(self, call: HostCall) -> None:
        """One call more. LimitExceeded."""
        count = self._counts.get(call.name, 0) + 1
        self._counts[call.name] = count
        if sum(self._counts.values()) > self._budget.calls:
            raise LimitExceeded("calls", f"the run makes more than {self._budget.calls:,} calls", label=call.pc)
        most = self._budget.per_tool.get(call.name)
        if most is not None and count > most:
            raise LimitExceeded(
                f"calls of {call.name}", f"the run calls {call.name} more than {most:,} times", label=call.pc
            )

    def made(self, call: HostCall, arguments: Mapping[str, Plain], entry: Entry, bypass: str = "") -> None:
        """The call was made, or its making has begun."""
        made = CallMade(call.index, call.name, arguments, entry.verdict, entry.rules, bypass, entry.edited)
        insort(self.calls, made, key=lambda one: one.index)  # what waited for a result may come later


def values_of(call: HostCall) -> dict[str, Value]:
    """The arguments of a call that are values: all but the schema of a quarantined one."""
    return {name: value for name, value in call.arguments.items() if not isinstance(value, SchemaValue)}
