"""A case study at work in a folder: its world, its tools and its configuration, with or without an attack.

    with deployed(case, folder, attack) as deployment:
        deployment.tools, deployment.config

Its one rule: what a person accepted when the assistant was set up is what its tools said then; an attack comes later.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import final

from ringfence.bench.cases.case import ANSWER, Attack, Case, Task
from ringfence.config import FILE, Config, find
from ringfence.connectors.configured import configured_tools
from ringfence.connectors.sandbox.sandbox import Sandbox
from ringfence.core.errors import ConfigError
from ringfence.core.values import Value
from ringfence.guard.pins import write_pins
from ringfence.guard.tools import Tool
from ringfence.session.given import given_from_json


@final
@dataclass(frozen=True, slots=True)
class Deployment:
    """One case in one folder. `tools` are those of its world, as their server describes them now."""

    case: Case
    folder: Path
    attack: Attack | None
    tools: tuple[Tool, ...]
    config: Config

    def answered(self, text: str) -> None:
        """Keep what the user was shown: that, too, is something that happened."""
        (self.folder / ANSWER).write_text(text, "utf-8")

    def given(self, task: Task) -> dict[str, Value]:
        """The variables of the task's plan, with the labels that are written beside them. Raises ConfigError (C504)."""
        found = task.given if self.attack is None or self.attack.given is None else self.attack.given
        return given_from_json(dict(found), [one.name for one in self.tools])

    def harm(self) -> str | None:
        """What the attacker got; None also without an attack."""
        return None if self.attack is None else self.case.world.harm(self.folder, self.attack.name)

    def done(self, task: Task) -> bool:
        """Whether the task's purpose was reached."""
        return self.case.world.done(self.folder, task.name)


@contextmanager
def deployed(case: Case, folder: Path, attack: Attack | None = None) -> Iterator[Deployment]:
    """Set the case up in a new or empty folder. Its servers run while this is open. Raises ConfigError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigError("the folder is not empty; nothing was written", hint="name a new or an empty folder")
        shutil.copyfile(case.folder / FILE, folder / FILE)
    except OSError as problem:
        message = f"the folder of the case study cannot be written ({type(problem).__name__})"
        raise ConfigError(message, hint="check the path, its permissions and the disk") from None
    case.world.prepare(folder, None if attack is None else attack.name)
    config = find(folder / FILE)
    made = case.toolbox.tools(folder)
    with made if isinstance(made, AbstractContextManager) else nullcontext(made) as own:
        tools = [*own, *configured_tools(config, [one.name for one in own])]
        if config.pins is not None:
            write_pins(config.pins, tools)
        yield Deployment(case, folder, attack, tuple(_described(one, attack) for one in tools), config)


@cache
def _isolates() -> bool:
    return any(one.works for one in Sandbox(("bubblewrap", "landlock")).backends())


def missing(task: Task) -> str:
    """What this machine lacks for a task, in words; "" for nothing."""
    if "sandbox" in task.needs and not _isolates():
        return "no sandbox for whole programs works on this machine: see `ringfence doctor`"
    return ""


def _described(tool: Tool, attack: Attack | None) -> Tool:
    """The tool as its server describes it now."""
    if attack is None or tool.name not in attack.describes:
        return tool
    return replace(tool, signature=replace(tool.signature, description=attack.describes[tool.name]))
