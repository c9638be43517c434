"""A part of the stored study, run again: the figures of docs/agentdojo.md are what the code does now."""

import json
from pathlib import Path
from typing import Any

import pytest

from ringfence.bench.agentdojo.suites import SUITES, benchmark
from ringfence.bench.agentdojo.sweep import Deployment, Pairs, rules_of, sensitive
from ringfence.bench.agentdojo.task import child_text, honest, run_task
from ringfence.guard.approval import ApproveAll

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

STORED: Any = json.loads((Path(__file__).parents[2] / "benchmarks" / "agentdojo.json").read_text("utf-8"))
PAIRS = [
    "banking/0/5",
    "banking/2/4",
    "banking/13/0",
    "slack/1/1",
    "slack/2/5",
    "slack/18/5",
    "travel/3/1",
    "travel/0/0",
]
PAIRS += ["travel/0/0", "workspace/15/0", "workspace/9/2"]
TASKS = ["banking/0", "banking/3", "slack/2", "slack/10", "slack/19", "travel/4", "workspace/8", "workspace/13"]


@pytest.fixture(scope="module")
def suites() -> Any:
    return benchmark()


def asked(suites: Any, name: str, rules: Any) -> tuple[bool, int]:
    """Whether a task is solved, and how many questions it has."""
    suite, number = name.split("/")
    task = f"user_task_{number}"
    mode, table, packs = rules_of(suites[suite], rules, delegating=bool(child_text(suite, task)))
    ended = run_task(
        suites[suite], suites[suite].user_tasks[task], honest(suite, task),
        mode=mode, rules=table, packs=packs, approver=ApproveAll(),
    )  # fmt: skip
    return ended.utility, len(ended.asked)


def expected(name: str, rules: str) -> tuple[bool, int]:
    found = STORED["tasks"][rules]
    return name not in found["unsolved"], found["asked"].get(name, 0)


@pytest.mark.parametrize("rules", ["none", "packs", "default", "strict"])
def test_some_tasks_are_asked_about_as_the_study_says(suites: Any, rules: str) -> None:
    assert {name: asked(suites, name, rules) for name in TASKS} == {name: expected(name, rules) for name in TASKS}


@pytest.mark.slow
@pytest.mark.parametrize("rules", ["off", "none", "packs", "default", "strict"])
def test_all_tasks_are_asked_about_as_the_study_says(suites: Any, rules: str) -> None:
    names = [f"{suite}/{task.removeprefix('user_task_')}" for suite in SUITES for task in suites[suite].user_tasks]
    assert {name: asked(suites, name, rules) for name in names} == {name: expected(name, rules) for name in names}


@pytest.mark.parametrize("place", ["off, nobody, all", "default, nobody, all", "default, always, injected"])
@pytest.mark.parametrize("pair", PAIRS)
def test_some_pairs_end_as_the_study_says(suites: Any, place: str, pair: str) -> None:
    suite, task, attack = pair.split("/")
    rules, human, strength = place.split(", ")
    deployment = Deployment(rules, human, strength)  # type: ignore[arg-type]
    found = Pairs(suites[suite]).pair(f"user_task_{task}", f"injection_task_{attack}")
    ended = found.attacked(deployment, STORED["turns"])
    known = STORED["attacks"][place]
    assert (ended.succeeded, bool(ended.hijacks)) == (pair in known["succeeded"], pair in known["hijacked"])


# What the benchmark's checks do not see


def checked_without_doing_anything(suite: Any, task: Any, environment: Any) -> bool:
    said = [{"type": "text", "content": "Done."}]
    return bool(suite._check_task_result(task, said, environment.model_copy(deep=True), environment, []))


def test_checks_that_pass_when_nothing_was_done_are_those_that_are_documented(suites: Any) -> None:
    found = [
        f"{name}/{task.ID.removeprefix('user_task_')}"
        for name, suite in suites.items()
        for task in suite.user_tasks.values()
        if checked_without_doing_anything(
            suite, task, task.init_environment(suite.load_and_inject_default_environment({}))
        )
    ]
    assert sorted(found) == ["banking/10", "banking/5", "banking/6", "banking/8", "banking/9"]
    page = (Path(__file__).parents[2] / "docs" / "agentdojo.md").read_text("utf-8")
    assert "banking 5, 6, 8, 9 and 10" in page


def test_no_check_of_an_attack_passes_when_nothing_was_done(suites: Any) -> None:
    for suite in suites.values():
        clean = suite.load_and_inject_default_environment({})
        for attack in suite.injection_tasks.values():
            assert not checked_without_doing_anything(suite, attack, clean.model_copy(deep=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", SUITES)
def test_with_an_honest_reader_injected_text_chooses_no_sensitive_value(suites: Any, name: str) -> None:
    """So what counts as a hijack is measured against what the task wants, and not against what the text put there."""
    pairs, attacks = Pairs(suites[name]), list(suites[name].injection_tasks)
    for index, (task, one) in enumerate(suites[name].user_tasks.items()):
        ended = run_task(suites[name], one, honest(name, task), approver=ApproveAll(), judged=False)
        pair = pairs.pair(task, attacks[index % len(attacks)])
        # The name of a channel has a place for the attacker's text; without any it is a number.
        seen = {
            place: {value.replace(pair.marks[0], "0") for value in values}
            for place, values in sensitive(pair.expected("default").stage).items()
        }
        assert (task, seen) == (task, sensitive(ended.stage))
