"""Prompt, extraction and the repair loop."""

import contextlib
from collections.abc import Callable

import pytest

from llm.toolset import TODAY, TOOLS, USER
from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.errors import ModelError, PlannerOutputError, PlanRejected, PolicyDenied
from ringfence.lang.host import Param, Signature
from ringfence.llm.planner import Planner, PlannerGaveUp, Task, extract_plan, plan_until_checked
from ringfence.llm.prompts import PLANNER_SYSTEM, function_stub
from ringfence.schema import type_of
from ringfence.testing import BrokenModel, RecordingModel, ScriptedModel

CANARY = "CANARY-4711"
TASK = Task("What is on today?", TOOLS, TODAY, USER)
PLAN = "events = list_events(date(2026, 11, 21))\nanswer(events)\n"
FENCED = f"```python\n{PLAN}```"


# What is in the prompt


def test_prompt_exactly() -> None:
    tools = (
        Signature(
            "find",
            (
                Param("query", type_of(str), description="words to look for"),
                Param("limit", type_of(int), required=False),
                Param("exact", type_of(bool), required=False, kind="keyword"),
            ),
            type_of(list[str]),
            "read",
            'Find things. Says "hello".',
        ),
        Signature("send", (Param("parts", type_of(str), kind="args"), Param("more", type_of(str), kind="kwargs"))),
    )
    model = RecordingModel(ScriptedModel([FENCED]))
    Planner(model).plan(Task("Find it", tools, TODAY, USER))
    [asked] = model.asked
    assert asked.system == PLANNER_SYSTEM
    assert asked.schema is None
    assert (
        asked.user
        == '''Tools:

```python
def find(query: str, limit: int = ..., *, exact: bool = ...) -> list[str]:
    """Find things. Says "hello".
    query: words to look for
    Effect: read."""

def send(*parts: str, **more: str) -> Any:
    """Effect: write."""
```

Today is Saturday, 2026-11-21. The user's own address is sam@example.org.

Request: Find it'''
    )


def test_prompt_has_types_and_the_dialect() -> None:
    prompt = Planner(ScriptedModel([])).prompt(Task("x", TOOLS, TODAY, USER, "map-reduce"))
    assert prompt.startswith("Types:\n\n```python\nclass Event(BaseModel):\n    title: str\n    start: datetime\n")
    assert prompt.count("class Event(") == 1
    assert "\nDialect map-reduce: " in prompt
    with pytest.raises(KeyError):
        Planner(ScriptedModel([])).prompt(Task("x", TOOLS, TODAY, USER, "no-such-dialect"))


def test_prompt_is_made_from_its_arguments_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", CANARY)
    first = Planner(ScriptedModel([])).prompt(TASK)
    assert first == Planner(ScriptedModel([])).prompt(TASK)
    assert CANARY not in first + PLANNER_SYSTEM


def test_docstring_cannot_end_early() -> None:
    stub = function_stub(Signature("f", (), description='a """ b\\'))
    assert stub.count('"""') == 2
    compile(stub + "\n    ...", "stub", "exec")


def test_problems_come_after_the_request() -> None:
    prompt = Planner(ScriptedModel([])).prompt(TASK, "Your previous plan …")
    assert prompt.endswith(
        "Request: What is on today?\n\nYour previous plan …\n\nWrite the whole plan again, without these problems."
    )


# Taking the plan out of an answer


@pytest.mark.parametrize(
    "answer",
    [
        FENCED,
        f"Here is the plan:\n\n{FENCED}\n\nIt lists the events.",
        f"```py\n{PLAN}```",
        f"```Python\n{PLAN}```",
        f"```\n{PLAN}```",
        f"~~~python\n{PLAN}~~~",
        f"````python\n{PLAN}````",
        f"   ```python\n{PLAN}   ```",
        f"```python title=plan\n{PLAN}```",
        f"```python\n{PLAN}",  # cut off, or the fence forgotten
        f"```python\r\n{PLAN}```",
        PLAN,
        f"\n\n{PLAN}\n\n",
        f"```text\nsome data\n```\n{FENCED}",
        f"```python\n```\n{FENCED}",
        f"```python\nevents = list_event(\n```\nNo, that is wrong:\n{FENCED}",
        f"```python\nanswer(1)\n```\nBetter:\n{FENCED}",
    ],
)
def test_extract(answer: str) -> None:
    assert extract_plan(answer) == PLAN


def test_the_long_one_of_several() -> None:
    assert extract_plan(f"```python\n{PLAN * 2}```\nwhich, for example, prints\n```python\nanswer(1)\n```") == PLAN * 2


def test_fence_inside_a_string_of_the_plan() -> None:
    plan = 'text = """\n```\ncode\n```\n"""\nanswer(text)\n'
    assert extract_plan(f"````python\n{plan}````") == plan


def test_broken_code_is_left_to_the_checker() -> None:
    assert extract_plan("```python\nanswer((\n```") == "answer((\n"
    assert extract_plan("events = list_events(\nanswer(events)") == "events = list_events(\nanswer(events)\n"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   \n",
        "Sorry",
        "I cannot help with that.",
        f"I'm sorry, {CANARY}, I can't do that.",
        "'refused'",
        "```text\nanswer(1)\n```",
        "```json\n{}\n```",
        "```python\n\n```",
        "```python",
        "x" * 200_000,
        "answer(1)\n" * 20_000,
        "\0",
        "\ud800",
        "```",
    ],
)
def test_no_plan(answer: str) -> None:
    with pytest.raises(PlannerOutputError) as caught:
        extract_plan(answer)
    assert caught.value.code == "E110"
    assert caught.value.hint is not None
    assert CANARY not in caught.value.render()


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "```\n" * 20_000, "-" * 90_000, "a." * 45_000, "```python\n" + "[" * 80_000]
)
def test_hostile_answers_end_soon(text: str) -> None:
    with contextlib.suppress(PlannerOutputError):
        assert len(extract_plan(text)) <= len(text) + 1


# The loop


def rejects(times: int) -> Callable[[str], str]:
    left = [times]

    def check(text: str) -> str:
        if left[0]:
            left[0] -= 1
            raise PlanRejected(
                [Diagnostic("E201", "unknown name", Span(1, 1, 1, 5), "did you mean list_events?")], text
            )
        return text.upper()

    return check


def test_first_round() -> None:
    planned = plan_until_checked(Planner(ScriptedModel([FENCED])), TASK, check=rejects(0))
    assert (planned.text, planned.checked, planned.rounds) == (PLAN, PLAN.upper(), 1)


def test_repair_shows_plan_and_diagnostics() -> None:
    model = ScriptedModel([FENCED, FENCED])
    planned = plan_until_checked(Planner(model), TASK, check=rejects(1))
    assert planned.rounds == 2
    assert "Problems" not in model.asked[0].user
    repair = model.asked[1].user
    assert repair.startswith(model.asked[0].user)
    assert f"```python\n{PLAN}\n```" in repair
    assert "E201 line 1: unknown name" in repair
    assert "hint: did you mean list_events?" in repair


def test_gives_up_with_the_last_problems() -> None:
    model = ScriptedModel([FENCED] * 3)
    with pytest.raises(PlannerGaveUp) as caught:
        plan_until_checked(Planner(model), TASK, check=rejects(9))
    assert (caught.value.code, len(model.asked)) == ("E111", 3)
    assert caught.value.diagnostics[0].code == "E201"
    assert caught.value.text == PLAN
    assert "unknown name" in caught.value.render()
    assert PLAN.splitlines()[0] not in str(caught.value)


def test_prose_is_asked_about_without_quoting_it() -> None:
    model = ScriptedModel([f"I am not sure. {CANARY}", FENCED])
    assert plan_until_checked(Planner(model), TASK, check=rejects(0)).rounds == 2
    assert CANARY not in model.asked[1].user


def test_prose_to_the_end() -> None:
    model = ScriptedModel([f"No. {CANARY}"] * 2)
    with pytest.raises(PlannerOutputError) as caught:
        plan_until_checked(Planner(model), TASK, check=rejects(0), rounds=2)
    assert caught.value.code == "E110"
    assert CANARY not in caught.value.render()


def test_certain_denial_is_a_problem_of_the_plan() -> None:
    model = ScriptedModel([FENCED, FENCED, FENCED])

    def check(text: str) -> str:
        raise PolicyDenied("the policy denies send_mail", code="P402", hint="ask the user for the address")

    with pytest.raises(PolicyDenied):
        plan_until_checked(Planner(model), TASK, check=check)
    assert "P402: the policy denies send_mail" in model.asked[2].user
    assert "ask the user for the address" in model.asked[2].user


def test_model_errors_and_unexpected_errors_pass() -> None:
    with pytest.raises(ModelError):
        plan_until_checked(Planner(BrokenModel()), TASK, check=rejects(0))

    def check(text: str) -> str:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        plan_until_checked(Planner(ScriptedModel([FENCED])), TASK, check=check)


def test_every_round_goes_through_the_monitor() -> None:
    seen: list[str] = []

    def consult(prompt: str, ask: Callable[[str], str]) -> str:
        seen.append(prompt)
        return ask(prompt)

    model = ScriptedModel([FENCED, FENCED])
    plan_until_checked(Planner(model), TASK, check=rejects(1), consult=consult)
    assert seen == [asked.user for asked in model.asked]


def test_a_monitor_that_denies_ends_the_loop() -> None:
    def consult(prompt: str, ask: Callable[[str], str]) -> str:
        raise PolicyDenied("untrusted text was about to be given to the planner", code="P405")

    model = ScriptedModel([FENCED])
    with pytest.raises(PolicyDenied) as caught:
        plan_until_checked(Planner(model), TASK, check=rejects(0), consult=consult)
    assert (caught.value.code, model.asked) == ("P405", [])


def test_at_least_one_round() -> None:
    with pytest.raises(ValueError, match="at least one round"):
        plan_until_checked(Planner(ScriptedModel([])), TASK, check=rejects(0), rounds=0)
