"""What pieces of a plan may do, as sets, and the unions of these.

Its one rule: sets are told apart by identity, and nobody changes one: what is the same is made once and shared, since
the sets of a large plan are large, and most of them are the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias, final

# The call sites; the allocation sites (from 1) whose objects may change, below 0 those of which only iterators go on;
# and whether something is answered.
Effect: TypeAlias = tuple[AbstractSet[int], AbstractSet[int], bool]
NOTHING: Final = frozenset[int]()


@final
class Unions:
    """The unions that the analysis of one plan has made."""

    def __init__(self) -> None:
        # By the identities of the parts, with the parts, so that these keep them.
        self._made: dict[tuple[int, ...], tuple[tuple[AbstractSet[int], ...], AbstractSet[int]]] = {}

    def joined(self, effects: list[Effect]) -> Effect:
        if len(effects) == 1:
            return effects[0]
        sites = self.of(effect[0] for effect in effects)
        objects = self.of(effect[1] for effect in effects)
        return sites, objects, any(effect[2] for effect in effects)

    def of(self, sets: Iterable[AbstractSet[int]]) -> AbstractSet[int]:
        """The union; one of the sets itself where that holds the others; of the same sets the same."""
        distinct = {id(one): one for one in sets if one}
        if len(distinct) < 2:
            return distinct.popitem()[1] if distinct else NOTHING
        key = tuple(sorted(distinct))
        found = self._made.get(key)
        if found is None:
            parts = tuple(distinct.values())
            largest = max(parts, key=len)
            held = all(one <= largest for one in parts)
            found = self._made[key] = (parts, largest if held else frozenset().union(*parts))
        return found[1]
