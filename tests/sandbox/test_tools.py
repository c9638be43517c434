"""`run_python` and `run_shell` behind the monitor: rules, labels, refusals; and the table [sandbox]."""

from __future__ import annotations

import pytest

from ringfence import Firewall, Label, Labeled
from ringfence.connectors.sandbox.job import Limits
from ringfence.connectors.sandbox.landlocked import Landlocked
from ringfence.connectors.sandbox.sandbox import Sandbox
from ringfence.connectors.sandbox.settings import CHOICES, Settings, read
from ringfence.connectors.sandbox.tools import sandbox_tools
from ringfence.core.errors import ConfigError
from ringfence.core.values import unsafe_plain

from .conftest import Unconfined

EVE = Labeled("import os", Label({"email:eve@x"}, {"user", "email:eve@x"}))
MINE = Labeled("1,2", Label({"user"}, {"user"}))


def firewall(mode: str = "strict") -> Firewall:
    return Firewall(tools=sandbox_tools(sandbox=Sandbox(["unconfined"], processes=[Unconfined()])), mode=mode)


@pytest.mark.parametrize("plan", ["run_python(eve)", "run_shell(eve)", "run_python(f'print({eve!r})')"])
def test_code_of_others_is_not_run(plan: str) -> None:
    denied = firewall().exec(plan, {"eve": EVE})
    assert (denied.outcome, denied.calls) == ("denied", ())
    asked = firewall("enforce").exec(plan, {"eve": EVE})
    assert (asked.outcome, asked.calls) == ("waiting", ())


def test_data_of_others_is_what_a_program_works_on() -> None:
    plan = "r = run_python('import sys\\nprint(sys.stdin.read(), open(\"a\").read())', files={'a': eve}, input=mine)"
    result = firewall().exec(plan, {"eve": EVE, "mine": MINE})
    assert result.outcome == "completed", result.error
    label = Firewall.exec(firewall(), plan + "\nanswer(r.stdout)", {"eve": EVE, "mine": MINE}).answer.label
    assert label == Label({"tool:run_python", "email:eve@x", "user"}, {"user"})


def test_what_a_program_prints_is_not_trusted() -> None:
    result = firewall().exec("run_shell(run_shell('echo ls').stdout)")
    assert (result.outcome, result.error.code) == ("denied", "P402")


def test_a_program_decides_nothing_without_its_label() -> None:
    plan = "x = 0\nif run_shell('exit 1').status == 1:\n    x = 1\nanswer(x)"
    assert firewall().exec(plan).answer.label.sources == {"tool:run_shell"}


def test_both_tools_refuse_where_nothing_isolates() -> None:
    tools = sandbox_tools(sandbox=Sandbox(["landlock"], processes=[Landlocked(newest=0)]))
    for plan in ("run_python('print(1)')", "run_shell('ls')"):
        result = Firewall(tools=tools).exec(plan)
        assert (result.outcome, result.error.code) == ("failed", "E330")
        assert "apt install bubblewrap" in result.error.hint
        assert result.error.message.endswith("failed: CannotIsolate")


def test_the_text_of_a_refusal_is_a_value() -> None:
    tools = sandbox_tools(sandbox=Sandbox(["landlock"], processes=[Landlocked(newest=0)]))
    plan = "try:\n    run_shell('ls')\nexcept Exception as e:\n    answer(str(e))"
    result = Firewall(tools=tools).exec(plan)
    assert "this kernel has no Landlock" in unsafe_plain(result.answer)
    assert result.answer.label.sources == {"tool:run_shell"}


def test_bad_names_of_files_fail_and_say_why_to_the_user_alone() -> None:
    result = firewall().exec("run_python('1', files={'../x': 'y'})")
    assert (result.outcome, result.error.message) == ("failed", "run_python failed: NotAllowed")


# The table


def test_the_table_says_what_is_meant() -> None:
    found = read({"backend": "landlock", "seconds": 2.5, "memory": 64, "output": 8, "processes": 4, "disk": 1})
    assert found == Settings("landlock", Limits(2.5, 20, 64 << 20, 4, 8 << 10, 1 << 20, 32 << 20))
    assert found.backends == ("landlock",)
    assert read({}) == Settings()
    assert sandbox_tools(read({"backend": "none"})) == []


@pytest.mark.parametrize(
    "table",
    [
        {"backend": "docker"}, {"backend": 1}, {"seconds": 0}, {"seconds": -1}, {"seconds": "3"}, {"memory": 31},
        {"seconds": float("nan")}, {"seconds": float("inf")}, {"memory": 1.5}, {"memory": True}, {"memory": 1 << 60},
        {"processes": 0}, {"output": None}, {"disk": [1]}, {"cpu_seconds": 1e3},
    ],
)  # fmt: skip
def test_what_cannot_be_is_an_error(table: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as caught:
        read(table)
    assert caught.value.code == "C550"


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ConfigError) as caught:
        read({"second": 3})
    assert (caught.value.code, caught.value.hint) == ("C507", "did you mean seconds?")


def test_the_choices_are_in_the_code_of_the_error() -> None:
    with pytest.raises(ConfigError) as caught:
        read({"backend": ""})
    assert all(choice in caught.value.hint for choice in CHOICES)
