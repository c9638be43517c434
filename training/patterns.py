"""Reads the patterns of rules into trees, and says of a tree what a cue may be made of.

Its one rule: what is not understood is refused, and what a tree says leaves out no text that the pattern matches: case
is ignored throughout, and counts may be loosened but never tightened.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeAlias

ANY_OTHER = "\x1a"  # stands for every character that is not of ASCII
ALNUM = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
MOST_COUNT = 4
_KEPT = 3


class NotUnderstood(Exception):
    """A pattern uses something that is not looked into."""


@dataclass(frozen=True, slots=True)
class One:
    """One character: a literal, an escape or a class, as it is written; `case` if it keeps to its case."""

    text: str
    case: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A place between characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Parts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    ways: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """A part again and again; `most` None is without end."""

    what: Node
    least: int
    most: int | None


Node: TypeAlias = One | Edge | Row | Choice | Times
_EDGES = frozenset({"^", "$", r"\b", r"\B"})
_COUNT = re.compile(r"(?:([?*+])|\{(\d+)(,?)(\d*)\})\??")
_ATOM = re.compile(r"\\x[0-9A-Fa-f]{2}|\\[^\w]|\\[bBwWsSdDnrt]|\[\^?(?:\\.|[^\]\\])+\]|[^\\\[\](){}*+?|]", re.DOTALL)
_GROUP = re.compile(r"\((?:\?(i|s|-i)?:)")


def read(pattern: str) -> Node:
    """The tree of a pattern; NotUnderstood if there is more in it than the rules use."""
    reader = _Reader(pattern)
    made = reader.choice()
    if reader.at != len(pattern):
        raise NotUnderstood
    return made


class _Reader:
    def __init__(self, text: str) -> None:
        self.at = 0
        self._text = text
        self._flags: frozenset[str] = frozenset()

    def choice(self) -> Node:
        ways = [self._row()]
        while self._text.startswith("|", self.at):
            self.at += 1
            ways.append(self._row())
        return ways[0] if len(ways) == 1 else Choice(tuple(ways))

    def _row(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self._text) and self._text[self.at] not in "|)":
            parts.append(self._counted(self._part()))
        return Row(tuple(parts))

    def _part(self) -> Node:
        group = _GROUP.match(self._text, self.at)
        if group is not None:
            return self._group(group)
        atom = _ATOM.match(self._text, self.at)
        if atom is None:
            raise NotUnderstood
        self.at = atom.end()
        if atom.group() == ".":
            return One(r"[\s\S]" if "s" in self._flags else r"[^\n]")
        return Edge(atom.group()) if atom.group() in _EDGES else One(atom.group(), "-i" in self._flags)

    def _group(self, group: re.Match[str]) -> Node:
        self.at = group.end()
        before, self._flags = self._flags, self._flags | {group.group(1)}
        made = self.choice()
        self._flags = before
        if not self._text.startswith(")", self.at):
            raise NotUnderstood
        self.at += 1
        return made

    def _counted(self, part: Node) -> Node:
        found = _COUNT.match(self._text, self.at)
        if found is None:
            return part
        self.at = found.end()
        sign, least, comma, most = found.groups()
        if sign is not None:
            return Times(part, int(sign == "+"), 1 if sign == "?" else None)
        return Times(part, int(least), int(most) if most else None if comma else int(least))


@cache
def members(text: str) -> str:
    """The characters of ASCII that one character's pattern stands for, in lower case."""
    pattern = re.compile(text, re.IGNORECASE | re.ASCII)
    return "".join(sign for sign in map(chr, range(128)) if not sign.isupper() and pattern.fullmatch(sign) is not None)


def width(node: Node) -> float:
    """The most characters that it matches."""
    match node:
        case Edge():
            return 0
        case One():
            return 1
        case Row(parts):
            return sum(map(width, parts))
        case Choice(ways):
            return max(map(width, ways))
        case Times(what, _, most):
            return 0 if width(what) == 0 else math.inf if most is None else width(what) * most


def is_cut(node: Node) -> bool:
    """Whether a cue ends before it: it is repeated more often than a few times, and is no gap between words."""
    if not isinstance(node, Times):
        return False
    return not is_gap(node) and (node.most is None or node.most > MOST_COUNT)


def is_gap(node: Node) -> bool:
    """Whether it is signs and spaces alone, as many as there are."""
    return isinstance(node, Times) and isinstance(node.what, One) and ALNUM.isdisjoint(members(node.what.text))


def has_cut(node: Node) -> bool:
    """Whether there is a cut in it or it is one."""
    match node:
        case Row(parts) | Choice(parts):
            return any(map(has_cut, parts))
        case Times(what):
            return is_cut(node) or has_cut(what)
        case _:
            return False


def has_wide(node: Node) -> bool:
    """Whether there is a gap in it over anything, words as well as spaces."""
    match node:
        case Row(parts) | Choice(parts):
            return any(map(has_wide, parts))
        case Times(what, _, most):
            many = most is None or most > MOST_COUNT
            return has_wide(what) or (isinstance(what, One) and many and {" ", "e"} <= set(members(what.text)))
        case _:
            return False


def flat(node: Node) -> list[Node]:
    """Its parts in a row."""
    if isinstance(node, Row):
        return [one for part in node.parts for one in flat(part)]
    return [node]


def ways(node: Node) -> list[list[Node]]:
    """The rows of which a match is one."""
    if isinstance(node, Choice):
        return [one for way in node.ways for one in ways(way)]
    row = flat(node)
    return ways(row[0]) if len(row) == 1 and isinstance(row[0], Choice) else [row]


def runs(row: Sequence[Node]) -> Iterable[tuple[int, int]]:
    """Where parts without cuts stand one after the other."""
    start = None
    for place, part in enumerate(row):
        if has_cut(part):
            if start is not None:
                yield start, place
            start = None
        elif start is None:
            start = place
    if start is not None:
        yield start, len(row)


def beginning(row: Sequence[Node], ends: Callable[[Node], bool] = has_cut) -> list[Node]:
    """Parts without cuts, or without what `ends`, with which every match of a row begins; none if nothing is known."""
    made: list[Node] = []
    for place, part in enumerate(row):
        if ends(part):
            return made + _seam(part, partial(beginning, ends=ends), partial(beginning, row[place + 1 :], ends))
        made.append(part)
    return made


def ending(row: Sequence[Node]) -> list[Node]:
    """Parts without cuts with which every match of the row ends."""
    made: list[Node] = []
    for place in reversed(range(len(row))):
        if has_cut(row[place]):
            return _seam(row[place], ending, lambda place=place: ending(row[:place])) + made
        made.insert(0, row[place])
    return made


def _seam(part, edge, rest) -> list[Node]:  # type: ignore[no-untyped-def]
    """What is known of a part with a cut, at its edge: what is repeated, or if it may be absent what is beyond."""
    if isinstance(part, Choice):
        found = [edge(flat(way)) for way in part.ways]
        return [Choice(tuple(Row(tuple(one)) for one in found))] if all(found) else []
    if not isinstance(part, Times) or (part.least == 0 and isinstance(part.what, One)):
        return []
    inner = edge(flat(part.what))
    if part.least:
        return inner
    beyond = rest()
    return [Choice((Row(tuple(inner)), Row(tuple(beyond))))] if inner and beyond else []


def trimmed(parts: Sequence[Node]) -> list[Node]:
    """Parts without what may be absent, and without gaps, at either end."""
    low, high = 0, len(parts)
    while low < high and _is_loose(parts[low]):
        low += 1
    while low < high and _is_loose(parts[high - 1]):
        high -= 1
    return list(parts[low:high])


def _is_loose(node: Node) -> bool:
    return isinstance(node, Times) and (node.least == 0 or is_gap(node))


def written(node: Node) -> str:
    """The pattern of a part, with counts loosened, for texts in which ANY_OTHER stands for what is not of ASCII."""
    match node:
        case Edge(text):
            return text
        case One(text, case):
            made = text if text.isascii() else _in_ascii(text)
            return f"(?-i:{made})" if case else made
        case Row(parts):
            return "".join(map(written, parts))
        case Choice(options):
            return f"(?:{'|'.join(map(written, options))})"
        case Times(what, least, most):
            one = written(what) if isinstance(what, One) else f"(?:{written(what)})"
            if most == 1:
                return one if least == 1 else f"{one}?"
            least = min(least, _KEPT)
            return one * (least - 1) + f"{one}+" if least else f"{one}*"


def exactly(node: Node) -> str:
    """The pattern of a part with its counts as they are."""
    if isinstance(node, Row):
        return "".join(map(exactly, node.parts))
    if isinstance(node, Choice):
        return f"(?:{'|'.join(map(exactly, node.ways))})"
    if isinstance(node, Times):
        return f"(?:{exactly(node.what)}){{{node.least},{'' if node.most is None else node.most}}}"
    return written(node)


def _in_ascii(text: str) -> str:
    """A character or a class with members that are not of ASCII."""
    if len(text) == 1:
        return r"\x1a"
    return "[" + "".join(f"\\x{ord(sign):02x}" for sign in members(text)) + r"\x1a]"
