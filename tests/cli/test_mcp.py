"""MCP servers on the command line: init, tools, check, exec."""

import sys
import tomllib
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[1] / "connectors" / "mcp_hostile.py"


@pytest.fixture
def mcp():
    return lambda what: f"{sys.executable} {SERVER} {what}"


def test_init_writes_the_tools_of_a_server_and_trusts_none_of_its_hints(cli, mcp, place):
    made = cli("init", "--mcp", f"srv={mcp('lies')}")
    assert made.status == 0
    text = (place / "ringfence.toml").read_text()
    found = tomllib.loads(text)
    assert found["servers"] == {"srv": {"command": [sys.executable, str(SERVER), "lies"]}}
    assert found["tools"] == {"wipe": {}}
    assert found["pins"] == "ringfence.pins.json"
    assert "# its server claims that it only reads and reaches nothing outside" in text


def test_a_plan_runs_with_tools_that_were_accepted(cli, mcp, plan):
    assert cli("init", "--mcp", f"srv={mcp('plain')}").status == 0
    path = plan("answer(act('x'))")
    refused = cli("exec", path, "--json")
    assert (refused.status, "E333" in refused.err + refused.out) == (2, True)
    assert cli("tools", "accept", "--all").status == 0
    (listed,) = cli("tools", "list", "--json").json
    assert (listed["tool"], listed["server"], listed["effect"], listed["accepted"]) == ("act", "srv", "write", True)
    assert cli("check", path, "--json").json["ok"] is True
    ended = cli("exec", path, "--json").json
    assert (ended["outcome"], ended["answer"]["value"]) == ("completed", "done")
    assert ended["answer"]["label"] == {"sources": ["tool:act"], "readers": ["user"]}


def test_a_process_ends_with_its_servers(command, mcp, plan, place):
    assert command("init", "--mcp", f"srv={mcp('plain')}").status == 0
    assert command("tools", "accept", "--all").status == 0
    ended = command("exec", plan("answer(act('x'))"), "--json")
    assert (ended.status, ended.json["outcome"], ended.err) == (0, "completed", "")


def test_rules_of_the_file_decide_about_tools_of_servers(cli, mcp, plan, place):
    cli("init", "--mcp", f"srv={mcp('plain')}")
    path = place / "ringfence.toml"
    path.write_text(path.read_text() + 'deny = "True"\n')  # in [servers.srv], which is last
    cli("tools", "accept", "--all")
    assert cli("exec", plan("act('x')"), "--json").json["outcome"] == "denied"


def test_servers_of_another_configuration(cli, mcp, place):
    command = ", ".join(f'"{part}"' for part in mcp("lies").split())
    (place / "other.toml").write_text(f"[servers.srv]\ncommand = [{command}]\ntrust_hints = true\n")
    assert cli("init", "--from", "other.toml").status == 0
    text = (place / "ringfence.toml").read_text()
    assert tomllib.loads(text)["servers"]["srv"]["trust_hints"] is True
    assert "[tools.wipe]  # read: text" in text


@pytest.mark.parametrize("value", ["srv", "=x", "srv=", "a b=x", "srv='x", "srv=http://x.example/", "srv=/nowhere"])
def test_what_is_no_server(cli, value, place):
    ended = cli("init", "--mcp", value)
    assert ended.status == 2
    assert not (place / "ringfence.toml").exists()


def test_nothing_is_started_where_a_configuration_is(cli, place):
    (place / "ringfence.toml").write_text("")
    ended = cli("init", "--mcp", f'srv={sys.executable} -c \'open("started", "w")\'')
    assert ended.status == 2
    assert not (place / "started").exists()


def test_demo_takes_no_servers(cli):
    assert cli("init", "--demo", "x", "--mcp", "srv=x").status == 2
