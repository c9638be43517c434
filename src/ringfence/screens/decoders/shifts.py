"""Letters replaced by others, or in another order: Caesar's shifts with rot13, atbash, rot47, reversed.

Its one rule: see the package. They are found by words of instructions in their changed form, and for the two forms
that are common also by the small words of English.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from ringfence.screens.decoders.decoder import Decoder, lines
from ringfence.screens.views import Piece

_CUES: Final = (
    *("instructions", "instruction", "previous", "ignore", "disregard", "password", "passwords", "system", "prompt"),
    *("assistant", "forward", "secret", "reveal", "confidential", "execute", "transfer", "download"),
)
_SMALL: Final = ("the", "and", "you", "your", "this", "with", "from", "that", "all", "not", "must", "tell", "send")
_LOWER: Final = string.ascii_lowercase
_ROT47: Final = "".join(map(chr, range(33, 127)))

Table: TypeAlias = dict[int, int]


def _shift(amount: int) -> Table:
    moved = _LOWER[amount:] + _LOWER[:amount]
    return str.maketrans(_LOWER + _LOWER.upper(), moved + moved.upper())


_ATBASH: Final[Table] = str.maketrans(_LOWER + _LOWER.upper(), _LOWER[::-1] + _LOWER[::-1].upper())
_47: Final[Table] = str.maketrans(_ROT47, _ROT47[47:] + _ROT47[:47])


def _translated(table: Table, trigger: re.Pattern[str]) -> Callable[[str], Iterator[Piece]]:
    def pieces(text: str) -> Iterator[Piece]:
        for start, end in lines(text):
            if trigger.search(text, start, end) is not None:
                yield Piece(start, end, text[start:end].translate(table))

    return pieces


def _substitution(name: str, back: Table, forth: Table, *, small: bool = False) -> Decoder:
    words = [word.translate(forth) for word in _CUES]
    words += [word.translate(forth) for word in _SMALL] if small else []
    return Decoder(name, "", _translated(back, _any(words)), "|".join(words))


def _any(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{word}\b" if word.isalpha() else re.escape(word) for word in words), re.IGNORECASE)


def _reversed_lines(text: str) -> Iterator[Piece]:
    for start, end in lines(text):
        if _BACKWARDS.search(text, start, end) is not None:
            line = text[start:end]
            backwards = " ".join(word[::-1] for word in line.split())  # each word by itself
            yield Piece(start, end, f"{line[::-1]} \n{backwards}")


_REVERSED: Final = [word[::-1] for word in _CUES] + [word[::-1] for word in _SMALL if word != "not"]
_BACKWARDS: Final = _any(_REVERSED)

SHIFTS: Final = (
    *(
        _substitution(
            "rot13" if amount == 13 else f"caesar-{amount}", _shift(26 - amount), _shift(amount), small=amount == 13
        )
        for amount in range(1, 26)
    ),
    _substitution("atbash", _ATBASH, _ATBASH),
    _substitution("rot47", _47, _47),
    Decoder("reversed", "", _reversed_lines, "|".join(_REVERSED)),
)
