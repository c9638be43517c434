"""Whether something that was decoded is text that could be meant to be read.

Its one rule: it looks at a bounded part, and answers no for what is noise.
"""

from __future__ import annotations

import bz2
import lzma
import unicodedata
import zlib
from typing import Final

_LOOKED_AT: Final = 4_096
_FEWEST: Final = 16
_NO_TEXT: Final = frozenset({"Cc", "Cs", "Co", "Cn"})  # controls, surrogates, private and unassigned
MOST_BYTES: Final = 1 << 16
_CUT_OFF: Final = "unexpected end of data"
_TELLING: Final = 4  # bytes, from which zeros tell of UTF-16
_NO_FIRST: Final = bytes((*range(0x80, 0xC2), *range(0xF5, 0x100)))  # with none of these a text in UTF-8 begins
_BZ2, _XZ = b"BZh", b"\xfd7zXZ\0"
_PACKED: Final = (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda", _BZ2, _XZ)
_MEMORY: Final = 1 << 24
_MARKS: Final = frozenset(" \n\r\t.,:;!?'\"-_/()<>[]{}@#=*`\\|+&%$~^’“”«»。，！？、：")


def reads(text: str) -> bool:
    """Whether nearly all of it are letters, digits and ordinary marks, and enough of it letters."""
    part = text[:_LOOKED_AT]
    if not part:
        return False
    letters = sum(map(str.isalpha, part))
    good = sum(character in _MARKS or character.isalnum() for character in part)
    return good >= 0.95 * len(part) and letters >= 0.4 * len(part)


def legible(text: str) -> bool:
    """Whether it reads, or is at least a longer text without a sign that no text has: it may be encoded once more."""
    part = text[:_LOOKED_AT]
    return reads(text) or (len(part) >= _FEWEST and all(map(_is_of_text, part)))


def _is_of_text(character: str) -> bool:
    return character in "\n\r\t" or unicodedata.category(character) not in _NO_TEXT


def text_of(data: bytes) -> str | None:
    """Bytes as text, if they are text in UTF-8 or UTF-16, also packed (gzip, zlib, bzip2, xz), at most MOST_BYTES."""
    if data and data[0] in _NO_FIRST and data[1:2] != b"\0" and not data.startswith(_XZ):
        return None
    data = _unpacked(data[:MOST_BYTES])
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        if problem.reason != _CUT_OFF:
            return None
        text = data[: problem.start].decode(encoding, errors="replace")
    return text if legible(text) else None


def may_begin(data: bytes) -> bool:
    """Whether the bytes may be the first of some that `text_of` reads. No means that it does not read those."""
    if len(data) < _TELLING or data.startswith(_PACKED):
        return True
    try:
        data.decode(_encoding(data))
    except UnicodeDecodeError as problem:
        return problem.reason in (_CUT_OFF, "truncated data")
    return True


def _encoding(data: bytes) -> str:
    if len(data) >= _TELLING and data[1] == 0:
        return "utf-16-le"
    return "utf-16-be" if len(data) >= _TELLING and data[0] == 0 else "utf-8"


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_PACKED):
        return data
    try:
        if data.startswith(_BZ2):
            return bz2.BZ2Decompressor().decompress(data, MOST_BYTES)
        if data.startswith(_XZ):
            return lzma.LZMADecompressor(memlimit=_MEMORY).decompress(data, MOST_BYTES)
        return zlib.decompressobj(wbits=47).decompress(data, MOST_BYTES)
    except (zlib.error, OSError, lzma.LZMAError):
        return data
