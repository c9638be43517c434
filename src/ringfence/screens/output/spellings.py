"""Letters and digits spelled with others: bytes in hexadecimal, octal, bits and codes, names of letters, Morse.

Its one rule: each form is a run of at least so many signs as the shortest private word has; what is no run of it is
left alone.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from typing import Final

from ringfence.screens.decoders.alphabets import MORSE

_FEWEST: Final = 5  # signs and one more
_GAP: Final = r"[^0-9A-Za-z]{1,3}"
_ESCAPES: Final = re.compile(
    rf"(?:(?:\\+x|=|0x|\\+u\{{?|%u|u\+|[^0-9a-z]|^)(?:00)?[0-9a-f]{{2}}\}}?){{{_FEWEST},}}", re.IGNORECASE
)
_BYTE: Final = re.compile(r"[0-9a-f]{2}(?![0-9a-f])", re.IGNORECASE)
_CODES: Final = re.compile(rf"\d{{2,3}}(?:{_GAP}\d{{2,3}}){{{_FEWEST},}}")
_BITS: Final = re.compile(rf"(?:[01][\W_]{{0,2}}){{{7 * _FEWEST},}}[01]")
_NUMBERS: Final = re.compile(rf"\d{{1,2}}(?:{_GAP}\d{{1,2}}){{{_FEWEST},}}")
_PAIRS: Final = re.compile(rf"(?<!\d)(?:[01]\d|2[0-6]){{{_FEWEST},}}(?!\d)")
_MORSE: Final = re.compile(r"(?:[.-]{1,6}[_/ |,]{1,2}){5,}[.-]{1,6}")
_TWICE: Final = re.compile(rf"(?:([^\W_])\1){{{_FEWEST},}}")
_NAMES: Final = {
    name: sign
    for signs, names in (
        ("0123456789", "zero one two three four five six seven eight nine"),
        ("0123456789", "null eins zwei drei vier fünf sechs sieben acht neun"),
        ("0123456789", "zéro un deux trois quatre cinq six sept huit neuf"),
        ("0123456789", "cero uno dos tres cuatro cinco seis siete ocho nueve"),
        (
            string.ascii_lowercase,
            "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec "
            "romeo sierra tango uniform victor whiskey xray yankee zulu",
        ),
        ("0ajx25", "oh alpha juliet x-ray zwo fuenf"),
    )
    for sign, name in zip(signs, names.split(), strict=True)
}
_NAME: Final = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))
_NAMED: Final = re.compile(rf"(?:(?:{_NAME}|\d)[\W_]{{0,3}}){{{_FEWEST},}}", re.IGNORECASE)
_ONE: Final = re.compile(rf"{_NAME}|\d", re.IGNORECASE)


def spelled(text: str) -> Iterator[str]:
    """What runs in a text say, each run in each way that it can be meant."""
    for pattern, readings in _FORMS:
        for found in pattern.finditer(text):
            for read in readings:
                made = read(found.group())
                if made:
                    yield made


def _escaped(run: str) -> str:
    return "".join(chr(int(byte, 16)) for byte in _BYTE.findall(run))


def _coded(base: int) -> Callable[[str], str]:
    def read(run: str) -> str:
        numbers = re.findall(r"\d+", run)
        if base == 8 and any(digit in "89" for digit in run):
            return ""
        return "".join(chr(number) for one in numbers if 31 < (number := int(one, base)) < 256)

    return read


def _of_bits(size: int) -> Callable[[str], str]:
    def read(run: str) -> str:
        bits = re.sub(r"[^01]", "", run)
        return "".join(chr(int(bits[place : place + size], 2)) for place in range(0, len(bits) - size + 1, size))

    return read


def _numbered(run: str) -> str:
    numbers = [int(one) for one in re.findall(r"\d+", run)]
    return "".join(chr(ord("a") + number - 1) for number in numbers if 0 < number <= 26)


def _paired(run: str) -> str:
    return _numbered(" ".join(run[place : place + 2] for place in range(0, len(run), 2)))


def _morse(run: str) -> str:
    return "".join(MORSE.get(sign, " ") for sign in re.split(r"[_/ |,]+", run))


def _named(run: str) -> str:
    return "".join(_NAMES.get(one.lower(), one) for one in _ONE.findall(run))


def _once(run: str) -> str:
    return run[::2]


_FORMS: Final[tuple[tuple[re.Pattern[str], tuple[Callable[[str], str], ...]], ...]] = (
    (_ESCAPES, (_escaped,)),
    (_CODES, (_coded(10), _coded(8))),
    (_BITS, (_of_bits(8), _of_bits(7))),
    (_NUMBERS, (_numbered,)),
    (_PAIRS, (_paired,)),
    (_MORSE, (_morse,)),
    (_TWICE, (_once,)),
    (_NAMED, (_named,)),
)
