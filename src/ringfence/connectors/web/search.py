"""Searching: a query to the engine of the settings, and its results as records.

Its one rule: the query goes to that engine and to nobody else, and what it answers is data from the sites that it
names, whoever wrote them there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol, final
from urllib.parse import urlencode

from ringfence.connectors.errors import Damaged, NotAllowed
from ringfence.connectors.unseen import shown
from ringfence.connectors.web.fetch import Fetcher
from ringfence.connectors.web.records import Hit
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.urls import place_of, spelled, target_of
from ringfence.core.errors import ConfigError

MOST: Final = 50
_MAX_QUERY: Final = 500
_MAX_TEXT: Final = 2_000


class SearchEngine(Protocol):
    """Answers a query. Raises ConnectorError."""

    def search(self, query: str, limit: int) -> list[Hit]: ...


@final
class SearXNG:
    """A SearXNG server, by its JSON (the server's settings must list `json` under search.formats)."""

    def __init__(self, url: str, settings: WebSettings) -> None:
        """`settings` for sizes and times; the server may be anywhere, for the configuration names it. ConfigError."""
        try:
            own = replace(
                settings, allow=(), deny=(), allow_private=frozenset({place_of(url)}), redirects=0, robots=False
            )
            self._base = target_of(url.rstrip("/") + "/search", own, {}).url
        except NotAllowed:
            raise ConfigError("[web] search is no URL of a server", hint='such as "http://127.0.0.1:8888"') from None
        if "?" in self._base:
            raise ConfigError("[web] search has a query", hint="write the server's URL only")
        self.fetcher = Fetcher(own)

    def search(self, query: str, limit: int) -> list[Hit]:
        """The first results, at most `limit`. NotAllowed for a query that is empty or too long; NotDone; Damaged."""
        if not query.strip() or len(query) > _MAX_QUERY or not 1 <= limit <= MOST:
            raise NotAllowed(f"a query has 1 to {_MAX_QUERY} characters, and asks for 1 to {MOST} results")
        settings = self.fetcher.settings
        text = query.encode("utf-8", "replace").decode("utf-8")
        url = f"{self._base}?{urlencode({'q': text, 'format': 'json'})}"
        deadline = time.monotonic() + settings.seconds
        answer = self.fetcher.get(url, "application/json", deadline, settings.max_bytes)
        if answer.kind != "application/json":
            raise Damaged("the search server does not answer in JSON: is `json` among its search.formats?")
        return hits_of(answer.data, limit)


def hits_of(data: bytes, limit: int) -> list[Hit]:
    """The results in SearXNG's JSON, without those that lead to no web page. Raises Damaged."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Damaged("the search server's answer is no JSON") from None
    results = found.get("results") if isinstance(found, dict) else None
    if not isinstance(results, list):
        raise Damaged("the search server's answer has no list of results")
    made = (_hit(one) for one in results if isinstance(one, dict))
    return [one for one in made if one is not None][:limit]


def _hit(result: Mapping[str, object]) -> Hit | None:
    url = result.get("url")
    if not isinstance(url, str):
        return None
    try:
        checked = spelled(url.strip())
    except NotAllowed:
        return None
    return Hit(_text(result, "title"), checked, _text(result, "content"), _text(result, "engine"))


def _text(result: Mapping[str, object], key: str) -> str:
    found = result.get(key)
    return shown(" ".join(found[:_MAX_TEXT].split())) if isinstance(found, str) else ""
