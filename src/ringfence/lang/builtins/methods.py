"""Methods of str, bytes, int, float, list, tuple, dict, set, range and records.

Its one rule: methods that only compute are lifted; methods that change or hand out parts are written out, so that
parts keep their labels and changes go through `Run.changing`.
"""

from __future__ import annotations

import collections
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, List, Record, Set, Value, element, type_name, with_label
from ringfence.lang import sizes
from ringfence.lang.access import attr, make_set, split
from ringfence.lang.builtins.ordering import sorted_values
from ringfence.lang.builtins.tables import METHODS
from ringfence.lang.iteration import LEAVES, collect
from ringfence.lang.keys import key_of, place_in, value_of_key
from ringfence.lang.lifting import lifted, python_of
from ringfence.lang.mappings import Counter, DefaultDict, entries, like
from ringfence.lang.objects import Native, View, deep, settle, settle_deep
from ringfence.lang.operators import equal_raw
from ringfence.lang.raised import fail
from ringfence.lang.text import format_text, str_raw

if TYPE_CHECKING:
    from ringfence.lang.engine import Run

_TEXT: Final = (
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit isidentifier islower "
    "isnumeric isprintable isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind rindex "
    "rpartition rsplit rstrip split splitlines startswith strip swapcase title upper encode"
).split()


def _width(text: str, width: int, *rest: object) -> None:
    sizes.text(max(len(text), width if isinstance(width, int) else 0))


def _replaced(text: str, old: str, new: str, count: int = -1) -> None:
    if isinstance(old, str) and isinstance(new, str):
        times = text.count(old) if count < 0 else min(count, text.count(old))
        sizes.text(max(0, len(text) + times * (len(new) - len(old))))


def _expanded(text: str, tabsize: int = 8) -> None:
    sizes.text(len(text) + text.count("\t") * max(tabsize, 0))


def _join(run: Run, receiver: Value, values: Value) -> Value:
    parts, label = collect(run, values)
    separator, own = split(receiver)
    assert isinstance(separator, str)
    label = label.join(own)
    if set(map(type, parts)) == {str}:
        sizes.text(sum(map(len, parts)) + len(separator) * len(parts))  # type: ignore[arg-type]  # all are texts
        made = separator.join(parts)  # type: ignore[arg-type]
        return made if label is TRUSTED_PUBLIC else Labeled(made, label)
    texts: list[str] = []
    size = 0
    for index, part in enumerate(parts):
        part = settle(part)
        raw, part_label = split(part)
        if part_label is not label:
            label = label.join(part_label)
        if not isinstance(raw, str):
            fail("TypeError", f"sequence item {index}: expected str instance, {type_name(raw)} found", label)
        texts.append(raw)
        size += len(raw)
    sizes.text(size + len(separator) * len(texts))
    made = separator.join(texts)
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def _format(run: Run, receiver: Value, *args: Value, **keywords: Value) -> Value:
    args = tuple(settle_deep(arg) for arg in args)
    template, label = split(receiver)
    assert isinstance(template, str)
    for value in (*args, *keywords.values()):
        label = label.join(deep(value))
    made = format_text(template, args, keywords, label)
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


def _pure(kind: type, names: list[str]) -> dict[str, Native]:
    return {name: lifted(getattr(kind, name)) for name in names}


def _translated(text: str, table: dict[object, object]) -> None:
    """What `translate` makes is as long as its replacements are; each place of a character takes one."""
    sizes.scanned(len(text))
    longest = max((len(value) for value in table.values() if isinstance(value, str)), default=1)
    if longest <= 1 or len(text) * longest <= _SURELY_SMALL:
        sizes.text(len(text))
        return
    sizes.work(len(text) >> 5)
    lengths = {key: len(value) if isinstance(value, str) else 1 for key, value in _table(table).items()}
    counts = collections.Counter(text)
    sizes.text(sum(count * lengths.get(ord(char), 1) for char, count in counts.items()))


_SURELY_SMALL: Final = 4096
_STR: Final[dict[str, Native]] = {
    **_pure(str, _TEXT),
    "join": _join,
    "format": _format,
    "replace": lifted(str.replace, _replaced),
    "expandtabs": lifted(str.expandtabs, _expanded),
    "maketrans": lifted(lambda self, *args: str.maketrans(*args)),
    "translate": lifted(lambda self, table: self.translate(_table(table)), _translated),
    **{name: lifted(getattr(str, name), _width) for name in ("center", "ljust", "rjust", "zfill")},
}


def _table(table: dict[object, object]) -> dict[int, object]:
    return {ord(key) if isinstance(key, str) else int(str(key)): value for key, value in table.items()}


# Lists


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
    if isinstance(raw, bool) or not isinstance(raw, int):
        fail("TypeError", f"'{type_name(raw)}' object cannot be interpreted as an integer", label)
    return raw, label


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
    return _labelled(List(made, label), label)


def _labelled(value: Value, label: Label) -> Value:
    return value if label is TRUSTED_PUBLIC else Labeled(value, label)


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


def _count(run: Run, receiver: Value, value: Value) -> Value:
    found, label = _search(run, receiver, value)
    return _labelled(len(found), label)


def _index(run: Run, receiver: Value, value: Value, start: Value = 0, stop: Value = None) -> Value:
    found, label = _search(run, receiver, value, start, stop)
    if not found:
        fail("ValueError", f"value is not in {type_name(receiver)}", label)
    return _labelled(found[0], label)


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
    "count": _count,
    "index": _index,
}


# Dicts


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
    return _labelled(View("dict_keys", [value_of_key(key) for key in raw.items], label), label)


def _values(run: Run, receiver: Value) -> Value:
    raw, label = _dict(receiver)
    run.tick(len(raw.items) // 4)
    return _labelled(View("dict_values", list(entries(raw).values()), label), label)


def _items(run: Run, receiver: Value) -> Value:
    raw, label = _dict(receiver)
    run.tick(len(raw.items) // 4)
    rows: list[Value] = [(value_of_key(key), part) for key, part in entries(raw).items()]
    return _labelled(View("dict_items", rows, label), label)


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


def _dict_pop(run: Run, receiver: Value, key: Value, *default: Value) -> Value:
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


def _popitem(run: Run, receiver: Value) -> Value:
    raw, label = _dict(receiver)
    if not raw.items:
        fail("KeyError", "popitem(): dictionary is empty", label)
    key = next(reversed(raw.items))
    made = element(raw, raw.items, key, label)
    run.changing(receiver)
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
    for row in rows:
        two, row_label = collect(run, row)
        if len(two) != 2:
            fail("ValueError", "dictionary update sequence element has the wrong length; 2 is required", label)
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


def _dict_clear(run: Run, receiver: Value) -> Value:
    raw, _ = _dict(receiver)
    run.changing(receiver)
    raw.items.clear()
    return None


def _dict_copy(run: Run, receiver: Value) -> Value:
    raw, label = _dict(receiver)
    return _labelled(like(raw, entries(raw), label), label)


DICT: Final[dict[str, Native]] = {
    "keys": _keys,
    "values": _values,
    "items": _items,
    "get": _get,
    "pop": _dict_pop,
    "popitem": _popitem,
    "setdefault": _setdefault,
    "update": _update,
    "clear": _dict_clear,
    "copy": _dict_copy,
    "fromkeys": lambda run, receiver, keys, value=None: fromkeys(run, keys, value),
}


def fromkeys(run: Run, keys: Value, value: Value = None) -> Value:
    """`dict.fromkeys`."""
    parts, label = collect(run, keys)
    made: dict[Value, Value] = {}
    for part in parts:
        key, key_label = key_of(part)
        label = label.join(key_label)
        made[key] = value
    return Dict(made, label)


# Sets


def _set(receiver: Value) -> tuple[Set, Label]:
    raw, label = split(receiver)
    assert isinstance(raw, Set)
    return raw, label.join(raw.label)


def _set_changed(run: Run, receiver: Value) -> Set:
    raw, _ = _set(receiver)
    if raw.frozen:
        fail("AttributeError", "a frozenset cannot be changed")
    run.changing(receiver)
    return raw


def _add(run: Run, receiver: Value, value: Value) -> Value:
    key, label = key_of(value)
    raw = _set_changed(run, receiver)
    raw.taint(label)
    raw.items[key] = None
    run.steps += 1
    return None


def _discard(run: Run, receiver: Value, value: Value) -> Value:
    key, label = key_of(value)
    raw = _set_changed(run, receiver)
    raw.taint(label)
    raw.items.pop(key, None)
    return None


def _set_remove(run: Run, receiver: Value, value: Value) -> Value:
    key, label = key_of(value)
    raw, own = _set(receiver)
    if key not in raw.items:
        fail("KeyError", str(key), label.join(own))
    return _discard(run, receiver, value)


def _set_pop(run: Run, receiver: Value) -> Value:
    raw, label = _set(receiver)
    if not raw.items:
        fail("KeyError", "pop from an empty set", label)
    _set_changed(run, receiver)
    key = next(iter(raw.items))
    del raw.items[key]
    return with_label(value_of_key(key), label)


def _others(run: Run, values: tuple[Value, ...]) -> tuple[list[dict[Value, None]], Label]:
    made: list[dict[Value, None]] = []
    label = TRUSTED_PUBLIC
    for value in values:
        parts, shape = collect(run, value)
        inner = make_set(run, parts, shape)
        assert isinstance(inner, Set)
        label = label.join(inner.label)
        made.append(inner.items)
    return made, label


def _combined(kind: str) -> Native:
    def native(run: Run, receiver: Value, *values: Value) -> Value:
        raw, own = _set(receiver)
        others, label = _others(run, values)
        label = label.join(own)
        return _labelled(Set(_combine(kind, raw.items, others), label, frozen=raw.frozen), label)

    return native


def _combine(kind: str, items: dict[Value, None], others: list[dict[Value, None]]) -> dict[Value, None]:
    sizes.copied(len(items) + sum(map(len, others)))
    made = dict(items)
    for other in others:
        if kind == "union":
            made.update(other)
        elif kind == "intersection":
            made = {key: None for key in made if key in other}
        elif kind == "difference":
            made = {key: None for key in made if key not in other}
        else:
            only = {key: None for key in other if key not in made}
            made = {**{key: None for key in made if key not in other}, **only}
    return made


def _updated(kind: str) -> Native:
    def native(run: Run, receiver: Value, *values: Value) -> Value:
        others, label = _others(run, values)
        raw = _set_changed(run, receiver)
        raw.taint(label)
        made = _combine(kind, raw.items, others)
        raw.items.clear()
        raw.items.update(made)
        return None

    return native


def _compared(test: Callable[[set[Value], set[Value]], bool]) -> Native:
    def native(run: Run, receiver: Value, values: Value) -> Value:
        raw, own = _set(receiver)
        others, label = _others(run, (values,))
        return _labelled(test(set(raw.items), set(others[0])), label.join(own))

    return native


def _set_clear(run: Run, receiver: Value) -> Value:
    _set_changed(run, receiver).items.clear()
    return None


SET: Final[dict[str, Native]] = {
    "add": _add,
    "discard": _discard,
    "remove": _set_remove,
    "pop": _set_pop,
    "clear": _set_clear,
    "copy": _combined("union"),
    **{name: _combined(name) for name in ("union", "intersection", "difference", "symmetric_difference")},
    "update": _updated("union"),
    "intersection_update": _updated("intersection"),
    "difference_update": _updated("difference"),
    "symmetric_difference_update": _updated("symmetric_difference"),
    "issubset": _compared(lambda a, b: a <= b),
    "issuperset": _compared(lambda a, b: a >= b),
    "isdisjoint": _compared(lambda a, b: a.isdisjoint(b)),
}


# Records


def _record(receiver: Value) -> tuple[Record, Label]:
    raw, label = split(receiver)
    assert isinstance(raw, Record)
    return raw, label


def fields_of(run: Run, receiver: Value) -> dict[Value, Value]:
    """A record's fields as values."""
    raw, _ = _record(receiver)
    return {name: attr(run, receiver, name) for name in raw.fields}


def as_dict(run: Run, receiver: Value, **options: Value) -> Value:
    """`model_dump()`, `asdict()`: nested records become dicts; values keep their labels."""
    return _dumped(run, settle_deep(receiver))


def _dumped(run: Run, value: Value) -> Value:
    raw, label = split(value)
    if isinstance(raw, Record):
        made: Value = Dict({name: _dumped(run, part) for name, part in fields_of(run, value).items()}, raw.label)
    elif type(raw) is List:
        made = List([_dumped(run, part) for part in collect(run, raw)[0]], raw.label)
    elif type(raw) is Dict:
        made = Dict({key: _dumped(run, part) for key, part in entries(raw).items()}, raw.label)
    elif isinstance(raw, tuple):
        made = tuple(_dumped(run, part) for part in raw)
    else:
        return value
    return _labelled(made, label)


def _json(run: Run, receiver: Value, **options: Value) -> Value:
    dumped = as_dict(run, receiver)
    label = deep(dumped)
    made = json.dumps(python_of(dumped), default=str, indent=python_of(options.get("indent")), ensure_ascii=False)  # type: ignore[arg-type]
    return _labelled(made, label)


def updated(run: Run, receiver: Value, changes: dict[str, Value]) -> Value:
    """`replace()`, `model_copy(update=)`, `_replace()`."""
    raw, label = _record(receiver)
    for name in changes:
        if name not in raw.fields:
            fail("TypeError", f"{raw.name} has no field '{name}'", label)
    fields: dict[str, Value] = {str(name): part for name, part in fields_of(run, receiver).items()}
    # What a tool returned cannot be changed; a changed copy of it can. A class of the plan stays what it says.
    made = Record(raw.name, {**fields, **changes}, raw.label, frozen=raw.frozen and bool(raw.kinds))
    made.indexed, made.kinds, made.ordered = raw.indexed, raw.kinds, raw.ordered
    return _labelled(made, label)


def _model_copy(run: Run, receiver: Value, *, update: Value = None, deep: Value = False) -> Value:
    changes = {} if update is None else {str(key): part for key, part in pairs(run, update)[0]}
    return updated(run, receiver, changes)


_RECORD: Final[dict[str, Native]] = {
    "model_dump": as_dict,
    "dict": as_dict,
    "_asdict": as_dict,
    "model_dump_json": _json,
    "json": _json,
    "model_copy": _model_copy,
    "copy": _model_copy,
    "_replace": lambda run, receiver, **changes: updated(run, receiver, changes),
    # A model that takes a record for a dict: reading a field by name does what was meant.
    "get": lambda run, receiver, name, default=None: _field(run, receiver, name, default),
    # A named tuple is a tuple.
    "count": lambda run, receiver, value: _count(run, _tuple(receiver, "count"), value),
    "index": lambda run, receiver, value, *bounds: _index(run, _tuple(receiver, "index"), value, *bounds),
}


def _tuple(receiver: Value, name: str) -> Value:
    raw, label = _record(receiver)
    if not raw.indexed:
        fail("AttributeError", f"'{raw.name}' object has no attribute '{name}'", label)
    label = label.join(raw.label)
    return with_label(tuple(with_label(part, label) for part in raw.fields.values()), label)


def _field(run: Run, receiver: Value, name: Value, default: Value) -> Value:
    raw, label = _record(receiver)
    key, key_label = split(name)
    if isinstance(key, str) and key in raw.fields:
        return with_label(attr(run, receiver, key), key_label)
    return with_label(default, label.join(raw.label).join(key_label))


def _range_count(run: Run, numbers: Value, item: Value) -> Value:
    found, label = _range_place(numbers, item)
    return with_label(int(found is not None), label)


def _range_index(run: Run, numbers: Value, item: Value) -> Value:
    found, label = _range_place(numbers, item)
    if found is None:
        fail("ValueError", f"{str_raw(item)} is not in range", label)
    return with_label(found, label)


def _range_place(numbers: Value, item: Value) -> tuple[int | None, Label]:
    raw, label = split(numbers)
    key, key_label = key_of(item)
    return place_in(raw, key) if isinstance(raw, range) else None, label.join(key_label)


def install() -> None:
    """Fill the tables."""
    METHODS[str] = _STR
    METHODS[bytes] = _pure(bytes, ["decode", "hex", "startswith", "endswith", "find", "count", "split", "strip"])
    METHODS[int] = _pure(int, ["bit_length", "bit_count", "conjugate", "as_integer_ratio"])
    METHODS[bool] = METHODS[int]
    METHODS[float] = _pure(float, ["is_integer", "as_integer_ratio", "hex", "conjugate"])
    METHODS[List] = LIST
    METHODS[View] = {name: LIST[name] for name in ("copy", "count", "index")}
    METHODS[tuple] = {"count": _count, "index": _index}
    METHODS[range] = {"count": _range_count, "index": _range_index}
    METHODS[Dict] = DICT
    METHODS[DefaultDict] = dict(DICT)
    METHODS[Counter] = dict(DICT)
    METHODS[Set] = SET
    METHODS[Record] = _RECORD
