"""Folders that a hostile program left are measured and removed."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.connectors.sandbox.folders import ENDLESS, MAX_ENTRIES, folder_of_job, remove, size, unnamed
from ringfence.connectors.sandbox.supervision import processes_with


def test_what_is_far_down_is_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(3000):  # no path leads there: it would be too long
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file", os.O_CREAT, dir_fd=here))
    os.close(here)
    assert size(top) == ENDLESS
    remove(top)
    assert list(tmp_path.iterdir()) == []


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    top = tmp_path / "top"
    (top / "below").mkdir(parents=True)
    (top / "link").symlink_to(outside)
    (top / "below" / "link").symlink_to(outside / "kept")
    (top / "loop").symlink_to(".")
    os.mkfifo(top / "pipe")
    remove(top)
    assert [one.name for one in tmp_path.iterdir()] == ["outside"]
    assert (outside / "kept").read_text() == "x"


def test_closed_folders_are_opened_to_be_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    (top / "a" / "b" / "f").write_text("x")
    (top / "a" / "b").chmod(0)
    (top / "a").chmod(0)
    top.chmod(0)
    remove(top)
    assert list(tmp_path.iterdir()) == []


def test_names_like_those_that_are_made_on_the_way_are_no_trap(tmp_path: Path) -> None:
    """Once the names could be foreseen, and a folder with one of them stopped the removal."""
    top = tmp_path / "top"
    for name in (".moved-1", ".moved-2", "a"):
        for below in (".moved-1", ".moved-2", ".moved-3"):
            (top / name / below / "deep").mkdir(parents=True)
            (top / name / below / "f").write_text("x")
    remove(top)
    assert list(tmp_path.iterdir()) == []


def test_very_many_entries_are_endless(tmp_path: Path) -> None:
    for at in range(MAX_ENTRIES + 1):
        os.symlink("x", tmp_path / f"{at}")
    assert size(tmp_path) == ENDLESS


def test_a_process_that_hides_its_files_is_endless_unless_it_is_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of an ending process cannot be looked at: once that ended programs which had done nothing."""
    ending = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, ending.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is not forgotten yet

    def refused(path: str) -> list[str]:
        raise PermissionError(13, "not permitted")

    with monkeypatch.context() as hiding:
        hiding.setattr("ringfence.connectors.sandbox.folders.os.listdir", refused)
        assert unnamed([os.getpid()], tmp_path) == ENDLESS
        assert unnamed([ending.pid], tmp_path) == 0
    assert ending.wait() == 0


def test_what_has_no_name_any_more_counts_while_it_is_held(tmp_path: Path) -> None:
    with open(tmp_path / "x", "w+b") as file:
        file.write(bytes(1 << 20))
        file.flush()
        (tmp_path / "x").unlink()
        assert size(tmp_path) == 0
        assert 1 << 20 <= unnamed([os.getpid()], tmp_path) < 2 << 20
        with mmap.mmap(file.fileno(), 1 << 20):
            assert unnamed([os.getpid()], tmp_path) >= 2 << 20
    assert unnamed([os.getpid()], tmp_path) == 0


def test_a_folder_that_is_gone_is_nothing(tmp_path: Path) -> None:
    assert size(tmp_path / "none") == 0
    remove(tmp_path / "none")


def test_nothing_is_left_if_it_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "full")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="full"), folder_of_job(b"", {"a": b""}, None):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_process_is_found_by_what_its_command_says() -> None:
    assert os.getpid() in processes_with("pytest") or processes_with("python")
    assert processes_with("there is no such command 7162534") == []
