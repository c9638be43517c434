"""Outgoing mail: to everybody or to nobody, never twice, and what arrives is what was sent."""

from __future__ import annotations

import email
import email.policy
import socket
import socketserver
import threading

import pytest

from ringfence.connectors.errors import NotAllowed, NotDone, PerhapsDone
from ringfence.connectors.smtp import send

SENDER = "alex@harbour.example"


def delivered(workspace):
    return [path.read_bytes() for path in sorted((workspace.path / "outbox" / "new").iterdir())]


def parsed(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def post(workspace, to=("bob@x.example",), subject="Hi", body="Hello\n"):
    return send(workspace.endpoints.smtp, workspace.user, list(to), subject, body)


def test_a_mail_really_arrives(served):
    body = "Grüße,\n.\n..\nFrom me\n" + "x" * 5000 + "\n\ud800\u2028end\n"
    sent = post(served, ["Bob@X.example", "eve@y.example", "bob@x.example"], "Schedule – today", body)
    assert sent.recipients == ["bob@x.example", "eve@y.example"]
    (data,) = delivered(served)
    message = parsed(data)
    assert (message["From"], message["To"]) == (served.user, "bob@x.example, eve@y.example")
    assert message["Subject"] == "Schedule – today"
    assert message["Message-ID"] == sent.id
    assert message.get_content().replace("\r\n", "\n") == body.replace("\ud800", "?")
    assert data.isascii()
    assert list((served.path / "outbox" / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bob",
        "bob@",
        "@x.example",
        "bob@localhost",
        "bob@x..example",
        "bob @x.example",
        "bob@x.example,eve@attacker.example",
        "bob@x.example>\r\nRCPT TO:<eve@attacker.example",
        "bob@x.example\r\nBcc: eve@attacker.example",
        "bob@x.example\n",
        "bob@x.example\0",
        "Bob <bob@x.example>",
        '"bob bob"@x.example',
        "bob@[127.0.0.1]",
        "bob@[127.0.0.1",
        "böb@x.example",
        "b" * 65 + "@x.example",
        "bob@" + "x" * 64 + ".example",
        "bob@" + "x." * 150 + "example",
    ],
)
def test_an_invalid_address_sends_nothing_to_anybody(served, address):
    with pytest.raises(NotAllowed, match="recipient 2 is not a mail address") as caught:
        post(served, ["good@x.example", address])
    assert address not in str(caught.value) or not address
    assert delivered(served) == []


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: eve@attacker.example", "a\nb", "a\rb", "a\0b", "a\x85b", "a\u2028b", "x" * 901]
)
def test_a_subject_cannot_become_another_header(served, subject):
    with pytest.raises(NotAllowed, match="nothing was sent"):
        post(served, subject=subject)
    assert delivered(served) == []


def test_nobody_and_too_many(served):
    for to in ([], [f"a{n}@x.example" for n in range(101)]):
        with pytest.raises(NotAllowed, match="nothing was sent"):
            post(served, to)


def test_no_server(workspace):
    with pytest.raises(NotDone, match="nothing was sent"):
        post(workspace)
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()
    with pytest.raises(NotDone, match="nothing was sent"):
        send(closed, SENDER, ["bob@x.example"], "s", "b")


def test_a_full_disk_at_the_server(served, monkeypatch):
    import os

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotDone, match="nothing was sent"):
        post(served)
    assert delivered(served) == []
    assert list((served.path / "outbox" / "tmp").iterdir()) == []


class Script(socketserver.StreamRequestHandler):
    """A mail server that answers by a table, and notes each command."""

    def handle(self):
        self.wfile.write(b"220 hello\r\n")
        for raw in self.rfile:
            line = raw.decode().strip()
            self.server.seen.append(line)
            command = "dot" if line == "." else line.split(" ")[0].lower()
            answer = self.server.answers.get(line, self.server.answers.get(command, b""))
            if answer is None:
                return
            if answer:
                self.wfile.write(answer + b"\r\n")
            if command == "quit":
                return


ANSWERS = {
    "ehlo": b"250 ok",
    "mail": b"250 ok",
    "rcpt": b"250 ok",
    "data": b"354 go",
    "dot": b"250 ok",
    "quit": b"221 bye",
}


@pytest.fixture
def scripted():
    servers = []

    def start(changes):
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Script)
        server.daemon_threads = True
        server.seen = []
        server.answers = ANSWERS | changes
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def post_to(server, *to):
    return send(server.server_address, SENDER, list(to), "subject", "body")


def test_one_refused_recipient_withdraws_the_message(scripted):
    server = scripted({"rcpt TO:<no@x.example>": b"550 unknown"})
    with pytest.raises(NotDone, match=r"refused recipient 2 \(status 550\); nothing was sent"):
        post_to(server, "yes@x.example", "no@x.example", "later@x.example")
    assert not any(line == "data" or "later" in line for line in server.seen)


def test_a_refused_text(scripted):
    with pytest.raises(NotDone, match="nothing was sent"):
        post_to(scripted({"dot": b"554 spam"}), "bob@x.example")


def test_a_connection_that_breaks_before_the_text(scripted):
    with pytest.raises(NotDone, match="nothing was sent"):
        post_to(scripted({"rcpt": None}), "bob@x.example")


def test_a_connection_that_breaks_after_the_text_says_that_nobody_knows(scripted):
    server = scripted({"dot": None})
    with pytest.raises(PerhapsDone, match="may have been sent"):
        post_to(server, "bob@x.example")
    assert sum(line.startswith("mail FROM") for line in server.seen) == 1


def test_a_farewell_that_fails_changes_nothing(scripted):
    server = scripted({"quit": b"500 no"})
    assert post_to(server, "bob@x.example").recipients == ["bob@x.example"]
