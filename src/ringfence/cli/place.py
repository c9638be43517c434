"""Where a request is carried out: a workspace with its tools and servers, or tools that were named.

Its one rule: nothing is opened that the command line or the configuration does not name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import final

from ringfence.cli.loading import named_tools
from ringfence.config import FILE, Config, find
from ringfence.connectors.configured import configured_tools
from ringfence.connectors.workspace import Workspace, open_workspace
from ringfence.core.errors import ConfigError
from ringfence.guard.tools import Tool


@final
@dataclass(frozen=True, slots=True)
class Place:
    """Tools, the configuration, and the date where the user is. `workspace` is None for tools that were named."""

    config: Config
    tools: tuple[Tool, ...]
    today: date
    workspace: Workspace | None = None


@contextmanager
def opened(policy: str | None, workspace: str | None, tools: str | None) -> Iterator[Place]:
    """The place of a command; a workspace's servers run while it is open. Raises ConfigError."""
    config = configuration(policy, workspace)
    if tools is not None:
        yield Place(config, tuple(named_tools(config, tools)), date.today())
        return
    if config.workspace is None:
        if tables := configured_tools(config):
            yield Place(config, tuple(tables), date.today())
            return
        raise ConfigError(
            "there is no workspace here, and no --tools",
            code="C505",
            hint="`ringfence init --demo DIR` makes a workspace; then run in DIR, or with --workspace DIR",
        )
    with served(open_workspace(config.workspace)) as found:
        yield place_of(config, found)


def place_of(config: Config, workspace: Workspace) -> Place:
    """The place that a workspace is."""
    from ringfence.connectors.tools import workspace_tools

    own = workspace_tools(workspace)
    tools = (*own, *configured_tools(config, [tool.name for tool in own]))
    return Place(config, tools, datetime.now(workspace.timezone).date(), workspace)


@contextmanager
def served(workspace: Workspace) -> Iterator[Workspace]:
    """The workspace with its own servers running, which a demonstration has."""
    from ringfence.connectors.servers import DemoServers

    with DemoServers(workspace) if workspace.endpoints.smtp is None else nullcontext():
        yield workspace


def configuration(policy: str | None, workspace: str | None) -> Config:
    """The configuration of a command that may be given a workspace."""
    if workspace is None:
        return find(policy)
    folder = Path(workspace)
    if not (folder / FILE).is_file():
        raise ConfigError(
            f"there is no workspace at the folder of --workspace: no {FILE}",
            code="C505",
            hint="`ringfence init --demo DIR` makes one",
        )
    own = find(folder / FILE)
    return own if policy is None else replace(find(policy), workspace=folder, user=own.user)
