"""Going over values: one protocol for everything that can be iterated.

Its one rule: each element comes with the label of its container's shape, and the label of how far the
iteration goes can be read from the iterator at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import GeneratorType
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import PLAIN_CONTAINERS, RecordData
from ringfence.core.values import (
    Dict,
    Labeled,
    List,
    Record,
    Set,
    StoredOrigin,
    Value,
    belong,
    element,
    type_name,
    with_label,
)
from ringfence.lang import sizes
from ringfence.lang.keys import value_of_key
from ringfence.lang.objects import Iter, TypeValue, label_of, settle
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

LEAVES: Final = frozenset({str, int, float, bool, type(None)})
_OBJECTS: Final = LEAVES | {Record, List, Dict}  # what stands in a list as it is read there
_RECORDS: Final = frozenset({RecordData, Record})
END: Final = object()  # what an iterator gives that has ended


def iterate(run: Run, value: Value, region: int = 0, unfit: str = "") -> Iter:
    """An iterator over the value. Raises the plan's TypeError (with `unfit` as its text) for what cannot be iterated.

    `region`: what going over it may do, where that is known; else the built-in that is running says it.
    """
    value = settle(value)
    if type(value) is Labeled:
        raw, label = value._value, value.label
        if run.tries:  # that it can be gone over is known from here on, also where nothing is asked of it yet
            run.held(label)
    else:
        raw, label = value, TRUSTED_PUBLIC
    if isinstance(raw, Iter):
        going_on(run, raw)
        if label is TRUSTED_PUBLIC:
            return raw
        run.chosen(raw, label, region)
        outer = Iter(iter(()), label.join(raw.label), raw.kind)
        outer.steps = _relabelled(run, outer, raw, label)
        return outer
    if isinstance(raw, List):
        made = Iter(iter(()), label.join(raw.label), "list_iterator")
        made.steps = _list_steps(made, raw, label, value.origin if type(value) is Labeled else None)
        return made
    made = Iter(iter(()), label, "iterator")
    if isinstance(raw, (tuple, str, range, bytes)):
        made.steps = iter(raw) if label is TRUSTED_PUBLIC else _labelled(raw, label)
    elif isinstance(raw, (Dict, Set)):
        made.label = label.join(raw.label)
        made.steps = _key_steps(made, raw, label)
    elif isinstance(raw, TypeValue) and raw.members:
        made.steps = iter(raw.members.values())
    elif isinstance(raw, Record) and raw.indexed:
        made.label = label.join(raw.label)
        made.steps = _field_steps(raw, made.label)
    else:
        fail("TypeError", unfit or f"'{type_name(value)}' object is not iterable", label_of(value))
    return made


def going_on(run: Run, steps: Iter) -> None:
    """An iterator is about to go on, which changes it. It refuses to from inside of its own code, as Python does."""
    if run.promises:
        run.in_order()
    if type(steps.steps) is GeneratorType and steps.steps.gi_running:
        fail("ValueError", "generator already executing", steps.label)


def stepped(run: Run, made: Iter, source: Iter) -> Value:
    """The next part of `source`, or `END`: how far `source` goes decides how far `made` goes, which goes over it."""
    pc = run.pc
    if made.label is not TRUSTED_PUBLIC:
        run.pc = pc.join(made.label)
    part = next(source.steps, END)
    run.pc = pc.join(run.fail) if run.tries else pc
    if source.label is not made.label:
        made.label = made.label.join(source.label)
        run.depends(made.label, made.region)
    return part


def _field_steps(source: Record, label: Label) -> Iterator[Value]:
    for name in source.fields:
        yield element(source, source.fields, name, label)


def _labelled(parts: Iterable[Value], label: Label) -> Iterator[Value]:
    for part in parts:
        yield with_label(part, label)


def _relabelled(run: Run, outer: Iter, inner: Iter, label: Label) -> Iterator[Value]:
    """Consuming an iterator through a labelled reference happens under that label, and marks what comes out."""
    while True:
        pc = run.pc
        run.pc = pc.join(label)
        part = next(inner.steps, END)
        run.back(pc)
        outer.label = outer.label.join(inner.label)
        if part is END:
            return
        yield with_label(part, label)


def _list_steps(made: Iter, source: List, reference: Label, origin: StoredOrigin) -> Iterator[Value]:
    """Like Python's: by index, over the list as it is at each step."""
    items = source.items
    shape = source.label
    label = reference.join(shape)
    index = 0
    while index < len(items):
        if source.label is not shape:
            shape = source.label
            label = reference.join(shape)
            made.label = made.label.join(label)
        found = items[index]
        if type(found) in LEAVES:
            if label is not TRUSTED_PUBLIC:
                found = Labeled(found, label, None if origin is None or source.changed else (origin, index))
        else:
            found = element(source, items, index, label, origin)
        index += 1
        yield found
    made.label = made.label.join(reference).join(source.label)


def _key_steps(made: Iter, source: Dict | Set, reference: Label) -> Iterator[Value]:
    try:
        for key in source.items:
            label = reference.join(source.label)
            made.label = made.label.join(label)
            yield with_label(value_of_key(key), label)
    except RuntimeError as error:
        kind = "Set" if isinstance(source, Set) else "dictionary"
        if type(error) is RuntimeError:
            fail("RuntimeError", f"{kind} changed size during iteration", reference.join(source.label))
        raise


def parts_at(holder: List, label: Label, origin: StoredOrigin, places: Sequence[int]) -> list[Value]:
    """The parts of a list at these places, as `element` gives them."""
    items = holder.items
    made: list[Value] = []
    if holder.changed:
        origin = None
    for place in sizes.looked(places):
        part = items[place]
        kind = type(part)
        if kind is RecordData:
            part = items[place] = record_at(holder, part)
        elif kind is Labeled:
            same = origin is None and under(part, label)  # type: ignore[arg-type]  # its kind has been looked at
            made.append(part if same else element(holder, items, place, label, origin))
            continue
        elif kind is tuple or kind in PLAIN_CONTAINERS:
            made.append(element(holder, items, place, label, origin))
            continue
        elif label is TRUSTED_PUBLIC and kind in LEAVES:
            made.append(part)
            continue
        if label is TRUSTED_PUBLIC and origin is None:
            made.append(part)
        else:
            made.append(Labeled(part, label, None if origin is None else (origin, place)))
    return made


def parts_within(holder: List, label: Label, origin: StoredOrigin, places: Sequence[int]) -> list[Value]:
    """As `parts_at`, for places that differ, and for a container whose own label is above `label`.

    Whoever reads a part there joins that, so that a part which needs no origin need not hold it, too.
    """
    if origin is None or holder.changed:
        items = holder.items
        made = [items[place] for place in places]
        kinds = set(map(type, made))
        if kinds <= _OBJECTS:
            return made
        if kinds <= _RECORDS:
            return _records_at(holder, made, places)
    return parts_at(holder, label, origin, places)


def _records_at(holder: List, found: list[Value], places: Sequence[int]) -> list[Value]:
    """As `record_at`, for all that stands at these places."""
    items = holder.items
    made: list[Value]
    if holder.site:
        made = [part if type(part) is Record else record_at(holder, part) for part in found]
    else:
        label = holder.label
        made = [part if type(part) is Record else Record(part.name, part.fields, label) for part in found]  # type: ignore[attr-defined]  # RecordData
    for place, part in zip(places, made, strict=True):
        items[place] = part
    return made


def under(part: Labeled, label: Label) -> bool:
    """Whether `element` gives the part as it is: under this label, and nothing that is made when it is read."""
    return part.label is label and type(part._value) not in PLAIN_CONTAINERS


def record_at(holder: List, part: Value) -> Record:
    """A record of a tool's result as an object, which takes its place in the list that holds it."""
    assert type(part) is RecordData
    made = Record(part.name, part.fields, holder.label)
    if holder.site:
        belong(made, holder.site, holder.kin)
    return made


def collect(run: Run, value: Value, unfit: str = "") -> tuple[list[Value], Label]:
    """All elements, and the label of how many there are; each element is a step. `unfit`: said if it has none."""
    value = settle(value)
    raw = value._value if type(value) is Labeled else value
    if type(raw) is List:
        label = raw.label if raw is value else value.label.join(raw.label)  # type: ignore[attr-defined]
        if raw is not value and run.tries:
            run.held(value.label)  # type: ignore[attr-defined]  # it is labelled
        run.tick(len(raw.items))
        origin = value.origin if type(value) is Labeled else None
        return parts_at(raw, label, origin, range(len(raw.items))), label
    source = iterate(run, value, unfit=unfit)
    made: list[Value] = []
    append: Callable[[Value], None] = made.append
    for part in source.steps:
        append(part)
        run.steps += 1
        if run.steps > run.next_check:
            run.check()
    return made, source.label
