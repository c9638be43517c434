"""The calendar of a workspace: iCalendar files, listed by day, with repeating events expanded.

Its one rule: who an event comes from is told by the folder of its file. Files in `own/` were made by the
user; every other file was received, or made by a tool, whatever its ORGANIZER says. A file is parsed once per version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from threading import Lock
from typing import Final
from uuid import uuid4

from ringfence.connectors.addresses import recipients
from ringfence.connectors.errors import Ambiguous, ConnectorError, Damaged, NotAllowed, NotFound
from ringfence.connectors.ics import Entry, events_of, parse, read_entries, starts, uid_of, write_event
from ringfence.connectors.records import Event
from ringfence.connectors.rooted import Root

OWN: Final = "own/"
_MAX_FILE: Final = 64 << 20
_MAX_INDEXED_DAYS: Final = 31
_MAX_TEXT: Final = 100_000
_DAY: Final = timedelta(days=1)


class Calendar:
    """Reads and changes the `.ics` files below `root`. Safe to use from several threads."""

    def __init__(self, root: Root, user: str, zone: tzinfo) -> None:
        self._root = root
        self._user = user
        self._zone = zone
        self._lock = Lock()
        self._files: dict[str, tuple[tuple[int, int, int], tuple[Entry, ...]]] = {}
        self._index = _Index(())

    def between(self, first: date, last: date) -> list[Event]:
        """The events that touch the days `first` to `last`, both included, in the order of their starts."""
        lower, upper = _midnight(first), _midnight(last) + _DAY
        if upper <= lower:
            raise NotAllowed("the last day lies before the first")
        found = [event for entry in self._read().near(lower, upper) for event in self._occurrences(entry, lower, upper)]
        return sorted(found, key=lambda event: (event.start, event.end, event.title, event.uid))

    def create(
        self, title: str, start: datetime, end: datetime, attendees: Iterable[str], location: str, description: str
    ) -> Event:
        """Write a new event and return it. NotAllowed, and nothing written, if something about it cannot be."""
        event = Event(
            title=_line(title, "title"),
            start=self._local(start),
            end=self._local(end),
            location=_line(location, "location"),
            attendees=recipients(attendees, "attendee"),
            organizer=self._user,
            description=_bounded(description, "description"),
            uid=f"{uuid4()}@ringfence",
        )
        if not event.title or event.end < event.start:
            raise NotAllowed("an event needs a title and an end that is not before its start; nothing was created")
        self._root.write(event.uid.removesuffix("@ringfence") + ".ics", write_event(event))
        return event

    def delete(self, uid: str) -> None:
        """Remove the event, with all its repetitions. Other events of the same file stay."""
        files = self._read().files.get(uid, frozenset())
        if not files:
            raise NotFound("there is no event with that uid; nothing was deleted")
        if len(files) > 1:
            # An invitation can carry the uid of another event: deleting either would be a guess.
            raise Ambiguous(f"{len(files)} files hold an event with that uid; nothing was deleted")
        (file,) = files
        rest = _without(self._root.read(file, _MAX_FILE), file, uid)
        if rest is None:
            self._root.remove(file)
        else:
            self._root.write(file, rest)

    def is_own(self, uid: str) -> bool:
        """Whether every event with that uid lies in a file that the user made, as of the last listing."""
        with self._lock:
            files = self._index.files.get(uid, frozenset())
        return bool(files) and all(file.startswith(OWN) for file in files)

    def _read(self) -> _Index:
        with self._lock:
            listed = {entry.path: entry.stamp for entry in self._root.walk() if entry.path.endswith(".ics")}
            if listed != {path: stamp for path, (stamp, _) in self._files.items()}:
                self._files = {path: (stamp, self._entries(path, stamp)) for path, stamp in listed.items()}
                self._index = _Index(entry for _, entries in self._files.values() for entry in entries)
            return self._index

    def _entries(self, path: str, stamp: tuple[int, int, int]) -> tuple[Entry, ...]:
        known = self._files.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        shown = path.encode("utf-8", "replace").decode("utf-8")
        try:
            data = self._root.read(path, _MAX_FILE)
        except ConnectorError as error:
            raise Damaged(f"calendar/{shown}: {error}") from None
        return read_entries(data, path, self._zone)

    def _occurrences(self, entry: Entry, lower: datetime, upper: datetime) -> Iterator[Event]:
        if not entry.repeats:
            if _touches(entry.event, lower, upper):
                yield entry.event
            return
        length = entry.length
        earliest = lower - length if lower - datetime.min > length else datetime.min
        try:
            moments = starts(entry, earliest, upper, self._zone)
        except Damaged as error:
            raise Damaged(f"calendar/{entry.file}: {error}") from None
        for start in moments:
            event = replace(
                entry.event, start=start, end=start + length if datetime.max - start > length else datetime.max
            )
            if _touches(event, lower, upper):
                yield event

    def _local(self, moment: datetime) -> datetime:
        return moment if moment.tzinfo is None else moment.astimezone(self._zone).replace(tzinfo=None)


class _Index:
    """The entries by the days they touch. Long and repeating ones are looked at for every question."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.files: dict[str, frozenset[str]] = {}
        self._days: dict[int, list[Entry]] = {}
        self._always: list[Entry] = []
        for entry in entries:
            self.files[entry.event.uid] = self.files.get(entry.event.uid, frozenset()) | {entry.file}
            first, last = entry.event.start.toordinal(), entry.event.end.toordinal()
            if entry.repeats or last - first > _MAX_INDEXED_DAYS:
                self._always.append(entry)
            else:
                for day in range(first, last + 1):
                    self._days.setdefault(day, []).append(entry)

    def near(self, lower: datetime, upper: datetime) -> Iterable[Entry]:
        """The entries that may touch the window, each once."""
        days: Iterable[int] = range(lower.toordinal(), upper.toordinal() + 1)
        if upper.toordinal() - lower.toordinal() > len(self._days):
            days = self._days
        found = {id(entry): entry for day in days for entry in self._days.get(day, ())}
        return [*found.values(), *self._always]


def _touches(event: Event, lower: datetime, upper: datetime) -> bool:
    return event.start < upper and (event.end > lower or event.start >= lower)


def _midnight(day: date) -> datetime:
    if not 1 < day.year < 9999:
        raise NotAllowed("the day lies outside the years that a calendar has")
    return datetime.combine(day, time.min)


def _line(text: str, what: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise NotAllowed(f"the {what} must be one line without control characters; nothing was created")
    return _bounded(text, what).strip()


def _bounded(text: str, what: str) -> str:
    if len(text) > _MAX_TEXT:
        raise NotAllowed(f"the {what} is longer than {_MAX_TEXT} characters; nothing was created")
    return text.encode("utf-8", "replace").decode("utf-8")


def _without(data: bytes, file: str, uid: str) -> bytes | None:
    """The file's calendars without the events of that uid; None if no event would be left."""
    calendars, number, left = parse(data), 0, 0
    for calendar in calendars:
        doomed = set()
        for component in events_of(calendar):
            if uid_of(component, f"{file}#{number}") == uid:
                doomed.add(id(component))
            else:
                left += 1
            number += 1
        calendar.subcomponents = [part for part in calendar.subcomponents if id(part) not in doomed]
    return b"".join(calendar.to_ical() for calendar in calendars) if left else None
