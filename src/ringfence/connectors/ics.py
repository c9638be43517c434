"""Reading and writing iCalendar (RFC 5545) files.

Its one rule: a file is read whole or refused whole, so that no appointment is lost silently; refusals
name the file. Bytes that are no UTF-8 are replaced. The parsing itself is icalendar's; what it could not make sense of
in a property that matters here is a refusal, not a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from ringfence.connectors.addresses import is_address
from ringfence.connectors.errors import ConnectorError, Damaged
from ringfence.connectors.records import Event
from ringfence.connectors.recurrence import Rule, occurrences, read_rule

if TYPE_CHECKING:
    from icalendar import Component

_PROPERTIES: Final = (
    "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SUMMARY", "DESCRIPTION",
    "LOCATION", "ORGANIZER", "ATTENDEE", "UID", "STATUS",
)  # fmt: skip
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of a file. `start`, `extra` and `excluded` are on the clock of `zone` (None: the workspace's own)."""

    event: Event
    file: str
    start: datetime
    zone: tzinfo | None
    rule: Rule | None
    extra: tuple[datetime, ...]
    excluded: frozenset[datetime]
    instance: datetime | None

    @property
    def repeats(self) -> bool:
        return self.rule is not None or bool(self.extra)

    @property
    def length(self) -> timedelta:
        return self.event.end - self.event.start


def read_entries(data: bytes, file: str, zone: tzinfo) -> tuple[Entry, ...]:
    """The events of a file that are not cancelled, times in `zone`. Damaged, naming the file."""
    try:
        components = [part for calendar in parse(data) for part in events_of(calendar)]
        entries = [_entry(part, f"{file}#{number}", file, zone) for number, part in enumerate(components)]
        cancelled = [_plain_text(part, "STATUS").upper() == "CANCELLED" for part in components]
    except Damaged as error:
        raise Damaged(f"calendar/{file}: {error}") from None
    except Exception:  # the parser meets hostile bytes: whatever it raises, the file is not readable
        raise Damaged(f"calendar/{file} cannot be read as an iCalendar file") from None
    whole = _without_replaced(entries)
    return tuple(entry for entry, gone in zip(whole, cancelled, strict=True) if not gone)


def parse(data: bytes) -> list[Component]:
    """The calendars of a file. Damaged if it holds none, or what icalendar raises."""
    from icalendar import Calendar

    calendars: list[Component] = list(Calendar.from_ical(data.decode("utf-8", "replace"), multiple=True))
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise Damaged("it holds no calendar, or is cut off")
    return calendars


def events_of(calendar: Component) -> list[Component]:
    """The events of a calendar, in the order of the file. Damaged if one is inside of something else."""
    events = [part for part in calendar.subcomponents if part.name == "VEVENT"]
    if len(events) != len(calendar.walk("VEVENT")):
        raise Damaged("an event stands inside of another part")
    return events


def uid_of(component: Component, fallback: str) -> str:
    """The event's UID, or `fallback` if it has none."""
    return _plain_text(component, "UID") or fallback


def starts(entry: Entry, lower: datetime, upper: datetime, zone: tzinfo) -> list[datetime]:
    """The starts of an entry in `lower <= start < upper`, all on the clock of `zone`."""
    first, last = _shifted(lower, -_DAY), _shifted(upper, _DAY)  # the clocks of two zones differ by less than two days
    found = {entry.start, *entry.extra}
    if entry.rule is not None:
        found.update(occurrences(entry.rule, entry.start, first, last))
    local = (
        _local(moment.replace(tzinfo=entry.zone), zone) for moment in found - entry.excluded if first <= moment < last
    )
    return sorted(moment for moment in local if lower <= moment < upper)


def write_event(event: Event) -> bytes:
    """One event as a calendar file, its times floating (the workspace's own clock)."""
    from icalendar import Calendar, vCalAddress
    from icalendar import Event as Component

    component = Component()
    component.add("uid", event.uid)
    component.add("dtstamp", datetime.now(UTC))
    component.add("dtstart", event.start)
    component.add("dtend", event.end)
    component.add("summary", event.title)
    component.add("organizer", vCalAddress(f"mailto:{event.organizer}"))
    for key, text in (("location", event.location), ("description", event.description)):
        if text:
            component.add(key, text)
    for attendee in event.attendees:
        component.add("attendee", vCalAddress(f"mailto:{attendee}"))
    calendar = Calendar()
    calendar.add("prodid", "-//Ringfence//EN")
    calendar.add("version", "2.0")
    calendar.add_component(component)
    data: bytes = calendar.to_ical()
    return data


def _entry(component: Component, fallback: str, file: str, zone: tzinfo) -> Entry:
    if any(name is None or str(name).upper() in _PROPERTIES for name, _ in component.errors):
        raise Damaged("an event has a line that is not readable")
    given = _moment(component, "DTSTART")
    if given is None:
        raise Damaged("an event has no start")
    start, own_zone = _wall(given)
    length = _length(component, given)
    rule = component.get("RRULE")
    event = Event(
        title=_plain_text(component, "SUMMARY"),
        start=_local(start.replace(tzinfo=own_zone), zone),
        end=_shifted(_local(start.replace(tzinfo=own_zone), zone), length),
        location=_plain_text(component, "LOCATION"),
        attendees=list(dict.fromkeys(found for part in _all(component, "ATTENDEE") if (found := _mail_address(part)))),
        organizer=next((_mail_address(part) for part in _all(component, "ORGANIZER")), ""),
        description=_plain_text(component, "DESCRIPTION"),
        uid=uid_of(component, fallback),
    )
    instance = _moment(component, "RECURRENCE-ID")
    return Entry(
        event=event,
        file=file,
        start=start,
        zone=own_zone,
        rule=None if rule is None or instance is not None else _rule(rule, start, own_zone),
        extra=tuple(_listed(component, "RDATE", start, own_zone)),
        excluded=frozenset(_listed(component, "EXDATE", start, own_zone)),
        instance=None if instance is None else _on_clock(instance, start, own_zone),
    )


def _without_replaced(entries: list[Entry]) -> list[Entry]:
    """Repeating events without the occurrences that another event of the same file and UID replaces."""
    from dataclasses import replace

    replaced: dict[str, set[datetime]] = {}
    for entry in entries:
        if entry.instance is not None:
            replaced.setdefault(entry.event.uid, set()).add(entry.instance)
    return [
        replace(entry, excluded=entry.excluded | replaced[entry.event.uid])
        if entry.repeats and entry.instance is None and entry.event.uid in replaced
        else entry
        for entry in entries
    ]


def _all(component: Component, key: str) -> Sequence[object]:
    found = component.get(key)
    if found is None:
        return ()
    return found if isinstance(found, list) else (found,)


def _plain_text(component: Component, key: str) -> str:
    return next((str(part) for part in _all(component, key)), "").strip()


def _mail_address(part: object) -> str:
    text = str(part)
    text = text[7:] if text[:7].lower() == "mailto:" else text
    return text.lower() if is_address(text) else ""


def _moment(component: Component, key: str) -> date | None:
    found = _all(component, key)
    if not found:
        return None
    given: object = getattr(found[0], "dt", None)
    zone = getattr(found[0], "params", {}).get("TZID")
    if len(found) > 1 or not isinstance(given, date):
        raise Damaged(f"an event has a {key} that is not a date")
    if zone is not None and (not isinstance(given, datetime) or given.tzinfo is None):
        raise Damaged("an event uses a time zone that is unknown")
    return given


def _wall(given: date) -> tuple[datetime, tzinfo | None]:
    """A date or time as a reading of its own clock, and whose clock that is."""
    if isinstance(given, datetime):
        return given.replace(tzinfo=None), given.tzinfo
    return datetime.combine(given, time.min), None


def _on_clock(given: date, start: datetime, zone: tzinfo | None) -> datetime:
    """The same moment on the clock of the event; a bare date means the event's time on that day."""
    if not isinstance(given, datetime):
        return datetime.combine(given, start.time())
    return given.replace(tzinfo=None) if given.tzinfo is None or zone is None else _local(given, zone)


def _local(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)
    except (OverflowError, ValueError):
        raise Damaged("an event lies outside the years that dates have") from None


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return datetime.max if by > timedelta() else datetime.min


def _length(component: Component, start: date) -> timedelta:
    end, duration = _moment(component, "DTEND"), component.get("DURATION")
    if end is not None:
        first, zone = _wall(start)
        length = _on_clock(end, datetime.min, zone) - first
    elif duration is not None:
        length = duration.dt
    else:
        length = timedelta() if isinstance(start, datetime) else _DAY
    if length < timedelta():
        raise Damaged("an event ends before it starts")
    return length


def _rule(rule: object, start: datetime, zone: tzinfo | None) -> Rule:
    if not isinstance(rule, Mapping):
        raise Damaged("an event has more than one rule for its repetition")
    until = next(iter(rule.get("UNTIL", ())), None)
    if until is not None:
        until = _on_clock(until, datetime.max, zone)
    try:
        return read_rule(rule, start, until)
    except ConnectorError:
        raise
    except ValueError:
        raise Damaged("a repeating event has a part that is not a number") from None


def _listed(component: Component, key: str, start: datetime, zone: tzinfo | None) -> list[datetime]:
    given = [part.dt for found in _all(component, key) for part in getattr(found, "dts", ())]
    dates = [part[0] if isinstance(part, tuple) else part for part in given]
    return [_on_clock(part, start, zone) for part in dates]
