"""Calls that are on their way: made and not arrived, or not made because an argument has not arrived.

Its one rule: what the plan is told, and when, depends on its text and on values, never on how long something takes. A
plan sees nothing that has arrived before the calls that wait for such things are made.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, final

from ringfence.core.errors import PolicyDenied, QuarantineError, ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Labeled, Value
from ringfence.lang.host import HostCall, Pending, SchemaValue, Site
from ringfence.lang.iteration import LEAVES
from ringfence.lang.objects import Promise, deep, label_of
from ringfence.lang.raised import EXCEPTIONS, ExceptionValue, Raised

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run


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

    @property
    def fact(self) -> Label:
        """The label of that it has not failed, beside that of its result."""
        return self.run.fact(self.call)

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

    __slots__ = ("call", "failure", "level", "made", "run", "told", "tried")

    def __init__(self, run: Run, call: HostCall, told: bool) -> None:
        self.run = run
        self.call = call
        self.told = told
        self.tried = bool(run.tries)
        self.failure: Raised | None = None
        self.made: Value | Arriving = None
        self.level = 1 + max(one.source.level for one in _promises(call.arguments.values()) if one.pending)
        run.waiting.append(self)

    def start(self) -> None:
        """Make the call. A failure, of it or of what it waited for, is for whoever needs the result."""
        call = self.call
        try:
            arguments = {name: _of_arrived(value) for name, value in call.arguments.items()}
            pc = call.pc
            if self.tried:  # that it is made at all tells that what it waited for has not failed, which is not the end
                for one in _promises(call.arguments.values()):
                    pc = pc.join(label_of(one.arrived())).join(one.source.fact if one.pending else TRUSTED_PUBLIC)
            self.call = HostCall(call.index, call.site, call.name, call.arguments, pc)
            self.made = self.run.made(HostCall(call.index, call.site, call.name, arguments, pc))
        except Raised as error:
            self.failure = error

    @property
    def fact(self) -> Label:
        """The label of that it has not failed, beside that of its result."""
        return self.run.fact(self.call)

    def arrived(self) -> Value:
        """The result, of which the plan does not hear yet."""
        if self.failure is not None:
            raise Raised(self.failure.value, self.failure.label) from self.failure
        return self.made.wait(self.run, self.call) if isinstance(self.made, Arriving) else self.made

    def result(self) -> Value:
        """The result, where the plan needs it."""
        return _told(self)


def undo(promises: Iterable[Promise]) -> None:
    """What these calls give is assigned to nothing: a call before them has failed."""
    for promise in promises:
        promise.undone = True


def _told(pending: Waited | Deferred) -> Value:
    run = pending.run
    run.start_waiting()
    run.before(pending)
    try:
        value = pending.arrived()
    except Raised:
        if run.tries:
            undo(run.promises)
            run.promises.clear()
        raise
    if run.tries:  # that it has not failed is known from here on
        _not_failed(run, pending, value)
    return value


def _not_failed(run: Run, pending: Waited | Deferred, value: Value) -> None:
    """Nor have those of which it took the results."""
    call = pending.call
    for one in _promises(call.arguments.values()):
        one.value()
    if not pending.told:
        return
    run.held(label_of(value))
    run.not_failed(call)
    if call.name == "quarantine":  # of its answer, parts may have the labels of single inputs
        run.held(deep((call.arguments["instruction"], call.arguments["data"])))


def on_its_way(argument: Value) -> bool:
    """Whether an argument of a call, or a part of the data of a quarantined one, has not arrived."""
    if type(argument) is tuple:
        return any(map(on_its_way, argument))
    return type(argument) is Promise and argument.pending


def unchangeable(argument: Value) -> bool:
    """Whether the plan can do nothing to an argument: it is a leaf, a type, or on its way."""
    if type(argument) is tuple:
        return all(map(unchangeable, argument))
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
    return argument.arrived() if type(argument) is Promise else argument


def failed_call(error: ToolError | QuarantineError, site: Site, pc: Label) -> Raised:
    """A failed call as an exception of the plan: `except Exception as e` sees the tool's text, labelled."""
    if error.span is None:
        error.span = site.span
    detail = error.detail if isinstance(error, ToolError) else error.message
    label = error.label.join(pc)  # of the fact that it failed: the text has its own
    kind = EXCEPTIONS["ToolError" if isinstance(error, ToolError) else "QuarantineError"]
    value = ExceptionValue(kind, (detail,), label)
    value.cause = error
    return Raised(value, label)
