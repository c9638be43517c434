"""Dates, times and time zones mean what they mean in Python, without a clock and without a local time zone.

Its one rule: CPython is the oracle; each plan runs under both, and every variable must agree.
"""

from __future__ import annotations

import pytest

from lang.module_oracle import agree

PLANS = (
    r"""
from datetime import datetime, date, time, timedelta, timezone, MINYEAR, MAXYEAR
a = datetime(2026,11,21,9,30)
b = (
    a.isoformat(), str(a), repr(a), a.date(), a.time(), a.weekday(), a.isoweekday(), a.isocalendar(),
    a.toordinal(), a.ctime(),
)
c = (
    a.replace(hour=3, minute=5), a + timedelta(days=1, hours=2), a - datetime(2026,1,1),
    a.strftime("%Y-%m-%d %H:%M %j %U %a %b %p %I %%"),
)
d = (
    date(2026,2,28) + timedelta(days=1), date.fromisoformat("2026-01-02"), date.fromordinal(738000),
    (date(2026,3,1)-date(2026,2,1)).days,
)
e = (
    datetime.strptime("21/11/2026 10:20", "%d/%m/%Y %H:%M"), datetime.combine(date(2026,1,1), time(3,4)),
    datetime.fromisoformat("2026-11-21T10:00:00+02:00"),
)
f = (
    timedelta(hours=1.5).total_seconds(), str(timedelta(days=1, seconds=61)), repr(timedelta(1)),
    timedelta(days=1)//timedelta(hours=5), timedelta(days=1)/2, -timedelta(1), abs(timedelta(-1)),
)
g = (
    a.timetuple().tm_yday, time(10,30).strftime("%H"), time.fromisoformat("10:20:30"), a.year, a.month, a.day,
    a.hour, a.minute, a.second, a.microsecond, a.tzinfo,
)
h = (
    datetime(2026,1,1,tzinfo=timezone.utc),
    datetime(2026,1,1,tzinfo=timezone.utc).astimezone(timezone(timedelta(hours=2))).isoformat(),
)
i = (
    datetime(2026,1,1,tzinfo=timezone.utc).timestamp(), datetime.fromtimestamp(0, tz=timezone.utc), datetime.min,
    date.max, timedelta.resolution, MINYEAR, MAXYEAR,
)
j = (
    isinstance(a, date), isinstance(a.date(), datetime), isinstance(True, int), a < datetime(2027,1,1),
    max([date(2026,1,1), date(2027,1,1)]),
)
k = sorted([date(2027,1,1), date(2026,1,1)]), {date(2026,1,1): 1}, f"{a:%d.%m.%y}", f"{a}", "{:%H}".format(a)
y, w, wd = date(2026,11,21).isocalendar()
z = (
    a.date() == date(2026,11,21), a.timetuple()[0], date(2026,11,21).isocalendar()[1],
    date(2026,11,21).isocalendar().week,
)
l = list(map(date.isoformat, [date(2026,1,1)]))
m = (
    timedelta(days=3).days, timedelta(seconds=3).seconds, timedelta(weeks=1),
    sum([timedelta(1), timedelta(2)], timedelta()),
)
n = str(timezone.utc), repr(timezone.utc), a.tzname(), h[0].utcoffset(), h[0].tzname()
""",
    r"""
from zoneinfo import ZoneInfo
from datetime import datetime, timezone
z = ZoneInfo("Europe/Berlin")
a = datetime(2026,7,1,12,tzinfo=z)
b = (
    a.isoformat(), a.utcoffset(), a.tzname(), a.astimezone(timezone.utc), str(z), z.key,
    a.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M %Z"),
)
c = repr(z), f"{z}", a
""",
    r"""
import datetime as dt
a = dt.datetime(2026,1,31) + dt.timedelta(days=1)
b = dt.date(2026,1,1).strftime("%A"), dt.datetime.strptime("2026-01-01", "%Y-%m-%d").date(), dt.timezone.utc
c = dt.datetime.strptime("Mon, 23 Nov 2026 10:00:00 GMT", "%a, %d %b %Y %H:%M:%S %Z")
d = dt.UTC
""",
    r"""
from datetime import date, timedelta, datetime, time
start = date(2026, 11, 23)
days = [start + timedelta(days=i) for i in range(5)]
a = (
    [d.isoformat() for d in days], [d.strftime("%a") for d in days], {d: d.weekday() for d in days},
    start in days, min(days), (days[-1] - days[0]).days,
)
b = (
    datetime(2026,11,21,10) < datetime(2026,11,21,11), datetime(2026,1,1) == datetime(2026,1,1),
    date(2026,1,1) != date(2026,1,2), time(9) < time(10), timedelta(hours=1) > timedelta(minutes=30),
    datetime(2026,1,1).replace(day=5).date().isoformat(),
)
c = (
    timedelta(hours=5) / timedelta(hours=2), timedelta(days=1) * 3, 2 * timedelta(days=1),
    timedelta(hours=25) % timedelta(days=1), divmod(timedelta(hours=25), timedelta(days=1)),
    round((datetime(2026,1,2) - datetime(2026,1,1)).total_seconds() / 3600, 1),
)
d = (
    f"{datetime(2026,1,1,9,5):%H:%M}", "{:%Y}".format(date(2026,1,1)), f"{timedelta(hours=3)}", f"{start!r:>30}",
    str(start),
)
e = (
    sorted([(date(2026,1,2), "b"), (date(2026,1,1), "a")]), datetime(2026,1,1) - timedelta(weeks=1),
    (datetime(2026,1,5) - datetime(2026,1,1)) // timedelta(days=1),
)
f = isinstance(start, date), isinstance(start, (int, date)), bool(timedelta(0)), bool(timedelta(1))
errs = []
for make in [
    lambda: date(2026, 13, 1), lambda: datetime.strptime("x", "%Y"), lambda: date.fromisoformat("nope"),
    lambda: datetime(2026,1,1) - date(2026,1,1), lambda: date(2026,1,1) + 1, lambda: datetime(2026,2,30),
]:
    try:
        make()
    except (ValueError, TypeError) as e2:
        errs.append((str(type(e2)), str(e2)))
e2 = 0
""",
)


@pytest.mark.parametrize("plan", PLANS)
def test_agrees_with_python(plan: str) -> None:
    agree(plan)
