"""Descriptors that are handed to a sandbox, and closed when it has ended.

Its one rule: each is held by an `ExitStack`, whatever happens in between.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack
from typing import Final, final

_SEALED: Final = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


@final
class Descriptor:
    """A number that is closed once: closed again, it might be another thread's file by then."""

    __slots__ = ("_open", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self._open = True

    def close(self) -> None:
        if self._open:
            self._open = False
            os.close(self.number)


def pipe(held: ExitStack) -> tuple[Descriptor, Descriptor]:
    """The two ends of a pipe: to read from, to write to."""
    first, second = map(Descriptor, os.pipe())
    held.callback(first.close)
    held.callback(second.close)
    return first, second


def sealed(held: ExitStack, data: bytes) -> int:
    """A file in memory that nobody can change any more, not even who gets its descriptor."""
    fd = os.memfd_create("ringfence", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    held.callback(os.close, fd)
    with os.fdopen(os.dup(fd), "wb") as file:
        file.write(data)
    os.lseek(fd, 0, os.SEEK_SET)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALED)
    return fd
