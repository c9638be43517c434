"""What follows when a plan has run: another round, with what that begins with, or the end.

Its one rule: another round follows only if the planner could be told of this one within the policy's bits, and what it
is told is written down before it is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import final

from ringfence import lang
from ringfence.core.encoding import Json, label_to_json
from ringfence.core.errors import LimitExceeded, RunError
from ringfence.core.labels import Label
from ringfence.guard.monitor import Monitor
from ringfence.guard.observing import WITHHELD, Ending
from ringfence.session.course import Course
from ringfence.session.result import Result
from ringfence.session.rounds import (
    Round,
    failed_text,
    failure_kinds,
    kept,
    kinds_of,
    known_after,
    names_after,
    observed_text,
    true_failure,
    write_key,
)
from ringfence.session.setup import PlannedRun


@final
class Following:
    """What follows each round of one run. `after_failures`: whether another plan may follow a failure."""

    def __init__(self, monitor: Monitor, course: Course, *, after_failures: bool) -> None:
        self._monitor = monitor
        self._course = course
        self._after_failures = after_failures

    def next(self, planned: PlannedRun, ran: lang.RunResult, first: int) -> Round | None:
        """What the next round begins with; None if this was the last. `first` is the number of its first call."""
        course, line = self._course, None
        failure = true_failure(ran.error) if self._after_failures else None
        if not course.more or (ran.outcome != "observed" and failure is None) or not course.replans:
            return None
        ending: Ending | None = None
        if ran.outcome == "observed" and ran.facts is not None:
            found = next((one for one in planned.observations if one.span == ran.place), None)
            ending = None if found is None else course.observing.tell(found, ran.facts, ran.ended)
            line = None if ran.place is None else ran.place.line
        if failure is not None:
            lines, kinds = len(planned.text.splitlines()), failure_kinds(self._monitor.signatures)
            ending = course.observing.fail(lines, kinds, ran.ended, len(planned.observations))
        if ending is None:
            return None
        self._observed(ending, ran.ended, failure)
        if failure is None:
            told = observed_text(course.now.number, planned.text, line, ending)
        else:
            told = failed_text(course.now.number, planned.text, failure)
        return self._handed_on(planned, ran, ending, told, first)

    def _handed_on(self, planned: PlannedRun, ran: lang.RunResult, ending: Ending, told: str, first: int) -> Round:
        now, pc = self._course.now, self._course.now.pc.join(ending.label)
        graph, kinds = planned.forecast.graph, kinds_of(planned.plan, self._monitor.signatures, now.known)
        names = names_after(planned.plan, now.given, self._monitor.signatures)
        sure = ran.outcome == "observed"
        return Round(
            now.number + 1,
            first,
            pc,
            kept(names, ran, pc),
            known_after(graph, kinds, names, now.known, pc, sure=sure),
            (*now.history, told),
            self._writes(),
            self._course.observing.spent,
        )

    def _writes(self) -> dict[str, int]:
        """The writes that have been made, by what they were."""
        made = dict(self._course.now.writes)
        for call in self._monitor.calls:
            signature = self._monitor.signatures.get(call.tool)
            entry = self._monitor.journal.find(call.index)
            if signature is not None and signature.effect == "write" and entry is not None and entry.state == "done":
                made[write_key(call.tool, call.arguments)] = call.index
        return made

    def _observed(self, ending: Ending, label: Label, failure: RunError | None) -> None:
        """Write down what the planner is told, in bits."""
        number, observing = self._course.now.number, self._course.observing
        facts: dict[str, Json] = {
            one.name: {"type": one.type, "bits": round(one.bits, 2), "told": one.text != WITHHELD}
            for one in ending.told
        }
        data: dict[str, Json] = {"tool": "observe", "round": number, "verdict": "allow", "facts": facts}
        data |= {"bits": round(ending.bits, 2), "spent": round(observing.spent, 2)}
        data |= {"budget": observing.budget, "label": label_to_json(label)}
        data |= {"after": label_to_json(ending.label), "failure": None if failure is None else failure.code}
        self._monitor.note("decision", data, durable=True)


def unanswered(result: Result) -> Result:
    """The end of a run whose last round observed, so that it has no answer."""
    error = LimitExceeded(
        "rounds", "the plan asks for another round, and none may follow", code="E342", hint="raise planning.rounds"
    )
    return replace(result, outcome="limit", error=error)
