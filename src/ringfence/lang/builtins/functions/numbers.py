"""Numbers: `int`, `float`, `bool`, and what is computed of numbers.

Its one rule: what would cost too much is refused before it is computed.
"""

from __future__ import annotations

import operator
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Final

from ringfence.core.plain import EnumMember
from ringfence.core.values import Value, with_label
from ringfence.lang import sizes
from ringfence.lang.builtins.schemas import builtin_type
from ringfence.lang.iteration import iterate
from ringfence.lang.kernels.sequences import numbers_of
from ringfence.lang.lifting import builtin, lifted
from ringfence.lang.objects import Builtin, TypeValue, label_of, labelled, settle, split
from ringfence.lang.operations import arithmetic, truth
from ringfence.lang.raised import fail, of_python

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _int_guard(value: object = 0, base: object = 10) -> None:
    if isinstance(value, str) and len(value) > 4000:
        raise ValueError("the text is too long for an integer")


def _decimal_int(value: object = 0, *rest: object, **named: object) -> object:
    if isinstance(value, Decimal):
        sizes.arithmetic("int", value, 1)
    return int(value, *rest, **named)  # type: ignore[call-overload]  # Python's own checks


def _number(run: Run, *values: Value) -> Value:
    return lifted(float)(run, *values)


def _abs(run: Run, value: Value) -> Value:
    value = settle(value)
    raw, label = split(value)
    try:
        return labelled(abs(raw), label)  # type: ignore[arg-type]  # refused below if it cannot be
    except TypeError as error:
        raise of_python(error, label_of(value)) from None


def _sum(run: Run, values: Value, start: Value = 0) -> Value:
    if (found := _sum_of(run, values, start)) is not None:
        return found
    source = iterate(run, values)
    total = start
    raw, _ = split(start)
    if isinstance(raw, str):
        fail("TypeError", "sum() can't sum strings [use ''.join(seq) instead]", label_of(start))
    add = arithmetic.add
    for part in source.steps:
        total = add(total, part)
        run.steps += 1
        if run.steps > run.next_check:
            run.check()
    return with_label(total, source.label)


def _sum_of(run: Run, values: Value, start: Value) -> Value | None:
    """The sum of numbers that all have one label; None for anything else."""
    first, label = split(start)
    before = run.steps
    found = numbers_of(run, values) if type(first) in arithmetic.NUMBERS else None
    if found is None:
        return None
    try:
        # Not sum(): it adds floating-point numbers in another way from Python 3.12 on.
        total: Value = reduce(operator.add, found[1], first)
    except ArithmeticError:
        run.steps = before
        return None
    return labelled(total, label.join(found[0].label))


def _pow(run: Run, base: Value, exponent: Value, modulus: Value = None) -> Value:
    if modulus is None:
        return arithmetic.power(base, exponent)
    return _POW3(run, base, exponent, modulus)


_POW3: Final = lifted(pow)


def _round(value: object, digits: int | None = None) -> object:
    if isinstance(value, int) and isinstance(digits, int) and digits < -sizes.MAX_BITS:
        return 0  # no integer has as many digits; Python would compute the power of ten first
    return round(value) if digits is None else round(value, digits)  # type: ignore[call-overload]  # Python's own checks


def _mixed_int(raw: Value) -> bool:
    return isinstance(raw, int) or (isinstance(raw, EnumMember) and raw.mixed and isinstance(raw.value, int))


TYPES: Final[dict[str, Value]] = {
    "int": TypeValue("int", lifted(_decimal_int, _int_guard), _mixed_int, builtin_type("int", None).schema),
    "float": builtin_type("float", _number, float),
    "bool": builtin_type(
        "bool", lambda run, value=False: labelled(truth.truth(settle(value)), label_of(settle(value))), bool
    ),
}
FUNCTIONS: Final[dict[str, Value]] = {
    "abs": Builtin("abs", _abs),
    "bin": builtin("bin", bin),
    "divmod": builtin("divmod", divmod, lambda a, b: sizes.arithmetic("divmod", a, b)),
    "hex": builtin("hex", hex),
    "oct": builtin("oct", oct),
    "pow": Builtin("pow", _pow),
    "round": builtin("round", _round),
    "sum": Builtin("sum", _sum),
}
