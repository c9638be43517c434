"""What the doctor lays out for a program in a sandbox to reach: listeners, files, a process. All on this machine.

Its one rule: every trap is open to everybody; only the sandbox stands between it and the program.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

_SLEEP: Final = "import sys, time; time.sleep(600)"
_OLD: Final = 1_000_000_000


@final
@dataclass(frozen=True, slots=True)
class Traps:
    """The traps, and what they saw."""

    secret: str
    folder: Path
    sockets: dict[str, socket.socket]
    sentinel: subprocess.Popen[bytes]

    def told(self) -> dict[str, object]:
        """What the program inside must know to try."""
        return {
            "secret": self.secret,
            "canary": str(self.folder / "canary"),
            "tcp": self.sockets["tcp"].getsockname()[1],
            "udp": self.sockets["udp"].getsockname()[1],
            "abstract": self.secret,
            "sentinel": self.sentinel.pid,
            "doctor": os.getpid(),
        }

    def sprung(self) -> dict[str, str]:
        """By the attempt that it belongs to: what was reached, as seen from outside."""
        found: dict[str, str] = {}
        for attempt, name in _LISTENERS.items():
            if _heard(self.sockets[name]):
                found[attempt] = "the listener outside was reached"
        canary = self.folder / "canary"
        state = canary.stat()
        if canary.read_text() != self.secret or {one.name for one in self.folder.iterdir()} & {"new", "new-folder"}:
            found["write_outside"] = "a file outside was changed or made"
        if state.st_mode & 0o777 != 0o666 or (int(state.st_mtime) != _OLD and "write_outside" not in found):
            found["change_outside"] = "mode or times of a file outside were changed"
        if not (self.folder / "victim").exists():
            found["remove_outside"] = "a file outside was moved"
        if self.sentinel.poll() is not None:
            found["signal_others"] = "a process outside was killed"
        elif os.getpriority(os.PRIO_PROCESS, self.sentinel.pid) != os.getpriority(os.PRIO_PROCESS, 0):
            found["limits_of_others"] = "the priority of a process outside was changed"
        return found


_LISTENERS: Final = {
    "tcp": "tcp",
    "udp": "udp",
    "unix_socket": "unix",
    "unix_datagram_of_a_pair": "datagrams",
    "abstract_socket": "abstract",
}


@contextmanager
def laid() -> Iterator[Traps]:
    """Traps in a folder of their own, gone afterwards."""
    with ExitStack() as held:
        folder = Path(tempfile.mkdtemp(prefix="ringfence-doctor-"))
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o777)  # noqa: S103  (a trap)
        secret = "canary-" + secrets.token_hex(8)
        for name in ("canary", "victim"):
            (folder / name).write_text(secret)
            (folder / name).chmod(0o666)
            os.utime(folder / name, (_OLD, _OLD))
        with suppress(OSError):  # a file system without attributes has none to read
            os.setxattr(folder / "canary", "user.ringfence", secret.encode())
        sockets = {name: _listening(held, name, folder, secret) for name in _LISTENERS.values()}
        sentinel = subprocess.Popen([sys.executable, "-I", "-S", "-c", _SLEEP, secret])  # noqa: S603
        held.callback(_end, sentinel)
        yield Traps(secret, folder, sockets, sentinel)


def _listening(held: ExitStack, name: str, folder: Path, secret: str) -> socket.socket:
    family = socket.AF_INET if name in ("tcp", "udp") else socket.AF_UNIX
    kind = socket.SOCK_DGRAM if name in ("udp", "datagrams") else socket.SOCK_STREAM
    made = held.enter_context(socket.socket(family, kind))
    places = {"unix": str(folder / "socket"), "datagrams": str(folder / "datagrams"), "abstract": f"\0{secret}"}
    made.bind(("127.0.0.1", 0) if name in ("tcp", "udp") else places[name])
    if name in ("unix", "datagrams"):
        os.chmod(places[name], 0o777)  # noqa: S103  (a trap)
    if kind == socket.SOCK_STREAM:
        made.listen(4)
    made.setblocking(False)
    return made


def _heard(trap: socket.socket) -> bool:
    with suppress(OSError):
        if trap.type == socket.SOCK_DGRAM:
            return bool(trap.recv(16))
        trap.accept()[0].close()
        return True
    return False


def _end(sentinel: subprocess.Popen[bytes]) -> None:
    sentinel.kill()
    sentinel.wait()
