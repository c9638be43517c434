"""The values of a plan: scalars, labelled scalars, and mutable objects that carry labels inside.

Its one rule: whoever reads a part of a value joins the label of everything on the way to it. What
drops a label is called `unsafe_*`, lives in this file, and each use elsewhere says why it is sound.

A `Value` is one of
- a bare scalar (`SCALARS`), which means: trusted and public;
- a bare tuple or range, whose elements are values;
- a `Labeled`: a scalar, tuple, range or object with the label of the reference to it;
- an object of the plan's heap (`Heap`): `List`, `Dict`, `Set`, `Record`, or one that lang/ adds.

A heap object has one label of its own (shape: length, keys, order, which element stands where). Every
read through it joins that label, so a uniformly labelled tool result of any size is stored as plain
data under one label, in O(1), and descended lazily (`wrap`): the first read of a nested plain container
turns it into a heap object in its place, so that identity and mutation behave as in Python.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias, final
from weakref import WeakSet

from ringfence.core.errors import LimitExceeded
from ringfence.core.labels import TRUSTED_PUBLIC, Label, join_all
from ringfence.core.plain import PLAIN_CONTAINERS, SCALARS, Cycle, EnumMember, Plain, RecordData

_LEAVES: Final[frozenset[type]] = frozenset(SCALARS)

# `object` and not a closed union: lang/ adds functions, iterators and types of its own to the heap.
Value: TypeAlias = object


@final
@dataclass(frozen=True, slots=True)
class Origin:
    """Where an untouched projection of a call's result came from: the call's index and the path inside."""

    call: int
    path: tuple[str | int, ...] = ()

    def at(self, key: str | int) -> Origin:
        """The origin of the element or field `key` of the value that this origin names."""
        return Origin(self.call, (*self.path, key))


# An origin as it is stored: resolved, or the holder's origin and the key below it, so that a read allocates one tuple.
StoredOrigin: TypeAlias = "Origin | tuple[StoredOrigin, str | int] | None"


def _refuse(what: str) -> NoReturn:
    raise TypeError(
        f"a labelled value has no {what}: use the plan language, or unsafe_plain() where a label may be dropped"
    )


@final
class Labeled:
    """A value and its label. It can be neither compared, printed, iterated nor tested: that would drop the label."""

    __slots__ = ("_value", "label", "origin")

    def __init__(self, value: Value, label: Label, origin: StoredOrigin = None) -> None:
        self._value = value
        self.label = label
        self.origin = origin

    def __repr__(self) -> str:
        return f"<Labeled {type(self._value).__name__} {self.label!r}>"

    def __str__(self) -> str:
        return self.__repr__()

    def __format__(self, spec: str) -> str:
        return self.__repr__()

    def __bool__(self) -> bool:
        _refuse("truth value")

    def __eq__(self, other: object) -> bool:
        _refuse("equality")

    def __hash__(self) -> int:
        _refuse("hash")

    def __iter__(self) -> Iterator[Value]:
        _refuse("iterator")

    def __len__(self) -> int:
        _refuse("length")


class Heap:
    """An object with identity. `label` is that of its shape; every read through the object joins it.

    `changed`: a plan has changed it, or could have in the arm that did not run. Nothing in it has the origin that its
    place would give any more. `site`: the number of the allocation site that made it, 0 if nobody asks; then `kin`
    are the objects of that site, to which the parts belong that it comes to have.
    """

    __slots__ = ("__weakref__", "changed", "kin", "label", "site")
    changed: bool
    kin: WeakSet[Heap]
    label: Label
    site: int

    def _start(self, label: Label) -> None:
        self.changed = False
        self.label = label
        self.site = 0

    def children(self) -> Collection[Value]:
        """Everything reachable in one step."""
        raise NotImplementedError

    def taint(self, label: Label) -> None:
        """Raise the object's label: somebody could have changed its shape under `label`."""
        self.changed = True
        self.label = self.label.join(label)


class List(Heap):
    """A list: its elements are values, or plain data under the list's own label."""

    __slots__ = ("items",)
    ends = False  # whether it is a deque

    def __init__(self, items: list[Value], label: Label = TRUSTED_PUBLIC) -> None:
        self.items = items
        self.changed = False
        self.label = label
        self.site = 0

    def children(self) -> Collection[Value]:
        return self.items


class Dict(Heap):
    """A dict: raw hashable keys, whose labels are part of the shape, and values as in `List`."""

    __slots__ = ("items",)

    def __init__(self, items: dict[Value, Value], label: Label = TRUSTED_PUBLIC) -> None:
        self.items = items
        self._start(label)

    def children(self) -> Collection[Value]:
        return self.items.values()


class Set(Heap):
    """A set of raw hashable elements under one label; `frozen` ones cannot be changed."""

    __slots__ = ("frozen", "items")

    def __init__(self, items: dict[Value, None], label: Label = TRUSTED_PUBLIC, frozen: bool = False) -> None:
        self.items = items  # a dict, because the language has no hash order
        self.frozen = frozen
        self._start(label)

    def children(self) -> Collection[Value]:
        return self.items


_NO_KINDS: Final[frozenset[str]] = frozenset()


class Record(Heap):
    """A value with named fields. `frozen` ones (all that come from tools) cannot be changed by a plan."""

    __slots__ = ("fields", "frozen", "indexed", "kinds", "name", "ordered")

    def __init__(
        self,
        name: str,
        fields: dict[str, Value],
        label: Label = TRUSTED_PUBLIC,
        frozen: bool = True,
    ) -> None:
        self.name = name
        self.fields = fields
        self.frozen = frozen
        self.indexed = False  # whether it is a named tuple
        self.ordered = False  # whether it compares with < and its like (dataclass(order=True))
        self.kinds: frozenset[str] = _NO_KINDS  # the names of the classes that its class derives from
        self.changed = False
        self.label = label
        self.site = 0

    def children(self) -> Collection[Value]:
        return self.fields.values()


def wrap(plain: Plain, label: Label, origin: StoredOrigin = None) -> Value:
    """Plain data as a value with one label on all of it, in O(1). Parts that are `Labeled` already keep theirs too.

    `plain`: scalars, list, dict, set, frozenset, tuple, RecordData, EnumMember, nested. The data must not
    be changed by the caller afterwards.
    """
    kind = type(plain)
    if kind is str or kind is int or plain is None:
        return plain if label is TRUSTED_PUBLIC and origin is None else Labeled(plain, label, origin)
    made = _heaped(plain, label)
    if label is TRUSTED_PUBLIC and origin is None:
        return made
    if type(made) is Labeled:
        return Labeled(made._value, made.label.join(label), origin)
    return Labeled(made, label, origin)


def _heaped(plain: Plain, label: Label) -> Value:
    kind = type(plain)
    if kind is list:
        return List(plain, label)  # type: ignore[arg-type]
    if kind is dict:
        return Dict(plain, label)  # type: ignore[arg-type]
    if kind is RecordData:
        return Record(plain.name, plain.fields, label)  # type: ignore[attr-defined]
    if kind is set or kind is frozenset:
        # Python's order of a set differs from process to process; with such an order no run could be replayed.
        ordered = sorted(plain, key=lambda part: (type(part).__name__, repr(part)))  # type: ignore[call-overload]
        return Set(dict.fromkeys(ordered), label, frozen=kind is frozenset)
    if kind is tuple:
        parts: tuple[Value, ...] = plain  # type: ignore[assignment]
        return tuple([_heaped(part, label) for part in parts])
    if kind is Labeled:
        inner: Labeled = plain  # type: ignore[assignment]
        if type(inner._value) in PLAIN_CONTAINERS:
            joined = inner.label.join(label)
            return Labeled(_heaped(inner._value, joined), joined, inner.origin)
    return plain


Parts: TypeAlias = list[Value] | dict[Value, Value] | dict[str, Value]


def element(holder: Heap, items: Parts, key: Value, label: Label, origin: StoredOrigin = None) -> Value:
    """The part of `holder` at `key`, read under `label` (which includes the holder's): O(1).

    `items` is the holder's own list or dict. A plain container found there becomes a heap object in its place.
    `origin` is that of the reference to the holder; give none where the key itself tells something.
    """
    if holder.changed:
        origin = None
    found: Value = items[key]  # type: ignore[call-overload,index]
    kind = type(found)
    if kind is Labeled:
        inner: Labeled = found  # type: ignore[assignment]
        if type(inner._value) in PLAIN_CONTAINERS:
            made = _heaped(inner._value, inner.label)
            _inherit(made, holder)
            items[key] = inner = Labeled(made, inner.label)  # type: ignore[call-overload,index]
        joined = inner.label.join(label)
        if origin is not None:
            return Labeled(inner._value, joined, _at(origin, key))
        if joined is inner.label:
            return inner
        return Labeled(inner._value, joined)
    if kind in PLAIN_CONTAINERS or (kind is tuple and holder.label is not TRUSTED_PUBLIC):
        found = _heaped(found, holder.label)
        _inherit(found, holder)
        items[key] = found  # type: ignore[call-overload,index]
    if label is TRUSTED_PUBLIC and origin is None:
        return found
    return Labeled(found, label, None if origin is None else _at(origin, key))


def _inherit(made: Value, holder: Heap) -> None:
    """A part of a tool's result belongs to the allocation site of the result, also when nothing holds that any more."""
    if not holder.site:
        return
    if isinstance(made, Heap):
        belong(made, holder.site, holder.kin)
    elif isinstance(made, tuple):
        for part in made:
            _inherit(part, holder)


def belong(made: Heap, site: int, kin: WeakSet[Heap]) -> None:
    """The object is one of those that the allocation site made."""
    made.site = site
    made.kin = kin
    kin.add(made)


def _at(origin: StoredOrigin, key: Value) -> StoredOrigin:
    return (origin, key) if isinstance(key, (str, int)) else None


def with_label(value: Value, label: Label) -> Value:
    """The value with `label` joined to its reference; contents keep their own labels.

    It keeps its origin only if the label adds nothing: else something chose this value, and that would go unseen.
    """
    if label is TRUSTED_PUBLIC:
        return value
    if type(value) is Labeled:
        inner: Labeled = value
        joined = inner.label.join(label)
        return inner if joined is inner.label else Labeled(inner._value, joined)
    return Labeled(value, label)


def label_of(value: Value) -> Label:
    """The label of the value itself and of its shape, without what it contains."""
    label = TRUSTED_PUBLIC
    if type(value) is Labeled:
        label = value.label
        value = value._value
    if isinstance(value, Heap):
        label = label.join(value.label)
    return label


def deep(value: Value, visiting: Callable[[int], None] | None = None) -> Label:
    """The join over everything that can be reached from the value. Policies read this. O(size), cycles included.

    `visiting` is told of the size of each larger container before its parts are visited.
    """
    if type(unsafe_value(value)) in _LEAVES:
        return value.label if type(value) is Labeled else TRUSTED_PUBLIC
    labels: set[Label] = set()
    seen: set[int] = set()
    pending: list[Value] = [value]
    while pending:
        part = pending.pop()
        if type(part) is Labeled:
            labels.add(part.label)
            part = part._value
        if isinstance(part, Heap):
            if id(part) in seen:
                continue
            seen.add(id(part))
            labels.add(part.label)
            parts = part.children()
            size = len(parts)
            if visiting is not None and size > 64:
                visiting(size)
            if not set(map(type, parts)) <= _LEAVES:  # leaves have no label
                pending.extend(parts)
        elif type(part) in _NESTED:
            if id(part) in seen:
                continue
            seen.add(id(part))
            if visiting is not None and not isinstance(part, RecordData) and len(part) > 64:  # type: ignore[arg-type]
                visiting(len(part))  # type: ignore[arg-type]  # a container of `_NESTED`
            if isinstance(part, RecordData):
                pending.extend(part.fields.values())
            elif isinstance(part, dict):
                pending.extend(part.values())
            elif isinstance(part, (tuple, list, set, frozenset)):
                pending.extend(part)
    return join_all(labels)


_NESTED: Final = frozenset({tuple, list, dict, set, frozenset, RecordData})


def type_name(value: Value) -> str:
    """The Python name of the value's type, for messages. Never any content."""
    raw = unsafe_value(value)
    if isinstance(raw, Record):
        return raw.name
    if isinstance(raw, EnumMember):
        return raw.enum
    if isinstance(raw, Set):
        return "frozenset" if raw.frozen else "set"
    return {"List": "list", "Dict": "dict"}.get(type(raw).__name__, type(raw).__name__)


def unsafe_value(value: Value) -> Value:
    """The value without the label of its reference. The caller accounts for the label."""
    return value._value if type(value) is Labeled else value


def unsafe_plain(value: Value, limit: int = 1_000_000, visiting: Callable[[int], None] | None = None) -> Plain:
    """The value as plain data without any label (RecordData for records). Cycles become a `Cycle` mark.

    For the monitor, which hands data to a tool after the policy has decided, and for showing an answer
    to the one it may be shown to. Any depth; LimitExceeded where more than `limit` parts would be written out
    (a part that is reached twice is written twice). `visiting` is told of the size of each container before.
    """
    if type(bare := unsafe_value(value)) in _LEAVES:
        return bare
    out: list[Plain] = []
    # Each step either expands a value or closes a container whose parts are complete on `out`.
    pending: list[tuple[str, Value, int]] = [("open", value, 0)]
    above: set[int] = set()
    count = 0
    while pending:
        step, part, size = pending.pop()
        if step == "close":
            above.discard(id(part))
            parts = out[len(out) - size :]
            del out[len(out) - size :]
            out.append(_rebuilt(part, parts))
            continue
        raw = unsafe_value(part)
        kids = _kids(raw)
        if kids is None:
            out.append(raw)
        elif id(raw) in above:
            out.append(Cycle())
        else:
            count += 1 + len(kids)
            if count > limit:
                raise LimitExceeded("size", f"a value has more than {limit:,} parts")
            if visiting is not None:
                visiting(len(kids))
            if set(map(type, kids)) <= _LEAVES:
                out.append(_rebuilt(raw, list(kids)))
                continue
            above.add(id(raw))
            pending.append(("close", raw, len(kids)))
            pending.extend(("open", kid, 0) for kid in reversed(kids))
    return out[0]


def _kids(raw: Value) -> list[Value] | None:
    """The parts of a container in order (values only of a dict); None for anything else."""
    if isinstance(raw, List):
        return raw.items
    if isinstance(raw, Dict):
        return list(raw.items.values())
    if isinstance(raw, (Record, RecordData)):
        return list(raw.fields.values())
    if isinstance(raw, Mapping):
        return list(raw.values())
    return list(raw) if isinstance(raw, (list, tuple)) else ([] if isinstance(raw, Set) else None)


def _rebuilt(raw: Value, parts: list[Plain]) -> Plain:
    if isinstance(raw, (List, list)):
        limit = getattr(raw, "limit", None)
        return deque(parts, limit) if getattr(raw, "ends", False) else parts
    if isinstance(raw, tuple):
        return tuple(parts)
    if isinstance(raw, Set):
        return frozenset(raw.items) if raw.frozen else set(raw.items)
    if isinstance(raw, (Record, RecordData)):
        return RecordData(raw.name, dict(zip(raw.fields, parts, strict=True)))
    assert isinstance(raw, (Dict, Mapping))
    keys = raw.items if isinstance(raw, Dict) else raw
    return dict(zip(keys, parts, strict=True))
