"""Code that never runs is noted, once for each stretch of it; what might run never is."""

from __future__ import annotations

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from ringfence import lang
from ringfence.core.values import unsafe_plain
from ringfence.lang.host import HostCall, Site


def noted(text: str) -> list[tuple[int, int, str]]:
    """First line, last line and message of each note."""
    notes = lang.unreachable(lang.parse(text))
    assert all((one.code, one.note) == ("E220", True) for one in notes)
    return [(one.span.line, one.span.end_line, one.message.removeprefix("this never runs: ")) for one in notes]


UNREACHED = {
    "def f():\n    return 1\n    x = 2\n    y = 3\nf()\n": [(3, 4, "`return` on line 2 comes first")],
    "raise ValueError(1)\nx = 2\n": [(2, 2, "`raise` on line 1 comes first")],
    "for n in [1]:\n    break\n    x = 1\n": [(3, 3, "`break` on line 2 comes first")],
    "for n in [1]:\n    continue\n    x = 1\n": [(3, 3, "`continue` on line 2 comes first")],
    "refuse('no')\nx = 1\n": [(2, 2, "`refuse(...)` on line 1 ends the plan")],
    "observe(n=1)\nx = 1\n": [(2, 2, "`observe(...)` on line 1 ends the plan")],
    "while True:\n    x = 1\ny = 2\n": [(3, 3, "the loop on line 1 has no `break`")],
    "while not False:\n    for n in [1]:\n        break\ny = 2\n": [(4, 4, "the loop on line 1 has no `break`")],
    "while True:\n    break\nelse:\n    y = 2\n": [(4, 4, "the condition on line 1 is always true")],
    "while 0:\n    x = 1\ny = 2\n": [(2, 2, "the condition on line 1 is always false")],
    "if False:\n    x = 1\n": [(2, 2, "the condition on line 1 is always false")],
    "if 1:\n    x = 1\nelif 2:\n    x = 2\nelse:\n    x = 3\n": [(3, 6, "the condition on line 1 is always true")],
    "if a:\n    raise ValueError()\nelse:\n    refuse('no')\nx = 1\n": [
        (5, 5, "`refuse(...)` on line 4 ends the plan")
    ],
    "assert False\nx = 1\n": [(2, 2, "the assertion on line 1 always fails")],
    "try:\n    raise ValueError()\nexcept ValueError:\n    refuse('no')\nx = 1\n": [
        (5, 5, "`raise` on line 2 comes first")
    ],
    "try:\n    x = 1\nfinally:\n    raise ValueError()\ny = 1\n": [(5, 5, "`raise` on line 4 comes first")],
    "try:\n    raise ValueError()\nexcept ValueError:\n    x = 1\nelse:\n    y = 1\nz = 1\n": [
        (6, 6, "`raise` on line 2 comes first")
    ],
    "match a:\n    case 1:\n        refuse('1')\n    case _:\n        refuse('2')\nx = 1\n": [
        (6, 6, "`refuse(...)` on line 5 ends the plan")
    ],
    "for n in a:\n    x = 1\nelse:\n    refuse('no')\ny = 1\n": [(5, 5, "`refuse(...)` on line 4 ends the plan")],
    "def f():\n    def g():\n        return 1\n        x = 1\n    return g\n": [
        (4, 4, "`return` on line 3 comes first")
    ],
    "x = 1 if True else 2\n": [(1, 1, "the condition on line 1 is always true")],
    "x = (1 if False else\n     2)\n": [(1, 1, "the condition on line 1 is always false")],
    "x = a and 0 and b\n": [(1, 1, "the condition on line 1 is always false")],
    "x = ('all' or\n     b or\n     c)\n": [(2, 3, "the condition on line 1 is always true")],
    "x = [m.to\n     for m in a\n     if False and m]\n": [(3, 3, "the condition on line 3 is always false")],
    "x = [m.to\n     for m in a\n     if False]\n": [(1, 1, "the condition on line 3 is always false")],
    "x = {m: f(m)\n     for m in a if 0}\n": [(1, 1, "the condition on line 2 is always false")],
    "if a:\n    f(lambda n: 1 if not True else n)\n": [(2, 2, "the condition on line 2 is always false")],
    "x = 1 if True else (2 if False else 3)\n": [(1, 1, "the condition on line 1 is always true")],
    "while (1 if True else a):\n    break\n": [(1, 1, "the condition on line 1 is always true")],
    "match a:\n    case n if False:\n        x = 1\n    case _:\n        x = 2\n": [
        (3, 3, "the condition on line 2 is always false")
    ],
    "match a:\n    case n if True:\n        x = 1\n    case 1:\n        x = 2\n    case _:\n        x = 3\n": [
        (5, 7, "the case on line 2 takes all")
    ],
    "match a:\n    case n if (b if True else c):\n        x = 1\n": [(2, 2, "the condition on line 2 is always true")],
    "def f(n=1 if True else 2):\n    return n\n": [(1, 1, "the condition on line 1 is always true")],
    "return_ = 1\nfor n in ([] if True else a):\n    x = n\n": [(2, 2, "the condition on line 2 is always true")],
}

REACHED = [
    "x = 1\n",
    "while True:\n    if a:\n        break\nx = 1\n",
    "while True:\n    try:\n        break\n    finally:\n        x = 1\nx = 1\n",
    "while True:\n    match a:\n        case 1:\n            break\nx = 1\n",
    "while True:\n    for n in [1]:\n        x = 1\n    else:\n        break\nx = 1\n",
    "if a:\n    refuse('no')\nx = 1\n",
    "for n in a:\n    break\nelse:\n    refuse('no')\nx = 1\n",
    "while a:\n    break\nelse:\n    refuse('no')\nx = 1\n",
    "match a:\n    case 1:\n        refuse('1')\n    case 2:\n        refuse('2')\nx = 1\n",
    "match a:\n    case 1:\n        refuse('1')\n    case n if n:\n        refuse('2')\nx = 1\n",
    "try:\n    refuse('no')\nexcept ValueError:\n    x = 1\ny = 1\n",
    "try:\n    raise ValueError()\nexcept ValueError:\n    x = 1\ny = 1\n",
    "def f():\n    return 1\nx = f()\n",
    "def refuse_(n):\n    return n\nx = 1\n",
    "assert a\nx = 1\n",
    "if a == a:\n    x = 1\nelse:\n    x = 2\n",
    "x = a if a else 2\n",
    "x = a or 0 or 5\n",
    "x = a or 'none'\n",
    "x = [n for n in a if n]\n",
    "x = [n for n in a if True]\n",
    "match a:\n    case n if n:\n        x = 1\n    case _:\n        x = 2\n",
]


@pytest.mark.parametrize("text", UNREACHED)
def test_what_never_runs_is_noted(text: str) -> None:
    assert noted(text) == UNREACHED[text]


@pytest.mark.parametrize("text", REACHED)
def test_what_may_run_is_not(text: str) -> None:
    assert noted(text) == []


def test_a_note_is_shown_with_its_place_and_refuses_nothing() -> None:
    text = "answer(1)\nif False:\n    answer(2)\n"
    (one,) = lang.unreachable(lang.parse(text))
    assert one.render(text).splitlines() == [
        "E220 note, line 3: this never runs: the condition on line 2 is always false",
        "        answer(2)",
        "        ^^^^^^^^^",
        "    hint: leave it out, or move it",
    ]
    checked = lang.check(lang.parse(text), {})
    assert unsafe_plain(lang.run(lang.compile(checked), Nobody()).answer) == 1


class Nobody:
    """A host for plans that call nothing."""

    def call(self, call: HostCall) -> object:
        raise AssertionError("the plan calls nothing")

    def foresee(self, site: Site, name: str, pc: object) -> None:
        """Nothing is denied."""


# Whatever the shape of a plan: no statement that is noted ever runs.

TESTS = st.sampled_from(["True", "False", "n % 2", "not 0", "n > 3", "seen"])


def inner(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


def bodies(depth: int) -> st.SearchStrategy[list[str]]:
    return st.lists(statements(depth), min_size=1, max_size=3).map(lambda parts: [line for p in parts for line in p])


def statements(depth: int) -> st.SearchStrategy[list[str]]:
    one = st.sampled_from([["seen.append(LINE)"], ["break"], ["continue"], ["return 1"], ["raise KeyError(1)"]])
    if depth == 0:
        return one
    body = bodies(depth - 1)
    return st.one_of(
        one,
        st.just(["seen.append(LINE)"]),
        st.builds(lambda t, a: [f"if {t}:", *inner(a)], TESTS, body),
        st.builds(lambda t, a, b: [f"if {t}:", *inner(a), "else:", *inner(b)], TESTS, body, body),
        st.builds(lambda t, a, b: [f"while {t} and left():", *inner(a), "else:", *inner(b)], TESTS, body, body),
        st.builds(lambda a, b: ["while True:", "    left()", *inner(a), "else:", *inner(b)], body, body),
        st.builds(lambda a, b: ["for n in [1, 2]:", *inner(a), "else:", *inner(b)], body, body),
        st.builds(lambda a, b, c: ["try:", *inner(a), "except KeyError:", *inner(b), "else:", *inner(c)],
                  body, body, body),
        st.builds(lambda a, b: ["try:", *inner(a), "finally:", *inner(b)], body, body),
        st.builds(lambda t, a, b: [f"match {t}:", "    case 1:", *inner(inner(a)), "    case _:", *inner(inner(b))],
                  TESTS, body, body),
    )  # fmt: skip


START = """\
seen = []
turns = []
def left():
    turns.append(1)
    if len(turns) > 9:
        raise ValueError(1)
    return True
def f(n):
    for m in [1]:
"""


@given(bodies(3))
@settings(max_examples=150, deadline=None)
def test_no_statement_that_is_noted_ever_runs(lines: list[str]) -> None:
    first = len(START.splitlines()) + 1
    numbered = [line.replace("LINE", str(first + index)) for index, line in enumerate(lines)]
    text = START + "".join(f"        {line}\n" for line in numbered)
    text += "for n in range(3):\n    try:\n        f(n)\n    except (KeyError, ValueError):\n        pass\n"
    note(text)
    program = lang.compile(lang.check(lang.parse(text), {}))
    result = lang.run(program, Nobody())
    assert result.outcome == "completed", result.error
    never = {line for start, end, _ in noted(text) for line in range(start, end + 1)}
    assert never.isdisjoint(unsafe_plain(result.variables["seen"]))
