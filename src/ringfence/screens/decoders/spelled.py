"""Letters written as their numbers or as bits of Morse, each letter twice or drawn out, words without their vowels.

Its one rule: see the package. Numbers, bits and abbreviations are everywhere: what is not mostly known words afterwards
stays as it is.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from typing import Final

from ringfence.screens.decoders import places
from ringfence.screens.decoders.alphabets import MORSE
from ringfence.screens.decoders.decoder import Decoder, lines, replacing
from ringfence.screens.patterns import finder
from ringfence.screens.views import Piece
from ringfence.screens.words import by_consonants, in_words, is_word

_SEPARATOR: Final = r"[ \t\-.,:;_/|+]"
_LETTER: Final = r"(?:0?[1-9]|1\d|2[0-6])"
_NUMBERS: Final = rf"(?:{_LETTER}{_SEPARATOR}{{1,3}}){{7}}{_LETTER}"
_RUN: Final = re.compile(rf"(?<![\w.-]){_LETTER}(?:{_SEPARATOR}{{1,3}}{_LETTER}){{7,}}(?!\w)")
_NUMBER: Final = re.compile(r"\d+")
_BITS: Final = r"(?:[01]{1,6}(?:[ \t]*[/|][ \t]*|[ \t]{1,4})){8}[01]{1,6}"
_BIT_RUN: Final = re.compile(r"(?<!\S)[01]{1,6}(?:(?:[ \t]*[/|][ \t]*|[ \t]{1,4})[01]{1,6}){8,}(?!\S)")
_MORSE: Final = (str.maketrans("01", ".-"), str.maketrans("10", ".-"))
_WORDS: Final = re.compile(r"[ \t]*[/|][ \t]*|[ \t]{2,}")
_KNOWN: Final = 0.6  # of the letters, in known words
_FEWEST: Final = 3  # words
_ANY_WORD: Final = re.compile(r"[^\W\d_]+")


def _known(text: str) -> bool:
    """Whether most letters are in known words."""
    words = _ANY_WORD.findall(text)
    return len(words) >= _FEWEST and sum(len(one) for one in words if is_word(one)) >= _KNOWN * sum(map(len, words))


def _numbered(run: str) -> str | None:
    """Letters apart by the commonest mark and words by others; without others, words as they are known."""
    marks = re.findall(r"\D+", run)
    between = Counter(marks).most_common(1)[0][0]
    words = [""]
    for number, mark in zip(_NUMBER.findall(run), (between, *marks), strict=True):
        letter = chr(ord("a") + int(number) - 1)
        if mark == between:
            words[-1] += letter
        else:
            words.append(letter)
    made = " ".join(words) if len(words) > 1 else in_words(words[0]) or ""
    return f"{made}." if _known(made) else None  # there is no mark in it that could end a sentence


def _bits(run: str) -> str | None:
    """Morse with 0 and 1 for its signs, whichever is which."""
    for table in _MORSE:
        words = [
            "".join(MORSE.get(sign, "\ufffd") for sign in word.split()) for word in _WORDS.split(run.translate(table))
        ]
        made = " ".join(words) if len(words) > 1 else in_words(words[0]) or ""
        if _known(made):
            return made
    return None


_PAIR: Final = f"(?:{'|'.join(2 * letter for letter in string.ascii_letters)})"
_TWICE: Final = f"(?-i:{_PAIR}{{5}}|{_PAIR}{{2,4}}[^A-Za-z]{_PAIR}{{2,4}}[^A-Za-z]{_PAIR}{{2}})"
_DOUBLED: Final = re.compile(r"(?<![^\W_])(?:([^\W\d_])\1)+(?![^\W\d_])")


def _once(text: str) -> Iterator[Piece]:
    """Lines of which most letters stand twice, and are known words once."""
    for start, end in lines(text):
        found = list(_DOUBLED.finditer(text, start, end))
        letters = sum(one.end() - one.start() for one in found)
        once = " ".join(one.group()[::2] for one in found)
        if _known(once) and letters >= _KNOWN * sum(map(str.isalpha, text[start:end])):
            yield from (Piece(one.start(), one.end(), one.group()[::2]) for one in found)


# Common words and words of instructions without their vowels, as far as they are no abbreviations of programs.
_BARE: Final = (
    "yr wth tht ths hv whch bfr snd nstrctn nstrctns prvs dsrgrd psswrd psswrds ssstnt cnfdntl trnsfr frwrd vrythng "
    "fllwng gdlns drctvs dwnld nvlp dscls cstmr cstmrs dmnstrtr ddrss vrrd ntrctns prmpt rstrctns"
).split()
_VOWELS: Final = frozenset("aeiouAEIOU")
_CONSONANT: Final = "[b-df-hj-np-tv-z]"
# Three words of several consonants, among which single letters may be.
_NO_VOWELS: Final = rf"(?:[ \t\n]+(?:{_CONSONANT}[ \t\n]+)?{_CONSONANT}{{2,12}}){{3}}[ \t\n.,:;!?]"


# A line of which four of five words have no vowel has three such words in a row, or five words with another between.
# A question mark stands for what is not of ASCII.
_BARE_WORD: Final = "[b-df-hj-np-tv-z?]+"
_GAP: Final = r"[^a-z\n]+"
_FIND_BARE: Final = finder(
    rf"(?m:^|[^a-z\n]){_BARE_WORD}{_GAP}{_BARE_WORD}{_GAP}(?:[a-z?]+{_GAP}{_BARE_WORD}{_GAP})?{_BARE_WORD}(?:[^a-z]|$)"
)


def _with_vowels(text: str) -> Iterator[Piece]:
    """Lines in which hardly a word has a vowel, and for most a known word has these consonants."""
    for low, high in places.lines(_FIND_BARE, text):
        yield from (piece for start, end in lines(text, low, high) for piece in _in_line(text, start, end))


def _in_line(text: str, start: int, end: int) -> Iterator[Piece]:
    words = list(_ANY_WORD.finditer(text, start, end))
    bare = [word for word in words if _VOWELS.isdisjoint(word.group())]
    read = {word.start(): by_consonants(word.group()) for word in bare}
    sure = sum(one is not None for one in read.values())
    if sure >= _FEWEST and 5 * len(bare) >= 4 * len(words) and 5 * sure >= 4 * len(bare):
        for word in bare:
            made = read[word.start()]
            if made is not None and made != word.group():
                yield Piece(word.start(), word.end(), made)


_THRICE: Final = "|".join(3 * letter for letter in string.ascii_lowercase)
_LONG_DRAWN: Final = re.compile(r"([a-z])\1{2,}", re.IGNORECASE)


def _shortened(text: str) -> Iterator[Piece]:
    """Lines with words in which letters stand three times and more, and which are known with one or two of them."""
    for start, end in lines(text):
        words = [one for one in _ANY_WORD.finditer(text, start, end) if _LONG_DRAWN.search(one.group()) is not None]
        made = [(one, _short(one.group())) for one in words]
        if len(made) > 1 and 2 * sum(is_word(short) for _, short in made) > len(made):
            yield from (Piece(one.start(), one.end(), short) for one, short in made)


def _short(word: str) -> str:
    once, twice = _LONG_DRAWN.sub(r"\1", word), _LONG_DRAWN.sub(r"\1\1", word)
    return twice if is_word(twice) and not is_word(once) else once


SPELLED: Final = (
    Decoder("letter-numbers", _NUMBERS, replacing(_RUN, _numbered)),
    Decoder("morse-bits", _BITS, replacing(_BIT_RUN, _bits)),
    Decoder("doubled", _TWICE, _once),
    Decoder("stretched", rf"(?:{_THRICE})[^\n]*(?:{_THRICE})", _shortened),
    Decoder("no-vowels", _NO_VOWELS, _with_vowels, "|".join(_BARE)),
)
