"""Comprehensions and sort keys by their kernels.

Its one rule: the answer is None where the kernel cannot be used, and nothing has happened then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, List, Set, Value
from ringfence.lang.kernels.kernel import Kernel
from ringfence.lang.kernels.sequences import Computed, Source, computed, raw_parts, source_of, taken
from ringfence.lang.keys import key_of
from ringfence.lang.objects import Function, settle
from ringfence.lang.operations.arithmetic import NUMBERS
from ringfence.lang.running.loops import Loop

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def uniform(
    run: Run, region: int, function: Computed, kernel: Kernel, value: Value, variables: tuple[Value, ...], kind: str
) -> Value | None:
    """A comprehension by its kernel, or None. A generator that is used up at once is a list."""
    source = source_of(settle(value))
    if source is None:
        return None
    loop = Loop(run, region)
    loop.depend(source.label)
    found = computed(run, function, kernel, source, variables, 1)
    run.back(loop.pc)
    if found is None:
        return None
    label = source.label
    if kind == "dict":
        made: Value = _dict(run, kernel, source, found)
        return made
    if kernel.takes == "kept":
        found = taken(run, kernel, source, found)  # type: ignore[arg-type]  # places are integers
    if kind == "set":
        return _set(found, label)
    made = List(found, label)
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def _set(found: list[Value], label: Label) -> Value:
    if not set(map(type, found)) <= {str}:
        found = [key_of(value)[0] for value in found]
    return Set(dict.fromkeys(found), label)


def _dict(run: Run, kernel: Kernel, source: Source, found: list[Value]) -> Value:
    rows: list[tuple[Value, Value]] = found  # type: ignore[assignment]  # a dict's function gives pairs
    keys = [key if type(key) is str else key_of(key)[0] for key, _ in rows]
    values = [value for _, value in rows]
    if kernel.takes == "kept":
        values = taken(run, kernel, source, values)  # type: ignore[arg-type]  # places are integers
    return Dict(dict(zip(keys, values, strict=True)), source.label)


@final
class KeyKernel:
    """The kernel of a function that a plan passes as a key."""

    __slots__ = ("function", "kernel")

    def __init__(self, function: Computed, kernel: Kernel) -> None:
        self.function = function
        self.kernel = kernel


def keys_by_kernel(run: Run, source: Source, key: Value) -> list[Value] | None:
    """What a key function gives for all parts, if it has a kernel and all can be compared as they are."""
    before = run.steps
    if key is None:
        found = raw_parts(source.parts, source.label)
        if found is None:
            return None
        run.tick(len(found))
    else:
        if not isinstance(key, Function) or not isinstance(key.kernel, KeyKernel):
            return None
        # One step to go over the part, and those of a call.
        found = computed(run, key.kernel.function, key.kernel.kernel, source, (), 2)
        if found is None:
            return None
    kinds = set(map(type, found))
    if kinds <= NUMBERS or kinds == {str}:
        return list(found)
    run.steps = before
    return None
