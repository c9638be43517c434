"""Values: lazily labelled data, identity, `deep`, and that a label cannot be dropped by accident."""

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.origins import origin_of
from ringfence.core.plain import Cycle, EnumMember, RecordData
from ringfence.core.values import (
    Dict,
    Labeled,
    List,
    Origin,
    Record,
    Set,
    deep,
    element,
    label_of,
    type_name,
    unsafe_plain,
    unsafe_value,
    with_label,
    wrap,
)

MAIL = Label({"tool:mail"}, {"user"})
WEB = Label({"tool:web"})

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner)
        | st.builds(RecordData, st.just("Thing"), st.dictionaries(st.text(min_size=1), inner))
    ),
    max_leaves=20,
)


@given(plain)
def test_plain_data_survive_being_wrapped(data: object) -> None:
    assert unsafe_plain(wrap(data, MAIL)) == data
    assert unsafe_plain(wrap(data, TRUSTED_PUBLIC)) == data


@given(plain)
def test_one_label_on_all_of_it(data: object) -> None:
    value = wrap(data, MAIL)
    assert deep(value) is MAIL
    assert label_of(value) is MAIL


@given(plain)
def test_every_path_into_a_result_carries_its_label(data: object) -> None:
    def descend(value: object) -> None:
        assert label_of(value) is MAIL
        raw = unsafe_value(value)
        if isinstance(raw, List):
            for index in range(len(raw.items)):
                descend(element(raw, raw.items, index, MAIL))
        elif isinstance(raw, Dict):
            for key in raw.items:
                descend(element(raw, raw.items, key, MAIL))
        elif isinstance(raw, Record):
            for name in raw.fields:
                descend(element(raw, raw.fields, name, MAIL))

    descend(wrap(data, MAIL))


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python were run; each turn of a loop counts."""
    count = 0

    def trace(frame: object, event: str, told: object) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def test_wrapping_does_not_look_inside() -> None:
    big = [[number] for number in range(200_000)]
    assert lines_run(lambda: wrap(big, MAIL)) == lines_run(lambda: wrap([1], MAIL)) > 0
    assert lines_run(lambda: [0 for part in big]) > len(big)
    value = wrap(big, MAIL)
    raw = unsafe_value(value)
    assert isinstance(raw, List)
    assert raw.items is big


def test_a_part_is_the_same_object_each_time_and_can_be_changed() -> None:
    holder = List([[1], {"a": [2]}], MAIL)
    first = unsafe_value(element(holder, holder.items, 0, MAIL))
    again = unsafe_value(element(holder, holder.items, 0, MAIL))
    assert isinstance(first, List)
    assert first is again
    first.items.append(3)
    assert unsafe_plain(holder) == [[1, 3], {"a": [2]}]


def test_a_change_inside_a_nested_part_is_seen_from_the_top() -> None:
    holder = wrap([RecordData("Mail", {"tags": ["a"]})], MAIL)
    top = unsafe_value(holder)
    assert isinstance(top, List)
    mail = unsafe_value(element(top, top.items, 0, MAIL))
    assert isinstance(mail, Record)
    tags = unsafe_value(element(mail, mail.fields, "tags", MAIL))
    assert isinstance(tags, List)
    tags.items.append(Labeled("b", WEB))
    assert unsafe_plain(holder) == [RecordData("Mail", {"tags": ["a", "b"]})]
    assert deep(holder) is MAIL.join(WEB)


def test_parts_of_a_result_may_have_labels_of_their_own() -> None:
    holder = wrap([Labeled("a", WEB), "b"], MAIL)
    raw = unsafe_value(holder)
    assert isinstance(raw, List)
    assert label_of(element(raw, raw.items, 0, MAIL)) is MAIL.join(WEB)
    assert label_of(element(raw, raw.items, 1, MAIL)) is MAIL


def test_records_with_labels_of_their_own_inside_a_public_list() -> None:
    one, two = RecordData("Mail", {"body": "x"}), RecordData("Mail", {"body": "y"})
    holder = wrap([Labeled(one, WEB), Labeled(two, MAIL)], TRUSTED_PUBLIC)
    assert isinstance(holder, List)
    assert label_of(holder) is TRUSTED_PUBLIC
    assert [label_of(element(holder, holder.items, index, TRUSTED_PUBLIC)) for index in range(2)] == [WEB, MAIL]
    assert deep(holder) is MAIL.join(WEB)


def test_a_tuple_keeps_the_labels_of_its_parts() -> None:
    value = wrap((1, [2]), MAIL)
    raw = unsafe_value(value)
    assert isinstance(raw, tuple)
    assert deep(value) is MAIL
    assert isinstance(raw[1], List)


def test_origin_names_call_and_path_and_is_dropped_where_a_label_chose() -> None:
    value = wrap([RecordData("Mail", {"to": ["a@b.cd"]})], MAIL, Origin(3))
    assert isinstance(value, Labeled)
    top = unsafe_value(value)
    assert isinstance(top, List)
    assert origin_of(value) == Origin(3)
    mail = element(top, top.items, 0, MAIL, value.origin)
    assert isinstance(mail, Labeled)
    record = unsafe_value(mail)
    assert isinstance(record, Record)
    holder = element(record, record.fields, "to", MAIL, mail.origin)
    assert isinstance(holder, Labeled)
    to = unsafe_value(holder)
    assert isinstance(to, List)
    found = element(to, to.items, 0, MAIL, holder.origin)
    assert origin_of(found) == Origin(3, (0, "to", 0))
    assert origin_of(with_label(found, MAIL)) == Origin(3, (0, "to", 0))
    assert origin_of(with_label(found, WEB)) is None
    assert origin_of("written in the plan") is None


def test_more_label_joins_and_no_label_is_free() -> None:
    assert with_label("x", TRUSTED_PUBLIC) == "x"
    one = with_label("x", MAIL)
    assert with_label(one, MAIL) is one
    assert label_of(with_label(one, WEB)) is MAIL.join(WEB)
    assert label_of(one) is MAIL


def test_the_shape_of_an_object_has_a_label_too() -> None:
    shared = List([1])
    assert label_of(shared) is TRUSTED_PUBLIC
    reference = with_label(shared, WEB)
    shared.taint(MAIL)
    assert label_of(shared) is MAIL
    assert label_of(reference) is MAIL.join(WEB)
    shared.taint(MAIL)
    assert shared.label is MAIL


@pytest.mark.parametrize("holder", [List, Dict, Set, Record])
def test_deep_sees_through_every_kind_of_object(holder: type) -> None:
    leaf = Labeled("x", MAIL)
    made = {
        List: lambda: List([[leaf]]),
        Dict: lambda: Dict({"a": {"b": leaf}}),
        Set: lambda: Set({"x": None}, MAIL),
        Record: lambda: Record("R", {"a": (leaf,)}),
    }[holder]()
    assert deep(made) is MAIL
    assert deep([{"deeper": made}]) is MAIL


def test_deep_ends_on_cycles_and_on_depth() -> None:
    loop = List([], MAIL)
    loop.items.append(Dict({"loop": Labeled(loop, WEB)}))
    assert deep(loop) is MAIL.join(WEB)
    chain: object = Labeled(1, MAIL)
    for _ in range(50_000):
        chain = [chain]
    assert deep(chain) is MAIL
    while isinstance(chain, list):  # take it apart, so that freeing it does not recurse
        chain = chain.pop()


def test_a_cycle_becomes_a_mark_in_plain_data() -> None:
    loop = List([1])
    loop.items.append(loop)
    assert unsafe_plain(loop) == [1, Cycle()]
    twice = List([1])
    assert unsafe_plain(List([twice, twice])) == [[1], [1]]


def test_plain_data_have_the_kinds_they_had() -> None:
    value = List([Set({1: None}), Set({2: None}, frozen=True), Record("R", {"a": (Labeled(Decimal(1), MAIL),)})])
    found = unsafe_plain(value)
    assert found == [{1}, frozenset({2}), RecordData("R", {"a": (Decimal(1),)})]
    assert isinstance(found, list)
    assert [type(part) for part in found] == [set, frozenset, RecordData]


# What would drop a label by accident


@pytest.mark.parametrize(
    "use",
    [
        bool,
        len,
        iter,
        hash,
        lambda v: v == "x",
        lambda v: v != "x",
        lambda v: v == v,
        lambda v: v in ["x"],
        lambda v: {v: 1},
        lambda v: v < "y",
        lambda v: v + "y",
        lambda v: v[0],
        lambda v: v.upper(),
        lambda v: v.value,
        lambda v: v.__dict__,
        lambda v: int(v),
        lambda v: [*v],
        lambda v: "".join([v]),
        lambda v: v(),
        lambda v: "a" if v else "b",
        lambda v: sorted([v, v]),
    ],
)
def test_a_labelled_value_cannot_be_used_as_if_it_were_bare(use: object) -> None:
    assert callable(use)
    with pytest.raises((TypeError, AttributeError)) as caught:
        use(Labeled("SECRET", MAIL))
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("show", [str, repr, lambda v: f"{v}", lambda v: f"{v!r:>3}", lambda v: f"{v:99}", "{}".format])
def test_a_labelled_value_shows_its_type_and_label_only(show: object) -> None:
    assert callable(show)
    assert show(Labeled("SECRET", MAIL)) == "<Labeled str Label(sources={tool:mail}, readers={user})>"


def test_names_of_types_are_pythons() -> None:
    values = [
        List([]),
        Dict({}),
        Set({}),
        Set({}, frozen=True),
        Record("Mail", {}),
        EnumMember("Hue", "RED", 1),
        1,
        None,
    ]
    assert [type_name(Labeled(value, MAIL)) for value in values] == [
        "list", "dict", "set", "frozenset", "Mail", "Hue", "int", "NoneType",
    ]  # fmt: skip


def test_members_of_an_enumeration_are_compared_by_name() -> None:
    assert EnumMember("Hue", "RED", 1) == EnumMember("Hue", "RED", 1)
    assert EnumMember("Hue", "RED", 1) != EnumMember("Other", "RED", 1)
    assert EnumMember("Hue", "RED", 1) != 1
    assert {EnumMember("Hue", "RED", 1): "a"}[EnumMember("Hue", "RED", 1)] == "a"
