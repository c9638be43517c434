"""`run`, `plan`, `demo`, `init`, `approvals`, `audit`, `explain`: on a real workspace, with the offline stand-in."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

import pytest

from ringfence.cli import graph
from ringfence.connectors.demo import create_demo
from ringfence.connectors.mail import Inbox
from ringfence.connectors.rooted import Root
from ringfence.session.firewall import Firewall
from ringfence.testing import Behaviour, ModelServer

REQUEST = "Send today's schedule to my boss John Doe"
RUN = ("run", REQUEST, "--workspace", "ws", "--model", "offline")


@pytest.fixture
def workspace(place):
    return create_demo(place / "ws", today=datetime.now(UTC).date())


def delivered(workspace):
    return Inbox(Root(workspace.path / "outbox"), UTC).newest(10)


def test_the_main_job_is_shown_and_done(cli, workspace):
    ended = cli(*RUN, "--approve", "all")
    assert ended.status == 0
    assert re.fullmatch(r"The schedule for .* was sent to John Doe\.\n", ended.out)
    for part in ("offline stand-in", "Plan (", "Forecast", "Calls", "✓ allowed   list_events", "✓ approved  send_mail"):
        assert part in ended.err
    assert re.search(r"audit: ws/state/ringfence.db: \d+ records of this run, \d+ in all, it verifies", ended.err)
    (mail,) = delivered(workspace)
    assert mail.recipients == ["john.doe@harbour.example"]
    assert "09:00–09:15 Team stand-up (Room 1)" in mail.body


def test_the_same_as_one_object(cli, workspace):
    ended = cli(*RUN, "--approve", "all", "--json")
    made = ended.json
    assert made["outcome"] == "completed"
    assert [call["tool"] for call in made["calls"]] == ["find_contact", "list_events", "send_mail"]
    assert [call["verdict"] for call in made["calls"]] == ["allow", "allow", "ask"]
    assert made["audit"]["verified"] is True
    assert made["models"] == {"planner": "offline", "quarantine": "offline"}
    assert made["text"].startswith("The schedule for")
    assert [call["tool"] for call in made["forecast"]] == ["find_contact", "list_events", "send_mail"]
    assert "Plan (" not in ended.err


def test_without_anybody_to_ask_it_waits_and_goes_on_once(cli, workspace):
    waiting = cli(*RUN, "--json")
    assert (waiting.status, waiting.json["outcome"]) == (3, "waiting")
    assert delivered(workspace) == []
    assert "│ " not in waiting.err
    shown = cli("approvals", "show", waiting.json["approval"], "--workspace", "ws")
    assert 'to  (who receives it)\n    │ ["john.doe@harbour.example"]' in shown.out
    assert cli("approvals", "approve", waiting.json["approval"], "--workspace", "ws").status == 0
    assert cli("approvals", "approve", waiting.json["approval"], "--workspace", "ws").status == 1
    again = ("run", "--resume", waiting.json["run"], "--workspace", "ws", "--json")
    assert cli(*again).json["outcome"] == "completed"
    assert cli(*again).status == 4
    assert len(delivered(workspace)) == 1
    assert cli("approvals", "list", "--workspace", "ws").out == ""


def test_a_person_who_reads_the_log_sees_what_is_waited_for(cli, workspace):
    waiting = cli(*RUN)
    assert (waiting.status, waiting.out) == (3, "")
    assert "    │ 09:00–09:15 Team stand-up (Room 1)" in waiting.err
    approve, resume = re.findall("`ringfence ([^`]*)`", waiting.err.partition("Decide until")[2])
    assert re.fullmatch("approvals approve [0-9a-f]{16} --workspace ws", approve)
    assert re.fullmatch("run --resume [0-9a-f]{12} --workspace ws", resume)
    assert f"`ringfence {resume}`" in cli(*approve.split()).out
    assert cli(*resume.split()).status == 0
    assert len(delivered(workspace)) == 1


def test_a_request_that_nobody_understands(cli, workspace):
    ended = cli("run", "Paint the office green", "--workspace", "ws", "--json")
    assert (ended.status, ended.json["outcome"], ended.json["error"]["code"]) == (4, "failed", "E112")
    assert ended.json["calls"] == []
    assert "OPENAI_API_KEY" in ended.err


def test_a_failed_tool_says_why_to_the_user_only_as_text(cli, workspace):
    ended = cli("run", "Send today's schedule to Nobody Known", "--workspace", "ws")
    assert ended.status == 4
    assert "in detail, for the user only:\n    │ E330: find_contact failed: NotFound\n    │ " in ended.err
    assert "in detail" not in cli("run", "Send today's schedule to Nobody Known", "--workspace", "ws", "--json").err
    assert "Nobody Known" not in cli("audit", "export", "--workspace", "ws").out


@pytest.mark.parametrize("damage", ["ringfence.toml", "calendar", "inbox/cur"])
def test_a_damaged_workspace(cli, workspace, damage):
    (workspace.path / damage).rename(workspace.path / "gone")
    ended = cli(*RUN)
    assert ended.status == 2
    assert "C505" in ended.err or "C508" in ended.err


def test_a_run_with_tools_of_ones_own(cli):
    ended = cli("run", "Send an email", "--tools", "mytools:TOOLS", "--model", "offline")
    assert ended.status == 4
    assert "E112" in ended.err


PLAN = """Here is the plan:

```python
mails = list_mail(20)
gist = quarantine("Summarise in one sentence.", mails, returns=str)
answer(gist)
```"""


def test_a_real_model_over_the_wire(command, workspace):
    """Planner and quarantined model through the provider's own client; the answer is as untrusted as the mail."""
    with ModelServer([PLAN.replace("list_mail(20)", "list_mial(20)"), PLAN, "Invoices and a meeting."]) as server:
        model = f"openai:test-model@{server.url}"
        ended = command(*RUN[:-1], model, "--json", env={"OPENAI_API_KEY": "key"})
    made = ended.json
    assert (ended.status, made["outcome"], made["text"]) == (0, "completed", "Invoices and a meeting.")
    assert "tool:list_mail" in made["answer"]["label"]["sources"]
    assert [call["tool"] for call in made["calls"]] == ["list_mail", "quarantine"]
    assert len(server.requests) == 3
    planning = [json.dumps(request.body) for request in server.requests[:2]]
    assert "did you mean `list_mail`?" in planning[1]
    assert all("INV-" not in text for text in planning)
    assert "INV-" in json.dumps(server.requests[2].body)


@pytest.mark.parametrize(
    ("behaviour", "outcome", "code"),
    [
        (Behaviour("I cannot help with that."), "failed", "E110"),
        (Behaviour(status=401), "failed", "E360"),
        (Behaviour(finish="refusal", text="no"), "failed", "E360"),
        (Behaviour("```python\nfoo()\n```"), "rejected", "E111"),
        (Behaviour(raw=b'{"choices": ['), "failed", "E360"),
    ],
)
def test_a_model_that_does_something_else(cli, workspace, monkeypatch, behaviour, outcome, code):
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with ModelServer([behaviour]) as server:
        ended = cli(*RUN[:-1], f"openai:test-model@{server.url}", "--json")
    assert (ended.json["outcome"], ended.json["error"]["code"], ended.json["calls"]) == (outcome, code, [])
    assert "cannot help" not in ended.err


def test_a_dry_run_calls_nothing(cli, workspace):
    ended = cli("plan", REQUEST, "--workspace", "ws")
    assert ended.status == 0
    assert "find_contact(" in ended.out
    assert re.search(r"send_mail +~ may ask", ended.out)
    assert re.search(r"body <╍╍! list_events", ended.out)
    assert re.search(r"to +<── +find_contact", ended.out)
    assert delivered(workspace) == []
    listed = cli("audit", "list", "--workspace", "ws", "--json").json
    assert [run["outcome"] for run in listed] == ["planned"]


def test_a_plan_as_json_runs_under_exec(cli, workspace, place):
    ended = cli("plan", REQUEST, "--workspace", "ws", "--json")
    (place / "plan.json").write_text(ended.out)
    assert ended.json["error"] is None
    send = ended.json["forecast"][2]
    assert [one["name"] for one in send["arguments"]] == ["to", "subject", "body"]
    assert [one["literal"] for one in send["arguments"]] == [False, True, False]
    assert cli("exec", "plan.json").status == 2  # the tools are not there: but it was read


def test_the_graph_as_mermaid(cli, workspace):
    out = cli("plan", REQUEST, "--workspace", "ws", "--format", "mermaid").out
    assert out.startswith("flowchart LR\n")
    assert 'n1 -.->|"⚠ body"| n2' in out
    assert 'n0 -->|"to"| n2' in out
    assert "linkStyle 1 stroke:#cf222e" in out


def test_the_graph_as_svg_and_as_a_page_that_loads_nothing(cli, workspace):
    svg = cli("plan", REQUEST, "--workspace", "ws", "--format", "svg").out
    tree = ElementTree.fromstring(svg)
    texts = [element.text for element in tree.iter() if element.text]
    assert {"find_contact", "list_events", "send_mail", "answer", "⚠ body", "⚠ may hold untrusted text"} <= set(texts)
    page = cli("plan", REQUEST, "--workspace", "ws", "--format", "html").out
    assert svg.strip() in page
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|href)\s*=\s*["']?(?!#)|url\((?!#)|@import""", page)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


def test_boxes_of_a_picture_lie_apart_and_inside():
    def read(x: int) -> int:
        return x

    text = "".join(f"v{i} = read({' + '.join(f'v{j}' for j in range(max(0, i - 3), i)) or 1})\n" for i in range(9))
    loop = "for i in range(3):\n    v0 = read(v8)\nanswer(v0 + v8)"
    picture = graph.draw(Firewall([read], policy={"read": {"effect": "read"}}).check(text + loop), frozenset())
    tree = ElementTree.fromstring(graph.svg(picture))
    width, height = float(tree.get("width")), float(tree.get("height"))
    found = list(tree.iter("{http://www.w3.org/2000/svg}rect"))[1:]
    boxes = [[float(one.get(key)) for key in ("x", "y", "width", "height")] for one in found]
    assert len(boxes) == 11
    for x, y, w, h in boxes:
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height
    for index, (x, y, w, h) in enumerate(boxes):
        for other_x, other_y, other_w, other_h in boxes[:index]:
            apart = x + w <= other_x or other_x + other_w <= x or y + h <= other_y or other_y + other_h <= y
            assert apart


def test_text_of_a_plan_cannot_leave_its_place_in_a_picture():
    text = 'x = read("</svg><script>alert(1)</script>\\x1b[31m")\nsend("a", x)'

    def read(name: str) -> str:
        return name

    def send(to: str, body: str) -> None:
        pass

    planned = Firewall([read, send]).check(text)
    picture = graph.draw(planned, frozenset({"user", "developer"}))
    page = graph.html(picture, planned, "<b>\x1b", frozenset())
    assert "<script" not in page
    assert "\x1b" not in page + graph.mermaid(picture) + graph.svg(picture)
    ElementTree.fromstring(graph.svg(picture))


def test_the_demonstration_and_its_comparison(cli, place):
    ended = cli("demo", "shown", "--json")
    made = ended.json
    assert ended.status == 0
    assert [run["attacked"] for run in made["runs"]] == [False, True]
    assert made["comparison"]["same_calls"] is True
    assert made["comparison"]["same_recipients"] is True
    (difference,) = made["comparison"]["differences"]
    assert (difference["tool"], difference["parameter"], difference["removed"]) == ("send_mail", "body", [])
    assert all(run["result"]["audit"]["verified"] for run in made["runs"])
    assert all(run["delivered"][0]["to"] == ["john.doe@harbour.example"] for run in made["runs"])
    assert sorted(path.name for path in (place / "shown").iterdir()) == ["attacked", "ordinary"]
    assert cli("demo", "shown").status == 2


def test_the_demonstration_for_people(cli):
    ended = cli("demo", "shown", "--yes")
    assert ended.status == 0
    parts = ["An ordinary day", "Plan (", "Forecast", "asked by", "on the person's behalf", "✓ approved  send_mail"]
    parts += ["What the mail server delivered", "it verifies", "IGNORE THE ABOVE", "the same calls in the same order"]
    parts += ["the same recipients", "Different: body of send_mail", "words inside the mail's body"]
    position = 0
    for part in parts:
        position = ended.out.find(part, position)
        assert position >= 0, part


def test_init_overwrites_nothing(cli, place):
    assert cli("init", "--demo", "ws", "--attacked").status == 0
    assert cli("init", "--demo", "ws").status == 2
    assert cli("init").status == 0
    assert cli("check", "-", input="answer(1)").status == 0  # what it wrote can be read
    assert cli("init").status == 2
    assert json.loads(cli("init", "--demo", "other", "--json").out)["workspace"] is True


def test_the_audit_is_listed_shown_and_exported(cli, workspace):
    run = cli(*RUN, "--approve", "all", "--json").json["run"]
    where = ("--workspace", "ws")
    assert run in cli("audit", "list", *where).out
    shown = cli("audit", "show", run, *where).out
    assert "tool send_mail; verdict ask" in shown
    assert cli("audit", "show", run[:6], *where).out == shown
    lines = [json.loads(line) for line in cli("audit", "export", *where).out.splitlines()]
    assert [one["number"] for one in lines[:-1]] == list(range(len(lines) - 1))
    assert lines[-1] == {"head": {"count": len(lines) - 1, "hash": lines[-2]["hash"]}}
    assert len(cli("audit", "export", "--run", run, "--json", *where).json) == len(lines)
    assert "john.doe" not in cli("audit", "export", *where).out  # values are not in the audit
    assert re.fullmatch(r"the audit verifies: \d+ records, head [0-9a-f]{64}\n", cli("audit", "verify", *where).out)


def test_codes_are_explained(cli):
    assert cli("explain", "p403").out.startswith("P403: denied under a private condition\n\n")
    assert cli("explain", "P403", "--json").json["code"] == "P403"
    assert "C505  workspace not found" in cli("explain").out


HEAVY = ("pydantic", "pydantic_ai", "sqlalchemy", "rich", "httpx2", "aiosmtpd", "icalendar", "openai", "ringfence.lang")
LOADED = f"""
import sys
from ringfence.cli.app import app
try:
    app.main(["--help"])
except SystemExit:
    pass
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


def test_help_imports_nothing_that_a_command_needs(environment):
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, env=environment)
    assert "exec" in done.stdout
    assert done.stderr == "[]\n"


def test_a_person_at_a_terminal_is_asked(workspace, environment, place):
    """A real terminal: only a typed y is a yes, and what was typed before the question does not count."""
    mine, theirs = os.openpty()
    command = [sys.executable, "-m", "ringfence", *RUN]
    process = subprocess.Popen(command, cwd=place, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(mine, b"y\ny\n")
    answers, shown, asked = [b"maybe\n", b"y\n"], b"", 0
    while True:
        try:
            piece = os.read(mine, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
        while shown.count(b"[y/n/w/e/a/?] ") > asked:
            assert delivered(workspace) == []
            os.write(mine, answers[asked])
            asked += 1
    os.close(mine)
    assert process.wait(30) == 0
    assert asked == 2
    assert "│ 09:00–09:15 Team stand-up (Room 1)" in shown.decode()
    assert len(delivered(workspace)) == 1


def test_how_many_questions_were_asked_is_said_at_the_end(cli, workspace):
    assert "\n1 question was asked\n" in cli(*RUN, "--approve", "all").err
