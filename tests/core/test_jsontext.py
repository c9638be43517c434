"""Texts that are put together from parts are those that the encoder gives of the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.core.encoding import (
    Json,
    Part,
    Written,
    canonical_array,
    canonical_json,
    canonical_object,
    dumps,
    label_to_json,
    label_written,
    labelled_to_json,
    leaf_written,
    loads,
    object_written,
)
from ringfence.core.labels import EVERYONE, Label

texts = st.text(st.characters(exclude_categories=()), max_size=8)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
json_data: st.SearchStrategy[Json] = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=8
)


@given(st.dictionaries(texts, json_data, max_size=6), st.sets(texts, max_size=6))
def test_an_object_whose_parts_are_written_has_the_same_text(whole: dict[str, Json], before: set[str]) -> None:
    parts: dict[str, Part] = {
        name: Written(canonical_json(part)) if name in before else part for name, part in whole.items()
    }
    assert canonical_object(parts) == canonical_json(whole)
    assert object_written(parts) == Written(canonical_json(whole))


@given(st.lists(json_data, max_size=6))
def test_a_list_has_the_same_text(whole: list[Json]) -> None:
    assert canonical_array(whole) == canonical_json(whole)


@given(st.sets(texts.filter(bool)), st.sets(texts.filter(bool)) | st.just(EVERYONE))
def test_a_label_has_the_same_text(sources: set[str], readers: set[str]) -> None:
    label = Label(sources, readers)
    assert label_written(label).text == canonical_json(label_to_json(label))


@given(leaves | st.integers(min_value=1 << 1990, max_value=1 << 2010) | json_data)
def test_a_leaf_has_the_text_of_the_whole_writer_or_none(value: object) -> None:
    text = leaf_written(value)
    if text is not None:
        written = labelled_to_json(value)
        assert isinstance(written, dict)
        assert text == canonical_json(written["value"]) == dumps(written["value"])
        assert loads(text) == written["value"]


def test_what_is_no_leaf_or_has_a_tag_is_left_to_the_writer() -> None:
    for value in (1.5, [], {}, (1,), b"x", 1 << 2000, "\ud83d\ude00", Label(), object(), float("nan")):
        assert leaf_written(value) is None
    assert [leaf_written(value) for value in (None, True, False, 0, 1, "a\n")] == [
        "null", "true", "false", "0", "1", '"a\\n"',
    ]  # fmt: skip
