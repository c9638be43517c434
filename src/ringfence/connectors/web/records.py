"""What the web's tools return. Their one rule: immutable, plain data; every text here is somebody else's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A link that a page shows: the absolute URL and the text that is shown for it."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (level 1 to 6; 0: the text before the first one) and the text up to the next."""

    heading: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page: `url` after redirects, the `text` that it shows, its `links` and `sections`.

    `kind` is the media type, `via` the URLs that redirected here, `hidden` how many pieces of text were left out
    because the page does not show them.
    """

    url: str
    title: str
    text: str
    links: list[Link]
    sections: list[Section]
    kind: str
    via: list[str]
    hidden: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A result of a search: a page's `title` and `url`, what it says (`snippet`), and the engine that found it."""

    title: str
    url: str
    snippet: str
    engine: str
