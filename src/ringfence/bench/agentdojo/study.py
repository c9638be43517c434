"""A study: all tasks and pairs that were asked for, in several processes, resumable.

Its one rule: a row is written when it is known and never written twice; a study that was interrupted goes on where it
stopped, and one with other settings is refused.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, Final, Protocol, cast, final

from ringfence.bench.agentdojo.suites import VERSION, benchmark
from ringfence.bench.agentdojo.sweep import Deployment, Human, Pairs, Rules, Strength, rules_of
from ringfence.bench.agentdojo.task import child_text, honest, planned, run_task
from ringfence.core.errors import ConfigError
from ringfence.guard.approval import ApproveAll

Row = dict[str, Any]
Unit = tuple[str, ...]  # suite and task, perhaps more
ROWS: Final = "rows.jsonl"
_FORMAT: Final = 2


class Work(Protocol):
    """What a study runs. It is a dataclass of plain data, which goes to other processes and says what it is about."""

    def units(self) -> list[Unit]:
        """All that is to be run, in order. Raises ConfigError."""

    def rows(self, unit: Unit) -> list[Row]:
        """Run one."""


@final
@dataclass(frozen=True)
class Settings:
    """A study without a model. `tasks` empty: all of the suites. `turns`: how often the attacker tries on each pair."""

    suites: tuple[str, ...]
    tasks: tuple[str, ...]
    rules: tuple[Rules, ...]
    humans: tuple[Human, ...]
    strengths: tuple[Strength, ...]
    turns: int

    def deployments(self) -> list[Deployment]:
        return [Deployment(r, h, s) for r in self.rules for h in self.humans for s in self.strengths]

    def units(self) -> list[Unit]:
        return [*chosen_tasks(self.suites, self.tasks)]

    def rows(self, unit: Unit) -> list[Row]:
        suite, task = unit
        return _unit(self, suite, task)


def chosen_tasks(among: Sequence[str], tasks: Sequence[str]) -> list[tuple[str, str]]:
    """(suite, task) of these suites; no tasks: all. Raises ConfigError for a task that does not exist."""
    found = [(suite, task) for suite in among for task in suites()[suite].user_tasks]
    known = {task for _, task in found}
    for task in tasks:
        if task not in known:
            raise ConfigError("there is no such task", code="C512", hint="names are as in user_task_3")
    return [(suite, task) for suite, task in found if not tasks or task in tasks]


def study(
    work: Work, folder: Path | None, jobs: int, again: Callable[[Row], bool] = lambda row: False
) -> Iterator[tuple[int, int, list[Row]]]:
    """Rows as they come, with how many units are done and how many there are; what a folder holds comes first.

    `again` says of a row that is kept that its unit is to be run once more.
    """
    todo = work.units()
    kept = [] if folder is None else _kept(work, folder, again)
    done = {tuple(row["unit"]) for row in kept if row["kind"] == "done"}
    yield len(done), len(todo), [row for row in kept if row["kind"] != "done"]
    rest = [unit for unit in todo if unit not in done]
    count = len(done)
    if not rest:
        return
    workers = max(1, min(jobs, len(rest)))
    fresh = get_context("spawn")  # this process may have threads, which a fork would leave behind with their locks
    before = set(active_children())
    with ProcessPoolExecutor(max_workers=workers, mp_context=fresh) as pool:
        running = {pool.submit(work.rows, unit): unit for unit in rest}
        try:
            for future in as_completed(running):
                rows = future.result()
                count += 1
                if folder is not None:
                    _keep(folder, [*rows, {"kind": "done", "unit": [*running[future]]}])
                yield count, len(todo), rows
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(active_children()) - before:  # what they are in the middle of is not kept anyhow
                child.terminate()
            raise


def _kept(work: Work, folder: Path, again: Callable[[Row], bool]) -> list[Row]:
    """What is there already. Raises ConfigError if it is of another study."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        described, rows = folder / "study.json", folder / ROWS
        settings = json.loads(json.dumps(asdict(cast(Any, work))))
        about = {"version": VERSION, "format": _FORMAT, "kind": type(work).__name__, **settings}
        if not described.exists():
            described.write_text(json.dumps(about, indent=1) + "\n", "utf-8")
        elif _read(described) != about:
            raise ConfigError(
                f"{folder} holds a study with other settings", code="C512", hint="give --out another folder"
            )
        if not rows.exists():
            return []
        whole = list(_whole(rows.read_text("utf-8").splitlines(), again))
        rows.write_text("".join(json.dumps(row) + "\n" for row in whole), "utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError("the folder of the study cannot be used", code="C512", hint="check --out") from problem
    return whole


def _read(described: Path) -> object:
    try:
        return json.loads(described.read_text("utf-8"))
    except ValueError:
        return None


def _whole(lines: Iterable[str], again: Callable[[Row], bool]) -> Iterator[Row]:
    """The rows of the units that were ended, without those that are to be run again."""
    pending: list[Row] = []
    for line in lines:
        try:
            row: Row = json.loads(line)
        except ValueError:
            return  # the line that was being written when the study was interrupted
        pending.append(row)
        if row["kind"] == "done":
            if not any(map(again, pending)):
                yield from pending
            pending = []


def _keep(folder: Path, rows: Sequence[Row]) -> None:
    with (folder / ROWS).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@cache
def suites() -> Mapping[str, Any]:
    """The benchmark's suites, loaded once in a process."""
    return benchmark()


def _unit(settings: Settings, suite: str, task: str) -> list[Row]:
    """Everything about one task: without attack, and against each of the suite's attacks."""
    here = suites()[suite]
    if not planned(suite, task):
        return [{"kind": "unplanned", "suite": suite, "task": task}]
    rows = [_benign(here, task, rules) for rules in settings.rules]
    if settings.turns:
        pairs = Pairs(here)
        for attack in here.injection_tasks:
            pair = pairs.pair(task, attack)
            for deployment in settings.deployments():
                ended = pair.attacked(deployment, settings.turns)
                rows.append({"kind": "attack", "suite": suite, **asdict(deployment), **asdict(ended)})
    return rows


def _benign(suite: Any, task: str, rules: Rules) -> Row:
    """The task without any attack, with a human who says yes to what is asked."""
    began = time.perf_counter()
    mode, table, packs = rules_of(suite, rules, delegating=bool(child_text(suite.name, task)))
    ended = run_task(
        suite,
        suite.user_tasks[task],
        honest(suite.name, task),
        mode=mode,
        rules=table,
        packs=packs,
        approver=ApproveAll(),
    )
    return {
        "kind": "task",
        "suite": suite.name,
        "task": task,
        "rules": rules,
        "outcome": ended.result.outcome,
        "utility": ended.utility,
        "asked": len(ended.asked),
        "asks": [f"{one.tool}({', '.join(one.endorsable)})" for one in ended.asked],
        "seconds": round(time.perf_counter() - began, 4),
    }
