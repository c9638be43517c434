"""The module `itertools`.

Its one rule: every element keeps its own label, with that of how far the iterator has gone; what decides how far
a source is consumed marks the source too. Each element is a step of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value, with_label
from ringfence.lang.builtins.modules.callbacks import called, decided, following, holds, lazy, sources_of
from ringfence.lang.builtins.modules.combining import COMBINING
from ringfence.lang.builtins.modules.members import integer, natives
from ringfence.lang.iteration import END, collect, iterate, stepped
from ringfence.lang.objects import Builtin, Iter, Module, TypeValue, deep, label_of, settle
from ringfence.lang.operations.arithmetic import add
from ringfence.lang.operations.comparison import equal_raw
from ringfence.lang.operations.truth import truth
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


def _chained(run: Run, made: Iter, values: Iterator[Value]) -> Iterator[Value]:
    for value in values:
        yield from following(run, made, iterate(run, value))


def chain(run: Run, *iterables: Value) -> Value:
    """`chain(a, b)`."""
    return lazy("itertools.chain", lambda made: _chained(run, made, iter(iterables)), *iterables)


def chain_from(run: Run, iterable: Value) -> Value:
    """`chain.from_iterable(rows)`."""
    source = iterate(run, iterable)
    return lazy("itertools.chain", lambda made: _chained(run, made, following(run, made, source)), iterable)


def islice(run: Run, iterable: Value, *bounds: Value) -> Value:
    """`islice(it, stop)`, `islice(it, start, stop, step)`."""
    if not 1 <= len(bounds) <= 3:
        fail("TypeError", f"islice expected 2 to 4 arguments, got {len(bounds) + 1}")
    label = TRUSTED_PUBLIC
    raw: list[int | None] = []
    for bound in bounds:
        label = label.join(label_of(settle(bound)))
        raw.append(None if settle(bound) is None else integer(run, bound, "a bound of islice()")[0])
        if (raw[-1] or 0) < 0:
            fail("ValueError", "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.", label)
    start, stop, step = (0, raw[0], 1) if len(raw) == 1 else (raw[0] or 0, raw[1], (raw[2:] or [1])[0])
    if step == 0:
        fail("ValueError", "Step for islice() must be a positive integer or None.", label)
    decided(run, iterable, label)
    source = iterate(run, iterable)

    def steps(made: Iter) -> Iterator[Value]:
        parts = following(run, made, source)
        index, wanted = 0, start
        while stop is None or index < stop:
            part = next(parts, END)
            if part is END:
                return
            if index == wanted:
                wanted += 1 if step is None else step
                yield part
            index += 1

    return lazy("itertools.islice", steps, iterable, label=label)


def takewhile(run: Run, predicate: Value, iterable: Value) -> Value:
    """`takewhile(test, it)`."""
    region = run.calling
    source = iterate(run, iterable)

    def steps(made: Iter) -> Iterator[Value]:
        for part in following(run, made, source):
            held, label = holds(run, predicate, with_label(part, made.label), made.label, region)
            made.label = made.label.join(label)
            decided(run, iterable, label)
            if not held:
                return
            yield part

    return lazy("itertools.takewhile", steps, predicate, iterable)


def dropwhile(run: Run, predicate: Value, iterable: Value) -> Value:
    """`dropwhile(test, it)`."""
    region = run.calling
    source = iterate(run, iterable)

    def steps(made: Iter) -> Iterator[Value]:
        dropping = True
        for part in following(run, made, source):
            if dropping:
                dropping, label = holds(run, predicate, with_label(part, made.label), made.label, region)
                made.label = made.label.join(label)
                decided(run, iterable, label)
            if not dropping:
                yield part

    return lazy("itertools.dropwhile", steps, predicate, iterable)


def filterfalse(run: Run, predicate: Value, iterable: Value) -> Value:
    """`filterfalse(test, it)`."""
    region = run.calling
    source = iterate(run, iterable)
    test = settle(predicate)

    def steps(made: Iter) -> Iterator[Value]:
        for part in following(run, made, source):
            held, label = holds(run, test, with_label(part, made.label), made.label, region)
            made.label = made.label.join(label)
            decided(run, iterable, label)
            if not held:
                yield part

    return lazy("itertools.filterfalse", steps, predicate, iterable)


def starmap(run: Run, function: Value, iterable: Value) -> Value:
    """`starmap(f, rows)`."""
    region = run.calling
    source = iterate(run, iterable)

    def steps(made: Iter) -> Iterator[Value]:
        for part in following(run, made, source):
            args, label = collect(run, with_label(part, made.label))
            yield run.given_by(made, called(run, function, tuple(args), made.label.join(label), region))

    return lazy("itertools.starmap", steps, function, iterable)


def compress(run: Run, data: Value, selectors: Value) -> Value:
    """`compress(data, selectors)`."""
    parts, tests = sources_of(run, (data, selectors))

    def steps(made: Iter) -> Iterator[Value]:
        flags = following(run, made, tests)
        for part in following(run, made, parts):
            flag = next(flags, END)
            if flag is END:
                return
            flag = settle(flag)
            made.label = made.label.join(label_of(flag))
            decided(run, data, made.label)
            decided(run, selectors, made.label)
            if truth(flag):
                yield part

    return lazy("itertools.compress", steps, data, selectors)


def accumulate(run: Run, iterable: Value, func: Value = None, *, initial: Value = None) -> Value:
    """`accumulate(it, f, initial=...)`; without a function the sums."""
    region = run.calling
    source = iterate(run, iterable)

    def steps(made: Iter) -> Iterator[Value]:
        total: Value = END
        if settle(initial) is not None:
            total = initial
            yield total
        for part in following(run, made, source):
            here = with_label(part, made.label)
            if total is END:
                total = here
            else:
                total = add(total, here) if func is None else called(run, func, (total, here), made.label, region)
                total = run.given_by(made, total)
            yield total

    return lazy("itertools.accumulate", steps, iterable, func, initial)


def zip_longest(run: Run, *iterables: Value, fillvalue: Value = None) -> Value:
    """`zip_longest(a, b, fillvalue=...)`."""
    sources = sources_of(run, iterables)

    def steps(made: Iter) -> Iterator[Value]:
        columns = [following(run, made, source) for source in sources]
        while True:
            row = [next(column, END) for column in columns]
            if all(part is END for part in row):
                return
            yield tuple(fillvalue if part is END else part for part in row)

    return lazy("itertools.zip_longest", steps, *iterables, fillvalue)


def pairwise(run: Run, iterable: Value) -> Value:
    """`pairwise(it)`."""
    source = iterate(run, iterable)

    def steps(made: Iter) -> Iterator[Value]:
        before: Value = END
        for part in following(run, made, source):
            if before is not END:
                yield (before, part)
            before = part

    return lazy("itertools.pairwise", steps, iterable)


def batched(run: Run, iterable: Value, n: Value) -> Value:
    """`batched(it, n)`: tuples of n elements, the last perhaps shorter."""
    size, label = integer(run, n, "n")
    if size < 1:
        fail("ValueError", "n must be at least one", label)
    source = iterate(run, iterable)

    def steps(made: Iter) -> Iterator[Value]:
        row: list[Value] = []
        for part in following(run, made, source):
            row.append(part)
            if len(row) == size:
                yield tuple(row)
                row = []
        if row:
            yield tuple(row)

    return lazy("itertools.batched", steps, iterable, label=label)


def tee(run: Run, iterable: Value, n: Value = 2) -> Value:
    """`tee(it, n)`: independent iterators over the same elements."""
    size, label = integer(run, n, "n")
    if not 0 <= size <= 1000:
        fail("ValueError", "n must be >= 0 (and at most 1000)", label)
    source = iterate(run, iterable)
    held: list[tuple[Value, Label]] = []

    def steps(made: Iter) -> Iterator[Value]:
        index = 0
        while True:
            if index == len(held):
                part = stepped(run, made, source)
                run.tick(1)
                held.append((part, source.label))
            part, far = held[index]
            made.label = made.label.join(far)
            if part is END:
                return
            yield part
            index += 1

    made = tuple(lazy("itertools._tee", steps, iterable) for _ in range(size))
    return with_label(made, label)


def repeat(run: Run, object: Value, times: Value = None) -> Value:
    """`repeat(x)`, `repeat(x, times)`."""
    count, label = (None, TRUSTED_PUBLIC) if settle(times) is None else integer(run, times, "times")

    def steps(made: Iter) -> Iterator[Value]:
        index = 0
        while count is None or index < count:
            run.tick(1)
            yield object
            index += 1

    return lazy("itertools.repeat", steps, object, label=label)


def count(run: Run, start: Value = 0, step: Value = 1) -> Value:
    """`count(start, step)`."""

    def steps(made: Iter) -> Iterator[Value]:
        number = start
        while True:
            run.tick(1)
            yield number
            number = add(number, step)

    return lazy("itertools.count", steps, start, step)


def cycle(run: Run, iterable: Value) -> Value:
    """`cycle(it)`."""
    source = iterate(run, iterable)

    def steps(made: Iter) -> Iterator[Value]:
        held: list[Value] = []
        for part in following(run, made, source):
            held.append(part)
            yield part
        while held:
            for part in held:
                run.tick(1)
                yield part

    return lazy("itertools.cycle", steps, iterable)


class _Groups:
    """What the groups of one `groupby` share."""

    def __init__(self, run: Run, made: Iter, iterable: Value, source: Iter, key: Value, region: int) -> None:
        self.run = run
        self.iterable = iterable
        self.made = made
        self.key = key
        self.parts = following(run, made, source)
        self.value: Value = END
        self.found: Value = END
        self.turn = 0
        self.region = region

    def step(self) -> bool:
        """Go to the next element, if there is one."""
        part = next(self.parts, END)
        if part is END:
            self.value = END
            return False
        self.value = with_label(part, self.made.label)
        key = (
            self.value if self.key is None else called(self.run, self.key, (self.value,), self.made.label, self.region)
        )
        self.found = settle(key)
        label = deep(self.found)
        self.made.label = self.made.label.join(label)
        decided(self.run, self.iterable, label)
        return True

    def group(self, key: Value, turn: int, group: Iter) -> Iterator[Value]:
        """The elements of the current group, as long as nobody has gone on to the next."""
        while self.turn == turn and self.value is not END and equal_raw(self.found, key):
            group.label = group.label.join(self.made.label)
            yield self.value
            self.step()
        group.label = group.label.join(self.made.label)


def groupby(run: Run, iterable: Value, key: Value = None) -> Value:
    """`groupby(it, key)`; which elements are together depends on all keys up to there."""
    region = run.calling
    source = iterate(run, iterable)
    function = settle(key)

    def steps(made: Iter) -> Iterator[Value]:
        groups = _Groups(run, made, iterable, source, function, region)
        more = groups.step()
        while more:
            groups.turn += 1
            turn, current = groups.turn, groups.found
            group = lazy(
                "itertools._grouper",
                lambda group, current=current, turn=turn: groups.group(current, turn, group),  # type: ignore[misc]
                iterable,
            )
            yield run.given_by(made, (current, group))
            while groups.value is not END and equal_raw(groups.found, current):
                groups.step()
            more = groups.value is not END

    return lazy("itertools.groupby", steps, iterable, key)


CHAIN: Final = TypeValue(
    "itertools.chain", chain, lambda raw: False, None, {"from_iterable": Builtin("from_iterable", chain_from)}
)

MODULE: Final = Module(
    "itertools",
    {
        "chain": CHAIN,
        **COMBINING,
        **natives(
            {
                "islice": islice,
                "takewhile": takewhile,
                "dropwhile": dropwhile,
                "filterfalse": filterfalse,
                "starmap": starmap,
                "compress": compress,
                "accumulate": accumulate,
                "zip_longest": zip_longest,
                "pairwise": pairwise,
                "batched": batched,
                "tee": tee,
                "repeat": repeat,
                "count": count,
                "cycle": cycle,
                "groupby": groupby,
            }
        ),
    },
)
