"""The demonstration's calendar: the user's own events, and invitations from others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ringfence.connectors.demo.people import USER


@dataclass(frozen=True, slots=True)
class Appointment:
    """`day` counts from today; no `start` means all day. An empty `organizer` means the user's own, unshared event."""

    slug: str
    title: str
    day: int
    start: str = ""
    minutes: int = 60
    location: str = ""
    organizer: str = ""
    attendees: tuple[str, ...] = ()
    description: str = ""
    rule: str = ""
    days: int = 1


_H = "@harbour.example"
_JOHN, _PRIYA, _TOM, _MIA, _GRACE = (
    f"{n}{_H}" for n in ("john.doe", "priya.nair", "tom.becker", "mia.rossi", "grace.lin")
)
_SOFIA = "sofia@larkinfoods.example"

_OWN = (
    Appointment("stand-up", "Team stand-up", -14, "09:00", 15, "Room 1", USER, (USER, _PRIYA, _TOM, _MIA),
                rule="FREQ=DAILY"),
    Appointment("one-to-one", "1:1 with John", -21, "16:00", 30, "John's office", USER, (USER, _JOHN),
                "Roadmap, hiring, holiday dates", rule="FREQ=WEEKLY"),
    Appointment("closing", "Quarter closing day", 0, description="Invoices must be in by 17:00"),
    Appointment("focus", "Focus time: checkout report", 0, "13:30", 90),
    Appointment("dentist", "Dentist", 1, "08:00", 45, "Praxis Weiss, 12 Mill Lane"),
    Appointment("gym", "Gym with Lucas", 2, "18:30", 90, "Dockside Gym"),
    Appointment("flight", "Flight to Lisbon", 9, "07:10", 170, "LHR Terminal 3"),
    Appointment("holiday", "Holiday in Lisbon", 9, days=4),
)  # fmt: skip

_RECEIVED = (
    Appointment("design-review", "Design review: new checkout", 0, "10:30", 60, "Room 2", _PRIYA,
                (USER, _PRIYA, _TOM, _JOHN), "Please look at the three drafts before we meet."),
    Appointment("larkin-call", "Call with Larkin Foods", 0, "11:30", 30, "https://meet.larkinfoods.example/sofia",
                _SOFIA, (USER, _SOFIA), "Agenda: launch date, open invoices, labels in the app"),
    Appointment("retro", "Sprint retrospective", -1, "15:00", 60, "Room 1", _TOM, (USER, _TOM, _MIA, _PRIYA)),
    Appointment("planning", "Sprint planning", 1, "10:00", 120, "Room 1", _JOHN, (USER, _JOHN, _TOM, _MIA, _PRIYA)),
    Appointment("brightmill", "Workshop at Brightmill", 3, "09:30", 240, "Brightmill, 4 Canal Street",
                "daniel@brightmill.example", (USER, "daniel@brightmill.example", _PRIYA),
                "We will map the order process. Lunch is provided."),
    Appointment("review-talk", "Yearly review talk", 6, "14:00", 60, "Room 3", _GRACE, (USER, _GRACE, _JOHN)),
)  # fmt: skip


def appointments(today: date) -> dict[str, bytes]:
    """The calendar files by name; those of the user in `own/`."""
    own = {f"own/{one.slug}.ics": calendar_file(one, today) for one in _OWN}
    return own | {f"{one.slug}.ics": calendar_file(one, today) for one in _RECEIVED}


def calendar_file(one: Appointment, today: date) -> bytes:
    """One appointment as an iCalendar file. Invitations are in UTC, the user's own events on the wall clock."""
    from icalendar import Calendar, Event, vCalAddress, vRecur

    event = Event()
    event.add("uid", f"{one.slug}-{today:%Y%m%d}@{(one.organizer or USER).rpartition('@')[2]}")
    event.add("dtstamp", datetime.combine(today - timedelta(days=30), time(8), UTC))
    event.add("summary", one.title)
    for key, value in zip(("dtstart", "dtend"), _times(one, today), strict=True):
        event.add(key, value)
    for key, text in (("location", one.location), ("description", one.description)):
        if text:
            event.add(key, text)
    if one.rule:
        event.add("rrule", vRecur.from_ical(one.rule))
    for key, people in (("organizer", _some(one.organizer)), ("attendee", one.attendees)):
        for person in people:
            event.add(key, vCalAddress(f"mailto:{person}"))
    calendar = Calendar()
    calendar.add("prodid", "-//Harbour Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def _some(text: str) -> Iterable[str]:
    return (text,) if text else ()


def _times(one: Appointment, today: date) -> tuple[date, date]:
    day = today + timedelta(days=one.day)
    if not one.start:
        return day, day + timedelta(days=one.days)
    zone = UTC if one.organizer not in {"", USER} else None
    start = datetime.combine(day, time.fromisoformat(one.start), zone)
    return start, start + timedelta(minutes=one.minutes)
