"""The body of an answer, read within its limits.

Its one rule: what is unpacked is counted piece by piece, before the next piece is made. Only what the request asked
for is unpacked (gzip, deflate), one layer of it; anything else is refused without a look.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

from ringfence.connectors.errors import Damaged, NotAllowed

if TYPE_CHECKING:
    from httpx2 import Response

ACCEPT_ENCODING: Final = "gzip, deflate"
_MAX_HEADERS: Final = 64 << 10
_MAX_FIELDS: Final = 200
_PIECE: Final = 1 << 16


class TooLarge(NotAllowed):
    """There is more than is read."""


def require_modest_head(response: Response) -> None:
    """NotAllowed for a head that is larger than any page needs."""
    fields = response.headers.raw
    if len(fields) > _MAX_FIELDS or sum(len(name) + len(value) for name, value in fields) > _MAX_HEADERS:
        raise NotAllowed("the answer has more headers than are read; the page was not taken")


def read_body(response: Response, limit: int) -> bytes:
    """At most `limit` bytes, unpacked. NotAllowed if there are more, Damaged if they cannot be unpacked."""
    stated = response.headers.get("Content-Length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:20]) > limit:
        raise TooLarge(_too_large(limit))
    data = bytearray()
    for piece in _unpacked(response.iter_raw(), response.headers.get("Content-Encoding", "")):
        data += piece
        if len(data) > limit:
            raise TooLarge(_too_large(limit))
    return bytes(data)


def _too_large(limit: int) -> str:
    return f"the page is larger than {limit:,} bytes ([web] max_bytes); it was not taken"


def _unpacked(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    kind = encoding.strip().lower()
    if kind in {"", "identity"}:
        return iter(pieces)
    if kind in {"gzip", "x-gzip"}:
        return _inflated(pieces, zlib.decompressobj(zlib.MAX_WBITS | 16))
    if kind == "deflate":
        return _deflated(pieces)
    raise NotAllowed("the page is packed in a way that was not asked for (only gzip and deflate are); it was not taken")


class _Unpacker(Protocol):
    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _deflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """With the wrapping of zlib, as the standard says, or without it, as some servers send it."""
    source = iter(pieces)
    first = next((piece for piece in source if piece), b"")
    wrapped = len(first) > 1 and first[0] & 0x0F == 8 and (first[0] << 8 | first[1]) % 31 == 0
    bits = zlib.MAX_WBITS if wrapped or len(first) == 1 else -zlib.MAX_WBITS
    return _inflated(_chain(first, source), zlib.decompressobj(bits))


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _inflated(pieces: Iterable[bytes], unpacker: _Unpacker) -> Iterator[bytes]:
    began = False
    try:
        for piece in pieces:
            began = began or bool(piece)
            rest = piece
            while rest and not unpacker.eof:
                made = unpacker.decompress(rest, _PIECE)
                rest = unpacker.unconsumed_tail
                if made:
                    yield made
            while not unpacker.eof and (made := unpacker.decompress(b"", _PIECE)):
                yield made
    except zlib.error:
        raise Damaged("the page cannot be unpacked; its server sends it damaged") from None
    if began and not unpacker.eof:
        raise Damaged("the page ends in the middle of its packed text")
