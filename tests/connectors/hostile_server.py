"""An HTTP server on loopback that answers each path with what a test wants, however wrong that is.

`Wire` stands between the connector and it: it notes which address and port were really connected to, and leads every
connection to this server, so that tests can use public addresses without a network.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading

import httpcore2


class _Request(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self):
        with contextlib.suppress(OSError, ssl.SSLError):
            if self.server.tls is not None:
                self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = self.rfile.readline(65_537)
                if not line:
                    return
                head += line
            path = head.split(b" ")[1].decode("latin-1")
            self.server.seen.append((header(head, "Host"), path))
            self.server.heads.append(head.decode("latin-1"))
            found = self.server.answers.get(path.partition("?")[0])
            answer = found if found is not None else plain(b"not here", status="404 Not Found")
            if callable(answer):
                answer(self.connection)
            else:
                self.connection.sendall(answer)
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)
        self.connection.close()


def header(head, name):
    for line in head.decode("latin-1").split("\r\n"):
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None


class HostileServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, tls=None):
        super().__init__(("127.0.0.1", 0), _Request)
        self.tls = tls
        self.answers, self.seen, self.heads = {}, [], []
        self.stopped = threading.Event()  # endless answers look at it
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()


def head(status="200 OK", **headers):
    fields = {"Content-Type": "text/html", "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def plain(body=b"", status="200 OK", **headers):
    """An answer that ends with its connection."""
    return head(status, **headers) + body


def redirect(location, status="302 Found"):
    return plain(status=status, Location=location)


class Wire(httpcore2.NetworkBackend):
    """Notes where connections go, and leads them to a server here (or refuses them, for addresses in `dead`)."""

    def __init__(self, server):
        self.server = server
        self.connected = []
        self.dead = set()

    def __call__(self):
        return self

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.connected.append((host, port))
        if host in self.dead:
            raise httpcore2.ConnectError("dead")
        return self.real.connect_tcp(*self.server.server_address, timeout=timeout)

    real = httpcore2.SyncBackend()


class Names:
    """A resolver from a table. A list of lists answers differently from call to call."""

    def __init__(self, **_):
        self.table, self.asked = {}, []

    def __call__(self, host, seconds):
        self.asked.append(host)
        found = self.table.get(host, ["93.184.216.34"])
        if found and isinstance(found[0], list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if not found:
            raise OSError
        return found
