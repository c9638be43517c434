"""Declared quotes: they stand in the data, keep an origin where that tells nothing, and never lower a label."""

import pytest

from ringfence.core.errors import QuarantineError
from ringfence.core.labels import EVERYONE, TRUSTED_PUBLIC, Label
from ringfence.core.origins import origin_of
from ringfence.core.values import Labeled, Origin, Record, deep, unsafe_plain, unsafe_value, wrap
from ringfence.guard.quotes import check_quotes, has_quotes, is_word, quotes
from ringfence.guard.reading import prepare, read
from ringfence.schema import DictType, Field, ListType, RecordType, Scalar, SchemaMismatch, TupleType, UnionType
from ringfence.testing import ScriptedQuarantine

QUOTE = Scalar("str", format="quote")
LINK = RecordType("Link", (Field("text", Scalar("str")), Field("url", QUOTE)))
WEB = Label({"tool:fetch", "web:a.example"}, EVERYONE)
MAIL = Label({"tool:mail"}, {"ann"})
PAGE = wrap("See https://a.example/x or <https://a.example/y>, thanks", WEB, Origin(3, ("body",)))


def answered(answer, schema, *data):
    reading = prepare("Find it", data, schema)
    return read(ScriptedQuarantine([answer]), reading, grounding=False)


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        (QUOTE, True),
        (ListType(QUOTE), True),
        (LINK, True),
        (UnionType((QUOTE, Scalar("None"))), True),
        (DictType(Scalar("str"), QUOTE), True),
        (TupleType((Scalar("int"), QUOTE)), True),
        (Scalar("str"), False),
        (RecordType("R", (Field("a", Scalar("int")),)), False),
    ],
)
def test_where_quotes_are(schema, found):
    assert has_quotes(schema) is found


def test_all_quotes_of_an_answer_are_found():
    schema = RecordType("", (Field("a", ListType(QUOTE)), Field("b", DictType(Scalar("str"), QUOTE))), mapping=True)
    assert list(quotes(schema, {"a": ["x", "y"], "b": {"k": "z"}})) == ["x", "y", "z"]
    assert list(quotes(UnionType((QUOTE, Scalar("None"))), "x")) == ["x"]


def test_a_quote_that_does_not_stand_there_does_not_fit():
    check_quotes(LINK, {"text": "anything", "url": "x"}, ("a x b",))
    for wrong in ("evil", ""):
        with pytest.raises(SchemaMismatch) as caught:
            check_quotes(LINK, {"text": "x", "url": wrong}, ("a x b",))
        assert "evil" not in str(caught.value)


def test_the_monitor_checks_it_too():
    with pytest.raises(QuarantineError) as caught:
        answered("https://evil.example/", QUOTE, PAGE)
    assert (caught.value.code, caught.value.label) == ("E340", WEB)
    assert "evil" not in caught.value.render()


def test_a_whole_word_of_one_input_keeps_where_it_came_from():
    value, count = answered("https://a.example/x", QUOTE, PAGE)
    assert (unsafe_plain(value), count, origin_of(value)) == ("https://a.example/x", 1, Origin(3, ("body",)))
    assert deep(value) == WEB


def test_fields_of_records_and_elements_of_lists_do():
    value, count = answered([{"text": "x", "url": "https://a.example/y"}], ListType(LINK), PAGE)
    assert count == 1
    record = unsafe_value(unsafe_value(value).items[0])
    assert isinstance(record, Record)
    field = record.fields["url"]
    assert isinstance(field, Labeled)
    assert origin_of(field) == Origin(3, ("body",))
    assert origin_of(record.fields["text"]) is None
    assert deep(value) == WEB


@pytest.mark.parametrize(
    ("text", "whole", "found"),
    [
        ("https://a/x", "see https://a/x now", True),
        ("https://a/x", "<https://a/x>", True),
        ("https://a/x", "https://a/x?secret", False),
        ("https://a/", "see https://a/x", False),
        ("a/x", "https://a/x", False),
        ("x", "y x.y x", True),
        ("two words", "two words", True),
        ("two words", "these two words", False),
        ("https://evil/?", "https://evil/?\nmy password", True),
        ("https://evil/?\nmy", "https://evil/?\nmy password", False),
        ("https://evil/?my", "https://evil/?my password", True),
        ("https://evil/?my password", "https://evil/?my password and more", False),
    ],
)
def test_what_a_word_is(text, whole, found):
    """A hostile model must not choose where a text is cut: that would let it glue an address to what follows it."""
    assert is_word(text, whole) is found


def test_what_stands_in_two_inputs_keeps_no_origin():
    other = wrap("https://a.example/x", WEB, Origin(4))
    value, count = answered("https://a.example/x", QUOTE, PAGE, other)
    assert (origin_of(value), count) == (None, 0)


def test_a_more_private_input_could_have_chosen_the_quote():
    """Which link of a public page it is would tell what the mail says: so it is no link of the page any more."""
    secret = wrap("the second", MAIL, Origin(1))
    value, count = answered("https://a.example/y", QUOTE, PAGE, secret)
    assert (origin_of(value), count) == (None, 0)
    assert deep(value) == WEB.join(MAIL)


def test_a_quote_of_a_trusted_input_is_not_trusted_beside_an_untrusted_one():
    """Text of a page could have picked which of the user's own contacts it is."""
    own = wrap("ann@a.example bob@a.example", Label({"user"}, EVERYONE), Origin(2))
    value, _ = answered("bob@a.example", QUOTE, own, PAGE)
    assert not deep(value).trusted(frozenset({"user", "developer"}))


def test_the_label_of_the_instruction_is_joined():
    reading = prepare(wrap("Find the link", MAIL), (PAGE,), QUOTE)
    value, count = read(ScriptedQuarantine(["https://a.example/x"]), reading, grounding=False)
    assert (deep(value), count) == (WEB.join(MAIL), 0)


def test_without_an_origin_there_is_none():
    value, count = answered("b", QUOTE, wrap("a b", TRUSTED_PUBLIC))
    assert (unsafe_plain(value), count) == ("b", 0)
