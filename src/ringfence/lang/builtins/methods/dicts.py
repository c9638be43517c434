"""Methods of dicts, and the rows that a dict is made or updated from.

Its one rule: a label of a key goes into that of the dict, by which the dict says what it holds; values keep theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, Value, element, with_label
from ringfence.lang import sizes
from ringfence.lang.iteration import LEAVES, collect
from ringfence.lang.keys import key_of, value_of_key
from ringfence.lang.mappings import entries, like
from ringfence.lang.objects import Native, View, label_of, labelled, settle, split
from ringfence.lang.operations.truth import truth
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _dict(receiver: Value) -> tuple[Dict, Label]:
    if type(receiver) is Labeled:
        raw, label = receiver._value, receiver.label
    else:
        raw, label = receiver, TRUSTED_PUBLIC
    assert isinstance(raw, Dict)
    return raw, raw.label if label is TRUSTED_PUBLIC or label is raw.label else label.join(raw.label)


def _keys(run: Run, receiver: Value) -> Value:
    raw, label = _dict(receiver)
    run.tick(len(raw.items) // 8)
    return labelled(View("dict_keys", [value_of_key(key) for key in raw.items], label), label)


def _values(run: Run, receiver: Value) -> Value:
    raw, label = _dict(receiver)
    run.tick(len(raw.items) // 4)
    return labelled(View("dict_values", list(entries(raw).values()), label), label)


def _items(run: Run, receiver: Value) -> Value:
    raw, label = _dict(receiver)
    run.tick(len(raw.items) // 4)
    rows: list[Value] = [(value_of_key(key), part) for key, part in entries(raw).items()]
    return labelled(View("dict_items", rows, label), label)


def _get(run: Run, receiver: Value, key: Value, default: Value = None) -> Value:
    raw, label = _dict(receiver)
    if type(key) is Labeled and type(key._value) is str:
        if key.label is not label:
            label = label.join(key.label)
        kept = raw.items.get(key._value, default)
        if type(kept) in LEAVES:
            return kept if label is TRUSTED_PUBLIC else Labeled(kept, label)
        if type(kept) is Labeled and kept.label is label and type(kept._value) in LEAVES:
            return kept
    found, key_label = key_of(key)
    label = label.join(key_label)
    if found in raw.items:
        return element(raw, raw.items, found, label)
    return with_label(settle(default), label)


def _pop(run: Run, receiver: Value, key: Value, *default: Value) -> Value:
    raw, label = _dict(receiver)
    found, key_label = key_of(key)
    label = label.join(key_label)
    if found not in raw.items:
        if default:
            run.changing(receiver)
            raw.taint(key_label)
            return with_label(default[0], label)
        fail("KeyError", str(found), label)
    made = element(raw, raw.items, found, label)
    run.changing(receiver)
    raw.taint(key_label)
    del raw.items[found]
    return made


def _popitem(run: Run, receiver: Value, last: Value = True) -> Value:
    raw, label = _dict(receiver)
    which = label_of(last)
    label = label.join(which)
    if not raw.items:
        fail("KeyError", "popitem(): dictionary is empty", label)
    key = next(reversed(raw.items) if truth(last) else iter(raw.items))
    made = element(raw, raw.items, key, label)
    run.changing(receiver)
    raw.taint(which)
    del raw.items[key]
    return with_label((value_of_key(key), made), label)


def _setdefault(run: Run, receiver: Value, key: Value, default: Value = None) -> Value:
    raw, label = _dict(receiver)
    found, key_label = key_of(key)
    label = label.join(key_label)
    if found not in raw.items:
        run.changing(receiver)
        raw.taint(key_label)
        raw.items[found] = default
        run.charge(100)
    elif key_label is not TRUSTED_PUBLIC:
        run.changing(receiver)
        raw.taint(key_label)
    return element(raw, raw.items, found, label)


def pairs(run: Run, values: Value) -> tuple[list[tuple[Value, Value]], Label]:
    """The rows of a dict, or of an iterable of pairs: raw keys, values; and the label of the shape with the keys."""
    values = settle(values)
    raw, label = split(values)
    if isinstance(raw, Dict):
        return list(entries(raw).items()), label.join(raw.label)
    rows, label = collect(run, values)
    made: list[tuple[Value, Value]] = []
    for number, row in enumerate(rows):
        what = f"dictionary update sequence element #{number}"
        two, row_label = collect(run, row, f"cannot convert {what} to a sequence")
        if len(two) != 2:
            fail("ValueError", f"{what} has length {len(two)}; 2 is required", label.join(row_label))
        key, key_label = key_of(two[0])
        label = label.join(row_label).join(key_label)
        made.append((key, two[1]))
    return made, label


def _update(run: Run, receiver: Value, values: Value = None, **keywords: Value) -> Value:
    raw, _ = _dict(receiver)
    rows: list[tuple[Value, Value]] = []
    label = TRUSTED_PUBLIC
    if values is not None:
        rows, label = pairs(run, values)
    run.changing(receiver)
    raw.taint(label)
    for key, value in [*rows, *keywords.items()]:
        raw.items[key] = value
    return None


def _clear(run: Run, receiver: Value) -> Value:
    raw, _ = _dict(receiver)
    run.changing(receiver)
    raw.items.clear()
    return None


def _copy(run: Run, receiver: Value) -> Value:
    raw, label = _dict(receiver)
    return labelled(like(raw, entries(raw), label), label)


def fromkeys(run: Run, keys: Value, value: Value = None) -> Value:
    """`dict.fromkeys`."""
    parts, label = collect(run, keys)
    made: dict[Value, Value] = {}
    for part in sizes.looked(parts):
        key, key_label = key_of(part)
        label = label.join(key_label)
        made[key] = value
    return Dict(made, label)


DICT: Final[dict[str, Native]] = {
    "keys": _keys,
    "values": _values,
    "items": _items,
    "get": _get,
    "pop": _pop,
    "popitem": _popitem,
    "setdefault": _setdefault,
    "update": _update,
    "clear": _clear,
    "copy": _copy,
    # That the object has this method tells what it is.
    "fromkeys": lambda run, receiver, keys, value=None: with_label(fromkeys(run, keys, value), split(receiver)[1]),
}
