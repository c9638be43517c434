"""A forecast that is certain is the verdict of every run: random rules, random bounds, random runs within them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.core.labels import EVERYONE, Label
from ringfence.core.values import Value, wrap
from ringfence.guard.policy import Policy
from ringfence.guard.tools import tool
from ringfence.guard.views import ArgumentView, view_of
from ringfence.lang.host import Bounds

SOURCES = ("user", "tool:web", "email:eve@x")
READERS = ("user", "bob", "eve")


@tool
def act(x: object = None, y: object = None) -> None: ...


# Reading a rule raises the interpreter's recursion limit for good, which hypothesis must not see happen inside a test.
Policy.load([act], table={"act": {"allow": "True"}})

labels = st.builds(
    Label,
    st.sets(st.sampled_from(SOURCES)),
    st.one_of(st.just(EVERYONE), st.sets(st.sampled_from(READERS))),
)
values = st.one_of(
    st.sampled_from(["bob", "eve", "user", "", 0, 1, 5, True, None]),
    st.lists(st.sampled_from(["bob", "eve", 3]), max_size=2),
)
atoms = st.sampled_from(
    [
        *(f"{name}({x})" for name in ("trusted", "public", "verbatim", "literal", "low_capacity") for x in "xy"),
        *("readable(x, by=y)", "readable(y, by=x)", "readable(x, by='bob')", "pc_readable(by=x)"),
        *("pc_trusted()", "pc_public()", "len(x) == 1", "x == 'bob'", "x < 3", "y in ['bob', 'eve']", "x is None"),
        *("one_of(x, 'bob', 'eve')", "within(x, 0, 3)", "matches(x, 'b.*')", "x", "not y", "True", "False"),
        *("all(trusted(p) for p in x)", "any(p == 'bob' for p in y)", "trusted(x[0])", "x[0] == 'bob'"),
    ]
)
conditions = st.recursive(
    atoms,
    lambda inner: (
        st.builds("({} and {})".format, inner, inner)
        | st.builds("({} or {})".format, inner, inner)
        | st.builds("(not {})".format, inner)
    ),
    max_leaves=6,
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[ArgumentView, ArgumentView]:
    """What is known of an argument before a run, and the argument of a run that fits it."""
    low, more, above = draw(labels), draw(labels), draw(labels)
    label = low.join(more)
    high = draw(st.sampled_from([None, label.join(above)]))
    value: Value = wrap(draw(values), label)
    literal, told = draw(st.booleans()), draw(st.booleans())
    known = draw(st.booleans())
    before = ArgumentView(Bounds(low, high), (value,) if known else None, literal if told or literal else None)
    after = view_of(value, literal=literal)
    return before, after


@settings(max_examples=1_500, deadline=None)
@given(conditions, st.none() | conditions, runs(), runs(), runs(), st.sampled_from(["enforce", "strict"]))
def test_a_certain_forecast_is_the_verdict_of_every_run(
    allow: str,
    ask: str | None,
    x: tuple[ArgumentView, ArgumentView],
    y: tuple[ArgumentView, ArgumentView],
    place: tuple[ArgumentView, ArgumentView],
    mode: str,
) -> None:
    entry = {"allow": allow} if ask is None else {"allow": allow, "ask": ask}
    policy = Policy.load([act], mode=mode, table={"act": entry})  # type: ignore[arg-type]
    forecast = policy.forecast("act", {"x": x[0], "y": y[0]}, place[0].bounds)
    verdict = policy.decide("act", {"x": x[1], "y": y[1]}, place[1].bounds).verdict
    assert forecast in ("depends", verdict), policy.explain("act")
    if policy.foresee("act", place[1].bounds.low) is not None:
        assert verdict == "deny"


@settings(max_examples=500, deadline=None)
@given(conditions, runs(), runs(), runs())
def test_at_run_time_nothing_depends(
    allow: str,
    x: tuple[ArgumentView, ArgumentView],
    y: tuple[ArgumentView, ArgumentView],
    place: tuple[ArgumentView, ArgumentView],
) -> None:
    policy = Policy.load([act], table={"act": {"allow": allow}})
    assert policy.forecast("act", {"x": x[1], "y": y[1]}, place[1].bounds) != "depends"
