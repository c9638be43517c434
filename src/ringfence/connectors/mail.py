"""The inbox of a workspace: a Maildir, read.

Its one rule: every file in it is shown as a mail, also one that no parser understands, so that nobody can hide
a message, or stop the others from being read, by sending a broken one. Bytes that cannot be decoded are replaced. What
a mail says of its sender is what the sender wrote: it labels the mail, and nothing here believes more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from threading import Lock
from typing import Final

from ringfence.connectors.addresses import is_address
from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.markup import text_of
from ringfence.connectors.records import Mail
from ringfence.connectors.rooted import Entry, Root

UNREADABLE: Final = "(this message cannot be read)"
_MAX_FILE: Final = 50 << 20
_MAX_BODY: Final = 1_000_000
_MAX_ADDRESSES: Final = 1_000
_MAX_LIMIT: Final = 10_000
_FOLDERS: Final = ("cur/", "new/")


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail with what it is searched by, folded: the sender as written (name and address), and all its text."""

    mail: Mail
    names: str
    text: str


class Inbox:
    """Reads the messages below `root`. A file is parsed once per version. Safe to use from several threads."""

    def __init__(self, root: Root, zone: tzinfo) -> None:
        self._root = root
        self._zone = zone
        self._lock = Lock()
        self._files: dict[str, tuple[tuple[int, int, int], _Letter]] = {}

    def newest(self, limit: int) -> list[Mail]:
        """The mails, newest first, at most `limit`."""
        return [letter.mail for letter in self._letters()[: _checked(limit)]]

    def search(self, query: str, sender: str, limit: int) -> list[Mail]:
        """The mails that hold every word of `query`, from whoever's name or address holds every word of `sender`."""
        words, names = query.casefold().split(), sender.casefold().split()
        found = [
            letter.mail
            for letter in self._letters()
            if all(word in letter.text for word in words) and all(name in letter.names for name in names)
        ]
        return found[: _checked(limit)]

    def _letters(self) -> list[_Letter]:
        with self._lock:
            fresh: dict[str, tuple[tuple[int, int, int], _Letter]] = {}
            for entry in self._root.walk():
                if entry.path.startswith(_FOLDERS):
                    known = self._files.get(entry.path)
                    same = known is not None and known[0] == entry.stamp
                    fresh[entry.path] = known if known is not None and same else (entry.stamp, self._read(entry))
            self._files = fresh
            letters = [letter for _, letter in fresh.values()]
        return sorted(letters, key=lambda letter: (letter.mail.date, letter.mail.id), reverse=True)

    def _read(self, entry: Entry) -> _Letter:
        # What follows the colon are flags: they change when the mail is read elsewhere, and the mail stays the same.
        name = _encodable(entry.path.rpartition("/")[2].partition(":")[0])
        arrived = datetime.fromtimestamp(entry.modified, self._zone).replace(tzinfo=None, microsecond=0)
        try:
            message = BytesParser().parsebytes(self._root.read(entry.path, _MAX_FILE))
            return _letter(message, name, arrived, self._zone)
        except Exception:  # the parser meets hostile bytes: whatever it raises, the mail must be seen
            mail = Mail(name, "", [], UNREADABLE, arrived, "", [])
            return _Letter(mail, "", UNREADABLE.casefold())


def _letter(message: Message, name: str, arrived: datetime, zone: tzinfo) -> _Letter:
    senders = _addresses(message, "From")
    mail = Mail(
        id=name,
        sender=senders[0] if len(senders) == 1 else "",  # several: nobody can be named as the one source
        recipients=_addresses(message, "To", "Cc"),
        subject=_header(message, "Subject"),
        date=_date(message, arrived, zone),
        body=_body(message),
        attachments=[_filename(part) for part in message.walk() if _attached(part)],
    )
    names = _header(message, "From").casefold()
    return _Letter(mail, names, "\n".join([names, mail.subject, mail.body, *mail.attachments]).casefold())


def _header(message: Message, key: str) -> str:
    return ", ".join(_decoded(value) for value in message.get_all(key, []))


def _decoded(value: object) -> str:
    """A header as one line of text; what is not properly encoded stays as it is."""
    raw = str(value)
    try:
        text = str(make_header(decode_header(raw)))
    except (ValueError, LookupError, TypeError):
        text = raw
    return " ".join(_encodable(text).split())


def _addresses(message: Message, *keys: str) -> list[str]:
    """The addresses of these headers in lower case, each once. What is no address is left out."""
    values = [str(value) for key in keys for value in message.get_all(key, [])]
    found = (address.strip().lower() for _, address in getaddresses(values)[:_MAX_ADDRESSES])
    return list(dict.fromkeys(address for address in found if is_address(address)))


def _date(message: Message, arrived: datetime, zone: tzinfo) -> datetime:
    try:
        sent = parsedate_to_datetime(str(message["Date"]))
        return sent.astimezone(zone).replace(tzinfo=None) if sent.tzinfo is not None else sent
    except (ValueError, TypeError, OverflowError, IndexError):
        return arrived


def _attached(part: Message) -> bool:
    return not part.is_multipart() and (
        part.get_content_disposition() == "attachment" or part.get_filename() is not None
    )


def _filename(part: Message) -> str:
    return _decoded(part.get_filename() or "") or "(an attachment without a name)"


def _body(message: Message) -> str:
    plain = "\n".join(_texts(message, "text/plain"))
    text = plain if plain.strip() else "\n".join(text_of(html) for html in _texts(message, "text/html"))
    if len(text) > _MAX_BODY:
        return f"{text[:_MAX_BODY]}\n[{len(text) - _MAX_BODY} more characters]"
    return text


def _texts(message: Message, kind: str) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_type() == kind and not part.is_multipart() and not _attached(part):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield _text(payload, part.get_content_charset() or "utf-8").replace("\r\n", "\n")


def _text(data: bytes, charset: str) -> str:
    try:
        return _encodable(data.decode(charset, "replace"))
    except (LookupError, ValueError):  # a charset that does not exist, or is none of text
        return data.decode("utf-8", "replace")


def _checked(limit: int) -> int:
    if not 1 <= limit <= _MAX_LIMIT:
        raise NotAllowed(f"the limit must lie between 1 and {_MAX_LIMIT}")
    return limit


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
