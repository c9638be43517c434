"""The journal: every call of a run with its result, so that a run can be replayed in another process.

Its one rule: complete and in program order. A write is entered as started before it starts; an entry that is
started and not done is never run again by itself. The journal holds values: it is as private as the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Final, Literal, Protocol, TypeAlias, cast, final

from ringfence.core.encoding import (
    EncodingError,
    Json,
    LabelTable,
    Part,
    Writer,
    Written,
    canonical_object,
    digest,
    dumps,
    label_from_json,
    label_to_json,
    label_written,
    labelled_from_json,
    labelled_to_json,
    leaf_written,
    loads,
)
from ringfence.core.errors import AuditError, LimitExceeded, QuarantineError, ReplayDiverged, RunError, ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.origins import origin_of
from ringfence.core.values import Labeled, Value, label_of, unsafe_value
from ringfence.lang.host import SchemaValue

State: TypeAlias = Literal["started", "done", "failed"]

MAX_ARGUMENT_PARTS: Final = 1_000_000


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One call. `result` is the labelled result as JSON text when done, the failure when failed."""

    index: int
    site: int
    tool: str
    digest: str
    pc: str
    state: State
    verdict: str
    rules: tuple[str, ...]
    endorsed: tuple[str, ...] = ()
    result: str | None = None
    edited: tuple[str, ...] = ()  # the arguments that a person wrote; `digest` is of those that the plan has


class Journal(Protocol):
    """The calls of one run. Thread-safe. Raises AuditError if it cannot be read or written."""

    def find(self, index: int) -> Entry | None:
        """The entry of a call, or None."""

    def start(self, entry: Entry) -> None:
        """Enter a call that starts now; durable when this returns. ReplayDiverged (E351) if it is there already."""

    def finish(self, entry: Entry) -> None:
        """Enter a call that is done or has failed, started before or not."""

    def entries(self) -> tuple[Entry, ...]:
        """All entries in program order."""


@final
class MemoryJournal:
    """A journal that ends with the process."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._lock = Lock()

    def find(self, index: int) -> Entry | None:
        return self._entries.get(index)

    def start(self, entry: Entry) -> None:
        with self._lock:
            if entry.index in self._entries:
                raise interrupted(entry.tool)
            self._entries[entry.index] = entry

    def finish(self, entry: Entry) -> None:
        with self._lock:
            found = self._entries.get(entry.index)
            if found is not None and found.state != "started":
                raise AuditError("a call was finished twice", code="E352")
            self._entries[entry.index] = entry

    def entries(self) -> tuple[Entry, ...]:
        with self._lock:
            return tuple(self._entries[index] for index in sorted(self._entries))


def interrupted(tool: str) -> ReplayDiverged:
    """The error for a write of which nobody knows whether it happened."""
    return ReplayDiverged(
        f"a write was interrupted: {tool} was started and its end was never recorded",
        code="E351",
        hint="look whether it happened; then start a new run",
    )


# Digests


def argument_digest(tool: str, arguments: Mapping[str, Value]) -> tuple[str, bool]:
    """SHA-256 over the tool, its arguments and all their labels; and whether all of them are data.

    Raises LimitExceeded for arguments that hold too many parts to be shown, stored or sent.
    """
    quick = _leaves_digest(tool, arguments)
    if quick is not None:
        return quick, True
    table = LabelTable()
    written: dict[str, Json] = {}
    data = True
    left = MAX_ARGUMENT_PARTS
    for name in sorted(arguments):
        value = arguments[name]
        if isinstance(value, SchemaValue):
            written[name] = repr(value.type)
            continue
        writer = Writer(table, exact=True, limit=left)
        written[name] = writer.write(value)
        left = writer.left
        data = data and not writer.opaque
        if writer.elided:
            raise LimitExceeded("arguments", f"the arguments of {tool} have more than {MAX_ARGUMENT_PARTS:,} parts")
    labels: list[Json] = [label_to_json(label) for label in table.labels]
    return digest({"tool": tool, "arguments": written, "labels": labels}), data


def _leaves_digest(tool: str, arguments: Mapping[str, Value]) -> str | None:
    """The same digest where every argument is a leaf, as most are; None for all others."""
    table = LabelTable()
    written: dict[str, Part] = {}
    for name in sorted(arguments):
        value = arguments[name]
        text = leaf_written(unsafe_value(value))  # sound: its label goes into the table, in the same breath
        if text is None:
            return None
        label = label_of(value)
        written[name] = Written(
            text if label is TRUSTED_PUBLIC else f'{{"$label":{table.index(label)},"value":{text}}}'
        )
    labels = ",".join([label_written(label).text for label in table.labels])
    whole: dict[str, Part] = {"tool": tool, "arguments": Written(canonical_object(written))}
    return sha256(canonical_object({**whole, "labels": Written(f"[{labels}]")}).encode("ascii")).hexdigest()


def value_digest(value: Value, *, origins: bool = True) -> str:
    """SHA-256 over a value and all its labels; and where its parts came from, unless `origins` is False."""
    return digest(labelled_to_json(value, origins=origins))


# Results


def result_text(value: Value) -> str:
    """A labelled result as it is stored."""
    text = None if type(value) is not Labeled else leaf_written(unsafe_value(value))  # sound: stored with its label
    if text is not None:
        label, origin = label_of(value), origin_of(value)
        if origin is None and label is not TRUSTED_PUBLIC:
            return f'{{"labels":[{label_written(label).text}],"value":{{"$label":0,"value":{text}}}}}'
        if origin is not None and not origin.path:
            held = f'{{"$label":0,"origin":[{origin.call}],"value":{text}}}'
            return f'{{"labels":[{label_written(label).text}],"value":{held}}}'
    return dumps(labelled_to_json(value))


def read_result(entry: Entry) -> Value:
    """The labelled result of an entry that is done. AuditError (E352) if it is damaged."""
    try:
        return labelled_from_json(loads(entry.result if entry.result is not None else ""))
    except EncodingError as problem:
        raise _damaged() from problem


def failure_text(error: RunError) -> str:
    """A failure of a tool or of the quarantined model as it is stored."""
    stored: dict[str, Json] = {"code": error.code, "message": error.message, "label": label_to_json(error.label)}
    if isinstance(error, ToolError):
        stored |= {"kind": "tool", "tool": error.tool, "detail": labelled_to_json(error.detail)}
    else:
        stored["kind"] = "quarantine"
    return dumps(stored)


def read_failure(entry: Entry) -> RunError:
    """The failure of an entry that has failed. AuditError (E352) if it is damaged."""
    try:
        stored = cast("dict[str, Json]", loads(entry.result if entry.result is not None else ""))
        code, message, label = str(stored["code"]), str(stored["message"]), label_from_json(stored["label"])
        if stored["kind"] == "quarantine":
            return QuarantineError(message, code=code, label=label)
        detail = labelled_from_json(stored["detail"])
        return ToolError(str(stored["tool"]), message, detail=detail, code=code, label=label)
    except (EncodingError, KeyError, TypeError) as problem:
        raise _damaged() from problem


def label_text(label: Label) -> str:
    """A label as it is stored."""
    return label_written(label).text


def done(entry: Entry, value: Value) -> Entry:
    """The entry, done with this result."""
    return _ended(entry, "done", result_text(value))


def failed(entry: Entry, error: RunError) -> Entry:
    """The entry, failed with this error."""
    return _ended(entry, "failed", failure_text(error))


def _ended(entry: Entry, state: State, result: str) -> Entry:
    return Entry(
        entry.index,
        entry.site,
        entry.tool,
        entry.digest,
        entry.pc,
        state,
        entry.verdict,
        entry.rules,
        entry.endorsed,
        result,
        entry.edited,
    )


def _damaged() -> AuditError:
    return AuditError(
        "the journal of this run is damaged", code="E352", hint="keep the file, look what was done, start a new run"
    )
