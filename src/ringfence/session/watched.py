"""The monitor as the engine's host, for one round of a run.

Its one rule: every call goes to the monitor, numbered on from earlier rounds and under all that the planner was told;
the one exception is a write that an earlier round has made with the same arguments, whose result is given again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeAlias, final

from ringfence.core.errors import LimitExceeded
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import Value, unsafe_plain, with_label
from ringfence.guard.journal import read_result
from ringfence.guard.monitor import Monitor
from ringfence.guard.run import CallMade
from ringfence.lang.host import HostCall, Pending, SchemaValue, Site
from ringfence.session.delegate import NAME as DELEGATE
from ringfence.session.delegate import Child, delegating
from ringfence.session.rounds import Round, write_key

if TYPE_CHECKING:
    from ringfence.session.setup import PlannedRun

Delegated: TypeAlias = "Callable[[int, str, tuple[str, ...], int, Label], tuple[Plain, Label]]"


class Watcher(Protocol):
    """Somebody who looks on, such as a terminal."""

    def planned(self, planned: PlannedRun) -> None:
        """A plan that checks, before it runs."""

    def called(self, made: CallMade) -> None:
        """A call that was decided and made, or whose making has begun."""


@final
class Watched:
    """The monitor as the engine's host: tells the watcher, remembers the place, and ends with its run.

    Calls of a later round are numbered on, stand under what the planner was told, and repeat no write.
    """

    def __init__(self, monitor: Monitor, watcher: Watcher | None, now: Round, delegated: Delegated) -> None:
        self._delegated = delegated
        self._monitor = monitor
        self._watcher = watcher
        self._now = now
        self.last: Site | None = None
        self.stopped = False
        self.count = now.first

    def call(self, call: HostCall) -> Value | Pending:
        if self.stopped:  # the caller was interrupted; the engine's thread must not go on making calls
            raise LimitExceeded("time", "the run was interrupted")
        self.last = call.site
        call = self._numbered(call)
        done = self._done(call)
        if done is not None:
            return done
        seen = len(self._monitor.calls)
        try:
            if call.name == DELEGATE:
                with delegating(self._child(call)):
                    return self._monitor.call(call)
            return self._monitor.call(call)
        finally:
            self._tell(self._monitor.calls[seen:])

    def _child(self, call: HostCall) -> Child:
        def child(text: str, tools: tuple[str, ...], budget: int, as_user: bool) -> tuple[Plain, Label]:
            under = self._monitor.ordered(call.index, vouched=as_user)  # only now is it known what a person said
            return self._delegated(call.index, text, tools, budget, under)

        return child

    def _numbered(self, call: HostCall) -> HostCall:
        self.count = max(self.count, self._now.first + call.index + 1)
        under = self._now.pc
        if under is TRUSTED_PUBLIC:
            return call if self._now.first == 0 else replace(call, index=self._now.first + call.index)
        # What the planner was told is in every literal that it wrote since.
        arguments = {
            name: value if isinstance(value, SchemaValue) else _under(name, value, under)
            for name, value in call.arguments.items()
        }
        return replace(call, index=self._now.first + call.index, arguments=arguments, pc=call.pc.join(under))

    def _done(self, call: HostCall) -> Value | None:
        """The recorded result of a write that an earlier round has made with the same arguments."""
        if not self._now.writes or call.name not in self._monitor.signatures:
            return None
        plain = {name: unsafe_plain(value) for name, value in call.arguments.items()}
        index = self._now.writes.get(write_key(call.name, plain))
        entry = None if index is None else self._monitor.journal.find(index)
        if entry is None or entry.state != "done":
            return None
        self._monitor.note("call", {"index": call.index, "tool": call.name, "state": "not repeated", "as": index})
        return read_result(entry)

    def _tell(self, calls: list[CallMade]) -> None:
        if self._watcher is None:
            return
        for made in calls:
            with suppress(Exception):  # who only looks on (a terminal that has gone) must not end the run
                self._watcher.called(made)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        self._monitor.foresee(site, name, pc.join(self._now.pc))


def _under(name: str, value: Value, label: Label) -> Value:
    """An argument under a label; the data of a quarantined call are a bare tuple of values."""
    if name == "data" and type(value) is tuple:
        return tuple(with_label(part, label) for part in value)
    return with_label(value, label)
