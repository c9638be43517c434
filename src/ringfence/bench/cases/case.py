"""A case study as it lies in its folder: what it is, its tasks, its attacks, its tools and its world.

    case.toml         title, summary, patterns, stage, [[tasks]], [[attacks]]
    ringfence.toml    the configuration of the deployment
    tools.py          tools(folder): the tools, or a context manager that gives them
    world.py          prepare(folder, attack), harm(folder, attack), done(folder, task)
    plans/*.plan      reviewed plans, with the honest reader's answers in comments

Its one rule: it is read strictly; an unknown key, a kind of attack that does not exist, or a plan that is not there is
an error that names the file.
"""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Protocol, cast, final

from ringfence.config import did_you_mean
from ringfence.core.errors import ConfigError
from ringfence.guard.tools import Tool
from ringfence.lang.dialects import DIALECTS

KINDS: Final = (
    "control-flow", "data-flow", "exfiltration", "argument-hijack", "tool-description", "encoded", "hostile-document",
)  # fmt: skip
READS: Final = ("written", "offline")
HOSTILE: Final = ("all", "planted")
NEEDS: Final = ("sandbox",)
ANSWER: Final = "answer.txt"
_CASE: Final = ("title", "summary", "patterns", "stage", "today", "tasks", "attacks")
_TASK: Final = ("name", "request", "plan", "dialect", "expects", "approve", "reads", "given", "needs")
_ATTACK: Final = ("name", "kind", "task", "planted", "describes", "request", "plan", "given", "hostile")
_NOTHING: Final[Mapping[str, Any]] = {}


class World(Protocol):
    """The module `world.py`: it writes the world into an empty folder, and looks at what became of it."""

    def prepare(self, folder: Path, attack: str | None) -> None:
        """Write the world, with what the attacker put into it."""

    def harm(self, folder: Path, attack: str) -> str | None:
        """What the attacker got, in one sentence, or None."""

    def done(self, folder: Path, task: str) -> bool:
        """Whether the task's purpose was reached."""


class ToolsModule(Protocol):
    """The module `tools.py`."""

    def tools(self, folder: Path) -> Sequence[Tool] | AbstractContextManager[Sequence[Tool]]:
        """The tools over the world in the folder."""


@final
@dataclass(frozen=True, slots=True)
class Task:
    """Something that a user wants. `approve`: the tools whose calls a careful person says yes to, when asked.

    plan: the text of the reviewed plan. expects: what the world shows afterwards, in words. reads: whose reading is the
    honest one: "written" beside the plan, or that of the "offline" reader. given: variables, as `--given` has them.
    needs: what the machine must have: "sandbox", one that runs whole programs.
    dialect: of this task's plan, where it is narrower than that of the configuration.
    """

    name: str
    request: str
    plan: str
    expects: str
    approve: tuple[str, ...] = ()
    reads: str = "written"
    given: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    needs: tuple[str, ...] = ()
    dialect: str | None = None


@final
@dataclass(frozen=True, slots=True)
class Attack:
    """What an attacker does while a task is carried out. `planted` says what, in words.

    describes: what the tools' server now says of them. request, given: where the user's own words are the attack.
    plan: what a planner that fell for them writes; without a request, a careless plan, which both sides follow.
    hostile: which readings are the attacker's when the reader is: "all", or those of data that hold what was
    "planted", where the harm is in what other readings say.
    """

    name: str
    kind: str
    task: str
    planted: str
    describes: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    request: str | None = None
    plan: str | None = None
    given: Mapping[str, Any] | None = None
    hostile: str = "all"


@final
@dataclass(frozen=True, slots=True)
class Case:
    """A case study. `stage` is that of the roadmap: 1 action selector … 5 hardened."""

    name: str
    folder: Path
    title: str
    summary: str
    patterns: tuple[str, ...]
    stage: int
    tasks: tuple[Task, ...]
    attacks: tuple[Attack, ...]
    today: date | None
    world: World
    toolbox: ToolsModule

    def task(self, name: str) -> Task:
        """The task of that name."""
        return next(one for one in self.tasks if one.name == name)


def folder_of_cases() -> Path:
    """Where the case studies are: beside the package in an installation, at the root in a checkout."""
    package = Path(__file__).parents[2]
    return package / "examples" if (package / "examples").is_dir() else package.parents[1] / "examples"


def names() -> tuple[str, ...]:
    """The case studies that there are, those of the first stages first."""
    found = [place.parent for place in folder_of_cases().glob("*/case.toml")]
    return tuple(place.name for place in sorted(found, key=lambda place: (_stage(place), place.name)))


def _stage(place: Path) -> int:
    stage = _table(place / "case.toml").get("stage")
    return stage if isinstance(stage, int) else 0


def load(name: str) -> Case:
    """The case study of that name. Raises ConfigError (C512)."""
    if name not in names():
        hint = did_you_mean(name, names()) if names() else "they are in the folder `examples`"
        raise ConfigError("there is no such case study", code="C512", hint=hint)
    return read(folder_of_cases() / name)


def read(folder: Path) -> Case:
    """The case study in a folder. Raises ConfigError (C512)."""
    place = folder / "case.toml"
    table = _table(place)
    _keys(place, "", table, _CASE)
    tasks = tuple(_task(folder, place, entry) for entry in _entries(place, table, "tasks"))
    attacks = tuple(_attack(folder, place, entry) for entry in _entries(place, table, "attacks"))
    known = {one.name for one in tasks}
    for attack in attacks:
        if attack.task not in known:
            raise _bad(place, f"the attack {attack.name} is on a task that does not exist")
    if len({one.name for one in attacks}) < len(attacks) or len(known) < len(tasks):
        raise _bad(place, "two tasks or two attacks have the same name")
    return Case(
        folder.name,
        folder,
        _text(place, table, "title"),
        _text(place, table, "summary"),
        tuple(table.get("patterns", ())),
        _stage(folder),
        tasks,
        attacks,
        table.get("today"),
        cast(World, _module(folder, "world")),
        cast(ToolsModule, _module(folder, "tools")),
    )


def _task(folder: Path, place: Path, table: Mapping[str, Any]) -> Task:
    _keys(place, "tasks.", table, _TASK)
    reads = _one_of(place, table, "reads", READS)
    texts = {key: _text(place, table, key) for key in ("name", "request", "expects")}
    plan = _plan(folder, place, _text(place, table, "plan"))
    approve, needs = (tuple(table.get(key, ())) for key in ("approve", "needs"))
    if not set(needs) <= set(NEEDS):
        raise _bad(place, "a task needs what does not exist", f"there is {', '.join(NEEDS)}")
    dialect = _one_of(place, table, "dialect", DIALECTS) if "dialect" in table else None
    given = table.get("given", {})
    return Task(plan=plan, approve=approve, reads=reads, given=given, needs=needs, dialect=dialect, **texts)


def _attack(folder: Path, place: Path, table: Mapping[str, Any]) -> Attack:
    _keys(place, "attacks.", table, _ATTACK)
    texts = {key: _text(place, table, key) for key in ("name", "kind", "task", "planted")}
    if texts["kind"] not in KINDS:
        raise _bad(place, "an attack is of a kind that does not exist", f"there are {', '.join(KINDS)}")
    plan = _plan(folder, place, table["plan"]) if "plan" in table else None
    return Attack(
        plan=plan,
        describes=table.get("describes", {}),
        request=table.get("request"),
        given=table.get("given"),
        hostile=_one_of(place, table, "hostile", HOSTILE),
        **texts,
    )


def _plan(folder: Path, place: Path, name: str) -> str:
    try:
        return (folder / "plans" / name).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise _bad(place, "names a plan that cannot be read") from None


def _table(place: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(place.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise _bad(place, f"cannot be read ({type(problem).__name__})") from None


def _entries(place: Path, table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = table.get(key)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise _bad(place, f"has no [[{key}]]")
    return found


def _keys(place: Path, where: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            raise _bad(place, f"the key {where}{key} does not exist", did_you_mean(key, known))


def _one_of(place: Path, table: Mapping[str, Any], key: str, known: Sequence[str]) -> str:
    found = table.get(key, known[0])
    if found not in known:
        raise _bad(place, f"{key} has a value that does not exist", f"there are {', '.join(known)}")
    return str(found)


def _text(place: Path, table: Mapping[str, Any], key: str) -> str:
    found = table.get(key)
    if not isinstance(found, str) or not found:
        raise _bad(place, f"{key} is no text")
    return found


def _bad(place: Path, message: str, hint: str | None = None) -> ConfigError:
    return ConfigError(f"{place.parent.name}/{place.name}: {message}", code="C512", hint=hint)


def _module(folder: Path, name: str) -> ModuleType:
    """A module of a case, in a package of its own, so that it can import the ones beside it."""
    package = f"ringfence_example_{folder.name.replace('-', '_')}"
    here = [str(folder)]
    if package not in sys.modules or list(sys.modules[package].__path__) != here:
        for stale in [known for known in sys.modules if known.startswith(f"{package}.")]:
            del sys.modules[stale]
        made = ModuleType(package)
        made.__path__ = here
        sys.modules[package] = made
    try:
        return importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError as problem:
        raise _bad(folder / f"{name}.py", "a module is missing", f"install {problem.name}") from None
