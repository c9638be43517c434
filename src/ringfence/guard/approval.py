"""Approvals: a person says yes to one call, as it is, once.

Its one rule: a yes is bound to the run, the plan's hash, the call's index and the digest of its labelled
arguments; it is used once and expires. Anything else that comes back is refused (P422). A no is final.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, Literal, Protocol, TypeAlias, final

from ringfence.core.encoding import digest
from ringfence.core.errors import ApprovalExpired, ApprovalRefused, AuditError
from ringfence.guard.preview import Preview

LIFETIME: Final = timedelta(minutes=15)

ApprovalState: TypeAlias = Literal["pending", "approved", "rejected", "used"]
Clock: TypeAlias = Callable[[], datetime]


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@final
@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A call that waits for a person. `endorsable` are the arguments whose sources a yes may vouch for."""

    run: str
    plan_hash: str
    index: int
    tool: str
    digest: str
    rules: tuple[str, ...]
    preview: Preview
    expires: datetime
    endorsable: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same for the same call of the same run, so that asking again after a restart finds the first request."""
        return digest([self.run, self.plan_hash, self.index, self.tool, self.digest])[:16]

    def approve(self, by: str = "user", *, endorse: bool = True) -> Approval:
        """A yes to exactly this request; `endorse`: do not ask about the same values for the same parameters again."""
        return Approval(
            self.run, self.plan_hash, self.index, self.tool, self.digest, by, self.endorsable if endorse else ()
        )

    def reject(self, by: str = "user") -> Rejection:
        """A no."""
        return Rejection(by)


@final
@dataclass(frozen=True, slots=True)
class Approval:
    """A yes, with everything that it is bound to."""

    run: str
    plan_hash: str
    index: int
    tool: str
    digest: str
    by: str
    endorse: tuple[str, ...] = ()

    def fits(self, request: ApprovalRequest) -> bool:
        """Whether this is a yes to that request and vouches for no more than was asked."""
        return (self.run, self.plan_hash, self.index, self.tool, self.digest) == (
            request.run,
            request.plan_hash,
            request.index,
            request.tool,
            request.digest,
        ) and set(self.endorse) <= set(request.endorsable)


@final
@dataclass(frozen=True, slots=True)
class Rejection:
    """A no."""

    by: str


class Approver(Protocol):
    """Somebody who can be asked now."""

    def decide(self, request: ApprovalRequest) -> Approval | Rejection | None:
        """A yes, a no, or None: nobody answers now, and the run waits."""


@final
class ApproveAll:
    """Says yes to everything. For tests and for people who mean it."""

    def decide(self, request: ApprovalRequest) -> Approval | Rejection | None:
        return request.approve("approve-all")


@final
class RejectAll:
    """Says no to everything."""

    def decide(self, request: ApprovalRequest) -> Approval | Rejection | None:
        return request.reject("reject-all")


@final
class AskCallback:
    """Asks a function: True is a yes, False a no, None no answer."""

    def __init__(self, callback: Callable[[ApprovalRequest], bool | None], by: str = "callback") -> None:
        self._callback = callback
        self._by = by

    def decide(self, request: ApprovalRequest) -> Approval | Rejection | None:
        answer = self._callback(request)
        if answer is True:  # nothing that is merely true-ish is a yes
            return request.approve(self._by)
        return request.reject(self._by) if answer is False else None


@final
@dataclass(frozen=True, slots=True)
class Stored:
    """A request as it is stored, and what became of it."""

    request: ApprovalRequest
    state: ApprovalState
    by: str | None = None
    decided: datetime | None = None
    endorse: tuple[str, ...] = ()


class Approvals(Protocol):
    """The requests of all runs. Thread-safe; what is decided is durable when the method returns. AuditError."""

    def ask(self, request: ApprovalRequest) -> Stored:
        """The request as it is stored already, or stored now as pending."""

    def get(self, id: str) -> Stored | None:
        """A request by its id."""

    def list(self, state: ApprovalState | None = None) -> tuple[Stored, ...]:
        """All requests, or those in a state, oldest first."""

    def decide(self, id: str, answer: Approval | Rejection, at: datetime) -> Stored:
        """Enter a decision. ApprovalRefused (P422) if it does not fit or the request is decided already."""

    def use(self, id: str, at: datetime) -> Stored:
        """Use an approval up. ApprovalRefused (P422) if it is none or was used; ApprovalExpired (P421)."""


@final
class MemoryApprovals:
    """Approvals that end with the process."""

    def __init__(self) -> None:
        self._stored: dict[str, Stored] = {}
        self._lock = Lock()

    def ask(self, request: ApprovalRequest) -> Stored:
        with self._lock:
            return self._stored.setdefault(request.id, Stored(request, "pending"))

    def get(self, id: str) -> Stored | None:
        return self._stored.get(id)

    def list(self, state: ApprovalState | None = None) -> tuple[Stored, ...]:
        with self._lock:
            return tuple(stored for stored in self._stored.values() if state is None or stored.state == state)

    def decide(self, id: str, answer: Approval | Rejection, at: datetime) -> Stored:
        with self._lock:
            self._stored[id] = decided(self._found(id), answer, at)
            return self._stored[id]

    def use(self, id: str, at: datetime) -> Stored:
        with self._lock:
            self._stored[id] = used(self._found(id), at)
            return self._stored[id]

    def _found(self, id: str) -> Stored:
        found = self._stored.get(id)
        if found is None:
            raise unknown_request()
        return found


# What may become of a request: the same for every store


def decided(stored: Stored, answer: Approval | Rejection, at: datetime) -> Stored:
    """The request after a decision."""
    if stored.state != "pending":
        raise mismatch("the request is decided already")
    if isinstance(answer, Rejection):
        return replace(stored, state="rejected", by=answer.by, decided=at)
    if not answer.fits(stored.request):
        raise mismatch("the approval was given for another call")
    if at >= stored.request.expires:
        raise expired()
    return replace(stored, state="approved", by=answer.by, decided=at, endorse=answer.endorse)


def used(stored: Stored, at: datetime) -> Stored:
    """The request after its approval was used."""
    if stored.state != "approved":
        raise mismatch("the approval was used already" if stored.state == "used" else "there is no approval")
    if at >= stored.request.expires:
        raise expired()
    return replace(stored, state="used")


def mismatch(message: str) -> ApprovalRefused:
    """The error for an approval that is not one for this."""
    return ApprovalRefused(message, code="P422", hint="start the run again and decide on what it then asks")


def expired() -> ApprovalExpired:
    """The error for an approval that came, or was used, too late."""
    return ApprovalExpired("the approval was not given, or not used, in time", hint="start the run again")


def unknown_request() -> AuditError:
    """The error for an id that names no request."""
    return AuditError("there is no such request for an approval", hint="see `ringfence approvals list`")


def rejected() -> ApprovalRefused:
    """The error for a call that a person said no to."""
    return ApprovalRefused("a person said no to this call; that is final for this plan")
