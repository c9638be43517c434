"""A bypass: one tool, a short time, on record; and every clock that could prolong it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ringfence.core.errors import ApprovalRequired, ConfigError, PolicyDenied
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import wrap
from ringfence.guard.bypass import MAX_MINUTES, Bypass, MemoryBypasses, made
from ringfence.guard.clock import Ticks, over, ticks, ticks_from
from ringfence.guard.tools import tool
from ringfence.lang.host import Site

from .guard_plan import MAIL, SECRET, SPAN, Make

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


class Ticker:
    """A clock that nobody can set, but this test."""

    def __init__(self) -> None:
        self.now = Ticks("boot-1", 100.0)

    def __call__(self) -> Ticks:
        return self.now


@tool
def send(body: str) -> None: ...


@tool
def pay(cents: int) -> None: ...


def begun(ticker: Ticker, **changes: Any) -> Bypass:
    more = {
        "minutes": 15,
        "reason": "the calendar is being moved",
        "by": "ann",
        "at": START,
        "ticks": ticker(),
    } | changes
    return made("bypass-1", more.pop("tool", "send"), **more)


def test_calls_of_the_tool_go_through_and_are_recorded(make: Make) -> None:
    ticker, bypasses = Ticker(), MemoryBypasses()
    bypasses.start(begun(ticker, at=datetime.now(UTC), ticks=ticks()))
    plan = make([send, pay], bypasses=bypasses, table={"send": {"allow": "False", "ask": "False"}})
    plan.call("send", body=wrap("x", MAIL))
    plan.monitor.foresee(Site(0, "send", SPAN), "send", SECRET)
    with pytest.raises(ApprovalRequired):
        plan.call("pay", cents=wrap(1, MAIL))
    with pytest.raises(PolicyDenied) as caught:  # what the planner may read is not lifted
        plan.monitor.consult("planner", wrap("x", MAIL), lambda text: text)
    assert caught.value.code == "P405"
    assert [(call.tool, call.verdict, call.bypass) for call in plan.monitor.calls] == [("send", "deny", "bypass-1")]
    data = [json.loads(record.data) for record in plan.monitor.audit.records() if record.kind == "decision"]
    assert [(one["verdict"], one.get("bypass")) for one in data] == [
        ("deny", "bypass-1"),
        ("deny", "bypass-1"),
        ("ask", None),
    ]


def test_a_call_that_is_allowed_needs_no_bypass(make: Make) -> None:
    bypasses = MemoryBypasses()
    bypasses.start(begun(Ticker(), at=datetime.now(UTC), ticks=ticks()))
    plan = make([send], bypasses=bypasses)
    plan.call("send", body=wrap("x", TRUSTED_PUBLIC))
    assert [call.bypass for call in plan.monitor.calls] == [""]


def test_it_ends_when_its_time_is_over_and_for_good() -> None:
    ticker = Ticker()
    bypasses = MemoryBypasses(ticker)
    bypasses.start(begun(ticker))
    assert len(bypasses.active(START)) == 1
    assert bypasses.active(START + QUARTER) == ()
    assert bypasses.active(START) == ()  # the clock was set back
    assert [one.stopped for one in bypasses.list()] == [START + QUARTER]


def test_a_clock_that_stands_still_does_not_prolong_it() -> None:
    ticker = Ticker()
    bypasses = MemoryBypasses(ticker)
    bypasses.start(begun(ticker))
    ticker.now = Ticks("boot-1", 100.0 + 15 * 60)
    assert bypasses.active(START) == ()


def test_a_clock_that_was_set_back_ends_it() -> None:
    ticker = Ticker()
    bypasses = MemoryBypasses(ticker)
    bypasses.start(begun(ticker))
    assert bypasses.active(START - timedelta(seconds=1)) == ()


def test_it_can_be_stopped() -> None:
    bypasses = MemoryBypasses(Ticker())
    bypasses.start(begun(Ticker()))
    stopped = bypasses.stop("bypass-1", START)
    assert stopped is not None
    assert bypasses.stop("bypass-1", START + QUARTER) == stopped
    assert bypasses.active(START) == ()
    assert bypasses.stop("bypass-2", START) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "  "},
        {"reason": "x" * 501},
        {"minutes": 0},
        {"minutes": -5},
        {"minutes": MAX_MINUTES + 1},
        {"tool": "*"},
        {"tool": ""},
    ],
)
def test_without_reason_end_and_tool_there_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        begun(Ticker(), **changes)
    assert caught.value.code == "C540"


# Two clocks


@pytest.mark.parametrize(
    ("wall", "boot", "passed", "expected"),
    [
        (0, "boot-1", 0, False),
        (899, "boot-1", 899, False),
        (900, "boot-1", 1, True),  # set forward: over, in doubt
        (1, "boot-1", 900, True),  # set back
        (-3600, "boot-1", 60, False),  # set back, but it is known that a minute has passed
        (-1, "boot-2", 0, True),  # set back, and nobody knows how long it was
        (60, "boot-2", 0, False),
        (60, "boot-1", -50, False),
    ],
)
def test_what_is_limited_in_time_ends_when_either_clock_says_so(
    wall: int, boot: str, passed: int, expected: bool
) -> None:
    since, now = Ticks("boot-1", 100.0), Ticks(boot, 100.0 + passed)
    assert over(START, START + QUARTER, START + timedelta(seconds=wall), since, now) is expected


def test_ticks_are_stored_and_read_again() -> None:
    now = ticks()
    assert ticks_from(now.text()) == now
    assert now.until(ticks()) is not None
    with pytest.raises(ValueError):
        ticks_from("x")
