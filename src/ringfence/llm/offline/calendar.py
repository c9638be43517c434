"""Requests about the calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from ringfence.llm.offline.dates import Days, parse_days, parse_duration, parse_time, spoken_day
from ringfence.llm.offline.shapes import SHOW, WRITE, Found, shape
from ringfence.llm.offline.sources import Schedule, event_lines, parse_schedule
from ringfence.llm.offline.writing import NotUnderstoodError, PlanWriting, in_fstring, quoted_list

_LOOK_AHEAD: Final = 60
_GENERIC: Final = frozenset(
    ["meeting", "event", "appointment", "call", "entry", "session", "invite", "invitation", "calendar"]
)
_A_TIME: Final = r"\d{1,2}(?:[:.h]\d{2})?\s?(?:am|pm|a\.m\.|p\.m\.|o'clock|h)?|noon|midday"


def _days(phrase: str | None, plan: PlanWriting) -> Days:
    days = parse_days(phrase if phrase else "today", plan.task.today)
    if days is None:
        raise NotUnderstoodError("a day, such as today, tomorrow, next Monday or 3 December")
    return days


def _schedule_of(found: Found, plan: PlanWriting) -> Schedule:
    groups = found.groupdict()
    if groups.get("source"):
        schedule = parse_schedule(groups["source"], plan.task.today)
        if schedule is None:
            raise NotUnderstoodError
        return schedule
    return Schedule(_days(groups.get("day"), plan))


def _show(found: Found, plan: PlanWriting) -> None:
    schedule = _schedule_of(found, plan)
    lines = event_lines(plan, schedule.events(plan), with_day=not schedule.days.single)
    plan.answer(f'"\\n".join({lines}) if {lines} else "There is nothing in the calendar for {schedule.days.spoken()}."')


def _count(found: Found, plan: PlanWriting) -> None:
    schedule = Schedule(_days(found.group("day"), plan))
    events = schedule.events(plan)
    plan.answer(f'f"There are {{len({events})}} events in {schedule.title}."')


def _next(found: Found, plan: PlanWriting) -> None:
    """There is no clock in a plan, so "next" counts from the beginning of today, and the answer says so."""
    today = plan.task.today
    person = None if found.group("person") is None else plan.person(found.group("person"))
    days = Schedule(Days(today, today + timedelta(days=_LOOK_AHEAD)))
    events = days.events(plan)
    if person is not None:
        events = plan.assign(
            "shared", f"[e for e in {events} if {person.email} in e.attendees or {person.email} == e.organizer]"
        )
    line = 'f"{e.start:%A %d %B, %H:%M}–{e.end:%H:%M} {e.title}" + (f" ({e.location})" if e.location else "")'
    lines = plan.assign("lines", f"[{line} for e in {events} if (e.end - e.start).days < 1]")
    plan.answer(f'{lines}[0] if {lines} else "There is no meeting from today on in the next {_LOOK_AHEAD} days."')


_BUSY: Final = """\
def minutes(moment):
    return 0 if moment.date() < day else 1440 if moment.date() > day else moment.hour * 60 + moment.minute

busy = sorted((minutes(e.start), minutes(e.end)) for e in {events} if (e.end - e.start).days < 1)"""
_FREE: Final = """\
gaps = []
cursor = {opens}
for start, end in busy + [({closes}, {closes})]:
    gaps.append((cursor, min(start, {closes})))
    cursor = max(cursor, end)
free = [f"{{a // 60:02}}:{{a % 60:02}}–{{b // 60:02}}:{{b % 60:02}}" for a, b in gaps if a < b]"""


def _free(found: Found, plan: PlanWriting) -> None:
    days = _days(found.group("day"), plan)
    if not days.single:
        raise NotUnderstoodError("one day")
    plan.line(f"day = {plan.literal(days.start)}")
    plan.line(_BUSY.format(events=Schedule(days).events(plan)))
    moment = found.groupdict().get("time")
    if moment is not None:
        return _free_at(moment, days, plan)
    plan.line(_FREE.format(opens=9 * 60, closes=17 * 60))
    plan.answer(
        f"f\"Free on {days.spoken()} between 09:00 and 17:00: {{', '.join(free)}}\" if free "
        f'else "There is no free time on {days.spoken()} between 09:00 and 17:00."'
    )
    return None


def _free_at(phrase: str, days: Days, plan: PlanWriting) -> None:
    moment = parse_time(phrase)
    if moment is None:
        raise NotUnderstoodError("a time, such as 15:00 or 3pm")
    minutes = moment.hour * 60 + moment.minute
    plan.line(f"taken = [start for start, end in busy if start <= {minutes} < end]")
    where = f"on {days.spoken()} at {moment:%H:%M}"
    plan.answer(f'"No, you are busy {where}." if taken else "Yes, you are free {where}."')


@dataclass(slots=True)
class _Details:
    """What a request says about one event."""

    title: str | None = None
    people: str | None = None
    day: date | None = None
    start: time | None = None
    end: time | None = None
    length: timedelta = timedelta(hours=1)
    location: str | None = None


_CHUNK: Final = re.compile(
    r"\s(?=(?:with|on|at|from|for|in|about|called|titled|named|regarding|to discuss|tomorrow|today|tonight|next|this|"
    r"location|until|till)\b)(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)",
    re.IGNORECASE,
)
_TO_CALENDAR: Final = re.compile(r" (?:to|in|into|on) (?:my|the) (?:calendar|schedule|agenda|diary)\b", re.IGNORECASE)
_RANGE: Final = re.compile(rf"(?P<from>{_A_TIME})\s?(?:-|–|to|until|till)\s?(?P<to>{_A_TIME})", re.IGNORECASE)


_ARTICLE: Final = re.compile(
    r"(?:(?:a|an|the|my|new|another)\s+)?(?:new\s+)?(?:(?:event|entry|appointment)\s+(?=\S))?", re.IGNORECASE
)


def read_details(phrase: str, today: date) -> _Details:
    """Take "a meeting with Ann on Monday at 3pm for an hour in Room 4 about the budget" apart."""
    details = _Details()
    first, *chunks = _CHUNK.split(_TO_CALENDAR.sub("", phrase))
    for chunk in chunks:
        marker, _, rest = chunk.partition(" ")
        _take(marker.lower(), rest.strip(" ,."), chunk.strip(" ,."), details, today)
    kind = _ARTICLE.sub("", first.strip(), count=1).strip('"“” ,.')
    if details.title is None and kind and kind.lower() not in _GENERIC:
        details.title = kind[:1].upper() + kind[1:]
    return details


def _take(marker: str, rest: str, chunk: str, details: _Details, today: date) -> None:
    span = _RANGE.fullmatch(rest)
    if marker in ("from", "at", "between") and span is not None:
        details.start, details.end = parse_time(span.group("from")), parse_time(span.group("to"))
    elif marker == "at" and parse_time(rest) is not None:
        details.start = parse_time(rest)
    elif marker in ("until", "till") and parse_time(rest) is not None:
        details.end = parse_time(rest)
    elif marker in ("tomorrow", "today", "tonight", "next", "this") and parse_days(chunk, today) is not None:
        details.day = _single(parse_days(chunk, today))
    elif marker in ("on", "in", "for") and parse_days(f"in {rest}" if marker == "in" else rest, today) is not None:
        details.day = _single(parse_days(f"in {rest}" if marker == "in" else rest, today))
    elif marker == "for" and parse_duration(rest) is not None:
        details.length = parse_duration(rest) or details.length
    elif marker == "with":
        details.people = rest
    elif marker in ("at", "in", "location"):
        details.location = rest.strip('"“”')
    elif marker in ("called", "titled", "named"):
        details.title = rest.strip('"“”')
    elif marker in ("about", "on", "for", "regarding", "to"):
        topic = re.sub(r"^(?:discuss )?(?:the |our )?", "", rest.strip('"“”'), flags=re.IGNORECASE)
        details.title = topic[:1].upper() + topic[1:]
    else:
        raise NotUnderstoodError("an event with a title, a day and a time")


def _single(days: Days | None) -> date | None:
    return days.start if days is not None and days.single else None


def _create(found: Found, plan: PlanWriting) -> None:
    details = read_details(found.group("what"), plan.task.today)
    if details.day is None or details.start is None:
        raise NotUnderstoodError("an event with a day and a time, such as: on Monday at 15:00")
    start = datetime.combine(details.day, details.start)
    end = start + details.length if details.end is None else datetime.combine(details.day, details.end)
    if end <= start:
        raise NotUnderstoodError("an end that is after the start")
    details.people = found.groupdict().get("people") or details.people
    people = [] if details.people is None else plan.people(details.people)
    title = details.title
    if title is None:
        title = "Meeting" if details.people is None else f"Meeting with {details.people}"
    keywords = {"title": plan.literal(title), "start": plan.literal(start), "end": plan.literal(end)}
    if people:
        keywords["attendees"] = quoted_list(person.email for person in people)
    if details.location is not None:
        keywords["location"] = plan.literal(details.location)
    plan.line(f"event = {plan.tool('create_event', **keywords)}")
    invited = f", with {', '.join(person.shown for person in people)}" if people else ""
    plan.answer(
        f'f"In the calendar: {in_fstring(title)}, {spoken_day(details.day)}, {start:%H:%M}–{end:%H:%M}{invited}."'
    )


def _matching(details: _Details, plan: PlanWriting) -> str:
    """Write the search for the events that the details describe; returns the variable with them."""
    today = plan.task.today
    days = Days(today, today + timedelta(days=_LOOK_AHEAD)) if details.day is None else Days(details.day, details.day)
    conditions = []
    if details.title is not None:
        words = [word for word in re.findall(r"\w+", details.title.lower()) if word not in _GENERIC and word != "the"]
        conditions += [f"{plan.literal(word)} in e.title.lower()" for word in words[:6]]
    if details.people is not None:
        conditions += [f"{person.email} in e.attendees" for person in plan.people(details.people)]
    if details.start is not None:
        conditions.append(f"e.start.hour == {details.start.hour} and e.start.minute == {details.start.minute}")
    if not conditions and details.day is None:
        raise NotUnderstoodError("which event: its title, its day, its time or who takes part")
    events = Schedule(days).events(plan)
    return plan.assign("matches", f"[e for e in {events}{' if ' if conditions else ''}{' and '.join(conditions)}]")


_NO_EVENT: Final = re.compile(
    r"\b(?:all|every\w*|both|e?-?mails?|messages?|inbox|files?|documents?|contacts?|folders?|pages?|it|them)\b|\w\.\w",
    re.IGNORECASE,
)


def _delete(found: Found, plan: PlanWriting) -> None:
    """Exactly one event must fit: the unpacking fails otherwise, before anything is deleted."""
    if _NO_EVENT.search(found.group("what")) is not None:
        raise NotUnderstoodError("one event of the calendar")
    details = read_details(found.group("what"), plan.task.today)
    plan.line(f"[event] = {_matching(details, plan)}")
    plan.line(plan.tool("delete_event", uid="event.uid"))
    plan.answer('f"Deleted: {event.title}, {event.start:%d %B %Y, %H:%M}."')


_ASPECTS: Final = {
    "when": '{e.title}: {e.start:%A %d %B %Y}, {e.start:%H:%M}–{e.end:%H:%M}',
    "where": '{e.title} ({e.start:%d %B, %H:%M}): {e.location}',
    "who": "{e.title} ({e.start:%d %B, %H:%M}): {', '.join(e.attendees)}",
}  # fmt: skip


def _find(found: Found, plan: PlanWriting) -> None:
    word = found.group("aspect").lower()
    aspect = (
        "when"
        if word.startswith(("when", "what time", "at what", "on what", "what day"))
        else word.split()[0].rstrip("s")
    )
    details = read_details(found.group("what"), plan.task.today)
    matches = _matching(details, plan)
    lines = plan.assign("lines", f'[f"{_ASPECTS[aspect]}" for e in {matches}]')
    plan.answer(f'"\\n".join({lines}) if {lines} else "There is no such event."')


_KIND: Final = r"(?:meetings?|events?|appointments?|calls?|plans?|anything|something)"

SHAPES: Final = (
    shape(
        "schedule-next", _next, "When is my next meeting?",
        r"(?:when|what|where)(?:'s| is) (?:my )?next (?:meeting|event|appointment|call)(?: with (?P<person>.{1,60}))?",
        r"(?:show me |tell me )?(?:my |the )?next (?:meeting|event|appointment|call)(?: with (?P<person>.{1,60}))?",
        r"what(?:'s| is| comes) (?:coming up )?next(?: (?:on|in) my (?:calendar|schedule|agenda))?(?P<person>)??",
        r"when do i (?:next meet|meet next) (?P<person>.{1,60})",
        r"when (?:am i|will i be) (?:next )?(?:meeting|seeing) (?P<person>.{1,60})",
    ),
    shape(
        "schedule-free", _free, "When am I free on Friday?",
        rf"(?:am i|are we) (?:free|available|busy)(?: (?P<day>.{{1,30}}?))? at (?P<time>{_A_TIME})",
        rf"(?:am i|are we) (?:free|available|busy) at (?P<time>{_A_TIME})(?: (?P<day>.{{1,30}}))?",
        r"(?:when|what time|at what time)(?: am i| are we|'m i) (?:free|available)(?: (?P<day>.{1,30}))?",
        r"(?:when|where) do i have (?:some )?(?:free )?time(?: (?P<day>.{1,30}))?",
        r"(?:am i|are we) (?:free|available|busy)(?: (?P<day>.{1,30}))?",
        r"(?:find|show|list|give|tell|what are|what is|what's|do i have|is there)(?: me)?(?: some| any| my| the)? "
        r"(?:free|open|available) (?:time|slots?|hours?|gaps?|times)(?: (?P<day>.{1,30}))?",
        r"what (?:times?|slots?|hours?) (?:am i|are) (?:free|available|open)(?: (?P<day>.{1,30}))?",
    ),
    shape(
        "schedule-count", _count, "How many meetings do I have tomorrow?",
        rf"how many {_KIND} (?:do i have|are there|have i got|do i have (?:scheduled|planned))(?: (?P<day>.{{1,40}}))?",
    ),
    shape(
        "event-create", _create, 'Create a meeting with John Doe on Monday at 15:00 about the budget',
        rf"{WRITE} (?P<what>.{{2,400}})",
        r"invite (?P<people>.{2,100}?) (?:to|for) (?P<what>.{2,300})",
    ),
    shape(
        "event-delete", _delete, "Cancel the budget meeting on Monday",
        r"(?:delete|cancel|remove|drop|call off|get rid of) (?P<what>.{2,300})",
    ),
    shape(
        "schedule-show", _show, "What's on my calendar tomorrow?",
        rf"{SHOW} (?:me )?(?P<source>.{{2,100}})",
        r"what(?: do i have| have i got| is|'s) (?:planned|scheduled|going on|on|happening|coming up|up)(?: "
        r"(?P<day>.{1,40}))?",
        r"what(?:'s| is) (?:happening|planned|on|going on|scheduled|coming up)? ?(?:in|on) (?:my|the) (?:calendar|"
        r"schedule|agenda)(?: (?P<day>.{1,40}))?",
        r"what do i have (?:to do )?(?P<day>.{1,40})",
        r"what am i doing (?P<day>.{1,40})",
        r"what (?:meetings|events|appointments) (?:do i have|are there|have i got)(?: (?P<day>.{1,40}))?",
        rf"(?:do i have|is there|are there|have i got)(?: any| a| an)? {_KIND}(?: (?:planned|scheduled|on))?(?: "
        rf"(?P<day>.{{1,40}}))?",
        r"(?:how does|what does) (?:my )?(?P<day>.{1,40}?) look(?: like)?",
        r"(?P<source>.{2,60})",
    ),
    shape(
        "event-find", _find, "When is the budget meeting?",
        r"(?P<aspect>when|where|who|what time|at what time|on what day|what day)(?:'s| is| are| does| will)(?: "
        r"coming to| attending| invited to| in| at| going to)?"
        r" (?P<what>.{2,200}?)(?: start| begin| take place| be| happen| held)?",
        r"(?P<aspect>who) (?:comes to|attends|takes part in|is taking part in) (?P<what>.{2,200})",
    ),
)  # fmt: skip
