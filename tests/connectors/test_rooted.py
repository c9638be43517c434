"""A folder that no path, link or race leaves, and whose files are written whole or not at all."""

from __future__ import annotations

import os
import threading

import pytest

from ringfence.connectors.errors import ConnectorError, NotAllowed, NotDone, NotFound
from ringfence.connectors.files.texts import list_texts, read_text, write_text
from ringfence.connectors.rooted import Root


@pytest.fixture
def root(tmp_path):
    (tmp_path / "secret.txt").write_text("outside")
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").write_text("inside")
    return Root(folder)


ESCAPES = [
    "../secret.txt",
    "notes/../../secret.txt",
    "notes/../notes/a.txt",
    "/etc/passwd",
    "//etc/passwd",
    "",
    ".",
    "..",
    "notes//a.txt",
    "notes/",
    "notes\\a.txt",
    "notes/a.txt\0",
    "notes/a.txt\n",
    "notes/\ud800",
    "/".join(["x"] * 100),
    ".ringfence-0",
    "x" * 300,
]


@pytest.mark.parametrize("path", ESCAPES)
def test_a_path_that_is_not_a_plain_name_below_is_refused(root, path):
    with pytest.raises(NotAllowed):
        root.read(path, 100)
    with pytest.raises(NotAllowed):
        root.write(path, b"x")
    with pytest.raises(NotAllowed):
        root.remove(path)
    assert (root.path.parent / "secret.txt").read_text() == "outside"


def test_links_are_never_followed(root):
    outside = root.path.parent
    (root.path / "file-link").symlink_to(outside / "secret.txt")
    (root.path / "folder-link").symlink_to(outside)
    (root.path / "inner-link").symlink_to(root.path / "notes" / "a.txt")
    for path in ("file-link", "folder-link/secret.txt", "inner-link"):
        with pytest.raises(NotAllowed):
            root.read(path, 100)
        with pytest.raises(NotAllowed):
            root.write(path, b"changed")
        with pytest.raises(NotAllowed):
            root.remove(path)
    assert (outside / "secret.txt").read_text() == "outside"
    assert [entry.path for entry in root.walk()] == ["notes/a.txt"]


def test_a_root_that_is_a_link_is_refused(root):
    link = root.path.parent / "link"
    link.symlink_to(root.path)
    with pytest.raises(NotAllowed):
        Root(link).read("notes/a.txt", 100)


def test_a_folder_that_turns_into_a_link_while_it_is_used_leads_nowhere_else(root):
    outside = root.path.parent / "elsewhere"
    outside.mkdir()
    (outside / "a.txt").write_text("outside")
    real, swap = root.path / "notes", root.path / "swap"
    swap.symlink_to(outside)
    stop = threading.Event()

    def swapper():
        while not stop.is_set():
            os.rename(real, root.path / "aside")
            os.rename(swap, real)
            os.rename(real, swap)
            os.rename(root.path / "aside", real)

    thread = threading.Thread(target=swapper)
    thread.start()
    seen = set()
    try:
        for _ in range(2000):
            try:
                seen.add(root.read("notes/a.txt", 100))
            except ConnectorError:
                seen.add(None)
    finally:
        stop.set()
        thread.join()
    assert seen <= {b"inside", None}
    assert b"inside" in seen


def test_a_pipe_neither_blocks_nor_is_read(root):
    os.mkfifo(root.path / "pipe")
    with pytest.raises(NotAllowed):
        root.read("pipe", 100)
    with pytest.raises(NotAllowed):
        root.write("pipe", b"x")
    with pytest.raises(NotAllowed):
        root.read("notes", 100)


def test_sizes_are_limited(root):
    root.write("big", b"x" * 100)
    assert root.read("big", 100) == b"x" * 100
    with pytest.raises(NotAllowed):
        root.read("big", 99)
    with pytest.raises(NotAllowed):
        write_text(root, "huge", "x" * (5 << 20))
    assert not (root.path / "huge").exists()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(root, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotDone, match="disk is full; nothing was changed"):
        root.write("notes/a.txt", b"new")
    assert os.listdir(root.path / "notes") == ["a.txt"]
    assert (root.path / "notes" / "a.txt").read_text() == "inside"


def test_a_new_file_is_the_users_alone_and_a_replaced_one_keeps_its_permissions(root):
    root.write("new", b"x")
    assert (root.path / "new").stat().st_mode & 0o777 == 0o600
    (root.path / "new").chmod(0o644)
    root.write("new", b"y")
    assert (root.path / "new").stat().st_mode & 0o777 == 0o644


def test_errors_of_the_system_do_not_tell_its_paths(root):
    with pytest.raises(NotFound) as caught:
        root.read("missing.txt", 100)
    assert str(root.path) not in str(caught.value)
    with pytest.raises(NotFound):
        root.remove("notes/missing.txt")


def test_texts_round_trip_and_bytes_that_are_no_text_are_replaced(root):
    from datetime import UTC

    write_text(root, "new/deep/ü.txt", "Grüße\r\n\ud800")
    assert read_text(root, "new/deep/ü.txt") == "Grüße\r\n?"
    (root.path / "raw").write_bytes(b"\xffok")
    assert read_text(root, "raw") == "\ufffdok"
    (root.path / os.fsdecode(b"bad\xff.txt")).write_text("x")
    assert [info.path for info in list_texts(root, UTC)] == ["bad⟨FF⟩.txt", "new/deep/ü.txt", "notes/a.txt", "raw"]
