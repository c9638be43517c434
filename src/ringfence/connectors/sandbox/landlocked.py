"""Programs that the kernel's Landlock and a filter of system calls confine, where no namespaces can be made.

Its one rule: a program opens the system's programs, its own files and its own folder, and nothing else; it makes no
socket. The names and sizes of other files stay visible (Landlock does not look at `stat`); their contents do not.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, final

from ringfence.connectors.sandbox import landlock, places, seccomp
from ringfence.connectors.sandbox.descriptors import pipe, sealed
from ringfence.connectors.sandbox.folders import CODE, GIVEN, WORK, folder_of_job, size, unnamed
from ringfence.connectors.sandbox.job import CannotIsolate, Job, Limits
from ringfence.connectors.sandbox.limits import per_process, sees_descriptors, threads_of, user_for_job
from ringfence.connectors.sandbox.supervision import Started, ended

_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_MAX_COMPLAINT: Final = 600
_SIZES: Final = {1: 8, 4: 16, 6: 24}  # of `struct landlock_ruleset_attr`, by the version that made it longer


@final
class Landlocked:
    """The backend `landlock`. `newest`: the newest version of Landlock that is used."""

    name: Final = "landlock"
    kinds: Final = frozenset({"python", "shell"})

    def __init__(self, newest: int = 99) -> None:
        self._newest = newest

    @contextmanager
    def started(self, job: Job, limits: Limits) -> Iterator[Started]:
        """Start the job. CannotIsolate if this kernel has no Landlock, or a step does not succeed."""
        version = min(landlock.abi(), self._newest)
        if version < 1:
            raise CannotIsolate("this kernel has no Landlock, or it is switched off; nothing was run")
        user = user_for_job()
        program = places.program(job.kind, by_others=user is not None)
        code = job.code.encode("utf-8", "replace")
        limiting = _limits(limits, user)
        with folder_of_job(code, job.files, user) as top, ExitStack() as held:
            heard, report = pipe(held)
            work = top / WORK
            spec = {
                "report": report.number,
                "argv": [*program.argv, f"../{CODE}/snippet"],
                "environment": {**places.ENVIRONMENT, "HOME": str(work), "TMPDIR": str(work)},
                "folder": str(work),
                "user": user,
                "parent": os.getpid(),
                "limits": limiting,
                "paths": _paths(top, program.folders),
                "of_files": landlock.OF_FILES,
                **_kernel(version, user),
            }
            told = sealed(held, json.dumps(spec).encode())
            process = subprocess.Popen(  # noqa: S603  (the arguments are ours)
                [sys.executable, "-I", "-S", "-B", str(_LAUNCHER), str(told)],
                stdin=sealed(held, job.input.encode("utf-8", "replace")),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(places.ENVIRONMENT),
                cwd="/",
                pass_fds=(told, report.number),
                start_new_session=True,
            )
            held.callback(ended, process)
            report.close()
            ready, _, _ = select.select([heard.number], [], [], limits.seconds)
            if complaint := os.read(heard.number, _MAX_COMPLAINT) if ready else b"it did not begin in time":
                said = complaint.decode("utf-8", "replace")
                raise CannotIsolate(f"Landlock does not work here: {said}; nothing was run")
            yield Started(process, lambda members: size(work) + unnamed(members, work))


def _limits(limits: Limits, user: int | None) -> list[list[int]]:
    # What the user runs elsewhere counts, too; root's jobs have a user of their own.
    others = 0 if user is not None else threads_of(os.getuid())
    return [[number, *pair] for number, pair in per_process(limits, limits.processes + others).items()]


def _paths(top: Path, folders: tuple[str, ...]) -> list[list[object]]:
    readable: list[list[object]] = [[place, landlock.RUN] for place in (*places.SYSTEM, *places.LINKED, *folders)]
    devices: list[list[object]] = [[place, landlock.READ_FILE | landlock.WRITE_FILE] for place in places.DEVICES]
    own: list[list[object]] = [
        [str(top / CODE), landlock.READ],
        [str(top / GIVEN), landlock.READ],
        [str(top / WORK), landlock.WORK if sees_descriptors() else landlock.WORK & ~landlock.REMOVE],
    ]
    return [*readable, *devices, *own]


def _kernel(version: int, user: int | None) -> dict[str, object]:
    masks = landlock.handled(version)
    try:
        # Without scopes for signals only the user of its own that root's jobs have keeps them inside.
        code = seccomp.program(own_files=False, own_signals=version >= landlock.SIGNALS_SINCE or user is not None)
    except LookupError:
        raise CannotIsolate("there is no filter of system calls for this processor; nothing was run") from None
    sizes = [length for since, length in _SIZES.items() if since <= version]
    return {"handled": [masks.files, masks.network, masks.scopes], "size": sizes[-1], "filter": code.hex()}
