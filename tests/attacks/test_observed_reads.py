"""What the mode observe let through is no approval. Never deleted.

What was found: a read that observe let through, and that was interrupted, stood in the journal as started under the
verdict "ask", as an approved one does; resumed under enforce it was made again without anybody being asked.
"""

from __future__ import annotations

from typing import Any

import pytest

from ringfence.core.diagnostics import Span
from ringfence.core.errors import ApprovalRefused
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import unsafe_plain, wrap
from ringfence.guard.approval import ApprovalRequest, MemoryApprovals
from ringfence.guard.audit import MemoryAudit
from ringfence.guard.journal import MemoryJournal
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo
from ringfence.guard.tools import Tool, tool
from ringfence.lang.host import HostCall, Site

MAIL = Label({"email:eve@attacker.example"}, {"user"})
URL = "http://evil.example/"


class Person:
    """Says the same to everything, and keeps what was asked."""

    def __init__(self, yes: bool) -> None:
        self.yes = yes
        self.asked: list[ApprovalRequest] = []

    def decide(self, request: ApprovalRequest) -> Any:
        self.asked.append(request)
        return request.approve("ann") if self.yes else request.reject("ann")


def fetched(fetch: Tool, mode: Any, journal: MemoryJournal, approvals: MemoryApprovals, person: Person) -> Any:
    policy = Policy.load([fetch], mode=mode)
    with Monitor(
        policy.tools.values(), policy, run=RunInfo("run-1", "p" * 64), journal=journal, audit=MemoryAudit(),
        approvals=approvals, approver=person,
    ) as monitor:  # fmt: skip
        call = HostCall(0, Site(0, "fetch", Span(1, 1, 1, 9)), "fetch", {"url": wrap(URL, MAIL)}, TRUSTED_PUBLIC)
        return unsafe_plain(monitor.call(call).result())


@pytest.mark.parametrize(("mode", "asked_again"), [("observe", True), ("enforce", False)])
def test_a_read_that_was_interrupted_is_asked_about_unless_a_person_said_yes(mode: str, asked_again: bool) -> None:
    journal, approvals = MemoryJournal(), MemoryApprovals()
    left = MemoryJournal()  # what is there if the process dies while the tool runs
    made: list[str] = []

    @tool(effect="read", egress=("url",))
    def fetch(url: str) -> str:
        made.append(url)
        entry = journal.find(0)
        if len(made) == 1 and entry is not None:
            assert entry.state == "started"
            left.start(entry)
        return "page"

    assert fetched(fetch, mode, journal, approvals, Person(True)) == "page"
    again = Person(False)
    if asked_again:
        with pytest.raises(ApprovalRefused):
            fetched(fetch, "enforce", left, approvals, again)
    else:
        assert fetched(fetch, "enforce", left, approvals, again) == "page"
    assert (len(again.asked), len(made)) == ((1, 1) if asked_again else (0, 2))
