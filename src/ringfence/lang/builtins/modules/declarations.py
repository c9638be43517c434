"""The modules with which a plan declares data: `typing`, `enum`, `dataclasses`, `pydantic`, and `copy`.

Its one rule: the names mean the same with and without an import; a class describes data and has no code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ringfence.core.values import Record, Value, type_name, with_label
from ringfence.lang.builtins.abstract import NO_CLASSES, named
from ringfence.lang.builtins.classes import annotation_names
from ringfence.lang.builtins.copying import copy, deepcopy
from ringfence.lang.builtins.methods.dumping import as_dict
from ringfence.lang.builtins.methods.records import fields_of, updated
from ringfence.lang.objects import Builtin, Module, label_of, settle, split
from ringfence.lang.raised import EXCEPTIONS, fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

_KNOWN: Final = annotation_names()

_TYPING: Final = (
    "Annotated Any Collection Dict FrozenSet Iterable List Literal Mapping NamedTuple Optional Sequence Set Tuple "
    "TypedDict Union"
)
_KINDS: Final = (
    "Callable Container Counter DefaultDict Deque Generator Hashable ItemsView Iterator KeysView MutableMapping "
    "MutableSequence MutableSet OrderedDict Sized Text Type ValuesView"
)


def _chosen(names: Iterable[str]) -> dict[str, Value]:
    return {name: _KNOWN[name] for name in names}


def _type_var(run: Run, name: Value, *kinds: Value, **options: Value) -> Value:
    return named("TypeVar")


def _new_type(run: Run, name: Value, tp: Value) -> Value:
    """`NewType("UserId", int)`: a function that gives back what it is given."""
    return Builtin("NewType", lambda run, value: value)


def _cast(run: Run, typ: Value, val: Value) -> Value:
    return val


def _record(value: Value, name: str) -> Value:
    value = settle(value)
    raw, _ = split(value)
    if not isinstance(raw, Record):
        fail("TypeError", f"{name}() should be called on dataclass instances, not '{type_name(raw)}'", label_of(value))
    return value


def _as_dict(run: Run, obj: Value) -> Value:
    return as_dict(run, _record(obj, "asdict"))


def _as_tuple(run: Run, obj: Value) -> Value:
    value = _record(obj, "astuple")
    parts = tuple(_flat(run, part) for part in fields_of(run, value).values())
    return with_label(parts, label_of(value))


def _flat(run: Run, value: Value) -> Value:
    raw, _ = split(value)
    return _as_tuple(run, value) if isinstance(raw, Record) else value


def _replace(run: Run, obj: Value, /, **changes: Value) -> Value:
    return updated(run, _record(obj, "replace"), changes)


TYPING: Final = Module(
    "typing",
    {
        **_chosen(_TYPING.split()),
        **{name: named(name) for name in (*_KINDS.split(), *NO_CLASSES.split())},
        "TypeVar": Builtin("TypeVar", _type_var),
        "NewType": Builtin("NewType", _new_type),
        "cast": Builtin("cast", _cast),
        "TYPE_CHECKING": False,
    },
)
ENUM: Final = Module("enum", _chosen(("Enum", "IntEnum", "StrEnum", "auto")))
DATACLASSES: Final = Module(
    "dataclasses",
    {
        **_chosen(("dataclass", "field")),
        "asdict": Builtin("asdict", _as_dict),
        "astuple": Builtin("astuple", _as_tuple),
        "replace": Builtin("replace", _replace),
    },
)
PYDANTIC: Final = Module(
    "pydantic",
    {
        **_chosen(("BaseModel", "Field", "EmailStr", "HttpUrl", "ConfigDict")),
        "ValidationError": EXCEPTIONS["ValidationError"],
    },
)
COPY: Final = Module("copy", {"copy": Builtin("copy", copy), "deepcopy": Builtin("deepcopy", deepcopy)})
