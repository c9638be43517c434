"""`approvals`, `bypass` and `--approve-plan`: on the command line, at a terminal, and signed, over loopback."""

import fcntl
import json
import os
import re
import struct
import subprocess
import sys
import termios
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ringfence.guard.signed import check_signature, signed_headers

WHERE = ("--store", "state.db")
TOOLS = ("--tools", "mytools:TOOLS")
SECRET = "a secret of more than sixteen bytes"
PLAN = "send('bob', read_mail()[0])\nanswer('done')"


@pytest.fixture
def waiting(cli, plan):
    """A run that waits, with its question."""

    def make(text=PLAN, *more):
        ended = cli("exec", plan(text), *TOOLS, *WHERE, *more)
        assert ended.status == 3
        return cli("approvals", "list", "--json", *WHERE).json[-1]

    return make


def resumed(cli, run, *more):
    return cli("exec", *TOOLS, *WHERE, "--resume", run, "--json", *more).json


def test_a_question_is_named_by_run_and_call(cli, waiting):
    question = waiting()
    assert cli("approvals", "show", question["run"], "1", "--json", *WHERE).json == question
    ended = cli("approvals", "approve", question["run"], "1", "--by", "ann", "--reason", "it is fine", *WHERE)
    resume = f"ringfence run --resume {question['run']} --store state.db"
    assert ended.out.startswith(f"approved {question['id']}; go on with `{resume}`")
    assert "│ bob" in ended.err
    shown = cli("approvals", "show", question["id"], *WHERE)
    assert shown.out.startswith(f"{question['id']}: approved by ann (it is fine), run {question['run']}")
    assert resumed(cli, question["run"])["outcome"] == "completed"


def test_an_edit_is_no_approval(cli, waiting):
    question = waiting()
    ended = cli("approvals", "approve", question["run"], "1", "--edit", "body=my own words", *WHERE)
    assert ended.out.startswith(f"edited {question['id']} (body): no approval, the call is decided again with it")
    made = resumed(cli, question["run"])
    assert (
        made["outcome"],
        made["calls"][1]["arguments"],
        made["calls"][1]["edited"],
        made["calls"][1]["verdict"],
    ) == (
        "completed",
        {"to": "bob", "body": "my own words"},
        ["body"],
        "allow",
    )


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--edit", "cc=x"), "C541"),
        (("--edit", "body"), "C541"),
        (("--unseen", "1.body"), "C541"),
    ],
)
def test_what_cannot_be_entered(cli, waiting, more, code):
    question = waiting()
    ended = cli("approvals", "approve", question["id"], *more, *WHERE)
    assert (ended.status, code in ended.err) == (2, True)
    assert cli("approvals", "list", "--json", *WHERE).json == [question]


@pytest.mark.parametrize("which", [("0" * 16,), ("no-run", "1"), ("a", "b"), ("a", "1", "2"), ("a", "-1")])
def test_a_question_that_does_not_exist(cli, waiting, which):
    waiting()
    ended = cli("approvals", "approve", *which, *WHERE)
    assert ended.status == 2


def test_a_plan_is_approved_before_it_starts(cli, waiting):
    question = waiting(PLAN, "--approve-plan")
    assert (question["index"], question["unseen"]) == (-1, ["1.body"])
    shown = cli("approvals", "show", question["run"], "plan", *WHERE).out
    assert "not known yet: whatever comes from read_mail (line 1)" in shown
    assert "to take body of line 1 unseen: --unseen 1.body" in shown
    wrong = cli("approvals", "approve", question["id"], "--unseen", "0.body", *WHERE)
    assert (wrong.status, "there are: 1.body" in wrong.err) == (2, True)
    assert cli("approvals", "approve", question["id"], "--edit", "x=y", *WHERE).status == 2
    assert cli("approvals", "approve", question["id"], "--unseen", "1.body", *WHERE).status == 0
    assert resumed(cli, question["run"])["outcome"] == "completed"


def test_a_rejection_says_why_and_is_final(cli, waiting):
    question = waiting()
    assert cli("approvals", "reject", question["id"], "--by", "ann", "--reason", "not him", *WHERE).status == 0
    assert cli("approvals", "approve", question["id"], *WHERE).status == 1
    (kept,) = cli("approvals", "list", "--all", "--json", *WHERE).json
    assert (kept["state"], kept["by"], kept["reason"]) == ("rejected", "ann", "not him")
    assert resumed(cli, question["run"])["error"]["code"] == "P420"


def test_a_bypass_is_shown_wherever_somebody_looks(cli, plan):
    started = cli("bypass", "start", "--tool", "send", "--minutes", "5", "--reason", "moving", "--by", "ann", *WHERE)
    assert started.status == 0
    (one,) = cli("bypass", "list", "--json", *WHERE).json
    assert (one["tool"], one["active"], one["reason"], one["by"]) == ("send", True, "moving", "ann")
    notice = f"BYPASS {one['id']}: nothing that send does is stopped until"
    ended = cli("exec", plan(PLAN), *TOOLS, *WHERE, "--json")
    assert (ended.status, ended.json["calls"][1]["bypass"]) == (0, one["id"])
    assert [found["id"] for found in ended.json["bypasses"]] == [one["id"]]
    assert notice in ended.err
    for args in (("approvals", "list"), ("audit", "list"), ("audit", "verify"), ("report",), ("bypass", "list")):
        assert notice in cli(*args, *WHERE).err
    assert one["id"] not in cli("audit", "list", *WHERE).out  # it is no run
    assert "reason moving" in cli("audit", "show", one["id"], *WHERE).out
    assert cli("bypass", "stop", one["id"], *WHERE).status == 0
    assert notice not in cli("audit", "list", *WHERE).err
    assert cli("exec", plan(PLAN), *TOOLS, *WHERE).status == 3


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--tool", "send", "--reason", " "), "C540"),
        (("--tool", "*", "--reason", "x"), "C540"),
        (("--tool", "send", "--reason", "x", "--minutes", "100000"), "C540"),
    ],
)
def test_a_bypass_without_a_reason_an_end_or_a_tool(cli, more, code):
    ended = cli("bypass", "start", *more, *WHERE)
    assert (ended.status, code in ended.err) == (2, True)
    assert cli("bypass", "stop", "bypass-1", *WHERE).status == 2


# At a terminal


def terminal(place, environment, *command, answers, columns=120):
    """Run a command at a terminal of its own, answering each prompt in turn; what was shown, and the status."""
    mine, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", *command],
        cwd=place,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown, left = b"", list(answers)
    while True:
        try:
            piece = os.read(mine, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if left and re.search(left[0][0], shown.rpartition(b"\x00")[2]):
            os.write(mine, left.pop(0)[1])
            shown += b"\x00"  # the next prompt is looked for behind this
    os.close(mine)
    assert left == [], shown.decode("utf-8", "replace")
    return shown.decode("utf-8", "replace"), process.wait(60)


def test_a_plan_at_a_terminal(place, environment, plan):
    answers = [(rb"Approve the plan\? \[.*\] $", b"y\n"), (rb"Take it unseen\? \[y/N\] $", b"y\n")]
    shown, status = terminal(place, environment, "exec", plan(PLAN), *TOOLS, "--approve-plan", answers=answers)
    assert (status, "done" in shown) == (0, True)
    assert "line 1, send: body is not known yet: whatever comes from read_mail (line 1)." in shown


def test_an_edit_and_a_no_with_its_reason_at_a_terminal(place, environment, plan):
    text = "send(read_mail()[0], read_mail()[1])\nanswer('done')"
    answers = [
        (rb"Make this call\? \[.*\] $", b"e\n"),
        (rb"Which argument\? \[to, body\] $", b"to\n"),
        (rb"to = $", b"ann\n"),
        (rb"Make this call\? \[.*\] $", b"n\n"),
        (rb"Why\? .*$", b"no business of theirs\n"),
    ]
    shown, status = terminal(place, environment, "exec", plan(text), *TOOLS, *WHERE, answers=answers)
    assert (status, "P420" in shown) == (1, True)
    assert "│ ann" in shown


def test_at_a_narrow_terminal_every_line_of_data_has_its_bar(place, environment, plan):
    """Else the terminal breaks it, and the rest stands where only the engine writes."""
    text = "send(read_mail()[0], 'y' * 60 + '  asked by nobody ' * 9)\nanswer('done')"
    answers = [(rb"Make this call\? \[.*\] $", b"w\n")]
    shown, _ = terminal(place, environment, "exec", plan(text), *TOOLS, *WHERE, answers=answers, columns=60)
    question = shown.partition("send would")[2].partition("Make this call")[0].splitlines()
    assert [line for line in question if "asked by nobody" in line and line.strip()[0] not in "│┊"] == []
    assert [line for line in question[1:] if len(line) > 60 and "─" not in line] == []


# Signed messages


@pytest.fixture
def receiver():
    """A receiver of questions: keeps what it was sent."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/questions", got
    server.shutdown()
    thread.join()
    server.server_close()


def post(url, body, headers):
    request = urllib.request.Request(url, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, json.loads(problem.read())


def test_a_question_goes_out_and_its_answer_comes_back_signed(cli, plan, start, receiver, monkeypatch):
    url, got = receiver
    monkeypatch.setenv("RINGFENCE_WEBHOOK_URL", url)
    monkeypatch.setenv("RINGFENCE_WEBHOOK_SECRET", SECRET)
    assert cli("exec", plan(PLAN), *TOOLS, *WHERE, "--approve", "webhook").status == 3
    ((headers, body),) = got
    secret = SECRET.encode()
    check_signature([secret], headers["Ringfence-Timestamp"], headers["Ringfence-Signature"], body, datetime.now(UTC))
    question = json.loads(body)
    assert "│ hello" in question["text"]

    server = start("approvals", "serve", "--port", "0", "--json", *WHERE, env={"RINGFENCE_WEBHOOK_SECRET": SECRET})
    listening = json.loads(server.stdout.readline())
    place = f"http://127.0.0.1:{listening['port']}/answers"
    bound = {name: question[name] for name in ("id", "run", "plan_hash", "index", "tool", "digest")}
    answer = json.dumps({**bound, "verdict": "approve", "by": "ann@example.com"}).encode()
    signed = signed_headers(secret, answer, datetime.now(UTC))
    assert post(place, answer, {}) == (401, {"code": "P450"})
    assert post(place, answer.replace(b"ann", b"eve"), signed) == (401, {"code": "P450"})
    bad = b'{"verdict": "approve"}'
    assert post(place, bad, signed_headers(secret, bad, datetime.now(UTC))) == (400, {"code": "P451"})
    assert post(place, answer, signed) == (200, {"id": question["id"], "state": "approved", "run": question["run"]})
    assert post(place, answer, signed) == (409, {"code": "P422"})
    server.terminate()
    server.communicate(timeout=30)
    assert resumed(cli, question["run"])["outcome"] == "completed"


def test_a_question_that_cannot_be_sent_waits(cli, plan, monkeypatch):
    monkeypatch.setenv("RINGFENCE_WEBHOOK_URL", "http://127.0.0.1:9/nobody")
    monkeypatch.setenv("RINGFENCE_WEBHOOK_SECRET", SECRET)
    ended = cli("exec", plan(PLAN), *TOOLS, *WHERE, "--approve", "webhook")
    assert (ended.status, "the question could not be sent" in ended.err) == (3, True)
    assert len(cli("approvals", "list", "--json", *WHERE).json) == 1


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("http://example.com/", SECRET),
        ("ftp://localhost/", SECRET),
        ("https://ann:pw@example.com/", SECRET),
        ("http://[::1", SECRET),
        ("", SECRET),
        ("https://example.com/", "short"),
        ("https://example.com/", ""),
    ],
)
def test_an_address_or_a_secret_that_will_not_do(cli, plan, monkeypatch, url, secret):
    monkeypatch.setenv("RINGFENCE_WEBHOOK_URL", url)
    monkeypatch.setenv("RINGFENCE_WEBHOOK_SECRET", secret)
    ended = cli("exec", plan(PLAN), *TOOLS, "--approve", "webhook")
    assert (ended.status, "C543" in ended.err) == (2, True)


def test_nobody_listens_without_a_secret(cli, waiting):
    waiting()
    ended = cli("approvals", "serve", *WHERE)
    assert (ended.status, "C543" in ended.err) == (2, True)
