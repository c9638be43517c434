"""The state of one run: the pc label, steps, calls, and the control-flow operations of generated code.

Its one rule: everything that depends on a labelled condition happens under a pc label that includes it, and
everything that the condition could have changed carries it afterwards (DESIGN §3; CaMeL, arXiv 2503.18813, has
the same goal in its strict mode). Generated code (`lang/codegen.py`) calls these methods; it holds no
logic of its own. A plan cannot reach this object.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic
from typing import Final, TypeAlias, final
from weakref import WeakSet

from ringfence.core.diagnostics import Span
from ringfence.core.errors import LimitExceeded, Observed, PolicyDenied, QuarantineError, Refused, ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Dict, Heap, Labeled, List, Value, element, with_label
from ringfence.lang.host import Host, HostCall, Pending, SchemaValue, Signature, Site
from ringfence.lang.iteration import LEAVES, iterate
from ringfence.lang.limits import Limits
from ringfence.lang.objects import (
    UNBOUND,
    Function,
    Iter,
    Native,
    Promise,
    Unbound,
    deep,
    label_of,
    settle,
    settle_deep,
)
from ringfence.lang.operators import Operation, contains, equal_raw, truth
from ringfence.lang.raised import EXCEPTIONS, ExceptionType, ExceptionValue, Raised, fail
from ringfence.lang.region import Regions

Thunk: TypeAlias = Callable[[], Value]
Rest: TypeAlias = Callable[[Value], Value]

# Methods whose only failure is that the object has none of this name.
_CANNOT_FAIL: Final = frozenset({"append", "appendleft", "clear", "reverse"})
_CLOCK_EVERY: Final = 2048
_MEMORY_FIRST: Final = 500_000
_MEMORY_EVERY: Final = 32_000_000


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
        source = iterate(run, value)
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
            if kind in LEAVES:
                if label is not TRUSTED_PUBLIC:
                    found = Labeled(found, label, None if origin is None or source.changed else (origin, index))
            else:
                found = element(source, items, index, label, origin)
            run.steps += weight
            if run.steps > run.next_check:
                run.check()
            yield found
        if source.label is not shape:
            self.depend(reference.join(source.label))

    def start(self, value: Value, weight: int) -> Loop:
        """The loop itself, ready to give its items."""
        self.items = self.over(value, weight)
        return self


@final
class Trying:
    """A `try` statement that is being run."""

    __slots__ = ("label", "mark", "pc", "region")

    def __init__(self, run: Run, region: int) -> None:
        self.pc = run.pc
        self.label = TRUSTED_PUBLIC
        self.region = region
        self.mark = len(run.promises)


@final
class Run:
    """One run of a program. Not shared between threads or conversations."""

    def __init__(
        self,
        host: Host,
        limits: Limits,
        regions: Regions,
        sites: tuple[Site, ...],
        signatures: Mapping[str, Signature],
        deep_sites: frozenset[int] = frozenset(),
        companions: Mapping[int, tuple[frozenset[int], ...]] | None = None,
    ) -> None:
        self.host = host
        self.limits = limits
        self.regions = regions
        self.sites = sites
        self.signatures = signatures
        self.deep_sites = deep_sites
        self.companions: Mapping[int, tuple[frozenset[int], ...]] = {} if companions is None else companions
        self.pc = TRUSTED_PUBLIC
        self.fail = TRUSTED_PUBLIC
        self.tries: list[Trying] = []
        self.steps = 0
        self.depth = 0
        self.calls = 0
        self.calling = 0  # the region of the functions that the built-in being called may call back
        self.promises: list[Promise] = []
        self.waiting: list[Deferred] = []  # calls that are made when their arguments arrive
        self.promised = False  # whether there has been a promise at all
        self.answered: list[Value] = []
        self.printed: list[Value] = []
        self.answer_label = TRUSTED_PUBLIC
        self.final: Value = None
        self.variables: dict[str, Value] = {}
        self.private_span: Span | None = None
        self.objects: dict[int, WeakSet[Heap]] = {}
        self.floors: dict[int, Label] = {}
        self.through: dict[int, Label] = {}  # the last label of a reference through which a site's object was changed
        self._considered: dict[Label, set[int]] = {}
        self._marked: set[tuple[int, Label]] = set()
        self._foreseen: set[tuple[int, Label]] = set()
        self._deadline = monotonic() + limits.seconds
        self._charged = 0
        self._memory_at_start = -1  # not looked at yet: a run that makes little need not
        self._next_memory = _MEMORY_FIRST
        self.next_check = min(_CLOCK_EVERY, limits.steps)

    # Limits

    def tick(self, steps: int) -> None:
        """Count steps."""
        self.steps += steps
        if self.steps > self.next_check:
            self.check()

    def check(self) -> None:
        """Compare with the limits now."""
        if self.steps > self.limits.steps:
            raise LimitExceeded("steps", f"the run took more than {self.limits.steps:,} steps", label=self.pc)
        self.in_time()
        self.next_check = min(self.steps + _CLOCK_EVERY, self.limits.steps)
        self.charge(_CLOCK_EVERY * 64)

    def charge(self, amount: int) -> None:
        """Something of about `amount` bytes is being made."""
        self._charged += amount
        if self._charged > self._next_memory:
            if self._memory_at_start < 0:
                # What is being charged has not been made yet.
                self._memory_at_start = _resident()
                self._next_memory = _MEMORY_EVERY
                if self._charged <= _MEMORY_EVERY:
                    return
            self._next_memory = self._charged + _MEMORY_EVERY
            used = _resident() - self._memory_at_start
            if used > self.limits.memory or (_resident() == 0 and self._charged > 4 * self.limits.memory):
                raise LimitExceeded("memory", f"the run used more than {self.limits.memory:,} bytes", label=self.pc)
            self.in_time()

    def in_time(self) -> None:
        """Compare with the limit of time now."""
        if monotonic() > self._deadline:
            raise LimitExceeded("time", f"the run took more than {self.limits.seconds:g} seconds", label=self.pc)

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
            for holder in list(self.objects.get(number, ())):
                self.taint_object(holder, raised)

    def taint_object(self, holder: Heap, label: Label) -> None:
        """Raise an object's label; of a tool's result also those of the objects in it."""
        if holder.site in self.deep_sites:
            taint_within(holder, label)
        else:
            holder.taint(label)

    def foresee(self, site: Site) -> None:
        """Stop here if a call at `site` would be denied under the pc whatever its arguments."""
        try:
            self.host.foresee(site, site.name, self.pc)
        except PolicyDenied as error:
            error.span = self.private_span if self.private_span is not None and not self.pc.public else site.span
            raise

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

    # Objects

    def tag(self, value: Value, number: int) -> Value:
        """Remember the object made at allocation site `number`, for a region may have to mark it."""
        value = settle(value)
        raw = value._value if type(value) is Labeled else value
        if isinstance(raw, Heap) and raw.site == 0:
            raw.site = number
            known = self.objects.get(number)
            if known is None:
                known = self.objects[number] = WeakSet()
            known.add(raw)
            floor = self.floors.get(number)
            if floor is not None:
                self.taint_object(raw, floor)
        elif isinstance(raw, tuple):  # several objects, as tee() makes them
            for part in raw:
                if type(part) is not Promise:
                    self.tag(part, number)
        return value

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

    # Calls of the plan's own functions

    def invoke(self, function: Function, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
        """Call a function of the plan; its result carries what decided about its course."""
        self.depth += 1
        if self.depth > self.limits.depth:
            self.depth = 0
            raise LimitExceeded("depth", f"calls are nested deeper than {self.limits.depth}", label=self.pc)
        self.tick(1)
        pc = self.pc
        for name in keywords:
            if name not in function.params:
                fail("TypeError", f"{function.name}() got an unexpected keyword argument '{name}'")
        try:
            result = function.code(*args, **{f"v_{name}": value for name, value in keywords.items()})
        except TypeError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                fail("TypeError", f"{function.name}() got the wrong number of arguments")
            raise
        finally:
            self.depth -= 1
        if self.pc is not pc:
            result = taint(result, self.pc)
            self.back(pc)
        return result

    # The host

    def call_host(self, number: int, name: str, arguments: dict[str, Value], told: bool = True) -> Value:
        """Call a tool or verb at site `number`. What the tool raises becomes an exception of the plan.

        `told`: whether the plan hears of a failure by an exception.
        """
        site = self.sites[number]
        if self.calls >= self.limits.calls:
            raise LimitExceeded("calls", f"the run made more than {self.limits.calls:,} calls", label=self.pc)
        if self.promised and not self._waits(name, arguments):
            self._arrived(name, arguments)
        index = self.calls
        self.calls = index + 1
        call = HostCall(index, site, name, arguments, self.pc)
        if self.promised and any(map(_on_its_way, arguments.values())):
            return self._promise(Deferred(self, call, told))
        result = self.made(call)
        return result if not isinstance(result, Arriving) else self._promise(Waited(self, result, call, told))

    def made(self, call: HostCall) -> Value | Arriving:
        """Have the host make a call now."""
        site, started = call.site, monotonic()
        try:
            result = self.host.call(call)
        except (ToolError, QuarantineError) as error:
            raise failed_call(error, site, call.pc) from error
        except PolicyDenied as error:
            error.span = self.private_span if self.private_span is not None and not call.pc.public else site.span
            raise
        finally:
            self._deadline += monotonic() - started
        if type(result) is Labeled or isinstance(result, Heap) or not hasattr(result, "result"):
            return result
        return Arriving(result)

    def _promise(self, pending: Waited | Deferred) -> Promise:
        promise = Promise(pending)
        self.promised = True
        self.promises.append(promise)
        return promise

    def _waits(self, name: str, arguments: dict[str, Value]) -> bool:
        """Whether a call can be made later: it reads, and nothing can change its arguments until they have arrived."""
        if name in self.signatures and self.signatures[name].effect == "write":
            return False
        return all(map(_unchangeable, arguments.values()))

    def start_waiting(self) -> None:
        """Make the calls whose arguments were on their way, before the plan sees anything that has arrived.

        Those whose arguments are results of calls already made come first, whatever their place: what they wait for is
        on its way. Which order that is, the plan's text and the values decide, never the time that something takes.
        """
        if self.waiting:
            waiting, self.waiting = self.waiting, []
            for call in sorted(waiting, key=lambda one: one.level):
                call.start()

    def _arrived(self, name: str, arguments: dict[str, Value]) -> None:
        """Wait for the promises in the arguments of a call, and before a write for all."""
        for key, value in arguments.items():
            if type(value) not in LEAVES:
                arguments[key] = settle_deep(value)
        if self.promises and name in self.signatures and self.signatures[name].effect == "write":
            self.settle_all(0)

    def settle_all(self, mark: int) -> None:
        """Wait for the calls started since `mark`, in program order; the first failure is raised."""
        pending = self.promises[mark:]
        del self.promises[mark:]
        for promise in pending:
            promise.value()

    def waited(self, seconds: float) -> None:
        """Time spent waiting for a tool is not time of the engine."""
        self._deadline += seconds

    # The verbs that end with the run itself

    def answer(self, value: Value) -> None:
        """`answer(value)`."""
        self.answered.append(with_label(value, self.pc))
        self.answer_label = self.answer_label.join(self.pc)

    def show(self, value: Value) -> None:
        """`print(...)`: one line, as a value."""
        self.printed.append(with_label(value, self.pc))
        self.answer_label = self.answer_label.join(self.pc)

    def refuse(self, reason: Value) -> None:
        """`refuse(reason)`: what the plan has called is called."""
        self.start_waiting()
        raise Refused(with_label(reason, self.pc), label=self.pc)

    def observe(self, facts: Mapping[str, Value]) -> None:
        """`observe(name=value, ...)`: the round ends when the calls on their way have ended."""
        self.settle_all(0)
        raise Observed({name: with_label(settle_deep(fact), self.pc) for name, fact in facts.items()}, self.pc)

    # try

    def try_(self, region: int) -> Trying:
        """Enter a `try`."""
        trying = Trying(self, region)
        self.tries.append(trying)
        return trying

    def settled(self, trying: Trying) -> None:
        """The body has run: failures of calls that are still on their way belong to it."""
        self.settle_all(trying.mark)

    def touch(self, value: Value) -> Value:
        """An operation that could have failed gave `value`: that it did not fail is known from here on."""
        if self.tries and type(value) is not Promise:
            self.held(label_of(value))
        return value

    def held(self, label: Label) -> None:
        """That nothing has failed depends on something with this label: so does the rest of the bodies of all tries."""
        if label is not TRUSTED_PUBLIC and self.fail.join(label) is not self.fail:
            self.fail = self.fail.join(label)
            for trying in self.tries:
                self.raise_pc(label, trying.region)

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
        """A value that is assigned in the body of a `try`: whether it is depends on what did not fail before.

        A promise may still fail, and then the variable has what it had `before`.
        """
        if type(value) is Promise:
            value.replaced = before
        return taint(value, self.fail)

    def caught(self, trying: Trying, error: Raised) -> None:
        """An exception has left the body. What was called in it is called, though nobody hears of it any more."""
        self.start_waiting()
        while self.tries and self.tries[-1] is not trying:
            self.tries.pop()
        if self.tries:
            self.tries.pop()
        del self.promises[trying.mark :]
        trying.label = trying.label.join(error.label).join(self.fail)
        if self.pc is not trying.pc:
            trying.label = trying.label.join(self.pc)
        self.pc = trying.pc
        self.raise_pc(trying.label, trying.region)

    def matches(self, error: Raised, kind: Value) -> bool:
        """Whether `except kind` catches it."""
        raw = kind._value if type(kind) is Labeled else kind
        if isinstance(raw, tuple):
            return any(self.matches(error, part) for part in raw)
        if not isinstance(raw, ExceptionType):
            fail("TypeError", "catching classes that do not inherit from BaseException is not allowed")
        return error.value.type.within(raw)

    def bound(self, error: Raised) -> Value:
        """The value of `as e`."""
        return with_label(error.value, error.label)

    def body_done(self, trying: Trying) -> None:
        """The body has run without a failure."""
        if self.tries and self.tries[-1] is trying:
            self.tries.pop()
        trying.label = trying.label.join(self.fail)

    def note(self, trying: Trying, error: Raised) -> None:
        """An exception leaves the statement."""
        if self.pc is not trying.pc:
            error.label = error.label.join(self.pc)
        trying.label = trying.label.join(error.label)
        # Had it not failed, the rest of the body would have run: that is decided about before `finally` does anything.
        self.raise_pc(error.label, trying.region)

    def leave(self, trying: Trying) -> Label:
        """Leave the statement: the label of what it depended on; the pc is as before."""
        while trying in self.tries:
            self.tries.pop()
        self.pc = trying.pc
        self.fail = self.fail.join(trying.label) if self.tries else TRUSTED_PUBLIC
        if self.tries and trying.label is not TRUSTED_PUBLIC:
            for outer in self.tries:
                self.raise_pc(trying.label, outer.region)
        return trying.label

    def live(self) -> bool:
        """Whether `finally` may run: not while a denial, a limit or a signal passes through."""
        error = sys.exc_info()[1]
        return error is None or type(error) is Raised

    def throw(self, value: Value, cause: Value = None) -> None:
        """`raise value`."""
        raw = value._value if type(value) is Labeled else value
        label = self.pc.join(label_of(value))
        if isinstance(raw, ExceptionType):
            raw = ExceptionValue(raw, ())
        if not isinstance(raw, ExceptionValue):
            fail("TypeError", "exceptions must derive from BaseException", label)
        raise Raised(raw, label)

    def rethrow(self) -> None:
        """A bare `raise`."""
        error = sys.exc_info()[1]
        if isinstance(error, Raised):
            raise Raised(error.value, error.label.join(self.pc))
        fail("RuntimeError", "No active exception to reraise", self.pc)

    def check_assert(self, message: Value = None, given: bool = False) -> None:
        """A failed `assert`."""
        args = (message,) if given else ()
        raise Raised(ExceptionValue(EXCEPTIONS["AssertionError"], args), self.pc)


@final
class Arriving:
    """What a host gives for a call that overlaps."""

    __slots__ = ("pending",)

    def __init__(self, pending: Pending) -> None:
        self.pending = pending

    def wait(self, run: Run, call: HostCall) -> Value:
        """The value, or the failure as the plan sees it; every time it is asked."""
        started = monotonic()
        try:
            return self.pending.result()
        except (ToolError, QuarantineError) as error:
            raise failed_call(error, call.site, call.pc) from error
        except PolicyDenied as error:
            error.span = call.site.span
            raise
        finally:
            run.waited(monotonic() - started)


@final
class Waited:
    """A call that was made and is on its way."""

    __slots__ = ("arriving", "call", "run", "told")
    level = 0

    def __init__(self, run: Run, arriving: Arriving, call: HostCall, told: bool) -> None:
        self.run = run
        self.arriving = arriving
        self.call = call
        self.told = told

    def arrived(self) -> Value:
        """The result, of which the plan does not hear yet."""
        return self.arriving.wait(self.run, self.call)

    def result(self) -> Value:
        """The result, where the plan needs it."""
        return _told(self)


@final
class Deferred:
    """A call that reads, of which an argument is on its way: it is made when that has arrived.

    It has its number, and the pc label of its place, from when the plan got there.
    """

    __slots__ = ("call", "failure", "level", "made", "run", "told")

    def __init__(self, run: Run, call: HostCall, told: bool) -> None:
        self.run = run
        self.call = call
        self.told = told
        self.failure: Raised | None = None
        self.made: Value | Arriving = None
        self.level = 1 + max(one.source.level for one in _promises(call.arguments.values()))
        run.waiting.append(self)

    def start(self) -> None:
        """Make the call. A failure, of it or of what it waited for, is for whoever needs the result."""
        call = self.call
        try:
            arguments = {name: _of_arrived(value) for name, value in call.arguments.items()}
            self.made = self.run.made(HostCall(call.index, call.site, call.name, arguments, call.pc))
        except Raised as error:
            self.failure = error

    def arrived(self) -> Value:
        """The result, of which the plan does not hear yet."""
        if self.failure is not None:
            raise Raised(self.failure.value, self.failure.label) from self.failure
        return self.made.wait(self.run, self.call) if isinstance(self.made, Arriving) else self.made

    def result(self) -> Value:
        """The result, where the plan needs it."""
        return _told(self)


def _told(pending: Waited | Deferred) -> Value:
    run = pending.run
    run.start_waiting()
    value = pending.arrived()
    if pending.told and run.tries:  # that it has not failed is known from here on
        run.held(label_of(value))
    return value


def _on_its_way(argument: Value) -> bool:
    if type(argument) is tuple:
        return any(map(_on_its_way, argument))
    return type(argument) is Promise and argument.pending


def _unchangeable(argument: Value) -> bool:
    """Whether the plan can do nothing to an argument: it is a leaf, a type, or on its way."""
    if type(argument) is tuple:
        return all(map(_unchangeable, argument))
    if type(argument) is Promise:
        return argument.pending
    raw = argument._value if type(argument) is Labeled else argument
    return type(raw) in LEAVES or type(raw) is SchemaValue


def _promises(arguments: Iterable[Value]) -> list[Promise]:
    return [
        one
        for argument in arguments
        for one in (argument if type(argument) is tuple else (argument,))
        if type(one) is Promise
    ]


def _of_arrived(argument: Value) -> Value:
    if type(argument) is tuple:
        return tuple([_of_arrived(part) for part in argument])
    return argument.source.arrived() if type(argument) is Promise else argument


def failed_call(error: ToolError | QuarantineError, site: Site, pc: Label) -> Raised:
    """A failed call as an exception of the plan: `except Exception as e` sees the tool's text, labelled."""
    if error.span is None:
        error.span = site.span
    detail = error.detail if isinstance(error, ToolError) else error.message
    label = error.label.join(pc).join(label_of(detail))
    kind = EXCEPTIONS["ToolError" if isinstance(error, ToolError) else "QuarantineError"]
    value = ExceptionValue(kind, (detail,), label)
    value.cause = error
    return Raised(value, label)


def taint(value: Value, label: Label) -> Value:
    """The value of a variable that could have been another under `label`. Unbound variables stay unbound."""
    if label is TRUSTED_PUBLIC:
        return value
    if type(value) is Unbound:
        return Unbound(value.label.join(label))
    return with_label(settle(value), label)


def kept(value: Value, label: Label) -> Value:
    """A variable of a `try` whose body failed: a call that failed has assigned nothing."""
    while isinstance(value, Promise):
        promise: Promise = value
        try:
            value = promise.value()
        except Raised as error:  # that it has this value tells of the failure
            value, label = promise.replaced, label.join(error.label)
    return taint(value, label)


def taint_within(holder: Heap, label: Label) -> None:
    """Mark an object and everything reachable from it that is not yet marked."""
    pending: list[Value] = [holder]
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        raw = part._value if type(part) is Labeled else part
        if isinstance(raw, Heap) and id(raw) not in seen:
            seen.add(id(raw))
            raw.taint(label)
            pending.extend(raw.children())
        elif isinstance(raw, tuple):
            pending.extend(raw)


def used_up(run: Run, item: Value, source: Value) -> Value:
    """`item in source`, where that may be an iterator: it goes on to where the item is, and each step depends on it."""
    item, source = settle(item), settle(source)
    raw = source._value if type(source) is Labeled else source
    if type(raw) is not Iter:
        return contains(item, source)
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


def load(value: Value, name: str) -> Value:
    """Read a variable that may have no value."""
    if type(value) is Unbound:
        fail("NameError", f"name '{name}' is not defined", value.label)
    return value


def load_free(value: Value, name: str) -> Value:
    """Read a variable of a function around the one, or the generator, that is running."""
    if type(value) is Unbound:
        message = f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
        fail("NameError", message, value.label)
    return value


def load_local(value: Value, name: str) -> Value:
    """Read a variable of the function itself that may have no value."""
    if type(value) is Unbound:
        message = f"cannot access local variable '{name}' where it is not associated with a value"
        fail("UnboundLocalError", message, value.label)
    return value


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
    made.steps = _following(made, drive(run, steps, loop), loop)
    return made


def _following(made: Iter, steps: Iterator[Value], loop: Loop) -> Iterator[Value]:
    for value in steps:
        made.label = made.label.join(loop.label)
        yield with_label(value, made.label)
    made.label = made.label.join(loop.label)


def keyword_dict(values: dict[str, Value]) -> Value:
    """`**keywords` of a plan's function, as its dict."""
    return Dict({name[2:]: value for name, value in values.items()})


def _resident() -> int:
    """The process's resident memory in bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * 4096
    except (OSError, ValueError, IndexError):
        return 0


__all__ = ["UNBOUND", "Loop", "Run", "Saved", "Trying"]
