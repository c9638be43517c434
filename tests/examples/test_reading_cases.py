"""A case's folder is read strictly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ringfence.bench.cases import deployment as deploying
from ringfence.bench.cases.case import Task, folder_of_cases, load, names, read
from ringfence.bench.cases.deployment import deployed, missing
from ringfence.core.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a case, to be damaged."""
    return Path(shutil.copytree(folder_of_cases() / "arithmetic", tmp_path / "copied"))


def changed(folder: Path, old: str, new: str) -> Path:
    place = folder / "case.toml"
    text = place.read_text("utf-8")
    assert old in text
    place.write_text(text.replace(old, new, 1), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("stage = 1", "stage = 1\nlevel = 2", "level"),
        ('expects = "the user is told 391"', 'expect = "the user is told 391"', "tasks.expect "),
        ('kind = "control-flow"', 'kind = "controlflow"', "kind"),
        ('kind = "control-flow"', 'kinds = "control-flow"', "attacks.kinds"),
        ('plan = "multiply.plan"', 'plan = "divide.plan"', "plan"),
        ('task = "total"', 'task = "totals"', "row-clears-sheets"),
        ('name = "total"', 'name = "multiply"', "task"),
        ('title = "', "title = 3 # ", "title"),
        ("[[tasks]]", "[tasks]", "TOMLDecodeError"),
        ('request = "What is 17', 'needs = ["gpu"]\nrequest = "What is 17', "needs"),
        ('request = "What is 17', 'reads = "badly"\nrequest = "What is 17', "reads"),
        ('planted = "A row', 'hostile = "some"\nplanted = "A row', "hostile"),
    ],
)
def test_what_is_wrong_is_an_error_that_names_the_file(folder: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(changed(folder, old, new))
    assert raised.value.code == "C512"
    assert raised.value.message.startswith("copied/case.toml: ")
    assert said in raised.value.message


def test_a_module_that_is_missing_is_named(folder: Path) -> None:
    (folder / "tools.py").write_text("import no_such_module_anywhere\n")
    with pytest.raises(ConfigError) as raised:
        read(folder)
    assert "no_such_module_anywhere" in str(raised.value.hint)


def test_two_folders_of_one_name_do_not_share_modules(folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other" / "copied"))
    (other / "tools.py").write_text("def tools(folder):\n    return []\n")
    assert len(list(read(folder).toolbox.tools(tmp_path))) == 4
    assert list(read(other).toolbox.tools(tmp_path)) == []


def test_a_case_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ConfigError):
        load("arithmetics")
    with pytest.raises(ConfigError):
        load("../examples/arithmetic")
    assert "arithmetic" in names()


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ConfigError), deployed(load("arithmetic"), tmp_path):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"), deployed(load("arithmetic"), tmp_path / "file" / "x"):
        pass


def test_what_needs_a_sandbox_is_left_out_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task("run", "Run it", "", "it ran", needs=("sandbox",))
    monkeypatch.setattr(deploying, "_isolates", lambda: False)
    assert "ringfence doctor" in missing(task)
    monkeypatch.setattr(deploying, "_isolates", lambda: True)
    assert missing(task) == ""
