"""The sections of a policy: rules by tool, server, principal and dialect, and what rules may refer to.

Its one rule: what is written is read here once and strictly; a problem names its place in the file (C503, C520 and
what follows), and never a runtime value.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias, cast, final

from ringfence.core.diagnostics import Diagnostic
from ringfence.core.errors import ConfigError
from ringfence.guard.places import Path, Source

Table: TypeAlias = "Mapping[str, object]"
NOTHING: Final[Table] = MappingProxyType({})


@final
@dataclass(frozen=True, slots=True)
class Sections:
    """A policy as it is written. `tools` is the table [tools], the others alike; `source` is the file's text."""

    tools: Table = field(default_factory=lambda: NOTHING)
    servers: Table = field(default_factory=lambda: NOTHING)
    principals: Table = field(default_factory=lambda: NOTHING)
    dialects: Table = field(default_factory=lambda: NOTHING)
    sets: Table = field(default_factory=lambda: NOTHING)
    budgets: Table = field(default_factory=lambda: NOTHING)
    groups: Table = field(default_factory=lambda: NOTHING)
    packs: tuple[str, ...] = ()
    folder: str = "."
    source: Source | None = None

    def bad(
        self,
        path: Path,
        message: str,
        hint: str | None = None,
        diagnostics: Iterable[Diagnostic] = (),
        code: str = "C503",
    ) -> ConfigError:
        """The error for what stands at a path, with its place in the file if there is one."""
        problems = tuple(diagnostics)
        span = problems[0].span if problems else None
        place = None if self.source is None else self.source.place(path, span)
        if place is None:
            where = "" if span is None else f" (column {span.column})"
            return ConfigError(f"{shown(path)}{message}{where}", code=code, hint=hint, diagnostics=problems)
        told = f"{place}: {shown(path)}{message}"
        return ConfigError(told, code=code, hint=hint, diagnostics=problems, excerpt=place.excerpt)

    def origin(self, path: Path) -> str:
        """Where a rule comes from: `ringfence.toml:12`, or the table's name."""
        return f"[{'.'.join(path)}]" if self.source is None else self.source.line_of(path)


def shown(path: Path) -> str:
    """`[tools.act] `; the key of a value follows the bracket."""
    return f"[{'.'.join(path)}] "


def table_of(sections: Sections, path: Path, found: object, keys: Iterable[str] | None) -> Table:
    """What stands at a path, as a table with these keys (None: any)."""
    if not isinstance(found, Mapping):
        raise sections.bad(path, "is no table", f"write [{'.'.join(path)}] and below it its keys")
    known = None if keys is None else tuple(keys)
    for key in found:
        if known is not None and key not in known:
            raise sections.bad((*path,), f"has an unknown key: {key}", meant(str(key), known))
    return cast("Table", found)


def texts_of(sections: Sections, path: Path, found: object, what: str) -> tuple[str, ...]:
    """What stands at a path, as a list of texts that are not empty."""
    if not isinstance(found, (list, tuple)) or not all(isinstance(one, str) and one for one in found):
        raise sections.bad(path, f"is no list of {what}s", f'write ["...", "..."], each {what} in quotes')
    return tuple(cast("Iterable[str]", found))


def meant(name: str, known: Iterable[str]) -> str | None:
    """A hint that names what is spelled most like `name`."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, 1)
    if close:
        return f"did you mean {close[0]}?"
    return f"there are {', '.join(choices)}" if choices else None
