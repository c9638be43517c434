"""The texts with which a pattern begins.

In these texts a letter or digit stands for itself in any case and ANY_OTHER for itself; the first character may be a
sign, and a space after it is whatever stands between words.

Its one rule: the list is complete, or there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

from training.patterns import ALNUM, ANY_OTHER, Choice, Edge, Node, One, Row, Times, members

MOST = 12_000
FIRST, SECOND = 12, 5  # characters of the first word and of the second
LONGEST_SIGNS = 8
_MOST_SIGNS = 12
_BORDER = "\b"  # where a word ends
_MANY = "\0"  # one of many signs: where a text begins so, it cannot be listed
_KEPT = ALNUM | {ANY_OTHER}  # what is no gap

_Text: TypeAlias = tuple[str, bool]  # whether it is all of it


def beginnings(row: Sequence[Node]) -> tuple[str, ...] | None:
    """The texts with which a row begins, none of them a beginning of another; None if they cannot be listed."""
    words = {text for text, _ in _of_row(row, long_enough=True)}
    if any(word[:1] in ("", _MANY) for word in words) or len(words) > MOST:
        return None
    return _shortest(words)


def continued(text: str, left: Node) -> tuple[str, ...] | None:
    """A text with what may follow it, where that is a pattern; None if it cannot be listed."""
    found = {more for more, _ in _of_row((left,), long_enough=True)}
    if "" in found or len(found) > MOST:
        return None
    return _shortest({_joined(text, more, True, crop=False)[0] for more in found})


def beginnings_in_signs(row: Sequence[Node]) -> tuple[str, ...] | None:
    """Those that begin with a sign, with each sign as it is, up to the first place where there may be several."""
    made: list[_Text] = [("", True)]
    for part in row:
        found = _exactly(part)
        longer: dict[_Text, None] = {}
        for text, whole in made:
            if not whole or found is None or len(text) >= LONGEST_SIGNS:
                longer[text, False] = None
            else:
                longer.update(((text + more, ends), None) for more, ends in found)
        if len(longer) > MOST:
            return None
        made = list(longer)
    texts = {text for text, _ in made if text[:1] not in _KEPT}
    return None if any(len(text) < 2 for text in texts) else _shortest(texts)


def _shortest(texts: set[str]) -> tuple[str, ...]:
    return tuple(sorted(text for text in texts if not any(text[:end] in texts for end in range(1, len(text)))))


def _exactly(node: Node) -> list[_Text] | None:
    match node:
        case Edge():
            return [("", True)]
        case One(text):
            signs = members(text) if text.isascii() else ""
            return [(sign, True) for sign in signs] if 0 < len(signs) <= _MOST_SIGNS else None
        case Choice(ways):
            listed = [_exactly(way) for way in ways]
            made = [one for some in listed if some is not None for one in some]
            return None if None in listed or len(made) > MOST else made
        case Row(parts):
            rows: list[_Text] = [("", True)]
            for part in parts:
                found = _exactly(part)
                rows = [
                    (text + more, ends)
                    for text, whole in rows
                    for more, ends in (found if whole and found is not None else [("", False)])
                ]
            return None if len(rows) > MOST else rows
        case Times(what, least, most):
            inner = _exactly(what)
            if inner is None:
                return None
            if least > 1:
                return [
                    (text + more, False)
                    for text, whole in inner
                    for more in ([one for one, _ in inner] if whole else [""])
                ]
            once = inner if most == 1 else [(text, False) for text, _ in inner]
            return once if least else [*once, ("", True)]


def _of(node: Node) -> list[_Text] | None:
    match node:
        case Edge(text):
            return [(_BORDER if text == r"\b" else "", True)]
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
    return text not in ("", _BORDER) and _KEPT.isdisjoint(text)


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
        if sign == _BORDER and text[-1:] not in ALNUM:
            continue
        text += sign if not text or sign in _KEPT else "" if text.endswith(" ") and len(text) > 1 else " "
    if not crop or not _is_long(text):
        return text, whole
    gap = text.find(" ", 1)
    most = FIRST if gap < 0 or gap > FIRST else gap + 1 + SECOND
    return (text, whole) if len(text) <= most else (text[:most], False)


def _is_long(text: str) -> bool:
    first, gap, second = text[:1], *text[1:].partition(" ")[1:]
    return len(second) >= SECOND or (len(first) > 0 and not gap and len(text) >= FIRST)
