"""What a planner writes out of habit is refused with what to write instead."""

import pytest

from ringfence import lang
from ringfence.core.errors import PlanRejected
from ringfence.lang import habits
from ringfence.lang.running.runtime import NAMES, modules


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("x = null", "for `null` write None"),
        ("items = []\nitems.push(1)", "for x.push write x.append(y)"),
        ("x = 'a'.includes('b')", "for x.includes write y in x"),
        ("import requests", "files, programs and the network are reached by tools only"),
        ("x = 1 && 2", "write `and`"),
        ("x = !True", "write `not`"),
        ("x = a ? 1 : 2", "write `a if condition else b`"),
        ("let x = 1", "write `name = value`"),
        ("switch x:", "write `match` with `case`, or `if` and `elif`"),
        ("if x == 1 {", "blocks begin with `:` and are indented"),
        ("x = new Foo()", "write the class's name and its arguments, without `new`"),
        ("x = `a`", "write quotes; f'...{name}...' puts a value into a text"),
        ("f = lambda x: return x", "a lambda has no `return`: write the value"),
    ],
)
def test_the_refusal_says_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(PlanRejected) as caught:
        lang.check(lang.parse(text), {})
    assert [problem.hint for problem in caught.value.diagnostics] == [hint]


def test_a_hint_is_given_only_for_what_does_not_exist() -> None:
    assert not habits.NAMES.keys() & NAMES.keys()
    assert not habits.MODULES.keys() & modules().keys()


def test_what_is_read_of_a_module_that_is_refused_is_no_second_problem() -> None:
    text = "import heapq as hq, numpy as np\nx = hq.nlargest(2, [1])\ny = np.array([1]).mean().item()\nz = [1].pusht(2)"
    with pytest.raises(PlanRejected) as caught:
        lang.check(lang.parse(text), {})
    assert [(problem.code, problem.span.line) for problem in caught.value.diagnostics] == [
        ("E206", 1),
        ("E206", 1),
        ("E202", 4),
    ]
    assert caught.value.diagnostics[0].hint is not None
    assert caught.value.diagnostics[0].hint.startswith("sorted(xs)[:n]")
