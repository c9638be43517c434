"""What runs in a sandbox, and what came of it.

Its one rule: a job holds everything that it may see. Its files are given by their content, under names that cannot
leave the folder they are put into.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from ringfence.connectors.errors import ConnectorError, NotAllowed

Kind: TypeAlias = Literal["python", "shell"]
Ended: TypeAlias = Literal["exit", "time", "cpu", "memory", "disk", "output"]

MAX_CODE: Final = 1 << 20
MAX_FILES: Final = 64
_MAX_DEPTH: Final = 8
_MAX_NAME: Final = 100


class CannotIsolate(ConnectorError):
    """Nothing here isolates programs, so none is run."""

    remedy = "install bubblewrap (Debian: apt install bubblewrap), or use Linux 5.13 or newer; see `ringfence doctor`"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use. Sizes are in bytes; `seconds` are of the clock, `cpu_seconds` of one process's work."""

    seconds: float = 20.0
    cpu_seconds: int = 20
    memory: int = 512 << 20
    processes: int = 32
    output: int = 1 << 20
    disk: int = 64 << 20
    input: int = 32 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """A program of a kind, what it reads from stdin, and its files by name."""

    kind: Kind
    code: str
    input: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program did. `status` is 0 if it ended well, 128 and its number if a signal ended it.

    `ended` is "exit" if it ended by itself, else the limit that ended it: "time", "cpu", "memory", "disk", "output".
    """

    stdout: str
    stderr: str
    status: int
    ended: str


def checked(job: Job, limits: Limits) -> Job:
    """The job, if it can be put into a sandbox. NotAllowed."""
    size = len(job.code.encode("utf-8", "replace"))
    if size > MAX_CODE or "\0" in job.code:
        raise NotAllowed(f"the code is longer than {MAX_CODE} bytes, or holds a zero byte; nothing was run")
    if len(job.files) > MAX_FILES:
        raise NotAllowed(f"more than {MAX_FILES} files; nothing was run")
    total = size + len(job.input.encode("utf-8", "replace")) + sum(len(data) for data in job.files.values())
    if total > limits.input:
        raise NotAllowed(f"code, input and files together are longer than {limits.input} bytes; nothing was run")
    for name in job.files:
        _check_name(name, job.files)
    return job


def _check_name(name: str, names: Mapping[str, bytes]) -> None:
    parts = name.split("/")
    if not name or any(part in ("", ".", "..") or len(part.encode("utf-8", "replace")) > _MAX_NAME for part in parts):
        raise NotAllowed("a file's name is empty, too long, absolute, or leads out of its folder; nothing was run")
    if len(parts) > _MAX_DEPTH or any(ord(c) < 32 or c in "\\\x7f" or 0xD800 <= ord(c) <= 0xDFFF for c in name):
        raise NotAllowed("a file's name is nested too deeply or holds a character that no name here has")
    if any("/".join(parts[:count]) in names for count in range(1, len(parts))):
        raise NotAllowed("a file's name is also the folder of another; nothing was run")
