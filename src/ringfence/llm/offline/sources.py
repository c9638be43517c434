"""Where information comes from, in the words of a request: a schedule, mail, a file, a page.

Its one rule: a source is fetched by tools under their own names with literals from the request, and nothing in it
decides what the plan does. Each source offers readable text to send, and raw text for the quarantined reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol, final

from ringfence.llm.offline.dates import Days, number, parse_days
from ringfence.llm.offline.writing import EMAIL, NotUnderstoodError, PlanWriting, in_fstring, person_name

URL: Final = r"https?://[^\s<>\"'`“”]{1,2000}"
FILE: Final = r"(?:[\w.-]+/){0,8}[\w-][\w.-]{0,100}\.[A-Za-z][A-Za-z0-9]{0,4}"


class Source(Protocol):
    """Something to read. `title` is text for people, safe inside an f-string."""

    @property
    def title(self) -> str: ...

    def text(self, plan: PlanWriting) -> str:
        """Write the fetching; returns an expression: the content as text for people."""

    def raw(self, plan: PlanWriting) -> str:
        """Write the fetching; returns an expression: what the quarantined reader gets (text or a list of texts)."""


@final
@dataclass(frozen=True, slots=True)
class Schedule:
    """The events of some days, optionally about something."""

    days: Days

    @property
    def title(self) -> str:
        return f"the schedule for {self.days.spoken()}"

    def events(self, plan: PlanWriting) -> str:
        """Write the call; returns the variable with the events."""
        start, end = plan.literal(self.days.start), plan.literal(self.days.end)
        call = plan.tool("list_events", start) if self.days.single else plan.tool("list_events_between", start, end)
        return plan.assign("events", call)

    def text(self, plan: PlanWriting) -> str:
        lines = event_lines(plan, self.events(plan), with_day=not self.days.single)
        return f'"\\n".join({lines}) if {lines} else "There are no events."'

    def raw(self, plan: PlanWriting) -> str:
        events = self.events(plan)
        return (
            '[f"{e.start:%Y-%m-%d %H:%M}–{e.end:%H:%M} {e.title}. {e.location}. {e.description}" '
            f"for e in {events}]"
        )


def event_lines(plan: PlanWriting, events: str, *, with_day: bool) -> str:
    """Write one readable line an event; returns the variable with the lines."""
    clock = 'f"{e.start:%H:%M}–{e.end:%H:%M}"'
    times = plan.assign("times", f'["all day" if (e.end - e.start).days else {clock} for e in {events}]')
    day = "{e.start:%a %d %b} " if with_day else ""
    place = 'f" ({e.location})" if e.location else ""'
    return plan.assign("lines", f'[f"{day}{{t}} {{e.title}}" + ({place}) for t, e in zip({times}, {events})]')


@final
@dataclass(frozen=True, slots=True)
class Mails:
    """Mail, optionally from somebody, about something, the latest so many."""

    sender: str | None = None
    topic: str | None = None
    limit: int | None = None

    @property
    def title(self) -> str:
        about = f" about {in_fstring(self.topic)}" if self.topic is not None else ""
        return "the mail" + (f" from {in_fstring(self.sender)}" if self.sender is not None else "") + about

    def mails(self, plan: PlanWriting) -> str:
        """Write the call; returns the variable with the mails, newest first."""
        keywords = {}
        if self.topic is not None:
            keywords["query"] = plan.literal(singular(self.topic))
        if self.sender is not None:
            keywords["sender"] = sender_of(plan, self.sender)
        if self.limit is not None:
            keywords["limit"] = plan.literal(self.limit)
        found = self.topic is not None or self.sender is not None
        return plan.assign("mails", plan.tool("search_mail" if found else "list_mail", **keywords))

    def text(self, plan: PlanWriting) -> str:
        lines = plan.assign("lines", mail_lines(self.mails(plan)))
        return f'"\\n".join({lines}) if {lines} else "There is no such mail."'

    def raw(self, plan: PlanWriting) -> str:
        return f'[f"From: {{m.sender}}\\nSubject: {{m.subject}}\\n\\n{{m.body}}" for m in {self.mails(plan)}]'


def singular(topic: str) -> str:
    """The topic without the "s" of a plural, because mail is searched for parts of words."""
    return (
        topic[:-1] if len(topic) > 4 and topic[-1] == "s" and topic[-2].isalpha() and topic[-2] not in "sui" else topic
    )


def mail_lines(mails: str) -> str:
    """A comprehension: one readable line a mail."""
    return f'[f"{{m.date:%d %b %H:%M}}  {{m.sender}}: {{m.subject}}" for m in {mails}]'


def sender_of(plan: PlanWriting, phrase: str) -> str:
    """An address, a name to search for as it stands, or the address of a contact known by a role ("my boss")."""
    if re.fullmatch(EMAIL, phrase) or not re.match(r"(?:my|our)\s", phrase, re.IGNORECASE):
        name = phrase if re.fullmatch(EMAIL, phrase) else person_name(phrase)
        if name is None:
            raise NotUnderstoodError
        return plan.literal(name)
    return plan.person(phrase).email


@final
@dataclass(frozen=True, slots=True)
class File:
    """One file of the user's."""

    path: str

    @property
    def title(self) -> str:
        return in_fstring(self.path)

    def text(self, plan: PlanWriting) -> str:
        return plan.assign("text", plan.tool("read_file", plan.literal(self.path)))

    def raw(self, plan: PlanWriting) -> str:
        return self.text(plan)


@final
@dataclass(frozen=True, slots=True)
class Page:
    """One web page, whose address is in the request."""

    url: str

    @property
    def title(self) -> str:
        return in_fstring(self.url)

    def text(self, plan: PlanWriting) -> str:
        page = plan.assign("page", plan.tool("fetch_page", plan.literal(self.url)))
        return f'f"{{{page}.title}}\\n\\n{{{page}.text}}"'

    def raw(self, plan: PlanWriting) -> str:
        return plan.assign("page", plan.tool("fetch_page", plan.literal(self.url))) + ".text"


_MAIL: Final = r"(?:e-?mails?|mails?|messages?|inbox|mailbox|newsletters?|correspondence)"
_EVENTS: Final = r"(?:schedule|agenda|calendar|events?|meetings?|appointments?|day|plans?|timetable|itinerary)"
_SCHEDULE: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:all )?(?:my |the |our )?(?P<day>.{{2,40}}?)(?:'s|’s|s') {_EVENTS}",
        rf"(?:all )?(?:my |the |our )?{_EVENTS}(?: (?:for|on|of|in|during))?(?: (?P<day>.{{2,40}}))?",
        rf"(?:all )?(?:my |the |our )(?P<day>.{{2,40}}?) {_EVENTS}",
    )
)
_MAILS: Final = re.compile(
    r"(?:all |any )?(?:(?:of )?(?:my|the|our) )?(?P<new>(?:latest|last|recent|newest|unread|new|incoming) )?(?:"
    r"(?P<count>\w{1,9}) )?"
    rf"(?:(?:latest|last|recent|newest) )?{_MAIL}(?: (?:in|of) my (?:inbox|mailbox))?"
    r"(?: (?:that i (?:got|received|have) )?(?:from|by|sent by) (?P<sender>.{1,60}?))?"
    r"(?: (?:that (?:mentions?|is) )?(?:about|on|regarding|concerning|re|with the subject|mentioning|containing) "
    r"(?P<topic>.{1,80}))?",
    re.IGNORECASE,
)
_OF_SENDER: Final = re.compile(
    # "Ann's mail" alone is more often her address
    rf"(?:the )?(?P<sender>.{{1,60}}?)(?:'s|’s|s’) (?:(?:latest|last|newest|recent) {_MAIL}|(?:e-?)?mails|messages|"
    rf"{_MAIL}(?= ))(?: (?:about|on|regarding) (?P<topic>.{{1,80}}))?",
    re.IGNORECASE,
)
_FILE: Final = re.compile(
    rf"(?:the |my )?(?:file |document |report |contents? of |text of )?(?:the )?(?:file )?[\"'“]?"
    rf"(?P<path>{FILE})[\"'”]?",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(
    rf"(?:the )?(?:web ?)?(?:page|site|website|article|contents?|text|url|link)?(?: (?:at|of|on|from|behind))? ?"
    rf"(?P<url>{URL})",
    re.IGNORECASE,
)


def parse_source(phrase: str, today: date) -> Source | None:
    """The source that a phrase names, or None."""
    phrase = " ".join(phrase.split()).strip(" .,;:?!")
    page = _PAGE.fullmatch(phrase)
    if page is not None:
        return Page(clean_url(page.group("url")))
    file = _FILE.fullmatch(phrase)
    if file is not None:
        return File(file.group("path"))
    return parse_schedule(phrase, today) or parse_mails(phrase)


def parse_schedule(phrase: str, today: date) -> Schedule | None:
    """ "today's schedule", "my meetings on Monday", "the calendar for next week", "my schedule" (of today)."""
    for pattern in _SCHEDULE:
        found = pattern.fullmatch(phrase)
        if found is None:
            continue
        day = found.group("day")
        days = parse_days("today" if day is None else day, today)
        if days is not None:
            return Schedule(days)
    return None


def parse_mails(phrase: str) -> Mails | None:
    """ "my mail", "the last three mails from Ann about the budget"."""
    found = _MAILS.fullmatch(phrase)
    if found is not None:
        word = found.group("count")
        limit = None if word is None or word in ("a", "an") else number(word)
        if word is None or limit is not None:
            single = (
                re.search(r"\b(?:latest|last|newest) (?:e-?mail|mail|message)\b", phrase, re.IGNORECASE) is not None
            )
            return Mails(_clean(found.group("sender")), _clean(found.group("topic")), 1 if single else limit)
    found = _OF_SENDER.fullmatch(phrase)
    if found is not None and person_name(found.group("sender")) is not None:
        return Mails(found.group("sender"), _clean(found.group("topic")))
    return None


def _clean(text: str | None) -> str | None:
    """A topic or a name without quotes and articles."""
    if text is None:
        return None
    return re.sub(r"^(?:the|a|an) ", "", text.strip(" \"'“”‘’.,;:?!"), flags=re.IGNORECASE)


def clean_url(url: str) -> str:
    """Without the punctuation that ends the sentence."""
    return url.rstrip(".,;:!?)]}'\"")
