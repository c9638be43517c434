"""`math`, `statistics`, `decimal`: the same numbers as in Python.

Its one rule: CPython is the oracle; each plan runs under both, and every variable must agree.
"""

from __future__ import annotations

import pytest

from lang.module_oracle import agree

PLANS = (
    r"""
import math
a = (
    math.sqrt(2), math.floor(2.5), math.ceil(2.1), math.pi, math.e, math.factorial(10), math.comb(5,2),
    math.perm(5,2), math.gcd(12,18), math.lcm(4,6), math.prod([1,2,3]), math.isclose(0.1+0.2,0.3), math.log(8,2),
    math.log10(1000), math.hypot(3,4), math.inf, math.isnan(math.nan), math.trunc(-2.5), math.fsum([.1]*10),
    math.modf(2.5), math.copysign(1,-2), math.isqrt(17), math.dist([0,0],[3,4]), math.exp(1),
    math.degrees(math.pi), math.pow(2,3), math.fmod(7,3), math.frexp(8.0),
)
b = math.prod([], start=5), math.floor(-0.5), math.tau
import math as m
c = m.sin(0), m.cos(0)
""",
    r"""
import statistics
from statistics import mean, median, mode, stdev
a = (
    mean([1,2,3,4]), median([3,1,2]), mode("aab"), stdev([1,2,3,4]), statistics.pstdev([1,2]),
    statistics.variance([1,2,3]), statistics.pvariance([1,2,3]), statistics.multimode("aabb"),
    statistics.quantiles([1,2,3,4,5], n=4), statistics.fmean([1,2,3]), statistics.median_low([1,2,3,4]),
    statistics.median_high([1,2,3,4]), statistics.harmonic_mean([1,2,4]), statistics.geometric_mean([1,2,4]),
    statistics.correlation([1,2,3],[1,2,4]), statistics.linear_regression([1,2,3],[2,4,6]),
)
try:
    mean([])
    b = 0
except statistics.StatisticsError as e:
    b = str(e)
s, i = statistics.linear_regression([1,2,3],[2,4,6])
""",
    r"""
from decimal import Decimal, ROUND_HALF_UP, InvalidOperation, ROUND_DOWN
a = (
    Decimal("1.10") + Decimal("2.20"), Decimal("1.005").quantize(Decimal("0.01"), rounding=ROUND_HALF_UP),
    Decimal(3), Decimal(1.5), str(Decimal("1.10")), repr(Decimal("1.10")), Decimal("10") / 3, Decimal("2") ** 3,
    -Decimal("1"), abs(Decimal("-1")), round(Decimal("1.555"), 2), round(Decimal("2.5")), int(Decimal("3.7")),
    float(Decimal("1.5")),
)
b = (
    Decimal("1.50").normalize(), Decimal("123.456").to_integral_value(), Decimal("1.1").as_tuple(),
    Decimal("NaN").is_nan(), Decimal("2").sqrt(), Decimal("1E+3"), Decimal("5") % 3, Decimal("7") // 2,
    Decimal("1") < 2, Decimal("1.0") == 1, max(Decimal("1"), Decimal("2")), sum([Decimal("1.1"), Decimal("2.2")]),
    sorted([Decimal(2), Decimal(1)]),
)
try:
    Decimal("abc")
    c = 1
except InvalidOperation as e:
    c = "invalid"
d = (
    f"{Decimal('1234.5'):,.2f}", Decimal("1.1").quantize(Decimal("1")),
    Decimal("1.19").quantize(Decimal(".1"), ROUND_DOWN), Decimal((0, (1, 2), -1)), divmod(Decimal(7), 2),
)
e = isinstance(Decimal(1), Decimal), Decimal("1.5").as_integer_ratio(), Decimal("12.3").adjusted()
try:
    Decimal(1) / 0
    f = 1
except ZeroDivisionError:
    f = "zero"
g = (
    Decimal("3.14").max(Decimal("2")), Decimal.from_float(0.5), Decimal("1").compare(Decimal("2")),
    {Decimal("1.0"): 1},
)
""",
)


@pytest.mark.parametrize("plan", PLANS)
def test_agrees_with_python(plan: str) -> None:
    agree(plan)
