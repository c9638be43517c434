"""The names of `collections.abc` and `typing` for kinds of values: in annotations, and in `isinstance`.

Its one rule: what one of them holds is said here, for a name that no value is an instance of would make `isinstance`
wrong without a word; a name that is no class raises Python's TypeError there.
"""

from __future__ import annotations

from collections.abc import Callable as Test
from typing import Final

from ringfence.core.values import Dict, List, Record, Set, Value
from ringfence.lang.mappings import Counter, DefaultDict
from ringfence.lang.objects import (
    BoundMethod,
    Builtin,
    Deque,
    Function,
    Iter,
    Module,
    ToolValue,
    TypeValue,
    View,
)
from ringfence.lang.raised import ExceptionType, fail
from ringfence.schema import Type

_CALLABLE: Final = (Function, Builtin, BoundMethod, ToolValue, ExceptionType, TypeValue)


def _sequence(raw: Value) -> bool:
    return isinstance(raw, (str, bytes, tuple, range)) or _mutable(raw) or (isinstance(raw, Record) and raw.indexed)


def _mutable(raw: Value) -> bool:
    return isinstance(raw, List) and not isinstance(raw, View)


def _sized(raw: Value) -> bool:
    return _sequence(raw) or isinstance(raw, (List, Dict, Set))


def _set(raw: Value) -> bool:
    return isinstance(raw, Set) or (isinstance(raw, View) and raw.kind != "dict_values")


def _hashable(raw: Value) -> bool:
    mutable = isinstance(raw, (List, Dict)) or (isinstance(raw, Set) and not raw.frozen)
    return not mutable and not (isinstance(raw, Record) and not (raw.indexed or raw.frozen))


def _tuple(raw: Value) -> bool:
    return isinstance(raw, tuple) or (isinstance(raw, Record) and raw.indexed)


def _kind(test: Test[[Value], bool], names: str) -> dict[str, Test[[Value], bool]]:
    return dict.fromkeys(names.split(), test)


HOLDS: Final[dict[str, Test[[Value], bool]]] = {
    **_kind(_sequence, "Sequence"),
    **_kind(_mutable, "MutableSequence"),
    **_kind(_sized, "Sized Collection Container"),
    **_kind(lambda raw: _sized(raw) or isinstance(raw, Iter), "Iterable"),
    **_kind(lambda raw: isinstance(raw, Iter), "Iterator"),
    **_kind(lambda raw: isinstance(raw, Iter) and raw.kind == "generator", "Generator"),
    **_kind(lambda raw: isinstance(raw, Dict), "Mapping MutableMapping Dict OrderedDict"),
    **_kind(lambda raw: isinstance(raw, DefaultDict), "DefaultDict"),
    **_kind(lambda raw: isinstance(raw, Counter), "Counter"),
    **_kind(lambda raw: isinstance(raw, Deque), "Deque"),
    **_kind(lambda raw: type(raw) is List, "List"),
    **_kind(_tuple, "Tuple"),
    **_kind(lambda raw: isinstance(raw, Set) and not raw.frozen, "MutableSet Set"),
    **_kind(lambda raw: isinstance(raw, Set) and raw.frozen, "FrozenSet"),
    **_kind(lambda raw: isinstance(raw, _CALLABLE), "Callable"),
    **_kind(_hashable, "Hashable"),
    **_kind(lambda raw: isinstance(raw, View) and raw.kind == "dict_keys", "KeysView"),
    **_kind(lambda raw: isinstance(raw, View) and raw.kind == "dict_values", "ValuesView"),
    **_kind(lambda raw: isinstance(raw, View) and raw.kind == "dict_items", "ItemsView"),
    **_kind(lambda raw: isinstance(raw, (TypeValue, ExceptionType)), "Type"),
    **_kind(lambda raw: isinstance(raw, str), "Text"),
}
# Names for annotations alone.
NO_CLASSES: Final = (
    "AnyStr ClassVar Final Generic LiteralString Never NoReturn NotRequired Required Self SupportsFloat SupportsInt "
    "TypeAlias TypeGuard"
)


def no_class(raw: Value) -> bool:
    """What `isinstance` says of a name that is no class."""
    fail("TypeError", "isinstance() arg 2 must be a type, a tuple of types, or a union")


def named(name: str, schema: Type | None = None) -> TypeValue:
    """A name of `typing` or `collections.abc`."""
    return TypeValue(name, None, HOLDS.get(name, no_class), schema)


MODULE: Final = Module(
    "collections.abc",
    {
        **{
            name: named(name)
            for name in (
                "Callable Collection Container Generator Hashable ItemsView Iterable Iterator KeysView Mapping "
                "MutableMapping MutableSequence MutableSet Sequence Sized ValuesView"
            ).split()
        },
        "Set": TypeValue("Set", None, _set),
    },
)
