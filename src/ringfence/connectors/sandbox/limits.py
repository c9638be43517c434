"""The limits that the kernel keeps for every process of a job, and the user that root hands a job to.

Its one rule: a job of root's runs under a number that belongs to nobody and to no other job, so that its processes can
be counted, and can signal nobody.
"""

from __future__ import annotations

import itertools
import os
import resource
from contextlib import suppress
from typing import Final

from ringfence.connectors.sandbox.job import CannotIsolate, Limits

_FIRST_USER: Final = 1_900_000_000  # above what systems give to people, services and containers
_USERS: Final = 10_000_000
_counter = itertools.count()
_OPEN_FILES: Final = 256
_NEEDED: Final = {"CAP_CHOWN": 0, "CAP_KILL": 5, "CAP_SETGID": 6, "CAP_SETUID": 7}
_TRACE: Final = 19
_STACK: Final = 8 << 20


def user_for_job() -> int | None:
    """A number for the user of one job; None where this process is not root and keeps its own. CannotIsolate."""
    if os.geteuid() != 0:
        return None
    if missing := [name for name, bit in _NEEDED.items() if not _capabilities() >> bit & 1]:
        raise CannotIsolate(f"root without {', '.join(missing)} cannot hand a program to another user; nothing was run")
    return _FIRST_USER + (os.getpid() * 1009 + next(_counter)) % _USERS


def sees_descriptors() -> bool:
    """Whether this process may look at what the processes of a job hold open."""
    return os.geteuid() != 0 or bool(_capabilities() >> _TRACE & 1)


def _capabilities() -> int:
    with open("/proc/self/status", "rb") as file:
        return next((int(line.split()[1], 16) for line in file if line.startswith(b"CapEff:")), 0)


def per_process(limits: Limits, processes: int) -> dict[int, tuple[int, int]]:
    """The limits of `setrlimit`, soft and hard, by their number; none above what this process itself may have."""
    wanted = {
        resource.RLIMIT_AS: (limits.memory, limits.memory),
        resource.RLIMIT_CPU: (limits.cpu_seconds, limits.cpu_seconds + 1),
        resource.RLIMIT_FSIZE: (limits.disk, limits.disk),
        resource.RLIMIT_NPROC: (processes, processes),
        resource.RLIMIT_NOFILE: (_OPEN_FILES, _OPEN_FILES),
        resource.RLIMIT_STACK: (_STACK, _STACK),
        resource.RLIMIT_CORE: (
            1,
            1,
        ),  # the one value at which the kernel does not even start a program that takes dumps
        resource.RLIMIT_MEMLOCK: (0, 0),
        resource.RLIMIT_MSGQUEUE: (0, 0),
    }
    return {which: _at_most(resource.getrlimit(which)[1], *pair) for which, pair in wanted.items()}


def _at_most(hard: int, *pair: int) -> tuple[int, int]:
    first, second = (value if hard == resource.RLIM_INFINITY else min(value, hard) for value in pair)
    return first, second


def threads_of(user: int) -> int:
    """How many threads a user has now: the kernel counts them together with those of a job that runs as this user."""
    found = 0
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with suppress(OSError, ValueError, IndexError):
                found += _threads(name, user)
    return found


def _threads(pid: str, user: int) -> int:
    with open(f"/proc/{pid}/status", "rb") as file:
        fields = dict(line.split(b":", 1) for line in file.read().splitlines() if b":" in line)
    return int(fields[b"Threads"]) if int(fields[b"Uid"].split()[0]) == user else 0
