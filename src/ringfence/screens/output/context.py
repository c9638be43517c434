"""What is known of a run when its answer is guarded.

Its one rule: it is built from labels. Hosts are named by text that only trusted sources influenced; private words are
those of results that not everyone may read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, final

from ringfence.screens.output.hosts import hosts_in
from ringfence.screens.output.leaks import Pair, Runs, anchors_of, runs_of

_WORD: Final = re.compile(r"[^\W_]+(?:[._%+@-][^\W_]+)*")
_ADDRESS: Final = re.compile(r"(?:https?|ftp)://[^\s<>\"']+", re.IGNORECASE)
SHORTEST: Final = 6  # characters of a private word
_MOST_WORDS: Final = 100_000


@final
@dataclass(frozen=True, slots=True)
class Context:
    """named: hosts that trusted text names. private: words of private data. sources: texts as tools gave them, in which
    an address may stand that was there before. prompts: runs of words of texts that are no part of any answer."""

    named: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()
    prompts: Runs = field(default_factory=frozenset)
    anchors: frozenset[Pair] = field(init=False, repr=False, compare=False)  # neighbours, some of which each run has

    def __post_init__(self) -> None:
        object.__setattr__(self, "anchors", anchors_of(self.prompts))

    @staticmethod
    def of(
        *,
        trusted: Iterable[str] = (),
        private: Iterable[str] = (),
        sources: Iterable[str] = (),
        prompts: Iterable[str] = (),
    ) -> Context:
        """trusted: texts that only trusted sources influenced (the request, the plan, trusted results).
        private: texts that not everyone may read. sources: all texts as tools gave them. prompts: texts of ours.
        """
        named = frozenset[str]().union(*(hosts_in(text) for text in trusted))
        runs = frozenset(run for text in prompts for run in runs_of(text))
        return Context(named, words_of(private), tuple(sources), runs)


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of texts that could tell something: not the shortest, in lower case."""
    found: set[str] = set()
    for text in texts:
        text = _ADDRESS.sub(_words_after_host, text)
        for match in _WORD.finditer(text):
            word = match.group().lower()
            if len(word) >= SHORTEST:
                found.add(word)
                found.update(part for part in re.split(r"[._%+@-]", word) if len(part) >= SHORTEST)
        if len(found) >= _MOST_WORDS:
            break
    return frozenset(found)


def _words_after_host(address: re.Match[str]) -> str:
    """An address without scheme and host: these are in every address of that place."""
    return " " + re.split(r"[/?#]", address.group().partition("//")[2], maxsplit=1)[-1]
