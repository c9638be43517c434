"""A kernel gives what the runtime's operations give: values, labels, origins, steps, failures.

Each plan is compiled twice, with kernels and without, and run on the same data; everything that a plan could read of
the results is compared. The data are what tools give: one label on all, labels on some parts, all leaves, holes.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import ringfence.lang as lang
from lang.as_code import all_as_code
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.origins import origin_of
from ringfence.core.plain import RecordData
from ringfence.core.values import Dict, Heap, Labeled, List, Origin, Record, Set, Value, element, wrap
from ringfence.lang.codegen import comprehensions, expressions, functions, loops
from ringfence.lang.host import HostCall, Signature, Site
from ringfence.lang.kernels import reductions, running, sequences
from ringfence.lang.limits import Limits

MAIL = Label({"tool:mail"}, {"user"})
BOB = Label({"tool:mail", "email:bob"}, {"user"})
OTHER = Label({"tool:web"})


@contextmanager
def without_kernels() -> Iterator[None]:
    """Plans that are compiled here have no kernels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comprehensions, "comprehension_kernel", lambda *parts: None)
        patch.setattr(functions, "key_kernel", lambda *parts: None)
        patch.setattr(loops, "loop_kernel", lambda *parts: None)
        patch.setattr(expressions, "fusing", lambda *parts: None)
        yield


class Serving:
    """A host with one tool: it gives the data."""

    def __init__(self, data: Callable[[], Value]) -> None:
        self.data = data
        self.foreseen: list[tuple[str, Label]] = []

    def call(self, call: HostCall) -> Value:
        return self.data()

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        self.foreseen.append((name, pc))


def seen(value: Value, known: dict[int, int] | None = None) -> Any:
    """All that a plan can find out about a value, with the label under which it does; an object is told once."""
    known = {} if known is None else known
    raw, label = (value._value, value.label) if type(value) is Labeled else (value, TRUSTED_PUBLIC)
    origin = value.origin if type(value) is Labeled else None
    told = (type(raw).__name__, label, origin_of(value))
    if not isinstance(raw, Heap):
        shown = hex(raw) if type(raw) is int else repr(raw)  # huge ones cannot be written in decimal
        parts = tuple(seen(part, known) for part in raw) if isinstance(raw, tuple) else shown
        return (*told, parts)
    if id(raw) in known:
        return (*told, known[id(raw)])
    known[id(raw)] = len(known)
    inner = label.join(raw.label)
    if isinstance(raw, List):
        return (*told, [seen(element(raw, raw.items, n, inner, origin), known) for n in range(len(raw.items))])
    if isinstance(raw, Dict):
        return (
            *told,
            inner,
            [(repr(k), seen(element(raw, raw.items, k, inner, origin), known)) for k in raw.items],
        )
    if isinstance(raw, Record):
        rows = [(k, seen(element(raw, raw.fields, k, inner, origin), known)) for k in raw.fields]
        return (*told, raw.name, inner, rows)
    return (*told, inner, [repr(key) for key in raw.items]) if isinstance(raw, Set) else (*told, inner)


def result(text: str, data: Callable[[], Value], limits: Limits) -> Any:
    """How a run ends, and everything that it leaves."""
    host = Serving(data)
    signatures = {"look": Signature("look", (), effect="read")}
    made = lang.run(lang.compile(lang.check(lang.parse(text), signatures)), host, limits=limits)
    error = made.error
    told = None if error is None else (error.code, str(error), getattr(error, "label", None), error.span)
    foreseen = list(dict.fromkeys(host.foreseen))  # how often one is asked about tells nothing
    return made.outcome, told, made.steps, foreseen, {name: seen(one) for name, one in made.variables.items()}


def both(text: str, data: Callable[[], Value], limits: Limits | None = None) -> Any:
    """The result with kernels, after it has been compared with that without, and with that of what needs no code."""
    bounds = Limits(steps=20_000) if limits is None else limits
    with without_kernels(), all_as_code():
        expected = result(text, data, bounds)
    with without_kernels():
        assert result(text, data, bounds) == expected
    with all_as_code():
        found = result(text, data, bounds)
    # What stops early goes over all of a generator's elements in a kernel, and counts them.
    lazy = expected[0] != "completed" or any(part in text for part in ("any(", "all(", "ns = ", "try:"))
    # Copies of long texts are counted together.
    assert found[2] >= expected[2] - 20 if lazy else found[2] == expected[2]
    assert (*found[:2], *found[3:]) == (*expected[:2], *expected[3:])
    return found


def used(text: str, data: Callable[[], Value], monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each kernel that was tried in a run, whether it was used."""
    tried: list[bool] = []
    computed = sequences.computed

    def noticed(*args: Any) -> Any:
        found = computed(*args)
        tried.append(found is not None)
        return found

    for module in (reductions, running):
        monkeypatch.setattr(module, "computed", noticed)
    both(text, data)
    return tried


# Plans at random

LEAVES = [0, 1, -3, 7, 2**70, 2**300, True, False, None, 1.5, float("inf"), "", "a", "B c", "Ärger ß", "7", "x" * 5000]
FIELDS = ("a", "b", "c")
METHODS = "upper lower strip title isdigit splitlines".split()


def leaf(rng: random.Random, mixed: bool) -> Any:
    return rng.choice(LEAVES) if mixed else rng.choice([rng.randrange(9), rng.choice("abc"), rng.random() < 0.5])


def elements(rng: random.Random, mode: str) -> list[Any]:
    """Plain data for a list, now and then with parts that have labels of their own."""
    mixed, odd = rng.random() < 0.4, rng.random()
    kinds = [rng.choice(["number", "text", "any"]) for _ in FIELDS]

    def one(kind: str) -> Any:
        if mixed:
            return leaf(rng, True)
        return {"number": rng.randrange(-5, 20), "text": rng.choice(["a", "Bc", "d e", "7"]), "any": leaf(rng, False)}[
            kind
        ]

    def made() -> Any:
        if mode == "leaf":
            part: Any = one(kinds[0])
        else:
            fields = {name: one(kind) for name, kind in zip(FIELDS, kinds, strict=True)}
            if odd < 0.1 and rng.random() < 0.2:
                fields[rng.choice(FIELDS)] = rng.choice([[1], Labeled(3, BOB), Labeled("a", OTHER), {"k": 1}])
            if odd < 0.15 and rng.random() < 0.1:
                del fields[rng.choice(FIELDS)]
            part = RecordData("Mail", fields) if mode == "field" else fields
        if 0.15 < odd < 0.4 and rng.random() < 0.3:
            return Labeled(part, rng.choice([MAIL, BOB] if odd < 0.3 else [OTHER, MAIL]))
        return part

    return [made() for _ in range(rng.randrange(0, 7))]


def data_for(rng: random.Random, mode: str) -> Callable[[], Value]:
    seed, label = rng.getrandbits(32), rng.choice([MAIL, BOB, TRUSTED_PUBLIC])
    origin = rng.choice([None, Origin(0), Origin(3, ("list",))])
    return lambda: wrap(elements(random.Random(seed), mode), label, origin)


def scalar(rng: random.Random, mode: str, depth: int = 3) -> str:
    """An expression over the element `x`, mostly of what kernels are made of."""
    if depth == 0 or rng.random() < 0.25:
        read = {"leaf": "x", "field": f"x.{rng.choice(FIELDS)}", "item": f"x[{rng.choice(FIELDS)!r}]"}[mode]
        if mode == "item" and rng.random() < 0.3:
            read = f"x.get({rng.choice((*FIELDS, 'd'))!r}{rng.choice(['', ', 0', ', None'])})"
        return rng.choice([read, read, read, "y", "z", "(1)", "(2.5)", "'a'", "None", "(3)", "(-1)"])

    def inner() -> str:
        return scalar(rng, mode, depth - 1)

    shapes = [
        lambda: f"({inner()} {rng.choice(['+', '-', '*', '/', '//', '%', '+'])} {inner()})",
        lambda: f"({inner()} {rng.choice(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'])} {inner()})",
        lambda: f"({inner()} < {inner()} <= {inner()})",
        lambda: f"({inner()} {rng.choice(['and', 'or'])} {inner()})",
        lambda: f"({inner()} if {inner()} else {inner()})",
        lambda: f"(not {inner()})",
        lambda: f"(-{inner()})",
        lambda: f"({inner()} is {rng.choice(['', 'not '])}None)",
        lambda: f"({inner()} in ('a', 7, None))",
        lambda: f"{inner()}.{rng.choice(METHODS)}()",
        lambda: f"{inner()}.{rng.choice(['startswith', 'find', 'strip', 'count'])}({inner()})",
        lambda: f"{inner()}.replace('a', 'bb')",
        lambda: f"{inner()}.split({rng.choice(['', repr(' ')])})[{rng.choice(['0', '-1', '2'])}]",
        lambda: f"{inner()}[{rng.choice(['0', '1:', '-1', ':2', '::2'])}]",
        lambda: f"{rng.choice(['len', 'int', 'str', 'float', 'abs'])}({inner()})",
        lambda: 'f"{{x}} é{' + scalar(rng, mode, 0) + "}<{" + scalar(rng, mode, 0) + ':>5}"',
        lambda: f"str({inner()}) + 'é\\n{{}}'",
        lambda: f"round({inner()})",
    ]
    return rng.choice(shapes)()


def loop(rng: random.Random, mode: str, piece: Callable[[], str]) -> str:
    """A loop of the kind that adds to something, now and then to what it goes over."""
    start = rng.choice(
        ["{}", "{'a': 1, 2: 5}", "{'a': len(xs), 'Bc': 'no'}", "Counter('aab')", "defaultdict(int)", "[]", "[1]", "xs"]
    )
    start = rng.choice([start, "0", "2.5", "len(xs)", "True", "'a'"])
    key = scalar(rng, mode, 1)
    bodies = {
        "[": [f"r.append({piece()})", "r.append(x)"],
        "{": [f"r[{key}] = r.get({key}, 0) + {scalar(rng, mode)}", f"r[{key}] += {scalar(rng, mode)}"],
    }
    many = "{" if start[0] in "{CD" or start.startswith("default") else "["
    body = rng.choice([*bodies[many], f"r += {scalar(rng, mode, 2)}", *bodies[rng.choice("[{")]])
    for _ in range(rng.choice([0, 0, 1, 2])):
        body = f"if {scalar(rng, mode, 2)}:\n" + "\n".join("    " + line for line in body.splitlines())
    lines = "\n".join("    " + line for line in body.splitlines())
    imported = "from collections import Counter, defaultdict\n" if "(" in start else ""
    end = rng.choice(["", "\nx = x", f"\nfor x in {rng.choice(['xs', 'range(3)', '[1, 2]'])}:\n{lines}"])
    return f"{imported}r = {start}\nfor x in xs:\n{lines}{end}"


def plan(rng: random.Random, mode: str) -> str:
    whole = {"leaf": ["x"], "field": ["x", "x.a", "x.b"], "item": ["x", "x['a']", "x['b']"]}[mode]

    def piece() -> str:
        return rng.choice(whole) if rng.random() < 0.3 else scalar(rng, mode)

    condition = f" if {scalar(rng, mode)}" if rng.random() < 0.6 else ""
    condition += f" if {scalar(rng, mode, 1)}" if rng.random() < 0.1 else ""
    over = f"for x in xs{condition}"
    forms = [
        f"r = [{piece()} {over}]",
        f"r = [{piece()} {over}]\nq = [x for x in r]\nr.append(1)",
        f"r = {{{scalar(rng, mode)} {over}}}",
        f"r = {{{scalar(rng, mode)}: {piece()} {over}}}",
        f"r = sum({piece()} {over})",
        f"r = {rng.choice(['any', 'all', 'list', 'set', 'max', 'min', 'sorted', 'tuple'])}({piece()} {over})",
        f"r = ', '.join({piece()} {over})",
        f"r = sorted(xs, key=lambda x: {scalar(rng, mode)}, reverse={rng.choice(['True', 'False', 'y'])})",
        f"r = {rng.choice(['max', 'min'])}(xs, key=lambda x: {scalar(rng, mode)})",
        f"r = {rng.choice(['sorted', 'max', 'sum', 'set', 'len'])}(xs)",
        f"r = list(xs)\nr.sort(key=lambda x: {piece()})",
        f"r = [x for x in xs]\nr = [{piece()} {over.replace('xs', 'r')}]",
        *(loop(rng, mode, piece) for _ in range(8)),
    ]
    form = rng.choice(forms)
    if rng.random() < 0.4:
        form = watched(rng, form)
    first = rng.choice(["y = 2", "y = 'a'", "y = len(xs)", "y = [1]"]) + "\n"
    return f"xs = look()\n{first}z = {rng.choice(['1', repr('b'), 'None', 'len(look())'])}\n{form}\n"


def watched(rng: random.Random, form: str) -> str:
    """The same in a `try`, beside one, or in a function that is called in one."""
    inside = "\n".join("    " + line for line in form.splitlines())
    if rng.random() < 0.2:
        return f"try:\n    z = z + 0\nexcept TypeError:\n    z = 1\n{form}"
    if rng.random() < 0.2:
        return f"def f(y, z):\n    r = 0\n{inside}\n    return r\ntry:\n    r = f(y, z)\nexcept Exception:\n    r = 5"
    after = rng.choice(["v = 1", "v = [y]", "xs.append(1)", "look()"])
    ending = rng.choice(["except Exception:\n    v = 2", "except ValueError:\n    v = 3", "finally:\n    w = 4"])
    before = rng.choice(["", "    v = 0\n", "    z = z + 1\n"])
    return f"v = 9\ntry:\n{before}{inside}\n    {after}\n{ending}"


def chosen(seed: int) -> tuple[str, Callable[[], Value]]:
    """A plan, and what its tool gives."""
    rng = random.Random(seed)
    mode = rng.choice(["leaf", "field", "item"])
    return plan(rng, mode), data_for(rng, mode)


# The engine raises the recursion limit of the process, of which hypothesis keeps track.
@pytest.mark.filterwarnings("ignore:The recursion limit will not be reset", "ignore::SyntaxWarning")
@settings(max_examples=300, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**40))
def test_a_kernel_gives_what_the_operations_give(seed: int) -> None:
    text, data = chosen(seed)
    note(text)
    both(text, data)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("part", range(8))
def test_so_do_many_more(part: int) -> None:
    for seed in range(part * 500, part * 500 + 500):
        both(*chosen(seed))


# Operators on numbers


NUMBERS = [0, 1, 2, -7, 5, 10**6, 2**255, 2**256, 2**4000, True, 0.5, -1e308, float("nan"), "ab", None, (1,), [1, 2]]


def numeric(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(
            ["a", "b", "c", "d", "n", "1", "3", "0", "2.5", "xs[0]", "f(n)", "len(xs)", "(-a)", "missing"]
        )
    one, other = numeric(rng, depth - 1), numeric(rng, depth - 1)
    return f"({one} {rng.choice(['+', '-', '*', '//', '%', '/', '+', '*', '<', '==', '**'])} {other})"


def calculation(seed: int) -> tuple[str, Callable[[], Value]]:
    """A loop that computes, and what its tool gives: values with labels of their own."""
    rng = random.Random(seed)
    steady = rng.random() < 0.6
    values = [
        (rng.randrange(1, 9) if steady else rng.choice(NUMBERS), rng.choice([MAIL, BOB, OTHER, None])) for _ in "abcd"
    ]
    over = rng.choice(["range(3)", "range(len(xs))", "xs"])
    use = rng.choice(
        ["a = {0}", "a += {0}", "if {0}:\n        b = {1}", "b = [{0}, {1}]", "while {0} and c < 3:\n        c = c + 1"]
    )
    body = use.format(numeric(rng, 3), numeric(rng, 2))
    text = (
        f"def f(n):\n    return {numeric(rng, 2).replace('f(n)', 'n')}\nxs = look()\na = xs[0]\nb = xs[1]\nc = xs[2]\n"
    )
    text += f"d = xs[3]\nfor n in {over}:\n    {body}\n    if n == 2:\n        missing = 1\n    c = c + n * 2\n"

    def data() -> Value:
        fresh = copy.deepcopy([part for part, _ in values])
        rows = [part if one[1] is None else Labeled(part, one[1]) for part, one in zip(fresh, values, strict=True)]
        return wrap(rows, TRUSTED_PUBLIC)

    return text, data


@pytest.mark.filterwarnings("ignore:The recursion limit will not be reset", "ignore::SyntaxWarning")
@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**40))
def test_operators_at_once_give_what_they_give_one_by_one(seed: int) -> None:
    text, data = calculation(seed)
    note(text)
    both(text, data, Limits(steps=20_000))


@pytest.mark.parametrize(
    "text",
    [
        "for n in range(40):\n    x = x * x + 1",
        "for n in range(40):\n    x = s * x + s",
        "for n in range(3):\n    s = s % x % x",
        "while x:\n    x = x + x * x",
    ],
)
def test_operators_at_once_keep_the_limits(text: str) -> None:
    both(f"x = 1000000000\ns = '%1000000000d'\n{text}\n", mails(), Limits(steps=20_000))


def test_what_can_fail_is_evaluated_in_its_order() -> None:
    text = "def f(n):\n    log.append(n)\n    return n\nlog = []\nfor n in [1]:\n    x = n // 0 + f(n) * 2\n"
    assert both(text, mails())[1][1].startswith("ZeroDivisionError")
    both(text.replace("n // 0 + f(n) * 2", "f(n) + (n := 5) * n"), mails())
    both(text.replace("n // 0 + f(n) * 2", "n + f(n) // 0"), mails())


# Where kernels are used, and where not

RECORDS = [{"name": f"n{n}", "size": n, "read": n % 2 == 0} for n in range(5)]


def mails(label: Label = MAIL, origin: Origin | None = None, more: list[Any] | None = None) -> Callable[[], Value]:
    rows: list[Any] = [RecordData("Mail", dict(row)) for row in RECORDS]
    return lambda: wrap([*rows, *([] if more is None else more)], label, origin)


# A part of a list that has the label of the list need not hold it, too: whoever reads it there joins it

MADE = [
    "[m for m in xs if m.read]",
    "sorted(xs, key=lambda m: m.name)",
    "xs[1:]",
    "sorted(xs[1:], key=lambda m: m.size)[:2]",
]
READ = [
    "v = r[0].name",
    "v = r.pop().name",
    "for v in r:\n    pass",
    "v, *w = r",
    "w = [*r, 1]\nv = w[0]",
    "w = [1] + r\nv = w[1]",
    "w = []\nw.extend(r)\nv = w[0]",
    "w = [1]\nw[0:1] = r\nv = w[0]",
    "v = next(iter(r))",
    "v = list(zip(r, [1]))[0][0]",
    "v = dict(enumerate(r))[0]",
    "w = r.copy()\nr.clear()\nv = w[0]",
    "v = max(r, key=lambda m: m.size).size",
    "def f(a, *b):\n    return a\nv = f(*r)",
    "v = [m.name for m in r][0]",
    "v = str(r)",
    "v = tuple(r)[0]",
    "v = list(reversed(r))[0]",
    "v = r[0] in xs",
    "from collections import deque\nv = deque(r).popleft()",
    "v = {'a': r}['a'][0]",
    "v = None\nfor m in xs:\n    if m.read:\n        v = m",
]


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("read", READ)
@pytest.mark.parametrize("origin", [None, Origin(0)])
def test_what_is_read_of_a_list_has_its_label(made: str, read: str, origin: Origin | None) -> None:
    outcome, _, _, _, variables = both(f"xs = look()\nr = {made}\n{read}\n", mails(origin=origin))
    assert (outcome, variables["v"][1]) == ("completed", MAIL)


@pytest.mark.parametrize("made", MADE)
def test_what_is_read_of_a_list_is_the_part_itself(made: str) -> None:
    found = both(f"xs = look()\nr = {made}\nv = any(r[0] is m for m in xs)\n", mails())[4]
    assert found["v"][3] == "True"


@pytest.mark.parametrize(
    "text",
    [
        "r = [m for m in look() if m.read]",
        "r = [m.name for m in look()]",
        "r = [m.name.upper() + '!' for m in look() if m.size > 2 and not m.read]",
        "top = 2\nr = [m.size * top for m in look() if m.size < top or m.name in ('n3', 'n4')]",
        "r = {m.name for m in look()}",
        "r = {m.name: m for m in look()}",
        "r = sum(m.size for m in look() if m.read)",
        "r = ', '.join(f'{m.name}: {m.size:>3}' for m in look())",
        "r = sorted(look(), key=lambda m: -m.size)",
        "r = [n * n for n in range(100) if n % 3 == 0]",
        "r = {}\nfor m in look():\n    r[m.name] = r.get(m.name, 0) + m.size",
        "r = {}\nfor m in look():\n    if m.read:\n        r[m.size % 2] = r.get(m.size % 2, 0) + 1",
        "r = 0\nfor m in look():\n    r += m.size",
        "r = []\nfor m in look():\n    if m.read and m.size > 1:\n        r.append(m)",
        "from collections import defaultdict\nr = defaultdict(int)\nfor m in look():\n    r[m.read] += m.size",
        "def f(limit):\n    return [m for m in look() if m.size > limit]\nr = f(2)",
    ],
)
@pytest.mark.parametrize("origin", [None, Origin(0)])
def test_what_models_write_has_a_kernel(text: str, origin: Origin | None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert used(text + "\n", mails(origin=origin), monkeypatch) == [True]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("r = [m.name for m in look()]", [Labeled(RecordData("Mail", {"name": "x"}), OTHER)]),
        ("r = [m.name for m in look()]", [RecordData("Mail", {"name": Labeled("x", BOB)})]),
        ("r = [m.name for m in look()]", [RecordData("Mail", {"name": ["x"]})]),
        ("r = [m.name for m in look()]", [RecordData("Mail", {})]),
        ("r = [m.name for m in look()]", [{"name": "x"}]),
        ("r = [m.size * 2 for m in look()]", [RecordData("Mail", {"size": 2**300})]),
        ("r = [m.size * 2 for m in look()]", [RecordData("Mail", {"size": "ab"})]),
        ("r = [m.name % 2 for m in look()]", []),
        ("r = [m.name + '!' for m in look()]", [RecordData("Mail", {"name": "x" * 5000})]),
        ("r = [100 // m.size for m in look()]", []),
        ("secret = look()[0].size\nr = [m.size + secret for m in look()]", [Labeled(1, MAIL)]),
    ],
)
def test_what_is_not_uniform_is_left_to_the_operations(
    text: str, more: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert used(text + "\n", mails(more=more), monkeypatch) == [False]


def test_a_variable_with_another_label_is_left_to_the_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    data = iter([wrap(3, OTHER), mails()()] * 3)
    assert used(
        "limit = look()\nr = [m.name for m in look() if m.size > limit]\n", lambda: next(data), monkeypatch
    ) == [False]


@pytest.mark.parametrize(
    "text",
    [
        "r = [w + w + w for w in xs]",
        "r = [f'{w}{w}' for w in xs]",
        "r = [w * 1000000000 for w in xs]",
        "r = ['%1000000000d' % n for n in range(9)]",
        "r = [n * n * n * n * n * n * n * n * n * n * n * n * n * n * n * n * n * n for n in ns]",
        "r = [w.replace('', w) for w in xs]",
        "r = [w.replace('x', '" + "y" * 4000 + "') for w in xs]",
        "r = ['{:>1000000000}'.format(w) for w in xs]",
        "r = [f'{w:>99999}' for w in xs]",
        "r = [n for n in range(10 ** 30)]",
        "r = [n for n in range(10 ** 8)]",
        "r = sum(1 for n in range(10 ** 12) if n > 0)",
        "r = [" + " + ".join(["w"] * 70) + " for w in xs]",
        "r = [" + ".upper()" * 0 + "w" + ".upper()" * 40 + " for w in xs]",
    ],
)
def test_bombs_end_as_they_do_without_kernels(text: str) -> None:
    plan = "xs = look()\nns = [n for n in [2 ** 200, 3]]\n" + text + "\n"
    both(plan, lambda: wrap(["x" * 4000] * 3, MAIL), Limits(steps=20_000))


@pytest.mark.parametrize(
    "text", ["r = [m.name or 'none' for m in look()]", "r = {1: m.name if m.size else '' for m in look()}"]
)
def test_what_may_be_untouched_keeps_its_origin(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert used(text + "\n", mails(origin=Origin(0)), monkeypatch) == []


def test_steps_count_in_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "r = [n for n in range(5000) if n > 1]\n"
    assert result(text, mails(), Limits(steps=5100))[0] == "completed"
    assert result(text, mails(), Limits(steps=4900))[0] == "limit"
    assert used(text, mails(), monkeypatch) == [True]


def test_code_under_a_private_condition_is_decided_about_as_without_kernels() -> None:
    found = both("r = [m.name for m in look() if m.size > 1]\n", mails())
    assert found[3] == [("look", MAIL)]


def test_a_name_that_hides_a_builtin_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert used("r = [len for len in look() if len.size]\n", mails(), monkeypatch) == [True]
    both("def len(x):\n    return 1\nr = [m for m in look() if len(m.name) > 1]\n", mails())
    both("r = [len(len) for len in ['a']]\n", mails())
    both("sum = sorted\nr = sum(m.size for m in look())\n", mails())


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    r = [m.size for m in look()]\nexcept ValueError:\n    r = 1\n",
        "try:\n    r = 1\nexcept ValueError:\n    r = 1\nr = [m.size for m in look()]\n",
        "r = 0\ntry:\n    for m in look():\n        r += m.size\nexcept ValueError:\n    r = 1\n",
        "r = {}\ntry:\n    for m in look():\n        r[m.name] = r.get(m.name, 0) + m.size\nfinally:\n    v = 1\n",
        "try:\n    r = sorted(look(), key=lambda m: m.size)\nexcept ValueError:\n    r = 1\n",
        "def f(ms):\n    return [m.name for m in ms]\ntry:\n    r = f(look())\nexcept TypeError:\n    r = []\n",
        "try:\n    r = sum(m.size for m in look() if m.read)\nexcept TypeError:\n    r = 0\n",
    ],
)
def test_where_failures_are_watched_there_are_kernels_too(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert used(text, mails(), monkeypatch) == [True]


def test_what_fails_in_a_kernel_fails_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "r = []\ntry:\n    for m in look():\n        r.append(10 // (m.size - 2))\nexcept ArithmeticError:\n    v = 1\n"
    )
    assert used(text, mails(), monkeypatch) == [False]


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("s = 'a' * 15000000\nfor i in range(10):\n    t = s + 'b'\n", 10_000),
        ("s = [1] * 1900000\nfor i in range(10):\n    t = s + [1]\n", 200_000),
        ("s = (1,) * 1900000\nfor i in range(10):\n    t = s[1:]\n", 200_000),
        ("s = [1] * 300000\nfor i in range(3):\n    t = s == s\n", 200_000),
        ("s = [(1,) * 300000, (1,) * 300000]\nfor i in range(2):\n    t = s[0] < s[1]\n", 500_000),
        ("s = sorted(range(20000), key=lambda x: (x % 7, x))\n", 200_000),
        ("x = 7 ** 100000\nfor i in range(10):\n    y = x // (x >> 140000)\n", 8_000),
    ],
)
def test_operations_on_large_values_take_steps_in_proportion(text: str, least: int) -> None:
    made = lang.run(lang.compile(lang.check(lang.parse(text), {})), Serving(mails()))
    assert made.outcome == "completed"
    assert made.steps >= least


def test_rounding_to_a_place_that_no_number_has_takes_no_time() -> None:
    made = lang.run(
        lang.compile(lang.check(lang.parse("x = round(5, -10 ** 9)\ny = round(-5, -1)\n"), {})), Serving(mails())
    )
    assert (made.variables["x"], made.variables["y"]) == (0, 0)
