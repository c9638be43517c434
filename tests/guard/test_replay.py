"""The journal and replay: the same calls give the same results, and nothing is done twice."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from ringfence import lang
from ringfence.core.errors import AuditError, QuarantineError, ReplayDiverged, ToolError
from ringfence.core.labels import Label
from ringfence.core.origins import origin_of
from ringfence.core.values import List, Origin, deep, element, label_of, unsafe_plain, unsafe_value, wrap
from ringfence.guard.approval import MemoryApprovals, RejectAll, now
from ringfence.guard.journal import Entry, MemoryJournal, argument_digest, failure_text, read_failure, read_result
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo
from ringfence.guard.tools import labels, tool

from .guard_plan import MAIL, SECRET, Make

done: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    done.clear()


@tool
def act(x: Any = None) -> Any:
    done.append(x)
    return {"n": len(done)}


@tool(effect="read", returns=labels(sources=lambda m: f"email:{m}@x", shape=Label({"tool:look"})))
def look() -> list[str]:
    done.append("look")
    return ["bob", "eve"]


@tool(effect="read")
def fail() -> None:
    done.append("fail")
    raise ValueError("no such mailbox")


class Model:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def read(self, instruction: str, data: tuple[str, ...], schema: Any) -> Any:
        done.append("read")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_recorded_results_come_back_with_their_labels_and_origins(make: Make) -> None:
    journal = MemoryJournal()
    for _ in range(2):
        plan = make([act, look], journal=journal, approver=RejectAll())
        assert unsafe_plain(plan.call("act", x=1)) == {"n": 1}
        value = plan.call("look")
        assert label_of(value) is Label({"tool:look"})
        assert origin_of(value) == Origin(1)
        holder = unsafe_value(value)
        assert isinstance(holder, List)
        second = element(holder, holder.items, 1, label_of(value))
        assert label_of(second) is Label({"tool:look", "email:eve@x"}, {"user"})
        assert origin_of(second) == Origin(1, (1,))
        assert [(made.tool, made.arguments, made.verdict, made.rules) for made in plan.monitor.calls] == [
            ("act", {"x": 1}, "allow", ("default.write",)),
            ("look", {}, "allow", ("default.read",)),
        ]
    assert done == [1, "look"]


def test_recorded_failures_come_back(make: Make) -> None:
    journal = MemoryJournal()
    seen = []
    for _ in range(2):
        plan = make([fail], journal=journal, quarantine=Model(QuarantineError("x")))
        with pytest.raises(ToolError) as caught:
            plan.call("fail")
        error = caught.value
        seen.append(
            (
                error.code,
                error.tool,
                error.message,
                error.label,
                error.span,
                unsafe_plain(error.detail),
                deep(error.detail),
            )
        )
        with pytest.raises(QuarantineError) as quarantined:
            plan.quarantine("i", wrap("d", MAIL))
        seen.append(
            (quarantined.value.code, quarantined.value.message, quarantined.value.label, quarantined.value.span)
        )
    assert seen[:2] == seen[2:]
    assert done == ["fail", "read"]


def test_quarantined_calls_are_replayed(make: Make) -> None:
    journal = MemoryJournal()
    for answer in ("first", "second"):
        value = make([], journal=journal, quarantine=Model(answer)).quarantine("i", wrap("d", MAIL))
        assert (unsafe_plain(value), label_of(value)) == ("first", MAIL)
    assert done == ["read"]


def test_a_run_goes_on_after_what_is_recorded(make: Make) -> None:
    journal = MemoryJournal()
    make([act], journal=journal).call("act", x=1)
    plan = make([act], journal=journal)
    plan.call("act", x=1)
    plan.call("act", x=2)
    assert done == [1, 2]
    assert [(entry.index, entry.state) for entry in journal.entries()] == [(0, "done"), (1, "done")]


@pytest.mark.parametrize(
    ("name", "arguments", "site"),
    [
        ("look", {}, 0),
        ("act", {"x": 2}, 0),
        ("act", {"x": wrap(1, Label({"user"}))}, 0),
        ("act", {}, 0),
        ("act", {"x": True}, 0),
        ("act", {"x": 1.0}, 0),
        ("act", {"x": 1}, 7),
    ],
)
def test_another_call_than_the_recorded_one_stops_the_run(make: Make, name: str, arguments: Any, site: int) -> None:
    journal = MemoryJournal()
    make([act, look], journal=journal).call("act", x=1)
    plan = make([act, look], journal=journal)
    with pytest.raises(ReplayDiverged) as caught:
        plan.send(name, site=site, **arguments)
    assert caught.value.code == "E350"
    assert done == [1]


def test_a_started_write_is_never_run_again_by_itself(make: Make) -> None:
    journal = MemoryJournal()

    @tool
    def crash(x: Any = None) -> None:
        done.append(x)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make([crash], journal=journal).call("crash", x=1)
    for _ in range(2):
        with pytest.raises(ReplayDiverged) as caught:
            make([crash], journal=journal).call("crash", x=1)
        assert caught.value.code == "E351"
    with pytest.raises(ReplayDiverged) as caught:
        make([crash], journal=journal).call("crash", x=2)
    assert caught.value.code == "E350"
    assert done == [1]


def test_a_write_that_raised_is_not_run_again(make: Make) -> None:
    @tool
    def once() -> None:
        done.append(1)
        raise ValueError

    journal = MemoryJournal()
    for _ in range(2):
        with pytest.raises(ToolError):
            make([once], journal=journal).call("once")
    assert done == [1]


def test_a_read_that_was_interrupted_is_made_again(make: Make) -> None:
    journal = MemoryJournal()
    first = make([look], journal=journal)
    first.call("look")
    entry = journal.find(0)
    assert entry is not None
    interrupted = MemoryJournal()
    interrupted.start(replace(entry, state="started", result=None))
    assert unsafe_plain(make([look], journal=interrupted).call("look")) == ["bob", "eve"]
    assert done == ["look", "look"]


def test_two_workers_cannot_start_the_same_write(make: Make) -> None:
    """Both have found the journal empty; the second is stopped when it enters the start."""

    class Late:
        def __init__(self, journal: MemoryJournal) -> None:
            self.journal = journal

        def find(self, index: int) -> None:
            return None

        def start(self, entry: Entry) -> None:
            self.journal.start(entry)

        def finish(self, entry: Entry) -> None:
            self.journal.finish(entry)

        def entries(self) -> tuple[Entry, ...]:
            return ()

    journal = MemoryJournal()
    make([act], journal=journal).call("act", x=1)
    with pytest.raises(ReplayDiverged) as caught:
        make([act], journal=Late(journal)).call("act", x=1)
    assert caught.value.code == "E351"
    assert done == [1]


def test_a_call_is_finished_once() -> None:
    journal = MemoryJournal()
    entry = Entry(0, 0, "act", "d", "{}", "done", "allow", ())
    journal.finish(entry)
    with pytest.raises(AuditError) as caught:
        journal.finish(entry)
    assert caught.value.code == "E352"


@pytest.mark.parametrize("text", [None, "", "{", "1", "{}", '{"labels": [], "value": {"$label": 0, "value": 1}}'])
def test_a_damaged_journal_is_an_error_and_no_call(make: Make, text: str | None) -> None:
    journal = MemoryJournal()
    make([act], journal=journal).call("act", x=1)
    entry = journal.find(0)
    assert entry is not None
    damaged = MemoryJournal()
    damaged.finish(replace(entry, result=text))
    with pytest.raises(AuditError) as caught:
        make([act], journal=damaged).call("act", x=1)
    assert caught.value.code == "E352"
    with pytest.raises(AuditError):
        read_failure(replace(entry, state="failed", result=text))
    assert done == [1]


def test_failures_are_stored_whole() -> None:
    error = ToolError("t", "t failed: ValueError", detail=wrap(["x"], MAIL), code="E331", label=SECRET)
    entry = Entry(0, 0, "t", "d", "{}", "failed", "allow", (), (), failure_text(error))
    read = read_failure(entry)
    assert isinstance(read, ToolError)
    assert (read.tool, read.message, read.code, read.label) == (error.tool, error.message, error.code, error.label)
    assert (unsafe_plain(read.detail), label_of(read.detail)) == (["x"], MAIL)
    with pytest.raises(AuditError):
        read_result(entry)


def test_the_digest_is_of_the_tool_the_values_and_the_labels() -> None:
    digests = {
        argument_digest(name, arguments)[0]
        for name, arguments in [
            ("act", {"x": 1}),
            ("act", {"y": 1}),
            ("look", {"x": 1}),
            ("act", {"x": True}),
            ("act", {"x": "1"}),
            ("act", {"x": wrap(1, MAIL)}),
            ("act", {"x": wrap(1, SECRET)}),
            ("act", {"x": wrap([1], MAIL)}),
            ("act", {"x": List([wrap(1, MAIL)])}),
            ("act", {"x": (1,)}),
            ("act", {"x": "\ud83d\ude00"}),
            ("act", {"x": "\U0001f600"}),
        ]
    }
    assert len(digests) == 12
    assert argument_digest("act", {"a": 1, "b": 2}) == argument_digest("act", {"b": 2, "a": 1})
    assert argument_digest("act", {"x": print}) == (argument_digest("act", {"x": print})[0], False)


# A run that waits in a `try`, whose reads overlapped


WAITING = """
log = []
try:
    x = look()
    flag = 1
    act(flag)
    y = fail()
    log.append(1)
    z = look()
except Exception:
    log.append(2)
    act(len(log))
act(3)
"""


def test_a_run_that_waited_in_a_try_goes_on_as_it_was() -> None:
    journal, approvals = MemoryJournal(), MemoryApprovals()
    policy = Policy.load([act, look, fail])
    told: list[tuple[str, list[tuple[str, str]]]] = []
    for _ in range(9):
        with Monitor([act, look, fail], policy, run=RunInfo("r"), journal=journal, approvals=approvals) as monitor:
            program = lang.compile(lang.check(lang.parse(WAITING), monitor.signatures))
            result = lang.run(program, monitor)
        told.append((result.outcome, [(entry.tool, entry.pc) for entry in journal.entries()]))
        for one in approvals.list("pending", run="r"):
            approvals.decide(one.request.id, one.request.accept("person", ()), now())
        if result.outcome != "waiting":
            break
    # The first `act` tells that `look` has not failed, the second that `fail` has.
    assert [outcome for outcome, _ in told] == ["waiting", "waiting", "completed"]
    assert [tool for tool, _ in told[-1][1]] == ["look", "act", "fail", "act", "act"]
    # In each round the calls are those of the round before, at places with the same labels, and then more.
    assert all(later[: len(earlier)] == earlier for (_, earlier), (_, later) in pairwise(told))
    assert sorted(map(str, done)) == ["1", "1", "3", "fail", "look"]


OVERLAPPING = """
log = []
try:
    x = fail()
    y = look()
    log.append(1)
    act(len(log))
except Exception:
    log.append(2)
    act(len(log))
"""


def test_a_failure_is_raised_again_where_it_was_raised_before() -> None:
    journal, approvals = MemoryJournal(), MemoryApprovals()
    policy = Policy.load([act, look, fail])
    for outcome in ("waiting", "completed"):
        with Monitor([act, look, fail], policy, run=RunInfo("r"), journal=journal, approvals=approvals) as monitor:
            program = lang.compile(lang.check(lang.parse(OVERLAPPING), monitor.signatures))
            assert lang.run(program, monitor).outcome == outcome
        for one in approvals.list("pending", run="r"):
            approvals.decide(one.request.id, one.request.accept("person", ()), now())
    assert [entry.tool for entry in journal.entries()] == ["fail", "look", "act"]
    assert sorted(map(str, done)) == ["1", "fail", "look"]
