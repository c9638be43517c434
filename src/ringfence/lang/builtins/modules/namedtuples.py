"""`namedtuple("Point", "x y")`: record types that a plan makes by calling a function.

Its one rule: the names are written in the plan; a value never becomes the name of a field.
"""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Record, Value
from ringfence.lang.builtins.instances import of_named_tuple
from ringfence.lang.iteration import collect
from ringfence.lang.objects import TypeValue, label_of, settle, split
from ringfence.lang.raised import fail
from ringfence.schema import AnyType, Field, RecordType

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def make_namedtuple(
    run: Run, typename: Value, field_names: Value, *, rename: Value = False, defaults: Value = None
) -> Value:
    """`namedtuple("Point", "x y")` as a type: its instances can be indexed and unpacked."""
    name, label = split(settle(typename))
    names = _names(run, field_names)
    if not isinstance(name, str) or label is not TRUSTED_PUBLIC or label_of(field_names) is not TRUSTED_PUBLIC:
        fail("TypeError", "namedtuple() takes names that are written in the plan", label)
    if not _proper(name) or not all(map(_proper, names)) or len(set(names)) < len(names):
        fail(
            "ValueError", "type names and field names must be valid, different identifiers without a leading underscore"
        )
    values, shape = ([], TRUSTED_PUBLIC) if settle(defaults) is None else collect(run, defaults)
    if shape is not TRUSTED_PUBLIC:
        fail("TypeError", "how many defaults namedtuple() has must be written in the plan", shape)
    if len(values) > len(names):
        fail("TypeError", "Got more default values than field names")
    known = dict(zip(names[len(names) - len(values) :], values, strict=True))

    def make(run: Run, *args: Value, **keywords: Value) -> Value:
        return _tuple_of(name, names, known, args, keywords)

    schema = RecordType(name, tuple(Field(field, AnyType(), field not in known) for field in names))
    return TypeValue(
        name, make, lambda raw: isinstance(raw, Record) and raw.name == name, schema, of_named_tuple(names, make)
    )


def _names(run: Run, value: Value) -> list[str]:
    raw, _ = split(settle(value))
    if isinstance(raw, str):
        return raw.replace(",", " ").split()
    parts, label = collect(run, value)
    names = [part for part in parts if isinstance(part, str)]
    if len(names) < len(parts):
        fail("TypeError", "Type names and field names must be strings", label)
    return names


def _proper(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")


def _tuple_of(
    name: str, names: list[str], known: dict[str, Value], args: tuple[Value, ...], keywords: dict[str, Value]
) -> Value:
    if len(args) > len(names):
        fail("TypeError", f"{name}() takes {len(names)} arguments but {len(args)} were given")
    fields: dict[str, Value] = dict(zip(names, args, strict=False))
    for key, value in keywords.items():
        if key in fields or key not in names:
            fail("TypeError", f"{name}() got an unexpected or repeated argument '{key}'")
        fields[key] = value
    missing = [key for key in names if key not in fields and key not in known]
    if missing:
        fail("TypeError", f"{name}() missing {len(missing)} required arguments: {', '.join(missing)}")
    made = Record(name, {key: fields[key] if key in fields else known[key] for key in names})
    made.indexed = True
    made.kinds = frozenset({name})
    return made
