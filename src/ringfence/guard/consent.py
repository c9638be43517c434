"""Asking a person, and remembering for the run what the person vouched for.

Its one rule: a question that cannot be asked, or an answer that is not exactly a yes to it, is a no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias, final

from ringfence.core.encoding import Json
from ringfence.core.errors import ApprovalRequired
from ringfence.core.values import Value
from ringfence.guard.approval import (
    Approval,
    ApprovalRequest,
    Approvals,
    Approver,
    Clock,
    Rejection,
    Stored,
    expired,
    mismatch,
    rejected,
)
from ringfence.guard.audit import Kind
from ringfence.guard.journal import value_digest

Record: TypeAlias = "Callable[[Kind, Mapping[str, Json], bool], None]"


@final
class Consent:
    """The approvals of one run, and the values that were endorsed in it."""

    def __init__(self, approvals: Approvals, approver: Approver | None, record: Record, clock: Clock) -> None:
        self._approvals = approvals
        self._approver = approver
        self._record = record
        self._clock = clock
        self._endorsed: set[tuple[str, str, str]] = set()

    def ask(self, request: ApprovalRequest) -> tuple[str, ...]:
        """Have a person decide; returns the parameters whose values the yes vouches for.

        Raises ApprovalRefused, ApprovalExpired, or ApprovalRequired if nobody answers now.
        """
        stored = self._approvals.ask(request)
        if not stored.request.approve().fits(replace(request, endorsable=stored.request.endorsable)):
            raise mismatch("the store has another request under this id")
        if stored.state == "pending":
            stored = self._decided(stored.request)
        if stored.state == "rejected":
            self._note(stored.request, "rejected", stored.by)
            raise rejected()
        stored = self._approvals.use(stored.request.id, self._clock())
        self._note(stored.request, "approved", stored.by)
        return stored.endorse

    def _decided(self, request: ApprovalRequest) -> Stored:
        if self._clock() >= request.expires:
            self._note(request, "expired", None)
            raise expired()
        answer = self._answer(request)
        if answer is None:
            self._note(request, "waiting", None)
            raise ApprovalRequired(request)
        return self._approvals.decide(request.id, answer, self._clock())

    def _answer(self, request: ApprovalRequest) -> Approval | Rejection | None:
        if self._approver is None:
            return None
        try:
            answer: object = self._approver.decide(request)
        except Exception as problem:
            raise mismatch(f"the approver failed: {type(problem).__name__}") from None
        if answer is None or isinstance(answer, (Approval, Rejection)):
            return answer
        raise mismatch("the approver gave what is neither a yes nor a no")

    def _note(self, request: ApprovalRequest, outcome: str, by: str | None) -> None:
        data: dict[str, Json] = {
            "id": request.id,
            "index": request.index,
            "tool": request.tool,
            "digest": request.digest,
            "rules": [*request.rules],
            "outcome": outcome,
            "by": by,
        }
        self._record("approval", data, True)

    def endorse(self, tool: str, arguments: Mapping[str, Value], names: Iterable[str]) -> None:
        """From now on these values count as trusted for the same parameters of the same tool."""
        for name in names:
            if name in arguments:
                self._endorsed.add((tool, name, value_digest(arguments[name])))

    def endorsed(self, tool: str, name: str, value: Value) -> bool:
        """Whether a person vouched for this value, with these labels, for this parameter."""
        return bool(self._endorsed) and (tool, name, value_digest(value)) in self._endorsed
