"""The ways in which the text of an address can be read: what somebody does to data so that it is not recognised.

Its one rule: the work is bounded by the length of the address, and what is left out is the most nested.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote_plus

from ringfence.screens.normalise import clean
from ringfence.screens.output.hosts import unquote_entities
from ringfence.screens.unicode.confusables import FOLD

_DEPTH: Final = 2
_READ: Final = 0.7  # so much of a text are letters, digits and common signs
_SEEN: Final = frozenset(" .,:;=-_+/%&\0'\"{}@")
_MOST: Final = 16_000  # characters that are read, at least; of longer addresses eight times as many as they have
_SHORTEST: Final = 8  # in an encoding
_QUOTED: Final = 6  # times that an address may be percent-encoded
_VALUES: Final = re.compile(r"[=&;/#?:,]")
_PARTS: Final = re.compile(r"[&#/]|[^&#/=]*=")
_NAMED: Final = re.compile(r"(?:^|[&;?#/])[^=&;?#/]{0,40}=")
_APART: Final = re.compile(r"(?:[^\W_]{1,4}[\W_]{1,3}){1,400}[^\W_]{1,4}(?![^\W_])")
_SIGNS: Final = re.compile(r"[\W_]+")
_CODES: Final = re.compile(r"\d{2,3}(?:[^\d]{1,3}\d{2,3}){5,}")
_ATBASH: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba")


def readings(text: str) -> Iterator[str]:
    """The text as it is, unquoted, put together and decoded, in lower case; each once, the nearest first."""
    left = max(_MOST, 8 * len(text))
    seen: set[str] = set()
    waiting: deque[tuple[str, int]] = deque([(text, 0)])
    while waiting and left > 0:
        found, depth = waiting.popleft()
        found = _unquoted(found)
        if found in seen:
            continue
        seen.add(found)
        left -= len(found)
        for one in (found, codecs.encode(found, "rot13"), found.lower().translate(_ATBASH)):
            yield from _plain(one)
            yield from _plain(one[::-1])
        if depth < _DEPTH:
            waiting.extend((one, depth + 1) for one in _decoded(found))
            waiting.extend((one, depth + 1) for one in _decoded(found[::-1]))
            waiting.extend((one, depth + 1) for one in _decoded(codecs.encode(found, "rot13")))


def _unquoted(text: str) -> str:
    for _ in range(_QUOTED):
        made = unquote_plus(unquote_entities(text))
        if made == text:
            break
        text = made
    return text


def _plain(text: str) -> Iterator[str]:
    """As it is read, without what is invisible or passes for a letter, and with what was taken apart put together."""
    text = text.lower()
    yield text
    if not text.isascii():
        text = unicodedata.normalize("NFKC", clean(text)).translate(FOLD).lower()
        yield text
    for one in (text, _NAMED.sub("", text)):
        joined = _APART.sub(lambda found: _SIGNS.sub("", found[0]), one)
        if joined != text:
            yield joined


def _decoded(text: str) -> Iterator[str]:
    for found in _CODES.finditer(text):
        yield "".join(chr(int(code)) for code in re.findall(r"\d+", found[0]) if int(code) < 256)
    values = text.replace(" ", "+")
    parts = (part for pattern in (_VALUES, _PARTS) for part in pattern.split(values))
    for value in dict.fromkeys((*parts, _NAMED.sub("", values))):
        if len(value) >= _SHORTEST:
            yield from _of_value(value)


def _of_value(value: str) -> Iterator[str]:
    """What a value says in base64 (also where it begins in the middle of one), base32, base85 and hexadecimal."""
    digits = re.sub(r"[^A-Za-z0-9+/]", "", value.replace("-", "+").replace("_", "/"))
    for start in range(4):
        yield from _bytes(base64.b64decode, _whole(digits[start:]))
    for decode in (_base32, bytes.fromhex, base64.b85decode, base64.a85decode):
        yield from _bytes(decode, value.rstrip("=") if decode is _base32 else value)


def _base32(text: str) -> bytes:
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))


def _bytes(decode: Callable[[str], bytes], text: str) -> Iterator[str]:
    """The text of decoded bytes, also behind a few that are none."""
    try:
        made = decode(text)
    except (binascii.Error, ValueError, OverflowError):
        return
    found = made.decode("utf-8", errors="replace")
    if sum(one.isalnum() or one in _SEEN for one in found) >= _READ * len(found) > 0:
        yield found


def _whole(digits: str) -> str:
    """Digits of base64 with what is missing at the end; one alone says nothing."""
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return digits + "=" * (-len(digits) % 4)
