"""Unpacking: the values for several targets.

Its one rule: how many there are tells what the shape tells, so that a rest, and a failure, have its label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Labeled, List, Record, Value, type_name, with_label
from ringfence.lang.iteration import collect
from ringfence.lang.objects import settle, split
from ringfence.lang.operations.attributes import attr
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def unpack(run: Run, value: Value, count: int, star: int) -> list[Value]:
    """The values for `count` targets; the one at `star` (or -1) takes the rest as a list."""
    value = settle(value)
    raw, label = split(value)
    if isinstance(raw, Record) and raw.indexed:
        value = with_label(tuple(attr(run, value, name) for name in raw.fields), label)
    made, label = collect(run, value, f"cannot unpack non-iterable {type_name(raw)} object")
    if run.tries and not made:  # of parts it is known by their own labels that there are as many
        run.held(label)
    if star < 0:
        if len(made) != count:
            few = f"not enough values to unpack (expected {count}, got {len(made)})"
            many = f"too many values to unpack (expected {count})"
            fail("ValueError", many if len(made) > count else few, label)
        return made
    if len(made) < count - 1:
        few = f"not enough values to unpack (expected at least {count - 1}, got {len(made)})"
        fail("ValueError", few, label)
    after = count - 1 - star
    rest = List(made[star : len(made) - after], label)
    return [*made[:star], rest if label is TRUSTED_PUBLIC else Labeled(rest, label), *made[len(made) - after :]]


def unpacked(run: Run, items: Iterable[Value], shape: tuple[object, ...], region: int) -> Iterator[tuple[object, ...]]:
    """The elements of a comprehension's iterable, unpacked as its target says; `region` is what that may use up."""
    for value in items:
        calling, run.calling = run.calling, region
        parts = _unpacked(run, value, shape)
        run.calling = calling
        yield parts


def _unpacked(run: Run, value: Value, shape: tuple[object, ...]) -> tuple[object, ...]:
    star = next((i for i, part in enumerate(shape) if isinstance(part, tuple) and part[:1] == ("*",)), -1)
    made: list[object] = list(unpack(run, value, len(shape), star))
    for index, part in enumerate(shape):
        starred = isinstance(part, tuple) and part[:1] == ("*",)
        inner = part[1] if starred else part  # type: ignore[index]  # a tuple then
        if starred and part[2]:  # type: ignore[index]
            made[index] = run.tag(made[index], part[2])  # type: ignore[index]
        if isinstance(inner, tuple):
            made[index] = _unpacked(run, made[index], inner)
    return tuple(made)
