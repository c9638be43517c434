"""Days, times and durations in the words of a request, computed from today's date.

Its one rule: a phrase is understood wholly or not at all (None); nothing is guessed from a part of it. There is no
clock here: "today" is a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final, final


def _listed(words: str) -> list[str]:
    return words.split()


_MONTH_NAMES: Final = _listed("january february march april may june july august september october november december")
_DAY_NAMES: Final = _listed("monday tuesday wednesday thursday friday saturday sunday")
_COUNTS: Final = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
)
MONTHS: Final = (
    {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
    | {name[:3]: number for number, name in enumerate(_MONTH_NAMES, 1)}
    | {"sept": 9}
)
WEEKDAYS: Final = (
    {name: number for number, name in enumerate(_DAY_NAMES)}
    | {name[:3]: number for number, name in enumerate(_DAY_NAMES)}
    | {"tues": 1, "wednes": 2, "thur": 3, "thurs": 3}
)
NUMBERS: Final = {word: number for number, word in enumerate(_COUNTS)} | {"a": 1, "an": 1, "twenty": 20, "thirty": 30}


@final
@dataclass(frozen=True, slots=True)
class Days:
    """A day or a range of days, both ends included."""

    start: date
    end: date

    @property
    def single(self) -> bool:
        return self.start == self.end

    def spoken(self) -> str:
        """For people: "Saturday, 21 November 2026", or two of them."""
        first = spoken_day(self.start)
        return first if self.single else f"{first} to {spoken_day(self.end)}"

    def short(self) -> str:
        """For subjects: "2026-11-21", or two of them."""
        return self.start.isoformat() if self.single else f"{self.start.isoformat()} to {self.end.isoformat()}"


def spoken_day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def parse_days(phrase: str, today: date) -> Days | None:
    """The days that a phrase such as "tomorrow", "next Monday", "3 December" or "this week" means; None if unknown."""
    words = " ".join(phrase.lower().replace(",", " ").split())
    words = re.sub(r"^(?:(?:on|for|of|in|during) )?(?:the )?(?=\S)", "", words).removesuffix("'s").removesuffix("’s")
    try:
        for pattern, meaning in _PHRASES:
            found = pattern.fullmatch(words)
            if found is not None:
                return meaning(found, today)
    except (ValueError, OverflowError):  # 31 February, the year 99999
        return None
    return None


def _day(offset: int) -> Callable[[re.Match[str], date], Days | None]:
    return lambda _, today: _one(today + timedelta(days=offset))


def _one(day: date) -> Days:
    return Days(day, day)


def _week(offset: int) -> Callable[[re.Match[str], date], Days | None]:
    def week(_: re.Match[str], today: date) -> Days:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        return Days(monday, monday + timedelta(days=6))

    return week


def _weekend(found: re.Match[str], today: date) -> Days:
    saturday = today - timedelta(days=today.weekday()) + timedelta(days=5, weeks=found.group("which") == "next")
    return Days(saturday, saturday + timedelta(days=1))


def _weekday(found: re.Match[str], today: date) -> Days | None:
    """Monday: the coming one, today included. Next Monday: that of the next week. Last Monday: before today."""
    wanted = WEEKDAYS.get(found.group("day"))
    if wanted is None:
        return None
    match found.group("which"):
        case "next":
            return _one(today - timedelta(days=today.weekday()) + timedelta(days=wanted, weeks=1))
        case "last":
            return _one(today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1))
        case _:
            return _one(today + timedelta(days=(wanted - today.weekday()) % 7))


def _in_some(found: re.Match[str], today: date) -> Days | None:
    count = number(found.group("count"))
    if count is None:
        return None
    return _one(today + timedelta(days=count * (7 if found.group("unit").startswith("week") else 1)))


def _next_some(found: re.Match[str], today: date) -> Days | None:
    count = number(found.group("count"))
    return None if not count else Days(today, today + timedelta(days=count - 1))


def _calendar(found: re.Match[str], today: date) -> Days | None:
    """A day and a month, with a year or the next such day from today on."""
    month = MONTHS.get(found.group("month"))
    if month is None:
        return None
    day, year = int(found.group("day")), found.group("year")
    if year is not None:
        return _one(date(int(year), month, day))
    this = date(today.year, month, day)
    return _one(this if this >= today else date(today.year + 1, month, day))


def _numeric(found: re.Match[str], today: date) -> Days | None:
    year = found.group("year")
    return _one(date(today.year if year is None else int(year), int(found.group("month")), int(found.group("day"))))


def _of_month(found: re.Match[str], today: date) -> Days | None:
    """ "The 3rd": the next one from today on."""
    day = int(found.group("day"))
    for ahead in range(12):
        month = today.month - 1 + ahead
        try:
            candidate = date(today.year + month // 12, month % 12 + 1, day)
        except ValueError:
            continue
        if candidate >= today:
            return _one(candidate)
    return None


_TH: Final = r"(?:st|nd|rd|th)"
_PHRASES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days | None]], ...]] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"today|tonight|this (?:morning|afternoon|evening)|day", _day(0)),
        (r"tomorrow(?: (?:morning|afternoon|evening))?", _day(1)),
        (r"day after tomorrow", _day(2)),
        (r"yesterday", _day(-1)),
        (r"(?:this |current )?week", _week(0)),
        (r"(?:next|coming) week", _week(1)),
        (r"last week", _week(-1)),
        (r"(?P<which>this|next|coming)? ?weekend", _weekend),
        (r"(?:(?P<which>this|next|coming|last) )?(?P<day>[a-z]{3,9})", _weekday),
        (r"(?:in )?(?P<count>\w{1,9}) (?P<unit>days?|weeks?)(?: from (?:now|today))?", _in_some),
        (r"next (?P<count>\w{1,9}) days", _next_some),
        (rf"(?:[a-z]{{3,9}} )?(?P<day>\d{{1,2}}){_TH}?\.?(?: of)? (?P<month>[a-z]{{3,9}})\.?(?: "
         rf"(?P<year>\d{{4}}))?", _calendar),
        (rf"(?:[a-z]{{3,9}} )?(?P<month>[a-z]{{3,9}})\.? (?P<day>\d{{1,2}}){_TH}?(?: (?P<year>\d{{4}}))?", _calendar),
        (r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", _numeric),
        (r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})?", _numeric),
        (rf"(?P<day>\d{{1,2}}){_TH}", _of_month),
    )
)  # fmt: skip


def number(word: str) -> int | None:
    """A count in digits or as a word up to fifteen; None for anything else."""
    word = word.lower()
    return int(word) if word.isascii() and word.isdigit() and len(word) < 5 else NUMBERS.get(word)


_TIME: Final = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?\s*(?P<half>am|pm|a\.m\.|p\.m\.|h|o'clock|uhr)?"
)


def parse_time(phrase: str) -> time | None:
    """ "15:00", "3pm", "9.30", "noon", "at 9" as a time of the day; None if it is none."""
    words = phrase.lower().strip().removeprefix("at ").strip()
    if words in ("noon", "midday"):
        return time(12)
    if words == "midnight":
        return time(0)
    found = _TIME.fullmatch(words)
    if found is None:
        return None
    hour, minute = int(found.group("hour")), int(found.group("minute") or 0)
    half = (found.group("half") or "")[:1]
    if half in ("a", "p"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


_DURATION: Final = re.compile(r"(?P<count>\d{1,3}(?:\.\d)?|\w{1,9})[\s-]*(?P<unit>hours?|hrs?|h|minutes?|mins?|min)")


def parse_duration(phrase: str) -> timedelta | None:
    """ "30 minutes", "an hour", "1.5 hours", "half an hour"; None if it is none, or not between a minute and a day."""
    words = phrase.lower().strip()
    if words in ("half an hour", "a half hour", "half hour"):
        return timedelta(minutes=30)
    found = _DURATION.fullmatch(words)
    if found is None:
        return None
    word = found.group("count")
    count = float(word) if word.replace(".", "", 1).isdigit() else number(word)
    if count is None:
        return None
    length = timedelta(hours=count) if found.group("unit").startswith("h") else timedelta(minutes=count)
    return length if timedelta(minutes=1) <= length <= timedelta(days=1) else None
