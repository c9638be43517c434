"""The module `decimal`.

Its one rule: a Decimal has an exponent of moderate size, so that neither writing it out nor turning it into an integer
can fill the memory. The context is Python's default (28 digits); a plan cannot change it.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Final

from ringfence.core.errors import LimitExceeded
from ringfence.core.plain import Plain
from ringfence.core.values import Record, Value
from ringfence.lang.builtins.modules.members import functions, instance_of, refused
from ringfence.lang.builtins.modules.records import named_tuple
from ringfence.lang.lifting import Pure, lifted
from ringfence.lang.objects import Builtin, Module, Native, TypeValue
from ringfence.lang.raised import EXCEPTIONS
from ringfence.schema import Scalar

MAX_EXPONENT: Final = 100_000
_MAX_DIGITS: Final = 100_000
_FIXED: Final = "the language computes with Python's default context of 28 digits: use round() or .quantize()"

_METHODS: Final = (
    "adjusted as_tuple canonical compare compare_signal compare_total conjugate copy_abs copy_negate copy_sign "
    "exp fma is_canonical is_finite is_infinite is_nan is_normal is_qnan is_signed is_snan is_subnormal is_zero "
    "ln log10 logb max max_mag min min_mag next_minus next_plus next_toward normalize number_class quantize "
    "remainder_near rotate same_quantum scaleb shift sqrt to_eng_string to_integral to_integral_exact "
    "to_integral_value"
)
_ROUNDINGS: Final = (
    "ROUND_CEILING ROUND_DOWN ROUND_FLOOR ROUND_HALF_DOWN ROUND_HALF_EVEN ROUND_HALF_UP ROUND_UP ROUND_05UP"
)


def bounded(number: Decimal) -> Decimal:
    """The number itself. LimitExceeded if its exponent is out of bounds.

    There are no signalling NaNs, with which every comparison fails, and every set and dict that they are put into.
    """
    if number.is_snan():
        raise decimal.InvalidOperation("a signalling NaN")
    if number.is_finite() and number and not -MAX_EXPONENT <= number.adjusted() <= MAX_EXPONENT:
        raise LimitExceeded("size", f"a Decimal has an exponent between -{MAX_EXPONENT:,} and {MAX_EXPONENT:,}")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and abs(exponent) > 2 * MAX_EXPONENT:
        raise LimitExceeded("size", f"a Decimal has an exponent between -{MAX_EXPONENT:,} and {MAX_EXPONENT:,}")
    return number


def make(value: Plain = "0") -> Decimal:
    """`Decimal(text or number)`."""
    if isinstance(value, str) and len(value) > _MAX_DIGITS:
        raise LimitExceeded("size", f"a Decimal has at most {_MAX_DIGITS:,} digits")
    if isinstance(value, (list, tuple)):
        return bounded(_of_parts(value))
    if not isinstance(value, (str, int, float, Decimal)):
        raise TypeError(f"conversion from {type(value).__name__} to Decimal is not supported")
    return bounded(Decimal(value))


def _of_parts(parts: list[Plain] | tuple[Plain, ...]) -> Decimal:
    if len(parts) == 3 and isinstance(parts[1], tuple) and len(parts[1]) > _MAX_DIGITS:
        raise LimitExceeded("size", f"a Decimal has at most {_MAX_DIGITS:,} digits")
    return Decimal(tuple(parts))  # type: ignore[arg-type]  # Python's own checks


def _parts(number: Decimal) -> Record:
    return named_tuple("DecimalTuple", number.as_tuple())


def _ratio(number: Decimal) -> tuple[int, int]:
    if number.is_finite() and abs(number.adjusted()) > MAX_EXPONENT // 10:
        raise LimitExceeded("size", "the number is too large to be written out")
    return number.as_integer_ratio()


def _from_float(value: Plain) -> Decimal:
    return bounded(Decimal.from_float(value))  # type: ignore[arg-type]  # Python's own checks


def _method(name: str) -> Pure:
    found: Pure = getattr(Decimal, name)

    def call(number: Plain, *args: Plain, **keywords: Plain) -> Plain:
        if not isinstance(number, Decimal) or "context" in keywords:
            raise TypeError(_FIXED)
        made = found(number, *args, **keywords)
        return bounded(made) if isinstance(made, Decimal) else made

    return call


METHODS: Final[dict[type, dict[str, Native]]] = {
    Decimal: {
        **{name: lifted(_method(name)) for name in _METHODS.split()},
        "as_tuple": lifted(_parts),
        "as_integer_ratio": lifted(_ratio),
    }
}
ATTRIBUTES: Final[dict[type, dict[str, Pure]]] = {
    Decimal: {"real": lambda number: number, "imag": lambda number: Decimal(0)}
}

_MEMBERS: Final[dict[str, Value]] = {name: Builtin(name, native) for name, native in METHODS[Decimal].items()}
DECIMAL: Final = TypeValue(
    "Decimal",
    lifted(make),
    instance_of(Decimal),
    Scalar("Decimal"),
    {**_MEMBERS, **functions({"from_float": _from_float})},
)

MODULE: Final = Module(
    "decimal",
    {
        "Decimal": DECIMAL,
        **{name: getattr(decimal, name) for name in _ROUNDINGS.split()},
        **{name: refused(name, _FIXED) for name in ("getcontext", "setcontext", "localcontext", "Context")},
        "InvalidOperation": EXCEPTIONS["InvalidOperation"],
        "DivisionByZero": EXCEPTIONS["ZeroDivisionError"],
        "DecimalException": EXCEPTIONS["ArithmeticError"],
        "Overflow": EXCEPTIONS["OverflowError"],
    },
)
