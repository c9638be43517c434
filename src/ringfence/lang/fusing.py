"""Several operators at once: an expression of numbers is computed raw, and labelled once.

Its one rule: what `fused` gives is what the operators give one after the other. They do the whole expression where an
operand is no number, where a number is large, and where anything fails: the operands have been evaluated by then, and
evaluating operators again has no effect (docs/decisions/0003-uniform-kernels.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Labeled, Value
from ringfence.lang.kernelwriting import LEAF_BITS
from ringfence.lang.operations.arithmetic import NUMBERS

if TYPE_CHECKING:
    from ringfence.lang.engine import Run

_HIGH: Final = 1 << LEAF_BITS
_LOW: Final = -_HIGH

Computed: TypeAlias = Callable[..., Value]


def _of_one(raw: Computed, general: Computed) -> Computed:
    def apply(run: Run, a: Value) -> Value:
        if type(a) is Labeled:
            x, label = a._value, a.label
        else:
            x, label = a, TRUSTED_PUBLIC
        if type(x) in NUMBERS and _LOW < x < _HIGH:  # type: ignore[operator]  # a number
            try:
                made = raw(x)
            except (ArithmeticError, TypeError, ValueError):
                return general(run, a)
            return made if label is TRUSTED_PUBLIC else Labeled(made, label)
        return general(run, a)

    return apply


def _of_two(raw: Computed, general: Computed) -> Computed:
    def apply(run: Run, a: Value, b: Value) -> Value:
        if type(a) is Labeled:
            x, label = a._value, a.label
        else:
            x, label = a, TRUSTED_PUBLIC
        if type(b) is Labeled:
            y = b._value
            if b.label is not label:
                label = label.join(b.label)
        else:
            y = b
        if type(x) in NUMBERS and type(y) in NUMBERS and _LOW < x < _HIGH and _LOW < y < _HIGH:  # type: ignore[operator]
            try:
                made = raw(x, y)
            except (ArithmeticError, TypeError, ValueError):
                return general(run, a, b)
            return made if label is TRUSTED_PUBLIC else Labeled(made, label)
        return general(run, a, b)

    return apply


def _of_more(raw: Computed, general: Computed) -> Computed:
    def apply(run: Run, *values: Value) -> Value:
        label = TRUSTED_PUBLIC
        numbers: list[Value] = []
        for value in values:
            if type(value) is Labeled:
                if value.label is not label:
                    label = label.join(value.label)
                value = value._value
            if type(value) not in NUMBERS or not _LOW < value < _HIGH:  # type: ignore[operator]  # a number
                return general(run, *values)
            numbers.append(value)
        try:
            made = raw(*numbers)
        except (ArithmeticError, TypeError, ValueError):
            return general(run, *values)
        return made if label is TRUSTED_PUBLIC else Labeled(made, label)

    return apply


def fused(count: int, raw: Computed, general: Computed) -> Computed:
    """The function of an expression of `count` operands: `raw` computes, `general` is the operators of the runtime."""
    if count == 1:
        return _of_one(raw, general)
    return _of_two(raw, general) if count == 2 else _of_more(raw, general)


__all__ = ["fused"]
