"""The inbox: what a mail says, in whatever shape it comes, and none that cannot be seen."""

from __future__ import annotations

import os
import random
from datetime import UTC, date, datetime

import pytest

from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.mail import UNREADABLE, Inbox
from ringfence.connectors.rooted import Root


@pytest.fixture
def inbox(tmp_path):
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()

    def deliver(*letters: bytes):
        for number, letter in enumerate(letters):
            place = tmp_path / "new" / f"{number}.host"
            place.write_bytes(letter)
            os.utime(place, (1_700_000_000 + number,) * 2)
        return Inbox(Root(tmp_path), UTC)

    return deliver


def letter(*headers: str, body: str = "hello") -> bytes:
    return "\r\n".join([*headers, "", body]).encode("utf-8", "surrogateescape")


def test_the_inbox_of_the_demonstration(workspace):
    inbox = Inbox(workspace.root("inbox"), workspace.timezone)
    mails = inbox.newest(50)
    assert len(mails) == 15
    assert [mail.date for mail in mails] == sorted((mail.date for mail in mails), reverse=True)
    assert mails[0].sender == "john.doe@harbour.example"
    assert mails[0].date == datetime.combine(date(2026, 3, 4), datetime.min.time()).replace(hour=7, minute=12)
    assert all(mail.recipients[0] == workspace.user for mail in mails)
    assert [mail.id for mail in inbox.newest(2)] == [mail.id for mail in mails[:2]]
    invoice = inbox.search("INV-1042", "", 5)[0]
    assert invoice.attachments == ["INV-1042.csv"]
    assert "Amount due: 480.00 EUR" in invoice.body
    assert "brochure A5" not in invoice.body


def test_search_takes_all_words_in_any_case_and_the_senders_name_or_address(workspace):
    inbox = Inbox(workspace.root("inbox"), workspace.timezone)
    invoices = {mail.sender for mail in inbox.search("invoice", "", 50)}
    assert {"billing@printworks.example", "invoices@cloudbase.example", "accounts@greenoffice.example"} <= invoices
    assert [mail.subject for mail in inbox.search("TIMEOUTS retry", "", 50)] == ["Re: payment timeouts"]
    assert [mail.sender for mail in inbox.search("", "sofia larkin", 50)] == ["sofia@larkinfoods.example"]
    assert [mail.sender for mail in inbox.search("", "@larkinfoods", 50)] == ["sofia@larkinfoods.example"]
    assert inbox.search("no such words", "", 50) == []
    assert len(inbox.search("", "", 3)) == 3


def test_html_mails_become_text(workspace):
    inbox = Inbox(workspace.root("inbox"), workspace.timezone)
    (mail,) = inbox.search("Shop Weekly", "", 5)
    assert mail.body.splitlines()[0] == "Five checkouts that convert"
    assert "color" not in mail.body


def test_addresses_and_encoded_headers(inbox):
    (mail,) = inbox(
        letter(
            "From: =?utf-8?q?J=C3=B6rg?= <Joerg@X.Example>",
            'To: "Doe, Jane" <jane@y.example>, undisclosed-recipients:;',
            "Cc: jane@y.example, bob@z.example",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?= an\r\n alle",
            "Date: Wed, 04 Mar 2026 10:00:00 +0200",
        )
    ).newest(5)
    assert mail.sender == "joerg@x.example"
    assert mail.recipients == ["jane@y.example", "bob@z.example"]
    assert mail.subject == "Grüße an alle"
    assert mail.date == datetime(2026, 3, 4, 8)


@pytest.mark.parametrize(
    "headers",
    [
        ["From: a@x.example", "From: b@x.example"],
        ["From: a@x.example, b@x.example"],
        ["From: nobody"],
        ["From: <>"],
        [],
    ],
)
def test_where_nobody_can_be_named_as_the_one_sender_there_is_none(inbox, headers):
    assert inbox(letter(*headers)).newest(5)[0].sender == ""


HOSTILE = [
    b"",
    b"\x00" * 1000,
    b"\xff\xfe\xfd",
    random.Random(0).randbytes(5000),
    letter("Subject: =?utf-8?b?////?=", "From: =?x?y?z?= <a@x.example>"),
    letter("Subject: =?no-such-charset?q?abc?="),
    letter("Date: never", "Content-Type: text/plain; charset=no-such-charset"),
    letter("Date: Wed, 04 Mar 99999 10:00:00 +9999"),
    letter("Date: Wed, 04 Mar 0001 10:00:00 +0200"),
    letter("Content-Type: text/plain; charset=rot13", body="x"),
    letter("Content-Type: text/plain; charset=hex", body="zz"),
    letter("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", body="!!!=*"),
    letter("Content-Type: multipart/mixed", body="x"),
    letter(
        "Content-Type: multipart/mixed; boundary=b", body="--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b"
    ),
    letter("Content-Type: text/plain; name*0*=x'y'%zz; name*999999=\"a\""),
    letter("From: " + "(" * 10_000),
    letter("To: " + ",".join(f"a{n}@x.example" for n in range(20_000))),
    letter("Content-Type: text/html", body="<div>" * 50_000 + "deep"),
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_mail_is_shown_and_hides_no_other(inbox, data):
    fine = letter("From: a@x.example", "Subject: fine")
    mails = inbox(fine, data, fine).newest(50)
    assert len(mails) == 3
    assert [mail.subject for mail in mails].count("fine") == 2
    for mail in mails:
        (mail.subject + mail.body + mail.sender).encode("utf-8")


def test_what_no_parser_reads_is_shown_as_such(inbox):
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5_000))
    (mail,) = inbox(nested).newest(5)
    assert (mail.subject, mail.sender, mail.date) == (UNREADABLE, "", datetime(2023, 11, 14, 22, 13, 20))


def test_a_long_body_is_cut_and_says_so(inbox):
    (mail,) = inbox(letter("From: a@x.example", body="x" * 1_000_010)).newest(5)
    assert mail.body.endswith("\n[10 more characters]")


def test_a_mail_without_a_date_has_the_time_of_its_arrival(inbox):
    (mail,) = inbox(letter("From: a@x.example")).newest(5)
    assert mail.date == datetime(2023, 11, 14, 22, 13, 20)


def test_a_mail_that_is_marked_as_read_elsewhere_stays_the_same(inbox, tmp_path):
    box = inbox(letter("From: a@x.example"))
    (before,) = box.newest(5)
    (tmp_path / "new" / "0.host").rename(tmp_path / "cur" / "0.host:2,S")
    assert box.newest(5) == [before]


def test_links_and_unfinished_deliveries_are_no_mails(inbox, tmp_path):
    box = inbox(letter("From: a@x.example"))
    (tmp_path / "secret").write_bytes(letter("Subject: secret"))
    (tmp_path / "new" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "tmp" / "half").write_bytes(letter("Subject: half"))
    assert len(box.newest(5)) == 1


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_limit_must_make_sense(inbox, limit):
    with pytest.raises(NotAllowed):
        inbox(letter("From: a@x.example")).newest(limit)
