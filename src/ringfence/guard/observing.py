"""What a plan may tell the planner between two rounds: typed facts of low capacity, within a budget in bits.

Its one rule: what the planner can be told, and what that costs, is fixed by the plan's text before the run; the run
only chooses among these messages. A round that ends with `observe` at one of n places, with facts from domains of d1,
d2, … values, is one of at most (n + 2) · (d1 + 1) · (d2 + 1) · … messages: its logarithm is what is charged. A fact
that only trusted sources decided costs nothing and may be text. Endorsing drops sources; readers are never widened:
the next round stands under a pc label with the readers of every fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import log2
from typing import Final, assert_never, final

from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import EnumMember, Plain, RecordData
from ringfence.core.values import Value, deep, unsafe_plain
from ringfence.guard.visible import visible
from ringfence.schema import (
    AnyType,
    DictType,
    EnumType,
    ListType,
    LiteralType,
    RecordType,
    Scalar,
    TupleType,
    Type,
    UnionType,
    render,
)

WITHHELD: Final = "withheld"
_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_DAY: Final = date(2199, 12, 31)
_MOST_TEXT: Final = 2_000
_SPAN: Final = 65_536


@final
@dataclass(frozen=True, slots=True)
class Planning:
    """What the policy allows: rounds of one request, repairs of one plan, bits that a run may tell the planner.

    `bits` None: 32, and in strict mode none. highest: whole numbers from 0 to this are told, others as less or more.
    delegate: whether plans have the tool that does what a text says (session/delegate.py).
    """

    rounds: int = 4
    repairs: int = 2
    bits: float | None = None
    highest: int = 255
    after_failures: bool = True
    delegate: bool = False

    def budget(self, mode: str) -> float:
        """The bits of one run in a mode."""
        if self.bits is not None:
            return self.bits
        return 0.0 if mode == "strict" else 32.0


@final
@dataclass(frozen=True, slots=True)
class Fact:
    """One fact before the run. size: the number of its values, 0 if it has no domain. trusted: it costs nothing."""

    name: str
    type: Type
    size: int
    trusted: bool

    @property
    def bits(self) -> float:
        """What it can tell: one of its values, or that it is withheld."""
        return 0.0 if self.trusted else log2(self.size + 1)


@final
@dataclass(frozen=True, slots=True)
class Observation:
    """One `observe(...)` before the run. places: how many there are. trusted: only trusted sources decide about it."""

    span: Span
    facts: Mapping[str, Fact]
    places: int
    trusted: bool

    @property
    def bits(self) -> float:
        """What a round tells that ends here. That a run ends at all is not counted."""
        if self.trusted and all(fact.trusted for fact in self.facts.values()):
            return 0.0
        return log2(self.places + 2) + sum(fact.bits for fact in self.facts.values())


@final
@dataclass(frozen=True, slots=True)
class Told:
    """One fact as the planner gets it."""

    name: str
    type: str
    text: str
    bits: float


@final
@dataclass(frozen=True, slots=True)
class Ending:
    """How a round ended, for the planner and the audit. `label` is that of all that was told, without its sources."""

    told: tuple[Told, ...]
    bits: float
    label: Label


def size_of(kind: Type, highest: int) -> int:
    """How many values of a type can be told; 0 for types that hold text, or of which nothing is known."""
    match kind:
        case Scalar(name="bool"):
            return 2
        case Scalar(name="None"):
            return 1
        case Scalar(name="int", minimum=low, maximum=high):
            if low is not None and high is not None and 0 <= high - low < _SPAN:
                return int(high - low) + 1
            return highest + 3
        case Scalar(name="date"):
            return (_LAST_DAY - _FIRST_DAY).days + 1
        case LiteralType(values=values):
            return len(values)
        case EnumType(members=members):
            return len(members)
        case UnionType(options=options):
            sizes = [size_of(option, highest) for option in options]
            return sum(sizes) if all(sizes) else 0
        case Scalar() | AnyType() | ListType() | TupleType() | DictType() | RecordType():
            return 0
        case _:
            assert_never(kind)


def text_of(kind: Type, plain: Plain, highest: int) -> str | None:
    """The value as it is told, made of the plan's own words and digits; None if it is none of the type's."""
    match kind:
        case Scalar(name="bool"):
            return str(plain) if type(plain) is bool else None
        case Scalar(name="None"):
            return "None" if plain is None else None
        case Scalar(name="int", minimum=low, maximum=high):
            if type(plain) is not int:
                return None
            if low is not None and high is not None and 0 <= high - low < _SPAN:
                return str(plain) if low <= plain <= high else None
            return str(plain) if 0 <= plain <= highest else "less than 0" if plain < 0 else f"more than {highest}"
        case Scalar(name="date"):
            known = isinstance(plain, date) and not isinstance(plain, datetime) and _FIRST_DAY <= plain <= _LAST_DAY
            return plain.isoformat() if known and isinstance(plain, date) else None
        case LiteralType(values=values):
            return next((repr(one) for one in values if type(one) is type(plain) and one == plain), None)
        case EnumType(members=members):
            if not isinstance(plain, EnumMember) or plain.enum != kind.name:
                return None
            return next((f"{kind.name}.{name}" for name, _ in members if name == plain.name), None)
        case UnionType(options=options):
            return next((text for one in options if (text := text_of(one, plain, highest)) is not None), None)
        case _:
            return None


@final
class Observing:
    """The observations of one run: what has been spent, and what the planner may be told. One for all rounds."""

    def __init__(self, planning: Planning, mode: str, trusted: frozenset[str]) -> None:
        self.planning = planning
        self.budget = planning.budget(mode)
        self.spent = 0.0
        self._trusted = trusted

    def fact(self, name: str, kind: Type, high: Label | None) -> Fact:
        """A fact before the run: its type, and the bound of its label."""
        trusted = high is not None and high.trusted(self._trusted)
        return Fact(name, kind, size_of(kind, self.planning.highest), trusted)

    def problems(self, one: Observation) -> list[Diagnostic]:
        """What is wrong with an observation, told before anything runs."""
        found = [
            Diagnostic(
                "P470",
                f"observe() cannot pass {fact.name}: {render(fact.type)} from data may hold text",
                one.span,
                "pass a bool, a count, a date, or a choice from a Literal or Enum; other values stay variables that "
                "the next round can use by name",
            )
            for fact in one.facts.values()
            if not fact.trusted and fact.size == 0
        ]
        if not found and one.bits > self.left:
            message = f"observe() would tell {one.bits:.1f} bits, and {self.left:.1f} of {self.budget:.0f} are left"
            found.append(Diagnostic("P471", message, one.span, "observe fewer facts, or narrower ones"))
        return found

    @property
    def left(self) -> float:
        """The bits that may still be told."""
        return max(0.0, self.budget - self.spent)

    def tell(self, one: Observation, values: Mapping[str, Value], place: Label) -> Ending | None:
        """What the planner is told of an observation; None if the budget does not allow it."""
        if one.bits > self.left:
            return None
        self.spent += one.bits
        label = place
        for value in values.values():
            label = label.join(deep(value))
        told = tuple(self._told(one.facts.get(name), name, value) for name, value in values.items())
        return Ending(told, one.bits, self.endorsed(label))

    def fail(self, lines: int, kinds: int, label: Label, places: int) -> Ending | None:
        """A failure, told as code, line and type: what it costs; None if the budget does not allow it."""
        bits = 0.0 if label.trusted(self._trusted) else log2(places + 2) + log2(max(1, lines) * max(1, kinds))
        if bits > self.left:
            return None
        self.spent += bits
        return Ending((), bits, self.endorsed(label))

    def is_trusted(self, label: Label) -> bool:
        """Whether only trusted sources decided about what has this label."""
        return label.trusted(self._trusted)

    def endorsed(self, label: Label) -> Label:
        """The label of what was told: whoever was not trusted is dropped, and nobody becomes a reader."""
        return TRUSTED_PUBLIC.join(Label(label.sources & self._trusted, label.readers))

    def _told(self, fact: Fact | None, name: str, value: Value) -> Told:
        if fact is None:  # a name that does not stand in the plan's text
            return Told("?", "?", WITHHELD, 0.0)
        if fact.trusted:
            text = _trusted_text(value) if deep(value).trusted(self._trusted) else None
        else:
            # Sound: the text is one of a few that were fixed before the run, and has been paid for.
            text = text_of(fact.type, unsafe_plain(value), self.planning.highest)
        return Told(name, render(fact.type), WITHHELD if text is None else text, fact.bits)


def _trusted_text(value: Value) -> str | None:
    """A value that only trusted sources decided, as text of bounded length."""
    plain = unsafe_plain(value)  # sound: its sources are checked by the caller, its readers are kept in the pc
    if isinstance(plain, (list, tuple, dict, set, frozenset, RecordData)):
        return None
    text = repr(plain) if not isinstance(plain, EnumMember) else plain.text
    return visible(text) if len(text) <= _MOST_TEXT else None
