"""Which links in a text would work where answers are shown: in a page, in Markdown, in a chat.

Its one rule: it reads like the most willing of renderers, and knows nothing of the guard that is to stop them.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_HIDDEN: Final = frozenset({"Cf", "Cc", "Mn", "Me"})
_DOTS: Final = str.maketrans({"。": ".", "．": ".", "｡": ".", "\\": "/"})
# What is made a link by itself (GitHub's Markdown), what brackets make one, and what a browser loads or follows.
_BARE: Final = re.compile(r"(?:https?|ftp)://[^\s<>]+|\bwww\.[\w-]+\.[^\s<>]+", re.IGNORECASE)
_INLINE: Final = re.compile(r"\]\(\s*<?\s*([^\s<>)]+)\s*>?(?:\s+[\"'(][^\n]*)?\s*\)")
_REFERENCE: Final = re.compile(r"^ {0,3}\[[^\]\n]+\]:\s*<?(\S+)", re.MULTILINE)
_ANGLE: Final = re.compile(r"<([a-z][a-z0-9+.-]{1,31}:[^\s<>]+)>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    r"<[a-z!/][^<>]*?\b(?:src|href|srcset|action|formaction|background|poster|data|cite|ping|xlink:href)\s*=\s*"
    r"[\"']?\s*([^\s\"'<>]+)",
    re.IGNORECASE,
)
_STYLE: Final = re.compile(r"<[^<>]*\burl\(\s*[\"']?([^\s\"')]+)", re.IGNORECASE)
_DEFANGED: Final = re.compile(r"hxxps?:", re.IGNORECASE)  # no program knows it: links are written so to be named
_AWAY: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|https?:|ftp:|www\.|javascript:|data:", re.IGNORECASE)


def live_links(text: str) -> Iterator[str]:
    """The targets that lead away, as a renderer would take them."""
    for shown in dict.fromkeys((text, _tidied(text))):
        for found in (_BARE, _ANGLE):
            yield from (match.group(match.lastindex or 0) for match in found.finditer(shown))
        for kind in (_INLINE, _REFERENCE, _ATTRIBUTE, _STYLE):
            for match in kind.finditer(shown):
                target = _tidied(html.unescape(match[1]))
                if _AWAY.match(target) and not _DEFANGED.match(target):
                    yield target


def _tidied(text: str) -> str:
    """Without what does not print, which browsers and chats drop from addresses."""
    kept = "".join(one for one in text if one == "\n" or unicodedata.category(one) not in _HIDDEN)
    return unicodedata.normalize("NFKC", kept).translate(_DOTS)
