"""Sending mail over SMTP.

Its one rule: a message goes to every recipient or to none, and never twice. Each recipient is offered to the
server before the text is; one refusal withdraws the whole message. There is no retry: where the connection breaks
after the text was handed over, the error says that the message may have been sent.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Final

from ringfence.connectors.addresses import recipients
from ringfence.connectors.errors import NotAllowed, NotDone, PerhapsDone
from ringfence.connectors.records import SentMail

_POLICY: Final = SMTP.clone(cte_type="7bit")  # every server takes it
_TIMEOUT: Final = 15.0
_MAX_SUBJECT: Final = 900
_MAX_BODY: Final = 10_000_000
_MAX_RECIPIENTS: Final = 100


def send(server: tuple[str, int] | None, sender: str, to: Iterable[str], subject: str, body: str) -> SentMail:
    """Send one plain text message. NotAllowed and NotDone: nothing was sent. PerhapsDone: nobody knows."""
    everybody = recipients(to)
    if not everybody or len(everybody) > _MAX_RECIPIENTS:
        raise NotAllowed(f"a mail needs 1 to {_MAX_RECIPIENTS} recipients; nothing was sent")
    message = compose(sender, everybody, subject, body)
    if server is None:
        raise NotDone("no mail server is running for this workspace; nothing was sent")
    _deliver(server, sender, everybody, message.as_bytes(policy=_POLICY))
    return SentMail(id=str(message["Message-ID"]), recipients=everybody)


def compose(sender: str, to: list[str], subject: str, body: str) -> EmailMessage:
    """The message. NotAllowed for a subject that would not be one header line."""

    if any(ord(c) < 32 or ord(c) in {127, 0x85, 0x2028, 0x2029} for c in subject):
        raise NotAllowed("the subject must be one line without control characters; nothing was sent")
    if len(subject) > _MAX_SUBJECT or len(body) > _MAX_BODY:
        raise NotAllowed(
            f"the subject ({_MAX_SUBJECT}) or the body ({_MAX_BODY} characters) is too long; nothing was sent"
        )
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = _encodable(subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message.set_content(_encodable(body))
    return message


def _deliver(server: tuple[str, int], sender: str, to: list[str], data: bytes) -> None:
    stage = "before"
    try:
        with smtplib.SMTP(*server, local_hostname="localhost", timeout=_TIMEOUT) as connection:
            connection.ehlo_or_helo_if_needed()
            _accepted(connection.mail(sender), "the sender")
            for number, recipient in enumerate(to, 1):
                _accepted(connection.rcpt(recipient), f"recipient {number}")
            stage = "during"
            _accepted(connection.data(data), "the message")
            stage = "after"
    except smtplib.SMTPDataError:
        raise NotDone("the mail server refused the message; nothing was sent") from None
    except (smtplib.SMTPException, OSError):
        if stage == "before":
            raise NotDone("the mail server cannot be reached or gave up; nothing was sent") from None
        if stage == "during":
            raise PerhapsDone("the connection broke while the mail was handed over: it may have been sent") from None
        # The server has accepted the message; that saying goodbye failed changes nothing.


def _accepted(reply: tuple[int, bytes], what: str) -> None:
    if not 200 <= reply[0] < 300:
        raise NotDone(f"the mail server refused {what} (status {reply[0]}); nothing was sent")


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
