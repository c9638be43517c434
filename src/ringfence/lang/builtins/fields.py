"""Fields of a class, where more is said of them than a type: `Field(...)`, `field(...)`.

Its one rule: what is said of a field is written in the plan; its default value is a value like others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, final

from ringfence.core.values import Value, unsafe_plain
from ringfence.lang.builtins.schemas import in_plan, is_ellipsis
from ringfence.lang.objects import UNBOUND
from ringfence.schema import ListType, Scalar, Type

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


@final
class FieldSpec:
    """What `Field(...)` and `field(...)` say about a field."""

    __slots__ = ("default", "description", "factory", "limits")

    def __init__(self, default: Value, factory: Value, description: str, limits: Mapping[str, Value]) -> None:
        self.default = default
        self.factory = factory
        self.description = description
        self.limits = limits


def field_spec(run: Run, default: Value = UNBOUND, **options: Value) -> Value:
    """`Field(...)` of pydantic and `field(...)` of dataclasses."""
    described = options.pop("description", "")
    text = unsafe_plain(in_plan(described))
    factory = options.pop("default_factory", None)
    default = UNBOUND if is_ellipsis(default) else default
    return FieldSpec(default, factory, text if isinstance(text, str) else "", options)


_LIMITS: Final = {
    "ge": "minimum",
    "gt": "minimum",
    "le": "maximum",
    "lt": "maximum",
    "min_length": "min_length",
    "max_length": "max_length",
    "pattern": "pattern",
}


def limited(kind: Type, limits: Mapping[str, Value]) -> Type:
    changes: dict[str, float | int | str] = {}
    for name, value in limits.items():
        raw = unsafe_plain(in_plan(value))
        if name in _LIMITS and isinstance(raw, (int, float, str)) and not isinstance(raw, bool):
            exclusive = {"gt": 1, "lt": -1}.get(name, 0)
            changes[_LIMITS[name]] = raw + exclusive if isinstance(raw, int) and exclusive else raw
    if not changes:
        return kind
    if isinstance(kind, Scalar):
        return replace(kind, **changes)  # type: ignore[arg-type]  # the values fit the names in _LIMITS
    if isinstance(kind, ListType):
        return replace(kind, **{k: v for k, v in changes.items() if k.endswith("length")})  # type: ignore[arg-type]
    return kind
