"""From a request to a plan that checks: on topic, written by the planner, checked, forecast.

Its one rule: the planner is asked through the monitor only, with what the user and the developer wrote; a plan that has
problems or is certain to be denied goes back to it, and none of it has run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final, cast, final

from ringfence import lang
from ringfence.core.diagnostics import Diagnostic
from ringfence.core.encoding import Json
from ringfence.core.errors import PlanRejected, PolicyDenied
from ringfence.core.labels import Label
from ringfence.core.values import Value, deep, label_of, unsafe_plain, wrap
from ringfence.guard.approval import now
from ringfence.guard.bypass import Bypasses
from ringfence.guard.clearance import Role
from ringfence.guard.decision import Decision
from ringfence.guard.monitor import Monitor
from ringfence.guard.observing import Observation
from ringfence.guard.policy import Policy
from ringfence.lang import ir
from ringfence.lang.host import Bounds, Signature
from ringfence.llm.planner import PlanWriter, Task, plan_until_checked
from ringfence.session.course import Course
from ringfence.session.forecast import forecast
from ringfence.session.rounds import kinds_of, observations
from ringfence.session.setup import PlannedRun, Setup

MAX_RULE: Final = 400
REQUEST: Final = Label({"user", "developer"})  # a request is the user's, the tools' descriptions are the developer's


@final
class Plans:
    """The plans of one run. `last`: the one that was checked last."""

    def __init__(self, setup: Setup, monitor: Monitor, bypasses: Bypasses, course: Course) -> None:
        self._setup = setup
        self._monitor = monitor
        self._bypasses = bypasses
        self._course = course
        self._judged = False  # whether this process knows the topics of the request
        self.last: PlannedRun | None = None

    def written(self, writer: PlanWriter, request: str, today: date, *, dry: bool = False) -> PlannedRun:
        """A plan for the request that checks. Raises PlanError, PolicyDenied, ModelError, AuditError.

        `dry`: nothing will be run, so a plan that is certainly denied is returned with its denial.
        """
        task = self._task(request, today, replans=getattr(writer, "replans", False))
        repairs = self._setup.planning.repairs + 1
        try:
            planned = plan_until_checked(writer, task, check=self._checked, consult=self._consult, rounds=repairs)
        except PolicyDenied as denial:
            if not dry or self.last is None or self.last.denial is not denial:
                raise
            return self.last
        return replace(planned.checked, rounds=planned.rounds)

    def on_topic(self, request: str) -> None:
        """What the policy's topics allow is planned, with the tools of these topics. Raises PolicyDenied (P440)."""
        topics, mode = self._setup.topics, self._setup.policy.mode
        if topics is None or self._judged:
            return
        self._judged = True
        found = topics.judge(request, self._setup.classifier)
        data: dict[str, Json] = {"tool": "request", "topics": [*found.topics], "mode": mode}
        code = None if found.denial is None else found.denial.code
        data |= {"verdict": "allow" if found.denial is None else "deny", "rules": ["topics"], "code": code}
        self._monitor.note("decision", data, durable=found.denial is not None)
        if mode == "observe":
            return
        if found.denial is not None:
            raise found.denial
        if found.tools is not None:
            self._monitor.narrow(found.tools)

    def check(self, plan: ir.Plan, given: Mapping[str, Value]) -> PlannedRun:
        """Check a plan and forecast it. Raises PlanRejected."""
        known = {one.name: one.bounds for one in self._course.now.known}
        exact = {name: Bounds(deep(value), deep(value), label_of(value)) for name, value in given.items()}
        bounds = {name: known.get(name, found) for name, found in exact.items()}
        signatures = self._monitor.signatures
        checked = lang.check(plan, signatures, dialect=self._setup.dialect, given=bounds)
        text = plan.text if plan.text.strip() else lang.render(plan)
        seen = forecast(lang.flows(checked), self._setup.policy)
        denial = None if self._setup.policy.mode == "observe" else seen.denial()
        if denial is not None and (bypasses := self._bypasses.active(now())):
            denial = seen.denial(frozenset(one.tool for one in bypasses))
        found: tuple[Observation, ...] = ()
        if seen.graph.observations:
            kinds = kinds_of(plan, signatures, self._course.now.known)
            found = observations(plan, seen.graph, kinds, self._course.observing)
        return PlannedRun(text, plan, checked, lang.plan_hash(plan), seen, denial=denial, observations=found)

    def foreseen(self, planned: PlannedRun) -> None:
        """Raise the denial of a plan that the policy certainly denies (P402), and write it down."""
        if planned.denial is None:
            return
        decision = cast(Decision, planned.denial.decision)
        data: dict[str, Json] = {"tool": decision.tool, "foreseen": True, "code": planned.denial.code}
        data |= {"verdict": "deny", "rules": [*decision.rules], "plan_hash": planned.plan_hash}
        self._monitor.note("decision", {**data, "reasons": [one.render() for one in decision.reasons]}, durable=True)
        raise planned.denial

    def _task(self, request: str, today: date, *, replans: bool) -> Task:
        now, signatures = self._course.now, self._monitor.signatures
        return Task(
            request,
            tuple(self._shown(one) for one in signatures.values()),
            today,
            self._setup.user,
            self._setup.dialect,
            tuple(one.shown for one in now.known),
            now.history,
            self._course.more and replans,
            _rules(self._setup.policy, signatures),
            self._setup.profile,
        )

    def _shown(self, signature: Signature) -> Signature:
        """A tool as the planner sees it: with the shape of its results, where one was learned and accepted."""
        shape = self._setup.shapes.get(signature.name)
        return signature if shape is None else replace(signature, returns=shape)

    def _consult(self, prompt: str, ask: Callable[[str], str]) -> str:
        self._course.asked += 1
        role: Role = "delegate" if self._course.sealed else "planner"
        answer = self._monitor.consult(role, wrap(prompt, REQUEST.join(self._course.now.pc)), ask)
        return cast(str, unsafe_plain(answer))  # sound: the text is checked before it runs, and shown to nobody else

    def _checked(self, text: str) -> PlannedRun:
        self.last = planned = self.check(lang.parse(text), self._course.now.given)
        problems = [found for one in planned.observations for found in self._course.observing.problems(one)]
        if planned.observations and not self._course.more:
            hint = "answer, or refuse(...), with what is known"
            problems = [
                Diagnostic("P472", "no further round may follow this one", one.span, hint)
                for one in planned.observations
            ]
        if problems:
            raise PlanRejected(problems, planned.text)
        self.foreseen(planned)
        return planned


def _rules(policy: Policy, tools: Iterable[str]) -> tuple[str, ...]:
    """The rules of tools that do not always allow, in brief, as the policy's author wrote them."""
    made = []
    for name in tools:
        texts = dict.fromkeys(text for _, text, _ in policy.explain(name) if text != "True")
        if texts and len(text := " and ".join(texts)) <= MAX_RULE:
            made.append(f"{name}: {text}")
    return tuple(made)
