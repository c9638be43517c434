"""HTML to text.

Its one rule: what runs or styles is not text, and what is left keeps the order of the page. Text that a page hides
from people is still in here: telling it apart is hygiene for another place, and nothing here relies on it. The
work is linear and not recursive, whatever the nesting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Markup:
    """A document's title, its text with a line for each block, and where its links point, as written."""

    title: str
    text: str
    links: tuple[str, ...]


def read_html(html: str) -> Markup:
    """The title, text and links of an HTML document. Never fails: what is not HTML is text."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    heading = tree.css_first("title")
    links = (node.attributes.get("href") for node in tree.css("a[href]"))
    return Markup(
        title="" if heading is None else " ".join(heading.text().split()),
        text="" if tree.root is None else _lines("".join(_pieces(tree.root))),
        links=tuple(dict.fromkeys(link.strip() for link in links if link and link.strip())),
    )


def text_of(html: str) -> str:
    """The text of an HTML document."""
    return read_html(html).text


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
            yield " ".join(part) if (part := (node.text_content or "").split()) else " "
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
