"""The state of one run: the calls that it makes, and the control-flow operations of generated code.

Its one rule: a plan's calls are numbered in the order of its text, and what fails in one is a failure of the plan, with
its label. Generated code (`lang/codegen/`) calls these methods; it holds no logic of its own. A plan cannot reach
this object.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from time import monotonic
from typing import TypeGuard, final

from ringfence.core.diagnostics import Span
from ringfence.core.errors import LimitExceeded, Observed, PolicyDenied, QuarantineError, Refused, ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Heap, Labeled, Value, with_label
from ringfence.lang.analysis.region import Regions
from ringfence.lang.host import Host, HostCall, Pending, Signature, Site
from ringfence.lang.iteration import LEAVES
from ringfence.lang.limits import Limits
from ringfence.lang.objects import Function, Native, Promise, Source, deep, label_of, settle, settle_deep
from ringfence.lang.raised import EXCEPTIONS, ExceptionType, ExceptionValue, Raised, fail, unfit
from ringfence.lang.running.bindings import taint
from ringfence.lang.running.branching import Branching
from ringfence.lang.running.place import Trying
from ringfence.lang.running.promises import Arriving, Deferred, Waited, failed_call, on_its_way, unchangeable, undo


@final
class Run(Branching):
    """One run of a program. Not shared between threads or conversations."""

    __slots__ = (
        "_call",
        "_most_calls",
        "answered",
        "calls",
        "classes",
        "depth",
        "final",
        "printed",
        "signatures",
        "sites",
        "variables",
        "waiting",
    )

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
        super().__init__(host, limits, regions, deep_sites, {} if companions is None else companions)
        self.sites = sites
        self.signatures = signatures
        self.depth = 0
        self.calls = 0
        self._most_calls = limits.calls
        self._call = host.call  # looked up once
        self.waiting: list[Deferred] = []  # calls that are made when their arguments arrive
        self.answered: list[Value] = []
        self.printed: list[Value] = []
        self.final: Value = None
        self.classes: dict[str, Native] = {}  # the plan's models and enumerations: what makes one of a dict or a value
        self.variables: dict[str, Value] = {}

    # Calls of the plan's own functions

    def invoke(self, function: Function, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
        """Call a function of the plan; its result carries what decided about its course."""
        self.depth += 1
        if self.depth > self.limits.depth:
            self.depth = 0
            raise LimitExceeded("depth", f"calls are nested deeper than {self.limits.depth}", label=self.pc)
        self.tick(1)
        pc, calling = self.pc, self.calling
        self.calling = 0  # as it is outside of the built-in that called back
        for name in keywords:
            if name not in function.params:
                fail("TypeError", f"{function.name}() got an unexpected keyword argument '{name}'")
        try:
            result = function.code(*args, **{f"v_{name}": value for name, value in keywords.items()})
        except TypeError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                fail("TypeError", unfit(function.name, error))
            raise
        finally:
            self.depth -= 1
            self.calling = calling
        if self.pc is not pc:
            result = taint(result, self.pc)
            self.back(pc)
        return result

    # The host

    def call_host(self, number: int, name: str, arguments: dict[str, Value], told: bool = True) -> Value:
        """Call a tool or verb at site `number`. What the tool raises becomes an exception of the plan.

        `told`: whether the plan hears of a failure by an exception.
        """
        index = self.calls
        if index >= self._most_calls:
            raise LimitExceeded("calls", f"the run made more than {index:,} calls", label=self.pc)
        if self.promised and not self._waits(name, arguments):
            self._arrived(name, arguments)
        self.calls = index + 1
        call = HostCall(index, self.sites[number], name, arguments, self.pc)
        if self.promised and any(map(on_its_way, arguments.values())):
            return self._promise(Deferred(self, call, told))
        started = monotonic()
        try:
            result = self._call(call)
        except (ToolError, QuarantineError) as error:
            raise failed_call(error, call.site, call.pc) from error
        except PolicyDenied as error:
            error.span = self._told_place(call)
            raise
        finally:
            self._deadline += monotonic() - started
        if type(result) is Labeled or not _is_pending(result):
            return result
        return self._promise(Waited(self, Arriving(result), call, told))

    def _tried(self, call: HostCall) -> Value | Pending:
        """The host's call, since there is a `try`: that it has not failed is known from here on, as that it has."""
        result = self.host.call(call)
        if self.tries and (type(result) is Labeled or not _is_pending(result)):
            self.not_failed(call)
        return result

    def not_failed(self, call: HostCall) -> None:
        """That a call has not failed may tell more than its result does."""
        self.held(self.fact(call))

    def fact(self, call: HostCall) -> Label:
        """The label of that a call has not failed, beside that of its result."""
        signature = self.signatures.get(call.name)
        return TRUSTED_PUBLIC if signature is None else signature.fact

    def made(self, call: HostCall) -> Value | Arriving:
        """Have the host make a call that had to wait. `call_host` does the same itself: a step less for every call."""
        started = monotonic()
        try:
            result = self.host.call(call)
        except (ToolError, QuarantineError) as error:
            raise failed_call(error, call.site, call.pc) from error
        except PolicyDenied as error:
            error.span = self._told_place(call)
            raise
        finally:
            self._deadline += monotonic() - started
        return Arriving(result) if _is_pending(result) else result

    def _told_place(self, call: HostCall) -> Span:
        """Where a denial of the call is said to be."""
        return self.private_span if self.private_span is not None and not call.pc.public else call.site.span

    def _promise(self, pending: Waited | Deferred) -> Promise:
        promise = Promise(pending)
        self.promised = True
        self.promises.append(promise)
        return promise

    def _waits(self, name: str, arguments: dict[str, Value]) -> bool:
        """Whether a call can be made later: it reads, and nothing can change its arguments until they have arrived."""
        if name in self.signatures and self.signatures[name].effect == "write":
            return False
        return all(map(unchangeable, arguments.values()))

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

    def whole(self, value: Value) -> Value:
        """What is made of several parts: in the body of a `try` it is not, if a call before it has failed."""
        self.in_order()
        return value

    def before(self, source: Source) -> None:
        """In the body of a `try`, wait for the calls before one that is waited for: the first failure is the one."""
        if self.tries and self.promises and not self.promises[0].comes_from(source):
            made = len(self.promises)
            place = next((number for number in range(made) if self.promises[number].comes_from(source)), made)
            later = self.promises[place:]
            del self.promises[place:]
            try:
                self.settle_all(0)
            except Raised:
                undo(later)
                raise
            self.promises += later

    # The verbs that end with the run itself

    def answer(self, value: Value) -> None:
        """`answer(value)`."""
        self.in_order()
        self.answered.append(with_label(value, self.pc))
        self.answer_label = self.answer_label.join(self.pc)

    def show(self, value: Value) -> None:
        """`print(...)`: the text with what ends it, as a value."""
        self.in_order()
        self.printed.append(with_label(value, self.pc))
        self.answer_label = self.answer_label.join(self.pc)

    def refuse(self, reason: Value) -> None:
        """`refuse(reason)`: what the plan has called is called."""
        self.in_order()
        self.start_waiting()
        raise Refused(with_label(reason, self.pc), label=self.pc)

    def observe(self, facts: Mapping[str, Value]) -> None:
        """`observe(name=value, ...)`: the round ends when the calls on their way have ended."""
        self.settle_all(0)
        raise Observed({name: with_label(settle_deep(fact), self.pc) for name, fact in facts.items()}, self.pc)

    # try

    def try_(self, region: int) -> Trying:
        """Enter a `try`. Failures of calls that were made before are not its own: they are heard of now."""
        self.settle_all(self.tries[-1].mark if self.tries else 0)
        self._call = self._tried
        trying = Trying(self.pc, region, len(self.promises))
        self.tries.append(trying)
        return trying

    def settled(self, trying: Trying) -> None:
        """The body has run: failures of calls that are still on their way belong to it."""
        self.settle_all(trying.mark)

    def caught(self, trying: Trying, error: Raised) -> None:
        """An exception has left the body. What was called in it is called, though nobody hears of it any more."""
        self.start_waiting()
        self._in_place(trying, error)
        while self.tries and self.tries[-1] is not trying:
            self.tries.pop()
        if self.tries:
            self.tries.pop()
        trying.label = trying.label.join(error.label).join(self.fail)
        if self.pc is not trying.pc:
            trying.label = trying.label.join(self.pc)
        self.pc = trying.pc
        self.raise_pc(trying.label, trying.region)

    def _in_place(self, trying: Trying, error: Raised) -> None:
        """Wait for the calls before a failure: had one of them failed, it would be the failure."""
        try:
            self.settle_all(trying.mark)
        except Raised as first:
            error.value, error.label = first.value, first.label

    def matches(self, trying: Trying, error: Raised, kind: Value) -> bool:
        """Whether `except kind` catches it: that depends on what the type is, if something labelled chose it."""
        label = deep(kind)
        if label is not TRUSTED_PUBLIC:
            trying.label = trying.label.join(label)
            self.raise_pc(label, trying.region)
        return self._within(error, settle(kind))

    def _within(self, error: Raised, kind: Value) -> bool:
        raw = kind._value if type(kind) is Labeled else kind
        if isinstance(raw, tuple):
            self.tick(1)
            return any(self._within(error, part) for part in raw)
        if not isinstance(raw, ExceptionType):
            fail("TypeError", "catching classes that do not inherit from BaseException is not allowed", self.pc)
        return error.value.type.within(raw)

    def bound(self, error: Raised) -> Value:
        """The value of `as e`."""
        return with_label(error.value, error.label)

    def body_done(self, trying: Trying) -> None:
        """The body has run without a failure."""
        if self.tries and self.tries[-1] is trying:
            self.tries.pop()
        trying.label = trying.label.join(self.fail)

    def note(self, trying: Trying, error: Raised, stops: bool = False) -> None:
        """An exception leaves the statement. `stops`: there may be a jump in its `finally`, which stops it.

        What a handler could not do, and nobody catches, ends the plan: no call is decided about; what `finally` may
        see is marked.
        """
        self._in_place(trying, error)
        if self.pc is not trying.pc:
            error.label = error.label.join(self.pc)
        trying.label = trying.label.join(error.label)
        trying.ends = not stops and not self.tries
        # Had it not failed, the rest of the body would have run: that is decided about before `finally` does anything.
        if not trying.ends:
            self.raise_pc(error.label, trying.region)
        elif error.label is not TRUSTED_PUBLIC:
            self.consider(trying.region, error.label, calls=False)

    def leave(self, trying: Trying, jumps: bool = False) -> Label:
        """Leave the statement: the label of what it depended on; the pc is as before.

        `jumps`: a `return`, `break` or `continue` in it may be what leaves it, or what did not.
        """
        if jumps:
            trying.label = trying.label.join(self.fail).join(self.pc)
        while trying in self.tries:
            self.tries.pop()
        self.pc = trying.pc
        self.fail = self.fail.join(trying.label) if self.tries else TRUSTED_PUBLIC
        if self.tries and trying.label is not TRUSTED_PUBLIC:
            for outer in self.tries:
                self.raise_pc(trying.label, outer.region)
        self.back(self.pc)  # a handler, too, may have done what could have failed
        return trying.label

    def stay(self, trying: Trying) -> None:
        """Whether what follows in the loop or function runs depends on what the statement depended on."""
        if not trying.ends:
            self.raise_pc(trying.label, trying.region)

    def live(self) -> bool:
        """Whether `finally` may run: not while a denial, a limit or a signal passes through."""
        error = sys.exc_info()[1]
        return error is None or type(error) is Raised

    def throw(self, value: Value, cause: Value = None) -> None:
        """`raise value`, `raise value from cause`."""
        value, cause = settle(value), settle(cause)
        raw = value._value if type(value) is Labeled else value
        label = self.pc.join(label_of(value)).join(label_of(cause))
        if isinstance(raw, ExceptionType):
            raw = ExceptionValue(raw, ())
        if not isinstance(raw, ExceptionValue):
            fail("TypeError", "exceptions must derive from BaseException", label)
        reason = cause._value if type(cause) is Labeled else cause
        if reason is not None and not isinstance(reason, (ExceptionType, ExceptionValue)):
            fail("TypeError", "exception causes must derive from BaseException", label)
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


def _is_pending(result: Value | Pending) -> TypeGuard[Pending]:
    """Whether it is no value, but one that is on its way."""
    return not isinstance(result, Heap) and hasattr(result, "result")
