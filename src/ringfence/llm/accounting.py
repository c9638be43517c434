"""What a run costs: questions, tokens, seconds and money for each role, and the bound that no run passes.

Its one rule: nothing is asked once the budget is used up. A question is counted before it is asked by an estimate of
its input, and afterwards by what the provider says; who says nothing is counted by the same estimate. So a run passes
its budget by at most the answers that were on their way. Counts hold no text.

What a reading costs may tell of the data that it read. So a reading fails, which a plan may see, only where those that
its own label covers have used up the budget; where all together have, the run ends.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final, Literal, TypeAlias, final

from ringfence.core.encoding import Json
from ringfence.core.errors import LimitExceeded, QuarantineError
from ringfence.core.labels import Label
from ringfence.guard.spending import READING, Price, Spending
from ringfence.llm.models import ChatModel, Reply
from ringfence.schema import Type

Role: TypeAlias = Literal["planner", "quarantine", "composer", "delegate"]
_CHARACTERS: Final = 4  # of a token, about
_HINT: Final = "raise the limit in [spending], or ask for less"


@final
@dataclass(frozen=True, slots=True)
class Usage:
    """What one role has cost. money None: of some model there is no price."""

    questions: int = 0
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    money: float | None = 0.0

    @property
    def tokens(self) -> int:
        """Of questions and answers together."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        money = None if self.money is None or other.money is None else self.money + other.money
        return Usage(
            self.questions + other.questions,
            self.failures + other.failures,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.seconds + other.seconds,
            money,
        )

    def to_json(self) -> dict[str, Json]:
        """For reports and the audit."""
        return {
            "questions": self.questions,
            "failures": self.failures,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "seconds": round(self.seconds, 3),
            "money": None if self.money is None else round(self.money, 6),
        }


NOTHING: Final = Usage()


@final
class Account:
    """The account of one run. Thread-safe: readings overlap."""

    def __init__(self, spending: Spending, before: Usage = NOTHING) -> None:
        """`before` is what the run has cost in other processes: it counts for the bound and for nothing else."""
        self.spending = spending
        self.before = before
        self._used: dict[Role, Usage] = {}
        self._read: dict[Label, Usage] = {}  # of readings, by their labels
        self._pending: dict[Label | None, int] = {}
        self._lock = Lock()

    def metered(self, model: ChatModel, role: Role, name: str = "") -> ChatModel:
        """The model, counted here under a role. `name` finds its price."""
        return _Metered(model, self, role, self.spending.price(name))

    @property
    def used(self) -> dict[Role, Usage]:
        """By role, what has been used."""
        with self._lock:
            return dict(self._used)

    @property
    def total(self) -> Usage:
        """All roles together."""
        total = NOTHING
        for usage in self.used.values():
            total += usage
        return total

    def to_json(self) -> dict[str, Json]:
        """By role, and together."""
        made: dict[str, Json] = {role: usage.to_json() for role, usage in self.used.items()}
        return {**made, "total": self.total.to_json()}

    def begin(self, role: Role, characters: int, *, priced: bool) -> int:
        """A question of so many characters is about to be asked. Raises LimitExceeded or QuarantineError (E343)."""
        expected = characters // _CHARACTERS
        total, label = self.before + self.total, READING.get()
        with self._lock:
            if role == "quarantine" and label is not None:
                covered = [one for one in self._read if one.flows_to(label)]
                used = sum((self._read[one] for one in covered), self._used.get("planner", NOTHING))
                pending = sum(self._pending[one] for one in self._pending if one is not None and one.flows_to(label))
                problem = self._over(used, pending + expected, priced=priced)
                if problem is not None:
                    raise QuarantineError(problem[1], code="E343", hint=_HINT)
            problem = self._over(total, sum(self._pending.values()) + expected, priced=priced)
            if problem is not None:
                raise LimitExceeded(*problem, code="E343", hint=_HINT)
            self._pending[label] = self._pending.get(label, 0) + expected
        return expected

    def _over(self, used: Usage, expected: int, *, priced: bool) -> tuple[str, str] | None:
        """The limit that would be passed with so many more tokens, and what to say."""
        limit, money = self.spending.tokens, self.spending.money
        if limit is not None and used.tokens + expected > limit:
            return "tokens", f"the run would use more than {limit:,} tokens"
        if money is not None and not priced:
            return "money", "the model has no price in [spending.prices], so that nothing is asked"
        if money is not None and (used.money is None or used.money >= money):
            return "money", "the run would cost more than it may"
        return None

    def end(self, role: Role, expected: int, usage: Usage) -> None:
        """The question was answered, or not."""
        label = READING.get()
        with self._lock:
            self._pending[label] -= expected
            self._used[role] = self._used.get(role, NOTHING) + usage
            if role == "quarantine" and label is not None:
                self._read[label] = self._read.get(label, NOTHING) + usage


@final
class _Metered:
    """A `ChatModel` that is counted."""

    def __init__(self, model: ChatModel, account: Account, role: Role, price: Price | None) -> None:
        self._model = model
        self._account = account
        self._role = role
        self._price = price

    def complete(self, system: str, user: str, schema: Type | None = None) -> Reply:
        """Ask, and count. Raises what the model raises; LimitExceeded or QuarantineError (E343) before it is asked."""
        characters = len(system) + len(user)
        expected = self._account.begin(self._role, characters, priced=self._price is not None)
        started = time.monotonic()
        usage = Usage(questions=1, failures=1, input_tokens=expected)
        try:
            reply = self._model.complete(system, user, schema)
            usage = Usage(
                questions=1,
                input_tokens=reply.input_tokens if reply.input_tokens else expected,
                output_tokens=reply.output_tokens if reply.output_tokens else len(reply.text) // _CHARACTERS,
            )
            return reply
        finally:
            money = None if self._price is None else self._price.of(usage.input_tokens, usage.output_tokens)
            took = time.monotonic() - started
            self._account.end(self._role, expected, replace(usage, seconds=took, money=money))
