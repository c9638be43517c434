"""Finds the cues of the rules: words, or pairs of words, of which every match of a rule holds one.

    python training/cues.py

writes `screens/data/cues.json`. A screen searches for all cues of all rules at once and runs a rule only where one of
its cues and its `checks` are found; `screens/cues.py` says how. How frequent a cue is in ordinary text decides which
one of the possible cues of a rule is taken: that is counted here, in sentences of documentation and in source code.

Its one rule: a cue that is wrong would hide attacks, so each is derived from the pattern alone, never from examples;
what cannot be derived is left out, and that rule is then searched for by its words as before.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import re2  # noqa: E402
from training.patterns import (  # noqa: E402
    ALNUM,
    ANY_OTHER,
    Choice,
    Edge,
    Node,
    NotUnderstood,
    One,
    Row,
    Times,
    beginning,
    ending,
    exactly,
    flat,
    has_cut,
    has_wide,
    is_cut,
    members,
    read,
    runs,
    trimmed,
    ways,
    width,
    written,
)

from ringfence.screens.cues import SIGNS, WORDS, digest, in_words, pattern_of  # noqa: E402
from ringfence.screens.rules import RULES  # noqa: E402

FILE = ROOT / "src" / "ringfence" / "screens" / "data" / "cues.json"
MOST_WORDS = 4_000  # of one cue
FIRST, SECOND, LONGEST, LONGEST_SIGN = 12, 5, 20, 8  # characters of a cue's words
BLOCK = 4_096
CHECKS = 4
MOST_TIMES, LONGEST_RUN = 8, 64  # repetitions of words, and of characters, in ordinary text
WORTH = 0.6  # a check is worth its time if it holds in at most this share of places


@dataclass(frozen=True)
class Cue:
    """`words` of which one is there. It begins at most `before` characters before the parts `low` to `high` of its row
    and within them; `place` is the part with which it begins, where that is known."""

    kind: str
    words: tuple[str, ...]
    count: float
    low: int = 0
    high: int = 0
    before: float = 0
    place: int | None = None

    @property
    def cost(self) -> float:
        return self.count + len(self.words) / 250 + (self.kind == SIGNS) / 2 + self.of_others * len(TEXT)

    @property
    def of_others(self) -> bool:
        """Whether it is characters that are not of ASCII, of which any stands for any."""
        return any(set(word) <= {ANY_OTHER} for word in self.words)


@dataclass(frozen=True)
class Part:
    """A stretch of a row as a pattern, with how far it reaches beyond the parts `low` to `high`."""

    patterns: tuple[str, ...]
    low: int
    high: int
    before: float
    after: float


def sample() -> str:
    """Ordinary text: sentences of documentation, and source code."""
    code = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "src/ringfence/lang").glob("*.py")))
    pages = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md")))
    return (ROOT / "training/data/docstrings.txt").read_text("utf-8") + code[:200_000] + pages[:100_000]


TEXT = sample()
OTHERS = TEXT.encode("ascii", "replace").replace(b"?", ANY_OTHER.encode())
AS_WORDS = in_words(TEXT.encode("ascii", "replace"))


def _options(case: bool) -> object:
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.encoding = case, False, re2.Options.Encoding.LATIN1
    return options


@cache
def counted(pattern: str, kind: str) -> int:
    """How often a pattern is found in the sample."""
    text = AS_WORDS if kind == WORDS else OTHERS
    return sum(1 for _ in re2.compile(pattern.encode("latin-1"), _options(kind == WORDS)).finditer(text))


def texts(node: Node, kind: str) -> list[tuple[str, bool]] | None:
    """The texts that a part may be, in lower case, each with whether it is all of it; None if they are too many.

    Of words: a space stands for all that is no letter or digit. Of signs: they stand for themselves.
    """
    match node:
        case Edge(text):  # beside an edge of a word stands something else, or nothing
            return [(" " if kind == WORDS and text in ("^", r"\b") else "", True)]
        case One(text):
            return _texts_of_one(text, kind)
        case Choice(options):
            found = [texts(way, kind) for way in options]
            made = list(dict.fromkeys(one for some in found if some is not None for one in some))
            return None if None in found or len(made) > MOST_WORDS else made
        case Row(parts):
            return texts_of_row(parts, kind, 0)
        case Times(what, least, most):
            inner = texts(what, kind)
            if inner is None:
                return None
            absent = [("", True)] if least == 0 else []
            if most == 1 or all(text == " " for text, _ in inner):
                return list(dict.fromkeys(inner + absent))
            return [(text, False) for text, _ in inner] + absent


def _texts_of_one(text: str, kind: str) -> list[tuple[str, bool]] | None:
    found = members(text)
    if not ALNUM.intersection(found):
        if kind == WORDS:
            return [(" ", True)]
        return [(found or ANY_OTHER, True)] if len(found) <= 1 and text.isascii() is bool(found) else None
    if len(found) > 3 or (kind == SIGNS and not (text.isascii() and ALNUM.issuperset(found))):
        return None
    made = [sign if sign in ALNUM else " " for sign in found] + ([] if text.isascii() else [" "])
    return [(sign, True) for sign in dict.fromkeys(made)]


def texts_of_row(parts: Sequence[Node], kind: str, most_words: int) -> list[tuple[str, bool]]:
    """The texts with which a row may begin. `most_words`: where it is long enough; 0 is nowhere."""
    made = [("", True)]
    for part in parts:
        if most_words and all(not whole or _is_long(text, most_words) for text, whole in made):
            break
        found = texts(part, kind)
        longer: dict[tuple[str, bool], None] = {}
        for text, whole in made if found is not None else ():
            if not whole or (most_words and _is_long(text, most_words)):
                longer[text, whole] = None
                continue
            for more, ends in found or ():
                joined = text + (more[1:] if kind == WORDS and text.endswith(" ") and more.startswith(" ") else more)
                longer[_cropped(joined, ends, most_words)] = None
        if found is None or len(longer) > 2 * MOST_WORDS:
            return [(text, False) for text, _ in made]
        made = list(longer)
    return made


def _cropped(text: str, whole: bool, most_words: int) -> tuple[str, bool]:
    """A text without what is not needed of it, so that many are the same."""
    start = len(text) - len(text.lstrip(" "))
    gap = text.find(" ", start)
    most = start + FIRST if gap < 0 else gap + 1 + SECOND
    return (text, whole) if most_words != 2 or len(text) <= most else (text[:most], False)


def _is_long(text: str, most_words: int) -> bool:
    first, gap, second = text.lstrip(" ").partition(" ")
    if most_words == 1:
        return bool(gap) or len(first) >= FIRST
    return len(second) >= SECOND or (len(first) >= FIRST and not gap)


def _shortened(text: str, bounded: bool, most_words: int) -> str:
    """A text as a cue. A caret before it: it begins where a word begins."""
    begins = bounded or text.startswith(" ")
    first, _, second = text.lstrip(" ").partition(" ")
    made = first if most_words == 1 else f"{first} {second[:SECOND]}".rstrip(" ")
    made = made[:LONGEST].rstrip(" ")
    return "" if not made else f"^{made}" if begins and made[0] in ALNUM else made


def cues_of_run(parts: Sequence[Node]) -> Iterator[tuple[Cue, int, bool]]:
    """The cues of parts without cuts, each with the part that it begins in, and whether it begins where that does."""
    parts = flat(Row(tuple(parts)))
    for place, part in enumerate(parts):
        if isinstance(part, Edge):
            continue
        bounded = place > 0 and parts[place - 1] == Edge(r"\b")
        for kind, most_words in ((WORDS, 1), (WORDS, 2), (SIGNS, 1)):
            found = texts_of_row(parts[place:], kind, most_words)
            made = _cue(found, kind, most_words, bounded)
            if made is not None:
                yield made, place, not any(text.startswith(" ") for text, _ in found)
        if isinstance(part, Choice):
            joined = _either([_best(one for one, _, _ in cues_of_run(flat(way))) for way in part.ways])
            if joined is not None:
                yield joined, place, False


def _cue(found: list[tuple[str, bool]], kind: str, most_words: int, bounded: bool) -> Cue | None:
    if kind == SIGNS:
        words = {text[:LONGEST_SIGN] for text, _ in found}
        if not all(len(word) > 1 and not ALNUM.issuperset(word) for word in words):
            return None
    else:
        words = {_shortened(text, bounded, most_words) for text, _ in found}
        if "" in words or not all(ALNUM.intersection(word) for word in words):
            return None
        if most_words == 2 and not any(" " in word for word in words):
            return None
    words = {word for word in words if not any(word[:end] in words for end in range(1 + (word[0] == "^"), len(word)))}
    if not words or len(words) > MOST_WORDS:
        return None
    listed = tuple(sorted(words))
    return Cue(kind, listed, counted(pattern_of(listed, kind), kind))


def _best(cues: Iterable[Cue]) -> Cue | None:
    return min(cues, key=lambda one: one.cost, default=None)


def _either(cues: Sequence[Cue | None]) -> Cue | None:
    """The cue of a choice: one of each way, all of one kind."""
    known = [one for one in cues if one is not None]
    if len(known) < len(cues) or len({one.kind for one in known}) != 1:
        return None
    words = tuple(sorted({word for one in known for word in one.words}))
    return Cue(known[0].kind, words, sum(one.count for one in known))


def cues_of(row: Sequence[Node]) -> Iterator[Cue]:
    """The cues of a row, with where they stand."""
    for place, part in enumerate(row):
        inner = _inner_cue(part) if has_cut(part) else None
        if inner is not None:
            yield Cue(inner.kind, inner.words, inner.count, place, place + 1)
    for low, high in runs(row):
        before, after = ending(row[:low]), beginning(row[high:])
        for one, place, whole in cues_of_run([*row[low:high], *after]):
            if place < high - low:
                yield replace(one, low=low, high=high, place=low + place if whole else None)
        for one, place, _ in cues_of_run([*before, *row[low:high], *after]) if before else ():
            if place < len(flat(Row(tuple(before)))) + high - low:
                yield replace(one, low=low, high=high, before=width(Row(tuple(before))))


def _inner_cue(part: Node) -> Cue | None:
    """The best cue inside a part with a cut."""
    match part:
        case Choice(options):
            return _either([_best(cues_of(flat(way))) for way in options])
        case Times(what, least) if least and not isinstance(what, One):
            return _best(cues_of(flat(what)))
        case _:
            return None


def parts_of(row: Sequence[Node]) -> Iterator[Part]:
    """The stretches of a row, as patterns."""
    for place, part in enumerate(row):
        found = _inner_patterns(part) if has_cut(part) else None
        if found is not None:
            yield Part(found, place, place + 1, 0, 0)
    for low, high in runs(row):
        before, after = ending(row[:low]), beginning(row[high:])
        made = Row(tuple(trimmed([*before, *row[low:high], *after])))
        if any(not isinstance(one, Edge) for one in flat(made)):
            yield Part((written(made),), low, high, width(Row(tuple(before))), width(Row(tuple(after))))


def _inner_patterns(part: Node) -> tuple[str, ...] | None:
    match part:
        case Choice(options):
            found = [_rarest(flat(way)) for way in options]
            return None if None in found else tuple(text for one in found if one is not None for text in one.patterns)
        case Times(what, least):
            if not least:
                return None
            if isinstance(what, One) or (is_cut(part) and not has_cut(what)):
                return (written(what),)
            found_inside = _rarest(flat(what))
            return None if found_inside is None else found_inside.patterns
        case _:
            return None


def _rarest(row: Sequence[Node]) -> Part | None:
    return min(parts_of(row), key=lambda one: counted("|".join(one.patterns), SIGNS), default=None)


@dataclass(frozen=True)
class Reach:
    """How many characters parts may take, if what `unless` says is not in the text."""

    characters: float
    unless: frozenset[str] = frozenset()

    def __add__(self, other: Reach | float) -> Reach:
        if isinstance(other, Reach):
            return Reach(self.characters + other.characters, self.unless | other.unless)
        return Reach(self.characters + other, self.unless)


def reach(node: Node) -> Reach:
    """The width of a part; of what repeats without end, as many repetitions as ordinary text has."""
    match node:
        case Row(parts):
            return sum(map(reach, parts), Reach(0))
        case Choice(options):
            found = list(map(reach, options))
            return Reach(max(one.characters for one in found), frozenset().union(*(one.unless for one in found)))
        case Times(what, _, most):
            inner = reach(what)
            times = most if most is not None else LONGEST_RUN if isinstance(what, One) else MOST_TIMES
            many = (
                frozenset({f"(?:{exactly(what)}){{{times + 1}}}"}) if most is None and inner.characters else frozenset()
            )
            return Reach(inner.characters * times, inner.unless | many)
        case _:
            return Reach(width(node))


def span(row: Sequence[Node], low: int, high: int) -> Reach:
    return sum(map(reach, row[low:high]), Reach(0))


def stretch(row: Sequence[Node], cue: Cue) -> tuple[str | None, int | None]:
    """The pattern that stands where the cue begins, up to a gap over anything, and the part before which it ends."""
    if cue.place is None:
        return None, None
    end = next((place for place in range(cue.place, len(row)) if has_wide(row[place])), len(row))
    tells = any(not isinstance(one, Edge) for one in row[cue.place + 1 : end])
    return (written(Row(tuple(row[cue.place : end]))), end) if tells else (None, None)


def around(row: Sequence[Node], cue: Cue, part: Part, end: int | None) -> tuple[Reach, Reach]:
    """How many characters before the beginning of a cue and after the end of its stretch a part may begin and end.

    `end`: the part before which the stretch ends; None is that there is none, and the cue itself ends where it begins.
    """
    beyond = span(row, cue.low if end is None else end, max(cue.high, part.high)) + part.after + cue.before
    if part.low >= cue.high:
        return Reach(part.before), beyond
    return span(row, min(part.low, cue.low), cue.high) + part.before, beyond


def checks(row: Sequence[Node], cue: Cue, end: int | None) -> list[list[object]]:
    """The patterns that must be found around a cue, the rarest first."""
    made = []
    for part in parts_of(row):
        if end is not None and cue.place is not None and cue.place <= part.low and part.high <= end:
            continue  # the stretch holds it
        pattern = "|".join(f"(?:{one})" for one in part.patterns) if len(part.patterns) > 1 else part.patterns[0]
        before, after = around(row, cue, part, end)
        both = before.characters + after.characters
        share = counted(pattern, SIGNS) * min(BLOCK, both) / len(TEXT)
        if share < WORTH:
            unless = "|".join(sorted(before.unless | after.unless))
            near = [int(before.characters), int(after.characters)] if both < BLOCK else [None, None]
            made.append((share, [pattern, *near, unless if both < BLOCK else ""]))
    return [one for _, one in sorted(made, key=lambda pair: pair[0])[:CHECKS]]


def ways_of(pattern: str) -> list[dict[str, object]] | None:
    """The cue and the checks of each way in which a pattern can match; None if there are none that tell."""
    try:
        rows = ways(read(pattern))
    except NotUnderstood:
        return None
    cues = [_best(cues_of(row)) for row in rows]
    if all(cue is None or cue.of_others for cue in cues):
        return None  # texts of that script would call it everywhere: its words tell more
    made: list[dict[str, object]] = []
    for row, cue in zip(rows, cues, strict=True):
        if cue is None:
            return None
        words = grouped(cue.words) if cue.kind == WORDS else list(cue.words)
        at, end = stretch(row, cue)
        made.append({cue.kind: words, "at": at, "checks": checks(row, cue, end)})
    return made


def grouped(words: Iterable[str]) -> list[str]:
    """Words and pairs of words, those with the same second words together: `first|first second|second`."""
    seconds: dict[str, list[str]] = {}
    for word in words:
        first, _, second = word.partition(" ")
        seconds.setdefault(first, []).append(second)
    firsts: dict[tuple[str, ...], list[str]] = {}
    for first, found in seconds.items():
        firsts.setdefault(tuple(found), []).append(first)
    return [f"{'|'.join(some)} {'|'.join(found)}".rstrip(" ") for found, some in firsts.items()]


def main() -> None:
    found = {
        rule.name: {"pattern": digest(rule.pattern.text), "ways": ways_of(rule.pattern.text)}
        for rule in sorted(RULES, key=lambda rule: rule.name)
    }
    lines = [f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=True)}" for name, one in found.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "ascii")


if __name__ == "__main__":
    main()
