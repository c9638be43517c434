"""Two runs of any plan that differ in a secret only look the same to those who may not know it.

Plans are made at random from the constructs through which a secret could leak: branches, loops, exceptions, early
exits, the heap, functions, generators, short circuits, calls. The tools are `publish` (for what everyone may see)
and `look` (a read that is always allowed); the mode is strict, so that a call that may not be made ends the run.
A run may end earlier because of a secret, with a code that tells nothing (E302); then it has made fewer calls.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from case_execution import execute
from case_runner import Case, Labels, Report, compare_public, public_calls

SECRETS = ("s", "t")
NAMES = ("a", "b", "c")
LABEL = {"sources": ["user"], "readers": ["user"]}

PRELUDE = """\
a = 1
b = 2
c = 3
xs = [1, 2]
ys = xs
d = {1: 1}
log = []
g = (i for i in [1, 2, 3, 4, 5, 6, 7, 8])
class Box(BaseModel):
    v: int = 0
box = Box()
def add(n, seen=[]):
    seen.append(n)
    return len(seen)
def early(n):
    if n > 2:
        return 0
    log.append(n)
    return 1
def change():
    ys.append(1)
    return 1
"""


def expressions() -> st.SearchStrategy[str]:
    leaf = st.sampled_from([*NAMES, *SECRETS, "0", "1", "2", "3", "len(xs)", "xs[0]", "d[1]", "box.v", "len(log)"])

    def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("({} + {})".format, inner, inner),
            st.builds("int({} {} {})".format, inner, st.sampled_from(["<", "==", ">", "and", "or"]), inner),
            st.builds("({} if {} else {})".format, inner, inner, inner),
            st.builds("int(not {})".format, inner),
            st.builds("xs[{} % len(xs)]".format, inner),
            st.builds("xs[{}]".format, inner),
            st.builds("d.get({}, {})".format, inner, inner),
            st.builds("d[{}]".format, inner),
            st.builds("len([i for i in range(3) if i < {}])".format, inner),
            st.builds("sum(i for i in [{}, {}])".format, inner, inner),
            st.builds("max({}, {})".format, inner, inner),
            st.builds("(4 // {})".format, inner),
            st.builds("(lambda n: n + {})({})".format, inner, inner),
            st.builds("add({})".format, inner),
            st.builds("early({})".format, inner),
            st.builds("({} and change())".format, inner),
            st.builds("(c := {})".format, inner),
            st.builds("next(g, {})".format, inner),
            st.builds("int(f'{{{}}}')".format, inner),
            st.builds("sorted([{}, {}])[0]".format, inner, inner),
            st.builds("int(({} or xs) is xs)".format, inner),
        )

    return st.recursive(leaf, wider, max_leaves=4)


FAILING = st.sampled_from(["d[9]", "xs[99]", "raise KeyError('k')", "raise ValueError('v')", "int('x')", "1 // 0"])
KINDS = st.sampled_from(["Exception", "KeyError", "ValueError", "(KeyError, IndexError)", "ZeroDivisionError"])
# Where a failure stands that a secret decides about; the rest of the body tells whether it happened.
PLACES = st.sampled_from(
    [
        ["if {t}:", "    {f}"],
        ["for i in range({t} % 3):", "    {f}"],
        ["while {t}:", "    {f}"],
        ["if b:", "    if {t}:", "        {f}"],
        ["for i in [1]:", "    if {t}:", "        {f}"],
        ["def g2():", "    if {t}:", "        {f}", "g2()"],
        ["match {t}:", "    case 1:", "        {f}"],
        ["[d[i] for i in [9] if {t}]"],
        ["x = d[9] if {t} else 0"],
        ["if {t}:", "    try:", "        {f}", "    except TypeError:", "        pass"],
        ["if {t}:", "    try:", "        pass", "    except Exception:", "        pass", "    else:", "        {f}"],
        ["if {t}:", "    try:", "        {f}", "    finally:", "        a = 7"],
    ]
)


def indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


def blocks(depth: int, loop: bool) -> st.SearchStrategy[list[str]]:
    return st.lists(statements(depth, loop), min_size=1, max_size=3).map(
        lambda parts: [x for part in parts for x in part]
    )


def statements(depth: int, loop: bool) -> st.SearchStrategy[list[str]]:
    e, n = expressions(), st.sampled_from(NAMES)
    simple = [
        st.builds("{} = {}".format, n, e),
        st.builds("{} += {}".format, n, e),
        st.builds("xs.append({})".format, e),
        st.builds("ys[0] = {}".format, e),
        st.builds("xs[{} % 2] = {}".format, e, e),
        st.builds("d[{}] = {}".format, e, e),
        st.builds("box.v = {}".format, e),
        st.builds("{}, {} = {}, {}".format, n, n, e, e),
        st.builds("publish({})".format, e),
        st.builds("look({})".format, e),
        st.just("change()"),
        st.just("next(g, 0)"),
        st.builds("add({})".format, e),
        st.builds("del {}".format, n),
        st.builds("xs.pop({})".format, e),
        st.builds("ys = xs if {} else [7]".format, e),
        st.builds("print({})".format, e),
        st.builds("answer({})".format, e),
        st.builds("assert {}".format, e),
        FAILING,
        *([st.just("break"), st.just("continue")] if loop else []),
    ]
    one = st.one_of(simple).map(lambda line: [line])
    if depth == 0:
        return one
    body, looped = blocks(depth - 1, loop), blocks(depth - 1, True)
    compound = [
        st.builds(lambda t, a: [f"if {t}:", *indented(a)], e, body),
        st.builds(lambda t, a, b: [f"if {t}:", *indented(a), "else:", *indented(b)], e, body, body),
        st.builds(lambda t, a: [f"for i in range({t} % 4):", *indented(a)], e, looped),
        st.builds(lambda a: ["for i in list(xs)[:4]:", *indented(a)], looped),
        st.builds(lambda t, a, b: [f"for i in [1, {t}]:", *indented(a), "else:", *indented(b)], e, looped, body),
        st.builds(lambda t, a: ["k = 0", f"while k < 3 and {t}:", "    k += 1", *indented(a)], e, looped),
        st.builds(lambda a, b: ["try:", *indented(a), "except Exception:", *indented(b)], body, body),
        st.builds(
            lambda a, b, c: ["try:", *indented(a), "except Exception:", *indented(b), "else:", *indented(c)],
            body, body, body,
        ),
        st.builds(lambda a, k, b: ["try:", *indented(a), f"except {k}:", *indented(b)], body, KINDS, body),
        st.builds(
            lambda place, t, f, a, k, b: [
                "try:", *indented([line.format(t=t, f=f) for line in place]), *indented(a), f"except {k}:", *indented(b)
            ],
            PLACES, e, FAILING, body, KINDS, body,
        ),
        st.builds(lambda a, b: ["try:", *indented(a), "finally:", *indented(b)], body, body),
        st.builds(lambda a, t: ["def f():", *indented(a), f"    return {t}", "r = f()"], blocks(depth - 1, False), e),
        st.builds(
            lambda t, a, b: [
                f"match {t}:", "    case 1:", *indented(indented(a)), "    case m:", *indented(indented(b)),
            ],
            e, body, body,
        ),
    ]  # fmt: skip
    return st.one_of(one, *compound)


plans = st.lists(statements(2, False), min_size=1, max_size=6).map(
    lambda parts: PRELUDE + "\n".join(line for part in parts for line in part) + "\n"
)


def run(text: str, secrets: dict[str, int]) -> Report:
    given = {name: {"value": value, **LABEL} for name, value in secrets.items()}
    case = Case(Path("random"), 1, text, given=given, tools=["sinks"], mode="strict", limits={"steps": 20_000})
    return execute(case)


def alike(report: Report, other: Report) -> Report:
    """The report with one label for all that is private in both runs.

    Which sources a private value has may depend on the branch that was taken; what everyone sees of it is that it is
    private. What leaks over a policy that tells such sources apart is on the page of the security model.
    """
    hidden = {
        name: (None, Labels((), ("user",)))
        for name, (_, label) in report.variables.items()
        if label.readers is not None and name in other.variables and other.variables[name][1].readers is not None
    }
    return replace(report, variables={**report.variables, **hidden})


def leaks(one: Report, other: Report) -> list[str]:
    """In what the two differ that everyone may see."""
    calls = [public_calls(report) for report in (one, other)]
    ended = [report.error is not None and report.error[0] == "E302" for report in (one, other)]
    if not any(ended):
        return compare_public(alike(one, other), alike(other, one))
    shorter, longer = (calls[0], calls[1]) if len(calls[0]) <= len(calls[1]) else (calls[1], calls[0])
    fewer_where_it_ended = ended[calls.index(shorter)] or shorter == longer
    return [] if shorter == longer[: len(shorter)] and fewer_where_it_ended else [f"calls: {calls[0]} and {calls[1]}"]


numbers = st.integers(0, 4)


# The engine raises the recursion limit of the process, of which hypothesis keeps track.
@pytest.mark.filterwarnings("ignore:The recursion limit will not be reset")
@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(plans, numbers, numbers, numbers, numbers)
def test_nothing_public_depends_on_a_secret(text: str, s: int, t: int, other_s: int, other_t: int) -> None:
    note(text)
    one, other = run(text, {"s": s, "t": t}), run(text, {"s": other_s, "t": other_t})
    note(str(one))
    note(str(other))
    assert leaks(one, other) == []


@pytest.mark.parametrize(
    "body",
    [
        "if s:\n    a = look(a)\n",
        "try:\n    for i in [1, 4 // s]:\n        look(a)\nexcept Exception:\n    b = 4\n",
    ],
)
def test_only_the_sources_of_a_private_value_tell_which_branch_was_taken(body: str) -> None:
    one, other = (run(PRELUDE + body, {"s": secret, "t": 1}) for secret in (0, 1))
    assert compare_public(one, other) != []
    assert leaks(one, other) == []


EFFECTS = st.sampled_from(
    ["xs.append(5)", "publish(1)", "c = 5", "log.append(1)", "change()", "box.v = 3", "next(g, 0)"]
)


@pytest.mark.filterwarnings("ignore:The recursion limit will not be reset")
@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(PLACES, FAILING, st.lists(EFFECTS, min_size=1, max_size=2), KINDS, st.booleans())
def test_a_failure_that_a_secret_decides_about_tells_nothing(
    place: list[str], failing: str, effects: list[str], kind: str, outer: bool
) -> None:
    body = [*(line.format(t="s", f=failing) for line in place), *effects]
    lines = ["try:", *indented(body), f"except {kind}:", "    b = 4"]
    if outer:
        lines = ["try:", *indented(lines), "except Exception:", "    c = 4"]
    text = PRELUDE + "\n".join(lines) + "\n"
    note(text)
    assert leaks(run(text, {"s": 0, "t": 0}), run(text, {"s": 1, "t": 0})) == []
