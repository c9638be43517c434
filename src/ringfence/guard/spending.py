"""What the policy lets one run spend on models, and what they cost.

Its one rule: a bound of money needs a price for every model that is asked; without one nothing is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, final

from ringfence.core.labels import Label

# The label of the reading that is under way in this thread: what it costs, and whether it is made, tells of no more.
READING: Final[ContextVar[Label | None]] = ContextVar("READING", default=None)


@final
@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens, in whatever currency the limit is in."""

    input: float
    output: float

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """What these tokens cost."""
        return (self.input * input_tokens + self.output * output_tokens) / 1_000_000


@final
@dataclass(frozen=True, slots=True)
class Spending:
    """What one run may cost (None: no bound), and the prices of models by name, with provider or without.

    answer: the most tokens of one answer of a model, None: what the client takes (llm/providers.py).
    """

    tokens: int | None = None
    money: float | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    answer: int | None = None

    def price(self, model: str) -> Price | None:
        """The price of a model; None if the configuration has none."""
        plain = model.partition("@")[0]
        found = self.prices.get(plain)
        return self.prices.get(plain.partition(":")[2]) if found is None else found
