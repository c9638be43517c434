"""The signatures of the demonstration tools, as the planner sees them."""

from dataclasses import dataclass
from datetime import date, datetime

from ringfence.lang.host import Param, Signature
from ringfence.schema import type_of

TODAY = date(2026, 11, 21)  # a Saturday
USER = "sam@example.org"


@dataclass
class Event:
    title: str
    start: datetime
    end: datetime
    location: str
    attendees: list[str]
    organizer: str
    description: str
    uid: str


@dataclass
class Contact:
    name: str
    email: str
    phone: str
    role: str


@dataclass
class Mail:
    id: str
    sender: str
    recipients: list[str]
    subject: str
    date: datetime
    body: str
    attachments: list[str]


@dataclass
class SentMail:
    id: str
    recipients: list[str]


@dataclass
class FileInfo:
    path: str
    size: int
    modified: datetime


@dataclass
class Page:
    url: str
    title: str
    text: str
    links: list[str]


def signature(
    name: str, params: dict[str, object], returns: object, effect: str = "read", optional: str = ""
) -> Signature:
    made = tuple(Param(key, type_of(kind), key not in optional.split()) for key, kind in params.items())
    return Signature(name, made, type_of(returns), effect, f"The tool {name}.")


TOOLS = (
    signature("list_events", {"day": date}, list[Event]),
    signature("list_events_between", {"start": date, "end": date}, list[Event]),
    signature(
        "create_event",
        {"title": str, "start": datetime, "end": datetime, "attendees": list[str], "location": str, "description": str},
        Event,
        "write",
        "attendees location description",
    ),
    signature("delete_event", {"uid": str}, None, "write"),
    signature("find_contact", {"name": str}, Contact),
    signature("list_contacts", {}, list[Contact]),
    signature("list_mail", {"limit": int}, list[Mail], optional="limit"),
    signature("search_mail", {"query": str, "sender": str, "limit": int}, list[Mail], optional="query sender limit"),
    signature("send_mail", {"to": list[str], "subject": str, "body": str}, SentMail, "write"),
    signature("list_files", {}, list[FileInfo]),
    signature("read_file", {"path": str}, str),
    signature("write_file", {"path": str, "text": str}, None, "write"),
    signature("fetch_page", {"url": str}, Page),
)
