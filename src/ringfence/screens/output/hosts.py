"""Hosts of addresses, in one spelling.

Its one rule: what cannot be read as a browser reads it has no host, and a link without a host leads nowhere that was
named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

_SCHEME: Final = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):")
_DEFANGED: Final = frozenset({"hxxp", "hxxps"})
_HARMLESS: Final = frozenset({"mailto", "tel"})
WEB: Final = frozenset({"http", "https", "ftp", "ftps", "ws", "wss"})
_IN_TEXT: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?//([^\s/?#\\<>\"'`()\[\]{}|^]+)|(?:@|\b(?=www\.))((?:[\w-]+\.)+[a-z][a-z0-9-]{1,62})\b"
    r"|\b((?:[\w-]+\.)+([a-z][a-z0-9-]{1,62}))\b",
    re.IGNORECASE,
)
# Domains with which names of files end: who guesses the name of a file can register it.
_OF_FILES: Final = frozenset(
    "am bz cab cc dot gd gs la md mk ml mm mo mov nc pl pm ps pub py rs sc sh so st tf zip".split()
)
# Domains that are words or endings of files as well: `design.ai`, or a blank that is missing in `design.It is`. Without
# a word before it that says that a place is meant, such a name of two parts is none: then links stay inert.
_OF_WORDS: Final = frozenset("ai am as at be do in is it me my no so to us".split())
_MEANT: Final = re.compile(
    r"\b(?:at|from|on|visit|open|see|site|website|page|host|domain|fetch|browse|download|address|server)[:\s]{1,3}[\"'`(]?$",
    re.IGNORECASE,
)
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_BEFORE: Final = 20
# Letters of which IDNA of 2003 makes others or none, and that of 2008 a name of its own.
_TWO_WAYS: Final = frozenset("\u00df\u03c2\u200c\u200d")


def scheme_of(address: str) -> str:
    """The scheme in lower case, without the white space and controls that browsers drop; "" without one."""
    found = _SCHEME.match(re.sub(r"[\x00-\x20\x7f]", "", unquote_entities(address)))
    return "" if found is None else found.group(1).lower()


def is_harmless(address: str) -> bool:
    """An address that loads nothing: of a mail or a telephone, a place on the page."""
    return scheme_of(address) in _HARMLESS or address.startswith("#")


def mail_host(address: str) -> str | None:
    """Where a mail would go that an address prepares, text and all; None for one without text."""
    before, mark, _ = unquote_entities(address).partition("?")
    if scheme_of(address) != "mailto" or not mark:
        return None
    return canonical(unquote(before.rpartition("@")[2])) or before


def leads_away(address: str) -> bool:
    """Whether an address leads to another place than the page that it is on. A defanged one does not."""
    text = re.sub(r"[\x00-\x20\x7f]", "", unquote_entities(address)).replace("\\", "/")
    scheme = scheme_of(text)
    if scheme:
        return scheme not in _DEFANGED
    return (text.startswith("//") and "[.]" not in _place(text).rpartition("@")[2]) or text.lower().startswith("www.")


def host_of(address: str) -> str | None:
    """The host that a program would ask, as ASCII; None if there is none, or if two programs would ask two.

    A backslash is a slash to a browser, nothing to Markdown before a sign, and part of a user's name to others.
    """
    text = re.sub(r"[\x00-\x20\x7f]", "", unquote_entities(address))
    host = _host(text.replace("\\", "/"))
    return host if "\\" not in text or _host(text.replace("\\", "")) == host else None


def _host(text: str) -> str | None:
    scheme = scheme_of(text)
    if scheme and scheme not in WEB:
        return None
    rest = text[len(scheme) + 1 :] if scheme else text
    if not rest.startswith("//") and not (scheme or rest.lower().startswith("www.")):
        return None
    return canonical(unquote(_place(rest).rpartition("@")[2]))


def _place(text: str) -> str:
    """What stands between the slashes, without the scheme: user, host and port."""
    return re.split(r"[/?#]", text.lstrip("/"), maxsplit=1)[0]


def canonical(host: str) -> str | None:
    """A host name in lower case and punycode, without port and final dot; None for what is no host everywhere."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    name = host.partition(":")[0].rstrip(".")
    made = name.lower() if name.isascii() else _in_ascii(name)
    return made if made is not None and _HOST.fullmatch(made) else None


def _in_ascii(name: str) -> str | None:
    if not _TWO_WAYS.isdisjoint(name.lower()):
        return None
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None


def hosts_in(text: str) -> frozenset[str]:
    """All hosts that a text names: of its addresses, and names that could be hosts and are no files."""
    found = (
        canonical((one[1] or one[2] or one[3]).rpartition("@")[2])
        for one in _IN_TEXT.finditer(text)
        if one[3] is None or _is_meant(one[3], one[4], text[max(0, one.start() - _BEFORE) : one.start()])
    )
    return frozenset(host for host in found if host is not None)


def _is_meant(bare: str, ending: str, before: str) -> bool:
    """Whether a name without anything that says so is one of a host."""
    if ending.lower() in _OF_FILES:
        return False
    if ending.lower() not in _OF_WORDS or bare.count(".") > 1:
        return True
    return ending.islower() and _MEANT.search(before) is not None


def is_named(host: str, named: Iterable[str]) -> bool:
    """Whether a host is among these, or below one that is written `*.example.com`; `www.` makes no difference."""
    bare = host.removeprefix("www.")
    for name in named:
        if name.startswith("*.") and (host.endswith(name[1:]) or host == name[2:]):
            return True
        if bare == name.removeprefix("www."):
            return True
    return False


def defanged(address: str) -> str:
    """The address as a person can read it and nothing follows it: hxxps://evil[.]example/."""
    scheme, colon, rest = address.partition(":")
    if colon and scheme.lower() in WEB:
        scheme = scheme.replace("t", "x").replace("T", "X") if scheme.lower().startswith("http") else f"{scheme}[.]"
        return scheme + colon + rest.replace(".", "[.]", rest.split("/", 3)[2].count(".") if "//" in rest else -1)
    return address.replace(":", "[:]", 1).replace(".", "[.]")


def unquote_entities(text: str) -> str:
    """The text with HTML's entities in it read."""
    import html

    return html.unescape(text)
