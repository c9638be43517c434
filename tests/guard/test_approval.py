"""Approvals: what a yes is bound to, and every way in which one that is not exactly that is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.core.errors import ApprovalExpired, ApprovalRefused, ApprovalRequired, AuditError, PolicyDenied
from ringfence.core.labels import Label
from ringfence.core.values import unsafe_plain, wrap
from ringfence.guard.approval import (
    Approval,
    ApprovalRequest,
    ApproveAll,
    AskCallback,
    MemoryApprovals,
    RejectAll,
    Rejection,
    Stored,
)
from ringfence.guard.audit import MemoryAudit
from ringfence.guard.journal import MemoryJournal
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo
from ringfence.guard.tools import ReadersOf, Trusted, tool

from .guard_plan import MAIL, Make, Plan

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
sent: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_sent() -> None:
    sent.clear()


@tool
def send(to: Annotated[list[str], Trusted | ReadersOf("body")], body: Annotated[str, Trusted] = "") -> None:
    """Send a mail."""
    sent.append((to, body))


@tool(effect="read", egress=("url",))
def fetch(url: str) -> str:
    sent.append(url)
    return "page"


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


class Watching:
    """An approver that keeps what it was asked and says what it is told to."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.asked: list[ApprovalRequest] = []

    def decide(self, request: ApprovalRequest) -> Any:
        self.asked.append(request)
        return self.answer(request) if callable(self.answer) else self.answer


def attempt(plan: Plan, to: Any = "bob@x", body: str = "hello", **rest: Any) -> None:
    plan.call("send", to=wrap([to], MAIL), body=wrap(body, MAIL), **rest)


def outcomes(plan: Plan) -> list[str]:
    return [json.loads(record.data)["outcome"] for record in plan.monitor.audit.records() if record.kind == "approval"]


def test_a_yes_lets_the_call_be_made_once(make: Make) -> None:
    approver = Watching(lambda request: request.approve("ann"))
    plan = make([send], approver=approver, clock=Clock())
    attempt(plan)
    assert sent == [(["bob@x"], "hello")]
    (request,) = approver.asked
    assert (request.run, request.plan_hash, request.index, request.tool) == ("run-1", "p" * 64, 0, "send")
    assert request.rules == ("send.to: Trusted | ReadersOf(body)", "send.body: Trusted")
    assert request.expires == START + timedelta(minutes=15)
    assert request.endorsable == ("to", "body")
    assert [(made.tool, made.verdict) for made in plan.monitor.calls] == [("send", "ask")]
    (stored,) = plan.monitor.approvals.list()
    assert (stored.state, stored.by) == ("used", "ann")
    assert outcomes(plan) == ["approved"]


def test_a_no_is_final(make: Make) -> None:
    approvals = MemoryApprovals()
    plan = make([send], approver=RejectAll(), approvals=approvals)
    with pytest.raises(ApprovalRefused) as caught:
        attempt(plan)
    assert caught.value.code == "P420"
    again = make([send], approver=ApproveAll(), approvals=approvals)  # the same run, taken up again
    with pytest.raises(ApprovalRefused):
        attempt(again)
    assert sent == []
    assert outcomes(plan) == ["rejected"]


def test_without_an_answer_the_run_waits_and_goes_on_later(make: Make) -> None:
    approvals, journal, clock = MemoryApprovals(), MemoryJournal(), Clock()
    with pytest.raises(ApprovalRequired) as caught:
        attempt(make([send], approvals=approvals, journal=journal, clock=clock))
    request = caught.value.request
    assert isinstance(request, ApprovalRequest)
    with pytest.raises(ApprovalRequired) as waiting:  # it may be asked about again, and it is the same request
        attempt(make([send], approvals=approvals, journal=journal, clock=clock))
    assert waiting.value.request == request
    assert sent == []
    approvals.decide(request.id, request.approve("ann"), clock())
    attempt(make([send], approvals=approvals, journal=journal, clock=clock))
    attempt(make([send], approvals=approvals, journal=journal, clock=clock))  # replayed from the journal
    assert len(sent) == 1


def test_a_used_approval_is_not_used_again(make: Make) -> None:
    """As if the process died between the approval's use and the call's start: nobody knows, so nobody repeats it."""
    approvals = MemoryApprovals()
    attempt(make([send], approvals=approvals, approver=ApproveAll()))
    with pytest.raises(ApprovalRefused) as caught:
        attempt(make([send], approvals=approvals, approver=ApproveAll()))  # the same run, its journal lost
    assert caught.value.code == "P422"
    assert len(sent) == 1


def test_an_approved_read_that_was_interrupted_is_not_asked_about_again(make: Make) -> None:
    approvals, journal = MemoryApprovals(), MemoryJournal()
    first = make([fetch], approvals=approvals, journal=journal, approver=ApproveAll())
    first.call("fetch", url=wrap("u", MAIL))
    entry = journal.find(0)
    assert entry is not None
    interrupted = MemoryJournal()
    interrupted.start(replace(entry, state="started", result=None))
    plan = make([fetch], approvals=approvals, journal=interrupted, approver=RejectAll())
    assert unsafe_plain(plan.call("fetch", url=wrap("u", MAIL))) == "page"
    assert sent == ["u", "u"]


@pytest.mark.parametrize(
    "change",
    [
        {"run": "run-2"},
        {"plan_hash": "q" * 64},
        {"index": 1},
        {"tool": "fetch"},
        {"digest": "0" * 64},
        {"endorse": ("to", "body", "subject")},
    ],
)
def test_a_yes_to_something_else_is_refused(make: Make, change: dict[str, Any]) -> None:
    plan = make([send], approver=Watching(lambda request: replace(request.approve("ann"), **change)))
    with pytest.raises(ApprovalRefused) as caught:
        attempt(plan)
    assert caught.value.code == "P422"
    assert sent == []


@pytest.mark.parametrize("answer", [True, "yes", 1, object(), ("approve",), Approval, ApproveAll()])
def test_what_is_merely_truthy_is_no_yes(make: Make, answer: Any) -> None:
    approver = Watching()
    approver.decide = lambda request: answer  # type: ignore[method-assign]
    with pytest.raises(ApprovalRefused) as caught:
        attempt(make([send], approver=approver))
    assert caught.value.code == "P422"
    assert sent == []


@pytest.mark.parametrize("answer", [1, "yes", "True", object()])
def test_a_callback_that_gives_neither_true_nor_false_gives_no_answer(make: Make, answer: Any) -> None:
    with pytest.raises(ApprovalRequired):
        attempt(make([send], approver=AskCallback(lambda request: answer)))
    assert sent == []


def test_a_callback_decides(make: Make) -> None:
    attempt(make([send], approver=AskCallback(lambda request: True)))
    with pytest.raises(ApprovalRefused):
        attempt(make([send], approver=AskCallback(lambda request: False)))
    assert len(sent) == 1


def test_an_approver_that_fails_is_a_no(make: Make) -> None:
    def fail(request: ApprovalRequest) -> bool:
        raise RuntimeError("SECRET-VALUE")

    with pytest.raises(ApprovalRefused) as caught:
        attempt(make([send], approver=AskCallback(fail)))
    assert "SECRET-VALUE" not in caught.value.render()
    assert sent == []


def test_a_yes_that_comes_too_late_is_refused(make: Make) -> None:
    clock = Clock()

    def slow(request: ApprovalRequest) -> Approval:
        clock.time += timedelta(minutes=15)
        return request.approve("ann")

    with pytest.raises(ApprovalExpired) as caught:
        attempt(make([send], approver=Watching(slow), clock=clock))
    assert caught.value.code == "P421"
    assert sent == []


def test_a_yes_that_is_used_too_late_is_refused(make: Make) -> None:
    approvals, clock = MemoryApprovals(), Clock()
    with pytest.raises(ApprovalRequired) as caught:
        attempt(make([send], approvals=approvals, clock=clock))
    request: Any = caught.value.request
    approvals.decide(request.id, request.approve(), clock())
    clock.time += timedelta(minutes=15)
    with pytest.raises(ApprovalExpired):
        attempt(make([send], approvals=approvals, clock=clock))
    assert sent == []


def test_a_request_that_nobody_decided_in_time_is_not_asked_again(make: Make) -> None:
    approvals, clock = MemoryApprovals(), Clock()
    with pytest.raises(ApprovalRequired):
        attempt(make([send], approvals=approvals, clock=clock))
    clock.time += timedelta(minutes=15)
    plan = make([send], approvals=approvals, clock=clock, approver=ApproveAll())
    with pytest.raises(ApprovalExpired):
        attempt(plan)
    assert sent == []
    assert outcomes(plan) == ["expired"]


@pytest.mark.parametrize(
    ("to", "body", "label"),
    [
        ("eve@x", "hello", MAIL),
        ("bob@x", "hello, and more", MAIL),
        ("bob@x", "hello", Label(MAIL.sources | {"tool:web"}, MAIL.readers)),
    ],
)
def test_an_approval_does_not_cover_changed_arguments(make: Make, to: str, body: str, label: Label) -> None:
    approvals = MemoryApprovals()
    with pytest.raises(ApprovalRequired) as caught:
        attempt(make([send], approvals=approvals))
    request: Any = caught.value.request
    approvals.decide(request.id, request.approve(), datetime.now(UTC))
    changed = make([send], approvals=approvals)
    with pytest.raises(ApprovalRequired):
        changed.call("send", to=wrap([to], label), body=wrap(body, label))
    assert sent == []


def test_an_approval_does_not_cover_another_call_of_the_same_arguments(make: Make) -> None:
    approvals = MemoryApprovals()
    with pytest.raises(ApprovalRequired) as caught:
        attempt(make([send], approvals=approvals))
    request: Any = caught.value.request
    approvals.decide(request.id, request.approve(endorse=False), datetime.now(UTC))
    plan = make([send], approvals=approvals)
    attempt(plan)
    with pytest.raises(ApprovalRequired):
        attempt(plan)  # the plan makes the same call a second time
    other = make([send], approvals=approvals, run="run-2")
    with pytest.raises(ApprovalRequired):
        attempt(other)
    assert len(sent) == 1


def test_a_store_that_gives_another_request_under_the_id_is_not_believed(make: Make) -> None:
    class Confused:
        def list(self, state: str, *, run: str) -> tuple[Stored, ...]:
            return ()

        def ask(self, request: ApprovalRequest, at: datetime) -> Stored:
            return Stored(replace(request, digest="0" * 64), "approved", "ann")

    with pytest.raises(ApprovalRefused) as caught:
        attempt(make([send], approvals=Confused()))
    assert caught.value.code == "P422"
    assert sent == []


def test_a_decision_is_made_once(make: Make) -> None:
    approvals = MemoryApprovals()
    with pytest.raises(ApprovalRequired) as caught:
        attempt(make([send], approvals=approvals))
    request: Any = caught.value.request
    approvals.decide(request.id, Rejection("ann"), datetime.now(UTC))
    for answer in (request.approve(), Rejection("bob")):
        with pytest.raises(ApprovalRefused):
            approvals.decide(request.id, answer, datetime.now(UTC))
    with pytest.raises(ApprovalRefused):
        approvals.use(request.id, datetime.now(UTC))


def test_what_was_never_asked_cannot_be_decided_or_used() -> None:
    approvals = MemoryApprovals()
    for step in (
        lambda: approvals.decide("0" * 16, Rejection("ann"), START),
        lambda: approvals.use("0" * 16, START),
    ):
        with pytest.raises(AuditError):
            step()
    assert approvals.get("0" * 16) is None


# Endorsed values


def test_an_approved_value_is_not_asked_about_again_in_the_run(make: Make) -> None:
    approver = Watching(lambda request: request.approve())
    plan = make([send], approver=approver)
    attempt(plan)
    attempt(plan)
    assert (len(sent), len(approver.asked)) == (2, 1)
    attempt(plan, body="other")
    assert len(approver.asked) == 2
    assert [(reason.predicate, reason.argument) for reason in approver_reasons(plan, 2)] == [("trusted", "body")]
    attempt(plan, to="eve@x")
    assert len(approver.asked) == 3


def approver_reasons(plan: Plan, index: int) -> Any:
    from ringfence.guard.decision import Reason

    data = [json.loads(record.data) for record in plan.monitor.audit.records() if record.kind == "decision"]
    texts = data[index]["reasons"]
    return [Reason("", "", text.split("(")[0], text.split("(")[1].split(")")[0], None) for text in texts]


def test_an_approved_value_counts_for_its_parameter_and_labels_only(make: Make) -> None:
    @tool
    def other(to: Annotated[list[str], Trusted], cc: Annotated[list[str], Trusted]) -> None: ...

    approver = Watching(lambda request: request.approve())
    plan = make([send, other], approver=approver)
    attempt(plan)
    plan.call("other", to=wrap(["bob@x"], MAIL), cc=wrap(["c"], Label()))
    assert len(approver.asked) == 2
    plan.call("other", to=wrap(["c"], Label()), cc=wrap(["bob@x"], MAIL))
    assert len(approver.asked) == 3
    plan.call("send", to=wrap(["bob@x"], Label({"tool:web"})), body=wrap("", Label((), {"user"})))
    assert len(approver.asked) == 4


def test_an_approval_need_not_endorse(make: Make) -> None:
    approver = Watching(lambda request: request.approve(endorse=False))
    plan = make([send], approver=approver)
    attempt(plan)
    attempt(plan)
    assert len(approver.asked) == 2


def test_a_yes_does_not_make_private_data_public(make: Make) -> None:
    """It vouches for where a value comes from; who may read it stays as it is."""
    approver = Watching(lambda request: request.approve())
    table = {"send": {"allow": "trusted(to) and public(body)"}}
    plan = make([send], approver=approver, table=table)
    attempt(plan)
    attempt(plan)
    assert [request.endorsable for request in approver.asked] == [("to",), ()]


def test_replay_knows_what_was_endorsed(make: Make) -> None:
    journal = MemoryJournal()
    attempt(make([send], approver=ApproveAll(), journal=journal))
    plan = make([send], journal=journal)  # nobody to ask
    attempt(plan)
    attempt(plan)
    assert len(sent) == 2


def test_strict_never_uses_an_approval(make: Make) -> None:
    approvals = MemoryApprovals()
    with pytest.raises(ApprovalRequired) as caught:
        attempt(make([send], approvals=approvals))
    request: Any = caught.value.request
    approvals.decide(request.id, request.approve(), datetime.now(UTC))
    with pytest.raises(PolicyDenied):
        attempt(make([send], approvals=approvals, mode="strict"))


def test_the_signal_is_not_swallowed_by_except_exception() -> None:
    assert not issubclass(ApprovalRequired, Exception)


def test_approvals_are_audited_without_values(make: Make) -> None:
    plan = make([send], approver=Watching(lambda request: request.approve("ann")), audit=MemoryAudit())
    attempt(plan, to="secret-value@x", body="SECRET-VALUE")
    text = json.dumps([record.data for record in plan.monitor.audit.records()])
    assert '\\"by\\":\\"ann\\"' in text
    assert "secret-value" not in text.lower()


# For any two calls


_TEXT = st.sampled_from(["bob@x", "eve@x", "", "Bob@x", "bob@x "])
_LABELS = st.sampled_from([MAIL, Label({"tool:web"}), Label(MAIL.sources, {"user", "bob"})])
_CALL = st.tuples(_TEXT, _LABELS, _TEXT, _LABELS)


@settings(max_examples=150, deadline=None)
@given(_CALL, _CALL, st.booleans())
def test_an_approval_lets_no_call_with_another_digest_through(first: Any, second: Any, other_run: bool) -> None:
    """Whatever was approved in one process: the next one makes that call only, and that one once."""
    sent.clear()
    approvals, policy = MemoryApprovals(), Policy.load([send])

    def monitor(run: str) -> Plan:
        return Plan(Monitor(policy.tools.values(), policy, run=RunInfo(run, "p" * 64), approvals=approvals))

    def make(run: str, call: Any) -> None:
        to, to_label, body, body_label = call
        monitor(run).call("send", to=wrap([to], to_label), body=wrap(body, body_label))

    with pytest.raises(ApprovalRequired) as caught:
        make("run-1", first)
    request: Any = caught.value.request
    approvals.decide(request.id, request.approve(endorse=False), datetime.now(UTC))
    if first == second and not other_run:
        make("run-1", second)
        with pytest.raises(ApprovalRefused):
            make("run-1", second)
        assert len(sent) == 1
    else:
        with pytest.raises(ApprovalRequired):
            make("run-2" if other_run else "run-1", second)
        assert sent == []
