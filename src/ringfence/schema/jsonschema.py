"""Types to and from JSON schema.

Its one rule: what comes out can be enforced by a provider (no field is optional or unknown), and of what
comes in no constraint is dropped in silence: a keyword without a rule here is a ConfigError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from ringfence.core.errors import ConfigError
from ringfence.core.plain import Plain
from ringfence.schema.formats import compiled
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

JsonSchema = dict[str, object]

MAX_NESTING: Final = 60

_SCALARS: Final[dict[str, JsonSchema]] = {
    "None": {"type": "null"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "str": {"type": "string"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "Decimal": {"type": "string", "description": "a decimal number as text, such as 12.50"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "datetime": {"type": "string", "format": "date-time"},
    "timedelta": {"type": "string", "format": "duration"},
}
_FORMATS: Final[dict[str, JsonSchema]] = {
    "email": {"format": "email"},
    "url": {"format": "uri"},
    "type": {"description": "a type of the plan"},
    "quote": {"description": "words that stand in the data exactly like that"},
}


def json_schema(type: Type) -> JsonSchema:
    """The JSON schema for a model's answer. Objects refuse other fields and require all of their own."""
    match type:
        case AnyType():
            return {}
        case Scalar():
            return _scalar_schema(type)
        case ListType():
            schema: JsonSchema = {"type": "array", "items": json_schema(type.item)}
            return schema | _present(minItems=type.min_length, maxItems=type.max_length)
        case TupleType():
            count = len(type.items)
            items = [json_schema(item) for item in type.items]
            return {"type": "array", "prefixItems": items, "items": False, "minItems": count, "maxItems": count}
        case DictType():
            return {"type": "object", "additionalProperties": json_schema(type.value)}
        case UnionType():
            return {"anyOf": [json_schema(option) for option in type.options]}
        case LiteralType():
            return {"enum": list(type.values)}
        case EnumType():
            return {"title": type.name, "enum": [value for _, value in type.members]}
        case RecordType():
            return _object_schema(type)
        case _:
            assert_never(type)


def _scalar_schema(type: Scalar) -> JsonSchema:
    schema = dict(_SCALARS[type.name])
    if type.format is not None:
        schema |= _FORMATS[type.format]
    if type.name != "Decimal":
        schema |= _present(minimum=type.minimum, maximum=type.maximum)
    if type.name != "bytes":
        schema |= _present(minLength=type.min_length, maxLength=type.max_length)
    return schema | _present(pattern=type.pattern)


def _object_schema(type: RecordType) -> JsonSchema:
    properties: JsonSchema = {}
    for field in type.fields:
        schema = json_schema(field.type)
        properties[field.name] = schema | ({"description": field.description} if field.description else {})
    made: JsonSchema = {
        "type": "object",
        "properties": properties,
        "required": [field.name for field in type.fields],
        "additionalProperties": False,
    }
    made |= {"title": type.name} if type.name else {}
    return made | ({"description": type.description} if type.description else {})


def _present(**keywords: object) -> JsonSchema:
    return {key: value for key, value in keywords.items() if value is not None}


# From JSON schema

_ANNOTATIONS: Final = frozenset(
    {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"$schema", "$id", "$comment", "$defs", "definitions"}
)
_KEYWORDS: Final[dict[str, frozenset[str]]] = {
    "null": frozenset(),
    "boolean": frozenset(),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"}),
    "number": frozenset({"minimum", "maximum", "format"}),
    "string": frozenset({"minLength", "maxLength", "pattern", "format", "contentEncoding"}),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
}
_STRING_FORMATS: Final[dict[str, Scalar]] = {
    "date": Scalar("date"),
    "time": Scalar("time"),
    "date-time": Scalar("datetime"),
    "duration": Scalar("timedelta"),
    "email": Scalar("str", format="email"),
    "uri": Scalar("str", format="url"),
}


def from_json_schema(schema: Mapping[str, object]) -> Type:
    """The type that a JSON schema describes (draft 2020-12, local `$ref`s). ConfigError for what has no rule.

    Objects are mappings, and closed: fields that the schema does not name are refused. A schema that refers
    to itself is `Any` from the second level on.
    """
    return _read(schema, schema, (), 0)


def _read(schema: object, root: Mapping[str, object], refs: tuple[str, ...], depth: int) -> Type:
    if depth > MAX_NESTING:
        raise _refused("the schema is nested too deeply")
    if schema is True:
        return AnyType()
    if not isinstance(schema, Mapping):
        raise _refused("a schema is an object or true")
    ref = schema.get("$ref")
    if ref is not None:
        if not isinstance(ref, str):
            raise _refused("a $ref is a string")
        return AnyType() if ref in refs else _read(_resolve(ref, root), root, (*refs, ref), depth + 1)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            _only(schema, {keyword, "discriminator"})
            return _options(schema[keyword], root, refs, depth)
    if "allOf" in schema:
        _only(schema, {"allOf"})
        parts = _sequence(schema["allOf"], "allOf")
        if len(parts) != 1:
            raise _refused("allOf with more than one part has no rule")
        return _read(parts[0], root, refs, depth + 1)
    if "enum" in schema or "const" in schema:
        _only(schema, {"enum", "const", "type"})
        return _literal(_sequence(schema["enum"], "enum") if "enum" in schema else [schema["const"]])
    return _typed(schema, root, refs, depth)


def _typed(schema: Mapping[str, object], root: Mapping[str, object], refs: tuple[str, ...], depth: int) -> Type:
    kind = schema.get("type")
    if isinstance(kind, list):
        options = [{**schema, "type": one} for one in kind]
        return _options([_trimmed(option) for option in options], root, refs, depth)
    if kind is None:
        if "properties" in schema:
            kind = "object"
        else:
            _only(schema, set())
            return AnyType()
    if not isinstance(kind, str) or kind not in _KEYWORDS:
        raise _refused("an unknown type")
    _only(schema, {"type", *_KEYWORDS[kind]})
    match kind:
        case "null":
            return Scalar("None")
        case "boolean":
            return Scalar("bool")
        case "integer":
            return _integer(schema)
        case "number":
            return Scalar("float", _number(schema, "minimum"), _number(schema, "maximum"))
        case "string":
            return _string(schema)
        case "array":
            return _array(schema, root, refs, depth)
        case _:
            return _object(schema, root, refs, depth)


def _trimmed(option: Mapping[str, object]) -> Mapping[str, object]:
    """One of several types: the keywords that speak about the others say nothing about it."""
    keep = _KEYWORDS.get(str(option["type"]), frozenset())
    others = frozenset().union(*_KEYWORDS.values()) - keep
    return {key: value for key, value in option.items() if key not in others}


def _options(options: object, root: Mapping[str, object], refs: tuple[str, ...], depth: int) -> Type:
    read: list[Type] = []
    for option in _sequence(options, "anyOf"):
        made = _read(option, root, refs, depth + 1)
        read += [part for part in (made.options if isinstance(made, UnionType) else (made,)) if part not in read]
    if not read:
        raise _refused("a union without options")
    return read[0] if len(read) == 1 else UnionType(tuple(read))


def _literal(values: Sequence[object]) -> Type:
    kept = [value for value in values if value is None or type(value) in (str, int, bool)]
    if len(kept) != len(values) or not kept:
        raise _refused("an enum may hold strings, integers, booleans and null")
    return LiteralType(tuple(kept))  # type: ignore[arg-type]  # checked above


def _integer(schema: Mapping[str, object]) -> Type:
    low, high = _number(schema, "minimum"), _number(schema, "maximum")
    above, below = _number(schema, "exclusiveMinimum"), _number(schema, "exclusiveMaximum")
    if above is not None:
        low = above + 1 if low is None else max(low, above + 1)
    if below is not None:
        high = below - 1 if high is None else min(high, below - 1)
    return Scalar("int", low, high)


def _string(schema: Mapping[str, object]) -> Type:
    name = schema.get("format")
    if schema.get("contentEncoding") == "base64":
        return Scalar("bytes")
    if isinstance(name, str) and name in _STRING_FORMATS and _STRING_FORMATS[name].name != "str":
        return _STRING_FORMATS[name]
    pattern = schema.get("pattern")
    if pattern is not None and not isinstance(pattern, str):
        raise _refused("a pattern is a string")
    if pattern is not None:
        compiled(pattern)
    # Formats are annotations in JSON schema: one without a rule here says nothing.
    known = _STRING_FORMATS.get(name) if isinstance(name, str) else None
    return Scalar(
        "str",
        min_length=_length(schema, "minLength"),
        max_length=_length(schema, "maxLength"),
        pattern=pattern,
        format=known.format if known is not None else None,
    )


def _array(schema: Mapping[str, object], root: Mapping[str, object], refs: tuple[str, ...], depth: int) -> Type:
    low, high = _length(schema, "minItems"), _length(schema, "maxItems")
    if "prefixItems" in schema:
        parts = _sequence(schema["prefixItems"], "prefixItems")
        if schema.get("items") is not False or (low, high) not in ((None, None), (len(parts), len(parts))):
            raise _refused("prefixItems needs items: false and all of its items")
        return TupleType(tuple(_read(part, root, refs, depth + 1) for part in parts))
    return ListType(_read(schema.get("items", True), root, refs, depth + 1), "list", low, high)


def _object(schema: Mapping[str, object], root: Mapping[str, object], refs: tuple[str, ...], depth: int) -> Type:
    extra = schema.get("additionalProperties", True)
    properties = schema.get("properties")
    if properties is None:
        if extra is False:
            return RecordType("", (), mapping=True)
        return DictType(Scalar("str"), _read(extra, root, refs, depth + 1))
    if not isinstance(properties, Mapping):
        raise _refused("properties is an object")
    required = _sequence(schema.get("required", []), "required")
    fields = [
        Field(
            str(name), _read(part, root, refs, depth + 1), name in required, _default(part), _text(part, "description")
        )
        for name, part in properties.items()
    ]
    title = _text(schema, "title")
    named = all(name.isidentifier() for name in (title, *(field.name for field in fields)))
    return RecordType(title if named else "", tuple(fields), mapping=True, description=_text(schema, "description"))


def _default(schema: object) -> Plain:
    return schema.get("default") if isinstance(schema, Mapping) else None


def _text(schema: object, key: str) -> str:
    found = schema.get(key) if isinstance(schema, Mapping) else None
    return found if isinstance(found, str) else ""


def _number(schema: Mapping[str, object], key: str) -> float | None:
    found = schema.get(key)
    if found is None or (isinstance(found, int | float) and not isinstance(found, bool)):
        return found
    raise _refused(f"{key} is a number")


def _length(schema: Mapping[str, object], key: str) -> int | None:
    found = schema.get(key)
    if found is None or (isinstance(found, int) and not isinstance(found, bool) and found >= 0):
        return found
    raise _refused(f"{key} is a length")


def _sequence(found: object, key: str) -> Sequence[object]:
    if isinstance(found, list | tuple):
        return found
    raise _refused(f"{key} is an array")


def _resolve(ref: str, root: Mapping[str, object]) -> object:
    if ref == "#":
        return root
    if not ref.startswith("#/"):
        raise _refused("only $refs inside the schema are followed")
    found: object = root
    for part in ref[2:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            raise _refused("a $ref points nowhere")
        found = found[key]
    return found


def _only(schema: Mapping[str, object], keywords: set[str]) -> None:
    """Refuse keywords without a rule. Those starting with `x-` are extensions by convention."""
    for key in schema:
        if not (key in keywords or key in _ANNOTATIONS or str(key).startswith("x-")):
            raise _refused(f"the keyword {key!r} has no rule here")


def _refused(message: str) -> ConfigError:
    return ConfigError(
        f"JSON schema: {message}", code="C502", hint="simplify the schema, or describe the value without constraints"
    )
