"""Running loops, comprehensions, matches and generators: what decides their course, and the elements they go over.

Its one rule: how often something runs, and whether it goes on, is known by its label before the next turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, final

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Labeled, List, Record, Value, element, with_label
from ringfence.lang.iteration import END, LEAVES, going_on, iterate, under
from ringfence.lang.objects import Iter, deep, label_of, settle, settle_deep
from ringfence.lang.operations.comparison import equal_raw
from ringfence.lang.operations.membership import contains
from ringfence.lang.operations.truth import truth

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


@final
class Loop:
    """A running loop, comprehension or match: the label of what decided its course so far."""

    __slots__ = ("captured", "items", "label", "pc", "region", "run", "subject")

    def __init__(self, run: Run, region: int) -> None:
        self.run = run
        self.region = region
        self.pc = run.pc
        self.label = TRUSTED_PUBLIC
        self.items: Iterator[Value] = iter(())
        self.subject: Value = None
        self.captured: dict[str, Value] = {}

    def depend(self, label: Label) -> None:
        """The course depends on something with this label."""
        joined = self.label.join(label)
        if joined is not self.label:
            self.label = joined
            self.run.known(label, self.region)
            self.run.raise_pc(label, self.region)

    def test(self, value: Value) -> bool:
        """A condition that decides whether the loop goes on, or whether an element is taken."""
        if value is True:
            return True
        if value is False:
            return False
        value = settle(value)
        self.depend(label_of(value))
        return truth(value)

    def after(self, value: Value) -> Label:
        """The label of how far a generator went that was used up to make `value`."""
        return self.label.join(label_of(settle(value)))

    def again(self, value: Value, weight: int) -> bool:
        """The condition of `while`, with the steps of one more turn."""
        self.run.tick(weight)
        return value if type(value) is bool else self.test(value)

    def over(self, value: Value, weight: int = 1) -> Iterator[Value]:
        """The elements to loop over; the loop depends on how many there are."""
        run = self.run
        raw = value._value if type(value) is Labeled else value
        if type(raw) is range:
            if type(value) is Labeled:
                self.depend(value.label)
            for number in raw:
                run.steps += weight
                if run.steps > run.next_check:
                    run.check()
                yield number if raw is value else with_label(number, label_of(value))
            return
        if type(raw) is List:
            yield from self.over_list(value, raw, weight)
            return
        source = iterate(run, value, self.region)
        label = TRUSTED_PUBLIC
        for part in source.steps:
            if source.label is not label:
                label = source.label
                self.depend(label)
            run.steps += weight
            if run.steps > run.next_check:
                run.check()
            yield part
        if source.label is not label:
            self.depend(source.label)

    def over_list(self, value: Value, source: List, weight: int) -> Iterator[Value]:
        """The elements of a list, as it is at each step: what `iterate` gives, with one generator less."""
        run, items, shape = self.run, source.items, source.label
        reference, origin = (value.label, value.origin) if type(value) is Labeled else (TRUSTED_PUBLIC, None)
        label = reference.join(shape)
        if label is not TRUSTED_PUBLIC:
            self.depend(label)
        for index, found in enumerate(items):
            if source.label is not shape:
                shape = source.label
                label = reference.join(shape)
                self.depend(label)
            kind = type(found)
            if kind in LEAVES or kind is Record:
                if label is not TRUSTED_PUBLIC:
                    found = Labeled(found, label, None if origin is None or source.changed else (origin, index))
            elif origin is not None or not isinstance(found, Labeled) or not under(found, label):
                found = element(source, items, index, label, origin)
            run.steps += weight
            if run.steps > run.next_check:
                run.check()
            yield found
        if source.label is not shape:
            self.depend(reference.join(source.label))

    def start(self, value: Value, weight: int) -> Loop:
        """The loop itself, ready to give its items."""
        raw = value._value if type(value) is Labeled else value
        self.items = self.over_list(value, raw, weight) if type(raw) is List else self.over(value, weight)
        return self


def used_up(run: Run, item: Value, source: Value) -> Value:
    """`item in source`, where that may be an iterator: it goes on to where the item is, and each step depends on it."""
    item, source = settle(item), settle(source)
    raw = source._value if type(source) is Labeled else source
    if type(raw) is not Iter:
        return contains(item, source)
    going_on(run, raw)
    pc = run.pc
    label = deep(item).join(label_of(source))
    found = False
    for part in raw.steps:
        run.tick(1)
        label = label.join(deep(settle_deep(part)))
        run.depends(label, run.calling)
        run.pc = pc.join(label)
        if equal_raw(item, part):
            found = True
            break
    run.pc = pc.join(run.fail) if run.tries else pc
    label = label.join(raw.label)
    raw.taint(label)
    return with_label(found, label)


def drive(run: Run, steps: Iterable[Value], loop: Loop) -> Iterator[Value]:
    """A generator expression: its conditions raise the pc only while it computes the next element."""
    source = iter(steps)
    while True:
        pc = run.pc
        loop.pc = pc
        try:
            value = next(source)
        except StopIteration:
            run.back(pc)
            return
        run.back(pc)
        yield value


def generator(run: Run, loop: Loop, steps: Iterable[Value]) -> Value:
    """The value of a generator expression."""
    made = Iter(iter(()), TRUSTED_PUBLIC, "generator")
    made.region = loop.region
    made.steps = _following(run, made, drive(run, steps, loop), loop)
    return made


def _following(run: Run, made: Iter, steps: Iterator[Value], loop: Loop) -> Iterator[Value]:
    """Its code is the plan's: what the built-in that goes on with it may call back is nothing to the calls in there."""
    while True:
        calling, run.calling = run.calling, 0
        try:
            value = next(steps, END)
        finally:
            run.calling = calling
        if value is END:
            break
        made.label = made.label.join(loop.label)
        yield with_label(value, made.label)
    made.label = made.label.join(loop.label)
