"""The combinatoric part of `itertools`: product, permutations, combinations.

Its one rule: a tuple costs as many steps as it has elements, so that a huge product ends at the limit of steps.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ringfence.core.errors import LimitExceeded
from ringfence.core.labels import Label
from ringfence.core.values import Value
from ringfence.lang.builtins.modules.callbacks import lazy
from ringfence.lang.builtins.modules.members import integer, natives
from ringfence.lang.iteration import collect
from ringfence.lang.objects import Iter, Native, settle
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

_MAX_LENGTH: Final = 100_000


def _rows(run: Run, kind: str, rows: Iterable[tuple[Value, ...]], width: int, label: Label, *sources: Value) -> Iter:
    if width > _MAX_LENGTH:
        raise LimitExceeded("size", f"a row of {kind}() would have more than {_MAX_LENGTH:,} elements", label=label)

    def steps(made: Iter) -> Iterator[Value]:
        for row in rows:
            run.tick(1 + width // 4)
            yield row

    return lazy(f"itertools.{kind}", steps, *sources, label=label)


def product(run: Run, *iterables: Value, repeat: Value = 1) -> Value:
    """`product(a, b, repeat=n)`."""
    times, label = integer(run, repeat, "repeat")
    pools: list[list[Value]] = []
    for iterable in iterables:
        parts, shape = collect(run, iterable)
        label = label.join(shape)
        pools.append(parts)
    if times < 0:
        fail("ValueError", "repeat argument cannot be negative", label)
    width = len(pools) * times
    rows = itertools.product(*pools * times) if width <= _MAX_LENGTH else iter(())
    return _rows(run, "product", rows, width, label, *iterables)


def _chosen(kind: str, choose: Callable[[list[Value], int], Iterable[tuple[Value, ...]]], *, optional: bool) -> Native:
    def native(run: Run, iterable: Value, r: Value = None) -> Value:
        parts, label = collect(run, iterable)
        size = len(parts)
        if settle(r) is not None:
            size, size_label = integer(run, r, "r")
            label = label.join(size_label)
        elif not optional:
            fail("TypeError", f"{kind}() missing required argument 'r'", label)
        if size < 0:
            fail("ValueError", "r must be non-negative", label)
        rows = choose(parts, size) if size <= _MAX_LENGTH else iter(())
        return _rows(run, kind, rows, size, label, iterable)

    return native


COMBINING: Final = natives(
    {
        "product": product,
        "permutations": _chosen("permutations", itertools.permutations, optional=True),
        "combinations": _chosen("combinations", itertools.combinations, optional=False),
        "combinations_with_replacement": _chosen(
            "combinations_with_replacement", itertools.combinations_with_replacement, optional=False
        ),
    }
)
