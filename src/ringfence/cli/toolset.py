"""The tools that a command of `ringfence tools` is about, and words for their labels.

Its one rule: tools are found, and told apart by what was accepted of them; none is called here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, final

import click

from ringfence.cli import options
from ringfence.cli.place import opened
from ringfence.config import Config, did_you_mean
from ringfence.core.errors import ConfigError
from ringfence.core.labels import Everyone, Label
from ringfence.guard.pins import compare, read_pins
from ringfence.guard.policy import Policy
from ringfence.guard.tools import Tool
from ringfence.guard.visible import visible

_Function = TypeVar("_Function", bound=Callable[..., Any])

workspace = click.option("--workspace", metavar="DIR", help="The workspace (default: the working directory).")
where: Callable[[_Function], _Function] = options.together(options.tools, workspace, options.policy, options.as_json)


@final
@dataclass(frozen=True, slots=True)
class Toolset:
    """The tools that are there, under their policy."""

    config: Config
    policy: Policy
    written: dict[str, Tool]  # as their authors wrote them, before the policy: what is accepted
    accepted: dict[str, str] | None  # None: the configuration does not ask that tools be accepted

    def find(self, name: str) -> Tool:
        """A tool by its name. ConfigError (C551)."""
        if name not in self.policy.tools:
            hint = did_you_mean(name[:60], self.policy.tools) if self.policy.tools else "there are none"
            raise ConfigError(f"there is no tool {visible(name)[:60]}", code="C551", hint=hint)
        return self.policy.tools[name]

    def state(self, tool: Tool) -> str:
        """Whether it is as it was accepted, for a table."""
        if self.accepted is None:
            return "–"
        found = compare([self.written[tool.name]], self.accepted)
        return "new" if found.new else "CHANGED" if found.changed else "accepted"


@contextmanager
def toolset(policy: str | None, workspace: str | None, tools: str | None) -> Iterator[Toolset]:
    """The tools for the options of `where`."""
    with opened(policy, workspace, tools) as place:
        config = place.config
        loaded = Policy.load(
            place.tools, mode=config.mode, trusted=config.trusted, sections=config.sections, user=config.user
        )
        written = {tool.name: tool for tool in place.tools}
        yield Toolset(config, loaded, written, None if config.pins is None else read_pins(config.pins))


def listed_names(names: Iterable[str]) -> str:
    """Names in one line."""
    return ", ".join(names)


def label_text(label: Label) -> str:
    """A label in words; names in it may come from data, so they are made visible."""
    found = label.readers
    readers = "everyone" if isinstance(found, Everyone) else listed_names(sorted(found)) or "nobody"
    return visible(f"from {listed_names(sorted(label.sources)) or 'nobody'}; may be read by {readers}")
