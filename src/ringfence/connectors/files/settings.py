"""Which files the tools see, and whose they are: the table `[files]` of a configuration.

    [files]
    root = "files"                 # the folder, relative to the configuration (the default)
    max_bytes = 4194304            # of one file
    types = ["*.md", "*.csv"]      # names that may be read and written (the default: all)
    write = true                   # whether there are tools that change files
    hard_links = false             # whether a file with a second name somewhere is read
    dotfiles = false               # whether names that begin with a dot are touched
    [[files.rules]]                # the first rule that fits a path says whose the file is
    paths = ["reports/**"]         # `*` within a name, `**` across folders
    source = "user"                # who vouches for its text (default: nobody; untrusted)
    readers = ["ann@example.com"]  # who may read it beside the user; "everyone"

Its one rule: what a rule vouches for, or opens to other readers, no tool changes. Else a tool could write somebody's
text to a place where it comes back as trusted, or private text to one where it comes back as public.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from ringfence.connectors.settings import Table
from ringfence.core.errors import ConfigError
from ringfence.core.labels import EVERYONE, Everyone
from ringfence.guard.labelling import principal

_KEYS: Final = ("root", "max_bytes", "types", "write", "hard_links", "dotfiles", "rules")
_RULE_KEYS: Final = ("paths", "source", "readers")
_MOST_BYTES: Final = 64 << 20
_WILD: Final = re.compile(r"\*\*/?|\*|\?|[^*?]+")


@final
@dataclass(frozen=True, slots=True)
class FileRule:
    """Whose the files of some paths are. None: as it is without a rule."""

    paths: tuple[re.Pattern[str], ...]
    alike: tuple[re.Pattern[str], ...]
    source: str | None
    readers: tuple[str, ...] | Everyone | None

    def fits(self, path: str) -> bool:
        """Whether the rule is about exactly this path (in its one spelling): what it vouches for."""
        return any(pattern.fullmatch(path) for pattern in self.paths)

    def guards(self, path: str) -> bool:
        """Whether some disk could take the path for one that the rule is about: what no tool changes."""
        return any(pattern.fullmatch(folded(path)) for pattern in self.alike)


@final
@dataclass(frozen=True, slots=True)
class FileSettings:
    """What the tools see of a folder."""

    root: str = "files"
    max_bytes: int = 4 << 20
    types: tuple[re.Pattern[str], ...] = ()
    write: bool = True
    hard_links: bool = False
    dotfiles: bool = False
    rules: tuple[FileRule, ...] = ()

    def rule(self, path: str) -> FileRule | None:
        """The first rule that fits a path in its one spelling."""
        return next((rule for rule in self.rules if rule.fits(path)), None)

    def guarded(self, path: str) -> bool:
        """Whether a rule keeps tools from changing a path in its one spelling."""
        return any(rule.guards(path) for rule in self.rules)

    def shows(self, path: str) -> bool:
        """Whether no name in the path begins with a dot, or that does not matter."""
        return self.dotfiles or not any(name.startswith(".") for name in path.split("/"))

    def takes(self, path: str) -> bool:
        """Whether files of that name are read and written at all."""
        name = folded(path.rpartition("/")[2])
        return not self.types or any(pattern.fullmatch(name) for pattern in self.types)


def file_settings(table: object) -> FileSettings:
    """The settings in the table `[files]`. Raises ConfigError C500 and C507."""
    found = Table("files", table, _KEYS)
    default = FileSettings()
    return FileSettings(
        root=found.text("root", default.root) or default.root,
        max_bytes=found.count("max_bytes", default.max_bytes, _MOST_BYTES),
        types=_patterns(folded(one) for one in found.texts("types")),
        write=found.flag("write", default.write),
        hard_links=found.flag("hard_links", default.hard_links),
        dotfiles=found.flag("dotfiles", default.dotfiles),
        rules=tuple(_rule(one) for one in found.tables("rules")),
    )


def folded(path: str) -> str:
    """A path as it is compared: on some disks, upper and lower case or two spellings of an accent are one name."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _rule(table: Mapping[str, object]) -> FileRule:
    found = Table("files.rules", table, _RULE_KEYS)
    paths = found.texts("paths")
    if not paths:
        raise found.bad("paths", "names nothing", 'write paths = ["reports/**"]')
    if any(path.startswith("/") or ".." in path.split("/") for path in paths):
        raise found.bad("paths", "leads out of the folder", "a path is relative to the folder, without `..`")
    source = found.text("source", None)
    alike = _patterns(folded(path) for path in paths)
    return FileRule(_patterns(paths), alike, None if source is None else _name(found, source), _readers(found, table))


def _readers(found: Table, table: Mapping[str, object]) -> tuple[str, ...] | Everyone | None:
    if "readers" not in found:
        return None
    if table["readers"] == "everyone":
        return EVERYONE
    return tuple(_name(found, one) for one in found.texts("readers"))


def _name(table: Table, text: str) -> str:
    try:
        return principal(text)
    except TypeError:
        raise _no_name(table) from None


def _no_name(table: Table) -> ConfigError:
    return table.bad("source and readers", "are names", 'such as "user" or "ann@example.com"')


def _patterns(texts: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_expression(text), re.DOTALL) for text in texts)


def _expression(pattern: str) -> str:
    made = {"**": ".*", "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    return "".join(made.get(part, re.escape(part)) for part in _WILD.findall(pattern))
