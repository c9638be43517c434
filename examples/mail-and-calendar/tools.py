"""The connectors of a workspace: iCalendar, vCard, Maildir, SMTP, files, pages. Nothing is written for this case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ringfence import Tool
from ringfence.connectors.servers import DemoServers
from ringfence.connectors.tools import workspace_tools
from ringfence.connectors.workspace import open_workspace


@contextmanager
def tools(folder: Path) -> Iterator[list[Tool]]:
    """The tools over the workspace in the folder, while its mail server runs."""
    workspace = open_workspace(folder)
    with DemoServers(workspace):
        yield workspace_tools(workspace)
