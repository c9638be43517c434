"""The folder of a job that shares the host's file system: made, measured while it runs, removed.

Its one rule: what a program left there is hostile: links are never followed, depth and odd permissions stop nothing.
"""

from __future__ import annotations

import itertools
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

CODE: Final = "code"
GIVEN: Final = "given"
WORK: Final = "work"
MAX_ENTRIES: Final = 20_000
ENDLESS: Final = 1 << 62
_OPEN: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def folder_of_job(code: bytes, files: Mapping[str, bytes], user: int | None) -> Iterator[Path]:
    """A folder with `code/snippet`, the files in `given/`, and the empty `work/` with links to them."""
    top = Path(tempfile.mkdtemp(prefix="ringfence-sandbox-"))
    try:
        for name in (CODE, GIVEN, WORK):
            (top / name).mkdir(0o755)
        _put(top / CODE / "snippet", code)
        for name, data in files.items():
            _put(top / GIVEN / name, data)
            link = top / WORK / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(top / GIVEN / name, link.parent))
        if user is not None:
            _give(top, user)
        yield top
    finally:
        remove(top)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o444)


def _give(top: Path, user: int) -> None:
    """Let the user pass the top and own the work; code and files stay the owner's who made them."""
    for folder in (GIVEN, CODE):
        for place, _, _ in os.walk(top / folder):
            os.chmod(place, 0o755)  # noqa: S103  (the folder above is not open to others)
    for place, _, _ in os.walk(top / WORK):
        os.chown(place, user, user)
    os.chown(top, user, user)


def size(folder: Path) -> int:
    """Bytes on disk below a folder; very many entries, or what cannot be looked at, count as endless."""
    total, seen = 0, 0
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    state = entry.stat(follow_symlinks=False)
                    total += max(state.st_blocks * 512, state.st_size if stat.S_ISLNK(state.st_mode) else 0)
                    seen += 1
                    if seen > MAX_ENTRIES:
                        return ENDLESS
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except FileNotFoundError:
            continue  # removed while it was looked at
        except OSError:
            return ENDLESS
    return total


def unnamed(members: list[int], folder: Path) -> int:
    """Bytes of files that were below a folder and have no name any more, but are held open or mapped."""
    found: dict[tuple[int, int], int] = {}
    device = folder.stat().st_dev
    for pid in members:
        try:
            _held_open(pid, device, found)
            _mapped(pid, os.fsencode(folder), found)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        except OSError:
            if _has_memory(pid):
                return ENDLESS  # it hides what it holds
    return sum(found.values())


def _has_memory(pid: int) -> bool:
    """False for a process that is about to end: it has given up its memory, and nobody may look at its files."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            return any(line.startswith(b"VmSize:") for line in file)
    except OSError:
        return False


def _held_open(pid: int, device: int, found: dict[tuple[int, int], int]) -> None:
    for name in os.listdir(f"/proc/{pid}/fd"):
        with suppress(FileNotFoundError):
            state = os.stat(f"/proc/{pid}/fd/{name}")
            if state.st_nlink == 0 and stat.S_ISREG(state.st_mode) and state.st_dev == device:
                found[state.st_dev, state.st_ino] = state.st_blocks * 512


def _mapped(pid: int, folder: bytes, found: dict[tuple[int, int], int]) -> None:
    with open(f"/proc/{pid}/maps", "rb") as file:
        for line in file:
            if line.rstrip().endswith(b" (deleted)") and folder in line:
                start, _, end = line.split()[0].partition(b"-")
                found[pid, int(start, 16)] = int(end, 16) - int(start, 16)


def remove(top: Path) -> None:
    """Remove a folder and all below it, at any depth: folders are moved up to the top before they are emptied."""
    parent = os.open(top.parent, _OPEN)
    try:
        with suppress(FileNotFoundError):
            _emptied(top.name, parent)
            os.rmdir(top.name, dir_fd=parent)
    finally:
        os.close(parent)


def _emptied(name: str, parent: int) -> None:
    os.chmod(name, 0o700, dir_fd=parent, follow_symlinks=True)
    top = os.open(name, _OPEN, dir_fd=parent)
    try:
        token = secrets.token_hex(8)  # names that nobody can have taken before
        names = (f".{token}-{at}" for at in itertools.count())
        while below := os.listdir(top):
            for entry in below:
                _cleared(entry, top, names)
    finally:
        os.close(top)


def _cleared(name: str, top: int, names: Iterator[str]) -> None:
    """Remove one entry of the top; a folder's own folders become entries of the top first."""
    if not stat.S_ISDIR(os.stat(name, dir_fd=top, follow_symlinks=False).st_mode):
        os.unlink(name, dir_fd=top)
        return
    os.chmod(name, 0o700, dir_fd=top)
    folder = os.open(name, _OPEN, dir_fd=top)
    try:
        for entry in os.listdir(folder):
            if stat.S_ISDIR(os.stat(entry, dir_fd=folder, follow_symlinks=False).st_mode):
                os.chmod(entry, 0o700, dir_fd=folder)
                os.rename(entry, next(names), src_dir_fd=folder, dst_dir_fd=top)
            else:
                os.unlink(entry, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)
