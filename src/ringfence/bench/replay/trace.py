"""The format of traces: what an agent was asked, what others had written, and the calls that it made.

One JSON object a line, `{"version": 1, "request": ..., "calls": [...]}`; `docs/replay.md` describes every key. Its one
rule: an unknown key, version or world is an error that names the line, and nothing of a trace is shown in a message.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NoReturn, TypeAlias, cast, final

from ringfence.core.errors import ConfigError

VERSION: Final = 1
MOST_BYTES: Final = 64 << 20
By: TypeAlias = Literal["user", "attacker", ""]
Keys: TypeAlias = Mapping[str, object]


@final
@dataclass(frozen=True, slots=True)
class Injected:
    """A text of the attacker's, and where it stood, in words."""

    text: str
    where: str = ""


@final
@dataclass(frozen=True, slots=True)
class TracedCall:
    """One call. `by`: whose idea it was, "" if that is not told. A call that failed has an `error` and no result."""

    tool: str
    arguments: Keys
    result: object = None
    error: str = ""
    by: By = ""


@final
@dataclass(frozen=True, slots=True)
class TracedTool:
    """A tool as the trace declares it: schemas as JSON, `returns` None for anything."""

    name: str
    parameters: Keys
    returns: Keys | None
    effect: Literal["read", "write"]
    egress: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    description: str = ""


@final
@dataclass(frozen=True, slots=True)
class Trace:
    """One run of an agent. `world` is "agentdojo:SUITE", or "" for results that stand in the trace.

    `task` and `attack` are the benchmark's names, if it is a run of one; `vectors` are its places of injected texts.
    """

    id: str
    request: str
    calls: tuple[TracedCall, ...]
    injected: tuple[Injected, ...] = ()
    world: str = ""
    tools: tuple[TracedTool, ...] = ()
    task: str = ""
    attack: str = ""
    vectors: Mapping[str, str] = field(default_factory=dict)
    agent: str = ""


def read(path: Path) -> list[Trace]:
    """The traces of a file: `.jsonl`, or the same packed, `.jsonl.gz`. ConfigError (C513) naming the line."""
    made = []
    for number, line in enumerate(_lines(path), 1):
        if line.strip():
            try:
                found = json.loads(line, parse_constant=_no_number)
            except (ValueError, RecursionError):
                raise _bad(f"line {number} is no JSON") from None
            made.append(trace_of(found, f"line {number}", f"{path.name}:{number}"))
    return made


def _no_number(text: str) -> NoReturn:
    raise ValueError("a number that JSON has not")


def _lines(path: Path) -> list[str]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                data = file.read(MOST_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise _bad(f"a file of traces is larger than {MOST_BYTES >> 20} MiB")
        return data.decode().splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as problem:
        raise ConfigError(
            "a file of traces cannot be read", code="C506", hint="is it there, and is it text?"
        ) from problem


def trace_of(found: object, where: str, id: str) -> Trace:
    """One trace from its JSON. ConfigError (C513)."""
    keys = _Keys(found, where)
    if keys.found.get("version") != VERSION:
        raise _bad(f"{where} has no version that is known here", f'write "version": {VERSION}')
    world = keys.text("world")
    if world and not world.startswith("agentdojo:"):
        raise _bad(
            f"{where} names a world that is not known", 'write "agentdojo:SUITE", or give results with the calls'
        )
    made = Trace(
        id=keys.text("id") or id,
        request=keys.text("request", needed=not world),
        calls=tuple(_call(one, f"{where}, call {n}") for n, one in enumerate(keys.items("calls"), 1)),
        injected=tuple(_injected(one, where) for one in keys.items("injected")),
        world=world,
        tools=tuple(_tool(one, f"{where}, tool {n}") for n, one in enumerate(keys.items("tools"), 1)),
        task=keys.text("task", needed=bool(world)),
        attack=keys.text("attack"),
        vectors={name: str(text) for name, text in keys.mapping("vectors").items()},
        agent=keys.text("agent"),
    )
    keys.end("version", "license")
    return made


def _call(found: object, where: str) -> TracedCall:
    keys = _Keys(found, where)
    by = keys.text("by")
    if by not in ("", "user", "attacker"):
        raise _bad(f'{where} has a "by" that is nobody', 'write "user" or "attacker", or leave it out')
    made = TracedCall(
        keys.text("tool", needed=True),
        keys.mapping("arguments"),
        keys.found.get("result"),
        keys.text("error"),
        cast(By, by),
    )
    keys.end("result")
    return made


def _injected(found: object, where: str) -> Injected:
    if isinstance(found, str):
        return Injected(found)
    keys = _Keys(found, f"{where}, injected")
    made = Injected(keys.text("text", needed=True), keys.text("where"))
    keys.end()
    return made


def _tool(found: object, where: str) -> TracedTool:
    keys = _Keys(found, where)
    effect = keys.text("effect") or "write"
    if effect not in ("read", "write"):
        raise _bad(f"{where} has an effect that does not exist", 'write "read" or "write"')
    returns = keys.mapping("returns") if keys.found.get("returns") is not None else None
    made = TracedTool(
        keys.text("name", needed=True), keys.mapping("parameters"), returns, cast('Literal["read", "write"]', effect),
        keys.texts("egress"), keys.texts("audience"), keys.text("description"),
    )  # fmt: skip
    keys.end("returns")
    return made


@final
class _Keys:
    """The keys of an object; those that nobody asks for are unknown."""

    def __init__(self, found: object, where: str) -> None:
        if not isinstance(found, dict):
            raise _bad(f"{where} is no object")
        self.found: dict[str, object] = found
        self._where = where
        self._asked: set[str] = set()

    def text(self, name: str, *, needed: bool = False) -> str:
        value = self._take(name)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or (needed and not value):
            raise _bad(f"{self._where}: {name} is no text")
        return value

    def items(self, name: str) -> Sequence[object]:
        value = self._take(name)
        if value is not None and not isinstance(value, list):
            raise _bad(f"{self._where}: {name} is no list")
        return [] if value is None else value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.items(name)
        if not all(isinstance(value, str) for value in values):
            raise _bad(f"{self._where}: {name} is no list of texts")
        return tuple(cast("Sequence[str]", values))

    def mapping(self, name: str) -> dict[str, object]:
        value = self._take(name)
        if value is not None and not isinstance(value, dict):
            raise _bad(f"{self._where}: {name} is no object")
        return {} if value is None else value

    def end(self, *others: str) -> None:
        """No other keys than those that were asked for, and these."""
        if set(self.found) - self._asked - set(others):
            raise _bad(f"{self._where} has a key that does not exist")

    def _take(self, name: str) -> object:
        self._asked.add(name)
        return self.found.get(name)


def _bad(message: str, hint: str = "docs/replay.md describes the format") -> ConfigError:
    return ConfigError(message, code="C513", hint=hint)


# Writing


def to_json(trace: Trace) -> dict[str, object]:
    """The object of a trace, without what is empty."""
    made: dict[str, object] = {"version": VERSION, "id": trace.id}
    for name in ("agent", "world", "task", "attack", "request"):
        if getattr(trace, name):
            made[name] = getattr(trace, name)
    if trace.vectors:
        made["vectors"] = dict(trace.vectors)
    if trace.injected:
        made["injected"] = [_short(text=one.text, where=one.where) for one in trace.injected]
    if trace.tools:
        made["tools"] = [
            _short(name=one.name, description=one.description, effect=one.effect, egress=[*one.egress],
                   audience=[*one.audience], parameters=one.parameters, returns=one.returns)
            for one in trace.tools
        ]  # fmt: skip
    made["calls"] = [
        _short(tool=one.tool, arguments=one.arguments, result=one.result, error=one.error, by=one.by)
        for one in trace.calls
    ]
    return made


def _short(**keys: object) -> dict[str, object]:
    return {name: value for name, value in keys.items() if value not in (None, "", [])}


def write(path: Path, traces: Sequence[Trace]) -> None:
    """A file of traces, packed if its name ends so; the same traces give the same bytes."""
    text = "".join(json.dumps(to_json(one), ensure_ascii=False) + "\n" for one in traces)
    with path.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                packed.write(text.encode())
        else:
            file.write(text.encode())


def shipped() -> Iterator[Path]:
    """The traces that come with the package."""
    yield from sorted((Path(__file__).parent / "traces").glob("*.jsonl.gz"))
