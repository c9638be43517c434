"""The answer of a run, as text for the user.

Its one rule: it is made from the run's results alone, and only from what the user may read (P406); what untrusted
texts in it might do is taken out before anyone sees it (P480).
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast, final

from ringfence.core.encoding import Json, label_to_json
from ringfence.core.errors import AuditError, LimitExceeded, ModelError, PolicyDenied
from ringfence.core.values import Value, deep, unsafe_plain, wrap
from ringfence.guard.journal import read_result
from ringfence.guard.labelling import principal
from ringfence.guard.monitor import Monitor
from ringfence.guard.run import CallMade
from ringfence.lang import ir
from ringfence.lang.depth import on_deep_stack
from ringfence.llm.accounting import Account
from ringfence.llm.composer import Result as Composed
from ringfence.llm.composer import names_of
from ringfence.llm.prompts import COMPOSER_SYSTEM, PLANNER_SYSTEM, QUARANTINE_SYSTEM
from ringfence.screens.output import Context
from ringfence.session.answering import Answering, strings_of, texts_of
from ringfence.session.report import is_too_large
from ringfence.session.result import NOTHING, Result
from ringfence.session.setup import Setup


@final
class Replying:
    """What makes the answers of one run."""

    def __init__(self, setup: Setup, monitor: Monitor, account: Account) -> None:
        self._setup = setup
        self._monitor = monitor
        self._account = account

    def replied(self, result: Result, answer: Value, request: str, plan: ir.Plan | None, *, replying: bool) -> Result:
        """The result with its text. Request and plan may name hosts. Not `replying`: it is for the program that asked.

        Such a program gets the answer with its label, also one that the user may not read.
        """
        label = deep(answer)
        if not replying and not label.readable_by((principal(self._setup.user),)):
            data: dict[str, Json] = {"label": label_to_json(label), "verdict": "allow", "to": "program"}
            self._monitor.note("answer", data)
            return result
        if is_too_large(answer):
            error = LimitExceeded("answer", "the answer has more parts than can be shown")
            return replace(result, outcome="limit", answer=NOTHING, error=error)
        try:
            text = on_deep_stack(lambda: self._composed(answer, request, plan))
        except PolicyDenied as denial:
            if denial.code == "P480" and not replying:
                return result  # the program gets the value with its label; there is no text to show
            return replace(result, outcome="denied", answer=NOTHING, error=denial, variables={})
        except (ModelError, AuditError) as problem:
            return replace(result, outcome="failed", answer=NOTHING, error=problem)
        except LimitExceeded as limit:
            return replace(result, outcome="limit", answer=NOTHING, error=limit)
        return replace(result, text=text)

    def _composed(self, answer: Value, request: str, plan: ir.Plan | None) -> str:
        """The answer as text for the user, from the run's results alone: the composer is not given the request."""
        composer, calls = self._setup.composer, names_of(made.tool for made in self._monitor.calls)
        composer = composer.counted(lambda model: self._account.metered(model, "composer"))
        self._monitor.reply(answer)
        answering = Answering(self._setup.output, self._setup.policy.trusted, lambda: self._context(request, plan))
        try:
            plain = answering.plain(answer)
        finally:
            if answering.findings:
                self._monitor.note("output", {"found": cast(Json, answering.counts())}, durable=True)
        if not composer.writes:
            return composer.compose(plain, calls)
        label = deep(answer)
        results = (Composed("the answer", plain, trusted=label.trusted(self._setup.policy.trusted)),)
        written = self._monitor.consult("composer", wrap(composer.prompt(results, calls), label), composer.write)
        # Sound: the user, who may read the answer, is the one who sees it.
        return composer.resolve(cast(str, unsafe_plain(written)), results)

    def _context(self, request: str, plan: ir.Plan | None) -> Context:
        """What the guard of the answer knows: who named which host, and what not everyone may read."""
        results = [entry for made in self._monitor.calls if (entry := self._tool_result(made)) is not None]
        trusted = self._setup.policy.trusted
        planned = () if plan is None else strings_of(plan)
        return Context.of(
            trusted=[request, *planned, *texts_of(results, lambda label: label.trusted(trusted))],
            private=texts_of(results, lambda label: not label.public),
            sources=texts_of(results, lambda label: True),
            prompts=(QUARANTINE_SYSTEM, PLANNER_SYSTEM, COMPOSER_SYSTEM),
        )

    def _tool_result(self, made: CallMade) -> Value | None:
        """What a tool gave; the quarantined model's words are nobody's source."""
        entry = self._monitor.journal.find(made.index) if made.tool in self._monitor.signatures else None
        return read_result(entry) if entry is not None and entry.state == "done" else None
