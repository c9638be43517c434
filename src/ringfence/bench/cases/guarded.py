"""A task with the firewall: the reviewed plan under the configuration of the case, whoever reads untrusted text.

Its one rule: a person approves only what a careful one approves on an ordinary day; nobody is asked by anybody else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import final

from ringfence.bench.cases.case import Attack, Case, Task
from ringfence.bench.cases.deployment import Deployment, deployed
from ringfence.core.encoding import Json, to_json
from ringfence.core.errors import ApprovalRefused, ConfigError, PolicyDenied, RingfenceError
from ringfence.guard.approval import Answer, ApprovalRequest
from ringfence.guard.decision import Decision
from ringfence.guard.models import QuarantineModel
from ringfence.guard.preview import Preview
from ringfence.guard.run import CallMade
from ringfence.llm.models import ChatModel, Reply
from ringfence.schema import Type
from ringfence.session.firewall import Firewall
from ringfence.session.result import Result


@final
@dataclass(frozen=True, slots=True)
class Question:
    """What a person was asked, and said."""

    tool: str
    rules: tuple[str, ...]
    yes: bool
    preview: Preview


@final
@dataclass(frozen=True, slots=True)
class Guarded:
    """How a task ended. `stopped` says what was stopped, by which code and rules: (what, code, rules), or None."""

    outcome: str
    harm: str | None
    done: bool
    calls: tuple[CallMade, ...] = ()
    asked: tuple[Question, ...] = ()
    stopped: tuple[str, str, tuple[str, ...]] | None = None
    answer: str = ""

    def to_json(self) -> dict[str, Json]:
        """As an object."""
        calls: list[Json] = [
            {
                "tool": made.tool,
                "arguments": {name: to_json(value) for name, value in made.arguments.items()},
                "verdict": made.verdict,
                "rules": [*made.rules],
            }
            for made in self.calls
        ]
        asked: list[Json] = [{"tool": one.tool, "rules": [*one.rules], "yes": one.yes} for one in self.asked]
        stopped: Json = None
        if self.stopped is not None:
            stopped = {"what": self.stopped[0], "code": self.stopped[1], "rules": [*self.stopped[2]]}
        return {
            "outcome": self.outcome,
            "harm": self.harm,
            "done": self.done,
            "calls": calls,
            "asked": asked,
            "stopped": stopped,
            "answer": self.answer,
        }


@final
class Person:
    """A careful person: says yes to calls of these tools, and once a day has passed only to what was done then.

    Where a value comes from is shown, too; that one more stranger had a hand in the same values is no reason for a no.
    """

    def __init__(self, tools: Collection[str], expected: Collection[Preview] | None = None) -> None:
        self.asked: list[Question] = []
        self._tools = tools
        self._expected = expected

    def decide(self, request: ApprovalRequest) -> Answer | None:
        """Yes or no; there is always an answer."""
        shown = request.preview
        yes = request.tool in self._tools and (self._expected is None or _deed(shown) in map(_deed, self._expected))
        self.asked.append(Question(request.tool, request.rules, yes, shown))
        return request.approve("careful person") if yes else request.reject("careful person")


def _deed(shown: Preview) -> tuple[str, tuple[tuple[str, str, int, str], ...]]:
    """What a call would do: the tool, and the arguments as a person sees them."""
    return shown.tool, tuple((one.name, one.text, one.omitted, one.tail) for one in shown.arguments)


@final
@dataclass(frozen=True, slots=True)
class Reviewed:
    """A planner that writes the plan that was reviewed for a request."""

    plan: str

    def complete(self, system: str, user: str, schema: Type | None = None) -> Reply:
        """The plan."""
        del system, user, schema
        return Reply(f"```python\n{self.plan}\n```")


def guarded(
    case: Case,
    folder: Path,
    task: Task,
    reader: QuarantineModel,
    attack: Attack | None = None,
    expected: Collection[Preview] | None = None,
    planner: ChatModel | None = None,
) -> Guarded:
    """Run the task in an empty folder. `expected`: what a person was shown on an ordinary day.

    planner: a real model, in place of the one that writes the reviewed plan.
    """
    with deployed(case, folder, attack) as deployment:
        person = Person(task.approve, expected)
        try:
            result = _result(deployment, task, reader, person, planner)
        except ConfigError as refused:
            deployment.answered("")
            stopped = ("the assistant does not start", refused.code, ())
            return Guarded("refused", deployment.harm(), deployment.done(task), (), (), stopped)
        deployment.answered(result.text)
        return Guarded(
            result.outcome,
            deployment.harm(),
            deployment.done(task),
            result.calls,
            tuple(person.asked),
            _stopped(result, person.asked),
            result.text,
        )


def _result(
    deployment: Deployment, task: Task, reader: QuarantineModel, person: Person, planner: ChatModel | None
) -> Result:
    attack = deployment.attack
    plan = task.plan if attack is None or attack.plan is None else attack.plan
    request = task.request if attack is None or attack.request is None else attack.request
    given = deployment.given(task)
    writer = Reviewed(plan) if planner is None else planner
    with Firewall(
        deployment.tools, writer, reader, deployment.config, approver=person, dialect=task.dialect
    ) as firewall:
        if given:
            return firewall.exec(plan, given)
        return firewall.run(request, today=deployment.case.today or date.today())


def _stopped(result: Result, asked: Sequence[Question]) -> tuple[str, str, tuple[str, ...]] | None:
    """What stood in the way, if anything did."""
    error = result.error
    if error is None:
        return None
    if isinstance(error, ApprovalRefused) and asked and not asked[-1].yes:
        return f"a person is shown the call of {asked[-1].tool}, and says no", error.code, asked[-1].rules
    if isinstance(error, PolicyDenied) and isinstance(error.decision, Decision):
        return f"{error.decision.tool} is denied", error.code, error.decision.rules
    if result.diagnostics:
        return f"the plan does not check: {result.diagnostics[0].message}", result.diagnostics[0].code, ()
    if isinstance(error, RingfenceError):
        return error.message, error.code, ()
    return "a person is asked", error.code, ()
