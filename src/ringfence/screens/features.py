"""A text as features of the classifier: words, their parts, neighbours, and classes of words near each other.

Its one rule: training and use call the same functions; a change here needs a new model. What a word contributes does
not depend on its neighbours, so that it is computed once a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zlib import crc32

from ringfence.screens.lexicon import CLASS_OF

BITS: Final = 17
_MASK: Final = (1 << BITS) - 1
_LONGEST: Final = 24
_MOST_TOKENS: Final = 240
_NEAR: Final = 8  # words between two of a class
# Addresses and numbers are kinds of words: which one it is says nothing.
_TOKEN: Final = re.compile(
    r"(?P<mail>[\w.+-]+@[\w-]+\.[\w.-]+)|(?P<url>https?://\S+|www\.\S+)|(?P<number>\d[\d.,:/-]*)"
    r"|(?P<single>[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)"
    r"|(?P<sign><\||\|>|</|\[/?[A-Z]|[{}<>$|`#=\[\]_]|[\"“”«»„‘「」『』]|[:!?;])"
)
# “ opens in English and closes in German; „ opens everywhere. The straight one does both in turn.
_OPENING: Final = frozenset("„«‘「『")
_CLOSING: Final = frozenset("”»」』")
_QUOTES: Final = _OPENING | _CLOSING | frozenset('"“`')
NUMBER: Final = "<number>"
_KINDS: Final = {"mail": "<mail>", "url": "<url>", "number": NUMBER}


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, with kinds in the place of addresses and numbers; at most 240."""
    made: list[str] = []
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        made.append(_KINDS.get(kind or "", "") or found.group().lower()[:_LONGEST])
        if len(made) >= _MOST_TOKENS:
            break
    return made


def word_features(word: str) -> list[int]:
    """The features of a word by itself: the word, and its parts of three and four letters."""
    made = [_number("w", word)]
    if len(word) > 3 and word.isalpha():
        edged = f"^{word}$"
        for size in (3, 4):
            made += [_number("c", edged[place : place + size]) for place in range(len(edged) - size + 1)]
    return made


def pair_features(words: Sequence[str]) -> Iterator[int]:
    """The features of neighbours, and of words with one between them."""
    for first, second in pairwise(words):
        yield _number("b", f"{first} {second}")
    for first, second in zip(words, words[2:], strict=False):
        yield _number("s", f"{first} {second}")


def edge_features(words: Sequence[str]) -> list[int]:
    """How the text begins and ends, and whether it asks."""
    made = [_number("f", word) for word in words[:2]]
    if words:
        made += [_number("l", words[-1]), _number("q", str("?" in words))]
    return made


def context_features(words: Sequence[str]) -> list[int]:
    """All that words contribute by where they stand. Classes count twice: they are few beside words."""
    return [*pair_features(words), *edge_features(words), *2 * class_features(words)]


def class_features(words: Sequence[str]) -> list[int]:
    """Which classes of words stand near each other, in order; with which the text begins; which are in a question.

    A class within quotation marks is another one than the same outside: what is quoted is talked about.
    """
    found = _classes(words)
    asked = "?" in words
    made = [_of_classes("C", name, str(asked)) for name in dict.fromkeys(name for _, name in found)]
    for number, (place, first) in enumerate(found):
        near = [name for other, name in found[number + 1 : number + 4] if other - place <= _NEAR]
        made += [_of_classes("G", first, name) for name in near]
        if len(near) > 1:
            made.append(_of_classes("T", first, near[0], near[1]))
    if found and found[0][0] <= 1:
        made.append(_number("B", found[0][1]))
    return made


def _classes(words: Sequence[str]) -> list[tuple[int, str]]:
    """The classes of the words with their places. Quotation marks count that close again before the end."""
    found: list[tuple[int, str]] = []
    quoted, last = False, max((place for place, word in enumerate(words) if word in _QUOTES), default=-1)
    for place, word in enumerate(words):
        if word in _QUOTES:
            quoted = word not in _CLOSING and (word in _OPENING or not quoted) and place < last
        elif word in CLASS_OF:
            found.append((place, CLASS_OF[word] + "'" * quoted))
    return found


@lru_cache(maxsize=1 << 15)  # there are few classes
def _of_classes(kind: str, *names: str) -> int:
    return _number(kind, " ".join(names))


def _number(kind: str, text: str) -> int:
    return crc32(f"{kind}:{text}".encode("utf-8", "replace")) & _MASK
