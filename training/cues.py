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
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import re2  # noqa: E402
from training.beginnings import beginnings, pattern_of  # noqa: E402
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
from training.residues import left_after, may_be_absent  # noqa: E402

from ringfence.screens.cues import beginning as beginning_of  # noqa: E402
from ringfence.screens.cues import digest  # noqa: E402
from ringfence.screens.rules import RULES  # noqa: E402

FILE = ROOT / "src" / "ringfence" / "screens" / "data" / "cues.json"
MANY = 400  # beginnings of a cue
RARE = 2  # what is found so seldom in the sample is searched for without what follows
BLOCK = 4_096
CHECKS = 4
MOST_TIMES, LONGEST_RUN = 8, 64  # repetitions of words, and of characters, in ordinary text
WORTH = 0.6  # a check is worth its time if it holds in at most this share of places


@dataclass(frozen=True)
class Spot:
    """A pattern that begins with one of some texts. In these a letter or digit stands for itself in any case, the first
    character may be a sign, and a space after it is what stands between words; a caret before: a word begins there."""

    begins: tuple[str, ...]
    at: str
    count: int

    @property
    def cost(self) -> float:
        in_signs = any(text[0] not in ALNUM and text[1:2] == " " for text in self.begins)
        return self.count * (1 + 3 * in_signs) + len(self.begins) / 2_000 + in_signs


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
        return sum(one.cost for one in self.spots) + self.of_others * len(TEXT)

    @property
    def of_others(self) -> bool:
        """Whether it is characters that are not of ASCII, of which any stands for any."""
        return any(set(text) <= {ANY_OTHER, " "} for one in self.spots for text in one.begins)


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
SAMPLE = TEXT.encode("ascii", "replace").replace(b"?", ANY_OTHER.encode())


def _options() -> object:
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.encoding = False, False, re2.Options.Encoding.LATIN1
    return options


@cache
def counted(pattern: str) -> int:
    """How often a pattern is found in the sample."""
    return sum(1 for _ in re2.compile(pattern.encode("latin-1"), _options()).finditer(SAMPLE))


@cache
def begun(pattern: str, most: int = 3_000) -> int:
    """At how many places of the sample it begins, of which `most` are counted."""
    found, count, place = re2.compile(pattern.encode("latin-1"), _options()), 0, 0
    while count < most and (hit := found.search(SAMPLE, place)) is not None:
        count, place = count + 1, hit.start() + 1
    return count


def cues_of(row: Sequence[Node]) -> Iterator[Cue]:
    """The cues of a row: at each place what stands from there to a gap over anything, or what is inside of a choice."""
    for place, part in enumerate(row):
        if has_wide(part):
            inner = _inner_cue(part)
            if inner is not None:
                yield replace(inner, low=place, high=place + 1, end=None)
        elif not isinstance(part, Edge) and not is_gap(part) and not _is_inside(row, place):
            found = _spot(row, place)
            if found is not None:
                end = next((later for later in range(place, len(row)) if has_wide(row[later])), len(row))
                yield Cue((found,), place, end, end)


def _is_inside(row: Sequence[Node], place: int) -> bool:
    """Whether a letter stands there after another one."""
    return place > 0 and _is_letter(row[place]) and _is_letter(row[place - 1])


def _is_letter(node: Node) -> bool:
    return isinstance(node, One) and 0 < len(members(node.text)) <= 3


def _spot(row: Sequence[Node], place: int) -> Spot | None:
    parts = beginning(row[place:], has_wide)
    bounded = place > 0 and row[place - 1] == Edge(r"\b")
    begins = beginnings(parts, bounded=bounded)
    if begins is None:
        return None
    at = (r"\b" if bounded else "") + written(Row(tuple(parts)))
    return Spot(begins, at, begun(at))


def _best(cues: Iterable[Cue]) -> Cue | None:
    return min(cues, key=lambda one: one.cost, default=None)


def _inner_cue(part: Node) -> Cue | None:
    """The best cue inside a part: one of each way of a choice."""
    match part:
        case Choice(options):
            found = [_best(cues_of(flat(way))) for way in options]
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
        if cue is None or cue.of_others:
            return None
        made.append({"cues": cue.spots, "ends": cue.end is not None, "checks": checks(row, cue)})
    return made


def searched(spots: Iterable[Spot]) -> str:
    """The pattern to search for: beginnings of cues, those that are often found with what follows there.

    A cue with a great many stands as it is. With more of these the engine would have more states to make and to keep.
    """
    cues: dict[str, dict[str, None]] = {}
    whole: dict[str, None] = {}
    for spot in spots:
        if len(spot.begins) > MANY:
            whole[_shortest("", [_tree(spot.at)])] = None
        else:
            for text in spot.begins:
                cues.setdefault(text, {})[spot.at] = None
    return "|".join([pattern_of({text: _after(text, ats) for text, ats in cues.items()}), *whole])


def _after(text: str, patterns: Iterable[str]) -> str:
    """What follows a text in some patterns, as much as tells; empty if anything may, or if the text is rare."""
    ways: list[Node] = []
    for pattern in patterns:
        left = left_after(_tree(pattern), text.removeprefix("^"))
        if left is None:
            raise AssertionError(f"{pattern} does not begin with {text!r}")
        if may_be_absent(left):
            return ""
        ways += left.ways if isinstance(left, Choice) else (left,)
    begins = pattern_of({text: ""})
    return _shortest(begins, ways) if begun(begins) > RARE else ""


def _shortest(begins: str, ways: Sequence[Node]) -> str:
    """The first parts of some ways that tell about as much as all."""
    rows, whole = list(map(flat, ways)), _joined(ways)
    enough = 1.2 * begun(f"{begins}(?:{whole})") + RARE
    for parts in range(1, max(map(len, rows))):
        made = _joined(Row(tuple(row[:parts])) for row in rows)
        if made and begun(f"{begins}(?:{made})", int(enough) + 1) <= enough:
            return made
    return whole


_tree = cache(read)


def _joined(ways: Iterable[Node]) -> str:
    """A pattern for one of some ways; empty if one of them may be absent."""
    made = list(ways)
    return "" if any(map(may_be_absent, made)) else "|".join(dict.fromkeys(map(written, made)))


def shortened(spot: Spot) -> list[object]:
    """A cue as it is looked up: by the first characters of what it begins with."""
    return [sorted({beginning_of(text.removeprefix("^").encode(), 0).decode() for text in spot.begins}), spot.at]


def main() -> None:
    spots, lines = [], []
    for rule in sorted(RULES, key=lambda rule: rule.name):
        found = ways_of(rule.pattern.text)
        for way in found or ():
            spots += way["cues"]
            way["cues"] = list(map(shortened, way["cues"]))
        made = {"pattern": digest(rule.pattern.text), "ways": found}
        lines.append(f"{json.dumps(rule.name)}: {json.dumps(made)}")
    FILE.write_text(f'{{"find": {json.dumps(searched(spots))},\n"rules": {{\n' + ",\n".join(lines) + "\n}}\n", "ascii")


if __name__ == "__main__":
    main()
