"""The audit: one hash-chained record for every plan, decision, approval, call and answer. For people.

Its one rule: it says what happened and never with what: digests, labels and rules are in it, values are not.
Each record's hash covers the hash before it, and the head (how many records, the last hash) is written together
with the record, so that a changed, removed, moved or cut-off record shows. Who can write the whole file can forge
it all: note the head's hash elsewhere (`audit export`) if that matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock
from typing import Final, Literal, Protocol, TypeAlias, final

from ringfence.core.encoding import Part, canonical_array, canonical_object

Kind: TypeAlias = Literal[
    "run", "plan", "decision", "approval", "call", "model", "answer", "output", "end", "bypass", "screen"
]
KINDS: Final = ("run", "plan", "decision", "approval", "call", "model", "answer", "output", "end", "bypass", "screen")
START: Final = "0" * 64
# Writes a record about one run; on the disk when it returns, if the last argument says so. AuditError.
Record: TypeAlias = Callable[[Kind, Mapping[str, Part], bool], None]


@final
@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One record. `number` counts from 0 over all runs of a store; `data` is the canonical JSON text of an object."""

    number: int
    time: str
    run: str
    kind: str
    data: str
    previous: str
    hash: str


@final
@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many records there are, and the hash of the last."""

    count: int
    hash: str


@final
@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the chain holds. `bad` is the number of the first bad record, None if it is the end that is missing."""

    ok: bool
    count: int
    bad: int | None = None
    problem: str | None = None


class Audit(Protocol):
    """A chain of records. Thread-safe. Raises AuditError if a record cannot be written or read: no record, no call."""

    def append(self, run: str, kind: Kind, data: Mapping[str, Part], *, durable: bool = False) -> AuditRecord:
        """Write a record; `durable` ones are on the disk when this returns."""

    def records(self, run: str | None = None) -> Iterator[AuditRecord]:
        """All records, or those of one run, in order."""

    def head(self) -> Head:
        """The end of the chain."""

    def verify(self) -> Verification:
        """Whether all records are there, unchanged and in order."""


def chained(head: Head, time: str, run: str, kind: str, data: str) -> AuditRecord:
    """The record that comes after `head`."""
    return AuditRecord(
        head.count, time, run, kind, data, head.hash, _hash(head.hash, head.count, time, run, kind, data)
    )


def _hash(previous: str, number: int, time: str, run: str, kind: str, data: str) -> str:
    return sha256(canonical_array((previous, number, time, run, kind, data)).encode("ascii")).hexdigest()


def verify_chain(records: Iterable[AuditRecord], head: Head) -> Verification:
    """Check a chain against its head. The first problem ends the check."""
    expected, last = 0, START
    for record in records:
        if record.number != expected:
            what = "a record is missing before it" if record.number > expected else "a record is there twice or moved"
            return Verification(False, expected, record.number, what)
        if record.previous != last:
            return Verification(False, expected, record.number, "it does not follow from the record before it")
        if record.hash != _hash(last, record.number, record.time, record.run, record.kind, record.data):
            return Verification(False, expected, record.number, "its content was changed")
        expected, last = expected + 1, record.hash
    if head.count > expected:
        return Verification(False, expected, None, f"the last {head.count - expected} records are missing")
    if head.count < expected:
        return Verification(False, expected, head.count, "it was added without the head")
    if head.hash != last:
        return Verification(False, expected, None, "the head names another last record")
    return Verification(True, expected)


def now_text() -> str:
    """The time of a record: UTC, microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def data_text(data: Mapping[str, Part]) -> str:
    """A record's content as it is stored and hashed."""
    return canonical_object(data)


@final
class MemoryAudit:
    """An audit that ends with the process."""

    def __init__(self, clock: Callable[[], str] = now_text) -> None:
        self._records: list[AuditRecord] = []
        self._head = Head(0, START)
        self._clock = clock
        self._lock = Lock()

    def append(self, run: str, kind: Kind, data: Mapping[str, Part], *, durable: bool = False) -> AuditRecord:
        with self._lock:
            record = chained(self._head, self._clock(), run, kind, data_text(data))
            self._records.append(record)
            self._head = Head(record.number + 1, record.hash)
            return record

    def records(self, run: str | None = None) -> Iterator[AuditRecord]:
        with self._lock:
            found = list(self._records)
        return iter(record for record in found if run is None or record.run == run)

    def head(self) -> Head:
        return self._head

    def verify(self) -> Verification:
        return verify_chain(self.records(), self.head())
