"""Approvals: a person says yes to one call, as it is, once.

Its one rule: a yes is bound to the run, the plan's hash, the call's index, the digest of its labelled arguments and
what was shown of it; it is used once and expires. Anything else that comes back is refused (P422). A no is final. An
edit is no yes: the call is decided again, with a value that a person wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from types import MappingProxyType
from typing import Final, Literal, Protocol, TypeAlias, final

from ringfence.core.encoding import Json, digest
from ringfence.core.errors import ApprovalExpired, ApprovalRefused, AuditError
from ringfence.guard.clock import Clock, Ticker, Ticks, now, over, ticks
from ringfence.guard.preview import Preview, PreviewArgument

__all__ = ["Clock", "now"]

LIFETIME: Final = timedelta(minutes=15)
PLAN: Final = -1  # the index of a question about a whole plan
REQUEST: Final = -2  # and of one about a request, before there is a plan
MAX_REASON: Final = 2_000

ApprovalState: TypeAlias = Literal["pending", "approved", "rejected", "edited", "used", "expired"]
STATES: Final = ("pending", "approved", "rejected", "edited", "used", "expired")
NO_EDITS: Final[Mapping[str, str]] = MappingProxyType({})


@final
@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A call that waits for a person. `endorsable` are the arguments whose sources a yes may vouch for.

    With the index `PLAN` it is about a plan before it starts; then `endorsable` are the arguments that a yes may take
    unseen, as "SITE.PARAMETER".
    """

    run: str
    plan_hash: str
    index: int
    tool: str
    digest: str
    rules: tuple[str, ...]
    preview: Preview
    expires: datetime
    endorsable: tuple[str, ...] = ()
    lifetime: timedelta = LIFETIME

    @property
    def id(self) -> str:
        """The same for the same call of the same run, decided and shown alike.

        So asking again after a restart finds the first request, and a changed policy or tool makes a new one.
        """
        preview = self.preview.unplaced().to_json()
        shown: Json = {"rules": [*self.rules], "preview": preview, "endorsable": [*self.endorsable]}
        return digest([self.run, self.plan_hash, self.index, self.tool, self.digest, shown])[:16]

    @property
    def asked(self) -> datetime:
        """When it was asked."""
        return self.expires - self.lifetime

    def unseen(self) -> Iterator[tuple[str, Preview, PreviewArgument]]:
        """Of a question about a plan the arguments that are not known yet, with the names to take them by."""
        names = iter(self.endorsable)
        for call in self.preview.calls:
            for argument in sorted(call.arguments, key=lambda one: one.name):
                if argument.form == "unseen":
                    yield next(names), call, argument

    def approve(self, by: str = "user", *, endorse: bool = True, reason: str = "") -> Approval:
        """A yes to exactly this request; `endorse`: do not ask about the same values for the same parameters again."""
        return self.accept(by, self.endorsable if endorse and self.index != PLAN else (), reason=reason)

    def accept(self, by: str, endorse: tuple[str, ...], *, reason: str = "") -> Approval:
        """A yes that vouches for these arguments only."""
        bound = (self.id, self.run, self.plan_hash, self.index, self.tool, self.digest)
        return Approval(*bound, by, endorse, reason)

    def reject(self, by: str = "user", *, reason: str = "") -> Rejection:
        """A no."""
        return Rejection(by, reason)

    def edit(self, by: str, values: Mapping[str, str], *, reason: str = "") -> Edit:
        """No yes: other values for some arguments, as JSON text. The call is then decided again with them."""
        return Edit(self.id, by, MappingProxyType(dict(values)), reason)


@final
@dataclass(frozen=True, slots=True)
class Approval:
    """A yes, with everything that it is bound to."""

    id: str
    run: str
    plan_hash: str
    index: int
    tool: str
    digest: str
    by: str
    endorse: tuple[str, ...] = ()
    reason: str = ""

    def fits(self, request: ApprovalRequest) -> bool:
        """Whether this is a yes to that request and vouches for no more than was asked."""
        return (self.id, self.run, self.plan_hash, self.index, self.tool, self.digest) == (
            request.id,
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
    reason: str = ""


@final
@dataclass(frozen=True, slots=True)
class Edit:
    """Other values for arguments of the call with the request `id`: what they are labelled with is that a person
    wrote them."""

    id: str
    by: str
    values: Mapping[str, str]
    reason: str = ""


Answer: TypeAlias = Approval | Rejection | Edit


class Approver(Protocol):
    """Somebody who can be asked now."""

    def decide(self, request: ApprovalRequest) -> Answer | None:
        """A yes, a no, an edit, or None: nobody answers now, and the run waits."""


@final
class ApproveAll:
    """Says yes to everything. For tests and for people who mean it."""

    def decide(self, request: ApprovalRequest) -> Answer | None:
        # Of a plan only what was shown: what is not known before the run is asked about in the run.
        return request.approve("approve-all")


@final
class RejectAll:
    """Says no to everything."""

    def decide(self, request: ApprovalRequest) -> Answer | None:
        return request.reject("reject-all")


@final
class AskCallback:
    """Asks a function: True is a yes, False a no, None no answer. What `request.approve()` and such give is taken."""

    def __init__(self, callback: Callable[[ApprovalRequest], bool | Answer | None], by: str = "callback") -> None:
        self._callback = callback
        self._by = by

    def decide(self, request: ApprovalRequest) -> Answer | None:
        return meant(self._callback(request), request, self._by)


def meant(answer: object, request: ApprovalRequest, by: str) -> Answer | None:
    """What a callback's answer stands for: nothing that is merely true-ish is a yes."""
    if isinstance(answer, (Approval, Rejection, Edit)):
        return answer
    if answer is True:
        return request.approve(by)
    return request.reject(by) if answer is False else None


@final
@dataclass(frozen=True, slots=True)
class Stored:
    """A request as it is stored, and what became of it. `since`: when it was stored, on the clock nobody can set."""

    request: ApprovalRequest
    state: ApprovalState
    by: str | None = None
    decided: datetime | None = None
    endorse: tuple[str, ...] = ()
    reason: str = ""
    edits: Mapping[str, str] = field(default_factory=lambda: NO_EDITS)
    since: Ticks | None = None


class Approvals(Protocol):
    """The requests of all runs. Thread-safe; what is decided is durable when the method returns. AuditError."""

    def ask(self, request: ApprovalRequest, at: datetime) -> Stored:
        """The request as it is stored already, or stored now as pending; expired if its time is over."""

    def get(self, id: str) -> Stored | None:
        """A request by its id."""

    def list(self, state: ApprovalState | None = None, *, run: str | None = None) -> tuple[Stored, ...]:
        """All requests, or those in a state or of a run, oldest first."""

    def decide(self, id: str, answer: Answer, at: datetime) -> Stored:
        """Enter a decision. ApprovalRefused (P422) if it does not fit or the request is decided already.

        ApprovalExpired (P421) if it comes too late; the request stays expired then, whatever the clock says later.
        """

    def use(self, id: str, at: datetime) -> Stored:
        """Use an approval up. ApprovalRefused (P422) if it is none or was used; ApprovalExpired (P421)."""


@final
class MemoryApprovals:
    """Approvals that end with the process."""

    def __init__(self, ticker: Ticker = ticks) -> None:
        self._stored: dict[str, Stored] = {}
        self._lock = Lock()
        self._ticker = ticker

    def ask(self, request: ApprovalRequest, at: datetime) -> Stored:
        with self._lock:
            found = self._stored.setdefault(request.id, Stored(request, "pending", since=self._ticker()))
            return self._timed(found, at)

    def get(self, id: str) -> Stored | None:
        return self._stored.get(id)

    def list(self, state: ApprovalState | None = None, *, run: str | None = None) -> tuple[Stored, ...]:
        with self._lock:
            found = list(self._stored.values())
        return tuple(one for one in found if state in (None, one.state) and run in (None, one.request.run))

    def decide(self, id: str, answer: Answer, at: datetime) -> Stored:
        with self._lock:
            return self._after(decided(self._timed(self._found(id), at), answer, at))

    def use(self, id: str, at: datetime) -> Stored:
        with self._lock:
            return self._after(used(self._timed(self._found(id), at)))

    def _timed(self, stored: Stored, at: datetime) -> Stored:
        return self._after(timed(stored, at, self._ticker()))

    def _after(self, stored: Stored) -> Stored:
        self._stored[stored.request.id] = stored
        return stored

    def _found(self, id: str) -> Stored:
        found = self._stored.get(id)
        if found is None:
            raise unknown_request()
        return found


# What may become of a request: the same for every store


def timed(stored: Stored, at: datetime, ticks: Ticks) -> Stored:
    """The request as it stands now: expired, and for good, if its time is over before it came to an end."""
    request = stored.request
    if stored.state in ("pending", "approved", "edited") and over(
        request.asked, request.expires, at, stored.since, ticks
    ):
        return replace(stored, state="expired")
    return stored


def decided(stored: Stored, answer: Answer, at: datetime) -> Stored:
    """The request after a decision."""
    if stored.state == "expired":
        raise expired()
    if stored.state != "pending":
        raise mismatch("the request is decided already")
    made = replace(stored, by=answer.by, decided=at, reason=answer.reason[:MAX_REASON])
    if isinstance(answer, Rejection):
        return replace(made, state="rejected")
    if isinstance(answer, Edit):
        return replace(made, state="edited", edits=_edits(stored.request, answer))
    if not answer.fits(stored.request):
        raise mismatch("the approval was given for another call")
    return replace(made, state="approved", endorse=answer.endorse)


def _edits(request: ApprovalRequest, edit: Edit) -> Mapping[str, str]:
    names = {argument.name for argument in request.preview.arguments if argument.editable}
    if edit.id != request.id or request.index == PLAN:
        raise mismatch("the edit was made for another call")
    if not edit.values or not edit.values.keys() <= names:
        raise mismatch("the edit names what is no argument of the call")
    return edit.values


def used(stored: Stored) -> Stored:
    """The request after its approval was used."""
    if stored.state == "expired":
        raise expired()
    if stored.state != "approved":
        raise mismatch("the approval was used already" if stored.state == "used" else "there is no approval")
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
