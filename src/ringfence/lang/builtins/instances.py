"""Instances of the classes of a plan: records and typed dicts, made and checked.

Its one rule: a value that is put into a field keeps its labels; whether it fits has the labels of all that it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ringfence.core.values import Dict, List, Record, Set, Value, with_label
from ringfence.lang import sizes
from ringfence.lang.builtins.fields import FieldSpec
from ringfence.lang.builtins.fitting import fits, fitted
from ringfence.lang.builtins.methods.dicts import pairs
from ringfence.lang.iteration import collect
from ringfence.lang.objects import Builtin, Native, deep, settle_deep
from ringfence.lang.raised import fail
from ringfence.lang.running.calling import apply
from ringfence.schema import AnyType, Field, RecordType

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


@final
class Maker:
    """Constructs instances of a schema class."""

    def __init__(
        self, schema: RecordType, defaults: dict[str, Value], *, model: bool, indexed: bool, frozen: bool
    ) -> None:
        self.schema = schema
        self.defaults = defaults
        self.model = model
        self.indexed = indexed
        self.frozen = frozen
        self.ordered = False
        self.by_name = False
        self.names: frozenset[str] = frozenset({schema.name})

    def __call__(self, run: Run, *args: Value, **keywords: Value) -> Value:
        name = self.schema.name
        given: dict[str, Value] = {}
        names = [field.name for field in self.schema.fields]
        if args and (self.model or self.schema.mapping or self.by_name):
            fail("TypeError", f"{name}() takes keyword arguments only")
        if len(args) > len(names):
            fail("TypeError", f"{name}() takes {len(names)} arguments but {len(args)} were given")
        given.update(zip(names, args, strict=False))
        for key, value in keywords.items():
            if key in given:
                fail("TypeError", f"{name}() got multiple values for argument '{key}'")
            if key not in names:
                fail("ValidationError" if self.model else "TypeError", f"{name}() got an unexpected field '{key}'")
            given[key] = value
        return self.build(run, given)

    def build(self, run: Run, given: dict[str, Value]) -> Value:
        fields: dict[str, Value] = {}
        missing: list[str] = []
        for field in self.schema.fields:
            if field.name in given:
                fields[field.name] = self.checked(run, field, given[field.name])
            elif field.name in self.defaults:
                fields[field.name] = self.default(run, field.name)
            elif not self.schema.mapping:
                missing.append(field.name)
        if missing:
            kind = "ValidationError" if self.model else "TypeError"
            fail(kind, f"{self.schema.name}() is missing: {', '.join(missing)}")
        if self.schema.mapping:
            return Dict(dict(fields.items()))
        made = Record(self.schema.name, fields, frozen=self.frozen or self.indexed)
        made.indexed = self.indexed
        made.kinds, made.ordered = self.names, self.ordered
        return made

    def default(self, run: Run, name: str) -> Value:
        found = self.defaults[name]
        if isinstance(found, FieldSpec):
            return apply(run, found.factory, ())
        return found if self.indexed else _copied(found)  # of a named tuple it is one object, as in Python

    def checked(self, run: Run, field: Field, value: Value) -> Value:
        """A model checks its fields' types; the value keeps its labels."""
        if not self.model or isinstance(field.type, AnyType):
            return value
        value = fitted(run, field.type, settle_deep(value))
        if not fits(field.type, value):
            fail("ValidationError", f"field '{field.name}' of {self.schema.name} has the wrong type", deep(value))
        if run.tries:  # that it has the type is known from here on
            run.held(deep(value))
        return value

    def validate(self, run: Run, value: Value) -> Value:
        """`Model.model_validate({...})`."""
        rows, label = pairs(run, value)
        names = {field.name for field in self.schema.fields}
        return with_label(self.build(run, {str(k): v for k, v in rows if k in names}), label)


def _copied(value: Value) -> Value:
    if isinstance(value, (List, Dict, Set)):
        sizes.copied(len(value.items))
    if type(value) is List:
        return List(list(value.items), value.label)
    if type(value) is Dict:
        return Dict(dict(value.items), value.label)
    if type(value) is Set:
        return Set(dict(value.items), value.label)
    return value


def of_named_tuple(names: list[str], make: Native) -> dict[str, Value]:
    """What the class of a named tuple has beside its fields."""

    def from_values(run: Run, values: Value) -> Value:
        parts, shape = collect(run, values)
        return with_label(make(run, *parts), shape)

    return {"_fields": tuple(names), "_make": Builtin("_make", from_values)}
