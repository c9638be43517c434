"""Where a run is: the pc label, and the objects that what it skips could have changed.

Its one rule: everything that depends on a labelled condition happens under a pc label that includes it, and
everything that the condition could have changed carries it afterwards (DESIGN §3; CaMeL, arXiv 2503.18813, has
the same goal in its strict mode). In the body of a `try`, that nothing has failed is such a condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final
from weakref import WeakSet

from ringfence.core.diagnostics import Span
from ringfence.core.errors import PolicyDenied
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Heap, Labeled, Value, belong
from ringfence.lang.analysis.region import Regions
from ringfence.lang.host import Host, Site
from ringfence.lang.iteration import LEAVES
from ringfence.lang.limits import Limits
from ringfence.lang.objects import Iter, Promise, settle
from ringfence.lang.raised import Raised
from ringfence.lang.running.bindings import STILL, belong_within, taint_within
from ringfence.lang.running.meter import Meter
from ringfence.lang.running.promises import undo


@final
class Trying:
    """A `try` statement that is being run. `mark`: how many calls were on their way before it.

    `known`: the label of what is known of its body by that nothing has failed in it. `ends`: a failure leaves it that
    ends the plan.
    """

    __slots__ = ("ends", "known", "label", "mark", "pc", "region")

    def __init__(self, pc: Label, region: int, mark: int) -> None:
        self.pc = pc
        self.label = TRUSTED_PUBLIC
        self.known = TRUSTED_PUBLIC
        self.ends = False
        self.region = region
        self.mark = mark


class Place(Meter):
    """The place of one run in its plan."""

    __slots__ = (
        "_considered",
        "_foreseen",
        "_marked",
        "_raised",
        "answer_label",
        "calling",
        "companions",
        "deep_sites",
        "fail",
        "floors",
        "host",
        "objects",
        "private_span",
        "promised",
        "promises",
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
        self.promised = False  # whether a call has been on its way at all
        self.promises: list[Promise] = []  # the calls that are on their way, as they were made
        self.objects: dict[int, WeakSet[Heap]] = {}
        self.floors: dict[int, Label] = {}
        self.through: dict[int, Label] = {}  # the last label of a reference through which a site's object was changed
        self._considered: dict[Label, set[int]] = {}
        self._marked: set[tuple[int, Label]] = set()
        self._foreseen: set[tuple[int, Label]] = set()
        self._raised: set[tuple[int, Label, Label]] = set()

    # Calls on their way

    def settle_all(self, mark: int) -> None:
        """Wait for the calls started since `mark`, in program order; the first failure is raised."""
        pending = self.promises[mark:]
        del self.promises[mark:]
        for number, promise in enumerate(pending, 1):
            try:
                promise.value()
            except Raised:
                undo(pending[number:])
                raise

    def in_order(self) -> None:
        """Something is about to change: in the body of a `try` it does not, if a call before it has failed."""
        if self.tries and self.promises:
            self.settle_all(0)

    # The pc label

    def raise_pc(self, label: Label, region: int) -> None:
        """From here on, what happens depends on something with `label`; `region` is the code it decides about."""
        if label is TRUSTED_PUBLIC:
            return
        self.pc = pc = self.pc.join(label)
        key = (region, pc, label)
        if key in self._raised:  # all that follows has been done, and is done for good
            return
        self._raised.add(key)
        where = self.regions[region]
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

    def consider(self, region: int, label: Label, calls: bool = True) -> None:
        """Decide about a region's calls before an arm is chosen, and mark the objects that it may change."""
        where = self.regions[region]
        key = (region, self.pc)
        if calls and key not in self._foreseen:
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
        """What allocation site `number` made may have been changed under `label`; below 0, the iterators among that."""
        floor = self.floors.get(number, TRUSTED_PUBLIC)
        raised = floor.join(label)
        if raised is not floor:
            self.floors[number] = raised
            self.taint_objects(number, list(self.objects.get(abs(number), ())), raised)

    def taint_objects(self, number: int, holders: list[Heap], label: Label) -> None:
        """Raise the labels of objects of a site; of a tool's result also those of the objects in it."""
        but = STILL if number < 0 else ()
        if abs(number) in self.deep_sites:
            taint_within(holders, label, but)
            return
        for holder in holders:
            if type(holder) not in but:
                holder.taint(label)

    def foresee(self, site: Site) -> None:
        """Stop here if a call at `site` would be denied under the pc whatever its arguments."""
        try:
            self.host.foresee(site, site.name, self.pc)
        except PolicyDenied as error:
            error.span = self.private_span if self.private_span is not None and not self.pc.public else site.span
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
            for way in (number, -number):
                floor = self.floors.get(way)
                if floor is not None:
                    self.taint_objects(way, [raw], floor)
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
        if self.promises:
            self.in_order()
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
