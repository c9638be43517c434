"""Whether an invisible character has a job where it stands.

Its one rule: each answer comes from the characters beside it, looked at a bounded number of places away.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.screens.unicode import tables

_EMOJI: Final = tables.one_of(tables.EMOJI)
_PICTURE: Final = tables.one_of(tables.PICTURES)
_AFTER_PICTURE: Final = tables.one_of(tables.PICTURES + "\ufe0f\U0001f3fb-\U0001f3ff")
_JOINING: Final = tables.one_of(tables.JOINING)
_SPACELESS: Final = tables.one_of(tables.SPACELESS)
_HAN: Final = tables.one_of(tables.HAN)
_RIGHT_TO_LEFT: Final = tables.one_of(tables.RIGHT_TO_LEFT)
_MONGOLIAN: Final = tables.one_of("\u1800-\u180a\u1820-\u18af")
_TAG_FLAG: Final = re.compile(f"{tables.BLACK_FLAG}([\U000e0020-\U000e007e]{{1,6}})\U000e007f")
_MATH: Final = tables.one_of("\u2200-\u22ff\u2a00-\u2aff")
_NEAR: Final = 200


def is_legitimate(text: str, place: int) -> bool:
    """Whether the invisible character at a place belongs there."""
    character = text[place]
    before = text[place - 1] if place else ""
    after = text[place + 1] if place + 1 < len(text) else ""
    if character == "\u200d":
        return _joins(before, after)
    if character == "\u200c":
        return _fits(_JOINING, before) and (not after or not after.isascii() or not after.isalnum())
    if character == "\u200b":
        return _fits(_SPACELESS, before) and _fits(_SPACELESS, after)
    if character == tables.SOFT_HYPHEN:
        return _is_hyphenation(text, place)
    if character == "\ufeff":
        return place == 0
    if "\ufe00" <= character <= "\ufe0f" or character >= "\U000e0100":
        return _selects(character, before)
    if character in "\u180b\u180c\u180d\u180f\u180e":
        return _fits(_MONGOLIAN, before)
    if character >= "\U000e0000":
        return _is_flag(text, place)
    if character in "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069":
        return _directs(text, place)
    return False


def _fits(pattern: re.Pattern[str], character: str) -> bool:
    return character != "" and pattern.match(character) is not None


def _joins(before: str, after: str) -> bool:
    if _fits(_AFTER_PICTURE, before) and _fits(_PICTURE, after):
        return True
    return _fits(_JOINING, before) and (after == "" or not after.isascii() or not after.isalnum())


def _selects(character: str, before: str) -> bool:
    if character in "\ufe0e\ufe0f":
        return _fits(_EMOJI, before)
    return _fits(_HAN, before) or (character < "\ufe04" and _fits(_MATH, before))


def _is_hyphenation(text: str, place: int) -> bool:
    """Between two syllables of two letters at least, so that a word cannot be taken apart with it."""
    before, after = text[max(0, place - 2) : place], text[place + 1 : place + 3]
    return len(before) == 2 and len(after) == 2 and before.isalpha() and after.isalpha()


def _is_flag(text: str, place: int) -> bool:
    low = max(0, place - 7)
    for found in _TAG_FLAG.finditer(text, low, place + 8):
        if found.start() < place < found.end():
            return "".join(chr(ord(tag) - 0xE0000) for tag in found[1]) in tables.TAG_FLAGS
    return False


def _directs(text: str, place: int) -> bool:
    """A mark of direction beside its like has no job; one in a line with right-to-left letters has."""
    character = text[place]
    if text[max(0, place - 1) : place] == character or text[place + 1 : place + 2] == character:
        return False
    low = max(text.rfind("\n", 0, place) + 1, place - _NEAR)
    high = text.find("\n", place)
    high = min(len(text) if high < 0 else high, place + _NEAR)
    return _RIGHT_TO_LEFT.search(text, low, high) is not None
