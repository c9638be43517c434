"""Asking a person, and remembering for the run what the person vouched for.

Its one rule: a question that cannot be asked, or an answer that is not exactly a yes to it, is a no. A yes to a whole
plan becomes a yes to one call of it only where guard/coverage.py says that this call was shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, final

from ringfence.core.encoding import Json
from ringfence.core.errors import ApprovalExpired, ApprovalRefused, ApprovalRequired
from ringfence.core.values import Value
from ringfence.guard.approval import (
    NO_EDITS,
    PLAN,
    Answer,
    Approval,
    ApprovalRequest,
    Approvals,
    Approver,
    Clock,
    Edit,
    Rejection,
    Stored,
    expired,
    mismatch,
    rejected,
)
from ringfence.guard.audit import Record
from ringfence.guard.coverage import Shown
from ringfence.guard.decision import Decision
from ringfence.guard.journal import value_digest

WITH_PLAN: Final = "approved with the plan"


@final
@dataclass(frozen=True, slots=True)
class Consented:
    """What a person decided: a yes that vouches for `endorsed`, or, if there are `edits`, other values instead."""

    endorsed: tuple[str, ...] = ()
    edits: Mapping[str, str] = field(default_factory=lambda: NO_EDITS)


@final
@dataclass(frozen=True, slots=True)
class _Plan:
    """A yes to the whole plan: its calls by their site, until each has been made."""

    request: ApprovalRequest
    by: str
    taken: frozenset[str]
    calls: dict[int, Shown]


@final
class Consent:
    """The approvals of one run, and the values that were endorsed in it."""

    def __init__(self, approvals: Approvals, approver: Approver | None, record: Record, clock: Clock) -> None:
        self._approvals = approvals
        self._approver = approver
        self._record = record
        self._clock = clock
        self._endorsed: set[tuple[str, str, str]] = set()
        self._plan: _Plan | None = None
        self.questions = 0  # that a person was asked, in this process
        self._numbers: dict[str, int] | None = None  # of the questions of the run, by their ids

    def ask(
        self,
        request: ApprovalRequest,
        site: int | None = None,
        arguments: Mapping[str, Value] | None = None,
        decision: Decision | None = None,
    ) -> Consented:
        """Have a person decide on a call, unless a yes to the plan covers it.

        Raises ApprovalRefused, ApprovalExpired, or ApprovalRequired if nobody answers now.
        """
        self._not_rejected(request)
        stored = self._found(request)
        if stored.state == "pending" and arguments is not None and decision is not None:
            stored = self._covered(stored, site, arguments, decision)
        stored = self._settled(stored)
        if stored.state == "edited":
            self._note(stored, "edited")
            return Consented(edits=stored.edits)
        stored = self._approvals.use(stored.request.id, self._clock())
        self._note(stored, "approved")
        return Consented(stored.endorse)

    def said_yes(self, request: ApprovalRequest) -> bool:
        """Whether a person says yes now. Nothing can wait for a later answer: silence is a no, and so is an edit."""
        try:
            return not self.ask(request).edits
        except ApprovalRequired:
            self._approvals.decide(request.id, request.reject("nobody"), self._clock())
            return False
        except (ApprovalRefused, ApprovalExpired):
            return False

    def ask_plan(self, request: ApprovalRequest, calls: Iterable[Shown]) -> None:
        """Have a person decide on the calls of a plan before it starts. Raises as `ask` does."""
        self._not_rejected(request)
        stored = self._found(request)
        if stored.state == "expired" and stored.decided is not None:
            return  # it was said in time, and counts no more: from here on each call is asked about
        stored = self._settled(stored)
        if stored.state != "approved":
            raise mismatch("there is no approval of the plan")
        self._note(stored, "approved")
        by = "plan" if stored.by is None else stored.by
        self._plan = _Plan(request, by, frozenset(stored.endorse), {call.site: call for call in calls})

    def made(self, site: int) -> None:
        """A call that was asked about has been made from this place: the plan's yes for it is used up."""
        if self._plan is not None:
            self._plan.calls.pop(site, None)

    def edits(self, run: str, index: int) -> list[Mapping[str, str]]:
        """What people have written into a call of a run, in all processes, one after the other."""
        return [one.edits for one in self._approvals.list(run=run) if one.request.index == index and one.edits]

    # Inside

    def _not_rejected(self, request: ApprovalRequest) -> None:
        for one in self._approvals.list("rejected", run=request.run):
            if one.request.plan_hash == request.plan_hash:
                self._note(one, "rejected")
                raise rejected()

    def _found(self, request: ApprovalRequest) -> Stored:
        numbered = replace(request, preview=replace(request.preview, question=self._number(request)))
        stored = self._approvals.ask(numbered, self._clock())
        if stored.request.id != request.id or not request.accept("", ()).fits(stored.request):
            raise mismatch("the store has another request under this id")
        return stored

    def _number(self, request: ApprovalRequest) -> int:
        """Which question of its run this is, those of other processes counted."""
        if self._numbers is None:
            put = [one.request.id for one in self._approvals.list(None, run=request.run) if one.reason != WITH_PLAN]
            self._numbers = {id: number for number, id in enumerate(put, 1)}
        return self._numbers.get(request.id, len(self._numbers) + 1)

    def _settled(self, stored: Stored) -> Stored:
        """The request, decided. A no, silence and the end of its time are raised."""
        if stored.state == "pending":
            stored = self._asked(stored)
        if stored.state == "expired":
            self._note(stored, "expired")
            raise expired()
        if stored.state == "rejected":
            self._note(stored, "rejected")
            raise rejected()
        return stored

    def _covered(self, stored: Stored, site: int | None, arguments: Mapping[str, Value], decision: Decision) -> Stored:
        """The request, approved if the yes to the plan covers the call."""
        plan, request = self._plan, stored.request
        if plan is None or site not in plan.calls:
            return stored
        if self._approvals.ask(plan.request, self._clock()).state != "approved":
            return stored  # its time is over
        if request.plan_hash != plan.request.plan_hash or request.run != plan.request.run:
            return stored
        if not plan.calls[site].covers(request.tool, arguments, decision, plan.taken):
            return stored
        del plan.calls[site]
        yes = request.accept(plan.by, (), reason=WITH_PLAN)
        return self._approvals.decide(request.id, yes, self._clock())

    def _asked(self, stored: Stored) -> Stored:
        self.questions += 1
        if self._numbers is not None:
            self._numbers.setdefault(stored.request.id, len(self._numbers) + 1)
        answer = self._answer(stored.request)
        if answer is None:
            self._note(stored, "waiting")
            raise ApprovalRequired(stored.request)
        return self._approvals.decide(stored.request.id, answer, self._clock())

    def _answer(self, request: ApprovalRequest) -> Answer | None:
        if self._approver is None:
            return None
        try:
            answer: object = self._approver.decide(request)
        except Exception as problem:
            raise mismatch(f"the approver failed: {type(problem).__name__}") from None
        if answer is None or isinstance(answer, (Approval, Rejection, Edit)):
            return answer
        raise mismatch("the approver gave what is neither a yes nor a no")

    def _note(self, stored: Stored, outcome: str) -> None:
        request = stored.request
        data: dict[str, Json] = {
            "id": request.id,
            "index": None if request.index == PLAN else request.index,
            "tool": request.tool,
            "digest": request.digest,
            "rules": [*request.rules],
            "outcome": outcome,
            "by": stored.by,
        }
        if stored.reason:
            data["reason"] = stored.reason
        if stored.edits:
            data["edited"] = [*stored.edits]
        if request.index == PLAN:
            data["unseen"] = [*stored.endorse]
        self._record("approval", data, True)

    def endorse(self, tool: str, arguments: Mapping[str, Value], names: Iterable[str]) -> None:
        """From now on these values count as trusted for the same parameters of the same tool."""
        for name in names:
            if name in arguments:
                self._endorsed.add((tool, name, value_digest(arguments[name], origins=False)))

    def endorsed(self, tool: str, name: str, value: Value) -> bool:
        """Whether a person vouched for this value, with these labels, for this parameter."""
        return bool(self._endorsed) and (tool, name, value_digest(value, origins=False)) in self._endorsed
