"""What a whole plan says of itself: its functions, its exceptions, the fields that its values can have.

Its one rule: what is not certain is left out, so that nothing is refused for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from ringfence.lang import ir
from ringfence.lang.host import Signature
from ringfence.lang.objects import TypeValue
from ringfence.lang.raised import ALIASES, EXCEPTIONS
from ringfence.lang.scope import BINDERS, Outline, binds, target_names


def last_name(node: ir.Expr) -> str:
    """`BaseModel`, `pydantic.BaseModel`: the name that says what it is; empty for anything else."""
    if isinstance(node, ir.Attribute) and isinstance(node.value, (ir.Name, ir.Attribute)):
        return node.name
    return node.id if isinstance(node, ir.Name) else ""


def bindings(outline: Outline) -> Iterable[tuple[ir.Node, str]]:
    """Every place that binds a name, with the name."""
    for param in outline.of(ir.Parameter):
        yield param, param.name
    for clause in outline.of(ir.Clause):
        yield from ((clause.target, name) for name in target_names(clause.target))
    for node in outline.of_any(BINDERS):
        yield from ((node, name) for name in binds(node))


def exceptions(outline: Outline) -> frozenset[str]:
    """The names of the classes that derive from an exception, built in or of the plan."""
    found = {*EXCEPTIONS, *ALIASES}
    classes = outline.of(ir.ClassDef)
    for node in classes:  # a base stands before what derives from it
        if any(last_name(base) in found for base in node.bases):
            found.add(node.name)
    return frozenset(node.name for node in classes if node.name in found)


def only_functions(outline: Outline) -> dict[str, ir.FunctionDef]:
    """The functions at the top of the plan whose name is bound once, and outside of any `try`."""
    found: dict[str, ir.FunctionDef] = {}
    counts: dict[str, int] = {}
    if outline.has(ir.Try):
        return found
    for statement in outline.body if outline.has(ir.FunctionDef) else ():
        for name in outline.bound((statement,)):
            counts[name] = counts.get(name, 0) + 1
        if isinstance(statement, ir.FunctionDef):
            found[statement.name] = statement
    return {name: node for name, node in found.items() if counts[name] == 1}


@cache
def _fields_of_the_language() -> frozenset[str]:
    """The fields and methods of what every plan can have."""
    from ringfence.lang.builtins.modules.records import FIELDS
    from ringfence.lang.builtins.tables import ATTRIBUTES, METHODS
    from ringfence.lang.running.runtime import NAMES, modules

    names: set[str] = {"args", "name", "value", "failed", "reason", "code", "model_validate", "parse_obj"}
    names |= {"_fields", "_make"}
    for table in (*METHODS.values(), *ATTRIBUTES.values(), *FIELDS.values()):
        names.update(table)
    for module in modules().values():
        names.update(module.members)
        for member in module.members.values():
            names.update(member.members if isinstance(member, TypeValue) else ())
    for value in NAMES.values():
        names.update(value.members if isinstance(value, TypeValue) else ())
    return frozenset(names)


def known_fields(outline: Outline, signatures: Mapping[str, Signature]) -> frozenset[str] | None:
    """Every field and method that a value of this plan can have; None if that is not known."""
    from ringfence.schema import AnyType, DictType, ListType, RecordType, TupleType, Type, UnionType

    if outline.has(ir.Try):
        return None  # the plan may rely on catching the AttributeError
    names = set(_fields_of_the_language())
    names.update(node.name for node in outline.of(ir.ClassField))
    names.update(node.name for node in outline.of(ir.Keyword) if node.name is not None)
    for constant in outline.of(ir.Constant):  # namedtuple, dict schemas
        if isinstance(constant.value, str):
            names.update(constant.value.replace(",", " ").split())
    pending: list[Type] = [signature.returns for signature in signatures.values()]
    seen: set[int] = set()
    while pending:
        kind = pending.pop()
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        match kind:
            case AnyType():
                return None
            case RecordType():
                names.update(field.name for field in kind.fields)
                pending.extend(field.type for field in kind.fields)
            case ListType(item=item):
                pending.append(item)
            case DictType(key=key, value=value):
                pending += [key, value]
            case TupleType(items=items) | UnionType(options=items):
                pending += items
            case _:
                pass
    return frozenset(names)
