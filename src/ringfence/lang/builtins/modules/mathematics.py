"""The module `math`.

Its one rule: an integer that would be huge is refused before it is computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ringfence.core.errors import LimitExceeded
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.plain import Plain
from ringfence.core.values import Value, with_label
from ringfence.lang import sizes
from ringfence.lang.builtins.modules.callbacks import following
from ringfence.lang.builtins.modules.members import functions
from ringfence.lang.iteration import iterate
from ringfence.lang.lifting import Guard, Pure
from ringfence.lang.objects import Builtin, Iter, Module
from ringfence.lang.operations.arithmetic import mul

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

_MAX_FACTORIAL: Final = 25_000  # 25,000! has about 330,000 bits
_MAX_EXPONENT: Final = 100_000

_PLAIN: Final = (
    "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh degrees dist erf erfc exp exp2 expm1 fabs "
    "floor fmod frexp fsum gamma gcd hypot isclose isfinite isinf isnan isqrt lcm ldexp lgamma log log10 log1p "
    "log2 modf nextafter pow radians remainder sin sinh sqrt tan tanh trunc ulp factorial comb perm"
)


def _factorial(n: Plain) -> None:
    if isinstance(n, int) and n > _MAX_FACTORIAL:
        raise LimitExceeded("size", f"math.factorial() takes numbers up to {_MAX_FACTORIAL:,}")


def _chosen(n: Plain, k: Plain = None) -> None:
    if k is None:
        _factorial(n)
    elif isinstance(n, int) and isinstance(k, int) and n > 0 and min(k, n) * n.bit_length() > sizes.MAX_BITS:
        raise LimitExceeded("size", f"a number would have more than {sizes.MAX_BITS:,} bits")


def _common(*numbers: Plain) -> None:
    if sum(number.bit_length() for number in numbers if isinstance(number, int)) > sizes.MAX_BITS // 4:
        raise LimitExceeded("size", "the numbers are too large together")


def _whole(number: Plain) -> None:
    if isinstance(number, Decimal) and number.is_finite() and number.adjusted() > _MAX_EXPONENT:
        raise LimitExceeded("size", "the number is too large to be written out")


_GUARDS: Final[dict[str, Guard]] = {
    "factorial": _factorial,
    "comb": _chosen,
    "perm": _chosen,
    "lcm": _common,
    "gcd": _common,
    "ceil": _whole,
    "floor": _whole,
    "trunc": _whole,
}


def _named(name: str) -> Pure:
    found: Callable[..., Plain] = getattr(math, name)
    return found


def _prod(run: Run, iterable: Value, /, *, start: Value = 1) -> Value:
    progress = Iter(iter(()), TRUSTED_PUBLIC)
    total = start
    for part in following(run, progress, iterate(run, iterable)):
        total = mul(total, part)
    return with_label(total, progress.label)


def _sumprod(p: Iterable[float], q: Iterable[float], /) -> float:
    return sum(a * b for a, b in zip(p, q, strict=True))


MODULE: Final = Module(
    "math",
    {
        **functions({name: _named(name) for name in _PLAIN.split()}, _GUARDS),
        **functions({"sumprod": _sumprod}),
        "prod": Builtin("prod", _prod),
        "pi": math.pi,
        "e": math.e,
        "tau": math.tau,
        "inf": math.inf,
        "nan": math.nan,
    },
)
