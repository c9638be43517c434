"""`report`: what would have been stopped, and the smallest rules that allow what a person calls fine."""

import json

import pytest

from cli.test_approvals import terminal
from ringfence import open_store

WHERE = ("--store", "state.db")
TOOLS = ("--tools", "mytools:TOOLS")
PLAN = "mails = read_mail()\nsend('bob', mails[0])\nsend(mails[1], 'x')\nanswer('done')"


@pytest.fixture
def watched(cli, plan):
    """Two runs in mode observe."""
    name = plan(PLAN)
    for _ in range(2):
        ended = cli("exec", name, *TOOLS, *WHERE, "--mode", "observe")
        assert ended.status == 0
        assert "mode observe: nothing was blocked\n" in ended.err
        assert ended.out == "done\n\n[mode observe: nothing was blocked]\n"
    return name


def test_what_would_have_been_asked_by_tool_rule_and_source(cli, watched):
    made = cli("report", "--json", *WHERE).json
    assert [
        (one["tool"], one["verdict"], one["count"], one["not_stopped"], one["runs"]) for one in made["findings"]
    ] == [
        ("send", "ask", 2, 2, 2),
        ("send", "ask", 2, 2, 2),
    ]
    assert {json.dumps(one["sources"]) for one in made["findings"]} == {
        '{"body": ["tool:read_mail"]}',
        '{"to": ["tool:read_mail"]}',
    }
    assert (made["by tool"], made["by rule"], made["by source"]) == (
        {"send": 4},
        {"default.write": 4},
        {"tool:read_mail": 4},
    )
    shown = cli("report", *WHERE).out
    assert "1. send would have been put to a person: 2 times in 2 runs" in shown
    assert "body came from tool:read_mail" in shown
    assert "hello" not in shown


def number(cli, argument):
    found = cli("report", "--json", *WHERE).json["findings"]
    return next(str(one["number"]) for one in found if argument in one["sources"])


def test_the_proposal_allows_what_was_seen_and_nothing_else(cli, watched, place, plan):
    ended = cli("report", "--fine", number(cli, "body"), "--json", *TOOLS, *WHERE)
    (proposed,) = ended.json
    assert (proposed["widened"], proposed["dropped"], proposed["certain"]) == (["trusted(body)"], [], True)
    assert proposed["allow"] == ("trusted(to) and (trusted(body) or sourced(body, 'tool:read_mail')) and pc_public()")
    assert not (place / "ringfence.toml").exists()
    (place / "ringfence.toml").write_text(f"[tools.send]\nallow = {json.dumps(proposed['allow'])}\n")
    assert cli("exec", plan("send('bob', read_mail()[0])\nanswer(1)"), *TOOLS).status == 0
    assert cli("exec", plan("send(read_mail()[0], 'x')\nanswer(1)"), *TOOLS).status == 3


def test_what_cannot_be_narrowed_is_taken_out_and_said(cli, plan):
    cli("exec", plan("if len(read_mail()) > 1:\n    send('bob', 'x')\nanswer(1)"), *TOOLS, *WHERE, "--mode", "observe")
    ended = cli("report", "--fine", "1", *TOOLS, *WHERE)
    assert "# send: pc_public() IS TAKEN OUT: nothing narrower allows this" in ended.out
    assert "Nothing was changed" in ended.err


def test_a_proposal_goes_into_the_file_beside_what_is_there(place, environment, cli, watched):
    config = place / "ringfence.toml"
    config.write_text('user = "ann"  # me\n')
    command = ("report", "--fine", number(cli, "body"), "--apply", *TOOLS, *WHERE)
    shown, status = terminal(place, environment, *command, answers=[(rb"\[y/N\] $", b"y\n")])
    assert (status, "+[tools.send]" in shown) == (0, True)
    assert config.read_text().startswith('user = "ann"  # me\n\n[tools.send]\nallow = ')
    # The rule that decided then is not the one that is there now.
    ended = cli(*command)
    assert (ended.status, "C542" in ended.err) == (2, True)


def test_a_rule_that_is_there_is_replaced_where_it_stands(place, cli, plan):
    config = place / "ringfence.toml"
    config.write_text(
        '# top\n[tools.send]  # mine\neffect = "write"\nallow = "trusted(to) and trusted(body)"\n'
        'ask = "len(to) < 9"\n# more\n[limits]\ncalls = 50\n'
    )
    cli("exec", plan(PLAN), *TOOLS, *WHERE, "--mode", "observe")
    ended = cli("report", "--fine", "1", "--fine", "2", *TOOLS, *WHERE)
    assert ended.status == 0
    added = [line[1:] for line in ended.out.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert [line.partition(" ")[0] for line in added] == ["allow"]  # ask stands as it stood
    assert "sourced(to, 'tool:read_mail')" in added[0]
    assert [line for line in ended.out.splitlines() if line.startswith("-allow")] == [
        '-allow = "trusted(to) and trusted(body)"'
    ]


def test_nothing_is_written_without_a_typed_yes(place, environment, cli, watched):
    fine = number(cli, "body")
    ended = cli("report", "--fine", fine, "--apply", *TOOLS, *WHERE, input="y\n")
    assert (ended.status, "C542" in ended.err) == (2, True)
    shown, status = terminal(
        place, environment, "report", "--fine", fine, "--apply", *TOOLS, *WHERE, answers=[(rb"\[y/N\] $", b"\n")]
    )
    assert (status, "nothing was changed" in shown) == (1, True)
    assert not (place / "ringfence.toml").exists()


@pytest.mark.parametrize("more", [("--fine", "0"), ("--fine", "9"), ("--since", "yesterday"), ("--since", "9x")])
def test_what_is_no_finding_or_time(cli, watched, more):
    ended = cli("report", *more, *TOOLS, *WHERE)
    assert (ended.status, "C542" in ended.err) == (2, True)


def test_since(cli, watched):
    assert cli("report", "--since", "1h", "--json", *WHERE).json["by tool"] == {"send": 4}
    assert cli("report", "--since", "2100-01-01", "--json", *WHERE).json["findings"] == []
    assert "nothing was asked or denied" in cli("report", "--since", "2100-01-01T00:00", *WHERE).err


def test_damaged_and_foreign_records_are_no_findings(cli, watched):
    with open_store("state.db") as store:
        for data in (
            {"verdict": "ask"},
            {"verdict": "deny", "tool": "x", "labels": {"a": 1}},
            {"verdict": "ask", "tool": "x", "causes": [[1]]},
            {"verdict": 1, "tool": "x"},
        ):
            store.audit().append("run", "decision", data)
    assert cli("report", "--json", *WHERE).json["by tool"] == {"send": 4}


def test_a_denial_by_a_rule_that_is_not_the_tools_own_has_no_small_change(cli, plan, place):
    (place / "ringfence.toml").write_text('[tools.send]\ndeny = "True"\n')
    cli("exec", plan("send('bob', 'x')"), *TOOLS, *WHERE, "--mode", "observe")
    ended = cli("report", "--fine", "1", *TOOLS, *WHERE)
    assert (ended.status, "C542" in ended.err) == (2, True)
