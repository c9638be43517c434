"""Classes and imports as code: schemas, exceptions, and the modules of the language.

Its one rule: a class is a call of the runtime with what it declares; nothing of Python's own classes is written.
"""

from __future__ import annotations

from ringfence.lang import ir
from ringfence.lang.codegen.writer import Writer


def schema_class(w: Writer, node: ir.ClassDef) -> str:
    bases = "".join(f"{w.expr(base)}, " for base in node.bases)
    decorator = "None" if node.decorator is None else w.expr(node.decorator)
    options = ", ".join(f'"{k.name}": {w.expr(k.value)}' for k in node.keywords if k.name is not None)
    rows: list[str] = []
    for field in node.fields:
        annotation = "None" if field.annotation is None else annotated(w, field.annotation)
        default = "UNBOUND" if field.default is None else w.expr(field.default)
        rows.append(f'("{field.name}", {annotation}, {default}), ')
    doc = repr(node.doc)
    return f'define_class(S, "{node.name}", ({bases}), {decorator}, {{{options}}}, ({"".join(rows)}), {doc})'


def annotated(w: Writer, node: ir.Expr) -> str:
    """An annotation in a class: an expression, or text that holds one."""
    if isinstance(node, ir.Constant) and isinstance(node.value, str):
        from ringfence.core.errors import PlanRejected
        from ringfence.lang.parse import parse_expression

        try:
            return annotated(w, parse_expression(node.value))
        except (PlanRejected, AssertionError):
            return "b_Any"
    if isinstance(node, ir.Name) and w.is_outside(node.id) and w.outside(node.id) is None:
        return f"forward({node.id!r})"
    return w.expr(node)


def imports(w: Writer, node: ir.Import) -> None:
    w.in_order()
    for item in node.names if node.module != "__future__" else ():
        name = item.alias if item.alias is not None else item.name.split(".")[0]
        if node.module is None:
            whole = item.name if item.alias is not None else item.name.split(".")[0]
            w.line(f'v_{name} = imported("{whole}", None)')
        else:
            w.line(f'v_{name} = imported("{node.module}", "{item.name}")')
        w.scope.assigned.add(name)
