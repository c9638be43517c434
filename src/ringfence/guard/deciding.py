"""May this call be made? The policy's verdict, and what may change it: budgets, a bypass, a person's yes or edit.

Its one rule: a call is settled only if it was allowed, bypassed or approved exactly as it is now; each verdict is
written down before anything follows from it. Nothing is called from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Final, final

from ringfence.core.encoding import EncodingError, Part, from_json, label_written, loads, object_written
from ringfence.core.errors import PolicyDenied
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import deep, unsafe_plain, wrap
from ringfence.guard.approval import mismatch
from ringfence.guard.audit import Record
from ringfence.guard.budgets import Spending
from ringfence.guard.bypass import Bypasses
from ringfence.guard.clock import Clock
from ringfence.guard.consent import Consent
from ringfence.guard.decision import Decision
from ringfence.guard.journal import Entry, argument_digest
from ringfence.guard.orders import showable
from ringfence.guard.policy import Policy
from ringfence.guard.questions import Questions
from ringfence.guard.ruleset import VERBS
from ringfence.guard.run import Run, values_of
from ringfence.guard.tools import Tool
from ringfence.guard.views import ArgumentView, view_of
from ringfence.lang.host import Bounds, HostCall, Site

MAX_EDITS: Final = 8
EDITED: Final = Label({"user"})  # what a person writes into a call


@final
@dataclass(frozen=True, slots=True)
class Settled:
    """A call that may be made: as the plan has it, or as a person edited it."""

    call: HostCall
    decision: Decision
    asked: bool = False
    endorsed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    bypass: str = ""


@final
class Deciding:
    """The decisions of one run. `tool` is None for the engine's own verbs: a quarantined model reads."""

    def __init__(
        self,
        policy: Policy,
        run: Run,
        record: Record,
        consent: Consent,
        questions: Questions,
        spending: Spending,
        bypasses: Bypasses | None,
        clock: Clock,
    ) -> None:
        self._policy = policy
        self._run = run
        self._record = record
        self._consent = consent
        self._questions = questions
        self._spending = spending
        self._bypasses = bypasses
        self._clock = clock

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Raise PolicyDenied (P403) if a call here is denied whatever its arguments; see `lang.host.Host`."""
        denial = self._policy.foresee(_ruled(site, name), pc)
        if denial is not None:
            data: dict[str, Part] = {"tool": name, "site": site.number, "foreseen": True, **_decided(denial, pc)}
            bypass = "" if self._policy.mode == "observe" else self._bypass(name)
            self._record("decision", {**data, "mode": self._policy.mode, **_bypassed(bypass)}, True)
            if self._policy.mode != "observe" and not bypass:
                raise denied(denial, site)

    def settle(self, call: HostCall, tool: Tool | None, digest: str, before: Entry | None) -> Settled:
        """What is to be called, after the verdict and, where that asks, a person. Raises PolicyDenied, and as `ask`.

        `digest` is that of the arguments. `before`: the read was approved and interrupted. A call that a person edits
        is decided again as it is then.
        """
        edited: tuple[str, ...] = ()
        for _ in range(MAX_EDITS):
            decision = self._verdict(call, tool)
            stops = decision.verdict != "allow" and self._policy.mode != "observe"
            bypass = self._bypass(call.name) if stops else ""
            self._note(call, digest, decision, edited, bypass)
            if not stops or bypass:
                self._spent(call, tool, decision, bypassed=bool(bypass))
                return Settled(call, decision, edited=edited, bypass=bypass)
            if decision.verdict == "deny":
                raise denied(decision, call.site)
            if before is not None and before.verdict == "ask" and not before.edited:
                self._consent.endorse(call.name, call.arguments, before.endorsed)
                self._spent(call, tool, decision)
                return Settled(call, decision, True, before.endorsed)
            request = self._questions.about_call(call, tool, digest, decision)
            consented = self._consent.ask(request, call.site.number, values_of(call), decision)
            if not consented.edits:
                self._consent.endorse(call.name, call.arguments, consented.endorsed)
                self._spent(call, tool, decision)
                return Settled(call, decision, True, consented.endorsed, edited)
            call = _edited(call, tool, consented.edits)
            digest, _ = argument_digest(call.name, call.arguments)
            edited = tuple(dict.fromkeys((*edited, *consented.edits)))
        raise mismatch("the call was edited too often")

    def settled_before(self, call: HostCall, tool: Tool | None, entry: Entry) -> HostCall:
        """The call as another process made it. What was decided then counts: a yes is used up, a budget is spent."""
        if entry.edited:
            for edits in self._consent.edits(self._run.id, call.index):
                call = _edited(call, tool, edits)
        if entry.verdict == "ask":
            self._consent.made(call.site.number)
        self._consent.endorse(call.name, call.arguments, entry.endorsed)
        self._spending.replayed(call.name, call.index, self._counted(call, tool), self._day())
        return call

    # Inside

    def _verdict(self, call: HostCall, tool: Tool | None) -> Decision:
        ruled = _ruled(call.site, call.name)
        decision = self._policy.always(ruled)
        if decision is None:
            decision = self._policy.decide(ruled, self._views(call), Bounds(call.pc, call.pc))
        if self._spending.counts(call.name):
            decision = self._spending.weigh(decision, call.index, self._counted(call, tool), self._day())
        return showable(decision, call, tool)

    def _views(self, call: HostCall) -> dict[str, ArgumentView]:
        literal = self._run.written(call.site.number)
        views: dict[str, ArgumentView] = {}
        for name, value in values_of(call).items():
            endorsed = self._consent.endorsed(call.name, name, value)
            written = name in literal and deep(value) is TRUSTED_PUBLIC
            views[name] = view_of(value, literal=written, endorsed=endorsed)
        return views

    def _note(self, call: HostCall, digest: str, decision: Decision, edited: tuple[str, ...], bypass: str) -> None:
        data: dict[str, Part] = {
            "index": call.index,
            "site": call.site.number,
            "tool": call.name,
            "digest": digest,
            "labels": object_written({name: label_written(deep(value)) for name, value in values_of(call).items()}),
            "mode": self._policy.mode,
            **_decided(decision, call.pc),
            **({"edited": [*edited]} if edited else {}),
            **_bypassed(bypass),
        }
        stopped = decision.verdict == "deny" and self._policy.mode != "observe"
        self._record("decision", data, stopped or bool(bypass))

    def _bypass(self, tool: str) -> str:
        """The bypass that is in force for a tool; "" if there is none."""
        if self._bypasses is None:
            return ""
        return next((one.id for one in self._bypasses.active(self._clock()) if one.tool == tool), "")

    def _spent(self, call: HostCall, tool: Tool | None, decision: Decision, *, bypassed: bool = False) -> None:
        """Enter the call into the budgets. PolicyDenied (P430) if another run has taken the rest meanwhile."""
        if not self._spending.counts(call.name):
            return
        denial = self._spending.settle(decision, call.index, self._counted(call, tool), self._day())
        if denial is not None and self._policy.mode != "observe" and not bypassed:
            self._record("decision", {"index": call.index, "tool": call.name, **_decided(denial, call.pc)}, True)
            raise denied(denial, call.site)

    def _counted(self, call: HostCall, tool: Tool | None) -> dict[str, Plain]:
        """The arguments as budgets count them."""
        if not self._spending.counts(call.name):
            return {}
        defaults = {} if tool is None else tool.defaults
        # Sound: a policy may look at values; all that leaves it is a verdict, and digests of what was counted.
        return {**defaults, **{name: unsafe_plain(value) for name, value in values_of(call).items()}}

    def _day(self) -> str:
        return self._clock().astimezone(UTC).date().isoformat()


def denied(decision: Decision, site: Site | None = None) -> PolicyDenied:
    """The error for a denial, with what would make the call legal."""
    code = decision.code if decision.code is not None else "P401"
    hint = "; ".join(decision.remedies) if decision.remedies else None
    rules = ", ".join(decision.rules) if decision.rules else "no rule allows it"
    span = None if site is None else site.span
    return PolicyDenied(f"{decision.tool} is denied ({rules})", code=code, hint=hint, decision=decision, span=span)


def _edited(call: HostCall, tool: Tool | None, edits: Mapping[str, str]) -> HostCall:
    """The call with what a person wrote, which is the user's: no tool and no plan has any part in it."""
    if tool is None:
        raise mismatch("what a quarantined model reads cannot be edited")
    try:
        values = {name: wrap(from_json(loads(text)), EDITED) for name, text in edits.items()}
    except (EncodingError, RecursionError):
        raise mismatch("the edit is no value") from None
    return replace(call, arguments={name: values.get(name, value) for name, value in call.arguments.items()})


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
