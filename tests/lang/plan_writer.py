"""Writes random plans that are also ordinary Python programs, for tests that compare the two.

Its one rule: whatever it writes ends soon and stays small under CPython, too. Every assignment is capped, every loop is
bounded, and nothing shows the order of a set (the language keeps insertion order, CPython does not).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

PRELUDE = """\
import collections, decimal, functools, itertools, json, math, re, statistics
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import reduce
from typing import NamedTuple
from enum import Enum
class Color(Enum):
    RED = 1
    BLUE = 2
class Point(NamedTuple):
    x: int
    y: int = 5
@dataclass
class Item:
    name: str
    count: int = 0
    tags: list = field(default_factory=list)
class Box(BaseModel):
    size: float = 1.5
    label: str = "box"
def cap(v):
    if isinstance(v, (int, float)):
        return v if -10**9 < v < 10**9 else 7
    return v[:12]
class Lost(Exception):
    pass
class Gone(Lost):
    pass
hits = collections.Counter("aab")
filled = collections.defaultdict(list)
queue = collections.deque([1, 2, 3], maxlen=3)
amount = decimal.Decimal("1.25")
problem = ValueError("first", 2)
log = []
def note(v, out=log):
    out.append(v)
    return v
def kinds(e):
    known = (ValueError, KeyError, IndexError, ZeroDivisionError, ArithmeticError, TypeError, AttributeError, Lost)
    return [isinstance(e, kind) for kind in known]
a, b, c = 3, -2, 7
f = 2.5
s, t = "hello World", "a,b;c 12"
xs = [4, 1, 3]
ys = xs
ws = ["pear", "fig", "Apple"]
d = {"a": 1, "b": 2, "fig": 3}
g = {"k": [1], "m": [2, 3]}
q = {1, 2, 3}
p = (5, 6, 7)
rows = [{"n": "x", "v": 3}, {"n": "y", "v": 1}, {"n": "x", "v": 2}]
it = Item("pen", 2)
pt = Point(1)
box = Box()
day = date(2026, 2, 27)
gen = iter([1, 2])
"""

NUMBERS = ("a", "b", "c", "f")
TEXTS = ("s", "t")
LISTS = ("xs", "ys")
EXCEPTIONS = (
    "ValueError",
    "KeyError",
    "IndexError",
    "ZeroDivisionError",
    "TypeError",
    "LookupError",
    "Exception",
    "Lost",
)

_HOLE = re.compile(r"<([a-z]+)>")


@dataclass
class Writer:
    """One random plan. `names` are the loop and function variables that hold numbers at this place."""

    random: random.Random
    names: list[str] = field(default_factory=list)
    depth: int = 0
    loops: int = 0
    functions: list[str] = field(default_factory=list)
    fresh: int = 0

    def one(self, rules: tuple[str, ...]) -> str:
        return self.random.choice(rules)

    def new(self, stem: str = "v") -> str:
        self.fresh += 1
        return f"{stem}{self.fresh}"

    def fill(self, pattern: str) -> str:
        """Replace each `<kind>` by something of that kind."""
        return _HOLE.sub(lambda hole: getattr(self, hole[1])(), pattern)

    def grow(self, leaves: tuple[str, ...], wider: tuple[str, ...]) -> str:
        if self.depth >= 3 or self.random.random() < 0.3:
            return self.one(leaves)
        self.depth += 1
        text = self.fill(self.one(wider))
        self.depth -= 1
        return text

    # Expressions of a kind

    def n(self) -> str:
        return self.grow(
            (*NUMBERS, *self.names, "0", "1", "2", "-3", "0.5", "len(xs)", "it.count", "pt.x"), _RULES["number"]
        )

    def i(self) -> str:
        """A small integer, as an index."""
        return self.one(("0", "1", "2", "-1", "-2", "5", "a", "len(ws) - 1", *self.names[:1]))

    def b(self) -> str:
        return self.grow(("True", "False", "a > b", "xs is ys", "bool(ws)"), _RULES["truth"])

    def s(self) -> str:
        return self.grow((*TEXTS, "''", "'x'", "'a b'", "'12'", "ws[0]", "it.name", "rows[0]['n']"), _RULES["text"])

    def l(self) -> str:  # noqa: E743  (a kind's name)
        return self.grow((*LISTS, "[]", "[1, 2]", "[0]"), _RULES["list"])

    def w(self) -> str:
        return self.grow(("ws", "['q']", "s.split()", "list(d)"), _RULES["words"])

    def d(self) -> str:
        return self.grow(("d", "{}", "{'a': 0, 'z': 9}"), _RULES["dict"])

    def q(self) -> str:
        return self.grow(("q", "{1}", "set()"), _RULES["set"])

    def p(self) -> str:
        return self.grow(("p", "()", "(1,)"), _RULES["tuple"])

    def r(self) -> str:
        return self.grow(("rows",), _RULES["rows"])

    def any(self) -> str:
        return getattr(self, self.random.choice("nnsblwdpqr"))()

    def shown(self) -> str:
        """Anything that prints alike in both: no sets."""
        return getattr(self, self.random.choice("nsblwdpr"))()

    def v(self) -> str:
        """A fresh name for a comprehension or lambda, in scope for one number expression."""
        return self.one(("u", "w1", "a", "k"))

    def body(self) -> str:
        """A number expression that may use the comprehension's variable."""
        self.names.append("u")
        text = self.n()
        self.names.pop()
        return text

    def test(self) -> str:
        self.names.append("u")
        text = self.b()
        self.names.pop()
        return text

    def call(self) -> str:
        return self.one(tuple(self.functions)) if self.functions else "note"

    def exc(self) -> str:
        return self.one(EXCEPTIONS)

    def sn(self) -> str:
        """A number without quotes, for the inside of an f-string."""
        return self.one((*NUMBERS, *self.names, "len(xs)", "a + 1", "it.count", "xs[0]", "-f", "pt.y * 2", "sum(xs)"))

    def ss(self) -> str:
        """A text without quotes."""
        return self.one((*TEXTS, "it.name", "ws[0]", "s.upper()", "t[1:4]", "str(a)", "box.label"))

    def sl(self) -> str:
        """A container without quotes."""
        return self.one((*LISTS, "p", "ws", "d", "xs[1:]", "g", "rows[0]", "pt", "[a, s]", "(f,)", "Color.RED"))

    def num(self) -> str:
        return self.one(NUMBERS)

    # Statements

    def block(self, level: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            lines += self.statement(level)
        return ["    " + line for line in lines]

    def statement(self, level: int) -> list[str]:
        if level and self.random.random() < 0.45:
            return getattr(self, self.one(COMPOUND))(level - 1)
        simple = _RULES["simple"] if not self.loops else (*_RULES["simple"], "break", "continue", "continue")
        return [self.fill(self.one(simple))]

    def branch(self, level: int) -> list[str]:
        lines = [self.fill("if <b>:"), *self.block(level)]
        if self.random.random() < 0.3:
            lines += [self.fill("elif <b>:"), *self.block(level)]
        return lines + (["else:", *self.block(level)] if self.random.random() < 0.5 else [])

    def each(self, level: int) -> list[str]:
        if self.loops >= 2:
            return self.branch(level)
        name = self.new("i")
        head = self.one(
            (
                f"for {name} in (<l>)[:4]:",
                f"for {name} in range(<i>):",
                f"for {name}, w2 in enumerate((<w>)[:3]):",
                f"for w3, {name} in sorted((<d>).items()):",
                f"for {name} in sorted(<q>)[:3]:",
                f"for {name}, *w4 in [(1, 2, 3), <p> or (4,)]:",
                f"for {name}, w5 in zip(xs[:], <l>):",
                f"for {name} in (u * 2 for u in (<l>)[:3] if <test>):",
                f"for {name} in [r['v'] for r in <r>]:",
            )
        )
        lines = [self.fill(head)]
        self.names.append(name)
        self.loops += 1
        lines += self.block(level)
        self.loops -= 1
        if self.random.random() < 0.3:
            lines += ["else:", *self.block(level)]
        self.names.pop()
        return lines

    def repeat(self, level: int) -> list[str]:
        if self.loops >= 2:
            return self.branch(level)
        name = self.new("k")
        lines = [f"{name} = 0", self.fill(f"while ({name} := {name} + 1) < 4 and (<b>):")]
        self.loops += 1
        lines += self.block(level)
        self.loops -= 1
        return lines + (["else:", *self.block(level)] if self.random.random() < 0.3 else [])

    def guard(self, level: int) -> list[str]:
        lines = ["try:", *self.block(level)]
        kind = self.random.random()
        if kind < 0.85:
            lines += [self.fill(self.one(("except <exc>:", "except (<exc>, <exc>) as e:", "except <exc> as e:")))]
            lines += self.block(level)
            if self.random.random() < 0.3:
                lines += [self.fill("except <exc>:"), *self.block(level)]
            if self.random.random() < 0.3:
                lines += ["else:", *self.block(level)]
        if kind >= 0.6:
            loops, self.loops = self.loops, 0
            lines += ["finally:", *self.block(level)]
            self.loops = loops
        return lines

    def define(self, level: int) -> list[str]:
        name = self.new("fun")
        head, call = self.one_of_functions()
        loops, names, self.loops = self.loops, self.names, 0
        self.names = ["m", "o"]
        lines = [self.fill(f"def {name}{head}:")]
        if self.random.random() < 0.2:
            lines.append(f'    """What {name} does."""')
        functions, self.functions = self.functions, []
        lines += self.block(level)
        lines.append(self.fill("    return <n>") if self.random.random() < 0.8 else "    pass")
        self.functions, self.loops, self.names = functions, loops, names
        result = self.new("res")
        return [*lines, self.fill(f"{result} = {name}{call}")]

    def one_of_functions(self) -> tuple[str, str]:
        return self.random.choice(
            (
                ("(m, o)", "(<n>, <n>)"),
                ("(m, o=1)", "(<n>)"),
                ("(m: int, /, o: int = 2) -> int", "(<n>, o=<n>)"),
                ("(m, *, o=a)", "(o=<n>, m=<n>)"),
                ("(m, *rest, o=0)", "(<n>, *<p>)"),
                ("(m=1, o=2, **more)", "(**{'o': <n>}, z=<n>)"),
                ("(m, o, seen=[])", "(*[<n>, <n>])"),
                ("(m, o)", "(<n>)"),
                ("(m, o=1)", "(<n>, o=<n>, m=<n>)"),
                ("(m, o, /)", "(<n>, o=<n>)"),
            )
        )

    def choose(self, level: int) -> list[str]:
        lines = [self.fill(self.one(("match <any>:", "match <l>:", "match (<n>, <s>):", "match rows[0]:")))]
        for _ in range(self.random.randint(1, 4)):
            lines.append("    " + self.fill(self.one(_RULES["patterns"])))
            lines += ["    " + line for line in self.block(level)]
        return [*lines, "    case _:", *["    " + line for line in self.block(level)]]

    def plan(self, size: int) -> str:
        lines: list[str] = []
        for _ in range(size):
            made = self.statement(2)
            if self.random.random() < 0.7:  # so that most plans run through, and what failed is compared all the same
                made = [
                    "try:",
                    *("    " + line for line in made),
                    "except Exception as failed:",
                    "    note(kinds(failed))",
                ]
            lines += made
        return PRELUDE + "\n".join(lines) + "\n"


def _rules() -> dict[str, tuple[str, ...]]:
    """The rules of each kind, from the file beside this one."""
    found: dict[str, tuple[str, ...]] = {}
    text = (Path(__file__).parent / "plan_rules.txt").read_text(encoding="utf-8")
    for section in re.split(r"^== ", text, flags=re.M)[1:]:
        name, _, lines = section.partition("\n")
        found[name] = tuple(line for line in lines.splitlines() if line)
    return found


_RULES = _rules()
COMPOUND = ("branch", "branch", "each", "each", "repeat", "guard", "guard", "define", "choose")


def plan(source: random.Random) -> str:
    """A random plan."""
    return Writer(source).plan(source.randint(2, 7))
