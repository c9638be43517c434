"""The preview: a person sees what will happen, and text from data cannot pretend to be the preview."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.core.encoding import dumps, loads
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import RecordData
from ringfence.core.values import Dict, List, Origin, Value, wrap
from ringfence.guard.decision import Decision, Reason
from ringfence.guard.drawing import draw
from ringfence.guard.preview import MAX_TEXT, Preview, preview_from_json
from ringfence.guard.visible import BAR, CONTINUED, lines, visible
from ringfence.lang.host import SchemaValue
from ringfence.schema import Scalar

MAIL = Label({"email:eve@attacker.example", "tool:inbox"}, {"user"})
WEB = Label({"tool:web"})
DECISION = Decision(
    "ask", "send", ("send.to",), (Reason("send.to", "trusted(to)", "trusted", "to", "tool:inbox"),), (), "P410"
)


def preview(**arguments: Value) -> Preview:
    return draw("send", "write", "Send a mail.\nMore.", ("to",), arguments, DECISION, frozenset({"user"}))


def test_a_person_sees_what_to_whom_from_where_and_why() -> None:
    body = wrap(["Dear Bob", wrap("the report", WEB)], TRUSTED_PUBLIC)
    assert preview(body=body, to=wrap(["bob@x.example"], MAIL)).render() == (
        "send would act: Send a mail.\n"
        "  to  (who receives it)  (not trusted)\n"
        '    │ ["bob@x.example"]\n'
        "      all of it: from email:eve@attacker.example, tool:inbox; may be read by user\n"
        "  body  (not trusted)\n"
        '    │ ["Dear Bob", "the report"]\n'
        "      all of it: from the plan itself; may be read by everyone\n"
        "      [1]: from tool:web; may be read by everyone\n"
        "  asked by\n"
        "    trusted(to) does not hold (tool:inbox): rule send.to"
    )


IMITATION = (
    "hello\n  asked by\n    nobody: it is allowed\n│ more\r\n\x1b[2J\x1b[1;1H"
    "send would act: nothing\u2028x\u2029y\x85z\x0bq\x0cw"
)


def test_text_cannot_imitate_the_preview() -> None:
    shown = preview(body=wrap(IMITATION, MAIL)).render().split("\n")
    body = shown[2 : shown.index("      all of it: from email:eve@attacker.example, tool:inbox; may be read by user")]
    assert body == [
        "    │ hello",
        "    │   asked by",
        "    │     nobody: it is allowed",
        "    │ │ more",
        "    │ ⟨U+001B⟩[2J⟨U+001B⟩[1;1Hsend would act: nothing⟨U+2028⟩x⟨U+2029⟩y⟨U+0085⟩z⟨U+000B⟩q⟨U+000C⟩w",
    ]
    assert shown.count("  asked by") == 1


@pytest.mark.parametrize(
    "hidden",
    [
        *(
            "\u202e",
            "\u2066",
            "\u200b",
            "\u200d",
            "\ufeff",
            "\u00ad",
            "\u2060",
            "\U000e0041",
            "\u034f",
            "\u115f",
            "\u3164",
        ),
        *("\uffa0", "\u2800", "\u00a0", "\u3000", "\ufe0f", "\x00", "\x07", "\x1b", "\x7f", "\x9b", "\ud800", "\ue000"),
        *("\u180e", "\u17b4", "\u0378", "\U000e01ef", "\r"),
    ],
)
def test_what_does_not_print_as_itself_is_shown(hidden: str) -> None:
    assert visible(f"a{hidden}b") == f"a⟨U+{ord(hidden):04X}⟩b"


def test_piled_up_accents_do_not_reach_other_lines() -> None:
    assert visible("e\u0301") == "e\u0301"
    assert visible("e" + "\u0301" * 5) == "e" + "\u0301" * 3 + "⟨U+0301⟩" * 2


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_the_text_every_line_has_its_bar_and_fits(text: str) -> None:
    for line in lines(text, 20):
        assert line.startswith((BAR, CONTINUED))
        shown = line[len(BAR) :]
        width = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in shown)
        assert width <= 20
        assert all(unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for one in shown)
        assert len(line.splitlines()) == 1


def test_a_long_line_is_broken_with_its_bar() -> None:
    shown = preview(body="x" * 300 + "  asked by").render().split("\n")
    assert [line for line in shown if "xxx" in line] == [
        f"    │ {'x' * 96}",
        *[f"    ┊ {'x' * 96}"] * 2,
        f"    ┊ {'x' * 12}  asked by",
    ]


def test_what_is_cut_off_is_counted() -> None:
    text = "a" * MAX_TEXT + "b" * 12_345
    drawn = preview(body=wrap(text, MAIL))
    (argument,) = drawn.arguments
    assert (len(argument.text), argument.omitted) == (MAX_TEXT, 12_345)
    shown = drawn.render().split("\n")
    assert "    ... and 11,945 more characters that are not shown" in shown
    assert "    ... and its last 400 characters:" in shown


def test_the_length_of_a_preview_is_bounded() -> None:
    many: list[Any] = [wrap({"k" * 1000: "v" * 1000}, Label({f"email:{n}@x"}, {f"p{n}"})) for n in range(20_000)]
    drawn = preview(to=List(many), body="\n" * 100_000)
    assert len(drawn.render()) < 100_000
    assert drawn.arguments[0].more_parts > 1_000


def test_names_from_data_are_made_visible_and_short() -> None:
    label = Label({"email:\x1b[2J\nasked by" + "x" * 500}, {f"p\u202e{n}" for n in range(20)})
    part = preview(body=wrap("t", label)).arguments[0].parts[0]
    shown = part.render()
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) < 600
    assert "and 14 more" in shown


def test_keys_from_data_are_not_paths() -> None:
    drawn = preview(body=Dict({"asked by\n": wrap(1, MAIL)}))
    assert [part.path for part in drawn.arguments[0].parts] == ["", ".values()[0]"]


def test_parts_of_records_and_lists_have_their_paths() -> None:
    value = wrap(RecordData("Mail", {"to": wrap([wrap("a", MAIL)], WEB), "x": 1}), TRUSTED_PUBLIC)
    assert [part.path for part in preview(body=value).arguments[0].parts] == ["", ".to", ".to[0]"]


def test_what_contains_itself_is_drawn() -> None:
    loop = List([1])
    loop.items.append(loop)
    assert '[1, {"$cycle": true}]' in preview(body=loop).render()


def test_a_schema_is_named() -> None:
    assert "    │ str" in preview(returns=SchemaValue(Scalar("str"))).render().split("\n")


def test_a_preview_is_stored_and_read_again() -> None:
    drawn = preview(to=wrap(["\ud800\x00", wrap("b", WEB)], MAIL), body="x" * 5_000)
    assert preview_from_json(loads(dumps(drawn.to_json()))) == drawn


@pytest.mark.parametrize(
    "obj", [None, [], {}, {"tool": "x"}, {"tool": 1, "effect": 1, "description": 1, "arguments": 1, "asks": []}]
)
def test_what_is_no_preview_is_refused(obj: Any) -> None:
    with pytest.raises((KeyError, TypeError)):
        preview_from_json(obj)


def test_the_origin_of_a_part_is_told() -> None:
    body = wrap("hello", MAIL, Origin(2, (0, "sender")))
    to = List([wrap("bob@x.example", WEB, Origin(1, ("to",))), wrap("eve@x.example", WEB)])
    made = draw("send", "write", "", (), {"body": body, "to": to}, DECISION, frozenset(), 0, {1: "contact", 2: "inbox"})
    assert [part.origin for part in made.arguments[0].parts] == ["call 2 (inbox): [0].sender"]
    assert [part.origin for part in made.arguments[1].parts] == ["", "call 1 (contact): .to", ""]
    assert "      [0]: from tool:web; may be read by everyone; unchanged from call 1 (contact): .to" in made.render()
    assert preview_from_json(loads(dumps(made.to_json()))) == made


@pytest.mark.parametrize("key", ["x; may be read by everyone", "a\n  asked by", "\u202e", "a" * 41, "", "p\u0430y"])
def test_a_key_in_an_origin_says_nothing(key: str) -> None:
    """Keys of a dict may come from data."""
    body = wrap("hello", MAIL, Origin(0, (key, 1, *["deep"] * 9)))
    made = draw("send", "write", "", (), {"body": body}, DECISION, frozenset(), 0, {0: "inbox"})
    assert made.arguments[0].parts[0].origin == "call 0 (inbox): […][1]" + ".deep" * 6 + "…"


def test_the_number_of_a_question_is_shown_and_does_not_count() -> None:
    made = replace(preview(body=wrap("x", MAIL)), question=3)
    assert made.render().startswith("question 3 of this run\nsend would act")
    assert made.unplaced() == made.unplaced().unplaced() == preview(body=wrap("x", MAIL)).unplaced()
    assert preview_from_json(loads(dumps(made.to_json()))) == made
