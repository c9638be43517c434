"""Whether an address carries private data out: in its query, its fragment, or (where it is loaded by itself) anywhere.

Its one rule: an address that stood in a tool's result before is what its author wrote, and carries nothing of others.
"""

from __future__ import annotations

from typing import Final

from ringfence.screens.output.context import SHORTEST, Context
from ringfence.screens.output.disguises import Words, private_in, wanted
from ringfence.screens.output.hosts import unquote_entities
from ringfence.screens.output.readings import readings

_MOST: Final = 8_000
_LONG: Final = 10
_NO_ACCIDENT: Final = 8  # letters of a word that stands there in a disguise
_SPELLED: Final = frozenset("%&")  # what one sign stands for may be longer
_TELLING: Final = 3  # so many private words in a path are no accident


def carries(address: str, context: Context, *, loaded: bool) -> bool:
    """Whether private words stand in the address; `loaded`: it is asked for without anybody's doing."""
    if not context.private:
        return False
    text = unquote_entities(address)[:_MOST]
    if any(address in source or text in source for source in context.sources):
        return False
    before, _, query = text.partition("?")
    before, _, fragment = before.partition("#")
    if any(any(_private(part, context)) for part in (query, fragment) if part):
        return True
    plain, disguised = _private(_below_the_domain(before), context)
    if any(len(word) >= _NO_ACCIDENT or _has_digits(word) for word in disguised):
        return True
    telling = [word for word in plain if len(word) >= _LONG or _has_digits(word)]
    return bool(telling and loaded) or len(plain | disguised) >= _TELLING


def _has_digits(word: str) -> bool:
    return any(one.isdigit() for one in word)


def _below_the_domain(address: str) -> str:
    """The path, and what stands before the last two parts of the host: who registers a name chooses those once."""
    host, _, path = (address.partition("//")[2] or address).partition("/")
    return ".".join(host.split(".")[:-2]) + "/" + path


def _private(text: str, context: Context) -> tuple[Words, Words]:
    """The private words that a part of an address holds as they are, and those that it holds in a disguise."""
    if len(text) < SHORTEST and _SPELLED.isdisjoint(text) and text.isascii():
        return Words(), Words()
    known, plain, disguised, seen = wanted(context.private), Words(), Words(), set[str]()
    for reading in readings(text):
        if len(reading.text) >= SHORTEST and reading.text not in seen:
            seen.add(reading.text)
            found, other = private_in(reading.text, known)
            disguised |= other
            if reading.disguised:
                disguised |= found
            else:
                plain |= found
    return plain, disguised - plain
