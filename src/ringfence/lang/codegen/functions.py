"""Functions and lambdas as code: Python's own, as values of the language that know their parameters.

Its one rule: default values are evaluated once, where the function stands.
"""

from __future__ import annotations

from ringfence.lang import ir
from ringfence.lang.codegen.assignments import store
from ringfence.lang.codegen.writer import Writer
from ringfence.lang.kernels.finding import key_kernel
from ringfence.lang.scope import escapes


def lambda_(w: Writer, node: ir.Lambda) -> str:
    defaults = [w.temp() if param.default is not None else "" for param in node.params]
    given = [(temp, w.expr(param.default)) for temp, param in zip(defaults, node.params, strict=True) if param.default]
    names = {**dict.fromkeys(param.name for param in node.params), **w.bound((node.body,))}
    own = list(names)[len(node.params) :]
    # The default values are evaluated where the lambda stands, and passed in by a second, outer lambda.
    with w.inside(names, (node.body,), [param.name for param in node.params]):
        fix = "".join(f"(v_{p.name} := keyword_dict(v_{p.name})), " for p in node.params if p.kind == "kwargs")
        fix += "".join(f"(v_{name} := UNBOUND), " for name in own)
        body = w.expr(node.body)
    kernel = kernel_of_key(w, node)
    inner = f"(lambda {parameters(w, node.params, defaults)}: ({fix}{body}, )[-1])"
    made = function_value(w, inner, "<lambda>", node.params, defaults, node, kernel)
    if not given:
        return made
    outer = ", ".join(temp for temp, _ in given)
    return f"(lambda {outer}: {made})({', '.join(code for _, code in given)})"


def kernel_of_key(w: Writer, node: ir.Lambda) -> str:
    """The kernel of a function of one parameter that is passed as a key, as a last argument."""
    if id(node) not in w.keys or len(node.params) != 1:
        return ""
    (param,) = node.params
    if param.default is not None or param.kind not in ("positional", "only"):
        return ""
    written = key_kernel(param.name, node.body, w.is_outside)
    return "" if written is None else f", KeyKernel({w.kernel(written)})"


def function(w: Writer, node: ir.FunctionDef) -> None:
    w.temps += 1
    name = f"f{w.temps}_{node.name}" if node.name.isascii() else f"f{w.temps}"
    defaults = [w.temp() if param.default is not None else "" for param in node.params]
    for temp, param in zip(defaults, node.params, strict=True):
        if param.default is not None:
            w.line(f"{temp} = {w.expr(param.default)}")
    w.line(f"def {name}({parameters(w, node.params, defaults)}):")
    names = {**dict.fromkeys(param.name for param in node.params), **w.bound(node.body)}
    with w.inside(names, node.body, [param.name for param in node.params]):
        w.depth += 1
        w.line(f"S.tick({len(node.body)})")
        for param in node.params:
            if param.kind == "kwargs":
                w.line(f"v_{param.name} = {w.tagged(param, f'keyword_dict(v_{param.name})')}")
        w.unset([local for local in names if local not in w.scope.assigned])
        w.depth -= 1
        w.early = any("return" in escapes((one,)) for one in node.body if not isinstance(one, ir.Return))
        w.block(node.body)
        if w.early:
            w.line(" return taint(None, S.pc)")
    w.span = node.span
    store(w, ir.Name(node.name), function_value(w, name, node.name, node.params, defaults, node))


def parameters(w: Writer, params: tuple[ir.Parameter, ...], defaults: list[str]) -> str:
    parts: list[str] = []
    starred = False
    for index, (param, default) in enumerate(zip(params, defaults, strict=True)):
        if param.kind == "keyword" and not starred:
            parts.append("*")
            starred = True
        prefix = {"args": "*", "kwargs": "**"}.get(param.kind, "")
        starred = starred or param.kind == "args"
        parts.append(f"{prefix}v_{param.name}" + (f"={default}" if default else ""))
        if param.kind == "only" and not any(p.kind == "only" for p in params[index + 1 :]):
            parts.append("/")
    return ", ".join(parts)


def function_value(
    w: Writer,
    code: str,
    name: str,
    params: tuple[ir.Parameter, ...],
    defaults: list[str],
    node: ir.Node,
    kernel: str = "",
) -> str:
    keywords: tuple[str, ...] = tuple(p.name for p in params if p.kind in ("positional", "keyword"))
    open_ended = any(p.kind == "kwargs" for p in params)
    parts = "".join(f"{default}, " for default in defaults if default)
    names = "ANY_NAME" if open_ended else repr(keywords)
    return w.tagged(node, f"Function({code}, {name!r}, {names}, ({parts}){kernel})")
