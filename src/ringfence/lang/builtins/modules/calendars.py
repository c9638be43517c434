"""The module `calendar`: weekdays, months and their lengths.

Its one rule: names are English and weeks begin on Monday, whatever the machine's settings.
"""

from __future__ import annotations

import calendar
from datetime import date
from typing import Final

from ringfence.core.plain import Plain
from ringfence.lang.builtins.modules.members import functions
from ringfence.lang.objects import Module

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = "January February March April May June July August September October November December".split()


def _year(year: Plain) -> int:
    if not isinstance(year, int) or not 1 <= year <= 9999:
        raise ValueError("year must be between 1 and 9999")
    return int(year)


def _weeks(year: Plain, month: Plain) -> list[list[int]]:
    return calendar.Calendar().monthdayscalendar(_year(year), _month(month))


def _month(month: Plain) -> int:
    if not isinstance(month, int) or not 1 <= month <= 12:
        raise ValueError("bad month number; must be 1-12")
    return int(month)


def _month_range(year: Plain, month: Plain) -> tuple[int, int]:
    first = date(_year(year), _month(month), 1)
    return first.weekday(), calendar.monthrange(first.year, first.month)[1]


def _weekday(year: Plain, month: Plain, day: Plain) -> int:
    return date(_year(year), _month(month), day).weekday()  # type: ignore[arg-type]  # Python's own checks


def _leap(year: Plain) -> bool:
    return calendar.isleap(year)  # type: ignore[arg-type]  # Python's own checks


def _leap_days(first: Plain, last: Plain) -> int:
    return calendar.leapdays(first, last)  # type: ignore[arg-type]  # Python's own checks


MODULE: Final = Module(
    "calendar",
    {
        **functions(
            {
                "isleap": _leap,
                "leapdays": _leap_days,
                "monthrange": _month_range,
                "monthcalendar": _weeks,
                "weekday": _weekday,
            }
        ),
        "day_name": _DAYS,
        "day_abbr": tuple(name[:3] for name in _DAYS),
        "month_name": ("", *_MONTHS),
        "month_abbr": ("", *(name[:3] for name in _MONTHS)),
        **{name.upper(): index for index, name in enumerate(_DAYS)},
    },
)
