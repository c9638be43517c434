"""Types of arguments, results and structured answers: one description for tools, plans and models.

Its one rule: data that does not fit a type is refused here, with the path and the type and never the
value. A `Type` is made from a Python annotation (`type_of`), from a JSON schema (`from_json_schema`), or
by the plan language from a class in the plan; it validates plain data (`validate`), becomes a JSON schema
for a model (`json_schema`) and Python text for the planner (`render`, `stub`). `plain_of` and `to_python`
stand between a tool's own objects and plain data. Pydantic is never imported here: its models and
constraints are recognised when the author of a tool uses them.
"""

from ringfence.schema.annotations import description_of, type_of
from ringfence.schema.jsonschema import from_json_schema, json_schema
from ringfence.schema.python import plain_of, to_python
from ringfence.schema.text import named_types, render, stub
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
from ringfence.schema.validate import SchemaMismatch, validate

__all__ = [
    "AnyType",
    "DictType",
    "EnumType",
    "Field",
    "ListType",
    "LiteralType",
    "RecordType",
    "Scalar",
    "SchemaMismatch",
    "TupleType",
    "Type",
    "UnionType",
    "description_of",
    "from_json_schema",
    "json_schema",
    "named_types",
    "plain_of",
    "render",
    "stub",
    "to_python",
    "type_of",
    "validate",
]
