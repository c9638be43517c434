"""The walk over a parsed page: its text with a line for each block, its links, its sections.

Its one rule: the walk is a loop with a stack of its own, so that no page is too deep; each node is visited once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from ringfence.connectors.markup.cascade import Cascade, Element
from ringfence.connectors.markup.colours import LINK, Colour, colour_of
from ringfence.connectors.markup.hiding import Look, inherit, removes
from ringfence.connectors.markup.tags import simplify

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# What is never text that a page shows, whatever its style.
_DROPPED: Final = frozenset({
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "head", "-comment", "audio",
    "video", "canvas", "datalist", "annotation", "annotation-xml", "rp", "noframes", "noembed", "param", "title",
})  # fmt: skip
_BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
    "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_AFTER: Final = {"th": ": ", "td": " "}
_LEVELS: Final = {f"h{level}": level for level in range(1, 7)}
_CUT: Final = "[the rest of the document was left out: it has too many elements, or a tag without end]"
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")
_PLAIN: Final = Look()


@dataclass(frozen=True, slots=True)
class PageLink:
    """Where a link points, as written, and its text."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class PageSection:
    """A heading and what follows up to the next; level 0 for what stands before the first."""

    heading: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Markup:
    """What a page shows. `hidden` counts the pieces of text that it holds and does not show."""

    title: str
    text: str
    links: tuple[PageLink, ...]
    sections: tuple[PageSection, ...]
    hidden: int


def read_html(html: str) -> Markup:
    """What an HTML document shows. Never fails: what is not HTML is text."""
    from selectolax.lexbor import LexborHTMLParser

    simple = simplify(html)
    tree = LexborHTMLParser(simple.html)
    heading = tree.css_first("title")
    walk = _Walk(simple.attributes, Cascade(simple.sheets))
    if tree.root is not None:
        walk.run(tree.root)
    if simple.cut:
        walk.note(_CUT)
    return walk.markup("" if heading is None else " ".join(heading.text().split()))


def text_of(html: str) -> str:
    """The text that an HTML document shows."""
    return read_html(html).text


@final
class _Inside:
    """What holds inside of an element. `closed`: it is a closed `details`; `summed`: which has had its summary."""

    __slots__ = ("closed", "element", "look", "shows", "summed")

    def __init__(self, element: Element | None, look: Look, shows: bool, closed: bool) -> None:
        self.element = element
        self.look = look
        self.shows = shows
        self.closed = closed
        self.summed = False


@final
class _Run:
    """A stretch of text between headings, or a heading (`level` above 0)."""

    __slots__ = ("level", "pieces")

    def __init__(self, level: int = 0) -> None:
        self.level = level
        self.pieces: list[str] = []


@final
class _Walk:
    def __init__(self, attributes: list[dict[str, str]], cascade: Cascade) -> None:
        self._attributes = attributes
        self._cascade = cascade
        self._runs: list[_Run] = [_Run()]
        self._links: list[tuple[str, list[str]]] = []
        self._open_link: list[str] | None = None
        self._hidden = 0

    def run(self, root: LexborNode) -> None:
        pending: list[tuple[LexborNode, _Inside] | str] = [(root, _Inside(None, _PLAIN, True, False))]
        while pending:
            entry = pending.pop()
            if isinstance(entry, str):
                self._end(entry)
                continue
            node, around = entry
            if node.next is not None and node is not root:
                pending.append((node.next, around))
            name = node.tag or ""
            if name == "-text":
                self._text(node.text_content or "", around)
            elif name not in _DROPPED:
                self._enter(node, name, around, pending)

    def _enter(
        self, node: LexborNode, name: str, around: _Inside, pending: list[tuple[LexborNode, _Inside] | str]
    ) -> None:
        number = node.attributes.get("r")
        given = None if number is None else self._attributes[int(number)]
        inside = self._inside(name, given, around)
        if inside is None:
            self._hidden += bool(node.text().strip())
            return
        if name in _BLOCKS or name in _AFTER:
            pending.append(name)
        if name in _LEVELS:
            self._runs.append(_Run(_LEVELS[name]))
        if name == "a" and given is not None and given.get("href", "").strip() and inside.shows:
            self._open_link = []
            self._links.append((given["href"].strip(), self._open_link))
            pending.append("a")
        if node.child is not None:
            pending.append((node.child, inside))
        if name in _BLOCKS:
            self._write("\n")

    def _inside(self, name: str, given: dict[str, str] | None, around: _Inside) -> _Inside | None:
        """What holds inside of the element; None if it is not shown."""
        if around.closed:
            if name != "summary" or around.summed:
                return None
            around.summed = True
        element = Element(name, given, around.element)
        style = self._cascade.look(element, "" if given is None else given.get("style", ""))
        look = around.look if name != "a" or given is None or "href" not in given else _coloured(around.look, LINK)
        if name == "dialog" and (given is None or "open" not in given):
            return None
        if given is not None:
            if _says_hidden(given):
                return None
            look = _old_colours(look, given)
        if style is not None:
            if removes(style, look):
                return None
            look = inherit(look, style)
        shows = around.shows if look is around.look else look.shows
        return _Inside(element, look, shows, name == "details" and (given is None or "open" not in given))

    def _text(self, text: str, around: _Inside) -> None:
        if around.closed or not around.shows:
            self._hidden += bool(text.strip())
            return
        self._write(_SPACE.sub(" ", text))

    def _write(self, text: str) -> None:
        self._runs[-1].pieces.append(text)
        if self._open_link is not None:
            self._open_link.append(text)

    def _end(self, name: str) -> None:
        if name == "a":
            self._open_link = None
            return
        self._write(_AFTER.get(name, "\n"))
        if name in _LEVELS:
            self._runs.append(_Run())

    def note(self, text: str) -> None:
        """A line of ours at the end."""
        self._runs.append(_Run())
        self._runs[-1].pieces += ["\n", text]

    def markup(self, title: str) -> Markup:
        """All that was found."""
        links = tuple(PageLink(target, " ".join("".join(text).split())) for target, text in self._links)
        text = _lines("".join(piece for run in self._runs for piece in run.pieces))
        return Markup(title, text, links, tuple(self._sections()), self._hidden)

    def _sections(self) -> list[PageSection]:
        found: list[PageSection] = []
        heading, level, text = "", 0, ""
        for run in [*self._runs, _Run(1)]:
            lines = _lines("".join(run.pieces))
            if run.level == 0:
                text += f"\n{lines}" if text and lines else lines
                continue
            if heading or text:
                found.append(PageSection(heading, level, text))
            heading, level, text = " ".join(lines.split("\n")), run.level, ""
        return found


def _says_hidden(given: dict[str, str]) -> bool:
    return "hidden" in given or "popover" in given or given.get("aria-hidden", "").strip().lower() == "true"


def _old_colours(look: Look, given: dict[str, str]) -> Look:
    """The attributes of HTML 3: `<font color>` and `<body bgcolor>`."""
    if (colour := colour_of(given.get("color", "").lower())) is not None:
        look = _coloured(look, colour)
    if (ground := colour_of(given.get("bgcolor", "").lower())) is not None:
        look = Look(look.colour, ground, look.font, look.opacity, look.indented_away, look.invisible)
    return look


def _coloured(look: Look, colour: Colour) -> Look:
    return Look(colour, look.background, look.font, look.opacity, look.indented_away, look.invisible)


def _lines(text: str) -> str:
    lines = (" ".join(line.split()).removesuffix(":") for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
