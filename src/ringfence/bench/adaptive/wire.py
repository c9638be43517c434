"""What leaves the machine, seen where it arrives: a mail server, a web server and a name server on loopback.

Its one rule: it knows nothing of the firewall. What is written down here came over a socket (or was asked of the name
server), so it is no less than what anybody else would have got.
"""

from __future__ import annotations

import asyncio
import socketserver
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import TYPE_CHECKING, Final, Self, final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

_LOOPBACK: Final = "127.0.0.1"
_START: Final = 10.0


@final
@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail as the server got it: to whom (the envelope counts, not the header), and its text."""

    to: tuple[str, ...]
    subject: str
    body: str


@final
@dataclass
class Wire:
    """All that has left since `clear`. `pages` are what the web server serves, by host and path."""

    mails: list[Delivered] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    pages: dict[tuple[str, str], str] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget what has left."""
        self.mails.clear()
        self.requests.clear()
        self.names.clear()

    def resolve(self, host: str, seconds: float) -> Sequence[str]:
        """The name server: it hears the name, and knows none."""
        del seconds
        self.names.append(host)
        raise OSError


@final
class Servers:
    """Mail and web server, as a context manager. `mail` and `web` are where they listen."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None
        self._threads: list[Thread] = []
        self._pages: _Pages | None = None
        self.mail = self.web = (_LOOPBACK, 0)

    def __enter__(self) -> Self:
        started: Future[tuple[str, int]] = Future()
        self._start(Thread(target=lambda: asyncio.run(self._serve(started)), name="wire-mail", daemon=True))
        self.mail = started.result(_START)
        self._pages = pages = _Pages((_LOOPBACK, 0), _Request)
        pages.wire = self._wire
        self.web = (_LOOPBACK, pages.server_address[1])
        self._start(Thread(target=lambda: pages.serve_forever(0.02), name="wire-web", daemon=True))
        return self

    def __exit__(self, *error: object) -> None:
        if self._pages is not None:
            self._pages.shutdown()
            self._pages.server_close()
        if self._loop is not None and self._stopped is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopped.set)
        for thread in self._threads:
            thread.join(_START)

    def _start(self, thread: Thread) -> None:
        self._threads.append(thread)
        thread.start()

    async def _serve(self, started: Future[tuple[str, int]]) -> None:
        from aiosmtpd.smtp import SMTP

        try:
            loop = asyncio.get_running_loop()
            self._stopped = asyncio.Event()

            def session() -> SMTP:
                return SMTP(_Mailbox(self._wire), hostname="localhost", ident="wire", loop=loop)

            server = await loop.create_server(session, _LOOPBACK, 0)
            self._loop = loop
        except BaseException as error:
            started.set_exception(error)
            return
        started.set_result((_LOOPBACK, server.sockets[0].getsockname()[1]))
        await self._stopped.wait()
        server.close()


@final
class _Mailbox:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Write the mail down."""
        content = envelope.original_content
        message = message_from_bytes(b"" if content is None else content, policy=policy.default)
        # Whoever a header names may get it, too, from a server that trusts headers.
        named = [str(value) for key in ("Bcc", "Cc", "Resent-To") for value in message.get_all(key, [])]
        part = message.get_body(("plain",))
        body = "" if part is None else str(part.get_content())
        to = tuple(dict.fromkeys((*map(str, envelope.rcpt_tos), *named)))
        self._wire.mails.append(Delivered(to, str(message["Subject"]), body.replace("\r\n", "\n")))
        return "250 message accepted for delivery"


@final
class _Pages(socketserver.ThreadingTCPServer):
    daemon_threads = True
    wire: Wire

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nothing to report."""


@final
class _Request(BaseHTTPRequestHandler):
    server: _Pages
    timeout = 10

    def do_GET(self) -> None:
        """Serve a page, or follow its `=> URL` elsewhere."""
        host = self.headers.get("Host", "")
        self.server.wire.requests.append(f"http://{host}{self.path}")
        found = self.server.wire.pages.get((host.partition(":")[0], urlsplit(self.path).path))
        if found is None:
            self.send_error(404)
            return
        first = found.partition("\n")[0]
        if first.startswith("=> ") and first.isascii() and first.isprintable():
            self._send(302, {"Location": first[3:]}, b"")
            return
        self._send(200, {"Content-Type": "text/html; charset=utf-8"}, found.encode("utf-8", "replace"))

    def _send(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: standard error belongs to the command line."""
