"""What a model makes of the values for its fields: records of dicts, members of texts, floats of integers.

Its one rule: a value keeps its labels, and one that is not what its type says is left as it is: whether it fits is
decided by `ringfence.schema`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from ringfence.core.plain import EnumMember, RecordData
from ringfence.core.values import Dict, Labeled, List, Record, Value, unsafe_plain, with_label
from ringfence.lang import sizes
from ringfence.lang.iteration import collect
from ringfence.lang.mappings import entries
from ringfence.lang.objects import deep, settle, split
from ringfence.schema import (
    AnyType,
    DictType,
    EnumType,
    ListType,
    RecordType,
    Scalar,
    SchemaMismatch,
    Type,
    UnionType,
    validate,
)

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

_EXACT: Final = 2**53  # every integer below it is a float


def fitted(run: Run, kind: Type, value: Value) -> Value:
    """The value as a field of this type holds it; a list or dict is another than the one given, as in pydantic."""
    raw, label = split(value)
    match kind:
        case Scalar(name="float") if type(raw) is int and abs(raw) <= _EXACT:
            return with_label(float(raw), label)
        case EnumType(name=name) if not isinstance(raw, EnumMember) and name in run.classes:
            known = any(held == raw and type(held) is type(raw) for _, held in kind.members)
            return run.classes[name](run, value) if known else value
        case RecordType(name=name, mapping=False) if isinstance(raw, Dict) and name in run.classes:
            return run.classes[name](run, value)
        case ListType(kind="list", item=item) if type(raw) is List:
            return _list(run, item, value, raw)
        case DictType(value=item) if type(raw) is Dict:
            parts = entries(raw)
            if _made(item):
                parts = {key: fitted(run, item, parts[key]) for key in sizes.paced(parts)}
            return with_label(Dict(parts, raw.label), label)
        case UnionType(options=options):
            made = fitted(run, _option(options, value), value)
            return made if made is value or _beside_none(options) else with_label(made, deep(value))
        case _:
            return value


def fits(kind: Type, value: Value) -> bool:
    """Whether the fitted value is of its type. A model that was made is one: it is not looked into again."""
    raw, _ = split(value)
    match kind:
        case AnyType():
            return True
        case RecordType(name=name, mapping=False) if isinstance(raw, Record):
            return name == raw.name or name in raw.kinds
        case ListType(kind="list", item=item, min_length=least, max_length=most) if type(raw) is List:
            size = len(raw.items)
            right = (least is None or size >= least) and (most is None or size <= most)
            return right and (isinstance(item, AnyType) or _all_fit(item, raw.items))
        case DictType(key=key, value=item) if type(raw) is Dict:
            parts = entries(raw)
            return _all_fit(key, parts.keys()) and _all_fit(item, parts.values())
        case UnionType(options=options):
            return any(fits(option, value) for option in options)
    try:
        # Only whether it fits is used, and that under its label.
        validate(kind, unsafe_plain(value, visiting=sizes.work))
    except SchemaMismatch:
        return False
    return True


def _all_fit(kind: Type, parts: Collection[Value]) -> bool:
    return all(fits(kind, settle(part)) for part in sizes.paced(parts))


def _list(run: Run, item: Type, value: Value, raw: List) -> Value:
    if _made(item):
        parts, shape = collect(run, value)
        return with_label(List([fitted(run, item, part) for part in sizes.paced(parts)], shape), shape)
    sizes.copied(len(raw.items))
    made = List(list(raw.items), raw.label)
    made.changed = raw.changed
    return Labeled(made, value.label, value.origin) if type(value) is Labeled else made


def _made(kind: Type) -> bool:
    """Whether a model makes other values of some that fit this type."""
    match kind:
        case RecordType() | EnumType() | ListType() | DictType() | UnionType():
            return True
        case _:
            return kind == Scalar("float")


def _beside_none(options: tuple[Type, ...]) -> bool:
    return len(options) == 2 and Scalar("None") in options


def _option(options: tuple[Type, ...], value: Value) -> Type:
    """The option that the value is of: the one there is beside None, else the first that it fits."""
    real = [option for option in options if option != Scalar("None")]
    raw, _ = split(value)
    if _beside_none(options):
        return real[0]
    visited: list[int] = []
    # Only which type it fits is used, and what is made of it has all of its label.
    plain = unsafe_plain(value, visiting=visited.append)
    for option in options:
        sizes.work(sum(visited))
        try:
            made = validate(option, plain)
        except SchemaMismatch:
            continue
        if type(made) is type(plain) or isinstance(made, (RecordData, EnumMember)) or isinstance(raw, Record):
            return option
    return Scalar("None")
