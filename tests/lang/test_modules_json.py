"""`json`: what it reads and writes is what Python reads and writes.

Its one rule: CPython is the oracle; each plan runs under both, and every variable must agree.
"""

from __future__ import annotations

import pytest

from lang.module_oracle import agree

PLANS = (
    r"""
import json
x = json.dumps({"a": [1, 2.5, None, True], "b": "é\n", "c": {"d": ()}})
y = (
    json.dumps({"b": 1, "a": [1, {}]}, indent=2, sort_keys=True, ensure_ascii=False),
    json.dumps([1,2], separators=(",", ":")), json.dumps("ü", ensure_ascii=False),
    json.dumps({1: 2, None: 3, True: 4}),
)
z = json.loads(x), json.loads('{"a": [1, 2, {"b": null}]}')["a"][2]["b"], json.loads("1.5"), json.loads("[]")
import datetime
w = (
    json.dumps({"d": datetime.date(2026,1,1), "s": {1}}, default=str),
    json.dumps([datetime.date(2026,1,1)], default=lambda o: o.isoformat()),
)
try:
    json.loads("{bad")
    e = None
except json.JSONDecodeError as err:
    e = str(err)
try:
    json.dumps({1})
    f = None
except TypeError as err:
    f = str(err)
try:
    json.dumps({(1, 2): 3})
    g = None
except TypeError as err:
    g = str(err)
h = (
    json.dumps({(1,2): 3, "a": 1}, skipkeys=True), json.dumps([], indent=4), json.dumps({}, indent=4),
    json.dumps([[], {}], indent="\t"), json.dumps(float("nan")), json.dumps(1e100), json.dumps(10**30),
)
cyc = []
cyc.append(cyc)
try:
    json.dumps(cyc)
    k = None
except ValueError as err:
    k = str(err)
cyc = 1
from collections import OrderedDict, defaultdict, Counter, namedtuple
P = namedtuple("P", "x y")
m = json.dumps([Counter("ab"), defaultdict(int, a=1), P(1, [2])])
""",
    r"""
import json
s = '[{"name": "A", "tags": ["x", "y"], "n": {"z": 1.5}}]'
d = json.loads(s)
d[0]["tags"].append("w")
d.append({"q": None})
a = d[0]["name"], d[0]["tags"], [t.upper() for t in d[0]["tags"]], json.dumps(d), len(d), d[0]["n"]["z"], d[1]
b = (
    json.loads("[NaN, Infinity]")[1], json.loads(' {"a" : "\\u00e9\\n"} '), json.loads('"\\ud83d\\ude00"'),
    json.dumps("😀"), json.dumps("\u2028"),
)
for item in json.loads('[{"i": 1}, {"i": 2}]'):
    last = item["i"]
""",
    r"""
import copy
a = {"x": [1, {"y": 2}], "t": (1, [2])}
b = copy.deepcopy(a)
b["x"][1]["y"] = 9
b["t"][1].append(3)
c = copy.copy(a)
c["x"].append(5)
s = [a]
s.append(s[0])
d = copy.deepcopy(s)
e = d[0] is d[1], d[0] is a
""",
)


@pytest.mark.parametrize("plan", PLANS)
def test_agrees_with_python(plan: str) -> None:
    agree(plan)
