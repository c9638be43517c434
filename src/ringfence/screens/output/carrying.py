"""Whether an address carries private data out: in its query, its fragment, or (where it is loaded by itself) anywhere.

Its one rule: an address that stood in a tool's result before is what its author wrote, and carries nothing of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from ringfence.screens.output.context import Context, words_of
from ringfence.screens.output.hosts import unquote_entities
from ringfence.screens.output.readings import readings

_NUMBERS: Final = re.compile(r"\d{6,}")
_GLUED: Final = 8  # a private word of so many letters is found inside of a longer one, too
_DIGITS: Final = 6  # and a number of so many digits
_ALIKE: Final = 64
_MOST: Final = 8_000
_LONG: Final = 10
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
    if any(_private(part, context) for part in (query, fragment) if part):
        return True
    found = _private(_below_the_domain(before), context)
    telling = [word for word in found if len(word) >= _LONG or any(one.isdigit() for one in word)]
    return bool(telling and loaded) or len(found) >= _TELLING


def _below_the_domain(address: str) -> str:
    """The path, and what stands before the last two parts of the host: who registers a name chooses those once."""
    host, _, path = (address.partition("//")[2] or address).partition("/")
    return ".".join(host.split(".")[:-2]) + "/" + path


def _private(text: str, context: Context) -> set[str]:
    """The private words that a part of an address holds, in any of the ways it can be read."""
    prefixes = _prefixes(context.private)
    found: set[str] = set()
    for reading in readings(text):
        numbers = _NUMBERS.findall(reading)
        found |= words_of((reading, *numbers)) & context.private
        found.update(_inside(reading, _GLUED, prefixes))
        for number in numbers:
            found.update(_inside(number, _DIGITS, prefixes))
    return found


def _inside(text: str, size: int, prefixes: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The private words that begin with so many characters anywhere in a text."""
    for start in range(len(text) - size + 1):
        for word in prefixes.get(text[start : start + size], ()):
            if text.startswith(word, start):
                yield word


@lru_cache(maxsize=8)
def _prefixes(words: frozenset[str]) -> dict[str, list[str]]:
    """Words by how they begin. Of very many that begin alike the beginning alone counts, so that time is bounded."""
    found: dict[str, list[str]] = {}
    for word in words:
        size = _DIGITS if word.isdigit() else _GLUED
        if len(word) >= size:
            found.setdefault(word[:size], []).append(word)
    return {first: alike if len(alike) <= _ALIKE else [first] for first, alike in found.items()}
