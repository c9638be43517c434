"""Before the run: what each call may be given, and from where.

Its one rule: sound bounds. The label of an argument at run time always lies below `high`, and above `low`; `None` for
`high` says that nothing is known. It reads the same plan that will run, once: for `high` without regard to the order of
statements, as a graph of what influences what (`lang/tracing/influence.py`), and for `low` along assignments that
always happen.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.lang import ir
from ringfence.lang.check import CheckedPlan
from ringfence.lang.depth import preparing
from ringfence.lang.host import Bounds
from ringfence.lang.render import render_expression
from ringfence.lang.tracing.calls import tool_value
from ringfence.lang.tracing.expressions import EXPRESSIONS
from ringfence.lang.tracing.foreseen import FlowGraph, ForeseenArgument, ForeseenCall, ForeseenObservation
from ringfence.lang.tracing.influence import NOTHING, Reached
from ringfence.lang.tracing.statements import STATEMENTS
from ringfence.lang.tracing.trace import Given, Trace


def flows(checked: CheckedPlan) -> FlowGraph:
    """The forecast of a checked plan."""
    with preparing():
        return _graph(traced(checked))


def traced(checked: CheckedPlan) -> Trace:
    """The walk over a checked plan, done."""
    trace = Trace(checked, STATEMENTS, EXPRESSIONS)
    for name, node in trace.effects.named_alike.items():
        trace.into.flow(tool_value(trace, node, checked.signatures[name]), trace.variable(name))
    trace.walk()
    return trace


def _graph(trace: Trace) -> FlowGraph:
    body = trace.checked.plan.body
    last = body[-1] if body else None
    answer, text, low = trace.answer, max(trace.answers)[1] if trace.answers else "", TRUSTED_PUBLIC
    if isinstance(last, ir.ExprStatement):  # the answer if nothing is printed, and in the label if something is
        answer = trace.into.join(answer, trace.visit(last.value))
        if not text:
            text, low = render_expression(last.value), trace.low(last.value).deep
    answer = trace.into.join(NOTHING, trace.under_pc(answer))
    ending = {}
    for name in dict.fromkeys((*trace.checked.given, *trace.outline.bound(body))):
        ending[name] = Given(trace.under_pc(trace.variable(name)), trace.low_of_name(name).deep, name)
    return _told(trace, Reached(trace.into), Given(answer, low, text), ending)


def _told(trace: Trace, reached: Reached, answer: Given, ending: Mapping[str, Given]) -> FlowGraph:
    """What the graph says of all that the walk came by."""

    def seen(given: Given) -> ForeseenArgument:
        bounds = Bounds(given.low, reached.high(given.node))
        return ForeseenArgument(bounds, given.written, given.known, reached.sources(given.node))

    def many(given: Mapping[str, Given]) -> dict[str, ForeseenArgument]:
        return {name: seen(one) for name, one in given.items()}

    sites = trace.effects.sites
    calls = []
    for number, place in sorted(trace.calls.items()):
        pc = Bounds(TRUSTED_PUBLIC, reached.high(place.pc))
        calls.append(ForeseenCall(sites[number], sites[number].name, pc, many(place.arguments), place.certain))
    observed = [
        ForeseenObservation(place.node.span, Bounds(TRUSTED_PUBLIC, reached.high(place.pc)), many(place.arguments))
        for place in sorted(trace.observations, key=lambda place: (place.node.span.line, place.node.span.column))
    ]
    return FlowGraph(tuple(calls), seen(answer), tuple(observed), many(ending))
