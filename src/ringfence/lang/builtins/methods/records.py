"""Methods of records: as dicts, as JSON, as changed copies.

Its one rule: every field keeps its label; what goes into a text has all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Record, Value, with_label
from ringfence.lang.builtins.copying import deepcopy
from ringfence.lang.builtins.methods.dicts import pairs
from ringfence.lang.builtins.methods.dumping import fields_as_dict, model_dump, model_dump_json
from ringfence.lang.builtins.methods.lists import count_in, index_in
from ringfence.lang.objects import Native, label_of, labelled, settle, split
from ringfence.lang.operations.attributes import attr
from ringfence.lang.operations.truth import truth
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _record(receiver: Value) -> tuple[Record, Label]:
    raw, label = split(receiver)
    assert isinstance(raw, Record)
    return raw, label


def fields_of(run: Run, receiver: Value) -> dict[Value, Value]:
    """A record's fields as values."""
    raw, _ = _record(receiver)
    return {name: attr(run, receiver, name) for name in raw.fields}


def updated(run: Run, receiver: Value, changes: dict[str, Value], named: Label = TRUSTED_PUBLIC) -> Value:
    """`replace()`, `model_copy(update=)`, `_replace()`. `named` is the label of the names of the changes."""
    raw, label = _record(receiver)
    for name in changes:
        if name not in raw.fields:
            fail("TypeError", f"{raw.name} has no field '{name}'", label.join(named))
    fields: dict[str, Value] = {str(name): part for name, part in fields_of(run, receiver).items()}
    # What a tool returned cannot be changed; a changed copy of it can. A class of the plan stays what it says.
    made = Record(raw.name, {**fields, **changes}, raw.label, frozen=raw.frozen and bool(raw.kinds))
    made.indexed, made.kinds, made.ordered = raw.indexed, raw.kinds, raw.ordered
    return labelled(made, label)


def _model_copy(run: Run, receiver: Value, *, update: Value = None, deep: Value = False) -> Value:
    rows, label = ([], label_of(update)) if split(update)[0] is None else pairs(run, update)
    whole = settle(deep)
    if truth(whole):
        receiver = deepcopy(run, receiver)
    made = updated(run, receiver, {str(key): part for key, part in rows}, label)
    return with_label(made, label.join(label_of(whole)))


def _tuple(receiver: Value, name: str) -> Value:
    raw, label = _record(receiver)
    if not raw.indexed:
        fail("AttributeError", f"'{raw.name}' object has no attribute '{name}'", label)
    label = label.join(raw.label)
    return with_label(tuple(with_label(part, label) for part in raw.fields.values()), label)


def _field(run: Run, receiver: Value, name: Value, default: Value) -> Value:
    raw, label = _record(receiver)
    key, key_label = split(name)
    if isinstance(key, str) and key in raw.fields:
        return with_label(attr(run, receiver, key), key_label)
    return with_label(default, label.join(raw.label).join(key_label))


RECORD: Final[dict[str, Native]] = {
    "model_dump": model_dump,
    "dict": model_dump,
    "_asdict": fields_as_dict,
    "model_dump_json": model_dump_json,
    "json": model_dump_json,
    "model_copy": _model_copy,
    "copy": _model_copy,
    "_replace": lambda run, receiver, **changes: updated(run, receiver, changes),
    # A model that takes a record for a dict: reading a field by name does what was meant.
    "get": lambda run, receiver, name, default=None: _field(run, receiver, name, default),
    # A named tuple is a tuple.
    "count": lambda run, receiver, value: count_in(run, _tuple(receiver, "count"), value),
    "index": lambda run, receiver, value, *bounds: index_in(run, _tuple(receiver, "index"), value, *bounds),
}
