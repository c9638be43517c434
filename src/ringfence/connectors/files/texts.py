"""Text files of a folder: listed, read, written, moved, deleted.

Its one rule: a path is a relative name below the folder (rooted.py), whoever wrote it, and of a type that the settings
let through. Text is UTF-8; what is not is replaced when read and never written. Names are shown so that nothing in
them is taken for something else.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.files.settings import FileSettings
from ringfence.connectors.records import FileInfo
from ringfence.connectors.rooted import Root, canonical
from ringfence.connectors.unseen import shown

_DEFAULT: Final = FileSettings()
_SAMPLE: Final = 8_192


def list_texts(root: Root, zone: tzinfo, settings: FileSettings = _DEFAULT, folder: str = "") -> list[FileInfo]:
    """All regular files below the folder, by path. Links are not among them, nor types that are not read."""
    return [
        FileInfo(
            path=shown_name(entry.path),
            size=entry.size,
            modified=_moment(entry.modified, zone),
        )
        for entry in root.walk(below=folder)
        if settings.shows(entry.path) and settings.takes(entry.path)
    ]


def _moment(seconds: float, zone: tzinfo) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, zone).replace(tzinfo=None, microsecond=0)
    except (OverflowError, ValueError, OSError):
        return datetime.min  # a clock of nonsense, which anybody can set on a file


def shown_name(name: str) -> str:
    """A name as it can be shown on one line: what does not print is ⟨U+000A⟩, bytes that are no text are ⟨FF⟩."""
    made = "".join(f"⟨{ord(c) - 0xDC00:02X}⟩" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in name)
    return "".join(f"⟨U+{ord(c):04X}⟩" if c in "\n\t\r" else shown(c) for c in made) if _odd(made) else made


def _odd(name: str) -> bool:
    return any(c in name for c in "\n\t\r") or shown(name) != name


def read_text(root: Root, path: str, settings: FileSettings = _DEFAULT) -> str:
    """The text of a file; of a PDF, the text of its pages."""
    _require_type(path, settings)
    data = root.read(path, settings.max_bytes)
    if data.startswith(b"%PDF-"):
        from ringfence.connectors.pdf import read_pdf

        return "\n\n".join(read_pdf(data).pages)
    if b"\0" in data[:_SAMPLE]:
        raise NotAllowed("that file is no text")
    return data.decode("utf-8", "replace")


def write_text(root: Root, path: str, text: str, settings: FileSettings = _DEFAULT) -> None:
    """Create or replace a file, whole or not at all."""
    _require_own(path, settings)
    data = text.encode("utf-8", "replace")
    if len(data) > settings.max_bytes:
        raise NotAllowed(f"the text is longer than {settings.max_bytes:,} bytes; nothing was written")
    root.write(path, data)


def move_text(root: Root, source: str, target: str, settings: FileSettings = _DEFAULT) -> None:
    """Give a file another name that is free."""
    _require_own(source, settings)
    _require_own(target, settings)
    root.move(source, target)


def delete_text(root: Root, path: str, settings: FileSettings = _DEFAULT) -> None:
    """Delete a file."""
    _require_own(path, settings)
    root.remove(path)


def _require_type(path: str, settings: FileSettings) -> None:
    if not settings.shows(canonical(path)):
        raise NotAllowed("names that begin with a dot are not touched ([files] dotfiles)")
    if not settings.takes(canonical(path)):
        raise NotAllowed("files of that type are not touched ([files] types)")


def _require_own(path: str, settings: FileSettings) -> None:
    _require_type(path, settings)
    if settings.guarded(canonical(path)):
        raise NotAllowed("a rule says whose that file is ([[files.rules]]), so no tool changes it; nothing was done")
