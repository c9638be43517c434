"""Runs a plan in the language and under CPython, for tests that compare the two.

Its one rule: both get the same text, and every variable that the text binds is compared.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping
from typing import Any

import ringfence.lang as lang
from ringfence.core.labels import Label
from ringfence.core.plain import EnumMember, RecordData
from ringfence.core.values import Labeled, Value, deep, unsafe_plain
from ringfence.lang.builtins.schemas import Special
from ringfence.lang.host import HostCall, Site
from ringfence.lang.objects import BoundMethod, Builtin, Function, Iter, Module, TypeValue, settle_deep
from ringfence.lang.raised import ExceptionType, ExceptionValue

SECRET = Label({"tool:vault"}, {"alice"})
OTHER = Label({"tool:web"}, {"alice", "bob"})


class NoHost:
    """A host for plans that call nothing."""

    def call(self, call: HostCall) -> Value:
        raise AssertionError("the plan calls nothing")

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def run(text: str, given: Mapping[str, Value] | None = None, limits: lang.Limits | None = None) -> lang.RunResult:
    """The result of a plan."""
    values = {} if given is None else given
    checked = lang.check(lang.parse(text), {}, given={name: lang_bounds() for name in values})
    return lang.run(lang.compile(checked), NoHost(), values, limits)


def lang_bounds() -> Any:
    from ringfence.lang.host import UNKNOWN

    return UNKNOWN


def variables(text: str, given: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """The variables of a plan that must complete."""
    result = run(text, given)
    assert result.outcome == "completed", (result.outcome, result.error, getattr(result.error, "message", ""))
    return {name: settle_deep(value) for name, value in result.variables.items() if not _no_data(value)}


def label(text: str, name: str, given: Mapping[str, Value]) -> Label:
    """The label of everything in a variable."""
    return deep(variables(text, given)[name])


def secret(value: Any, of: Label = SECRET) -> Value:
    """A scalar under a label."""
    return Labeled(value, of)


_HIDDEN = (TypeValue, Module, Builtin, BoundMethod, Function, ExceptionType, Iter, Special)


def _no_data(value: Any) -> bool:
    raw = value._value if isinstance(value, Labeled) else value
    return isinstance(raw, _HIDDEN)


def agree(text: str) -> None:
    """Both give the same value to every variable."""
    ours = {name: shown(unsafe_plain(value)) for name, value in variables(text).items()}
    scope: dict[str, Any] = {}
    exec(compile(text, "<oracle>", "exec"), scope)
    theirs = {name: shown(value) for name, value in scope.items() if name != "__builtins__" and name in ours}
    assert ours == theirs
    assert theirs, "the plan binds no data"


def failure(text: str) -> tuple[str, str]:
    """The kind and the text of the exception that a plan catches."""
    plan = f"caught = None\ntry:\n{_indented(text)}\nexcept Exception as e:\n    caught = (str(type(e)), str(e))\n"
    result = run(plan)
    assert result.outcome == "completed", (result.outcome, getattr(result.error, "message", ""))
    made = unsafe_plain(settle_deep(result.variables["caught"]))
    assert isinstance(made, tuple), "nothing was raised"
    return made


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def shown(value: Any) -> Any:
    """A value in a form that can be compared: types are told apart, records are records, floats by their text."""
    if isinstance(value, RecordData):
        return ("record", value.name, [(name, shown(part)) for name, part in value.fields.items()])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return ("record", type(value).__name__, [(name, shown(getattr(value, name))) for name in value._fields])
    if dataclasses.is_dataclass(value):
        fields = [(field.name, shown(getattr(value, field.name))) for field in dataclasses.fields(value)]
        return ("record", type(value).__name__, fields)
    if type(value).__name__ == "struct_time":
        names = [name for name in dir(value) if name.startswith("tm_") and name not in ("tm_zone", "tm_gmtoff")]
        return ("record", "struct_time", [(name, shown(getattr(value, name))) for name in names])
    if type(value).__name__ == "IsoCalendarDate":
        return (
            "record",
            "IsoCalendarDate",
            [(name, shown(getattr(value, name))) for name in ("year", "week", "weekday")],
        )
    if isinstance(value, (list, collections.deque)):
        return ("list", [shown(part) for part in value])
    if isinstance(value, tuple):
        return ("tuple", [shown(part) for part in value])
    if isinstance(value, dict):
        return ("dict", [(shown(key), shown(part)) for key, part in value.items()])
    if isinstance(value, (set, frozenset)):
        return ("set", sorted(map(repr, map(shown, value))))
    if isinstance(value, (EnumMember, ExceptionValue)):
        return ("other", repr(value))
    return (type(value).__name__, repr(value))
