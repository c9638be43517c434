"""Calls that are made once, performed: of tools, built-ins, methods, and of the plan's own functions.

Its one rule: as in `direct/expressions.py`; a call with stars, and one that uses up a generator, is a unit of code.
"""

from __future__ import annotations

from ringfence.core.values import Value
from ringfence.lang import ir
from ringfence.lang.direct.evaluator import Evaluator, NeedsCode
from ringfence.lang.direct.frame import Code, Frame
from ringfence.lang.operations.attributes import append, method, method_with
from ringfence.lang.running.calling import apply, call_builtin, call_tool, written
from ringfence.lang.running.runtime import DIRECT, WORLD, filled


def call(e: Evaluator, node: ir.Call) -> Code:
    """A call."""
    if _as_code(node):
        return e.unit(node).value
    code = _called(e, node)
    number = e.places.child_site(node)
    made = e.tagged(node, code)
    return made if not number else lambda frame: filled(made(frame), number)


def _as_code(node: ir.Call) -> bool:
    """Calls with stars, and those that use up a generator: there may be a kernel for both together."""
    if any(k.name is None for k in node.keywords):
        return True
    for arg in node.args:
        kind = type(arg)
        if kind is ir.Starred or (kind is ir.Comprehension and arg.kind == "generator"):  # type: ignore[union-attr]
            return True
    return False


def _called(e: Evaluator, node: ir.Call) -> Code:
    func = node.func
    if isinstance(func, ir.Name) and e.is_outside(func.id):
        if func.id in e.whole.tools or func.id in ("quarantine", "quarantine_each"):
            return _tool(e, node, func.id)
        return _builtin(e, node, func.id)
    if isinstance(func, ir.Attribute):
        return _method(e, node, func)
    region, function = e.places.callbacks(node), e.expr(func)
    args, keywords = e.each(node.args), _keywords(e, node)
    return lambda frame: apply(
        frame.run,
        function(frame),
        tuple([arg(frame) for arg in args]),
        {key: code(frame) for key, code in keywords},
        region,
    )


def _keywords(e: Evaluator, node: ir.Call) -> list[tuple[str, Code]]:
    found: list[tuple[str, Code]] = []
    for keyword in node.keywords:
        key = keyword.name == "key" and isinstance(keyword.value, ir.Lambda)
        found.append((str(keyword.name), e.unit(keyword.value, "key").value if key else e.expr(keyword.value)))
    return found


def _tool(e: Evaluator, node: ir.Call, name: str) -> Code:
    number, args, keywords = e.places.site(node), e.each(node.args), _keywords(e, node)
    names = written(e.whole.tools.get(name), len(args), tuple(key for key, _ in keywords))
    if names is not None:
        bound = list(zip(names, (*args, *(code for _, code in keywords)), strict=True))
        return lambda frame: frame.run.call_host(number, name, {key: code(frame) for key, code in bound})
    return lambda frame: call_tool(
        frame.run,
        number,
        name,
        tuple([arg(frame) for arg in args]),
        {key: code(frame) for key, code in keywords},
    )


def _builtin(e: Evaluator, node: ir.Call, name: str) -> Code:
    region, args, keywords = e.places.callbacks(node), e.each(node.args), _keywords(e, node)
    heard = e.places.effects.runs_code(node)
    native, value = DIRECT.get(name), WORLD.get(f"b_{name}")
    if f"b_{name}" not in WORLD:
        raise NeedsCode
    if keywords or native is None:

        def named(frame: Frame) -> Value:
            given = [arg(frame) for arg in args]
            rest = {key: code(frame) for key, code in keywords}
            if region:
                return frame.run.call_at(region, call_builtin, frame.run, value, *given, **rest)
            if heard:
                return frame.run.heard(call_builtin, frame.run, value, *given, **rest)
            return call_builtin(frame.run, value, *given, **rest)

        return named
    if region:
        return lambda frame: frame.run.call_at(region, native, frame.run, *[arg(frame) for arg in args])
    if heard:
        return lambda frame: frame.run.heard(native, frame.run, *[arg(frame) for arg in args])
    if len(args) == 1:
        arg = args[0]
        return lambda frame: native(frame.run, arg(frame))
    return lambda frame: native(frame.run, *[arg(frame) for arg in args])


def _method(e: Evaluator, node: ir.Call, func: ir.Attribute) -> Code:
    region, receiver, name = e.places.callbacks(node), e.expr(func.value), func.name
    args, keywords = e.each(node.args), _keywords(e, node)
    heard = e.places.effects.runs_code(node)
    if keywords:

        def named(frame: Frame) -> Value:
            run, holder = frame.run, receiver(frame)
            given = tuple([arg(frame) for arg in args])
            rest = {key: code(frame) for key, code in keywords}
            if region:
                return run.call_at(region, method_with, run, holder, name, given, rest)
            if heard:
                return run.heard(method_with, run, holder, name, given, rest)
            return method_with(run, holder, name, given, rest)

        return named
    if region:
        if name == "append" and len(args) == 1:
            return lambda frame: frame.run.call_at(region, append, frame.run, receiver(frame), args[0](frame))
        return lambda frame: frame.run.call_at(
            region, method, frame.run, receiver(frame), name, *[arg(frame) for arg in args]
        )
    if len(args) == 1:
        arg = args[0]
        if name == "append":
            return lambda frame: append(frame.run, receiver(frame), arg(frame))
        return lambda frame: method(frame.run, receiver(frame), name, arg(frame))
    return lambda frame: method(frame.run, receiver(frame), name, *[arg(frame) for arg in args])
