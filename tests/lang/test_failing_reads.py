"""What reads in the body of a `try` leave behind if one fails: what they leave where each is waited for at once.

`failing_reads.txt` has what is put somewhere, what is done behind a call that has failed, and whole plans.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lang.test_overlap import AtOnce, Slow, ran
from ringfence.core.values import Value, unsafe_plain

TEXT = (Path(__file__).parent / "failing_reads.txt").read_text(encoding="utf-8")
PARTS = re.split("^== ", TEXT, flags=re.MULTILINE)[1:]
SECTIONS = {part.partition(":")[0]: part.partition("\n")[2].strip("\n") for part in PARTS}
STORED, CHANGES = (SECTIONS[name].replace("\\n", "\0").splitlines() for name in ("stored", "changes"))
PLANS = SECTIONS["plans"].split("\n---\n")
BEFORE = """\
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from functools import cache
from itertools import count
from operator import setitem
@dataclass
class Box:
    v: str
def put(into, u):
    into.append(fetch(u))
def row(u):
    return {'u': u, 'page': fetch(u)}
def pages(us):
    found = []
    for u in us:
        found.append(fetch(u))
    return found
def add_to(into):
    into.append(1)
@cache
def remembered(u):
    return fetch(u)
later = lambda: ['x', fetch('bad')]
box, xs, d, q, y = Box('v'), ['x'], {'k': 'v'}, deque('x'), 'y'
filled, made, z = defaultdict(list), defaultdict(lambda: fetch('bad')), 'z'
a = c = m = f = 'x'
n, unique, counts, it, steps = [1, 2], {1}, Counter('a'), iter([1, 2]), count()
"""
AFTER = """\
shown = [box.v, xs, d, list(q), dict(filled), list(made), y, a, c, str(m), f == 'x', n, unique, dict(counts), list(it)]
shown += [next(steps), z]
"""


def shown(value: Value) -> str:
    return re.sub(" at 0x[0-9a-f]+", "", repr(unsafe_plain(value)))


def ends(text: str) -> list[tuple[Any, ...]]:
    """How a plan ends whose reads are waited for at once, and later: with its variables, its answer and its writes."""
    found: list[tuple[Any, ...]] = []
    for host in (AtOnce("bad"), Slow("bad")):
        made = ran(text, host)
        variables = {name: shown(value) for name, value in made.variables.items()}
        written = [call for call in host.calls if call[1] == "save"]
        found.append((made.outcome, variables, shown(made.answer), written))
    return found


def in_try(body: str) -> str:
    inside = body.replace("\0", "\n")
    return f"{BEFORE}try:\n    {inside}\nexcept Exception:\n    z = z + '!'\n{AFTER}"


@pytest.mark.parametrize("body", [*STORED, *(f"a = fetch('bad')\0    {change}" for change in CHANGES)])
def test_behind_a_call_that_failed_nothing_has_changed(body: str) -> None:
    """Also in objects that a function changes; what was done before it is."""
    one, other = ends(in_try(body))
    assert one == other
    assert (one[0], one[1]["z"]) == ("completed", "'z!'")


@pytest.mark.parametrize("text", PLANS)
def test_a_plan_whose_reads_fail_ends_as_one_by_one(text: str) -> None:
    one, other = ends(text)
    assert one == other
    assert one[0] == "completed"
