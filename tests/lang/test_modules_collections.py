"""`collections`: containers behave as in Python.

Its one rule: CPython is the oracle; each plan runs under both, and every variable must agree.
"""

from __future__ import annotations

import pytest

from lang.module_oracle import agree

PLANS = (
    r"""
from collections import Counter, defaultdict, deque, OrderedDict, namedtuple
c = Counter("abracadabra")
a = c.most_common(2), c["a"], c["zz"], sum(c.values()), dict(c), c.total(), sorted(c.elements()), list(c.elements())
c.update("aaa")
c.subtract({"a": 1, "q": 2})
b = (
    dict(c), dict(c + Counter(a=1)), dict(c - Counter(a=2)), dict(c & Counter(a=2)), dict(c | Counter(z=9)),
    len(c), c == Counter(c), "a" in c, c.get("nope"), c.most_common(),
)
dd = defaultdict(list)
for k, v in [("a", 1), ("b", 2), ("a", 3)]:
    dd[k].append(v)
d = dict(dd), sorted(dd), dd.get("zz"), len(dd), dd["new"], len(dd)
ee = defaultdict(int)
for ch in "hello":
    ee[ch] += 1
e = dict(ee)
ff = defaultdict(lambda: defaultdict(int))
ff["a"]["b"] += 1
f = {k: dict(v) for k, v in ff.items()}
q = deque([1, 2, 3], maxlen=3)
q.append(4)
q.appendleft(0)
g = list(q), q.maxlen, q[0], len(q), q.popleft(), q.pop(), list(q)
q2 = deque("abc")
q2.rotate(1)
q2.extend("de")
q2.extendleft("xy")
q2.remove("a")
h = list(q2), q2.count("b"), q2.index("e"), list(reversed(q2)), "b" in q2, [z for z in q2]
o = OrderedDict([("a", 1), ("b", 2)])
o.move_to_end("a")
i = list(o.items()), o.popitem(), dict(o)
P = namedtuple("P", ["x", "y"])
p = P(1, y=2)
x, y = p
j = (
    p.x, p[1], p.y, len(p), list(p), p._replace(x=5).x, p._asdict(), p == P(1, 2),
    [t.x for t in sorted([P(2, 1), P(1, 2)], key=lambda t: t.x)], str(p), repr(p),
)
Q = namedtuple("Q", "a b c", defaults=[3])
r = Q(1, 2)
s = isinstance(p, P), {p.x: p}
t = Counter([1, 1, 2]).most_common(1)[0][0], Counter({"a": 3, "b": 1}), Counter(a=1, b=2), Counter()
u = str(Counter("aab")), str(dd), str(q), repr(deque([1], maxlen=2)), str(OrderedDict(a=1)) != ""
""",
    r"""
from collections import Counter
u = str(Counter("abb")), repr(Counter({"a": 1, "b": 2})), [k for k in Counter("abb")], Counter("abb").most_common()
""",
    r"""
from collections import namedtuple
P = namedtuple("P", "x y")
a = (
    P(1,2) == (1,2), P(1,2) < P(1,3), sorted([P(2,1),P(1,5)]), (1,2) in [P(1,2)], list(zip(*[P(1,2),P(3,4)])),
    sum(P(1,2)), max(P(1,2)), P(*[5,6]), tuple(P(1,2)), [*P(1,2)], P(1,2)[-1], P(1,2)[0:1], 1 in P(1,2),
    P._make([7,8]),
)
""",
    r"""
from collections import deque
q = deque([1,2,3])
a = q == deque([1,2,3]), q[1], q[-1], list(q)[::-1], len(q), bool(q), bool(deque())
q[0] = 9
q += [4]
b = list(q), sum(q), max(q), q.index(3), 9 in q, str(q), q.copy() == q, list(q + deque([1]))
while q:
    q.pop()
c = len(q)
d = deque(maxlen=2)
for i in range(5):
    d.append(i)
e = list(d)
""",
    r"""
from collections import defaultdict
d = defaultdict(lambda: [0, 0])
d["a"][0] += 5
d["b"][1] -= 1
e = dict(d), "c" in d, d.get("c"), d["c"], str(dict(d))
f = defaultdict(set)
f["x"].add(1)
g = {k: sorted(v) for k, v in f.items()}
h = defaultdict(dict)
h["a"]["b"] = 1
i = dict(h), defaultdict(int, {"a": 1})["a"], d.default_factory is None
j = defaultdict(str)
j["a"] += "x"
k = dict(j), list(f.keys()), f.pop("x"), len(f), repr(defaultdict(int, a=1)), repr(defaultdict(list))
""",
)


@pytest.mark.parametrize("plan", PLANS)
def test_agrees_with_python(plan: str) -> None:
    agree(plan)
