"""The texts by which a cue is known: of every place where a pattern matches, one of them is there.

They are searched for in one of two copies of a text: in `words` a letter or digit stands for itself in lower case and
whatever stands between words is a space; in `signs` every character stands for itself, in lower case.

Its one rule: the list is complete, or there is none. What is frequent in ordinary text goes on for as long as what
follows can be listed, so that it becomes rare.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from training.beginnings import beginnings, beginnings_in_signs, continued
from training.patterns import ALNUM, ANY_OTHER, Choice, Edge, Node, One, Row, Times, is_gap, members
from training.residues import left_after, may_be_absent

Copy: TypeAlias = Literal["words", "signs"]
Count: TypeAlias = Callable[[Copy, str], int]

MOST = 6_000
FREQUENT = 2  # places in the sample from which on a text goes on
SHORTEST: dict[Copy, int] = {"words": 12, "signs": 4}
_MOST_NEXT = 400
_IN_WORDS = ALNUM | {ANY_OTHER}
_SELDOM = 20  # places of a word behind a sign up to which the word is searched for
_WORD = re.compile("[a-z0-9]*")
_GAIN = 0.8  # it goes on if so much of its places or less is left


@dataclass(frozen=True)
class Known:
    """Texts in both copies, of which one is there, and how often each is in the sample.

    `led`: those of words begin with the space before.
    """

    led: bool
    words: tuple[tuple[str, int], ...]
    signs: tuple[tuple[str, int], ...]

    @property
    def cost(self) -> float:
        """What it takes to search for them: places where they are found, and what there is to keep."""
        both = (*self.words, *self.signs)
        return sum(count for _, count in both) + len(both) / 2_000


def known_by(parts: Sequence[Node], count: Count, *, led: bool) -> Known | None:
    """The texts of a row of parts. `led`: something that is no letter or digit stands before it."""
    begun = beginnings(parts)
    if begun is None or any(text[:2] == f"{ANY_OTHER} " for text in begun):
        return None  # the letter behind a gap does not say where the pattern begins
    signed = [text for text in begun if text[0] not in _IN_WORDS]
    others = beginnings_in_signs(parts) if signed else ()
    words = [text for text in begun if text[0] in _IN_WORDS]
    led = led and all(text[0] in ALNUM for text in words)
    found = _in_words(Row(tuple(parts)), words, led, count)
    if others is None or found is None:
        return None
    for text in others:
        word = f"{ANY_OTHER}{_WORD.match(text, 1).group()}"  # type: ignore[union-attr]
        if not led and len(word) > 2 and count("words", word) <= _SELDOM:
            others = tuple(one for one in others if one != text)
            found.add(word)
    return Known(led, _cropped("words", found, count), _cropped("signs", others, count))


def is_led(row: Sequence[Node], place: int, outside: bool) -> bool:
    """Whether what stands before a part of a row is no letter or digit; `outside`: whether it is so before the row."""
    if place == 0:
        return outside
    before = row[place - 1]
    if before in (Edge(r"\b"), Edge("^")):
        return True
    if isinstance(before, Edge) or (is_gap(before) and isinstance(before, Times) and before.least == 0):
        return is_led(row, place - 1, outside)
    return _is_signs(before)


def _is_signs(node: Node) -> bool:
    match node:
        case One(text):
            return ALNUM.isdisjoint(members(text))
        case Choice(ways):
            return all(map(_is_signs, ways))
        case Row(parts):
            return bool(parts) and _is_signs(parts[-1])
        case Times(what, least):
            return least > 0 and _is_signs(what)
        case _:
            return False


def _in_words(tree: Node, begun: Sequence[str], led: bool, count: Count) -> set[str] | None:
    """How texts with which a pattern begins are found in words, those that are frequent with what follows."""
    found, waiting = set[str](), list(begun)
    while waiting:
        text = waiting.pop()
        longer = _longer(tree, text, led, count) if len(found) + len(waiting) < MOST else None
        if longer is None:
            found.add(as_words(text, led))
        else:
            waiting += longer
    return None if any(not text.strip(f" {ANY_OTHER}") for text in found) else found


def _longer(tree: Node, text: str, led: bool, count: Count) -> tuple[str, ...] | None:
    """What a text that is frequent goes on as; None if it is not, or that cannot be listed or does not help."""
    times = count("words", as_words(text, led))
    if times <= FREQUENT:
        return None
    left = left_after(tree, text)
    ended = left_after(tree, text[:-1]) if text.endswith(" ") else left  # a space may be where a word ends
    if left is None and ended is None:
        raise AssertionError(f"{tree} does not begin with {text!r}")
    if left is None or ended is None or any(may_be_absent(one, edges=True) for one in (left, ended)):
        return None
    made = continued(text, left)
    if made is None or len(made) > _MOST_NEXT or text in made:
        return None
    return made if sum(count("words", as_words(one, led)) for one in made) <= _GAIN * times else None


def as_words(text: str, led: bool) -> str:
    """A text in the copy of words. ANY_OTHER is one character, and a space in a gap is as many as there are."""
    return f" {text}" if led else text


def _cropped(copy: Copy, texts: Iterable[str], count: Count) -> tuple[tuple[str, int], ...]:
    """The texts, each as short as it can be without being found more often; those that are found stay as they are."""
    made: dict[str, int] = {}
    for text in texts:
        times = count(copy, text)
        ends = range(min(SHORTEST[copy], len(text)), len(text))
        short = next((end for end in ends if not times and not count(copy, text[:end])), len(text))
        made[text[:short]] = times
    return tuple(sorted((text, times) for text, times in made.items() if not _begins_in(text, made)))


def _begins_in(text: str, others: dict[str, int]) -> bool:
    return any(text[:end] in others for end in range(1, len(text)))
