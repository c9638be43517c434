"""What was, or would have been, asked or denied: the audit's decisions, summed up.

Its one rule: it reads the audit and nothing else, so it knows rules, parameters, sources and readers, and no value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias, final

from ringfence.core.encoding import EncodingError, Json, label_from_json
from ringfence.core.labels import Label
from ringfence.guard.audit import AuditRecord

Cause: TypeAlias = tuple[str, str, str | None]
MAX_EVENTS: Final = 1_000  # of one finding that are kept with their labels; all are counted


@final
@dataclass(frozen=True, slots=True)
class Event:
    """One decision that was no "allow": the labels of the arguments and of the place."""

    run: str
    time: str
    labels: dict[str, Label]
    pc: Label


@final
@dataclass(slots=True)
class Finding:
    """Decisions on calls of one tool that were alike: same verdict, same rules, for the same reasons."""

    tool: str
    verdict: str
    rules: tuple[str, ...]
    causes: tuple[Cause, ...]
    reasons: tuple[str, ...] = ()
    count: int = 0
    observed: int = 0  # of them in mode observe or under a bypass: nothing was stopped
    runs: set[str] = field(default_factory=set)
    first: str = ""
    last: str = ""
    events: list[Event] = field(default_factory=list)

    def sources(self, trusted: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """By argument that stood in the way, which sources that are not trusted had influenced it."""
        named = {argument for _, _, argument in self.causes if argument is not None}
        found: dict[str, set[str]] = {name: set() for name in sorted(named)}
        for event in self.events:
            for name in named & event.labels.keys():
                found[name] |= event.labels[name].sources - trusted
        return {name: tuple(sorted(sources)) for name, sources in found.items()}

    def to_json(self, number: int, trusted: frozenset[str]) -> Json:
        """For programs. `number` is what `--fine` takes."""
        return {
            "number": number,
            "tool": self.tool,
            "verdict": self.verdict,
            "rules": [*self.rules],
            "reasons": [*self.reasons],
            "sources": {name: [*sources] for name, sources in self.sources(trusted).items()},
            "count": self.count,
            "not_stopped": self.observed,
            "runs": len(self.runs),
            "first": self.first,
            "last": self.last,
        }


def findings(records: Iterable[AuditRecord], since: str = "") -> list[Finding]:
    """The findings of an audit since a time (in the audit's own form), the most frequent first."""
    found: dict[object, Finding] = {}
    for record in records:
        if record.kind != "decision" or record.time < since:
            continue
        _add(found, record)
    return sorted(found.values(), key=lambda one: (-one.count, one.tool, one.rules, repr(one.causes)))


def _add(found: dict[object, Finding], record: AuditRecord) -> None:
    try:
        data = json.loads(record.data)
        verdict, tool = str(data["verdict"]), str(data["tool"])
        if verdict not in ("ask", "deny"):
            return
        rules, reasons = tuple(map(str, data.get("rules", ()))), tuple(map(str, data.get("reasons", ())))
        causes = tuple(dict.fromkeys(_cause(one) for one in data.get("causes", ())))
        event = _event(record, data)
    except (ValueError, KeyError, TypeError, AttributeError, EncodingError, RecursionError):
        return  # a damaged record, which `audit verify` tells
    key = (tool, verdict, rules, causes)
    one = found.setdefault(key, Finding(tool, verdict, rules, causes, reasons, first=record.time))
    one.count += 1
    one.observed += data.get("mode") == "observe" or "bypass" in data
    one.runs.add(record.run)
    one.last = record.time
    if event is not None and len(one.events) < MAX_EVENTS:
        one.events.append(event)


def _cause(one: list[object]) -> Cause:
    rule, predicate, argument = one
    return str(rule), str(predicate), None if argument is None else str(argument)


def _event(record: AuditRecord, data: dict[str, object]) -> Event | None:
    """The labels of the decision; None for one that was made ahead of the call, about any arguments."""
    labels = data.get("labels")
    if not isinstance(labels, dict):
        return None
    found = {str(name): label_from_json(label) for name, label in labels.items()}
    return Event(record.run, record.time, found, label_from_json(data["pc"]))
