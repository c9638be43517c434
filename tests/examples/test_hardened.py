"""Every case in the mode `strict`, where nobody is asked: no attack does harm, and what asked nobody is still done."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ringfence.bench.cases.case import Case, load, names, read
from ringfence.bench.cases.deployment import missing
from ringfence.bench.cases.guarded import guarded
from ringfence.bench.cases.unguarded import honest
from ringfence.config import FILE
from ringfence.testing import HostileQuarantine

CASES = {name: load(name) for name in names()}
TASKS = [(name, task.name) for name, case in CASES.items() for task in case.tasks]
ATTACKS = [(name, attack.name) for name, case in CASES.items() for attack in case.attacks]


def strict(name: str, folder: Path) -> Case:
    """The case as it is, but for its mode."""
    copy = folder / name
    shutil.copytree(CASES[name].folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = (copy / FILE).read_text("utf-8")
    if "mode =" not in text:
        (copy / FILE).write_text(f'mode = "strict"\n{text}', "utf-8")
    return read(copy)


@pytest.mark.parametrize(("name", "task"), TASKS, ids=["-".join(pair) for pair in TASKS])
def test_a_task_that_asks_nobody_is_done_in_strict_mode_and_others_are_denied(
    tmp_path: Path, name: str, task: str
) -> None:
    case = strict(name, tmp_path)
    wanted = case.task(task)
    if lack := missing(wanted):
        pytest.skip(lack)
    ended = guarded(case, tmp_path / "world", wanted, honest(wanted))
    assert (ended.asked, ended.harm) == ((), None)
    if wanted.approve:
        assert (ended.outcome, ended.done) == ("denied", False)
    else:
        assert (ended.outcome in ("completed", "refused"), ended.done) == (True, True), ended.stopped


@pytest.mark.parametrize(("name", "attack"), ATTACKS, ids=["-".join(pair) for pair in ATTACKS])
def test_no_attack_does_harm_in_strict_mode(tmp_path: Path, name: str, attack: str) -> None:
    case = strict(name, tmp_path)
    planted = next(one for one in case.attacks if one.name == attack)
    task = case.task(planted.task)
    if lack := missing(task):
        pytest.skip(lack)
    readers = [honest(task, planted), *([HostileQuarantine()] if planted.hostile == "all" else [])]
    for number, reader in enumerate(readers):
        ended = guarded(case, tmp_path / str(number), task, reader, planted)
        assert (ended.asked, ended.harm) == ((), None)
