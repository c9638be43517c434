"""Which backend is used, and that nothing runs where none works."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ringfence.connectors.errors import NotDone
from ringfence.connectors.sandbox import landlock
from ringfence.connectors.sandbox.bubblewrap import Bubblewrap
from ringfence.connectors.sandbox.job import CannotIsolate, Job, Limits
from ringfence.connectors.sandbox.landlocked import Landlocked
from ringfence.connectors.sandbox.places import Program, program
from ringfence.connectors.sandbox.proof import escapes
from ringfence.connectors.sandbox.sandbox import BACKENDS, Sandbox
from ringfence.connectors.sandbox.supervision import processes_with

from .conftest import working

SOURCE = Path(__file__).parents[2] / "src"
ONE = Job("shell", "echo ran > /dev/null; echo 1")


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH without bubblewrap."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_bubblewrap_is_used_first() -> None:
    working("bubblewrap")
    assert Sandbox(("bubblewrap", "landlock")).run(Job("shell", "pwd")).stdout == "/work\n"


def test_landlock_is_used_where_bubblewrap_is_not_installed(hidden: Path) -> None:
    working("landlock")
    sandbox = Sandbox(("bubblewrap", "landlock"))
    assert sandbox.run(Job("shell", "pwd")).stdout.rstrip().endswith("/work")
    first, second = sandbox.backends()
    assert (first.works, first.reason) == (False, "bubblewrap is not installed; nothing was run")
    assert second.works


@pytest.mark.parametrize("text", ["#!/bin/sh\necho 'No permissions' >&2\nexit 1", "#!/bin/sh\nexit 7", "no program"])
def test_a_bubblewrap_that_does_not_work_is_not_used(hidden: Path, text: str) -> None:
    (hidden / "bwrap").write_text(text)
    (hidden / "bwrap").chmod(0o755)
    hidden.chmod(0o755)
    (backend,) = Sandbox(["bubblewrap"]).backends()
    assert not backend.works
    with pytest.raises(CannotIsolate):
        Sandbox(["bubblewrap"]).run(ONE)


def test_a_relative_path_to_bubblewrap_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\ntouch was-run\nexit 7")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    with pytest.raises(CannotIsolate):
        Sandbox(["bubblewrap"]).run(ONE)
    assert not (tmp_path / "was-run").exists()


def test_nothing_runs_where_nothing_isolates(hidden: Path) -> None:
    sandbox = Sandbox(("bubblewrap", "landlock"), processes=[Bubblewrap(), Landlocked(newest=0)])
    for kind in ("python", "shell"):
        with pytest.raises(CannotIsolate) as refused:
            sandbox.run(Job(kind, "print(1)"))
        assert str(refused.value) == (
            f"nothing here isolates {kind} code, so it is not run: bubblewrap is not installed; this kernel has no"
            " Landlock, or it is switched off. To change that, install bubblewrap (Debian: apt install bubblewrap), or"
            " use Linux 5.13 or newer; see `ringfence doctor`"
        )


def test_a_processor_without_a_filter_isolates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    for name in ("bubblewrap", "landlock"):
        with pytest.raises(CannotIsolate):
            Sandbox([name]).run(ONE)


def test_root_that_cannot_change_to_another_user_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("ringfence.connectors.sandbox.landlock.abi", lambda: 3)
    monkeypatch.setattr("ringfence.connectors.sandbox.limits._capabilities", lambda: 0)
    with pytest.raises(CannotIsolate, match="root without CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID"):
        Landlocked().started(ONE, Limits()).__enter__()


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_older_kernels_hold_the_same(version: int) -> None:
    working("landlock")
    if landlock.abi() < version:
        pytest.skip(f"this kernel's Landlock is older than version {version}")
    sandbox = Sandbox(["landlock"], processes=[Landlocked(newest=version)])
    reached = {one.attempt: one.detail for one in escapes("landlock", sandbox) if one.result not in ("held", "known")}
    assert reached == {}


@pytest.mark.parametrize("name", ["bubblewrap", "landlock"])
def test_an_unprivileged_user_is_held_as_well(name: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("these tests run as an unprivileged user already")
    working(name)
    code = (
        "import sys\nfrom ringfence.connectors.sandbox.proof import escapes\n"
        "from ringfence.connectors.sandbox.sandbox import Sandbox\n"
        f"box = Sandbox([{name!r}])\n(backend,) = box.backends()\n"
        "if not backend.works:\n    print('NOT', backend.reason)\n    sys.exit()\n"
        f"print([(one.attempt, one.detail) for one in escapes({name!r}, box) if one.result not in ('held', 'known')])"
    )
    python = "/usr/bin/python3"
    trial = [python, "-c", "import sys, ringfence.connectors.sandbox.job; sys.exit(sys.version_info < (3, 11))"]
    how = {"user": 65534, "group": 65534, "extra_groups": [], "cwd": "/", "env": {"PYTHONPATH": str(SOURCE)}}
    try:
        tried = subprocess.run(trial, capture_output=True, **how).returncode
    except OSError:
        tried = 1
    if tried:
        pytest.skip("there is no Python 3.11 in /usr/bin, or the user nobody cannot read the sources")
    path = os.environ["PATH"]
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, **(how | {"env": {**how["env"], "PATH": path}})
    )
    if done.stdout.startswith("NOT"):
        pytest.skip(f"{name} does not work here for an unprivileged user: {done.stdout[4:].strip()}")
    assert done.stdout == "[]\n", done.stderr


def test_a_program_ends_with_the_process_that_started_it() -> None:
    """The leader is killed by the kernel; in bubblewrap everything is."""
    working("bubblewrap")
    mark = f"{86_400 + os.getpid()}.5"
    code = (
        "from ringfence.connectors.sandbox.sandbox import Sandbox\nfrom ringfence.connectors.sandbox.job import Job\n"
        f"Sandbox(['bubblewrap']).run(Job('shell', 'sleep {mark} & sleep {mark}'))"
    )
    host = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(SOURCE)})
    try:
        assert _soon(lambda: len([pid for pid in processes_with(mark) if pid != host.pid]) >= 2)
    finally:
        host.kill()
        host.wait()
    assert _soon(lambda: processes_with(mark) == [])


def _soon(holds) -> bool:  # type: ignore[no-untyped-def]
    import time

    for _ in range(400):
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_a_python_of_any_folder_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that this process runs on may lie anywhere, also below /tmp; only it is readable there."""
    sandbox = working("bubblewrap")
    real = program("shell", by_others=False)
    (tmp_path / "bin").mkdir()
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    (tmp_path / "secret").write_text("x")
    monkeypatch.setattr(
        "ringfence.connectors.sandbox.places.program", lambda kind, by_others: Program(real.argv, (f"{tmp_path}/bin",))
    )
    ran = sandbox.run(Job("shell", f"ls -d {tmp_path}/bin; ls {tmp_path}; echo x > $TMPDIR/x && cat $TMPDIR/x"))
    assert (ran.stdout, ran.status) == (f"{tmp_path}/bin\nbin\nx\n", 0)


def test_a_full_disk_is_told_and_nothing_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sandbox = working("landlock")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "SECRET")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotDone, match=r"^the program could not be run: ENOSPC \(disk, memory"):
        sandbox.run(ONE)
    assert list(tmp_path.iterdir()) == []


def test_two_programs_at_the_same_time_know_nothing_of_each_other(box: Sandbox) -> None:
    """Also where both run as the same user: one looks for the other's folder, signals everything that it may."""
    victim = "import time\nopen('mine', 'w').write('secret of the other')\ntime.sleep(3)\nprint('lived')"
    attacker = (
        "import glob, os, time\ntime.sleep(1)\nfound = []\n"
        "for pid in range(2, 50_000):\n    try:\n        pid != os.getpid() and os.kill(pid, 9)\n"
        "    except OSError:\n        pass\n"
        "for place in glob.glob('/tmp/ringfence-sandbox-*/work/mine') + glob.glob('/proc/*/cwd/mine'):\n"
        "    try:\n        found.append(open(place).read())\n    except OSError:\n        pass\nprint(found)"
    )
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(box.run, Job("python", victim))
        second = pool.submit(box.run, Job("python", attacker))
    assert (first.result().stdout, second.result().stdout) == ("lived\n", "[]\n")


def test_the_backends_have_names() -> None:
    assert [one.name for one in Sandbox().backends()] == list(BACKENDS)
