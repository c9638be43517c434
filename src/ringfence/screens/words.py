"""Words of instructions and of everyday English, to find the words in letters without spaces.

Its one rule: most of a run is words of the list, and longer ones among them; else there is no answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Sequence
from functools import cache
from importlib import resources
from typing import Final

from ringfence.screens.lexicon import CLASS_OF

_LONGEST: Final = 18
_MOST: Final = 2_000
_FEWEST: Final = 4  # letters
_LONG_RUN, _DIFFERENT = 20, 5  # so many letters are no words if they are but a few different ones
_KNOWN: Final = 0.75  # of the letters: in words of the list
_LONG: Final = 0.55  # of the letters: in such words of three letters and more
_FOREIGN: Final = frozenset("al an da de di du ed el en er es et il im je la le ou se si tu un um wo yo zu".split())
_MODEL: Final = ("ia", "ki")  # what AI is in other languages
_COST_OF_FOREIGN: Final = 8.0
# What a word costs: the frequent ones of the training's texts least, then the rest, then regular forms.
_FIRST, _RISE, _EVERYDAY, _FORM = 3.5, 4.0, 7.0, 8.0
_UNKNOWN, _UNKNOWN_LETTER = 9.5, 1.8
_UNKNOWN_COSTS: Final = tuple(_UNKNOWN + _UNKNOWN_LETTER * length for length in range(_LONGEST + 1))
_NEVER: Final = float("inf")
_FEW, _MORE = 2, 5  # letters by which words are looked up together
# Words of one or two letters are named: others of that length are parts of words.
_SHORT: Final = frozenset(
    "a i am an as at be by do go he hi if in is it me my no of oh ok on or so to up us we ai ip id".split()
)
_ENDINGS: Final = ("s", "es", "d", "ed", "ing", "ly", "er", "ers", "or", "ors")


def _listed(name: str) -> list[str]:
    return resources.files("ringfence.screens").joinpath(f"data/{name}").read_text(encoding="utf-8").split()


@cache
def _costs() -> dict[str, float]:
    """The words with what using each costs."""
    common, everyday = _listed("words.txt"), _listed("everyday.txt")
    costs = dict.fromkeys(_listed("foreign.txt"), _FORM)
    costs |= {form: _FORM for word in everyday for form in _forms(word)}
    costs |= {word: _EVERYDAY for word in (*everyday, *CLASS_OF) if word.isalpha()}
    costs |= {word: _FIRST + _RISE * rank / len(common) for rank, word in enumerate(common)}
    costs = {word: cost for word, cost in costs.items() if len(word) > 2 or word in _SHORT}
    return dict.fromkeys(_FOREIGN, _COST_OF_FOREIGN) | dict.fromkeys(_MODEL, _EVERYDAY - 1) | costs


def _forms(word: str) -> list[str]:
    """The regular forms of a word; some are no words, and harm nothing."""
    if len(word) < 3:
        return []
    stem = word[:-1] if word[-1] in "ey" else word
    made = [word + ending for ending in _ENDINGS]
    return [*made, stem + "ing", stem + "ed", stem + "or", stem + "ies", stem + "ied", word + word[-1] + "ing"]


def known_words() -> Container[str]:
    """All words that are known, in small letters."""
    return _costs()


def is_word(letters: str) -> bool:
    """Whether the letters are one known word."""
    return letters.lower() in _costs()


def cost(letters: str) -> float:
    """How little a word is to be expected; what is none, least."""
    return _costs().get(letters.lower(), _NEVER)


_NO_VOWELS: Final = str.maketrans("", "", "aeiou")


@cache
def _skeletons() -> dict[str, str]:
    """The likeliest word for the consonants of each."""
    found: dict[str, str] = {}
    for word, _ in sorted(_costs().items(), key=lambda one: (one[1], one[0])):
        found.setdefault(word.translate(_NO_VOWELS), word)
    return found


def by_consonants(letters: str) -> str | None:
    """The likeliest word of which these are the consonants; None if there is none."""
    return _skeletons().get(letters.lower())


def in_words(letters: str, breaks: Sequence[int] = ()) -> str | None:
    """The letters as words with spaces, or None if too few of them are in known words. No word is across a break."""
    text = letters[:_MOST].lower()
    if len(text) < _FEWEST or not text.isascii():
        return letters if len(letters) >= _FEWEST else None
    if len(text) >= _LONG_RUN and len(set(text)) < _DIFFERENT:
        return None
    parts = [letters[start:end] for start, end in itertools.pairwise(_cuts_at(text, breaks) if breaks else _cuts(text))]
    known = [len(part) for part in parts if is_word(part)]
    if sum(known) < _KNOWN * len(text) or sum(size for size in known if size > 2) < _LONG * len(text):
        return None
    return " ".join(parts)


def _cuts_at(text: str, breaks: Sequence[int]) -> list[int]:
    """The same, each stretch between two breaks by itself."""
    stretches = itertools.pairwise((0, *(place for place in breaks if place < len(text)), len(text)))
    return [0, *(low + cut for low, high in stretches for cut in _cuts(text[low:high])[1:])]


@cache
def _reaches() -> dict[str, int]:
    """How long the longest word is that begins with these letters: with the first two, and with the first five."""
    reaches: dict[str, int] = {}
    for word in _costs():
        for begun in (word[:_FEW], word[:_MORE]):
            reaches[begun] = max(len(word), reaches.get(begun, 0))
    return reaches


def _cuts(text: str) -> list[int]:
    """Where the words of the cheapest division begin and end (dynamic programming, a few steps a letter)."""
    known, reach, size = _costs().get, _reaches().get, len(text)
    if known(text, _NEVER) <= 2 * _FIRST:  # no two words cost less
        return [0, size]
    least, came, free = [0.0, *[_NEVER] * size], [0] * (size + 1), [0] * (size + 1)
    for start in range(size):
        cost = least[start]
        longest = reach(text[start : start + _MORE]) or min(_MORE - 1, reach(text[start : start + _FEW], 1))
        for end in range(start + 1, min(size, start + longest) + 1):
            more = known(text[start:end])
            if more is not None and cost + more < least[end]:
                least[end], came[end], free[end] = cost + more, start, end
        # Two unknown parts beside each other cost more than one, if that is not too long.
        for end in range(max(start, free[start]) + 1, min(size, start + _LONGEST) + 1):
            more = _UNKNOWN_COSTS[end - start]
            if cost + more < least[end]:
                least[end], came[end], free[end] = cost + more, start, start + _LONGEST
    cuts = [len(text)]
    while cuts[-1]:
        cuts.append(came[cuts[-1]])
    return cuts[::-1]
