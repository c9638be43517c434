"""One task of a suite, run under Ringfence: who reads, who approves and in which mode are given.

Its one rule: success is what the benchmark's own checks say of the environment, the answer and the calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, final

from ringfence.bench.agentdojo.suites import Stage, stage
from ringfence.bench.agentdojo.worlds import WORLDS, World
from ringfence.config import Config
from ringfence.guard.approval import Answer, ApprovalRequest, Approver
from ringfence.guard.models import QuarantineModel
from ringfence.guard.ruleset import Mode
from ringfence.session.firewall import Firewall
from ringfence.session.result import Result

_PACKAGE: Final = "ringfence.bench.agentdojo"


def plan_text(suite: str, task: str) -> str:
    """The reviewed plan of a task, with its honest answers in comments."""
    return files(_PACKAGE).joinpath("plans", suite, f"{task}.plan").read_text("utf-8")


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
) -> Ended:
    """Run the reviewed plan of `task` and let the benchmark check it; `attack` is one of its injection tasks.

    `environment` is one with injected texts, which the run changes; by default the suite's own.
    """
    at, before = stage(suite, task, environment)
    world: World = WORLDS[suite.name]
    watching = Watching(approver)
    config = Config(tools=world.rules() if rules is None else rules, trusted=world.trusted, packs=packs)
    with Firewall(at.tools(), policy=config, mode=mode, quarantine=reader, approver=watching) as firewall:
        result = firewall.exec(plan_text(suite.name, task.ID))
    said = answer_text(result)
    return Ended(
        result,
        at,
        result.outcome == "completed" and checked(suite, task, said, at, before),
        attack is not None and checked(suite, attack, said, at, before),
        tuple(watching.asked),
    )


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
