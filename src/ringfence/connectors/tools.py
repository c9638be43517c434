"""The tools of a workspace, with what each needs before it may act and where its data comes from.

Its one rule: everything that others wrote is labelled with who sent it, and everything that leaves, deletes or
overwrites says by annotation what it needs. What is the user's own is told by the folder it lies in.

Labels: a mail has the source `email:SENDER` and is for its sender, its recipients and the user; an event likewise by
organizer and attendees, except one in the user's own calendar, whose source is `user`; a contact is the user's own,
so an address that is found there is trusted; a page has the source `web:HOST` and is public; a file is untrusted.
Names of sources are as the data states them. They are good for telling people apart, not for trusting anybody:
whoever trusts `email:x` must have a mail server that checks who sends as x.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

from pydantic import EmailStr

from ringfence.connectors import smtp
from ringfence.connectors.calendar import Calendar
from ringfence.connectors.contacts import AddressBook
from ringfence.connectors.files.tools import file_tools
from ringfence.connectors.mail import Inbox
from ringfence.connectors.records import Contact, Event, Mail, SentMail
from ringfence.connectors.web.tools import Web, web_tools
from ringfence.connectors.workspace import Workspace
from ringfence.guard.tools import ReadersOf, Tool, Trusted, labels, tool

_UNKNOWN: Final = "email:unknown"
_OWN: Final = labels(sources="user", own=False)


def workspace_tools(workspace: Workspace) -> list[Tool]:
    """All tools of the workspace. They read it anew at every call; the servers must run to send and to fetch."""
    return [
        *_calendar_tools(workspace),
        *_contact_tools(workspace),
        *_mail_tools(workspace),
        *file_tools(workspace.path / workspace.files.root, workspace.files, workspace.timezone),
        *web_tools(Web(workspace.web, pins=lambda: workspace.endpoints.web)),
    ]


def _principals(*addresses: str) -> list[str]:
    return [f"email:{address}" for address in addresses if address]


def _calendar_tools(workspace: Workspace) -> list[Tool]:
    calendar = Calendar(workspace.root("calendar"), workspace.user, workspace.timezone)

    def sources(event: Event) -> list[str]:
        if calendar.is_own(event.uid):
            return ["user"]
        return ["tool:calendar", *(_principals(event.organizer) or [_UNKNOWN])]

    rule = labels(sources=sources, readers=lambda event: _principals(event.organizer, *event.attendees), own=False)

    @tool(effect="read", returns=rule)
    def list_events(day: date) -> list[Event]:
        """The events of one day, in the order of their starts. Repeating and all-day events are included."""
        return calendar.between(day, day)

    @tool(effect="read", returns=rule)
    def list_events_between(start: date, end: date) -> list[Event]:
        """The events from the day `start` to the day `end`, both included, in the order of their starts."""
        return calendar.between(start, end)

    @tool(effect="write", returns=_OWN)
    def create_event(
        title: Annotated[str, Trusted],
        start: Annotated[datetime, Trusted],
        end: Annotated[datetime, Trusted],
        attendees: Annotated[
            list[EmailStr], Trusted | ReadersOf("title", "start", "end", "location", "description")
        ] = [],  # noqa: B006 - the signature shows it; nobody changes it
        location: Annotated[str, Trusted] = "",
        description: Annotated[str, Trusted] = "",
    ) -> Event:
        """Put an event into the calendar. `attendees` are mail addresses."""
        return calendar.create(title, start, end, attendees, location, description)

    @tool(effect="write")  # no annotation: the default for writes asks more, that nothing private decides whether
    def delete_event(uid: str) -> None:
        """Delete the event with that uid (a field of Event), with all its repetitions."""
        calendar.delete(uid)

    return [list_events, list_events_between, create_event, delete_event]


def _contact_tools(workspace: Workspace) -> list[Tool]:
    book = AddressBook(workspace.root("contacts"))

    @tool(effect="read", returns=_OWN)
    def find_contact(name: str) -> Contact:
        """The one contact of that full name, part of a name, or role (such as "boss"). Fails if none or several fit."""
        return book.find(name)

    @tool(effect="read", returns=_OWN)
    def list_contacts() -> list[Contact]:
        """All contacts of the user's address book, by name."""
        return book.all()

    return [find_contact, list_contacts]


def _mail_tools(workspace: Workspace) -> list[Tool]:
    inbox = Inbox(workspace.root("inbox"), workspace.timezone)
    rule = labels(
        sources=lambda mail: _principals(mail.sender) or [_UNKNOWN],
        readers=lambda mail: _principals(mail.sender, *mail.recipients),
    )

    @tool(effect="read", returns=rule)
    def list_mail(limit: int = 50) -> list[Mail]:
        """The received mails, newest first, at most `limit`."""
        return inbox.newest(limit)

    @tool(effect="read", returns=rule)
    def search_mail(query: str = "", sender: str = "", limit: int = 50) -> list[Mail]:
        """The received mails that hold every word of `query`, from a sender whose name or address holds `sender`.

        Newest first, at most `limit`. Case does not matter.
        """
        return inbox.search(query, sender, limit)

    @tool(effect="write", returns=_OWN)
    def send_mail(
        to: Annotated[list[EmailStr], Trusted | ReadersOf("subject", "body")],
        subject: Annotated[str, Trusted],
        body: Annotated[str, Trusted],
    ) -> SentMail:
        """Send a plain text mail from the user to the addresses `to`."""
        return smtp.send(workspace.endpoints.smtp, workspace.user, to, subject, body)

    return [list_mail, search_mail, send_mail]
