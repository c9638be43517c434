"""Confines its own process and becomes the program to run. Runs by itself: `python -I -S launcher.py FD`.

Its one rule: every step must succeed, else nothing is run. It is told everything by the JSON in the descriptor FD (see
landlocked.py) and decides nothing. It imports nothing of ours, so that it starts fast and alone.
"""

import ctypes
import json
import os
import resource
import signal
import stat
import struct
import sys
from collections.abc import Callable

_NO_NEW_PRIVS, _SECCOMP, _FILTER, _DEATH, _AMBIENT, _CLEAR = 38, 22, 2, 1, 47, 4
_CREATE, _ADD, _RESTRICT = 444, 445, 446


def main() -> None:
    fd = int(sys.argv[1])
    spec = json.loads(_read(fd))
    report = spec["report"]
    os.set_inheritable(report, False)
    try:
        _confine(spec)
        os.close(fd)
        os.execve(spec["argv"][0], spec["argv"], spec["environment"])  # noqa: S606  (that is what it is for)
    except BaseException as problem:
        os.write(report, f"{type(problem).__name__}: {problem}"[:500].encode("utf-8", "replace"))
        os._exit(127)


def _read(fd: int) -> bytes:
    with os.fdopen(os.dup(fd), "rb") as file:
        return file.read()


def _confine(spec: dict) -> None:  # type: ignore[type-arg]
    libc = ctypes.CDLL(None, use_errno=True)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):  # this interpreter has changed them for itself
        signal.signal(number, signal.SIG_DFL)
    os.chdir(spec["folder"])
    os.umask(0o077)
    if spec["user"] is not None:
        os.setgroups([])
        os.setresgid(spec["user"], spec["user"], spec["user"])
        os.setresuid(spec["user"], spec["user"], spec["user"])
    for number, soft, hard in spec["limits"]:
        resource.setrlimit(number, (soft, hard))
    _call(libc.prctl, _AMBIENT, _CLEAR, 0, 0, 0)
    _call(libc.prctl, _DEATH, int(signal.SIGKILL), 0, 0, 0)
    _call(libc.prctl, _NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != spec["parent"]:
        raise RuntimeError("the parent has gone")
    _landlock(libc, spec)
    _seccomp(libc, bytes.fromhex(spec["filter"]))


def _landlock(libc: ctypes.CDLL, spec: dict) -> None:  # type: ignore[type-arg]
    masks = spec["handled"]
    attributes = struct.pack("=QQQ", *masks)[: spec["size"]]
    ruleset = _call(libc.syscall, _CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    for path, rights in spec["paths"]:
        try:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # a folder that this system does not have gets no rights
        rights &= masks[0]
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= spec["of_files"]
        _call(libc.syscall, _ADD, ruleset, 1, struct.pack("=Qi", rights, fd), 0)
        os.close(fd)
    _call(libc.syscall, _RESTRICT, ruleset, 0)
    os.close(ruleset)


def _seccomp(libc: ctypes.CDLL, code: bytes) -> None:
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    _call(libc.prctl, _SECCOMP, _FILTER, program, 0, 0)


def _call(function: Callable[..., int], *arguments: object) -> int:
    found = function(*arguments)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found


if __name__ == "__main__":
    main()
