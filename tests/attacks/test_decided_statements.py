"""Every kind of statement in every construct in which a secret decides whether it runs. Never deleted.

Nothing public may differ: no name, object, iterator, call or answer. `refuse` is not among the statements: that a plan
ended is out of scope (docs/security-model.md).
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from test_rich_plans import run
from test_wide_plans import differences

CONSTRUCTS, STATEMENTS = (
    part.rstrip("\n").split("\n---\n")
    for part in Path(__file__)
    .with_name("decided_statements.txt")
    .read_text(encoding="ascii")
    .split("\n", 1)[1]
    .split("\n=====\n")
)
START = """\
from collections import Counter, defaultdict
from functools import cache
hits = [1, 2, 3, 4, 5, 6]
d = {"a": 1, "b": 2}
c = Counter("ab")
dd = defaultdict(list)
st = {1, 2}
it = iter([5, 6, 7, 8, 9, 5, 5])
class Bx(BaseModel):
    v: int = 0
bx = Bx()
m = [[1], [2]]
runs = []
@cache
def cache_of(k):
    runs.append(k)
    return k
w = z = y = 0
"""
END = """\
sizes = [len(hits), len(d), c["a"], len(st), len(runs), bx.v, len(m[0]) if isinstance(m[0], list) else 0, len(dd)]
ahead = next(it, None)
first = hits[:1] if isinstance(hits, list) else 0
again = (cache_of(3), len(runs))
publish("end")
"""
PLACES = (
    START + "{0}" + END,
    START + "for i in range(2):\n{1}" + END,
    START + "try:\n{1}except KeyError:\n    pass\n" + END,
    START + "def f(s):\n    w = z = y = 0\n{1}    return 1\nf(s)\n" + END,
    f"def f(s):\n{indent(START, '    ')}{{1}}{indent(END, '    ')}    return sizes, ahead, first, again\nx = f(s)\n",
)


def with_braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}").replace("{{0}}", "{0}").replace("{{1}}", "{1}")


def plans(construct: str) -> list[str]:
    """The construct with each of the statements, in one place after the other."""
    made = []
    for number, statement in enumerate(STATEMENTS):
        body = re.sub(r"^( *)@", lambda at, one=statement: indent(one, at[1]), construct, flags=re.M) + "\n"
        made.append(with_braces(PLACES[number % len(PLACES)]).format(body, indent(body, "    ")))
    return made


@pytest.mark.slow
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_statement_that_a_secret_decides_about_tells_nothing(construct: str) -> None:
    for text in plans(construct):
        one, other = (run(text, {"s": secret, "t": 0}, 1) for secret in (0, 1))
        assert one.outcome != "rejected", (text, one.diagnostics)
        assert differences(one, other) == [], text


def test_the_constructs_decide_whether_or_how_often_a_statement_runs() -> None:
    for construct in CONSTRUCTS:
        text = START + construct.replace("@", "hits.append(5)") + "\n"
        counts = {len(run(text, {"s": secret, "t": 0}, 1).variables["hits"][0]) for secret in (0, 1)}
        assert len(counts) == 2, text
