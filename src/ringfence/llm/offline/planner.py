"""The offline planner: the first shape that fits writes the plan.

Its one rule: it is a `PlanWriter` like any other, given the request, the signatures, the date and the user's
address and nothing else; what it writes is checked like any plan. What it does not understand it says so (E112)
instead of guessing.
"""

from __future__ import annotations

from typing import Final, final

from ringfence.core.errors import PlannerOutputError
from ringfence.llm.offline import calendar, documents, mail, people
from ringfence.llm.offline.shapes import Shape, clean
from ringfence.llm.offline.writing import MissingToolError, NotUnderstoodError, PlanWriting
from ringfence.llm.planner import Task
from ringfence.llm.prompts import planner_prompt

MAX_REQUEST: Final = 4_000

_BY_NAME: Final[dict[str, Shape]] = {
    shape.name: shape for module in (calendar, mail, documents, people) for shape in module.SHAPES
}
# From the particular to the general: a shape that takes any words stands after those that need certain ones.
_ORDER: Final = (
    "page-compare", "invoice-total", "file-write", "source-save", "mail-reply", "mail-forward", "mail-send",
    "source-send", "mail-count", "schedule-next", "schedule-free", "schedule-count", "event-delete", "event-create",
    "source-summarise", "source-ask", "schedule-show", "mail-read", "mail-list", "file-list", "contact-list",
    "source-show", "event-find", "contact-find",
)  # fmt: skip
SHAPES: Final[tuple[Shape, ...]] = tuple(_BY_NAME[name] for name in _ORDER)


@final
class OfflinePlanner:
    """Rules instead of a model."""

    def prompt(self, task: Task, problems: str = "") -> str:
        """The same text that a model would be given, so that the monitor sees and records the same."""
        return planner_prompt(task, problems)

    def write(self, task: Task, prompt: str) -> str:
        """The plan of the first shape that fits. Raises PlannerOutputError E112."""
        del prompt  # it is the task as text; the rules read the task
        if len(task.request) > MAX_REQUEST:
            raise _not_understood("the request is longer than the offline stand-in reads")
        request = clean(task.request)
        missing: str | None = None
        need = ""
        for shape in SHAPES:
            for pattern in shape.patterns:
                found = pattern.fullmatch(request)
                if found is None:
                    continue
                plan = PlanWriting(task)
                try:
                    shape.write(found, plan)
                except NotUnderstoodError as unclear:
                    need = need if need else unclear.need
                    continue
                except MissingToolError as absent:
                    missing = absent.tool if missing is None else missing
                    continue
                return plan.text()
        if missing is not None:
            raise _not_understood(f"the offline stand-in would need the tool {missing}, which is not there")
        detail = f" (it needs {need})" if need else ""
        raise _not_understood(f"the offline stand-in does not understand this request{detail}")


def _not_understood(message: str) -> PlannerOutputError:
    examples = "; ".join(SHAPES_BY_USE)
    return PlannerOutputError(
        message,
        code="E112",
        hint=f"set OPENAI_API_KEY, ANTHROPIC_API_KEY or GOOGLE_API_KEY, start Ollama, or use --model PROVIDER:NAME; "
        f"or word it like one of these: {examples}",
    )


SHAPES_BY_USE: Final = tuple(
    _BY_NAME[name].example
    for name in (
        "source-send", "schedule-show", "schedule-free", "event-create", "mail-list", "mail-send", "invoice-total",
        "source-summarise", "source-ask",
    )
)  # fmt: skip
