"""Runs one case as the product would: parse, check, compile, run under the monitor; and reports what happened."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from case_runner import Case, Labels, Report
from case_tools import TOOLSETS
from ringfence import lang
from ringfence.core.encoding import from_json, to_json
from ringfence.core.errors import (
    ApprovalRequired,
    LimitExceeded,
    PlanFailure,
    PlanRejected,
    QuarantineError,
    RingfenceError,
)
from ringfence.core.labels import EVERYONE, Label
from ringfence.core.plain import Plain
from ringfence.core.values import Dict, Value, deep, unsafe_plain, wrap
from ringfence.guard.approval import ApproveAll
from ringfence.guard.audit import MemoryAudit
from ringfence.guard.models import QuarantineModel
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.run import RunInfo, values_of
from ringfence.guard.sections import Sections
from ringfence.lang.host import Bounds, HostCall, Pending, Site
from ringfence.schema import SchemaMismatch, Type, validate


class ScriptedQuarantine:
    """Answers what the case says, in order."""

    def __init__(self, replies: list[Any]) -> None:
        self.replies = list(replies)

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        reply = self.replies.pop(0)
        if reply == "$insufficient":
            raise QuarantineError("not enough information")
        try:
            return validate(schema, reply, coerce=True)
        except SchemaMismatch:
            raise QuarantineError("the answer does not fit the schema") from None


class Watched:
    """The monitor, and what of which calls not everyone may know."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.hidden: dict[int, tuple[str, ...]] = {}
        self.private: dict[int, bool] = {}
        self.trusted: dict[int, dict[str, Any]] = {}
        self.last: Site | None = None

    def call(self, call: HostCall) -> Value | Pending:
        self.last = call.site
        values = values_of(call)
        self.private[call.index] = not call.pc.public
        self.hidden[call.index] = tuple(name for name, value in values.items() if not deep(value).public)
        trusted = self.monitor.policy.trusted
        if call.pc.trusted(trusted):
            found = {
                name: to_json(unsafe_plain(value)) for name, value in values.items() if deep(value).trusted(trusted)
            }
            self.trusted[call.index] = found
        return self.monitor.call(call)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        self.monitor.foresee(site, name, pc)


def execute(case: Case, quarantine: QuarantineModel | None = None, observer: str = "user") -> Report:
    """What the plan of the case does; `quarantine` answers instead of the case, `observer` is told how it ends."""
    tools = [tool for name in case.tools for tool in TOOLSETS[name]()]
    table = tomllib.loads(case.policy) if case.policy else {}
    sections = Sections(**{key: tuple(found) if key == "packs" else found for key, found in table.items()})
    policy = Policy.load(tools, mode=case.mode, sections=sections)  # type: ignore[arg-type]  # the runner knows the modes
    audit = MemoryAudit()
    monitor = Monitor(
        policy.tools.values(),
        policy,
        run=RunInfo("case", "plan"),
        audit=audit,
        approver=ApproveAll() if case.approve == "all" else None,
        quarantine=ScriptedQuarantine(case.quarantine) if quarantine is None else quarantine,
    )
    given = {name: given_value(entry) for name, entry in case.given.items()}
    bounds = {name: Bounds(deep(value), deep(value)) for name, value in given.items()}
    try:
        checked = lang.check(lang.parse(case.text), monitor.signatures, dialect=case.dialect, given=bounds)
        program = lang.compile(checked)
    except PlanRejected as error:
        problems = [(one.code, one.message, one.span.line) for one in error.diagnostics]
        return Report("rejected", diagnostics=problems)
    host = Watched(monitor)
    with monitor:
        result = lang.run(program, host, given, lang.Limits(**case.limits), observer)
    if result.outcome == "observed" and result.facts is not None:
        # As with `exec`: nobody is told, and the facts are the answer, with their labels.
        result = replace(result, outcome="completed", answer=Dict(dict(result.facts.items()), result.ended))
    return Report(
        result.outcome,
        {name: (shown(value), labels(value)) for name, value in result.variables.items()},
        None if result.outcome not in ("completed", "refused") else (shown(result.answer), labels(result.answer)),
        [(made.tool, {name: to_json(value) for name, value in made.arguments.items()}) for made in monitor.calls],
        [host.hidden[made.index] for made in monitor.calls],
        [host.private[made.index] for made in monitor.calls],
        decisions(audit),
        [],
        ended(result.error, host),
        [(made.tool, host.trusted[made.index]) for made in monitor.calls if made.index in host.trusted],
    )


def given_value(entry: Mapping[str, Any]) -> Value:
    readers = entry.get("readers", "everyone")
    label = Label(entry.get("sources", ()), EVERYONE if readers == "everyone" else readers)
    return wrap(from_json(entry["value"]), label)


def shown(value: Value) -> Any:
    try:
        return to_json(unsafe_plain(value))
    except LimitExceeded:
        return {"$elided": "too large to show"}


def labels(value: Value) -> Labels:
    label = deep(value)
    readers = None if label.public else tuple(sorted(label.readers))  # type: ignore[arg-type]  # it is not EVERYONE
    return Labels(tuple(sorted(label.sources)), readers)


def decisions(audit: MemoryAudit) -> list[tuple[str, tuple[str, ...]]]:
    data = [json.loads(record.data) for record in audit.records() if record.kind == "decision"]
    return [(one["verdict"], tuple(one["rules"])) for one in data]


def ended(
    error: RingfenceError | ApprovalRequired | None, host: Watched
) -> tuple[str, tuple[str, ...], int | None] | None:
    if error is None:
        return None
    kinds = [type(error).__name__]
    if isinstance(error, PlanFailure):
        kinds.append(error.exception)
    span = getattr(error, "span", None)
    if isinstance(error, ApprovalRequired) and host.last is not None:
        span = host.last.span
    return error.code, tuple(kinds), None if span is None else span.line
