"""The linear pass before the parser: bare tags, and what each of them says that matters here.

Its one rule: every character is looked at a fixed number of times. The parser's own time grows with the square of the
attributes of one tag and of the depth of the tree (5 MB of attributes: 277 s; 100,000 nested blocks: 17 s). So all
attributes are taken off and kept here, under a number that the bare tag carries, and after a number of tags the rest is
cut off, saying so. Comments, scripts and what else is no text go in this pass already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Final, final

MAX_TAGS: Final = 50_000
_MAX_VALUE: Final = 4_000

# An attribute as HTML's tokenizer reads it. Nothing here goes back, and a quote is looked for at most once in vain.
_VALUE: Final = r"""(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)"""
_TAG: Final = re.compile(rf"<(/?)([a-zA-Z][^\s/>]*+)((?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+{_VALUE}?+)?+)*+)>")
_ATTRIBUTE: Final = re.compile(rf"([^\s/>][^\s/>=]*+)(?:\s*+=\s*+({_VALUE})?+)?+")
_OPENS: Final = re.compile(r"</?[a-zA-Z]")
_COMMENT_END: Final = re.compile(r"--!?>")
# Elements whose content is no markup: what is done with it, up to the end tag.
_RAW: Final = {
    "script": "drop", "noscript": "drop", "iframe": "drop", "noembed": "drop", "noframes": "drop", "style": "style",
    "title": "text", "textarea": "text", "xmp": "text",
}  # fmt: skip
_RAW_END: Final = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE | re.ASCII) for name in _RAW}
_KEPT: Final = frozenset(
    {"href", "style", "class", "id", "hidden", "aria-hidden", "open", "popover", "color", "bgcolor"}
)


@final
@dataclass(slots=True)
class Simple:
    """A document with bare tags. `attributes[n]` are those of the tag that carries `r=n`; `sheets` its style sheets."""

    html: str = ""
    attributes: list[dict[str, str]] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    cut: bool = False


def simplify(html: str) -> Simple:
    """The document with bare tags. Never fails: what is no markup is text."""
    made, found = [], Simple()
    position = tags = 0
    while (start := html.find("<", position)) >= 0:
        made.append(html[position:start])
        tag = _TAG.match(html, start)
        if tag is None:
            found.cut = _OPENS.match(html, start) is not None
            if found.cut:  # the tag never ends; to look again from further on would take squared time
                position = len(html)
                break
            text, position = _no_tag(html, start)
            made.append(text)
            continue
        tags += 1
        if tags > MAX_TAGS:
            found.cut, position = True, len(html)
            break
        name = tag[2].lower()
        made.append(_bare(tag, name, found))
        position = tag.end()
        if name in _RAW and not tag[1]:
            text, position = _raw(html, position, name, found)
            made.append(text)
    made.append(html[position:])
    found.html = "".join(made)
    return found


def _no_tag(html: str, start: int) -> tuple[str, int]:
    """A comment, or something that ends at the next `>` and is no text, or a sign that is text."""
    if html.startswith("<!--", start):
        for closed in ("<!-->", "<!--->"):
            if html.startswith(closed, start):
                return "", start + len(closed)
        end = _COMMENT_END.search(html, start + 4)
        return "", len(html) if end is None else end.end()
    if html.startswith(("<!", "<?", "</"), start) and len(html) > start + 2:
        end_of_it = html.find(">", start)
        return "", len(html) if end_of_it < 0 else end_of_it + 1
    return "&lt;", start + 1


def _raw(html: str, position: int, name: str, found: Simple) -> tuple[str, int]:
    end = _RAW_END[name].search(html, position)
    stop = len(html) if end is None else end.start()
    content, what = html[position:stop], _RAW[name]
    if what == "style":
        found.sheets.append(content)
    return (content.replace("<", "&lt;") if what == "text" else ""), stop


def _bare(tag: re.Match[str], name: str, found: Simple) -> str:
    if not tag[3] or tag[1]:
        return f"<{tag[1]}{name}>"
    kept: dict[str, str] = {}
    for attribute in _ATTRIBUTE.finditer(tag[3]):
        key = attribute[1].lower()
        if key in _KEPT and key not in kept:  # the first one counts, as in a browser
            value = attribute[2] or ""
            value = value[1:-1] if value[:1] in {'"', "'"} else value
            kept[key] = unescape(value[:_MAX_VALUE])
    if not kept:
        return f"<{name}>"
    found.attributes.append(kept)
    return f"<{name} r={len(found.attributes) - 1}>"
