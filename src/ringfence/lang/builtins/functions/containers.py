"""Containers: `len`, and what makes a list, tuple, set, dict, range or slice.

Its one rule: the label of how many parts there are goes to the new container; the parts keep theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.plain import EnumMember
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Set, Value, type_name
from ringfence.lang.builtins.methods.dicts import fromkeys, pairs
from ringfence.lang.builtins.schemas import builtin_type
from ringfence.lang.iteration import collect
from ringfence.lang.objects import Builtin, Deque, Native, TypeValue, View, label_of, labelled, split
from ringfence.lang.operations.displays import make_set
from ringfence.lang.operations.items import slice_value
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _len(run: Run, value: Value) -> Value:
    if type(value) is Labeled and type(value._value) is str:
        return Labeled(len(value._value), value.label)
    raw, label = split(value)
    if isinstance(raw, (List, Dict, Set)):
        label = label.join(raw.label)
        size = len(raw.items)
    elif isinstance(raw, range):
        size = max(0, -((raw.start - raw.stop) // raw.step))
        if size.bit_length() > 63:
            fail("OverflowError", "Python int too large to convert to C ssize_t", label)
    elif isinstance(raw, (str, bytes, tuple)):
        size = len(raw)
    elif isinstance(raw, TypeValue) and raw.members:
        size = len(raw.members)
    elif isinstance(raw, Record) and raw.indexed:
        size = len(raw.fields)
    else:
        fail("TypeError", f"object of type '{type_name(raw)}' has no len()", label_of(value))
    return labelled(size, label)


def _list(run: Run, values: Value = ()) -> Value:
    made, label = collect(run, values)
    return labelled(List(made, label), label)


def _tuple(run: Run, values: Value = ()) -> Value:
    raw, label = split(values)
    if isinstance(raw, tuple):
        return values
    made, label = collect(run, values)
    return labelled(tuple(made), label)


def _set(run: Run, values: Value = ()) -> Value:
    made, label = collect(run, values)
    return make_set(run, made, label)


def _frozenset(run: Run, values: Value = ()) -> Value:
    made, label = collect(run, values)
    return make_set(run, made, label, frozen=True)


def _dict(run: Run, values: Value = None, /, **keywords: Value) -> Value:
    rows: list[tuple[Value, Value]] = []
    label = TRUSTED_PUBLIC
    if values is not None:
        rows, label = pairs(run, values)
    return labelled(Dict({**dict(rows), **dict(keywords.items())}, label), label)


def _range(run: Run, *bounds: Value) -> Value:
    label = TRUSTED_PUBLIC
    raw: list[int] = []
    for bound in bounds:
        part, part_label = split(bound)
        label = label.join(part_label)
        if isinstance(part, EnumMember) and part.mixed:
            part = part.value
        if not isinstance(part, int):
            fail("TypeError", f"'{type_name(part)}' object cannot be interpreted as an integer", label)
        raw.append(part)
    if not 1 <= len(raw) <= 3:
        fail("TypeError", f"range expected 1 to 3 arguments, got {len(raw)}", label)
    if len(raw) == 3 and raw[2] == 0:
        fail("ValueError", "range() arg 3 must not be zero", label)
    return labelled(range(*raw), label)


def _slice(run: Run, *bounds: Value) -> Value:
    if not 1 <= len(bounds) <= 3:
        fail("TypeError", f"slice expected 1 to 3 arguments, got {len(bounds)}")
    lower, upper, step = (None, bounds[0], None) if len(bounds) == 1 else (*bounds, None)[:3]
    return slice_value(lower, upper, step)


def _heap_type(name: str, make: Native, kind: type[Heap], frozen: bool | None = None) -> TypeValue:
    def holds(raw: Value) -> bool:
        return (
            isinstance(raw, kind) and not isinstance(raw, (View, Deque)) and (frozen is None or _frozen(raw) is frozen)
        )

    return TypeValue(name, make, holds, builtin_type(name, None).schema)


def _is_tuple(raw: Value) -> bool:
    return isinstance(raw, tuple) or (isinstance(raw, Record) and raw.indexed)


def _frozen(raw: Value) -> bool:
    return isinstance(raw, Set) and raw.frozen


TYPES: Final[dict[str, Value]] = {
    "list": _heap_type("list", _list, List),
    "tuple": TypeValue("tuple", _tuple, _is_tuple, builtin_type("tuple", None).schema),
    "dict": TypeValue(
        "dict",
        _dict,
        lambda raw: isinstance(raw, Dict),
        builtin_type("dict", None).schema,
        {"fromkeys": Builtin("fromkeys", fromkeys)},
    ),
    "set": _heap_type("set", _set, Set, False),
    "frozenset": _heap_type("frozenset", _frozenset, Set, True),
    "range": TypeValue("range", _range, lambda raw: isinstance(raw, range)),
}
FUNCTIONS: Final[dict[str, Value]] = {
    "len": Builtin("len", _len),
    "slice": Builtin("slice", _slice),
}
