"""The forecast is sound: at run time no call's argument has a label outside of the bounds that it was given.

Plans are made at random over given values and tools whose labels are known. The host labels each result as the
monitor does: what the signature says, joined with all arguments. What `certain` calls promise is kept, and an argument
whose value is foreseen has that value.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from forecasting import wrong
from ringfence.core.errors import PlanRejected

PRELUDE = """\
a = 1
b = 2
c = 3
xs = [1, 2]
ys = xs
zs = [3]
d = {1: 1}
g = (i for i in [1, 2, 3, 4, 5, 6, 7, 8])
class Box(BaseModel):
    v: int = 0
box = Box()
def add(n, seen=[]):
    seen.append(n)
    return len(seen)
def keep(n):
    zs.append(n)
    return n
def twice(n, m=1):
    r = n + m
    return r
"""


def expressions() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(
        [*"abcshk", "0", "1", "2", "len(xs)", "xs[0]", "d[1]", "box.v", "zs[-1]", "vault()", "web()", "plain()"]
    )

    def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("({} + {})".format, inner, inner),
            st.builds("int({} {} {})".format, inner, st.sampled_from(["<", "==", ">", "and", "or"]), inner),
            st.builds("({} if {} else {})".format, inner, inner, inner),
            st.builds("({} and {})".format, inner, inner),
            st.builds("xs[{} % len(xs)]".format, inner),
            st.builds("xs[{}]".format, inner),
            st.builds("d.get({}, {})".format, inner, inner),
            st.builds("len([i for i in range(3) if i < {}])".format, inner),
            st.builds("sum(i for i in [{}, {}])".format, inner, inner),
            st.builds("max({}, {})".format, inner, inner),
            st.builds("(lambda n: n + {})({})".format, inner, inner),
            st.builds("(lambda n=0: {})()".format, inner),
            st.builds("add({})".format, inner),
            st.builds("keep({})".format, inner),
            st.builds("twice({}, m={})".format, inner, inner),
            st.builds("twice(*[{}, {}])".format, inner, inner),
            st.builds("(c := {})".format, inner),
            st.builds("next(g, {})".format, inner),
            st.builds("int(f'{{{}}}')".format, inner),
            st.builds("sorted([{}, {}])[0]".format, inner, inner),
            st.builds("[{}, {}][0]".format, inner, inner),
            st.builds("({}, {})[1]".format, inner, inner),
            st.builds("{{0: {}, 1: {}}}[0]".format, inner, inner),
            st.builds("list(map(keep, [{}]))[0]".format, inner),
            st.builds("Box(v=int({})).v".format, inner),
            st.builds("web({})".format, inner),
            st.builds("plain({}, y={})".format, inner, inner),
            st.builds("quarantine('what', {}, returns=int)".format, inner),
            st.builds("len(str({}))".format, inner),
        )

    return st.recursive(leaf, wider, max_leaves=4)


def indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


def blocks(depth: int, loop: bool) -> st.SearchStrategy[list[str]]:
    return st.lists(statements(depth, loop), min_size=1, max_size=3).map(lambda parts: [x for p in parts for x in p])


def statements(depth: int, loop: bool) -> st.SearchStrategy[list[str]]:
    e, n = expressions(), st.sampled_from("abc")
    simple = [
        st.builds("{} = {}".format, n, e),
        st.builds("{} += {}".format, n, e),
        st.builds("xs.append({})".format, e),
        st.builds("ys[0] = {}".format, e),
        st.builds("d[{}] = {}".format, e, e),
        st.builds("box.v = {}".format, e),
        st.builds("box = Box(v=int({}))".format, e),
        st.builds("{}, {} = {}, {}".format, n, n, e, e),
        st.builds("{} = {} = {}".format, n, n, e),
        st.builds("put({})".format, e),
        st.builds("put({}, y={})".format, e, e),
        st.builds("put(*[{}])".format, e),
        st.builds("put(**{{'x': {}}})".format, e),
        st.builds("put([{}, a])".format, e),
        st.just("put(xs)"),
        st.just("put(d)"),
        st.just("put(7)"),
        st.just("put(zs)"),
        st.just("put(a)"),
        st.just("put(b)"),
        st.just("put([box, c])"),
        st.builds("t = [{}]".format, e),
        st.builds("w = {}".format, e),
        st.just("put(list(map(plain, xs))[0])"),
        st.builds("add({})".format, e),
        st.builds("xs = ys if {} else [7]".format, e),
        st.builds("zs = {} and xs or ys".format, e),
        st.builds("print({})".format, e),
        st.builds("answer({})".format, e),
        st.builds("assert {} or True".format, e),
        *([st.just("break"), st.just("continue")] if loop else []),
    ]
    one = st.one_of(simple).map(lambda line: [line])
    if depth == 0:
        return one
    body, looped = blocks(depth - 1, loop), blocks(depth - 1, True)
    compound = [
        st.builds(lambda t, a: [f"if {t}:", *indented(a)], e, body),
        st.builds(lambda t, a, b: [f"if {t}:", *indented(a), "else:", *indented(b)], e, body, body),
        st.builds(lambda t, a: [f"for i in range({t} % 4):", *indented(a), "    put(i)"], e, looped),
        st.builds(lambda t, a: [f"for a in [1, {t}]:", *indented(a)], e, looped),
        st.builds(lambda a: ["for i in list(xs)[:4]:", "    put(i)", *indented(a)], looped),
        st.builds(lambda t, a: ["j = 0", f"while j < 3 and {t}:", "    j += 1", *indented(a)], e, looped),
        st.builds(lambda a, b: ["try:", *indented(a), "except Exception as e:", *indented(b)], body, body),
        st.builds(lambda a, b: ["try:", *indented(a), "finally:", *indented(b)], body, body),
        st.builds(
            lambda a, t, v: ["def f(q=0):", *indented(a), f"    return {t}", f"r = f({v})", "put(r)"],
            blocks(depth - 1, False), e, e,
        ),
        st.builds(
            lambda a, t, v: [
                "def f(q):", f"    if {v}:", "        return q", *indented(a), f"    return {t}", f"put(f({v}))",
            ],
            blocks(depth - 1, False), e, e,
        ),
        st.builds(
            lambda t, a, b: [
                f"match {t}:",
                *["    case 1:", *indented(indented(a)), "    case m:", "        put(m)", *indented(indented(b))],
            ],
            e, body, body,
        ),
        st.builds(lambda t: [f"with_ = lambda: put({t})", "with_()"], e),
        st.builds(lambda t: [f"for p, q in [({t}, 1)]:", "    put(p)", "    put(q)"], e),
        st.builds(lambda t: [f"rows = [{{'v': {t}}}]", "for row in rows:", "    put(row['v'])", "    row['v'] = h"], e),
    ]  # fmt: skip
    return st.one_of(one, *compound)


plans = st.lists(statements(2, False), min_size=1, max_size=6).map(
    lambda parts: PRELUDE + "\n".join(line for part in parts for line in part) + "\n"
)


@pytest.mark.filterwarnings("ignore:The recursion limit will not be reset")
@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(plans)
def test_no_label_is_outside_of_what_was_foreseen(text: str) -> None:
    note(text)
    try:
        found = wrong(text)
    except PlanRejected:
        return
    assert found == []


@pytest.mark.xfail(strict=True, reason="the run marks what a change may hit besides, the forecast does not")
def test_no_label_is_outside_of_what_was_foreseen_where_a_change_may_hit_several() -> None:
    """Found by the test above; the run's label is the higher one (docs/limitations/language.md)."""
    assert wrong(PRELUDE + "a += h\nxs.append(d.get(b, s))\na = list(map(keep, [a]))[0]\n") == []
