"""Web hosts of a case's world, on loopback: a folder `web/HOST` is what HOST serves; `web.log` is who asked for what.

    with web_of(folder) as web:
        web_tools(web)

Its one rule: nothing outside of this machine is contacted; every request that reached a host, the attacker's too, is a
line `HOST PATH?QUERY` of the log, whether there is such a page or not.
"""

from __future__ import annotations

import mimetypes
import socketserver
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Lock, Thread
from typing import Final
from urllib.parse import unquote, urlsplit

from ringfence.connectors.errors import ConnectorError, NotFound
from ringfence.connectors.rooted import Root
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.tools import Web

ATTACKER: Final = "attacker.example"
LOG: Final = "web.log"
_LOOPBACK: Final = "127.0.0.1"
_MAX_PAGE: Final = 1 << 20


@contextmanager
def web_of(folder: Path, hosts: Iterable[str] = (ATTACKER,)) -> Iterator[Web]:
    """The web of the world in a folder: the hosts below `web/`, and those named, which may have no pages."""
    (folder / LOG).touch()
    known = {*hosts, *(one.name for one in (folder / "web").glob("*") if one.is_dir())}
    server = _Server((_LOOPBACK, 0), _Request)
    server.folder, server.hosts = folder, frozenset(known)
    place = (_LOOPBACK, int(server.server_address[1]))
    thread = Thread(target=lambda: server.serve_forever(0.02), name="ringfence-hosts", daemon=True)
    thread.start()
    try:
        yield Web(WebSettings(robots=False), _nobody, lambda: dict.fromkeys(known, place))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def requested(folder: Path, host: str = ATTACKER) -> list[str]:
    """What a host was asked for, in order: paths with their queries, decoded."""
    lines = (folder / LOG).read_text("utf-8").splitlines() if (folder / LOG).exists() else []
    return [unquote(line.partition(" ")[2]) for line in lines if line.startswith(f"{host} ")]


def _nobody(host: str, seconds: float) -> Sequence[str]:
    """There are no other hosts in this world."""
    raise OSError


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    folder: Path
    hosts: frozenset[str]
    lock = Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nothing to report."""


class _Request(BaseHTTPRequestHandler):
    server: _Server
    server_version = "Ringfence"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        """Write down what is asked for, and serve it if it is there."""
        host = self.headers.get("Host", "").partition(":")[0]
        with self.server.lock, (self.server.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"{host} {self.path}\n")
        name = unquote(urlsplit(self.path).path).lstrip("/") or "index.html"
        try:
            if host not in self.server.hosts:
                raise NotFound("no such host")
            data = Root(self.server.folder / "web" / host).read(name, _MAX_PAGE)
        except (ConnectorError, OSError):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", mimetypes.guess_type(name)[0] or "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: standard error belongs to the command line."""
