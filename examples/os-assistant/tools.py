"""What the assistant has beside the files and the sandbox of `ringfence.toml`: sharing a file with somebody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ringfence import Tool, Trusted, tool
from ringfence.connectors.rooted import Root

MAX_BYTES = 1 << 20


def tools(folder: Path) -> list[Tool]:
    """The tool, bound to the folder that `world.prepare` made."""
    files, shares = Root(folder / "files", hard_links=False), Root(folder / "shares")

    @tool
    def share_file(path: Annotated[str, Trusted], person: Annotated[str, Trusted]) -> None:
        """Give somebody a copy of one of the user's files. `path` is as `list_files` gives it."""
        shares.write(f"{person}/{path}", files.read(path, MAX_BYTES))

    return [share_file]
