"""The demonstration's own servers on loopback: SMTP that delivers into the outbox, HTTP that serves the pages.

Its one rule: they listen on 127.0.0.1 only, on ports the system chooses, for as long as the `with` block runs,
and tell the workspace where. What they receive came over a socket, and what they store is those bytes.
"""

from __future__ import annotations

import asyncio
import mimetypes
import os
import secrets
import socketserver
import time
from concurrent.futures import Future
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from ringfence.connectors.errors import ConnectorError, NotDone
from ringfence.connectors.rooted import Root
from ringfence.connectors.workspace import Workspace

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

_LOOPBACK: Final = "127.0.0.1"
_START_TIMEOUT: Final = 10.0
_MAX_PAGE: Final = 16 << 20
_MAX_MAIL: Final = 32 << 20


class DemoServers:
    """Both servers, as a context manager. `workspace.endpoints` names them while they run."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._mail = _MailServer(workspace.path / "outbox")
        self._web = _PageServer(workspace.root("pages"))

    def __enter__(self) -> DemoServers:
        endpoints = self._workspace.endpoints
        if endpoints.smtp is not None:
            raise NotDone("the servers of this workspace are running already")
        endpoints.smtp = self._mail.start()
        try:
            endpoints.web = {self._workspace.pages_host: self._web.start()}
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        endpoints = self._workspace.endpoints
        endpoints.smtp, endpoints.web = None, {}
        self._web.stop()
        self._mail.stop()


class MaildirDelivery:
    """The handler of an aiosmtpd server: each accepted message becomes one file in `new/`, byte for byte."""

    def __init__(self, maildir: Path) -> None:
        self._maildir = maildir
        self._delivered = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Store the message and answer 250 only once it is on disk."""
        content = envelope.original_content
        if content is None:
            return "554 there is no message"
        try:
            self._store(content)
        except OSError:
            return "452 the message could not be stored"
        return "250 message accepted for delivery"

    def _store(self, content: bytes) -> None:
        self._delivered += 1
        name = f"{time.time_ns()}.{os.getpid()}_{self._delivered}_{secrets.token_hex(4)}.ringfence"
        unfinished = self._maildir / "tmp" / name
        try:
            with unfinished.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(self._maildir / "new" / name)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


class _MailServer:
    """An aiosmtpd server on its own event loop. Its `Controller` cannot listen on a port that the system chooses."""

    def __init__(self, maildir: Path) -> None:
        self._handler = MaildirDelivery(maildir)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._stopped: asyncio.Event | None = None

    def start(self) -> tuple[str, int]:
        started: Future[tuple[str, int]] = Future()
        self._thread = Thread(target=lambda: asyncio.run(self._serve(started)), name="ringfence-smtp", daemon=True)
        self._thread.start()
        return started.result(_START_TIMEOUT)

    def stop(self) -> None:
        if self._loop is not None and self._stopped is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopped.set)
        if self._thread is not None:
            self._thread.join(_START_TIMEOUT)
        self._loop = self._thread = None

    async def _serve(self, started: Future[tuple[str, int]]) -> None:
        try:
            from aiosmtpd.smtp import SMTP

            loop = asyncio.get_running_loop()
            self._stopped = asyncio.Event()

            def session() -> SMTP:
                # The name is given because the default asks the network for one, which may take seconds.
                return SMTP(
                    self._handler, hostname="localhost", ident="Ringfence", data_size_limit=_MAX_MAIL, loop=loop
                )

            server = await loop.create_server(session, _LOOPBACK, 0)
            self._loop = loop
        except BaseException as error:
            started.set_exception(error)
            return
        started.set_result((_LOOPBACK, server.sockets[0].getsockname()[1]))
        await self._stopped.wait()
        server.close()  # and no `wait_closed`: a client that stays connected must not keep us here


class _PageServer:
    def __init__(self, pages: Root) -> None:
        self._pages = pages
        self._server: _HttpServer | None = None
        self._thread: Thread | None = None

    def start(self) -> tuple[str, int]:
        self._server = server = _HttpServer((_LOOPBACK, 0), _PageRequest)
        server.pages = self._pages
        self._thread = Thread(target=lambda: server.serve_forever(0.02), name="ringfence-pages", daemon=True)
        self._thread.start()
        return _LOOPBACK, server.server_address[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        if self._thread is not None:
            self._thread.join(_START_TIMEOUT)
        self._server = self._thread = None


class _HttpServer(socketserver.ThreadingTCPServer):
    """Not `http.server.HTTPServer`, which asks the network for the name of its own address."""

    daemon_threads = True
    pages: Root

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nothing to report."""


class _PageRequest(BaseHTTPRequestHandler):
    server: _HttpServer
    server_version = "Ringfence"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        """Serve the file that the path names."""
        name = unquote(urlsplit(self.path).path).lstrip("/") or "index.html"
        try:
            data = self.server.pages.read(name, _MAX_PAGE)
        except ConnectorError:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", _content_type(name))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: standard error belongs to the command line."""


def _content_type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
