"""That something in a `try` has not failed tells of all that could have made it fail.

Each statement fails for one value of a secret and not for the other. What comes after it in the body is reached or not
as the secret says, so that whatever is set there has the secret's label in both runs: also where the statement gives
nothing (`xs.remove(s)`), stores what it computed (`d["k"] += s`), makes an object (`{s}`), or is a call on its way.
"""

from __future__ import annotations

from typing import Any

import pytest

from ringfence import lang
from ringfence.core.errors import ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import RecordData
from ringfence.core.values import Value, label_of, unsafe_plain, unsafe_value, wrap
from ringfence.lang.host import HostCall, Param, Signature, Site

SECRET = Label({"tool:vault"}, {"user"})

BEFORE = """
import json, math, re
from collections import Counter, deque, defaultdict
from datetime import date, datetime
from functools import cmp_to_key
class R(BaseModel):
    a: Any
s = secret()
xs = [3, 1, 2]
d = {"k": 1}
o = R(a=1)
flag = 0
log = []
"""

# A statement, a secret with which it does not fail, and one with which it does.
STATEMENTS: list[tuple[str, Any, Any]] = [
    ("xs[0] += s", 1, "x"),
    ("o.a += s", 1, "x"),
    ("d['k'] -= s", 1, "x"),
    ("xs[0:1] = s", [1], 1),
    ("xs[::2] = s", [1, 2], [1]),
    ("[] = s", [], [1]),
    ("() = s", [], [1]),
    ("a, = s", [1], [1, 2]),
    ("(a, *b) = s", [1], []),
    ("[a, [b]] = [1, s]", [1], [1, 2]),
    ("for x in s:\n        pass", [], 1),
    ("for a, b in s:\n        pass", [], [1]),
    ("for [] in s:\n        pass", [[]], [[1]]),
    ("assert s", 1, 0),
    ("f'{s:d}'", 1, "x"),
    ("f'{1:{s}}'", "d", "q"),
    ("f'{s.a}'", RecordData("R", {"a": 1}), 1),
    ("[x + 1 for x in s]", [1], ["x"]),
    ("[1 for x in xs if x + s]", 1, "x"),
    ("[0 for [] in [s]]", [], [1]),
    ("max(*s)", [1, 2], 1),
    ("sorted([s, 1])", 1, "x"),
    ("xs.remove(s)", 1, 9),
    ("xs.index(s)", 1, 9),
    ("d.update(s)", {}, 1),
    ("xs.extend(s)", [], 1),
    ("s.append(1)", [], 1),
    ("xs.append(s)\n    xs.sort()", 1, "x"),
    ("xs.insert(s, 1)", 1, "x"),
    ("xs.pop(s)", 0, 9),
    ("d.pop(s)", "k", "z"),
    ("del xs[s]", 0, 9),
    ("del d[s]", "k", "z"),
    ("del xs[s:]", 0, "x"),
    ("d[s]", "k", "z"),
    ("xs[s]", 0, 9),
    ("s.a", RecordData("R", {"a": 1}), 1),
    ("-s", 1, "x"),
    ("1 < s < 3", 2, "x"),
    ("0 > s > 'x'", 2, -1),
    ("1 in s", [1], 1),
    ("d[s] = 1", "k", [1]),
    ("{s: 1}", "k", [1]),
    ("{s}", "k", [1]),
    ("{x for x in [s]}", 1, [1]),
    ("{x: 1 for x in [s]}", 1, [1]),
    ("json.loads(s)", "1", "{"),
    ("date.fromisoformat(s)", "2020-01-01", "x"),
    ("int(s)", "1", "x"),
    ("''.join([s])", "x", 1),
    ("math.sqrt(s)", 1, -1),
    ("re.compile(s)", "a", "("),
    ("next(x for x in xs if x == s)", 1, 9),
    ("sum([1, s])", 1, "x"),
    ("sum(x + s for x in xs)", 1, "x"),
    ("any(x < s for x in xs)", 9, "x"),
    ("list(map(lambda x: x + s, xs))", 1, "x"),
    ("max(xs, key=lambda x: x + s)", 1, "x"),
    ("sorted(xs, key=cmp_to_key(lambda a, b: a - b + s))", 1, "x"),
    ("xs.sort(key=cmp_to_key(lambda a, b: s))", 1, "x"),
    ("defaultdict(s)", None, 1),
    ("Counter(a=1) <= Counter(a=s)", 1, "x"),
    ("xs.sort(key=lambda x: x + s)", 1, "x"),
    ("deque(xs, maxlen=s)", 1, "x"),
    ("print(*s)", [1], 1),
    ("Counter(s)", "x", 1),
    ("R(**s)", {"a": 1}, {"b": 1}),
    ("s.upper()", "x", 1),
    ("'%d' % s", 1, "x"),
    ("xs * s", 2, "x"),
    ("if s > 1:\n        pass", 2, "x"),
    ("while s > 1:\n        break", 2, "x"),
    ("match s:\n        case _ if s > 1:\n            pass", 2, "x"),
    ("x = 1 if s > 1 else 2", 2, "x"),
    ("x = 0 or s > 1", 2, "x"),
    ("x = [y for y in s]", [1], 1),
    ("(x := s + 1)", 1, "x"),
    ("def f(a=s + 1):\n        pass", 1, "x"),
    ("(lambda a=s+1: 1)()", 1, "x"),
    ("(lambda: s + 1)()", 1, "x"),
    ("enumerate(s)", [1], 1),
    ("zip(xs, s)", [1], 1),
    ("range(s)", 1, "x"),
    ("range(1, 2, s)", 1, 0),
    ("'abc'[s:]", 1, "x"),
    ("xs[s:]", 1, "x"),
    ("xs[::s]", 1, 0),
    ("date(2020, 1, s)", 1, 99),
    ("d |= s", {}, 1),
    ("xs += s", [], 1),
    ("xs *= s", 1, "x"),
    ("d.setdefault(s, 1)", "k", [1]),
    ("d.get(s)", "k", [1]),
    ("s in d", "k", [1]),
    ("dict(s)", [], 1),
    ("dict(zip(s, xs))", ["a"], [[1]]),
    ("tuple(s)", [], 1),
    ("set(s)", [1], [[1]]),
    ("list(s)", [], 1),
    ("s.decode()", b"a", b"\xff"),
    ("s.encode('ascii')", "a", "é"),
    ("chr(s)", 65, -1),
    ("ord(s)", "a", "ab"),
    ("divmod(1, s)", 1, 0),
    ("1 // s", 1, 0),
    ("pow(2, s, 0 if s else 1)", 0, 1),
    ("round(s)", 1.0, float("inf")),
    ("min(s)", [1], []),
    ("iter(s)", [1], 1),
    ("reversed(s)", [1], 1),
    ("all(x < 5 for x in s)", [1], ["x"]),
    ("len(s)", [1], 1),
    ("abs(s)", 1, "x"),
    ("float(s)", "1", "x"),
    ("sorted(s)", [1], [1, "x"]),
    ("xs[s] += 1", 0, 9),
    ("d[s] += 1", "k", "z"),
    ("xs[0], xs[s] = 1, 2", 0, 9),
    ("[*s]", [1], 1),
    ("(*s,)", [1], 1),
    ("{*s}", [1], 1),
    ("{**s}", {}, 1),
    ("f=xs.remove; f(s)", 1, 9),
    ("list(map(xs.remove, [s]))", 1, 9),
    ("deque(xs).rotate(s)", 1, "x"),
    ("Counter(xs).update(s)", "a", 1),
    ("Counter(xs).subtract(s)", "a", 1),
    ("set(xs).update(s)", [1], 1),
    ("set(xs).add(s)", 1, [1]),
    ("set(xs).discard(s)", 1, [1]),
    ("set(xs).remove(s)", 1, 9),
    ("deque(xs).extend(s)", [], 1),
    ("s.clear()", [], 1),
    ("s.sort()", [], 1),
    ("s.update()", {}, 1),
    ("for k, v in s.items():\n        pass", {}, 1),
]

SIGNATURES = {
    "secret": Signature("secret", (), effect="read"),
    "look": Signature("look", (), effect="read"),
    "send": Signature("send", (Param("x"),), effect="write"),
}


class Late:
    """A result that is on its way."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def result(self) -> Value:
        if isinstance(self.value, BaseException):
            raise self.value
        return self.value


class Vault:
    """Gives the secret, at once or later; a failure is raised where the result would be given."""

    def __init__(self, given: Any, late: bool) -> None:
        self.given = given
        self.late = late
        self.calls: list[tuple[str, Any, Label]] = []

    def call(self, call: HostCall) -> Any:
        plain = {name: unsafe_plain(value) for name, value in call.arguments.items()}
        self.calls.append((call.name, plain, call.pc))
        if call.name == "send":
            return None
        value = self.given if isinstance(self.given, BaseException) else wrap(self.given, SECRET)
        return Late(value) if self.late else Late(value).result()

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def ended(text: str, given: Any, late: bool) -> tuple[dict[str, Value], list[tuple[str, Any, Label]]]:
    host = Vault(given, late)
    made = lang.run(lang.compile(lang.check(lang.parse(text), SIGNATURES)), host)
    assert made.outcome == "completed", made.error
    return dict(made.variables), host.calls


@pytest.mark.parametrize(("statement", "good", "bad"), STATEMENTS, ids=[row[0] for row in STATEMENTS])
def test_what_has_not_failed_tells_of_what_could_have_made_it_fail(statement: str, good: Any, bad: Any) -> None:
    text = f"{BEFORE}try:\n    {statement}\n    flag = 1\n    log.append(1)\nexcept Exception:\n    flag = 2\n"
    text += "n = len(log)\n"
    (one, _), (other, _) = ended(text, good, True), ended(text, bad, True)
    assert (unsafe_value(one["flag"]), unsafe_value(other["flag"])) == (1, 2)
    assert (unsafe_value(one["n"]), unsafe_value(other["n"])) == (1, 0)
    labels = {label_of(found[name]) for found in (one, other) for name in ("flag", "n")}
    assert labels == {SECRET}


CALLS = [
    "flag = 0\ntry:\n    x = look()\n    flag = 1\nexcept Exception:\n    flag = 2\n",
    "flag = 0\ntry:\n    x = look()\n    flag = 1\n    send(1)\n    flag = 3\nexcept Exception:\n    flag = 2\n",
    "def f():\n    y = look()\n    return 1\nflag = 0\ntry:\n    flag = f()\nexcept ToolError:\n    flag = 2\n",
    "flag = 0\nfor i in [1, 2]:\n    try:\n        x = look()\n        flag += 1\n    except:\n        pass\n",
    "flag = 0\ntry:\n    try:\n        x = look()\n    finally:\n        flag += 10\nexcept ToolError:\n    pass\n",
    "log = []\ntry:\n    x = look()\n    log.append(1)\nexcept Exception:\n    log.append(2)\nflag = sum(log)\n",
]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("text", CALLS)
def test_so_does_a_call_wherever_its_result_arrives(text: str, late: bool) -> None:
    failure = ToolError("look", "failed", label=SECRET)
    for given in (1, failure):
        found, calls = ended(text, given, late)
        assert label_of(found["flag"]) is SECRET
        assert [pc for name, _, pc in calls if name == "send"] in ([], [SECRET])


def test_a_variable_that_a_failed_call_did_not_set_tells_of_the_failure() -> None:
    text = "x = 0\ntry:\n    x = look()\n    1 // 0\nexcept Exception:\n    pass\n"
    failure = ToolError("look", "failed", label=SECRET)
    for given in (1, failure):
        found, _ = ended(text, given, True)
        assert label_of(found["x"]) is SECRET


def test_what_cannot_fail_tells_nothing() -> None:
    text = (
        "s = secret()\nxs = [s]\nys = []\nys.extend(xs)\nflag = 0\ntry:\n    xs.append(s)\n    ys.append(1)\n"
        "    t = [s, {'k': s}, (s, s)]\n    flag = 1\nexcept Exception:\n    flag = 2\n"
    )
    found, _ = ended(text, 1, True)
    assert label_of(found["flag"]) is TRUSTED_PUBLIC


def test_quarantined_items_that_cannot_be_read_are_told_in_their_places() -> None:
    text = "flag = 0\ntry:\n    xs = quarantine_each('x', [1, 2])\n    flag = 1\nexcept Exception:\n    flag = 2\n"
    found, _ = ended(text, "read", True)
    assert label_of(found["flag"]) is TRUSTED_PUBLIC
    assert [label_of(part) for part in unsafe_value(found["xs"]).items] == [SECRET] * 2  # type: ignore[attr-defined]
