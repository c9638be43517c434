"""Watches a program that has started, until it has ended or a limit ends it.

Its one rule: when this returns, nothing of the program is left. A sandbox keeps all its processes in one group (its
filter refuses to make another), which is killed before the leader's number is free again.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from ringfence.connectors.sandbox.job import Ended, Limits, Ran

TICK: Final = 0.05
_PATIENCE: Final = 5.0
_CHUNK: Final = 1 << 16
_CPU_SIGNAL: Final = 128 + signal.SIGXCPU


@dataclass(frozen=True, slots=True)
class Started:
    """A running program, leader of a session of its own.

    `used` says how many bytes of disk its processes use, whose numbers it gets. `complaint` says afterwards what is
    wrong if the program was never begun.
    """

    process: subprocess.Popen[bytes]
    used: Callable[[list[int]], int]
    complaint: Callable[[Ran], str | None] = lambda ran: None


def supervise(started: Started, limits: Limits) -> Ran:
    """Collect what the program prints until it ends, or end it."""
    process = started.process
    assert process.stdout is not None
    assert process.stderr is not None
    streams = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    watching = _Watching(started, limits, streams)
    try:
        ended = watching.wait()
    finally:
        _end(started)
    watching.drain()
    _await_end(process.pid)
    status = _status(process.wait())
    if ended == "exit" and status == _CPU_SIGNAL:
        ended = "cpu"
    out, err = (bytes(data[: limits.output]).decode("utf-8", "replace") for data in streams.values())
    return Ran(out, err, status, ended)


class _Watching:
    """The loop of `supervise`."""

    def __init__(self, started: Started, limits: Limits, streams: dict[int, bytearray]) -> None:
        self._started, self._limits, self._streams = started, limits, streams
        self._open = set(streams)

    def wait(self) -> Ended:
        pid = self._started.process.pid
        deadline = time.monotonic() + self._limits.seconds
        next_look = 0.0
        with _ending(pid) as handle:
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    return "time"
                ready = self._ready(min(left, TICK), handle)
                if not self._read(ready):
                    return "output"
                if _has_ended(pid):
                    return "exit"
                if time.monotonic() >= next_look:
                    over = self._over()
                    if over is not None:
                        return over
                    next_look = time.monotonic() + TICK

    def drain(self) -> None:
        """What was printed before the end. All writers are gone, so this ends."""
        while self._open and self._read(self._ready(1.0, None)):
            continue

    def _ready(self, seconds: float, handle: int | None) -> list[int]:
        poll = select.poll()
        for fd in self._open if handle is None else (*self._open, handle):
            poll.register(fd, select.POLLIN)
        return [fd for fd, _ in poll.poll(seconds * 1000)]

    def _read(self, ready: list[int]) -> bool:
        for fd in ready:
            if fd in self._open:
                data = os.read(fd, _CHUNK)
                self._streams[fd] += data
                if not data:
                    self._open.discard(fd)
        return all(len(data) <= self._limits.output for data in self._streams.values())

    def _over(self) -> Ended | None:
        members = list(_members(self._started.process.pid))
        if sum(map(_memory, members)) > self._limits.memory:
            return "memory"
        return "disk" if self._started.used(members) > self._limits.disk else None


@contextmanager
def _ending(pid: int) -> Iterator[int | None]:
    """A descriptor that can be read when the process has ended; None on a kernel without."""
    try:
        handle = os.pidfd_open(pid)
    except (OSError, AttributeError):
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _has_ended(pid: int) -> bool:
    """Whether the leader has ended; it stays a zombie, so its number is not given to anybody else."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _end(started: Started) -> None:
    with suppress(OSError):
        os.killpg(started.process.pid, signal.SIGKILL)


def _await_end(group: int) -> None:
    """Killed processes end at their next step: nothing more of them is to be seen when this returns."""
    deadline = time.monotonic() + _PATIENCE
    while any(_members(group)) and time.monotonic() < deadline:
        time.sleep(0.002)


def _status(code: int) -> int:
    return 128 - code if code < 0 else code


def _members(group: int) -> Iterator[int]:
    """The processes of a group that have not ended."""
    for name in os.listdir("/proc"):
        if name.isdecimal() and _group(name) == group:
            yield int(name)


def _group(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, _, group, *_ = file.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return -1  # it has just ended
    return -1 if state in (b"Z", b"X") else int(group)


def _memory(pid: int) -> int:
    """Bytes of memory that a process holds, without what it shares with files."""
    found = 0
    with suppress(OSError, ValueError), open(f"/proc/{pid}/status", "rb") as file:
        for line in file:
            if line.startswith((b"RssAnon:", b"RssShmem:")):
                found += int(line.split()[1]) << 10
    return found


def ended(process: subprocess.Popen[bytes]) -> None:
    """Make sure that a program that was started has ended, and close what it was read from."""
    if process.returncode is None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    process.wait()


def processes_with(mark: str) -> list[int]:
    """The processes, of anybody, with a text in their command line."""
    return [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if mark.encode() in _command(pid)]


def _command(pid: int) -> bytes:
    with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read()
    return b""
