"""The answer: laid out for a person, made from results alone, harmless to a terminal."""

import inspect
import time as time_module
from collections import deque
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from ringfence.core.errors import ModelError
from ringfence.core.plain import Cycle, EnumMember, Plain, RecordData
from ringfence.llm.composer import Composer, Result, done, names_of
from ringfence.llm.layout import MAX_CHARACTERS, layout, visible
from ringfence.testing import BrokenModel, ScriptedModel

CANARY = "CANARY-4711"


def event(title: str, start: int, people: list[Plain] | None = None) -> RecordData:
    return RecordData(
        "Event",
        {"title": title, "start_time": datetime(2026, 11, 21, start), "people": [] if people is None else people},
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Two\nlines", "Two\nlines"),
        ("", ""),
        (3, "3"),
        (True, "yes"),
        (False, "no"),
        (2.5, "2.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("NaN"), "NaN"),
        (Decimal("1E+999999"), "1E+999999"),
        (datetime(2026, 11, 3, 9, 5), "Tuesday, 3 November 2026, 09:05"),
        (datetime(2026, 11, 3, 9, 5, 7, tzinfo=UTC), "Tuesday, 3 November 2026, 09:05:07 UTC"),
        (date(2026, 11, 3), "Tuesday, 3 November 2026"),
        (time(9, 5), "09:05"),
        (timedelta(hours=1, minutes=30), "1 hour, 30 minutes"),
        (timedelta(days=-1, seconds=1), "minus 23 hours, 59 minutes, 59 seconds"),
        (timedelta(0), "no time"),
        (EnumMember("Mood", "GOOD", "good"), "good"),
        (EnumMember("Level", "HIGH", 3), "HIGH"),
        (b"abc", "3 bytes"),
        ([], "nothing"),
        ({}, "nothing"),
        ({"a\nb_c": 1}, "a⟨U+000A⟩b c: 1"),
        (["a", "b"], "- a\n- b"),
        (("a", None), "- a\n- nothing"),
        (deque([1]), "- 1"),
        ([["a", "b"], "c"], "- - a\n  - b\n- c"),
        ({"total": Decimal("3.50"), "items": ["a", "b"]}, "total: 3.50\nitems:\n  - a\n  - b"),
        ({1: "x"}, "1: x"),
        (RecordData("Page", {"url": "u", "long_text": "a\nb"}), "url: u\nlong text:\n  a\n  b"),
        ([Cycle()], "- (the same again)"),
        (
            [event("Stand-up", 9, ["ann", "bob"]), event("Review", 14)],
            "title     start time                         people\n"
            "--------  ---------------------------------  --------\n"
            "Stand-up  Saturday, 21 November 2026, 09:00  ann, bob\n"
            "Review    Saturday, 21 November 2026, 14:00",
        ),
        ([event("One", 9)], "- title: One\n  start time: Saturday, 21 November 2026, 09:00\n  people: nothing"),
    ],
)
def test_layout(value: Plain, text: str) -> None:
    assert layout(value) == text


def test_records_with_long_or_different_fields_are_lists() -> None:
    long = [RecordData("A", {"x": "y" * 100}), RecordData("A", {"x": "z"})]
    assert layout(long) == f"- x: {'y' * 100}\n- x: z"
    mixed = [RecordData("A", {"x": 1}), RecordData("B", {"y": 1})]
    assert layout(mixed) == "- x: 1\n- y: 1"


def test_everything_has_a_bound() -> None:
    nested: list[Plain] = []
    for _ in range(5000):
        nested = [nested]
    assert layout(nested).endswith("…")
    assert layout(["x"] * 5000).endswith("\n… 4000 more")
    assert len(layout("x" * 10_000_000)) < MAX_CHARACTERS + 100
    assert len(layout({str(n): "y" * 1000 for n in range(1000)})) < MAX_CHARACTERS + 100
    wide: list[Plain] = ["z" * 10_000] * 1000
    begin = time_module.process_time()
    assert len(layout([[wide] * 1000] * 1000)) < MAX_CHARACTERS + 100
    assert len(layout([{"k" * 10_000: wide}] * 1000)) < MAX_CHARACTERS + 100
    assert time_module.process_time() - begin < 10
    assert layout(10**5000) == f"{10**5000:#x}"[:200] + "…"
    assert layout(object()) == "<object>"


def test_strange_objects_show_a_type_only() -> None:
    class Secret:
        def __repr__(self) -> str:
            return CANARY

    assert CANARY not in layout([Secret()])


# Terminals


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J",
        "\x9b2J",
        "\r",
        "\x08\x08",
        "\x07",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u2028",
        "\U000e0041",
        "\ud800",
        "\x00",
    ],
)
def test_control_characters_are_shown(text: str) -> None:
    for value in (text, [text], {text: text}, RecordData("A", {"x": text}), EnumMember("A", "B", text)):
        shown = layout(value)
        assert text not in shown
        assert f"⟨U+{ord(text[0]):04X}⟩" in shown
        shown.encode()


def test_ordinary_text_stays() -> None:
    assert visible("Grüße, 東京 – “ok”\tend\r\n") == "Grüße, 東京 – “ok”    end\n"


def test_a_cell_cannot_break_the_table() -> None:
    rows = [RecordData("A", {"x": "one\ntitle\n-----\nforged"}), RecordData("A", {"x": "two"})]
    assert layout(rows).startswith("- x:\n    one\n    title")


# What was done


def test_done_names_tools_and_counts() -> None:
    assert Composer().compose(None, ["send_mail", "fetch", "fetch"]) == "Done: send_mail, fetch (2 times)."
    assert Composer().compose(None) == done([]) == "Done; no tool was called."
    assert names_of(["quarantine", "send_mail", "quarantine_each"]) == ("send_mail",)


def test_an_answer_is_the_answer() -> None:
    assert Composer().compose("It is done.", ["send_mail"]) == "It is done."


# With a model


RESULTS = [
    Result("answer", f"untrusted {CANARY}", "quarantine"),
    Result("contact", RecordData("Contact", {"email": "ann@example.org"}), "find_contact", trusted=True),
    Result("mails", ["a", "b", CANARY], "list_mail"),
]


def test_the_model_sees_trusted_results_and_references_only() -> None:
    model = ScriptedModel(["The answer for $2 is: $1"])
    composer = Composer(model)
    assert composer.writes
    prompt = composer.prompt(RESULTS, ["find_contact", "list_mail"])
    assert prompt == (
        "Completed calls: find_contact, list_mail\n"
        "$1 is answer, a str from quarantine\n"
        "$2 is contact, a Contact from find_contact: email: ann@example.org\n"
        "$3 is mails, a list from list_mail"
    )
    text = composer.write(prompt)
    assert CANARY not in model.asked[0].system + model.asked[0].user
    assert composer.resolve(text, RESULTS) == (
        f"The answer for email: ann@example.org is: untrusted {CANARY}\n\n- a\n- b\n- {CANARY}"
    )


def test_the_request_is_no_argument() -> None:
    """Context minimisation by construction: no parameter of the composer could carry the request."""
    for method in (Composer.compose, Composer.prompt, Composer.write, Composer.resolve):
        assert not {"request", "user", "task"} & set(inspect.signature(method).parameters)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1 $1", "one one\n\ntwo $1"),
        ("$2", "two $1\n\none"),
        ("$1 and $2", "one and two $1"),
        ("$3 $0 $99999 $", "$3 $0 $99999 $\n\none\n\ntwo $1"),
        ("$12", "$12\n\none\n\ntwo $1"),
        ("\x1b[2J$1 $2", "⟨U+001B⟩[2Jone two $1"),
    ],
)
def test_references_are_resolved_once(text: str, expected: str) -> None:
    results = [Result("a", "one"), Result("b", "two $1")]
    assert Composer().resolve(text, results) == expected


def test_model_failures_pass_and_no_model_writes_nothing() -> None:
    with pytest.raises(ModelError):
        Composer(BrokenModel()).write("x")
    assert not Composer().writes
    with pytest.raises(ValueError, match="no model"):
        Composer().write("x")
