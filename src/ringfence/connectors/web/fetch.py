"""Fetching: one request after the other, each redirect checked like the first URL.

Its one rule: what goes out is the target, a fixed set of headers, and nothing else: no cookies, no credentials, no
referrer. Everything that the server does wrong is one of the errors of `connectors/errors.py`, with text of ours.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from ringfence.connectors.errors import NotAllowed, NotDone, NotFound
from ringfence.connectors.web.addresses import Address, parse_address
from ringfence.connectors.web.bodies import ACCEPT_ENCODING, read_body, require_modest_head
from ringfence.connectors.web.resolve import Resolver, addresses_for, system_resolver
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.urls import Target, joined, target_of

if TYPE_CHECKING:
    from httpx2 import Response

AGENT: Final = "Ringfence"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CONNECT_SHARE: Final = 2.0  # an address that does not answer may take half of the time, then the next is tried

Pins = Callable[[], Mapping[str, tuple[str, int]]]


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent with status 200: its type as declared, its bytes unpacked, and the URLs that led here."""

    target: Target
    kind: str
    charset: str | None
    data: bytes
    via: tuple[str, ...]


@final
class Fetcher:
    """Fetches within its settings.

    `resolve` asks for addresses; `pins` names hosts that this process serves itself, and where; `tls` replaces the
    context for https (tests).
    """

    def __init__(
        self,
        settings: WebSettings,
        resolve: Resolver = system_resolver,
        pins: Pins = dict,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.settings = settings
        self._resolve = resolve
        self._pins = pins
        self._tls = tls

    def target(self, url: str) -> Target:
        """The URL, checked. Raises NotAllowed."""
        return target_of(url, self.settings, self._pins())

    def get(
        self, url: str, accept: str, deadline: float, limit: int, permit: Callable[[Target], None] | None = None
    ) -> Answer:
        """The answer at `url`, after redirects. `permit` is asked before each request and raises if it may not be made.

        NotAllowed, NotFound, NotDone, Damaged.
        """
        target = self.target(url)
        via: list[str] = []
        for _ in range(self.settings.redirects + 1):
            if permit is not None:
                permit(target)
            found = self._one(target, accept, deadline, limit, tuple(via))
            if isinstance(found, Answer):
                return found
            via.append(target.url)
            target = self._next(target, found)
        raise NotAllowed(f"the page redirects more than {self.settings.redirects} times; nothing was taken")

    def _next(self, target: Target, location: str) -> Target:
        """Where a redirect leads. It never leads into the own network, nor from https to http."""
        found = self.target(joined(target, location))
        if found.origin != target.origin and (found.private or (found.pinned and not target.pinned)):
            raise NotAllowed("the page redirects into the own network; that is not followed")
        if target.scheme == "https" and found.scheme == "http":
            raise NotAllowed("the page redirects from https to http; that is not followed")
        return found

    def _one(self, target: Target, accept: str, deadline: float, limit: int, via: tuple[str, ...]) -> Answer | str:
        """One request: the answer, or the text of a redirect's location."""
        import httpx2

        from ringfence.connectors.web.transport import OwnMachine

        try:
            response = self._opened(target, accept, deadline, limit)
            try:
                return _read(response, target, limit, via)
            finally:
                response.close()
        except httpx2.TimeoutException:
            raise NotDone(f"the page took longer than {self.settings.seconds:g} seconds; it was not taken") from None
        except OwnMachine:
            raise NotAllowed("that host is this machine; nothing was fetched") from None
        except httpx2.ConnectError:
            raise NotDone(_unreachable(target)) from None
        except (httpx2.HTTPError, httpx2.StreamError, OSError):
            raise NotDone(
                "the page could not be fetched: the server is not running, or does not speak HTTP as it should"
            ) from None

    def _opened(self, target: Target, accept: str, deadline: float, limit: int) -> Response:
        import httpx2

        from ringfence.connectors.web.transport import PinnedTransport

        headers = {"Host": target.authority, "User-Agent": AGENT, "Accept": accept}
        request = httpx2.Request("GET", target.url, headers={**headers, "Accept-Encoding": ACCEPT_ENCODING})
        places = self._places(target, deadline)
        for number, (address, port) in enumerate(places, 1):
            left = deadline - time.monotonic()
            until = deadline if number == len(places) else deadline - left + left / _CONNECT_SHARE
            transport = PinnedTransport(
                address,
                port,
                connect_by=until,
                deadline=deadline,
                limit=limit,
                tls=self._tls,
                own=target.private or target.pinned is not None,
            )
            try:
                return transport.handle_request(request)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if number == len(places):
                    raise
        raise AssertionError("there is at least one address")

    def _places(self, target: Target, deadline: float) -> list[tuple[Address, int]]:
        if target.pinned is not None:
            address = parse_address(target.pinned[0])
            assert address is not None, "this process names its own servers by address"
            return [(address, target.pinned[1])]
        left = max(deadline - time.monotonic(), 0.01)
        return [(one, target.port) for one in addresses_for(target, self._resolve, left)]


def _unreachable(target: Target) -> str:
    if target.scheme == "https":
        return "the server is not running, or its certificate is not one for that host; nothing was fetched"
    return "the page could not be fetched: the server is not running"


def _read(response: Response, target: Target, limit: int, via: tuple[str, ...]) -> Answer | str:
    require_modest_head(response)
    status = response.status_code
    if status in _REDIRECTS:
        location: str = response.headers.get("Location", "")
        if not location:
            raise NotDone("the server redirects, and does not say where to")
        return location
    if status in {404, 410}:
        raise NotFound("there is no such page")
    if status in {401, 403, 407, 451}:
        raise NotAllowed(f"the server does not give that page to us (status {status})")
    if status != 200:
        raise NotDone(f"the server answered with status {status}")
    kind, _, parameters = response.headers.get("Content-Type", "").partition(";")
    return Answer(target, kind.strip().lower(), _charset(parameters), read_body(response, limit), via)


def _charset(parameters: str) -> str | None:
    for part in parameters.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower() or None
    return None
