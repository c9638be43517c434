"""Planning again: what one round hands to the next, and what the planner is told of it.

Its one rule: what the planner gets to know of a round is the text of its own plan, what an observation or failure told
for bits that were paid for, and variables by name, type and source, which are read from the plan's text and the tools'
signatures, never from values. The values themselves go to the next plan with their labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast, final

from ringfence import lang
from ringfence.core.codes import CODES
from ringfence.core.encoding import (
    EncodingError,
    Json,
    LabelTable,
    Writer,
    canonical_json,
    digest,
    label_from_json,
    label_to_json,
    labelled_from_json,
    labelled_to_json,
    loads,
    to_json,
)
from ringfence.core.errors import ConfigError, PlanFailure, QuarantineError, RunError, ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import Value, deep, with_label, wrap
from ringfence.guard.observing import Ending, Fact, Observation, Observing
from ringfence.guard.tools import RESERVED
from ringfence.lang import ir
from ringfence.lang.analysis.kinds import ANY, Kinds
from ringfence.lang.host import UNKNOWN, Bounds, Signature
from ringfence.lang.raised import EXCEPTIONS
from ringfence.lang.scope import bound, walk
from ringfence.lang.tracing.foreseen import FlowGraph, ForeseenArgument
from ringfence.llm.planner import Variable
from ringfence.schema import Type, from_json_schema, json_schema

MAX_VARIABLES: Final = 100
_MAX_PARTS: Final = 1_000_000
_TOLD: Final = frozenset({"E301", "E330", "E331", "E332", "E340", "E341"})


@final
@dataclass(frozen=True, slots=True)
class Known:
    """A variable of an earlier round or turn: what its plan's text says of it. `origin` names calls, not content."""

    name: str
    type: Type
    origin: str
    bounds: Bounds = UNKNOWN

    @property
    def shown(self) -> Variable:
        """For the planner."""
        return Variable(self.name, self.type, self.origin)


def known_to_json(one: Known) -> dict[str, Json]:
    """What is known of a variable, for a place outside of the process."""
    low, high = one.bounds.low, one.bounds.high
    bounds: dict[str, Json] = {"low": label_to_json(low), "high": None if high is None else label_to_json(high)}
    return {"name": one.name, "type": cast(Json, json_schema(one.type)), "origin": one.origin, **bounds}


def known_from_json(stored: Json) -> Known:
    """The same again; a type that a JSON schema cannot say is anything. Raises EncodingError."""
    try:
        found = cast("dict[str, Json]", stored)
        name, origin, high = str(found["name"]), str(found["origin"]), found.get("high")
        bounds = UNKNOWN
        if "low" in found:
            bounds = Bounds(label_from_json(found["low"]), None if high is None else label_from_json(high))
        return Known(name, _type_from(found["type"]), origin, bounds)
    except (KeyError, TypeError, AttributeError) as problem:
        raise EncodingError("a variable of an earlier round") from problem


def _type_from(stored: Json) -> Type:
    try:
        return from_json_schema(cast("dict[str, object]", stored))
    except (ConfigError, ValueError):
        return ANY


@final
@dataclass(frozen=True, slots=True)
class Round:
    """What a round begins with. `pc` has the readers of all that the planner was told; `writes` are done already.

    first: the number of its first call among those of the run. history: what the planner is told of earlier rounds.
    """

    number: int = 1
    first: int = 0
    pc: Label = TRUSTED_PUBLIC
    given: Mapping[str, Value] = field(default_factory=dict)
    known: tuple[Known, ...] = ()
    history: tuple[str, ...] = ()
    writes: Mapping[str, int] = field(default_factory=dict)
    spent: float = 0.0

    @property
    def is_first(self) -> bool:
        """Whether nothing went before: no round, and no turn of a conversation."""
        return self.number == 1 and not self.given and self.pc is TRUSTED_PUBLIC

    def to_json(self) -> dict[str, Json]:
        """What a run needs that goes on in this round; the variables are stored with the run itself."""
        return {
            "number": self.number,
            "first": self.first,
            "pc": label_to_json(self.pc),
            "writes": dict(self.writes),
            "spent": self.spent,
        }


def round_from_json(stored: Json, given: Mapping[str, Value]) -> Round:
    """The round that a stored run was in. Raises EncodingError."""
    try:
        found = cast("dict[str, Json]", stored)
        writes = {str(key): int(cast(int, index)) for key, index in cast("dict[str, Json]", found["writes"]).items()}
        first, number = int(cast(int, found["first"])), int(cast(int, found["number"]))
        known = tuple(Known(name, ANY, "an earlier round") for name in given)
        pc, spent = label_from_json(found["pc"]), float(cast(float, found["spent"]))
        return Round(number, first, pc, dict(given), known, (), writes, spent)
    except (KeyError, TypeError, ValueError) as problem:
        raise EncodingError("the round of a stored run") from problem


def observations(plan: ir.Plan, graph: FlowGraph, kinds: Kinds, observing: Observing) -> tuple[Observation, ...]:
    """The observations of a plan, with the types and bounds of their facts."""
    calls = [node.value for node in walk(plan.body) if isinstance(node, ir.ExprStatement)]
    written = {call.span: call for call in calls if isinstance(call, ir.Call)}
    made = []
    for one in graph.observations:
        call = written.get(one.span)
        types = {} if call is None else {keyword.name: kinds.of(keyword.value) for keyword in call.keywords}
        facts: dict[str, Fact] = {}
        for name, argument in one.facts.items():
            facts[name] = observing.fact(name, types.get(name, ANY), argument.bounds.high)
        high = one.pc.high
        sure = high is not None and observing.is_trusted(high)
        made.append(Observation(one.span, facts, len(graph.observations), sure))
    return tuple(made)


def kinds_of(plan: ir.Plan, signatures: Mapping[str, Signature], known: Iterable[Known]) -> Kinds:
    """The types of a plan's expressions, with those of the variables that it finds."""
    return Kinds(plan, signatures, {one.name: one.type for one in known})


def names_after(plan: ir.Plan, before: Iterable[str], taken: Iterable[str]) -> tuple[str, ...]:
    """The names that the next plan may use: those of the plan's own data, told from its text alone."""
    code = {node.name for node in walk(plan.body) if isinstance(node, (ir.FunctionDef, ir.ClassDef))}
    for node in plan.body:
        if isinstance(node, ir.Import):
            code |= {one.alias if one.alias is not None else one.name.split(".")[0] for one in node.names}
    refused = code | set(taken) | RESERVED
    names = [name for name in dict.fromkeys((*before, *bound(plan.body))) if name not in refused]
    return tuple(names[-MAX_VARIABLES:])


def kept(names: Iterable[str], ran: lang.RunResult, under: Label) -> dict[str, Value]:
    """The values of these names for the next plan: copied, under the label of the round's end; None for what is none.

    That there is none is labelled like everything that decided about it; what is no data (an iterator) becomes None.
    """
    label = ran.ended.join(under)
    made: dict[str, Value] = {}
    for name in names:
        value = ran.variables.get(name)
        if name not in ran.variables:
            made[name] = wrap(None, ran.unset.get(name, TRUSTED_PUBLIC).join(label))
            continue
        writer = Writer(LabelTable(), exact=True, origins=True, limit=_MAX_PARTS)
        writer.write(value)
        if writer.opaque or writer.elided:
            made[name] = wrap(None, deep(value).join(label))
        else:  # the same copy that a run gets which goes on in another process
            made[name] = with_label(labelled_from_json(loads(canonical_json(labelled_to_json(value)))), label)
    return made


def known_after(
    graph: FlowGraph, kinds: Kinds, names: Iterable[str], before: tuple[Known, ...], under: Label, *, sure: bool
) -> tuple[Known, ...]:
    """What the plans' texts say of the variables of these names. `sure`: the plan ended by an observation."""
    types = kinds.variables()
    old = {one.name: one for one in before}
    made = []
    for name in names:
        seen = graph.variables.get(name)
        bounds = UNKNOWN if seen is None or not sure else _joined(seen.bounds, under)
        kind = types[name] if name in types else old[name].type if name in old else ANY
        made.append(Known(name, kind, origin_of(seen, old), bounds))
    return tuple(made)


def _joined(bounds: Bounds, under: Label) -> Bounds:
    return Bounds(bounds.low.join(under), None if bounds.high is None else bounds.high.join(under))


def origin_of(seen: ForeseenArgument | None, old: Mapping[str, Known]) -> str:
    """Where a variable comes from: the names of the calls in the plans' texts."""
    names: dict[str, None] = {}
    for source in () if seen is None else seen.sources:
        if source.startswith("given:"):
            before = old.get(source.removeprefix("given:"))
            names |= dict.fromkeys(() if before is None else before.origin.removeprefix("from ").split(", "))
        else:
            names[source.partition("#")[0]] = None
    names.pop("the plan", None)
    return f"from {', '.join(sorted(names))}" if names else "from the plan"


def write_key(tool: str, arguments: Mapping[str, Plain]) -> str:
    """What makes two writes the same: the tool and the plain arguments."""
    return digest({"tool": tool, "arguments": {name: to_json(value, exact=True) for name, value in arguments.items()}})


# What the planner is told


def observed_text(number: int, plan: str, line: int | None, ending: Ending) -> str:
    """How a round ended that observed."""
    facts = "\n".join(f"    {one.name} = {one.text}" for one in ending.told)
    return f"{_ran(number, plan)}\nIt ended with observe() on line {line}, and you are told:\n{facts}"


def failed_text(number: int, plan: str, failure: RunError) -> str:
    """How a round ended that failed: code, line and type, in the words of this product and of the plan alone."""
    line = failure.span.line if failure.span is not None else None
    where = "" if line is None else f" on line {line}"
    title = CODES[failure.code][0] if failure.code in CODES else "a failure"
    return f"{_ran(number, plan)}\nIt failed{where}: {failure.code} {title}{_kind(failure)}. {_AFTER}"


_AFTER: Final = (
    "What ran before that line has happened: its writes are done and are not repeated, its variables are there. Write "
    "a plan that does the rest in another way, or refuse(...)."
)


def _ran(number: int, plan: str) -> str:
    return f"Round {number} of this request has run:\n\n```python\n{plan.strip()}\n```\n"


def _kind(failure: RunError) -> str:
    if isinstance(failure, PlanFailure):
        return f" ({failure.exception})" if failure.exception in EXCEPTIONS else ""
    return f" ({failure.tool})" if isinstance(failure, ToolError) and failure.tool.isidentifier() else ""


def failure_kinds(tools: Mapping[str, Signature]) -> int:
    """How many failures the planner can be told apart on one line."""
    return len(_TOLD) * max(1, len(tools)) + len(EXCEPTIONS)


def true_failure(error: object) -> RunError | None:
    """The failure behind a masked one, if the planner may plan again after it: the plan's, a tool's, a reading's."""
    cause = error.__cause__ if isinstance(error, PlanFailure) and error.code == "E302" else error
    if isinstance(cause, (PlanFailure, ToolError, QuarantineError)) and cause.code in _TOLD:
        return cause
    return None
