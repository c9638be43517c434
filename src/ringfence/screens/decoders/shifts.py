"""Letters replaced by others, or in another order: Caesar's shifts with rot13, atbash, rot47, reversed.

Its one rule: see the package. They are found by common words and words of instructions in their changed form; then a
part of a line is read so in which words become known that were none before.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from ringfence.screens.decoders.cues import REAL, WORDS
from ringfence.screens.decoders.decoder import Decoder, lines
from ringfence.screens.views import Piece
from ringfence.screens.words import is_word

_REAL_WORDS: Final = frozenset(REAL)
_LOWER: Final = string.ascii_lowercase
_SIGNS_OF_47: Final = "".join(map(chr, range(33, 127)))
_WORD: Final = re.compile(r"[A-Za-z]+")
_LONG: Final = 6  # letters, from which one word is enough

Table: TypeAlias = dict[int, int]
Change: TypeAlias = Callable[[str], str]


def _shift(amount: int) -> Table:
    moved = _LOWER[amount:] + _LOWER[:amount]
    return str.maketrans(_LOWER + _LOWER.upper(), moved + moved.upper())


ATBASH: Final[Table] = str.maketrans(_LOWER + _LOWER.upper(), _LOWER[::-1] + _LOWER[::-1].upper())
ROT47: Final[Table] = str.maketrans(_SIGNS_OF_47, _SIGNS_OF_47[47:] + _SIGNS_OF_47[:47])


_AT_EDGE: Final = 2  # so many words beside what is read backwards belong to it


def _gained(word: str, back: Change) -> bool:
    return len(word) > 2 and not is_word(word) and is_word(back(word))


def _parts(text: str, start: int, end: int, back: Change) -> Iterator[tuple[int, int]]:
    """The part of a line from its first word that becomes known to its last, with the unknown words beside it."""
    words = list(_WORD.finditer(text, start, end))
    gained = [_gained(word.group(), back) for word in words]
    if gained.count(True) < 2 and not any(
        yes and len(word.group()) >= _LONG for yes, word in zip(gained, words, strict=True)
    ):
        return
    lost = [is_word(word.group()) and not is_word(back(word.group())) for word in words]
    first, last = gained.index(True), len(gained) - 1 - gained[::-1].index(True)
    if lost[first:last].count(True) > gained.count(True) // 2:
        yield from (word.span() for yes, word in zip(gained, words, strict=True) if yes)
        return
    while first > 0 and not is_word(words[first - 1].group()):
        first -= 1
    while last < len(words) - 1 and not is_word(words[last + 1].group()):
        last += 1
    first, last = (first if first > _AT_EDGE else 0), (last if last < len(words) - 1 - _AT_EDGE else len(words) - 1)
    after = [back(word.group()) for word in words[first : last + 1]]
    if 2 * sum(len(word) for word in after if is_word(word)) >= sum(map(len, after)):
        yield words[first].start() if first else start, words[last].end() if last < len(words) - 1 else end


def _translated(table: Table, keys: frozenset[str]) -> Callable[[str], Iterator[Piece]]:
    def back(text: str) -> str:
        return text.translate(table)

    def pieces(text: str) -> Iterator[Piece]:
        for start, end in lines(text):
            if not keys.isdisjoint(word.lower() for word in _WORD.findall(text, start, end)):
                for low, high in _parts(text, start, end, back):
                    yield Piece(low, high, back(text[low:high]))

    return pieces


def _substitution(name: str, back: Table, forth: Table) -> Decoder:
    keys = frozenset(word.translate(forth) for word in WORDS) - _REAL_WORDS
    return Decoder(name, "", _translated(back, keys), "|".join(sorted(keys)))


_REVERSED: Final = frozenset(word[::-1] for word in WORDS) - _REAL_WORDS


def _reversed_lines(text: str) -> Iterator[Piece]:
    for start, end in lines(text):
        if not _REVERSED.isdisjoint(word.lower() for word in _WORD.findall(text, start, end)):
            for low, high in _parts(text, start, end, _turned):
                made = _forwards(text[low:high])
                # Of the same length it would be taken for the same text place by place, and it is not.
                yield Piece(low, high, made if len(made) != high - low else made + " ")


def _forwards(part: str) -> str:
    """Reversed as a whole, or each word by itself: a capital or a mark at an end tells which, else it is both."""
    words = " ".join(map(_turned, part.split()))
    if " " not in part.strip():
        return words
    first, last = part.split()[0], part.split()[-1]
    if first[0] in _END_MARKS or (last[-1].isupper() and not first[-1].isupper()):
        return _turned(part)
    if last[0] in _END_MARKS or (first[-1].isupper() and not last[-1].isupper()):
        return words
    return f"{_turned(part)} \n{words}"


_END_MARKS: Final = ".!?,;"


def _turned(text: str) -> str:
    return text[::-1]


_ORDERS, _EARLIER = "(?:instructions|rules|guidelines|directives|orders)", "(?:previous|prior|earlier)"
_LAST_FIRST: Final = rf"\b{_ORDERS}[^\w\n]+{_EARLIER}\b|\bprompt[^\w\n]+system\b"
_FORWARDS: Final = rf"\b{_EARLIER}[^\w\n]+{_ORDERS}\b|\bsystem[^\w\n]+prompt\b"
_IN_ORDER: Final = re.compile(_LAST_FIRST, re.IGNORECASE)
_AS_WRITTEN: Final = re.compile(_FORWARDS, re.IGNORECASE)


def _last_first(text: str) -> Iterator[Piece]:
    """Lines whose words stand in reverse order."""
    for start, end in lines(text):
        if _IN_ORDER.search(text, start, end) is not None and _AS_WRITTEN.search(text, start, end) is None:
            yield Piece(start, end, " ".join(reversed(text[start:end].split())))


_SIGNED: Final = (
    "instruction",
    "previous",
    "ignore",
    "disregard",
    "password",
    "system",
    "prompt",
    "assistant",
    "reveal",
)
_47_SIGNS: Final = tuple(word.translate(ROT47) for word in _SIGNED)
# Words that are letters and digits in rot47: the, that, have, what, are, was, read, text, after, page, data, user …
_47_WORDS: Final = (
    "e96 e92e 92g6 h92e 2c6 h2d c625 e6ie 27e6c a286 a2j e96j de2ce d92c6 e96d6 6g6cj 52e2 fd6c 566=6e6 32?<"
).split()
# Letters that are beside each other in words of many languages, as far as they have signs that texts have not so: ion,
# not, con, ont, ent, acco, thi, for, com, los, een, van, and, all, ing, ung, tion …
_47_PARTS: Final = (":@? ?@e 4@? @?e 6?e 244@ e9: 7@c 4@> =@d 66? g2? 2?5 2== :?8 f?8 :@?6 2?d j@f 7c@> @c56").split()
_47_KEYS: Final = (*(word.translate(ROT47) for word in _SIGNED), *_47_PARTS, *_47_WORDS)


def _rot47(text: str) -> Iterator[Piece]:
    """Lines that are mostly known words when they are turned back, and are not before."""
    for start, end in lines(text):
        line = text[start:end]
        made = line.translate(ROT47)
        before, after = _WORD.findall(line), _WORD.findall(made)
        known = sum(map(is_word, after))
        if known >= _FEWEST and 2 * known > len(after) and 3 * sum(map(is_word, before)) < 2 * len(before):
            yield Piece(start, end, made)


_FEWEST: Final = 3


SHIFTS: Final = (
    *(
        _substitution("rot13" if amount == 13 else f"caesar-{amount}", _shift(26 - amount), _shift(amount))
        for amount in range(1, 26)
    ),
    _substitution("atbash", ATBASH, ATBASH),
    Decoder("rot47", "", _rot47, "|".join(_47_KEYS)),
    Decoder("reversed", "", _reversed_lines, "|".join(sorted(_REVERSED))),
    Decoder(
        "word-order",
        _LAST_FIRST,
        _last_first,
    ),
)
