"""Attempts to use more than is allowed: time, memory, processes, disk, output.

Its one rule: each has small limits of its own, so that it is over soon, and what it would take without them is bounded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from textwrap import dedent
from typing import Final, Literal, TypeAlias

from ringfence.connectors.sandbox.job import Job, Limits, Ran
from ringfence.connectors.sandbox.sandbox import Sandbox
from ringfence.connectors.sandbox.supervision import processes_with

_MIB: Final = 1 << 20
Found: TypeAlias = "tuple[bool, str]"
Use: TypeAlias = "Callable[[Sandbox], Found]"
_SMALL: Final = Limits(15.0, 10, 128 * _MIB, 16, 64 << 10, 8 * _MIB)


def attempted(sandbox: Sandbox) -> Iterator[tuple[str, str, Literal["held", "leaked"], str]]:
    """The name of each attempt, what it is, what came of it, and in figures."""
    for use, (title, attempt) in USES.items():
        held, detail = attempt(sandbox)
        yield use, title, "held" if held else "leaked", detail


def _ran(sandbox: Sandbox, code: str, limits: Limits = _SMALL) -> tuple[Ran, float]:
    began = time.monotonic()
    return sandbox.limited(limits).run(Job("python", dedent(code))), time.monotonic() - began


def _sleeps(sandbox: Sandbox) -> Found:
    ran, seconds = _ran(sandbox, "import time, os\ntime.sleep(60)\n", replace(_SMALL, seconds=1.0))
    return ran.ended == "time" and seconds < 30, f"{seconds:.1f} s of 60"


def _computes(sandbox: Sandbox) -> Found:
    ran, seconds = _ran(sandbox, "import os\nwhile os:\n    pass\n", replace(_SMALL, cpu_seconds=1))
    return ran.ended in ("cpu", "time"), f"{seconds:.1f} s"


def _takes_memory(sandbox: Sandbox) -> Found:
    ran, _ = _ran(sandbox, "import os\nx = bytearray(512 << 20)\nprint('all')\n")
    return "all" not in ran.stdout, "512 MiB of 128"


def _takes_memory_in_many(sandbox: Sandbox) -> Found:
    code = """
        import os, time
        for n in range(8):
            if os.fork() == 0:
                x = bytearray(60 << 20)
                x[::4096] = bytes([1]) * len(x[::4096])
                time.sleep(8)
                os._exit(0)
        for n in range(8):
            assert os.wait()[1] == 0
        print("all")
        """
    ran, _ = _ran(sandbox, code)
    return "all" not in ran.stdout, "480 MiB of 128, by 8 processes"


def _shares_memory(sandbox: Sandbox) -> Found:
    code = """
        import mmap, os, time
        for n in range(8):
            if os.fork() == 0:
                x = mmap.mmap(-1, 60 << 20)
                for at in range(0, 60 << 20, 4096):
                    x[at] = 1
                time.sleep(8)
                os._exit(0)
        for n in range(8):
            assert os.wait()[1] == 0
        print("all")
        """
    ran, _ = _ran(sandbox, code)
    return "all" not in ran.stdout, "480 MiB of 128, by 8 processes"


def _forks(sandbox: Sandbox) -> Found:
    code = """
        import os, time
        count = 0
        try:
            while count < 200:
                if os.fork() == 0:
                    time.sleep(10)
                    os._exit(0)
                count += 1
        except OSError:
            pass
        print(count)
        """
    ran, _ = _ran(sandbox, code)
    made = int(ran.stdout) if ran.stdout.strip().isdecimal() else 200
    return made <= _SMALL.processes + 2, f"{made} of {_SMALL.processes}"


def _writes_one_file(sandbox: Sandbox) -> Found:
    code = """
        with open("x", "wb", 0) as file:
            for n in range(64):
                file.write(bytes(1 << 20))
        print("all")
        """
    ran, _ = _ran(sandbox, code)
    return "all" not in ran.stdout, "64 MiB of 8"


def _writes_many_files(sandbox: Sandbox) -> Found:
    code = """
        import time
        for n in range(64):
            with open(f"x{n}", "wb", 0) as file:
                file.write(bytes(1 << 20))
            time.sleep(0.02)
        time.sleep(2)
        print("all")
        """
    ran, _ = _ran(sandbox, code)
    return "all" not in ran.stdout, "64 MiB of 8"


def _writes_without_names(sandbox: Sandbox) -> Found:
    code = """
        import os, time
        kept = []
        for n in range(64):
            file = open("x", "w+b", 0)
            os.unlink("x")
            file.write(bytes(1 << 20))
            kept.append(file)
            time.sleep(0.02)
        time.sleep(2)
        print("all")
        """
    ran, _ = _ran(sandbox, code)
    return "all" not in ran.stdout, "64 MiB of 8"


def _writes_mapped(sandbox: Sandbox) -> Found:
    code = """
        import mmap, os, time
        kept = []
        for n in range(64):
            fd = os.open("x", os.O_RDWR | os.O_CREAT)
            os.unlink("x")
            os.ftruncate(fd, 1 << 20)
            made = mmap.mmap(fd, 1 << 20)
            made[:] = bytes([1]) * (1 << 20)
            os.close(fd)
            kept.append(made)
            time.sleep(0.02)
        time.sleep(2)
        print("all")
        """
    ran, _ = _ran(sandbox, code)
    return "all" not in ran.stdout, "64 MiB of 8"


def _makes_names(sandbox: Sandbox) -> Found:
    code = """
        import os
        for n in range(200_000):
            os.close(os.open(f"x{n}", os.O_CREAT))
        print("all")
        """
    ran, _ = _ran(sandbox, code)
    return "all" not in ran.stdout, "200,000 files"


def _prints(sandbox: Sandbox) -> Found:
    ran, _ = _ran(sandbox, "import os\nwhile True:\n    print('x' * 1000)\n")
    return ran.ended == "output" and len(ran.stdout) <= _SMALL.output, f"{len(ran.stdout):,} bytes"


def _leaves_processes(sandbox: Sandbox) -> Found:
    mark = f"{86_400 + time.time_ns() % 10**9}"
    quiet = ">/dev/null 2>&1 </dev/null"
    code = f"(sleep {mark} {quiet} &)\nsetsid -f sleep {mark} {quiet}\nnohup sleep {mark} {quiet} &\nexit 0\n"
    sandbox.limited(_SMALL).run(Job("shell", code))
    left = processes_with(mark)
    return not left, f"{len(left)} left"


USES: Final[dict[str, tuple[str, Use]]] = {
    "time": ("sleep beyond the time", _sleeps),
    "cpu": ("compute beyond the time of work", _computes),
    "memory": ("take more memory in one process", _takes_memory),
    "memory_of_many": ("take more memory in many processes", _takes_memory_in_many),
    "shared_memory": ("take more memory, shared", _shares_memory),
    "bomb": ("fork without end", _forks),
    "one_file": ("write a large file", _writes_one_file),
    "many_files": ("write many files", _writes_many_files),
    "unlinked_files": ("write files that have no names", _writes_without_names),
    "mapped_files": ("write files through memory", _writes_mapped),
    "many_names": ("make very many empty files", _makes_names),
    "output": ("print without end", _prints),
    "left_behind": ("leave processes behind", _leaves_processes),
}
