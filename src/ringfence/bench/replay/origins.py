"""Where the values of a recorded call came from: the request, an earlier result, or a text of the attacker's.

Its one rule: a value of the attacker's call is the attacker's wherever it can be: if his text holds it, it came from
there, and what is found nowhere he dictated. A value of the user's call is the user's if the request holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, final

from ringfence.core.plain import Plain, RecordData

Kind: TypeAlias = Literal["plan", "result", "read", "dictated"]
_SHORTEST: Final = 3
_WORD: Final = re.compile(r"\w{5,}|\d{3,}|[\w.+-]+@[\w.-]+")
_NUMBER: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


@final
@dataclass(frozen=True, slots=True)
class Leaf:
    """A value in an earlier result: how a plan writes it, and what it is. `hostile`: it holds the attacker's text."""

    place: str
    value: str | int | float
    hostile: bool


@final
@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from. plan: it stands in the plan. result: it is one of `places`, untouched. read: the
    quarantined model read it out of `places`. dictated: the same, and the attacker says what it reads."""

    kind: Kind
    places: tuple[str, ...] = ()


IN_PLAN: Final = Origin("plan")


def leaves(place: str, plain: Plain, injected: Sequence[str]) -> Iterator[Leaf]:
    """All texts and numbers in a result."""
    if isinstance(plain, RecordData):
        for name, part in plain.fields.items():
            yield from leaves(f"{place}.{name}", part, injected)
    elif isinstance(plain, dict):
        for key, part in plain.items():
            yield from leaves(f"{place}[{key!r}]", part, injected)
    elif isinstance(plain, (list, tuple)):
        for index, part in enumerate(plain):
            yield from leaves(f"{place}[{index}]", part, injected)
    elif isinstance(plain, (str, int, float)) and not isinstance(plain, bool):
        hostile = isinstance(plain, str) and any(text in squeezed(plain) for text in injected)
        yield Leaf(place, plain, hostile)


def squeezed(text: str) -> str:
    """A text without the breaks and spaces that tools change."""
    return " ".join(text.split())


def of_user(value: object, request: str, read: Sequence[Leaf]) -> Origin:
    """Where a value of a call came from that the user wanted."""
    if value is None or isinstance(value, bool) or value == "" or holds(request, value):
        return IN_PLAN
    for leaf in read:
        if _same(leaf, value):
            return Origin("result", (leaf.place,))
    for leaf in read:
        if holds(str(leaf.value), value):
            return Origin("read", (leaf.place,))
    # The agent's own words: of what it had read if they share words with it that the request has not, else its own.
    words = _words(value) - _words(request)
    places = tuple(leaf.place for leaf in read if words & _words(leaf.value))
    return Origin("read", places) if places else IN_PLAN


def of_attacker(value: object, read: Sequence[Leaf]) -> Origin:
    """Where a value of the attacker's call came from."""
    hostile = tuple(leaf.place for leaf in read if leaf.hostile)
    for leaf in read:
        if leaf.hostile and holds(str(leaf.value), value):
            return Origin("dictated", (leaf.place,))
    for leaf in read:
        if not leaf.hostile and _same(leaf, value):
            return Origin("result", (leaf.place,))
    for leaf in read:
        if not leaf.hostile and isinstance(value, str) and holds(str(leaf.value), value):
            return Origin("dictated", (leaf.place, *hostile[:1]))
    # His words, with what he had the agent find: nobody can say a thing who has not read where it stands.
    told = _words(*(leaf.value for leaf in read if leaf.hostile))
    words = _words(value) - told
    found = tuple(leaf.place for leaf in read if not leaf.hostile and words & _words(leaf.value))
    return Origin("dictated", (*hostile[:1], *found) if hostile or found else tuple(leaf.place for leaf in read))


def _words(*values: object) -> set[str]:
    return {word for value in values for word in _WORD.findall(str(value).lower())}


def _same(leaf: Leaf, value: object) -> bool:
    """Equal, and not by chance: a short text or a small number is found everywhere."""
    if isinstance(value, bool) or isinstance(leaf.value, str) != isinstance(value, str) or leaf.value != value:
        return False
    return len(value) >= _SHORTEST if isinstance(value, str) else abs(float(leaf.value)) > 9


def holds(text: str, value: object) -> bool:
    """Whether a text says the value: a text as it is but for case and spaces, a number in whatever form."""
    if isinstance(value, str):
        found = squeezed(value).lower()
        return bool(found) and found in squeezed(text).lower()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return any(float(one.replace(",", "")) == float(value) for one in _NUMBER.findall(text))
    return False
