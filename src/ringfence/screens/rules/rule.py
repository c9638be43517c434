"""What a rule is, and the small notation for its phrases.

In a phrase a space stands for up to a few characters that are no letters (so that punctuation and line breaks between
words change nothing), and `…` for up to 40 characters of anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, final

from ringfence.screens.patterns import Pattern

_GAP: Final = r"[\W_]{1,6}"
_MAYBE_GAP: Final = r"[\W_]{0,6}"
_SOME: Final = r"(?s:.{0,40}?)"
_CLASS: Final = re.compile(r"(\[(?:\\.|[^\]\\])+\])")


@final
@dataclass(frozen=True, slots=True)
class Rule:
    """`words` says what is in every text that the rule matches (see `needs`). `score`: from 0 to 1.

    `firm`: it counts in full also where the text talks about attacks, since no description needs it.
    """

    name: str
    technique: str
    score: float
    words: str
    pattern: Pattern
    firm: bool = False


@final
@dataclass(frozen=True, slots=True)
class Needs:
    """Words of which one of each group must be in a text: as the beginning of a word if they are of Latin letters."""

    groups: tuple[frozenset[str], ...]


def needs(words: str) -> Needs:
    """What `a|b & c|d` says: a or b, and c or d. A bar itself is written as part of the word `<|`."""
    groups = (group.replace("<|", "<\0").split("|") for group in words.split(" & "))
    return Needs(tuple(frozenset(word.replace("\0", "|").casefold() for word in group if word) for group in groups))


def phrase(text: str) -> Pattern:
    """A pattern from a phrase. Inside a class of characters a space is a space."""
    parts = _CLASS.split(text)
    return Pattern("".join(part if number % 2 else _spaced(part) for number, part in enumerate(parts)))


def _spaced(text: str) -> str:
    return text.replace(" … ", "…").replace(" ?", "\0").replace(" ", _GAP).replace("\0", _MAYBE_GAP).replace("…", _SOME)


def exact(text: str) -> Pattern:
    """A pattern as it is written."""
    return Pattern(text)
