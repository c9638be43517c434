"""A host that labels as the monitor does, to see whether a run is as it was forecast."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringfence import lang
from ringfence.core.encoding import to_json
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Labeled, Value, deep, label_of, unsafe_plain
from ringfence.lang.host import Bounds, HostCall, Param, Signature, Site
from ringfence.schema import AnyType

VAULT = Label({"tool:vault"}, {"alice"})
WEB = Label({"tool:web"})
ANN = Label({"user"}, {"alice", "bob"})
HELD = Label({"tool:held"}, {"bob"})
GIVEN = {"s": Labeled(2, ANN), "h": Labeled(0, HELD), "k": 3}
RESULTS = {"vault": VAULT, "web": WEB, "plain": TRUSTED_PUBLIC}
SIGNATURES = {
    name: Signature(name, (Param("x", AnyType(), required=False), Param("y", AnyType(), required=False)),
                    effect="read", result=Bounds(label, label))
    for name, label in RESULTS.items()
}  # fmt: skip
SIGNATURES["put"] = Signature("put", (Param("x"), Param("y", required=False)), result=Bounds())


@dataclass
class Watching:
    """A host that labels as the monitor does, and remembers each call."""

    calls: list[tuple[HostCall, dict[str, Label]]] = field(default_factory=list)

    def call(self, call: HostCall) -> Value:
        labels = {name: deep(value) for name, value in call.arguments.items() if name != "returns"}
        self.calls.append((call, labels))
        label = RESULTS.get(call.name, TRUSTED_PUBLIC).join(call.pc)
        for one in labels.values():
            label = label.join(one)
        return Labeled(len(self.calls) % 4, label)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def below(one: Label, other: Label) -> bool:
    return one.join(other) == other


def wrong(text: str) -> list[str]:
    """Everything in which the run was not as foreseen."""
    bounds = {name: Bounds(deep(value), deep(value), label_of(value)) for name, value in GIVEN.items()}
    checked = lang.check(lang.parse(text), SIGNATURES, given=bounds)
    host = Watching()
    program = lang.compile(checked)
    result = lang.run(program, host, GIVEN, lang.Limits(steps=20_000))
    return unforeseen(lang.flows(checked), program, host.calls, result)


def unforeseen(
    graph: lang.FlowGraph, program: lang.Program, calls: list[tuple[HostCall, dict[str, Label]]], result: lang.RunResult
) -> list[str]:
    """Everything in which these calls and this end were not as the forecast says."""
    foreseen = {call.site.number: call for call in graph.calls}
    found = [
        f"site {one.site.number} is another one"
        for one in graph.calls
        if program.sites[one.site.number].span != one.site.span
    ]
    for call, labels in calls:
        expected = foreseen.get(call.site.number)
        if expected is None:
            found.append(f"{call.name} on line {call.site.span.line} was not foreseen")
            continue
        found += outside(f"pc of {call.name} on line {call.site.span.line}", call.pc, expected.pc)
        for name, label in labels.items():
            argument = expected.arguments.get(name)
            if name == "data" and "items" in expected.arguments:
                continue  # each item of quarantine_each is a call of its own
            if argument is None:
                found.append(f"{name} of {call.name} on line {call.site.span.line} was not foreseen")
                continue
            found += outside(f"{name} of {call.name} on line {call.site.span.line}", label, argument.bounds)
            if argument.known is not None and unsafe_plain(call.arguments[name]) != argument.known[0]:
                found.append(f"{name} of {call.name} has another value")
    if result.outcome == "completed":
        made = {call.site.number for call, _ in calls}
        found += [f"{one.name} on line {one.site.span.line} was certain, and not made"
                  for one in graph.calls if one.certain and one.site.number not in made]  # fmt: skip
        found += outside("answer", deep(result.answer), graph.answer.bounds)
        for name, value in result.variables.items():
            if name in graph.variables and is_data(value):  # the next round of a run is given no others
                found += outside(f"variable {name}", deep(value), graph.variables[name].bounds)
    return found


def is_data(value: Value) -> bool:
    return "$opaque" not in str(to_json(unsafe_plain(value)))


def outside(what: str, label: Label, bounds: Bounds) -> list[str]:
    found = []
    if not below(bounds.low, label):
        found.append(f"{what}: {label} is not above {bounds.low}")
    if bounds.high is not None and not below(label, bounds.high):
        found.append(f"{what}: {label} is not below {bounds.high}")
    return found
