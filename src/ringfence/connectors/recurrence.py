"""Repeating events: the occurrences of an RFC 5545 rule within a window.

Its one rule: the work is bounded by the window and a fixed budget, whatever the rule says. Anybody who can
send an invitation writes such rules, and the usual library searches on to the year 9999 for a rule that
never matches (30 February: 3 s) and from the year 1 for one that starts there. Semantics are those of RFC 5545
section 3.3.10 for daily to yearly rules; what repeats more often than daily is refused. Tests compare with dateutil.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Final

from ringfence.connectors.errors import Damaged

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_KNOWN: Final = frozenset({
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY",
    "BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS",
})  # fmt: skip
_MAX_DAYS: Final = 200_000
_MAX_OCCURRENCES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, read. `days` are (n, weekday): n is 0 for every one, else the n-th (negative: from the end)."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    days: frozenset[tuple[int, int]] = frozenset()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: frozenset[int] = frozenset()


def read_rule(parts: Mapping[str, Sequence[object]], start: datetime, until: datetime | None) -> Rule:
    """The rule that an iCalendar parser has split into its parts. `until` is UNTIL on the clock of `start`."""
    unknown = {key.upper() for key in parts} - _KNOWN
    frequency = str(parts["FREQ"][0]).upper() if parts.get("FREQ") else ""
    if unknown or frequency not in _FREQUENCIES:
        raise Damaged("a repeating event uses a rule that is not supported (daily to yearly ones are)")
    rule = Rule(
        frequency,
        interval=_single(parts, "INTERVAL", 1),
        count=_single(parts, "COUNT", 0) if parts.get("COUNT") else None,
        until=until,
        week_start=_DAYS.index(str(parts["WKST"][0]).upper()) if parts.get("WKST") else 0,
        months=_numbers(parts, "BYMONTH", 1, 12),
        month_days=_numbers(parts, "BYMONTHDAY", -31, 31),
        year_days=_numbers(parts, "BYYEARDAY", -366, 366),
        weeks=_numbers(parts, "BYWEEKNO", -53, 53),
        days=frozenset(_weekday(str(part)) for part in parts.get("BYDAY", ())),
        hours=_clock(parts, "BYHOUR", 23, start.hour),
        minutes=_clock(parts, "BYMINUTE", 59, start.minute),
        seconds=_clock(parts, "BYSECOND", 59, start.second),
        positions=_numbers(parts, "BYSETPOS", -366, 366),
    )
    if rule.interval < 1 or (rule.count is not None and rule.count < 1):
        raise Damaged("a repeating event has an interval or count below 1")
    return _with_defaults(rule, start)


def occurrences(rule: Rule, start: datetime, lower: datetime, upper: datetime) -> Iterator[datetime]:
    """The starts in `lower <= moment < upper`, in order. Damaged for too many, or too long a search."""
    stop = upper if rule.until is None or rule.until >= upper else rule.until + timedelta(microseconds=1)
    number = 0 if rule.count is not None else _first_period(rule, start.date(), lower.date())
    examined = emitted = 0
    while True:
        days = _period(rule, start.date(), number)
        if days is None or datetime.combine(days[0], time.min) >= stop:
            return
        examined += len(days)
        for moment in _moments(rule, days):
            if moment < start:
                continue
            if moment >= stop:
                return
            emitted += 1
            if moment >= lower:
                yield moment
            if emitted == rule.count:
                return
        if examined > _MAX_DAYS or emitted > _MAX_OCCURRENCES:
            raise Damaged("a repeating event has too many occurrences")
        number += 1


def _single(parts: Mapping[str, Sequence[object]], key: str, default: int) -> int:
    given = parts.get(key)
    return default if not given else int(str(given[0]))


def _numbers(parts: Mapping[str, Sequence[object]], key: str, low: int, high: int) -> frozenset[int]:
    numbers = frozenset(int(str(part)) for part in parts.get(key, ()))
    if any(not low <= number <= high or number == 0 for number in numbers):
        raise Damaged("a repeating event has a number out of range")
    return numbers


def _clock(parts: Mapping[str, Sequence[object]], key: str, high: int, default: int) -> tuple[int, ...]:
    numbers = sorted({int(str(part)) for part in parts.get(key, ())})
    if any(not 0 <= number <= high for number in numbers):
        raise Damaged("a repeating event has a time out of range")
    return tuple(numbers) if numbers else (default,)


def _weekday(text: str) -> tuple[int, int]:
    number, day = text[:-2].strip(), text[-2:].upper()
    if day not in _DAYS:
        raise Damaged("a repeating event names an unknown weekday")
    return (int(number) if number else 0), _DAYS.index(day)


def _with_defaults(rule: Rule, start: datetime) -> Rule:
    """What the rule leaves open is taken from the first occurrence (RFC 5545, section 3.3.10)."""
    if rule.weeks or rule.year_days or rule.month_days or rule.days or rule.frequency == "DAILY":
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, days=frozenset({(0, start.weekday())}))
    months = rule.months if rule.months or rule.frequency == "MONTHLY" else frozenset({start.month})
    return replace(rule, months=months, month_days=frozenset({start.day}))


def _first_period(rule: Rule, start: date, lower: date) -> int:
    """The number of the last period that begins at or before `lower`, or 0."""
    if lower <= start:
        return 0
    if rule.frequency == "DAILY":
        passed = (lower - start).days
    elif rule.frequency == "WEEKLY":
        passed = (lower.toordinal() - _week_begin(start, rule)) // 7
    elif rule.frequency == "MONTHLY":
        passed = (lower.year - start.year) * 12 + lower.month - start.month
    else:
        passed = lower.year - start.year
    return passed // rule.interval


def _week_begin(day: date, rule: Rule) -> int:
    return day.toordinal() - (day.weekday() - rule.week_start) % 7


def _period(rule: Rule, start: date, number: int) -> list[date] | None:
    """The days of the period, or None beyond the years that dates have."""
    steps = number * rule.interval
    try:
        if rule.frequency == "DAILY":
            return [date.fromordinal(start.toordinal() + steps)]
        if rule.frequency == "WEEKLY":
            first = _week_begin(start, rule) + 7 * steps
            ordinals = range(max(1, first), min(first + 7, date.max.toordinal() + 1))
            return [date.fromordinal(ordinal) for ordinal in ordinals] or None
        if rule.frequency == "MONTHLY":
            year, month = divmod(start.year * 12 + start.month - 1 + steps, 12)
            return [date(year, month + 1, day) for day in range(1, monthrange(year, month + 1)[1] + 1)]
        first = date(start.year + steps, 1, 1).toordinal()
        return [date.fromordinal(first + offset) for offset in range(366 if isleap(start.year + steps) else 365)]
    except (ValueError, OverflowError):
        return None


def _moments(rule: Rule, days: list[date]) -> list[datetime]:
    chosen = [day for day in days if all(test(rule, day) for test in _TESTS)]
    clock = [time(*parts) for parts in product(rule.hours, rule.minutes, rule.seconds)]
    if len(chosen) * len(clock) > _MAX_OCCURRENCES:
        raise Damaged("a repeating event has too many occurrences")
    moments = [datetime.combine(day, at) for day in chosen for at in clock]
    if not rule.positions:
        return moments
    count = len(moments)
    return [
        moment for index, moment in enumerate(moments) if index + 1 in rule.positions or index - count in rule.positions
    ]


def _month_fits(rule: Rule, day: date) -> bool:
    return not rule.months or day.month in rule.months


def _month_day_fits(rule: Rule, day: date) -> bool:
    if not rule.month_days:
        return True
    length = monthrange(day.year, day.month)[1]
    return day.day in rule.month_days or day.day - length - 1 in rule.month_days


def _year_day_fits(rule: Rule, day: date) -> bool:
    if not rule.year_days:
        return True
    number, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
    return number in rule.year_days or number - length - 1 in rule.year_days


def _week_fits(rule: Rule, day: date) -> bool:
    """Weeks count as in ISO 8601 (they begin on Monday, whatever WKST says)."""
    if not rule.weeks:
        return True
    year, week, _ = day.isocalendar()
    length = date(year, 12, 28).isocalendar()[1]
    return week in rule.weeks or week - length - 1 in rule.weeks


def _day_fits(rule: Rule, day: date) -> bool:
    if not rule.days:
        return True
    if rule.frequency in {"DAILY", "WEEKLY"}:
        return any(weekday == day.weekday() for _, weekday in rule.days)
    if rule.frequency == "MONTHLY" or rule.months:
        position, length = day.day, monthrange(day.year, day.month)[1]
    else:
        position, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
    from_start, from_end = (position + 6) // 7, -((length - position) // 7 + 1)
    return any(weekday == day.weekday() and n in {0, from_start, from_end} for n, weekday in rule.days)


_TESTS: Final[tuple[Callable[[Rule, date], bool], ...]] = (
    _month_fits,
    _month_day_fits,
    _day_fits,
    _year_day_fits,
    _week_fits,
)
