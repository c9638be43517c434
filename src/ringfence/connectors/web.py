"""Fetching a page over HTTP, from the hosts of a table and from nowhere else.

Its one rule: where a connection goes is taken from the table, never from the URL and never from a name server; a
redirect is a new URL that passes the same checks. No cookies, no proxies of the environment, no credentials.
Size, time and the number of redirects are bounded.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ringfence.connectors.errors import NotAllowed, NotDone, NotFound
from ringfence.connectors.markup import read_html
from ringfence.connectors.records import Page

if TYPE_CHECKING:
    from httpx2 import URL, Client, Response

_MAX_URL: Final = 2_000
_MAX_BYTES: Final = 4 << 20
_MAX_REDIRECTS: Final = 5
_MAX_LINKS: Final = 500
_TIMEOUT: Final = 10.0
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})


def fetch(url: str, hosts: Mapping[str, tuple[str, int]]) -> Page:
    """The page at `url`. `hosts` says for each allowed host name the address where it is really served.

    NotAllowed, NotFound and NotDone (not reachable, too slow, an error of the server). Nothing else is contacted.
    """
    import httpx2

    deadline = time.monotonic() + _TIMEOUT
    # No TLS is spoken here (`_checked` wants http). A context without certificates would trust nobody, and loads fast.
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client = httpx2.Client(trust_env=False, follow_redirects=False, timeout=_TIMEOUT, verify=no_tls)
    try:
        with client:
            target = _checked(url, hosts)
            for _ in range(_MAX_REDIRECTS + 1):
                client.cookies.clear()  # kept by address, which is the same for every host of the table
                page = _request(client, target, hosts, deadline)
                if isinstance(page, Page):
                    return page
                target = _checked(page, hosts)
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError):
        raise NotDone(
            "the page could not be fetched: the server is not running, or did not answer as a web server"
        ) from None
    raise NotAllowed(f"the page redirects more than {_MAX_REDIRECTS} times")


def _checked(url: str, hosts: Mapping[str, tuple[str, int]]) -> URL:
    import httpx2

    if len(url) > _MAX_URL or any(ord(c) < 33 or ord(c) == 127 for c in url):
        raise NotAllowed("the URL is too long or holds spaces or control characters; nothing was fetched")
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise NotAllowed("that is not a URL; nothing was fetched") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise NotAllowed("only http and https URLs with a host can be fetched; nothing was fetched")
    if parsed.userinfo or parsed.port not in {None, 80}:
        raise NotAllowed("a URL with credentials or a port of its own is not fetched")
    if parsed.host not in hosts:
        known = ", ".join(sorted(hosts)) or "none: its server is not running"
        raise NotAllowed(f"that host is not on the workspace's list ({known}); nothing was fetched")
    if parsed.scheme != "http":
        raise NotAllowed("that host is served over http only; nothing was fetched")
    return parsed.copy_with(fragment=None)


def _request(client: Client, url: URL, hosts: Mapping[str, tuple[str, int]], deadline: float) -> Page | str:
    """The page, or the absolute URL that it redirects to."""
    address, port = hosts[url.host]
    request = client.build_request(
        "GET", url.copy_with(host=address, port=port), headers={"Host": url.host, "Accept": "text/html, text/plain"}
    )
    response = client.send(request, stream=True)
    try:
        if response.is_redirect:
            return str(url.join(response.headers["Location"]))
        if response.status_code in {404, 410}:
            raise NotFound("there is no such page")
        if response.status_code != 200:
            raise NotDone(f"the server answered with status {response.status_code}")
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in _HTML and not kind.startswith("text/"):
            raise NotAllowed("that is not a text or HTML page")
        return _page(url, kind, _body(response, deadline))
    finally:
        response.close()


def _body(response: Response, deadline: float) -> str:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > _MAX_BYTES:
            raise NotAllowed(f"the page is larger than {_MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise NotDone(f"the page took longer than {_TIMEOUT:.0f} seconds")
    try:
        return data.decode(response.charset_encoding or "utf-8", "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _page(url: URL, kind: str, content: str) -> Page:
    if kind not in _HTML:
        return Page(url=str(url), title="", text=content, links=[])
    markup = read_html(content)
    return Page(url=str(url), title=markup.title, text=markup.text, links=_absolute(url, markup.links))


def _absolute(url: URL, links: tuple[str, ...]) -> list[str]:
    import httpx2

    found: dict[str, None] = {}
    for link in links:
        try:
            joined = url.join(link).copy_with(fragment=None)
        except (httpx2.InvalidURL, ValueError):
            continue
        if joined.scheme in {"http", "https"} and joined.host:
            found[str(joined)] = None
        if len(found) == _MAX_LINKS:
            break
    return list(found)
