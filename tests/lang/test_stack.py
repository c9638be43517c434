"""Where a plan runs: in the thread that asks, if its text shows how deep it can go; else on a large stack.

What decides is looked at from both sides: plans that can nest anything without end are never called shallow, and
shallow ones need little whatever their tools give.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from ringfence import lang
from ringfence.core.errors import LimitExceeded, PlanRejected
from ringfence.core.labels import Label
from ringfence.core.values import Value, unsafe_plain, wrap
from ringfence.lang import depth
from ringfence.lang.host import HostCall, Param, Signature, Site

WEB = Label({"tool:web"}, {"user"})
SIGNATURES = {
    name: Signature(name, (Param("x", required=False), Param("y", required=False)), effect="read")
    for name in ("look", "act")
}


def nested(levels: int) -> list[object]:
    found: list[object] = []
    for _ in range(levels):
        found = [found, 1]
    return found


@dataclass
class Host:
    """Notes which thread it is called from, and gives data as deep as the monitor lets through."""

    then: Callable[[], None] | None = None
    threads: list[int] = field(default_factory=list)

    def call(self, call: HostCall) -> Value:
        self.threads.append(threading.get_ident())
        if self.then is not None:
            self.then()
        return wrap(nested(200), WEB)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def compiled(text: str) -> lang.Program:
    return lang.compile(lang.check(lang.parse(text), SIGNATURES))


SHALLOW = [
    "x = 1\n",
    "x = look()\nact(x)\n",
    "found = []\nfor n in range(10):\n    found.append(look(n))\n",
    "xs = [m for m in look() if m]\nxs = sorted(xs, key=lambda m: str(m))\nfor m in xs[:3]:\n    act(m, str(m))\n",
    "def double(n):\n    return n * 2\ny = double(2)\n",
    "def f(n):\n    return n\ndef g(n):\n    return f(n)\ny = g(2)\n",
    "rows = []\nfor m in look():\n    rows.append({'m': m, 'both': [m, m]})\n",
    "d = {}\nfor n in range(3):\n    d[n] = d.get(n, 0) + 1\nact(d)\n",
    "x = [[[1]]]\ny = (x, x)\nanswer(f'{y}')\n",
    "text = ', '.join(str(n) for n in range(3))\n",
    "try:\n    x = look()[3]\nexcept Exception as e:\n    x = str(e)\n",
]

# Each makes something that can be nested as often as a loop or a recursion runs.
DEEP = [
    "x = []\nfor n in range(9):\n    x = [x]\n",
    "x = ()\nfor n in range(9):\n    x = (x, 1)\n",
    "x = {}\nwhile len(x) < 9:\n    x = {'a': x}\n",
    "x = {}\nfor n in range(9):\n    x = dict(a=x)\n",
    "x = []\nfor n in range(9):\n    x.append(x[:])\n",
    "x = []\nfor n in range(9):\n    x.append(x + x)\n",
    "x = []\nfor n in range(9):\n    y = []\n    y.append(x)\n    x = y\n",
    "x = []\nfor n in range(9):\n    y = {}\n    y['a'] = x\n    x = y\n",
    "x = []\nfor n in range(9):\n    y = []\n    y += [x]\n    x = y\n",
    "x = []\nfor n in range(9):\n    y = [0]\n    y[0:1] = [x]\n    x = y\n",
    "x = []\nfor n in range(9):\n    y = {}\n    y.update(a=x)\n    x = y\n",
    "x = []\nfor n in range(9):\n    x = list(zip([x]))\n",
    "x = []\nfor n in range(9):\n    x = list(enumerate([x]))\n",
    "x = [1]\nfor n in range(9):\n    x = [x for y in x]\n",
    "x = [1]\nfor n in range(9):\n    x = (y for y in x)\n",
    "x = [1]\nfor n in range(9):\n    x = map(str, x)\n",
    "x = [1]\nfor n in range(9):\n    x = filter(None, x)\n",
    "x = [1]\nfor n in range(9):\n    x = enumerate(x)\n",
    "x = [1]\nfor n in range(9):\n    x = zip(x)\n",
    "x = [1]\nfor n in range(9):\n    x = iter(x)\n",
    "import itertools\nx = [1]\nfor n in range(9):\n    x = itertools.chain(x, [n])\n",
    "from itertools import chain\nx = [1]\nfor n in range(9):\n    x = chain(x, [n])\n",
    "from functools import reduce\nx = reduce(lambda a, b: [a, b], range(9))\n",
    "import functools\nx = functools.reduce(lambda a, b: (a, b), range(9))\n",
    "from itertools import accumulate\nx = list(accumulate(range(9), lambda a, b: (a, b)))\n",
    "import json\nx = json.loads('[' * 9 + ']' * 9)\n",
    "from collections import ChainMap\nx = ChainMap()\nfor n in range(9):\n    x = x.new_child()\n",
    "from functools import partial\nx = str\nfor n in range(9):\n    x = partial(x)\n",
    "def f(n):\n    return f(n - 1) if n else 0\ny = f(9)\n",
    "def f(n):\n    return g(n)\ndef g(n):\n    return f(n - 1) if n else 0\ny = f(9)\n",
    "f = lambda n: f(n - 1) if n else 0\ny = f(9)\n",
    "def f(g, n):\n    return g(g, n - 1) if n else 0\ny = f(f, 9)\n",
    "fs = []\ndef f(n):\n    return fs[0](n - 1) if n else 0\nfs.append(f)\ny = f(9)\n",
    "def f(n):\n    return sorted([n], key=lambda m: f(m - 1) if m else 0)\ny = f(9)\n",
    "def f(n):\n    return [f(m - 1) for m in [n] if m]\ny = f(9)\n",
    "f = lambda: 0\nfor n in range(9):\n    f = (lambda g: lambda: g())(f)\ny = f()\n",
    "def wrap(g):\n    def inner():\n        return g()\n    return inner\nf = lambda: 0\n"
    "for n in range(9):\n    f = wrap(f)\ny = f()\n",
    "class Box(BaseModel):\n    v: Any\nx = Box(v=1)\nfor n in range(9):\n    x = Box(v=x)\n",
    "from collections import namedtuple\nBox = namedtuple('Box', 'v')\nx = 1\nfor n in range(9):\n    x = Box(x)\n",
    "from collections import namedtuple\nBox = namedtuple('Box', 'f')\ndef f(n):\n"
    "    return box.f(n - 1) if n else 0\nbox = Box(f)\ny = box.f(9)\n",
    "x = None\nfor n in range(9):\n    try:\n        raise ValueError(x)\n    except ValueError as e:\n        x = e\n",
    "from collections import deque\nx = deque()\nfor n in range(9):\n    x = deque([x])\n",
    "from collections import defaultdict\nx = defaultdict(list)\nfor n in range(9):\n    y = defaultdict(list)\n"
    "    y[1].append(x)\n    x = y\n",
    "x = [1]\nfor n in range(9):\n    x = reversed([x])\n",
    "x = 1\nfor n in range(9):\n    match [x]:\n        case y:\n            x = y\n",
    "x = 1\nfor n in range(9):\n    first, *x = 0, x\n",
    "x = 1\ndef f(*args):\n    return args\nfor n in range(9):\n    x = f(x)\n",
    "x = 1\ndef f(**named):\n    return named\nfor n in range(9):\n    x = f(a=x)\n",
    "x = 1\nfor n in range(9):\n    x = (lambda: [x])()\n",
    "x = 1\nfor n in range(9):\n    y = [x := [x]]\n",
]


@pytest.mark.parametrize("text", SHALLOW)
def test_a_plan_whose_text_shows_its_depth_runs_where_it_is_asked_for(text: str) -> None:
    host = Host()
    program = compiled(text + "act(0)\n")
    assert program.shallow
    assert lang.run(program, host).outcome == "completed"
    assert set(host.threads) == {threading.get_ident()}


@pytest.mark.parametrize("text", DEEP)
def test_a_plan_that_can_nest_without_end_is_not_shallow(text: str) -> None:
    host = Host()
    program = compiled(text + "act(0)\n")
    assert not program.shallow
    lang.run(program, host)
    assert threading.get_ident() not in host.threads


def test_a_shallow_plan_may_take_apart_the_deepest_data_that_a_tool_can_give() -> None:
    text = (
        "a = look()\nb = look()\nx = a == b\ny = sorted([a, b]) == [a, b]\nz = f'{a}'\nd = {str(a): a}\nw = a in [b]\n"
    )
    program = compiled(text)
    assert program.shallow
    before = sys.getrecursionlimit()
    assert lang.run(program, Host()).outcome == "completed"
    assert sys.getrecursionlimit() == before


def deeper(levels: int, work: Callable[[], object]) -> object:
    return work() if levels == 0 else deeper(levels - 1, work)


def where(run: Callable[[lang.Program, Host], object]) -> bool:
    """Whether the calls of a shallow plan come from the thread that asked."""
    host = Host()
    run(compiled("act(0)\n"), host)
    return host.threads == [threading.get_ident()]


def test_where_little_of_the_stack_is_left_a_large_one_is_taken() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(2900)
    try:
        assert not where(lambda program, host: deeper(1600, lambda: lang.run(program, host)))
        assert where(lang.run)
    finally:
        sys.setrecursionlimit(before)


def test_where_the_program_allows_itself_deep_recursion_a_large_stack_is_taken() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        assert not where(lang.run)
    finally:
        sys.setrecursionlimit(before)


def test_in_an_event_loop_a_tool_may_start_one_of_its_own() -> None:
    async def inside() -> bool:
        return where(lang.run)

    assert not asyncio.run(inside())
    host = Host(then=lambda: asyncio.run(asyncio.sleep(0)))

    async def ask() -> str:
        return lang.run(compiled("act(0)\n"), host).outcome

    assert asyncio.run(ask()) == "completed"


def test_a_thread_with_a_small_stack_hands_over() -> None:
    found: list[bool] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.append(where(lang.run)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert found == [False]


def test_a_run_inside_a_run_leaves_the_outer_one_its_limits() -> None:
    # The tool of the outer plan runs a plan itself. What the outer one makes afterwards is still counted.
    inner = compiled("act([1] * 1000)\n")
    threads = Host()
    host = Host(then=lambda: None if lang.run(inner, threads).outcome == "completed" else sys.exit())
    program = compiled("act(0)\nx = 'a'\nfor n in range(60):\n    x = x + x[:100000] * 150\n")
    result = lang.run(program, host, limits=lang.Limits(memory=100_000_000))
    assert result.outcome == "limit"
    assert isinstance(result.error, LimitExceeded)
    assert host.threads == [threading.get_ident()]
    assert threads.threads != host.threads  # one shallow run in a thread; the inner one is handed over


def test_an_interrupted_run_gives_the_stack_back() -> None:
    before = sys.getrecursionlimit()

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lang.run(compiled("try:\n    act(0)\nfinally:\n    act(1)\n"), Host(then=interrupt))
    assert sys.getrecursionlimit() == before
    assert where(lang.run)


def test_the_limit_is_that_of_the_program_again_after_runs_that_overlap() -> None:
    before = sys.getrecursionlimit()
    deep, shallow = compiled(DEEP[0] + "act(0)\n"), compiled("act(0)\n")
    seen: list[int] = []

    def inside() -> None:
        lang.run(shallow, Host(then=lambda: seen.append(sys.getrecursionlimit())))

    lang.run(deep, Host(then=inside))
    lang.run(shallow, Host(then=lambda: (lang.run(deep, Host()), seen.append(sys.getrecursionlimit()))[1]))
    assert seen == [depth.RECURSION, depth.RECURSION]
    assert sys.getrecursionlimit() == before


# Statements that move values about; in a loop, some of them nest.

NAMES = st.sampled_from(["a", "b", "c", "fs"])
EXPRESSIONS = st.deferred(
    lambda: st.one_of(
        NAMES,
        st.sampled_from(["1", "[]", "{}", "()"]),
        st.builds("[{}]".format, EXPRESSIONS),
        st.builds("({}, 1)".format, NAMES),
        st.builds("{{'k': {}}}".format, NAMES),
        st.builds("list([{}])".format, NAMES),
        st.builds("{} or {}".format, NAMES, EXPRESSIONS),
        st.builds("[{} for q in range(2)]".format, NAMES),
        st.builds("keep({})".format, NAMES),
        st.builds("(lambda: {})()".format, EXPRESSIONS),
        st.builds("list(zip([{}]))".format, NAMES),
        st.builds("sorted([{}], key=lambda q: 1)".format, NAMES),
        st.builds("look({})".format, NAMES),
        st.builds("[{}][0:1]".format, NAMES),
        st.builds("[{}] + [{}]".format, NAMES, NAMES),
        st.builds("dict(k={})".format, NAMES),
        st.builds("[{}].copy()".format, NAMES),
        st.builds("{{'k': {}}}.get('k')".format, NAMES),
        st.builds("next(iter([{}]))".format, NAMES),
    )
)
STATEMENTS = st.one_of(
    st.builds("{} = {}".format, NAMES, EXPRESSIONS),
    st.builds("fs.append({})".format, EXPRESSIONS),
    st.builds("held['k'] = {}".format, EXPRESSIONS),
    st.builds("{} = held['k']".format, NAMES),
    st.builds("fs += [{}]".format, NAMES),
    st.builds("fs.extend([{}])".format, NAMES),
    st.builds("held.update(k={})".format, NAMES),
    st.builds("{}, *b = [{}, 1]".format, NAMES, EXPRESSIONS),
)
PRELUDE = "a = 1\nb = []\nc = ()\nfs = []\nheld = {'k': 1}\ndef keep(q):\n    return q\n"


def levels(value: object) -> int:
    """How deep plain data are nested; many, if they hold themselves."""
    found, layer = 0, [value]
    while layer and found < 40:
        inner = [part for one in layer if isinstance(one, (list, tuple)) for part in one]
        inner += [part for one in layer if isinstance(one, dict) for part in one.values()]
        layer = inner[:2000]
        found += 1
    return found


@given(st.lists(STATEMENTS, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_nothing_grows_with_the_turns_of_a_loop_in_a_shallow_plan(statements: list[str]) -> None:
    body = "".join(f"    {one}\n" for one in statements)
    text = f"{PRELUDE}for turn in range(TURNS):\n{body}act(a, [b, c, held, fs])\n"
    note(text)
    try:
        program = compiled(text.replace("TURNS", "3"))
    except PlanRejected:
        return
    if not program.shallow:
        return
    depths = []
    for turns in (4, 8):
        seen: list[int] = []
        result = lang.run(compiled(text.replace("TURNS", str(turns))), _Measuring(seen))
        if result.outcome != "completed":
            return
        depths.append(seen[-1])
    assert depths[0] == depths[1]


@dataclass
class _Measuring:
    seen: list[int]

    def call(self, call: HostCall) -> Value:
        self.seen.append(levels([unsafe_plain(value) for value in call.arguments.values()]))
        return wrap([1], WEB)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""
