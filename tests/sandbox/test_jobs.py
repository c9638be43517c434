"""What a job gets and gives, in every backend that works here; what cannot be a job."""

from __future__ import annotations

import glob
import os
import tempfile

import pytest

from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.sandbox.job import MAX_FILES, Job, Limits, checked
from ringfence.connectors.sandbox.sandbox import Sandbox


def test_python_prints(box: Sandbox) -> None:
    ran = box.run(Job("python", "import sys\nprint('é', 6 * 7)\nprint('err', file=sys.stderr)\nsys.exit(3)"))
    assert (ran.stdout, ran.stderr, ran.status, ran.ended) == ("é 42\n", "err\n", 3, "exit")


def test_shell_runs_several_lines(box: Sandbox) -> None:
    ran = box.run(Job("shell", "x=$(printf 'b\\na\\n' | sort | tr '\\n' ,)\necho \"$x\"\nexit 4\n"))
    assert (ran.stdout, ran.stderr, ran.status) == ("a,b,\n", "", 4)


def test_input_and_files_are_there(box: Sandbox) -> None:
    files = {"a.txt": b"one", "folder/b.bin": bytes(range(256)), "name with ' and \"": b"two", "-rf": b"three"}
    code = (
        "import sys, pathlib\nprint(sys.stdin.read())\n"
        "for name in ('a.txt', 'folder/b.bin', 'name with \\' and \"', '-rf'):\n"
        "    print(pathlib.Path(name).read_bytes()[:5])\n"
    )
    ran = box.run(Job("python", code, "the input", files))
    assert ran.stdout == "the input\nb'one'\nb'\\x00\\x01\\x02\\x03\\x04'\nb'two'\nb'three'\n", ran.stderr


@pytest.mark.parametrize("way", ["echo changed > a.txt", "echo changed >> a.txt", "cp /dev/null a.txt"])
def test_a_file_that_was_given_cannot_be_changed(box: Sandbox, way: str) -> None:
    ran = box.run(Job("shell", f"{way}\ncat a.txt", files={"a.txt": b"one"}))
    assert ran.stdout == "one"


def test_a_program_can_make_files_in_its_folder_and_below(box: Sandbox) -> None:
    code = "mkdir -p d/e && echo x > d/e/f && cat d/e/f && mv d/e/f g && rm g && ls -A && echo t > $(mktemp)"
    ran = box.run(Job("shell", code))
    assert (ran.stdout, ran.stderr, ran.status) == ("x\nd\n", "", 0)


def test_nothing_of_one_job_is_there_in_the_next(box: Sandbox) -> None:
    box.run(Job("shell", "echo x > left; echo x > $TMPDIR/left-too"))
    assert box.run(Job("shell", "ls -A; ls -A $TMPDIR")).stdout == ""


def test_output_that_is_no_text_is_shown_as_far_as_it_is(box: Sandbox) -> None:
    assert box.run(Job("python", "import sys\nsys.stdout.buffer.write(b'a\\xff\\x00b')")).stdout == "a\ufffd\x00b"


def test_a_signal_ends_it_with_its_number(box: Sandbox) -> None:
    assert box.run(Job("python", "import os\nos.kill(os.getpid(), 15)")).status == 128 + 15


def test_lone_surrogates_in_code_input_and_names(box: Sandbox) -> None:
    ran = box.run(Job("python", "import sys\nprint(ascii(sys.stdin.read()))  # \udc80", "\udc80"))
    assert ran.stdout == "'?'\n"
    with pytest.raises(NotAllowed):
        box.run(Job("python", "pass", files={"\udc80": b""}))


def test_the_environment_is_small_and_says_nothing(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "secret")
    ran = box.run(Job("python", "import os\nprint(sorted(os.environ))"))
    assert ran.stdout in (
        "['HOME', 'LANG', 'LC_ALL', 'PATH', 'TMPDIR']\n",
        "['HOME', 'LANG', 'LC_ALL', 'PATH', 'PWD', 'TMPDIR']\n",
    )


def test_the_environment_cannot_change_how_the_interpreter_starts(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    for name in ("PYTHONSTARTUP", "PYTHONPATH", "LD_PRELOAD", "BASH_ENV", "ENV"):
        monkeypatch.setenv(name, str(tmp_path))
    assert box.run(Job("python", "print(1)")).stdout == "1\n"
    assert box.run(Job("shell", "echo 1")).stdout == "1\n"


def test_no_folder_is_left_on_the_host(box: Sandbox) -> None:
    place = os.path.join(tempfile.gettempdir(), "ringfence-sandbox-*")
    before = set(glob.glob(place))
    box.run(Job("shell", "mkdir -p a/b && mkfifo a/p && ln -s / a/root && umask 777 && mkdir -p closed/one"))
    ours = [name for name in set(glob.glob(place)) - before if os.stat(name).st_uid == os.getuid()]
    assert ours == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "./a",
        ".",
        "..",
        "a/",
        "a\nb",
        "a\0b",
        "a\\b",
        "\x7f",
        "x" * 101,
        8 * "a/" + "a",
    ],
)
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(NotAllowed):
        checked(Job("python", "pass", files={name: b""}), Limits())


@pytest.mark.parametrize(
    "job",
    [
        Job("python", "x" * (1 << 20) + "y"),
        Job("python", "a\0b"),
        Job("python", "pass", "x" * 2000),
        Job("python", "pass", files={"a": bytes(2000)}),
        Job("python", "pass", files={str(n): b"" for n in range(MAX_FILES + 1)}),
        Job("python", "pass", files={"a": b"", "a/b": b""}),
    ],
    ids=["long code", "zero byte", "long input", "long file", "many files", "a file that is a folder"],
)
def test_what_is_too_much_is_refused(job: Job) -> None:
    with pytest.raises(NotAllowed, match="nothing was run"):
        checked(job, Limits(input=1500))
