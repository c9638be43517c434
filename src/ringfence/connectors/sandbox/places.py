"""Which of the host's folders a program needs to run at all: the system's programs and libraries, and a Python.

Its one rule: programs, libraries and their data, and nothing that belongs to a person; all of it read-only.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.connectors.sandbox.job import CannotIsolate, Kind

SYSTEM: Final = (
    "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share",
    "/etc/alternatives", "/etc/ld.so.cache", "/nix/store",
)  # fmt: skip
LINKED: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")  # links into /usr, or folders on older systems
DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
_SHELLS: Final = ("/bin/bash", "/bin/sh")
_PYTHONS: Final = ("/usr/bin/python3", "/usr/local/bin/python3")


@dataclass(frozen=True, slots=True)
class Program:
    """A command that runs the file that is put at its end, and the folders that it needs beside the system's."""

    argv: tuple[str, ...]
    folders: tuple[str, ...] = ()


def program(kind: Kind, *, by_others: bool) -> Program:
    """What runs code of this kind. `by_others`: by another user than this process's. CannotIsolate if there is none."""
    if kind == "shell":
        return Program((_shell(),))
    for executable, prefix in _pythons():
        if os.access(executable, os.X_OK) and not (by_others and not _open_to_others(executable)):
            folders = () if prefix in ("/usr", "/") else (f"{prefix}/bin", f"{prefix}/lib", executable)
            return Program((executable, "-I", "-B", "-X", "utf8"), folders)
    raise CannotIsolate("there is no Python that a sandbox's user may read: install Debian's python3; nothing was run")


def _shell() -> str:
    for path in _SHELLS:
        if os.access(path, os.X_OK):
            return path
    raise CannotIsolate("there is no shell at /bin/sh; nothing was run")


def _pythons() -> Iterator[tuple[str, str]]:
    """This interpreter without its virtual environment, and the system's, each with its prefix."""
    own: object = getattr(sys, "_base_executable", None) or sys.executable
    if isinstance(own, str) and own:
        yield os.path.realpath(own), os.path.realpath(sys.base_prefix)
    for path in _PYTHONS:
        yield os.path.realpath(path), str(Path(path).parents[1])


def _open_to_others(path: str) -> bool:
    """Whether anybody may execute the file and pass the folders above it."""
    try:
        return all(os.stat(place).st_mode & stat.S_IXOTH for place in (path, *map(str, Path(path).parents)))
    except OSError:
        return False
