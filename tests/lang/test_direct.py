"""What is performed without code gives what code gives: outcome, labels, calls, steps, places of failures.

Each plan is compiled twice, and the second time nothing of it is performed from the tree.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import ringfence.lang as lang
from case_execution import execute
from case_runner import Case, read_cases
from lang.as_code import all_as_code
from lang.plan_writer import plan
from lang.test_kernels import BOB, MAIL, OTHER, Serving, result
from ringfence.core.errors import PlanRejected
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.plain import RecordData
from ringfence.core.values import Labeled, Value, wrap
from ringfence.lang.limits import Limits
from test_noninterference import plans, run

ROOT = Path(__file__).parent.parent
FILES = sorted([*ROOT.glob("cases/*.case"), *ROOT.glob("attacks/*.case")])
SETTINGS: dict[str, Any] = {"derandomize": True, "deadline": None, "suppress_health_check": list(HealthCheck)}
# The engine raises the recursion limit of the process, of which hypothesis keeps track.
quiet = pytest.mark.filterwarnings("ignore:The recursion limit will not be reset", "ignore::SyntaxWarning")


@quiet
@settings(max_examples=100, **SETTINGS)
@given(plans, st.integers(0, 4), st.integers(0, 4))
def test_plans_with_secrets_do_the_same(text: str, s: int, t: int) -> None:
    note(text)
    found = run(text, {"s": s, "t": t})
    with all_as_code():
        expected = run(text, {"s": s, "t": t})
    assert found == expected


@quiet
@settings(max_examples=60, **SETTINGS)
@given(st.integers(0, 2**40))
def test_random_plans_do_the_same(seed: int) -> None:
    case = Case(Path("random"), 1, plan(random.Random(seed)))
    note(case.text)
    found = execute(case)
    with all_as_code():
        expected = execute(case)
    assert found == expected


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cases_do_the_same(path: Path) -> None:
    for case in read_cases(path):
        found = execute(case)
        with all_as_code():
            expected = execute(case)
        if path.stem == "limits":  # some of these make values that are too deep to be compared
            assert (found.outcome, found.error) == (expected.outcome, expected.error), case.name
        else:
            assert found == expected, case.name


# Each construct over values with labels of their own


def values() -> Value:
    rows: list[Value] = [
        Labeled(2, MAIL),
        Labeled("name", BOB),
        RecordData("Mail", {"size": Labeled(3, OTHER), "name": "n", "tags": ["a", "b"]}),
        {"k": Labeled(1, BOB), "n": 5},
        Labeled(True, OTHER),
        Labeled([3, 1, 2], BOB),
        0,
    ]
    return wrap(rows, TRUSTED_PUBLIC)


START = "xs = look()\nn, s, m, d, b, ns, zero = xs\nlog = []\nif zero:\n    missing = 1\n"
PLANS = [
    "r = n + 1\nr += n\nr **= 2\nr -= 1",
    "r = -n, +n, ~n, not n, not b, not zero",
    "r = n < 3, 1 < n < m.size < 9, 1 < n < 0 < missing, n in ns, 7 not in ns, n is None, n is not n",
    "r = n and s and m, zero or n or missing, b and zero and missing, zero or log.append(n)",
    "r = s if b else n, (log if zero else missing) if zero else n",
    "r = s.upper().split('A'), s.replace('a', s), sorted(ns, reverse=b), max(n, 1, default=0), len(ns)",
    "r = f'{s}|{n:>{n}}|{m.size!r:<5}|{ns}|{b}'",
    "r = [n, s], (n, s), {n, 1}, {'a': n, 2: s}, {s: n, **d}, {n: 1}, [*ns, n], ()",
    "r = xs[0], d['k'], m.name, ns[n - 1], ns[:n], ns[n:], ns[::n], s[0], d.get('k', 0), d.get(s, n)",
    "r = [x + n for x in ns], {x for x in ns if x > n}, {x: n for x in ns if n if x}, [x for x in ns if zero]",
    "r = [(x, y) for x in ns for y in ns[:x] if y < x], [a for a, _ in [(1, 2)]], [[y for y in ns] for x in ns]",
    "r = sum(x for x in ns), any(x > n for x in ns), ', '.join(str(x) for x in ns), sorted(ns, key=lambda x: -x)",
    "f = lambda x, y=n: x + y\nr = f(1), f(1, 2), f(x=n), [f(x) for x in ns], min(ns, key=f)",
    "r = [y for y in ns if y]\ny = 3\nq = [x for x in ns for y in ns if y]",
    "if b:\n    r = 1\nelse:\n    r = 2\nq = r",
    "if n > 5:\n    r = 1\nelif b:\n    r = 2\n    log.append(r)\nelif missing:\n    r = 3\nelse:\n    q = 4\nw = r",
    "if zero:\n    r = look()\n    for x in ns:\n        q = x\nelse:\n    for x in ns:\n        w = x\nz = x",
    "if b:\n    if n > 1:\n        r = 1\n    else:\n        assert zero\nq = 1",
    "assert b, s\nr = 1",
    "assert not b, s\nr = 1",
    "a, (c, *e) = n, (s, b, ns)\na, c = c, a\nxs[0], d['k'] = s, n\nr = f = [a]\nr.append(1)",
    "d['k'] += n\nd['new'] = s\nns[0] += 1\nns[1:] = [n]\nns += [n]",
    "import math as q, json\nfrom collections import Counter as w\nr = q.floor(2.5), json.dumps(d), w('aab')",
    "g = (x + zero for x in ns)\nr = next(g)\nzero = 10\nq = next(g), list(g), next(g, None)",
    "k = 1\nfs = [lambda: k]\nk = 2\nr = fs[0]()\nfor k in ns:\n    q = fs[0]()\nw = k, fs[0]()",
    "k = 1\ndef f():\n    return k\nfor i in ns:\n    k = i\n    r = f()\nq = f(), k",
    "t = 0\nfor i in ns:\n    t += i\n    if t > 3:\n        1 / zero\nq = t",
    "t = 0\nwhile t < n:\n    t += 1\nelse:\n    q = 1\nr = t, q",
    "for i in ns:\n    w = i\nr = w\nfor i in []:\n    z = i\nq = z",
    "del zero\nr = zero",
    "len = 3\nr = len\ndel len\nq = len",
    "if b:\n    sum = 3\nr = sum",
    "r: int = n\nq: str\nw = q",
    "class A(BaseModel):\n    v: int = 1\nw = A(), A(v=n), A(v=n).v\nr = A()\nr.v += n\nr.v = s\nq = r.v\nA = 0",
    "m.name = s",
    "match n:\n    case 2:\n        r = 1\n    case _:\n        r = 2\nq = r",
    "try:\n    r = 1 // zero\nexcept ZeroDivisionError as e:\n    r = str(e)\nq = r + s",
    "r = (y := n) + y\nq = y\nif (w := n) > 1:\n    y = 3\nz = [v := x for x in ns], v",
    "r = n.missing",
    "r = xs[99]",
    "r = 1 +\\\n    n +\\\n    s",
    "x = look(1)",
    "look(*[])",
    "look(*ns)",
    "look",
    "r = look\nq = r()[0]",
    "quarantine('read', s)",
    "answer(s)\nanswer(n)",
    "print(s, n)\nn",
    "if b:\n    observe(count=len(ns))\nr = 1",
    "refuse(s)",
    "n if b else s",
    "s.upper()",
    "(y := n)",
    "[x * n for x in ns]",
    "r = [x for x in range(40)], [x + n for x in [0] * 40], [m.size for _ in range(20)]",
]


@pytest.mark.parametrize("text", PLANS)
def test_each_construct_does_the_same(text: str) -> None:
    def outcome() -> Any:
        try:
            return result(START + text + "\n", values, Limits(steps=20_000))
        except PlanRejected as error:
            return error.diagnostics

    found = outcome()
    with all_as_code():
        assert found == outcome()


def test_names_are_spelled_as_python_spells_them() -> None:
    text = "ﬁ = 1\nfor x in [1, 2]:\n    ﬁ += x\nr = [ﬁ for x in [1]]\nfi = fi + 1\n"
    found = lang.run(lang.compile(lang.check(lang.parse(text), {})), Serving(lambda: None))
    assert (found.variables["fi"], found.variables["r"].items) == (5, [4])  # type: ignore[attr-defined]
