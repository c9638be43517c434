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
from dataclasses import dataclass
from typing import Final, final
from urllib.parse import unquote, unquote_plus

from ringfence.screens.decoders.bases import base58
from ringfence.screens.decoders.shifts import ATBASH, ROT47
from ringfence.screens.normalise import clean
from ringfence.screens.output.hosts import unquote_entities
from ringfence.screens.output.spellings import spelled
from ringfence.screens.unicode.confusables import FOLD

_DEPTH: Final = 2
_READ: Final = 0.7  # so much of a text are letters, digits and common signs
_READABLE: Final = re.compile(r"[^\W_]|[ .,:;=\-_+/%&\0'\"{}@]")
_NO_DIGIT_OF_64: Final = re.compile(r"[^A-Za-z0-9+/]+")
_MOST: Final = 16_000  # characters that are read, at least; of longer addresses eight times as many as they have
_SHORTEST: Final = 8  # in an encoding
_QUOTED: Final = 6  # times that an address may be percent-encoded
_VALUES: Final = re.compile(r"[=&;/#?:,.]")
_PARTS: Final = re.compile(r"[&#/]|[^&#/=]*=")
_NAMED: Final = re.compile(r"(?:^|[&;?#/])[^=&;?#/]{0,40}=")
_APART: Final = re.compile(r"(?:[^\W_]{1,4}[\W_]{1,3}){1,400}[^\W_]{1,4}(?![^\W_])")
_SIGNS: Final = re.compile(r"[\W_]+")
_ROT5: Final = str.maketrans("0123456789", "5678901234")
_HEX_TO_32: Final = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUV", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """A text in small letters. `disguised`: nobody reads it so without meaning to."""

    text: str
    disguised: bool


def readings(text: str) -> Iterator[Reading]:
    """The text as it is, unquoted, put together and decoded; each once, the nearest first.

    Shifts of letters are left to who looks for words (disguises.py).
    """
    left = max(_MOST, 8 * len(text))
    seen: set[str] = set()
    waiting = deque((one, 0) for one in (_unquoted(text), _unquoted(text, unquote)))
    while waiting and left > 0:
        found, depth = waiting.popleft()
        if found in seen:
            continue
        seen.add(found)
        left -= len(found)
        yield from (Reading(one, depth > 0) for one in _plain(found))
        for changed in (found[::-1], *_changed(found)):
            yield from (Reading(one, True) for one in _plain(changed))
        if depth < _DEPTH and len(found) >= _SHORTEST:
            for turned in (found, found[::-1], codecs.encode(found, "rot13")):
                waiting.extend((_unquoted(one), depth + 1) for one in _decoded(turned))


def _unquoted(text: str, unquoting: Callable[[str], str] = unquote_plus) -> str:
    """The text without escapes; a plus is a space in a query, and a sign elsewhere."""
    for _ in range(_QUOTED):
        made = unquoting(unquote_entities(text))
        if made == text:
            break
        text = made
    return text


def _changed(text: str) -> Iterator[str]:
    """Each letter or digit for another one, by a rule that is no shift of letters."""
    atbash = text.lower().translate(ATBASH)
    yield from (atbash, atbash[::-1])
    for table in (_ROT5, ROT47):
        yield text.translate(table)


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
    yield from spelled(text)
    values = text.replace(" ", "+")
    parts = (part for pattern in (_VALUES, _PARTS) for part in pattern.split(values))
    for value in dict.fromkeys((*parts, _NAMED.sub("", values))):
        if len(value) >= _SHORTEST:
            yield from _of_value(value)


def _of_value(value: str) -> Iterator[str]:
    """What a value says in base64 (also where it begins in the middle of one) and in other bases."""
    digits = _NO_DIGIT_OF_64.sub("", value.replace("-", "+").replace("_", "/"))
    for start in range(4):
        yield from _bytes(base64.b64decode, _whole(digits[start:]))
    bare = value.rstrip("=")
    for alphabet, decode in _BASES:
        if alphabet.fullmatch(bare):
            for one in dict.fromkeys((value, bare)):
                yield from _bytes(decode, one)


def _base32(text: str) -> bytes:
    text = text.rstrip("=").upper()
    return base64.b32decode(text + "=" * (-len(text) % 8))


def _base32_hex(text: str) -> bytes:
    return _base32(text.upper().translate(_HEX_TO_32))


# Signs of a base, as many as six bytes need.
_BASES: Final[tuple[tuple[re.Pattern[str], Callable[[str], bytes]], ...]] = (
    (re.compile("[A-Za-z2-7]{10,}"), _base32),
    (re.compile("[A-Va-v0-9]{10,}"), _base32_hex),
    (re.compile("[0-9A-Fa-f]{12,}"), bytes.fromhex),
    (re.compile("[1-9A-HJ-NP-Za-km-z]{8,1500}"), base58),
    (re.compile("[!-~]{8,}"), base64.b85decode),
    (re.compile("[!-uz]{8,}"), base64.a85decode),
)


def _bytes(decode: Callable[[str], bytes], text: str) -> Iterator[str]:
    """The text of decoded bytes, also behind a few that are none."""
    try:
        made = decode(text)
    except (binascii.Error, ValueError, OverflowError):
        return
    found = made.decode("utf-8", errors="replace")
    if len(_READABLE.findall(found)) >= _READ * len(found) > 0:
        yield found


def _whole(digits: str) -> str:
    """Digits of base64 with what is missing at the end; one alone says nothing."""
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return digits + "=" * (-len(digits) % 4)
