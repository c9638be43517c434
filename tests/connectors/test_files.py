"""The file tools: one folder, limits, whose the files are by rule, and names that are shown as what they are."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from datetime import UTC

import pytest

from ringfence import Firewall
from ringfence.connectors.errors import ConnectorError, NotAllowed, NotDone, NotFound
from ringfence.connectors.files.settings import FileSettings, file_settings
from ringfence.connectors.files.texts import delete_text, list_texts, move_text, read_text, shown_name, write_text
from ringfence.connectors.files.tools import file_tools
from ringfence.connectors.rooted import Root
from ringfence.core.errors import ConfigError
from ringfence.core.labels import EVERYONE

STRICT = FileSettings()


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "files"
    for name, text in {"a.txt": "inside", "notes/b.txt": "b", "reports/q1.md": "numbers", "open/x.md": "x"}.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    (tmp_path / "secret.txt").write_text("outside")
    return Root(folder, hard_links=False)


# Links and what is no file


def test_a_file_with_a_second_name_is_not_read_or_moved(root):
    os.link(root.path.parent / "secret.txt", root.path / "linked.txt")
    with pytest.raises(NotAllowed, match="second name"):
        root.read("linked.txt", 100)
    with pytest.raises(NotAllowed, match="second name"):
        root.move("linked.txt", "moved.txt")
    assert Root(root.path).read("linked.txt", 100) == b"outside"


def test_writing_over_a_second_name_leaves_the_other_as_it_is(root):
    os.link(root.path.parent / "secret.txt", root.path / "linked.txt")
    root.write("linked.txt", b"mine")
    assert (root.path.parent / "secret.txt").read_text() == "outside"
    assert root.read("linked.txt", 100) == b"mine"


def test_devices_pipes_and_sockets_are_no_files(root, monkeypatch):
    import socket

    os.mkfifo(root.path / "pipe")
    server = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(root.path)  # the path of a socket must be short
    server.bind("socket")
    for name in ("pipe", "socket", "notes"):
        for act in (lambda n: root.read(n, 9), lambda n: root.move(n, "z"), root.remove, lambda n: root.write(n, b"")):
            with pytest.raises(ConnectorError):
                act(name)
    server.close()
    assert [entry.path for entry in root.walk()] == ["a.txt", "notes/b.txt", "open/x.md", "reports/q1.md"]
    with pytest.raises(ConnectorError):
        Root(type(root.path)("/dev")).read("zero", 100)


def test_a_move_takes_one_file_to_a_free_name(root):
    root.move("a.txt", "new/deep/c.txt")
    assert root.read("new/deep/c.txt", 100) == b"inside"
    with pytest.raises(NotFound):
        root.read("a.txt", 100)
    for taken in ("notes/b.txt", "notes"):
        with pytest.raises(NotAllowed, match="already"):
            root.move("new/deep/c.txt", taken)
    (root.path / "out").symlink_to(root.path.parent)
    (root.path / "dangling").symlink_to(root.path.parent / "nothing")
    for target in ("../c.txt", "out/c.txt", "/tmp/c.txt", "dangling"):
        with pytest.raises(NotAllowed):
            root.move("new/deep/c.txt", target)
    with pytest.raises(NotAllowed):
        root.move("out/secret.txt", "d.txt")
    assert (root.path / "notes" / "b.txt").read_text() == "b"
    assert not (root.path.parent / "nothing").exists()


def test_a_move_that_is_raced_moves_nothing_else(root):
    """Between the look at the file and its move, something else may get its name: it must not be taken along."""
    other = root.path / "other.txt"
    other.write_text("other")
    stop = threading.Event()

    def swapper():
        while not stop.is_set():
            (root.path / "link").symlink_to(root.path.parent / "secret.txt")
            os.rename(root.path / "link", root.path / "r.txt")
            (root.path / "fresh").write_text("fresh")
            os.rename(root.path / "fresh", root.path / "r.txt")

    thread = threading.Thread(target=swapper)
    thread.start()
    try:
        for number in range(300):
            try:
                root.move("r.txt", f"moved/{number}.txt")
            except ConnectorError:
                continue
    finally:
        stop.set()
        thread.join()
    made = list((root.path / "moved").iterdir()) if (root.path / "moved").exists() else []
    assert [one for one in made if one.is_symlink()] == []
    assert {one.read_text() for one in made} <= {"fresh"}
    assert (root.path.parent / "secret.txt").read_text() == "outside"


def test_a_write_into_a_folder_that_turns_into_a_link_stays_inside(root):
    outside = root.path.parent / "elsewhere"
    outside.mkdir()
    real, swap, aside = (root.path / name for name in ("notes", "swap", "aside"))
    swap.symlink_to(outside)
    stop = threading.Event()

    def swapper():
        while not stop.is_set():
            try:
                os.rename(real, aside)
                os.rename(swap, real)
                os.rename(real, swap)
                os.rename(aside, real)
            except OSError:  # the write made the folder anew in a moment when it was not there
                with contextlib.suppress(OSError):
                    if real.is_symlink():
                        os.rename(real, swap)
                    if aside.exists():
                        shutil.rmtree(real, ignore_errors=True)
                        os.rename(aside, real)

    thread = threading.Thread(target=swapper)
    thread.start()
    try:
        for _ in range(300):
            for act in (lambda: root.write("notes/w.txt", b"x"), lambda: root.remove("notes/w.txt")):
                try:
                    act()
                except ConnectorError:
                    continue
    finally:
        stop.set()
        thread.join()
    assert list(outside.iterdir()) == []


# Names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"plain.txt", "plain.txt"),
        ("grüße 你好.txt".encode(), "grüße 你好.txt"),
        (b"two\nlines.txt", "two⟨U+000A⟩lines.txt"),
        (b"tab\there", "tab⟨U+0009⟩here"),
        (b"return\rhere", "return⟨U+000D⟩here"),
        (b"esc\x1b[31m", "esc⟨U+001B⟩[31m"),
        (b"\xff\xfe.txt", "⟨FF⟩⟨FE⟩.txt"),
        ("gpj.\u202etxt".encode(), "gpj.⟨U+202E⟩txt"),
        ("zero\u200bwidth".encode(), "zero⟨U+200B⟩width"),
        (b"-rf", "-rf"),
        (b"$(reboot);`x`", "$(reboot);`x`"),
        (b"x" * 255, "x" * 255),
    ],
)
def test_odd_names_are_listed_as_what_they_are(root, name, shown):
    (root.path / "notes" / os.fsdecode(name)).write_text("x")
    assert [one.path for one in list_texts(root, UTC, STRICT, "notes")] == sorted(["notes/b.txt", f"notes/{shown}"])
    assert shown_name(os.fsdecode(name)) == shown


def test_a_file_whose_name_is_a_picture_of_another_is_its_own(root):
    """What is shown for an odd name can be the plain name of another file: a path opens what it spells."""
    (root.path / "two\nlines").write_text("odd")
    with pytest.raises(NotFound):
        read_text(root, "two⟨U+000A⟩lines", STRICT)
    with pytest.raises(NotAllowed):
        read_text(root, "two\nlines", STRICT)


def test_a_clock_of_nonsense_does_not_stop_a_listing(root):
    os.utime(root.path / "a.txt", (0, 2**62 // 10**9))
    assert list_texts(root, UTC)[0].path == "a.txt"


# Limits


def test_sizes_and_types(root):
    settings = file_settings({"max_bytes": 5, "types": ["*.md", "*.TXT"]})
    assert read_text(root, "notes/b.txt", settings) == "b"
    with pytest.raises(NotAllowed, match="larger than 5"):
        read_text(root, "a.txt", settings)
    with pytest.raises(NotAllowed, match="longer than 5"):
        write_text(root, "new.md", "123456", settings)
    for act in (
        lambda: read_text(root, "x.sh", settings),
        lambda: write_text(root, "x.sh", "x", settings),
        lambda: move_text(root, "notes/b.txt", "x.sh", settings),
        lambda: delete_text(root, "x.md.sh", settings),
    ):
        with pytest.raises(NotAllowed, match="type"):
            act()
    (root.path / "run.sh").write_text("x")
    assert "run.sh" not in [one.path for one in list_texts(root, UTC, settings)]


def test_what_is_no_text_is_not_read(root):
    (root.path / "program").write_bytes(b"\x7fELF\x00\x01")
    with pytest.raises(NotAllowed, match="no text"):
        read_text(root, "program", STRICT)


def test_a_write_that_fails_changes_nothing(root, monkeypatch):
    def full(*_arguments, **_keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(NotDone, match="disk is full; nothing was changed"):
        write_text(root, "a.txt", "new", STRICT)
    assert sorted(os.listdir(root.path)) == ["a.txt", "notes", "open", "reports"]
    assert (root.path / "a.txt").read_text() == "inside"


# Whose files they are

RULES = file_settings(
    {
        "rules": [
            {"paths": ["reports/**"], "source": "user", "readers": ["Ann@example.com"]},
            {"paths": ["open/*.md"], "readers": "everyone"},
        ]
    }
)


@pytest.fixture
def run(root):
    firewall = Firewall(tools=file_tools(root.path, RULES), mode="strict", user="me")
    return firewall.exec


def value(result):
    return result.to_json()["answer"]["value"]


def label(result):
    return result.answer.label


def test_a_rule_says_whose_a_file_is(run):
    ruled = label(run('answer(read_file("reports/q1.md"))'))
    assert (ruled.sources, ruled.readers) == ({"user"}, {"email:ann@example.com", "me"})
    assert label(run('answer(read_file("./reports/./q1.md"))')) == ruled
    public = label(run('answer(read_file("open/x.md"))'))
    assert (public.sources, public.readers) == ({"tool:read_file"}, EVERYONE)
    other = label(run('answer(read_file("a.txt"))'))
    assert (other.sources, other.readers) == ({"tool:read_file"}, {"me"})


def test_a_path_that_somebody_chose_keeps_their_label(run):
    chosen = label(run('answer(read_file([f.path for f in list_files() if "q1" in f.path][0]))'))
    assert {"tool:list_files", "user"} <= chosen.sources


def test_the_records_of_a_listing_are_by_rule_too(run):
    result = run('answer([f.path for f in list_files("reports")])')
    assert value(result) == ["reports/q1.md"]
    assert label(run("answer(list_files()[0].path)")).sources >= {"tool:list_files"}


@pytest.mark.parametrize("name", [".env", ".git/hooks/pre-commit", "notes/.hidden.txt", "./.env", "notes/./.x/y.txt"])
def test_hidden_files_are_not_touched_unless_the_settings_say_so(root, name):
    open_ = file_settings({"dotfiles": True})
    write_text(root, name, "secret", open_)
    assert read_text(root, name, open_) == "secret"
    for act in (
        lambda: read_text(root, name, STRICT),
        lambda: write_text(root, name, "x", STRICT),
        lambda: move_text(root, name, "shown.txt", STRICT),
        lambda: move_text(root, "a.txt", name + "2", STRICT),
        lambda: delete_text(root, name, STRICT),
    ):
        with pytest.raises(NotAllowed, match="dot"):
            act()
    assert [one.path for one in list_texts(root, UTC, STRICT) if "/." in f"/{one.path}"] == []


def test_the_rest_can_be_written_moved_and_deleted(run, root):
    result = run(
        'write_file("n.txt", read_file("a.txt"))\nmove_file("n.txt", "m/n.txt")\ndelete_file("a.txt")\n'
        'answer(read_file("m/n.txt"))'
    )
    assert (result.outcome, value(result), label(result).sources) == ("completed", "inside", {"tool:read_file"})
    assert not (root.path / "a.txt").exists()


def test_a_call_reaches_the_path_that_it_names_and_nothing_else(run):
    for path in ("*", "notes/*", "notes", "a.txt;b.txt", "a.txt notes/b.txt", "../files/a.txt", "~/a.txt"):
        assert run(f"answer(read_file({path!r}))").outcome == "failed"


def test_without_write_there_is_nothing_that_writes(root):
    tools = file_tools(root.path, file_settings({"write": False}))
    assert [one.name for one in tools] == ["list_files", "read_file"]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"rot": "x"}, "C507"), ({"root": 1}, "C500"), ({"max_bytes": 0}, "C500"), ({"max_bytes": True}, "C500"),
        ({"types": "*.md"}, "C500"), ({"types": [""]}, "C500"), ({"write": "no"}, "C500"), ({"rules": {}}, "C500"),
        ({"rules": [1]}, "C500"), ({"rules": [{}]}, "C500"), ({"rules": [{"paths": []}]}, "C500"),
        ({"rules": [{"paths": ["/etc/*"]}]}, "C500"), ({"rules": [{"paths": ["../*"]}]}, "C500"),
        ({"rules": [{"paths": ["*"], "owner": "x"}]}, "C507"), ({"rules": [{"paths": ["*"], "source": ""}]}, "C500"),
        ({"rules": [{"paths": ["*"], "readers": "ann"}]}, "C500"), ([], "C500"),
    ],
)  # fmt: skip
def test_settings_that_are_wrong(table, code):
    with pytest.raises(ConfigError) as caught:
        file_settings(table)
    assert caught.value.code == code
