"""Where a run is: the pc label, the branches that it is in, and the objects that what it skips could have changed.

Its one rule: everything that depends on a labelled condition happens under a pc label that includes it, and
everything that the condition could have changed carries it afterwards (DESIGN §3; CaMeL, arXiv 2503.18813, has
the same goal in its strict mode). In the body of a `try`, that nothing has failed is such a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, final
from weakref import WeakSet

from ringfence.core.diagnostics import Span
from ringfence.core.errors import PolicyDenied
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Heap, Labeled, Value, belong
from ringfence.lang.analysis.region import Regions
from ringfence.lang.host import Host, Site
from ringfence.lang.iteration import LEAVES
from ringfence.lang.limits import Limits
from ringfence.lang.objects import UNBOUND, Iter, Native, Promise, Shared, deep, label_of, settle
from ringfence.lang.operations.arithmetic import Operation
from ringfence.lang.operations.truth import truth
from ringfence.lang.raised import Raised
from ringfence.lang.running.bindings import belong_within, taint, taint_within
from ringfence.lang.running.meter import Meter

Thunk: TypeAlias = Callable[[], Value]
Rest: TypeAlias = Callable[[Value], Value]

# Methods whose only failure is that the object has none of this name.
_CANNOT_FAIL: Final = frozenset({"append", "appendleft", "clear", "reverse"})


@final
class Saved:
    """What a construct found when it was entered under a labelled condition; true if the condition holds."""

    __slots__ = ("label", "pc", "truth")

    def __init__(self, pc: Label, label: Label, holds: bool = False) -> None:
        self.pc = pc
        self.label = label
        self.truth = holds

    def __bool__(self) -> bool:
        return self.truth


@final
class Trying:
    """A `try` statement that is being run. `mark`: how many calls were on their way before it.

    `known`: the label of what is known of its body by that nothing has failed in it.
    """

    __slots__ = ("known", "label", "mark", "pc", "region")

    def __init__(self, pc: Label, region: int, mark: int) -> None:
        self.pc = pc
        self.label = TRUSTED_PUBLIC
        self.known = TRUSTED_PUBLIC
        self.region = region
        self.mark = mark


class Place(Meter):
    """The place of one run in its plan."""

    __slots__ = (
        "_considered",
        "_foreseen",
        "_marked",
        "answer_label",
        "calling",
        "companions",
        "deep_sites",
        "fail",
        "floors",
        "host",
        "objects",
        "private_span",
        "regions",
        "through",
        "tries",
    )

    def __init__(
        self,
        host: Host,
        limits: Limits,
        regions: Regions,
        deep_sites: frozenset[int],
        companions: Mapping[int, tuple[frozenset[int], ...]],
    ) -> None:
        super().__init__(limits)
        self.host = host
        self.regions = regions
        self.deep_sites = deep_sites
        self.companions = companions
        self.fail = TRUSTED_PUBLIC
        self.tries: list[Trying] = []
        self.calling = 0  # the region of the functions that the built-in being called may call back
        self.answer_label = TRUSTED_PUBLIC
        self.private_span: Span | None = None
        self.objects: dict[int, WeakSet[Heap]] = {}
        self.floors: dict[int, Label] = {}
        self.through: dict[int, Label] = {}  # the last label of a reference through which a site's object was changed
        self._considered: dict[Label, set[int]] = {}
        self._marked: set[tuple[int, Label]] = set()
        self._foreseen: set[tuple[int, Label]] = set()

    # The pc label

    def raise_pc(self, label: Label, region: int) -> None:
        """From here on, what happens depends on something with `label`; `region` is the code it decides about."""
        if label is TRUSTED_PUBLIC:
            return
        where = self.regions[region]
        self.pc = pc = self.pc.join(label)
        if not pc.public and self.private_span is None:
            # Inside of a `try` either of two things may come first, the failure or that there was none.
            self.private_span = self.regions[self.tries[0].region].span if self.tries else where.span
        self.consider(region, label)

    def depends(self, label: Label, region: int) -> None:
        """Whether a region's code runs, and how often, depends on something with `label`; the pc is as before."""
        if label is not TRUSTED_PUBLIC:
            pc = self.pc
            self.raise_pc(label, region)
            self.pc = pc

    def consider(self, region: int, label: Label) -> None:
        """Decide about a region's calls before an arm is chosen, and mark the objects that it may change."""
        where = self.regions[region]
        key = (region, self.pc)
        if key not in self._foreseen:
            self._foreseen.add(key)
            for site in where.sites:
                self.foresee(site)
        if where.answers:
            self.answer_label = self.answer_label.join(label)
        marked = (id(where.objects), label)
        if where.objects and marked not in self._marked:  # many regions of a large plan share their objects
            self._marked.add(marked)
            done = self._considered.setdefault(label, set())  # what is marked once stays so
            for number in where.objects:
                if number not in done:
                    self.mark(number, label)
                    self.mark_companions(number, label)
            done.update(where.objects)
            self.in_time()  # of long plans these are many, and no step is counted for them

    def mark(self, number: int, label: Label) -> None:
        """Whatever allocation site `number` made may have been changed under `label`."""
        floor = self.floors.get(number, TRUSTED_PUBLIC)
        raised = floor.join(label)
        if raised is not floor:
            self.floors[number] = raised
            self.taint_objects(number, list(self.objects.get(number, ())), raised)

    def taint_objects(self, number: int, holders: list[Heap], label: Label) -> None:
        """Raise the labels of objects of a site; of a tool's result also those of the objects in it."""
        if number in self.deep_sites:
            taint_within(holders, label)
            return
        for holder in holders:
            holder.taint(label)

    def foresee(self, site: Site) -> None:
        """Stop here if a call at `site` would be denied under the pc whatever its arguments."""
        try:
            self.host.foresee(site, site.name, self.pc)
        except PolicyDenied as error:
            error.span = self.private_span if self.private_span is not None and not self.pc.public else site.span
            raise

    # Branches

    def enter(self, value: Value, region: int) -> Saved | bool:
        """A branch on `value`: whether it holds; if that has a label, with what to restore."""
        value = settle(value)
        label = label_of(value)
        if label is TRUSTED_PUBLIC:
            return truth(value)
        self.known(label, region)
        saved = Saved(self.pc, label, truth(value))
        self.raise_pc(label, region)
        return saved

    def begin(self, value: Value, region: int) -> Saved:
        """As `enter`, inside an expression: always returns, with the condition's truth."""
        value = settle(value)
        label = label_of(value)
        self.known(label, region)
        saved = Saved(self.pc, label, truth(value))
        if label is not TRUSTED_PUBLIC:
            self.raise_pc(label, region)
        return saved

    def end(self, saved: Saved, value: Value) -> Value:
        """The value of a conditional expression, with the condition's label; the pc is as before."""
        self.back(saved.pc)
        return taint(value, saved.label)

    def choose(self, region: int, test: Value, then: Thunk, orelse: Thunk) -> Value:
        """A conditional expression where no variable can be set (in a comprehension's iterable)."""
        saved = self.begin(test, region)
        return self.end(saved, then() if saved.truth else orelse())

    def logic(self, region: int, conjunction: bool, first: Value, rest: Thunk) -> Value:
        """`and` and `or` there."""
        first = settle(first)
        saved = self.begin(first, region)
        return self.end(saved, rest() if saved.truth is conjunction else first)

    def compare_then(self, region: int, compare: Operation, left: Value, middle: Value, rest: Rest) -> Value:
        """A chained comparison there."""
        return self.logic(region, True, compare(left, middle), lambda: rest(middle))

    def call_at(self, region: int, native: Native, *args: Value, **keywords: Value) -> Value:
        """Call a built-in that may call functions of the plan: whether and how often depends on its arguments."""
        pc, calling = self.pc, self.calling
        self.calling = region
        for value in (*args, *keywords.values()) if region not in self.regions.uses_up else ():
            if value is not self and isinstance(settle(value), (Labeled, Heap, tuple)):
                self.raise_pc(deep(value), region)
        try:
            result = native(*args, **keywords)
        finally:
            self.calling = calling
        self.back(pc)
        raw = result._value if type(result) is Labeled else result
        if type(raw) is Iter:
            raw.region = region
        return result

    def using(self, region: int, native: Callable[..., object], *args: object) -> object:
        """Call something of the runtime that may go on with iterators, or fill a dict: `region` is what that may do."""
        calling, self.calling = self.calling, region
        try:
            return native(*args)
        finally:
            self.calling = calling

    def heard(self, native: Native, *args: Value, **keywords: Value) -> Value:
        """Call a built-in that may call functions of the plan which change nothing: how often depends on its arguments.

        So does it whether one of them fails.
        """
        try:
            return native(*args, **keywords)
        except Raised as error:
            for value in (*args, *keywords.values()):
                if value is not self and isinstance(settle(value), (Labeled, Heap, tuple)):
                    error.label = error.label.join(deep(value))
            raise

    # Objects

    def tag(self, value: Value, number: int) -> Value:
        """Remember the object made at allocation site `number`, for a region may have to mark it."""
        value = settle(value)
        raw = value._value if type(value) is Labeled else value
        if isinstance(raw, Heap) and raw.site == 0:
            known = self.objects.get(number)
            if known is None:
                known = self.objects[number] = WeakSet()
            belong(raw, number, known)
            if number in self.deep_sites:
                belong_within(raw)
            floor = self.floors.get(number)
            if floor is not None:
                self.taint_objects(number, [raw], floor)
        elif isinstance(raw, tuple):  # several objects, as tee() makes them
            for part in _once(raw):
                if type(part) is not Promise:
                    self.tag(part, number)
        return value

    def given_by(self, maker: Iter, value: Value) -> Value:
        """What a function of the language gave to an iterator: an object that it made belongs to that one's site."""
        if not maker.site or type(value) in LEAVES:
            return value
        if type(value) is Promise:
            value.then = lambda arrived: self.given_by(maker, arrived)
            return value
        raw = value._value if type(value) is Labeled else value
        if isinstance(raw, Heap) and raw.site == 0:
            self.tag(raw, maker.site)
            belong_within(raw)
            return value
        return self.tag(value, maker.site)

    def adopt(self, value: Value, number: int) -> Value:
        """What was there before the run, as if allocation site `number` had made it; another run may have had it."""
        raw = value._value if type(value) is Labeled else value
        for part in _once(raw) if isinstance(raw, tuple) else (raw,):
            part = part._value if type(part) is Labeled else part
            if isinstance(part, Heap):
                part.site = 0
        return self.tag(value, number)

    def changing(self, target: Value) -> Heap | None:
        """The object that is about to be changed through `target`, marked with all that this tells."""
        if type(target) is not Labeled:
            target = settle(target)
        if type(target) is Labeled:
            raw, label = target._value, target.label
            if type(raw) is Promise:
                return self.changing(settle(target))
        else:
            raw, label = target, TRUSTED_PUBLIC
        if not isinstance(raw, Heap):
            return None
        if label is not TRUSTED_PUBLIC:
            if raw.site and self.through.get(raw.site) is not label:
                self.choose_among(raw.site, label)
            if self.pc is not TRUSTED_PUBLIC:
                label = label.join(self.pc)
        else:
            label = self.pc
        raw.changed = True
        if raw.label is not label and label is not TRUSTED_PUBLIC:
            raw.taint(label)
        return raw

    def chosen(self, steps: Iter, label: Label, region: int = 0) -> None:
        """An iterator goes on that a labelled reference chose: so could others, with all that their steps may do."""
        steps.taint(label)
        if steps.site:
            self.choose_among(steps.site, label)
        self.depends(label, region or self.calling)
        self.depends(label, steps.region)

    def choose_among(self, site: int, label: Label) -> None:
        """An object was chosen by a labelled reference and is changed: so are those it could have been."""
        self.through[site] = label
        self.mark(site, label)
        self.mark_companions(site, label)

    def mark_companions(self, site: int, label: Label) -> None:
        """The objects that a change of one of the site may be taken for, as it is when the change is made."""
        for group in self.companions.get(site, ()):
            key = (id(group), label)
            if key not in self._marked:
                self._marked.add(key)
                for number in group:
                    self.mark(number, label)
                self.in_time()

    # What has not failed

    def touch(self, value: Value) -> Value:
        """An operation that could have failed gave `value`: that it did not fail is known from here on."""
        if self.tries and type(value) is not Promise:
            self.held(label_of(value))
        return value

    def held(self, label: Label) -> None:
        """That nothing has failed depends on something with this label: so does the rest of the bodies of all tries."""
        if label is TRUSTED_PUBLIC or not self.tries:
            return
        known = self.tries[-1].known
        if known.join(label) is known:  # and what is known of the innermost is known of those around it
            return
        self.fail = self.fail.join(label)
        for trying in self.tries:
            trying.known = trying.known.join(label)
            self.raise_pc(label, trying.region)

    def unfailed(self, label: Label) -> None:
        """What is given to a built-in could have made it fail, and what that gives does not have this label."""
        if self.tries:
            self.held(label)

    def known(self, label: Label, region: int) -> None:
        """A condition with this label decides about code that may fail: after it, that it did not fail is known."""
        if self.tries and region not in self.regions.sure:
            self.held(label)

    def back(self, pc: Label) -> None:
        """Leave a construct: the pc is as before, but for what is known since by nothing having failed."""
        self.pc = pc.join(self.fail) if self.tries else pc

    def did(self, method: str, receiver: Value) -> None:
        """A method that gives nothing has not failed.

        What it looked at is in the label of the object's shape by now, but of those that every object takes.
        """
        if method in _CANNOT_FAIL:
            self.held(receiver.label if type(receiver) is Labeled else TRUSTED_PUBLIC)
        else:
            self.held(label_of(settle(receiver)))

    def touched(self, *values: Value) -> None:
        """As `touch`, for the operands of an operation that gives nothing."""
        for value in values:
            self.touch(value)

    def assigned(self, value: Value, before: Value = UNBOUND) -> Value:
        """A value that is assigned in the body of a `try`. If it is a promise that fails, the variable keeps `before`.

        Whether it is assigned depends on what did not fail so far. In the body, the place tells that and has its label;
        behind it and in its handlers, the variable has that label, too.
        """
        if type(value) is Labeled and type(value._value) is Promise:
            value = Promise(Shared(value._value, value.label))
        if type(value) is Promise:
            if value.assigned:
                value = Promise(Shared(value))
            value.assigned, value.replaced = True, before
        return value


def _once(parts: tuple[Value, ...]) -> list[Value]:
    """What is in a tuple and in the tuples in it, which can hold each other many times over; each of them once."""
    found: list[Value] = []
    seen: set[int] = set()
    pending: list[Value] = [parts]
    while pending:
        part = pending.pop()
        raw = part._value if type(part) is Labeled else part
        if not isinstance(raw, tuple):
            found.append(part)
        elif id(raw) not in seen:
            seen.add(id(raw))
            pending.extend(raw)
    return found
