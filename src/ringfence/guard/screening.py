"""Where texts are looked at by screens, and what a hit does. The monitor is given a screen; it knows none.

Its one rule: a screen can take trust away, withhold a result, or stop a request. It can never give trust, allow a call,
or see more than it is shown; a screen that fails counts as a hit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol, TypeAlias, final

from ringfence.core.encoding import Json
from ringfence.core.labels import Label
from ringfence.core.plain import Plain, RecordData
from ringfence.core.values import Labeled, List, Value, deep, unsafe_value, with_label
from ringfence.guard.audit import Record
from ringfence.lang.host import Bounds, Signature

Place: TypeAlias = Literal["request", "result", "description"]
Action: TypeAlias = Literal["record", "quarantine", "ask", "refuse"]

# The source of what a screen found suspicious. No configuration trusts it, so a value that has it is data and no more.
FLAGGED: Final = Label({"screen:flagged"})
MOST_CHARACTERS: Final = 4_000_000
_MOST_PARTS: Final = 200_000


@final
@dataclass(frozen=True, slots=True)
class Looked:
    """What a screen says. `data` is for the audit: names and numbers, nothing of the text."""

    action: Action
    hit: bool
    data: Mapping[str, Json]


class Screen(Protocol):
    """Looks at texts for one policy. Thread-safe. `sources` are those of the text's label."""

    def look(self, text: str, place: Place, tool: str, sources: frozenset[str]) -> Looked | None:
        """What it says; None if there is nothing to say."""

    def may(self, action: Action, tool: str) -> bool:
        """Whether a hit in a result of this tool could lead to this action."""


@final
class Screening:
    """The screen of one run, with its audit."""

    def __init__(self, screen: Screen | None, record: Record) -> None:
        self._screen = screen
        self._record = record

    def request(self, text: str) -> Action:
        """What is done with a request before it is planned: `record` is nothing."""
        return self._look(text, True, "request", "", 0, frozenset())

    def result(self, tool: str, index: int, plain: Plain, value: Value, *, kept: bool) -> Value | None:
        """A result of a tool as it may go on: as it is, without its trust, or, unless it is to be `kept`, not at all.

        Of records that have labels of their own, those that are suspicious lose their trust.
        """
        if self._screen is None:
            return value
        raw = unsafe_value(value)  # sound: only labels are looked at, and only raised
        if (
            not isinstance(raw, List)
            or not isinstance(plain, list)
            or all(type(one) is not Labeled for one in raw.items)
        ):
            action = self._look(*text_in(plain), "result", tool, index, deep(value).sources)
            if action == "refuse" and not kept:
                return None
            return value if action == "record" else with_label(value, FLAGGED)
        for number, (part, labelled) in enumerate(zip(plain, raw.items, strict=True)):
            action = self._look(*text_in(part), "result", tool, index, deep(labelled).sources)
            if action == "refuse" and not kept:
                return None
            if action != "record":
                raw.items[number] = with_label(labelled, FLAGGED)
        return value

    def signature(self, signature: Signature) -> Signature:
        """What is known of a tool's results before the run: they may lose their trust."""
        known = signature.result
        screen = self._screen
        if screen is None or known.high is None or not any(screen.may(one, signature.name) for one in _LOWERING):
            return signature
        return replace(signature, result=Bounds(known.low, known.high.join(FLAGGED)))

    def _look(self, text: str, complete: bool, place: Place, tool: str, index: int, sources: frozenset[str]) -> Action:
        if self._screen is None:
            return "record"
        found = looked(self._screen, text, place, tool, sources)
        if found is None and complete:
            return "record"
        data: dict[str, Json] = {"place": place, "tool": tool, "index": index, "complete": complete}
        self._record("screen", data if found is None else {**data, **found.data}, found is not None and found.hit)
        return "record" if found is None else found.action


_LOWERING: Final[tuple[Action, ...]] = ("quarantine", "ask", "refuse")


def looked(screen: Screen, text: str, place: Place, tool: str, sources: frozenset[str]) -> Looked | None:
    """What the screen says. If it fails, a hit: a result loses its trust, and anything else is stopped."""
    try:
        return screen.look(text, place, tool, sources)
    except Exception as problem:
        action: Action = "quarantine" if place == "result" else "refuse"
        return Looked(action, True, {"failed": type(problem).__name__, "action": action})


def text_in(plain: Plain) -> tuple[str, bool]:
    """All text in plain data, a line for each, and whether that is all: of very large data only the beginning."""
    parts: list[str] = []
    length = 0
    for count, part in enumerate(_texts(plain)):
        if length + len(part) > MOST_CHARACTERS or count >= _MOST_PARTS:
            return "\n".join([*parts, part[: max(0, MOST_CHARACTERS - length)]]), False
        parts.append(part)
        length += len(part) + 1
    return "\n".join(parts), True


def _texts(plain: Plain) -> Iterator[str]:
    """Texts in order, of keys too; without recursion, since data can be nested as deeply as they like."""
    pending: list[object] = [plain]
    while pending:
        part = pending.pop()
        if isinstance(part, Labeled):
            part = unsafe_value(part)  # sound: only the screen sees it, which says names and numbers
        if isinstance(part, str):
            yield part
        elif isinstance(part, bytes):
            yield part.decode("utf-8", errors="replace")
        elif isinstance(part, RecordData):
            pending.extend(reversed(list(part.fields.values())))
        elif isinstance(part, dict):
            pending.extend(reversed([one for item in part.items() for one in item]))
        elif isinstance(part, (list, tuple, set, frozenset)):
            pending.extend(reversed(list(part)))
