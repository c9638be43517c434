"""Bytes written as text: base64, base32, base85, hex, binary and decimal codes.

Its one rule: see the package. Digests, identifiers and pictures decode to no text and stay as they are.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final

from ringfence.screens.decoders.decoder import Decoder, replacing
from ringfence.screens.readable import text_of

_SPACE: Final = re.compile(r"\s+")


def _quoted(data: Callable[[str], bytes]) -> Callable[[str], str | None]:
    """The text in a run, with a space on each side, or None."""

    def decoded(run: str) -> str | None:
        try:
            text = text_of(data(run))
        except (ValueError, binascii.Error, OverflowError):
            return None
        return None if text is None else f" {text} "

    return decoded


def _base64(run: str) -> bytes:
    if run.islower() or run.isupper():
        return b""
    run = _SPACE.sub("", run).rstrip("=").replace("-", "+").replace("_", "/")
    if len(run) % 4 == 1:
        run = run[:-1]
    return base64.b64decode(run + "=" * (-len(run) % 4), validate=True)


def _base32(run: str) -> bytes:
    run = _SPACE.sub("", run).rstrip("=").upper()
    run = run[: len(run) - {1: 1, 3: 1, 6: 1}.get(len(run) % 8, 0)]
    return base64.b32decode(run + "=" * (-len(run) % 8))


def _ascii85(run: str) -> bytes:
    if run.startswith("<~"):
        return base64.a85decode(run.removesuffix("~>") + "~>", adobe=True)
    for decode in (base64.b85decode, base64.a85decode):
        try:
            data = decode(run)
        except ValueError:
            continue
        if text_of(data) is not None:
            return data
    return b""


def _hex(run: str) -> bytes:
    return bytes.fromhex(re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", run)[: len(run) // 2 * 2])


def _numbers(base: int) -> Callable[[str], bytes]:
    def data(run: str) -> bytes:
        return bytes(int(one, base) for one in re.findall(r"\d+", run))

    return data


def _binary(run: str) -> bytes:
    bits = re.sub(r"[^01]", "", run)
    return bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits) - 7, 8))


# Text in base85 is full of signs that stand in no word, four of them close together at least.
_ODD_SIGNS: Final = r"<~|(?:[^\s!#$%&*+;<=>?@^`{|}~]{1,8}[!#$%&*+;<=>?@^`{|}~]){4}[!-~]{3}"

RUNS: Final = (
    Decoder(
        "hex",
        r"(?:[0-9a-f]{2}[\s:,-]?){8}|(?:0x[0-9a-f]{2}[\s,]*){6}",
        replacing(
            re.compile(
                r"(?<![0-9A-Za-z])(?:(?:0x)?[0-9A-Fa-f]{2}[\s:,-]{0,2}){7,}(?:0x)?[0-9A-Fa-f]{2}(?![0-9A-Za-z])"
            ),
            _quoted(_hex),
        ),
    ),
    Decoder(
        "base32",
        r"(?-i:[A-Z2-7]{16})",
        replacing(re.compile(r"(?<![0-9A-Za-z])[A-Z2-7]{16,}={0,6}(?![0-9A-Za-z])"), _quoted(_base32)),
    ),
    Decoder(
        "base64",
        r"(?-i:[A-Za-z0-9+/_-]{2}(?:[a-z0-9+/_-]{0,8}[A-Z][A-Z0-9+/_-]{0,8}[a-z]){2}[A-Za-z0-9+/_-]{6})",
        replacing(
            re.compile(r"(?<![0-9A-Za-z+/_-])(?:[A-Za-z0-9+/_-]{48,}\s{1,2})*[A-Za-z0-9+/_-]{20,}={0,2}"),
            _quoted(_base64),
        ),
    ),
    Decoder(
        "base85",
        _ODD_SIGNS,
        replacing(
            re.compile(
                r"<~[!-z\s]{8,}~>|(?<!\S)(?=(?:[^\s!#$%&*+;<=>?@^`{|}~]{0,12}[!#$%&*+;<=>?@^`{|}~]){4})[!-~]{20,}(?!\S)"
            ),
            _quoted(_ascii85),
        ),
    ),
    Decoder(
        "binary",
        r"[01]{7,8}[ ,]?[01]{7,8}[ ,]?[01]{7,8}",
        replacing(re.compile(r"(?<!\w)(?:[01]{8}[ ,]{0,2}){3,}(?!\w)"), _quoted(_binary)),
    ),
    Decoder(
        "decimal",
        r"(?:\d{2,3}[ ,;]{1,2}){8}",
        replacing(re.compile(r"(?<!\d)(?:\d{2,3}[ ,;]{1,2}){7,}\d{2,3}(?!\d)"), _quoted(_numbers(10))),
    ),
    Decoder(
        "octal",
        r"(?:\\?[01][0-7]{2}[ ,]?){8}",
        replacing(re.compile(r"(?<!\d)(?:\\?[01][0-7]{2}[ ,]?){7,}\\?[01][0-7]{2}(?!\d)"), _quoted(_numbers(8))),
    ),
)
