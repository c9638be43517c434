"""What a run costs: questions, tokens, seconds and money for each role, and the bound that no run passes.

Its one rule: nothing is asked once the budget is used up. A question is counted before it is asked by an estimate of
its input, and afterwards by what the provider says; who says nothing is counted by the same estimate. So a run passes
its budget by at most the answers that were on their way. Counts hold no text.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final, Literal, TypeAlias, final

from ringfence.core.encoding import Json
from ringfence.core.errors import LimitExceeded, QuarantineError
from ringfence.guard.spending import Price, Spending
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
        self._pending = 0
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
        total = self.before + self.total
        with self._lock:
            tokens = total.tokens + self._pending + expected
            limit, money = self.spending.tokens, self.spending.money
            if limit is not None and tokens > limit:
                raise _used_up(role, "tokens", f"the run would use more than {limit:,} tokens")
            if money is not None and not priced:
                raise _used_up(role, "money", "the model has no price in [spending.prices], so that nothing is asked")
            if money is not None and (total.money is None or total.money >= money):
                raise _used_up(role, "money", "the run would cost more than it may")
            self._pending += expected
        return expected

    def end(self, role: Role, expected: int, usage: Usage) -> None:
        """The question was answered, or not."""
        with self._lock:
            self._pending -= expected
            self._used[role] = self._used.get(role, NOTHING) + usage


def _used_up(role: Role, limit: str, message: str) -> Exception:
    """A reading fails as an item that cannot be read: what was read before is not lost. All else ends the run."""
    if role == "quarantine":
        return QuarantineError(message, code="E343", hint=_HINT)
    return LimitExceeded(limit, message, code="E343", hint=_HINT)


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
