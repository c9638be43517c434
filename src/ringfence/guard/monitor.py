"""The reference monitor: every call of a plan, of a tool or of a model, goes through here, and so does the answer.

Its one rule: no decision, no call; no record, no call. It decides in program order, on the labels that the engine
gives it; only reads that were allowed overlap. Nothing else calls tool code. What a tool returns is copied and
labelled here; what it raises becomes a labelled value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Final, Self, final

from ringfence.core.encoding import EncodingError, Part, from_json, label_written, loads, object_written
from ringfence.core.errors import (
    ConfigError,
    PolicyDenied,
    ReplayDiverged,
    ToolError,
)
from ringfence.core.labels import TRUSTED_PUBLIC, Label, join_all
from ringfence.core.values import Plain, Value, deep, unsafe_plain, wrap
from ringfence.guard.approval import (
    LIFETIME,
    ApprovalRequest,
    Approvals,
    Approver,
    Clock,
    MemoryApprovals,
    mismatch,
    now,
)
from ringfence.guard.audit import Audit, Kind, MemoryAudit
from ringfence.guard.budgets import Ledger, MemoryLedger, Spending
from ringfence.guard.bypass import Bypasses
from ringfence.guard.clearance import Clearance, Role
from ringfence.guard.consent import WITH_PLAN, Consent
from ringfence.guard.coverage import Shown
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
from ringfence.guard.policy import Policy
from ringfence.guard.preview import MAX_TEXT, is_cut_off
from ringfence.guard.questions import Questions
from ringfence.guard.ruleset import VERBS
from ringfence.guard.run import Budget, CallMade, Run, RunInfo, values_of
from ringfence.guard.screening import Screen, Screening
from ringfence.guard.sets import TrustedSet, trusted_part
from ringfence.guard.tools import ArgumentMismatch, Tool
from ringfence.guard.views import ArgumentView, RuleError, view_of
from ringfence.guard.workers import DEFAULT_WORKERS, Workers
from ringfence.lang.host import Bounds, HostCall, Pending, Signature, Site

MAX_EDITS: Final = 8
EDITED: Final = Label({"user"})  # what a person writes into a call


@final
@dataclass(frozen=True, slots=True)
class _Settled:
    """A call that may be made: as the plan has it, or as a person edited it."""

    call: HostCall
    decision: Decision
    asked: bool = False
    endorsed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    bypass: str = ""


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
        self.policy = policy.for_run(self._members)
        self.run = Run(run, Budget() if budget is None else budget, {} if literals is None else literals)
        self.user = _user(user)
        self.audit: Audit = MemoryAudit() if audit is None else audit
        self.journal: Journal = MemoryJournal() if journal is None else journal
        self.approvals: Approvals = MemoryApprovals() if approvals is None else approvals
        self._ordering: dict[int, _Settled] = {}  # those that carry something out, by their index
        self._tools = {tool.name: _known(policy, tool) for tool in tools}
        self._spending = Spending(policy.budgets, MemoryLedger() if ledger is None else ledger, run.id)
        self._clock = clock
        self._bypasses = bypasses
        self._workers = Workers(workers)
        self._consent = Consent(self.approvals, approver, self._record, clock)
        self._questions = Questions(self.run, self.policy.trusted, clock, lifetime)
        self._screening = Screening(screen, self._record)
        self._clearance = Clearance(
            self.policy, self.user, self._record, self._screening, self._consent, self._questions
        )
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
            raise self._denied(Decision("deny", call.name, (), (), ("use a tool that the policy knows",), "P401"))
        under = join_all(deep(value) for value in values_of(call).values())
        plain, converted = ({}, {}) if tool is None else self._converted(tool, call, is_data, under)
        settled = self._decide(call, digest, found)
        if settled.edited and tool is not None:
            call = settled.call
            under = join_all(deep(value) for value in values_of(call).values())
            plain, converted = self._converted(tool, call, argument_digest(call.name, call.arguments)[1], under)
        if tool is not None and tool.orders:
            self._ordering[call.index] = settled
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
        denial = self.policy.foresee(_ruled(site, name), pc)
        if denial is not None:
            data: dict[str, Part] = {"tool": name, "site": site.number, "foreseen": True, **_decided(denial, pc)}
            bypass = "" if self.policy.mode == "observe" else self._bypass(name)
            self._record("decision", {**data, "mode": self.policy.mode, **_bypassed(bypass)}, True)
            if self.policy.mode != "observe" and not bypass:
                raise self._denied(denial, site)

    def ordered(self, index: int, *, vouched: bool) -> Label:
        """The label under which a call carries out its orders: that of its arguments and of its place.

        `vouched`: the orders are to count as the user's own. They do if a person said yes to this very call, as it was
        shown whole, whichever rule asked, and for nothing else; who may read them stays as it was.
        """
        settled = self._ordering[index]
        call, orders = settled.call, self._tools[settled.call.name].orders
        label = deep(call.arguments[orders])
        # Sound: all that leaves this is whether the text was too long to be shown, which the question said.
        seen = settled.asked and not is_cut_off(unsafe_plain(call.arguments[orders]))
        after = Label({"user"}, label.readers) if vouched and seen else label
        if after is not label:
            data: dict[str, Part] = {"index": index, "tool": call.name, "endorsed": orders, "verdict": "allow"}
            self._record("decision", {**data, "label": label_written(label), "after": label_written(after)}, True)
        rest = (deep(value) for name, value in values_of(call).items() if name != orders)
        return join_all(rest).join(after).join(call.pc)

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

    # Deciding

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

    def _views(self, call: HostCall) -> dict[str, ArgumentView]:
        literal = self.run.written(call.site.number)
        views: dict[str, ArgumentView] = {}
        for name, value in values_of(call).items():
            endorsed = self._consent.endorsed(call.name, name, value)
            written = name in literal and deep(value) is TRUSTED_PUBLIC
            views[name] = view_of(value, literal=written, endorsed=endorsed)
        return views

    def _decide(self, call: HostCall, digest: str, before: Entry | None) -> _Settled:
        """What is to be called, after the verdict and, where that asks, a person. Written down.

        `before`: the read was approved and interrupted. A call that a person edits is decided again as it is then.
        """
        edited: tuple[str, ...] = ()
        for _ in range(MAX_EDITS):
            ruled = _ruled(call.site, call.name)
            decision = self.policy.always(ruled)
            if decision is None:
                decision = self.policy.decide(ruled, self._views(call), Bounds(call.pc, call.pc))
            if self._spending.counts(call.name):
                decision = self._spending.weigh(decision, call.index, self._counted(call), self._day())
            decision = self._showable(decision, call)
            stops = decision.verdict != "allow" and self.policy.mode != "observe"
            bypass = self._bypass(call.name) if stops else ""
            self._note_decision(call, digest, decision, edited, bypass)
            if not stops or bypass:
                self._spent(call, decision, bypassed=bool(bypass))
                return _Settled(call, decision, edited=edited, bypass=bypass)
            if decision.verdict == "deny":
                raise self._denied(decision, call.site)
            if before is not None and before.verdict == "ask" and not before.edited:
                self._consent.endorse(call.name, call.arguments, before.endorsed)
                self._spent(call, decision)
                return _Settled(call, decision, True, before.endorsed)
            request = self._questions.about_call(call, self._tools.get(call.name), digest, decision)
            consented = self._consent.ask(request, call.site.number, values_of(call), decision)
            if not consented.edits:
                self._consent.endorse(call.name, call.arguments, consented.endorsed)
                self._spent(call, decision)
                return _Settled(call, decision, True, consented.endorsed, edited)
            call = self._edited(call, consented.edits)
            digest, _ = argument_digest(call.name, call.arguments)
            edited = tuple(dict.fromkeys((*edited, *consented.edits)))
        raise mismatch("the call was edited too often")

    def _showable(self, decision: Decision, call: HostCall) -> Decision:
        """A denial instead of a question about orders that are too long to be shown whole."""
        tool = self._tools.get(call.name)
        if tool is None or decision.verdict != "ask" or all(one.argument != tool.orders for one in decision.reasons):
            return decision
        # Sound: all that leaves this is whether the text is too long for a person to be asked about.
        if not is_cut_off(unsafe_plain(call.arguments[tool.orders])):
            return decision
        remedy = f"take the part that is to be done: a person can be shown {MAX_TEXT:,} characters"
        return replace(decision, verdict="deny", code="P401", remedies=(remedy,))

    def _note_decision(
        self, call: HostCall, digest: str, decision: Decision, edited: tuple[str, ...], bypass: str
    ) -> None:
        data: dict[str, Part] = {
            "index": call.index,
            "site": call.site.number,
            "tool": call.name,
            "digest": digest,
            "labels": object_written({name: label_written(deep(value)) for name, value in values_of(call).items()}),
            "mode": self.policy.mode,
            **_decided(decision, call.pc),
            **({"edited": [*edited]} if edited else {}),
            **_bypassed(bypass),
        }
        denied = decision.verdict == "deny" and self.policy.mode != "observe"
        self._record("decision", data, denied or bool(bypass))

    def _bypass(self, tool: str) -> str:
        """The bypass that is in force for a tool; "" if there is none."""
        if self._bypasses is None:
            return ""
        return next((one.id for one in self._bypasses.active(self._clock()) if one.tool == tool), "")

    def _edited(self, call: HostCall, edits: Mapping[str, str]) -> HostCall:
        """The call with what a person wrote, which is the user's: no tool and no plan has any part in it."""
        if call.name not in self._tools:
            raise mismatch("what a quarantined model reads cannot be edited")
        try:
            values = {name: wrap(from_json(loads(text)), EDITED) for name, text in edits.items()}
        except (EncodingError, RecursionError):
            raise mismatch("the edit is no value") from None
        return replace(call, arguments={name: values.get(name, value) for name, value in call.arguments.items()})

    def _spent(self, call: HostCall, decision: Decision, *, bypassed: bool = False) -> None:
        """Enter the call into the budgets. PolicyDenied (P430) if another run has taken the rest meanwhile."""
        if not self._spending.counts(call.name):
            return
        denial = self._spending.settle(decision, call.index, self._counted(call), self._day())
        if denial is not None and self.policy.mode != "observe" and not bypassed:
            self._record("decision", {"index": call.index, "tool": call.name, **_decided(denial, call.pc)}, True)
            raise self._denied(denial, call.site)

    def _counted(self, call: HostCall) -> dict[str, Plain]:
        """The arguments as budgets count them."""
        if not self._spending.counts(call.name):
            return {}
        # Sound: a policy may look at values; all that leaves it is a verdict, and digests of what was counted.
        return {**self._tools[call.name].defaults, **{name: unsafe_plain(v) for name, v in values_of(call).items()}}

    def _day(self) -> str:
        return self._clock().astimezone(UTC).date().isoformat()

    def _denied(self, decision: Decision, site: Site | None = None) -> PolicyDenied:
        code = decision.code if decision.code is not None else "P401"
        hint = "; ".join(decision.remedies) if decision.remedies else None
        rules = ", ".join(decision.rules) if decision.rules else "no rule allows it"
        span = None if site is None else site.span
        return PolicyDenied(f"{decision.tool} is denied ({rules})", code=code, hint=hint, decision=decision, span=span)

    def _members(self, wanted: TrustedSet) -> Value:
        """What the tool of a trusted set gives, without what others wrote. Whatever is raised, the set is not there."""
        tool = self.policy.tools[str(wanted.tool)]  # also one that this plan may not call
        arguments = {name: view_of(plain) for name, plain in wanted.arguments.items()}
        decision = self.policy.decide(tool.name, arguments, Bounds(TRUSTED_PUBLIC, TRUSTED_PUBLIC))
        if decision.verdict != "allow":
            raise RuleError(f"{tool.name} is not allowed")
        value = self._execution.load(tool, tool.convert(wanted.arguments), wanted.name)
        kept, others = trusted_part(value, self.policy.trusted)
        if others:
            self._record("call", {"tool": tool.name, "set": wanted.name, "left_out": others}, False)
        return kept

    # Replaying

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
        if entry.edited:
            call = self._edited_before(call)
        if entry.verdict == "ask":
            self._consent.made(call.site.number)
        self._consent.endorse(call.name, call.arguments, entry.endorsed)
        self._spending.replayed(call.name, call.index, self._counted(call), self._day())
        # Sound: the run's report is for the user, as when the call was made.
        self.run.made(call, {name: unsafe_plain(value) for name, value in values_of(call).items()}, entry)
        return lambda: _recorded(entry, call.site)

    def _edited_before(self, call: HostCall) -> HostCall:
        """The call as it was edited in another process, for the report."""
        for one in self.approvals.list(run=self.run.id):
            if one.request.index == call.index and one.edits:
                call = self._edited(call, one.edits)
        return call

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


def _ruled(site: Site, name: str) -> str:
    """The name under which a policy has rules for a call: the engine makes `quarantine_each` of single calls."""
    return site.name if site.name in VERBS and name in VERBS else name


def _decided(decision: Decision, pc: Label) -> dict[str, Part]:
    return {
        "verdict": decision.verdict,
        "rules": [*decision.rules],
        "reasons": [reason.render() for reason in decision.reasons],
        "causes": [[one.rule, one.predicate, one.argument] for one in dict.fromkeys(decision.reasons)],
        "remedies": [*decision.remedies],
        "code": decision.code,
        "class": decision.kind,
        "pc": label_written(pc),
    }


def _bypassed(bypass: str) -> dict[str, Part]:
    return {"bypass": bypass} if bypass else {}
