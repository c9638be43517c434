"""A study: all tasks and pairs that were asked for, in several processes, resumable.

Its one rule: a row is written when it is known and never written twice; a study that was interrupted goes on where it
stopped, and one with other settings is refused.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, final

from ringfence.bench.agentdojo.reading import HonestReader
from ringfence.bench.agentdojo.suites import VERSION, benchmark
from ringfence.bench.agentdojo.sweep import Deployment, Human, Pairs, Rules, Strength, rules_of
from ringfence.bench.agentdojo.task import plan_text, planned, run_task
from ringfence.core.errors import ConfigError
from ringfence.guard.approval import ApproveAll

Row = dict[str, Any]
ROWS: Final = "rows.jsonl"


@final
@dataclass(frozen=True)
class Settings:
    """What a study runs. `tasks` empty: all of the suites. `turns`: how often the attacker tries on each pair."""

    suites: tuple[str, ...]
    tasks: tuple[str, ...]
    rules: tuple[Rules, ...]
    humans: tuple[Human, ...]
    strengths: tuple[Strength, ...]
    turns: int

    def deployments(self) -> list[Deployment]:
        return [Deployment(r, h, s) for r in self.rules for h in self.humans for s in self.strengths]


def units(settings: Settings) -> list[tuple[str, str]]:
    """(suite, task) of everything that is to be run. Raises ConfigError for a task that does not exist."""
    suites = benchmark()
    found = [(suite, task) for suite in settings.suites for task in suites[suite].user_tasks]
    known = {task for _, task in found}
    for task in settings.tasks:
        if task not in known:
            raise ConfigError(f"there is no task {task}", code="C512", hint="names are as in user_task_3")
    return [(suite, task) for suite, task in found if not settings.tasks or task in settings.tasks]


def study(settings: Settings, folder: Path | None, jobs: int) -> Iterator[tuple[int, int, list[Row]]]:
    """Rows as they come, with how many units are done and how many there are; what a folder holds comes first."""
    todo = units(settings)
    kept = [] if folder is None else _kept(settings, folder)
    done = {(row["suite"], row["task"]) for row in kept if row["kind"] == "done"}
    yield len(done), len(todo), [row for row in kept if row["kind"] != "done"]
    rest = [unit for unit in todo if unit not in done]
    count = len(done)
    if not rest:
        return
    workers = max(1, min(jobs, len(rest)))
    fresh = get_context("spawn")  # this process may have threads, which a fork would leave behind with their locks
    with ProcessPoolExecutor(max_workers=workers, mp_context=fresh) as pool:
        running = {pool.submit(_unit, settings, suite, task): (suite, task) for suite, task in rest}
        for future in as_completed(running):
            suite, task = running[future]
            rows = future.result()
            count += 1
            if folder is not None:
                _keep(folder, [*rows, {"kind": "done", "suite": suite, "task": task}])
            yield count, len(todo), rows


def _kept(settings: Settings, folder: Path) -> list[Row]:
    """What is there already. Raises ConfigError if it is of another study."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {"version": VERSION, **json.loads(json.dumps(asdict(settings)))}
    described = folder / "study.json"
    if not described.exists():
        described.write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    elif json.loads(described.read_text("utf-8")) != about:
        raise ConfigError(f"{folder} holds a study with other settings", code="C512", hint="give --out another folder")
    rows = folder / ROWS
    if not rows.exists():
        return []
    whole: list[Row] = []
    pending: list[Row] = []
    for line in rows.read_text("utf-8").splitlines():
        try:
            row: Row = json.loads(line)
        except ValueError:
            break  # the line that was being written when the study was interrupted
        pending.append(row)
        if row["kind"] == "done":
            whole += pending
            pending = []
    rows.write_text("".join(json.dumps(row) + "\n" for row in whole), "utf-8")
    return whole


def _keep(folder: Path, rows: Sequence[Row]) -> None:
    with (folder / ROWS).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


_SUITES: dict[str, Any] = {}


def _unit(settings: Settings, suite: str, task: str) -> list[Row]:
    """Everything about one task: without attack, and against each of the suite's attacks."""
    if not _SUITES:
        _SUITES.update(benchmark())
    here = _SUITES[suite]
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
    mode, table, packs = rules_of(suite, rules)
    ended = run_task(
        suite,
        suite.user_tasks[task],
        HonestReader.of(plan_text(suite.name, task)),
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
