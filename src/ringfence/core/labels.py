"""The label lattice: who influenced a value, and who may see it.

Its one rule: labels only ever go up. `join` is a union of sources and an intersection of readers,
so it is associative, commutative and idempotent, and `TRUSTED_PUBLIC` is its identity.

Labels are interned, so equality is identity, and joins are memoised, so a join costs one dictionary
look-up whatever the number of operations that led to the values (FIDES, arXiv 2505.23643, section 4,
has the same product lattice). Nothing here may lower a label; that is policy (guard/).
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Final, final
from weakref import WeakValueDictionary

_JOIN_MEMO_LIMIT: Final = 4096


@final
class Everyone:
    """The reader set that contains every principal. Its only instance is `EVERYONE`."""

    __slots__ = ()

    def __contains__(self, principal: object) -> bool:
        return True

    def __repr__(self) -> str:
        return "EVERYONE"

    def __reduce__(self) -> str:
        return "EVERYONE"


EVERYONE: Final = Everyone()

Readers = frozenset[str] | Everyone


@final
class Label:
    """An immutable, interned pair of sources and readers.

    sources: who influenced the value (`user`, `developer`, `tool:NAME`, `email:bob@x`).
    readers: who may see it: `EVERYONE`, or a frozenset of principals.

    Two labels with the same content are the same object; compare them with `is` or `==`.
    """

    __slots__ = ("__weakref__", "_joins", "readers", "sources")

    sources: frozenset[str]
    readers: Readers
    _joins: dict[Label, Label]

    def __new__(cls, sources: Iterable[str] = (), readers: Iterable[str] | Everyone = EVERYONE) -> Label:
        frozen_sources = _principals(sources, "sources")
        frozen_readers: Readers = EVERYONE if isinstance(readers, Everyone) else _principals(readers, "readers")
        return _interned(frozen_sources, frozen_readers)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Label is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Label is immutable")

    def __reduce__(self) -> tuple[type[Label], tuple[tuple[str, ...], tuple[str, ...] | Everyone]]:
        readers = self.readers
        return Label, (
            tuple(sorted(self.sources)),
            readers if isinstance(readers, Everyone) else tuple(sorted(readers)),
        )

    def join(self, other: Label) -> Label:
        """The least label above both: union of sources, intersection of readers."""
        if other is self or other is TRUSTED_PUBLIC:
            return self
        if self is TRUSTED_PUBLIC:
            return other
        found = self._joins.get(other)
        if found is None:
            found = _interned(self.sources | other.sources, _common(self.readers, other.readers))
            for one, another in ((self, other), (other, self)):
                if len(one._joins) >= _JOIN_MEMO_LIMIT:
                    one._joins.clear()
                one._joins[another] = found
        return found

    def flows_to(self, other: Label) -> bool:
        """Whether a value with this label may go where `other` is expected: `self.join(other) is other`."""
        return self is TRUSTED_PUBLIC or self.join(other) is other

    def trusted(self, trusted_sources: frozenset[str]) -> bool:
        """Whether every source is in the configured trusted set. No sources at all is trusted."""
        return self.sources <= trusted_sources

    @property
    def public(self) -> bool:
        """Whether everyone may see the value."""
        return self.readers is EVERYONE

    def readable_by(self, principals: Iterable[str]) -> bool:
        """Whether each of the principals may see the value."""
        readers = self.readers
        return isinstance(readers, Everyone) or all(principal in readers for principal in principals)

    def __repr__(self) -> str:
        readers = self.readers
        shown = "everyone" if isinstance(readers, Everyone) else "{" + ", ".join(sorted(readers)) + "}"
        return f"Label(sources={{{', '.join(sorted(self.sources))}}}, readers={shown})"


_LOCK: Final = Lock()
_INTERNED: Final[WeakValueDictionary[tuple[frozenset[str], Readers], Label]] = WeakValueDictionary()


def _interned(sources: frozenset[str], readers: Readers) -> Label:
    """The one label with these sources and readers, which are known to be names."""
    key = (sources, readers)
    with _LOCK:
        found = _INTERNED.get(key)
        if found is None:
            found = object.__new__(Label)
            object.__setattr__(found, "sources", sources)
            object.__setattr__(found, "readers", readers)
            object.__setattr__(found, "_joins", {})
            _INTERNED[key] = found
    return found


def _principals(names: Iterable[str], what: str) -> frozenset[str]:
    if isinstance(names, str):
        raise TypeError(f"{what} is a collection of names, not one string")
    frozen = frozenset(names)
    if not all(isinstance(name, str) and name for name in frozen):
        raise TypeError(f"{what} are names: non-empty strings")
    return frozen


def _common(left: Readers, right: Readers) -> Readers:
    if isinstance(left, Everyone):
        return right
    if isinstance(right, Everyone):
        return left
    return left & right


TRUSTED_PUBLIC: Final = Label()


_FEW: Final = 8


def join_all(labels: Iterable[Label]) -> Label:
    """The least label above all of them; `TRUSTED_PUBLIC` for none. Linear in their sources and readers together."""
    distinct = labels if isinstance(labels, set) else set(labels)
    if len(distinct) <= _FEW:  # of which the joins are remembered
        result = TRUSTED_PUBLIC
        for label in distinct:
            result = result.join(label)
        return result
    limited = [one.readers for one in distinct if not isinstance(one.readers, Everyone)]
    readers: Readers = frozenset.intersection(*limited) if limited else EVERYONE
    return _interned(frozenset().union(*(one.sources for one in distinct)), readers)
