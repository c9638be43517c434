"""What an expression binds (`w := 5`), changes or calls where a secret decides whether it is evaluated. Never deleted.

What was found: a name bound in the condition of an `elif`, in the guard of a `case`, in the type of an `except` or in
the values of a dict comprehension was public where that had not been evaluated. In a lambda, the plan failed there.
What the type of an `except` changes or calls told whether the body had failed.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from textwrap import indent

import pytest

from case_runner import Report
from forecasting import wrong
from ringfence.core.errors import PlanRejected
from test_rich_plans import run
from test_wide_plans import differences

CONSTRUCTS = Path(__file__).with_name("bound_inside.txt").read_text(encoding="ascii").split("\n", 1)[1].split("\n---\n")
BOUND = ["(w := 5)", "(w := w + 5)", "(w := hits[0])"]
START = "hits = [1, 2, 3]\nw = z = y = 0\n"
PLACES = {
    "top": START + "{0}",
    "loop": START + "for i in range(2):\n{1}",
    "try": START + "try:\n{1}except KeyError:\n    pass\n",
    "function": f"def f(s):\n{indent(START, '    ')}{{1}}    return w, str(z)\nw, z = f(s)\n",
    "try in function": f"def f(s):\n{indent(START, '    ')}    try:\n{{2}}    except KeyError:\n        pass\n"
    "    return w, str(z)\nw, z = f(s)\n",
}


def in_python(text: str, secret: int) -> tuple[object, object]:
    names = {"s": secret, "print": lambda *values: None}
    exec(text, names)
    return names["w"], names["z"]


def values(report: Report) -> tuple[object, object]:
    assert (report.outcome, report.error) == ("completed", None)
    return report.variables["w"][0], report.variables["z"][0]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_name_bound_inside_of_an_expression_tells_nothing(construct: str, place: str) -> None:
    for bound in BOUND:
        body = re.sub(r"\bE\b", bound, construct) + "\n"
        text = PLACES[place].format(body, indent(body, "    "), indent(body, "        "))
        reports = [run(text, {"s": secret, "t": 0}, 1) for secret in (0, 1)]
        for secret, report in enumerate(reports):
            bound_to, made = in_python(text, secret)
            assert values(report)[0] == bound_to
            if isinstance(made, (int, str)):
                assert values(report)[1] == made
        assert differences(*reports) == []


OBJECTS = """\
from collections import Counter, deque
hits = [1, 2, 3, 4, 5, 6]
table = {"a": 1, "b": 2}
counts = Counter("ab")
queue = deque([1, 2, 3, 4])
kinds = {1, 2}
steps = iter([5, 6, 7, 8, 9, 5, 5])
lazy = (k for k in [5, 6, 7, 8, 9, 5, 5])
calls = [1, 2]
def called():
    calls.append(7)
    return 5
class Box(BaseModel):
    v: int = 0
box = Box()
def stored():
    box.v = 5
    return 5
grid = [[1], [2]]
w = z = y = 0
"""
READ = """\
sizes = [len(one) for one in (hits, table, queue, kinds, calls, grid[0])]
last = (hits[:1], queue[0], counts["a"], box.v)
ahead = (next(steps, None), next(lazy, None))
"""
CHANGES = """\
(hits.append(4) or 5)
hits.pop()
(hits.sort(reverse=True) or 5)
(hits.clear() or 5)
(lambda: hits.append(5) or 5)()
len(list(map(hits.append, [5]))) + 4
(grid[0].append(5) or 5)
table.setdefault("k", 5)
(table.update(k=5) or 5)
table.pop("a", 5)
(counts.update(a=1) or 5)
queue.popleft()
(queue.rotate(1) or 5)
(kinds.add(9) or 5)
next(steps, 5)
sum(1 for k in steps)
(5 in steps) + 4
len(list(zip(steps, [1]))) + 4
next(lazy, 5)
max(lazy, default=5)
called()
stored()
publish(5)
""".splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_what_an_expression_changes_or_calls_tells_nothing(construct: str) -> None:
    for number, change in enumerate(CHANGES):
        body = re.sub(r"\bE\b", lambda _, change=change: change, construct) + "\n"
        if number % 2:
            body = f"def f(s):\n    w = z = y = 0\n{indent(body, '    ')}    return 1\nf(s)\n"
        one, other = (run(OBJECTS + body + READ, {"s": secret, "t": 0}, 1) for secret in (0, 1))
        assert one.outcome != "rejected" or "a generator expression cannot set" in str(one.diagnostics)
        assert differences(one, other) == [], body


FAILURES = """\
(1 // t)
int("5x"[: 2 - t])
called(t)
(lambda: 5 // t)()
next(k // t for k in (5,))
Small(v=5 - t * 9).v
""".splitlines()
FAILING = """\
hits = [1, 2, 3]
log = []
class Small(BaseModel):
    v: int = Field(ge=0)
def called(k):
    try:
        return 5 // k
    finally:
        log.append(2)
w = z = y = reached = 0
for i in range(2):
    try:
{0}        reached += 1
        hits.append(9)
    except Exception:
        continue
    y += 1
sizes = [len(hits), len(log)]
"""


@pytest.mark.slow
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_what_fails_as_a_secret_says_tells_nothing_beyond_the_try(construct: str) -> None:
    """Whether it is evaluated is public here."""
    for failure in FAILURES:
        body = re.sub(r"\bE\b", lambda _, failure=failure: failure, construct) + "\n"
        for evaluated in (0, 1):
            text = f"s = {evaluated}\n" + FAILING.format(indent(body, "        "))
            reports = [run(text, {"s": 0, "t": secret}, 1) for secret in (0, 1)]
            assert differences(*reports) == [], text


LABELLED = """\
web(1)
(w := web(2))
(put(w) or 5)
(hits.append(web(1)) or 5)
called(vault(2))
next(steps, 5)
max(h, 5)
""".splitlines()
FORESEEN = """\
hits = [1, 2, 3]
kept = [1, 2]
steps = iter([5, 6, 7, 8, 9, 5, 5])
def called(k):
    kept.append(k)
    return 5
w = z = y = 0
def f(s):
    hits2 = 1
    w = z = y = 0
{0}    put(w)
    return z
put(f(s))
put([w, z, hits, kept, len(hits), next(steps, None)])
"""


@pytest.mark.slow
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_what_an_expression_binds_changes_and_calls_is_foreseen(construct: str) -> None:
    for labelled in LABELLED:
        body = re.sub(r"\bE\b", lambda _, labelled=labelled: labelled, construct) + "\n"
        for text in (FORESEEN.format(indent(body, "    ")), FORESEEN.format("") + body + "put([w, z, hits, kept])\n"):
            with suppress(PlanRejected):  # of a name that a generator would bind, or a text in a text
                assert wrong(text) == [], text
