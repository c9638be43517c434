"""Values as JSON and back: every tag, and what must never fail."""

import base64
import datetime as dt
import json
import sys
from collections import deque
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.core.encoding import (
    EncodingError,
    LabelTable,
    Writer,
    canonical_json,
    digest,
    dumps,
    from_json,
    label_from_json,
    label_to_json,
    labelled_from_json,
    labelled_to_json,
    loads,
    to_json,
)
from ringfence.core.labels import EVERYONE, TRUSTED_PUBLIC, Label
from ringfence.core.origins import origin_of
from ringfence.core.plain import Cycle, EnumMember, RecordData
from ringfence.core.values import Dict, Labeled, List, Origin, deep, element, label_of, unsafe_plain, unsafe_value, wrap

MAIL = Label({"email:bob@x"}, {"user"})
VAULT = Label({"tool:vault"}, {"user", "email:ann@x"})


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        (None, None),
        ([1, True, "a", 1.5], [1, True, "a", 1.5]),
        ((1, 2), {"$tuple": [1, 2]}),
        ({3, 1}, {"$set": [1, 3]}),
        (frozenset({"b", "a"}), {"$frozenset": ["a", "b"]}),
        ({"a": 1}, {"a": 1}),
        ({1: "a", "b": 2}, {"$dict": [[1, "a"], ["b", 2]]}),
        ({"$tuple": [1]}, {"$dict": [["$tuple", [1]]]}),
        (RecordData("Mail", {"id": 1}), {"$record": "Mail", "fields": {"id": 1}}),
        (dt.datetime(2026, 1, 2, 3, 4), {"$datetime": "2026-01-02T03:04:00"}),
        (dt.date(2026, 1, 2), {"$date": "2026-01-02"}),
        (dt.time(3, 4, 5), {"$time": "03:04:05"}),
        (dt.timedelta(hours=1), {"$timedelta": 3600}),
        (dt.timezone(dt.timedelta(hours=2)), {"$timezone": 7200}),
        (Decimal("1.50"), {"$decimal": "1.50"}),
        (float("nan"), {"$float": "nan"}),
        (float("-inf"), {"$float": "-inf"}),
        (b"\x00\xff", {"$bytes": "AP8="}),
        (range(1, 9, 2), {"$range": [1, 9, 2]}),
        (deque([1], 3), {"$deque": [1], "maxlen": 3}),
        (Cycle(), {"$cycle": True}),
        (EnumMember("Color", "RED", 1), {"$enum": "Color.RED"}),
    ],
)
def test_what_json_lacks_has_a_tag(plain: object, written: object) -> None:
    assert to_json(plain) == written
    back = from_json(to_json(plain, exact=True))
    assert repr(back) == repr(plain) if not isinstance(plain, set | frozenset) else back == plain
    assert type(back) is type(plain)


def test_integers_that_python_will_not_print_are_hexadecimal() -> None:
    for number in (10**5000, -(10**5000), 10**4299, 10**4301):
        assert from_json(loads(dumps(to_json(number)))) == number
    assert to_json(10**5000) == {"$int": hex(10**5000)}
    assert to_json(2**10_000) == 2**10_000


def test_a_lower_limit_of_the_interpreter_is_obeyed() -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(700)
    try:
        assert from_json(loads(dumps(to_json(10**699)))) == 10**699
        assert to_json(10**900) == {"$int": hex(10**900)}
    finally:
        sys.set_int_max_str_digits(before)


def test_an_enum_keeps_its_value_in_exact_json() -> None:
    read = from_json(to_json(EnumMember("Color", "RED", 7), exact=True))
    assert isinstance(read, EnumMember)
    assert (read.enum, read.name, read.value) == ("Color", "RED", 7)


def test_a_zone_is_kept_in_exact_json_only() -> None:
    moment = dt.datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    assert to_json(moment) == {"$datetime": "2026-10-25T02:30:00+01:00"}
    read = from_json(to_json(moment, exact=True))
    assert isinstance(read, dt.datetime)
    assert (read.tzinfo, read.fold, read.utcoffset()) == (moment.tzinfo, 1, dt.timedelta(hours=1))


def test_long_spans_of_time_lose_nothing() -> None:
    for span in (dt.timedelta.max, dt.timedelta.min, dt.timedelta(days=10**6, microseconds=1)):
        assert from_json(to_json(span)) == span


def test_two_halves_of_a_character_stay_two() -> None:
    text = "\ud83d\ude00"  # two code points; JSON would read them as one
    written = to_json({text: text})
    assert from_json(loads(dumps(written))) == {text: text}
    assert from_json(loads(dumps(to_json("\ud83d")))) == "\ud83d"


plain_data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.timedeltas(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.tuples(inner, inner)
        | st.builds(RecordData, st.just("R"), st.dictionaries(st.text(), inner))
    ),
    max_leaves=20,
)


@given(plain_data)
def test_everything_comes_back(plain: object) -> None:
    assert from_json(loads(dumps(to_json(plain)))) == plain


@given(st.sets(st.text() | st.integers()), st.randoms())
def test_a_set_has_one_text(items: set[object], random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert canonical_json(to_json(items)) == canonical_json(to_json(set(shuffled)))


def test_ten_thousand_levels_print() -> None:
    deep_list: object = 1
    deep_dict: object = 1
    for _ in range(10_000):
        deep_list, deep_dict = [deep_list], {"k": deep_dict}
    assert dumps(to_json(deep_list)) == "[" * 10_000 + "1" + "]" * 10_000
    assert canonical_json(to_json(deep_dict)) == '{"k":' * 10_000 + "1" + "}" * 10_000
    assert len(digest(to_json(deep_list))) == 64
    read = from_json(to_json(deep_list))
    for _ in range(10_000):
        assert isinstance(read, list)
        (read,) = read
    assert read == 1


def test_printing_deep_data_agrees_with_the_standard_library() -> None:
    wide: object = {"b": [1, "ä\n", None], "a": {"c": [{}, []], "d": True}}
    for _ in range(500):
        wide = [wide, {"x": 1.5}]
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        assert dumps(to_json(wide)) == json.dumps(to_json(wide))
        assert canonical_json(to_json(wide)) == json.dumps(to_json(wide), sort_keys=True, separators=(",", ":"))
    finally:
        sys.setrecursionlimit(before)


def test_what_contains_itself_prints() -> None:
    loop: list[object] = [1]
    loop.append(loop)
    assert to_json(loop) == [1, {"$cycle": True}]
    shared = [1]
    assert to_json([shared, shared]) == [[1], [1]]


def test_a_small_graph_that_prints_as_terabytes_is_cut() -> None:
    bomb: object = 1
    for _ in range(80):
        bomb = [bomb, bomb]
    writer = Writer(limit=1_000)
    assert len(dumps(writer.write(bomb))) < 100_000
    assert writer.elided


def test_a_huge_list_is_cut_before_it_is_copied() -> None:
    writer = Writer(limit=100)
    written = writer.write([0] * 1_000_000)
    assert isinstance(written, list)
    assert len(written) < 200
    assert writer.elided


def test_objects_of_the_host_are_opaque_and_labels_are_never_dropped() -> None:
    writer = Writer()
    assert writer.write(to_json) == {"$opaque": "function"}
    assert writer.opaque
    assert to_json([Labeled("secret", MAIL)]) == [{"$opaque": "Labeled"}]
    assert to_json(List(["secret"], MAIL)) == {"$opaque": "List"}


@pytest.mark.parametrize(
    "text",
    [
        '{"$opaque": "function"}',
        '{"$elided": "list"}',
        '{"$nothing": 1}',
        '{"$tuple": 1}',
        '{"$tuple": [1], "x": 1}',
        '{"$dict": [[1]]}',
        '{"$dict": [[[], 1]]}',
        '{"$set": [[]]}',
        '{"$date": "2026-13-01"}',
        '{"$date": 1}',
        '{"$decimal": "x"}',
        '{"$decimal": "sNaN"}',
        '{"$float": "1"}',
        '{"$int": "12"}',
        '{"$int": "0xzz"}',
        '{"$bytes": "?"}',
        '{"$range": [1, 2]}',
        '{"$range": [1, 2, 0]}',
        '{"$enum": "RED"}',
        '{"$record": 1, "fields": {}}',
        '{"$record": "R"}',
        '{"$datetime": "2026-01-01T00:00", "zone": "No/Where"}',
        '{"$timedelta": 1e300}',
        '{"$label": 0, "value": 1}',
    ],
)
def test_what_no_rule_reads_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(EncodingError) as caught:
        from_json(loads(text))
    assert "2026" not in str(caught.value)
    assert "No/Where" not in str(caught.value)


def test_text_that_is_no_json_or_too_deep_is_refused() -> None:
    for text in ("", "{", "[" * 5_000 + "]" * 5_000, "nope"):
        with pytest.raises(EncodingError):
            loads(text)
    assert loads('"' + "[" * 5_000 + '"') == "[" * 5_000


# With labels


def test_labels_of_parts_come_back() -> None:
    record = wrap(RecordData("Mail", {"body": "hi", "tags": ["a"]}), MAIL, Origin(4, (0,)))
    value = wrap([record, "x"], VAULT, Origin(4))
    read = labelled_from_json(loads(dumps(labelled_to_json(value))))
    assert label_of(read) is VAULT
    assert deep(read) is MAIL.join(VAULT)
    assert origin_of(read) == Origin(4)
    holder = unsafe_value(read)
    assert isinstance(holder, List)
    first = element(holder, holder.items, 0, label_of(read))
    assert label_of(first) is MAIL.join(VAULT)
    assert origin_of(first) == Origin(4, (0,))
    assert unsafe_plain(read) == [RecordData("Mail", {"body": "hi", "tags": ["a"]}), "x"]


def test_trusted_public_values_come_back_as_objects() -> None:
    read = labelled_from_json(labelled_to_json(wrap({"a": [1]}, TRUSTED_PUBLIC)))
    assert isinstance(read, Dict)


def test_reading_a_part_does_not_change_the_text() -> None:
    value = wrap([[1], [2]], MAIL)
    before = canonical_json(labelled_to_json(value))
    holder = unsafe_value(value)
    assert isinstance(holder, List)
    element(holder, holder.items, 1, MAIL)  # turns the inner list into an object, in place
    assert canonical_json(labelled_to_json(value)) == before


def test_the_label_changes_the_text() -> None:
    texts = {canonical_json(labelled_to_json(wrap("a", label))) for label in (TRUSTED_PUBLIC, MAIL, VAULT)}
    assert len(texts) == 3


def test_each_label_is_written_once() -> None:
    table = LabelTable()
    Writer(table).write(List([Labeled(1, MAIL), Labeled(2, MAIL), Labeled(3, VAULT)]))
    assert table.labels == [MAIL, VAULT]


def test_label_json() -> None:
    assert label_to_json(MAIL) == {"sources": ["email:bob@x"], "readers": ["user"]}
    assert label_to_json(Label({"user"}, EVERYONE)) == {"sources": ["user"], "readers": "everyone"}
    for label in (MAIL, TRUSTED_PUBLIC, Label((), ())):
        assert label_from_json(label_to_json(label)) is label


@pytest.mark.parametrize(
    "obj",
    [
        None,
        {},
        {"sources": []},
        {"sources": [], "readers": "all"},
        {"sources": "user", "readers": []},
        {"sources": [1], "readers": []},
        {"sources": [""], "readers": []},
        {"sources": [], "readers": [], "x": 1},
    ],
)
def test_what_is_no_label_is_refused(obj: object) -> None:
    with pytest.raises(EncodingError):
        label_from_json(obj)


@pytest.mark.parametrize(
    "obj",
    [
        1,
        {"labels": [], "value": {"$label": 0, "value": 1}},
        {"labels": [{"sources": [], "readers": []}], "value": {"$label": -1, "value": 1}},
        {"labels": [{"sources": [], "readers": []}], "value": {"$label": True, "value": 1}},
        {"labels": [{"sources": [], "readers": []}], "value": {"$label": 0, "value": 1, "x": 2}},
        {"labels": [{"sources": [], "readers": []}], "value": {"$label": 0, "value": 1, "origin": ["a"]}},
        {"labels": [1], "value": 1},
        {"value": 1},
    ],
)
def test_a_damaged_labelled_value_is_refused(obj: object) -> None:
    with pytest.raises(EncodingError):
        labelled_from_json(obj)  # type: ignore[arg-type]


def test_bytes_are_base64() -> None:
    assert to_json(b"abc") == {"$bytes": base64.b64encode(b"abc").decode()}
