"""The module `datetime`: dates, times and durations, without a clock and without a local time zone.

Its one rule: the same plan gives the same dates on every machine at every time. So `now`, `today` and whatever
would look at the machine's own time zone (naive `timestamp`, `astimezone()` without a zone) are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from ringfence.core.plain import Plain
from ringfence.core.values import Record, Value
from ringfence.lang.builtins.modules.members import functions, instance_of, refused
from ringfence.lang.builtins.modules.records import named_tuple
from ringfence.lang.dateformats import read, write
from ringfence.lang.lifting import Pure, lifted
from ringfence.lang.objects import Builtin, Module, Native, TypeValue
from ringfence.schema import Scalar

NO_CLOCK: Final = "the language has no clock: today's date is in the request's context; write it as a literal"
NO_ZONE: Final = "the language has no local time zone: give one, such as timezone.utc or ZoneInfo('Europe/Berlin')"


def _zone(zone: Plain) -> tzinfo:
    if not isinstance(zone, (timezone, ZoneInfo)):
        raise TypeError(NO_ZONE)
    return zone


def _from_timestamp(stamp: float, tz: Plain = None) -> datetime:
    return datetime.fromtimestamp(stamp, _zone(tz))


def _utc_from_timestamp(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC).replace(tzinfo=None)


def _as_zone(moment: datetime, tz: Plain = None) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{NO_ZONE}: .replace(tzinfo=...) says which one the date is in")
    return moment.astimezone(_zone(tz))


def _timestamp(moment: datetime) -> float:
    if moment.tzinfo is None:
        raise ValueError(f"{NO_ZONE}: .replace(tzinfo=...) says which one the date is in")
    return moment.timestamp()


def _time_parts(moment: date) -> Record:
    return named_tuple("struct_time", moment.timetuple())


def _iso_week(moment: date) -> Record:
    return named_tuple("IsoCalendarDate", moment.isocalendar())


def _on(kind: type, *names: str) -> dict[str, Native]:
    """Methods of a Python type, lifted."""
    return {name: lifted(getattr(kind, name)) for name in names}


def _field(name: str) -> Pure:
    def read_field(moment: Plain) -> Plain:
        return getattr(moment, name)

    return read_field


def _fields(*names: str) -> dict[str, Pure]:
    return {name: _field(name) for name in names}


_DATE_METHODS: Final[Mapping[str, Native]] = {
    **_on(date, "ctime", "isoformat", "isoweekday", "replace", "toordinal", "weekday"),
    "isocalendar": lifted(_iso_week),
    "strftime": lifted(write),
    "timetuple": lifted(_time_parts),
}
_ZONED: Final = ("dst", "tzname", "utcoffset")

METHODS: Final[dict[type, dict[str, Native]]] = {
    date: dict(_DATE_METHODS),
    datetime: {
        **_DATE_METHODS,
        **_on(datetime, "ctime", "date", "isoformat", "replace", "time", "timetz", *_ZONED),
        "astimezone": lifted(_as_zone),
        "timestamp": lifted(_timestamp),
    },
    time: {**_on(time, "isoformat", "replace", *_ZONED), "strftime": lifted(write)},
    timedelta: _on(timedelta, "total_seconds"),
    timezone: _on(timezone, "fromutc", *_ZONED),
    ZoneInfo: _on(ZoneInfo, "fromutc", *_ZONED),
}
_CLOCK_FIELDS: Final = ("hour", "minute", "second", "microsecond", "tzinfo", "fold")
_ENDS: Final = ("min", "max", "resolution")

ATTRIBUTES: Final[dict[type, dict[str, Pure]]] = {
    date: _fields("year", "month", "day", *_ENDS),
    datetime: _fields("year", "month", "day", *_CLOCK_FIELDS, *_ENDS),
    time: _fields(*_CLOCK_FIELDS, *_ENDS),
    timedelta: _fields("days", "seconds", "microseconds", *_ENDS),
    timezone: _fields("utc"),
    ZoneInfo: _fields("key"),
}


def _unbound(kind: type) -> dict[str, Value]:
    """Methods taken from the type itself, as in `key=date.isoformat` or `datetime.date(moment)`."""
    return {name: Builtin(name, native) for name, native in METHODS[kind].items()}


def _date(*args: Plain, **keywords: Plain) -> date:
    return date(*args, **keywords)  # type: ignore[arg-type]


def _moment(*args: Plain, **keywords: Plain) -> datetime:
    made = datetime(*args, **keywords)  # type: ignore[arg-type]
    if made.tzinfo is not None:
        _zone(made.tzinfo)
    return made


def _combine(day: Plain, clock: Plain, *zone: Plain, **keywords: Plain) -> datetime:
    return datetime.combine(day, clock, *zone, **keywords)  # type: ignore[arg-type]


DATE: Final = TypeValue(
    "date",
    lifted(_date),
    instance_of(date),
    Scalar("date"),
    {
        **_unbound(date),
        **functions(
            {
                "fromisoformat": date.fromisoformat,
                "fromordinal": date.fromordinal,
                "fromisocalendar": date.fromisocalendar,
            }
        ),
        "fromtimestamp": refused("fromtimestamp", NO_ZONE),
        "today": refused("today", NO_CLOCK),
        "min": date.min,
        "max": date.max,
        "resolution": date.resolution,
    },
)
DATETIME: Final = TypeValue(
    "datetime",
    lifted(_moment),
    instance_of(datetime),
    Scalar("datetime"),
    {
        **_unbound(datetime),
        **functions(
            {
                "combine": _combine,
                "fromisoformat": datetime.fromisoformat,
                "fromordinal": datetime.fromordinal,
                "fromisocalendar": datetime.fromisocalendar,
                "fromtimestamp": _from_timestamp,
                "utcfromtimestamp": _utc_from_timestamp,
                "strptime": read,
            }
        ),
        **{name: refused(name, NO_CLOCK) for name in ("now", "today", "utcnow")},
        "min": datetime.min,
        "max": datetime.max,
        "resolution": datetime.resolution,
    },
)
TIME: Final = TypeValue(
    "time",
    lifted(time),
    instance_of(time),
    Scalar("time"),
    {
        **_unbound(time),
        **functions({"fromisoformat": time.fromisoformat}),
        "min": time.min,
        "max": time.max,
        "resolution": time.resolution,
    },
)
TIMEDELTA: Final = TypeValue(
    "timedelta",
    lifted(timedelta),
    instance_of(timedelta),
    Scalar("timedelta"),
    {**_unbound(timedelta), "min": timedelta.min, "max": timedelta.max, "resolution": timedelta.resolution},
)
TIMEZONE: Final = TypeValue(
    "timezone", lifted(timezone), instance_of(timezone), None, {"utc": UTC, "min": timezone.min, "max": timezone.max}
)
TZINFO: Final = TypeValue("tzinfo", None, instance_of(tzinfo))

MODULE: Final = Module(
    "datetime",
    {
        "MAXYEAR": MAXYEAR,
        "MINYEAR": MINYEAR,
        "UTC": UTC,
        "date": DATE,
        "datetime": DATETIME,
        "time": TIME,
        "timedelta": TIMEDELTA,
        "timezone": TIMEZONE,
        "tzinfo": TZINFO,
    },
)

_ZONE_KEY: Final = re.compile(r"[A-Z][A-Za-z0-9_+-]*(?:/[A-Z][A-Za-z0-9_+-]*){0,2}")


def zone_named(key: str) -> ZoneInfo:
    """`ZoneInfo(key)`: a name of the time zone database, and no other file ("localtime" is the machine's own)."""
    if not isinstance(key, str):
        raise TypeError(f"a time zone's key must be str, not {type(key).__name__}")
    if len(key) > 64 or _ZONE_KEY.fullmatch(key) is None:
        raise zone_not_found()
    try:
        return ZoneInfo(key)
    except (OSError, ValueError, LookupError):
        raise zone_not_found() from None


def zone_not_found() -> LookupError:
    """What ZoneInfo raises for a name that the database does not have."""
    from zoneinfo import ZoneInfoNotFoundError

    return ZoneInfoNotFoundError("No time zone found with this key")


ZONE: Final = TypeValue("ZoneInfo", lifted(zone_named), instance_of(ZoneInfo))
ZONES: Final = Module(
    "zoneinfo",
    {
        "ZoneInfo": ZONE,
        "available_timezones": refused("available_timezones", "the language cannot list the machine's files"),
    },
)
