"""The public face: a firewall around a set of tools.

    firewall = Firewall(tools=[list_events, send_mail], user="ann@example.com")
    result = firewall.run("Send today's schedule to my boss")

Its one rule: a Firewall holds what is fixed (tools, policy, models) and nothing of any run; it may be used from
several threads at once.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias, final

from ringfence import lang
from ringfence.core.encoding import Json, canonical_json, digest, to_json
from ringfence.core.errors import ConfigError, ReplayDiverged
from ringfence.core.values import Value
from ringfence.guard.approval import LIFETIME, PLAN, ApprovalRequest, now
from ringfence.guard.labelling import principal
from ringfence.guard.pins import read_pins, require_accepted
from ringfence.guard.policy import Policy
from ringfence.guard.ruleset import Mode
from ringfence.guard.run import Budget
from ringfence.guard.screening import Screen
from ringfence.guard.tools import Tool, tool
from ringfence.guard.topics import ByWords, Classifier, load_topics
from ringfence.lang import ir
from ringfence.lang.host import Signature
from ringfence.llm.accounting import Account
from ringfence.llm.composer import Composer
from ringfence.schema import plain_of
from ringfence.screens.output import Output, OutputGuard
from ringfence.session.approving import AskAsync, approver_of
from ringfence.session.arguments import (
    ApproverChoice,
    PolicyChoice,
    ToolLike,
    config_of,
    dialect_of,
    lifetime_of,
    request_of,
    tools_of,
    user_of,
)
from ringfence.session.asked import Asks
from ringfence.session.conductor import Conductor
from ringfence.session.delegate import delegate_tool
from ringfence.session.given import given_values
from ringfence.session.models import LazyReader, Models, PlannerChoice, ReaderChoice
from ringfence.session.result import Result
from ringfence.session.resuming import asked_of, changed, cost_of, damaged, given_texts, round_of, stored_run
from ringfence.session.rounds import Round
from ringfence.session.screens import asking, described, screen_for
from ringfence.session.setup import PlannedRun, Setup
from ringfence.session.shapes import read_shapes
from ringfence.session.watched import Watcher
from ringfence.stores import MemoryStore, Store, open_store

if TYPE_CHECKING:
    from ringfence.llm.models import ChatModel
    from ringfence.session.conversation import Conversation

PlanLike: TypeAlias = "str | Mapping[str, object] | PlannedRun | ir.Plan"


@final
class Firewall:
    """Tools, a policy and models; every run is isolated from every other."""

    def __init__(
        self,
        tools: Iterable[ToolLike] = (),
        model: PlannerChoice = None,
        quarantine: ReaderChoice = None,
        policy: PolicyChoice = None,
        mode: Mode | None = None,
        user: str | None = None,
        store: Store | str | Path | None = None,
        approver: ApproverChoice = None,
        limits: lang.Limits | None = None,
        *,
        dialect: str | None = None,
        composer: ChatModel | None = None,
        watcher: Watcher | None = None,
        approve_plan: bool = False,
        minutes: int | None = None,
        classifier: Classifier | None = None,
        screen: Screen | None = None,
    ) -> None:
        """tools: what a plan may call; a plain typed function is a tool with the effect "write".
        model, quarantine: a name such as "openai:NAME" or "offline", or a model; None: as configured or discovered.
        policy: a configuration file, its table [tools], or None for the rules on the tools and the defaults.
        mode: "enforce" (the default), "strict" or "observe". user: who the answers are for.
        store: where runs are kept, so that they can wait and be audited; None: in memory, for as long as they wait.
        approver: who is asked: an object with decide(), or a function, `async` or not, of the question, that gives
        True, False, or None for no answer; None: nobody, so a call that asks makes the run wait.
        approve_plan: ask about the calls that the forecast knows of before the plan starts, together.
        minutes: for how long a question can be answered and its answer be used (15 unless configured).
        screen: what looks at requests and results, as telemetry; None: that of [screens] in the configuration, if any.
        classifier: who says which of the policy's topics a request is about; None: their words.

        What is not given is taken from the policy's file. Raises ConfigError (E333 for tools that nobody accepted).
        """
        config = config_of(policy)
        self.config = config
        made = [one if isinstance(one, Tool) else tool(one) for one in tools_of(tools)]
        if config.pins is not None:
            require_accepted(made, read_pins(config.pins))
        who = user_of(config.user if user is None else user)
        chosen = config.mode if mode is None else mode
        subset = config.dialect if dialect is None else dialect_of(dialect, config.dialect, chosen)
        if config.planning.delegate and subset in ("code-then-execute", "dual-llm"):
            made.append(delegate_tool())
        loaded = Policy.load(
            made,
            mode=config.mode if mode is None else mode,
            trusted=config.trusted,
            sections=config.sections,
            user=who,
            dialect=subset,
        )
        looking = screen_for(config, loaded) if screen is None else screen
        loaded = asking(loaded, looking)
        self._setup = Setup(
            loaded,
            who,
            subset,
            config.limits if limits is None else limits,
            Budget((config.limits if limits is None else limits).calls, config.per_tool),
            approver_of(approver),
            watcher,
            Composer(composer),
            config.grounding,
            config.planning,
            approve_plan,
            LIFETIME if minutes is None else lifetime_of(minutes),
            load_topics(config.sections, config.topics, loaded.tools),
            ByWords() if classifier is None else classifier,
            config.spending,
            profile=config.profile,
            shapes={} if config.shapes is None else read_shapes(config.shapes, made),
            output=OutputGuard(Output.of(config.output)),
            screen=looking,
            described=described(looking if screen is None else None, loaded, accepted=config.pins is not None),
        )
        self.models = Models(model, quarantine, os.environ, (config.planner, config.quarantine), config.spending.answer)
        self._opened = open_store(store) if isinstance(store, (str, Path)) else None
        self._store: Store | None = self._opened if isinstance(store, (str, Path)) else store
        self._waiting: dict[str, tuple[datetime, Store]] = {}  # without a store: the runs that wait, and until when
        self._lock = Lock()
        given = os.environ.get("RINGFENCE_HISTORY_KEY", "").strip()
        self._history_key = given.encode() if given else secrets.token_bytes(32)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the models' connections, and the store if this opened it."""
        self.models.close()
        if self._opened is not None:
            self._opened.close()

    @property
    def policy(self) -> Policy:
        """The rules in force."""
        return self._setup.policy

    # Planning and running

    def plan(self, request: str, *, today: date | None = None) -> PlannedRun:
        """A dry run: the plan that would run, and its forecast. Raises PlanError, ModelError, PolicyDenied."""
        asked = request_of(request)
        with self._conductor(_new_id()) as conductor:
            day = date.today() if today is None else today
            planned = conductor.plan(self.models.planner(conductor.account), asked, day, dry=True)
            conductor.recording.only_planned(planned)
            return planned

    def run(self, request: str, *, today: date | None = None, begun: Round | None = None) -> Result:
        """Plan the request and run the plan. Raises ConfigError; every other end is a Result.

        `begun` is what a conversation begins its next turn with.
        """
        asked = request_of(request)
        self.models.planner()  # what is no model is a ConfigError, before there is a run
        with self._conductor(_new_id()) as conductor:
            writer = self.models.planner(conductor.account)
            conductor.course.now = Round() if begun is None else begun

            def work() -> Result:
                return conductor.rounds(writer, asked, date.today() if today is None else today)

            return self._kept(conductor, conductor.guarded(work))

    def exec(self, plan: PlanLike, given: Mapping[str, object] | None = None) -> Result:
        """Run a plan: its text, its stored JSON, or one that was planned.

        `given` are variables that exist before it starts; what is not `Labeled` is the developer's own: trusted
        and public. The answer is for the program that calls this: read its label. Raises ConfigError.
        """
        values = self._given({} if given is None else given)
        with self._conductor(_new_id()) as conductor:

            def work() -> Result:
                conductor.recording.begin(digest(None), {"kind": "exec"})
                return conductor.execute(conductor.plans.check(plan_of(plan), values), values, replying=False)

            return self._kept(conductor, conductor.guarded(work))

    def check(
        self, plan: str | Mapping[str, object] | ir.Plan, given: Mapping[str, object] | None = None
    ) -> PlannedRun:
        """Check a plan and forecast it; nothing is run and nothing written down. Raises PlanRejected."""
        values = self._given({} if given is None else given)
        with Conductor(self._setup, MemoryStore(), _new_id(), None) as conductor:
            return conductor.plans.check(plan_of(plan), values)

    def resume(self, run_id: str, *, plan: PlanLike | None = None, given: Mapping[str, object] | None = None) -> Result:
        """Go on with a run that waits or whose process died: what was done is replayed, not done again.

        `plan` and `given`, where they are named, must be those of the run. Raises ConfigError for a run that does not
        exist, ReplayDiverged (E350, E333) for one that cannot go on here.
        """
        with self._conductor(run_id) as conductor:
            record = conductor.store.runs().get(run_id)
            if record is None:
                raise ConfigError("there is no such run", code="C510", hint="`ringfence audit list` names the runs")
            stored, values = stored_run(record, self._setup)
            conductor.course.now, asks = round_of(record, values), None
            if (asked := asked_of(record)) is not None:
                conductor.course.now = asked.begun(conductor.course.now)
                asks = Asks(lambda: self.models.planner(conductor.account), asked.request, asked.today)
            if plan is not None and lang.plan_hash(plan_of(plan)) != record.plan_hash:
                raise ReplayDiverged("the run was begun with another plan", hint="resume it with its own plan, or none")
            if given is not None and given_texts(self._given(given)) != given_texts(values):
                raise ReplayDiverged("the run was begun with other variables", hint="resume it with its own, or none")
            conductor.account.before = cost_of(record)
            conductor.recording.record = record
            conductor.notes = changed(record, self._setup)

            def work() -> Result:
                conductor.recording.begin(record.request_digest, {"kind": "resume"})
                planned = conductor.plans.check(stored, values)
                if planned.plan_hash != record.plan_hash:
                    raise damaged()
                replying = record.request_digest != digest(None)
                return conductor.resumed(planned, values, asks, replying=replying)

            return self._kept(conductor, conductor.guarded(work))

    def conversation(self, stored: Json | None = None) -> Conversation:
        """Several turns: `say` each. `stored` goes on with one that `Conversation.to_json` gave.

        Turns are sealed with RINGFENCE_HISTORY_KEY of the environment, else with a key of this object.
        Raises AuditError (E372) for a history that was changed.
        """
        from ringfence.session.conversation import Conversation

        return Conversation(self, self._history_key, stored)

    @property
    def signatures(self) -> dict[str, Signature]:
        """The tools as the checker and the planner see them."""
        who = principal(self._setup.user)
        return {name: one.signature_for(who) for name, one in self._setup.policy.tools.items()}

    # Approving

    def approve(
        self,
        request: ApprovalRequest,
        *,
        by: str = "user",
        endorse: bool = True,
        reason: str = "",
        unseen: Iterable[str] = (),
    ) -> None:
        """Say yes to the call that a run waits for; then `resume` it. Raises ApprovalRefused, ApprovalExpired.

        unseen: of a question about a plan, the arguments in `request.endorsable` that are taken whatever they will be.
        """
        yes = request.approve(by, endorse=endorse, reason=reason)
        if request.index == PLAN:
            yes = request.accept(by, tuple(unseen), reason=reason)
        self._store_of(request.run).approvals().decide(request.id, yes, now())

    def reject(self, request: ApprovalRequest, *, by: str = "user", reason: str = "") -> None:
        """Say no, which is final for the run's plan."""
        self._store_of(request.run).approvals().decide(request.id, request.reject(by, reason=reason), now())

    def edit(self, request: ApprovalRequest, values: Mapping[str, object], *, by: str = "user") -> None:
        """Give other values for arguments of the call, which is then decided again with them as the user's own."""
        written = {name: canonical_json(to_json(plain_of(value))) for name, value in values.items()}
        self._store_of(request.run).approvals().decide(request.id, request.edit(by, written), now())

    # The same for asyncio. A run that is cancelled goes on in its thread until its next call.

    async def aplan(self, request: str, *, today: date | None = None) -> PlannedRun:
        """`plan` in a worker thread."""
        return await asyncio.to_thread(self.plan, request, today=today)

    async def arun(self, request: str, *, today: date | None = None) -> Result:
        """`run` in a worker thread."""
        return await asyncio.to_thread(self.run, request, today=today)

    async def aexec(self, plan: PlanLike, given: Mapping[str, object] | None = None) -> Result:
        """`exec` in a worker thread."""
        return await asyncio.to_thread(self.exec, plan, given)

    async def aresume(self, run_id: str) -> Result:
        """`resume` in a worker thread."""
        return await asyncio.to_thread(self.resume, run_id)

    # Inside

    def _conductor(self, run_id: str) -> Conductor:
        if isinstance(self._setup.approver, AskAsync):
            self._setup.approver.check_thread()
        account = Account(self._setup.spending)
        watching = getattr(self._setup.watcher, "progress", None)
        reader = LazyReader(self.models, account, watching if callable(watching) else None)
        return Conductor(self._setup, self._store_of(run_id), run_id, reader, account)

    def _store_of(self, run_id: str) -> Store:
        if self._store is not None:
            return self._store
        with self._lock:
            found = self._waiting.get(run_id)
        return MemoryStore() if found is None else found[1]

    def _kept(self, conductor: Conductor, result: Result) -> Result:
        """Without a store a run is remembered only while it waits."""
        if self._store is None:
            with self._lock:
                self._waiting.pop(result.run_id, None)
                self._waiting = {run: kept for run, kept in self._waiting.items() if now() < kept[0]}
                if result.approval is not None:
                    self._waiting[result.run_id] = (result.approval.expires, conductor.store)
        return result

    def _given(self, given: Mapping[str, object]) -> dict[str, Value]:
        return given_values(given, self._setup.policy.tools)


def _new_id() -> str:
    return secrets.token_hex(6)


def plan_of(plan: PlanLike) -> ir.Plan:
    """The plan in its text, its stored form, or as it was planned. Raises PlanRejected."""
    if isinstance(plan, PlannedRun):
        return plan.plan
    if isinstance(plan, ir.Plan):
        return plan
    return lang.parse(plan) if isinstance(plan, str) else lang.plan_from_json(plan)
