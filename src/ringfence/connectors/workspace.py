"""A workspace: one folder with a person's calendar, contacts, mail, files and pages.

    ringfence.toml          who the user is: the table [workspace]; what may be fetched: [web]; whose files: [files]
    calendar/               received events; nobody but the sender vouches for them
    calendar/own/           the user's own events, made with a calendar program
    contacts/               the user's address book, vCard
    inbox/  outbox/         Maildir
    files/                  what the file tools see
    pages/                  what the demonstration's web server serves
    state/                  audit, journal, approvals

Its one rule: opening checks that everything is there and changes nothing. Where something comes from is told by
the folder it lies in, never by a field that its sender wrote.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from ringfence.connectors.addresses import is_address
from ringfence.connectors.errors import ConnectorError, NotFound
from ringfence.connectors.files.settings import FileSettings, file_settings
from ringfence.connectors.rooted import Root
from ringfence.connectors.web.settings import NOTHING, WebSettings, web_settings
from ringfence.core.errors import ConfigError

CONFIG: Final = "ringfence.toml"
MAILDIRS: Final = ("inbox", "outbox")
FOLDERS: Final = (
    "calendar", "calendar/own", "contacts", "files", "pages", "state",
    *(f"{box}/{part}" for box in MAILDIRS for part in ("", "cur", "new", "tmp")),
)  # fmt: skip
_KEYS: Final = frozenset({"kind", "user", "name", "timezone", "pages_host"})
_MAX_CONFIG: Final = 1 << 20
_INIT_HINT: Final = "`ringfence init --demo DIR` makes a demonstration workspace"


class Endpoints:
    """Where the servers of a workspace listen now. `DemoServers` sets them; None and empty: nothing is running."""

    __slots__ = ("smtp", "web")

    def __init__(self) -> None:
        self.smtp: tuple[str, int] | None = None
        self.web: dict[str, tuple[str, int]] = {}


@dataclass(frozen=True, slots=True)
class Workspace:
    """An opened workspace. `user` is the user's mail address; times are those of `timezone`."""

    path: Path
    user: str
    name: str
    timezone: tzinfo
    pages_host: str
    web: WebSettings = NOTHING
    files: FileSettings = field(default_factory=FileSettings)
    endpoints: Endpoints = field(default_factory=Endpoints, compare=False)

    def root(self, folder: str) -> Root:
        """The folder as a `Root`: reads and writes below it that cannot leave it."""
        return Root(self.path / folder)


def open_workspace(path: Path) -> Workspace:
    """The workspace at `path`. ConfigError C505 if there is none, C507 and C508 for what is wrong with it."""
    try:
        path = path.resolve()  # the user may name a link; below the workspace none is followed
        data = Root(path).read(CONFIG, _MAX_CONFIG)
    except (NotFound, OSError, RuntimeError, ValueError):
        raise ConfigError(f"there is no workspace here: no {CONFIG}", code="C505", hint=_INIT_HINT) from None
    except ConnectorError as error:
        raise ConfigError(f"{CONFIG}: {error}", code="C506") from None
    tables = _tables(data)
    settings = _settings(tables)
    for folder in FOLDERS:
        _require_folder(path, folder)
    return Workspace(
        path=path,
        user=_user(settings),
        name=_text(settings, "name", ""),
        timezone=_timezone(_text(settings, "timezone", "UTC")),
        pages_host=_text(settings, "pages_host", "demo.local"),
        web=web_settings(tables["web"]) if "web" in tables else NOTHING,
        files=file_settings(tables.get("files", {})),
    )


def _tables(data: bytes) -> Mapping[str, object]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        raise ConfigError(f"{CONFIG} is not TOML in UTF-8", code="C508", hint="see docs/demo.md") from None


def _settings(tables: Mapping[str, object]) -> Mapping[str, object]:
    table = tables.get("workspace")
    if not isinstance(table, dict):
        raise ConfigError(f"{CONFIG} has no table [workspace]", code="C508", hint=_INIT_HINT)
    if unknown := sorted(table.keys() - _KEYS):
        known = ", ".join(sorted(_KEYS))
        message = f"{CONFIG}: [workspace] has {len(unknown)} unknown key{'s' if len(unknown) > 1 else ''}"
        raise ConfigError(message, code="C507", hint=f"the keys are {known}")
    if table.get("kind") != "demo":
        raise ConfigError(f'{CONFIG}: [workspace] kind must be "demo"', code="C508")
    return table


def _text(settings: Mapping[str, object], key: str, default: str) -> str:
    found = settings.get(key, default)
    if not isinstance(found, str):
        raise ConfigError(f"{CONFIG}: [workspace] {key} must be text", code="C508")
    return found


def _user(settings: Mapping[str, object]) -> str:
    user = _text(settings, "user", "")
    if not is_address(user):
        raise ConfigError(f"{CONFIG}: [workspace] user must be the user's mail address", code="C508")
    return user.lower()


def _timezone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(
            f"{CONFIG}: [workspace] timezone is unknown", code="C508", hint='such as "Europe/Paris"'
        ) from None


def _require_folder(path: Path, folder: str) -> None:
    place = path / folder
    if not place.is_dir() or place.is_symlink():
        raise ConfigError(
            f"the workspace has no folder {folder.rstrip('/')}",
            code="C508",
            hint=f"make it, or start again: {_INIT_HINT}",
        )
