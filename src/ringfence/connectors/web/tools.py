"""The web's tools: `fetch_page`; `fetch_inner_page` and `search_web` where the settings name hosts and a server.

Their one rule: a URL and a query are egress, and what comes back is untrusted: from the tool, from `web:HOST` of the
page, and from every host that redirected to it, for each of them chose what is read. So a policy can name a host.

A page is one record with its sections and links, all by the same host, so it has one label; each section and link keeps
its own origin. Public pages may be read by everyone; what came from an exception (`allow_private`) by the user alone.
"""

from __future__ import annotations

import ssl
import time
from dataclasses import replace
from typing import Annotated, final
from urllib.parse import urlsplit

from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.web.contents import ACCEPT, page_of
from ringfence.connectors.web.fetch import Fetcher, Pins
from ringfence.connectors.web.records import Hit, Page
from ringfence.connectors.web.resolve import Resolver, system_resolver
from ringfence.connectors.web.robots import Robots
from ringfence.connectors.web.search import SearchEngine, SearXNG
from ringfence.connectors.web.settings import WebSettings
from ringfence.core.labels import EVERYONE, Everyone, Label
from ringfence.guard.tools import Tool, Trusted, labels, tool


@final
class Web:
    """Fetches pages and searches, within its settings. See `Fetcher` for `resolve`, `pins` and `tls`."""

    def __init__(
        self,
        settings: WebSettings,
        resolve: Resolver = system_resolver,
        pins: Pins = dict,
        tls: ssl.SSLContext | None = None,
        engine: SearchEngine | None = None,
    ) -> None:
        self.settings = settings
        self._fetcher = Fetcher(settings, resolve, pins, tls)
        self._robots = Robots(self._fetcher) if settings.robots else None
        self._engine = engine
        if engine is None and settings.search is not None:
            self._engine = SearXNG(settings.search, settings)

    @property
    def searches(self) -> bool:
        """Whether there is a search engine."""
        return self._engine is not None

    def fetch(self, url: str, *, inner: bool = False) -> Page:
        """The page at `url`: of the public internet, or with `inner` of an exception, and never of the other.

        NotAllowed, NotFound, NotDone, Damaged; nothing else is contacted.
        """
        settings, robots = self.settings, self._robots
        if self._fetcher.target(url).private is not inner:
            raise NotAllowed("fetch_inner_page is for the hosts of [web] allow_private, fetch_page for all others")
        deadline = time.monotonic() + settings.seconds
        permit = None if robots is None else lambda target: robots.require(target, deadline)
        return page_of(self._fetcher.get(url, ACCEPT, deadline, settings.max_bytes, permit))

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """What the configured engine finds. NotAllowed, NotDone, Damaged."""
        if self._engine is None:
            raise NotAllowed("no search server is configured ([web] search); nothing was sent")
        return self._engine.search(query, limit)

    def sources(self, page: Page) -> list[str]:
        """The hosts that had a hand in a page."""
        return [f"web:{urlsplit(url).hostname}" for url in (*page.via, page.url)]

    def readers(self, page: Page) -> list[str] | Everyone:
        """Everyone, or nobody but the user for what came from the own network."""
        targets = [self._fetcher.target(url) for url in (*page.via, page.url)]
        return [] if any(target.private for target in targets) else EVERYONE


def web_tools(web: Web) -> list[Tool]:
    """The tools for one `Web`."""
    inner_pages = labels(sources=web.sources, readers=web.readers)
    # Nothing but the address and the internet decides whether a page of the internet comes.
    pages = replace(inner_pages, failing=Label({"tool:fetch_page"}))
    hits = labels(
        sources=lambda hit: f"web:{urlsplit(hit.url).hostname}",
        readers=EVERYONE,
        shape=Label({"tool:search_web"}, EVERYONE),
        failing=Label({"tool:search_web"}),
    )

    @tool(effect="read", egress=("url",), returns=pages)
    def fetch_page(url: str, sections: bool = False) -> Page:
        """Fetch a web page (HTML, text or PDF) and return its title, text and links.

        sections: also the text once more, by headings (of a PDF: by pages).
        """
        page = web.fetch(url)
        return page if sections else replace(page, sections=[])

    # A link of a stranger's page must not lead into the own network, so here no URL will do that anybody else wrote.
    @tool(effect="read", egress=("url",), returns=inner_pages)
    def fetch_inner_page(url: Annotated[str, Trusted], sections: bool = False) -> Page:
        """Fetch a page of the own network, as fetch_page does for the internet."""
        page = web.fetch(url, inner=True)
        return page if sections else replace(page, sections=[])

    @tool(effect="read", egress=("query",), returns=hits)
    def search_web(query: str, limit: int = 10) -> list[Hit]:
        """Search the web; the first results with title, url and snippet. Fetch a result's url to read the page."""
        return web.search(query, limit)

    inner = [fetch_inner_page] if web.settings.allow_private else []
    return [fetch_page, *inner, *([search_web] if web.searches else [])]
