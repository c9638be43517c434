"""Programs in namespaces of their own, made by bubblewrap: own mounts, processes, network (none), users, IPC.

Its one rule: a program sees a file system in memory, with the system's programs read-only and the job's files. It never
runs as root: root hands it to a user without a name. A shell sets the limits, inside, and becomes the program.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final, final

from ringfence.connectors.sandbox import places, seccomp
from ringfence.connectors.sandbox.descriptors import pipe, sealed
from ringfence.connectors.sandbox.folders import ENDLESS, MAX_ENTRIES
from ringfence.connectors.sandbox.job import CannotIsolate, Job, Limits, Ran
from ringfence.connectors.sandbox.limits import per_process, user_for_job
from ringfence.connectors.sandbox.supervision import Started, ended

_OWN_PROCESSES: Final = 2  # bubblewrap's own in the sandbox
_MAX_COMPLAINT: Final = 300
_TMP: Final = "/tmp"  # noqa: S108  (its own)
_CODE: Final = "/code/snippet"
_KIB: Final = 10
_ULIMITS: Final = {  # the option of every shell's `ulimit`, and its unit as a power of two
    resource.RLIMIT_AS: ("-v", _KIB),
    resource.RLIMIT_CPU: ("-t", 0),
    resource.RLIMIT_FSIZE: ("-f", 9),
    resource.RLIMIT_NOFILE: ("-n", 0),
    resource.RLIMIT_STACK: ("-s", _KIB),
    resource.RLIMIT_CORE: ("-c", 9),
    resource.RLIMIT_MEMLOCK: ("-l", _KIB),
}


@final
class Bubblewrap:
    """The backend `bubblewrap`."""

    name: Final = "bubblewrap"

    @contextmanager
    def started(self, job: Job, limits: Limits) -> Iterator[Started]:
        """Start the job. CannotIsolate if bubblewrap is not there or cannot be started."""
        executable = _executable()
        user = user_for_job()
        program = places.program(job.kind, by_others=user is not None)
        with ExitStack() as held:
            heard, tell = pipe(held)
            code = sealed(held, _filter())
            files = _Files(held, job)
            argv = [
                executable, "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000",
                "--hostname", "sandbox", "--die-with-parent",
                "--seccomp", str(code), "--json-status-fd", str(tell.number),
                *_mounts(program.folders), "--size", str(limits.disk), "--tmpfs", "/work",
                *files.arguments, "--remount-ro", "/", "--chdir", "/work", "--",
                "/bin/sh", "-c", _limiting(limits), "sh", *program.argv, _CODE,
            ]  # fmt: skip
            process = subprocess.Popen(  # noqa: S603  (the arguments are ours; names of files are checked)
                argv,
                stdin=sealed(held, job.input.encode("utf-8", "replace")),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**places.ENVIRONMENT, "HOME": "/work", "TMPDIR": "/work"},
                cwd="/",
                pass_fds=(tell.number, code, *files.descriptors),
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
            held.callback(ended, process)
            tell.close()
            yield Started(process, _entries, lambda ran: _complaint(heard.number, ran))


@final
class _Files:
    """The options that put a job's files into the sandbox, and the descriptors that they name."""

    def __init__(self, held: ExitStack, job: Job) -> None:
        self.arguments: list[str] = []
        self.descriptors: list[int] = []
        self._add(held, job.code.encode("utf-8", "replace"), _CODE)
        for name, data in job.files.items():
            self._add(held, data, f"/work/{name}")

    def _add(self, held: ExitStack, data: bytes, place: str) -> None:
        fd = sealed(held, data)
        self.descriptors.append(fd)
        self.arguments += ["--perms", "0444", "--ro-bind-data", str(fd), place]


def _mounts(folders: tuple[str, ...]) -> list[str]:
    made = ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for place in places.LINKED:
        if os.path.islink(place):
            made += ["--symlink", os.readlink(place), place]
        else:
            made += ["--ro-bind-try", place, place]
    for place in (*places.SYSTEM, *folders):
        made += ["--ro-bind-try", place, place]
    if not any(place.startswith(f"{_TMP}/") for place in folders):
        made += ["--symlink", "work", _TMP]
    return made


def _limiting(limits: Limits) -> str:
    """The shell's program: set each limit, or end."""
    found = per_process(limits, limits.processes + _OWN_PROCESSES)
    # First the lower, soft limit: at the higher one of the time of work there is no signal but the end.
    commands = [
        f"ulimit {kind} {option} {value >> unit}"
        for which, (option, unit) in _ULIMITS.items()
        for kind, value in zip(("-S", "-H"), found[which], strict=True)
    ]
    processes = found[resource.RLIMIT_NPROC][0]
    own = f'{{ if [ -n "$BASH_VERSION" ]; then ulimit -u {processes}; else ulimit -p {processes}; fi; }}'
    return " && ".join([*commands, own, 'exec "$@"']) + "; exit 126"


def _filter() -> bytes:
    try:
        return seccomp.program(own_files=True, own_signals=True)
    except LookupError:
        raise CannotIsolate("there is no filter of system calls for this processor; nothing was run") from None


def _executable() -> str:
    found = shutil.which("bwrap")
    if found is None or not os.path.isabs(found):
        raise CannotIsolate("bubblewrap is not installed; nothing was run")
    return found


def _entries(members: list[int]) -> int:
    """Endless where there are too many files; how large they may be together is the file system's own limit."""
    for pid in members:
        with suppress(OSError):
            found = os.statvfs(f"/proc/{pid}/root/work")
            inside = os.path.exists(f"/proc/{pid}/root{_CODE}")  # and not bubblewrap itself, which is outside
            if inside and found.f_files - found.f_ffree > MAX_ENTRIES:
                return ENDLESS
    return 0


def _complaint(heard: int, ran: Ran) -> str | None:
    """What is wrong, if the program was never begun: then bubblewrap reports no status of it."""
    text = b""
    while chunk := os.read(heard, 4096):
        text += chunk
    if b'"exit-code"' in text or ran.ended != "exit":
        return None
    said = ran.stderr.strip()[:_MAX_COMPLAINT] or "it ended without a word"
    return f"bubblewrap does not work here: {said}; nothing was run"
