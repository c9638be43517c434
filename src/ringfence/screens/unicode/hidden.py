"""Text that is spelled with invisible characters: tags, bytes in variation selectors, bits in zero-width characters.

Its one rule: it answers with text that reads as text, or with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ringfence.screens.readable import reads

_SHORTEST: Final = 3
_LONGEST: Final = 100_000
_TAG: Final = re.compile("[\U000e0020-\U000e007e]+")
_BITS: Final = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u180e\u202c]+")
_SEPARATORS: Final = ("", "\u200d", "\u2060", "\ufeff")


def hidden_text(run: str) -> str:
    """What a run of invisible characters spells; empty if it spells nothing."""
    if len(run) < _SHORTEST:
        return ""
    run = run[:_LONGEST]
    for reading in (_tags(run), _selected(run), *_bits(run)):
        if len(reading) >= _SHORTEST and reads(reading):
            return reading
    return ""


def _tags(run: str) -> str:
    tags = "".join(_TAG.findall(run))
    return "".join(chr(ord(tag) - 0xE0000) for tag in tags)


def _selected(run: str) -> str:
    data = bytes(_byte(character) for character in run if _is_selector(character))
    return data.decode("utf-8", errors="replace") if len(data) >= _SHORTEST else ""


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _byte(character: str) -> int:
    point = ord(character)
    return point - 0xFE00 if point < 0xFE10 else point - 0xE0100 + 16


def _bits(run: str) -> Iterator[str]:
    """Two characters as zero and one, in both senses, with or without a third between the letters."""
    found = "".join(_BITS.findall(run))
    for separator in _SEPARATORS:
        groups = found.split(separator) if separator else [found]
        used = sorted(set("".join(groups)))
        if len(used) != 2 or len(found) < 16:
            continue
        for zero, one in (used, used[::-1]):
            yield _from_bits(
                ["".join("0" if bit == zero else "1" for bit in group if bit in (zero, one)) for group in groups]
            )


def _from_bits(groups: list[str]) -> str:
    if len(groups) > 1:
        points = [int(group, 2) for group in groups if group]
        return "".join(chr(point) for point in points if point < 0xD800)
    bits = groups[0]
    data = bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits) - 7, 8))
    return data.decode("utf-8", errors="replace")
