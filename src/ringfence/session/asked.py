"""What the planner was asked: kept with a run that may need another plan, so that any process can go on with it.

Its one rule: the user's request and what the planner was told stand in the run's own record, which is as private as the
plan and the variables beside them; not in the audit, and no longer than until the run has ended. What a text that is no
user's asked for (a sealed child) is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast, final

from ringfence.core.encoding import EncodingError, Json, canonical_json, digest, loads
from ringfence.llm.accounting import Usage
from ringfence.llm.planner import PlanWriter
from ringfence.session.rounds import Known, Round, known_from_json, known_to_json

_KEY: Final = "asked"


@final
@dataclass(frozen=True, slots=True)
class Asks:
    """Who can be asked for another plan, and for what. The writer is made when it is needed.

    replans: whether it writes further plans, as far as that is known without making it.
    """

    writer: Callable[[], PlanWriter]
    request: str
    today: date
    replans: bool = True


@final
@dataclass(frozen=True, slots=True)
class Asked:
    """What is kept of the asking. history, known: as in `Round`."""

    request: str
    today: date
    history: tuple[str, ...] = ()
    known: tuple[Known, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """As it stands in the run's record."""
        return {
            "request": self.request,
            "today": self.today.isoformat(),
            "history": [*self.history],
            "known": [known_to_json(one) for one in self.known],
        }

    def begun(self, now: Round) -> Round:
        """The round of a stored run, with what is known of its variables."""
        told = {one.name: one for one in self.known}
        return replace(now, history=self.history, known=tuple(told.get(one.name, one) for one in now.known))


def kept(config: Mapping[str, Json], asked: Asked | None, cost: Usage) -> str:
    """The configuration of a run's record, with what the planner was asked and what the run has cost so far."""
    spent: dict[str, Json] = {"tokens": cost.tokens, "money": cost.money}
    told: dict[str, Json] = {} if asked is None else {_KEY: asked.to_json()}
    return canonical_json({**config, "cost": spent, **told})


def without_asked(config: str) -> str:
    """The configuration of the record of a run that has ended."""
    found = cast("dict[str, Json]", loads(config))
    found.pop(_KEY, None)
    return canonical_json(found)


def asked_from(config: str, request_digest: str) -> Asked | None:
    """What the planner of a stored run was asked; None if that was not kept. Raises EncodingError."""
    found = cast("dict[str, Json]", loads(config)).get(_KEY)
    if found is None:
        return None
    try:
        stored = cast("dict[str, Json]", found)
        request, history = stored["request"], cast("list[Json]", stored["history"])
        known = tuple(known_from_json(one) for one in cast("list[Json]", stored["known"]))
        if not isinstance(request, str) or digest(request) != request_digest:
            raise EncodingError("the request of a stored run")
        today = date.fromisoformat(str(stored["today"]))
        return Asked(request, today, tuple(str(one) for one in history), known)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise EncodingError("the request of a stored run") from problem


def cost_from(config: str) -> Usage:
    """What a stored run has cost, for its budget. Raises EncodingError."""
    try:
        found = cast("dict[str, dict[str, Json]]", loads(config)).get("cost", {"tokens": 0, "money": 0.0})
        tokens, money = found["tokens"], found["money"]
        return Usage(input_tokens=int(cast(int, tokens)), money=None if money is None else float(cast(float, money)))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise EncodingError("the cost of a stored run") from problem
