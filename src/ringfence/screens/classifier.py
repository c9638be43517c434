"""The classifier that ships with the package: logistic regression over hashed parts of a sentence.

It scores each sentence, and each with the one that follows. Its weights are one file of this package, its training is
`training/train.py`. Its one rule: it is loaded when it is first used, from this package, and only as it was pinned.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from threading import Lock
from typing import Final, final

from ringfence.screens.context import about_attacks, quoted
from ringfence.screens.detector import Block, Hit
from ringfence.screens.features import NUMBER, context_features, tokens, word_features
from ringfence.screens.modelfile import Weights, unpacked
from ringfence.screens.pins import CLASSIFIER
from ringfence.screens.sentences import sentences

FILE: Final = "data/classifier.bin"
_MOST_WORDS: Final = 50_000
_LONGEST_PAIR: Final = 400
_REPORTED: Final = 0.3
# What the words around take away, on the logistic scale.
_ABOUT: Final = 0.5
_QUOTED: Final = 0.5
_IN_A_ROW: Final = 3
_TABLE: Final = [NUMBER] * (_IN_A_ROW + 1)
_FEWEST: Final = 3  # different words
_SHARE: Final = 0.4  # of all tokens
_SWITCHES: Final = re.compile(r"[A-Za-z][0-9]|[0-9][A-Za-z]")
_FEWEST_SWITCHES: Final = 8


@final
class Classifier:
    """Scores sentences. Thread-safe: what it remembers of words can be computed again at any time."""

    name = "classifier"

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = shipped() if weights is None else weights
        self._words: dict[str, tuple[int, int]] = {}
        self._lock = Lock()

    def score(self, text: str) -> float:
        """How much a text reads like an attack, from 0 to 1."""
        words = _without_tables(tokens(text))
        if not _is_language(words) or _is_code(text, len(words)):
            return 0.0
        weights, total, count = self._weights.weights, 0, 0
        for word in words:
            amount, features = self._word(word)
            total += amount
            count += features
        for feature in context_features(words):
            total += weights[feature]
            count += 1
        return _logistic(self._weights.bias + self._weights.scale * total / math.sqrt(count))

    def hits(self, block: Block) -> Iterator[Hit]:
        """Each sentence, or pair of sentences, that scores."""
        view = block.view
        for start, end, score in self._scored(view.text):
            score = _in_context(score, view.text, start, end)
            if score >= _REPORTED:
                low, high = view.span(start, end)
                yield Hit("statistical", round(score, 3), low, high, view.name, self.name)

    def _scored(self, text: str) -> Iterator[tuple[int, int, float]]:
        places = list(sentences(text))
        before: tuple[int, float] | None = None
        for start, end in places:
            score = self.score(text[start:end])
            if score >= _REPORTED:
                yield start, end, score
            if before is not None and end - before[0] <= _LONGEST_PAIR:
                both = self.score(text[before[0] : end])
                if both >= _REPORTED and both > max(score, before[1]):
                    yield before[0], end, both
            before = (start, score)

    def _word(self, word: str) -> tuple[int, int]:
        found = self._words.get(word)
        if found is None:
            features = word_features(word)
            weights = self._weights.weights
            found = (sum(weights[feature] for feature in features), len(features))
            with self._lock:
                if len(self._words) >= _MOST_WORDS:
                    self._words.clear()
                self._words[word] = found
        return found


def _without_tables(words: list[str]) -> list[str]:
    """The words, without what follows the third of numbers in a row: nobody writes so but to list them."""
    if words.count(NUMBER) <= _IN_A_ROW:
        return words
    return [word for place, word in enumerate(words) if words[max(0, place - _IN_A_ROW) : place + 1] != _TABLE]


def _is_language(words: list[str]) -> bool:
    """Whether there are words to judge by. Of tables of numbers, codes and bare markup the training knows nothing."""
    real = [word for word in words if word.isalpha() and (len(word) > 1 or not word.isascii())]
    return len(set(real)) >= _FEWEST and len(real) >= _SHARE * len(words)


def _in_context(score: float, text: str, start: int, end: int) -> float:
    """The score by the words around the sentence, which the classifier has not seen."""
    against = _ABOUT * about_attacks(text, start, end) + _QUOTED * quoted(text, start, end)
    if not against:
        return score
    return _logistic(math.log(score / (1 - score)) - against)


def _is_code(text: str, words: int) -> bool:
    """Whether letters and digits change places in many words: keys, digests, what is in base64."""
    return len(_SWITCHES.findall(text)) >= max(_FEWEST_SWITCHES, words // 4)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


@cache
def shipped() -> Weights:
    """The weights of this package. ConfigError (C561) if the file is not the one that belongs to it."""
    return unpacked(resources.files("ringfence.screens").joinpath(FILE).read_bytes(), CLASSIFIER)
