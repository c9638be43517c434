"""Which rules of the style sheets hold for an element, and which of them wins.

Its one rule: the work is bounded. Trying a rule on an element draws on a budget for the whole page; when it is spent,
no rule holds for anything more.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Final, final
from zlib import crc32

from ringfence.connectors.markup.css import Compound, Declarations, Rule, declarations, rules_of

_BUDGET: Final = 10_000_000
_STEP: Final = 4  # of the budget, for a look at an ancestor or a sibling
_BITS: Final = 256
_NONE: Final[frozenset[str]] = frozenset()


@final
class Element:
    """An element on the way from the root: what selectors ask for, and its neighbours."""

    __slots__ = ("above", "classes", "id", "last", "mark", "parent", "previous", "tag")

    def __init__(self, tag: str, attributes: dict[str, str] | None, parent: Element | None) -> None:
        self.tag = tag
        self.id = "" if attributes is None else attributes.get("id", "")
        named = "" if attributes is None else attributes.get("class", "")
        self.classes = frozenset(named.split()) if named else _NONE
        self.parent = parent
        self.previous: Element | None = None
        self.last: Element | None = None
        # A bit for the tag, for each class and for the id, and those of all ancestors: what has no bit is not there.
        self.mark = _mark(tag)
        for key in (*(f".{name}" for name in self.classes), *([f"#{self.id}"] if self.id else ())):
            self.mark |= _mark(key)
        self.above = 0
        if parent is not None:
            self.previous, parent.last = parent.last, self
            self.above = parent.above | parent.mark


@lru_cache(maxsize=16_384)
def _mark(key: str) -> int:
    return 1 << (crc32(key.encode("utf-8", "replace")) % _BITS)


def _needs(rule: Rule) -> int:
    """The marks that an element's ancestors must have. Siblings share their ancestors."""
    made = 0
    for combinator, compound in zip(rule.combinators, rule.compounds[1:], strict=True):
        if combinator in " >":
            keys = [*(f".{name}" for name in compound.classes), *(f"#{name}" for name in compound.ids)]
            for key in [*keys, compound.tag] if compound.tag else keys:
                made |= _mark(key)
    return made


@final
class Cascade:
    """The rules of one page, by what their last part asks for."""

    def __init__(self, sheets: list[str]) -> None:
        self._by_key: dict[str, list[tuple[int, Rule]]] = defaultdict(list)
        self._left = _BUDGET
        for rule in rules_of(sheets):
            self._by_key[_key(rule.compounds[0])].append((_needs(rule), rule))

    def look(self, element: Element, style: str) -> Declarations | None:
        """What holds for an element with that style attribute; None if nothing does."""
        found = self._matching(element) if self._by_key else []
        if not found and not style:
            return None
        own, own_important = declarations(style) if style else ({}, {})
        found.sort(key=lambda rule: rule.weight)
        made: Declarations = {}
        for rule in found:
            _put(made, rule.normal)
        _put(made, own)
        for rule in found:
            _put(made, rule.important)
        _put(made, own_important)
        return made

    def _matching(self, element: Element) -> list[Rule]:
        keys = ["", element.tag, f"#{element.id}", *(f".{name}" for name in element.classes)]
        found: list[Rule] = []
        for key in keys:
            for needs, rule in self._by_key.get(key, ()):
                self._left -= 1
                if self._left <= 0:
                    return found
                if needs & element.above == needs and _is(element, rule.compounds[0]) and self._chain(element, rule, 0):
                    found.append(rule)
        return found

    def _chain(self, element: Element, rule: Rule, at: int) -> bool:
        """Whether what stands before the element fits the rest of the selector."""
        if at == len(rule.combinators):
            return True
        combinator, wanted = rule.combinators[at], rule.compounds[at + 1]
        one = element.parent if combinator in " >" else element.previous
        while one is not None and self._left > 0:
            self._left -= _STEP
            if _is(one, wanted) and self._chain(one, rule, at + 1):
                return True
            if combinator in ">+":
                return False
            one = one.parent if combinator == " " else one.previous
        return False


def _put(made: Declarations, more: Declarations) -> None:
    """Add declarations; a shorthand takes the place of what it stands for."""
    for name, value in more.items():
        for long in _SHORTHANDS.get(name, ()):
            made.pop(long, None)
        made[name] = value


_SHORTHANDS: Final = {
    "background": ("background-color", "background-image"),
    "font": ("font-size", "line-height"),
    "margin": ("margin-left", "margin-top"),
    "overflow": ("overflow-x", "overflow-y"),
    "inset": ("left", "top", "right", "bottom"),
}


def _key(compound: Compound) -> str:
    if compound.ids:
        return f"#{min(compound.ids)}"
    return f".{min(compound.classes)}" if compound.classes else compound.tag


def _is(element: Element, wanted: Compound) -> bool:
    return (
        (not wanted.tag or wanted.tag == element.tag)
        and wanted.classes <= element.classes
        and (not wanted.ids or wanted.ids == {element.id})
    )
