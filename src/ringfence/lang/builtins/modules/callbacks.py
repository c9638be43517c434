"""Built-ins that call functions of the plan, and iterators that compute their elements when they are asked.

Its one rule: a function is called under the label of what decides whether it is called, and what an iterator
gives carries the label of how far it has gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Labeled, Value, with_label
from ringfence.lang.iteration import END, iterate, stepped
from ringfence.lang.objects import Iter, label_of, settle
from ringfence.lang.operations.truth import truth
from ringfence.lang.running.calling import apply

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

Steps: TypeAlias = "Callable[[Iter], Iterator[Value]]"


def called(run: Run, function: Value, args: tuple[Value, ...], label: Label, region: int | None = None) -> Value:
    """The result of the function; `label` is that of what decided that it is called now.

    `region`: what the function may do, for an iterator that calls it later (`run.calling` when the iterator was made).
    """
    if label is TRUSTED_PUBLIC:
        return apply(run, function, args)
    pc = run.pc
    run.raise_pc(label, run.calling if region is None else region)
    result = apply(run, function, args)
    run.pc = pc.join(run.fail) if run.tries else pc
    return with_label(result, label)


def holds(run: Run, test: Value, value: Value, label: Label, region: int) -> tuple[bool, Label]:
    """Whether `test(value)` is true (`test` None: whether the value is), and the label of that."""
    found = settle(value if test is None else called(run, test, (value,), label, region))
    # Whether there is a next one, and what it does, may depend on this one.
    run.depends(label.join(label_of(found)), region)
    return truth(found), label_of(found)


def lazy(kind: str, steps: Steps, *sources: Value, label: Label = TRUSTED_PUBLIC) -> Iter:
    """An iterator whose elements `steps` makes; it holds on to `sources`, so that their labels are found."""
    made = Iter(iter(()), label, kind)
    made.source = sources
    made.steps = _labelled(made, steps(made))
    return made


def _labelled(made: Iter, steps: Iterator[Value]) -> Iterator[Value]:
    for part in steps:
        yield with_label(part, made.label)


def following(run: Run, made: Iter, source: Iter) -> Iterator[Value]:
    """The elements of `source`; how far it goes decides how far `made` goes. Each is a step."""
    while True:
        part = stepped(run, made, source)
        if part is END:
            return
        run.steps += 1
        if run.steps > run.next_check:
            run.check()
        yield part


def sources_of(run: Run, values: tuple[Value, ...]) -> list[Iter]:
    """An iterator over each value."""
    return [iterate(run, value) for value in values]


def decided(run: Run, value: Value, label: Label) -> None:
    """How far the iterator `value` (if it is one) was taken has depended on something with `label`.

    So did whatever its steps do, and how far those went that it is made of.
    """
    raw = value._value if type(value) is Labeled else value
    if isinstance(raw, Iter) and label is not TRUSTED_PUBLIC:
        raw.taint(label)
        run.depends(label, raw.region)
