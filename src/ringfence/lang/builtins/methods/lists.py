"""Methods of lists, their views and tuples.

Its one rule: a change goes through `_changed`, which marks the list with all that it tells; what is handed out keeps
its label, under that of the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Labeled, List, Value, element, type_name
from ringfence.lang import sizes
from ringfence.lang.builtins.ordering import sorted_values
from ringfence.lang.iteration import collect
from ringfence.lang.objects import Native, View, deep, labelled, settle_deep, split
from ringfence.lang.operations.comparison import equal_raw
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _list(receiver: Value) -> tuple[List, Label]:
    raw, label = split(receiver)
    assert isinstance(raw, List)
    return raw, label


def _changed(run: Run, receiver: Value) -> List:
    raw, _ = _list(receiver)
    if isinstance(raw, View):
        fail("AttributeError", f"'{raw.kind}' object cannot be changed")
    run.changing(receiver)
    return raw


def _append(run: Run, receiver: Value, value: Value) -> Value:
    if run.promises:
        run.in_order()
    raw = receiver._value if type(receiver) is Labeled else receiver
    if type(raw) is List and type(receiver) is not Labeled and run.pc is TRUSTED_PUBLIC:
        raw.changed = True
        raw.items.append(value)
    else:
        raw = _changed(run, receiver)
        raw.items.append(value)
        _shorten(raw)
    run.steps += 1
    return None


def _shorten(raw: List) -> None:
    limit = getattr(raw, "limit", None)
    if limit is not None and len(raw.items) > limit:
        del raw.items[: len(raw.items) - limit]


def _extend(run: Run, receiver: Value, values: Value) -> Value:
    made, label = collect(run, values)
    raw = _changed(run, receiver)
    raw.taint(label)
    raw.items.extend(made)
    _shorten(raw)
    return None


def _index_of(value: Value) -> tuple[int, Label]:
    raw, label = split(value)
    if not isinstance(raw, int):
        fail("TypeError", f"'{type_name(raw)}' object cannot be interpreted as an integer", label)
    return int(raw), label


def _insert(run: Run, receiver: Value, index: Value, value: Value) -> Value:
    where, label = _index_of(index)
    raw = _changed(run, receiver)
    raw.taint(label)
    sizes.copied(len(raw.items) >> 3)
    raw.items.insert(where, value)
    return None


def _pop(run: Run, receiver: Value, index: Value = -1) -> Value:
    raw, reference = _list(receiver)
    where, label = _index_of(index)
    size = len(raw.items)
    label = label.join(reference).join(raw.label)
    if not size:
        fail("IndexError", "pop from empty list", label)
    if not -size <= where < size:
        fail("IndexError", "pop index out of range", label)
    found = element(raw, raw.items, where + size if where < 0 else where, label)
    raw = _changed(run, receiver)
    raw.taint(label)
    del raw.items[where]
    return found


def _remove(run: Run, receiver: Value, value: Value) -> Value:
    raw, reference = _list(receiver)
    value = settle_deep(value)
    label = reference.join(deep(receiver)).join(deep(value))
    for index, part in enumerate(raw.items):
        if equal_raw(part, value):
            _changed(run, receiver).taint(label)
            del raw.items[index]
            return None
    fail("ValueError", "list.remove(x): x not in list", label)


def _clear(run: Run, receiver: Value) -> Value:
    _changed(run, receiver).items.clear()
    return None


def _sort(run: Run, receiver: Value, *, key: Value = None, reverse: Value = False) -> Value:
    raw, reference = _list(receiver)
    values, label = collect(run, receiver)
    made, order = sorted_values(run, values, key, reverse)
    raw = _changed(run, receiver)
    raw.taint(order.join(label).join(reference) if order is not TRUSTED_PUBLIC else order)
    raw.items[:] = made
    return None


def _reverse(run: Run, receiver: Value) -> Value:
    _changed(run, receiver).items.reverse()
    return None


def _copy(run: Run, receiver: Value) -> Value:
    made, label = collect(run, receiver)
    return labelled(List(made, label), label)


def _search(run: Run, receiver: Value, value: Value, start: Value = 0, stop: Value = None) -> tuple[list[int], Label]:
    parts, label = collect(run, receiver)
    value = settle_deep(value)
    label = label.join(deep(receiver)).join(deep(value)).join(deep(start)).join(deep(stop))
    first, last = split(start)[0], split(stop)[0]
    if not isinstance(first, int) or not (last is None or isinstance(last, int)):
        fail("TypeError", "slice indices must be integers or have an __index__ method", label)
    span = range(*slice(first, last).indices(len(parts)))
    sizes.work(len(span) // 3)
    return [index for index in span if equal_raw(parts[index], value)], label


def count_in(run: Run, receiver: Value, value: Value) -> Value:
    found, label = _search(run, receiver, value)
    return labelled(len(found), label)


def index_in(run: Run, receiver: Value, value: Value, start: Value = 0, stop: Value = None) -> Value:
    found, label = _search(run, receiver, value, start, stop)
    if not found:
        fail("ValueError", f"value is not in {type_name(receiver)}", label)
    return labelled(found[0], label)


LIST: Final[dict[str, Native]] = {
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "pop": _pop,
    "remove": _remove,
    "clear": _clear,
    "sort": _sort,
    "reverse": _reverse,
    "copy": _copy,
    "count": count_in,
    "index": index_in,
}
VIEW: Final = {name: LIST[name] for name in ("copy", "count", "index")}
TUPLE: Final[dict[str, Native]] = {"count": count_in, "index": index_in}
