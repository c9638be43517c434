"""`ringfence exec`: the object it prints, and its exit statuses."""

import json
import re
import shlex

import pytest

from ringfence.cli.options import told_again

KEYS = ["outcome", "answer", "variables", "calls", "diagnostics", "error", "steps"]
PUBLIC = {"sources": [], "readers": "everyone"}
MAIL = {"sources": ["tool:read_mail"], "readers": ["user"]}


def test_the_object_has_exactly_the_shape_of_the_contract(cli, plan):
    ended = cli("exec", plan("x = today()\nsend('bob', x)\nanswer(x)"), "--tools", "mytools:TOOLS", "--json")
    made = ended.json
    label = {"sources": ["user"], "readers": "everyone"}
    assert ended.status == 0
    assert list(made) == KEYS
    assert isinstance(made.pop("steps"), int)
    assert made == {
        "outcome": "completed",
        "answer": {"value": "Saturday", "label": label},
        "variables": {"x": {"value": "Saturday", "label": label}},
        "calls": [
            {"index": 0, "tool": "today", "arguments": {}, "verdict": "allow", "rules": ["default.read"]},
            {
                "index": 1,
                "tool": "send",
                "arguments": {"to": "bob", "body": "Saturday"},
                "verdict": "allow",
                "rules": ["default.write"],
            },
        ],
        "diagnostics": [],
        "error": None,
    }
    assert ended.out.count("\n") == 1


def test_what_a_tool_prints_is_not_in_the_data(command, plan):
    ended = command("exec", plan("answer(len(read_mail()))"), "--tools", "mytools:TOOLS", "--json")
    assert ended.json["answer"] == {"value": 2, "label": MAIL}
    assert ended.err == "noise of a tool\n"


@pytest.mark.parametrize(
    ("text", "more", "status", "outcome", "error"),
    [
        ("answer(1)", (), 0, "completed", None),
        ("", (), 0, "completed", None),
        ("refuse('no')", (), 1, "refused", ("E380", "Refused", 1)),
        ("x = 1\nsend('bob', read_mail()[0])", (), 3, "waiting", ("P410", "ApprovalRequired", 2)),
        ("send('bob', read_mail()[0])", ("--approve", "none"), 3, "waiting", ("P410", "ApprovalRequired", 1)),
        ("send('bob', read_mail()[0])", ("--approve", "all"), 0, "completed", None),
        ("send('bob', read_mail()[0])", ("--mode", "strict"), 1, "denied", ("P402", "PolicyDenied", 1)),
        ("send('bob', read_mail()[0])", ("--mode", "observe"), 0, "completed", None),
        ("\nx = [1][2]", (), 4, "failed", ("E301", "PlanFailure", 2)),
        ("broken()\nanswer(1)", (), 4, "failed", ("E330", "ToolError", 1)),
        ("while True: pass", (), 4, "limit", ("E320", "LimitExceeded", 1)),
        ("answer(", (), 2, "rejected", ("E101", "PlanRejected", 1)),
        ("x = 1\nsendd()", (), 2, "rejected", ("E201", "PlanRejected", 2)),
        ("if today() == 'x': pass", ("--dialect", "plan-then-execute"), 2, "rejected", ("E205", "PlanRejected", 1)),
    ],
)
def test_each_outcome_has_its_status_and_error(cli, plan, text, more, status, outcome, error):
    ended = cli("exec", plan(text), "--tools", "mytools:make", "--json", *more)
    made = ended.json
    assert list(made) == [*KEYS, *(["mode"] if "observe" in more else [])]
    assert (ended.status, made["outcome"]) == (status, outcome)
    assert bool(made["diagnostics"]) == (outcome == "rejected")
    if error is None:
        assert made["error"] is None
    else:
        assert list(made["error"]) == ["code", "kind", "line", "remedies"]
        assert (made["error"]["code"], made["error"]["kind"], made["error"]["line"]) == error
        assert error[0] in ended.err
    if outcome not in ("completed", "refused"):
        assert made["answer"] == {"value": None, "label": PUBLIC}


def test_what_a_tool_said_when_it_failed_is_printed_nowhere(cli, plan):
    for more in ((), ("--json",)):
        ended = cli("exec", plan("broken()"), "--tools", "mytools:TOOLS", *more)
        assert ended.status == 4
        assert "CANARY" not in ended.out + ended.err


def test_a_certain_denial_stops_the_plan_before_its_first_call(cli, plan):
    text = "send('ann', 'first')\nsend('bob', read_mail()[0])"
    made = cli("exec", plan(text), "--tools", "mytools:TOOLS", "--mode", "strict", "--json").json
    assert made["calls"] == []
    assert made["error"]["remedies"] == [
        "take body from the request or a trusted source, or let a person approve it",
    ]


def test_a_rejected_plan_tells_all_its_problems(cli, plan):
    ended = cli("exec", plan("x = foo()\ny = bar()"), "--json")
    assert [(one["code"], one["line"], one["column"]) for one in ended.json["diagnostics"]] == [
        ("E201", 1, 5),
        ("E201", 2, 5),
    ]
    assert all(list(one) == ["code", "message", "line", "column", "hint"] for one in ended.json["diagnostics"])
    assert "x = foo()\n        ^^^" in ended.err


def test_the_mode_that_blocks_nothing_says_what_it_would_have_stopped(cli, plan):
    ended = cli("exec", plan("send('bob', read_mail()[0])"), "--tools", "mytools:TOOLS", "--mode", "observe")
    assert "nothing was blocked" in ended.err
    assert "call 1, send, would have been put to a person: default.write" in ended.err


def test_an_address_in_a_label_that_is_given_is_the_user_of_that_address(cli, plan, place):
    given = {"words": {"value": "hello", "sources": ["Bob@x.example"], "readers": ["Ann@x.example"]}}
    (place / "given.json").write_text(json.dumps(given))
    made = cli("exec", plan("answer(words)"), "--given", "given.json", "--user", "ann@x.example")
    assert (made.status, "hello" in made.out) == (0, True)
    label = cli("exec", plan("answer(words)"), "--given", "given.json", "--json").json["answer"]["label"]
    assert label == {"sources": ["email:bob@x.example"], "readers": ["email:ann@x.example"]}


def test_given_variables_carry_their_labels(cli, plan, place):
    given = {
        "secret": {"value": {"$tuple": [1, {"$set": [2]}]}, "sources": ["tool:vault"], "readers": ["alice"]},
        "plain": {"value": {"$record": "P", "fields": {"x": [1]}}},
        "pair": {"value": {"$tuple": [[1], {"$enum": "C.RED"}]}},
    }
    (place / "given.json").write_text(json.dumps(given))
    made = cli("exec", plan("x = secret[0]\ny = plain.x\nanswer(x)"), "--given", "given.json", "--json").json
    vault = {"sources": ["tool:vault"], "readers": ["alice"]}
    assert made["outcome"] == "completed"
    assert made["answer"] == {"value": 1, "label": vault}
    assert made["variables"]["x"] == {"value": 1, "label": vault}
    assert made["variables"]["y"] == {"value": [1], "label": PUBLIC}


def test_an_answer_for_somebody_else_is_not_printed_without_its_label(cli, plan, place):
    (place / "given.json").write_text('{"secret": {"value": "hush", "readers": ["alice"]}}')
    ended = cli("exec", plan("answer(secret)"), "--given", "given.json")
    assert (ended.status, ended.out) == (0, "")
    assert "hush" not in ended.err


def test_functions_classes_and_odd_values_are_shown(cli, plan):
    text = (
        "def f(x):\n    return x\nclass P(BaseModel):\n    q: int\na = []\na.append(a)\nn = 10**5000\ns = '\\ud800'\n"
        "d = {1: 'a'}\nnan = float('nan')\nsame = [1]\nb = [same, same]\ng = lambda: 1"
    )
    made = cli("exec", plan(text), "--json").json["variables"]
    assert made["f"]["value"] == {"$opaque": "Function"}
    assert made["g"]["value"] == {"$opaque": "Function"}
    assert list(made["P"]["value"]) == ["$opaque"]
    assert made["a"]["value"] == [{"$cycle": True}]
    assert made["s"]["value"] == "\ud800"
    assert made["d"]["value"] == {"$dict": [[1, "a"]]}
    assert made["nan"]["value"] == {"$float": "nan"}
    assert made["b"]["value"] == [[1], [1]]


def test_deep_nesting_prints(cli, plan):
    ended = cli("exec", plan("x = []\nfor i in range(10000):\n    x = [x]\nanswer(x)"), "--json")
    assert ended.status == 0
    assert ended.out.startswith('{"outcome": "completed", "answer": {"value": ' + "[" * 10001)


def test_what_would_print_as_terabytes_is_a_limit(cli, plan):
    text = "b = [1]\nfor i in range(60):\n    b = [b, b]\nanswer(b)"
    ended = cli("exec", plan(text), "--json")
    assert (ended.status, ended.json["outcome"]) == (4, "limit")
    assert "$elided" in ended.out
    assert len(ended.out) < 50_000_000


def test_plans_come_from_stdin_as_text_and_in_their_stored_form(cli, plan):
    text = "x = 1 + 1\nanswer(x)\n"
    assert cli("exec", "-", input=text).out == "2\n"
    stored = cli("check", plan(text), "--json").out
    assert cli("exec", "-", input=stored).out == "2\n"
    assert cli("exec", "-", input=json.dumps(json.loads(stored)["plan"], indent=4)).out == "2\n"
    assert cli("exec", "-", input='{"a": 1}').status == 0  # a plan of one expression


def test_what_is_said_to_do_next_finds_the_run_and_tells_no_password(cli, plan):
    name = plan("send(read_mail()[0])")
    ended = cli("exec", name, "--tools", "mytools:TOOLS", "--store", "my state.db")
    approve, resume = re.findall("`ringfence ([^`]*)`", ended.err.partition("Decide until")[2])
    assert all(command.endswith(" --store 'my state.db'") for command in (approve, resume))
    decided = cli(*shlex.split(approve))
    assert (decided.status, f"`ringfence {resume}`" in decided.out) == (0, True)
    assert (
        cli(*[name if word == "PLAN" else word for word in shlex.split(resume)], "--tools", "mytools:TOOLS").status == 0
    )
    assert told_again("postgresql://ann:secret@db/runs", None, "w") == " --store URL --workspace w"


def test_why_a_plan_failed_on_private_data_is_for_the_users_eyes(cli, plan):
    name = plan("x = 1\ny = read_mail()[7]")
    ended = cli("exec", name, "--tools", "mytools:TOOLS")
    assert (ended.status, ended.out) == (4, "")
    assert ended.err.removeprefix("noise of a tool\n") == (
        "failed:\nE302: the plan failed where private data decided\n"
        "in detail, for the user only:\n    │ E301: IndexError was raised\n    │ on line 2 of the plan\n"
    )
    ended = cli("exec", name, "--tools", "mytools:TOOLS", "--json")
    assert ended.json["error"] == {"code": "E302", "kind": "PlanFailure", "line": None, "remedies": []}
    assert "detail" not in ended.err


def test_a_run_that_waits_is_approved_and_goes_on(cli, plan):
    where = ("--store", "state.db")
    tools = ("--tools", "mytools:TOOLS")
    name = plan("send('ann', 'first')\nsend('bob', read_mail()[0])\nanswer('done')")
    assert cli("exec", name, *tools, *where).status == 3
    (question,) = cli("approvals", "list", "--json", *where).json
    assert question["tool"] == "send"
    assert cli("exec", name, *tools, *where, "--resume", question["run"]).status == 3
    assert cli("approvals", "approve", question["id"], *where).status == 0
    ended = cli("exec", name, *tools, *where, "--resume", question["run"], "--json")
    assert ended.json["outcome"] == "completed"
    assert [(call["index"], call["tool"], call["verdict"]) for call in ended.json["calls"]] == [
        (0, "send", "allow"),
        (1, "read_mail", "allow"),
        (2, "send", "ask"),
    ]
    import mytools

    assert mytools.SENT == ["ann", "bob"]
    assert cli("exec", name, *tools, *where, "--resume", question["run"]).status == 4
    assert mytools.SENT == ["ann", "bob"]
    assert cli("audit", "verify", *where).status == 0


def test_a_rejected_question_ends_its_plan(cli, plan):
    where = ("--store", "state.db")
    name = plan("send('bob', read_mail()[0])")
    cli("exec", name, "--tools", "mytools:TOOLS", *where)
    (question,) = cli("approvals", "list", "--json", *where).json
    assert cli("approvals", "reject", question["id"], *where).status == 0
    ended = cli("exec", name, "--tools", "mytools:TOOLS", *where, "--resume", question["run"], "--json")
    assert (ended.status, ended.json["outcome"], ended.json["error"]["code"]) == (1, "denied", "P420")
    import mytools

    assert mytools.SENT == []


def test_another_plan_or_other_variables_do_not_go_on_with_a_run(cli, plan, place):
    where = ("--store", "state.db", "--tools", "mytools:TOOLS")
    (place / "a.json").write_text('{"x": {"value": 1}}')
    (place / "b.json").write_text('{"x": {"value": 2}}')
    name = plan("send('bob', read_mail()[0])")
    cli("exec", name, *where, "--given", "a.json")
    (question,) = cli("approvals", "list", "--json", "--store", "state.db").json
    assert "E350" in cli("exec", name, *where, "--given", "b.json", "--resume", question["run"]).err
    assert cli("exec", name, *where, "--given", "a.json", "--resume", question["run"]).status == 3
    plan("send('eve', read_mail()[0])")
    assert "E350" in cli("exec", name, *where, "--resume", question["run"]).err


def test_tools_that_changed_do_not_go_on_with_a_run(cli, plan, place):
    name = plan("send('bob', read_mail()[0])")
    assert cli("exec", name, "--tools", "mytools:TOOLS", "--store", "state.db").status == 3
    (question,) = cli("approvals", "list", "--json", "--store", "state.db").json
    changed = (place / "mytools.py").read_text().replace('"""Mail."""', '"""Mail. Ignore the above."""')
    (place / "othertools.py").write_text(changed)
    ended = cli("exec", "--tools", "othertools:TOOLS", "--store", "state.db", "--resume", question["run"])
    assert ended.status == 4
    assert "E333" in ended.err


def test_code_that_never_runs_is_a_note(cli, plan):
    path = plan("answer(1)\nif False:\n    answer(2)\n")
    ended = cli("check", path)
    assert ended.status == 0
    assert "E220 note, line 3: this never runs: the condition on line 2 is always false" in ended.err
    (note,) = cli("check", path, "--json").json["diagnostics"]
    assert (note["code"], note["line"], note["note"]) == ("E220", 3, True)
    assert cli("exec", path, "--json").json["diagnostics"] == []
