"""Signed answers: forged, replayed, stale, crossed, doubled, malformed ones decide nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ringfence.core.encoding import canonical_json, loads
from ringfence.core.errors import ApprovalExpired, ApprovalRefused, ConfigError
from ringfence.core.labels import Label
from ringfence.core.values import wrap
from ringfence.guard.approval import ApprovalRequest, MemoryApprovals
from ringfence.guard.decision import Decision
from ringfence.guard.drawing import draw
from ringfence.guard.signed import (
    MAX_BODY,
    apply_answer,
    check_signature,
    question_body,
    secret_of,
    signature,
    signed_headers,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET, OTHER = b"0123456789abcdef", b"fedcba9876543210"


def question(index: int = 0) -> ApprovalRequest:
    decision = Decision("ask", "send", ("send.to",))
    arguments: Any = {"to": wrap(["b"], Label({"tool:x"}))}
    preview = draw("send", "write", "Send.", ("to",), arguments, decision, frozenset())
    late = NOW + timedelta(minutes=15)
    return ApprovalRequest("run-1", "p" * 64, index, "send", "d" * 64, ("send.to",), preview, late, ("to",))


@pytest.fixture
def approvals() -> MemoryApprovals:
    made = MemoryApprovals()
    for index in range(2):
        made.ask(question(index), NOW)
    return made


def answer(request: ApprovalRequest, **changes: Any) -> bytes:
    sent: Any = loads(question_body(request).decode())
    bound = {name: sent[name] for name in ("id", "run", "plan_hash", "index", "tool", "digest")}
    made = {**bound, "verdict": "approve", "by": "ann@example.com"} | changes
    return canonical_json({name: value for name, value in made.items() if value is not None}).encode()


def send(approvals: MemoryApprovals, body: bytes, at: datetime = NOW, secret: bytes = SECRET, **headers: str) -> Any:
    made = {name.lower(): value for name, value in signed_headers(secret, body, NOW).items()} | headers
    return apply_answer(approvals, [SECRET], made, body, at)


def test_a_signed_yes_counts_once(approvals: MemoryApprovals) -> None:
    body = answer(question(), reason="fine", endorse=["to"])
    after = send(approvals, body)
    assert (after.state, after.by, after.reason, after.endorse) == ("approved", "ann@example.com", "fine", ("to",))
    with pytest.raises(ApprovalRefused) as caught:  # replayed, or delivered twice
        send(approvals, body)
    assert caught.value.code == "P422"
    approvals.use(question().id, NOW)
    with pytest.raises(ApprovalRefused):
        send(approvals, body)


def test_a_yes_vouches_for_nothing_that_it_does_not_name(approvals: MemoryApprovals) -> None:
    assert send(approvals, answer(question())).endorse == ()


def test_a_signed_no_and_a_signed_edit(approvals: MemoryApprovals) -> None:
    assert send(approvals, answer(question(), verdict="reject")).state == "rejected"
    after = send(approvals, answer(question(1), verdict="edit", edits={"to": ["c"]}))
    assert (after.state, dict(after.edits)) == ("edited", {"to": '["c"]'})


def refused(approvals: MemoryApprovals, body: bytes, **more: Any) -> str:
    with pytest.raises((ApprovalRefused, ApprovalExpired)) as caught:
        send(approvals, body, **more)
    assert {one.state for one in approvals.list()} == {"pending"}
    return caught.value.code


@pytest.mark.parametrize(
    "more",
    [
        {"secret": OTHER},
        {"at": NOW + timedelta(minutes=6)},
        {"at": NOW - timedelta(minutes=6)},
        {"ringfence-timestamp": str(int(NOW.timestamp()) + 1)},
        {"ringfence-timestamp": "9" * 30},
        {"ringfence-timestamp": "9" * 11},
        {"ringfence-timestamp": "-1"},
        {"ringfence-timestamp": ""},
        {"ringfence-signature": "v1=" + "0" * 64},
        {"ringfence-signature": ""},
        {"ringfence-signature": "é"},
        {"ringfence-signature": signature(SECRET, str(int(NOW.timestamp())), b"")},
    ],
)
def test_a_signature_that_does_not_hold(approvals: MemoryApprovals, more: dict[str, Any]) -> None:
    assert refused(approvals, answer(question()), **more) == "P450"


def test_no_signature_at_all(approvals: MemoryApprovals) -> None:
    with pytest.raises(ApprovalRefused) as caught:
        apply_answer(approvals, [SECRET], {}, answer(question()), NOW)
    assert caught.value.code == "P450"


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "yes"},
        {"verdict": True},
        {"verdict": None},
        {"by": ""},
        {"by": None},
        {"index": "0"},
        {"index": True},
        {"index": None},
        {"digest": None},
        {"more": 1},
        {"endorse": "to"},
        {"reason": 1},
        {"edits": {"to": 1}},
        {"verdict": "edit"},
        {"verdict": "edit", "edits": {}},
    ],
)
def test_what_is_no_answer(approvals: MemoryApprovals, changes: dict[str, Any]) -> None:
    assert refused(approvals, answer(question(), **changes)) == "P451"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b"null", b'{"id": 1}', b"[" * 10_000, b" " * (MAX_BODY + 1)]
)
def test_what_is_no_object(approvals: MemoryApprovals, body: bytes) -> None:
    assert refused(approvals, body) == "P451"


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "0" * 16},
        {"run": "run-2"},
        {"plan_hash": "q" * 64},
        {"index": 1},
        {"tool": "pay"},
        {"digest": "0" * 64},
        {"id": question(1).id},
        {"endorse": ["body"]},
        {"verdict": "edit", "edits": {"cc": "x"}},
        {"verdict": "reject", "index": 1},
    ],
)
def test_an_answer_to_another_question(approvals: MemoryApprovals, changes: dict[str, Any]) -> None:
    assert refused(approvals, answer(question(), **changes)) == "P422"


def test_an_answer_that_comes_too_late(approvals: MemoryApprovals) -> None:
    body = answer(question())
    late = NOW + timedelta(minutes=15)
    headers = {name.lower(): value for name, value in signed_headers(SECRET, body, late).items()}
    with pytest.raises(ApprovalExpired):
        apply_answer(approvals, [SECRET], headers, body, late)


def test_either_of_two_secrets_counts_while_one_is_replaced() -> None:
    headers = signed_headers(OTHER, b"x", NOW)
    check_signature([SECRET, OTHER], *headers.values(), b"x", NOW)


@pytest.mark.parametrize("text", [None, "", "short"])
def test_a_secret_is_long_enough(text: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        secret_of(text)
    assert caught.value.code == "C543"
