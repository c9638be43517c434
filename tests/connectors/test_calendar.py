"""The calendar: days, repetition, time zones, hostile and damaged files, changes."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ringfence.connectors.calendar import Calendar
from ringfence.connectors.errors import Ambiguous, Damaged, NotAllowed, NotFound
from ringfence.connectors.rooted import Root

USER = "alex@x.example"
DAY = date(2026, 3, 4)


def event(*lines: str, uid: str = "u1") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def file(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:t", *events, "END:VCALENDAR", ""]).encode()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "own").mkdir()
    return tmp_path


def calendar(folder, zone=UTC):
    return Calendar(Root(folder), USER, zone)


def titles(folder, first=DAY, last=None, zone=UTC):
    return [event.title for event in calendar(folder, zone).between(first, last or first)]


def starts(folder, first, last, zone=UTC):
    return [event.start for event in calendar(folder, zone).between(first, last)]


def test_the_day_of_the_demonstration(workspace):
    events = Calendar(workspace.root("calendar"), workspace.user, workspace.timezone).between(DAY, DAY)
    assert [(event.title, event.start.time().isoformat("minutes")) for event in events] == [
        ("Quarter closing day", "00:00"),
        ("Team stand-up", "09:00"),
        ("Design review: new checkout", "10:30"),
        ("Call with Larkin Foods", "11:30"),
        ("Focus time: checkout report", "13:30"),
        ("1:1 with John", "16:00"),
    ]
    review = events[2]
    assert review.organizer == "priya.nair@harbour.example"
    assert "john.doe@harbour.example" in review.attendees
    assert review.end - review.start == timedelta(hours=1)


def test_events_are_on_every_day_they_touch_and_on_no_other(folder):
    (folder / "a.ics").write_bytes(
        file(
            event("SUMMARY:night", "DTSTART:20260303T230000", "DTEND:20260304T010000", uid="1"),
            event("SUMMARY:until midnight", "DTSTART:20260303T230000", "DTEND:20260304T000000", uid="2"),
            event("SUMMARY:all day", "DTSTART;VALUE=DATE:20260304", uid="3"),
            event("SUMMARY:year", "DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20270101", uid="4"),
            event("SUMMARY:moment", "DTSTART:20260304T000000", uid="5"),
            event("SUMMARY:by length", "DTSTART:20260304T100000", "DURATION:PT90M", uid="6"),
        )
    )
    assert titles(folder, date(2026, 3, 3)) == ["year", "until midnight", "night"]
    assert titles(folder) == ["year", "night", "moment", "all day", "by length"]
    assert titles(folder, date(2026, 3, 5)) == ["year"]
    assert titles(folder, date(2027, 1, 1)) == []


def test_an_empty_calendar(folder):
    assert titles(folder) == []


def test_times_are_on_the_clock_of_the_workspace(folder):
    berlin = ZoneInfo("Europe/Berlin")
    (folder / "a.ics").write_bytes(
        file(
            event("SUMMARY:utc", "DTSTART:20260304T230000Z", "DTEND:20260304T233000Z", uid="1"),
            event("SUMMARY:tokyo", "DTSTART;TZID=Asia/Tokyo:20260304T090000", uid="2"),
            event("SUMMARY:here", "DTSTART:20260304T090000", uid="3"),
        )
    )
    assert starts(folder, DAY, date(2026, 3, 5), berlin) == [
        datetime(2026, 3, 4, 1),
        datetime(2026, 3, 4, 9),
        datetime(2026, 3, 5, 0),
    ]
    assert titles(folder, date(2026, 3, 5), zone=berlin) == ["utc"]


def test_repetition_keeps_its_own_clock_over_a_change_of_the_time(folder):
    (folder / "a.ics").write_bytes(
        file(event("SUMMARY:x", "DTSTART;TZID=America/New_York:20260301T090000", "RRULE:FREQ=WEEKLY;COUNT=3"))
    )
    assert starts(folder, date(2026, 3, 1), date(2026, 4, 1)) == [
        datetime(2026, 3, 1, 14),
        datetime(2026, 3, 8, 13),  # summer time began there
        datetime(2026, 3, 15, 13),
    ]


def test_exceptions_additions_replacements_and_cancellations(folder):
    (folder / "a.ics").write_bytes(
        file(
            event(
                "SUMMARY:daily",
                "DTSTART:20260301T090000Z",
                "DTEND:20260301T093000Z",
                "RRULE:FREQ=DAILY;UNTIL=20260306T090000Z",
                "EXDATE:20260302T090000Z",
                "RDATE:20260310T120000Z",
            ),
            event("SUMMARY:moved", "RECURRENCE-ID:20260304T090000Z", "DTSTART:20260304T150000Z"),
            event("SUMMARY:gone", "RECURRENCE-ID:20260305T090000Z", "DTSTART:20260305T090000Z", "STATUS:CANCELLED"),
            event("SUMMARY:never", "DTSTART:20260304T080000Z", "STATUS:CANCELLED", uid="u2"),
        )
    )
    found = [(event.start, event.title) for event in calendar(folder).between(date(2026, 2, 1), date(2026, 4, 1))]
    assert found == [
        (datetime(2026, 3, 1, 9), "daily"),
        (datetime(2026, 3, 3, 9), "daily"),
        (datetime(2026, 3, 4, 15), "moved"),
        (datetime(2026, 3, 6, 9), "daily"),
        (datetime(2026, 3, 10, 12), "daily"),
    ]


def test_an_invitation_does_not_replace_an_event_of_another_file(folder):
    (folder / "own" / "mine.ics").write_bytes(
        file(event("SUMMARY:mine", "DTSTART:20260301T090000", "RRULE:FREQ=DAILY"))
    )
    (folder / "evil.ics").write_bytes(
        file(event("SUMMARY:evil", "RECURRENCE-ID:20260304T090000", "DTSTART:20260304T090000", "STATUS:CANCELLED"))
    )
    assert titles(folder) == ["mine"]


def test_what_is_the_users_own_is_told_by_the_folder_alone(folder):
    (folder / "own" / "mine.ics").write_bytes(file(event("SUMMARY:mine", "DTSTART:20260304T090000", uid="mine")))
    claims = event("SUMMARY:evil", "DTSTART:20260304T090000", f"ORGANIZER:mailto:{USER}", uid="evil")
    (folder / "evil.ics").write_bytes(file(claims))
    book = calendar(folder)
    book.between(DAY, DAY)
    assert (book.is_own("mine"), book.is_own("evil"), book.is_own("nobody's")) == (True, False, False)
    (folder / "copy.ics").write_bytes(file(event("SUMMARY:evil", "DTSTART:20260305T090000", uid="mine")))
    book.between(DAY, DAY)
    assert not book.is_own("mine")


def test_files_that_cannot_be_read_are_named(folder, monkeypatch):
    from ringfence.connectors import calendar as module

    (folder / "big.ics").write_bytes(file(event("DTSTART:20260304T090000")))
    monkeypatch.setattr(module, "_MAX_FILE", 10)
    with pytest.raises(Damaged, match=r"^calendar/big\.ics: the file is larger"):
        titles(folder)
    (folder / "big.ics").rename(folder / os.fsdecode(b"\xff.ics"))
    with pytest.raises(Damaged, match=r"^calendar/\?\.ics: "):
        titles(folder)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\xff\xfe\x00\x01" * 100,
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260304T090000\r\n",
        b"BEGIN:VEVENT\r\nDTSTART:20260304T090000\r\nEND:VEVENT\r\n",
        b"BEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n",
        file(event("SUMMARY:no start")),
        file(event("DTSTART:notadate")),
        file(event("DTSTART:20260304T090000", "DTEND:20260304T080000")),
        file(event("DTSTART:20260304T090000", "SUMMARY")),
        file(event("DTSTART:20260304T090000", "DTSTART:20260304T100000")),
        file(event("DTSTART;TZID=Nowhere/Nothing:20260304T090000")),
        file(event("DTSTART:20260304T090000", "RRULE:FREQ=NEVER")),
        file(event("DTSTART:20260304T090000", "RRULE:FREQ=SECONDLY")),
        file(event("DTSTART:20260304T090000", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY")),
        file(event("DTSTART:20260304T090000", "RRULE:FREQ=DAILY;COUNT=x")),
        file(event("DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY;UNTIL=99991231T235959Z", "DTEND:99981231T000000Z")),
        file("BEGIN:VTIMEZONE", event("DTSTART:20260304T090000"), "END:VTIMEZONE"),
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 50_000,
    ],
)
def test_a_damaged_file_is_named_and_nothing_is_lost_silently(folder, data):
    (folder / "bad.ics").write_bytes(data)
    with pytest.raises(Damaged, match=r"^calendar/bad\.ics"):
        titles(folder)


def test_hostile_bytes_are_replaced(folder):
    (folder / "a.ics").write_bytes(file(event("SUMMARY:@@", "DTSTART:20260304T090000")).replace(b"@@", b"\xff\xc3\x28"))
    assert titles(folder) == ["\ufffd\ufffd("]


def test_a_file_is_parsed_once_for_each_version(folder, monkeypatch):
    from ringfence.connectors import calendar as module

    parsed = []
    real = module.read_entries
    monkeypatch.setattr(module, "read_entries", lambda data, path, zone: parsed.append(path) or real(data, path, zone))
    (folder / "a.ics").write_bytes(file(event("SUMMARY:a", "DTSTART:20260304T090000")))
    (folder / "b.ics").write_bytes(file(event("SUMMARY:b", "DTSTART:20260304T100000", uid="b")))
    book = calendar(folder)
    book.between(DAY, DAY)
    book.between(DAY, DAY)
    assert parsed == ["a.ics", "b.ics"]
    (folder / "a.ics").write_bytes(file(event("SUMMARY:changed", "DTSTART:20260304T090000")))
    (folder / "b.ics").unlink()
    assert [event.title for event in book.between(DAY, DAY)] == ["changed"]
    assert parsed == ["a.ics", "b.ics", "a.ics"]


def test_ten_thousand_events(folder):
    events = [
        event(
            f"SUMMARY:{n}", f"DTSTART:{date(2020, 1, 1) + timedelta(days=n // 4):%Y%m%d}T{n % 24:02}0000", uid=f"u{n}"
        )
        for n in range(10_000)
    ]
    (folder / "a.ics").write_bytes(file(*events))
    book = calendar(folder)
    begun = time.process_time()
    assert len(book.between(date(2020, 1, 1), date(2030, 1, 1))) == 10_000
    assert time.process_time() - begun < 20
    begun = time.process_time()
    for _ in range(100):
        assert len(book.between(date(2021, 1, 1), date(2021, 1, 1))) == 4
    assert time.process_time() - begun < 2


def test_create_then_list_then_delete(folder):
    book = calendar(folder)
    made = book.create(
        "Lunch", datetime(2026, 3, 4, 12), datetime(2026, 3, 4, 13), ["Bob@X.example"], "Café", "a\nb; c,d"
    )
    assert book.between(DAY, DAY) == [made]
    assert (made.organizer, made.attendees, made.description) == (USER, ["bob@x.example"], "a\nb; c,d")
    assert not book.is_own(made.uid)
    book.delete(made.uid)
    assert book.between(DAY, DAY) == []
    assert sorted(path.name for path in folder.iterdir()) == ["own"]
    with pytest.raises(NotFound):
        book.delete(made.uid)


def test_a_time_with_an_offset_is_brought_to_the_clock_of_the_workspace(folder):
    book = calendar(folder, ZoneInfo("Europe/Berlin"))
    made = book.create("x", datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2026, 3, 4, 13, tzinfo=UTC), [], "", "")
    assert made.start == datetime(2026, 3, 4, 13)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "x\r\nATTENDEE:mailto:eve@attacker.example"},
        {"location": "x\nDESCRIPTION:y"},
        {"attendees": ["not an address"]},
        {"attendees": ["bob@x.example\r\nDTSTART:20260101T000000"]},
        {"end": datetime(2026, 3, 4, 11)},
        {"description": "x" * 200_000},
    ],
)
def test_an_event_that_cannot_be_is_refused_and_not_written(folder, changes):
    given = {"title": "x", "start": datetime(2026, 3, 4, 12), "end": datetime(2026, 3, 4, 13)}
    given |= {"attendees": [], "location": "", "description": ""} | changes
    with pytest.raises(NotAllowed, match="nothing was"):
        calendar(folder).create(**given)
    assert sorted(path.name for path in folder.iterdir()) == ["own"]


def test_text_cannot_become_another_property(folder):
    book = calendar(folder)
    book.create(
        "x", datetime(2026, 3, 4, 12), datetime(2026, 3, 4, 13), [], "", "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:y"
    )
    (found,) = book.between(DAY, DAY)
    assert (found.title, found.attendees) == ("x", [])


def test_deleting_one_event_leaves_the_others_of_the_file(folder):
    other = event("SUMMARY:kept", "DTSTART:20260304T100000", "X-THING:kept too", "RRULE:FREQ=DAILY", uid="kept")
    (folder / "a.ics").write_bytes(file(event("SUMMARY:gone", "DTSTART:20260304T090000", uid="gone"), other))
    book = calendar(folder)
    book.delete("gone")
    assert [event.title for event in book.between(DAY, DAY + timedelta(days=1))] == ["kept", "kept"]
    assert b"X-THING:kept too" in (folder / "a.ics").read_bytes()


def test_events_without_a_uid_can_be_told_apart(folder):
    bare = "BEGIN:VEVENT\r\nSUMMARY:{}\r\nDTSTART:20260304T090000\r\nEND:VEVENT"
    (folder / "a.ics").write_bytes(file(bare.format("one"), bare.format("two")))
    book = calendar(folder)
    one, two = book.between(DAY, DAY)
    assert one.uid != two.uid
    book.delete(two.uid)
    assert [event.title for event in book.between(DAY, DAY)] == ["one"]


def test_a_uid_that_two_files_hold_is_not_guessed(folder):
    for name in ("a.ics", "own/b.ics"):
        (folder / name).write_bytes(file(event("SUMMARY:x", "DTSTART:20260304T090000")))
    with pytest.raises(Ambiguous, match="nothing was deleted"):
        calendar(folder).delete("u1")
    assert titles(folder) == ["x", "x"]


def test_a_window_that_ends_before_it_begins(folder):
    with pytest.raises(NotAllowed):
        titles(folder, DAY, DAY - timedelta(days=1))
    for day in (date.min, date.max):
        with pytest.raises(NotAllowed):
            titles(folder, day)
