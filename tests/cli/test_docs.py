"""docs/cli.md names every command, every option and every key, and its examples are right."""

import json
import re
from pathlib import Path

import click
import pytest

from ringfence.cli.app import COMMANDS, app
from ringfence.config import load
from ringfence.guard.policy import Policy
from ringfence.guard.tools import tool
from ringfence.session.result import OUTCOMES

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([\w-]+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
EVERYWHERE = {"--json", "--help"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_described(name):
    command = app.get_command(click.Context(app), name)
    commands = [command, *(command.commands.values() if isinstance(command, click.Group) else ())]
    for one in commands:
        if one is not command:
            assert f"{one.name}" in SECTIONS[name]
        assert one.help
        for param in one.params:
            if isinstance(param, click.Option) and not EVERYWHERE & set(param.opts):
                assert any(f"{option}" in SECTIONS[name] for option in param.opts), (name, param.opts)


def test_every_json_option_is_there():
    for name in COMMANDS:
        command = app.get_command(click.Context(app), name)
        leaves = command.commands.values() if isinstance(command, click.Group) else [command]
        assert all("--json" in [option for param in leaf.params for option in param.opts] for leaf in leaves)


def test_the_example_of_the_configuration_is_one(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "ringfence.toml").write_text(example)
    config = load(tmp_path / "ringfence.toml")
    assert config.per_tool == {"send_email": 20}

    @tool
    def send_email(to: list[str], body: str) -> None:
        pass

    assert Policy.load([send_email], mode=config.mode, table=config.tools).tools["send_email"].audience == ("to",)


def test_the_example_of_the_object_has_its_keys_and_outcomes():
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    made = json.loads(example)
    assert list(made) == ["outcome", "answer", "variables", "calls", "diagnostics", "error", "steps"]
    assert tuple(made["outcome"].split(" | ")) == OUTCOMES
