"""Label rules as a policy writes them, for tools one does not own: `labels = {sources = ".sender", readers = ".to"}`.

Its one rule: a name that comes from data (a field: it begins with a dot) is never a source that could be trusted by
its name alone: only a mail address, or `name:` and the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from ringfence.core.labels import EVERYONE, Label
from ringfence.guard.groups import domain_of
from ringfence.guard.labelling import LabelRule, labels
from ringfence.guard.sections import Sections, Table, table_of

_KEYS: Final = ("sources", "readers", "own", "shape", "failing")
_Path: TypeAlias = "tuple[str, ...]"


def label_rule(sections: Sections, path: _Path, found: object, tool: str) -> LabelRule:
    """The label rule that a table gives. ConfigError (C503)."""
    table = table_of(sections, path, found, _KEYS)
    own = table.get("own", True)
    if not isinstance(own, bool):
        raise sections.bad((*path, "own"), "is neither true nor false")
    shape, failing = (_public(sections, path, table, key, tool) for key in ("shape", "failing"))
    sources, readers = _names(sections, path, table, "sources"), _names(sections, path, table, "readers")
    if sources is None and readers is None and shape is None and failing is None:
        raise sections.bad(path, "says nothing", "sources, readers, shape or failing")
    if not own and (sources is None or any(name.startswith(".") for name in sources)):
        raise sections.bad(
            (*path, "own"), "takes the tool away and leaves names that come from data", 'sources = ["user"]'
        )
    return labels(
        sources=None if sources is None else _rule(sources),
        readers=None if readers is None else EVERYONE if readers == ["everyone"] else _rule(readers),
        own=own,
        shape=shape,
        failing=failing,
    )


def _public(sections: Sections, path: _Path, table: Table, key: str, tool: str) -> Label | None:
    """What everyone may know if the table says so: how many records there are, or whether a call failed."""
    found = table.get(key)
    if found not in (None, "public"):
        raise sections.bad((*path, key), "has a value that does not exist", f'write {key} = "public", or leave it out')
    return None if found is None else Label({f"tool:{tool}"})


def _names(sections: Sections, path: _Path, table: Table, key: str) -> list[str] | None:
    if key not in table:
        return None
    found = table[key]
    names = [found] if isinstance(found, str) else found
    if (
        not isinstance(names, list)
        or not names
        or not all(isinstance(name, str) and name not in ("", ".") for name in names)
    ):
        raise sections.bad((*path, key), "is no list of names", 'names, or fields of the result: [".sender"]')
    if "everyone" in names and (key == "sources" or len(names) > 1):
        raise sections.bad((*path, key), 'holds "everyone" beside others', 'write readers = "everyone" alone')
    return names


def _rule(names: list[str]) -> frozenset[str] | Callable[[object], object]:
    fields = [name[1:].split(".") for name in names if name.startswith(".")]
    fixed = frozenset(name for name in names if not name.startswith("."))
    if not fields:
        return fixed

    def of_record(record: object) -> frozenset[str]:
        return fixed | {_principal(text) for path in fields for text in _texts(_at(record, path))}

    return of_record


def _principal(text: str) -> str:
    """A name in data as a principal: never one that could be taken for the user, a tool or a group."""
    plain = domain_of(text) is not None and ":" not in text and "*" not in text
    return f"email:{text.lower()}" if plain else f"name:{text}"


def _at(record: object, path: list[str]) -> object:
    """What a record has at a path; nothing where there is no such field."""
    for name in path:
        record = record.get(name) if isinstance(record, Mapping) else getattr(record, name, None)
    return record


def _texts(found: object) -> Iterator[str]:
    """The names in a field: a text, texts, or the keys of a mapping."""
    if isinstance(found, str):
        if found:
            yield found
    elif isinstance(found, (list, tuple, set, frozenset, Mapping)):
        for one in found:
            yield from _texts(one)
