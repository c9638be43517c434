"""Calls as code: of tools, built-ins, methods, and whatever a value is.

Its one rule: a call that may run code of the plan says what that code may do, by the number of its region.
"""

from __future__ import annotations

from typing import Final

from ringfence.lang import ir
from ringfence.lang.codegen.comprehensions import uniformly
from ringfence.lang.codegen.writer import Writer
from ringfence.lang.running.calling import written
from ringfence.lang.scope import children, used_up

# Built-ins that use up a generator that is their only positional argument, before anything else can happen.
_USE_UP: Final = frozenset({"sum", "min", "max", "sorted", "list", "set", "tuple", "frozenset", "any", "all"})


def call(w: Writer, node: ir.Call) -> str:
    w.keys.update(id(k.value) for k in node.keywords if k.name == "key" and isinstance(k.value, ir.Lambda))
    at_once = used_at_once(w, node)
    code = general_call(w, node)
    if at_once is not None:
        return code.join(at_once)
    generator = used_up(node) if w.effects.outline.walrus else None
    names = () if generator is None else w.bound(children(generator))
    if generator is None or not names:
        return code
    # How far it was used up decided what it set: its own course, and what the built-in looked at.
    result, label = w.temp(), w.temp()
    again = "".join(f", (v_{name} := taint(v_{name}, {label}))" for name in names)
    loop = w.loops[id(generator)]
    return f"(({result} := {code}), ({label} := {loop}.after({result})){again}, {result})[-1]"


def general_call(w: Writer, node: ir.Call) -> str:
    func = node.func
    starred = any(isinstance(arg, ir.Starred) for arg in node.args) or any(k.name is None for k in node.keywords)
    if isinstance(func, ir.Name) and w.is_outside(func.id):
        name = func.id
        if name in w.tools or name in ("quarantine", "quarantine_each"):
            number = w.effects.site(node)
            if starred:
                return spread_call(w, node, "call_tool", [str(number), f'"{name}"'])
            bound = written(w.tools.get(name), len(node.args), tuple(k.name for k in node.keywords))
            if bound is None:
                return f'call_tool(S, {number}, "{name}", {arguments(w, node)})'
            values = [w.expr(part) for part in (*node.args, *(keyword.value for keyword in node.keywords))]
            by_name = ", ".join(f"{one!r}: {value}" for one, value in zip(bound, values, strict=True))
            return f'S.call_host({number}, "{name}", {{{by_name}}})'
        if not starred:
            parts = [w.expr(arg) for arg in node.args]
            parts += [f"{k.name}={w.expr(k.value)}" for k in node.keywords]
            if name in w.direct and not node.keywords:
                return calling(w, node, f"c_{name}", ["S", *parts])
            return calling(w, node, "call_builtin", ["S", f"b_{name}", *parts])
    if isinstance(func, ir.Attribute):
        if not starred and not node.keywords:
            listed = [w.expr(arg) for arg in node.args]
            if func.name == "append" and len(listed) == 1:
                return calling(w, node, "append", ["S", w.expr(func.value), *listed])
            return calling(w, node, "method", ["S", w.expr(func.value), f'"{func.name}"', *listed])
        if starred:
            return spread_call(w, node, "method_with", [w.expr(func.value), f'"{func.name}"'])
        listed = [w.expr(func.value), f'"{func.name}"', arguments(w, node)]
        return calling(w, node, "method_with", ["S", *listed])
    region = w.effects.callbacks(node)
    if starred:
        return spread_call(w, node, "apply", [w.expr(func)])
    return f"apply(S, {w.expr(func)}, {arguments(w, node)}, {region})"


def used_at_once(w: Writer, node: ir.Call) -> tuple[str, str] | None:
    """A call that uses up a generator at once: the code before and after that of the call without a kernel.

    Nothing can see the generator half used, and what the kernel computes calls nothing.
    """
    func, generator = node.func, node.args[0] if len(node.args) == 1 else None
    if w.plain or not isinstance(generator, ir.Comprehension) or generator.kind != "generator":
        return None
    result, first = "k" + w.temp(), "k" + w.temp()
    if isinstance(func, ir.Name) and func.id in _USE_UP and w.is_outside(func.id):
        if node.keywords and (w.effects.callbacks(node) or any(k.name is None for k in node.keywords)):
            return None
        keywords = "".join(f", {k.name}={w.expr(k.value)}" for k in node.keywords)
        made = f"call_builtin(S, b_{func.id}, {result}{keywords})"
    elif isinstance(func, ir.Attribute) and func.name == "join" and isinstance(func.value, ir.Constant):
        made = f'method(S, {w.expr(func.value)}, "join", {result})'
    else:
        return None
    start = w.expr(generator.clauses[0].iterable)
    by_kernel = uniformly(w, generator, w.effects.region(generator), f"({first} := {start})")
    if not by_kernel:
        return None
    w.started[id(generator)] = first
    return f"({made} if ({result} := {by_kernel}) is not None else ", ")"


def calling(w: Writer, node: ir.Call, function: str, args: list[str]) -> str:
    """A call of a built-in; one that may call functions of the plan says what these may do."""
    region = w.effects.callbacks(node)
    listed = ", ".join(args)
    if region:
        return f"S.call_at({region}, {function}, {listed})"
    return f"S.heard({function}, {listed})" if w.effects.effects.runs_code(node) else f"{function}({listed})"


def arguments(w: Writer, node: ir.Call) -> str:
    args = "".join(f"{w.expr(arg)}, " for arg in node.args)
    keywords = ", ".join(f'"{k.name}": {w.expr(k.value)}' for k in node.keywords)
    return f"({args}), {{{keywords}}}"


def spread_call(w: Writer, node: ir.Call, function: str, first: list[str]) -> str:
    """A call with `*` or `**`: how many arguments there are, and their names, may tell something."""
    args = "".join(
        f"(True, {w.expr(arg.value)}), " if isinstance(arg, ir.Starred) else f"(False, {w.expr(arg)}), "
        for arg in node.args
    )
    keywords = "".join(
        f"({'None' if keyword.name is None else repr(keyword.name)}, {w.expr(keyword.value)}), "
        for keyword in node.keywords
    )
    head = "".join(f"{part}, " for part in first)
    return f"starred(S, {w.effects.callbacks(node)}, {function}, ({head}), ({args}), ({keywords}))"
