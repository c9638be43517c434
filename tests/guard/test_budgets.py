"""Budgets: calls, sums and receivers; runs, days, clocks that jump, runs that race, amounts that try to give back."""

import threading
import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ringfence.core.errors import ConfigError, PolicyDenied
from ringfence.core.values import wrap
from ringfence.guard.approval import ApproveAll
from ringfence.guard.budgets import Charge, Ledger, MemoryLedger
from ringfence.guard.journal import MemoryJournal
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo
from ringfence.guard.sections import Sections
from ringfence.guard.tools import tool
from ringfence.stores import open_store

from .guard_plan import SECRET, Plan


@tool
def pay(to: str, amount: float | Decimal | None = None) -> None: ...


@tool
def post(to: list[str], text: str = "") -> None: ...


@tool(effect="read")
def look() -> int:
    return 1


TOOLS = [pay, post, look]
SPEND = '[budgets.spend]\ntools = ["pay"]\nsum = "amount"\nmost = 100\n'


class Day:
    """A clock that can be set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Bank:
    """Runs under one policy and one ledger."""

    def __init__(self, text: str, *, mode: Any = "enforce", ledger: Ledger | None = None) -> None:
        sections = Sections(**tomllib.loads(text))
        self.policy = Policy.load(TOOLS, mode=mode, sections=sections)
        self.ledger = MemoryLedger() if ledger is None else ledger
        self.clock = Day()

    def run(self, name: str = "run-1", **options: Any) -> Plan:
        tools, info = self.policy.tools.values(), RunInfo(name, "p" * 64)
        return Plan(Monitor(tools, self.policy, run=info, ledger=self.ledger, clock=self.clock, **options))


def denied(plan: Plan, name: str, **arguments: Any) -> tuple[str, str | None, bool, str | None]:
    with pytest.raises(PolicyDenied) as caught:
        plan.call(name, **arguments)
    decision: Any = caught.value.decision
    return caught.value.code, decision.kind, decision.retryable, decision.scope


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        yield MemoryLedger()
    else:
        with open_store(tmp_path / "s.db") as store:
            yield store.ledger()


def test_so_many_calls(ledger: Ledger) -> None:
    bank = Bank('[budgets.few]\ntools = ["p*"]\nmost = 2', ledger=ledger)
    plan = bank.run()
    plan.call("pay", to="a")
    plan.call("look")
    plan.call("post", to=["a"])
    assert denied(plan, "pay", to="a") == ("P430", "budget", False, "run")
    assert bank.run("run-2").call("pay", to="a") is not None


def test_a_sum_is_exact(ledger: Ledger) -> None:
    plan = Bank(SPEND.replace("100", "0.3"), ledger=ledger).run()
    plan.call("pay", to="a", amount=0.1)
    plan.call("pay", to="a", amount=Decimal("0.2"))
    plan.call("pay", to="a", amount=0)
    plan.call("pay", to="a")
    assert denied(plan, "pay", to="a", amount=Decimal("0.0000000000000000001"))[0] == "P430"


@pytest.mark.parametrize("amount", [-1, -0.5, float("nan"), float("-inf"), float("inf"), 10**40, Decimal("NaN")])
def test_nothing_gives_back(amount: Any) -> None:
    plan = Bank(SPEND).run()
    plan.call("pay", to="a", amount=100)
    assert denied(plan, "pay", to="a", amount=amount) == ("P431", "budget", False, "argument")
    assert denied(plan, "pay", to="a", amount=1)[0] == "P430"


def test_different_receivers(ledger: Ledger) -> None:
    plan = Bank('[budgets.wide]\ntools = ["post"]\ndistinct = "to"\nmost = 2', ledger=ledger).run()
    plan.call("post", to=["Ann@x.example", "bob@x.example"])
    plan.call("post", to=["ann@x.example"])
    assert denied(plan, "post", to=["bob@x.example", "eve@x.example"])[0] == "P430"
    plan.call("post", to=["bob@x.example", "bob@x.example", "ann@x.example"])


def test_a_day_counts_all_runs_and_ends(ledger: Ledger) -> None:
    bank = Bank(SPEND + 'per = "day"', ledger=ledger)
    bank.run("run-1").call("pay", to="a", amount=60)
    assert denied(bank.run("run-2"), "pay", to="a", amount=60) == ("P430", "budget", True, "day")
    bank.clock.now += timedelta(days=1)
    bank.run("run-3").call("pay", to="a", amount=60)


def test_a_clock_that_jumps_back_gives_nothing_back(ledger: Ledger) -> None:
    bank = Bank(SPEND + 'per = "day"', ledger=ledger)
    bank.run("run-1").call("pay", to="a", amount=60)
    for days in (1, 30, 4_000):
        bank.clock.now -= timedelta(days=days)
        assert denied(bank.run(f"back-{days}"), "pay", to="a", amount=60)[0] == "P430"
    bank.clock.now = datetime(2026, 11, 21, 1, tzinfo=UTC)
    assert denied(bank.run("run-9"), "pay", to="a", amount=60)[0] == "P430"


def test_days_are_of_one_time_zone() -> None:
    bank = Bank(SPEND + 'per = "day"')
    bank.run("run-1").call("pay", to="a", amount=60)
    bank.clock.now = bank.clock.now.astimezone(UTC).replace(hour=23)
    assert denied(bank.run("run-2"), "pay", to="a", amount=60)[0] == "P430"


def test_a_day_survives_the_process(tmp_path: Path) -> None:
    with open_store(tmp_path / "s.db") as store:
        Bank(SPEND + 'per = "day"', ledger=store.ledger()).run("one").call("pay", to="a", amount=60)
    with open_store(tmp_path / "s.db") as store:
        bank = Bank(SPEND + 'per = "day"', ledger=store.ledger())
        assert denied(bank.run("two"), "pay", to="a", amount=60)[0] == "P430"


def test_a_call_counts_once_however_often_its_run_is_taken_up(ledger: Ledger) -> None:
    bank, journal = Bank(SPEND, ledger=ledger), MemoryJournal()
    bank.run(journal=journal).call("pay", to="a", amount=60)
    for _ in range(3):
        plan = bank.run(journal=journal)
        plan.call("pay", to="a", amount=60)
    plan.call("pay", to="a", amount=40)


def test_a_replayed_call_counts_also_where_the_ledger_is_new() -> None:
    bank, journal = Bank(SPEND), MemoryJournal()
    bank.run(journal=journal).call("pay", to="a", amount=60)
    bank.ledger = MemoryLedger()
    plan = bank.run(journal=journal)
    plan.call("pay", to="a", amount=60)
    assert denied(plan, "pay", to="a", amount=60)[0] == "P430"


def test_a_breach_may_ask_a_person() -> None:
    bank = Bank(SPEND + 'over = "ask"')
    plan = bank.run(approver=ApproveAll())
    plan.call("pay", to="a", amount=150)
    plan.call("pay", to="a", amount=1)
    made = plan.monitor.calls
    assert [(call.verdict, call.rules) for call in made] == [("ask", ("budget.spend",))] * 2
    strict = Bank(SPEND + 'over = "ask"', mode="strict").run(approver=ApproveAll())
    assert denied(strict, "pay", to="a", amount=150)[0] == "P430"


def test_a_yes_to_something_else_is_no_yes_to_the_budget() -> None:
    """While a person thinks about the receiver, another run spends the rest."""
    bank = Bank(SPEND + 'per = "day"')

    class Slow:
        def decide(self, request: Any) -> Any:
            bank.run("other").call("pay", to="a", amount=60)
            return request.approve()

    untrusted = wrap("eve", SECRET.join(wrapped_label()))
    assert denied(bank.run("run-1", approver=Slow()), "pay", to=untrusted, amount=60)[0] == "P430"


def wrapped_label() -> Any:
    from ringfence.core.labels import Label

    return Label({"tool:web"})


def test_observe_counts_and_never_stops() -> None:
    plan = Bank(SPEND, mode="observe").run()
    plan.call("pay", to="a", amount=60)
    plan.call("pay", to="a", amount=60)
    plan.call("pay", to="a", amount=-1)
    assert [call.verdict for call in plan.monitor.calls] == ["allow", "deny", "deny"]


def test_a_denial_holds_no_amount() -> None:
    plan = Bank(SPEND).run()
    with pytest.raises(PolicyDenied) as caught:
        plan.call("pay", to="SECRET", amount=123456)
    decision: Any = caught.value.decision
    told = caught.value.render() + decision.render() + decision.for_planner() + str(decision.to_json())
    assert "123456" not in told
    assert "SECRET" not in told
    assert decision.reasons[0].condition == "sum of amount <= 100 a run"


def test_two_runs_never_spend_the_same_rest(tmp_path: Path) -> None:
    """Twenty runs in as many connections: of a rest of five calls exactly five are made."""
    day = "2026-11-21"
    made: list[bool] = []

    def spend(number: int) -> None:
        with open_store(tmp_path / "s.db", busy_seconds=60) as store:
            charge = Charge("few", f"run-{number}", 0, day, True, Decimal(1))
            made.append(store.ledger().take(charge, Decimal(5)))

    with open_store(tmp_path / "s.db"):
        threads = [threading.Thread(target=spend, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(made) == [False] * 15 + [True] * 5


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("[budgets.b]\nmost = 1", "C523", "names no tools"),
        ('[budgets.b]\ntools = ["play"]\nmost = 1', "C503", "names no tool: play"),
        ('[budgets.b]\ntools = ["pay"]', "C523", "is no number from 0"),
        ('[budgets.b]\ntools = ["pay"]\nmost = -1', "C523", "is no number from 0"),
        ('[budgets.b]\ntools = ["pay"]\nmost = nan', "C523", "is no number from 0"),
        ('[budgets.b]\ntools = ["pay"]\nmost = true', "C523", "is no number from 0"),
        ('[budgets.b]\ntools = ["pay"]\nsum = "amonut"\nmost = 1', "C523", "names no parameter of pay"),
        ('[budgets.b]\ntools = ["p*"]\nsum = "amount"\nmost = 1', "C523", "names no parameter of post"),
        ('[budgets.b]\ntools = ["pay"]\nsum = "amount"\ndistinct = "to"\nmost = 1', "C523", "counts two things"),
        ('[budgets.b]\ntools = ["pay"]\nmost = 1\nper = "week"', "C503", "per] has a value that does not exist"),
        ('[budgets.b]\ntools = ["pay"]\nmost = 1\nover = "allow"', "C503", "over] has a value that does not exist"),
        ('[budgets.b]\ntools = ["pay"]\nmst = 1', "C503", "has an unknown key: mst"),
    ],
)
def test_a_wrong_budget_is_refused_when_it_is_loaded(text: str, code: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Bank(text)
    assert (caught.value.code, message in caught.value.message) == (code, True), caught.value.render()
