"""Budgets: so many calls, such a sum, so many receivers, in a run or in a day.

Its one rule: what a call takes is entered before the call is made, in one step with the question whether there is room,
so that two runs never spend the same rest; and it only ever adds up: a negative or an unreadable amount denies (P431).
A call counts once, however often its run is taken up. A day is one of UTC; entries of later days count too, so a clock
that was put back gives nothing back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from threading import Lock
from typing import Final, Literal, Protocol, TypeAlias, final

from ringfence.core.plain import Plain
from ringfence.guard.decision import Decision, Reason
from ringfence.guard.entries import fits
from ringfence.guard.sections import Sections, meant, table_of, texts_of
from ringfence.guard.tools import Tool

Measure: TypeAlias = Literal["calls", "sum", "distinct"]
_KEYS: Final = ("tools", "sum", "distinct", "most", "per", "over")
_LARGEST: Final = Decimal(10) ** 30


@final
@dataclass(frozen=True, slots=True)
class Budget:
    """A budget as the policy defines it. `parameter` is what `sum` adds up and `distinct` counts."""

    name: str
    tools: tuple[str, ...]
    measure: Measure
    parameter: str | None
    most: Decimal
    daily: bool
    asks: bool

    @property
    def text(self) -> str:
        """`sum of amount <= 500 a day`."""
        what = {"calls": "calls", "sum": f"sum of {self.parameter}", "distinct": f"different {self.parameter}"}
        return f"{what[self.measure]} <= {self.most:f} a {'day' if self.daily else 'run'}"


@final
@dataclass(frozen=True, slots=True)
class Charge:
    """What one call takes from one budget. `tokens` are the digests of what `distinct` counts."""

    budget: str
    run: str
    call: int
    day: str
    daily: bool
    amount: Decimal
    tokens: tuple[str, ...] | None = None


class Ledger(Protocol):
    """What was spent, by all runs of a store. Thread-safe; an entry is durable when `take` returns. AuditError."""

    def take(self, charge: Charge, most: Decimal, *, force: bool = False, dry: bool = False) -> bool:
        """Enter a charge if there is room for it, or in any case (`force`); whether there was. `dry`: only ask."""


def room(charge: Charge, most: Decimal, spent: Iterable[tuple[Decimal, str]]) -> bool:
    """Whether a charge fits. `spent`: amount and token of all other entries of its period."""
    if charge.tokens is not None:
        return len({token for _, token in spent} | set(charge.tokens)) <= most
    return sum((amount for amount, _ in spent), charge.amount) <= most


def rows(charge: Charge) -> list[tuple[Decimal, str]]:
    """The entries of a charge: amount and token."""
    return [(charge.amount, "")] if charge.tokens is None else [(Decimal(0), token) for token in charge.tokens]


@final
class MemoryLedger:
    """A ledger that ends with the process."""

    def __init__(self) -> None:
        self._charges: dict[tuple[str, str, int], Charge] = {}
        self._lock = Lock()

    def take(self, charge: Charge, most: Decimal, *, force: bool = False, dry: bool = False) -> bool:
        with self._lock:
            spent = [row for other in self._charges.values() if _counts(charge, other) for row in rows(other)]
            fits_in = room(charge, most, spent)
            if not dry and (fits_in or force):
                self._charges.setdefault((charge.budget, charge.run, charge.call), charge)
            return fits_in


def _counts(charge: Charge, other: Charge) -> bool:
    if other.budget != charge.budget or (other.run, other.call) == (charge.run, charge.call):
        return False
    return other.day >= charge.day if charge.daily else other.run == charge.run


# Deciding


class Uncountable(Exception):
    """The argument that a budget counts is none that can be counted. Names the budget's parameter."""


@final
class Spending:
    """The budgets as one run meets them."""

    def __init__(self, budgets: Mapping[str, tuple[Budget, ...]], ledger: Ledger, run: str) -> None:
        self._budgets = budgets
        self._ledger = ledger
        self._run = run

    def counts(self, tool: str) -> bool:
        """Whether any budget speaks about a tool."""
        return tool in self._budgets

    def weigh(self, decision: Decision, call: int, arguments: Mapping[str, Plain], day: str) -> Decision:
        """The decision with what the budgets say; the strictest wins."""
        for budget in self._budgets.get(decision.tool, ()):
            try:
                over = not self._ledger.take(self._charge(budget, call, arguments, day), budget.most, dry=True)
            except Uncountable:
                return _uncountable(decision, budget)
            if over:
                decision = _over(decision, budget)
        return decision

    def settle(self, decision: Decision, call: int, arguments: Mapping[str, Plain], day: str) -> Decision | None:
        """Enter the call. A denial, if another run has taken the rest meanwhile; what was entered stays."""
        approved = set(decision.rules) if decision.verdict == "ask" else set[str]()
        for budget in self._budgets.get(decision.tool, ()):
            force = _rule(budget) in approved
            try:
                charge = self._charge(budget, call, arguments, day)
            except Uncountable:  # in observe mode, which denies nothing
                continue
            if not self._ledger.take(charge, budget.most, force=force) and not force:
                return _over(Decision("allow", decision.tool, ()), replace(budget, asks=False))
        return None

    def replayed(self, tool: str, call: int, arguments: Mapping[str, Plain], day: str) -> None:
        """Enter a call that was made before: it counts once."""
        for budget in self._budgets.get(tool, ()):
            try:
                self._ledger.take(self._charge(budget, call, arguments, day), budget.most, force=True)
            except Uncountable:
                continue

    def _charge(self, budget: Budget, call: int, arguments: Mapping[str, Plain], day: str) -> Charge:
        plain = None if budget.parameter is None else arguments.get(budget.parameter)
        amount, tokens = Decimal(1), None
        if budget.measure == "sum":
            amount = _amount(plain)
        elif budget.measure == "distinct":
            tokens = tuple(dict.fromkeys(_token(one) for one in _each(plain)))
        return Charge(budget.name, self._run, call, day, budget.daily, amount, tokens)


def _amount(plain: Plain) -> Decimal:
    """What a call adds: a number that is not negative. None adds nothing."""
    if plain is None:
        return Decimal(0)
    if isinstance(plain, bool) or not isinstance(plain, (int, float, Decimal)):
        raise Uncountable
    if isinstance(plain, int) and plain.bit_length() > 100:
        raise Uncountable
    found = Decimal(repr(plain)) if isinstance(plain, float) else Decimal(plain)
    if not found.is_finite() or found < 0 or found > _LARGEST:
        raise Uncountable
    return found


def _each(plain: Plain) -> Iterable[Plain]:
    if isinstance(plain, (list, tuple, set, frozenset)):
        return plain
    return () if plain is None else (plain,)


def _token(plain: Plain) -> str:
    if isinstance(plain, bool) or not isinstance(plain, (str, int)):
        raise Uncountable
    return sha256(str(plain).strip().lower().encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _rule(budget: Budget) -> str:
    return f"budget.{budget.name}"


def _over(decision: Decision, budget: Budget) -> Decision:
    reason = Reason(_rule(budget), budget.text, "within the budget", budget.parameter, None)
    rest = "wait for the next day" if budget.daily else "do less in one run"
    if decision.verdict == "deny":
        return decision
    if not budget.asks:
        remedy = f"{rest}, or raise `most` in [budgets.{budget.name}]"
        scope: Literal["day", "run"] = "day" if budget.daily else "run"
        later = budget.daily
        return Decision("deny", decision.tool, (_rule(budget),), (reason,), (remedy,), "P430", "budget", later, scope)
    before = decision if decision.verdict == "ask" else Decision("ask", decision.tool, ())
    remedies = tuple(dict.fromkeys((*before.remedies, rest, "a person can approve this call")))
    return replace(
        before,
        rules=(*before.rules, _rule(budget)),
        reasons=(*before.reasons, reason),
        remedies=remedies,
        code="P410",
        kind=before.kind or "budget",
        scope=before.scope or "call",
    )


def _uncountable(decision: Decision, budget: Budget) -> Decision:
    if decision.verdict == "deny":
        return decision
    reason = Reason(_rule(budget), budget.text, "countable", budget.parameter, None)
    remedy = f"give {budget.parameter} a plain number that is not negative, or plain names"
    return Decision("deny", decision.tool, (_rule(budget),), (reason,), (remedy,), "P431", "budget", False, "argument")


# Reading the table [budgets]


def load_budgets(sections: Sections, tools: Mapping[str, Tool], *, strict: bool) -> dict[str, tuple[Budget, ...]]:
    """By tool the budgets that count its calls; in strict mode none of them asks. ConfigError (C503, C523)."""
    made: dict[str, tuple[Budget, ...]] = {}
    for name, found in sections.budgets.items():
        budget = _budget(sections, name, found, tools)
        budget = replace(budget, asks=budget.asks and not strict)
        for tool in budget.tools:
            made[tool] = (*made.get(tool, ()), budget)
    return made


def _budget(sections: Sections, name: str, found: object, tools: Mapping[str, Tool]) -> Budget:
    path = ("budgets", name)
    table = table_of(sections, path, found, _KEYS)
    chosen = _tools(sections, path, table.get("tools"), tools)
    if "sum" in table and "distinct" in table:
        raise sections.bad(path, "counts two things", "sum or distinct; neither counts calls", code="C523")
    measure: Measure = "sum" if "sum" in table else "distinct" if "distinct" in table else "calls"
    parameter = None if measure == "calls" else _parameter(sections, (*path, measure), table[measure], chosen, tools)
    per, over = table.get("per", "run"), table.get("over", "deny")
    if per not in ("run", "day"):
        raise sections.bad((*path, "per"), "has a value that does not exist", '"run" or "day"')
    if over not in ("ask", "deny"):
        raise sections.bad((*path, "over"), "has a value that does not exist", '"ask" or "deny"')
    most = table.get("most")
    if isinstance(most, bool) or not isinstance(most, (int, float)) or not 0 <= most < 1e18:
        raise sections.bad((*path, "most"), "is no number from 0", "write most = 5", code="C523")
    return Budget(name, chosen, measure, parameter, Decimal(repr(most)), per == "day", over == "ask")


def _tools(sections: Sections, path: tuple[str, ...], found: object, tools: Mapping[str, Tool]) -> tuple[str, ...]:
    patterns = texts_of(sections, (*path, "tools"), [] if found is None else found, "tool")
    for pattern in patterns:
        if not any(fits(pattern, name) for name in tools):
            raise sections.bad((*path, "tools"), f"names no tool: {pattern}", meant(pattern.strip("*?"), tools))
    if not patterns:
        raise sections.bad(path, "names no tools", 'write tools = ["NAME"]', code="C523")
    return tuple(name for name in tools if any(fits(pattern, name) for pattern in patterns))


def _parameter(
    sections: Sections, path: tuple[str, ...], found: object, chosen: tuple[str, ...], tools: Mapping[str, Tool]
) -> str:
    for tool in chosen:
        known = [param.name for param in tools[tool].signature.params if param.kind not in ("args", "kwargs")]
        if not isinstance(found, str) or found not in known:
            raise sections.bad(path, f"names no parameter of {tool}", meant(str(found), known), code="C523")
    return str(found)
