"""The reference monitor: every call of a plan, of a tool or of a model, goes through here, and so does the answer.

Its one rule: no decision, no call; no record, no call. The order of a call's steps is kept here: what was made before
is replayed, else guard/deciding.py decides, in program order and on the labels that the engine gives, and
guard/execution.py makes the call. Only reads that were allowed overlap. Nothing else calls tool code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Self, final

from ringfence.core.encoding import Part
from ringfence.core.errors import ConfigError, ReplayDiverged, ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label, join_all
from ringfence.core.plain import Plain
from ringfence.core.values import Value, deep, unsafe_plain
from ringfence.guard.approval import LIFETIME, ApprovalRequest, Approvals, Approver, Clock, MemoryApprovals, now
from ringfence.guard.audit import Audit, Kind, MemoryAudit
from ringfence.guard.budgets import Ledger, MemoryLedger, Spending
from ringfence.guard.bypass import Bypasses
from ringfence.guard.clearance import Clearance, Role
from ringfence.guard.consent import WITH_PLAN, Consent
from ringfence.guard.coverage import Shown
from ringfence.guard.deciding import Deciding, denied
from ringfence.guard.decision import Decision
from ringfence.guard.execution import Execution, Ready, reading_of
from ringfence.guard.journal import (
    Entry,
    Journal,
    MemoryJournal,
    argument_digest,
    interrupted,
    label_text,
    read_failure,
    read_result,
)
from ringfence.guard.labelling import principal
from ringfence.guard.models import QuarantineModel
from ringfence.guard.orders import Orders
from ringfence.guard.policy import Policy
from ringfence.guard.questions import Questions
from ringfence.guard.ruleset import VERBS
from ringfence.guard.run import Budget, CallMade, Run, RunInfo, values_of
from ringfence.guard.screening import Screen, Screening
from ringfence.guard.sets import TrustedSet, trusted_part
from ringfence.guard.tools import ArgumentMismatch, Tool
from ringfence.guard.views import RuleError, view_of
from ringfence.guard.workers import DEFAULT_WORKERS, Workers
from ringfence.lang.host import Bounds, HostCall, Pending, Signature, Site


@final
class Monitor:
    """The host of one run. Thread-safe as far as its own overlapping reads go; the engine calls it from one thread."""

    def __init__(
        self,
        tools: Iterable[Tool],
        policy: Policy,
        *,
        run: RunInfo,
        journal: Journal | None = None,
        audit: Audit | None = None,
        approvals: Approvals | None = None,
        approver: Approver | None = None,
        quarantine: QuarantineModel | None = None,
        user: str = "user",
        literals: Mapping[int, frozenset[str]] | None = None,
        budget: Budget | None = None,
        workers: int = DEFAULT_WORKERS,
        grounding: bool = False,
        ledger: Ledger | None = None,
        clock: Clock = now,
        bypasses: Bypasses | None = None,
        lifetime: timedelta = LIFETIME,
        screen: Screen | None = None,
    ) -> None:
        """`literals`: by a site's number, the parameters whose arguments are written in the plan (from the forecast).

        Without a journal, audit, approvals or ledger they are kept in memory and end with the process.
        """
        self._policy = policy.for_run(self._members)
        self.run = Run(run, Budget() if budget is None else budget, {} if literals is None else literals)
        self.user = _user(user)
        self.audit: Audit = MemoryAudit() if audit is None else audit
        self.journal: Journal = MemoryJournal() if journal is None else journal
        self.approvals: Approvals = MemoryApprovals() if approvals is None else approvals
        self._tools = {tool.name: _known(policy, tool) for tool in tools}
        self._workers = Workers(workers)
        self._consent = Consent(self.approvals, approver, self._record, clock)
        questions = Questions(self.run, self._policy.trusted, clock, lifetime)
        spending = Spending(policy.budgets, MemoryLedger() if ledger is None else ledger, run.id)
        self._deciding = Deciding(
            self._policy, self.run, self._record, self._consent, questions, spending, bypasses, clock
        )
        self._orders = Orders(self._record)
        self._screening = Screening(screen, self._record)
        self._clearance = Clearance(self._policy, self.user, self._record, self._screening, self._consent, questions)
        self._execution = Execution(self.journal, self._record, self.user, quarantine, grounding, self._screening)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """The run has ended: reads that have not begun never will."""
        self._workers.close()

    def planned(self, plan_hash: str, literals: Mapping[int, frozenset[str]]) -> None:
        """The plan that runs now: approvals are bound to its hash. `literals` as in the constructor."""
        self.run.planned(plan_hash, literals)

    def narrow(self, tools: frozenset[str]) -> None:
        """From now on only these tools are there for plans."""
        self._tools = {name: tool for name, tool in self._tools.items() if name in tools}

    @property
    def policy(self) -> Policy:
        """The policy as this run has it: with trusted sets that it loads itself."""
        return self._policy

    @property
    def calls(self) -> list[CallMade]:
        """Those that were made, in program order."""
        return self.run.calls

    @property
    def signatures(self) -> dict[str, Signature]:
        """The tools as the checker and the planner see them, with what is known of their results' labels."""
        return {name: self._screening.signature(tool.signature_for(self.user)) for name, tool in self._tools.items()}

    # The engine's side

    def call(self, call: HostCall) -> Value | Pending:
        """Decide, record and make the call; see `lang.host.Host`."""
        self.run.count(call)
        digest, is_data = argument_digest(call.name, call.arguments)
        tool = self._tools.get(call.name)
        found = self.journal.find(call.index)
        if found is not None:
            self._same(call, digest, found)
            if found.state != "started" or tool is None or tool.effect == "write":
                recorded = self._replay(call, found)
                # What overlapped does so again: the plan hears of it, and of its failure, where it did before.
                overlapped = tool is None or tool.effect == "read"
                return self._workers.at_once(recorded) if overlapped else recorded()
        if tool is None and call.name not in VERBS:
            raise denied(Decision("deny", call.name, (), (), ("use a tool that the policy knows",), "P401"))
        under = join_all(deep(value) for value in values_of(call).values())
        plain: dict[str, Plain] = {}
        converted: dict[str, object] = {}
        unfit: ToolError | None = None
        if tool is not None:
            try:
                plain, converted = self._converted(tool, call, is_data, under)
            except ToolError as error:
                if error.label.public:
                    raise
                unfit = error  # whether they fit is not for everyone to know: the labels are decided on first
        settled = self._deciding.settle(call, tool, digest, found)
        if unfit is not None:
            raise unfit
        if settled.edited and tool is not None:
            call = settled.call
            under = join_all(deep(value) for value in values_of(call).values())
            plain, converted = self._converted(tool, call, argument_digest(call.name, call.arguments)[1], under)
        if tool is not None and tool.orders:
            self._orders.give(call, tool, asked=settled.asked)
        entry = Entry(
            call.index,
            call.site.number,
            call.name,
            digest,
            label_text(call.pc),
            "started",
            settled.decision.verdict,
            settled.decision.rules,
            settled.endorsed,
            edited=settled.edited,
        )
        ready = Ready(call, entry, under)
        if tool is None:
            return self._quarantined(ready)
        self.run.made(call, plain, entry, settled.bypass)
        if tool.effect == "write" or (settled.asked and found is None):
            self._execution.start(ready)  # of an approved read, so that a restart does not ask about it again
        if tool.effect == "write":
            return self._execution.invoke(ready, tool, converted)
        start = self._workers.at_once if self._execution.is_quick(tool) else self._workers.submit
        return start(lambda: self._execution.invoke(ready, tool, converted))

    def _quarantined(self, ready: Ready) -> Pending:
        reading = reading_of(ready.call)
        self.run.made(ready.call, {"instruction": reading.instruction, "data": reading.data}, ready.entry)
        return self._workers.submit(lambda: self._execution.read(ready, reading))

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Raise PolicyDenied (P403) if a call here is denied whatever its arguments; see `lang.host.Host`."""
        self._deciding.foresee(site, name, pc)

    def ordered(self, index: int, *, vouched: bool) -> Label:
        """The label under which a call carries out its orders; see `Orders.label`."""
        return self._orders.label(index, vouched=vouched)

    # The session's side

    def approve_plan(self, request: ApprovalRequest, calls: Iterable[Shown]) -> None:
        """Have a person decide on the calls of the plan before it starts.

        Raises ApprovalRefused, ApprovalExpired, or ApprovalRequired if nobody answers now.
        """
        self._consent.ask_plan(request, calls)

    @property
    def questions(self) -> int:
        """How many questions a person was asked about this run, in all processes."""
        if not self._consent.questions and all(made.verdict != "ask" and not made.edited for made in self.calls):
            return 0
        return sum(1 for one in self.approvals.list(run=self.run.id) if one.reason != WITH_PLAN)

    def consult(self, role: Role, prompt: Value, ask: Callable[[str], str]) -> Value:
        """Ask a privileged model: `ask` gets the prompt's text. See `Clearance.consult`."""
        return self._clearance.consult(role, prompt, ask)

    def screen(self, request: str) -> None:
        """Have the request looked at before it is planned. Raises PolicyDenied (E381)."""
        self._clearance.screen(request)

    def reply(self, value: Value) -> Plain:
        """The answer, as plain data for the user, who must be allowed to read all of it (P406)."""
        return self._clearance.reply(value)

    def note(self, kind: Kind, data: Mapping[str, Part], *, durable: bool = False) -> None:
        """Write a record about this run: its start, its plan, its end. No values."""
        self._record(kind, data, durable)

    # Inside

    def _converted(
        self, tool: Tool, call: HostCall, is_data: bool, under: Label
    ) -> tuple[dict[str, Plain], dict[str, object]]:
        """The arguments as plain data, and as the tool expects them. ToolError (E332)."""
        label = under.join(call.pc)
        if not is_data:
            raise ToolError(
                tool.name,
                f"an argument of {tool.name} is not data",
                code="E332",
                hint="give tools text, numbers, dates, lists, dicts and records",
                span=call.site.span,
                label=label,
            )
        try:
            # Sound: the values go nowhere before the policy has decided, and then to the tool that it decided on.
            # Two copies: what a tool does to its arguments is not to be seen in the report.
            plain = {name: unsafe_plain(value) for name, value in call.arguments.items()}
            return plain, tool.convert({name: unsafe_plain(value) for name, value in call.arguments.items()})
        except ArgumentMismatch as problem:
            message = f"{tool.name}: {problem.parameter}{problem.path}: expected {problem.expected}"
        except RecursionError:
            message = f"{tool.name}: an argument is nested too deeply"
        raise ToolError(tool.name, message, code="E332", span=call.site.span, label=label)

    def _members(self, wanted: TrustedSet) -> Value:
        """What the tool of a trusted set gives, without what others wrote. Whatever is raised, the set is not there."""
        tool = self._policy.tools[str(wanted.tool)]  # also one that this plan may not call
        arguments = {name: view_of(plain) for name, plain in wanted.arguments.items()}
        decision = self._policy.decide(tool.name, arguments, Bounds(TRUSTED_PUBLIC, TRUSTED_PUBLIC))
        if decision.verdict != "allow":
            raise RuleError(f"{tool.name} is not allowed")
        value = self._execution.load(tool, tool.convert(wanted.arguments), wanted.name)
        kept, others = trusted_part(value, self._policy.trusted)
        if others:
            self._record("call", {"tool": tool.name, "set": wanted.name, "left_out": others}, False)
        return kept

    def _same(self, call: HostCall, digest: str, entry: Entry) -> None:
        if (entry.tool, entry.digest, entry.site) != (call.name, digest, call.site.number):
            raise ReplayDiverged(
                f"the plan calls {call.name} where the journal has another call or other arguments",
                hint="start a new run",
                span=call.site.span,
                label=call.pc,
            )

    def _replay(self, call: HostCall, entry: Entry) -> Callable[[], Value]:
        """What gives the recorded result of a call that was made before. Nothing is called."""
        if entry.state == "started":
            raise interrupted(call.name)
        call = self._deciding.settled_before(call, self._tools.get(call.name), entry)
        # Sound: the run's report is for the user, as when the call was made.
        self.run.made(call, {name: unsafe_plain(value) for name, value in values_of(call).items()}, entry)
        return lambda: _recorded(entry, call.site)

    def _record(self, kind: Kind, data: Mapping[str, Part], durable: bool = False) -> None:
        self.audit.append(self.run.id, kind, data, durable=durable)


def _known(policy: Policy, tool: Tool) -> Tool:
    """The tool with the effect and sinks that the policy gives it."""
    found = policy.tools.get(tool.name)
    if found is None:
        raise ConfigError(f"the policy was loaded without the tool {tool.name}", code="C503")
    return found


def _user(name: str) -> str:
    try:
        return principal(name)
    except TypeError as problem:
        raise ConfigError(
            "the user has no name that labels can hold", hint="give a name or a mail address"
        ) from problem


def _recorded(entry: Entry, site: Site) -> Value:
    """The result that the journal has. Raises the failure that it has."""
    if entry.state == "failed":
        failure = read_failure(entry)
        failure.span = site.span
        raise failure
    return read_result(entry)
