"""HTML to text.

Its one rule: what runs or styles is not text, and what is left keeps the order of the page. Text that a page hides
from people is still in here: telling it apart is hygiene for another place, and nothing here relies on it.

The parser's time grows with the square of the attributes of one tag and of the depth of the tree (5 MB of
attributes: 277 s; 100,000 nested blocks: 17 s). So a linear pass goes first that drops all attributes but `href`
and cuts off after a number of tags, saying so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_DROPPED: Final = frozenset(
    {"script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "head", "-comment"}
)
_BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_AFTER: Final = {"th": ": ", "td": " "}
_MAX_TAGS: Final = 25_000
_CUT: Final = "[the rest of the document was left out: it has too many elements, or a tag without end]"

# An attribute as HTML's tokenizer reads it. Nothing here goes back, and a quote is looked for at most once in vain.
_ATTRIBUTE: Final = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_TAG: Final = re.compile(rf"<(/?)([a-zA-Z][^\s/>]*+)((?:[\s/]++|{_ATTRIBUTE})*+)>")
_SPACE: Final = re.compile(r"\s+")
_OPENS: Final = re.compile(r"</?[a-zA-Z]")
_HREF: Final = re.compile(r"""(?:^|[\s/"'])href\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+))""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Markup:
    """A document's title, its text with a line for each block, and where its links point, as written."""

    title: str
    text: str
    links: tuple[str, ...]


def read_html(html: str) -> Markup:
    """The title, text and links of an HTML document. Never fails: what is not HTML is text."""
    from selectolax.lexbor import LexborHTMLParser

    html, cut = _simple(html)
    tree = LexborHTMLParser(html)
    heading = tree.css_first("title")
    links = (node.attributes.get("href") for node in tree.css("a[href]"))
    return Markup(
        title="" if heading is None else " ".join(heading.text().split()),
        text=_lines(("" if tree.root is None else "".join(_pieces(tree.root))) + (f"\n{_CUT}" if cut else "")),
        links=tuple(dict.fromkeys(link.strip() for link in links if link and link.strip())),
    )


def text_of(html: str) -> str:
    """The text of an HTML document."""
    return read_html(html).text


def _simple(html: str) -> tuple[str, bool]:
    """The document with bare tags and the targets of its links; and whether it was cut off."""
    made: list[str] = []
    position = tags = 0
    while (start := html.find("<", position)) >= 0:
        made.append(html[position:start])
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            if end < 0:
                return "".join(made), False
            position = end + 3
            continue
        tag = _TAG.match(html, start)
        if tag is None and _OPENS.match(html, start):
            return "".join(made), True  # the tag never ends; to look again from further on would take squared time
        if tag is None:
            made.append("&lt;" if not html.startswith(("<!", "<?"), start) else "<")
            position = start + 1
            continue
        tags += 1
        if tags > _MAX_TAGS:
            return "".join(made), True
        made.append(_bare(tag))
        position = tag.end()
    made.append(html[position:])
    return "".join(made), False


def _bare(tag: re.Match[str]) -> str:
    slash, name, attributes = tag.groups()
    link = _HREF.search(attributes) if name in "aA" and not slash else None
    if link is None:
        return f"<{slash}{name}>"
    target = next(part for part in link.groups() if part is not None)
    return f'<{name} href="{escape(unescape(target))}">'


def _pieces(root: LexborNode) -> Iterator[str]:
    pending: list[LexborNode | str] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            yield node
            continue
        if node.next is not None and node is not root:
            pending.append(node.next)
        name = node.tag or ""
        if name == "-text":
            yield _SPACE.sub(" ", node.text_content or "")
            continue
        if name in _DROPPED:
            continue
        edge = "\n" if name in _BLOCKS else _AFTER.get(name, "")
        if edge:
            pending.append(edge)
        if node.child is not None:
            pending.append(node.child)
        if edge == "\n":
            yield edge


def _lines(text: str) -> str:
    lines = (" ".join(line.split()).removesuffix(":") for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
