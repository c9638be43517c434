"""The filter of system calls, assembled as classic BPF for the kernel's seccomp.

Its one rule: a call is allowed because a line here allows it; everything else fails with "not permitted", and what is
newer than this file with "no such call". So no program in a sandbox makes a socket, traces, mounts, makes namespaces,
loads programs into the kernel, watches files, signals a terminal or changes the limits of another process.
The filter looks at numbers only, never behind a pointer: what it checks cannot change under its eyes.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from errno import EAFNOSUPPORT, ENOSYS, ENOTTY, EOPNOTSUPP, EPERM
from typing import Final

from ringfence.connectors.sandbox import syscalls

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST: Final = 0x35  # BPF_JGE
_BITS: Final = 0x45  # BPF_JSET
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000  # the whole process: it speaks to the kernel as another kind of machine
_ERROR: Final = 0x00050000
_NUMBER_AT: Final = 0  # in struct seccomp_data
_MACHINE_AT: Final = 4
_ARGUMENTS_AT: Final = 16
_X32: Final = 0x40000000

_NAMESPACES: Final = 0x7E020080  # CLONE_NEW*
_TEMPORARY_FILE: Final = 0x400000  # O_TMPFILE: a file without a name, which nobody sees growing
_IOCTLS: Final = (
    0x5401,
    0x802C542A,
    0x540F,
    0x5413,
    0x541B,
    0x5421,
    0x5450,
    0x5451,
)  # ask a terminal; own flags
_FCNTLS: Final = (0, 1, 2, 3, 4, 5, 6, 7, 9, 36, 37, 38, 1030, 1032)  # copies, flags and locks; no owner, no lease
_PRCTLS: Final = (1, 2, 3, 15, 16, 21, 23, 39, 0x53564D41)  # names, parent's death; asking; names of memory
_PERSONALITIES: Final = (0, 0xFFFFFFFF)
_AF_UNIX: Final = 1
_SOCK_STREAM: Final = 1
_SOCK_FLAGS: Final = 0x80800  # SOCK_NONBLOCK | SOCK_CLOEXEC


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold of the lower 32 bits of an argument: one of `values`, and no bit of `never`."""

    argument: int
    values: tuple[int, ...] = ()
    never: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A call is allowed if all checks hold, otherwise it fails with `error`; 0 pretends that it was done."""

    checks: tuple[Check, ...] = ()
    error: int = EPERM
    allowed: bool = True


_STREAM_PAIR: Final = tuple(_SOCK_STREAM | flags for flags in (0, 0x80000, 0x800, _SOCK_FLAGS))

_EVERYWHERE: Final[Mapping[str, Rule]] = {
    "clone": Rule((Check(0, never=_NAMESPACES),)),
    "fcntl": Rule((Check(1, _FCNTLS),)),
    "ioctl": Rule((Check(1, _IOCTLS),), ENOTTY),
    "personality": Rule((Check(0, _PERSONALITIES),)),
    "prctl": Rule((Check(0, _PRCTLS),)),
    "prlimit64": Rule((Check(0, (0,)),)),
    "sched_setaffinity": Rule((Check(0, (0,)),)),
    "socketpair": Rule((Check(0, (_AF_UNIX,)), Check(1, _STREAM_PAIR)), EAFNOSUPPORT),
}
_SIGNALS: Final = ("kill", "tkill", "tgkill")
_TIMES: Final = ("futimesat", "utime", "utimensat", "utimes")
_ATTRIBUTES: Final = ("getxattr", "lgetxattr", "listxattr", "llistxattr")
_SENDING: Final = ("sendmsg", "sendmmsg")
_OPENING: Final = {"open": 1, "openat": 2}


def program(*, own_files: bool, own_signals: bool, machine: str | None = None) -> bytes:
    """The filter, as the kernel reads it.

    own_files: all files that the sandbox could name are its own or read-only (it has its own mounts).
    own_signals: something else keeps signals inside; otherwise only the own group can be signalled.
    LookupError if there is no table for the processor.
    """
    kind = platform.machine() if machine is None else machine
    numbers = syscalls.numbers(kind)
    rules = _rules(own_files, own_signals)
    code = [*_preamble(syscalls.ARCHITECTURES[kind][1])]
    for name, rule in rules.items():
        if name in numbers:
            code += _block(numbers[name], rule)
    code += [(_AT_LEAST, 0, 1, syscalls.NEWEST + 1), (_RETURN, 0, 0, _ERROR | ENOSYS), (_RETURN, 0, 0, _ERROR | EPERM)]
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


def _rules(own_files: bool, own_signals: bool) -> dict[str, Rule]:
    found = dict.fromkeys(syscalls.FREE, Rule()) | dict(_EVERYWHERE)
    found |= dict.fromkeys(syscalls.ABSENT, Rule((), ENOSYS, allowed=False))
    # To signal the own group (0) needs no number; every other could be the number of somebody outside.
    found |= dict.fromkeys(_SIGNALS, Rule() if own_signals else Rule((Check(0, (0,)),)))
    if own_files:
        return found | dict.fromkeys((*syscalls.OWN_FILES, *_TIMES, *_OPENING), Rule())
    # Extended attributes can be read by path, too; "not supported" is what programs expect of a file system without.
    found |= dict.fromkeys(_ATTRIBUTES, Rule((), EOPNOTSUPP, allowed=False))
    # Descriptors on their way to another process are open files that nobody sees.
    found |= dict.fromkeys(_SENDING, Rule((), allowed=False))
    # Landlock does not look at these: they would reach files that cannot be opened.
    found |= dict.fromkeys(_TIMES, Rule((), 0, allowed=False))
    return found | {name: Rule((Check(at, never=_TEMPORARY_FILE),)) for name, at in _OPENING.items()}


_Instruction = tuple[int, int, int, int]


def _preamble(audit: int) -> Iterator[_Instruction]:
    yield _LOAD, 0, 0, _MACHINE_AT
    yield _EQUAL, 1, 0, audit
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER_AT
    yield _AT_LEAST, 0, 1, _X32
    yield _RETURN, 0, 0, _ERROR | ENOSYS


def _block(number: int, rule: Rule) -> list[_Instruction]:
    """The instructions for one call; each path through them ends in a return, so the number stays loaded."""
    body: list[_Instruction] = []
    failed = (_RETURN, 0, 0, _ERROR | rule.error)
    for check in rule.checks:
        body.append((_LOAD, 0, 0, _ARGUMENTS_AT + 8 * check.argument))
        if check.never:
            body += [(_BITS, 0, 1, check.never), failed]
        if check.values:
            count = len(check.values)
            body += [(_EQUAL, count - at, 0, value) for at, value in enumerate(check.values)]
            body.append(failed)
    body.append((_RETURN, 0, 0, _ALLOW) if rule.allowed else failed)
    return [(_EQUAL, 0, len(body), number), *body]
