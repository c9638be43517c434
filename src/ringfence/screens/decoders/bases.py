"""Bytes written with other bases: base85 in its three alphabets, base58, base45, and uuencoded lines.

Its one rule: see the package. An alphabet that is a part of another's is tried after it, and what decodes to no text
stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from ringfence.screens.decoders import places
from ringfence.screens.decoders.decoder import Decoder, begun, quoted, replacing, tried
from ringfence.screens.patterns import Finder, Pattern, finder

_58: Final = {sign: value for value, sign in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
_45: Final = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")}
_85: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_Z85: Final = str.maketrans(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#", _85
)
# In text in base85 capital letters stand beside signs that are in no word, in ways that programs hardly write.
_LIKE_85: Final = (
    r"<~|(?-i:[A-Z][a-z]?[A-Z0-9]?[!#$%&*+;<=>?@^`{|}~-][0-9A-Za-z!#$%&*+;<=>?@^`{|}~_()-]{16}"
    r"|[!-u]{2}[A-Z0-9][!-/:-@\[-^][!-u]{0,4}[A-Z][!-/:-@\[-^][!-u]{10}"
    r"|[a-z][A-Z0-9][!%&*+/<=>?@^.:()\[\]{}$#-][!-~]{0,9}[a-z][A-Z0-9][!-~]{10})"
)
_SEEN: Final = Pattern(_LIKE_85)
_HEAD: Final = 5  # signs for four bytes
_NAMED: Final = re.compile(r"^[\w-]{1,20}[:=]")  # data:…
_LONGEST_58: Final = 1_500  # its time grows with the square
_QUOTES: Final = "\"'`()[]<>,;"


def base58(run: str) -> bytes:
    """The bytes of a number in base58; none if it is not one."""
    if len(run) > _LONGEST_58 or any(sign not in _58 for sign in run):
        return b""
    number = 0
    for sign in run:
        number = number * 58 + _58[sign]
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base45(run: str) -> Iterator[bytes]:
    run = run.strip()
    for start in range(3):
        yield tried(_from_base45, run[start:])


def _from_base45(run: str) -> bytes:
    made = bytearray()
    for place in range(0, len(run) - 1, 3):
        values = [_45[sign] for sign in run[place : place + 3]]
        number = sum(value * 45**power for power, value in enumerate(values))
        made += number.to_bytes(len(values) - 1, "big")
    return bytes(made)


def _base85(run: str) -> Iterator[bytes]:
    """Ascii85 between its marks; else the alphabet of RFC 1924, Ascii85 and Z85, also without quotation marks.

    A line of a program that stands near is none of these.
    """
    if run.startswith("<~"):
        yield tried(_ascii85, run)
        return
    if not _SEEN.found(run):
        return
    run = "".join(run.split())
    for part in dict.fromkeys((run, run.strip(_QUOTES), _NAMED.sub("", run).strip(_QUOTES))):
        yield begun(base64.b85decode, part, _HEAD)
        yield begun(base64.a85decode, part, _HEAD if "z" not in part[:_HEAD] else len(part))
        yield begun(_z85, part, _HEAD)


def _marked_or_apart(find: Finder, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return pattern.finditer(text) if "<~" in text else places.runs(find, pattern, text)


def _ascii85(run: str) -> bytes:
    return base64.a85decode(run.removesuffix("~>") + "~>", adobe=True)


def _z85(run: str) -> bytes:
    return base64.b85decode(run.translate(_Z85))


def _uu(run: str) -> Iterator[bytes]:
    yield tried(_from_uu, run)


def _from_uu(run: str) -> bytes:
    """Lines that begin with the number of their bytes; others are left out."""
    made = bytearray()
    for line in run.replace("\r", "").split("\n"):
        length = (ord(line[:1] or " ") - 32) & 63
        if length and len(line) - 1 in ((length + 2) // 3 * 4, (length + 2) // 3 * 4 + 1):
            made += binascii.a2b_uu(line)
    return bytes(made)


_RUN_85: Final = re.compile(r"<~[!-z\s]{8,}~>|(?<!\S)(?:[!-~]{40,}\r?\n)*[!-~]{20,}(?!\S)")
_FIND_85: Final = finder("[!-~]{20,}", case=True, longest=True)
_RUN_45: Final = re.compile(r"(?<![^\s\"'`(])[0-9A-Z$%*+./:-][0-9A-Z $%*+./:-]{22,}[0-9A-Z$%*+./:-]")
_FIND_45: Final = finder("[0-9A-Z$%*+./:-][0-9A-Z $%*+./:-]{22}", case=True)

BASES: Final = (
    Decoder(
        "base85",
        _LIKE_85,
        replacing(
            _RUN_85,
            quoted(_base85),
            _FIND_85,
            _marked_or_apart,
        ),
    ),
    Decoder(
        "base45",
        r"(?-i:[0-9A-Z][$%*+][0-9A-Z $%*+./:-]{16}|[0-9A-Z $%*+./:-]{16}[0-9A-Z.:/-][$%*+])",
        replacing(_RUN_45, quoted(_base45), _FIND_45, places.if_anywhere),
    ),
    Decoder(
        "uuencode",
        r"begin [0-7]{3} [^\n]{1,80}\n|(?-i:\nM[ -`]{60}\r?\n)",
        replacing(
            re.compile(r"(?:begin [0-7]{3} [^\n]{1,80}\n)?(?m:^[!-M][ -`]{4,63}\r?$\n?)+(?:`?\n?end\b)?"), quoted(_uu)
        ),
    ),
)
