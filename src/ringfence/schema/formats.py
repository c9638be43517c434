"""Formats of text: e-mail addresses, web addresses, patterns.

Its one rule: what could be read as something else by the next program is refused. So addresses are plain
ASCII (an international domain is written in its `xn--` form, where look-alikes show), have no quotes, no
comments, no display name and no control characters, and web addresses have no user name in front of the host.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Protocol, cast
from urllib.parse import urlsplit

import re2

from ringfence.core.errors import ConfigError

_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_URL: Final = re.compile(r"https?://[A-Za-z0-9!#$%&'()*+,/:;=?@\[\]_.~-]+")

MAX_EMAIL: Final = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
MAX_URL: Final = 8192


class Pattern(Protocol):
    """A compiled pattern of the linear-time engine."""

    def search(self, text: str) -> object:
        """The first match, or None."""


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Pattern:
    """The pattern for the linear-time engine. ConfigError if it needs what that engine lacks (such as look-around)."""
    options = re2.Options()
    options.log_errors = False
    try:
        return cast(Pattern, re2.compile(pattern, options))
    except (re2.error, UnicodeError) as problem:
        raise ConfigError(
            "a pattern of a schema does not compile",
            code="C502",
            hint="patterns run on a linear-time engine: no look-around and no back-references",
        ) from problem


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found somewhere in the text. Here `$` is the very end, also before a newline."""
    try:
        return compiled(pattern).search(text) is not None
    except UnicodeError:  # a lone surrogate: no text that a pattern could speak about
        return False


def is_email(text: str) -> bool:
    """Whether the text is one bare address, `local@domain.tld`, that every mail program reads alike."""
    local, at, domain = text.partition("@")
    return (
        at == "@"
        and len(text) <= MAX_EMAIL
        and len(local) <= 64
        and _LOCAL.fullmatch(local) is not None
        and _is_domain(domain)
    )


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return (
        len(labels) >= 2
        and all(_HOST_LABEL.fullmatch(label) is not None for label in labels)
        and not labels[-1].isdecimal()  # an IPv4 address is not a domain
    )


def is_url(text: str) -> bool:
    """Whether the text is an absolute http(s) address without credentials."""
    if len(text) > MAX_URL or _URL.fullmatch(text) is None:
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for a port that is no number or out of range
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc


FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "email": is_email,
    "url": is_url,
    "type": bool,  # the language makes the text of a type
    "quote": bool,  # whether it stands in the data is for those to say who have them
}
