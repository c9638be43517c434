"""The configuration: `ringfence.toml`, found or named, read strictly. Everything works without one.

    mode = "enforce"                      # enforce, strict or observe
    user = "ann@example.com"              # who the answers are for
    trusted = ["user", "developer"]       # sources whose word counts
    dialect = "code-then-execute"
    store = "state/ringfence.db"          # relative to this file, or a database URL
    packs = ["mail"]                      # rules that ship with Ringfence: see guard/packs.py
    shapes = "ringfence.shapes.json"      # shapes of results that `ringfence tools learn` found
    pins = "ringfence.pins.json"          # only tools that were accepted there: see guard/pins.py
    grounding = true                      # quotes of the quarantined model keep where they come from
    [tools.NAME]                          # effect, egress, audience, allow, ask, deny, ...: see guard/entries.py
    [servers.NAME] [principals.NAME] [dialects.NAME] [sets.NAME] [groups] [budgets.NAME] [topics]    # docs/policies.md
    [planning]                            # rounds, repairs, bits, highest, after_failures: see guard/observing.py
    [spending]                            # tokens, money: of one run; answer: tokens of one answer
    [spending.prices."PROVIDER:NAME"]     # input, output: money for a million tokens
    [limits]                              # steps, depth, seconds, memory, calls, overlap
    [limits.per_tool]                     # NAME = the most calls of one run
    [models]                              # planner, quarantine: PROVIDER:NAME; profile: text
    [workspace]                           # see connectors/workspace.py
    [web]                                 # see connectors/web/settings.py
    [files]                               # see connectors/files/settings.py
    [screens]                             # see screens/settings.py
    [output]                              # what answers may hold: see screens/output/settings.py
    [sandbox]                             # run_python and run_shell: see connectors/sandbox/settings.py

Its one rule: an unknown key is an error (C507), and what a file does not say has one default, written here. It holds
no secrets: keys of providers come from the environment.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar, cast, final

from ringfence.core.errors import ConfigError
from ringfence.guard.observing import Planning
from ringfence.guard.places import Source
from ringfence.guard.policy import TRUSTED_SOURCES
from ringfence.guard.ruleset import MODES, Mode
from ringfence.guard.sections import Sections
from ringfence.guard.spending import Price, Spending
from ringfence.lang.dialects import DIALECTS
from ringfence.lang.limits import Limits

FILE: Final = "ringfence.toml"
USER: Final = "user"
DIALECT: Final = "code-then-execute"
_MAX_BYTES: Final = 1 << 20
_DEEPEST: Final = 5_000
_MOST_THREADS: Final = 256
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_NO_COUNTS: Final[Mapping[str, int]] = MappingProxyType({})


@final
@dataclass(frozen=True, slots=True)
class Config:
    """What a file says, with the defaults for what it does not say. `path` is None without a file."""

    path: Path | None = None
    mode: Mode = "enforce"
    user: str = USER
    trusted: frozenset[str] = TRUSTED_SOURCES
    dialect: str = DIALECT
    store: str | None = None
    tools: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    limits: Limits = field(default_factory=Limits)
    per_tool: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    planner: str | None = None
    quarantine: str | None = None
    workspace: Path | None = None
    packs: tuple[str, ...] = ()
    grounding: bool = False
    pins: Path | None = None
    servers: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    principals: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    dialects: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    sets: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    groups: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    budgets: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    topics: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    text: str | None = field(default=None, compare=False, repr=False)  # of the file, to point into it

    @property
    def sections(self) -> Sections:
        """What the rules are made from."""
        return Sections(
            tools=self.tools,
            servers=self.servers,
            principals=self.principals,
            dialects=self.dialects,
            sets=self.sets,
            budgets=self.budgets,
            groups=self.groups,
            packs=self.packs,
            folder="." if self.path is None else str(self.path.parent),
            source=None if self.path is None or self.text is None else Source(str(self.path), self.text),
        )

    planning: Planning = field(default_factory=Planning)
    spending: Spending = field(default_factory=Spending)
    profile: str = ""
    shapes: Path | None = None
    web: Mapping[str, object] | None = None
    files: Mapping[str, object] | None = None
    screens: Mapping[str, object] | None = None
    output: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    sandbox: Mapping[str, object] | None = None  # None: no tools that run code


def find(explicit: str | Path | None = None, folder: Path | None = None) -> Config:
    """The configuration in the named file, else in `ringfence.toml` of the folder (the working directory), else none.

    Raises ConfigError: C506 for a file that cannot be read, C500 for what is no TOML, C507 for unknown keys.
    """
    if explicit is not None:
        return load(Path(explicit))
    place = (Path() if folder is None else folder) / FILE
    return load(place) if place.exists() or place.is_symlink() else Config()


def load(path: Path) -> Config:
    """The configuration in a file. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as problem:
        raise ConfigError(
            f"{path} cannot be read ({type(problem).__name__})", code="C506", hint="check the path and its permissions"
        ) from None
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"{path} is larger than a configuration may be", code="C506")
    return parse(data, path)


def parse(data: bytes, path: Path) -> Config:
    """The configuration in the bytes of a file at `path`. Raises ConfigError."""
    reader = _Reader(path)
    table = reader.toml(data)
    reader.keys("", table, _TOP)
    limits, per_tool = reader.limits(table)
    models = reader.table(table, "models", ("planner", "quarantine", "profile"))
    workspace = reader.table(table, "workspace", None)
    user = reader.text("", table, "user", reader.text("workspace", workspace, "user", USER))
    if not user:
        raise reader.bad("user is empty", "write a name or a mail address")
    store, pins = reader.text("", table, "store", None), reader.text("", table, "pins", None)
    shapes = reader.text("", table, "shapes", None)
    return Config(
        path=path,
        mode=cast("Mode", reader.one_of(table, "mode", MODES, "enforce")),
        user=user,
        trusted=reader.names(table, "trusted", TRUSTED_SOURCES),
        dialect=reader.one_of(table, "dialect", DIALECTS, DIALECT),
        store=store if store is None or "://" in store else str(path.parent / store),
        tools=reader.table(table, "tools", None),
        limits=limits,
        per_tool=per_tool,
        planner=reader.text("models", models, "planner", None),
        quarantine=reader.text("models", models, "quarantine", None),
        workspace=path.parent if "workspace" in table else None,
        packs=reader.list_of(table, "packs"),
        grounding=reader.flag(table, "grounding"),
        pins=None if pins is None else path.parent / pins,
        **{key: reader.table(table, key, None) for key in _SECTIONS},
        text=data.decode("utf-8-sig"),
        planning=reader.planning(table),
        spending=reader.spending(table),
        profile=reader.text("models", models, "profile", ""),
        shapes=None if shapes is None else path.parent / shapes,
        web=reader.table(table, "web", None) if "web" in table else None,
        files=reader.table(table, "files", None) if "files" in table else None,
        screens=reader.table(table, "screens", None) if "screens" in table else None,
        output=reader.table(table, "output", None),
        sandbox=reader.table(table, "sandbox", None) if "sandbox" in table else None,
    )


_SECTIONS: Final = ("servers", "principals", "dialects", "sets", "groups", "budgets", "topics")
_TOP: Final = (
    *("mode", "user", "trusted", "dialect", "store", "packs", "grounding", "pins", "shapes"),
    *("tools", "limits", "models", "workspace", "planning", "web", "files", "screens", "output"),
    *("sandbox", "spending", *_SECTIONS),
)
_PLANNING: Final = ("rounds", "repairs", "bits", "highest", "after_failures", "delegate")
_LIMITS: Final = ("steps", "depth", "seconds", "memory", "calls", "overlap", "per_tool")
_Default = TypeVar("_Default", str, None)
_LINE: Final = re.compile(r"at line (\d+), column (\d+)")


@final
class _Reader:
    """Reads one file. Every problem names the file and the key, and never a value of the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def bad(self, message: str, hint: str | None = None, code: str = "C500") -> ConfigError:
        return ConfigError(f"{self._path}: {message}", code=code, hint=hint)

    def toml(self, data: bytes) -> Mapping[str, object]:
        try:
            return tomllib.loads(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise self.bad("not text in UTF-8", "save it as UTF-8") from None
        except RecursionError:
            raise self.bad("nested too deeply") from None
        except tomllib.TOMLDecodeError as problem:
            # The parser says the place in its text only (until Python 3.14). The rest of the text may quote the file.
            found = _LINE.search(str(problem))
            place = f"line {found[1]}, column {found[2]}" if found is not None else "at its end"
            raise self.bad(f"not TOML: {place}", "see https://toml.io; texts stand in quotes") from None

    def keys(self, where: str, table: Mapping[str, object], known: Iterable[str]) -> None:
        choices = tuple(known)
        for key in table:
            if key not in choices:
                name = key if re.fullmatch(r"[\w.-]{1,60}", key) else "a key"
                place = f"[{where}] has an unknown key: {name}" if where else f"unknown key: {name}"
                raise self.bad(place, did_you_mean(key, choices), "C507")

    def table(
        self, table: Mapping[str, object], name: str, known: Iterable[str] | None, where: str | None = None
    ) -> Mapping[str, object]:
        found = table.get(name, _NOTHING)
        place = name if where is None else where
        if not isinstance(found, Mapping):
            raise self.bad(f"{place} is no table", f"write [{place}]")
        if known is not None:
            self.keys(place, found, known)
        return found

    def text(self, where: str, table: Mapping[str, object], key: str, default: _Default) -> str | _Default:
        if key not in table:
            return default
        found = table[key]
        if not isinstance(found, str):
            raise self.bad(f"{where + '.' if where else ''}{key} is no text", f'write {key} = "..."')
        return found

    def one_of(self, table: Mapping[str, object], key: str, choices: tuple[str, ...], default: str) -> str:
        found = self.text("", table, key, default)
        if found not in choices:
            raise self.bad(f"{key} has a value that does not exist", f"{did_you_mean(found, choices)}")
        return found

    def names(self, table: Mapping[str, object], key: str, default: frozenset[str]) -> frozenset[str]:
        if key not in table:
            return default
        found = table[key]
        if not isinstance(found, list) or not all(isinstance(name, str) and name for name in found):
            raise self.bad(f"{key} is no list of names", f'write {key} = ["user", "developer"]')
        return frozenset(found)

    def list_of(self, table: Mapping[str, object], key: str) -> tuple[str, ...]:
        found = table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(name, str) and name for name in found):
            raise self.bad(f"{key} is no list of names", f'write {key} = ["mail"]')
        return tuple(dict.fromkeys(found))

    def flag(self, table: Mapping[str, object], key: str) -> bool:
        found = table.get(key, False)
        if not isinstance(found, bool):
            raise self.bad(f"{key} is neither true nor false", f"write {key} = true")
        return found

    def limits(self, table: Mapping[str, object]) -> tuple[Limits, Mapping[str, int]]:
        found = self.table(table, "limits", _LIMITS)
        made = Limits()
        for key in ("steps", "depth", "memory", "calls", "overlap"):
            if key in found:
                made = replace(made, **{key: self.count(f"limits.{key}", found[key])})
        if made.depth > _DEEPEST:
            raise self.bad(f"limits.depth is larger than {_DEEPEST:,}")
        if made.overlap > _MOST_THREADS:
            raise self.bad(f"limits.overlap is larger than {_MOST_THREADS:,}")
        if "seconds" in found:
            seconds = found["seconds"]
            if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < 1e9:
                raise self.bad("limits.seconds is no positive number", "write seconds = 20")
            made = replace(made, seconds=float(seconds))
        per_tool = self.table(found, "per_tool", None, "limits.per_tool")
        return made, {name: self.count(f"limits.per_tool.{name}", most) for name, most in per_tool.items()}

    def planning(self, table: Mapping[str, object]) -> Planning:
        found = self.table(table, "planning", _PLANNING)
        again, delegate = found.get("after_failures", True), found.get("delegate", False)
        if not isinstance(again, bool) or not isinstance(delegate, bool):
            raise self.bad("planning.after_failures and planning.delegate are true or false")
        usual = Planning()
        return Planning(
            rounds=self.count("planning.rounds", found.get("rounds", usual.rounds)),
            repairs=self.none_or_more("planning.repairs", found.get("repairs", usual.repairs)),
            bits=self.none_or_more("planning.bits", found["bits"]) if "bits" in found else None,
            highest=self.count("planning.highest", found.get("highest", usual.highest)),
            after_failures=again,
            delegate=delegate,
        )

    def spending(self, table: Mapping[str, object]) -> Spending:
        found = self.table(table, "spending", ("tokens", "money", "prices", "answer"))
        prices: dict[str, Price] = {}
        for name in self.table(found, "prices", None, "spending.prices"):
            where = f'spending.prices."{name}"'
            entry = self.table(cast("Mapping[str, object]", found["prices"]), name, ("input", "output"), where)
            prices[name] = Price(
                self.amount(f"{where} input", entry.get("input")), self.amount(f"{where} output", entry.get("output"))
            )
        return Spending(
            self.count("spending.tokens", found["tokens"]) if "tokens" in found else None,
            self.amount("spending.money", found["money"]) if "money" in found else None,
            prices,
            self.count("spending.answer", found["answer"]) if "answer" in found else None,
        )

    def amount(self, where: str, found: object) -> float:
        if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found < 1e12:
            raise self.bad(f"{where} is no amount", "write a number, such as 2.5")
        return float(found)

    def none_or_more(self, where: str, found: object) -> int:
        return 0 if found == 0 and type(found) is int else self.count(where, found)

    def count(self, where: str, found: object) -> int:
        if isinstance(found, bool) or not isinstance(found, int) or not 0 < found < 1 << 62:
            raise self.bad(f"{where} is no positive whole number")
        return found


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names what is spelled most like `name`, else all there is."""
    choices = list(known)
    close = difflib.get_close_matches(name, choices, 1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(choices)}"
