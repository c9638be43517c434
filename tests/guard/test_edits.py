"""Edits are no approvals: the call is decided again, with a value that is the user's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import pytest

from ringfence.core.errors import ApprovalRefused, ApprovalRequired, PolicyDenied, ToolError
from ringfence.core.values import unsafe_plain, wrap
from ringfence.guard.approval import ApprovalRequest, ApproveAll, MemoryApprovals, RejectAll
from ringfence.guard.clock import now
from ringfence.guard.journal import MemoryJournal
from ringfence.guard.tools import Trusted, tool

from .guard_plan import MAIL, Make, Plan

sent: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_sent() -> None:
    sent.clear()


@tool
def send(to: Annotated[list[str], Trusted], body: Annotated[str, Trusted] = "") -> None:
    sent.append((to, body))


@tool(effect="read", egress=("url",))
def fetch(url: str) -> str:
    sent.append(url)
    return "page"


class Editing:
    """Edits what it is first asked about, then says yes."""

    def __init__(self, values: Mapping[str, str], then: str = "approve") -> None:
        self.values, self.then = values, then
        self.asked: list[ApprovalRequest] = []

    def decide(self, request: ApprovalRequest) -> Any:
        self.asked.append(request)
        if len(self.asked) == 1 or self.then == "edit":
            return request.edit(
                "ann", {**self.values, **({"body": f'"{len(self.asked)}"'} if len(self.asked) > 1 else {})}
            )
        return request.approve("ann") if self.then == "approve" else request.reject("ann")


def attempt(plan: Plan, to: str = "bob@x", body: str = "hello") -> None:
    plan.call("send", to=wrap([to], MAIL), body=wrap(body, MAIL))


def decisions(plan: Plan) -> list[Any]:
    return [json.loads(record.data) for record in plan.monitor.audit.records() if record.kind == "decision"]


def test_an_edited_argument_is_the_users_and_the_call_is_decided_again(make: Make) -> None:
    approver = Editing({"to": '["ann@x"]'})
    plan = make([send], approver=approver)
    attempt(plan)
    assert sent == [(["ann@x"], "hello")]
    first, second = approver.asked
    assert first.id != second.id
    assert first.digest != second.digest
    assert [(one.name, one.trusted) for one in second.preview.arguments] == [("to", True), ("body", False)]
    assert second.preview.arguments[0].parts[0].sources == ("user",)
    assert [one.get("edited") for one in decisions(plan)] == [None, ["to"]]
    (made,) = plan.monitor.calls
    assert (made.edited, made.arguments["to"]) == (("to",), ["ann@x"])
    states = [(one.state, dict(one.edits)) for one in plan.monitor.approvals.list()]
    assert states == [("edited", {"to": '["ann@x"]'}), ("used", {})]


def test_when_all_that_stood_in_the_way_was_edited_nobody_is_asked_again(make: Make) -> None:
    approver = Editing({"to": '["ann@x"]', "body": '"mine"'})
    plan = make([send], approver=approver)
    attempt(plan)
    assert (sent, len(approver.asked)) == ([(["ann@x"], "mine")], 1)
    assert [made.verdict for made in plan.monitor.calls] == ["allow"]


def test_an_edit_does_not_approve_what_is_left(make: Make) -> None:
    with pytest.raises(ApprovalRefused) as caught:
        attempt(make([send], approver=Editing({"to": '["ann@x"]'}, then="reject")))
    assert (caught.value.code, sent) == ("P420", [])


def test_an_edited_call_can_be_denied(make: Make) -> None:
    table = {"send": {"allow": "trusted(to) and trusted(body) and len(to) == 1", "ask": "len(to) == 1"}}
    with pytest.raises(PolicyDenied):
        attempt(make([send], approver=Editing({"to": '["a", "b"]'}), table=table))
    assert sent == []


def test_an_edit_of_a_type_that_does_not_fit_is_not_sent(make: Make) -> None:
    with pytest.raises(ToolError) as caught:
        attempt(make([send], approver=Editing({"to": "1", "body": '"b"'})))
    assert (caught.value.code, sent) == ("E332", [])


@pytest.mark.parametrize("values", [{}, {"cc": '"x"'}, {"to": "["}, {"to": '{"$record": 1}'}])
def test_an_edit_that_is_none_is_refused(make: Make, values: Mapping[str, str]) -> None:
    with pytest.raises(ApprovalRefused) as caught:
        attempt(make([send], approver=Editing(values)))
    assert (caught.value.code, sent) == ("P422", [])


def test_an_edit_for_another_call_is_refused(make: Make) -> None:
    class Crossed:
        def decide(self, request: ApprovalRequest) -> Any:
            from dataclasses import replace

            return replace(request, index=7).edit("ann", {"to": '["eve@x"]'})

    with pytest.raises(ApprovalRefused) as caught:
        attempt(make([send], approver=Crossed()))
    assert (caught.value.code, sent) == ("P422", [])


def test_editing_ends(make: Make) -> None:
    with pytest.raises(ApprovalRefused) as caught:
        attempt(make([send], approver=Editing({"body": '"x"'}, then="edit"), table={"send": {"ask": "True"}}))
    assert (caught.value.code, sent) == ("P422", [])


def test_a_run_that_waits_goes_on_with_the_edit_and_replays_it(make: Make) -> None:
    approvals, journal = MemoryApprovals(), MemoryJournal()
    with pytest.raises(ApprovalRequired) as caught:
        attempt(make([send], approvals=approvals, journal=journal))
    request: Any = caught.value.request
    approvals.decide(request.id, request.edit("ann", {"to": '["ann@x"]', "body": '"mine"'}), now())
    attempt(make([send], approvals=approvals, journal=journal, approver=RejectAll()))
    again = make([send], approvals=approvals, journal=journal)
    attempt(again)
    assert sent == [(["ann@x"], "mine")]
    assert [(made.edited, made.arguments) for made in again.monitor.calls] == [
        (("to", "body"), {"to": ["ann@x"], "body": "mine"})
    ]


def test_an_interrupted_read_that_was_edited_is_made_with_the_edit(make: Make) -> None:
    from dataclasses import replace

    approvals, journal = MemoryApprovals(), MemoryJournal()
    first = make([fetch], approvals=approvals, journal=journal, approver=Editing({"url": '"mine"'}))
    first.call("fetch", url=wrap("u", MAIL))
    entry = journal.find(0)
    assert entry is not None
    interrupted = MemoryJournal()
    interrupted.start(replace(entry, state="started", result=None))
    plan = make([fetch], approvals=approvals, journal=interrupted, approver=ApproveAll())
    assert unsafe_plain(plan.call("fetch", url=wrap("u", MAIL))) == "page"
    assert sent == ["mine", "mine"]
