"""The planner: from a request and the tools' signatures to the text of a plan.

Its one rule: the prompt is made from the request, the signatures, the date, the user's address and diagnostics
about the plan's own text, and from nothing else, so no untrusted text can be in it. The model's answer is never
quoted in an error. It must not run or trust what it gets: the checker decides.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, Protocol, TypeVar, final

from ringfence.core.diagnostics import Diagnostic, render_all
from ringfence.core.errors import PlannerOutputError, PlanRejected, PolicyDenied
from ringfence.guard.decision import Decision
from ringfence.lang.host import Signature
from ringfence.llm.models import ChatModel
from ringfence.llm.prompts import PLANNER_SYSTEM, PLANNER_SYSTEM_SHORT, planner_prompt
from ringfence.schema import Type

MAX_PLAN_CHARACTERS: Final = 100_000


@final
@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that exists before the plan starts, as the planner knows it: from the text of earlier plans alone."""

    name: str
    type: Type
    origin: str


@final
@dataclass(frozen=True, slots=True)
class Task:
    """All that a planner may know. `user` is the user's own address; `today` the date where the user is.

    history: how earlier rounds and turns went, in words that were paid for. more: whether another round may follow.
    rules: what the policy asks of calls, in its own words. profile: what the user's configuration says of the user.
    """

    request: str
    tools: tuple[Signature, ...]
    today: date
    user: str
    dialect: str = "code-then-execute"
    variables: tuple[Variable, ...] = ()
    history: tuple[str, ...] = ()
    more: bool = False
    rules: tuple[str, ...] = ()
    profile: str = ""


class PlanWriter(Protocol):
    """Who writes plans: a model, or the offline stand-in. One with a true `replans` is asked again after a round."""

    def prompt(self, task: Task, problems: str = "") -> str:
        """All text about this task that the writer will be given; `problems` is about its previous plan."""

    def write(self, task: Task, prompt: str) -> str:
        """The text of a plan. Raises PlannerOutputError, ModelError."""


@final
class Planner:
    """A `PlanWriter` on a chat model. The system prompt is one of two constants; all else is in `prompt`.

    `short`: the one for small models, which lose the thread of the long one.
    """

    replans = True

    def __init__(self, model: ChatModel, *, short: bool = False) -> None:
        self._model = model
        self._system = PLANNER_SYSTEM_SHORT if short else PLANNER_SYSTEM

    def prompt(self, task: Task, problems: str = "") -> str:
        """Tools as function stubs, types as classes, the facts, the request, and what was wrong before."""
        return planner_prompt(task, problems)

    def write(self, task: Task, prompt: str) -> str:
        """Ask the model and take the plan out of its answer. Raises PlannerOutputError E110, ModelError."""
        return extract_plan(self._model.complete(self._system, prompt).text)

    def plan(self, task: Task, problems: str = "") -> str:
        """One round without a monitor: for tests and for looking at what a model writes."""
        return self.write(task, self.prompt(task, problems))


Checked = TypeVar("Checked")
Consult = Callable[[str, Callable[[str], str]], str]


@final
@dataclass(frozen=True, slots=True)
class Planned(Generic[Checked]):
    """A plan that checks, what checking it gave, and the number of rounds it took."""

    text: str
    checked: Checked
    rounds: int


class PlannerGaveUp(PlannerOutputError):
    """No plan checked within the rounds. `diagnostics` and `text` are those of the last try."""

    default_code = "E111"

    def __init__(self, rounds: int, last: PlanRejected) -> None:
        super().__init__(f"the planner wrote no plan that checks in {rounds} rounds")
        self.diagnostics: tuple[Diagnostic, ...] = last.diagnostics
        self.text = last.text

    def render(self) -> str:
        return f"{super().render()}\n{render_all(self.diagnostics, self.text)}"


def plan_until_checked(
    writer: PlanWriter,
    task: Task,
    *,
    check: Callable[[str], Checked],
    consult: Consult = lambda prompt, ask: ask(prompt),
    rounds: int = 3,
) -> Planned[Checked]:
    """Ask for a plan, check it, and ask again with the diagnostics, at most `rounds` times in all.

    `check` raises PlanRejected, or PolicyDenied for a certain denial; `consult` is the monitor's door to the planner,
    and is given the prompt and who to ask. Raises PlannerOutputError (E110, E111, E112), the last PolicyDenied,
    ModelError.
    """
    problems = ""
    for number in range(1, rounds + 1):
        try:
            text = consult(writer.prompt(task, problems), lambda prompt: writer.write(task, prompt))
        except PlannerOutputError as nothing:
            if nothing.code != "E110" or number == rounds:
                raise
            problems = _NOTHING
            continue
        try:
            return Planned(text, check(text), number)
        except PlanRejected as rejected:
            if number == rounds:
                raise PlannerGaveUp(rounds, rejected) from rejected
            problems = repair_text(text, render_all(rejected.diagnostics, text))
        except PolicyDenied as denied:
            if number == rounds:
                raise
            problems = repair_text(text, denial_text(denied))
    raise ValueError("at least one round is needed")


_NOTHING: Final = (
    "The answer held no plan in Python. Write exactly one ```python block and no other language; refuse(reason) is a "
    "plan, too."
)


def denial_text(denied: PolicyDenied) -> str:
    """What the planner is told about a denial: place, rule, what stood in the way, what would help. No values."""
    place = "" if denied.span is None else f"line {denied.span.line}: "
    decision = denied.decision
    return place + (decision.for_planner(denied.code) if isinstance(decision, Decision) else denied.render())


def repair_text(plan: str, problems: str) -> str:
    """What the planner is told about its previous plan: its own text and the diagnostics, nothing of any data."""
    return f"Your previous plan was checked; nothing has run.\n\n```python\n{plan}\n```\n\nProblems:\n{problems}"


_FENCE: Final = re.compile(r"^[ \t]{0,3}(`{3,}|~{3,})[ \t]*([A-Za-z0-9_+.-]*)[^\n]*$", re.MULTILINE)
_PYTHON: Final = frozenset({"python", "py", "python3", ""})
_CODE_LINE: Final = re.compile(r"(#|from \w|import \w|def \w|class \w|for \w|if \w|[A-Za-z_]\w{0,80}\s?(=(?!=)|\())")


def extract_plan(answer: str) -> str:
    """The plan in a model's answer.

    Fenced Python blocks are looked at first: of those that are Python the last one, since models that correct
    themselves do it downwards, unless an earlier one has more than twice its statements; if none is Python, the
    longest, so that the checker can say what is wrong. Without a fence the whole answer counts if it is, or begins
    like, code. Raises PlannerOutputError E110, which quotes nothing.
    """
    if len(answer) > MAX_PLAN_CHARACTERS:
        raise _no_plan("the planner's answer is larger than a plan may be")
    answer = without_thoughts(answer)
    blocks = [block for block in _fenced(answer) if block.strip()]
    if blocks:
        return _choose(blocks).strip("\n") + "\n"
    text = answer.strip()
    if _FENCE.search(answer) is None and (_statements(text) > 0 or _begins_like_code(text)):
        return text + "\n"
    raise _no_plan("the planner's answer holds no plan")


def without_thoughts(answer: str) -> str:
    """The answer without what a reasoning model thought aloud before it: `<think>…</think>` and the like.

    Thoughts that never end are all of the answer, so that nothing is left.
    """
    while (opened := _THOUGHT.match(answer)) is not None:
        closed = answer.find(f"</{opened.group(1)}>", opened.end())
        answer = "" if closed < 0 else answer[closed + len(opened.group(1)) + 3 :]
    return answer


_THOUGHT: Final = re.compile(r"\s*<(think|thinking|thought|reasoning|reflection)>", re.IGNORECASE)


def _no_plan(message: str) -> PlannerOutputError:
    return PlannerOutputError(message, hint="rephrase the request, or try another model with --model")


def _fenced(answer: str) -> list[str]:
    """The contents of the Python fences. One that is never closed goes to the end."""
    found: list[str] = []
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(answer):
        if opened is None:
            opened = fence
        elif not fence.group(2) and fence.group(1).startswith(opened.group(1)):
            if opened.group(2).lower() in _PYTHON:
                found.append(answer[opened.end() : fence.start()])
            opened = None
    if opened is not None and opened.group(2).lower() in _PYTHON:
        found.append(answer[opened.end() :])
    return found


def _choose(blocks: list[str]) -> str:
    counts = [_statements(block) for block in blocks]
    if max(counts) == 0:
        return max(blocks, key=len)
    last = max(index for index, count in enumerate(counts) if count > 0)
    largest = max(range(len(counts)), key=counts.__getitem__)
    return blocks[largest if counts[largest] > 2 * counts[last] else last]


def _statements(text: str) -> int:
    """How many statements of Python the text is; 0 for what is none, or does nothing: prose can be an expression."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return 0
    return len(tree.body) if any(isinstance(node, _DOING) for node in ast.walk(tree)) else 0


_DOING: Final = (ast.Call, ast.Assign, ast.AnnAssign, ast.AugAssign)


def _begins_like_code(text: str) -> bool:
    first = text.splitlines()[0].strip() if text else ""
    return _CODE_LINE.match(first) is not None
