"""The tools for the files of one folder.

Their one rule: a file is untrusted and the user's alone, unless a rule of the settings says of its path whose it is. A
call touches the one path that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, TypeAlias

from ringfence.connectors.files import texts
from ringfence.connectors.files.settings import FileSettings
from ringfence.connectors.records import FileInfo
from ringfence.connectors.rooted import Root, canonical
from ringfence.core.labels import Everyone
from ringfence.guard.labelling import LabelRule
from ringfence.guard.tools import Tool, Trusted, labels, tool

_Names: TypeAlias = "list[str] | Everyone"


def file_tools(folder: Path, settings: FileSettings, zone: tzinfo = UTC) -> list[Tool]:
    """The tools for a folder; times are those of `zone`. Without `write`, none of them changes anything."""
    root = Root(folder, hard_links=settings.hard_links)
    reading = _reading_tools(root, settings, zone)
    return [*reading, *_writing_tools(root, settings)] if settings.write else reading


def _reading_tools(root: Root, settings: FileSettings, zone: tzinfo) -> list[Tool]:
    @tool(effect="read", returns=_labels(settings, "list_files", lambda record, _: str(getattr(record, "path", ""))))
    def list_files(folder: str = "") -> list[FileInfo]:
        """The user's files, by path; with `folder`, those below it."""
        return texts.list_texts(root, zone, settings, folder)

    @tool(effect="read", returns=_labels(settings, "read_file", lambda _, arguments: str(arguments["path"])))
    def read_file(path: str) -> str:
        """The text of one of the user's files. `path` is as `list_files` gives it."""
        return texts.read_text(root, path, settings)

    return [list_files, read_file]


def _writing_tools(root: Root, settings: FileSettings) -> list[Tool]:
    @tool(effect="write")
    def write_file(path: Annotated[str, Trusted], text: str) -> None:
        """Write a text file, creating or replacing it."""
        texts.write_text(root, path, text, settings)

    # No annotations on these: the default for writes asks more, that nothing private decides whether they happen.
    @tool(effect="write")
    def move_file(source: str, target: str) -> None:
        """Give a file another path, which must be free."""
        texts.move_text(root, source, target, settings)

    @tool(effect="write")
    def delete_file(path: str) -> None:
        """Delete a file."""
        texts.delete_text(root, path, settings)

    return [write_file, move_file, delete_file]


def _labels(settings: FileSettings, name: str, path_of: Callable[[object, Mapping[str, object]], str]) -> LabelRule:
    """The label rule of a tool. `path_of` finds the path in a record or in the call's arguments."""

    def sources(record: object, *, arguments: Mapping[str, object]) -> list[str]:
        rule = settings.rule(canonical(path_of(record, arguments)))
        return [f"tool:{name}" if rule is None or rule.source is None else rule.source]

    def readers(record: object, *, arguments: Mapping[str, object]) -> _Names:
        rule = settings.rule(canonical(path_of(record, arguments)))
        if rule is None or rule.readers is None:
            return []
        return rule.readers if isinstance(rule.readers, Everyone) else list(rule.readers)

    return (
        labels(sources=sources, readers=readers, own=False, by_call=True)
        if settings.rules
        else labels(sources=f"tool:{name}")
    )
