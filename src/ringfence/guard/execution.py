"""Making a call that was decided: the tool or the quarantined model, the label of the result, and both records.

Its one rule: whatever happens in the tool ends as a labelled value or a ToolError that quotes nothing, and is in the
journal and the audit before the plan sees it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final, final

from ringfence.core.encoding import Part, label_written
from ringfence.core.errors import QuarantineError, ReplayDiverged, ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import Origin, Value, deep, wrap
from ringfence.guard.audit import Record
from ringfence.guard.journal import Entry, Journal, done, failed
from ringfence.guard.labelling import default_label
from ringfence.guard.models import QuarantineModel
from ringfence.guard.reading import Reading, prepare, read
from ringfence.guard.screening import Screening
from ringfence.guard.spending import READING
from ringfence.guard.tools import Tool
from ringfence.lang.host import HostCall, SchemaValue
from ringfence.schema import SchemaMismatch, plain_of, validate

# To hand a call to a thread and back costs some 50 µs. A tool that has never taken longer, this often, is called at
# once. Should it take longer then, the calls after it were late by that once, and it goes to the threads again.
_QUICK: Final = 50e-6
_PROVEN: Final = 16
_MAX_DETAIL: Final = 10_000
_OF_A_SET: Final = Origin(-1)  # no call of the plan
_CLASS_NAME: Final = re.compile("[A-Za-z_][A-Za-z0-9_]{0,79}")


@final
@dataclass(frozen=True, slots=True)
class Ready:
    """A call that was decided: `under` is the join of its arguments' labels, which its result depends on."""

    call: HostCall
    entry: Entry
    under: Label


@final
class Execution:
    """What makes the calls of one run. Thread-safe: reads come here from several threads at once."""

    def __init__(
        self,
        journal: Journal,
        record: Record,
        user: str,
        quarantine: QuarantineModel | None,
        grounding: bool,
        screening: Screening | None = None,
    ) -> None:
        self._journal = journal
        self._record = record
        self._user = user
        self._quarantine = quarantine
        self._grounding = grounding
        self._constant: dict[str, Label] = {}  # by tool, the label of its results where that is always the same
        self._quick: dict[str, int] = {}  # by tool, how often it was quick since it was not
        self._screening = Screening(None, record) if screening is None else screening

    def start(self, ready: Ready) -> None:
        """Write down that the call starts; on the disk when this returns."""
        self._journal.start(ready.entry)
        self._record("call", {**_named(ready.entry), "state": "started"}, True)

    def invoke(self, ready: Ready, tool: Tool, arguments: Mapping[str, object]) -> Value:
        """Call the tool, label what it returns, write both down. ToolError."""
        try:
            result = self._timed(tool, arguments)
        except BaseException as problem:
            if isinstance(problem, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
                raise  # a person stops the process; a write stays started, so nobody repeats it
            raise self._failed(ready, _raised(ready, problem, self._fact(ready, tool), self._user)) from None
        try:
            plain = validate(tool.signature.returns, plain_of(result))
        except (TypeError, SchemaMismatch, RecursionError) as problem:
            raise self._failed(ready, _no_data(ready, problem, self._fact(ready, tool), self._user)) from None
        value, good = self._labelled(ready, tool, arguments, result, plain)
        # What a write returns is not withheld: the plan would take it for a write that did not happen.
        shown = self._screening.result(tool.name, ready.call.index, plain, value, kept=tool.effect == "write")
        if shown is None and value is not None:
            raise self._failed(ready, _withheld(ready, self._fact(ready, tool)))
        return self._done(ready, shown, {} if good else {"label_rule": "failed"})

    def _labelled(
        self, ready: Ready, tool: Tool, arguments: Mapping[str, object], result: object, plain: Plain
    ) -> tuple[Value, bool]:
        """The result under its label, and whether the tool's rule held good."""
        rule, origin = tool.label_rule, Origin(ready.call.index)
        if not rule.constant:
            return rule.for_call(arguments).apply(tool.name, self._user, result, plain, ready.under, origin)
        label = self._constant.get(tool.name)
        if label is None:
            label = self._constant[tool.name] = rule.whole(tool.name, self._user)
        return wrap(plain, label.join(ready.under), origin), True

    def _fact(self, ready: Ready, tool: Tool) -> Label:
        """The label of a failure: that a tool failed tells as much of its world as that it gives something."""
        return tool.label_rule.outcome(tool.name, self._user).join(ready.under).join(ready.call.pc)

    def _timed(self, tool: Tool, arguments: Mapping[str, object]) -> object:
        began = perf_counter()
        try:
            return tool.invoke(arguments)
        finally:
            self._quick[tool.name] = self._quick.get(tool.name, 0) + 1 if perf_counter() - began < _QUICK else 0

    def is_quick(self, tool: Tool) -> bool:
        """Whether the tool has answered so fast, so often, that to wait for it costs less than a thread does."""
        return self._quick.get(tool.name, 0) >= _PROVEN

    def load(self, tool: Tool, arguments: Mapping[str, object], wanted: str) -> Value:
        """What the tool of a trusted set gives: for the policy and not for the plan, so no journal has it."""
        self._record("call", {"tool": tool.name, "set": wanted, "state": "loaded"}, False)
        result = tool.invoke(arguments)
        plain = validate(tool.signature.returns, plain_of(result))
        value, good = tool.label_rule.apply(tool.name, self._user, result, plain, TRUSTED_PUBLIC, _OF_A_SET)
        if not good:
            raise TypeError("its label rule failed")
        return value

    def read(self, ready: Ready, reading: Reading) -> Value:
        """Ask the quarantined model, label what it says, write both down. QuarantineError, ModelError."""
        before = READING.set(ready.under.join(ready.call.pc))
        try:
            value, grounded = read(self._quarantine, reading, grounding=self._grounding)
        except QuarantineError as problem:
            problem.span = ready.call.site.span
            raise self._failed(ready, problem) from None
        finally:
            READING.reset(before)
        return self._done(ready, value, {"grounded": grounded} if grounded else {})

    def _done(self, ready: Ready, value: Value, more: Mapping[str, Part]) -> Value:
        self._journal.finish(done(ready.entry, value))
        self._record(
            "call", {**_named(ready.entry), "state": "done", "label": label_written(deep(value)), **more}, False
        )
        return value

    def _failed(self, ready: Ready, error: ToolError | QuarantineError) -> ToolError | QuarantineError:
        self._journal.finish(failed(ready.entry, error))
        data: dict[str, Part] = {"state": "failed", "code": error.code, "label": label_written(error.label)}
        self._record("call", {**_named(ready.entry), **data}, False)
        return error


def reading_of(call: HostCall) -> Reading:
    """The quarantined call that the engine makes."""
    schema, data = call.arguments.get("returns"), call.arguments.get("data")
    if not isinstance(schema, SchemaValue) or not isinstance(data, tuple):
        raise ReplayDiverged("a quarantined call without data or a schema", span=call.site.span)
    return prepare(call.arguments["instruction"], data, schema.type)


def _named(entry: Entry) -> dict[str, Part]:
    return {"index": entry.index, "site": entry.site, "tool": entry.tool, "digest": entry.digest}


def _withheld(ready: Ready, fact: Label) -> ToolError:
    message = f"the result of {ready.call.name} was withheld: it reads like an attack on a model"
    hint = "the audit says which technique was found; [screens] in the configuration says what a hit does"
    return ToolError(ready.call.name, message, code="E382", hint=hint, span=ready.call.site.span, label=fact)


def _raised(ready: Ready, problem: BaseException, fact: Label, user: str) -> ToolError:
    name = type(problem).__name__
    tool = ready.call.name
    kind = name if _CLASS_NAME.fullmatch(name) else "an exception"
    message = f"{tool} failed: {kind}"
    remedy = getattr(type(problem), "remedy", None)  # of the class: written by the tool's author, like its name
    hint = remedy if isinstance(remedy, str) else None
    return ToolError(
        tool, message, detail=_said(tool, _text(problem), fact, user), hint=hint, span=ready.call.site.span, label=fact
    )


def _said(tool: str, text: str, fact: Label, user: str) -> Value:
    """What a tool says when it fails. No rule of its author speaks of that, so it has the default label."""
    return wrap(text, default_label(tool, user).join(fact))


def _text(problem: BaseException) -> str:
    try:
        return str(problem)[:_MAX_DETAIL]
    except Exception:
        return ""


def _no_data(ready: Ready, problem: Exception, fact: Label, user: str) -> ToolError:
    tool = ready.call.name
    if isinstance(problem, SchemaMismatch):
        message = f"{tool} returned what does not fit its type: result{problem.path}: expected {problem.expected}"
    else:
        message = f"{tool} returned what is not data"
    return ToolError(
        tool, message, code="E331", detail=_said(tool, message, fact, user), span=ready.call.site.span, label=fact
    )
