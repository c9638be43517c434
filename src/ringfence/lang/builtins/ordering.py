"""Sorting and choosing by order.

Its one rule: the order of a result tells all that was compared, so that its shape has the join of all keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Labeled, List, Value, with_label
from ringfence.lang import sizes
from ringfence.lang.iteration import parts_within
from ringfence.lang.kernels.running import keys_by_kernel
from ringfence.lang.kernels.sequences import Source
from ringfence.lang.objects import BoundMethod, deep, label_of, settle, settle_deep, split
from ringfence.lang.operations.comparison import order_raw
from ringfence.lang.operations.truth import truth
from ringfence.lang.raised import fail
from ringfence.lang.running.calling import apply

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


@final
class _Key:
    """A key that is no plain number or text: compared as the language compares."""

    __slots__ = ("label", "value")

    def __init__(self, value: Value, label: Label) -> None:
        self.value = value
        self.label = label

    def __lt__(self, other: _Key) -> bool:
        sizes.work(1)
        return order_raw("<", self.value, other.value, self.label)


@final
class _Comparing:
    """A function of the plan that compares, as `cmp_to_key` takes it. `label`: of all that it has said so far.

    Which values are compared next, and whether any are, depends on that.
    """

    __slots__ = ("function", "label", "run")

    def __init__(self, run: Run, function: Value) -> None:
        self.run = run
        self.function = function
        self.label = label_of(function)

    def holds(self, symbol: str, a: Value, b: Value) -> bool:
        """Whether what it says of the two is more or less than nothing."""
        from ringfence.lang.builtins.modules.callbacks import called

        run = self.run
        sizes.work(1)
        if run.calling in run.regions.uses_up:  # it can do nothing: how often it is asked marks nothing
            found = settle(with_label(apply(run, self.function, (a, b)), self.label))
            self.label = self.label.join(deep(found))
        else:
            found = settle(called(run, self.function, (a, b), self.label))
            self.label = self.label.join(deep(found))
            run.depends(self.label, run.calling)
        return order_raw(symbol, found, 0, self.label)


@final
class _Compared:
    """A value that such a function compares."""

    __slots__ = ("comparing", "value")

    def __init__(self, comparing: _Comparing, value: Value) -> None:
        self.comparing = comparing
        self.value = value

    def __lt__(self, other: _Compared) -> bool:
        return self.comparing.holds("<", self.value, other.value)


def comparing_key(run: Run, function: Value, value: Value) -> Value:
    """What `cmp_to_key(f)` is called for one value: here it is for sorting, which asks `f`."""
    fail("TypeError", "a key that cmp_to_key made is for sorted(), list.sort(), min() and max() alone")


def _comparing(run: Run, key: Value) -> _Comparing | None:
    raw, label = split(key)
    if not isinstance(raw, BoundMethod) or raw.native is not comparing_key:
        return None
    return _Comparing(run, with_label(raw.receiver, label))


def keys_of(run: Run, values: Sequence[Value], key: Value) -> tuple[list[Value], Label]:
    """What the values are compared by, and the join of its labels."""
    found = [settle_deep(value if key is None else apply(run, key, (value,))) for value in sizes.looked(values)]
    label = TRUSTED_PUBLIC
    for one in sizes.looked(found):
        if type(one) is Labeled and type(one._value) in (str, int, float):
            if one.label is not label:
                label = label.join(one.label)
        elif type(one) not in (str, int, float):
            label = label.join(deep(one))
    return found, label


def _comparable(keys: list[Value], label: Label) -> list[object]:
    raw = [key._value if type(key) is Labeled else key for key in keys]
    kinds = set(map(type, raw))
    if kinds <= {int, float, bool} or kinds == {str}:
        return raw
    return [_Key(key, label) for key in raw]


def sorted_values(run: Run, values: list[Value], key: Value, reverse: Value) -> tuple[list[Value], Label]:
    """The values in order (stable), and the label of that order."""
    key, reverse = settle(key), settle(reverse)
    comparing = _comparing(run, key)
    if comparing is not None:
        compares = [_Compared(comparing, value) for value in values]
        order = sorted(range(len(values)), key=compares.__getitem__, reverse=truth(reverse))
        return [values[index] for index in order], comparing.label.join(label_of(reverse))
    keys, label = keys_of(run, values, key)
    label = label.join(label_of(reverse))
    run.tick(len(values) * max(1, len(values).bit_length()) // 8)
    compared = _comparable(keys, label)
    order = sorted(range(len(values)), key=compared.__getitem__, reverse=truth(reverse))  # type: ignore[arg-type]
    return [values[index] for index in order], label


def sorted_source(run: Run, source: Source, key: Value, reverse: Value) -> Value | None:
    """A sequence whose parts have one label, in order; None where that has to be found out part by part."""
    reverse = settle(reverse)
    if label_of(reverse).join(source.label) is not source.label:
        return None
    compared = keys_by_kernel(run, source, settle(key))
    if compared is None:
        return None
    size = len(compared)
    run.tick(size * max(1, size.bit_length()) // 8)
    order = sorted(range(size), key=compared.__getitem__, reverse=truth(reverse))  # type: ignore[arg-type]
    made = List(_parts(source, order), source.label)
    return made if source.label is TRUSTED_PUBLIC else Labeled(made, source.label)


def extreme_of(run: Run, source: Source, key: Value, largest: bool) -> Value | None:
    """The first largest or smallest of such a sequence that is not empty; None as in `sorted_source`."""
    compared = keys_by_kernel(run, source, settle(key))
    if not compared:
        return None
    best = (max if largest else min)(range(len(compared)), key=compared.__getitem__)  # type: ignore[arg-type]
    return with_label(_parts(source, [best])[0], source.label)


def _parts(source: Source, places: list[int]) -> list[Value]:
    if source.holder is None:
        return [source.parts[place] for place in places]
    return parts_within(source.holder, source.label, source.origin, places)


def extreme(run: Run, values: list[Value], key: Value, largest: bool) -> tuple[Value, Label]:
    """The first largest or smallest of at least one value, and the label of the choice."""
    key, best = settle(key), 0
    comparing = _comparing(run, key)
    if comparing is not None:
        for index in range(1, len(values)):
            if comparing.holds(">" if largest else "<", values[index], values[best]):
                best = index
        return values[best], comparing.label
    keys, label = keys_of(run, values, key)
    compared = _comparable(keys, label)
    for index in range(1, len(values)):
        a, b = (compared[best], compared[index]) if largest else (compared[index], compared[best])
        if a < b:  # type: ignore[operator]  # numbers, texts or _Key, all of one kind
            best = index
    return values[best], label
