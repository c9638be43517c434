"""What kernels go over: sequences whose parts all have one label, and the columns that are read of them.

Its one rule: a kernel is run only where every value that it reads is a leaf whose label is below that of the sequence,
so that whatever it computes has, in a container under that label, the label that the runtime's operations would give.
Where that does not hold, and wherever anything fails inside, the answer is None, nothing has happened, and the
runtime's operations do the whole expression from the start (docs/decisions/0003-uniform-kernels.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeAlias, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import RecordData
from ringfence.core.values import Dict, Heap, Labeled, List, Record, StoredOrigin, Value, element
from ringfence.lang.iteration import LEAVES, parts_within
from ringfence.lang.kernels.kernel import LEAF_BITS, LEAF_CHARS, Column, Kernel
from ringfence.lang.objects import settle
from ringfence.lang.operations.arithmetic import NUMBERS
from ringfence.lang.operations.attributes import attr
from ringfence.lang.operations.items import item

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


_RECORDS: Final = frozenset({RecordData, Record})
_DICTS: Final = frozenset({dict, Dict})
_PLAIN: Final = frozenset({dict, RecordData})  # they have no label of their own
_OWN: Final = attrgetter("label")
_CHUNK: Final = 1024
_MOST: Final = 1_000_000_000
_LEAF: Final = 1 << LEAF_BITS
# A kernel's function in the generated code: from columns and variables to what the comprehension takes.
Computed: TypeAlias = Callable[..., list[Value]]


@final
@dataclass(slots=True, eq=False)
class Source:
    """A sequence whose parts all have one label: its parts as they are stored, the label, the origin of the whole.

    Not frozen only because that takes four times as long; nobody changes it.
    """

    holder: List | None  # None: a range
    parts: Sequence[Value]
    label: Label
    origin: StoredOrigin


def source_of(value: Value) -> Source | None:
    """What can be gone over as a whole: a list, or a range. The value has been settled."""
    raw: Value
    if type(value) is Labeled:
        raw, label, origin = value._value, value.label, value.origin
    else:
        raw, label, origin = value, TRUSTED_PUBLIC, None
    if type(raw) is List:
        return Source(raw, raw.items, label.join(raw.label), origin)
    if type(raw) is range and -((raw.start - raw.stop) // raw.step) <= _MOST:
        return Source(None, raw, label, None)
    return None


def _below(label: Label, top: Label) -> bool:
    return label is top or label is TRUSTED_PUBLIC or label.join(top) is top


def raw_parts(parts: Sequence[Value], label: Label) -> Sequence[Value] | None:
    """The parts without the labels of their references; None if one has a label that is not below `label`."""
    return parts if type(parts) is range or Labeled not in set(map(type, parts)) else _bared(parts, label)


def _bared(parts: Sequence[Value], label: Label) -> list[Value] | None:
    """As `raw_parts`, where there are such labels."""
    made: list[Value] = []
    for part in parts:
        if type(part) is Labeled:
            if part.label is not label and not _below(part.label, label):
                return None
            made.append(part._value)
        else:
            made.append(part)
    return made


def _columns(kernel: Kernel, stored: Sequence[Value], label: Label) -> list[Sequence[Value]] | None:
    """What the kernel reads of these parts; None if something of it is no small leaf under `label`."""
    if kernel.mode == "leaf":
        whole = raw_parts(stored, label)
        if whole is None:
            return None
        columns = [whole]
    else:
        parts = _holders(_RECORDS if kernel.mode == "field" else _DICTS, stored, label)
        if parts is None:
            return None
        try:
            columns = [_read(kernel.mode, column, parts) for column in kernel.columns]
        except KeyError:
            return None
    for index, values in enumerate(columns):
        if not _small(values, index in kernel.numbers):
            return None
    return columns


def _holders(wanted: frozenset[type], stored: Sequence[Value], label: Label) -> Sequence[Value] | None:
    """The parts without labels, if all are of the kinds that are wanted and nothing of them is above `label`."""
    parts, kinds = stored, set(map(type, stored))
    if Labeled in kinds:
        bare = _bared(stored, label)
        if bare is None:
            return None
        parts, kinds = bare, set(map(type, bare))
    if not kinds <= wanted:
        return None
    if kinds <= _PLAIN:
        return parts
    shapes = {part.label for part in parts if isinstance(part, Heap)} if len(kinds) > 1 else set(map(_OWN, parts))
    return parts if all(_below(one, label) for one in shapes) else None


def _read(mode: str, column: Column, parts: Sequence[Value]) -> list[Value]:
    name = column.name
    if mode == "field":
        return [part.fields[name] for part in parts]  # type: ignore[attr-defined]  # records, checked by the caller
    holders: list[dict[str, Value]] = [part if type(part) is dict else part.items for part in parts]  # type: ignore[attr-defined]  # dicts
    if column.given:
        return [holder.get(name, column.default) for holder in holders]
    return [holder[name] for holder in holders]


def _small(values: Sequence[Value], number: bool) -> bool:
    """Whether all are leaves, texts among them no longer and numbers (where it matters) no larger than kernels take."""
    if type(values) is range:
        return not number or not values or max(abs(values[0]), abs(values[-1])) < _LEAF
    kinds = set(map(type, values))
    if number:
        whole: list[int] = [value for value in values if type(value) is int]
        return kinds <= NUMBERS and (not whole or (max(whole) < _LEAF and min(whole) > -_LEAF))
    if not kinds <= LEAVES:
        return False
    if kinds == {str}:
        return max(map(len, values)) <= LEAF_CHARS  # type: ignore[arg-type]  # all of them are texts
    return str not in kinds or all(len(value) <= LEAF_CHARS for value in values if type(value) is str)


def _variables(kernel: Kernel, values: tuple[Value, ...], label: Label) -> list[Value] | None:
    made: list[Value] = []
    for index, value in enumerate(values, len(kernel.columns)):
        if type(value) is Labeled:
            if not _below(value.label, label):
                return None
            value = value._value
        if not _small((value,), index in kernel.numbers):
            return None
        made.append(value)
    return made


def computed(
    run: Run, function: Computed, kernel: Kernel, source: Source, variables: tuple[Value, ...], steps: int
) -> list[Value] | None:
    """What the kernel gives for all parts: values, or places. `steps` are counted for each part."""
    extra = _variables(kernel, variables, source.label)
    if extra is None:
        return None
    before, size = run.steps, len(source.parts)
    made: list[Value] = []
    if size * steps > run.limits.steps - before:
        return None  # the limit is met on the way: where, the runtime's operations say
    for start in range(0, size, _CHUNK):
        part = source.parts[start : start + _CHUNK] if size > _CHUNK else source.parts
        columns = _columns(kernel, part, source.label)
        if columns is None:
            run.steps = before
            return None
        try:
            found = function(*columns, *extra)
        except Exception:
            run.steps = before
            return None
        if start and kernel.takes == "kept":
            found = _moved(found, start)
        made += found
        run.tick(len(part) * steps)
    if kernel.long:
        long = sum(len(value) for value in made if type(value) is str)
        run.charge(long)
        run.tick(long >> 13)
    return made


def _moved(places: list[Value], start: int) -> list[Value]:
    """Places in a chunk as places in the whole; those of a dict's function come with keys."""
    if places and type(places[0]) is tuple:
        return [(row[0], row[1] + start) for row in places]  # type: ignore[index]  # pairs of key and place
    return [place + start for place in places]  # type: ignore[operator]  # places are integers


def taken(run: Run, kernel: Kernel, source: Source, places: Sequence[int]) -> list[Value]:
    """The parts at these places, or a field or item of each, to be kept under the label of the source."""
    holder, label, origin = source.holder, source.label, source.origin
    if holder is None:
        return [source.parts[place] for place in places]
    items = holder.items
    name = kernel.projects
    if name is None:
        return parts_within(holder, label, origin, places)
    if origin is None and Labeled not in set(map(type, items)):
        return _read(kernel.mode, Column(name), [items[place] for place in places])
    read = attr if kernel.mode == "field" else item
    return [read(run, element(holder, items, place, label, origin), name) for place in places]


def numbers_of(run: Run, value: Value) -> tuple[Source, Sequence[Value]] | None:
    """A sequence of numbers under one label, raw; the steps of going over it are counted."""
    source = source_of(settle(value))
    parts = None if source is None else raw_parts(source.parts, source.label)
    if source is None or parts is None or len(parts) > run.limits.steps - run.steps:
        return None
    if type(parts) is not range and not set(map(type, parts)) <= NUMBERS:
        return None
    run.tick(len(parts))
    return source, parts
