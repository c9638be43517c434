"""What the forecast says of a plan: its calls, what each may be given, and where that comes from.

Its one rule: plain data. `lang/flows.py` works it out; nothing here decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final, overload

from ringfence.core.diagnostics import Span
from ringfence.core.plain import Plain
from ringfence.lang import ir
from ringfence.lang.host import Bounds, Site
from ringfence.lang.render import render_expression


@final
class Sources(Sequence[str]):
    """The given variables and the calls that something comes from, in their order: "given:x", "list_events#0".

    A set of bits over names that are shared by all of a plan, so that a long plan's are not written out before somebody
    reads them.
    """

    __slots__ = ("_mask", "_names")

    def __init__(self, names: Sequence[str] = (), mask: int = 0) -> None:
        self._names = names
        self._mask = mask

    def __iter__(self) -> Iterator[str]:
        return (self._names[number] for number, bit in enumerate(bin(self._mask)[:1:-1]) if bit == "1")

    def __len__(self) -> int:
        return self._mask.bit_count()

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Sources, tuple)) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


NO_SOURCES = Sources()


@final
@dataclass(frozen=True, slots=True)
class ForeseenArgument:
    """What is known of an argument: its label's bounds, what it is in the plan, its value if it is written out."""

    bounds: Bounds
    written: ir.Expr | str
    known: tuple[Plain] | None = None
    sources: Sequence[str] = NO_SOURCES  # the calls and variables it comes from

    @property
    def text(self) -> str:
        """Its text in the plan, written when somebody reads it: where calls stand in calls, each is in many."""
        return self.written if isinstance(self.written, str) else render_expression(self.written)


@final
@dataclass(frozen=True, slots=True)
class ForeseenCall:
    """One call site. `certain`: it is reached whenever the plan runs to its end."""

    site: Site
    name: str
    pc: Bounds
    arguments: Mapping[str, ForeseenArgument]
    certain: bool


@final
@dataclass(frozen=True, slots=True)
class Flow:
    """Data that reaches a sink: from a call (or the plan's text, or a given variable) to a parameter of a call."""

    source: str
    sink: str
    parameter: str
    bounds: Bounds


@final
@dataclass(frozen=True, slots=True)
class ForeseenObservation:
    """One `observe(...)`: its place, the label of that, and what it reports."""

    span: Span
    pc: Bounds
    facts: Mapping[str, ForeseenArgument]


@final
@dataclass(frozen=True, slots=True)
class FlowGraph:
    """The calls of a plan in the order of its text, and the flows between them (`answer` is a sink, too).

    `variables` are those of the plan itself, with the bounds of what they may hold when it ends by itself.
    """

    calls: tuple[ForeseenCall, ...]
    answer: ForeseenArgument
    observations: tuple[ForeseenObservation, ...] = ()
    variables: Mapping[str, ForeseenArgument] = field(default_factory=dict)

    def flows(self) -> Iterator[Flow]:
        """The flows, one by one: there may be as many as there are arguments times calls."""
        for call in self.calls:
            for name, argument in call.arguments.items():
                for source in argument.sources:
                    yield Flow(source, f"{call.name}#{call.site.number}", name, argument.bounds)
        for source in self.answer.sources:
            yield Flow(source, "answer", "value", self.answer.bounds)
