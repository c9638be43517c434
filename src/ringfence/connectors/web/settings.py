"""What may be fetched, and how much of it: the table `[web]` of a configuration.

    [web]
    allow = ["*"]                    # hosts: "example.com", "*.example.com", "*" (the default: every public host)
    deny = ["ads.example"]           # these and all below them; deny wins
    schemes = ["http", "https"]      # over http, nobody checks that it is the host that answers
    ports = [80, 443]
    allow_private = ["10.0.0.5:8080"]  # may be private or loopback; never link-local or a cloud's metadata
    robots = true                    # ask robots.txt first
    max_bytes = 4194304              # of a page, unpacked
    seconds = 20                     # for a page with all its redirects
    redirects = 5
    search = "http://127.0.0.1:8888" # a SearXNG server that answers with JSON

Its one rule: what is not in here is not fetched. `NOTHING` is for a place without such a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.settings import Table
from ringfence.connectors.web.hosts import fits, host_of, is_denied, pattern_of

_KEYS: Final = (
    "allow", "deny", "schemes", "ports", "allow_private", "robots", "max_bytes", "seconds", "redirects", "search",
)  # fmt: skip
_MOST_BYTES: Final = 64 << 20
_MOST_SECONDS: Final = 600.0


@final
@dataclass(frozen=True, slots=True)
class WebSettings:
    """What may be fetched. Hosts are in their one spelling (hosts.py); `search` is a checked URL or None."""

    allow: tuple[str, ...] = ("*",)
    deny: tuple[str, ...] = ()
    schemes: frozenset[str] = frozenset({"http", "https"})
    ports: frozenset[int] = frozenset({80, 443})
    allow_private: frozenset[tuple[str, int]] = frozenset()
    robots: bool = True
    max_bytes: int = 4 << 20
    seconds: float = 20.0
    redirects: int = 5
    search: str | None = None

    def allows(self, host: str) -> bool:
        """Whether the lists let a host through."""
        return any(fits(host, one) for one in self.allow) and not any(is_denied(host, one) for one in self.deny)


NOTHING: Final = WebSettings(allow=())


def web_settings(table: object) -> WebSettings:
    """The settings in the table `[web]`. Raises ConfigError C500 and C507."""
    found = Table("web", table, _KEYS)
    default = WebSettings()
    return WebSettings(
        allow=_patterns(found, "allow", default.allow),
        deny=_patterns(found, "deny", default.deny),
        schemes=_schemes(found, default.schemes),
        ports=frozenset(found.counts("ports", tuple(default.ports), 65_535)),
        allow_private=frozenset(_place(found, one) for one in found.texts("allow_private")),
        robots=found.flag("robots", default.robots),
        max_bytes=found.count("max_bytes", default.max_bytes, _MOST_BYTES),
        seconds=found.seconds("seconds", default.seconds, _MOST_SECONDS),
        redirects=found.count("redirects", default.redirects, 20, least=0),
        search=_search(found),
    )


def _patterns(table: Table, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(pattern_of(one) for one in table.texts(key, default))
    except NotAllowed:
        raise table.bad(key, "holds what is no host", 'such as "example.com" or "*.example.com"') from None


def _schemes(table: Table, default: frozenset[str]) -> frozenset[str]:
    found = frozenset(table.texts("schemes", tuple(default)))
    if not found <= default:
        raise table.bad("schemes", "holds another than http and https")
    return found


def _place(table: Table, text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    try:
        if not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65_535):
            raise NotAllowed("no port")
        return host_of(host), int(port)
    except NotAllowed:
        raise table.bad("allow_private", "holds what is no host:port", 'such as "10.0.0.5:8080"') from None


def _search(table: Table) -> str | None:
    found = table.text("search", None)
    if found is not None and not found.startswith(("http://", "https://")):
        raise table.bad("search", "is no http or https URL", 'such as "http://127.0.0.1:8888"')
    return found
