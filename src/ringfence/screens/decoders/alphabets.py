"""Other alphabets for the same letters: leetspeak, Morse, Braille, flags, letters turned upside down.

Its one rule: see the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ringfence.screens.decoders.decoder import Decoder, lines, replacing
from ringfence.screens.readable import reads
from ringfence.screens.unicode import tables
from ringfence.screens.unicode.confusables import FLIPPED
from ringfence.screens.views import Piece

_MORSE: Final = {
    code: letter
    for letter, code in zip(
        "abcdefghijklmnopqrstuvwxyz0123456789.,?'!/-:",
        (
            ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- "
            ".-- -..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. "
            ".-.-.- --..-- ..--.. .----. -.-.-- -..-. -....- ---..."
        ).split(),
        strict=True,
    )
}
_MORSE_SIGNS: Final = str.maketrans({"•": ".", "·": ".", "−": "-", "–": "-", "—": "-", "_": "-", "‐": "-"})
# The dots of the letters of Braille, in the order of the alphabet.
_DOTS: Final = (
    "1 12 14 145 15 124 1245 125 24 245 13 123 134 1345 135 1234 12345 1235 234 2345 136 1236 2456 1346 13456 1356"
)
_BRAILLE: Final = {
    0x2800 + sum(1 << (int(dot) - 1) for dot in dots): letter
    for dots, letter in zip(_DOTS.split(), "abcdefghijklmnopqrstuvwxyz", strict=True)
} | {0x2800: " ", 0x2802: ",", 0x2832: ".", 0x2816: "!", 0x2826: "?", 0x2820: "", 0x283C: ""}
_LEET: Final = str.maketrans("0134578@$!|€+", "oieastbasiiet")
_LEET_L: Final = str.maketrans("0134578@$!|€+", "oleastbasllet")
_WORD: Final = re.compile(r"[A-Za-z0-9@$!|€+]{2,}")
_LEET_WORD: Final = re.compile(r"(?=[^A-Za-z]*[A-Za-z])(?:[A-Za-z]*[0134578@$!|€+][A-Za-z0-9@$!|€+]*)[A-Za-z0-9@$]")


def _morse(run: str) -> str | None:
    letters = []
    for sign in re.findall(r"[.\-]+|[/|\n]|\s{2,}|\s", run.translate(_MORSE_SIGNS)):
        if sign[0] in ".-":
            letters.append(_MORSE.get(sign, "\ufffd"))
        elif sign != " ":
            letters.append(" ")
    made = re.sub(" +", " ", "".join(letters))
    return made if reads(made) else None


def _braille(run: str) -> str | None:
    made = run.translate(_BRAILLE)
    return made if reads(made) else None


def _flags(run: str) -> str:
    return "".join(chr(ord(flag) - 0x1F1E6 + ord("a")) if flag >= "\U0001f1e6" else flag for flag in run)


def _leet(text: str) -> Iterator[Piece]:
    """Lines in which several words, and not just a few of many, mix digits and letters."""
    for start, end in lines(text):
        words = list(_WORD.finditer(text, start, end))
        mixed = [word for word in words if _LEET_WORD.fullmatch(word.group()) is not None]
        if len(mixed) >= 2 and 5 * len(mixed) >= len(words):
            line = text[start:end]
            made = [
                _spelled(line, [(one.start() - start, one.end() - start) for one in mixed], table)
                for table in (_LEET, _LEET_L)
            ]
            yield Piece(start, end, made[0] if made[0] == made[1] else " \n".join(made))


def _spelled(line: str, words: list[tuple[int, int]], table: dict[int, int]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in words:
        word = line[start:end]
        closing = "!" if word.endswith("!") else ""
        parts += (line[done:start], word.removesuffix("!").translate(table), closing)
        done = end
    return "".join([*parts, line[done:]])


def _flipped(text: str) -> Iterator[Piece]:
    for start, end in lines(text):
        if len(_UPSIDE_DOWN.findall(text, start, end)) >= 3:
            yield Piece(start, end, text[start:end].lower().translate(FLIPPED)[::-1])


_UPSIDE_DOWN: Final = re.compile("[ɐɔǝɟƃɥᴉıɾʞɯɹʇʌʍʎacefghijkmrtvwy]")

ALPHABETS: Final = (
    Decoder(
        "leetspeak",
        r"(?:[a-z][013457@$!|][a-z]|\b[013457@$][a-z]{2})[^\n]{0,30}(?:[a-z][013457@$!|][a-z0-9]|\b[013457@$][a-z]{2})",
        _leet,
    ),
    Decoder(
        "morse",
        r"(?:[.\-•·−–—_‐]{1,6}[ /|]{1,3}){8}",
        replacing(
            re.compile(r"(?<!\S)(?:[.\-•·−–—_‐]{1,6}(?:[ \t]*[/|\n][ \t]*|[ \t]{1,4})){7,}[.\-•·−–—_‐]{1,6}"), _morse
        ),
    ),
    Decoder("braille", "[⠁-⣿]{3}", replacing(re.compile(r"[⠀-⣿][⠀-⣿\s]+[⠁-⣿]"), _braille)),
    Decoder(
        "flags",
        f"(?:[{tables.REGIONAL}] ?){{5}}",
        replacing(re.compile(rf"[{tables.REGIONAL}](?:\s?[{tables.REGIONAL}]){{4,}}"), _flags),
    ),
    Decoder("upside-down", "[ɐǝɟƃɥɾʞɯɹʇʌʍʎ][^\n]{0,20}[ɐǝɟƃɥɾʞɯɹʇʌʍʎ]", _flipped),
)
