"""Plans at random from what `wide_plans.py` does not have: exceptions as values, numbers and dates, patterns, counters,
iterators of iterators, every kind of match, and results that are on their way where something fails.

`rich_plans.txt` has the rules, `rule_plans.py` reads them. Most plans run through: what may fail stands in a `try` more
often than not.
"""

from __future__ import annotations

from random import Random

from rule_plans import Writer, rules

PRELUDE = """\
import calendar, itertools, json, math, re, statistics
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace, asdict
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cache, partial, reduce
from itertools import accumulate, tee
from operator import add
from urllib.parse import urlparse
from zoneinfo import ZoneInfo
class Lost(Exception):
    pass
class Gone(Lost):
    pass
class Box(BaseModel):
    v: int = 0
    items: list = []
@dataclass
class Row:
    v: int
    items: list
class Level(Enum):
    LOW = "low"
    HIGH = "high"
xs = [1, 2, 3]
zs = [1]
log = []
held = []
hits = Counter("aab")
filled = defaultdict(list)
queue = deque([1, 2, 3], maxlen=3)
amount = Decimal("1.25")
day = date(2026, 1, 2)
zone = timezone(timedelta(hours=1))
row = Row(1, zs)
box = Box(items=[1])
level = Level.LOW
it = iter([1, 2, 3, 4, 5, 6])
g = (v for v in [1, 2, 3])
found = re.finditer("a", "banana")
part = iter([1, 2])
left, right = tee([1, 2, 3])
groups = itertools.groupby([1, 1, 2])
match_one = re.search("(a)(b)?", "xa")
kinds = (ValueError, KeyError)
problem = ValueError("first", 2)
later = 1
other = 1
a = 1
x = y = z = w = 0
first, others = 0, []
text = "a,b"
mixed_text = text
mixed = 1
fold_case = {"a": 1, "12": 2}
def fails_if(n):
    if n > 1:
        raise Lost("lost", n)
    return n
def raise_if(n):
    if n:
        raise problem
    return 0
def pair(v, w=1):
    return v + w
def keep(*args, **named):
    log.append(len(args) + len(named))
    return len(args)
def hold(v):
    held.append(v)
    return v
def caught(n):
    try:
        return KeyError("none", 2 // n)
    except ZeroDivisionError as error:
        return error
twice = partial(pair, w=2)
@cache
def remembered(v):
    log.append(v)
    return v + 1
ss = "ab" * s
"""
RULES = rules("rich_plans.txt")


def plan(random: Random) -> str:
    """One plan. The variables `s` and `t` are given; its tools are `look`, `publish`, and those of `readings`."""
    writer = Writer(random, RULES)
    return PRELUDE + "\n".join([*writer.body(random.randint(2, 4)), *writer.looks(4, guarded=0.4)]) + "\n"
