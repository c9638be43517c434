"""What the kernel's Landlock is asked for: all rights that this kernel knows, and the few paths that keep some.

Its one rule: every right that the kernel can refuse is refused, but for the paths that are named here. Whether it works
is found out by trying (`proof.py`); the launcher makes the calls, in the process that is to be confined.
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from typing import Final

CREATE: Final = 444  # the number of landlock_create_ruleset, on all processors

EXECUTE: Final = 1 << 0
WRITE_FILE: Final = 1 << 1
READ_FILE: Final = 1 << 2
READ_DIR: Final = 1 << 3
REMOVE_DIR: Final = 1 << 4
REMOVE_FILE: Final = 1 << 5
MAKE_DIR: Final = 1 << 7
MAKE_REG: Final = 1 << 8
MAKE_FIFO: Final = 1 << 10
MAKE_SYM: Final = 1 << 12
REFER: Final = 1 << 13
TRUNCATE: Final = 1 << 14

# By the version of the kernel's interface: how many rights on files, on the network, and how many scopes there are.
_FILES: Final = {1: 13, 2: 14, 3: 15, 5: 16}
_NETWORK: Final = {4: 2}
_SCOPES: Final = {6: 2}

READ: Final = READ_FILE | READ_DIR
RUN: Final = READ | EXECUTE
REMOVE: Final = REMOVE_DIR | REMOVE_FILE
MAKE: Final = MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM
WORK: Final = READ | WRITE_FILE | REMOVE | MAKE | REFER | TRUNCATE
OF_FILES: Final = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
SIGNALS_SINCE: Final = 6


@dataclass(frozen=True, slots=True)
class Handled:
    """The masks of `struct landlock_ruleset_attr`: files, network, scopes."""

    files: int
    network: int
    scopes: int


def abi() -> int:
    """The version of Landlock that the running kernel offers; 0 if it has none, or it is switched off."""
    if os.uname().sysname != "Linux":
        return 0
    answer = ctypes.CDLL(None, use_errno=True).syscall(CREATE, None, 0, 1)
    return max(0, int(answer))


def handled(version: int) -> Handled:
    """All rights that this version knows, of those known here; of a newer one those of the newest known."""
    return Handled(_bits(_FILES, version), _bits(_NETWORK, version), _bits(_SCOPES, version))


def _bits(table: dict[int, int], version: int) -> int:
    known = [count for since, count in table.items() if since <= version]
    return (1 << known[-1]) - 1 if known else 0
