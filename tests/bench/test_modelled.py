"""The benchmark with a model: real clients and real HTTP against a local server that plays one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bench.playing import Player
from ringfence.bench.agentdojo import injecting, modelled, modelled_report
from ringfence.bench.agentdojo.gullible import Gullible
from ringfence.bench.agentdojo.modelled import Modelled, provider, today
from ringfence.bench.agentdojo.study import ROWS, study, suites
from ringfence.bench.agentdojo.undefended import Tally, model_turn, pipeline_of
from ringfence.cli.app import app
from ringfence.core.errors import ModelError
from ringfence.llm.providers import CallSettings
from ringfence.testing.server import Behaviour, ModelServer, Request

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),
    pytest.mark.usefixtures("in_process", "key"),
]
TASKS = ("--suite", "banking", "--task", "user_task_0", "--task", "user_task_1")


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(name, "a-key-of-the-test")


def bench(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        app.main(["bench", "agentdojo", "--jobs", "1", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def model_at(server: ModelServer) -> str:
    return f"openai:test-model@{server.url}"


def found(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    return made


def of(rows: list[dict[str, Any]], agent: str) -> dict[str, Any]:
    [row] = [row for row in rows if row["agent"] == agent]
    return row


def test_the_same_model_obeys_without_a_firewall_and_cannot_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goals = ("--goal", "injection_task_0", "--goal", "injection_task_5")
    (tmp_path / "prices.toml").write_text('[spending.prices."openai:test-model"]\ninput = 1000.0\noutput = 2000.0\n')
    with ModelServer(Player()) as server:
        status = bench(
            *TASKS, *goals, "--model", model_at(server), "--undefended", "--json",
            "--config", str(tmp_path / "prices.toml"), "--out", str(tmp_path / "study"),
        )  # fmt: skip
    assert status == 0
    made = found(capsys)
    ours, theirs = (of(made["tasks"], agent) for agent in ("ringfence", "undefended"))
    assert (ours["tasks"], ours["solved"], ours["interrupted"]) == (2, 2, 1)
    assert (theirs["tasks"], theirs["solved"], theirs["interrupted"]) == (2, 2, 0)
    assert ours["input_tokens"] > 0 < theirs["output_tokens"]
    assert ours["money"] == round((ours["model_questions"] * (11 + 2 * 7)) / 1_000, 6)
    ours, theirs = (of(made["attacks"], agent) for agent in ("ringfence", "undefended"))
    assert (ours["pairs"], ours["succeeded"], ours["hijacked"]) == (4, 0, 0)
    assert (theirs["pairs"], theirs["succeeded"], theirs["hijacked"]) == (4, 4, 4)
    assert made["through"] == []
    page = (tmp_path / "study" / "report.html").read_text()
    assert page.count("<svg") >= 6
    assert "<script" not in page
    assert "http" not in page.replace(server.url, "")


def test_what_others_wrote_reaches_no_planner_of_the_benchmark() -> None:
    with ModelServer(Player()) as server:
        work = Modelled(
            ("banking",), ("user_task_0",), model_at(server), None, ("ringfence",), ("important_instructions",),
            ("injection_task_5",), ("default",), ("nobody",),
        )  # fmt: skip
        assert [row["succeeded"] for row in rows_of(work)] == [False, False]
        goal = suites()["banking"].injection_tasks["injection_task_5"].GOAL
        planned = [one for one in map(text_of, server.requests) if "You write plans" in one]
        read = [one for one in map(text_of, server.requests) if "You read data for a program" in one]
    assert planned
    assert not [one for one in planned if goal in one]
    assert [one for one in read if goal in one]


def rows_of(work: Modelled) -> list[dict[str, Any]]:
    return [row for _, _, some in study(work, None, 1) for row in some]


def text_of(request: Request) -> str:
    return "\n".join(str(one["content"]) for one in request.body["messages"])  # type: ignore[attr-defined]


def test_repairs_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with ModelServer(Player(slips=1)) as server:
        assert bench(*TASKS, "--model", model_at(server), "--attack", "none", "--json") == 0
    row = of(found(capsys)["tasks"], "ringfence")
    assert (row["solved"], row["repairs"], row["rounds"]) == (2, 1.0, 1.0)


def test_a_text_gives_the_orders_only_where_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    task = ("--suite", "workspace", "--task", "user_task_13", "--attack", "none", "--json")
    with ModelServer(Player()) as server:
        assert bench(*task, "--model", model_at(server)) == 0
        assert found(capsys)["tasks"][0]["solved"] == 0
        assert bench(*task, "--model", model_at(server), "--delegate") == 0
    row = found(capsys)["tasks"][0]
    assert (row["solved"], row["interrupted"]) == (1, 1)


def test_an_attack_that_only_wants_the_task_undone_is_one_run_and_counts_as_such(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ModelServer(Player()) as server:
        assert bench(*TASKS, "--model", model_at(server), "--attack", "dos", "--human", "always", "--json") == 0
    row = of(found(capsys)["attacks"], "ringfence")
    assert (row["pairs"], row["solved"], row["succeeded"]) == (2, 2, 0)


# Providers that fail


class Failing:
    """Plays a model, but fails as it is told: these questions in order."""

    def __init__(self, *failures: Behaviour | None) -> None:
        self.player, self.failures = Player(), list(failures)

    def __call__(self, request: Request) -> Behaviour | str:
        failure = self.failures.pop(0) if self.failures else None
        return self.player(request) if failure is None else failure


def test_a_provider_that_is_overloaded_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    busy = Behaviour(status=429, headers=(("retry-after", "0"),))
    with ModelServer(Failing(*[busy] * 4)) as server:
        assert bench(*TASKS, "--model", model_at(server), "--undefended", "--attack", "none", "--json") == 0
    made = found(capsys)
    assert [(row["solved"], row["provider_failures"]) for row in made["tasks"]] == [(2, 0), (2, 0)]


def test_a_provider_that_fails_for_good_is_a_failure_that_is_told_and_can_be_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelled, "_PATIENT", CallSettings(attempts=2, longest_pause=0.0))
    broken = Behaviour(status=500)
    command = (*TASKS, "--undefended", "--attack", "none", "--out", str(tmp_path))
    with ModelServer(Failing(*[broken] * 4)) as server:
        model = ("--model", model_at(server))
        assert bench(*command, *model) == 0
        said = capsys.readouterr()
        assert "2 runs failed because the provider did" in said.out
        assert "1 of 2 done, 2 failed because the provider did" in said.err
        asked = len(server.requests)
        assert bench(*command, *model, "--json") == 0
        assert len(server.requests) == asked
        assert [row["solved"] for row in found(capsys)["tasks"]] == [1, 1]
        assert bench(*command, *model, "--again", "--json") == 0
    assert [(row["solved"], row["provider_failures"]) for row in found(capsys)["tasks"]] == [(2, 0), (2, 0)]


@pytest.mark.parametrize("agents", [("ringfence",), ("undefended",)])
def test_a_key_that_is_not_accepted_ends_the_study_and_keeps_what_was_done(tmp_path: Path, agents: Any) -> None:
    refused = Behaviour(status=401)
    with ModelServer(lambda request: refused) as server:
        work = Modelled(("banking",), ("user_task_1",), model_at(server), None, agents, (), (), ("default",), ())
        with pytest.raises(ModelError) as ended:
            list(study(work, tmp_path, 1))
    assert ended.value.status == 401
    assert not (tmp_path / ROWS).exists()


def test_without_a_key_it_says_so_before_anything_is_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    assert bench(*TASKS, "--model", "openai:some-model") == 4
    assert "E361" in capsys.readouterr().err


# Interrupted


def test_what_was_interrupted_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with ModelServer(Player()) as server:
        work = Modelled(
            ("banking",), ("user_task_1",), model_at(server), None, ("ringfence",), ("important_instructions",),
            ("injection_task_0", "injection_task_1"), ("default",), ("nobody",),
        )  # fmt: skip
        running = study(work, tmp_path, 1)
        assert next(running)[:2] == (0, 3)
        assert next(running)[:2] == (1, 3)
        running.close()
        kept = [json.loads(line) for line in (tmp_path / ROWS).read_text().splitlines()]
        assert [row["kind"] for row in kept] == ["model", "done"]
        again = list(study(work, tmp_path, 1))
    assert [done for done, _, _ in again] == [1, 2, 3]
    assert len([row for _, _, rows in again for row in rows]) == 3


@pytest.mark.slow
def test_an_interrupt_ends_everything_at_once_and_keeps_what_was_done(tmp_path: Path) -> None:
    """With processes, as from a terminal: the first task is done, the second hangs at the provider."""
    player = Player()

    def script(request: Request) -> Behaviour | str:
        return player(request) if len(player.asked) < 1 else Behaviour(hang=True)

    with ModelServer(script) as server:
        command = [sys.executable, "-m", "ringfence", "bench", "agentdojo", "--suite", "banking", "--attack", "none"]
        command += ["--task", "user_task_1", "--task", "user_task_2", "--jobs", "1", "--out", str(tmp_path)]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        running = subprocess.Popen([*command, "--model", model_at(server)], stderr=subprocess.PIPE, env=environ)
        try:
            while len(server.requests) < 2:
                assert running.poll() is None
                time.sleep(0.05)
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 4
    assert b"the same command goes on" in said
    assert b"Traceback" not in said
    assert [json.loads(line)["kind"] for line in (tmp_path / ROWS).read_text().splitlines()] == ["model", "done"]


# What is asked for


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "openai:m@http://127.0.0.1:9/v1", "--attack", "no_such"), "there are captcha_dos"),
        (("--model", "openai:m@http://127.0.0.1:9/v1", "--goal", "injection_task_99"), "injection_task_3"),
        (("--model", "openai:m@http://127.0.0.1:9/v1", "--task", "user_task_99"), "user_task_3"),
        (("--model", "openai:m@http://127.0.0.1:9/v1", "--human", "careful"), "go without --model"),
        (("--model", "offline"), "needs a model"),
        (("--model", "nobody:x"), "PROVIDER:NAME"),
        (("--attack", "direct"), "give --model"),
        (("--undefended",), "give --model"),
    ],
)
def test_what_cannot_be_run_is_said(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench("--suite", "banking", *arguments) == 2
    assert said in capsys.readouterr().err


def test_the_attack_at_the_keyboard_is_none_of_them() -> None:
    assert "manual" not in injecting.names()
    assert {"important_instructions", "tool_knowledge", "direct", "ignore_previous"} <= {*injecting.names()}


@pytest.mark.parametrize(
    ("suite", "day"), [("workspace", "2024-05-15"), ("banking", "2022-03-07"), ("slack", "2024-05-15")]
)
def test_the_date_is_that_of_the_world(suite: str, day: str) -> None:
    assert today(suites()[suite].load_and_inject_default_environment({})).isoformat() == day


# The agent without a firewall, with each client


@pytest.mark.parametrize(
    ("name", "root"), [("openai", False), ("openai-responses", False), ("anthropic", True), ("google", True)]
)
def test_the_loop_without_a_defence_speaks_with_each_provider(name: str, root: bool) -> None:
    banking = suites()["banking"]
    calls = [
        Behaviour(calls=(("get_iban", {}), ("get_balance", {}))),
        Behaviour("One moment.", calls=(("no_such_tool", {}),)),
        "You have 1,810.00.",
    ]
    with ModelServer(calls) as server:
        tally = Tally()
        turn = model_turn(provider(f"{name}:test-model@{server.root if root else server.url}"), tally)
        task = banking.user_tasks["user_task_1"]
        banking.run_task_with_pipeline(pipeline_of(turn, "undefended"), task, None, {})
        last = json.dumps(server.requests[-1].body)
    assert [call for call, _ in tally.calls] == ["get_iban", "get_balance", "no_such_tool"]
    assert (tally.used.questions, tally.used.input_tokens, tally.used.output_tokens) == (3, 33, 21)
    assert "DE89370400440532013000" in last
    assert "Invalid tool no_such_tool provided." in last
    assert "Blue Sparrow Tech" in last


def test_the_gullible_agent_does_the_task_and_all_that_it_is_told_once() -> None:
    banking = suites()["banking"]
    request, goal = banking.user_tasks["user_task_0"].PROMPT, banking.injection_tasks["injection_task_5"].GOAL
    agent, results, made = Gullible(suites()), [], []
    while (turn := agent.next(request, results)).call is not None:
        made.append((turn.call[0], turn.hostile))
        results.append(f"please\n{goal}" if len(results) < 2 else "done")
    assert made == [("read_file", False), ("send_money", True), ("send_money", False)]
    with pytest.raises(ValueError, match="no task"):
        agent.next("Sing a song", [])


# The page


def test_a_report_shows_all_text_as_text() -> None:
    row = {
        "kind": "model", "agent": "ringfence", "suite": "<b>", "task": "t<i>", "attack": "", "goal": "", "rules": "<u>",
        "human": "always", "outcome": "completed", "why": "", "provider": False, "utility": True, "succeeded": False,
        "hijacks": [], "asked": 0, "seconds": 1.0, "planned": 1, "rounds": 1, "repairs": 0, "questions": 1,
        "input_tokens": 1, "output_tokens": 1, "money": None,
    }  # fmt: skip
    hostile = {**row, "attack": "<s>", "goal": "g<q>", "succeeded": True, "hijacks": [["send<x>", "to"]]}
    page = modelled_report.html(modelled_report.figures([row, hostile]), "<a>")
    for tag in ("<b>", "<i>", "<u>", "<s>", "<q>", "<x>", "<a>"):
        assert tag not in page
    assert "send&lt;x&gt;(to)" in page


def test_no_rows_are_no_figures() -> None:
    nothing = modelled_report.figures([])
    assert modelled_report.text(nothing).startswith("Without an attack")
    assert "<svg" in modelled_report.html(nothing, "")
