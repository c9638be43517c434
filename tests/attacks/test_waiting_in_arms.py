"""Where a failed call is heard of tells what decided whether it was looked at.

In the body of a `try`, a call is on its way and will fail. Each statement looks at its result for one value of a
secret and not for the other, so that the failure comes there or at the end of the body: a call that stands between is
made or not as the secret says. In others nothing is on its way, and a display fails, for what is in it has no hash.
"""

from __future__ import annotations

from typing import Any

import pytest

from ringfence import lang
from ringfence.core.errors import ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value, deep, unsafe_plain, wrap
from ringfence.lang.host import HostCall, Param, Signature, Site

SECRET = Label({"tool:vault"}, {"user"})
SIGNATURES = {
    "secret": Signature("secret", (), effect="read"),
    "look": Signature("look", (Param("x"),), effect="read"),
    "again": Signature("again", (), effect="read"),
}
BEFORE = """
s = secret()
xs = [3, 1]
d = {"k": 1}
flag = 0
log = []
big = [[1]]
same = [[1]]
def g(a):
    return a == 1
try:
    p = look(1)
"""

STATEMENTS = r"""y = s and p == 1
y = s or not p
y = (not p) if s else 0
y = 0 if s else f"{p}"
y = f"{p}" if s else ""
y = s and [p]
y = s and p and 1
y = s and 1 and p is None
y = [p] if s else []
y = s and {1: xs, p: 2}
y = s and {xs}
y = {xs} if s else 0
y = {(1, xs)} if s else 0
y = s and 1 and {xs}
y = s and 1 // 0 and xs
if s:\n    y = p == 1
if s:\n    y = not p
if s:\n    y = f"{p}"
if s:\n    y = 0\nelif p:\n    y = 1
if s:\n    if p:\n        y = 1
if s:\n    y = p
if s:\n    y = [p]
if s:\n    y = (p, 1)
if s:\n    y = {xs}
if s:\n    y = p is None
if s:\n    y = p and 1
if s:\n    y = 1 if p else 2
if s:\n    p
y = [q for q in [1] if s and p]
y = [p for q in [1] if s]
y = [f"{p}" for q in [1] if s]
while s:\n    y = p == 1\n    break
for q in range(s):\n    y = p == 1
for q in range(s):\n    if p:\n        break
match s:\n    case 1:\n        y = p == 1
match s:\n    case 1 if p:\n        y = 1
match [s, p]:\n    case [1, 1]:\n        y = 1
y = (lambda: p == 1)() if s else 0
y = (s == 1) and p == 1
y = s == 1 == p
y = any(p for q in range(s))
y = next((p == 1 for q in range(s)), 0)
assert not s or p
y = {"a": p} if s else 0
y = f"{p if s else 0}"
y = f"{p == 1 if s else 0}"
y = p if s else 0
y = (p if s else 0) == 1
y = (s and p) == 1
y = not (s and p)
y = s and p\nif y:\n    z = 1
y = p if s else 0\nz = [y]
y = p if s else 0\nz = f"{y}"
xs[0] = p if s else 0
d[p if s else 0] = 1
y = xs + [p if s else 0]
y = str(p) if s else ""
y = g(p) if s else 0
y = g(p if s else 0)
(y := p) if s else 0\nz = y == 1 if s else 0
y = s and (big == same) and p""".split("\n")


class Late:
    """A result that is on its way."""

    def __init__(self, value: Value | None) -> None:
        self.value = value

    def result(self) -> Value:
        if self.value is None:
            raise ToolError("look", "failed", label=TRUSTED_PUBLIC)
        return self.value


class Vault:
    """Gives the secret at once, and the result of `look` later, or a failure if that is None."""

    def __init__(self, given: Any, seen: int | None) -> None:
        self.given = given
        self.seen = seen
        self.again = TRUSTED_PUBLIC  # the label of the place of the call that stands between
        self.called = 0

    def call(self, call: HostCall) -> Any:
        if call.name == "again":
            self.called, self.again = 1, call.pc
        return wrap(self.given, SECRET) if call.name == "secret" else Late(self.seen)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def ended(text: str, given: int, seen: int | None) -> dict[str, tuple[Any, Label]]:
    host = Vault(given, seen)
    made = lang.run(lang.compile(lang.check(lang.parse(text), SIGNATURES)), host)
    assert made.outcome == "completed", (made.error, text)
    found = {name: (unsafe_plain(made.variables[name]), deep(made.variables[name])) for name in ("flag", "n")}
    return {**found, "called": (host.called, host.again)}


def differing(text: str, seen: int | None) -> list[str]:
    """What tells one secret from the other, and has another label in one of the runs; a call, where it is made."""
    one, other = ended(text, 0, seen), ended(text, 1, seen)
    return [
        name
        for name in one
        if one[name][0] != other[name][0]
        and not all(SECRET.flows_to(run[name][1]) for run in (one, other) if name != "called" or run[name][0])
    ]


def plan(statement: str) -> str:
    inside = statement.replace("\\n", "\n").replace("\n", "\n    ")
    after = "    r = again()\n    flag = 1\n    log.append(1)\nexcept Exception:\n    pass\nn = len(log)\n"
    return f"{BEFORE}    {inside}\n{after}"


def in_function(text: str) -> str:
    body = "".join(f"    {line}\n" for line in text.splitlines())
    return f"def plan():\n{body}    return flag, n\nflag, n = plan()\n"


@pytest.mark.parametrize("seen", [None, 1])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_where_a_failure_is_heard_of_tells_what_decided_that(statement: str, seen: int | None) -> None:
    assert differing(plan(statement), seen) == []
    assert differing(in_function(plan(statement)), seen) == []


@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_is_on_its_way_is_heard_of_before_a_secret_decides(statement: str) -> None:
    """So the call that stands between is made for neither value of the secret."""
    assert {ended(plan(statement), given, None)["called"][0] for given in (0, 1)} in ({0}, {1})


def test_some_of_them_do_tell_by_values() -> None:
    """That the comparison looks at something: a display that fails for one value of the secret does."""
    found = [ended(plan(one), 0, 1)["flag"][0] != ended(plan(one), 1, 1)["flag"][0] for one in STATEMENTS]
    assert sum(found) > 5


@pytest.mark.parametrize(
    "statement", ["if s:\\n    y = xs", "y = [xs, 1] if s else ''", "y = s and xs and d", "y = xs if s else d"]
)
def test_what_cannot_fail_tells_nothing_while_there_has_been_no_call_on_its_way(statement: str) -> None:
    text = plan(statement).replace("look(1)", "1")
    for given in (0, 1):
        assert ended(text, given, 1)["flag"] == (1, TRUSTED_PUBLIC)
