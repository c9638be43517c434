"""One task of a suite, run under Ringfence: who reads, who approves and in which mode are given.

Its one rule: success is what the benchmark's own checks say of the environment, the answer and the calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, final

from ringfence.bench.agentdojo.planning import ReviewedPlanner
from ringfence.bench.agentdojo.reading import HonestReader
from ringfence.bench.agentdojo.suites import Stage, stage
from ringfence.bench.agentdojo.worlds import WORLDS, World
from ringfence.config import Config
from ringfence.core.plain import Plain
from ringfence.guard.approval import Answer, ApprovalRequest, Approver
from ringfence.guard.models import QuarantineModel
from ringfence.guard.observing import Planning
from ringfence.guard.ruleset import Mode
from ringfence.llm.planner import Task
from ringfence.schema import Type
from ringfence.session.firewall import Firewall
from ringfence.session.result import Result

_PACKAGE: Final = "ringfence.bench.agentdojo"


def plan_text(suite: str, task: str) -> str:
    """The reviewed plan of a task, with its honest answers in comments."""
    return files(_PACKAGE).joinpath("plans", suite, f"{task}.plan").read_text("utf-8")


def child_text(suite: str, task: str) -> str:
    """The reviewed plan for the text that a task's plan delegates, with its honest answers; "" if there is none."""
    found = files(_PACKAGE).joinpath("plans", suite, f"{task}.child")
    return found.read_text("utf-8") if found.is_file() else ""


def honest(suite: str, task: str) -> HonestReader:
    """The honest reader of a task, in its plan and in its child's."""
    return HonestReader.of(f"{plan_text(suite, task)}\n{child_text(suite, task)}")


def planned(suite: str, task: str) -> bool:
    """Whether there is a reviewed plan of a task."""
    return files(_PACKAGE).joinpath("plans", suite, f"{task}.plan").is_file()


@final
class Watching:
    """An approver that passes questions to another (None: nobody says yes) and keeps them."""

    def __init__(self, behind: Approver | None) -> None:
        self.asked: list[ApprovalRequest] = []
        self._behind = behind

    def decide(self, request: ApprovalRequest) -> Answer | None:
        """What the other says; a no without one."""
        self.asked.append(request)
        return request.reject("nobody") if self._behind is None else self._behind.decide(request)


@final
@dataclass(frozen=True)
class Ended:
    """How a task ended. `utility` and `security` are the benchmark's own words: solved, and attack succeeded."""

    result: Result
    stage: Stage
    utility: bool
    attacked: bool
    asked: tuple[ApprovalRequest, ...]


@final
class Prepared:
    """A deployment over a suite, whose tools and rules are loaded once, for runs one after another."""

    def __init__(
        self, suite: Any, mode: Mode, rules: Mapping[str, Any], packs: tuple[str, ...], *, delegating: bool
    ) -> None:
        """`delegating`: whether plans may let a text give the orders."""
        world: World = WORLDS[suite.name]
        config = Config(
            tools=rules,
            trusted=world.trusted,
            packs=packs,
            planning=Planning(delegate=delegating, rounds=1),
        )
        self.suite = suite
        self._at = Stage(suite, None, world)
        self._now = _Now()
        self._firewall = Firewall(
            self._at.tools(), self._now, policy=config, mode=mode, quarantine=self._now, approver=self._now
        )

    def run(
        self, task: Any, planner: ReviewedPlanner, reader: QuarantineModel, approver: Watching, environment: Any
    ) -> tuple[Result, Stage]:
        """Run a task's plan over an environment, which is changed."""
        self._now.planner, self._now.reader, self._now.approver = planner, reader, approver
        self._at.environment, self._at.trace = environment, []
        # A child needs somebody who plans. All other plans are run as they are: nothing is planned.
        result = self._firewall.run(task.PROMPT) if planner.child else self._firewall.exec(planner.plan)
        return result, Stage(self.suite, environment, self._at.world, self._at.trace)


class _Now:
    """Who plans, reads and answers questions in the run that is made now."""

    planner: ReviewedPlanner
    reader: QuarantineModel
    approver: Watching

    def prompt(self, task: Task, problems: str = "") -> str:
        return self.planner.prompt(task, problems)

    def write(self, task: Task, prompt: str) -> str:
        return self.planner.write(task, prompt)

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        return self.reader.read(instruction, data, schema)

    def decide(self, request: ApprovalRequest) -> Answer | None:
        return self.approver.decide(request)


def run_task(
    suite: Any,
    task: Any,
    reader: QuarantineModel,
    *,
    attack: Any = None,
    environment: Any = None,
    mode: Mode = "enforce",
    approver: Approver | None = None,
    rules: Mapping[str, Any] | None = None,
    packs: tuple[str, ...] = (),
    planner: ReviewedPlanner | None = None,
    prepared: Prepared | None = None,
    judged: bool = True,
) -> Ended:
    """Run the reviewed plan of `task` and let the benchmark check it; `attack` is one of its injection tasks.

    `environment` is one with injected texts, which the run changes; by default the suite's own. Without `rules` the
    suite's own packs hold. `prepared`: what was made before of these. Unless `judged`, nobody looks whether it solved
    the task.
    """
    planner = reviewed(suite.name, task) if planner is None else planner
    if prepared is None:
        table, taken = ({}, WORLDS[suite.name].own) if rules is None else (rules, packs)
        prepared = Prepared(suite, mode, table, taken, delegating=bool(planner.child))
    begun, before = stage(suite, task, environment)
    watching = Watching(approver)
    result, at = prepared.run(task, planner, reader, watching, begun.environment)
    said = answer_text(result)
    return Ended(
        result,
        at,
        judged and result.outcome == "completed" and checked(suite, task, said, at, before),
        attack is not None and checked(suite, attack, said, at, before),
        tuple(watching.asked),
    )


def reviewed(
    suite: str, task: Any, marks: tuple[str, ...] = (), wanted: tuple[tuple[str, str], ...] = ()
) -> ReviewedPlanner:
    """Who plans a task; `marks` and `wanted` are the attacker's, if whoever plans for a text with these marks is."""
    return ReviewedPlanner(task.PROMPT, plan_text(suite, task.ID), child_text(suite, task.ID), marks, wanted)


def checked(suite: Any, task: Any, said: str, at: Stage, before: Any) -> bool:
    """Whether the benchmark counts a task as solved, or an attack as successful, after this answer."""
    from agentdojo.functions_runtime import FunctionCall

    shown = [{"type": "text", "content": said}]
    calls = [FunctionCall(function=name, args=arguments) for name, arguments in at.trace]
    return bool(suite._check_task_result(task, shown, before, at.environment, calls))


def answer_text(result: Result) -> str:
    """What the user is shown."""
    from ringfence.core.values import unsafe_plain

    # The user of this benchmark may read everything; the label is dropped for the benchmark's check alone.
    return str(unsafe_plain(result.answer)) if result.outcome == "completed" else ""
