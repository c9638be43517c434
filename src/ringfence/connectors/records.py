"""The records that the workspace's tools return: what a plan sees of a mail, an event, a contact.

Their one rule: they are immutable and hold plain data only. All times are wall-clock times in the
workspace's time zone, without an offset, so that a plan can compare any two of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """An appointment. An all-day one starts at 00:00 and ends at 00:00 of the day after its last."""

    title: str
    start: datetime
    end: datetime
    location: str
    attendees: list[str]
    organizer: str
    description: str
    uid: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of the user's address book. `role` is what the person is to the user, such as "boss"."""

    name: str
    email: str
    phone: str
    role: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A received message. `sender` and `recipients` are plain addresses in lower case."""

    id: str
    sender: str
    recipients: list[str]
    subject: str
    date: datetime
    body: str
    attachments: list[str]


@dataclass(frozen=True, slots=True)
class SentMail:
    """A message that the mail server has accepted for every recipient."""

    id: str
    recipients: list[str]


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file of the workspace; `path` is relative to its files folder, `size` is in bytes."""

    path: str
    size: int
    modified: datetime
