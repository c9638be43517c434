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
from ringfence.screens.words import cost, is_word

MORSE: Final = {
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
        "".join(MORSE.get(sign, "\ufffd") for sign in re.split(r"[\s,/|]+", word) if sign) for word in words
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


_PIG: Final = re.compile(r"(?<![A-Za-z])([A-Za-z]{1,20}?)(?:way|yay|ay)(?![A-Za-z])", re.IGNORECASE)
_ANY_WORD: Final = re.compile(r"[A-Za-z]+")
_CONSONANTS: Final = re.compile(r"(?:qu|[b-df-hj-np-tv-z])+", re.IGNORECASE)
_MOST_MOVED: Final = 4
# How a word may begin that nobody knows.
_ONSET: Final = re.compile(
    r"(?:s(?:cr|pr|tr|h|k|l|m|n|p|t|w)|[bcfgp][lr]|[dt]r|[cptw]h|chr|thr|qu|[b-df-hj-np-tv-z])\Z", re.IGNORECASE
)
# Both `how` and `who` become `owhay`: before to, do, does, many, much, long, often, can, I, you and we it is `how`.
_AFTER_HOW: Final = frozenset("otay oday oesday anymay uchmay onglay oftenway ancay iway ouyay eway".split())


def _pig_latin(text: str) -> Iterator[Piece]:
    """Lines of which nearly all words end in -ay."""
    for start, end in lines(text):
        found = list(_PIG.finditer(text, start, end))
        if len(found) >= 4 and 5 * len(found) >= 4 * len(_ANY_WORD.findall(text, start, end)):
            yield from (Piece(*word.span(), _turned(word, text)) for word in found)


def _turned(found: re.Match[str], text: str) -> str:
    """What stood before: the first consonants were put behind, or nothing was and -way or -yay was added."""
    stem, before, after = found.group()[:-2], text[found.start() - 1 : found.start()], text[found.end() :]
    if stem.lower() == "owh":
        following = _ANY_WORD.search(after)
        return "how" if following is not None and following.group().lower() in _AFTER_HOW else "who"
    if stem.lower() == "ew" and "-" in (before, after[:1]):
        return "e"  # e-mail; and not `we`
    bare = [stem[:-1]] if stem[-1:] in "wyWY" else []
    moved = _moved(stem)
    options = moved[:1] + bare + moved[1:] if stem[-1:] in "yY" else bare + moved
    likeliest = min(options, key=cost, default=stem)  # the first of those that are words alike
    return likeliest if is_word(likeliest) else (bare or [_begun_anew(stem)])[0]


def _moved(stem: str) -> list[str]:
    """The stem with one to four consonants of its end in front."""
    most = min(_MOST_MOVED, len(stem) - 1)
    return [
        stem[-count:] + stem[:-count]
        for count in range(1, most + 1)
        if _CONSONANTS.fullmatch(stem, len(stem) - count) is not None
    ]


def _begun_anew(stem: str) -> str:
    """An unknown word, from where its end could be the beginning of one."""
    begun = _ONSET.search(stem)
    return stem if begun is None else begun.group() + stem[: begun.start()]


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
    Decoder("pig-latin", r"(?:[a-z]{0,16}ay[^a-z\n]{1,4}){4}", _pig_latin),
)
