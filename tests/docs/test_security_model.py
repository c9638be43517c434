"""docs/security-model.md names the whole trusted base, and a test for each guarantee."""

import re
from typing import Annotated, Any

from docs.guarantees import THREATS, Shown, commands, guarantees, shown_in
from docs.pages import ROOT, read, rows
from docs.trusted_base import FOLDERS, PAGE, SOURCE, files, told
from ringfence import EVERYONE, Firewall, Label, Labeled, Public, labels, tool
from test_layers import MODULES, problems


def test_every_file_of_the_trusted_base_is_listed() -> None:
    assert {name: set(modules) for name, modules in told(read(PAGE)).items()} == {
        name: set(modules) for name, modules in files().items()
    }, "run `python tests/docs/trusted_base.py`"


def test_no_folder_of_the_trusted_base_is_left_out() -> None:
    found = {path.parent for layer in ("core", "schema", "lang", "guard") for path in (SOURCE / layer).rglob("*.py")}
    assert {path.relative_to(SOURCE).as_posix() for path in found} == set(FOLDERS)


def test_line_counts_are_about_right() -> None:
    actual = files()
    wrong = [
        f"{folder}/{name}: {count}"
        for folder, modules in told(read(PAGE)).items()
        for name, count in modules.items()
        if abs(actual[folder].get(name, 0) - count) > max(40, count // 3)
    ]
    assert wrong == [], "run `python tests/docs/trusted_base.py`"


def test_the_trusted_base_imports_only_what_it_may() -> None:
    for folder, modules in files().items():
        for name in modules:
            module = "ringfence." + folder.replace("/", ".") + ("" if name == "__init__" else f".{name}")
            assert list(problems(module, read(MODULES[module]))) == []


def test_each_guarantee_names_tests_that_exist() -> None:
    found = guarantees()
    assert sorted(found) == list(range(1, len(found) + 1))
    assert [number for number, (_, shown) in found.items() if not shown] == []
    assert [one for _, shown in found.values() for one in shown if not one.exists] == []


def test_each_threat_names_tests_that_exist_or_says_that_there_is_none() -> None:
    parts = read(THREATS).split("\n## ")[1:]
    assert len(parts) >= 11
    for part in parts:
        heading = part.partition("\n")[0]
        for row in rows(THREATS, f"## {heading}"):
            assert len(row) == 6, (heading, row)
            assert shown_in(row[4]) or row[4] in ("none", "not built"), (heading, row)
            assert [one for one in shown_in(row[4]) if not one.exists] == [], heading


def test_what_shows_a_guarantee_can_be_run() -> None:
    shown = [Shown("tests/x.py", "test_y"), Shown("tests/attacks/heap.case"), Shown("tests/z.py")]
    assert list(commands(shown)) == [["tests/x.py::test_y", "tests/z.py"], ["tests/test_cases.py", "-k", "heap"]]
    assert not shown[0].exists
    assert not Shown("tests/docs/guarantees.py", "nothing").exists
    assert Shown("tests/docs/guarantees.py", "run").exists


def test_a_forecast_knows_that_a_tool_may_return_what_it_was_given() -> None:
    @tool(effect="read", returns=labels(sources="user", readers=EVERYONE, own=False))
    def same(text: str) -> str:
        return text

    @tool(effect="write")
    def publish(text: Annotated[Any, Public]) -> None:
        raise AssertionError("nothing may be called")

    firewall = Firewall(tools=[same, publish], mode="strict")
    given = {"secret": Labeled("hush", Label({"user"}, {"user"}))}
    planned = firewall.check("publish(same(secret))", given)
    assert [(call.tool, call.verdict) for call in planned.forecast.calls] == [("same", "allow"), ("publish", "deny")]
    result = firewall.exec("publish(same(secret))", given)
    assert (result.outcome, result.error.code, result.calls) == ("denied", "P402", ())


def test_the_changelog_names_a_test_for_each_leak() -> None:
    part = read(ROOT / "CHANGELOG.md").split("### Security\n", 1)[1].split("\n## ", 1)[0]
    entries = re.findall(r"^- (.*(?:\n  .*)*)", part, re.MULTILINE)
    assert entries
    for entry in entries:
        named = re.findall(r"`((?:tests|docs)/[\w./]+)`", entry)
        assert named, entry
        assert [path for path in named if not (ROOT / path).is_file()] == []
