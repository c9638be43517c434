"""Letters that pass for others: `pаypal.com` with a Cyrillic а, `𝐩𝐚𝐲𝐩𝐚𝐥` in mathematical letters.

Its one rule: whoever reads a name must be able to tell it from every other. A word that mixes scripts has the letters
marked that are not Latin; a name such as an address, also where a whole part of it only consists of letters that look
Latin. Text in a script of its own stays as it is.

The letters are those of Unicode Technical Standard 39 that are drawn like a Latin letter or digit in common fonts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_LOOK_LATIN: Final = frozenset(
    "аеорсухіјѕһԁԛԝӏгпьЬЗзАВЕКМНОРСТУХІЈЅҺԌԚԜЅЁёЇїүҮ"  # Cyrillic
    "αγικνοορτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳϹϺ"  # Greek
    "ագհոսցօզՍՕԼՏ"  # Armenian
    "ᎠᎡᎢᎥᎪᎫᎬᎳᎷᎻᎽᎾᏀᏂᏃᏆᏔᏕᏙᏚᏞᏟᏢᏦᏧ"  # Cherokee
    "ⲟⲞⲣⲢⲥⲤ"  # Coptic
    "ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓤꓥꓦꓧꓨꓩꓪꓫꓬꓮꓰꓲꓳꓴ"  # Lisu
)
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
_DRESSED: Final = ("<font>", "<wide>", "<circle>", "<square>", "<narrow>")
_WORD: Final = re.compile(r"[^\W_]+")
_IN_NAME: Final = re.compile(r"\w[.@]\w")
_NAME: Final = re.compile(r"[\w.+-]*\w[.@]\w[\w.@+-]*")  # an address, a domain, a file's name


def passing_for_others(text: str) -> frozenset[int]:
    """The places of the letters in `text` that a reader would take for others."""
    if text.isascii():
        return frozenset()
    characters = frozenset(text)
    dressed = frozenset(filter(_dressed, characters))
    marked = {place for place, one in enumerate(text) if one in dressed} if dressed else set()
    scripts = {script for one in characters if (script := _script(one)) is not None}
    for word in _WORD.finditer(text) if len(scripts) > 1 else ():
        if not word[0].isascii():
            marked |= _mixed(word)
    if characters.isdisjoint(_LOOK_LATIN):
        return frozenset(marked)
    for name in _NAME.finditer(text) if _IN_NAME.search(text) else ():
        marked |= _looking_latin(name[0], name.start())
    if _only_looks(characters):
        marked |= _looking_latin(text, 0)
    return frozenset(marked)


@lru_cache(maxsize=4096)
def _script(letter: str) -> str | None:
    """The script of a letter, of those that can be mistaken for one another; None for all else."""
    if letter.isascii():
        return "LATIN" if letter.isalpha() else None
    if not unicodedata.category(letter).startswith("L"):
        return None
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in _SCRIPTS else None


@lru_cache(maxsize=4096)
def _dressed(letter: str) -> bool:
    """Whether it is an ASCII letter or digit in another dress: wide, bold, circled."""
    if letter.isascii() or unicodedata.category(letter)[0] not in "LNS":
        return False
    form, _, _ = unicodedata.decomposition(letter).partition(" ")
    plain = unicodedata.normalize("NFKC", letter)
    return form in _DRESSED and plain.isascii() and plain.isalnum()


def _mixed(word: re.Match[str]) -> set[int]:
    """The letters of a word in several scripts that are not Latin; if none is, those that look it."""
    scripts = {script for letter in word[0] if (script := _script(letter)) is not None}
    if len(scripts) < 2:
        return set()
    return {word.start() + place for place, letter in enumerate(word[0]) if _script(letter) not in (None, "LATIN")}


def _only_looks(characters: frozenset[str]) -> bool:
    """Whether what of a text's characters is in other scripts than Latin only consists of letters that look Latin."""
    others = [letter for letter in characters if _script(letter) not in (None, "LATIN")]
    return bool(others) and all(letter in _LOOK_LATIN for letter in others)


def _looking_latin(text: str, start: int) -> set[int]:
    """The words that consist only of letters which look Latin and are not."""
    found: set[int] = set()
    for word in _WORD.finditer(text):
        letters = [letter for letter in word[0] if _script(letter) is not None]
        if letters and all(letter in _LOOK_LATIN for letter in letters):
            found |= {start + word.start() + place for place, letter in enumerate(word[0]) if letter in _LOOK_LATIN}
    return found
