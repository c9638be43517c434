"""The built-in functions and types of the language.

Its one rule: the same names and meanings as in Python, minus what reaches outside.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, EnumMember, Heap, Labeled, List, Record, Set, Value, type_name, with_label
from ringfence.lang import operators, sizes
from ringfence.lang.access import make_set, slice_value, split
from ringfence.lang.builtins.methods.dicts import fromkeys, pairs
from ringfence.lang.builtins.ordering import extreme, extreme_of, sorted_source, sorted_values
from ringfence.lang.builtins.schemas import annotation_names, builtin_type
from ringfence.lang.calling import apply
from ringfence.lang.iteration import collect, iterate
from ringfence.lang.lifting import builtin, lifted
from ringfence.lang.objects import (
    BoundMethod,
    Builtin,
    Function,
    Iter,
    ToolValue,
    TypeValue,
    View,
    deep,
    label_of,
    settle,
    settle_deep,
)
from ringfence.lang.raised import ALIASES, EXCEPTIONS, ExceptionType, ExceptionValue, fail, of_python
from ringfence.lang.text import format_raw, repr_raw, str_raw
from ringfence.lang.uniform import numbers_of, source_of

if TYPE_CHECKING:
    from ringfence.lang.engine import Run


def _labelled(value: Value, label: Label) -> Value:
    return value if label is TRUSTED_PUBLIC else Labeled(value, label)


# Text


def _str(run: Run, value: Value = "", *rest: Value) -> Value:
    if type(value) is str:
        return value
    value = settle_deep(value)
    label = deep(value)
    made = str_raw(value)
    sizes.text(len(made))
    return _labelled(made, label)


def _repr(run: Run, value: Value) -> Value:
    value = settle_deep(value)
    return _labelled(repr_raw(value), deep(value))


def _ascii(run: Run, value: Value) -> Value:
    value = settle_deep(value)
    return _labelled(repr_raw(value).encode("ascii", "backslashreplace").decode(), deep(value))


def _format(run: Run, value: Value, spec: Value = "") -> Value:
    value = settle_deep(value)
    text, spec_label = split(spec)
    label = deep(value).join(spec_label)
    if not isinstance(text, str):
        fail("TypeError", "format() argument 2 must be str", label)
    return _labelled(format_raw(value, "", text, label), label)


def _print(
    run: Run, *values: Value, sep: Value = " ", end: Value = "\n", file: Value = None, flush: Value = None
) -> Value:
    label = TRUSTED_PUBLIC
    texts: list[str] = []
    for value in values:
        value = settle_deep(value)
        label = label.join(deep(value))
        texts.append(str_raw(value))
    between, sep_label = split(sep)
    made = (between if isinstance(between, str) else " ").join(texts)
    sizes.text(len(made))
    run.show(_labelled(made, label.join(sep_label)))
    return None


def _answer(run: Run, value: Value = None, *rest: Value) -> Value:
    run.answer((value, *rest) if rest else value)
    return None


def _observe(run: Run, **facts: Value) -> Value:
    run.observe(facts)
    return None


def _refuse(run: Run, reason: Value = "") -> Value:
    run.refuse(reason)
    return None


# Numbers


def _int_guard(value: object = 0, base: object = 10) -> None:
    if isinstance(value, str) and len(value) > 4000:
        raise ValueError("the text is too long for an integer")


def _decimal_int(value: object = 0, *rest: object, **named: object) -> object:
    if isinstance(value, Decimal):
        sizes.arithmetic("int", value, 1)
    return int(value, *rest, **named)  # type: ignore[call-overload]  # Python's own checks


def _abs(run: Run, value: Value) -> Value:
    value = settle(value)
    raw, label = split(value)
    try:
        return _labelled(abs(raw), label)  # type: ignore[arg-type]  # refused below if it cannot be
    except TypeError as error:
        raise of_python(error, label_of(value)) from None


def _sum(run: Run, values: Value, start: Value = 0) -> Value:
    if (found := _sum_of(run, values, start)) is not None:
        return found
    source = iterate(run, values)
    total = start
    raw, _ = split(start)
    if isinstance(raw, str):
        fail("TypeError", "sum() can't sum strings [use ''.join(seq) instead]", label_of(start))
    add = operators.add
    for part in source.steps:
        total = add(total, part)
        run.steps += 1
        if run.steps > run.next_check:
            run.check()
    return with_label(total, source.label)


def _sum_of(run: Run, values: Value, start: Value) -> Value | None:
    """The sum of numbers that all have one label; None for anything else."""
    first, label = split(start)
    before = run.steps
    found = numbers_of(run, values) if type(first) in operators.NUMBERS else None
    if found is None:
        return None
    try:
        # Not sum(): it adds floating-point numbers in another way from Python 3.12 on.
        total: Value = reduce(operator.add, found[1], first)
    except ArithmeticError:
        run.steps = before
        return None
    return _labelled(total, label.join(found[0].label))


def _pow(run: Run, base: Value, exponent: Value, modulus: Value = None) -> Value:
    if modulus is None:
        return operators.power(base, exponent)
    return _POW3(run, base, exponent, modulus)


_POW3: Final = lifted(pow)


def _round(value: object, digits: int | None = None) -> object:
    if isinstance(value, int) and isinstance(digits, int) and digits < -sizes.MAX_BITS:
        return 0  # no integer has as many digits; Python would compute the power of ten first
    return round(value) if digits is None else round(value, digits)  # type: ignore[call-overload]  # Python's own checks


# Collections


def _len(run: Run, value: Value) -> Value:
    if type(value) is Labeled and type(value._value) is str:
        return Labeled(len(value._value), value.label)
    raw, label = split(value)
    if isinstance(raw, (List, Dict, Set)):
        label = label.join(raw.label)
        size = len(raw.items)
    elif isinstance(raw, range):
        size = max(0, -((raw.start - raw.stop) // raw.step))
        if size.bit_length() > 63:
            fail("OverflowError", "Python int too large to convert to C ssize_t", label)
    elif isinstance(raw, (str, bytes, tuple)):
        size = len(raw)
    elif isinstance(raw, TypeValue) and raw.members:
        size = len(raw.members)
    elif isinstance(raw, Record) and raw.indexed:
        size = len(raw.fields)
    else:
        fail("TypeError", f"object of type '{type_name(raw)}' has no len()", label_of(value))
    return _labelled(size, label)


def _list(run: Run, values: Value = ()) -> Value:
    made, label = collect(run, values)
    return _labelled(List(made, label), label)


def _tuple(run: Run, values: Value = ()) -> Value:
    raw, label = split(values)
    if isinstance(raw, tuple):
        return values
    made, label = collect(run, values)
    return _labelled(tuple(made), label)


def _set(run: Run, values: Value = ()) -> Value:
    made, label = collect(run, values)
    return make_set(run, made, label)


def _frozenset(run: Run, values: Value = ()) -> Value:
    made, label = collect(run, values)
    return make_set(run, made, label, frozen=True)


def _dict(run: Run, values: Value = None, /, **keywords: Value) -> Value:
    rows: list[tuple[Value, Value]] = []
    label = TRUSTED_PUBLIC
    if values is not None:
        rows, label = pairs(run, values)
    return _labelled(Dict({**dict(rows), **dict(keywords.items())}, label), label)


def _range(run: Run, *bounds: Value) -> Value:
    label = TRUSTED_PUBLIC
    raw: list[int] = []
    for bound in bounds:
        part, part_label = split(bound)
        label = label.join(part_label)
        if isinstance(part, EnumMember) and part.mixed:
            part = part.value
        if not isinstance(part, int):
            fail("TypeError", f"'{type_name(part)}' object cannot be interpreted as an integer", label)
        raw.append(part)
    if not 1 <= len(raw) <= 3:
        fail("TypeError", f"range expected 1 to 3 arguments, got {len(raw)}", label)
    if len(raw) == 3 and raw[2] == 0:
        fail("ValueError", "range() arg 3 must not be zero", label)
    return _labelled(range(*raw), label)


def _slice(run: Run, *bounds: Value) -> Value:
    if not 1 <= len(bounds) <= 3:
        fail("TypeError", f"slice expected 1 to 3 arguments, got {len(bounds)}")
    lower, upper, step = (None, bounds[0], None) if len(bounds) == 1 else (*bounds, None)[:3]
    return slice_value(lower, upper, step)


def _sorted(run: Run, values: Value, /, *, key: Value = None, reverse: Value = False) -> Value:
    source = source_of(settle(values))
    if source is not None and (found := sorted_source(run, source, key, reverse)) is not None:
        return found
    made, label = collect(run, values)
    ordered, order = sorted_values(run, made, key, reverse)
    label = label.join(order)
    return _labelled(List(ordered, label), label)


def _reversed(run: Run, values: Value) -> Value:
    raw, _ = split(values)
    if isinstance(raw, (Set, Iter)):
        fail("TypeError", f"'{type_name(raw)}' object is not reversible", label_of(values))
    made, label = collect(run, values)
    return Iter(reversed([with_label(part, label) for part in made]), label, "list_reverseiterator")


def _extreme(largest: bool) -> object:
    name = "max" if largest else "min"

    def native(run: Run, *values: Value, key: Value = None, **options: Value) -> Value:
        default = options.pop("default", _MISSING)
        if options or not values:
            fail("TypeError", f"{name}() takes an iterable or several values, key= and default=")
        if len(values) > 1:
            found, label = extreme(run, list(values), key, largest)
            return with_label(settle(found), label)
        source = source_of(settle(values[0]))
        if source is not None and (best := extreme_of(run, source, key, largest)) is not None:
            return best
        made, label = collect(run, values[0])
        if not made:
            if default is _MISSING:
                fail("ValueError", f"{name}() arg is an empty sequence", label)
            return with_label(default, label)
        found, order = extreme(run, made, key, largest)
        return with_label(settle(found), label.join(order))

    return native


_MISSING: Final = object()


def _any_all(stop: bool) -> object:
    def native(run: Run, values: Value) -> Value:
        source = iterate(run, values)
        label = TRUSTED_PUBLIC
        result = not stop
        pc = run.pc
        for part in source.steps:
            run.steps += 1
            if run.steps > run.next_check:
                run.check()
            part = settle(part)
            if type(part) is Labeled and part.label is not label:
                # Whether the next part is looked at, and so computed, depends on this one.
                label = label.join(part.label)
                run.depends(label, run.calling)
                run.pc = pc.join(label)
            if operators.truth(part) is stop:
                result = stop
                break
        run.pc = pc.join(run.fail) if run.tries else pc
        return _labelled(result, label.join(source.label))

    return native


# Iterators


def _iter(run: Run, values: Value, *sentinel: Value) -> Value:
    if sentinel:
        return _until(run, values, *sentinel)
    raw, _ = split(values)
    if isinstance(raw, Iter):
        return values
    return iterate(run, values)


def _until(run: Run, function: Value, sentinel: Value) -> Value:
    """`iter(function, sentinel)`: what the function gives, until it gives the sentinel."""
    made = Iter(iter(()), label_of(function), "callable_iterator")
    made.source = (function, sentinel)
    region = run.calling

    def steps() -> Iterator[Value]:
        while True:
            run.tick(1)
            pc = run.pc
            run.raise_pc(made.label, region)
            part = settle(apply(run, function, ()))
            ends = operators.eq(part, sentinel)
            run.pc = pc
            made.label = made.label.join(label_of(ends))
            run.depends(made.label, region)
            if operators.truth(ends):
                return
            yield with_label(part, made.label)

    made.steps = steps()
    return made


def _next(run: Run, source: Value, *default: Value) -> Value:
    raw, label = split(source)
    if not isinstance(raw, Iter):
        fail("TypeError", f"'{type_name(raw)}' object is not an iterator", label_of(source))
    run.changing(source)
    run.tick(1)
    for part in raw.steps:
        return with_label(settle(part), label.join(raw.label))
    label = label.join(raw.label)
    if default:
        return with_label(default[0], label)
    fail("StopIteration", "", label)


def _over(run: Run, sources: list[Iter], made: Iter, counts: list[int] | None = None) -> Iterator[tuple[Value, ...]]:
    """Rows of several iterators in step until the first ends; `made` learns labels, `counts` how many each gave."""
    while sources:
        row: list[Value] = []
        for index, source in enumerate(sources):
            pc = run.pc
            if made.label is not TRUSTED_PUBLIC:
                run.pc = pc.join(made.label)
            part = next(source.steps, _MISSING)
            run.pc = pc.join(run.fail) if run.tries else pc
            if source.label is not made.label:
                made.label = made.label.join(source.label)
                run.depends(made.label, made.region)
            if part is _MISSING:
                return
            if counts is not None:
                counts[index] += 1
            row.append(part)
        run.steps += 1
        if run.steps > run.next_check:
            run.check()
        yield tuple(row)


def _made(run: Run, kind: str, values: tuple[Value, ...]) -> tuple[Iter, list[Iter]]:
    sources = [iterate(run, value) for value in values]
    made = Iter(iter(()), TRUSTED_PUBLIC, kind)
    made.source = values
    for source in sources:
        made.label = made.label.join(source.label)
    return made, sources


def _zip(run: Run, *values: Value, strict: Value = False) -> Value:
    made, sources = _made(run, "zip", values)

    def steps() -> Iterator[Value]:
        counts = [0] * len(sources)
        for row in _over(run, sources, made, counts):
            yield with_label(row, made.label)
        if operators.truth(strict):
            counts = [
                count + (next(s.steps, _MISSING) is not _MISSING) for s, count in zip(sources, counts, strict=True)
            ]
            if len(set(counts)) > 1:
                fail("ValueError", "zip() arguments have different lengths", made.label)

    made.steps = steps()
    return made


def _enumerate(run: Run, values: Value, start: Value = 0) -> Value:
    made, sources = _made(run, "enumerate", (values,))

    def steps() -> Iterator[Value]:
        count = start
        for (part,) in _over(run, sources, made):
            yield with_label((count, part), made.label)
            count = operators.add(count, 1)

    made.steps = steps()
    return made


def _map(run: Run, function: Value, *values: Value) -> Value:
    made, sources = _made(run, "map", values)
    region = run.calling

    def steps() -> Iterator[Value]:
        for row in _over(run, sources, made):
            pc = run.pc
            run.raise_pc(made.label, region)
            result = apply(run, function, row)
            run.pc = pc
            yield with_label(result, made.label) if made.label is not TRUSTED_PUBLIC else result

    made.steps = steps()
    return made


def _filter(run: Run, function: Value, values: Value) -> Value:
    made, sources = _made(run, "filter", (values,))
    region = run.calling

    def steps() -> Iterator[Value]:
        for (part,) in _over(run, sources, made):
            pc = run.pc
            run.raise_pc(made.label, region)
            verdict = settle(part if function is None else apply(run, function, (part,)))
            run.pc = pc
            made.label = made.label.join(label_of(verdict))
            run.depends(made.label, region)
            if operators.truth(verdict):
                yield with_label(part, made.label)

    made.steps = steps()
    return made


# Types


def _isinstance(run: Run, value: Value, kind: Value) -> Value:
    raw, label = split(value)
    test, kind_label = split(kind)
    return _labelled(_holds(raw, test), label.join(kind_label))


def _holds(raw: Value, kind: Value) -> bool:
    kind, _ = split(kind)
    if isinstance(kind, tuple):
        return any(_holds(raw, part) for part in kind)
    if isinstance(kind, TypeValue):
        return kind.holds(raw)
    if isinstance(kind, ExceptionType):
        return isinstance(raw, ExceptionValue) and raw.type.within(kind)
    options = getattr(getattr(kind, "type", None), "options", None)
    if options is not None:
        return any(
            _holds(raw, TYPES[name]) for name in (getattr(option, "name", "") for option in options) if name in TYPES
        )
    if kind is None or kind == "NoneType":
        return raw is None
    fail("TypeError", "isinstance() arg 2 must be a type or a tuple of types")


def _type(run: Run, value: Value) -> Value:
    raw, label = split(value)
    if isinstance(raw, ExceptionValue):
        return with_label(raw.type, label)
    found = TYPES.get(type_name(raw))
    if found is None:
        found = TypeValue(type_name(raw), None, lambda other: type_name(other) == type_name(raw))
    return with_label(found, label)


def _callable(run: Run, value: Value) -> Value:
    raw, label = split(value)
    kinds = (Function, Builtin, BoundMethod, ToolValue, ExceptionType, TypeValue)
    return _labelled(isinstance(raw, kinds), label)


def _no_such(name: str, why: str) -> Builtin:
    def native(run: Run, *args: Value, **keywords: Value) -> Value:
        fail("NameError", f"name '{name}' is not defined: {why}")

    return Builtin(name, native)


def _heap_type(name: str, make: object, kind: type[Heap], extra: object = None) -> TypeValue:
    from ringfence.lang.builtins.schemas import _TYPES

    def holds(raw: Value) -> bool:
        return isinstance(raw, kind) and not isinstance(raw, View) and (extra is None or _frozen(raw) is extra)

    return TypeValue(name, make, holds, _TYPES.get(name))  # type: ignore[arg-type]  # natives of this module


def _frozen(raw: Value) -> bool:
    return isinstance(raw, Set) and raw.frozen


def _number(run: Run, *values: Value) -> Value:
    return lifted(float)(run, *values)


_int_native: Final = lifted(_decimal_int, _int_guard)


def _mixed_str(raw: Value) -> bool:
    return isinstance(raw, str) or (isinstance(raw, EnumMember) and raw.mixed and isinstance(raw.value, str))


TYPES: Final[dict[str, Value]] = {
    "int": builtin_type("int", _int_native, int),
    "float": builtin_type("float", _number, float),
    "bool": builtin_type(
        "bool", lambda run, value=False: _labelled(operators.truth(settle(value)), label_of(settle(value))), bool
    ),
    "str": TypeValue(
        "str", _str, _mixed_str, builtin_type("str", None).schema, {"maketrans": builtin("maketrans", str.maketrans)}
    ),
    "bytes": builtin_type(
        "bytes", lifted(bytes, lambda value=b"", *rest: sizes.text(value) if isinstance(value, int) else None), bytes
    ),
    "list": _heap_type("list", _list, List),
    "tuple": builtin_type("tuple", _tuple, tuple),
    "dict": TypeValue(
        "dict",
        _dict,
        lambda raw: isinstance(raw, Dict),
        builtin_type("dict", None).schema,
        {"fromkeys": Builtin("fromkeys", fromkeys)},
    ),
    "set": _heap_type("set", _set, Set, False),
    "frozenset": _heap_type("frozenset", _frozenset, Set, True),
    "range": TypeValue("range", _range, lambda raw: isinstance(raw, range)),
    "object": TypeValue("object", None, lambda raw: True),
    "NoneType": TypeValue("NoneType", None, lambda raw: raw is None),
}


def names() -> dict[str, Value]:
    """Everything that a plan can name without importing it (tools and verbs of the host apart)."""
    from ringfence.lang.builtins.tables import METHODS

    text = TYPES["str"]
    assert isinstance(text, TypeValue)
    text.members = {**{name: Builtin(name, METHODS[str][name]) for name in METHODS[str]}, **text.members}
    made: dict[str, Value] = {
        **annotation_names(),
        **TYPES,
        **EXCEPTIONS,
        **{alias: EXCEPTIONS[name] for alias, name in ALIASES.items()},
        "abs": Builtin("abs", _abs),
        "all": Builtin("all", _any_all(False)),  # type: ignore[arg-type]
        "any": Builtin("any", _any_all(True)),  # type: ignore[arg-type]
        "answer": Builtin("answer", _answer),
        "ascii": Builtin("ascii", _ascii),
        "bin": builtin("bin", bin),
        "callable": Builtin("callable", _callable),
        "chr": builtin("chr", chr),
        "divmod": builtin("divmod", divmod, lambda a, b: sizes.arithmetic("divmod", a, b)),
        "enumerate": Builtin("enumerate", _enumerate),
        "filter": Builtin("filter", _filter),
        "format": Builtin("format", _format),
        "hex": builtin("hex", hex),
        "isinstance": Builtin("isinstance", _isinstance),
        "iter": Builtin("iter", _iter),
        "len": Builtin("len", _len),
        "map": Builtin("map", _map),
        "max": Builtin("max", _extreme(True)),  # type: ignore[arg-type]
        "min": Builtin("min", _extreme(False)),  # type: ignore[arg-type]
        "next": Builtin("next", _next),
        "observe": Builtin("observe", _observe),
        "oct": builtin("oct", oct),
        "ord": builtin("ord", ord),
        "pow": Builtin("pow", _pow),
        "print": Builtin("print", _print),
        "refuse": Builtin("refuse", _refuse),
        "repr": Builtin("repr", _repr),
        "reversed": Builtin("reversed", _reversed),
        "round": builtin("round", _round),
        "slice": Builtin("slice", _slice),
        "sorted": Builtin("sorted", _sorted),
        "sum": Builtin("sum", _sum),
        "type": Builtin("type", _type),
        "zip": Builtin("zip", _zip),
    }
    return made
