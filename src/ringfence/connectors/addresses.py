"""Mail addresses: what is one, and its one spelling.

Its one rule: an address is accepted by a grammar, and everything else is refused, so that nothing in
it can become a second recipient or a header line. Quoted local parts and address literals, which RFC 5321
allows and hardly anybody has, are refused; so is text outside ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ringfence.connectors.errors import NotAllowed

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_MAX_LENGTH: Final = 254
_MAX_LOCAL: Final = 64


def is_address(text: str) -> bool:
    """Whether the text is exactly one mail address."""
    if len(text) > _MAX_LENGTH or _ADDRESS.fullmatch(text) is None:
        return False
    return text.index("@") <= _MAX_LOCAL


def address(text: str, what: str = "the address") -> str:
    """The address in lower case. NotAllowed, naming `what`, if it is not one."""
    if not is_address(text):
        raise NotAllowed(f"{what} is not a mail address (name@host.domain, ASCII); nothing was done")
    return text.lower()


def recipients(texts: Iterable[str], what: str = "recipient") -> list[str]:
    """Each address once, in order, in lower case."""
    found = [address(text, f"{what} {number}") for number, text in enumerate(texts, 1)]
    return list(dict.fromkeys(found))
