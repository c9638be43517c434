"""Characters that do not show, shown: zero-width, direction marks, tags, controls, blank look-alikes.

Its one rule: nothing that a reader would not see reaches a model unseen. Nothing is dropped silently but the soft
hyphen between two letters, which says where a word may break. What ordinary writing needs stays: joiners between
letters that join (Arabic, Indic scripts) and inside of an emoji, the sign that makes an emoji colourful, newline, tab.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Everything that could be meant: controls, formats, private use, unassigned planes, and what looks blank.
_CANDIDATES: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_JOINERS: Final = "\u200c\u200d"
_JOINING: Final = (
    range(0x0600, 0x0780), range(0x07C0, 0x0E00), range(0x0E80, 0x1000), range(0x1000, 0x10A0),
    range(0x1780, 0x1800), range(0x1800, 0x18B0), range(0xFB50, 0xFE00), range(0xFE70, 0xFF00),
)  # fmt: skip


def shown(text: str) -> str:
    """The text with every character that does not show as ⟨U+202E⟩."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CANDIDATES.sub(lambda found: _shown(text, found.start()), text)


def _shown(text: str, at: int) -> str:
    character = text[at]
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if character == "\u00ad" and before.isalpha() and after.isalpha():
        return ""
    if character in _JOINERS and ((_joins(before) and _joins(after)) or (_picture(before) and _picture(after))):
        return character
    if character in "\ufe0e\ufe0f" and _picture(before):
        return character
    return f"⟨U+{ord(character):04X}⟩"


def _joins(character: str) -> bool:
    return bool(character) and any(ord(character) in span for span in _JOINING)


def _picture(character: str) -> bool:
    """An emoji or a sign that can be one: symbols, digits for keycaps, skin tones, and the sign before a joiner."""
    if not character:
        return False
    return unicodedata.category(character) in {"So", "Sk", "Sm", "Po"} or character in "0123456789#*\ufe0f\u203c\u2049"
