"""Which entries of a policy speak about a tool, and what they say together.

Its one rule: the most specific entry that has a key gives its value (a tool's name, a pattern with more letters, one
with fewer, its server, a pack); `allow` and `ask` are one key. Each `deny` counts, wherever it stands. Two entries that
are equally specific and differ are an error (C520): nobody should have to guess which wins.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from ringfence.guard.sections import Sections, Table, meant, table_of

KEYS: Final = ("effect", "egress", "audience", "allow", "ask", "deny", "endorse", "labels")
CONNECTION_KEYS: Final = ("command", "url", "env", "timeout", "trust_hints")  # of a server; connectors read them
RULE_KEYS: Final = ("allow", "ask", "deny")
VERB_KEYS: Final = RULE_KEYS
_PATTERN: Final = re.compile(r"[A-Za-z0-9_*?]+")
_PAIR: Final = ("allow", "ask")


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One table that speaks about a tool: where it stands, what its rules are called, and how specific it is."""

    path: tuple[str, ...]
    name: str
    origin: str
    table: Table
    rank: tuple[int, int]
    sections: Sections


@final
@dataclass(frozen=True, slots=True)
class Merged:
    """By key the entry that gives it; and the entries with a `deny`."""

    given: Mapping[str, Entry]
    denying: tuple[Entry, ...] = ()

    def get(self, key: str) -> object:
        """The value of a key, None if no entry has it."""
        found = self.given.get(key)
        return None if found is None else found.table.get(key)

    @property
    def ruled(self) -> Entry | None:
        """The entry whose `allow` and `ask` count."""
        found = self.given.get("allow")
        return self.given.get("ask") if found is None else found


def is_pattern(name: str) -> bool:
    """Whether a name in a policy stands for several tools."""
    return "*" in name or "?" in name


def fits(pattern: str, name: str) -> bool:
    """Whether a tool's name fits a pattern: `*` is any text, `?` any letter; capitals count."""
    return fnmatch.fnmatchcase(name, pattern)


def _letters(pattern: str) -> int:
    return sum(letter not in "*?" for letter in pattern)


def entries_of(
    sections: Sections, tools: Mapping[str, str], verbs: Iterable[str], packed: Mapping[str, Entry]
) -> dict[str, Merged]:
    """What all entries say of each tool. `tools`: by name the server it comes from (""); ConfigError."""
    _servers_exist(sections, tools)
    found = list(listed(sections, sections.tools, ("tools",), tools, verbs, KEYS))
    servers = [_server(sections, name, entry) for name, entry in sections.servers.items()]
    made: dict[str, Merged] = {}
    for name, server in tools.items():
        own = [entry for pattern, entry in found if fits(pattern, name)]
        own += [entry for of, entry in servers if of == server]
        pack = packed.get(name)
        made[name] = merged(name, own if pack is None else [*own, pack])
    for verb in verbs:
        made[verb] = merged(verb, [entry for pattern, entry in found if pattern == verb])
    return made


def listed(
    sections: Sections,
    table: Table,
    above: tuple[str, ...],
    tools: Iterable[str],
    verbs: Iterable[str],
    keys: Iterable[str],
) -> Iterator[tuple[str, Entry]]:
    """The entries of a table by tool names and patterns, each with its pattern."""
    names, special, allowed = tuple(tools), tuple(verbs), tuple(keys)
    for pattern, found in table.items():
        path = (*above, pattern)
        if is_pattern(pattern):
            if _PATTERN.fullmatch(pattern) is None:
                raise sections.bad(path, "is no pattern of tool names", "letters, digits, _, * and ?")
            if not any(fits(pattern, name) for name in names):
                raise sections.bad(path, "names no tool", meant(pattern.strip("*?"), names))
        elif pattern not in names and pattern not in special:
            raise sections.bad(path, "names no tool", meant(pattern, (*names, *special)))
        entry = table_of(sections, path, found, allowed)
        if pattern in special and not set(entry) <= set(VERB_KEYS):
            raise sections.bad(path, "is a verb of the language: it has rules only", "allow, ask and deny")
        rank = (2, _letters(pattern)) if is_pattern(pattern) else (3, 0)
        yield pattern, Entry(path, pattern, sections.origin(path), entry, rank, sections)


def _server(sections: Sections, name: str, found: object) -> tuple[str, Entry]:
    path = ("servers", name)
    entry = table_of(sections, path, found, (*KEYS, *CONNECTION_KEYS))
    rules = {key: value for key, value in entry.items() if key in KEYS}
    return name, Entry(path, f"server {name}", sections.origin(path), rules, (1, 0), sections)


def _servers_exist(sections: Sections, tools: Mapping[str, str]) -> None:
    known = sorted({server for server in tools.values() if server})
    for name in sections.servers:
        if name not in known:
            raise sections.bad(("servers", name), "names no server that a tool comes from", meant(name, known))


def merged(tool: str, entries: Iterable[Entry]) -> Merged:
    """What entries say together of one tool."""
    ordered = sorted(entries, key=lambda entry: entry.rank, reverse=True)
    given: dict[str, Entry] = {}
    for entry in ordered:
        for key in entry.table:
            if key == "deny":
                continue
            before = _given(given, key)
            if before is None:
                given[key] = entry
            elif before.rank == entry.rank and before is not entry and _differs(before, entry, key):
                raise entry.sections.bad(
                    (*entry.path, key),
                    f"contradicts {'.'.join(before.path)}, which is as specific for {tool}",
                    f"write a rule for {tool} alone: [tools.{tool}]",
                    code="C520",
                )
    return Merged(given, tuple(entry for entry in ordered if "deny" in entry.table))


def _given(given: Mapping[str, Entry], key: str) -> Entry | None:
    """The entry that gives a key already; `allow` and `ask` come from one."""
    if key not in _PAIR:
        return given.get(key)
    return given.get("allow") or given.get("ask")


def _differs(one: Entry, other: Entry, key: str) -> bool:
    keys = _PAIR if key in _PAIR else (key,)
    return any(one.table.get(name) != other.table.get(name) for name in keys)
