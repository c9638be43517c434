"""From bytes to a page: HTML, PDF, and everything that is text.

Its one rule: the declared type decides how bytes are read, and bytes that are not of that type are refused; nothing
is guessed. Text keeps no character that does not show (screens of the text are in `connectors/unseen.py`).
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.markup import Markup, read_html
from ringfence.connectors.unseen import shown
from ringfence.connectors.web.fetch import Answer
from ringfence.connectors.web.records import Link, Page, Section
from ringfence.connectors.web.urls import Target, joined, spelled

ACCEPT: Final = "text/html, application/xhtml+xml, text/plain, application/pdf, application/json, text/*;q=0.8"
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_PDF: Final = frozenset({"application/pdf", "application/x-pdf"})
_TEXT: Final = frozenset({
    "application/json", "application/ld+json", "application/xml", "application/rss+xml", "application/atom+xml",
    "application/x-ndjson", "application/yaml", "application/x-yaml", "application/toml", "application/csv",
})  # fmt: skip
_TEXT_KIND: Final = re.compile(r"text/[a-z0-9.+-]{1,60}")
_BINARY: Final = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"\x7fELF", b"MZ\x90")
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_META: Final = re.compile(rb"""<meta[^>]{0,200}charset\s{0,20}=\s{0,20}["']?([a-zA-Z0-9_-]{1,40})""", re.IGNORECASE)
# The encodings of the web (WHATWG), by their usual names. Python knows others, among them some that are no text.
_ENCODINGS: Final = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("utf-16", "utf-16le"), "utf-16-le"), "utf-16be": "utf-16-be",
    **dict.fromkeys(("us-ascii", "ascii", "latin1", "latin-1", "iso-8859-1", "iso8859-1", "cp1252"), "cp1252"),
    **{f"windows-125{n}": f"cp125{n}" for n in range(9)},
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}, "iso-8859-9": "cp1254",
    "koi8-r": "koi8-r", "koi8-u": "koi8-u", "macintosh": "mac-roman", "windows-874": "cp874",
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "windows-31j"), "cp932"),
    "euc-jp": "euc-jp", "iso-2022-jp": "iso2022-jp",
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"), "big5": "big5hkscs",
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "windows-949"), "cp949"),
}  # fmt: skip
_MAX_LINKS: Final = 500


def page_of(answer: Answer) -> Page:
    """The page that an answer is. NotAllowed for what is no text, HTML or PDF; Damaged for a damaged PDF."""
    if answer.kind in _PDF:
        return _pdf(answer)
    if answer.kind in _HTML:
        return _html(answer, read_html(_text(answer)))
    if answer.kind in _TEXT or _TEXT_KIND.fullmatch(answer.kind):
        text = shown(_text(answer))
        return _page(answer, "", text, [], [Section("", 0, text)], 0)
    raise NotAllowed("that is not a text, HTML or PDF page; it was not taken")


def _page(answer: Answer, title: str, text: str, links: list[Link], sections: list[Section], hidden: int) -> Page:
    return Page(answer.target.url, title, text, links, sections, answer.kind, list(answer.via), hidden)


def _html(answer: Answer, markup: Markup) -> Page:
    sections = [Section(shown(one.heading), one.level, shown(one.text)) for one in markup.sections]
    return _page(
        answer, shown(markup.title), shown(markup.text), _absolute(answer.target, markup), sections, markup.hidden
    )


def _pdf(answer: Answer) -> Page:
    from ringfence.connectors.pdf import read_pdf

    if not answer.data.startswith(b"%PDF-"):
        raise NotAllowed("the server calls it a PDF, and it is none; it was not taken")
    document = read_pdf(answer.data)
    sections = [Section(f"Page {number}", 1, shown(text)) for number, text in enumerate(document.pages, 1)]
    text = "\n\n".join(section.text for section in sections)
    return _page(answer, shown(document.title), text, [], sections, 0)


def _text(answer: Answer) -> str:
    data = answer.data
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if data.startswith(_BINARY):
        raise NotAllowed("the server calls it text, and it is a file of another kind; it was not taken")
    encoding = _ENCODINGS.get(answer.charset or _declared(answer), "utf-8")
    if b"\0" in data and not encoding.startswith("utf-16"):
        raise NotAllowed("the server calls it text, and it is not; it was not taken")
    return data.decode(encoding, "replace")


def _declared(answer: Answer) -> str:
    """What an HTML page says of itself in its first kilobyte; a page that can be read so is not UTF-16."""
    found = _META.search(answer.data[:1024]) if answer.kind in _HTML else None
    name = found[1].decode("ascii").lower() if found else ""
    return "utf-8" if name.startswith("utf-16") else name


def _absolute(base: Target, markup: Markup) -> list[Link]:
    """Where the links lead, each URL once; what is no URL of the web is left out."""
    found: dict[str, str] = {}
    for link in markup.links:
        try:
            url = spelled(joined(base, link.target))
        except NotAllowed:
            continue
        found[url] = found.get(url) or shown(link.text)
        if len(found) == _MAX_LINKS:
            break
    return [Link(url, text) for url, text in found.items()]
