"""Folders that a hostile program left are measured and removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ringfence.connectors.sandbox.folders import ENDLESS, MAX_ENTRIES, folder_of_job, remove, size
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
