"""Whether an address carries private data out: in its query, its fragment, or (where it is loaded by itself) anywhere.

Its one rule: an address that stood in a tool's result before is what its author wrote, and carries nothing of others.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_plus

from ringfence.screens.output.context import Context, words_of
from ringfence.screens.output.hosts import unquote_entities

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
    for reading in _readings(text):
        lowered = reading.lower()
        numbers = _NUMBERS.findall(lowered)
        found |= words_of((lowered, *numbers)) & context.private
        found.update(_inside(lowered, _GLUED, prefixes))
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


def _readings(text: str) -> Iterator[str]:
    """The text as it is, unquoted, and its values decoded from base64, hexadecimal, rot13 and reversed."""
    plain = unquote_plus(unquote_plus(text))
    yield plain
    yield codecs.encode(plain, "rot13")
    yield plain[::-1]
    for value in re.split(r"[=&;/#?:,]", unquote_plus(text).replace(" ", "+")):
        if len(value) >= 8:
            yield from _decoded(value)


def _decoded(value: str) -> Iterator[str]:
    padded = value.replace("-", "+").replace("_", "/").rstrip("=")
    for decode in (_base64, _base32, bytes.fromhex):
        try:
            yield decode(padded).decode("utf-8")
        except (binascii.Error, ValueError):
            continue


def _base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _base32(text: str) -> bytes:
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))
