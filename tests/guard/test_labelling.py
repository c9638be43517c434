"""The labels of results: the rules, their failures, and what they cannot do."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from ringfence.core.errors import ConfigError
from ringfence.core.labels import EVERYONE, TRUSTED_PUBLIC, Label
from ringfence.core.origins import origin_of
from ringfence.core.values import List, Origin, Record, Value, deep, element, label_of, unsafe_value, wrap
from ringfence.guard.labelling import default_label, failed_label, names_of, principal
from ringfence.guard.tools import labels, tool

from .guard_plan import Make


@dataclass
class Mail:
    sender: str
    recipients: list[str] = field(default_factory=list)


MAILS = [Mail("email:Bob@X.example", ["email:ann@x.example"]), Mail("eve@attacker.example")]
ARGUMENT = Label({"tool:search"}, {"user", "email:bob@x.example"})


def items(value: Value) -> list[Value]:
    holder = unsafe_value(value)
    assert isinstance(holder, List)
    return [element(holder, holder.items, index, label_of(value)) for index in range(len(holder.items))]


def inbox(rule: Any, result: object = MAILS) -> Any:
    @tool(effect="read", returns=rule)
    def inbox(query: str = "") -> Any:
        return result

    return inbox


def test_without_a_rule_a_result_is_untrusted_and_the_users_own(make: Make) -> None:
    value = make([inbox(None)]).call("inbox")
    assert label_of(value) is deep(value) is default_label("inbox", "user") is Label({"tool:inbox"}, {"user"})
    assert origin_of(value) == Origin(0)


def test_each_record_has_its_own_label(make: Make) -> None:
    rule = labels(sources=lambda m: m.sender, readers=lambda m: m.recipients, shape=Label({"tool:inbox"}))
    value = make([inbox(rule)]).call("inbox")
    assert label_of(value) is Label({"tool:inbox"})
    first, second = items(value)
    assert label_of(first) is Label({"tool:inbox", "email:bob@x.example"}, {"user", "email:ann@x.example"})
    assert label_of(second) is Label({"tool:inbox", "email:eve@attacker.example"}, {"user"})
    assert origin_of(second) == Origin(0, (1,))


def test_by_default_a_list_may_be_counted_by_the_user_alone(make: Make) -> None:
    value = make([inbox(labels(readers=lambda m: m.recipients))]).call("inbox")
    assert label_of(value) is default_label("inbox", "user")
    # every read goes through the list, so its readers bound those of the records
    assert label_of(items(value)[0]) is default_label("inbox", "user")


def test_constants_label_the_records_where_the_shape_is_given(make: Make) -> None:
    value = make([inbox(labels(sources="email:all@x", shape=TRUSTED_PUBLIC))]).call("inbox")
    assert label_of(value) is TRUSTED_PUBLIC
    assert {label_of(item) for item in items(value)} == {Label({"tool:inbox", "email:all@x"}, {"user"})}


def test_one_record_is_labelled_as_one(make: Make) -> None:
    value = make([inbox(labels(readers=lambda m: EVERYONE), MAILS[0])]).call("inbox")
    assert label_of(value) is Label({"tool:inbox"})


def test_a_tools_own_data_is_trusted_only_if_it_says_so(make: Make) -> None:
    value = make([inbox(labels(sources="user", own=False), MAILS[0])]).call("inbox")
    assert label_of(value) is Label({"user"}, {"user"})
    value = make([inbox(labels(sources="user"), MAILS[0])]).call("inbox")
    assert label_of(value) is Label({"user", "tool:inbox"}, {"user"})


def test_a_result_depends_on_the_arguments(make: Make) -> None:
    rule = labels(sources="user", own=False, readers=EVERYONE)
    value = make([inbox(rule)]).call("inbox", query=wrap("secret", ARGUMENT))
    assert deep(value) is Label({"user", "tool:search"}, {"user", "email:bob@x.example"})


def test_who_the_user_is_can_be_said(make: Make) -> None:
    value = make([inbox(None)], user="emma@x.example").call("inbox")
    assert label_of(value) is Label({"tool:inbox"}, {"email:emma@x.example"})


def raising(mail: Mail) -> str:
    raise RuntimeError("SECRET-VALUE")


@pytest.mark.parametrize(
    "nonsense",
    [
        raising,
        lambda m: None,
        lambda m: 3,
        lambda m: [3],
        lambda m: "",
        lambda m: b"bob",
        lambda m: {"a": 1},
        lambda m: [""],
        lambda m: "x" * 2_000,
        lambda m: (f"p{i}" for i in range(20_000)),
        lambda m: EVERYONE,
    ],
)
def test_a_source_rule_that_fails_gives_the_strictest_label(make: Make, nonsense: Any) -> None:
    rule = labels(sources=nonsense, readers=EVERYONE, own=False, shape=TRUSTED_PUBLIC)
    plan = make([inbox(rule)])
    value = plan.call("inbox")
    for item in items(value):
        assert label_of(item) is Label({"tool:inbox", "unknown"}, {"user"})
    assert [one.data for one in plan.monitor.audit.records() if '"label_rule":"failed"' in one.data]
    assert not any("SECRET-VALUE" in one.data for one in plan.monitor.audit.records())


@pytest.mark.parametrize("nonsense", [raising, lambda m: None, lambda m: 3, lambda m: [""]])
def test_a_reader_rule_that_fails_does_too(make: Make, nonsense: Any) -> None:
    value = make([inbox(labels(readers=nonsense), MAILS[0])]).call("inbox")
    assert label_of(value) is Label({"tool:inbox", "unknown"}, {"user"})


def test_no_readers_but_the_user_is_an_answer(make: Make) -> None:
    value = make([inbox(labels(readers=lambda m: []), MAILS[0])]).call("inbox")
    assert label_of(value) is Label({"tool:inbox"}, {"user"})


def test_a_rule_that_empties_the_result_while_it_is_read_does_not_shift_labels(make: Make) -> None:
    result = [Mail("email:a@x"), Mail("email:b@x"), Mail("email:c@x")]

    def sender(mail: Mail) -> str:
        del result[:]
        return mail.sender

    value = make([inbox(labels(sources=sender), result)]).call("inbox")
    assert [label_of(item).sources for item in items(value)] == [
        {"tool:inbox", "email:a@x"},
        {"tool:inbox", "email:b@x"},
        {"tool:inbox", "email:c@x"},
    ]


def test_mail_addresses_are_principals_in_one_spelling() -> None:
    assert principal("Bob@X.example") == principal("email:BOB@x.example") == "email:bob@x.example"
    assert principal("user") == "user"
    assert principal("web:user@host") == "web:user@host"
    assert names_of(["Bob@x", "ann@x"]) == {"email:bob@x", "email:ann@x"}


# Fields with a rule of their own

FIELDS = {"recipients": labels(sources="mail", readers=EVERYONE, own=False)}


def fields_of(value: Value) -> dict[str, Label]:
    record = unsafe_value(value)
    assert isinstance(record, Record)
    return {name: deep(element(record, record.fields, name, label_of(value))) for name in record.fields}


def test_a_field_with_a_rule_has_that_label_and_no_other(make: Make) -> None:
    rule = labels(sources=lambda m: m.sender, shape=TRUSTED_PUBLIC, fields=FIELDS)
    value = make([inbox(rule)]).call("inbox")
    assert [fields_of(item) for item in items(value)] == [
        {"sender": Label({"tool:inbox", "email:bob@x.example"}, {"user"}), "recipients": Label({"mail"})},
        {"sender": Label({"tool:inbox", "email:eve@attacker.example"}, {"user"}), "recipients": Label({"mail"})},
    ]


def test_without_a_shape_a_field_is_read_through_the_records_label(make: Make) -> None:
    """Which records there are may be the attacker's doing: so only who declares the shape gets more than the record."""
    value = make([inbox(labels(sources=lambda m: m.sender, fields=FIELDS), MAILS[1])]).call("inbox")
    assert fields_of(value)["recipients"] is Label({"mail", "tool:inbox", "email:eve@attacker.example"}, {"user"})


def test_the_keys_of_a_dict_are_of_who_wrote_it(make: Make) -> None:
    """A record's fields are those of its type; which keys a dict has may be what the attacker chose."""
    rule = labels(sources="web", shape=TRUSTED_PUBLIC, fields=FIELDS)
    value = make([inbox(rule, {"recipients": "x", "text": "y"})]).call("inbox")
    assert label_of(value) is Label({"tool:inbox", "web"}, {"user"})


def test_a_field_rule_that_fails_gives_the_strictest_label(make: Make) -> None:
    rule = labels(sources="web", shape=TRUSTED_PUBLIC, fields={"sender": labels(sources=raising, own=False)})
    plan = make([inbox(rule, MAILS[0])])
    assert fields_of(plan.call("inbox"))["sender"] is Label({"tool:inbox", "unknown"}, {"user"})
    assert [one.data for one in plan.monitor.audit.records() if '"label_rule":"failed"' in one.data]


def test_arguments_are_joined_to_fields_too(make: Make) -> None:
    rule = labels(sources="web", shape=TRUSTED_PUBLIC, fields=FIELDS)
    value = make([inbox(rule, MAILS[0])]).call("inbox", query=wrap("q", ARGUMENT))
    assert fields_of(value)["recipients"] is Label({"mail"}).join(ARGUMENT)


def test_a_field_rule_says_no_more_than_sources_and_readers() -> None:
    with pytest.raises(ConfigError, match="says more than sources and readers"):
        labels(fields={"sender": labels(sources="x", shape=TRUSTED_PUBLIC)})


def test_what_is_known_before_the_call_is_below_every_field() -> None:
    assert labels(sources="web", fields=FIELDS).bounds("inbox", "user").low is TRUSTED_PUBLIC


def test_a_name_with_half_a_character_is_no_name() -> None:
    for name in ("\ud900\ude3d", "bob\ud800", "\udfff@x.example"):
        with pytest.raises(TypeError):
            principal(name)
        rule = labels(sources=lambda m, name=name: name)
        value, good = rule.apply("t", "user", "text", "text", TRUSTED_PUBLIC, Origin(0))
        assert not good
        assert label_of(value) is failed_label("t", "user")
    assert principal("J\U0001f600rg") == "J\U0001f600rg"
