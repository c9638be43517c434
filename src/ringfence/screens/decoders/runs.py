"""Bytes written as text: base64, base32, hex, binary, decimal and octal codes.

Its one rule: see the package. Digests, identifiers and pictures decode to no text and stay as they are.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Final

from ringfence.screens.decoders import places
from ringfence.screens.decoders.bases import base58
from ringfence.screens.decoders.decoder import Decoder, quoted, replacing, tried
from ringfence.screens.patterns import finder
from ringfence.screens.views import Piece

_64: Final = "[A-Za-z0-9+/_-]"
_SPACE: Final = re.compile(r"[\s>|]+")
_ROT13: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm"
)


def _base64(run: str) -> Iterator[bytes]:
    """Also from a few characters later, from the end, in rot13, and as base58."""
    if run.islower() or run.isupper():
        return
    yield from _turned(_SPACE.sub("", run).replace("-", "+").replace("_", "/"))


def _turned(run: str) -> Iterator[bytes]:
    for turned in (run.rstrip("="), run.lstrip("=")[::-1].rstrip("="), run.translate(_ROT13).rstrip("=")):
        for start in range(4):
            yield tried(_from_base64, turned[start:])
    yield base58(run)


_PADDED: Final = re.compile(rf"(?<!\S){_64}{{2,200}}={{0,2}}(?: {_64}{{2,200}}={{0,2}}){{2,}}(?!\S)")
_ASCII: Final = re.compile(r"[ -~]+")


def _by_words(text: str) -> Iterator[Piece]:
    """Words in base64 one by one: nearly all of a run are words."""
    for found in _PADDED.finditer(text):
        words = found.group().split(" ")
        made = [tried(_from_base64, word.rstrip("=")).decode("latin-1") for word in words]
        if 5 * sum(_ASCII.fullmatch(word) is not None for word in made) >= 4 * len(made):
            yield Piece(found.start(), found.end(), " ".join(made))


_IN_64: Final = quoted(_base64)


def _lines_of_64(run: str) -> str | None:
    """What lines of base64 say. The last may be a word of the text around, most likely after an incomplete group."""
    before, _, last = run.rpartition("\n")
    complete = len(_SPACE.sub("", before)) % 4 == 0
    made = _IN_64(run) if complete else None
    if made is not None or not before:
        return made
    made = _IN_64(before)
    return _IN_64(run) if made is None else f"{made}\n{last}"


def _from_base64(run: str) -> bytes:
    run = run[: len(run) - (len(run) % 4 == 1)]
    return base64.b64decode(run + "=" * (-len(run) % 4), validate=True)


def _base32(run: str) -> Iterator[bytes]:
    run = _SPACE.sub("", run).rstrip("=").upper()
    run = run[: len(run) - {1: 1, 3: 1, 6: 1}.get(len(run) % 8, 0)]
    yield tried(base64.b32decode, run + "=" * (-len(run) % 8))


def _hex(run: str) -> Iterator[bytes]:
    digits = re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", run)
    digits = digits[: len(digits) // 2 * 2]
    yield bytes.fromhex(digits)
    yield bytes.fromhex(digits[::-1])


def _numbers(base: int) -> Callable[[str], Iterator[bytes]]:
    def read(run: str) -> bytes:
        return bytes(int(one, base) for one in re.findall(r"\d+", run))

    def data(run: str) -> Iterator[bytes]:
        yield tried(read, run)
        yield tried(read, run[::-1])

    return data


def _binary(run: str) -> Iterator[bytes]:
    groups = re.findall(r"[01]+", run)
    bits = "".join(groups)
    for size in (7,) if all(len(group) == 7 for group in groups) else (8, 7):
        for turned in (bits, bits[::-1]):
            yield bytes(int(turned[place : place + size], 2) for place in range(0, len(turned) - size + 1, size))


_DIGITS: Final = re.compile("[0-9A-Fa-f]+")


def bytes_of(run: str) -> Iterator[bytes]:
    """What a run without spaces may stand for: in hexadecimal, base32 and base64."""
    if _DIGITS.fullmatch(run):
        yield from _hex(run)
    if run.isupper() or run.islower():
        yield from _base32(run)
    yield from _base64(run)


_PAIR: Final = "[0-9A-Fa-f]{2}"
_WRAP: Final = r"\r?\n[ \t]{0,8}(?:[>|][ \t]?){0,3}"
_GAP: Final = r"[\s:,.;_|/-]{0,3}"
_RUN_64: Final = re.compile(
    rf"(?<![0-9A-Za-z+/_-])={{0,2}}"
    rf"(?:(?:{_64}{{16,}}(?:{_WRAP}|[ ](?={_64}{{48}})))+{_64}{{2,}}|{_64}{{20,}})={{0,2}}"
)
_FIND_64: Final = finder(rf"={{0,2}}{_64}{{16,}}", longest=True)

RUNS: Final = (
    Decoder(
        "hex",
        r"(?:[0-9a-f]{2}[\s:,.;_|/-]?){8}|(?:0x[0-9a-f]{2}[\s,;]*){6}",
        replacing(
            re.compile(
                rf"(?<![0-9A-Za-z])(?:0x)?{_PAIR}([\s:,.;_|/-]{{0,3}})(?:(?:0x)?{_PAIR}(?:\1|\s{{0,2}}\n\s{{0,2}})){{6,}}"
                rf"(?:0x)?{_PAIR}(?![0-9A-Za-z])"
            ),
            quoted(_hex),
        ),
    ),
    Decoder(
        "base32",
        r"(?-i:[A-Z2-7]{16}|[a-z2-7]{4}[2-7][a-z]{1,12}[2-7][a-z2-7]{14})",
        replacing(
            re.compile(
                r"(?<![0-9A-Za-z])(?:(?:[A-Z2-7]{16,}\r?\n)*[A-Z2-7]{16,}|(?:[a-z2-7]{16,}\r?\n)*[a-z2-7]{16,})"
                r"={0,6}(?![0-9A-Za-z])"
            ),
            quoted(_base32),
        ),
    ),
    Decoder(
        "base64",
        r"(?-i:[A-Za-z0-9+/_-]{2}(?:[a-z0-9+/_-]{0,8}[A-Z][A-Z0-9+/_-]{0,8}[a-z]){2}[A-Za-z0-9+/_-]{6})",
        replacing(
            _RUN_64,
            _lines_of_64,
            _FIND_64,
            places.runs,
        ),
    ),
    Decoder(
        "base64-words",
        r"(?-i:[A-Za-z0-9+/]{2,22}={1,2} (?:[A-Za-z0-9+/]{2,24}={0,2} ){0,6}[A-Za-z0-9+/]{2,22}={1,2})",
        _by_words,
    ),
    Decoder(
        "binary",
        r"[01]{7,8}[\s,.;:_|/-]?[01]{7,8}[\s,.;:_|/-]?[01]{7,8}",
        replacing(re.compile(rf"(?<!\w)(?:[01]{{7,8}}{_GAP}){{3,}}(?!\w)"), quoted(_binary)),
    ),
    Decoder(
        "decimal",
        r"(?:\d{2,3}[\s,;.:_|/+-]{1,2}){8}|(?:\w(?:\(|\[)?\d{2,3}(?:\)|\])?[\s,;.:+&]{1,3}\w{0,8}){5}",
        replacing(
            re.compile(
                r"(?<!\d)(?:\d{2,3}[\s,;.:_|/+-]{1,2}){7,}\d{2,3}(?!\d)"
                r"|(?:[A-Za-z]{2,4}[\[(]\d{2,3}[\])][\s,;.:+&]{0,4}){4,}"
            ),
            quoted(_numbers(10)),
        ),
    ),
    Decoder(
        "octal",
        r"(?:(?:\\|0o?)?[01][0-7]{2}[\s,;.:_|/-]?){8}",
        replacing(
            re.compile(rf"(?<!\d)(?:(?:\\|0o?)?[01][0-7]{{2}}{_GAP}){{7,}}(?:\\|0o?)?[01][0-7]{{2}}(?!\d)"),
            quoted(_numbers(8)),
        ),
    ),
)
