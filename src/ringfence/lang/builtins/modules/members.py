"""How the modules of the language are put together: lifted functions, refused names, values of their own types.

Its one rule: a name is in a module because somebody wrote it here; nothing is copied from a Python module as a
whole. What depends on the machine (a clock, the local time zone, random numbers, files) is refused, with what to
write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import Labeled, Value, type_name
from ringfence.lang.lifting import Guard, Pure, builtin, result_of, strip
from ringfence.lang.objects import Builtin, Native, settle
from ringfence.lang.raised import fail, of_python

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

# What a built-in operation of Python may raise on data of a plan.
PYTHON_ERRORS: Final = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError)


class Opaque:
    """An immutable value of a module's own type, such as a compiled pattern: to be used in the plan, not given away."""

    __slots__ = ()


def opened(run: Run, value: Value, label: Label) -> tuple[Label, Plain]:
    """The value as Python data (an `Opaque` one as itself), and `label` joined with everything in it."""
    value = settle(value)
    raw = value._value if type(value) is Labeled else value
    if isinstance(raw, Opaque):
        return (label.join(value.label) if type(value) is Labeled else label), raw
    return strip(run, value, label)


def opened_all(
    run: Run, args: tuple[Value, ...], keywords: Mapping[str, Value], label: Label = TRUSTED_PUBLIC
) -> tuple[Label, list[Plain], dict[str, Plain]]:
    """All arguments as Python data, and the join of their labels."""
    plain: list[Plain] = []
    for arg in args:
        label, made = opened(run, arg, label)
        plain.append(made)
    named: dict[str, Plain] = {}
    for name, arg in keywords.items():
        label, named[name] = opened(run, arg, label)
    return label, plain, named


def over(function: Pure) -> Native:
    """As `lifting.lifted`, for functions that also take or give `Opaque` values."""

    def native(run: Run, *args: Value, **keywords: Value) -> Value:
        label, plain, named = opened_all(run, args, keywords)
        return result_of(guarded(label, function, *plain, **named), label)

    return native


def guarded(label: Label, function: Pure, *args: Plain, **keywords: Plain) -> Plain:
    """Call a Python function; what it raises becomes an exception of the plan under `label`."""
    try:
        return function(*args, **keywords)
    except PYTHON_ERRORS as error:
        raise of_python(error, label) from None


def refused(name: str, message: str) -> Builtin:
    """A name that exists in Python and not in the language: calling it says what to write instead."""

    def native(run: Run, *args: Value, **keywords: Value) -> Value:
        fail("AttributeError", message)

    return Builtin(name, native)


def functions(table: Mapping[str, Pure], guards: Mapping[str, Guard] | None = None) -> dict[str, Value]:
    """Lifted functions by their names."""
    return {
        name: builtin(name, function, None if guards is None else guards.get(name)) for name, function in table.items()
    }


def natives(table: Mapping[str, Native]) -> dict[str, Value]:
    """Natives by their names."""
    return {name: Builtin(name, native) for name, native in table.items()}


def instance_of(*kinds: type) -> Callable[[Value], bool]:
    """What a TypeValue's `holds` is for a type that Python has too."""

    def holds(raw: Value) -> bool:
        return isinstance(raw, kinds)

    return holds


def integer(run: Run, value: Value, what: str) -> tuple[int, Label]:
    """An argument that must be an integer, and its label."""
    label, raw = opened(run, value, TRUSTED_PUBLIC)
    if not isinstance(raw, int):
        fail("TypeError", f"{what} must be an integer, not '{type_name(value)}'", label)
    return int(raw), label
