"""Other alphabets for the same letters: Morse, Braille, flags, letters turned upside down, dialects of children.

Its one rule: see the package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from ringfence.screens.decoders.decoder import Decoder, lines, replacing
from ringfence.screens.decoders.leetspeak import LEETSPEAK
from ringfence.screens.readable import legible
from ringfence.screens.unicode import tables
from ringfence.screens.unicode.confusables import FLIPPED
from ringfence.screens.views import Piece
from ringfence.screens.words import cost

_MORSE: Final = {
    code: sign
    for sign, code in zip(
        "abcdefghijklmnopqrstuvwxyz0123456789.,?'!/-:()&;=+_\"$@",
        (
            ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- "
            ".-- -..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. "
            ".-.-.- --..-- ..--.. .----. -.-.-- -..-. -....- ---... -.--. -.--.- .-... -.-.-. -...- .-.-. ..--.- "
            ".-..-. ...-..- .--.-."
        ).split(),
        strict=True,
    )
}
_DOTS_AND_DASHES: Final = str.maketrans("•·∙●⋅。−–—_‐‑─", "......-------")
_MORSE_SIGN: Final = r"[.\-•·∙●⋅−–—_‐‑─]"
# Between letters a space, or one mark; between words more of it, or another mark.
_MORSE_GAP: Final = r"(?:[ \t]*[/|\n][ \t]*|[ \t]{1,7}|,[ \t]?)"
# The dots of the letters of Braille, in the order of the alphabet.
_DOTS: Final = (
    "1 12 14 145 15 124 1245 125 24 245 13 123 134 1345 135 1234 12345 1235 234 2345 136 1236 2456 1346 13456 1356"
)
_CAPITAL, _NUMBER = "\u2820", "\u283c"
_BRAILLE: Final = {
    0x2800 + sum(1 << (int(dot) - 1) for dot in dots): letter
    for dots, letter in zip(_DOTS.split(), "abcdefghijklmnopqrstuvwxyz", strict=True)
} | {
    0x2800: " ",
    0x2802: ",",
    0x2832: ".",
    0x2816: "!",
    0x2826: "?",
    0x2806: ";",
    0x2812: ":",
    0x2804: "'",
    0x2824: "-",
}
_BRAILLE_DIGITS: Final = str.maketrans("abcdefghij", "1234567890")
_BRAILLE_NUMBER: Final = re.compile(f"{_NUMBER}([a-j]+)")


def _morse(run: str) -> str | None:
    """Letters apart by spaces and words by wider gaps or strokes; or letters by strokes and words by spaces or two."""
    signs = run.translate(_DOTS_AND_DASHES)
    words = re.split(r"\s*[/|\n]\s*[/|\n\s]*|\s{2,}|\t", signs)
    if sum(" " not in word for word in words) > len(words) / 2 and len(words) > 3:
        words = re.split(r"\s*[/|]\s*[/|]\s*|\s+", signs) if re.search(r"[/|]", signs) else [signs]
    made = " ".join(
        "".join(_MORSE.get(sign, "\ufffd") for sign in re.split(r"[\s,/|]+", word) if sign) for word in words
    )
    return made if legible(made) else None


def _signed(characters: str, least: int, read: Callable[[str], str]) -> Callable[[str], Iterator[Piece]]:
    """Runs of an alphabet's signs in the lines that have a long enough one, each read by itself."""
    run = re.compile(f"[{characters}]+(?: [{characters}]+)*")

    def pieces(text: str) -> Iterator[Piece]:
        for start, end in lines(text):
            found = list(run.finditer(text, start, end))
            if max((one.end() - one.start() for one in found), default=0) >= least:
                yield from (Piece(one.start(), one.end(), read(one.group())) for one in found)

    return pieces


def _braille(run: str) -> str:
    """Grade 1: a letter a cell, with the signs for capitals and numbers."""
    made = run.replace(_CAPITAL, "").translate(_BRAILLE)
    return _BRAILLE_NUMBER.sub(lambda found: found[1].translate(_BRAILLE_DIGITS), made).replace(_NUMBER, "")


def _flags(run: str) -> str:
    return "".join(chr(ord(flag) - 0x1F1E6 + ord("a")) if flag >= "\U0001f1e6" else flag for flag in run)


# In a line that stands on its head there is no r: the normaliser makes one of the turned j.
_TURNED: Final = FLIPPED | {ord("r"): "j"}
_UPSIDE_DOWN: Final = re.compile("[ɐɔǝɟƃɥᴉıɾʞɯɹʇʌʍʎ]")


def _flipped(text: str) -> Iterator[Piece]:
    for start, end in lines(text):
        if len(_UPSIDE_DOWN.findall(text, start, end)) >= 3:
            yield Piece(start, end, text[start:end].lower().translate(_TURNED)[::-1])


_PIG: Final = re.compile(r"\b([A-Za-z]{1,20}?)(way|yay|ay)\b", re.IGNORECASE)
_ANY_WORD: Final = re.compile(r"[A-Za-z]+")


def _pig_latin(text: str) -> Iterator[Piece]:
    """Lines of which nearly all words end in -ay."""
    for start, end in lines(text):
        found = list(_PIG.finditer(text, start, end))
        if len(found) >= 4 and 5 * len(found) >= 4 * len(_ANY_WORD.findall(text, start, end)):
            yield from (Piece(word.start(), word.end(), _turned(word.group())) for word in found)


def _turned(word: str) -> str:
    """What stood before: the first consonants were put behind, or nothing was and -way or -yay was added."""
    stem = word[:-2]
    turned = [stem[-count:] + stem[:-count] for count in (1, 2, 3, 4)]
    bare = [stem[:-1]] if stem[-1:] in "wyWY" else []
    options = turned + bare if stem[-1:] in "yY" else bare + turned
    return min(options, key=cost)  # the first of those that are words alike: `the` rather than the Dutch `het`


ALPHABETS: Final = (
    LEETSPEAK,
    Decoder(
        "morse",
        rf"(?:{_MORSE_SIGN}{{1,7}}{_MORSE_GAP}){{8}}",
        replacing(re.compile(rf"(?<!\S)(?:{_MORSE_SIGN}{{1,7}}{_MORSE_GAP}{{1,2}}){{7,}}{_MORSE_SIGN}{{1,7}}"), _morse),
    ),
    Decoder("braille", "[⠁-⣿]{3}", _signed("⠀-⣿", 3, _braille)),
    Decoder("flags", f"(?:[{tables.REGIONAL}] ?){{5}}", _signed(tables.REGIONAL, 5, _flags)),
    Decoder("upside-down", "(?-i:[ɐǝɟƃɥɾʞɯɹʇʌʍʎ][^\n]{0,20}[ɐǝɟƃɥɾʞɯɹʇʌʍʎ])", _flipped),
    Decoder("pig-latin", r"(?:\b[a-z]{0,16}ay\b[^a-z\n]{1,3}){4}", _pig_latin),
)
