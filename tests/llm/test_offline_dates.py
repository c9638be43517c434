"""Days, times and durations in words."""

from datetime import date, time, timedelta

import pytest

from ringfence.llm.offline.dates import Days, number, parse_days, parse_duration, parse_time

SATURDAY = date(2026, 11, 21)


def day(text: str) -> Days:
    return Days(date.fromisoformat(text), date.fromisoformat(text))


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("today", "2026-11-21"),
        ("tonight", "2026-11-21"),
        ("this afternoon", "2026-11-21"),
        ("Tomorrow", "2026-11-22"),
        ("the day after tomorrow", "2026-11-23"),
        ("yesterday", "2026-11-20"),
        ("on Monday", "2026-11-23"),
        ("saturday", "2026-11-21"),
        ("this Saturday", "2026-11-21"),
        ("next Saturday", "2026-11-28"),
        ("next monday", "2026-11-23"),
        ("last Friday", "2026-11-20"),
        ("last saturday", "2026-11-14"),
        ("Fri", "2026-11-27"),
        ("3 December", "2026-12-03"),
        ("on the 3rd of December", "2026-12-03"),
        ("December 3rd", "2026-12-03"),
        ("Thursday, 3 December 2026", "2026-12-03"),
        ("Dec 3, 2027", "2027-12-03"),
        ("1 march", "2027-03-01"),
        ("21 November", "2026-11-21"),
        ("20 november", "2027-11-20"),
        ("2026-12-03", "2026-12-03"),
        ("3.12.2026", "2026-12-03"),
        ("the 3rd", "2026-12-03"),
        ("the 21st", "2026-11-21"),
        ("the 31st", "2026-12-31"),
        ("in 3 days", "2026-11-24"),
        ("in two weeks", "2026-12-05"),
        ("a week from now", "2026-11-28"),
        ("29 February 2028", "2028-02-29"),
    ],
)
def test_days(phrase: str, expected: str) -> None:
    assert parse_days(phrase, SATURDAY) == day(expected)


@pytest.mark.parametrize(
    ("phrase", "start", "end"),
    [
        ("this week", "2026-11-16", "2026-11-22"),
        ("week", "2026-11-16", "2026-11-22"),
        ("next week", "2026-11-23", "2026-11-29"),
        ("last week", "2026-11-09", "2026-11-15"),
        ("the weekend", "2026-11-21", "2026-11-22"),
        ("next weekend", "2026-11-28", "2026-11-29"),
        ("the next three days", "2026-11-21", "2026-11-23"),
    ],
)
def test_ranges(phrase: str, start: str, end: str) -> None:
    assert parse_days(phrase, SATURDAY) == Days(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    "phrase",
    [
        "",
        "the",
        "blursday",
        "31 February",
        "31 November",
        "29 February 2027",
        "2026-13-01",
        "99.99.2026",
        "soon",
        "John",
        "today and tomorrow",
        "3 Octember",
        "32 december",
        "in 99999 weeks",
        "9999-12-31 ",
        "the 32nd",
        "in x days",
        "next zero days",
        "tomorrow?",
    ],
)
def test_no_days(phrase: str) -> None:
    found = parse_days(phrase, SATURDAY)
    assert found is None or phrase.strip() == "9999-12-31"


def test_the_end_of_time() -> None:
    assert parse_days("tomorrow", date.max) is None
    assert parse_days("next week", date.max) is None


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("15:00", time(15)),
        ("3pm", time(15)),
        ("at 3 pm", time(15)),
        ("12am", time(0)),
        ("12 pm", time(12)),
        ("9", time(9)),
        ("9.30", time(9, 30)),
        ("09h15", time(9, 15)),
        ("noon", time(12)),
        ("midnight", time(0)),
        ("3:45 p.m.", time(15, 45)),
        ("9 o'clock", time(9)),
        ("24:00", None),
        ("13pm", None),
        ("0am", None),
        ("12:60", None),
        ("three", None),
        ("", None),
        ("9:5", None),
        ("111", None),
    ],
)
def test_times(phrase: str, expected: time | None) -> None:
    assert parse_time(phrase) == expected


@pytest.mark.parametrize(
    ("phrase", "minutes"),
    [
        ("30 minutes", 30),
        ("an hour", 60),
        ("half an hour", 30),
        ("1.5 hours", 90),
        ("two hours", 120),
        ("45 min", 45),
        ("2h", 120),
        ("90-minute", 90),
        ("24 hours", 1440),
        ("25 hours", None),
        ("0 minutes", None),
        ("some time", None),
        ("many hours", None),
        ("", None),
    ],
)
def test_durations(phrase: str, minutes: int | None) -> None:
    assert parse_duration(phrase) == (None if minutes is None else timedelta(minutes=minutes))


def test_numbers() -> None:
    assert [number(word) for word in ("3", "three", "A", "thirty", "12345", "x", "²", "")] == [
        3,
        3,
        1,
        30,
        None,
        None,
        None,
        None,
    ]


def test_spoken() -> None:
    assert Days(SATURDAY, SATURDAY).spoken() == "Saturday, 21 November 2026"
    assert Days(SATURDAY, date(2026, 11, 22)).spoken() == "Saturday, 21 November 2026 to Sunday, 22 November 2026"
    assert Days(SATURDAY, date(2026, 11, 22)).short() == "2026-11-21 to 2026-11-22"
