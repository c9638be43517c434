"""A URL, checked: the only maker of a `Target`, which is the only thing that is ever requested.

Its one rule: a target is made from what was checked, so that no other part reads the text of a URL again. Every
redirect comes through here like the first URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, final

from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.web.hosts import host_of
from ringfence.connectors.web.settings import WebSettings

if TYPE_CHECKING:
    from httpx2 import URL

_MAX_URL: Final = 2_000
_PORTS: Final = {"http": 80, "https": 443}


@final
@dataclass(frozen=True, slots=True)
class Target:
    """What is requested. `pinned`: where this process serves the host; `private`: an exception of the settings."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    pinned: tuple[str, int] | None = None
    private: bool = False

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The host as the header `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(text: str, settings: WebSettings, pins: Mapping[str, tuple[str, int]]) -> Target:
    """What to request for a URL. NotAllowed if the settings do not let it through. Nothing is contacted."""
    found = _spelled(text)
    pinned = pins.get(found.host)
    if pinned is not None and (found.scheme, found.port) != ("http", 80):
        raise NotAllowed("that host is served over http on its usual port only; nothing was fetched")
    private = (found.host, found.port) in settings.allow_private
    if pinned is None:
        _require_allowed(found.scheme, found.host, found.port, private, settings, pins)
    return replace(found, pinned=pinned, private=private)


def place_of(text: str) -> tuple[str, int]:
    """The host and port of a URL of the web. NotAllowed for what is none."""
    found = _spelled(text)
    return found.host, found.port


def spelled(text: str) -> str:
    """A URL of the web in its one spelling, whether it may be fetched or not. NotAllowed for what is none."""
    return _spelled(text).url


def _spelled(text: str) -> Target:
    url = _parsed(text)
    # `raw_host`, for `host` reads punycode and fails for what is none.
    host, port = host_of(url.raw_host.decode("ascii")), url.port if url.port is not None else _PORTS[url.scheme]
    path = url.raw_path.decode("ascii")
    made = Target("", url.scheme, host, port, path)
    return replace(made, url=f"{url.scheme}://{made.authority}{path}")


def _parsed(text: str) -> URL:
    import httpx2

    if len(text) > _MAX_URL or any(ord(c) < 33 or c in "\\\x7f" or 0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise NotAllowed("the URL is too long or holds spaces, backslashes or control characters; nothing was fetched")
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        raise NotAllowed("that is not a URL; nothing was fetched") from None
    if url.scheme not in _PORTS or not url.raw_host:
        raise NotAllowed("only http and https URLs with a host can be fetched; nothing was fetched")
    if url.userinfo or "@" in text.partition("//")[2].partition("/")[0]:
        raise NotAllowed("a URL with credentials is not fetched; nothing was sent")
    return url


def _require_allowed(
    scheme: str, host: str, port: int, private: bool, settings: WebSettings, pins: Mapping[str, tuple[str, int]]
) -> None:
    if private:
        return
    if scheme not in settings.schemes:
        raise NotAllowed("that scheme is not on the list ([web] schemes); nothing was fetched")
    if not settings.allows(host):
        raise NotAllowed(_not_listed(settings, pins))
    if port not in settings.ports:
        raise NotAllowed("that port is not on the list ([web] ports); nothing was fetched")
    if "." not in host and ":" not in host:
        raise NotAllowed("a host without a dot is a name of the own network; nothing was fetched")


def _not_listed(settings: WebSettings, pins: Mapping[str, tuple[str, int]]) -> str:
    if settings.allow:
        return "that host is not on the list of hosts ([web] allow and deny); nothing was fetched"
    known = ", ".join(sorted(pins)) or "none: its server is not running"
    return f"that host is not on the workspace's list ({known}); nothing was fetched"


def joined(base: Target, reference: str) -> str:
    """The absolute URL that a reference on a page or in a redirect means. Unchecked. NotAllowed if it is none."""
    import httpx2

    try:
        return str(httpx2.URL(base.url).join(reference))
    except (httpx2.InvalidURL, ValueError):
        raise NotAllowed("that is not a URL") from None
