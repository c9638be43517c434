"""Going over values: `iter`, `next`, `any`, `all`, `zip`, `enumerate`, `map`, `filter`.

Its one rule: an iterator learns the label of all that decided how far it went before it gives the next part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, join_all
from ringfence.core.values import Value, type_name, with_label
from ringfence.lang.iteration import END, LEAVES, going_on, iterate, stepped
from ringfence.lang.objects import Builtin, Function, Iter, Native, label_of, labelled, settle, split
from ringfence.lang.operations.arithmetic import add
from ringfence.lang.operations.comparison import eq
from ringfence.lang.operations.truth import truth
from ringfence.lang.raised import EXCEPTIONS, ExceptionValue, Raised, fail
from ringfence.lang.running.calling import apply

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _any_all(stop: bool) -> Native:
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
            if type(part) not in LEAVES and (found := label_of(part)) is not TRUSTED_PUBLIC and found is not label:
                # Whether the next part is looked at, and so computed, depends on this one.
                label = label.join(found)
                run.depends(label, run.calling)
                run.pc = pc.join(label)
            if truth(part) is stop:
                result = stop
                break
        run.pc = pc.join(run.fail) if run.tries else pc
        return labelled(result, label.join(source.label))

    return native


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
            ends = eq(part, sentinel)
            run.pc = pc
            made.label = made.label.join(label_of(ends))
            run.depends(made.label, region)
            if truth(ends):
                return
            yield with_label(part if type(function) is Function else run.given_by(made, part), made.label)

    made.steps = steps()
    return made


def _next(run: Run, source: Value, *default: Value) -> Value:
    raw, label = split(source)
    if not isinstance(raw, Iter):
        fail("TypeError", f"'{type_name(raw)}' object is not an iterator", label_of(source))
    going_on(run, raw)
    run.changing(source)
    run.tick(1)
    pc = run.pc
    if label is not TRUSTED_PUBLIC:
        run.chosen(raw, label)
        run.pc = pc.join(label)
    part = next(raw.steps, END)
    run.back(pc)
    label = label.join(raw.label)
    if part is not END:
        return with_label(settle(part), label)
    if default:
        return with_label(default[0], label)
    raise Raised(ExceptionValue(EXCEPTIONS["StopIteration"], (), label), label)


def _over(run: Run, sources: list[Iter], made: Iter, counts: list[int] | None = None) -> Iterator[tuple[Value, ...]]:
    """Rows of several iterators in step until the first ends; `made` learns labels, `counts` how many each gave."""
    while sources:
        row: list[Value] = []
        for index, source in enumerate(sources):
            part = stepped(run, made, source)
            if part is END:
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
    run.depends(made.label, run.calling)  # how often what is called is called, also if it never is
    return made, sources


def _zip(run: Run, *values: Value, strict: Value = False) -> Value:
    made, sources = _made(run, "zip", values)

    def steps() -> Iterator[Value]:
        counts = [0] * len(sources)
        for row in _over(run, sources, made, counts):
            yield with_label(row, made.label)
        made.label = made.label.join(label_of(strict))
        if truth(settle(strict)):
            counts = [count + (next(s.steps, END) is not END) for s, count in zip(sources, counts, strict=True)]
            made.label = join_all({made.label, *(source.label for source in sources)})
            if len(set(counts)) > 1:
                fail("ValueError", f"zip() {_uneven(counts)}", made.label)

    made.steps = steps()
    return made


def _uneven(counts: list[int]) -> str:
    """Which argument of `zip(…, strict=True)` is the first that is shorter or longer than those before it."""
    odd = next(index for index, count in enumerate(counts) if count != counts[0])
    odd = odd if counts[0] == min(counts) else counts.index(min(counts))
    before = "argument 1" if odd == 1 else f"arguments 1-{odd}"
    return f"argument {odd + 1} is {'longer' if counts[odd] > counts[0] else 'shorter'} than {before}"


def _enumerate(run: Run, values: Value, start: Value = 0) -> Value:
    made, sources = _made(run, "enumerate", (values,))
    first, label = split(start)
    if not isinstance(first, int):
        fail("TypeError", f"'{type_name(first)}' object cannot be interpreted as an integer", label)
    run.unfailed(label)

    def steps() -> Iterator[Value]:
        count = start
        for (part,) in _over(run, sources, made):
            yield with_label((count, part), made.label)
            count = add(count, 1)

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
            run.back(pc)
            if type(function) is not Function:
                result = run.given_by(made, result)
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
            run.back(pc)
            made.label = made.label.join(label_of(verdict))
            run.depends(made.label, region)
            if truth(verdict):
                yield with_label(part, made.label)

    made.steps = steps()
    return made


FUNCTIONS: Final[dict[str, Value]] = {
    "all": Builtin("all", _any_all(False)),
    "any": Builtin("any", _any_all(True)),
    "enumerate": Builtin("enumerate", _enumerate),
    "filter": Builtin("filter", _filter),
    "iter": Builtin("iter", _iter),
    "map": Builtin("map", _map),
    "next": Builtin("next", _next),
    "zip": Builtin("zip", _zip),
}
