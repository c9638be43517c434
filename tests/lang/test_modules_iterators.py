"""`itertools`, `functools`, `operator`: the same elements in the same order as in Python.

Its one rule: CPython is the oracle; each plan runs under both, and every variable must agree.
"""

from __future__ import annotations

import pytest

from lang.module_oracle import agree

PLANS = (
    r"""
import itertools
from itertools import (
    chain, islice, groupby, product, permutations, combinations, accumulate, takewhile, dropwhile, zip_longest,
    pairwise, tee, repeat, count, cycle, compress, starmap, filterfalse, combinations_with_replacement,
)
a = (
    list(chain([1,2], (3,), "ab")), list(chain.from_iterable([[1],[2,3]])), list(islice(count(5, 2), 3)),
    list(islice("abcdefg", 1, 6, 2)), list(islice([1,2,3], None)), list(itertools.chain()),
)
b = (
    [(k, list(g)) for k, g in groupby("aabbbc")],
    [(k, [x[1] for x in g]) for k, g in groupby([("a",1),("a",2),("b",3)], key=lambda t: t[0])],
    {k: len(list(g)) for k, g in groupby(sorted([3,1,2,1]))},
)
c = (
    list(product([1,2],"ab")), list(product([0,1], repeat=2)), list(permutations([1,2,3],2)),
    list(permutations("ab")), list(combinations("abc",2)), list(combinations_with_replacement("ab",2)),
)
d = (
    list(accumulate([1,2,3])), list(accumulate([1,2,3], lambda x,y: x*y)), list(accumulate([1,2], initial=10)),
    list(accumulate([3,1,2], max)),
)
e = (
    list(takewhile(lambda x: x<3, [1,2,3,1])), list(dropwhile(lambda x: x<3, [1,2,3,1])),
    list(filterfalse(lambda x: x%2, range(5))), list(filterfalse(None, [0,1,2])),
    list(zip_longest([1,2],[3],fillvalue=0)), list(pairwise([1,2,3])), list(compress("abc",[1,0,1])),
    list(starmap(pow, [(2,3),(3,2)])), list(repeat(7,3)), list(islice(cycle("ab"),5)),
)
x, y = tee([1,2,3])
f = list(x), list(y)
it = iter([1,2,3,4,5])
g = list(islice(it, 2)), next(it), list(it)
h = list(groupby([1,1,2]))[0][0], [list(z) for _, z in list(groupby([1,1,2]))]
t = takewhile(lambda v: v < 2, it2 := iter([1,2,3]))
i = list(t), list(it2)
gg = groupby([1,1,2,2,3])
k1, g1 = next(gg)
k2, g2 = next(gg)
j = k1, list(g1), k2, list(g2)
""",
    r"""
from functools import reduce, partial
import operator
from operator import itemgetter, attrgetter
a = (
    reduce(lambda x,y: x+y, [1,2,3]), reduce(operator.mul, [1,2,3], 10), reduce(max, [3,1]),
    reduce(lambda d, kv: {**d, kv[0]: kv[1]}, [("a",1)], {}),
)
def f(x, y, z=0): return (x, y, z)
g = partial(f, 1, z=5)
b = g(2), partial(int, base=2)("101"), partial(g, z=9)(3)
c = (
    sorted([(1,"b"),(2,"a")], key=itemgetter(1)), sorted([{"n":2},{"n":1}], key=itemgetter("n")),
    itemgetter(0,2)("abc"), max([{"a":1},{"a":5}], key=itemgetter("a")),
)
from datetime import date
d = sorted([date(2026,2,1), date(2026,1,5)], key=attrgetter("day")), attrgetter("year", "month")(date(2026,2,1))
e = (
    operator.add(1,2), operator.sub(5,3), operator.contains([1],1), operator.getitem({"a":1},"a"),
    operator.neg(3), operator.eq(1,1), operator.not_(0), operator.truediv(1,2), operator.concat("a","b"),
    operator.methodcaller("upper")("a"), operator.methodcaller("split", ",")("a,b"), operator.countOf([1,1,2],1),
    operator.is_(None,None), operator.truth([]), operator.and_(6,3),
)
h = list(map(operator.itemgetter("x"), [{"x": 1}, {"x": 2}])), sum(map(operator.mul, [1,2],[3,4]))
""",
    r"""
import itertools
from functools import reduce
a = [next(itertools.count(3))]
c = itertools.cycle([1,2])
b = (
    [next(c) for _ in range(3)], list(zip(itertools.count(), "ab")),
    list(itertools.islice(itertools.chain("ab", itertools.repeat("z")), 4)),
)
""",
    r"""
from functools import lru_cache, cache, partial
from operator import add
f = partial(add, 5)
a = [f(x) for x in range(3)], list(map(partial(pow, 2), [1,2,3])), sorted(["b","A"], key=str.lower)
""",
)


@pytest.mark.parametrize("plan", PLANS)
def test_agrees_with_python(plan: str) -> None:
    agree(plan)
