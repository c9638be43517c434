"""Methods of sets.

Its one rule: a set has one label, which is that of all its elements together; what is combined has both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Set, Value, with_label
from ringfence.lang import sizes
from ringfence.lang.iteration import collect
from ringfence.lang.keys import key_of, value_of_key
from ringfence.lang.objects import Native, labelled, split
from ringfence.lang.operations.displays import make_set
from ringfence.lang.raised import EXCEPTIONS, ExceptionValue, Raised, fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _set(receiver: Value) -> tuple[Set, Label]:
    raw, label = split(receiver)
    assert isinstance(raw, Set)
    return raw, label.join(raw.label)


def _changed(run: Run, receiver: Value) -> Set:
    raw, _ = _set(receiver)
    if raw.frozen:
        fail("AttributeError", "a frozenset cannot be changed")
    run.changing(receiver)
    return raw


def _add(run: Run, receiver: Value, value: Value) -> Value:
    key, label = key_of(value)
    raw = _changed(run, receiver)
    raw.taint(label)
    raw.items[key] = None
    run.steps += 1
    return None


def _discard(run: Run, receiver: Value, value: Value) -> Value:
    key, label = key_of(value)
    raw = _changed(run, receiver)
    raw.taint(label)
    raw.items.pop(key, None)
    return None


def _remove(run: Run, receiver: Value, value: Value) -> Value:
    key, label = key_of(value)
    raw, own = _set(receiver)
    if key not in raw.items:
        label = label.join(own)
        raise Raised(ExceptionValue(EXCEPTIONS["KeyError"], (value_of_key(key),), label), label)
    return _discard(run, receiver, value)


def _pop(run: Run, receiver: Value) -> Value:
    raw, label = _set(receiver)
    if not raw.items:
        fail("KeyError", "pop from an empty set", label)
    _changed(run, receiver)
    key = next(iter(raw.items))
    del raw.items[key]
    return with_label(value_of_key(key), label)


def _others(run: Run, values: tuple[Value, ...]) -> tuple[list[dict[Value, None]], Label]:
    made: list[dict[Value, None]] = []
    label = TRUSTED_PUBLIC
    for value in values:
        parts, shape = collect(run, value)
        inner = make_set(run, parts, shape)
        assert isinstance(inner, Set)
        label = label.join(inner.label)
        made.append(inner.items)
    return made, label


def _combined(kind: str) -> Native:
    def native(run: Run, receiver: Value, *values: Value) -> Value:
        raw, own = _set(receiver)
        others, label = _others(run, values)
        label = label.join(own)
        return labelled(Set(_combine(kind, raw.items, others), label, frozen=raw.frozen), label)

    return native


def _combine(kind: str, items: dict[Value, None], others: list[dict[Value, None]]) -> dict[Value, None]:
    sizes.copied(len(items) + sum(map(len, others)))
    made = dict(items)
    for other in others:
        if kind == "union":
            made.update(other)
        elif kind == "intersection":
            made = {key: None for key in made if key in other}
        elif kind == "difference":
            made = {key: None for key in made if key not in other}
        else:
            only = {key: None for key in other if key not in made}
            made = {**{key: None for key in made if key not in other}, **only}
    return made


def _updated(kind: str) -> Native:
    def native(run: Run, receiver: Value, *values: Value) -> Value:
        others, label = _others(run, values)
        raw = _changed(run, receiver)
        raw.taint(label)
        made = _combine(kind, raw.items, others)
        raw.items.clear()
        raw.items.update(made)
        return None

    return native


def _compared(test: Callable[[set[Value], set[Value]], bool]) -> Native:
    def native(run: Run, receiver: Value, values: Value) -> Value:
        raw, own = _set(receiver)
        others, label = _others(run, (values,))
        return labelled(test(set(raw.items), set(others[0])), label.join(own))

    return native


def _clear(run: Run, receiver: Value) -> Value:
    _changed(run, receiver).items.clear()
    return None


SET: Final[dict[str, Native]] = {
    "add": _add,
    "discard": _discard,
    "remove": _remove,
    "pop": _pop,
    "clear": _clear,
    "copy": _combined("union"),
    **{name: _combined(name) for name in ("union", "intersection", "difference", "symmetric_difference")},
    "update": _updated("union"),
    "intersection_update": _updated("intersection"),
    "difference_update": _updated("difference"),
    "symmetric_difference_update": _updated("symmetric_difference"),
    "issubset": _compared(lambda a, b: a <= b),
    "issuperset": _compared(lambda a, b: a >= b),
    "isdisjoint": _compared(lambda a, b: a.isdisjoint(b)),
}
