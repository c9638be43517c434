"""A run written down: its record in the store, from which it is taken up again, and its own lines in the audit.

Its one rule: it is written down before its first call, and its end when it ends; what cannot be written is an
AuditError. What was asked in words stands in the record only as long as another plan may follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast, final

from ringfence import lang
from ringfence.core.encoding import Json, canonical_json, labelled_to_json, loads
from ringfence.core.values import Value
from ringfence.guard.monitor import Monitor
from ringfence.llm.accounting import Account
from ringfence.session.asked import Asked, kept, without_asked
from ringfence.session.course import Course
from ringfence.session.delegate import NAME as DELEGATE
from ringfence.session.result import Result
from ringfence.session.setup import PlannedRun, Setup, config_json
from ringfence.stores import RunRecord, Store


@final
class Recording:
    """The record of one run. Every method raises AuditError."""

    def __init__(
        self, setup: Setup, store: Store, run_id: str, monitor: Monitor, account: Account, course: Course
    ) -> None:
        self.record = RunRecord(run_id, "", setup.policy.mode, config=canonical_json(config_json(setup)))
        self._setup = setup
        self._store = store
        self._monitor = monitor
        self._account = account
        self._course = course

    @property
    def has_plan(self) -> bool:
        """Whether a plan was written down, in this process or in another."""
        return self.record.plan_hash is not None

    def begin(self, request_digest: str, data: Mapping[str, Json]) -> None:
        """The run begins, or goes on."""
        self.record = replace(self.record, request_digest=request_digest)
        self._store.runs().put(self.record)
        self._monitor.note("run", {"request": request_digest, "mode": self._setup.policy.mode, **data}, durable=True)
        for found in self._setup.described:
            self._monitor.note("screen", found)

    def planned(self, planned: PlannedRun, given: Mapping[str, Value]) -> None:
        """This plan is about to run, with these variables."""
        now = self._course.now
        stored = {name: labelled_to_json(value) for name, value in given.items()}
        config = {**config_json(self._setup), **({} if now.is_first else {"round": now.to_json()})}
        self.record = replace(
            self.record,
            config=self._config(config),
            plan=canonical_json(cast(Json, lang.plan_to_json(planned.plan))),
            plan_hash=planned.plan_hash,
            given=canonical_json(cast(Json, stored)),
        )
        self._store.runs().put(self.record)
        calls: list[Json] = [
            {"tool": call.tool, "line": call.site.span.line, "verdict": call.verdict} for call in planned.forecast.calls
        ]
        self._monitor.note("plan", {"plan_hash": planned.plan_hash, "dialect": self._setup.dialect, "calls": calls})

    def only_planned(self, planned: PlannedRun) -> None:
        """This was a dry run."""
        self.planned(planned, {})
        self._monitor.note("end", {"outcome": "planned"}, durable=True)
        self._store.runs().put(replace(self.record, outcome="planned"))

    def ended(self, result: Result) -> None:
        """So the run ended, or waits."""
        code = None if result.error is None else result.error.code
        used: dict[str, Json] = {"usage": self._account.to_json(), "rounds": self._course.asked}
        data: dict[str, Json] = {"outcome": result.outcome, "code": code, "steps": result.steps, **used}
        self._monitor.note("end", data, durable=True)
        config = without_asked(self.record.config)
        if result.outcome == "waiting":
            config = self._config(cast("dict[str, Json]", loads(config)))
        self._store.runs().put(replace(self.record, outcome=result.outcome, config=config))

    def _config(self, config: dict[str, Json]) -> str:
        """What the record holds beside the plan: also what was asked, if another plan can follow this one."""
        course, delegates, asked = self._course, DELEGATE in self._monitor.signatures, None
        asks = course.asks
        if asks is not None and not course.sealed and (delegates or (course.more and asks.replans)):
            asked = Asked(asks.request, asks.today, course.now.history, course.now.known)
        return kept(config, asked, self._account.before + self._account.total)
