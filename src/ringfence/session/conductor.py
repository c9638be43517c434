"""One run from end to end: plan, check, forecast, run under the monitor, reply, write down.

Its one rule: a conductor is made for one run and shares nothing with another but the store. The planner and the
composer are asked through the monitor only; a run is written down before its first call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import Final, Self, cast, final

from ringfence import lang
from ringfence.core.diagnostics import Diagnostic
from ringfence.core.encoding import Json, canonical_json, digest, label_to_json, labelled_to_json, loads
from ringfence.core.errors import (
    ApprovalExpired,
    ApprovalRefused,
    ApprovalRequired,
    AuditError,
    ConfigError,
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
from ringfence.core.values import (
    Dict,
    Labeled,
    Plain,
    Value,
    deep,
    label_of,
    unsafe_plain,
    unsafe_value,
    with_label,
    wrap,
)
from ringfence.guard.approval import PLAN, RejectAll, now
from ringfence.guard.clearance import Role
from ringfence.guard.decision import Decision
from ringfence.guard.journal import read_result
from ringfence.guard.labelling import principal
from ringfence.guard.models import QuarantineModel
from ringfence.guard.monitor import Monitor
from ringfence.guard.observing import WITHHELD, Ending, Observing
from ringfence.guard.policy import Policy
from ringfence.guard.run import Budget, CallMade, RunInfo
from ringfence.lang import ir
from ringfence.lang.depth import on_deep_stack
from ringfence.lang.host import Bounds, Host, Signature
from ringfence.lang.kinds import Kinds
from ringfence.llm.accounting import Account
from ringfence.llm.composer import Result as Composed
from ringfence.llm.composer import names_of
from ringfence.llm.planner import PlannerGaveUp, PlanWriter, Task, plan_until_checked
from ringfence.llm.prompts import COMPOSER_SYSTEM, PLANNER_SYSTEM, QUARANTINE_SYSTEM
from ringfence.screens.output import Context
from ringfence.session.answering import Answering, strings_of, texts_of
from ringfence.session.approving import plan_question, with_standing
from ringfence.session.asked import Asked, Asks, without_asked
from ringfence.session.asked import kept as config_kept
from ringfence.session.delegate import NAME as DELEGATE
from ringfence.session.delegate import DelegateNotDone
from ringfence.session.forecast import forecast
from ringfence.session.report import is_too_large
from ringfence.session.result import NOTHING, Outcome, Result
from ringfence.session.rounds import (
    Round,
    failed_text,
    failure_kinds,
    kept,
    known_after,
    names_after,
    observations,
    observed_text,
    true_failure,
    write_key,
)
from ringfence.session.setup import PlannedRun, Setup, config_json
from ringfence.session.telemetry import run_span, tell
from ringfence.session.watched import Watched
from ringfence.stores import RunRecord, Store

MAX_RULE: Final = 400
MAX_DELEGATED: Final = 20_000
REQUEST: Final = Label({"user", "developer"})  # a request is the user's, the tools' descriptions are the developer's


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
        self._planned_in = 0  # how often the planner was asked
        self.store = store
        self.record = RunRecord(run_id, "", setup.policy.mode, config=canonical_json(config_json(setup)))
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
            bypasses=store.bypasses(),
            lifetime=setup.lifetime,
            screen=setup.screen,
        )
        self._last: PlannedRun | None = None
        self.request = ""
        self.notes: tuple[str, ...] = ()
        self.observing = Observing(setup.planning, setup.policy.mode, setup.policy.trusted)
        self.now = Round()
        self._ran: lang.RunResult | None = None
        self._reader = reader
        self._asks: Asks | None = None
        self._judged = False  # whether this process knows the topics of the request
        self.sealed = False  # a child that does what a text says
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
        self.request = request
        if self.now.number == 1:
            self.begin(digest(request), {"kind": "plan" if dry else "delegate" if self.sealed else "run"})
            self.monitor.screen(request)
            self._on_topic(request)
        task = Task(
            request,
            tuple(self._shown(one) for one in self.monitor.signatures.values()),
            today,
            self.setup.user,
            self.setup.dialect,
            tuple(one.shown for one in self.now.known),
            self.now.history,
            self._more and getattr(writer, "replans", False),
            _rules(self.setup.policy, self.monitor.signatures),
            self.setup.profile,
        )
        repairs = self.setup.planning.repairs + 1
        try:
            planned = plan_until_checked(writer, task, check=self._checked, consult=self._consult, rounds=repairs)
        except PolicyDenied as denial:
            if not dry or self._last is None or self._last.denial is not denial:
                raise
            return self._last
        return replace(planned.checked, rounds=planned.rounds)

    def _on_topic(self, request: str) -> None:
        """What the policy's topics allow is planned, with the tools of these topics. Raises PolicyDenied (P440)."""
        topics = self.setup.topics
        if topics is None or self._judged:
            return
        self._judged = True
        found = topics.judge(request, self.setup.classifier)
        data: dict[str, Json] = {"tool": "request", "topics": [*found.topics], "mode": self.setup.policy.mode}
        code = None if found.denial is None else found.denial.code
        data |= {"verdict": "allow" if found.denial is None else "deny", "rules": ["topics"], "code": code}
        self.monitor.note("decision", data, durable=found.denial is not None)
        if self.setup.policy.mode == "observe":
            return
        if found.denial is not None:
            raise found.denial
        if found.tools is not None:
            self.monitor.narrow(found.tools)

    def _shown(self, signature: Signature) -> Signature:
        """A tool as the planner sees it: with the shape of its results, where one was learned and accepted."""
        shape = self.setup.shapes.get(signature.name)
        return signature if shape is None else replace(signature, returns=shape)

    @property
    def _more(self) -> bool:
        """Whether another round may follow this one."""
        narrow = self.setup.dialect in ("action-selector", "plan-then-execute", "map-reduce")
        return self.now.number < self.setup.planning.rounds and not narrow

    def rounds(self, writer: PlanWriter, request: str, today: date) -> Result:
        """Plan and run, and again while a plan observes or fails, within the policy's rounds and bits."""
        self._asks = Asks(lambda: writer, request, today, getattr(writer, "replans", False))
        planned = self.plan(writer, request, today)
        return self._followed(planned, self.execute(planned, self.now.given, replying=not self.sealed))

    def resumed(self, planned: PlannedRun, given: Mapping[str, Value], asks: Asks | None, *, replying: bool) -> Result:
        """Go on with a stored run, and with further rounds if it is known what the planner was asked."""
        self.observing.spent = self.now.spent
        if asks is not None:
            self._asks, self.request = asks, asks.request
        result = self.execute(planned, given, replying=replying)
        return self._followed(planned, result) if replying else result

    def _followed(self, planned: PlannedRun, result: Result) -> Result:
        """The end of a run whose first, or stored, plan has run: that of the last round."""
        while (following := self._following(planned, result)) is not None:
            asks = cast(Asks, self._asks)
            failed = None if result.error is None else result
            self.now = following
            try:
                self._on_topic(asks.request)
                planned = self.plan(asks.writer(), asks.request, asks.today)
            except (PlanError, PolicyDenied, ModelError):
                if failed is None:
                    raise
                return failed  # no other plan was found: the run failed as it did
            result = self.execute(planned, self.now.given, replying=not self.sealed)
        return self.unanswered(result)

    def delegated(
        self, index: int, text: str, tools: tuple[str, ...], budget: int, under: Label
    ) -> tuple[Plain, Label]:
        """Run a sealed child whose request is `text`, under the label of the text. Raises DelegateNotDone."""
        if self._asks is None or self.sealed or not text.strip() or len(text) > MAX_DELEGATED:
            raise DelegateNotDone("there is nothing to do, or nobody to ask")
        asks = self._asks
        try:
            self._on_topic(asks.request)
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
        with Conductor(setup, self.store, f"{self.record.id}-{index}", self._reader, self.account) as child:
            child.sealed = True
            child.now = Round(pc=under)
            child.monitor.narrow((frozenset(tools) & self.monitor.signatures.keys()) - {DELEGATE})
            result = child.guarded(lambda: child.rounds(asks.writer(), text, asks.today))
        if result.outcome != "completed":
            raise DelegateNotDone("the child did not complete")
        # Sound: its label goes with it, and the monitor puts it on what the tool returns.
        return unsafe_plain(result.answer), deep(result.answer).join(under)

    def _following(self, planned: PlannedRun, result: Result) -> Round | None:
        """What the next round begins with; None if this was the last."""
        ran, line = self._ran, None
        failure = None if ran is None or not self.setup.planning.after_failures else true_failure(ran.error)
        if ran is None or not self._more or (ran.outcome != "observed" and failure is None) or not self._replans:
            return None
        ending: Ending | None = None
        if ran.outcome == "observed" and ran.facts is not None:
            found = next((one for one in planned.observations if one.span == ran.place), None)
            ending = None if found is None else self.observing.tell(found, ran.facts, ran.ended)
            line = None if ran.place is None else ran.place.line
        if failure is not None:
            lines, kinds = len(planned.text.splitlines()), failure_kinds(self.monitor.signatures)
            ending = self.observing.fail(lines, kinds, ran.ended, len(planned.observations))
        if ending is None:
            return None
        self._observed(ending, ran.ended, failure)
        number = self.now.number
        if failure is None:
            told = observed_text(number, planned.text, line, ending)
        else:
            told = failed_text(number, planned.text, failure)
        return self._handed_on(planned, ran, ending, told)

    @property
    def _replans(self) -> bool:
        """Whether there is a planner that writes further plans."""
        if self._asks is None:
            return False
        try:
            return bool(getattr(self._asks.writer(), "replans", False))
        except ConfigError:
            return False

    def _handed_on(self, planned: PlannedRun, ran: lang.RunResult, ending: Ending, told: str) -> Round:
        now, pc = self.now, self.now.pc.join(ending.label)
        graph, kinds = planned.forecast.graph, self._kinds(planned.plan)
        names = names_after(planned.plan, now.given, self.monitor.signatures)
        sure = ran.outcome == "observed"
        return Round(
            now.number + 1,
            self._count,
            pc,
            kept(names, ran, pc),
            known_after(graph, kinds, names, now.known, pc, sure=sure),
            (*now.history, told),
            self._writes(),
            self.observing.spent,
        )

    def _writes(self) -> dict[str, int]:
        """The writes that have been made, by what they were."""
        made = dict(self.now.writes)
        for call in self.monitor.calls:
            signature = self.monitor.signatures.get(call.tool)
            entry = self.monitor.journal.find(call.index)
            if signature is not None and signature.effect == "write" and entry is not None and entry.state == "done":
                made[write_key(call.tool, call.arguments)] = call.index
        return made

    def _observed(self, ending: Ending, label: Label, failure: RunError | None) -> None:
        """Write down what the planner is told, in bits."""
        facts: dict[str, Json] = {
            one.name: {"type": one.type, "bits": round(one.bits, 2), "told": one.text != WITHHELD}
            for one in ending.told
        }
        data: dict[str, Json] = {"tool": "observe", "round": self.now.number, "verdict": "allow", "facts": facts}
        data |= {"bits": round(ending.bits, 2), "spent": round(self.observing.spent, 2)}
        data |= {"budget": self.observing.budget, "label": label_to_json(label)}
        data |= {"after": label_to_json(ending.label), "failure": None if failure is None else failure.code}
        self.monitor.note("decision", data, durable=True)

    def unanswered(self, result: Result) -> Result:
        """A run whose last round observed has no answer."""
        if self._ran is None or self._ran.outcome != "observed":
            return result
        error = LimitExceeded(
            "rounds", "the plan asks for another round, and none may follow", code="E342", hint="raise planning.rounds"
        )
        return replace(result, outcome="limit", error=error)

    def _kinds(self, plan: ir.Plan) -> Kinds:
        return Kinds(plan, self.monitor.signatures, {one.name: one.type for one in self.now.known})

    def _consult(self, prompt: str, ask: Callable[[str], str]) -> str:
        self._planned_in += 1
        role: Role = "delegate" if self.sealed else "planner"
        answer = self.monitor.consult(role, wrap(prompt, REQUEST.join(self.now.pc)), ask)
        return cast(str, unsafe_plain(answer))  # sound: the text is checked before it runs, and shown to nobody else

    def _checked(self, text: str) -> PlannedRun:
        self._last = planned = self.check(lang.parse(text), self.now.given)
        problems = [found for one in planned.observations for found in self.observing.problems(one)]
        if planned.observations and not self._more:
            hint = "answer, or refuse(...), with what is known"
            problems = [
                Diagnostic("P472", "no further round may follow this one", one.span, hint)
                for one in planned.observations
            ]
        if problems:
            raise PlanRejected(problems, planned.text)
        self._foreseen(planned)
        return planned

    def check(self, plan: ir.Plan, given: Mapping[str, Value]) -> PlannedRun:
        """Check a plan and forecast it. Raises PlanRejected."""
        known = {one.name: one.bounds for one in self.now.known}
        exact = {name: Bounds(deep(value), deep(value), label_of(value)) for name, value in given.items()}
        bounds = {name: known.get(name, found) for name, found in exact.items()}
        checked = lang.check(plan, self.monitor.signatures, dialect=self.setup.dialect, given=bounds)
        text = plan.text if plan.text.strip() else lang.render(plan)
        seen = forecast(lang.flows(checked), self.setup.policy)
        denial = None if self.setup.policy.mode == "observe" else seen.denial()
        if denial is not None and (bypasses := self.store.bypasses().active(now())):
            denial = seen.denial(frozenset(one.tool for one in bypasses))
        found = observations(plan, seen.graph, self._kinds(plan), self.observing) if seen.graph.observations else ()
        return PlannedRun(text, plan, checked, lang.plan_hash(plan), seen, denial=denial, observations=found)

    def _foreseen(self, planned: PlannedRun) -> None:
        if planned.denial is None:
            return
        decision = cast(Decision, planned.denial.decision)
        data: dict[str, Json] = {"tool": decision.tool, "foreseen": True, "code": planned.denial.code}
        data |= {"verdict": "deny", "rules": [*decision.rules], "plan_hash": planned.plan_hash}
        self.monitor.note("decision", {**data, "reasons": [one.render() for one in decision.reasons]}, durable=True)
        raise planned.denial

    # Writing down

    def begin(self, request_digest: str, data: Mapping[str, Json]) -> None:
        """Write down that the run begins, or goes on. Raises AuditError."""
        self.record = replace(self.record, request_digest=request_digest)
        self.store.runs().put(self.record)
        self.monitor.note("run", {"request": request_digest, "mode": self.setup.policy.mode, **data}, durable=True)
        for found in self.setup.described:
            self.monitor.note("screen", found)

    def _planned(self, planned: PlannedRun, given: Mapping[str, Value]) -> None:
        stored = {name: labelled_to_json(value) for name, value in given.items()}
        config = {**config_json(self.setup), **({} if self.now.is_first else {"round": self.now.to_json()})}
        self.record = replace(
            self.record,
            config=self._config(config),
            plan=canonical_json(cast(Json, lang.plan_to_json(planned.plan))),
            plan_hash=planned.plan_hash,
            given=canonical_json(cast(Json, stored)),
        )
        self.store.runs().put(self.record)
        calls: list[Json] = [
            {"tool": call.tool, "line": call.site.span.line, "verdict": call.verdict} for call in planned.forecast.calls
        ]
        self.monitor.note("plan", {"plan_hash": planned.plan_hash, "dialect": self.setup.dialect, "calls": calls})

    def _config(self, config: dict[str, Json]) -> str:
        """What the record holds beside the plan: also what was asked, if another plan can follow this one."""
        asks, delegates, asked = self._asks, DELEGATE in self.monitor.signatures, None
        if asks is not None and not self.sealed and (delegates or (self._more and asks.replans)):
            asked = Asked(asks.request, asks.today, self.now.history, self.now.known)
        return config_kept(config, asked, self.account.before + self.account.total)

    def only_planned(self, planned: PlannedRun) -> None:
        """Write down that this was a dry run. Raises AuditError."""
        self._planned(planned, {})
        self.monitor.note("end", {"outcome": "planned"}, durable=True)
        self.store.runs().put(replace(self.record, outcome="planned"))

    def _with_costs(self, result: Result) -> Result:
        used, bits = self.account.used, self.observing.spent
        return replace(result, usage=used, rounds=self._planned_in, bits=bits, begun=self.now)

    def ended(self, result: Result) -> Result:
        """Write down how the run ended. A record that cannot be written is a failure itself."""
        code = None if result.error is None else result.error.code
        try:
            used: dict[str, Json] = {"usage": self.account.to_json(), "rounds": self._planned_in}
            data: dict[str, Json] = {"outcome": result.outcome, "code": code, "steps": result.steps, **used}
            self.monitor.note("end", data, durable=True)
            config = without_asked(self.record.config)
            if result.outcome == "waiting":
                config = self._config(cast("dict[str, Json]", loads(config)))
            self.store.runs().put(replace(self.record, outcome=result.outcome, config=config))
            return with_standing(result, self.store, self.monitor.questions, self.notes)
        except AuditError as problem:
            return replace(result, outcome="failed", error=problem, calls=tuple(self.monitor.calls))

    # Running

    def execute(self, planned: PlannedRun, given: Mapping[str, Value], *, replying: bool) -> Result:
        """Run a checked plan and make the answer. Every end of a run is a Result; it is not yet written down.

        `replying`: the answer is for the user, who must be able to read it (P406). Else it is for the program that
        asked, which gets it with its label.
        """
        self._foreseen(planned)
        program = lang.compile(planned.checked)
        self._ran = None  # what an earlier round did is not what this one does
        later = self.record.plan_hash is not None  # a plan went before, in this process or in another
        self._planned(planned, given)
        self.monitor.planned(planned.plan_hash, planned.forecast.literals)
        if self.setup.watcher is not None:
            with suppress(Exception):
                self.setup.watcher.planned(planned)
        if (stopped := self._plan_approved(planned, later)) is not None:
            return stopped
        host = Watched(self.monitor, self.setup.watcher, self.now, self.delegated)
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
        value = ran.answer if ran.answer is None else with_label(ran.answer, self.now.pc)
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
        return self._replied(result, value, replying) if ran.outcome in ("completed", "refused") else result

    def _plan_approved(self, planned: PlannedRun, later: bool) -> Result | None:
        """Have a person approve the plan's calls before it starts, if that is wanted; a Result if it does not start."""
        wanted = self.setup.approve_plan
        if later and not wanted:  # it was begun so
            wanted = any(one.request.index == PLAN for one in self.monitor.approvals.list(run=self.record.id))
        if not wanted or self.setup.policy.mode == "observe":
            return None
        setup = self.setup
        found = plan_question(
            self.record.id, planned.plan_hash, planned.forecast, setup.policy, setup.lifetime, self.now.first
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
            error = cause
        if isinstance(error, ToolError) and deep(error.detail).readable_by(user):
            plain = unsafe_plain(error.detail)  # sound: the user may read it, and nobody else is shown it
            told.append(plain if isinstance(plain, str) else "")
        return "\n".join(told)

    def _result(self, planned: PlannedRun | None) -> Result:
        base = Result("failed", self.record.id, calls=tuple(self.monitor.calls), mode=self.setup.policy.mode)
        if planned is None:
            return base
        return replace(base, plan=planned.text, plan_hash=planned.plan_hash, forecast=planned.forecast)

    def _replied(self, result: Result, answer: Value, replying: bool) -> Result:
        label = deep(answer)
        if not replying and not label.readable_by((principal(self.setup.user),)):
            data: dict[str, Json] = {"label": label_to_json(label), "verdict": "allow", "to": "program"}
            self.monitor.note("answer", data)
            return result
        if is_too_large(answer):
            error = LimitExceeded("answer", "the answer has more parts than can be shown")
            return replace(result, outcome="limit", answer=NOTHING, error=error)
        try:
            text = on_deep_stack(lambda: self._composed(answer))
        except PolicyDenied as denial:
            if denial.code == "P480" and not replying:
                return result  # the program gets the value with its label; there is no text to show
            return replace(result, outcome="denied", answer=NOTHING, error=denial, variables={})
        except (ModelError, AuditError) as problem:
            return replace(result, outcome="failed", answer=NOTHING, error=problem)
        except LimitExceeded as limit:
            return replace(result, outcome="limit", answer=NOTHING, error=limit)
        return replace(result, text=text)

    def _composed(self, answer: Value) -> str:
        """The answer as text for the user, from the run's results alone: the request is not here."""
        composer, calls = self.setup.composer, names_of(made.tool for made in self.monitor.calls)
        composer = composer.counted(lambda model: self.account.metered(model, "composer"))
        self.monitor.reply(answer)
        answering = Answering(self.setup.output, self.setup.policy.trusted, self._context)
        try:
            plain = answering.plain(answer)
        finally:
            if answering.findings:
                self.monitor.note("output", {"found": cast(Json, answering.counts())}, durable=True)
        if not composer.writes:
            return composer.compose(plain, calls)
        label = deep(answer)
        results = (Composed("the answer", plain, trusted=label.trusted(self.setup.policy.trusted)),)
        written = self.monitor.consult("composer", wrap(composer.prompt(results, calls), label), composer.write)
        # Sound: the user, who may read the answer, is the one who sees it.
        return composer.resolve(cast(str, unsafe_plain(written)), results)

    def _context(self) -> Context:
        """What the guard of the answer knows: who named which host, and what not everyone may read."""
        results = [entry for made in self.monitor.calls if (entry := self._tool_result(made)) is not None]
        trusted = self.setup.policy.trusted
        planned = () if self._last is None else strings_of(self._last.plan)
        return Context.of(
            trusted=[self.request, *planned, *texts_of(results, lambda label: label.trusted(trusted))],
            private=texts_of(results, lambda label: not label.public),
            sources=texts_of(results, lambda label: True),
            prompts=(QUARANTINE_SYSTEM, PLANNER_SYSTEM, COMPOSER_SYSTEM),
        )

    def _tool_result(self, made: CallMade) -> Value | None:
        """What a tool gave; the quarantined model's words are nobody's source."""
        entry = self.monitor.journal.find(made.index) if made.tool in self.monitor.signatures else None
        return read_result(entry) if entry is not None and entry.state == "done" else None

    def failed(self, problem: RingfenceError) -> Result:
        """The result for a problem that no run of the engine reports: nothing has run, or a record failed."""
        result = replace(self._result(self._last), error=problem)
        if isinstance(problem, PlanRejected):
            return replace(result, outcome="rejected", diagnostics=problem.diagnostics, plan=problem.text)
        if isinstance(problem, PlannerGaveUp):
            return replace(result, outcome="rejected", diagnostics=problem.diagnostics, plan=problem.text)
        if isinstance(problem, LimitExceeded):
            return replace(result, outcome="limit")
        return replace(result, outcome="denied" if isinstance(problem, PolicyDenied) else "failed")

    def guarded(self, work: Callable[[], Result]) -> Result:
        """What `work` returns or raises, as a result that is written down. ConfigError and what is no error pass."""
        with run_span(self.record.id, self.setup.policy.mode) as span:
            try:
                result = work()
            except (PlanError, PolicyDenied, ModelError, AuditError, LimitExceeded) as problem:
                result = self.failed(problem)
            made = self.ended(self._with_costs(result))
            code = None if made.error is None else made.error.code
            tell(span, made.outcome, code, made.rounds, len(made.calls), made.usage)
            return made


def _rules(policy: Policy, tools: Iterable[str]) -> tuple[str, ...]:
    """The rules of tools that do not always allow, in brief, as the policy's author wrote them."""
    made = []
    for name in tools:
        texts = dict.fromkeys(text for _, text, _ in policy.explain(name) if text != "True")
        if texts and len(text := " and ".join(texts)) <= MAX_RULE:
            made.append(f"{name}: {text}")
    return tuple(made)


def labeled(value: Value) -> Labeled:
    """The value as a `Labeled`, whose label is that of the value itself; its parts keep theirs."""
    if isinstance(value, Labeled):
        return value
    return Labeled(unsafe_value(value), label_of(value))
