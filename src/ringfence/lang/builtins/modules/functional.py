"""The modules `functools` and `operator`.

Its one rule: a function made here does what the language itself would do at that place: an attribute is a field, an
item is an item, a method is one of the language's; nothing is looked up by name in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Value, with_label
from ringfence.lang.builtins.modules.callbacks import called, following
from ringfence.lang.builtins.modules.members import natives
from ringfence.lang.builtins.ordering import comparing_key
from ringfence.lang.iteration import iterate
from ringfence.lang.keys import key_of
from ringfence.lang.objects import BoundMethod, Builtin, Iter, Module, Native, deep, label_of, settle, split
from ringfence.lang.operations import arithmetic, comparison, membership, truth
from ringfence.lang.operations.attributes import attr, method_with
from ringfence.lang.operations.items import del_item, item, set_item
from ringfence.lang.raised import fail
from ringfence.lang.running.calling import apply

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

_NOTHING: Final = object()


def reduce(run: Run, function: Value, iterable: Value, initial: Value = _NOTHING) -> Value:
    """`reduce(f, it)`, `reduce(f, it, initial)`."""
    source = iterate(run, iterable)
    progress = Iter(iter(()), TRUSTED_PUBLIC)
    progress.region = run.calling
    total = initial
    for part in following(run, progress, source):
        here = with_label(part, progress.label)
        total = here if total is _NOTHING else called(run, function, (total, here), progress.label)
    if total is _NOTHING:
        fail("TypeError", "reduce() of empty iterable with no initial value", progress.label)
    return with_label(total, progress.label)


def partial(run: Run, function: Value, /, *args: Value, **keywords: Value) -> Value:
    """`partial(f, *args, **keywords)`."""

    def call(run: Run, held: Value, /, *more: Value, **others: Value) -> Value:
        return apply(run, function, (*args, *more), {**keywords, **others}, run.calling)

    return BoundMethod("partial", call, (function, *args, *keywords.values()))


def cmp_to_key(run: Run, mycmp: Value) -> Value:
    """`cmp_to_key(f)`: a key for sorting."""
    return BoundMethod("cmp_to_key", comparing_key, mycmp)


def cache(run: Run, function: Value, /) -> Value:
    """`cache(f)`: a function that remembers the results of what is public. With labelled arguments, or where a labelled
    condition decided that it is called, it calls `f`: whether a result was known would tell what it was asked before.
    """
    known: dict[Value, Value] = {}

    def call(run: Run, held: Value, /, *args: Value, **keywords: Value) -> Value:
        values = tuple(map(settle, (*args, *keywords.values())))
        key, label = key_of(values)
        run.unfailed(label)
        if label is not TRUSTED_PUBLIC or run.pc is not TRUSTED_PUBLIC or deep(values) is not TRUSTED_PUBLIC:
            return apply(run, function, args, keywords)
        numbered = len(values) == 1 and type(values[0]) in (int, str)  # as in Python: f(1) is not f(1.0) or f(True)
        place = (tuple(keywords), numbered, key)
        run.tick(1)
        if place not in known:
            made = apply(run, function, args, keywords)
            run.in_order()  # what fails is not remembered
            known[place] = made
        return known[place]

    return BoundMethod("cache", call, function)


def lru_cache(run: Run, maxsize: Value = 128, typed: Value = False) -> Value:
    """`lru_cache(f)` and `lru_cache(maxsize=…)(f)`; how much is remembered is bounded by the run's memory alone."""
    raw, label = split(maxsize)
    run.unfailed(label)
    if raw is None or isinstance(raw, int):
        return Builtin("lru_cache", cache)
    return cache(run, maxsize)


FUNCTOOLS: Final = Module(
    "functools",
    {
        **natives(
            {"reduce": reduce, "partial": partial, "cmp_to_key": cmp_to_key, "cache": cache, "lru_cache": lru_cache}
        ),
    },
)


# operator


def _maker(name: str, read: object) -> Builtin:
    """`itemgetter` and `attrgetter`: one key gives its value, several give a tuple."""

    def make(run: Run, *keys: Value) -> Value:
        if not keys:
            fail("TypeError", f"{name} expected 1 argument, got 0")
        settled = tuple(settle(key) for key in keys)

        def get(run: Run, held: Value, value: Value) -> Value:
            assert callable(read)
            found = [read(run, value, key) for key in settled]
            if len(found) == 1:
                return found[0]
            run.touched(*found)
            return tuple(found)

        return BoundMethod(name, get, settled)

    return Builtin(name, make)


def _attribute(run: Run, value: Value, path: Value) -> Value:
    raw, label = split(path)
    if not isinstance(raw, str):
        fail("TypeError", "attribute name must be a string", label)
    for name in raw.split("."):
        if name.startswith("_") or not name.isidentifier():
            fail("AttributeError", "attrgetter() reads fields", label.join(label_of(value)))
        value = attr(run, value, name)
    return with_label(value, label)


def methodcaller(run: Run, name: Value, /, *args: Value, **keywords: Value) -> Value:
    """`methodcaller("lower")`: calls a method of the language."""
    raw, label = split(settle(name))
    if not isinstance(raw, str) or raw.startswith("_"):
        fail("TypeError", "method name must be a string (and no private one)", label)
    run.unfailed(label)

    def call(run: Run, held: Value, value: Value) -> Value:
        found: Value = method_with(run, value, raw, args, keywords)
        return with_label(found, label)

    return BoundMethod("methodcaller", call, (name, *args, *keywords.values()))


def _binary(name: str, operation: arithmetic.Operation) -> Native:
    def native(run: Run, a: Value, b: Value, /) -> Value:
        return operation(settle(a), settle(b))

    return native


def _unary(operation: object) -> Native:
    def native(run: Run, value: Value, /) -> Value:
        assert callable(operation)
        return operation(value)

    return native


def _contains(run: Run, container: Value, value: Value, /) -> Value:
    return membership.contains(value, container)


def _truth(run: Run, value: Value, /) -> Value:
    return truth.negation(truth.negation(value))


def _count_of(run: Run, container: Value, value: Value, /) -> Value:
    found: Value = 0
    progress = Iter(iter(()), TRUSTED_PUBLIC)
    label = deep(value)
    for part in following(run, progress, iterate(run, container)):
        label = label.join(deep(part))
        found = arithmetic.add(found, int(comparison.equal_raw(part, value)))
    return with_label(found, label.join(progress.label))


def _set_item(run: Run, holder: Value, key: Value, value: Value, /) -> Value:
    set_item(run, holder, key, value)
    run.touched(holder, key)
    return None


def _del_item(run: Run, holder: Value, key: Value, /) -> Value:
    del_item(run, holder, key)
    run.touched(holder, key)
    return None


_BINARY: Final[dict[str, arithmetic.Operation]] = {
    "add": arithmetic.add,
    "sub": arithmetic.sub,
    "mul": arithmetic.mul,
    "truediv": arithmetic.div,
    "floordiv": arithmetic.floordiv,
    "mod": arithmetic.mod,
    "pow": arithmetic.power,
    "lshift": arithmetic.lshift,
    "rshift": arithmetic.rshift,
    "and_": arithmetic.bitand,
    "or_": arithmetic.bitor,
    "xor": arithmetic.bitxor,
    "concat": arithmetic.add,
    "eq": comparison.eq,
    "ne": comparison.ne,
    "lt": comparison.lt,
    "le": comparison.le,
    "gt": comparison.gt,
    "ge": comparison.ge,
    "is_": comparison.same,
    "is_not": comparison.not_same,
}

OPERATOR: Final = Module(
    "operator",
    {
        **natives({name: _binary(name, operation) for name, operation in _BINARY.items()}),
        **natives(
            {
                "not_": _unary(truth.negation),
                "neg": _unary(arithmetic.negate),
                "pos": _unary(arithmetic.positive),
                "invert": _unary(arithmetic.complement),
                "inv": _unary(arithmetic.complement),
                "truth": _truth,
                "contains": _contains,
                "countOf": _count_of,
                "getitem": item,
                "setitem": _set_item,
                "delitem": _del_item,
                "methodcaller": methodcaller,
            }
        ),
        "itemgetter": _maker("itemgetter", item),
        "attrgetter": _maker("attrgetter", _attribute),
    },
)
