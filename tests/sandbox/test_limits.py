"""What a program may use, in every backend that works here."""

from __future__ import annotations

import pytest

from ringfence.connectors.sandbox.job import Job, Limits
from ringfence.connectors.sandbox.sandbox import Sandbox
from ringfence.connectors.sandbox.uses import USES


@pytest.mark.slow
@pytest.mark.parametrize("use", USES)
def test_a_limit_holds(box: Sandbox, use: str) -> None:
    held, detail = USES[use][1](box)
    assert held, detail


def test_what_was_printed_before_the_time_was_over_is_kept(box: Sandbox) -> None:
    code = "import time\nprint('first', flush=True)\ntime.sleep(60)"
    ran = box.limited(Limits(seconds=2)).run(Job("python", code))
    assert (ran.stdout, ran.status, ran.ended) == ("first\n", 137, "time")


def test_stderr_has_its_limit_too(box: Sandbox) -> None:
    ran = box.limited(Limits(output=1000)).run(Job("shell", "yes >&2"))
    assert (len(ran.stderr), ran.stdout, ran.ended) == (1000, "", "output")


def test_a_program_may_use_all_that_it_is_given(box: Sandbox) -> None:
    code = (
        "import os\nx = bytearray(100 << 20)\nopen('x', 'wb').write(bytes(4 << 20))\n"
        "for n in range(5):\n    if os.fork() == 0:\n        os._exit(0)\n"
        "for n in range(5):\n    os.wait()\nprint('a' * 50_000)"
    )
    ran = box.limited(Limits(memory=256 << 20, disk=8 << 20, processes=8, output=60_000)).run(Job("python", code))
    assert (len(ran.stdout), ran.stderr, ran.ended) == (50_001, "", "exit")


def test_the_memory_of_programs_that_ran_at_the_same_time_is_not_added_up(box: Sandbox) -> None:
    code = "x = bytearray(90 << 20)\nx[::4096] = bytes([1]) * len(x[::4096])\nimport time\ntime.sleep(0.3)\nprint('ok')"
    small = box.limited(Limits(memory=160 << 20))
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(small.run, [Job("python", code)] * 3))
    assert [one.stdout for one in done] == ["ok\n"] * 3


def test_a_process_that_may_have_less_gives_less(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hard limit cannot be raised: where this process has a lower one, the program gets that."""
    import resource

    real = resource.getrlimit
    low = {resource.RLIMIT_NOFILE: (64, 64), resource.RLIMIT_CORE: (0, 0), resource.RLIMIT_STACK: (4 << 20, 4 << 20)}
    monkeypatch.setattr(resource, "getrlimit", lambda which: low.get(which, real(which)))
    code = "import resource as r\nprint(*(r.getrlimit(n) for n in (r.RLIMIT_NOFILE, r.RLIMIT_CORE, r.RLIMIT_STACK)))"
    assert box.run(Job("python", code)).stdout == f"(64, 64) (0, 0) ({4 << 20}, {4 << 20})\n"


def test_the_kernel_has_all_the_limits(box: Sandbox) -> None:
    code = (
        "import resource as r\n"
        "for n in ('AS', 'CPU', 'FSIZE', 'NPROC', 'NOFILE', 'MEMLOCK'):\n"
        "    print(n, *r.getrlimit(getattr(r, 'RLIMIT_' + n)))\n"
        "print(r.getrlimit(r.RLIMIT_CORE)[1] <= 1)"
    )
    ran = box.limited(Limits(cpu_seconds=7, memory=96 << 20, disk=3 << 20, processes=5)).run(Job("python", code))
    lines = dict(line.split(" ", 1) for line in ran.stdout.splitlines()[:-1])
    assert (lines["AS"], lines["CPU"], lines["FSIZE"]) == (f"{96 << 20} {96 << 20}", "7 8", f"{3 << 20} {3 << 20}")
    assert (lines["NOFILE"], lines["MEMLOCK"]) == ("256 256", "0 0")
    assert int(lines["NPROC"].split()[1]) >= 5
    assert ran.stdout.endswith("True\n")
