"""Calls: of the host, which are what a forecast is about, and of everything else.

Its one rule: a result is labelled with all that was given; only the host starts anew where data come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ringfence.core.labels import TRUSTED_PUBLIC, join_all
from ringfence.lang import ir
from ringfence.lang.analysis.callconstraints import TEXT
from ringfence.lang.host import Signature
from ringfence.lang.raised import Raised
from ringfence.lang.render import render_expression
from ringfence.lang.running.calling import bind
from ringfence.lang.scope import children
from ringfence.lang.tracing.influence import NOTHING
from ringfence.lang.tracing.trace import Given, Place, Trace
from ringfence.lang.values_of import literal

_READING: Final = TEXT | {"get", "keys", "values", "items", "index", "copy", "union", "most_common"}
_WRITES: Final = frozenset({"str", "repr"})
_MEASURES: Final = _WRITES | {"len", "int", "float", "sorted", "list", "tuple"}


def call(trace: Trace, node: ir.Call) -> int:
    signature = trace.signature(node)
    if signature is not None:
        return tool_call(trace, node, signature)
    func = node.func
    name = func.id if isinstance(func, ir.Name) and func.id not in trace.own else ""
    rule = _HOST.get(name)
    if rule is not None:
        return rule(trace, node)
    inputs = trace.all((*node.args, *node.keywords))
    for arg in node.args:
        trace.step(arg, inputs)
    if trace.sharing.hiding:  # it may change what it is given
        for part in (*node.args, *(keyword.value for keyword in node.keywords)):
            trace.grow(part, inputs, node)
    if isinstance(func, ir.Attribute):
        receiver = trace.visit(func.value)
        trace.step(func.value, inputs)
        if trace.codes or func.name not in _READING:
            trace.grow(func.value, inputs, node)
    elif isinstance(func, ir.Name) and func.id in trace.own:
        trace.step(func, inputs)
        function = trace.only_called.get(func.id)
        returned = trace.returned if trace.codes else NOTHING
        if function is not None:
            trace.enter(function, node)
            trace.into.flow(trace.variable(func.id), function.entry)
            returned = function.returned
        receiver = trace.into.join(trace.variable(func.id), returned)
    else:
        receiver = trace.visit(func)
    found = trace.weak(trace.into.join(inputs, receiver))
    only = node.args[0] if len(node.args) == 1 else None
    if only is None or node.keywords or name not in _MEASURES:
        return found
    low = trace.low(only)
    return trace.surely(found, [low.deep if name in _WRITES else low.shape])


def tool_value(trace: Trace, node: ir.Name, signature: Signature) -> int:
    """A tool used as a value may be called anywhere, with anything."""
    anything = trace.anything
    arguments = {param.name: Given(anything, TRUSTED_PUBLIC, "?") for param in signature.params}
    trace.calls[trace.effects.site(node)] = Place(node, anything, False, arguments)
    found = trace.result(node)
    trace.into.flow(found, anything)
    trace.into.shade(trace.into.made(signature.fact), anything)
    return trace.into.join(anything, found)


def tool_call(trace: Trace, node: ir.Call, signature: Signature) -> int:
    try:
        bound = bind(signature, node.args, {k.name: k.value for k in node.keywords if k.name is not None})
    except Raised:
        bound = {}
    spread = _spread(node)
    arguments: dict[str, Given] = {}
    for param in signature.params:
        given = bound.get(param.name)
        if isinstance(given, tuple):
            arguments[param.name] = packed(trace, given)
        elif isinstance(given, ir.Node):
            arguments[param.name] = argument(trace, given)  # type: ignore[arg-type]  # arguments are expressions
        elif spread:
            arguments[param.name] = Given(trace.weak(trace.all(spread)), TRUSTED_PUBLIC, "?")
    sure = [trace.low(part).deep for part in (*node.args, *(keyword.value for keyword in node.keywords))]
    return trace.surely(happens(trace, node, arguments), [signature.result.low, *sure])


def happens(trace: Trace, node: ir.Call, arguments: Mapping[str, Given], counted_by: tuple[ir.Expr, ...] = ()) -> int:
    """A call of the host. It may give back what it was given: its result is labelled with its arguments, too.

    `counted_by`: what says how often it is made.
    """
    into, pc = trace.into, trace.pc
    found = into.node()
    inputs = trace.all((*node.args, *node.keywords))
    # How many `*values` there are, and the names of `**values`, decide about the call.
    place = into.join(pc, trace.all(one for one in (*_spread(node), *counted_by) if not _counted(one)))
    trace.calls[trace.effects.site(node)] = Place(node, place, trace.certain, arguments)
    into.flow(trace.result(node), found)
    into.shade(inputs, found)
    into.shade(place, found)
    return found


def verb_call(trace: Trace, node: ir.Call) -> int:
    name = getattr(node.func, "id", "")
    arguments: dict[str, Given] = {}
    plain = [arg.value if isinstance(arg, ir.Starred) else arg for arg in node.args]
    if plain:
        arguments["instruction"] = argument(trace, plain[0])
    if len(plain) > 1:
        arguments["data" if name == "quarantine" else "items"] = packed(trace, tuple(plain[1:]))
    for keyword in node.keywords:
        if keyword.name is not None and keyword.name != "returns":
            arguments[keyword.name] = argument(trace, keyword.value)
    if name == "quarantine":
        return happens(trace, node, arguments)
    items = (*plain[1:], *(keyword.value for keyword in node.keywords if keyword.name == "items"))
    return happens(trace, node, arguments, items)


def observe(trace: Trace, node: ir.Call) -> int:
    facts = {keyword.name: argument(trace, keyword.value) for keyword in node.keywords if keyword.name is not None}
    trace.observations.append(Place(node, trace.pc, trace.certain, facts))
    trace.certain = False  # it ends the round
    return NOTHING


def refuse(trace: Trace, node: ir.Call) -> int:
    trace.all((*node.args, *node.keywords))
    trace.certain = False
    return NOTHING


def speak(trace: Trace, node: ir.Call) -> int:
    trace.into.flow(trace.all((*node.args, *node.keywords)), trace.answer)
    trace.into.shade(trace.pc, trace.answer)
    text = ", ".join(render_expression(arg) for arg in node.args if not isinstance(arg, ir.Starred))
    trace.answers.append((node.span, text))
    return NOTHING


def argument(trace: Trace, node: ir.Expr) -> Given:
    return Given(trace.visit(node), trace.low(node).deep, node, literal(node))


def packed(trace: Trace, nodes: tuple[ir.Expr, ...]) -> Given:
    """Arguments that arrive as one tuple."""
    whole = ir.Sequence("tuple", nodes)
    low = join_all({trace.low(node).deep for node in nodes})
    return Given(trace.weak(trace.all(nodes)), low, whole, literal(whole))


def _spread(node: ir.Call) -> tuple[ir.Expr, ...]:
    """What the `*values` and `**values` of a call are taken from."""
    several = (arg.value for arg in node.args if isinstance(arg, ir.Starred))
    return (*several, *(keyword.value for keyword in node.keywords if keyword.name is None))


def _counted(node: ir.Expr) -> bool:
    """Whether the text says how many parts a display has."""
    plain = isinstance(node, ir.Sequence) and node.kind != "set"
    return plain and not any(isinstance(item, ir.Starred) for item in children(node))


_HOST: Final[dict[str, Callable[[Trace, ir.Call], int]]] = {
    "quarantine": verb_call,
    "quarantine_each": verb_call,
    "observe": observe,
    "refuse": refuse,
    "answer": speak,
    "print": speak,
}
