"""The module `statistics`.

Its one rule: numbers that make exact fractions huge (a Decimal with a large exponent, a long integer) are refused.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ringfence.core.errors import LimitExceeded
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import List, Record, Value, with_label
from ringfence.lang.builtins.modules.members import functions, natives
from ringfence.lang.builtins.modules.records import named_tuple
from ringfence.lang.iteration import collect
from ringfence.lang.keys import key_of, value_of_key
from ringfence.lang.objects import Module
from ringfence.lang.raised import EXCEPTIONS, fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

_MAX_NUMBERS: Final = 200_000
_MAX_BITS: Final = 4096
_MAX_EXPONENT: Final = 400
_MAX_PARTS: Final = 100_000

_NUMERIC: Final = (
    "mean fmean geometric_mean harmonic_mean median median_low median_high median_grouped pstdev pvariance stdev "
    "variance correlation covariance"
)


def _fits(*args: Plain, **keywords: Plain) -> None:
    for arg in (*args, *keywords.values()):
        parts = arg if isinstance(arg, (list, tuple, set, frozenset, range)) else (arg,)
        if len(parts) > _MAX_NUMBERS:
            raise LimitExceeded("size", f"the functions of statistics take up to {_MAX_NUMBERS:,} numbers")
        for part in parts:
            long = isinstance(part, int) and part.bit_length() > _MAX_BITS
            if long or (isinstance(part, Decimal) and part.is_finite() and abs(part.adjusted()) > _MAX_EXPONENT):
                raise LimitExceeded("size", "a number is too large or too small for exact statistics")


def _named(name: str) -> Callable[..., Plain]:
    found: Callable[..., Plain] = getattr(statistics, name)
    return found


def _quantiles(data: Plain, *, n: Plain = 4, method: Plain = "exclusive") -> Plain:
    if isinstance(n, int) and n > _MAX_PARTS:
        raise LimitExceeded("size", f"quantiles() makes up to {_MAX_PARTS:,} parts")
    return statistics.quantiles(data, n=n, method=method)  # type: ignore[arg-type]  # Python's own checks


def _regression(x: Plain, y: Plain, /, *, proportional: Plain = False) -> Record:
    line = statistics.linear_regression(x, y, proportional=bool(proportional))  # type: ignore[arg-type]  # as above
    return named_tuple("LinearRegression", (line.slope, line.intercept))


def _modes(run: Run, data: Value) -> tuple[list[Value], Label]:
    """The most frequent elements in order of appearance."""
    parts, label = collect(run, data)
    counts: dict[Value, int] = {}
    for part in parts:
        key, key_label = key_of(part)
        label = label.join(key_label)
        counts[key] = counts.get(key, 0) + 1
    most = max(counts.values(), default=0)
    return [value_of_key(key) for key, count in counts.items() if count == most], label


def _mode(run: Run, data: Value) -> Value:
    found, label = _modes(run, data)
    if not found:
        fail("StatisticsError", "no mode for empty data", label)
    return with_label(found[0], label)


def _multimode(run: Run, data: Value) -> Value:
    found, label = _modes(run, data)
    made = List(found, label)
    return made if label is TRUSTED_PUBLIC else with_label(made, label)


MODULE: Final = Module(
    "statistics",
    {
        **functions({name: _named(name) for name in _NUMERIC.split()}, dict.fromkeys(_NUMERIC.split(), _fits)),
        **functions(
            {"quantiles": _quantiles, "linear_regression": _regression},
            {"quantiles": _fits, "linear_regression": _fits},
        ),
        **natives({"mode": _mode, "multimode": _multimode}),
        "StatisticsError": EXCEPTIONS["StatisticsError"],
    },
)
