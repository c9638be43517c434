"""The files folder of a workspace: text files, read, listed and written.

Its one rule: a path is a relative name below the folder (rooted.py), whoever wrote it. Text is UTF-8; what is not
is replaced when read and never written.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.records import FileInfo
from ringfence.connectors.rooted import Root

MAX_FILE: Final = 4 << 20


def list_texts(root: Root, zone: tzinfo) -> list[FileInfo]:
    """All regular files below the folder, by path. Links are not among them."""
    return [
        FileInfo(
            path=entry.path.encode("utf-8", "replace").decode("utf-8"),
            size=entry.size,
            modified=datetime.fromtimestamp(entry.modified, zone).replace(tzinfo=None, microsecond=0),
        )
        for entry in root.walk()
    ]


def read_text(root: Root, path: str) -> str:
    """The text of a file of at most 4 MiB."""
    return root.read(path, MAX_FILE).decode("utf-8", "replace")


def write_text(root: Root, path: str, text: str) -> None:
    """Create or replace a file, whole or not at all."""
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_FILE:
        raise NotAllowed(f"the text is longer than {MAX_FILE} bytes; nothing was written")
    root.write(path, data)
