"""Names of hosts: their one spelling, and the patterns of the lists.

Its one rule: what is compared, shown, labelled, resolved and sent is the same text: lower case, punycode, no dot at the
end. A name that could be read as a number is no name, for the system's resolver reads `0x7f.1` and `2130706433` as
addresses.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.connectors.errors import NotAllowed
from ringfence.connectors.web.addresses import parse_address

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MAX_NAME: Final = 253


def host_of(text: str) -> str:
    """The one spelling of a host: a name, or an address (IPv6 without brackets). Raises NotAllowed."""
    if "%" in text:
        raise NotAllowed("a host with a percent sign or a zone is not fetched; nothing was sent")
    address = parse_address(text.removeprefix("[").removesuffix("]") if text.startswith("[") else text)
    if address is not None:
        return str(address)
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    if len(name) > _MAX_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise NotAllowed("that is no name of a host; nothing was sent")
    if _NUMBER.fullmatch(labels[-1]):
        raise NotAllowed("that is an address in a form that is not fetched (decimal, octal, hexadecimal, short)")
    return name


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    import idna

    try:
        return idna.encode(text.lower()).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise NotAllowed("that is no international name of a host; nothing was sent") from None


def pattern_of(text: str) -> str:
    """The one spelling of a pattern: a host, `*.` and a host (every name below it), or `*`. Raises NotAllowed."""
    if text == "*":
        return text
    below = text.startswith("*.")
    host = host_of(text[2:] if below else text)
    if below and parse_address(host) is not None:
        raise NotAllowed("there is nothing below an address")
    return f"*.{host}" if below else host


def fits(host: str, pattern: str) -> bool:
    """Whether a host is what the pattern names."""
    return pattern in {"*", host} or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def is_denied(host: str, pattern: str) -> bool:
    """Whether a pattern of the deny-list hits: there, a name stands for all names below it as well."""
    return fits(host, pattern) or host.endswith(f".{pattern}")
