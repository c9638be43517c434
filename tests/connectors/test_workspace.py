"""The demonstration workspace and its servers: made, opened, checked, started, stopped."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from ringfence.connectors.calendar import Calendar
from ringfence.connectors.contacts import AddressBook
from ringfence.connectors.demo import create_demo
from ringfence.connectors.errors import NotDone
from ringfence.connectors.mail import Inbox
from ringfence.connectors.servers import DemoServers
from ringfence.connectors.smtp import send
from ringfence.connectors.workspace import FOLDERS, open_workspace
from ringfence.core.errors import ConfigError


def test_what_was_made_can_be_opened(workspace):
    assert open_workspace(workspace.path) == workspace
    assert workspace.user == "alex.morgan@harbour.example"


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2025, 12, 31), date(2026, 3, 28), date(2027, 1, 1)])
def test_a_demonstration_fits_any_day(tmp_path, day):
    workspace = create_demo(tmp_path / "w", today=day)
    events = Calendar(workspace.root("calendar"), workspace.user, workspace.timezone).between(day, day)
    assert len(events) == 6
    newest = Inbox(workspace.root("inbox"), workspace.timezone).newest(1)[0]
    assert newest.date.date() == day


def test_the_attacked_one_differs_by_the_attackers_texts_alone(workspace, attacked):
    def contents(workspace):
        return {
            str(path.relative_to(workspace.path)): path.read_bytes()
            for path in workspace.path.rglob("*")
            if path.is_file() and "inbox" not in path.parts
        }

    fine, bad = contents(workspace), contents(attacked)
    assert {name for name in bad if fine.get(name) != bad[name]} == {
        "calendar/calendar-migration.ics",
        "files/faq.md",
        "pages/article.html",
    }
    day = date(2026, 3, 4)
    events = Calendar(attacked.root("calendar"), attacked.user, attacked.timezone).between(day, day)
    assert any("eve@attacker.example" in event.description for event in events)
    mails = [Inbox(each.root("inbox"), each.timezone).newest(50) for each in (workspace, attacked)]
    assert len(mails[1]) == len(mails[0]) + 1
    assert AddressBook(attacked.root("contacts")).all() == AddressBook(workspace.root("contacts")).all()


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="not empty; nothing was written"):
        create_demo(tmp_path, today=date(2026, 3, 4))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="could not be written"):
        create_demo(tmp_path / "file" / "w", today=date(2026, 3, 4))


def code_of(path):
    with pytest.raises(ConfigError) as caught:
        open_workspace(path)
    return caught.value.code, caught.value.message


def test_no_workspace(tmp_path):
    assert code_of(tmp_path)[0] == "C505"
    assert code_of(tmp_path / "missing")[0] == "C505"
    assert not (tmp_path / "missing").exists()


def test_a_workspace_may_be_named_by_a_link(workspace, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(workspace.path)
    monkeypatch.chdir(tmp_path)
    assert open_workspace(Path("link")).path == workspace.path
    (tmp_path / "loop").symlink_to("loop")
    assert code_of(tmp_path / "loop")[0] == "C505"


@pytest.mark.parametrize("folder", [folder.rstrip("/") for folder in FOLDERS])
def test_a_missing_folder_is_named(workspace, folder):
    shutil.rmtree(workspace.path / folder)
    code, message = code_of(workspace.path)
    assert code == "C508"
    assert message == f"the workspace has no folder {folder}"


def test_a_folder_that_is_a_link_is_refused(workspace, tmp_path):
    shutil.rmtree(workspace.path / "files")
    (workspace.path / "files").symlink_to(tmp_path)
    assert code_of(workspace.path) == ("C508", "the workspace has no folder files")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "C508"),
        (b"\xff\xfe", "C508"),
        (b"[workspace", "C508"),
        (b"workspace = 1", "C508"),
        (b"x = " + b"[" * 100_000, "C508"),
        (b"[workspace]\nkind = 'other'\nuser = 'a@x.example'", "C508"),
        (b"[workspace]\nkind = 'demo'", "C508"),
        (b"[workspace]\nkind = 'demo'\nuser = 'secret'", "C508"),
        (b"[workspace]\nkind = 'demo'\nuser = 5", "C508"),
        (b"[workspace]\nkind = 'demo'\nuser = 'a@x.example'\ntimezone = 'secret/../x'", "C508"),
        (b"[workspace]\nkind = 'demo'\nuser = 'a@x.example'\nsecret = 1", "C507"),
    ],
)
def test_a_damaged_configuration_is_told_without_its_content(workspace, text, code):
    (workspace.path / "ringfence.toml").write_bytes(text)
    found, message = code_of(workspace.path)
    assert found == code
    assert "ringfence.toml" in message
    assert "secret" not in message


def test_other_tables_of_the_file_are_for_others(workspace):
    with (workspace.path / "ringfence.toml").open("a") as file:
        file.write('\n[tools.send_mail]\nask = "False"\n')
    assert open_workspace(workspace.path) == workspace


def test_servers_run_while_they_are_wanted(workspace):
    before = threading.active_count()
    with DemoServers(workspace):
        smtp = workspace.endpoints.smtp
        assert smtp[0] == "127.0.0.1"
        assert set(workspace.endpoints.web) == {"demo.local"}
        with pytest.raises(NotDone, match="running already"), DemoServers(workspace):
            pass
        assert workspace.endpoints.smtp == smtp
    assert workspace.endpoints.smtp is None
    assert workspace.endpoints.web == {}
    assert threading.active_count() == before
    with pytest.raises(NotDone):
        send(smtp, workspace.user, ["bob@x.example"], "s", "b")


def test_servers_can_be_started_again_and_two_workspaces_have_their_own(workspace, attacked):
    servers = DemoServers(workspace)
    with servers:
        pass
    with servers, DemoServers(attacked):
        assert workspace.endpoints.smtp != attacked.endpoints.smtp
        send(attacked.endpoints.smtp, attacked.user, ["bob@x.example"], "s", "b")
    assert [len(list((each.path / "outbox" / "new").iterdir())) for each in (workspace, attacked)] == [0, 1]


def test_a_client_that_stays_does_not_keep_the_servers(workspace):
    with DemoServers(workspace):
        idle = [
            socket.create_connection(workspace.endpoints.smtp),
            socket.create_connection(*workspace.endpoints.web.values()),
        ]
        assert idle[0].recv(3) == b"220"
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    for connection in idle:
        connection.close()


def test_servers_stop_when_the_block_fails(workspace):
    with pytest.raises(ZeroDivisionError), DemoServers(workspace):
        raise ZeroDivisionError
    assert workspace.endpoints.smtp is None


def test_importing_the_connectors_loads_no_parser_and_no_server():
    script = (
        "import sys, ringfence.connectors, ringfence.connectors.workspace, ringfence.connectors.servers;"
        "import ringfence.connectors.demo, ringfence.connectors.calendar, ringfence.connectors.web;"
        "heavy = {'icalendar', 'vobject', 'aiosmtpd', 'httpx2', 'selectolax', 'pydantic'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
