"""A recorded run as plans: what a planner would have written, and the worst that a plan could be.

Its one rule: the attacker's call is written with its arguments taken from where they came from, so that a policy sees
what it would see; nothing that the attacker wrote is a constant of a plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, final

from ringfence.bench.replay.origins import IN_PLAN, Leaf, Origin, leaves, of_attacker, of_user, squeezed
from ringfence.core.errors import ConfigError, QuarantineError
from ringfence.core.plain import Plain
from ringfence.schema import Type, validate

_MANY: Final = 3


@final
@dataclass(frozen=True, slots=True)
class Done:
    """A call of a recorded run with what it returned. `failed`: it returned nothing, so that no plan has it."""

    tool: str
    arguments: Mapping[str, object]
    result: Plain = None
    failed: bool = False
    hostile: bool = False
    harmful: bool = False


@final
@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """A plan to run. `line` is that of the attacker's call, 0 if there is none; `origins` of its arguments."""

    text: str
    calls: int
    line: int
    answers: Mapping[str, Plain]
    origins: tuple[tuple[str, Origin], ...] = ()


def planned(request: str, calls: Sequence[Done], injected: Sequence[str]) -> ReplayPlan:
    """The user's own calls, as a planner writes them who sees the request only."""
    writer = _Writer(request, injected)
    for call in calls:
        if not call.hostile and not call.failed:
            writer.write(call)
    return writer.plan(0)


def worst(request: str, calls: Sequence[Done], injected: Sequence[str], at: int) -> ReplayPlan:
    """The same up to `calls[at]`, which is the attacker's, and that call: with arguments out of what was read.

    Of the attacker's earlier calls only those that change nothing are in it, since others are replayed on their own.
    """
    writer = _Writer(request, injected)
    for call in calls[:at]:
        if not call.failed and not call.harmful:
            writer.write(call)
    return writer.plan(writer.write(calls[at]))


@final
@dataclass
class _Writer:
    """The text of one plan, as it grows."""

    request: str
    injected: Sequence[str]
    lines: list[str] = field(default_factory=list)
    answers: dict[str, Plain] = field(default_factory=dict)
    read: list[Leaf] = field(default_factory=list)
    calls: int = 0
    origins: list[tuple[str, Origin]] = field(default_factory=list)

    def plan(self, line: int) -> ReplayPlan:
        text = "\n".join([*self.lines, 'answer("done")', ""])
        return ReplayPlan(text, self.calls, line, self.answers, tuple(self.origins) if line else ())

    def write(self, call: Done) -> int:
        """Add a call; returns its line."""
        self.origins = []
        written = [f"{_name(name)}={self._value(name, value, call)}" for name, value in call.arguments.items()]
        self.calls += 1
        place = f"r{self.calls}"
        self.lines.append(f"{place} = {_name(call.tool)}({', '.join(written)})")
        line = len(self.lines)
        if not call.failed:
            self.read += leaves(place, call.result, [squeezed(text) for text in self.injected])
        return line

    def _value(self, name: str, value: object, call: Done) -> str:
        if isinstance(value, list):
            return f"[{', '.join(self._value(f'{name}[{n}]', one, call) for n, one in enumerate(value))}]"
        if isinstance(value, dict):
            parts = (f"{key!r}: {self._value(f'{name}[{key!r}]', one, call)}" for key, one in value.items())
            return f"{{{', '.join(parts)}}}"
        origin = of_user(value, self.request, self.read) if not call.hostile else self._hostile(value)
        self.origins.append((name, origin))
        match origin.kind:
            case "plan":
                return repr(value)
            case "result":
                return origin.places[0]
            case _:
                return self._reading(value, origin)

    def _hostile(self, value: object) -> Origin:
        if value is None:
            return IN_PLAN
        found = of_attacker(value, self.read)
        return found if found.places else IN_PLAN  # a call before anything was read cannot be the attacker's

    def _reading(self, value: object, origin: Origin) -> str:
        """A variable that the quarantined model fills with the recorded value."""
        places = origin.places
        if len(places) > _MANY:
            places = tuple(dict.fromkeys(place.partition("[")[0].partition(".")[0] for place in places))
        name = f"v{len(self.answers) + 1}"
        question = f"What is {name}?"
        self.answers[question] = value
        kind = {str: "str", bool: "bool", int: "int", float: "float"}[type(value)]
        self.lines.append(f"{name} = quarantine({question!r}, {', '.join(places)}, returns={kind})")
        return name


def _name(name: str) -> str:
    if not name.isidentifier():
        raise ConfigError(
            "a trace has a tool or an argument whose name is none that a plan can write", code="C513",
            hint="letters, digits and _ only: rename it in the trace",
        )  # fmt: skip
    return name


@final
@dataclass(frozen=True)
class RecordedReader:
    """A quarantined model in the attacker's hands: it reads out what was recorded."""

    answers: Mapping[str, Plain]

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        """The recorded value. QuarantineError for another question."""
        if instruction not in self.answers:
            raise QuarantineError("the trace has no such value")
        return validate(schema, self.answers[instruction], coerce=True)
