"""Running kernels: comprehensions, sort keys and reductions over a sequence whose parts all have one label.

Its one rule: a kernel is run only where every value that it reads is a leaf whose label is below that of the sequence,
so that whatever it computes has, in a container under that label, the label that the runtime's operations would give.
Where that does not hold, and wherever anything fails inside, the answer is None, nothing has happened, and the
runtime's operations do the whole expression from the start (docs/decisions/0003-uniform-kernels.md).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Final, TypeAlias, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import RecordData
from ringfence.core.values import Dict, Heap, Labeled, List, Record, Set, StoredOrigin, Value, element, label_of
from ringfence.lang.iteration import LEAVES, parts_at
from ringfence.lang.kernels import Reduction
from ringfence.lang.kernelwriting import LEAF_BITS, LEAF_CHARS, Column, Kernel
from ringfence.lang.keys import key_of
from ringfence.lang.mappings import Counter, DefaultDict
from ringfence.lang.objects import Function, settle
from ringfence.lang.operations.attributes import attr
from ringfence.lang.operations.items import item

if TYPE_CHECKING:
    from ringfence.lang.engine import Run
    from ringfence.lang.loops import Loop

NUMBERS: Final = frozenset({int, float, bool})
_RECORDS: Final = frozenset({RecordData, Record})
_DICTS: Final = frozenset({dict, Dict})
_CHUNK: Final = 1024
_MOST: Final = 1_000_000_000
_LEAF: Final = 1 << LEAF_BITS
_WHOLE: Final = Kernel("leaf", (), takes="kept")
_NOTHING: Final = object()

# A kernel's function in the generated code: from columns and variables to what the comprehension takes.
Computed: TypeAlias = Callable[..., list[Value]]


@final
@dataclass(frozen=True, slots=True)
class Source:
    """A sequence whose parts all have one label: its parts as they are stored, the label, the origin of the whole."""

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
    if type(parts) is range or Labeled not in set(map(type, parts)):
        return parts
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
    parts = raw_parts(stored, label)
    if parts is None:
        return None
    if kernel.mode == "leaf":
        columns = [parts]
    else:
        kinds = set(map(type, parts))
        if not kinds <= (_RECORDS if kernel.mode == "field" else _DICTS):
            return None
        if (Record in kinds or Dict in kinds) and not _shapes_below(parts, label):
            return None
        try:
            columns = [_read(kernel.mode, column, parts) for column in kernel.columns]
        except KeyError:
            return None
    for index, values in enumerate(columns):
        if not _small(values, index in kernel.numbers):
            return None
    return columns


def _shapes_below(parts: Sequence[Value], label: Label) -> bool:
    return all(_below(one, label) for one in {part.label for part in parts if isinstance(part, Heap)})


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
    """The parts at these places, or a field or item of each."""
    holder, label, origin = source.holder, source.label, source.origin
    if holder is None:
        return [source.parts[place] for place in places]
    items = holder.items
    name = kernel.projects
    if name is None:
        return parts_at(holder, label, origin, places)
    if origin is None and Labeled not in set(map(type, items)):
        return _read(kernel.mode, Column(name), [items[place] for place in places])
    read = attr if kernel.mode == "field" else item
    return [read(run, element(holder, items, place, label, origin), name) for place in places]


def uniform(
    run: Run, region: int, function: Computed, kernel: Kernel, value: Value, variables: tuple[Value, ...], kind: str
) -> Value | None:
    """A comprehension by its kernel, or None. A generator that is used up at once is a list."""
    from ringfence.lang.loops import Loop

    source = source_of(settle(value))
    if source is None:
        return None
    loop = Loop(run, region)
    loop.depend(source.label)
    found = computed(run, function, kernel, source, variables, 1)
    run.back(loop.pc)
    if found is None:
        return None
    label = source.label
    if kind == "dict":
        made: Value = _dict(run, kernel, source, found)
        return made
    if kernel.takes == "kept":
        found = taken(run, kernel, source, found)  # type: ignore[arg-type]  # places are integers
    if kind == "set":
        return _set(found, label)
    made = List(found, label)
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def _set(found: list[Value], label: Label) -> Value:
    if not set(map(type, found)) <= {str}:
        found = [key_of(value)[0] for value in found]
    return Set(dict.fromkeys(found), label)


def _dict(run: Run, kernel: Kernel, source: Source, found: list[Value]) -> Value:
    rows: list[tuple[Value, Value]] = found  # type: ignore[assignment]  # a dict's function gives pairs
    keys = [key if type(key) is str else key_of(key)[0] for key, _ in rows]
    values = [value for _, value in rows]
    if kernel.takes == "kept":
        values = taken(run, kernel, source, values)  # type: ignore[arg-type]  # places are integers
    return Dict(dict(zip(keys, values, strict=True)), source.label)


def reduced(
    run: Run,
    loop: Loop,
    function: Computed,
    reduction: Reduction,
    value: Value,
    variables: tuple[Value, ...],
    holder: Value,
    last: Value,
    weight: int,
) -> tuple[Value, Value] | None:
    """A loop by its kernel, or None: the loop's variable at its end, and the sum.

    Everything is computed first; what can fail has not changed anything.
    """
    source = source_of(settle(value))
    if source is None:
        return None
    loop.depend(source.label)
    found = computed(run, function, reduction.kernel, source, variables, weight)
    total: Value = holder
    if found:
        total = _into(run, reduction, source, found, holder)
    if found is None or total is _NOTHING:
        run.steps -= 0 if found is None else len(source.parts) * weight
        run.back(loop.pc)
        loop.label = TRUSTED_PUBLIC
        return None
    size = len(source.parts)
    if size:
        last = taken(run, _WHOLE, source, [size - 1])[0]
        last = last if source.holder is not None or source.label is TRUSTED_PUBLIC else Labeled(last, source.label)
    return last, total


def _into(run: Run, reduction: Reduction, source: Source, found: list[Value], holder: Value) -> Value:
    """Add what the kernel gave to a dict's totals, to a sum, or to a list; `_NOTHING` where that cannot be done."""
    try:
        if reduction.form == "sum":
            return run.touch(_summed(found, source.label, holder))
        if reduction.form == "append":
            return _appended(run, reduction.kernel, source, found, holder)
        return _totalled(run, reduction, found, holder)
    except ArithmeticError:
        return _NOTHING


def _summed(found: list[Value], label: Label, holder: Value) -> Value:
    first, own = (holder._value, holder.label) if type(holder) is Labeled else (holder, TRUSTED_PUBLIC)
    if type(first) not in NUMBERS or not set(map(type, found)) <= NUMBERS:
        return _NOTHING
    total: Value = reduce(operator.add, found, first)
    label = label.join(own)
    return total if label is TRUSTED_PUBLIC else Labeled(total, label)


def _appended(run: Run, kernel: Kernel, source: Source, found: list[Value], holder: Value) -> Value:
    raw, reference = (holder._value, holder.label) if type(holder) is Labeled else (holder, TRUSTED_PUBLIC)
    if type(raw) is not List or raw is source.holder:
        return _NOTHING
    if kernel.takes == "kept":
        found = taken(run, kernel, source, found)  # type: ignore[arg-type]  # places are integers
    run.changing(holder)
    if run.tries:
        run.held(reference)
    raw.items.extend(found)
    run.tick(len(found))
    return None


def _totalled(run: Run, reduction: Reduction, found: list[Value], holder: Value) -> Value:
    raw = holder._value if type(holder) is Labeled else holder
    if type(raw) not in (Dict, DefaultDict, Counter):
        return _NOTHING
    assert isinstance(raw, Dict)
    items, missing = raw.items, _missing(raw) if reduction.missing is None else reduction.missing
    rows: list[tuple[Value, int]] = found  # type: ignore[assignment]  # pairs of key and value
    if not {type(value) for _, value in rows} <= NUMBERS:
        return _NOTHING
    totals: dict[Value, int] = {}
    known = TRUSTED_PUBLIC  # of what is added to: in a `try` it matters that the adding has not failed
    for key, value in rows:
        if type(key) is not str:
            key = key_of(key)[0]
        if key in totals:
            totals[key] += value
            continue
        begun = items.get(key, missing)
        if type(begun) is Labeled:
            known = known.join(begun.label)
            begun = begun._value
        if type(begun) not in NUMBERS:
            return _NOTHING
        totals[key] = begun + value  # type: ignore[operator]  # a number
    run.changing(holder)
    if run.tries:
        run.held(known.join(label_of(holder)))
    for key, total in totals.items():
        held = items.get(key)
        label = raw.label.join(held.label) if type(held) is Labeled else raw.label
        if key not in items:
            run.charge(100)
        items[key] = total if label is TRUSTED_PUBLIC else Labeled(total, label)
    return None


def _missing(holder: Dict) -> Value:
    """With what a key's total begins: 0 in a Counter and in a defaultdict of numbers."""
    if isinstance(holder, Counter):
        return 0
    if isinstance(holder, DefaultDict):
        from ringfence.lang.builtins.functions.types import TYPES

        return 0 if holder.factory is TYPES["int"] else 0.0 if holder.factory is TYPES["float"] else None
    return None


@final
class KeyKernel:
    """The kernel of a function that a plan passes as a key."""

    __slots__ = ("function", "kernel")

    def __init__(self, function: Computed, kernel: Kernel) -> None:
        self.function = function
        self.kernel = kernel


def keys_by_kernel(run: Run, source: Source, key: Value) -> list[Value] | None:
    """What a key function gives for all parts, if it has a kernel and all can be compared as they are."""
    before = run.steps
    if key is None:
        found = raw_parts(source.parts, source.label)
        if found is None:
            return None
        run.tick(len(found))
    else:
        if not isinstance(key, Function) or not isinstance(key.kernel, KeyKernel):
            return None
        # One step to go over the part, and those of a call.
        found = computed(run, key.kernel.function, key.kernel.kernel, source, (), 2)
        if found is None:
            return None
    kinds = set(map(type, found))
    if kinds <= NUMBERS or kinds == {str}:
        return list(found)
    run.steps = before
    return None


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


__all__ = ["KeyKernel", "Source", "computed", "keys_by_kernel", "numbers_of", "reduced", "source_of", "uniform"]
