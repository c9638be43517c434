"""A type as text, and the same type again: for an argument of a tool that is a type.

Its one rule: nothing is lost on the way, unlike with a JSON schema; and what was not written here is refused.
"""

from __future__ import annotations

import dataclasses
from typing import Final, cast

from ringfence.core.encoding import EncodingError, Json, canonical_json, from_json, loads, to_json
from ringfence.schema.types import (
    AnyType,
    DictType,
    EnumType,
    Field,
    ListType,
    LiteralType,
    RecordType,
    Scalar,
    TupleType,
    Type,
    UnionType,
)

_KINDS: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (AnyType, DictType, EnumType, Field, ListType, LiteralType, RecordType, Scalar, TupleType, UnionType)
}
_DEEPEST: Final = 50


def type_text(type: Type) -> str:
    """The type as text, always the same for the same type."""
    return canonical_json(_written(type))


def type_from(text: str) -> Type:
    """The type of a text that `type_text` gave. Raises EncodingError."""
    try:
        found = _read(loads(text), 0)
    except (TypeError, ValueError, KeyError, AttributeError) as problem:
        raise EncodingError("a type as text") from problem
    if not isinstance(found, tuple(kind for kind in _KINDS.values() if kind is not Field)):
        raise EncodingError("a type as text")
    if type_text(cast(Type, found)) != text:  # also what has the right keys and other things in them
        raise EncodingError("a type as text")
    return cast(Type, found)


def _written(part: object) -> Json:
    if type(part).__name__ in _KINDS and dataclasses.is_dataclass(part):
        values = {one.name: (one.default, getattr(part, one.name)) for one in dataclasses.fields(part)}
        said = {name: _written(value) for name, (usual, value) in values.items() if value != usual}
        return {"is": type(part).__name__, **said}
    if isinstance(part, tuple):
        return [_written(one) for one in part]
    return {"plain": to_json(part, exact=True)}


def _read(stored: Json, depth: int) -> object:
    if depth > _DEEPEST:
        raise EncodingError("a type as text")
    if isinstance(stored, list):
        return tuple(_read(one, depth + 1) for one in stored)
    if not isinstance(stored, dict):
        raise EncodingError("a type as text")
    if "plain" in stored:
        return from_json(stored["plain"])
    made: object = _KINDS[str(stored["is"])](
        **{name: _read(one, depth + 1) for name, one in stored.items() if name != "is"}
    )
    return made
