"""A folder, and nothing outside of it.

Its one rule: a name is resolved one component at a time from an open directory, and a link is never
followed, at no place in the path. So neither `..`, an absolute path, nor a link that appears between a check and
its use leads out. Only regular files are read, never a pipe or a device; with `hard_links=False` none that has a second
name, which may be outside. Writes appear whole or not at all.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.connectors.errors import ConnectorError, NotAllowed, NotDone, NotFound

_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_TEMPORARY: Final = ".ringfence-"
_MAX_DEPTH: Final = 16
_NEW_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file below a root. `stamp` changes whenever the file is written or replaced."""

    path: str
    size: int
    modified: float
    stamp: tuple[int, int, int]


class Root:
    """All access to the files below one folder. Paths are relative, with `/` between the components."""

    __slots__ = ("hard_links", "path")

    def __init__(self, path: Path, hard_links: bool = True) -> None:
        self.path = path
        self.hard_links = hard_links

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a file. NotFound, or NotAllowed for a link, a folder, or a file of more than `limit` bytes."""
        *folders, name = _components(path)
        with _clear_errors("read"), self._folder(folders) as folder:
            descriptor = os.open(name, _FILE, dir_fd=folder)
            with os.fdopen(descriptor, "rb") as file:
                self._require_plain(os.fstat(descriptor))
                data = file.read(limit + 1)
        if len(data) > limit:
            raise NotAllowed(f"the file is larger than {limit} bytes")
        return data

    def write(self, path: str, data: bytes) -> None:
        """Create or replace a file, whole or not at all. Folders on the way are made."""
        *folders, name = _components(path)
        with _clear_errors("written"), self._folder(folders, make=True) as folder:
            mode = _mode_of_file(name, folder)
            temporary = _TEMPORARY + secrets.token_hex(8)
            try:
                with os.fdopen(os.open(temporary, _NEW, _NEW_MODE, dir_fd=folder), "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fchmod(file.fileno(), _NEW_MODE if mode is None else mode)
                    os.fsync(file.fileno())
                os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                _discard(temporary, folder)
                raise
            _settle(folder)

    def remove(self, path: str) -> None:
        """Remove a file. A link is never followed: it is refused."""
        *folders, name = _components(path)
        with _clear_errors("removed"), self._folder(folders) as folder:
            _mode_of_file(name, folder)
            os.unlink(name, dir_fd=folder)

    def move(self, source: str, target: str) -> None:
        """Give a file another name. NotAllowed if the new name is taken, by whatever. Folders on the way are made."""
        *from_folders, old = _components(source)
        *to_folders, new = _components(target)
        with _clear_errors("moved"), self._folder(from_folders) as here, self._folder(to_folders, make=True) as there:
            descriptor = os.open(old, _FILE, dir_fd=here)
            try:
                meant = os.fstat(descriptor)
                self._require_plain(meant)
            finally:
                os.close(descriptor)
            try:
                # A second name and then no first one: unlike a rename, this never replaces what is there.
                os.link(old, new, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False)
            except FileExistsError:
                raise NotAllowed("there is something of the new name already; nothing was moved") from None
            made = os.stat(new, dir_fd=there, follow_symlinks=False)
            if (made.st_dev, made.st_ino) != (meant.st_dev, meant.st_ino):
                _discard(new, there)
                raise NotDone("the file changed while it was moved; nothing was moved")
            os.unlink(old, dir_fd=here)
            _settle(there)

    def _require_plain(self, state: os.stat_result) -> None:
        if not stat.S_ISREG(state.st_mode):
            raise NotAllowed("that is not a regular file")
        if not self.hard_links and state.st_nlink > 1:
            raise NotAllowed("that file has a second name somewhere (a hard link); it is not read")

    def walk(self, limit: int = 50_000, below: str = "") -> list[Entry]:
        """All regular files below, in the order of their paths. Links are not listed. NotAllowed beyond `limit`."""
        found: list[Entry] = []
        folders = _components(below) if below else []
        with _clear_errors("listed"), self._folder(folders) as folder:
            for entry in _scan(folder, "".join(f"{name}/" for name in folders), _MAX_DEPTH - len(folders)):
                found.append(entry)
                if len(found) > limit:
                    raise NotAllowed(f"the folder holds more than {limit} files")
        return sorted(found, key=lambda entry: entry.path)

    @contextmanager
    def _folder(self, components: list[str], make: bool = False) -> Iterator[int]:
        current = os.open(self.path, _DIRECTORY)
        try:
            for name in components:
                if make:
                    _make_folder(name, current)
                below = os.open(name, _DIRECTORY, dir_fd=current)
                os.close(current)
                current = below
            yield current
        finally:
            os.close(current)


def canonical(path: str) -> str:
    """The one spelling of a path below a root. NotAllowed for one that no root takes."""
    return "/".join(_components(path))


def _components(path: str) -> list[str]:
    if not path or path.startswith("/"):
        raise NotAllowed("the path must be relative to the folder: no leading slash, not empty")
    if any(ord(c) < 32 or c in "\\\x7f" or 0xD800 <= ord(c) <= 0xDFFF for c in path):
        raise NotAllowed("the path holds a character that no file name here has")
    components = [name for name in path.split("/") if name != "."]
    if ".." in components or "" in components or not components:
        raise NotAllowed("the path must name a file inside the folder: no '..' and no empty part")
    if len(components) > _MAX_DEPTH or any(name.startswith(_TEMPORARY) for name in components):
        raise NotAllowed("the path is too deep, or is a name that is kept for unfinished writes")
    return components


def _make_folder(name: str, folder: int) -> None:
    try:
        os.mkdir(name, 0o700, dir_fd=folder)
    except FileExistsError:
        return


def _mode_of_file(name: str, folder: int) -> int | None:
    """The permissions of a regular file, None if there is none. NotAllowed if it is anything else."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise NotAllowed("that name is a folder, a link or a device, not a regular file")
    return stat.S_IMODE(mode) & 0o777


def _settle(folder: int) -> None:
    """Have the folder's new names on the disk. Where folders cannot be synced, the system does it in its own time."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EROFS}:
            raise


def _discard(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        return  # it was never made; the error that brought us here is the one to tell


def _scan(folder: int, prefix: str, depth: int) -> Iterator[Entry]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_TEMPORARY):
                continue
            try:
                state = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # it went while we looked
            if stat.S_ISREG(state.st_mode):
                stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
                yield Entry(prefix + entry.name, state.st_size, state.st_mtime, stamp)
            elif stat.S_ISDIR(state.st_mode) and depth > 0:
                try:
                    below = os.open(entry.name, _DIRECTORY, dir_fd=folder)
                except OSError as error:
                    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
                        continue  # it is no folder any more
                    raise
                try:
                    yield from _scan(below, f"{prefix}{entry.name}/", depth - 1)
                finally:
                    os.close(below)


@contextmanager
def _clear_errors(action: str) -> Iterator[None]:
    """Turn the system's errors into ours. Their own text holds absolute paths of the host."""
    try:
        yield
    except ConnectorError:
        raise
    except FileNotFoundError:
        raise NotFound("there is no such file") from None
    except OSError as error:
        raise _explained(error.errno, action) from None


def _explained(number: int | None, action: str) -> ConnectorError:
    if number in {errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.EISDIR}:
        return NotAllowed("the path leads through a link or something that is neither a folder nor a file")
    if number in {errno.ENAMETOOLONG, errno.EINVAL}:
        return NotAllowed("the path is too long or not a file name")
    if number in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return NotDone(f"the file could not be {action}: permissions or a read-only disk; nothing was changed")
    if number in {errno.ENOSPC, errno.EDQUOT}:
        return NotDone("the disk is full; nothing was changed")
    return NotDone(
        f"the file could not be {action}: {errno.errorcode.get(number, 'an error') if number else 'an error'}"
    )
