"""The address book: names, parts, roles, and never a guess."""

from __future__ import annotations

import pytest

from ringfence.connectors.contacts import AddressBook
from ringfence.connectors.errors import Ambiguous, Damaged, NotFound
from ringfence.connectors.records import Contact
from ringfence.connectors.rooted import Root


def card(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""]).encode()


@pytest.fixture
def book(workspace):
    return AddressBook(workspace.root("contacts"))


@pytest.mark.parametrize(
    "text",
    [
        "John Doe",
        "john doe",
        "  JOHN   DOE ",
        "Doe, John",
        "doe",
        "boss",
        "Boss",
        "boss John Doe",
        "my boss",
        "Head of Product",
    ],
)
def test_a_person_is_found_by_name_part_or_role(book, text):
    assert book.find(text) == Contact("John Doe", "john.doe@harbour.example", "020 7946 0101", "boss")


def test_a_person_is_found_by_address_and_by_the_beginning_of_a_name(book):
    assert book.find("sofia@larkinfoods.example").name == "Sofia Larkin"
    assert book.find("Han").name == "Hannah Schmidt"


def test_a_person_may_be_called_my(tmp_path):
    (tmp_path / "a.vcf").write_bytes(
        card("FN:My Nguyen", "EMAIL:my@x.example") + card("FN:Nguyen", "EMAIL:n@x.example")
    )
    assert AddressBook(Root(tmp_path)).find("my nguyen").email == "my@x.example"


def test_a_title_counts_where_there_is_no_role(book):
    assert book.find("priya").role == "Lead Designer"


def test_several_people_are_never_guessed(book):
    with pytest.raises(Ambiguous, match="2 contacts fit: John Doe, John Smith"):
        book.find("John")


@pytest.mark.parametrize("text", ["Nobody", "", "   ", "John Nobody", "@"])
def test_nobody_fits(book, text):
    with pytest.raises(NotFound):
        book.find(text)


def test_all_contacts_by_name(book):
    names = [contact.name for contact in book.all()]
    assert names == sorted(names)
    assert len(names) == 13


def test_a_full_name_wins_over_parts_of_longer_ones(tmp_path):
    (tmp_path / "a.vcf").write_bytes(
        card("FN:Ann Lee", "EMAIL:ann@x.example")
        + card("FN:Ann Lee Miller", "EMAIL:miller@x.example")
        + card("FN:Ann Lee", "EMAIL:ann@x.example", "TITLE:copy")
    )
    assert AddressBook(Root(tmp_path)).find("ann lee").email == "ann@x.example"


def test_two_people_of_the_same_name_are_two(tmp_path):
    (tmp_path / "a.vcf").write_bytes(
        card("FN:Ann Lee", "EMAIL:one@x.example") + card("FN:Ann Lee", "EMAIL:two@x.example")
    )
    with pytest.raises(Ambiguous):
        AddressBook(Root(tmp_path)).find("Ann Lee")


def test_an_address_that_is_none_is_left_out(tmp_path):
    (tmp_path / "a.vcf").write_bytes(card("FN:Ann", "EMAIL:not an address", "EMAIL;TYPE=work:Ann@X.example"))
    assert AddressBook(Root(tmp_path)).find("ann").email == "ann@x.example"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\xff\xfe\x00" * 50,
        b"BEGIN:VCARD\r\nFN:x\r\n",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        card("TEL:1"),
        b"BEGIN:VCARD\r\n" * 5000,
    ],
)
def test_a_damaged_file_is_named(tmp_path, data):
    (tmp_path / "bad.vcf").write_bytes(data)
    with pytest.raises(Damaged, match=r"^contacts/bad\.vcf"):
        AddressBook(Root(tmp_path)).all()


def test_hostile_bytes_are_replaced(tmp_path):
    (tmp_path / "a.vcf").write_bytes(card("FN:Ann @@", "EMAIL:ann@x.example").replace(b"@@", b"\xff"))
    assert AddressBook(Root(tmp_path)).find("ann").name == "Ann \ufffd"


def test_changes_are_seen(tmp_path):
    (tmp_path / "a.vcf").write_bytes(card("FN:Ann", "EMAIL:ann@x.example"))
    book = AddressBook(Root(tmp_path))
    assert book.find("ann").email == "ann@x.example"
    (tmp_path / "a.vcf").write_bytes(card("FN:Ann", "EMAIL:ann.new@x.example"))
    assert book.find("ann").email == "ann.new@x.example"
