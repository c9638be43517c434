"""Data that are too long for one question: read in parts, put together, and all of it inside the quarantine."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.core.errors import QuarantineError
from ringfence.llm.models import TooLongError
from ringfence.llm.parts import parts
from ringfence.llm.quarantine import REFUSAL, Quarantine
from ringfence.schema import ListType, Scalar, type_of
from ringfence.testing import RecordingModel, ScriptedModel

CANARY = "CANARY4711"
MISSING = '{"not_enough_information": true, "value": null}'
QUOTE = Scalar("str", format="quote")


def wrapped(value):
    return json.dumps({"not_enough_information": False, "value": value})


@given(st.lists(st.text(alphabet="ab .\n", max_size=200), max_size=4), st.integers(min_value=3, max_value=60))
def test_nothing_is_lost_and_nothing_is_longer(texts, longest):
    found = parts(tuple(texts), longest)
    assert "".join(found) == "".join(texts)
    assert all(len(part) <= longest for part in found)


def test_parts_end_where_paragraphs_end():
    text = "one two three\n\nfour five six\n\nseven eight"
    assert parts((text,), 30) == ("one two three\n\nfour five six\n\n", "seven eight")


def test_short_data_are_one_question():
    model = ScriptedModel([wrapped(3)])
    assert Quarantine(model).read("How many?", ("x" * 1000,), type_of(int)) == 3
    assert len(model.asked) == 1


def test_long_data_are_read_in_parts_and_put_together():
    model = RecordingModel(ScriptedModel([wrapped([1]), MISSING, wrapped([2]), wrapped([1, 2])]))
    text = "\n\n".join(letter * 900 for letter in "xyz")
    assert Quarantine(model, longest=1000).read("Which?", (text,), type_of(list[int])) == [1, 2]
    questions = [asked.user for asked in model.asked]
    assert len(questions) == 4
    assert [("xxx" in q, "yyy" in q, "zzz" in q) for q in questions[:3]] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    assert "part 2 of 3" in questions[1]
    assert "xxx" not in questions[3]
    assert "DATA 2 of 2" in questions[3]


def test_one_finding_is_the_answer():
    model = ScriptedModel([MISSING, wrapped(7)])
    assert Quarantine(model, longest=600).read("?", ("x" * 1000,), type_of(int)) == 7


def test_nothing_in_any_part_is_not_enough_information():
    model = ScriptedModel([REFUSAL, REFUSAL])
    with pytest.raises(QuarantineError) as caught:
        Quarantine(model, longest=600).read("?", ("x" * 1000,), type_of(str))
    assert caught.value.code == "E341"


def test_a_quote_must_stand_in_the_whole_data():
    text = "a" * 590 + " first " + "b" * 590 + " second"
    replies = [wrapped(["first"]), wrapped(["second"]), wrapped(["third"]), wrapped(["first", "second"])]
    model = ScriptedModel(replies)
    assert Quarantine(model, longest=700).read("?", (text,), ListType(QUOTE)) == ["first", "second"]
    assert "An earlier answer to this question did not fit" in model.asked[3].system


def test_the_parts_are_bounded():
    model = ScriptedModel([])
    with pytest.raises(QuarantineError) as caught:
        Quarantine(model, longest=600, most=3).read("?", ("x" * 10_000,), type_of(str))
    assert (caught.value.code, len(model.asked)) == ("E340", 0)


def test_a_context_that_is_too_short_halves_the_parts():
    too_long = TooLongError("too long", status=413)
    model = ScriptedModel([too_long, wrapped(1), wrapped(1), wrapped(1)])
    assert Quarantine(model).read("?", ("x" * 2000,), type_of(int)) == 1
    assert len(model.asked) == 4


def test_a_context_that_is_too_short_for_anything_is_an_error():
    model = ScriptedModel([TooLongError("too long", status=413)] * 20)
    with pytest.raises(QuarantineError):
        Quarantine(model).read("?", ("x" * 2000,), type_of(int))


def test_a_failing_part_fails_the_whole():
    model = ScriptedModel(["nonsense"] * 3)
    with pytest.raises(QuarantineError) as caught:
        Quarantine(model, longest=600).read("?", (CANARY + "x" * 1000,), type_of(int))
    assert caught.value.code == "E340"
    assert CANARY not in caught.value.render()
