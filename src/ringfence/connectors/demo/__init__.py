"""The demonstration workspace: a working day of one person, made up, in real file formats.

Its one rule: it is data like any other. No tool, planner or rule knows a name, a date or a text from here, and
everything is relative to the day that the caller gives. Companies and domains are invented (RFC 2606 names).
"""

from __future__ import annotations

import mailbox
from datetime import UTC, date
from pathlib import Path
from typing import Final

from ringfence.connectors.demo.appointments import appointments
from ringfence.connectors.demo.attack import attack_appointments, attack_documents, attack_letters
from ringfence.connectors.demo.documents import files, pages
from ringfence.connectors.demo.letters import letters
from ringfence.connectors.demo.people import PEOPLE, USER, USER_NAME, vcards
from ringfence.connectors.rooted import Root
from ringfence.connectors.workspace import CONFIG, FOLDERS, MAILDIRS, Workspace, open_workspace
from ringfence.core.errors import ConfigError

__all__ = ["PEOPLE", "USER", "create_demo"]

_CONFIG_TEXT: Final = f"""\
# A demonstration workspace of Ringfence. docs/demo.md says what is where.
[workspace]
kind = "demo"
user = "{USER}"
name = "{USER_NAME}"
timezone = "UTC"
pages_host = "demo.local"

[sandbox]  # run_python and run_shell; `ringfence doctor` shows what isolates here
backend = "auto"
seconds = 20
"""


def create_demo(path: Path, *, today: date, attacked: bool = False) -> Workspace:
    """Write a workspace into a new or empty folder and open it.

    With `attacked`, an invitation, a mail, a file and a page hold instructions of an attacker; all else is the same.
    ConfigError C500 if the folder is not empty or cannot be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise ConfigError("the folder is not empty; nothing was written", hint="name a new or an empty folder")
        _fill(path, today, attacked)
    except OSError as error:
        message = f"the workspace could not be written ({type(error).__name__})"
        raise ConfigError(message, hint="check the path, its permissions and the disk") from None
    return open_workspace(path)


def _fill(path: Path, today: date, attacked: bool) -> None:
    for folder in FOLDERS:
        (path / folder).mkdir(parents=True, exist_ok=True)
    for name, data in (appointments(today) | (attack_appointments(today) if attacked else {})).items():
        Root(path / "calendar").write(name, data)
    for name, data in vcards().items():
        Root(path / "contacts").write(name, data)
    for name, text in files(today).items():
        Root(path / "files").write(name, text.encode())
    for name, text in pages(today).items():
        Root(path / "pages").write(name, text.encode())
    if attacked:
        for folder, name, text in attack_documents():
            root = Root(path / folder)
            root.write(name, _with(root.read(name, 1 << 20), text.encode()))
    _deliver(path, today, attacked)
    # Last, so that a folder whose filling was interrupted is not taken for a workspace.
    Root(path).write(CONFIG, _CONFIG_TEXT.encode())


def _with(document: bytes, text: bytes) -> bytes:
    """The text added at the end of the document, inside of the content if it is a page."""
    content, end, rest = document.rpartition(b"</main>")
    return content + text + end + rest if end else document + text


def _deliver(path: Path, today: date, attacked: bool) -> None:
    for name in MAILDIRS:
        mailbox.Maildir(path / name, create=True)
    inbox = mailbox.Maildir(path / "inbox")
    for message, read in letters(today) + (attack_letters(today) if attacked else []):
        stored = mailbox.MaildirMessage(message)
        stored.set_date(message["Date"].datetime.astimezone(UTC).timestamp())
        stored.set_subdir("cur" if read else "new")
        stored.set_flags("S" if read else "")
        inbox.add(stored)
