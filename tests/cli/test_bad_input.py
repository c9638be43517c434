"""Bad input on the command line: a status, a code, something to do; no traceback and nothing of any value."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest


def refused(ended, code, status=2):
    assert ended.status == status
    assert code in ended.err
    assert "Traceback" not in ended.err + ended.out
    assert "SECRET" not in ended.err + ended.out


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("binary", bytes(range(256)) * 10, "C506"),
        ("nul", b"x = 1\0\n", "E101"),
        ("half", b'{"ringfence": "plan", "body": [', "E104"),
        ("other", b'{"ringfence": "plan", "version": 99, "body": []}', "E104"),
        ("nested", b'{"ringfence": ' + b"[" * 100_000, "E104"),
        ("deep", b"x = " + b"(" * 5000 + b"1" + b")" * 5000, "E10"),
        ("utf16", "x = 1".encode("utf-16"), "C506"),
    ],
)
def test_a_file_that_is_no_plan(cli, place, name, data, code):
    (place / name).write_bytes(data)
    for command in ("exec", "check"):
        refused(cli(command, name, "--json"), code)


def test_a_plan_that_is_not_there_or_not_a_file(cli, place):
    (place / "folder").mkdir()
    for name in ("nothing.py", "folder", "a\0b"):
        refused(cli("exec", name), "C506")
    refused(cli("exec"), "C500")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("raise ValueError('SECRET')", "C501"),
        ("import sys\nsys.exit(7)", "C501"),
        ("def (", "C501"),
        ("import nothing_like_this", "C501"),
        ("TOOLS = [1, 2]", "C501"),
        ("TOOLS = {'a': 1}", "C501"),
        ("TOOLS = 'SECRET'", "C501"),
        ("TOOLS = None", "C501"),
        ("def TOOLS(x): return []", "C501"),
        ("def TOOLS(): raise RuntimeError('SECRET')", "C501"),
        ("def TOOLS(): return 1", "C501"),
        ("other = []", "C501"),
        ("def f(): pass\nTOOLS = [f, f]", "C502"),
        ("def f(x: complex): pass\nTOOLS = [f]", "C502"),
        ("def answer(): pass\nTOOLS = [answer]", "C502"),
    ],
)
def test_tools_that_cannot_be_had(cli, place, plan, text, code, request):
    module = f"bad_{abs(hash(request.node.name))}"
    (place / f"{module}.py").write_text(text)
    refused(cli("exec", plan("answer(1)"), "--tools", f"{module}:TOOLS", "--json"), code)


@pytest.mark.parametrize(
    "value", ["", ":", "mytools", "mytools:", ":TOOLS", "nothing:TOOLS", "..:x", "os:path", "\ud800:x"]
)
def test_values_of_tools_that_are_none(cli, plan, value):
    refused(cli("exec", plan("answer(1)"), "--tools", value), "C501")


def test_tools_are_found_in_the_working_directory_and_on_the_path(command, plan, place, environment):
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / "far.py").write_text("def near() -> int:\n    return 7\nTOOLS = [near]")
    name = plan("answer(1)")
    path = f"{environment['PYTHONPATH']}{os.pathsep}{place / 'elsewhere'}"
    assert command("exec", name, "--tools", "mytools:TOOLS").status == 0
    assert command("exec", name, "--tools", "far:TOOLS").status == 2
    assert command("exec", name, "--tools", "far:TOOLS", env={"PYTHONPATH": path}).status == 0


@pytest.mark.parametrize(
    "text",
    [
        "", "[1]", "{", '{"x": 1}', '{"x": {}}', '{"x": {"value": 1, "source": []}}', '{"class": {"value": 1}}',
        '{"x": {"value": {"$nothing": 1}}}', '{"__x": {"value": 1}}', '{"x": {"value": 1, "readers": "bob"}}',
        '{"x": {"value": 1, "sources": [1]}}', '{"x": {"value": 1, "sources": [""]}}', '{"answer": {"value": 1}}',
        '{"send": {"value": 1}}', '{"x": {"value": ' + "[" * 5000 + "]" * 5000 + "}}", '{"x y": {"value": 1}}',
    ],
)  # fmt: skip
def test_variables_that_cannot_be_given(cli, place, plan, text):
    (place / "given.json").write_text(text)
    refused(cli("exec", plan("answer(1)"), "--tools", "mytools:TOOLS", "--given", "given.json"), "C504")


def test_a_huge_file_of_variables_works(cli, place, plan):
    (place / "given.json").write_text('{"x": {"value": [' + "1, " * 300_000 + '1], "sources": ["tool:a"]}}')
    ended = cli("exec", plan("answer(len(x))"), "--given", "given.json", "--json")
    assert ended.json["answer"] == {"value": 300_001, "label": {"sources": ["tool:a"], "readers": "everyone"}}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('mode = "strickt"', "C500"),
        ('moode = "strict"', "C507"),
        ("mode = ", "C500"),
        ("[tools.sendd]\neffect = 'read'", "C503"),
        ("[tools.send]\nallow = 'trusted(too)'", "C503"),
        ("[tools.send]\nalow = 'True'", "C503"),
        ("tools = 3", "C500"),
        ("trusted = ['unknown']", "C503"),
        ("[limits]\nsteps = -1", "C500"),
        ("[models]\nplanner = 'SECRET'", "C500"),
    ],
)
def test_a_policy_that_is_wrong(cli, place, plan, text, code):
    (place / "policy.toml").write_text(text)
    refused(cli("exec", plan("answer(1)"), "--tools", "mytools:TOOLS", "--policy", "policy.toml", "--json"), code)


def test_stores_that_cannot_be_used(cli, place, plan):
    name = plan("answer(1)")
    (place / "text.db").write_text("no database, " * 100)
    for store in (str(place), "text.db", "/proc/nothing/x.db", "foo://x"):
        refused(cli("exec", name, "--store", store, "--json"), "E370", 4)


def test_a_locked_store_makes_no_call(cli, place, plan):
    name = plan("send('bob', 'x')")
    assert cli("exec", plan("answer(1)"), "--store", "state.db").status == 0
    plan("send('bob', 'x')")
    holder = sqlite3.connect(place / "state.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        refused(cli("exec", name, "--tools", "mytools:TOOLS", "--store", "state.db"), "E370", 4)
    finally:
        holder.close()
    import mytools

    assert mytools.SENT == []


def test_a_changed_audit_is_told(cli, place, plan):
    cli("exec", plan("answer(1)"), "--store", "state.db")
    changed = sqlite3.connect(place / "state.db")
    changed.execute("UPDATE ringfence_audit SET data = replace(data, 'exec', 'exex') WHERE number = 0")
    changed.commit()
    changed.close()
    ended = cli("audit", "verify", "--store", "state.db", "--json")
    refused(ended, "E371", 4)
    assert (ended.json["ok"], ended.json["bad"]) == (False, 0)


def test_what_is_not_there_is_told(cli):
    refused(cli("approvals", "list"), "C509")
    refused(cli("audit", "list", "--store", "nothing.db"), "C509")
    refused(cli("run", "hello"), "C505")
    refused(cli("plan", "hello", "--workspace", "nothing"), "C505")
    refused(cli("exec", "--resume", "abc", "--store", "state.db"), "C510")
    refused(cli("approvals", "show", "abc", "--store", "state.db"), "C510")
    refused(cli("audit", "show", "abc", "--store", "state.db"), "C510")
    refused(cli("explian"), "did you mean explain?")
    refused(cli("explain", "P499"), "there is no code")
    refused(cli("run"), "REQUEST")
    refused(cli("run", "\ud800", "--tools", "mytools:TOOLS"), "C500")
    refused(cli("run", " ", "--tools", "mytools:TOOLS"), "C500")


# Streams and signals


def test_a_reader_that_leaves_is_no_failure_of_ours(start, plan):
    reading, writing = os.pipe()
    process = start("exec", plan("answer(list(range(100000)))"), "--json", stdout=writing)
    os.close(writing)
    os.close(reading)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (4, b"")


def test_a_full_disk_is_told(command, plan):
    with open("/dev/full", "w") as full:
        refused(command("exec", plan("answer(1)"), "--json", stdout=full), "C511", 4)
        assert command("exec", "nothing.py", stderr=full).status == 2


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-"])
def test_closed_streams(place, plan, environment, redirection):
    plan("answer(1)")
    line = f"exec {sys.executable} -m ringfence exec plan.py {redirection}"
    process = subprocess.run(["sh", "-c", line], cwd=place, env=environment, capture_output=True, check=False)
    assert process.returncode == 0
    assert b"Traceback" not in process.stderr


def test_an_encoding_that_lacks_the_characters(command, plan):
    ended = command("exec", plan("answer('│ ä')"), env={"PYTHONIOENCODING": "ascii"})
    assert (ended.status, ended.out) == (0, "\\u2502 \\xe4\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_no_exit_by_signal(start, place, plan, number):
    (place / "slow.py").write_text(
        "import pathlib, time\n"
        "def wait() -> None:\n    pathlib.Path('begun').touch()\n    time.sleep(60)\n"
        "TOOLS = [wait]"
    )
    process = start("exec", plan("wait()\nwait()"), "--tools", "slow:TOOLS")
    deadline = time.monotonic() + 30
    while not (place / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 4
    assert err.strip().startswith(b"interrupted:")
