"""Types as text: Python for the planner, words for messages.

Its one rule: only what the type says is shown, so that the text may be given to the planner.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from ringfence.core.plain import Plain, RecordData
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

_FORMAT_NAMES: Final = {"email": "EmailStr", "url": "HttpUrl", "quote": "Quote", "type": "type"}


def render(type: Type) -> str:
    """The annotation that describes the type, without its bounds: `list[Event]`, `str | None`, `{'a': int}`."""
    match type:
        case AnyType():
            return "Any"
        case Scalar():
            return type.name if type.format is None else _FORMAT_NAMES[type.format]
        case ListType():
            return f"{type.kind}[{render(type.item)}{', ...' if type.kind == 'tuple' else ''}]"
        case TupleType():
            return f"tuple[{', '.join(map(render, type.items)) or '()'}]"
        case DictType():
            return f"dict[{render(type.key)}, {render(type.value)}]"
        case UnionType():
            return " | ".join(map(render, type.options))
        case LiteralType():
            return f"Literal[{', '.join(map(repr, type.values))}]"
        case EnumType():
            return type.name
        case RecordType():
            return type.name or "{" + ", ".join(f"{field.name!r}: {render(field.type)}" for field in type.fields) + "}"
        case _:
            assert_never(type)


def expectation(type: Type) -> str:
    """What a message says was expected: the annotation and its bounds."""
    if isinstance(type, EnumType):
        return f"{type.name} ({', '.join(name for name, _ in type.members)})"
    if not isinstance(type, Scalar | ListType):
        return render(type)
    return " ".join([render(type), *_bounds(type)])


def _bounds(type: Scalar | ListType) -> Iterator[str]:
    if isinstance(type, Scalar):
        if type.minimum is not None:
            yield f"of at least {type.minimum}"
        if type.maximum is not None:
            yield f"of at most {type.maximum}"
    if type.min_length is not None:
        yield f"with a length of at least {type.min_length}"
    if type.max_length is not None:
        yield f"with a length of at most {type.max_length}"
    if isinstance(type, Scalar) and type.pattern is not None:
        yield f"that matches {type.pattern!r}"


def stub(type: RecordType | EnumType) -> str:
    """The class as the planner sees it, ready to stand in a plan."""
    if isinstance(type, EnumType):
        members = [f"    {name} = {value!r}" for name, value in type.members]
        return "\n".join([f"class {type.name}({_enum_base(type)}):", *members])
    lines = [f"class {type.name}({'TypedDict' if type.mapping else 'BaseModel'}):"]
    if type.description:
        lines.append(f"    {_doc(type.description)}")
    lines += [_field(field, type.mapping) for field in type.fields]
    if len(lines) == 1:
        lines.append("    pass")
    return "\n".join(lines)


def _enum_base(type: EnumType) -> str:
    if not type.mixed:
        return "Enum"
    text = all(isinstance(value, str) for _, value in type.members)
    if type.shows_value:
        return "StrEnum" if text else "IntEnum"
    return "str, Enum" if text else "int, Enum"


def _doc(text: str) -> str:
    return '"""' + text.replace("\\", "\\\\").replace('"""', "'''").removesuffix('"') + '"""'


def _field(field: Field, mapping: bool) -> str:
    annotation = render(field.type)
    if not field.required:
        annotation = f"NotRequired[{annotation}]" if mapping else f"{annotation} = {literal(field.default)}"
    notes = [*(_bounds(field.type) if isinstance(field.type, Scalar | ListType) else ()), field.description]
    comment = "; ".join(" ".join(note.split()) for note in notes if note)
    return f"    {field.name}: {annotation}" + (f"  # {comment}" if comment else "")


def literal(plain: Plain) -> str:
    """Plain data as Python text: how a default is shown."""
    if isinstance(plain, RecordData):
        return f"{plain.name}({', '.join(f'{name}={literal(part)}' for name, part in plain.fields.items())})"
    if isinstance(plain, list):
        return f"[{', '.join(map(literal, plain))}]"
    if isinstance(plain, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(part)}" for key, part in plain.items()) + "}"
    if isinstance(plain, dt.date | dt.time | dt.timedelta):
        return repr(plain).replace("datetime.", "")
    return repr(plain)


def named_types(types: Iterable[Type]) -> tuple[RecordType | EnumType, ...]:
    """All records and enumerations with a name that can be reached, each once, those that others need first."""
    found: list[RecordType | EnumType] = []
    for type in types:
        _collect(type, found)
    return tuple(found)


def _collect(type: Type, found: list[RecordType | EnumType]) -> None:
    for part in _parts(type):
        _collect(part, found)
    if isinstance(type, RecordType | EnumType) and type.name and type not in found:
        found.append(type)


def _parts(type: Type) -> tuple[Type, ...]:
    match type:
        case ListType():
            return (type.item,)
        case TupleType():
            return type.items
        case DictType():
            return (type.key, type.value)
        case UnionType():
            return type.options
        case RecordType():
            return tuple(field.type for field in type.fields)
        case AnyType() | Scalar() | LiteralType() | EnumType():
            return ()
        case _:
            assert_never(type)
