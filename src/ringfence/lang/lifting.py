"""Pure Python functions, lifted to labelled values.

Its one rule: what goes in is stripped and its labels joined (`deep`), what comes out carries that join. Only
functions that look at nothing but their arguments, call nothing back and have a bounded cost may be lifted; a
`guard` refuses what would be too large before the function runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember, Plain, RecordData
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Set, Value, type_name, wrap
from ringfence.lang import sizes
from ringfence.lang.objects import Builtin, Deque, Iter, Native, deep, settle_deep
from ringfence.lang.raised import fail, of_python

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

_DATA: Final = (type(None), bool, int, float, str, bytes, Decimal, date, time, timedelta, timezone, tzinfo, range)
_QUICK: Final = frozenset({str, int, float, bool, type(None)})

_FAILURES: Final = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError, StopIteration)

Pure: TypeAlias = Callable[..., Plain]
Guard: TypeAlias = Callable[..., None]


def python_of(value: Value) -> Plain:
    """The value as ordinary Python data without labels: the caller has joined `deep(value)`.

    Records become RecordData, members of mixed enumerations their value. Raises the plan's TypeError for functions,
    iterators and other things that are not data.
    """
    raw = value._value if type(value) is Labeled else value
    if type(raw) in _QUICK or isinstance(raw, _DATA):
        if type(raw) is range:  # a function of Python visits all of it, and nobody can stop it then
            sizes.whole(raw)
        return raw
    if isinstance(raw, EnumMember):
        return raw.value if raw.mixed else raw
    if isinstance(raw, (List, tuple, Dict, Record)):
        sizes.work(1 + len(list(raw.children()) if isinstance(raw, Heap) else raw))
    if isinstance(raw, List):
        made = [python_of(part) for part in raw.items]
        return deque(made, raw.limit) if isinstance(raw, Deque) else made
    if isinstance(raw, tuple):
        return tuple(python_of(part) for part in raw)
    if isinstance(raw, Dict):
        return {python_of(key): python_of(part) for key, part in raw.items.items()}
    if isinstance(raw, Set):
        return frozenset(raw.items) if raw.frozen else set(raw.items)
    if isinstance(raw, Record):
        return RecordData(raw.name, {name: python_of(part) for name, part in raw.fields.items()})
    if isinstance(raw, (list, dict, set, frozenset, RecordData)):
        return raw
    fail("TypeError", f"'{type_name(value)}' is not data", deep(value))


def result_of(made: Plain, label: Label) -> Value:
    """A pure function's result as a value under one label."""
    if type(made) in _QUICK:
        if type(made) is str:
            sizes.text(len(made))
        return made if label is TRUSTED_PUBLIC else Labeled(made, label)
    if type(made) is list:
        sizes.items(len(made))
    return wrap(made, label)


def lifted(function: Pure, guard: Guard | None = None) -> Native:
    """A built-in that calls `function` on stripped arguments. `guard` gets the same arguments first."""

    def native(run: Run, *args: Value, **keywords: Value) -> Value:
        if len(args) == 1 and guard is None and not keywords:
            (only,) = args
            if type(only) is Labeled and type(only._value) in _QUICK:
                if type(only._value) is str:
                    sizes.scanned(len(only._value))
                try:
                    return result_of(function(only._value), only.label)
                except _FAILURES as error:
                    raise of_python(error, only.label) from None
        label = TRUSTED_PUBLIC
        plain: list[Plain] = []
        for arg in args:
            if type(arg) is Labeled and type(arg._value) in _QUICK:
                if arg.label is not label:
                    label = label.join(arg.label)
                plain.append(arg._value)
            elif type(arg) in _QUICK:
                plain.append(arg)
            else:
                label, stripped = strip(run, arg, label)
                plain.append(stripped)
        named: dict[str, Plain] = {}
        for name, arg in keywords.items():
            label, named[name] = strip(run, arg, label)
        try:
            if plain and type(plain[0]) in (str, bytes):
                sizes.scanned(len(plain[0]))  # type: ignore[arg-type]  # it is a text
            if guard is not None:
                guard(*plain, **named)
            made = function(*plain, **named)
        except _FAILURES as error:
            raise of_python(error, label) from None
        return result_of(made, label)

    return native


def strip(run: Run, value: Value, label: Label) -> tuple[Label, Plain]:
    """The value as Python data, and `label` joined with everything in it. Iterators are used up."""
    value = settle_deep(value)
    raw = value._value if type(value) is Labeled else value
    if isinstance(raw, Iter):
        from ringfence.lang.iteration import collect

        parts, shape = collect(run, value)
        value = List(parts, shape)
    return label.join(deep(value)), python_of(value)


def builtin(name: str, function: Pure, guard: Guard | None = None) -> Builtin:
    """A lifted function as a value of the language."""
    return Builtin(name, lifted(function, guard))


def methods_of(kind: type, names: Iterable[str]) -> dict[str, Native]:
    """Methods of a type of Python's, lifted, by their names."""
    return {name: lifted(getattr(kind, name)) for name in names}


def is_data(value: Value) -> bool:
    """Whether the raw value is a scalar (and no object of the heap)."""
    raw = value._value if type(value) is Labeled else value
    return not isinstance(raw, Heap)


__all__ = ["builtin", "datetime", "is_data", "lifted", "methods_of", "python_of", "result_of", "strip"]
