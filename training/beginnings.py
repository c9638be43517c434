"""The texts with which a pattern begins, and one pattern to search for many of them at once.

In these texts a letter or digit stands for itself in any case, ANY_OTHER for itself, the first character may be a sign,
and a space after it is whatever stands between words. A caret before: a word begins there.

Its one rule: the list is complete, or there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from training.patterns import ALNUM, ANY_OTHER, Choice, Edge, Node, One, Row, Times, members

MOST = 4_000
FIRST, SECOND = 12, 5  # characters of the first word and of the second
_MOST_SIGNS = 12
_GAP = r"[\W_]+"
_MANY = "\0"  # one of many signs: where a text begins so, it cannot be listed
_KEPT = ALNUM | {ANY_OTHER}  # what is no gap

_Text: TypeAlias = tuple[str, bool]  # whether it is all of it


def beginnings(row: Sequence[Node], *, bounded: bool) -> tuple[str, ...] | None:
    """The texts with which a row begins, none of them a beginning of another; None if they cannot be listed."""
    found = _of_row(row, long_enough=True)
    words = {text.rstrip(" ") if len(text) > 1 else text for text, _ in found}
    if any(word[:1] in ("", _MANY) for word in words) or len(words) > MOST:
        return None
    marked = {f"^{word}" if bounded and word[0] in ALNUM else word for word in words}
    return tuple(sorted(word for word in marked if not any(word[:end] in marked for end in range(1, len(word)))))


def _of(node: Node) -> list[_Text] | None:
    match node:
        case Edge():
            return [("", True)]
        case One(text):
            found = _signs(text)
            return None if found is None else [(sign, True) for sign in found]
        case Choice(ways):
            listed = [_of(way) for way in ways]
            made = list(dict.fromkeys(one for some in listed if some is not None for one in some))
            return None if None in listed or len(made) > MOST else made
        case Row(parts):
            return _of_row(parts, long_enough=False)
        case Times(what, least, most):
            inner = _of(what)
            if inner is None:
                return None
            absent = [("", True)] if least == 0 else []
            if most == 1:
                return list(dict.fromkeys(inner + absent))
            if all(whole and _is_gap(text) for text, whole in inner):
                once = [(text, True) for text, _ in inner if least < 2]
                return [*once, *((f"{text} ", True) for text, _ in inner), *absent]
            return [(text, False) for text, _ in inner] + absent


@cache
def _signs(text: str) -> tuple[str, ...] | None:
    """The characters that one stands for; _MANY for all that are no letters or digits, if there are many of those."""
    found = members(text)
    letters = [sign for sign in found if sign in ALNUM]
    others = {*found} - ALNUM | (set() if text.isascii() else {ANY_OTHER})
    if len(letters) > 3:
        return None
    return (*letters, *(sorted(others) if len(others) <= _MOST_SIGNS else [_MANY]))


def _is_gap(text: str) -> bool:
    return text != "" and _KEPT.isdisjoint(text)


def _of_row(parts: Sequence[Node], *, long_enough: bool) -> list[_Text]:
    made: list[_Text] = [("", True)]
    for part in parts:
        if long_enough and all(not whole or _is_long(text) for text, whole in made):
            break
        found = _of(part)
        longer: dict[_Text, None] = {}
        for text, whole in made if found is not None else ():
            if not whole or (long_enough and _is_long(text)):
                longer[text, whole] = None
                continue
            longer.update((_joined(text, more, ends, long_enough), None) for more, ends in found or ())
        if found is None or len(longer) > 2 * MOST:
            return [(text, False) for text, _ in made]
        made = list(longer)
    return made


def _joined(text: str, more: str, whole: bool, crop: bool) -> _Text:
    for sign in more:
        text += sign if not text or sign in _KEPT else "" if text.endswith(" ") and len(text) > 1 else " "
    if not crop or not _is_long(text):
        return text, whole
    gap = text.find(" ", 1)
    most = FIRST if gap < 0 or gap > FIRST else gap + 1 + SECOND
    return (text, whole) if len(text) <= most else (text[:most], False)


def _is_long(text: str) -> bool:
    first, gap, second = text[:1], *text[1:].partition(" ")[1:]
    return len(second) >= SECOND or (len(first) > 0 and not gap and len(text) >= FIRST)


class Tree(dict[str, "Tree"]):
    """Texts by their characters. `after`: what must follow where one ends; empty if anything may."""

    after: str | None = None


def pattern_of(begins: Mapping[str, str]) -> str:
    """A pattern for texts, each followed by its pattern. Of those that begin with another one only that one counts."""
    anywhere, starting = Tree(), Tree()
    for text, after in begins.items():
        here = starting if text.startswith("^") else anywhere
        for sign in text.removeprefix("^"):
            here = here.setdefault(sign, Tree())
        here.after = after
    parts = [*_ways(anywhere, first=True)]
    bounded = [*_ways(starting, first=True)]
    return "|".join([*parts, rf"\b(?:{'|'.join(bounded)})"] if bounded else parts)


def _ways(tree: Tree, *, first: bool = False) -> Iterator[str]:
    if tree.after is not None:
        yield tree.after
        if not tree.after:
            return
    for sign, rest in tree.items():
        written = sign if sign in ALNUM else _GAP if sign == " " and not first else f"\\x{ord(sign):02x}"
        yield written + _grouped([*_ways(rest)])


def _grouped(ways: Sequence[str]) -> str:
    return ways[0] if len(ways) == 1 and "|" not in ways[0] else f"(?:{'|'.join(ways)})"
