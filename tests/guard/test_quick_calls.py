"""What most calls are (leaves as arguments, a leaf as result, a tool that answers at once) takes shorter ways.

They must not be seen: digests, stored results, records and the order of calls are those of the longer ways.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.core.encoding import labelled_from_json, labelled_to_json, loads
from ringfence.core.errors import PolicyDenied, RunError, ToolError
from ringfence.core.labels import EVERYONE, TRUSTED_PUBLIC, Label
from ringfence.core.values import Origin, Value, unsafe_plain, wrap
from ringfence.guard import execution, journal
from ringfence.guard.audit import AuditRecord, MemoryAudit
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo
from ringfence.guard.sections import Sections
from ringfence.guard.tools import Trusted, labels, tool
from ringfence.guard.workers import Workers

from .guard_plan import MAIL, SECRET, Make, Plan

texts = st.text(st.characters(exclude_categories=()), max_size=8)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.binary()
some_labels = st.sampled_from([TRUSTED_PUBLIC, MAIL, SECRET, Label({"a"}, EVERYONE), MAIL.join(SECRET)])
origins = st.none() | st.builds(Origin, st.integers(0, 9), st.sampled_from([(), ("a",), (0, "b")]))
values = st.builds(wrap, leaves | st.lists(leaves, max_size=2), some_labels, origins)


@given(st.dictionaries(st.sampled_from("abcde"), values, max_size=4))
def test_arguments_have_one_digest_on_both_ways(arguments: Mapping[str, Value]) -> None:
    found = journal.argument_digest("t", arguments)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "_leaves_digest", lambda tool, arguments: None)
        assert journal.argument_digest("t", arguments) == found


def test_digests_are_told_apart_by_all_that_they_cover() -> None:
    one, other = wrap("x", MAIL), wrap("x", SECRET)
    calls: list[tuple[str, dict[str, Value]]] = [
        ("t", {}), ("u", {}), ("t", {"a": "x"}), ("t", {"b": "x"}), ("t", {"a": one}), ("t", {"a": other}),
        ("t", {"a": one, "b": other}), ("t", {"a": other, "b": one}), ("t", {"a": one, "b": one}),
        ("t", {"a": 1}), ("t", {"a": "1"}), ("t", {"a": True}), ("t", {"a": None}), ("t", {"a": '{"$label":0}'}),
    ]  # fmt: skip
    assert len({journal.argument_digest(*call) for call in calls}) == len(calls)


@given(values)
def test_a_result_is_stored_as_the_same_value_on_both_ways(value: Value) -> None:
    stored = loads(journal.result_text(value))
    assert stored == labelled_to_json(value)
    again = labelled_from_json(stored)
    assert labelled_to_json(again) == labelled_to_json(value)


# Tools that answer at once


def always_quick(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(execution, "_QUICK", float("inf"))


def test_a_tool_that_was_quick_often_is_called_where_it_is_asked_for(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    always_quick(monkeypatch)
    threads = []

    @tool(effect="read")
    def look(x: int) -> int:
        threads.append(threading.current_thread())
        return x

    plan = make([look])
    assert [unsafe_plain(plan.call("look", x=number)) for number in range(20)] == list(range(20))
    here = threading.current_thread()
    assert [thread is here for thread in threads] == [False] * 16 + [True] * 4
    assert [entry.state for entry in plan.monitor.journal.entries()] == ["done"] * 20
    assert [entry.index for entry in plan.monitor.journal.entries()] == list(range(20))


def test_once_it_is_slow_it_overlaps_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    always_quick(monkeypatch)
    threads = []

    @tool(effect="read")
    def look(x: int) -> int:
        threads.append(threading.current_thread())
        return x

    plan = make([look])
    for number in range(16):
        plan.call("look", x=number)
    monkeypatch.setattr(execution, "_QUICK", -1.0)
    for number in range(3):
        plan.call("look", x=number)
    here = threading.current_thread()
    assert [thread is here for thread in threads[16:]] == [True, False, False]


def test_a_quick_tool_that_fails_does_so_where_its_result_is_needed(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    always_quick(monkeypatch)

    @tool(effect="read")
    def half(x: int) -> int:
        if x == 16:
            raise ValueError("a private word")
        return x

    plan = make([half])
    for number in range(16):
        plan.call("half", x=number)
    pending = plan.send("half", x=16)
    for _ in range(2):
        with pytest.raises(ToolError) as failure:
            pending.result()
        assert "private" not in str(failure.value)
    assert plan.monitor.journal.entries()[-1].state == "failed"


def test_who_stops_the_process_stops_it_in_a_quick_tool_too(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    always_quick(monkeypatch)

    @tool(effect="read")
    def look(x: int) -> int:
        if x == 16:
            raise KeyboardInterrupt
        return x

    plan = make([look])
    for number in range(16):
        plan.call("look", x=number)
    with pytest.raises(KeyboardInterrupt):
        plan.send("look", x=16)


def test_when_the_run_has_ended_nothing_is_done_at_once() -> None:
    workers, done = Workers(1), []
    workers.at_once(lambda: done.append(1))
    workers.close()
    with pytest.raises(RunError):
        workers.at_once(lambda: done.append(2))
    assert done == [1]


def test_a_failed_record_stops_a_quick_call(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    always_quick(monkeypatch)
    made = []

    @tool(effect="read")
    def look(x: int) -> int:
        made.append(x)
        return x

    class Full(MemoryAudit):  # type: ignore[misc]  # final: nobody else may
        full = False

        def append(self, *given: Any, **more: Any) -> AuditRecord:
            if self.full:
                raise OSError("the disk is full")
            return super().append(*given, **more)

    audit = Full()
    plan = make([look], audit=audit)
    for number in range(16):
        plan.call("look", x=number)
    audit.full = True
    with pytest.raises(OSError, match="full"):
        plan.send("look", x=16)
    assert made == list(range(16))


# Rules that always hold


@tool(effect="read")
def look(x: int) -> int:
    """Look."""
    return x


@tool(effect="read", egress=["url"])
def fetch(url: str) -> str:
    """Fetch."""
    return url


@tool(effect="read")
def find(name: Annotated[str, Trusted]) -> str:
    """Find."""
    return name


def test_only_rules_that_say_nothing_else_hold_always() -> None:
    policy = Policy.load([look, fetch, find])
    assert [policy.always(name) for name in ("fetch", "find", "nothing")] == [None] * 3
    found = policy.always("look")
    assert found is not None
    assert (found.verdict, found.rules) == ("allow", ("default.read",))
    for table in (
        {"allow": "x == 1"},
        {"allow": "pc_public()"},
        {"deny": "x == 1"},
        {"allow": "False"},
        {"deny": "True"},
    ):
        assert Policy.load([look], table={"look": table}).always("look") is None
    sections = Sections(tools={}, budgets={"few": {"tools": ["look"], "most": 1}})
    assert Policy.load([look], sections=sections).always("look") is not None


def test_a_budget_counts_calls_whose_rules_always_hold() -> None:
    sections = Sections(tools={}, budgets={"few": {"tools": ["look"], "most": 1}})
    policy = Policy.load([look], sections=sections)
    with Monitor([look], policy, run=RunInfo("r")) as monitor:
        plan = Plan(monitor)
        assert unsafe_plain(plan.call("look", x=1)) == 1
        with pytest.raises(PolicyDenied):
            plan.call("look", x=2)


def test_a_constant_label_rule_gives_its_label_every_time(make: Make) -> None:
    @tool(effect="read", returns=labels(sources="web", readers=EVERYONE))
    def page() -> str:
        return "text"

    plan = make([page])
    found = [plan.call("page") for _ in range(3)]
    assert {one.label for one in found} == {Label({"web", "tool:page"}, EVERYONE)}  # type: ignore[attr-defined]
