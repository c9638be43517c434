"""JSON as text: printing, the canonical form that is hashed, reading, and labels as JSON.

Its one rule: printing never fails and never recurses; reading refuses what is nested too deeply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring_ascii
from typing import Final, TypeAlias, cast, final

from ringfence.core.labels import EVERYONE, Everyone, Label

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_SAFE_DEPTH: Final = 400
_LABELS_REMEMBERED: Final = 4096
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class EncodingError(ValueError):
    """Text or JSON that is not a value of ours. Says what is wrong, never what was found."""


def label_to_json(label: Label) -> Json:
    """`{"sources": [...], "readers": "everyone" | [...]}`, sorted."""
    readers = label.readers
    shown: Json = "everyone" if isinstance(readers, Everyone) else [*sorted(readers)]
    return {"sources": [*sorted(label.sources)], "readers": shown}


def label_from_json(obj: object) -> Label:
    """The label that `label_to_json` wrote. EncodingError for anything else."""
    if not isinstance(obj, dict) or obj.keys() != {"sources", "readers"}:
        raise EncodingError("a label has sources and readers, and nothing else")
    readers: object = obj["readers"]
    try:
        return Label(_names(obj["sources"]), EVERYONE if readers == "everyone" else _names(readers))
    except TypeError as problem:
        raise EncodingError("a label's sources and readers are lists of names") from problem


def _names(obj: object) -> list[str]:
    if not isinstance(obj, list):
        raise EncodingError("a label's sources and readers are lists of names")
    return [cast(str, name) for name in obj]  # Label itself refuses what is not a name


@final
@dataclass(frozen=True, slots=True)
class Written:
    """JSON that is canonical text already, as a part of a larger object (`canonical_object`)."""

    text: str


Part: TypeAlias = "Json | Written"


@lru_cache(_LABELS_REMEMBERED)
def label_written(label: Label) -> Written:
    """The canonical text of a label. Labels are interned and few, and stand in every record."""
    return Written(canonical_json(label_to_json(label)))


def canonical_object(parts: Mapping[str, Part]) -> str:
    """What `canonical_json` gives of an object, of which some parts may be written already."""
    texts = []
    for name in sorted(parts):
        part = parts[name]
        text = encode_basestring_ascii(part) if isinstance(part, str) else _part_text(part)
        texts.append(f"{encode_basestring_ascii(name)}:{text}")
    return f"{{{','.join(texts)}}}"


def canonical_array(parts: Iterable[Part]) -> str:
    """What `canonical_json` gives of a list, of which some parts may be written already."""
    texts = [encode_basestring_ascii(part) if isinstance(part, str) else _part_text(part) for part in parts]
    return f"[{','.join(texts)}]"


def _part_text(part: Part) -> str:
    """The canonical text of a part. The encoder, which takes longer, writes what is rare."""
    if isinstance(part, Written):
        return part.text
    if type(part) is int:
        return int.__repr__(part)
    if part is None:
        return "null"
    try:
        if isinstance(part, list):
            return f"[{','.join(map(encode_basestring_ascii, cast('list[str]', part)))}]"
    except TypeError:  # not all of it is text
        pass
    return canonical_json(part)


def object_written(parts: Mapping[str, Part]) -> Written:
    """An object as a part of a larger one."""
    return Written(canonical_object(parts))


def dumps(obj: Json, *, indent: int | None = None) -> str:
    """JSON as text, ASCII only. Never fails on what `to_json` made; very deep nesting is printed without `indent`."""
    if shallow(obj):
        return json.dumps(obj, indent=indent)
    return "".join(_texts(obj, ", ", ": ", sort=False))


def canonical_json(obj: Json) -> str:
    """The one text of this JSON: keys sorted, no spaces, ASCII. For hashing and comparing."""
    if shallow(obj):
        return _CANONICAL.encode(obj)
    return "".join(_texts(obj, ",", ":", sort=True))


def digest(obj: Json) -> str:
    """SHA-256 of the canonical text, in hex."""
    return sha256(canonical_json(obj).encode("ascii")).hexdigest()


def shallow(obj: Json) -> bool:
    """Whether the encoder of the standard library, which recurses on the C stack, may be used."""
    level: list[dict[str, Json] | list[Json]] = [obj] if isinstance(obj, (dict, list)) else []
    if not level or not obj:
        return True
    for _ in range(_SAFE_DEPTH):
        if not level:
            return True
        level = [
            part
            for holder in level
            for part in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(part, (dict, list))
        ]
    return False


def _texts(obj: Json, comma: str, colon: str, *, sort: bool) -> Iterable[str]:
    """The pieces of the text, without recursion: a piece is a str on the stack, anything else is still JSON."""
    pending: list[tuple[bool, Json]] = [(False, obj)]
    while pending:
        written, part = pending.pop()
        if written:
            yield cast(str, part)
        elif isinstance(part, dict):
            pieces: list[tuple[bool, Json]] = [(True, "{")]
            for index, name in enumerate(sorted(part) if sort else part):
                text = encode_basestring_ascii(name)
                pieces += [(True, f"{comma if index else ''}{text}{colon}"), (False, part[name])]
            pending.extend(reversed([*pieces, (True, "}")]))
        elif isinstance(part, list):
            pieces = [(True, "[")]
            for index, item in enumerate(part):
                pieces += [(True, comma if index else ""), (False, item)]
            pending.extend(reversed([*pieces, (True, "]")]))
        else:
            yield json.dumps(part)


_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def loads(text: str) -> Json:
    """JSON from text. EncodingError for what is not JSON or is nested more than a few hundred levels."""
    depth = deepest = 0
    for found in _BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found.group(), 0)
        deepest = max(deepest, depth)
    if deepest > 2 * _SAFE_DEPTH:
        raise EncodingError("nested too deeply")
    try:
        return cast(Json, json.loads(text))
    except (ValueError, RecursionError) as problem:
        raise EncodingError("not JSON") from problem
