"""Calls that read overlap, also where one waits for another; what they do looks as if they had been made in order.

The host here has a clock of its own: a call takes one unit of time, and only waiting for one moves the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ringfence import lang
from ringfence.core.errors import PolicyDenied, QuarantineError, ToolError
from ringfence.core.labels import Label
from ringfence.core.values import Value, deep, unsafe_plain, wrap
from ringfence.lang.host import Bounds, HostCall, Param, Signature, Site

PAGE = Label({"tool:fetch"}, {"user"})
URLS = 'us = ["u%d" % n for n in range(6)]\n'
SIGNATURES = {
    "fetch": Signature("fetch", (Param("url"),), effect="read"),
    "size": Signature("size", (Param("text"),), effect="read"),
    "items": Signature("items", (), effect="read"),
    "save": Signature("save", (Param("text"),), effect="write"),
}


class Way:
    """A result on its way."""

    def __init__(self, host: Slow, give: Callable[[], Value]) -> None:
        self.host = host
        self.give = give
        self.end = host.now + 1

    def result(self) -> Value:
        self.host.now = max(self.host.now, self.end)
        return self.give()


class Slow:
    """A host whose reads take one unit of time each. `now`: how much has passed."""

    def __init__(self, fails: str = "", denies: str = "") -> None:
        self.fails = fails
        self.denies = denies
        self.now = 0
        self.calls: list[tuple[int, str, Any, Label]] = []

    def call(self, call: HostCall) -> Any:
        data = call.arguments.get("data", call.arguments.get("url", call.arguments.get("text")))
        plain = unsafe_plain(data)
        said = plain[0] if isinstance(plain, tuple) else plain
        self.calls.append((call.index, call.name, said, call.pc))
        if call.name == self.denies:
            raise PolicyDenied("denied")
        if call.name == "save":
            return None
        label = PAGE.join(deep(data))

        def give() -> Value:
            if self.fails and said == self.fails:
                if call.name == "quarantine":
                    raise QuarantineError("no", label=label)
                raise ToolError(call.name, "no", label=label)
            return wrap([1, 2] if call.name == "items" else f"{call.name} {said}", label)

        return Way(self, give)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied before a branch."""


def ran(text: str, host: Slow) -> Any:
    return lang.run(lang.compile(lang.check(lang.parse(text), SIGNATURES)), host)


READ = "quarantine('sum', {0})"

TWO_ROUNDS = [
    f"x = [{READ.format('fetch(u)')} for u in us]",
    f"p = [fetch(u) for u in us]\nx = [{READ.format('q')} for q in p]",
    f"x = []\nfor u in us:\n    page = fetch(u)\n    x.append({READ.format('page')})",
    f"x = {{}}\nfor u in us:\n    x[u] = {READ.format('fetch(u)')}",
    f"def get(u):\n    page = fetch(u)\n    return {READ.format('page')}\nx = [get(u) for u in us]",
    f"x = list(map(lambda u: {READ.format('fetch(u)')}, us))",
    f"x = [{READ.format('fetch(u)')} if u != 'u9' else '' for u in us]",
    f"x = []\nfor u in us:\n    if u != 'u9':\n        x.append({READ.format('fetch(u)')})",
    f"try:\n    x = [{READ.format('fetch(u)')} for u in us]\nexcept ToolError:\n    x = []",
    "x = [size(fetch(u)) for u in us]",
    "x = quarantine_each('sum', [fetch(u) for u in us])",
    f"x = [{{'u': u, 'read': {READ.format('fetch(u)')}}} for u in us]",
    f"x = []\nn = 0\nwhile n < 6:\n    x.append({READ.format('fetch(us[n])')})\n    n += 1",
    "x = [quarantine('both', fetch(u), fetch(u + '!'), returns=str) for u in us[:3]]",
]


@pytest.mark.parametrize("text", TWO_ROUNDS)
def test_pages_that_are_fetched_and_read_take_as_long_as_the_slowest(text: str) -> None:
    host = Slow()
    made = ran(URLS + text + "\n", host)
    assert made.outcome == "completed"
    assert host.now == 2
    assert [index for index, *_ in sorted(host.calls)] == list(range(len(host.calls)))


def test_three_in_a_row_take_three_rounds() -> None:
    host = Slow()
    assert ran(URLS + "x = [quarantine('sum', size(fetch(u))) for u in us]\n", host).outcome == "completed"
    assert host.now == 3
    numbers = {(name, said): index for index, name, said, _ in host.calls}
    assert numbers[("quarantine", "size fetch u1")] == numbers[("size", "fetch u1")] + 1 == numbers[("fetch", "u1")] + 2


def test_the_result_is_what_it_would_be_one_by_one() -> None:
    host = Slow()
    made = ran(URLS + TWO_ROUNDS[0] + "\n", host)
    assert unsafe_plain(made.variables["x"]) == [f"quarantine fetch u{n}" for n in range(6)]
    assert deep(made.variables["x"]) is PAGE


def test_a_write_waits_for_all_before_it() -> None:
    host = Slow()
    ran(URLS + TWO_ROUNDS[0] + "\nsave('done')\ny = fetch('last')\n", host)
    order = [name for _, name, _, _ in host.calls]
    assert order == ["fetch"] * 6 + ["quarantine"] * 6 + ["save", "fetch"]


def test_what_is_called_is_called_however_the_plan_ends() -> None:
    begun = "q = quarantine('sum', fetch('a'))\n"
    for end in (
        "refuse('no')",
        "x = 1 // 0",
        "try:\n    r = quarantine('x', fetch('b'))\n    1 // 0\nexcept: pass",
        "pass",
    ):
        host = Slow()
        ran(begun + end + "\n", host)
        assert [name for _, name, *_ in host.calls].count("quarantine") == (2 if "r =" in end else 1), end


def test_a_failure_of_what_it_waits_for_is_its_own_and_it_is_not_made() -> None:
    text = "q = quarantine('sum', fetch('a'))\ny = fetch('b')\nv = 0\n"
    for used in ("try:\n    v = len(q)\nexcept ToolError:\n    v = 2\n", "v = len(q)\n"):
        host = Slow(fails="a")
        made = ran(text + used, host)
        assert made.outcome == "failed"  # it is called outside of the `try`, and so fails outside of it too
        assert [(index, name) for index, name, *_ in host.calls] == [(0, "fetch"), (2, "fetch")]


def test_in_a_try_it_is_caught() -> None:
    text = "try:\n    q = quarantine('sum', fetch('a'))\n    v = 1\nexcept {}:\n    v = 2\n"
    for fails, kind in (("a", "ToolError"), ("fetch a", "QuarantineError")):
        made = ran(text.format(kind), Slow(fails=fails))
        assert made.outcome == "completed"
        assert unsafe_plain(made.variables["v"]) == 2
        assert deep(made.variables["v"]) is PAGE
    made = ran(text.format("ToolError"), Slow())
    assert unsafe_plain(made.variables["v"]) == 1
    assert deep(made.variables["v"]) is PAGE  # that it has not failed tells as much


def test_what_the_plan_changes_afterwards_is_not_read() -> None:
    host = Slow()
    text = "xs = items()\nq = quarantine('sum', xs)\nxs.append(3)\nr = quarantine('sum', xs)\n"
    text += "ys = [1]\ns = quarantine('x', ys, fetch('a'))\nys.append(2)\n"
    assert ran(text, host).outcome == "completed"
    assert [said for _, name, said, _ in host.calls if name == "quarantine"] == [[1, 2], [1, 2, 3], [1]]


def test_a_denial_of_what_waited_ends_the_run() -> None:
    for end in ("save('x')", "v = len(q)", "try:\n    v = len(q)\nexcept:\n    v = 1", "pass", "1 // 0"):
        host = Slow(denies="quarantine")
        made = ran(f"q = quarantine('sum', fetch('a'))\ny = fetch('b')\n{end}\nsave('y')\n", host)
        assert made.outcome == "denied"
        assert "save" not in [name for _, name, *_ in host.calls]


def test_it_has_the_label_of_its_place_not_of_where_it_was_waited_for() -> None:
    host = Slow()
    text = "q = quarantine('sum', fetch('a'))\nif len(fetch('b')) > 1:\n    r = quarantine('sum', fetch('c'))\n"
    assert ran(text, host).outcome == "completed"
    places = {said: pc for _, name, said, pc in host.calls if name == "quarantine"}
    assert places["fetch a"] is not PAGE
    assert places["fetch c"] is PAGE


FAILS_IN_TIME = """
def get(u):
    try:
        return fetch(u)
    except ToolError:
        return 'none'
x = get('u1')
---
def get(u):
    try:
        page = fetch(u)
        return page
    except ToolError:
        pass
    return 'none'
x = get('u1')
---
def get(u):
    try:
        fetch(u)
        return 'some'
    except ToolError:
        return 'none'
x = get('u1')
---
x = 'some'
for u in ['u1']:
    try:
        fetch(u)
        break
    except ToolError:
        x = 'none'
---
x = 'some'
for u in ['u1']:
    try:
        fetch(u)
        continue
    except ToolError:
        x = 'none'
---
x = 'none'
def get(u):
    try:
        page = fetch(u)
        try:
            return 'some'
        except ToolError:
            return 'inner'
    except ToolError:
        return 'none'
x = get('u1')
---
x = 'none'
def get(u):
    try:
        page = fetch(u)
        try:
            len(5)
        except TypeError:
            return 'some'
    except ToolError:
        return 'none'
x = get('u1')
---
def get(u):
    try:
        return fetch(u)
    except ToolError:
        return 'none'
    finally:
        len('')
x = get('u1')
""".strip().split("\n---\n")


@pytest.mark.parametrize("text", FAILS_IN_TIME)
def test_a_jump_out_of_a_try_waits_for_what_may_fail_in_it(text: str) -> None:
    """Found: the call came back after the `try` was left, and its failure ended the run."""
    host = Slow(fails="u1")
    made = ran(text + "\n", host)
    assert made.outcome == "completed"
    assert unsafe_plain(made.variables["x"]) == "none"


def test_a_try_does_not_catch_what_was_called_before_it() -> None:
    """Found at random: the write in the `try` waited for the read, whose failure the `try` then took for its own."""
    host = Slow(fails="u1")
    made = ran("x = 'before'\npage = fetch('u1')\ntry:\n    save('a')\nexcept ToolError:\n    x = 'caught'\n", host)
    assert made.outcome == "failed"
    assert [name for _, name, *_ in host.calls] == ["fetch"]


class AtOnce(Slow):
    """The same, but each call is waited for where it is made."""

    def call(self, call: HostCall) -> Any:
        made = super().call(call)
        return made.result() if isinstance(made, Way) else made


ASSIGNED = [
    "x = fetch('bad')\n    y = x",
    "x = fetch('bad')\n    y = x\n    z = y",
    "x = y = fetch('bad')",
    "x = fetch('bad')\n    x = x",
    "if (x := fetch('bad')) is not None:\n        y = x",
    "y = (x := fetch('bad'))",
    "x = fetch('good')\n    y = size(x)\n    z = fetch('bad')\n    x = z",
    "x = fetch('good')\n    y = x\n    z = x\n    x = fetch('bad')\n    y = x",
    "y = x = quarantine('sum', fetch('bad'))\n    z = y",
    "x = [fetch('good'), fetch('bad')]",
    "x = [fetch(u) for u in ['good', 'bad']]\n    y = x",
    "x = [{'u': u, 'page': fetch(u)} for u in ['good', 'bad']]",
    "x = {u: fetch(u) for u in ['good', 'bad']}",
    "x = (1, (2, [fetch('bad')]))",
    "x, y = fetch('good'), fetch('bad')",
    "y = [fetch('good')]\n    y = [fetch('bad')]",
    "xs = [fetch('bad'), fetch('good')]\n    for x in xs:\n        y = x",
    "x = 1\n    for x in (fetch(u) for u in ['good', 'bad']):\n        y = x.upper()",
    "for x in map(fetch, ['good', 'bad', 'good']):\n        y = x.upper()",
    "for x in (fetch(u) for u in ['good', 'bad']):\n        y = x",
    "for x in [fetch('bad'), fetch('good')]:\n        y = x",
    "for x in [fetch('good'), fetch('bad')]:\n        y = x",
    "for x in [1]:\n        for y in [fetch('bad')]:\n            pass",
]


@pytest.mark.parametrize("body", ASSIGNED)
@pytest.mark.parametrize(
    "ending", ["except Exception:\n    z = z + '!'", "except Exception:\n    pass\nfinally:\n    z = z + '!'"]
)
def test_what_failed_has_assigned_nothing(body: str, ending: str) -> None:
    """Variables that share a result on its way each have what they had before, as they would have had one by one."""
    text = f"x = 'x'\ny = 'y'\nz = 'z'\ntry:\n    {body}\n{ending}\n"
    made = [ran(text, host) for host in (AtOnce("bad"), Slow("bad"))]
    plain = [{name: unsafe_plain(value) for name, value in one.variables.items()} for one in made]
    assert plain[0] == plain[1]
    assert [one.outcome for one in made] == ["completed"] * 2


def test_a_list_that_is_filled_outside_of_a_try_does_not_wait() -> None:
    host = Slow()
    ran(URLS + "xs = []\nfor u in us:\n    xs.append(fetch(u))\n", host)
    assert host.now == 1


def test_behind_something_labelled_that_could_have_failed_calls_overlap_as_before_it() -> None:
    """Each was waited for where its name was assigned, for the label of that; the place has it."""
    body = "n = len(p) + 1\n    x = fetch('b')\n    y = fetch('c')"
    text = f"p = fetch('a')\nn = 0\ntry:\n    {body}\nexcept Exception:\n    n = 2\n"
    host = Slow()
    made = ran(text, host)
    assert host.now == 2
    assert [deep(made.variables[name]) for name in "nxy"] == [PAGE] * 3


@pytest.mark.parametrize("use", ["y = x", "y = quarantine('sum', x)", "y = x.upper()", "y = [x]", "y = size(x)"])
@pytest.mark.parametrize("kind", [AtOnce, Slow])
def test_a_result_that_something_labelled_chose_has_that_label_too(use: str, kind: type[Slow]) -> None:
    """Found: one on its way was not seen as such under a label, so that its failure was raised again in the handler."""
    chooses = Label({"tool:chooses"}, {"ann"})
    loop = f"for x in (fetch(u) for u in ['good', 'bad'] if s):\n        {use}"
    text = f"y = 1\ntry:\n    {loop}\nexcept ToolError:\n    pass\n"
    checked = lang.check(lang.parse(text), SIGNATURES, given={"s": Bounds(chooses, chooses)})
    for fails in ("", "bad"):
        made = lang.run(lang.compile(checked), kind(fails), {"s": wrap(1, chooses)})
        assert made.outcome == "completed"
        assert deep(made.variables["x"]).join(chooses) is deep(made.variables["x"])
        assert deep(made.variables["y"]).join(chooses) is deep(made.variables["y"])
