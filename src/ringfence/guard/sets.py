"""Trusted sets: the contacts, the own domain, the own accounts; what `one_of(to, contacts)` asks.

Its one rule: a set is only what trusted sources say. It is loaded once a run, when a rule first needs it, by a read
that sends nothing anywhere; one that cannot be loaded has no members and denies (P432).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Final, Protocol, cast, final

from ringfence.core.errors import ConfigError
from ringfence.core.plain import Plain, RecordData
from ringfence.core.values import Value, deep, label_of
from ringfence.guard.groups import domain_of, is_domain
from ringfence.guard.sections import Sections, meant, table_of, texts_of
from ringfence.guard.tools import Tool
from ringfence.guard.views import ArgumentView, RuleError, parts, plain_value, view_of

_KEYS: Final = ("values", "domains", "own_domain", "file", "tool", "field", "arguments")
MAX_MEMBERS: Final = 100_000
_MAX_BYTES: Final = 4 << 20


class SetUnavailable(RuleError):
    """A trusted set cannot be loaded. Says which and why, never a value."""


@final
@dataclass(frozen=True, slots=True)
class Members:
    """What is in a set: values as they are, and all addresses of some domains. Addresses are compared in lower case."""

    values: frozenset[object] = frozenset()
    domains: frozenset[str] = frozenset()

    def __contains__(self, plain: object) -> bool:
        try:
            if _key(plain) in self.values:
                return True
        except TypeError:  # a list is no member of anything
            return False
        return isinstance(plain, str) and (domain_of(plain) or "") in self.domains

    def join(self, other: Members) -> Members:
        """The members of both."""
        return Members(self.values | other.values, self.domains | other.domains)


def _key(plain: object) -> object:
    """Values are equal if their types are; an address is the same in capitals."""
    if isinstance(plain, str) and domain_of(plain) is not None:
        plain = plain.lower()
    return (type(plain), plain)


@final
@dataclass(frozen=True, slots=True)
class TrustedSet:
    """A set as the policy defines it. `fixed`: members that are written there; `tool` gives more (a `part` of each
    record), or `file`."""

    name: str
    fixed: Members
    file: str | None = None
    tool: str | None = None
    part: str | None = None
    arguments: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether all members are written in the policy."""
        return self.file is None and self.tool is None

    @property
    def text(self) -> str:
        """All that the policy says of it, the same in every process."""
        fixed = (sorted(map(repr, self.fixed.values)), sorted(self.fixed.domains))
        return repr((*fixed, self.file, self.tool, self.part, sorted(self.arguments.items())))

    def members(self, load: Callable[[TrustedSet], Value] | None) -> Members:
        """All members. `load` calls the tool. Raises SetUnavailable."""
        made = self.fixed
        if self.file is not None:
            made = made.join(self._of_file(self.file))
        if self.tool is not None:
            if load is None:
                raise SetUnavailable(f"the set {self.name} cannot be loaded here")
            made = made.join(self._given(load))
        return made

    def _of_file(self, name: str) -> Members:
        try:
            with FilePath(name).open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
            lines = data.decode("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError, ValueError) as problem:
            raise SetUnavailable(f"the set {self.name}: its file cannot be read ({type(problem).__name__})") from None
        if len(data) > _MAX_BYTES:
            raise SetUnavailable(f"the set {self.name}: its file is too large")
        texts = (line.strip() for line in lines)
        return Members(frozenset(_key(text) for text in texts if text and not text.startswith("#")))

    def _given(self, load: Callable[[TrustedSet], Value]) -> Members:
        try:
            return Members(frozenset(self._read(load(self))))
        except SetUnavailable:
            raise
        except RuleError as problem:
            raise SetUnavailable(f"the set {self.name}: {self.tool} gave no list of records ({problem})") from None
        except Exception as problem:  # whatever its tool does, the set is not there
            kind = type(problem).__name__
            told = kind if kind.isascii() and kind.isidentifier() and len(kind) <= 80 else "an exception"
            raise SetUnavailable(f"the set {self.name}: {self.tool} failed ({told})") from None

    def _read(self, value: Value) -> Iterable[object]:
        """The members that a tool gave: of its elements' field, or they themselves; all of them trusted already."""
        view = view_of(value)
        plain = plain_value(view)
        items = (parts(view) or []) if isinstance(plain, (list, tuple, set, frozenset)) else [view]
        if len(items) > MAX_MEMBERS:
            raise SetUnavailable(f"the set {self.name} has more than {MAX_MEMBERS:,} members")
        for item in items:
            for one in _picked(item, self.part):
                if isinstance(one, (list, tuple, set, frozenset)):
                    yield from (_key(inner) for inner in one if _scalar(inner))
                elif _scalar(one):
                    yield _key(one)


def _scalar(plain: object) -> bool:
    return isinstance(plain, (str, int, float, bool)) and plain != ""


def _picked(item: ArgumentView, name: str | None) -> Iterable[Plain]:
    plain = plain_value(item)
    if name is None:
        yield plain
        return
    for step in name.split("."):
        if isinstance(plain, RecordData):
            plain = plain.fields.get(step)
        elif isinstance(plain, dict):
            plain = plain.get(step)
        else:
            raise RuleError("no such field")
    yield plain


def trusted_part(value: Value, trusted: frozenset[str]) -> tuple[Value, int]:
    """A tool's result without the records that others influenced, and how many were left out.

    Raises RuleError if its shape (which records there are) is not trusted.
    """
    if deep(value).trusted(trusted):
        return value, 0
    if not label_of(value).trusted(trusted):
        raise RuleError("others decide what is in it")
    items = parts(view_of(value)) or []
    kept = [item for item in items if item.bounds.low.trusted(trusted)]
    return cast(Value, [plain_value(item) for item in kept]), len(items) - len(kept)


class Sets(Protocol):
    """The trusted sets as rules see them."""

    def find(self, name: str) -> Members | None:
        """The members; None: not known before the run. Raises SetUnavailable."""


@final
class KnownSets:
    """The sets before a run: those whose members are written in the policy."""

    def __init__(self, defined: Mapping[str, TrustedSet]) -> None:
        self._known = {name: one.fixed if one.known else None for name, one in defined.items()}

    def find(self, name: str) -> Members | None:
        return self._known[name]


@final
class RunSets:
    """The sets of one run, each loaded once; one that failed stays away for the run."""

    def __init__(self, defined: Mapping[str, TrustedSet], load: Callable[[TrustedSet], Value]) -> None:
        self._defined = defined
        self._load = load
        self._found: dict[str, Members | SetUnavailable] = {}

    def find(self, name: str) -> Members | None:
        found = self._found.get(name)
        if found is None:
            self._found[name] = SetUnavailable(f"the set {name} needs itself")  # until it is loaded
            try:
                found = self._defined[name].members(self._load)
            except SetUnavailable as problem:
                found = problem
            self._found[name] = found
        if isinstance(found, SetUnavailable):
            raise SetUnavailable(str(found))
        return found


NO_SETS: Final = KnownSets({})


# Reading the table [sets]


def load_sets(sections: Sections, user: str, tools: Mapping[str, object]) -> dict[str, TrustedSet]:
    """The sets of the table [sets]. ConfigError (C503, C521)."""
    return {name: _set(sections, name, found, user, tools) for name, found in sections.sets.items()}


def _set(sections: Sections, name: str, found: object, user: str, tools: Mapping[str, object]) -> TrustedSet:
    path = ("sets", name)
    if not name.isidentifier():
        raise sections.bad(path, "is no name that a rule can refer to", "letters, digits and _")
    table = table_of(sections, path, found, _KEYS)
    tool = _text(sections, (*path, "tool"), table.get("tool"))
    if tool is not None and tool not in tools:
        raise sections.bad((*path, "tool"), "names no tool", meant(tool, tools))
    if tool is None and ("field" in table or "arguments" in table):
        raise sections.bad(path, "has a field or arguments and no tool", 'write tool = "NAME"')
    file = _text(sections, (*path, "file"), table.get("file"))
    made = TrustedSet(
        name,
        _fixed(sections, path, table, user),
        None if file is None else str(FilePath(sections.folder) / file),
        tool,
        _text(sections, (*path, "field"), table.get("field")),
        _arguments(sections, path, table.get("arguments", {})),
    )
    if made.known and made.fixed == Members():
        raise sections.bad(path, "is empty: nothing can be one of it", f"one of {', '.join(_KEYS[:5])}", code="C521")
    return made


def _fixed(sections: Sections, path: tuple[str, ...], table: Mapping[str, object], user: str) -> Members:
    values = table.get("values", [])
    if not isinstance(values, list) or not all(_scalar(one) for one in values):
        raise sections.bad((*path, "values"), "is no list of texts or numbers", 'write values = ["...", "..."]')
    domains = set(texts_of(sections, (*path, "domains"), table.get("domains", []), "domain"))
    if not all(is_domain(one.lower()) for one in domains):
        raise sections.bad((*path, "domains"), "holds what is no domain", 'write domains = ["corp.example"]')
    own = table.get("own_domain", False)
    if not isinstance(own, bool):
        raise sections.bad((*path, "own_domain"), "is neither true nor false")
    if own:
        found = domain_of(user)
        if found is None:
            raise sections.bad(
                (*path, "own_domain"), "needs a user with a mail address", 'write user = "ann@corp.example"'
            )
        domains.add(found)
    return Members(frozenset(_key(one) for one in values), frozenset(one.lower() for one in domains))


def _text(sections: Sections, path: tuple[str, ...], found: object) -> str | None:
    if found is not None and (not isinstance(found, str) or not found):
        raise sections.bad(path, "is no text", f'write {path[-1]} = "..."')
    return found


def _arguments(sections: Sections, path: tuple[str, ...], found: object) -> dict[str, Plain]:
    table = table_of(sections, (*path, "arguments"), found, None)
    if not all(_scalar(one) for one in table.values()):
        raise sections.bad((*path, "arguments"), "are texts, numbers, true or false")
    return cast("dict[str, Plain]", dict(table))


def check_tool(sections: Sections, one: TrustedSet, tool: Tool) -> ConfigError | None:
    """A set's tool only reads, and sends nothing anywhere: loading it must tell nobody anything."""
    path = ("sets", one.name, "tool")
    if tool.effect != "read" or tool.egress:
        return sections.bad(
            path, "names a tool that does more than read", "a tool with the effect read and without egress"
        )
    needed = [param.name for param in tool.signature.params if param.required and param.name not in one.arguments]
    if needed and not any(param.kind in ("args", "kwargs") for param in tool.signature.params):
        return sections.bad(path, f"names a tool that needs {', '.join(needed)}", "write them into arguments = {...}")
    return None
