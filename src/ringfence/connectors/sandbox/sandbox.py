"""One place to run programs that nobody trusts: the backends, tried in their order.

Its one rule: what cannot be isolated is not run. A backend counts only after it has run a program here; whether its
command exists says nothing.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final, Protocol, final

from ringfence.connectors.errors import ConnectorError, NotDone
from ringfence.connectors.sandbox.bubblewrap import Bubblewrap
from ringfence.connectors.sandbox.job import CannotIsolate, Job, Kind, Limits, Ran, checked
from ringfence.connectors.sandbox.landlocked import Landlocked
from ringfence.connectors.sandbox.snippets import Snippets
from ringfence.connectors.sandbox.supervision import Started, supervise

BACKENDS: Final = ("bubblewrap", "landlock", "monty")
_TRIAL: Final = Job("shell", "exit 7")
_TRIAL_STATUS: Final = 7


class Processes(Protocol):
    """A backend that runs programs as processes."""

    @property
    def name(self) -> str: ...

    def started(self, job: Job, limits: Limits) -> AbstractContextManager[Started]: ...


@dataclass(frozen=True, slots=True)
class Backend:
    """Whether a backend works here, and if not, why."""

    name: str
    works: bool
    reason: str = ""


@final
class Sandbox:
    """Runs jobs. Thread-safe; finds out once what works here.

    `backends` are tried in this order; "monty" takes the Python snippets that suit it, before any other is asked.
    """

    def __init__(
        self,
        backends: Iterable[str] = BACKENDS,
        limits: Limits | None = None,
        *,
        processes: Iterable[Processes] | None = None,
    ) -> None:
        self._chosen = chosen = tuple(backends)
        self.limits = Limits() if limits is None else limits
        known: Iterable[Processes] = (Bubblewrap(), Landlocked()) if processes is None else processes
        self._processes = tuple(one for one in known if one.name in chosen)
        self._snippets = Snippets() if "monty" in chosen else None
        self._found: Processes | None = None
        self._looked: tuple[Backend, ...] | None = None
        self._lock = Lock()

    def run(self, job: Job) -> Ran:
        """Run a job. NotAllowed for one that cannot be put into a sandbox, CannotIsolate where nothing isolates."""
        job = checked(job, self.limits)
        first = None if self._snippets is None else self._snippets.run(job, self.limits)
        if first is not None and (first.status == 0 or first.ended != "exit"):
            return first
        try:
            backend = self._backend(job.kind)
        except CannotIsolate:
            if first is None:
                raise
            return first
        return _executed(backend, job, self.limits)

    def limited(self, limits: Limits) -> Sandbox:
        """The same backends with other limits."""
        made = Sandbox(self._chosen, limits, processes=self._processes)
        made._found, made._looked = self._found, self._looked
        return made

    def backends(self) -> tuple[Backend, ...]:
        """What works here, each backend tried once."""
        with self._lock:
            if self._looked is None:
                self._looked = tuple(self._tried(one) for one in self._processes)
            found = [*self._looked]
        if self._snippets is not None:
            works = self._snippets.installed
            found.append(Backend("monty", works, "" if works else "pip install 'ringfence[monty]'"))
        return tuple(found)

    def _backend(self, kind: Kind) -> Processes:
        with self._lock:
            if self._found is not None:
                return self._found
        looked = {one.name: one for one in self.backends()}
        for one in self._processes:
            if looked[one.name].works:
                with self._lock:
                    self._found = one
                return one
        raise CannotIsolate(refusal(kind, [looked[one.name].reason for one in self._processes]))

    def _tried(self, backend: Processes) -> Backend:
        small = replace(self.limits, seconds=min(self.limits.seconds, 10.0))
        try:
            ran = _executed(backend, _TRIAL, small)
        except (ConnectorError, ValueError) as problem:
            return Backend(backend.name, False, str(problem))
        if ran.status != _TRIAL_STATUS:
            return Backend(backend.name, False, "a program of one line did not run in it")
        return Backend(backend.name, True)


def _executed(backend: Processes, job: Job, limits: Limits) -> Ran:
    try:
        with backend.started(job, limits) as started:
            ran = supervise(started, limits)
            complaint = started.complaint(ran)
    except OSError as problem:
        what = errno.errorcode.get(problem.errno or 0, "an error of the system")
        raise NotDone(f"the program could not be run: {what} (disk, memory, processes or permissions)") from None
    if complaint is not None:
        raise CannotIsolate(complaint)
    return ran


def refusal(kind: Kind, reasons: list[str]) -> str:
    """What a tool says where nothing isolates."""
    told = "; ".join(reason.removesuffix("; nothing was run") for reason in reasons) or "no backend is configured"
    return f"nothing here isolates {kind} code, so it is not run: {told}. To change that, {CannotIsolate.remedy}"
