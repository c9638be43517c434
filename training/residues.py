"""What of a pattern is left after its first characters, as a tree.

    left_after(tree, "send th")

is what must follow `send th` where the pattern matches. In a beginning a letter or digit stands for itself, whatever
its case; the first character may be a sign, and a space after it stands for one or more characters that are neither.

Its one rule: what is left is never less than the pattern allows; counts are loosened as `patterns.written` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from training.patterns import ALNUM, ANY_OTHER, Choice, Edge, Node, One, Row, Times, members

NOTHING = Row(())  # what matches the empty text
GAP = ""


def left_after(tree: Node, begins: str) -> Node | None:
    """What must follow a beginning; None if the pattern does not begin so."""
    left: list[Node] = [loosened(tree)]
    for place, sign in enumerate(begins):
        if sign == " " and place:
            left = _after_gap(left)
        else:
            left = list(dict.fromkeys(one for node in left for one in _after(node, sign)))
    return _either(left)


def _after_gap(nodes: Iterable[Node]) -> list[Node]:
    found: dict[Node, None] = {}
    waiting = list(nodes)
    while waiting:
        for one in _after(waiting.pop(), GAP):
            if one not in found:
                found[one] = None
                waiting.append(one)
    return list(found)


def _either(nodes: list[Node]) -> Node | None:
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return Choice(tuple(nodes))


def may_be_absent(node: Node, *, edges: bool = False) -> bool:
    """Whether the pattern may match the empty text; `edges`: also where it asks for an edge there."""
    match node:
        case Row(parts):
            return all(may_be_absent(part, edges=edges) for part in parts)
        case Choice(ways):
            return any(may_be_absent(way, edges=edges) for way in ways)
        case Times(what, least):
            return least == 0 or may_be_absent(what, edges=edges)
        case _:
            return edges and isinstance(node, Edge)


@cache
def _after(node: Node, sign: str) -> tuple[Node, ...]:
    """What may be left after one character; GAP: one that is no letter or digit."""
    match node:
        case One(text):
            return (NOTHING,) if _has(text, sign) else ()
        case Choice(ways):
            return tuple(dict.fromkeys(one for way in ways for one in _after(way, sign)))
        case Times(what, least, most):
            rest = Times(what, 0, None) if most is None else NOTHING
            if least > 1:
                rest = Times(what, least - 1, most)
            return tuple(_row((one, rest)) for one in _after(what, sign))
        case Row(parts):
            made: dict[Node, None] = {}
            for place, part in enumerate(parts):
                made.update((_row((one, *parts[place + 1 :])), None) for one in _after(part, sign))
                if not may_be_absent(part, edges=True):
                    break
            return tuple(made)
        case _:
            return ()


def _row(parts: Iterable[Node]) -> Node:
    made: list[Node] = []
    for part in parts:
        made.extend(part.parts if isinstance(part, Row) else (part,))
    return made[0] if len(made) == 1 else Row(tuple(made))


@cache
def _has(text: str, sign: str) -> bool:
    found = members(text)
    if sign in ALNUM:
        return sign in found
    others = set(found) - ALNUM | (set() if text.isascii() else {ANY_OTHER})
    return bool(others) if sign == GAP else sign in others


def loosened(node: Node) -> Node:
    """The tree with counts as `patterns.written` writes them: none or one, any, or at least so many."""
    match node:
        case Row(parts):
            return _row(map(loosened, parts))
        case Choice(ways):
            return Choice(tuple(map(loosened, ways)))
        case Times(what, least, most):
            if most == 1 and least == 1:
                return loosened(what)
            return Times(loosened(what), min(least, 3), 1 if most == 1 else None)
        case _:
            return node
