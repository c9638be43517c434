"""One run from end to end: plan, run under the monitor, reply, write down, and again if another round follows.

Its one rule: a conductor is made for one run and shares nothing with another but the store. It only brings the steps
into their order: session/planning.py makes the plan, lang runs it, session/following.py says what comes after it,
session/replying.py makes the answer, session/recording.py writes the run down before its first call and at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import Final, Self, cast, final

from ringfence import lang
from ringfence.core.encoding import digest
from ringfence.core.errors import (
    ApprovalExpired,
    ApprovalRefused,
    ApprovalRequired,
    AuditError,
    LimitExceeded,
    ModelError,
    PlanError,
    PlanRejected,
    PolicyDenied,
    RingfenceError,
    RunError,
    ToolError,
)
from ringfence.core.labels import Label
from ringfence.core.plain import Plain
from ringfence.core.values import Dict, Labeled, Value, deep, label_of, unsafe_plain, unsafe_value, with_label
from ringfence.guard.approval import PLAN, RejectAll
from ringfence.guard.labelling import principal
from ringfence.guard.models import QuarantineModel
from ringfence.guard.monitor import Monitor
from ringfence.guard.run import Budget, RunInfo
from ringfence.lang.host import Host
from ringfence.llm.accounting import Account
from ringfence.llm.planner import PlannerGaveUp, PlanWriter
from ringfence.session.approving import plan_question, with_standing
from ringfence.session.asked import Asks
from ringfence.session.course import Course
from ringfence.session.delegate import NAME as DELEGATE
from ringfence.session.delegate import DelegateNotDone
from ringfence.session.following import Following, unanswered
from ringfence.session.planning import Plans
from ringfence.session.recording import Recording
from ringfence.session.replying import Replying
from ringfence.session.result import NOTHING, Outcome, Result
from ringfence.session.rounds import Round
from ringfence.session.setup import PlannedRun, Setup
from ringfence.session.telemetry import run_span, tell
from ringfence.session.watched import Watched
from ringfence.stores import Store

MAX_DELEGATED: Final = 20_000


@final
class Conductor:
    """One run."""

    def __init__(
        self,
        setup: Setup,
        store: Store,
        run_id: str,
        reader: QuarantineModel | None,
        account: Account | None = None,
    ) -> None:
        self.setup = setup
        self.account = Account(setup.spending) if account is None else account
        self.store = store
        self.id = run_id
        bypasses = store.bypasses()
        self.monitor = Monitor(
            setup.policy.tools.values(),
            setup.policy,
            run=RunInfo(run_id),
            journal=store.journal(run_id),
            audit=store.audit(),
            approvals=store.approvals(),
            approver=setup.approver,
            quarantine=reader,
            user=setup.user,
            budget=setup.budget,
            workers=setup.limits.overlap,
            ledger=store.ledger(),
            grounding=setup.grounding,
            bypasses=bypasses,
            lifetime=setup.lifetime,
            screen=setup.screen,
        )
        self.course = Course(setup)
        self.recording = Recording(setup, store, run_id, self.monitor, self.account, self.course)
        self.plans = Plans(setup, self.monitor, bypasses, self.course)
        self.notes: tuple[str, ...] = ()
        self._following = Following(self.monitor, self.course, after_failures=setup.planning.after_failures)
        self._replying = Replying(setup, self.monitor, self.account)
        self._ran: lang.RunResult | None = None
        self._reader = reader
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.monitor.close()

    # Planning

    def plan(self, writer: PlanWriter, request: str, today: date, *, dry: bool = False) -> PlannedRun:
        """Have a plan written until one checks. Raises PlanError, PolicyDenied, ModelError, AuditError.

        `dry`: nothing will be run, so a plan that is certainly denied is returned with its denial.
        """
        self.course.request = request
        if self.course.now.number == 1:
            kind = "plan" if dry else "delegate" if self.course.sealed else "run"
            self.recording.begin(digest(request), {"kind": kind})
            self.monitor.screen(request)
            self.plans.on_topic(request)
        return self.plans.written(writer, request, today, dry=dry)

    def rounds(self, writer: PlanWriter, request: str, today: date) -> Result:
        """Plan and run, and again while a plan observes or fails, within the policy's rounds and bits."""
        self.course.asks = Asks(lambda: writer, request, today, getattr(writer, "replans", False))
        planned = self.plan(writer, request, today)
        return self._followed(planned, self._executed(planned))

    def resumed(self, planned: PlannedRun, given: Mapping[str, Value], asks: Asks | None, *, replying: bool) -> Result:
        """Go on with a stored run, and with further rounds if it is known what the planner was asked."""
        course = self.course
        course.observing.spent = course.now.spent
        if asks is not None:
            course.asks, course.request = asks, asks.request
        result = self.execute(planned, given, replying=replying)
        return self._followed(planned, result) if replying else result

    def _followed(self, planned: PlannedRun, result: Result) -> Result:
        """The end of a run whose first, or stored, plan has run: that of the last round."""
        while (following := self._next(planned)) is not None:
            asks = cast(Asks, self.course.asks)
            failed = None if result.error is None else result
            self.course.now = following
            try:
                self.plans.on_topic(asks.request)
                planned = self.plan(asks.writer(), asks.request, asks.today)
            except (PlanError, PolicyDenied, ModelError):
                if failed is None:
                    raise
                return failed  # no other plan was found: the run failed as it did
            result = self._executed(planned)
        return unanswered(result) if self._ran is not None and self._ran.outcome == "observed" else result

    def _next(self, planned: PlannedRun) -> Round | None:
        return None if self._ran is None else self._following.next(planned, self._ran, self._count)

    def _executed(self, planned: PlannedRun) -> Result:
        return self.execute(planned, self.course.now.given, replying=not self.course.sealed)

    def delegated(
        self, index: int, text: str, tools: tuple[str, ...], budget: int, under: Label
    ) -> tuple[Plain, Label]:
        """Run a sealed child whose request is `text`, under the label of the text. Raises DelegateNotDone."""
        asks = self.course.asks
        if asks is None or self.course.sealed or not text.strip() or len(text) > MAX_DELEGATED:
            raise DelegateNotDone("there is nothing to do, or nobody to ask")
        try:
            self.plans.on_topic(asks.request)
        except PolicyDenied as denial:
            raise DelegateNotDone("the request is about what the policy does not allow") from denial
        approver = RejectAll() if self.setup.approver is None else self.setup.approver
        setup = replace(
            self.setup,
            approver=approver,
            budget=Budget(budget, self.setup.budget.per_tool),
            planning=replace(self.setup.planning, rounds=1),
            approve_plan=False,
        )
        with Conductor(setup, self.store, f"{self.id}-{index}", self._reader, self.account) as child:
            child.course.sealed = True
            child.course.now = Round(pc=under)
            child.monitor.narrow((frozenset(tools) & self.monitor.signatures.keys()) - {DELEGATE})
            result = child.guarded(lambda: child.rounds(asks.writer(), text, asks.today))
        if result.outcome != "completed":
            raise DelegateNotDone("the child did not complete")
        # Sound: its label goes with it, and the monitor puts it on what the tool returns.
        return unsafe_plain(result.answer), deep(result.answer).join(under)

    # Running

    def execute(self, planned: PlannedRun, given: Mapping[str, Value], *, replying: bool) -> Result:
        """Run a checked plan and make the answer. Every end of a run is a Result; it is not yet written down.

        `replying`: the answer is for the user, who must be able to read it (P406). Else it is for the program that
        asked, which gets it with its label.
        """
        self.plans.foreseen(planned)
        program = lang.compile(planned.checked)
        self._ran = None  # what an earlier round did is not what this one does
        later = self.recording.has_plan  # one went before this, in this process or in another
        self.recording.planned(planned, given)
        self.monitor.planned(planned.plan_hash, planned.forecast.literals)
        if self.setup.watcher is not None:
            with suppress(Exception):
                self.setup.watcher.planned(planned)
        if (stopped := self._plan_approved(planned, later)) is not None:
            return stopped
        host = Watched(self.monitor, self.setup.watcher, self.course.now, self.delegated)
        checked: Host = host
        try:
            ran = lang.run(program, checked, given, self.setup.limits)
        finally:
            host.stopped = True
            self._count = host.count
        self._ran = ran
        if ran.outcome == "observed" and not replying and ran.facts is not None:
            # Without a planner nobody is told: the facts are the answer, with their labels.
            ran = replace(ran, outcome="completed", answer=Dict(dict(ran.facts.items()), ran.ended))
        base = self._result(planned)
        asked = isinstance(ran.error, (ApprovalRequired, ApprovalRefused, ApprovalExpired))  # these know no place
        place = None if host.last is None or not asked else host.last.span
        value = ran.answer if ran.answer is None else with_label(ran.answer, self.course.now.pc)
        answer = NOTHING if value is None else labeled(value)
        result = replace(
            base,
            outcome=cast(Outcome, "limit" if ran.outcome == "observed" else ran.outcome),
            answer=answer,
            error=ran.error,
            steps=ran.steps,
            variables=ran.variables,
            place=place,
            detail=self._detail(ran.error),
        )
        if ran.outcome not in ("completed", "refused"):
            return result
        last = None if self.plans.last is None else self.plans.last.plan
        return self._replying.replied(result, value, self.course.request, last, replying=replying)

    def _plan_approved(self, planned: PlannedRun, later: bool) -> Result | None:
        """Have a person approve the plan's calls before it starts, if that is wanted; a Result if it does not start."""
        wanted = self.setup.approve_plan
        if later and not wanted:  # it was begun so
            wanted = any(one.request.index == PLAN for one in self.monitor.approvals.list(run=self.id))
        if not wanted or self.setup.policy.mode == "observe":
            return None
        setup = self.setup
        found = plan_question(
            self.id, planned.plan_hash, planned.forecast, setup.policy, setup.lifetime, self.course.now.first
        )
        if found is None:
            return None
        try:
            self.monitor.approve_plan(*found)
        except ApprovalRequired as signal:
            return replace(self._result(planned), outcome="waiting", error=signal)
        except (ApprovalRefused, ApprovalExpired) as problem:
            return replace(self._result(planned), outcome="denied", error=problem)
        return None

    def _detail(self, error: object) -> str:
        """What the error itself does not tell, for the user's eyes: a masked failure, and what a tool said.

        A failure that private data decided looks the same for everybody else; the user may know it if the user may
        read that data.
        """
        user = (principal(self.setup.user),)
        told = []
        if isinstance(error, RunError) and isinstance(error.__cause__, RunError):
            cause = error.__cause__
            if not cause.label.join(error.label).readable_by(user):
                return ""
            told.append(cause.render())
            if cause.span is not None:
                told.append(f"on line {cause.span.line} of the plan")
            error = cause
        if isinstance(error, ToolError) and deep(error.detail).readable_by(user):
            plain = unsafe_plain(error.detail)  # sound: the user may read it, and nobody else is shown it
            told.append(plain if isinstance(plain, str) else "")
        return "\n".join(told)

    def _result(self, planned: PlannedRun | None) -> Result:
        base = Result("failed", self.id, calls=tuple(self.monitor.calls), mode=self.setup.policy.mode)
        if planned is None:
            return base
        return replace(base, plan=planned.text, plan_hash=planned.plan_hash, forecast=planned.forecast)

    def failed(self, problem: RingfenceError) -> Result:
        """The result for a problem that no run of the engine reports: nothing has run, or a record failed."""
        result = replace(self._result(self.plans.last), error=problem)
        if isinstance(problem, PlanRejected):
            return replace(result, outcome="rejected", diagnostics=problem.diagnostics, plan=problem.text)
        if isinstance(problem, PlannerGaveUp):
            return replace(result, outcome="rejected", diagnostics=problem.diagnostics, plan=problem.text)
        if isinstance(problem, LimitExceeded):
            return replace(result, outcome="limit")
        return replace(result, outcome="denied" if isinstance(problem, PolicyDenied) else "failed")

    def _with_costs(self, result: Result) -> Result:
        used, bits = self.account.used, self.course.observing.spent
        return replace(result, usage=used, rounds=self.course.asked, bits=bits, begun=self.course.now)

    def ended(self, result: Result) -> Result:
        """Write down how the run ended. A record that cannot be written is a failure itself."""
        try:
            self.recording.ended(result)
            return with_standing(result, self.store, self.monitor.questions, self.notes)
        except AuditError as problem:
            return replace(result, outcome="failed", error=problem, calls=tuple(self.monitor.calls))

    def guarded(self, work: Callable[[], Result]) -> Result:
        """What `work` returns or raises, as a result that is written down. ConfigError and what is no error pass."""
        with run_span(self.id, self.setup.policy.mode) as span:
            try:
                result = work()
            except (PlanError, PolicyDenied, ModelError, AuditError, LimitExceeded) as problem:
                result = self.failed(problem)
            made = self.ended(self._with_costs(result))
            code = None if made.error is None else made.error.code
            tell(span, made.outcome, code, made.rounds, len(made.calls), made.usage)
            return made


def labeled(value: Value) -> Labeled:
    """The value as a `Labeled`, whose label is that of the value itself; its parts keep theirs."""
    if isinstance(value, Labeled):
        return value
    return Labeled(unsafe_value(value), label_of(value))
