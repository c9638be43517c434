"""Preparing a plan: what is shared, what is worked out later, and what is refused because it would take too long."""

import ast
import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from ringfence import lang
from ringfence.core.errors import PlanRejected
from ringfence.core.labels import Label
from ringfence.core.values import Value, deep, wrap
from ringfence.lang.analysis import effects
from ringfence.lang.host import Bounds, HostCall, Site
from ringfence.lang.parsing import reader

SECRET = Label({"user"}, {"user"})

BRANCHES = """
log = []
def note(value):
    log.append(value)
for x in [1, 2]:
    if x > 1:
        note(x)
        break
"""


@pytest.mark.parametrize(
    "text",
    [
        "y = []\n" + "x = [a for a in y]\n" * 4001,
        "".join(f"f{n} = lambda: {n}\n" for n in range(4001)),
        "".join(f"def f{n}(): pass\n" for n in range(4001)),
        "".join(f"x{n} = {n}\n" for n in range(8000)) + "z = [a for a in [1]]\n" * 3000,
    ],
)
def test_more_functions_than_python_compiles_in_a_few_seconds_are_refused(text: str) -> None:
    with pytest.raises(PlanRejected) as caught:
        lang.parse(text)
    assert [problem.code for problem in caught.value.diagnostics] == ["E103"]


def test_the_forecast_and_the_program_share_one_analysis() -> None:
    checked = lang.check(lang.parse(BRANCHES), {})
    lang.flows(checked)
    analysis = checked.effects()
    lang.compile(checked)
    assert checked.effects() is analysis


def test_a_region_is_the_same_whoever_asks_first() -> None:
    checked = lang.check(lang.parse(BRANCHES), {})
    one, other = lang.compile(checked), lang.compile(checked)
    for program in (one, other):
        for unit in program.whole.units:
            unit.compiled()
    numbers = range(1, 3)
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda number: one.regions[number], [*numbers] * 8))
    assert asked == [other.regions[number] for number in numbers] * 8
    assert all(region.objects for region in asked)


def test_the_collector_is_as_it_was() -> None:
    for on in (True, False):
        (gc.enable if on else gc.disable)()
        try:
            lang.compile(lang.check(lang.parse(BRANCHES), {}))
            with pytest.raises(PlanRejected):
                lang.parse("x = = 1")
            assert gc.isenabled() is on
        finally:
            gc.enable()


@pytest.mark.parametrize(
    "text",
    [
        "break",
        "if x:\n    continue",
        "return x",
        "for a in x:\n    pass\nelse:\n    break",
        "while x:\n    def f():\n        continue",
        "def f():\n    while x:\n        pass\n    break",
        "def f():\n    def g():\n        return x\nreturn f",
        "for a in x:\n    f = lambda *b, b: a",
        "def f(a, *, b, **a):\n    return a",
        "def f(a, a): pass",
        "f = lambda a, a: a",
        "*a = x",
        "[*a, *b] = x",
        "y = *x",
        "r = [a for *a in x]",
        "print(x, sep='', sep='')",
        "r = [a for a in x if (a := 1)]",
        "r = [a for a in (b := x)]",
        "try:\n    x\nexcept:\n    x\nexcept ValueError:\n    x",
        "match x:\n    case a:\n        x\n    case b:\n        x",
        "match x:\n    case [*a, *b]:\n        x",
        "match x:\n    case a | [b]:\n        x",
        "match x:\n    case {'k': a, 'k': b}:\n        x",
        "from __future__ import braces",
        "from __future__ import annotations",
        "\n".join(f"{'    ' * n}for a{n} in x:" for n in range(21)) + "\n" + "    " * 21 + "x",
        "if x:\n    if x:\n        y = [1, (lambda: [break_ for *break_ in x])]",
        "if x == 0:\n    x\n" + "".join(f"elif x == {n}:\n    x\n" for n in range(12_000)),
    ],
    ids=lambda text: text[:24],
)
def test_what_only_pythons_compiler_notices_is_refused_wherever_it_stands(text: str) -> None:
    for around in ("{}", "if x:\n{}", "for i in x:\n    pass\n{}\ny = 2"):
        inner = text if not around.startswith("if") else "\n".join("    " + line for line in text.splitlines())
        with pytest.raises((SyntaxError, RecursionError, MemoryError)):
            compile("x = [1]\n" + around.format(inner), "<test>", "exec")
        with pytest.raises(PlanRejected) as caught:
            lang.parse("x = [1]\n" + around.format(inner))
        assert {problem.code for problem in caught.value.diagnostics} <= {"E101", "E103", "E206", "E207"}


def test_each_construct_that_python_may_refuse_later_is_known() -> None:
    rules = {*reader.STATEMENTS, *reader.EXPRESSIONS}
    certain, said = set(reader.CERTAIN), set(reader.SAID)
    assert certain | said <= rules
    assert not certain & said
    assert not certain & {ast.For, ast.Starred, ast.NamedExpr, ast.Lambda, ast.FunctionDef, ast.Match}


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("for a in x:\n    if a:\n        break\n    continue\nelse:\n    y = 1", 0),
        ("def f(a, *b, c=1, **d):\n    while a:\n        return b\n    return c", 0),
        ("f = lambda a, b: a\ndef g():\n    def h(a):\n        return a\n    return h", 0),
        ("y = 1\nz = [*x]\ny = 2", 1),
        ("\n".join(f"{' ' * n}for a{n} in x:" for n in range(16)) + "\n" + " " * 16 + "x", 1),
    ],
)
def test_pythons_compiler_looks_at_what_it_may_refuse_and_at_no_more(text: str, doubtful: int) -> None:
    reading = reader.Reader(text)
    tree = reading.python(text, "exec")
    assert isinstance(tree, ast.Module)
    reading.top(tree.body)
    assert len(reading.doubtful) == doubtful


def test_a_large_plan_leaves_the_collector_as_it_was() -> None:
    text = "".join(f"x{n} = [{n}, {n} + 1, {{'k': {n}}}]\n" for n in range(4000))
    frozen = gc.get_freeze_count()
    lang.compile(lang.check(lang.parse(text), {}))
    assert gc.isenabled()
    assert gc.get_freeze_count() == frozen


@pytest.mark.parametrize("count", [1, 30])
def test_a_unit_is_compiled_once_for_all_runs_and_not_before_it_is_reached(count: int) -> None:
    text = (
        "def f(n):\n    return n + 1\nxs = [f(n) for n in range(3)]\nif len(xs) > 5:\n    for x in xs:\n        f(x)\n"
    )
    program = lang.compile(lang.check(lang.parse(text), {}))
    assert all(unit._code is None for unit in program.whole.units)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: lang.run(program, NoHost()), range(count)))
    assert all(result.variables["xs"].items == [1, 2, 3] for result in results)  # type: ignore[attr-defined]
    compiled = [unit._code for unit in program.whole.units]
    assert [code is not None for code in compiled] == [True, True, False]
    lang.run(program, NoHost())
    assert [unit._code for unit in program.whole.units] == compiled


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(lambda: " * 60 + "1" + ")" * 60,
        "x = " + "[a for a in " * 45 + "[1]" + "]" * 45,
        "".join(f"{'    ' * n}try:\n" for n in range(9)) + "    " * 9 + "x = 1\n"
        + "".join(f"{'    ' * n}except ValueError:\n{'    ' * n}    pass\n" for n in range(8, -1, -1)),
    ],
    ids=["lambdas", "comprehensions", "tries"],
)  # fmt: skip
def test_what_python_cannot_compile_is_refused_before_anything_runs(text: str) -> None:
    checked = lang.check(lang.parse(text), {})
    problems: list[str] = []
    program = None
    try:
        program = lang.compile(checked)
    except PlanRejected as error:
        problems = [problem.code for problem in error.diagnostics]
    if program is None:
        assert problems == ["E103"]
    else:
        assert all(unit._code is not None for unit in program.whole.units)
        assert lang.run(program, NoHost()).outcome == "completed"


class NoHost:
    """A host that nobody calls."""

    def call(self, call: HostCall) -> Value:
        raise AssertionError("nothing is called")

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        raise AssertionError("nothing is called")


def test_many_functions_at_one_place_are_one_to_the_analysis_of_a_large_plan() -> None:
    """Each changes what it is given; the one that is called hides in a list, and the condition is labelled."""
    many = "".join(f"def f{n}(held, other=None):\n    held.append({n})\n    return held\n" for n in range(40))
    filler = "".join(f"x{n} = [{n}, [{n}]]\n" for n in range(800))
    names = ", ".join(f"f{n}" for n in range(40))
    text = f"{many}fs = [{names}]\none = []\ntwo = []\n{filler}if secret:\n    kept = fs[3](one)\n    kept.append(1)\n"
    checked = lang.check(lang.parse(text), {}, given={"secret": Bounds(SECRET, SECRET)})
    assert checked.outline.size > effects.PRECISE
    found = lang.run(lang.compile(checked), Quiet(), {"secret": wrap(False, SECRET)})
    assert found.outcome == "completed"
    assert deep(found.variables["one"]) == SECRET  # as it is in the run that does change it
    again = lang.run(lang.compile(checked), Quiet(), {"secret": wrap(True, SECRET)})
    assert deep(again.variables["one"]) == SECRET


class Quiet(NoHost):
    """As that, and a condition may be asked about."""

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""
