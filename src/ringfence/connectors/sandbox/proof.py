"""Proves what a sandbox holds, by trying to get out of it and by using too much.

Its one rule: nothing is taken for granted: an attempt was held only if the program inside did not reach anything and
no trap outside was sprung.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from ringfence.connectors.sandbox.job import Job, Limits, Ran
from ringfence.connectors.sandbox.sandbox import BACKENDS, Backend, Sandbox
from ringfence.connectors.sandbox.snippets import Snippets
from ringfence.connectors.sandbox.traps import Traps, laid
from ringfence.connectors.sandbox.uses import USES, attempted

Result: TypeAlias = Literal["held", "leaked", "known", "untried", "absent"]
_PROBE: Final = Path(__file__).with_name("probe.py")

ATTEMPTS: Final[dict[str, tuple[str, str]]] = {
    # attempt: (group, what is tried)
    "tcp": ("network", "connect by TCP"),
    "udp": ("network", "send by UDP"),
    "unix_socket": ("network", "connect to a Unix socket"),
    "unix_datagram_of_a_pair": ("network", "send to a Unix socket from a pair"),
    "abstract_socket": ("network", "connect to an abstract socket"),
    "other_sockets": ("network", "netlink, raw, packet, Bluetooth, vsock, kernel crypto"),
    "io_uring": ("network", "io_uring"),
    "read_outside": ("files", "read a file outside"),
    "list_outside": ("files", "list a folder outside"),
    "links": ("files", "reach outside through links"),
    "through_proc": ("files", "reach outside through /proc"),
    "by_handle": ("files", "open by handle"),
    "devices": ("files", "memory, disks and other devices"),
    "system_settings": ("files", "settings of the kernel, /etc"),
    "watching": ("files", "watch a folder outside"),
    "names_outside": ("files", "see names and sizes outside"),
    "attributes_outside": ("files", "read extended attributes outside"),
    "change_outside": ("files", "change mode, owner, times outside"),
    "write_outside": ("files", "create, append, truncate outside"),
    "remove_outside": ("files", "rename outside"),
    "descriptors": ("handed over", "inherited descriptors"),
    "environment": ("handed over", "inherited environment"),
    "terminal": ("handed over", "the terminal, TIOCSTI"),
    "see_processes": ("processes", "see processes outside"),
    "memory_of_others": ("processes", "read memory and environment of others in /proc"),
    "trace_others": ("processes", "ptrace, process_vm_readv"),
    "trace_oneself": ("processes", "become traceable"),
    "limits_of_others": ("processes", "limits and priority of others"),
    "handles_of_others": ("processes", "take descriptors of others"),
    "signal_others": ("processes", "kill a process outside"),
    "new_session": ("processes", "leave its process group"),
    "other_users": ("privileges", "setuid, setgid"),
    "setuid_programs": ("privileges", "programs that give rights"),
    "capabilities": ("privileges", "capabilities"),
    "namespaces": ("privileges", "unshare namespaces"),
    "new_namespace_by_clone": ("privileges", "clone into a namespace"),
    "mounts": ("privileges", "mount, chroot"),
    "kernel_doors": ("privileges", "keyrings, BPF, perf, userfaultfd, SysV, kcmp"),
    "foreign_calls": ("privileges", "calls of another machine type"),
}
# What a backend is known not to hold, with the reason; shown as such, and in the documentation.
KNOWN: Final[dict[tuple[str, str], str]] = {
    ("landlock", "names_outside"): "Landlock does not look at stat: whether a path exists can be asked",
}
_NUMBERS: Final = {  # on x86_64, on aarch64
    "io_uring_setup": (425, 425), "inotify_init1": (294, 26), "open_by_handle_at": (304, 265), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "unshare": (272, 97),
    "clone": (56, 220), "mount": (165, 40), "umount2": (166, 39), "keyctl": (250, 219),
    "add_key": (248, 217), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "shmget": (29, 194), "msgget": (68, 186),
    "memfd_create": (319, 279), "kcmp": (312, 272), "seccomp": (317, 277),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one attempt.

    "known": reached, and documented as what this backend does not hold. "absent": it cannot even be tried there.
    "untried": the program did not get there, so nothing is proven.
    """

    attempt: str
    group: str
    title: str
    result: Result
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A backend, and all findings about it if it works here."""

    backend: Backend
    findings: tuple[Finding, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it works, and every attempt was made and held, or is known."""
        return self.backend.works and all(one.result not in ("leaked", "untried") for one in self.findings)


def prove(backend: str, sandbox: Sandbox) -> tuple[Finding, ...]:
    """All attempts and uses in one backend. `sandbox` runs nothing but this backend."""
    return (
        *escapes(backend, sandbox),
        *(Finding(use, "limits", title, result, detail) for use, title, result, detail in attempted(sandbox)),
    )


def escapes(backend: str, sandbox: Sandbox) -> tuple[Finding, ...]:
    """All attempts to reach something outside."""
    column = 1 if platform.machine() == "aarch64" else 0
    numbers = {name: both[column] for name, both in _NUMBERS.items()}
    with laid() as traps:
        told = {**traps.told(), "numbers": numbers, "attempts": list(ATTEMPTS)}
        ran = sandbox.run(Job("python", _PROBE.read_text(encoding="utf-8"), json.dumps(told)))
        return _findings(backend, ran, traps)


def _findings(backend: str, ran: Ran, traps: Traps) -> tuple[Finding, ...]:
    try:
        inside = json.loads(ran.stdout)
    except ValueError:
        inside = {}
    outside = traps.sprung()
    found = []
    for attempt, (group, title) in ATTEMPTS.items():
        reached = outside.get(attempt) or inside.get(attempt)
        result: Result = "untried" if attempt not in inside else "leaked" if reached else "held"
        if result == "leaked" and (backend, attempt) in KNOWN:
            result, reached = "known", KNOWN[backend, attempt]
        found.append(Finding(attempt, group, title, result, reached or ""))
    return tuple(found)


# Monty is an interpreter and no process with a kernel before it: what Python code can try there at all.
_IN_MONTY: Final = {
    "tcp": "import socket\nsocket.create_connection(('127.0.0.1', TCP))",
    "udp": "import socket\nsocket.socket(2, 2).sendto(b'out', ('127.0.0.1', UDP))",
    "unix_socket": "import socket\nsocket.socket(1).connect(CANARY.replace('canary', 'socket'))",
    "read_outside": "assert SECRET in open(CANARY).read()",
    "list_outside": "import os\nassert os.listdir(CANARY[:-6])",
    "write_outside": "open(CANARY, 'a').write('changed')",
    "change_outside": "import os\nos.chmod(CANARY, 0o777)",
    "remove_outside": "import os\nos.rename(CANARY.replace('canary', 'victim'), CANARY + '2')",
    "through_proc": "assert SECRET in open('/proc/self/root' + CANARY).read()",
    "names_outside": "import pathlib\nassert pathlib.Path(CANARY).stat().st_size",
    "environment": "import os\nassert os.environ['PATH']",
    "see_processes": "import os\nassert os.listdir('/proc')",
    "memory_of_others": "open(f'/proc/{DOCTOR}/environ').read()",
    "signal_others": "import os\nos.kill(SENTINEL, 9)",
    "trace_others": "import ctypes\nctypes.CDLL(None).ptrace(16, SENTINEL, 0, 0)",
    "new_session": "import os\nos.setsid()",
    "other_users": "import os\nos.setuid(0)",
    "setuid_programs": "import subprocess\nsubprocess.run(['/bin/true'])",
    "time": "while True:\n    pass",
    "cpu": "sum(n * n for n in range(10**12))",
    "memory": "x = []\nwhile True:\n    x.append('x' * 10_000_000)",
    "output": "while True:\n    print('x' * 1000)",
}


def prove_monty(snippets: Snippets) -> tuple[Finding, ...]:
    """All attempts that Python code can make in monty; an attempt is held if it fails and no trap was sprung."""
    limits = Limits(seconds=1.0, memory=64 << 20, output=64 << 10)
    titles = {**ATTEMPTS, **{use: ("limits", title) for use, (title, _) in USES.items()}}
    with laid() as traps:
        told = {name.upper(): found for name, found in traps.told().items()}
        given = "".join(f"{name} = {found!r}\n" for name, found in told.items())
        failed = {attempt: snippets.attempt(given + code, limits).status != 0 for attempt, code in _IN_MONTY.items()}
        sprung = traps.sprung()
    return tuple(
        Finding(attempt, *titles[attempt], *_of_monty(failed.get(attempt), sprung.get(attempt, "")))
        for attempt in titles
    )


def _of_monty(failed: bool | None, sprung: str) -> tuple[Result, str]:
    if failed is None and not sprung:
        return "absent", ""
    return ("held", "") if failed and not sprung else ("leaked", sprung or "it did not fail")


def examine(names: Iterable[str] = BACKENDS, limits: Limits | None = None) -> tuple[Report, ...]:
    """What works here of these backends, and what it holds."""
    found = []
    for name in names:
        sandbox = Sandbox([name], limits)
        (backend,) = sandbox.backends()
        findings: tuple[Finding, ...] = ()
        if backend.works:
            findings = prove_monty(Snippets()) if name == "monty" else prove(name, sandbox)
        found.append(Report(backend, findings))
    return tuple(found)
