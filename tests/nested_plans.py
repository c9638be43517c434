"""Plans at random of the third kind: functions as values, classes of the plan, records of tools whose fields and rows
have labels of their own, what the quarantined model read, and jumps through several blocks.

`nested_plans.txt` has the rules, `rule_plans.py` reads them. `as_python` is the same plan without secrets and tools,
for a comparison with Python.
"""

from __future__ import annotations

import re
import warnings
from random import Random

from rule_plans import Writer, rules

PRELUDE = """\
import itertools, json, operator
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import asdict, dataclass, field, replace
from enum import Enum, IntEnum
from functools import cache, cmp_to_key, partial, reduce
from operator import attrgetter, itemgetter, methodcaller
from typing import Literal, NamedTuple, TypedDict
class Lost(Exception):
    pass
class Gone(Lost):
    pass
class Level(IntEnum):
    LOW = 1
    HIGH = 2
class Kind(Enum):
    ONE = "one"
    TWO = "two"
@dataclass
class Task:
    name: str = "t"
    v: int = 0
    tags: list = field(default_factory=list)
@dataclass
class Step(Task):
    after: int = 1
@dataclass(frozen=True)
class Key:
    v: int
    w: int = 0
@dataclass(order=True)
class Rank:
    v: int
    of: str = "r"
class Pair(NamedTuple):
    f: int
    g: int = 2
class Note(TypedDict, total=False):
    v: int
    text: str
class Found(BaseModel):
    score: int
    who: str | None = None
    kind: Literal["a", "b"] = "a"
@dataclass
class Person:
    name: str
    team: str
    pay: int
    tags: list
class Box(BaseModel):
    v: int = 0
    items: list[int] = Field(default_factory=list)
xs = [1, 2, 3]
ys = xs
zs = [3, 1]
grid = [[1, 2], [3]]
log = []
held = []
fs = []
memo = {}
table = {"a": [1], "b": [2, 3]}
counts = {"a": 1}
keyed = {Key(1): 1, Key(2): 2}
task = Task("one", 1)
same = task
tasks = [Task("b", 2), task, Step("c", 0)]
rank = Rank(1)
pair = Pair(1)
slip = Note(v=1)
box = Box(v=1)
ends = deque([1, 2])
groups = defaultdict(list)
level = Level.LOW
kind = Kind.ONE
text = "ab"
a = 1
x = y = z = w = k = 0
r = None
chosen = xs
rows = []
def note(v):
    log.append(v)
    return v
def fails(n):
    return [1, 2][n]
def lost(n):
    if n:
        raise Lost("lost", n)
    return n
def fib(n, memo={}):
    if n not in memo:
        memo[n] = n if n < 2 else fib(n - 1) + fib(n - 2)
    return memo[n]
def counter(start=0):
    state = [start]
    def bump(k=1):
        state[0] += k
        return state[0]
    return bump
def composed(f, g):
    return lambda v: f(g(v))
def logged(f):
    def inner(*args, **named):
        log.append(len(args) + len(named))
        return f(*args, **named)
    return inner
def tried(f, n, default=0):
    for _ in range(2):
        try:
            return f(n)
        except (LookupError, ArithmeticError, Lost):
            log.append(n)
            continue
        finally:
            held.append(1)
    return default
def walked(tree, seen=None):
    seen = [] if seen is None else seen
    if isinstance(tree, list):
        for one in tree:
            walked(one, seen)
    else:
        seen.append(tree)
    return seen
def first(items, test=None):
    for one in items:
        if test is None or test(one):
            return one
    return None
def placed(items, v, at=None):
    if at is None:
        items.append(v)
    else:
        items[at] = v
    return items
def moved(one, v):
    one.v = v
    return one
def wide(v=1, *more, w=2, **named):
    return v + w + len(more) + len(named)
bump = counter(1)
again = counter(0)
push = xs.append
handlers = {"add": lambda v: v + 1, "note": note, "bump": bump, "push": zs.append}
@cache
def kept(v):
    return v + 1
"""

RULES = rules("nested_plans.txt")


def plan(random: Random) -> str:
    """One plan. The variables `s` and `t` are given; its tools are those of `sinks`, `readings` and `staff`."""
    while True:
        writer = Writer(random, RULES, careful=0.9, nesting=(0.85, 0.45, 0.25))
        text = PRELUDE + "\n".join([*writer.body(random.randint(2, 4)), *writer.looks(5, guarded=0.6)]) + "\n"
        if is_python(text):  # not every value may stand everywhere: no `:=` in the iterable of a comprehension
            return text


def is_python(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        try:
            compile(text, "random", "exec")
        except SyntaxError:
            return False
    return True


_TOOLS = """\
@dataclass
class Message:
    sender: str
    text: str
    size: int
@dataclass
class Reading:
    score: int
    failed: bool
def people(n=3):
    return [Person(f"p{i}", "xy"[i % 2], (i * 2 + 1) % 4, [i]) for i in range(min(n, 5))]
def messages(n=3):
    return [Message(f"m{i % 2}", "abc"[i % 3] * i, i % 3) for i in range(min(n, 5))]
def profile(n):
    return Person(f"p{n}", "x", n, [n])
def prices(n):
    if n > 2:
        raise RuntimeError("tool")
    return {"tea": n, "ink": 1}
def ask(n):
    if n > 2:
        raise RuntimeError("tool")
    return n + 1
def vault(n):
    return n % 3
def look(v=None):
    return 2
def jot(v):
    log.append(v)
def publish(v):
    log.append(v)
def read_one(instruction, *data, returns=str):
    return Found(score=len(data)) if returns is Found else len(data)
def read_each(instruction, items, returns=int):
    return [Reading(number, number == 1) for number, _ in enumerate(items)]
s = {s}
t = {t}
"""


def as_python(text: str, s: int, t: int) -> str:
    """The plan with functions of its own instead of the tools, which Python can run, too."""
    own = _TOOLS.replace("{s}", str(s)).replace("{t}", str(t))
    body = text.removeprefix(PRELUDE)
    body = re.sub(r"\bquarantine(_each)?\(", lambda found: "read_each(" if found[1] else "read_one(", body)
    return PRELUDE + own + body.replace("ToolError", "RuntimeError").replace("QuarantineError", "RuntimeError")
