"""The shapes of results, learned from sample calls: types and keys for the planner to see, and no content.

Its one rule: a shape is shown and nothing else. Results are not compared with it, and it counts only for the tool that
it was learned from: one whose pin has changed has none until it is learned again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, cast

from ringfence.config import Config
from ringfence.core.errors import ConfigError
from ringfence.core.plain import EnumMember, Plain, RecordData
from ringfence.guard.accepted import read_table, write_table
from ringfence.guard.tools import Tool
from ringfence.lang.analysis.kinds import ANY, common
from ringfence.schema import (
    AnyType,
    DictType,
    Field,
    ListType,
    RecordType,
    Scalar,
    TupleType,
    Type,
    UnionType,
    from_json_schema,
    json_schema,
)
from ringfence.session.result import Result

_MAX_BYTES: Final = 1 << 20
_MAX_KEYS: Final = 60
_MAX_SAMPLES: Final = 200
_DEEPEST: Final = 8


def shape_of(plain: Plain, depth: int = 0) -> Type:
    """The types and keys of a result. Keys count where they are names; other dicts have the type of their values."""
    if depth > _DEEPEST or isinstance(plain, EnumMember):
        return ANY
    if isinstance(plain, RecordData):
        return RecordType(plain.name, _fields(plain.fields, depth))
    if isinstance(plain, dict):
        names = [key for key in plain if isinstance(key, str) and key.isidentifier()]
        if len(names) == len(plain) and 0 < len(names) <= _MAX_KEYS:
            return RecordType("", _fields(plain, depth), mapping=True)
        return DictType(Scalar("str"), _merged(shape_of(part, depth + 1) for part in [*plain.values()][:_MAX_SAMPLES]))
    if isinstance(plain, (list, tuple, set, frozenset)):
        return ListType(_merged(shape_of(part, depth + 1) for part in [*plain][:_MAX_SAMPLES]))
    name = "None" if plain is None else type(plain).__name__
    known = ("None", "bool", "int", "float", "str", "bytes", "Decimal", "date", "datetime", "time", "timedelta")
    return Scalar(name) if name in known else ANY


def _fields(held: Mapping[str, Plain], depth: int) -> tuple[Field, ...]:
    return tuple(Field(name, shape_of(part, depth + 1)) for name, part in held.items())


def _merged(types: Iterable[Type]) -> Type:
    """One type for all samples: records of the same kind are one record with all fields."""
    found = list(types)
    records = [one for one in found if isinstance(one, RecordType)]
    if not records or len(records) < len(found):
        return common(found)
    kinds: dict[str, list[Type]] = {}
    for record in records:
        for field in record.fields:
            kinds.setdefault(field.name, []).append(field.type)
    fields = tuple(
        Field(name, _merged(types) if len(types) == len(records) else _maybe(_merged(types)))
        for name, types in kinds.items()
    )
    return RecordType(records[0].name, fields[:_MAX_KEYS], records[0].mapping)


def _maybe(kind: Type) -> Type:
    return kind if isinstance(kind, AnyType) else UnionType((kind, Scalar("None")))


def sample(tool: Tool, arguments: Mapping[str, object], config: Config) -> Result:
    """One call of a tool through the monitor, as `Firewall.exec` makes it."""
    from ringfence.session.firewall import Firewall

    with Firewall([tool], "offline", policy=Config(user=config.user, trusted=config.trusted)) as firewall:
        return firewall.exec(f"answer({tool.name}(**arguments))", {"arguments": dict(arguments)})


def is_open(kind: Type) -> bool:
    """Whether a declared type leaves something to learn."""
    match kind:
        case AnyType() | DictType():
            return True
        case ListType(item=item):
            return is_open(item)
        case TupleType(items=items) | UnionType(options=items):
            return any(map(is_open, items))
        case RecordType(fields=fields):
            return any(is_open(field.type) for field in fields)
        case _:
            return False


def read_shapes(path: Path, tools: Iterable[Tool]) -> dict[str, Type]:
    """The shapes in a file that were learned from these tools as they are. ConfigError (C506, C500)."""
    stored = _stored(path)
    made: dict[str, Type] = {}
    for tool in tools:
        entry = stored.get(tool.name)
        if isinstance(entry, dict) and entry.get("pin") == tool.pin:
            try:
                made[tool.name] = from_json_schema(cast("dict[str, object]", entry["schema"]))
            except (KeyError, TypeError, AttributeError, ValueError, ConfigError):
                raise _bad(path) from None
    return made


def write_shape(path: Path, tool: Tool, shape: Type) -> None:
    """Keep the shape of a tool's results beside those that are there. The file is written whole. ConfigError (C511)."""
    write_table(path, "shapes", {**_stored(path), tool.name: {"pin": tool.pin, "schema": json_schema(shape)}})


def _stored(path: Path) -> dict[str, object]:
    found = read_table(path, "shapes", _MAX_BYTES)
    if found is None:
        raise _bad(path)
    return found


def _bad(path: Path) -> ConfigError:
    return ConfigError(f"{path} holds no shapes of results", hint="learn them again: `ringfence tools learn NAME`")
