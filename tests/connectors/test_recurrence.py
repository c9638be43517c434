"""Repeating events against dateutil as the oracle, and rules written to stall a reader."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import vRecur

from ringfence.connectors.errors import Damaged
from ringfence.connectors.recurrence import occurrences, read_rule

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def ours(text: str, start: datetime, lower: datetime, upper: datetime) -> list[datetime]:
    parts = vRecur.from_ical(text)
    until = parts["UNTIL"][0] if "UNTIL" in parts else None
    return list(occurrences(read_rule(parts, start, until), start, lower, upper))


def theirs(text: str, start: datetime, lower: datetime, upper: datetime) -> list[datetime]:
    return rrulestr(text, dtstart=start).between(lower, upper - timedelta(microseconds=1), inc=True)


def some(values: list, **sizes):
    return st.lists(st.sampled_from(values), unique=True, min_size=1, **sizes).map(lambda v: ",".join(map(str, v)))


@st.composite
def rules(draw):
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}"]
    options = {
        "INTERVAL": st.integers(1, 5),
        "BYMONTH": some(list(range(1, 13))),
        "BYMONTHDAY": some([*range(1, 32), -1, -5, -31]),
        "BYDAY": some(DAYS)
        if frequency in {"DAILY", "WEEKLY"} or draw(st.booleans())
        else some([n + d for n in ("1", "-1", "3", "-2") for d in DAYS], max_size=3),
        "BYHOUR": some([0, 7, 13, 23], max_size=2),
        "BYMINUTE": some([0, 15, 59], max_size=2),
        "WKST": st.sampled_from(DAYS),
        "COUNT": st.integers(1, 30),
        "UNTIL": st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1)).map(lambda d: d.strftime("%Y%m%dT%H%M%S")),
    }
    if frequency == "YEARLY":
        options["BYYEARDAY"] = some([1, 60, 100, 366, -1, -100])
    chosen = draw(st.lists(st.sampled_from(sorted(options)), unique=True, max_size=4))
    if "COUNT" in chosen and "UNTIL" in chosen:
        chosen.remove("UNTIL")
    parts += [f"{key}={draw(options[key])}" for key in chosen]
    # dateutil cuts the first week at the start before it counts BYSETPOS; RFC 5545 counts in the whole week.
    if frequency != "WEEKLY" and {"BYDAY", "BYMONTHDAY"} & set(chosen) and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(some([1, 2, -1]))}")
    return ";".join(parts)


@settings(max_examples=250, deadline=None)
@given(
    rules(),
    st.datetimes(datetime(2019, 1, 1), datetime(2023, 1, 1)).map(lambda d: d.replace(microsecond=0)),
    st.integers(-100, 1500),
    st.integers(0, 400),
)
def test_the_same_as_dateutil(text, start, offset, width):
    lower = start + timedelta(days=offset)
    upper = lower + timedelta(days=width)
    assert ours(text, start, lower, upper) == theirs(text, start, lower, upper)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", datetime(1, 1, 1)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", datetime(2026, 1, 1)),
        ("FREQ=WEEKLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=30", datetime(1, 1, 1)),
        ("FREQ=MONTHLY;BYMONTH=1;BYYEARDAY=200", datetime(2026, 1, 1)),
    ],
)
def test_a_rule_that_never_matches_costs_no_more_than_the_window(text, start):
    begun = time.process_time()
    assert ours(text, start, datetime(2026, 11, 1), datetime(2026, 12, 1)) == []
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY;COUNT=1000000000",
        "FREQ=DAILY;COUNT=1000000000;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;COUNT=900000000",
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60)))
        + ";BYSECOND=" + ",".join(map(str, range(60))),
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=0",
        "FREQ=YEARLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYEASTER=1",
        "FREQ=DAILY;BYHOUR=24",
    ],
)  # fmt: skip
def test_a_hostile_rule_is_refused_in_bounded_time(text):
    begun = time.process_time()
    with pytest.raises((Damaged, ValueError)):
        ours(text, datetime(1, 1, 1), datetime(2026, 11, 1), datetime(2026, 12, 1))
    assert time.process_time() - begun < 2


def test_positions_count_in_the_whole_week():
    start = datetime(2019, 1, 1)  # a Tuesday
    found = ours("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1", start, start, datetime(2019, 1, 15))
    assert found == [datetime(2019, 1, 7), datetime(2019, 1, 14)]


def test_the_end_of_time():
    start = datetime(9999, 12, 30)
    assert ours("FREQ=DAILY", start, start, datetime.max) == [start, datetime(9999, 12, 31)]
    assert ours("FREQ=WEEKLY", start, start, datetime.max) == [start]


def test_the_beginning_of_time():
    start = datetime(1, 1, 1)
    assert ours("FREQ=WEEKLY;WKST=SU", start, start, datetime(1, 1, 10)) == [start, datetime(1, 1, 8)]
