"""The module `collections`: Counter, defaultdict, deque, namedtuple, OrderedDict, ChainMap.

Its one rule: elements keep their labels; what is counted or used as a key gives its label to the container.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Labeled, List, Value, element, with_label
from ringfence.lang.builtins import abstract
from ringfence.lang.builtins.functions.types import is_callable
from ringfence.lang.builtins.methods.dicts import DICT, pairs
from ringfence.lang.builtins.methods.lists import LIST
from ringfence.lang.builtins.modules.callbacks import lazy
from ringfence.lang.builtins.modules.members import integer
from ringfence.lang.builtins.modules.namedtuples import make_namedtuple
from ringfence.lang.builtins.ordering import sorted_values
from ringfence.lang.iteration import collect
from ringfence.lang.keys import key_of, value_of_key
from ringfence.lang.lifting import Pure
from ringfence.lang.mappings import Counter, DefaultDict, entries
from ringfence.lang.objects import Builtin, Deque, Iter, Module, Native, TypeValue, settle, settle_deep, split
from ringfence.lang.operations.arithmetic import Operation, add, sub
from ringfence.lang.raised import fail
from ringfence.schema import AnyType, DictType, ListType, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringfence.lang.running.engine import Run


def given(made: Value, label: Label) -> Value:
    """The value under a label."""
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)


# Counter


def _tallied(run: Run, values: Value) -> tuple[list[tuple[Value, Value]], Label]:
    """The counts that `values` stands for: those of a dict, or one for each element."""
    values = settle(values)
    raw, reference = split(values)
    if isinstance(raw, Dict):
        return list(entries(raw).items()), reference.join(raw.label)
    parts, label = collect(run, values)
    counts: dict[Value, Value] = {}
    for part in parts:
        key, key_label = key_of(part)
        label = label.join(key_label)
        found = counts.get(key, 0)
        assert isinstance(found, int)
        counts[key] = found + 1
    return list(counts.items()), label


def make_counter(run: Run, values: Value = None, /, **keywords: Value) -> Value:
    """`Counter(iterable or mapping, **counts)`."""
    made = Counter({})
    _count(run, made, values, keywords, add)
    return given(made, made.label)


def _count(run: Run, raw: Dict, values: Value, keywords: dict[str, Value], operate: Operation) -> None:
    rows: list[tuple[Value, Value]] = []
    label = TRUSTED_PUBLIC
    if values is not None and settle(values) is not None:
        rows, label = _tallied(run, values)
    raw.taint(label)
    for key, count in [*rows, *keywords.items()]:
        run.tick(1)
        if key in raw.items:
            raw.items[key] = operate(element(raw, raw.items, key, raw.label), count)
        elif operate is add:
            raw.items[key] = count
        else:
            raw.items[key] = operate(0, count)


def _counter_update(run: Run, receiver: Value, values: Value = None, /, **keywords: Value) -> Value:
    raw = run.changing(receiver)
    assert isinstance(raw, Dict)
    _count(run, raw, values, keywords, add)
    return None


def _subtract(run: Run, receiver: Value, values: Value = None, /, **keywords: Value) -> Value:
    raw = run.changing(receiver)
    assert isinstance(raw, Dict)
    _count(run, raw, values, keywords, sub)
    return None


def _counts(receiver: Value) -> tuple[Dict, Label]:
    raw, label = split(settle_deep(receiver))
    assert isinstance(raw, Dict)
    return raw, label.join(raw.label)


def _most_common(run: Run, receiver: Value, n: Value = None) -> Value:
    raw, label = _counts(receiver)
    rows: list[Value] = [(value_of_key(key), part) for key, part in entries(raw).items()]
    second = Builtin("count", lambda run, row: row[1])
    ordered, order = sorted_values(run, rows, second, True)
    label = label.join(order)
    if settle(n) is not None:
        most, most_label = integer(run, n, "n")
        label = label.join(most_label)
        ordered = ordered[: max(most, 0)]
    return given(List(ordered, label), label)


def _elements(run: Run, receiver: Value) -> Value:
    raw, label = _counts(receiver)

    def steps(made: Iter) -> Iterator[Value]:
        for key, count in list(raw.items.items()):
            number, count_label = integer(run, count, "a count")
            made.label = made.label.join(count_label)
            for _ in range(number):
                run.tick(1)
                yield value_of_key(key)

    return lazy("itertools.chain", steps, receiver, label=label)


def _total(run: Run, receiver: Value) -> Value:
    raw, label = _counts(receiver)
    total: Value = 0
    for part in entries(raw).values():
        total = add(total, part)
    return with_label(total, label)


def _no_fromkeys(run: Run, receiver: Value, keys: Value, value: Value = None) -> Value:
    fail("NotImplementedError", "Counter.fromkeys() is undefined. Use Counter(iterable) instead.")


# defaultdict and OrderedDict


def make_defaultdict(run: Run, factory: Value = None, values: Value = None, /, **keywords: Value) -> Value:
    """`defaultdict(factory, mapping or pairs, **items)`."""
    rows: list[tuple[Value, Value]] = []
    label = TRUSTED_PUBLIC
    factory = settle(factory)
    raw, factory_label = split(factory)
    run.unfailed(factory_label)
    if raw is not None and not is_callable(raw):
        fail("TypeError", "first argument must be callable or None", factory_label)
    if values is not None:
        rows, label = pairs(run, values)
    items: dict[Value, Value] = dict(rows)
    items.update(keywords)
    return given(DefaultDict(items, label, factory), label)


def make_ordered(run: Run, values: Value = None, /, **keywords: Value) -> Value:
    """`OrderedDict(...)` is a dict: dicts of the language are ordered."""
    rows: list[tuple[Value, Value]] = []
    label = TRUSTED_PUBLIC
    if values is not None:
        rows, label = pairs(run, values)
    items: dict[Value, Value] = dict(rows)
    items.update(keywords)
    return given(Dict(items, label), label)


def _move_to_end(run: Run, receiver: Value, key: Value, last: Value = True) -> Value:
    raw, label = split(receiver)
    assert isinstance(raw, Dict)
    found, key_label = key_of(key)
    end, end_label = split(last)
    label = label.join(key_label).join(end_label)
    if found not in raw.items:
        fail("KeyError", "the key is not in the dict", label.join(raw.label))
    run.changing(receiver)
    raw.taint(label)
    value = raw.items.pop(found)
    if end:
        raw.items[found] = value
    else:
        rest = dict(raw.items)
        raw.items.clear()
        raw.items[found] = value
        raw.items.update(rest)
    return None


def make_chain_map(run: Run, *maps: Value) -> Value:
    """`ChainMap(a, b)`, as a dict of its own: the first map wins. Later changes of the maps do not show."""
    made: dict[Value, Value] = {}
    label = TRUSTED_PUBLIC
    for one in reversed(maps):
        rows, shape = pairs(run, one)
        label = label.join(shape)
        made.update(rows)
    return given(Dict(made, label), label)


# deque


def make_deque(run: Run, iterable: Value = (), maxlen: Value = None) -> Value:
    """`deque(iterable, maxlen)`."""
    parts, label = collect(run, iterable)
    limit: int | None = None
    if settle(maxlen) is not None:
        limit, limit_label = integer(run, maxlen, "maxlen")
        label = label.join(limit_label)
        if limit < 0:
            fail("ValueError", "maxlen must be non-negative", label)
        parts = parts[max(0, len(parts) - limit) :]
    return given(Deque(parts, label, limit), label)


def _changed(run: Run, receiver: Value) -> Deque:
    raw = run.changing(receiver)
    assert isinstance(raw, Deque)
    return raw


def _appendleft(run: Run, receiver: Value, value: Value) -> Value:
    raw = _changed(run, receiver)
    raw.items.insert(0, value)
    if raw.limit is not None:
        del raw.items[raw.limit :]
    run.tick(1 + len(raw.items) // 4096)
    return None


def _extendleft(run: Run, receiver: Value, values: Value) -> Value:
    parts, label = collect(run, values)
    raw = _changed(run, receiver)
    raw.taint(label)
    raw.items[:0] = reversed(parts)
    if raw.limit is not None:
        del raw.items[raw.limit :]
    return None


def _popped(run: Run, receiver: Value, index: int) -> Value:
    raw, label = split(receiver)
    assert isinstance(raw, Deque)
    label = label.join(raw.label)
    if not raw.items:
        fail("IndexError", "pop from an empty deque", label)
    found = element(raw, raw.items, len(raw.items) - 1 if index else 0, label)
    _changed(run, receiver)
    del raw.items[index]
    run.tick(1 + len(raw.items) // 4096)
    return found


def _pop(run: Run, receiver: Value) -> Value:
    return _popped(run, receiver, -1)


def _popleft(run: Run, receiver: Value) -> Value:
    return _popped(run, receiver, 0)


def _rotate(run: Run, receiver: Value, n: Value = 1) -> Value:
    steps, label = integer(run, n, "n")
    raw = _changed(run, receiver)
    raw.taint(label)
    if raw.items:
        run.tick(1 + len(raw.items) // 256)
        middle = -steps % len(raw.items)
        raw.items[:] = [*raw.items[middle:], *raw.items[:middle]]
    return None


def _deque_copy(run: Run, receiver: Value) -> Value:
    raw, _ = split(receiver)
    assert isinstance(raw, Deque)
    parts, label = collect(run, receiver)
    return given(Deque(parts, label, raw.limit), label)


def _deque_insert(run: Run, receiver: Value, index: Value, value: Value) -> Value:
    raw, label = split(receiver)
    assert isinstance(raw, Deque)
    if raw.limit is not None and len(raw.items) >= raw.limit:
        fail("IndexError", "deque already at its maximum size", label.join(raw.label))
    return LIST["insert"](run, receiver, index, value)


_DEQUE_LISTS: Final = ("append", "extend", "remove", "clear", "reverse", "count", "index")

METHODS: Final[dict[type, dict[str, Native]]] = {
    Counter: {
        **DICT,
        "most_common": _most_common,
        "elements": _elements,
        "total": _total,
        "update": _counter_update,
        "subtract": _subtract,
        "fromkeys": _no_fromkeys,
    },
    DefaultDict: dict(DICT),
    Dict: {**DICT, "move_to_end": _move_to_end},
    Deque: {
        **{name: LIST[name] for name in _DEQUE_LISTS},
        "appendleft": _appendleft,
        "extendleft": _extendleft,
        "insert": _deque_insert,
        "pop": _pop,
        "popleft": _popleft,
        "rotate": _rotate,
        "copy": _deque_copy,
    },
}


def _maxlen(raw: Value) -> Value:
    return raw.limit if isinstance(raw, Deque) else None


def _factory(raw: Value) -> Value:
    return raw.factory if isinstance(raw, DefaultDict) else None


ATTRIBUTES: Final[dict[type, dict[str, Pure]]] = {
    Deque: {"maxlen": _maxlen},
    DefaultDict: {"default_factory": _factory},
}

COUNTER: Final = TypeValue(
    "Counter", make_counter, lambda raw: isinstance(raw, Counter), DictType(AnyType(), Scalar("int"))
)
DEFAULTDICT: Final = TypeValue(
    "defaultdict", make_defaultdict, lambda raw: isinstance(raw, DefaultDict), DictType(AnyType(), AnyType())
)
DEQUE: Final = TypeValue("deque", make_deque, lambda raw: isinstance(raw, Deque), ListType(AnyType(), "deque"))
ORDERED: Final = TypeValue(
    "OrderedDict", make_ordered, lambda raw: isinstance(raw, Dict), DictType(AnyType(), AnyType())
)

MODULE: Final = Module(
    "collections",
    {
        "Counter": COUNTER,
        "defaultdict": DEFAULTDICT,
        "deque": DEQUE,
        "namedtuple": Builtin("namedtuple", make_namedtuple),
        "OrderedDict": ORDERED,
        "ChainMap": Builtin("ChainMap", make_chain_map),
        "abc": abstract.MODULE,
    },
)
