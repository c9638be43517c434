"""Who writes the plans of this benchmark: a table of reviewed ones, and in a hostile text's child the attacker.

Its one rule: the user's request gets the task's reviewed plan; a text that was delegated gets the reviewed plan of the
child, unless the attacker's words are in it: whoever plans for such a text is in the attacker's hands, and asks for the
calls that would reach the goal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, final

from ringfence.core.errors import PlannerOutputError
from ringfence.llm.planner import Task


@final
@dataclass(frozen=True)
class ReviewedPlanner:
    """A `PlanWriter`. `marks`: texts of the attacker; `calls`: what the attacker wants called, as written in a plan."""

    request: str
    plan: str
    child: str
    marks: tuple[str, ...] = ()
    calls: tuple[tuple[str, str], ...] = ()

    def prompt(self, task: Task, problems: str = "") -> str:
        """The request: the plans are written already."""
        return task.request

    def write(self, task: Task, prompt: str) -> str:
        """The plan for a request or for a delegated text."""
        if task.request == self.request:
            return self.plan
        if any(mark in task.request for mark in self.marks):
            there = {one.name for one in task.tools}
            return "\n".join((*(text for tool, text in self.calls if tool in there), 'answer("done")'))
        if not self.child:
            raise PlannerOutputError("no plan is written for this text")
        return self.child


def written(calls: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    """Calls of the benchmark as the text of a plan, by tool."""
    return tuple(
        (one.function, f"{one.function}({', '.join(f'{name}={value!r}' for name, value in dict(one.args).items())})")
        for one in calls
    )
