"""Finds the cues of the rules: patterns of a few words of which every match of a rule holds one.

    python training/cues.py

writes `screens/data/cues.json`. A screen searches for all cues of all rules at once and runs a rule only where one of
its cues and its `checks` are found; `screens/cues.py` says how. How frequent a cue is in ordinary text decides which
one of the possible cues of a rule is taken: that is counted here, in sentences of documentation and in source code.
So are the patterns by which cues are searched for: from what a cue begins with they go on only as far as that tells.

Its one rule: a cue that is wrong would hide attacks, so each is derived from the pattern alone, never from examples;
what cannot be derived is left out, and that rule is then searched for by its words as before.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import re2  # noqa: E402
from training.literals import Copy, Known, is_led, known_by  # noqa: E402
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
    is_gap,
    members,
    read,
    runs,
    trimmed,
    ways,
    width,
    written,
)

from ringfence.screens.cues import digest, in_words  # noqa: E402
from ringfence.screens.rules import RULES  # noqa: E402

FILE = ROOT / "src" / "ringfence" / "screens" / "data" / "cues.json"
BLOCK = 4_096
CHECKS = 4
MOST_TIMES, LONGEST_RUN = 8, 64  # repetitions of words, and of characters, in ordinary text
WORTH = 0.6  # a check is worth its time if it holds in at most this share of places


@dataclass(frozen=True)
class Spot:
    """A pattern, and the texts by which it is known."""

    known: Known
    at: str


@dataclass(frozen=True)
class Cue:
    """`spots` of which one is there. It begins with the part `low` of its row if `end` says before which part it ends
    at the earliest; else it is somewhere in the parts from `low` to before `high`."""

    spots: tuple[Spot, ...]
    low: int
    high: int
    end: int | None

    @property
    def cost(self) -> float:
        return sum(one.known.cost for one in self.spots)


@dataclass(frozen=True)
class Part:
    """A stretch of a row as a pattern, with how far it reaches beyond the parts `low` to `high`."""

    patterns: tuple[str, ...]
    low: int
    high: int
    before: float
    after: float


def sample() -> str:
    """Ordinary text: sentences of documentation, source code, our pages, and letters in some languages."""
    code = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "src/ringfence/lang").rglob("*.py")))
    pages = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md")))
    letters = (ROOT / "training/european.txt").read_text("utf-8")
    return (ROOT / "training/data/docstrings.txt").read_text("utf-8") + code[:200_000] + pages[:100_000] + letters * 8


TEXT = sample()
SAMPLE = TEXT.encode("ascii", "replace").replace(b"?", ANY_OTHER.encode())
COPIES: dict[Copy, str] = {
    "words": re.sub(" +", " ", f" {in_words(SAMPLE).decode()} "),
    "signs": SAMPLE.decode().lower(),
}
GRAM = 5
GRAMS = {
    copy: {text[at : at + size] for size in range(1, GRAM + 1) for at in range(len(text))}
    for copy, text in COPIES.items()
}


def _options() -> object:
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.encoding = False, False, re2.Options.Encoding.LATIN1
    return options


@cache
def counted(pattern: str) -> int:
    """How often a pattern is found in the sample."""
    return sum(1 for _ in re2.compile(pattern.encode("latin-1"), _options()).finditer(SAMPLE))


@cache
def frequency(copy: Copy, text: str) -> int:
    """How often a text is in a copy of the sample."""
    if copy == "words":
        text = re.sub(" +", " ", text.replace(ANY_OTHER, " "))
    if not all(text[at : at + GRAM] in GRAMS[copy] for at in (0, max(0, len(text) - GRAM))):
        return 0
    return COPIES[copy].count(text)


def cues_of(row: Sequence[Node], *, led: bool = False) -> Iterator[Cue]:
    """The cues of a row: at each place what stands from there to a gap over anything, or what is inside of a choice.

    `led`: something that is no letter or digit stands before the row.
    """
    for place, part in enumerate(row):
        if has_wide(part):
            inner = _inner_cue(part, is_led(row, place, led))
            if inner is not None:
                yield replace(inner, low=place, high=place + 1, end=None)
        elif not isinstance(part, Edge) and not is_gap(part) and not _is_inside(row, place):
            found = _spot(row, place, is_led(row, place, led))
            if found is not None:
                end = next((later for later in range(place, len(row)) if has_wide(row[later])), len(row))
                yield Cue((found,), place, end, end)


def _is_inside(row: Sequence[Node], place: int) -> bool:
    """Whether a letter stands there after another one."""
    return place > 0 and _is_letter(row[place]) and _is_letter(row[place - 1])


def _is_letter(node: Node) -> bool:
    return isinstance(node, One) and 0 < len(members(node.text)) <= 3 and not ALNUM.isdisjoint(members(node.text))


def _spot(row: Sequence[Node], place: int, led: bool) -> Spot | None:
    parts = beginning(row[place:], has_wide)
    known = known_by(parts, frequency, led=led)
    if known is None:
        return None
    bounded = place > 0 and row[place - 1] == Edge(r"\b")
    return Spot(known, (r"\b" if bounded else "") + written(Row(tuple(parts))))


def _best(cues: Iterable[Cue]) -> Cue | None:
    return min(cues, key=lambda one: one.cost, default=None)


def _inner_cue(part: Node, led: bool) -> Cue | None:
    """The best cue inside a part: one of each way of a choice."""
    match part:
        case Choice(options):
            found = [_best(cues_of(flat(way), led=led)) for way in options]
            if None in found:
                return None
            return Cue(tuple(spot for one in found if one is not None for spot in one.spots), 0, 1, None)
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
    return min(parts_of(row), key=lambda one: counted("|".join(one.patterns)), default=None)


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


def around(row: Sequence[Node], cue: Cue, part: Part) -> tuple[Reach, Reach]:
    """How many characters before the beginning of a cue and after its end a part may begin and end.

    Where the end of the cue is not known, it is taken to end where it begins.
    """
    low = cue.low if cue.end is None else cue.end
    beyond = span(row, low, max(low if cue.end is not None else cue.high, part.high)) + part.after
    if cue.end is not None:
        return span(row, min(part.low, cue.low), cue.low) + part.before, beyond
    if part.low >= cue.high:
        return Reach(part.before), beyond
    return span(row, min(part.low, cue.low), cue.high) + part.before, beyond


def checks(row: Sequence[Node], cue: Cue) -> list[list[object]]:
    """The patterns that must be found around a cue, the rarest first."""
    made = []
    for part in parts_of(row):
        if cue.end is not None and cue.low <= part.low and part.high <= cue.end:
            continue  # the cue holds it
        pattern = "|".join(f"(?:{one})" for one in part.patterns) if len(part.patterns) > 1 else part.patterns[0]
        before, after = around(row, cue, part)
        both = before.characters + after.characters
        share = counted(pattern) * min(BLOCK, both) / len(TEXT)
        if share < WORTH:
            unless = "|".join(sorted(before.unless | after.unless))
            near = [int(before.characters), int(after.characters)] if both < BLOCK else [None, None]
            made.append((share, [pattern, *near, unless if both < BLOCK else ""]))
    return [one for _, one in sorted(made, key=lambda pair: pair[0])[:CHECKS]]


def ways_of(pattern: str) -> list[dict[str, Any]] | None:
    """The cue and the checks of each way in which a pattern can match; None if there are none that tell.

    Characters that are not of ASCII tell nothing: texts of that script would call the rule everywhere.
    """
    try:
        rows = ways(read(pattern))
    except NotUnderstood:
        return None
    made: list[dict[str, Any]] = []
    for row in rows:
        cue = _best(cues_of(row))
        if cue is None:
            return None
        made.append({"cues": cue.spots, "ends": cue.end is not None, "checks": checks(row, cue)})
    return made


def main() -> None:
    spots: dict[Spot, int] = {}
    rules = []
    for rule in sorted(RULES, key=lambda rule: rule.name):
        found = ways_of(rule.pattern.text)
        for way in found or ():
            way["cues"] = [spots.setdefault(one, len(spots)) for one in way["cues"]]
        rules.append(f"{json.dumps(rule.name)}: {json.dumps({'pattern': digest(rule.pattern.text), 'ways': found})}")
    cues = [json.dumps(listed(one)) for one in spots]
    lists = ",\n".join(cues), ",\n".join(rules)
    FILE.write_text('{{"cues": [\n{}\n],\n"rules": {{\n{}\n}}}}\n'.format(*lists), "ascii")


def listed(spot: Spot) -> list[object]:
    """A cue as it is looked up."""
    known = spot.known
    return [spot.at, known.led, [text for text, _ in known.words], [text for text, _ in known.signs]]


if __name__ == "__main__":
    main()
