"""Several operators at once: an expression of numbers is computed raw, and labelled once.

Its one rule: what `fused` gives is what the operators give one after the other. They do the whole expression where an
operand is no number, where a number is large, and where anything fails: the operands have been evaluated by then, and
evaluating operators again has no effect (docs/decisions/0003-uniform-kernels.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias, final

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Labeled, Value
from ringfence.lang import ir
from ringfence.lang.kernels.kernel import LEAF_BITS
from ringfence.lang.kernels.writing import BINARY, COMPARE, MOST_BITS, MOST_NODES, NoKernel, Raw
from ringfence.lang.operations.arithmetic import NUMBERS

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


@final
class Fusing:
    """An expression of numbers as code, its operands left out: they become the parameters `x0`, `x1`, …

    `sure` says whether reading a variable cannot fail. `places` are the operands' nodes with their numbers.
    """

    def __init__(self, sure: Callable[[str], bool]) -> None:
        self.sure = sure
        self.operands: list[ir.Expr] = []
        self.places: list[tuple[ir.Expr, int]] = []
        self.names: dict[str, int] = {}
        self.operators = 0

    def write(self, node: ir.Expr) -> Raw:
        """The code. Raises NoKernel where an operand that could fail would be evaluated after an operator."""
        match node:
            case ir.Binary(op=op, left=left, right=right) if op in BINARY:
                one, other = self.write(left), self.write(right)
                self.operators += 1
                bits = max(one.bits, other.bits) + 1 if op != "*" else one.bits + other.bits
                if bits > MOST_BITS or self.operators > MOST_NODES:
                    raise NoKernel
                return Raw(f"({one.code} {op} {other.code})", 0, bits)
            case ir.Compare(operands=(left, right), ops=(op,)) if op in COMPARE:
                one, other = self.write(left), self.write(right)
                self.operators += 1
                return Raw(f"({one.code} {op} {other.code})", 0, 1)
            case ir.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if not math.isfinite(number) or (isinstance(number, int) and number.bit_length() > 64):
                    raise NoKernel
                return Raw(f"({number!r})", 0, 64)
            case ir.Name(id=name) if self.sure(name):
                return self.operand(node, self.names.setdefault(name, len(self.operands)))
            case _:
                if self.operators:
                    raise NoKernel
                return self.operand(node, len(self.operands))

    def operand(self, node: ir.Expr, index: int) -> Raw:
        if index == len(self.operands):
            self.operands.append(node)
        self.places.append((node, index))
        return Raw(f"x{index}", 0, LEAF_BITS)


def fusing(node: ir.Expr, sure: Callable[[str], bool]) -> tuple[str, Fusing] | None:
    """An expression of several operators: its code on numbers, and what its operands are."""
    found = Fusing(sure)
    try:
        made = found.write(node)
    except NoKernel:
        return None
    return (made.code, found) if found.operators > 1 and 1 <= len(found.operands) <= 4 else None


_HIGH: Final = 1 << LEAF_BITS
_LOW: Final = -_HIGH
Expression: TypeAlias = Callable[..., Value]


def _of_one(raw: Expression, general: Expression) -> Expression:
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


def _of_two(raw: Expression, general: Expression) -> Expression:
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


def _of_more(raw: Expression, general: Expression) -> Expression:
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


def fused(count: int, raw: Expression, general: Expression) -> Expression:
    """The function of an expression of `count` operands: `raw` computes, `general` is the operators of the runtime."""
    if count == 1:
        return _of_one(raw, general)
    return _of_two(raw, general) if count == 2 else _of_more(raw, general)
