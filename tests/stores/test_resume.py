"""A run that stopped is taken up by another process, from its file: nothing is called twice, nothing is lost."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# One process's part of a run: the calls of a plan, on a store, with tools that leave a line in a file.
PROGRAM = """
import json, os, sys
from ringfence.core.diagnostics import Span
from ringfence.core.errors import ApprovalRequired, RingfenceError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import deep, unsafe_plain, wrap
from ringfence.guard.approval import ApproveAll, RejectAll
from ringfence.guard.monitor import Monitor
from ringfence.guard.run import RunInfo
from ringfence.guard.policy import Policy
from ringfence.guard.tools import labels, tool
from ringfence.lang.host import HostCall, Site
from ringfence.stores import open_store

place, log, how = sys.argv[1:4]

def note(line):
    with open(log, "a") as file:
        file.write(line + chr(10))

@tool(effect="read", returns=labels(sources=lambda m: "email:" + m["from"], shape=Label({"tool:inbox"})))
def inbox() -> list[dict[str, str]]:
    note("inbox")
    return [{"from": "bob@x", "body": "hello"}]

@tool
def send(body: str) -> str:
    note("send " + body)
    if how == "crash":
        os._exit(9)
    return "sent"

store = open_store(place)
policy = Policy.load([inbox, send])
approver = {"approve": ApproveAll(), "crash": ApproveAll(), "reject": RejectAll()}.get(how)
monitor = Monitor(policy.tools.values(), policy, run=RunInfo("run-1", "p" * 64), journal=store.journal("run-1"),
                  audit=store.audit(), approvals=store.approvals(), approver=approver)
seen = []
def call(index, name, **arguments):
    result = monitor.call(HostCall(index, Site(index, name, Span(1, 1, 1, 2)), name, arguments, TRUSTED_PUBLIC))
    value = result.result() if hasattr(result, "result") else result
    seen.append([unsafe_plain(value), sorted(deep(value).sources)])
    return value
try:
    mails = call(0, "inbox")
    call(1, "send", body=wrap("trusted", TRUSTED_PUBLIC)) if how != "other" else call(1, "send", body="changed")
    call(2, "send", body=wrap("from mail", deep(mails)))
    outcome = "completed"
except ApprovalRequired as waiting:
    outcome = "waiting " + waiting.request.id
except RingfenceError as error:
    outcome = error.code
verification = store.audit().verify()
print(json.dumps({"outcome": outcome, "seen": seen, "verified": verification.ok, "calls": len(monitor.calls)}))
"""


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def go(how: str, status: int = 0) -> Any:
        arguments = [sys.executable, "-c", PROGRAM, str(tmp_path / "state.db"), str(tmp_path / "log"), how]
        ended = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == status, ended.stderr
        return json.loads(ended.stdout) if status == 0 else None

    return go


def log(tmp_path: Path) -> list[str]:
    return (tmp_path / "log").read_text().splitlines()


MAILS = [[{"from": "bob@x", "body": "hello"}], ["email:bob@x", "tool:inbox"]]
SENT = ["sent", ["tool:send"]]


def test_a_waiting_run_goes_on_in_another_process(run: Any, tmp_path: Path) -> None:
    first = run("wait")
    assert first["outcome"].startswith("waiting ")
    assert (first["seen"], first["verified"], first["calls"]) == ([MAILS, SENT], True, 2)
    assert run("wait")["outcome"] == first["outcome"]
    last = run("approve")
    assert (last["outcome"], last["verified"], last["calls"]) == ("completed", True, 3)
    assert last["seen"] == [MAILS, SENT, ["sent", ["email:bob@x", "tool:inbox", "tool:send"]]]
    assert run("wait")["seen"] == last["seen"]
    assert log(tmp_path) == ["inbox", "send trusted", "send from mail"]


def test_a_process_that_dies_in_a_write_does_not_repeat_it(run: Any, tmp_path: Path) -> None:
    run("crash", status=9)
    for how in ("approve", "wait"):
        again = run(how)
        assert (again["outcome"], again["verified"], again["seen"]) == ("E351", True, [MAILS])
    assert log(tmp_path) == ["inbox", "send trusted"]


def test_a_rejection_is_final_for_every_process(run: Any, tmp_path: Path) -> None:
    assert run("reject")["outcome"] == "P420"
    assert run("approve")["outcome"] == "P420"
    assert log(tmp_path) == ["inbox", "send trusted"]


def test_another_plan_does_not_go_on_with_this_journal(run: Any, tmp_path: Path) -> None:
    run("wait")
    assert run("other")["outcome"] == "E350"
    assert log(tmp_path) == ["inbox", "send trusted"]
