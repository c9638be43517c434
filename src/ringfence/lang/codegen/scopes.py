"""The names of a function while its code is written, and which of them are sure to have a value.

Its one rule: a name is sure only where every way to the place has bound it; in doubt the code looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import final


@final
class Assigned:
    """The names that are sure to have a value at the place being written; what an arm adds can be taken back.

    `known` says which were sure before the first place that is written here.
    """

    __slots__ = ("_known", "_names", "_order")

    def __init__(self, known: Callable[[str], bool] | None = None) -> None:
        self._known = known
        self._names: set[str] = set()
        self._order: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._names or (self._known is not None and self._known(name))

    def add(self, name: str) -> None:
        if name not in self._names:
            self._names.add(name)
            self._order.append(name)

    def update(self, names: Iterable[str]) -> None:
        for name in names:
            self.add(name)

    def mark(self) -> int:
        """Here; for `take`."""
        return len(self._order)

    def take(self, mark: int) -> set[str]:
        """The names added since; they are sure no more."""
        added = set(self._order[mark:])
        self._names -= added
        del self._order[mark:]
        return added


class Scope:
    """The names of one function of the plan (or of the plan itself), while its code is written."""

    def __init__(
        self,
        names: Iterable[str],
        outer: Scope | None,
        removed: frozenset[str],
        known: Callable[[str], bool] | None = None,
    ) -> None:
        self.names = frozenset(names)
        self.outer = outer
        self.removed = removed
        self.assigned = Assigned(known)
        self.local: list[frozenset[str]] = []  # targets of the comprehensions around the place being written


def meet(results: list[set[str] | None]) -> list[str]:
    """The names that all arms assign after which something comes."""
    reached = [result for result in results if result is not None]
    return sorted(set.intersection(*reached)) if reached else []
