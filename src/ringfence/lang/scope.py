"""Which names a piece of a plan binds, and how code can leave it.

Its one rule: names belong to the function (or plan) in whose text they are bound, as in Python; a
comprehension's targets are its own, a walrus inside it binds outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import Final

from ringfence.lang import ir


def children(node: ir.Node) -> list[ir.Node]:
    """The nodes directly below a node, in order."""
    found: list[ir.Node] = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name)
        if type(value) is tuple:
            found += [part for part in value if part is not None]
        elif value is not None:
            found.append(value)
    return found


def _node_classes(root: type[ir.Node]) -> Iterator[type[ir.Node]]:
    for cls in root.__subclasses__():
        yield cls
        yield from _node_classes(cls)


# What holds no nodes: names, kinds, constants and places.
_PLAIN: Final = frozenset({"str", "str | None", "bool", "ConstantValue", "Span", "tuple[str, ...]"})
_FIELDS: Final[dict[type[ir.Node], tuple[str, ...]]] = {
    cls: tuple(field.name for field in fields(cls) if field.type not in _PLAIN) for cls in _node_classes(ir.Node)
}


def walk(nodes: Iterable[ir.Node], into: Callable[[ir.Node], bool] | None = None) -> Iterator[ir.Node]:
    """All nodes below and including `nodes`, in order; `into` says whether to descend."""
    pending = list(reversed(list(nodes)))
    while pending:
        node = pending.pop()
        yield node
        if into is None or into(node):
            below = children(node)
            below.reverse()
            pending += below


def target_names(target: ir.Expr) -> Iterator[str]:
    """The names that an assignment target binds."""
    if isinstance(target, ir.Name):
        yield target.id
    elif isinstance(target, ir.Starred):
        yield from target_names(target.value)
    elif isinstance(target, ir.Sequence):
        for part in target.items:
            yield from target_names(part)


def bound(nodes: Iterable[ir.Node]) -> dict[str, None]:
    """The names that these statements or expressions bind in their own function, in order of appearance."""
    names: dict[str, None] = {}

    def add(found: Iterable[str | None]) -> None:
        names.update((name, None) for name in found if name is not None)

    for node in walk(nodes, into=lambda n: not isinstance(n, (ir.FunctionDef, ir.Lambda, ir.ClassDef))):
        match node:
            case ir.Assign(targets=targets):
                for target in targets:
                    add(target_names(target))
            case ir.AugAssign(target=target) | ir.AnnAssign(target=target) | ir.For(target=target):
                add(target_names(target))
            case ir.Delete(targets=targets):
                for target in targets:
                    add(target_names(target))
            case ir.Walrus(name=name) | ir.FunctionDef(name=name) | ir.ClassDef(name=name):
                add([name])
            case ir.Handler(name=name) | ir.CapturePattern(name=name) | ir.StarPattern(name=name):
                add([name])
            case ir.MappingPattern(rest=rest):
                add([rest])
            case ir.Import(module=module, names=imported) if module != "__future__":
                add(item.alias if item.alias is not None else item.name.split(".")[0] for item in imported)
            case _:
                pass
    return names


def unbound(nodes: Iterable[ir.Node]) -> frozenset[str]:
    """The names that something may unbind: `del`, and the end of `except ... as name`."""
    names: set[str] = set()
    for node in walk(nodes):
        if isinstance(node, ir.Delete):
            for target in node.targets:
                names.update(target_names(target))
        elif isinstance(node, ir.Handler) and node.name is not None:
            names.add(node.name)
    return frozenset(names)


def ends(body: tuple[ir.Stmt, ...]) -> bool:
    """Whether the code after a block is never reached through its end."""
    return bool(body) and isinstance(body[-1], (ir.Return, ir.Raise, ir.Break, ir.Continue))


def escapes(body: Iterable[ir.Stmt]) -> frozenset[str]:
    """How statements can leave the construct around them: "loop" (break, continue), "return", "raise"."""
    found: set[str] = set()
    for statement in body:
        match statement:
            case ir.Break() | ir.Continue():
                found.add("loop")
            case ir.Return():
                found.add("return")
            case ir.Raise() | ir.Assert():
                found.add("raise")
            case ir.If(body=one, orelse=two):
                found |= escapes(one) | escapes(two)
            case ir.For(body=one, orelse=two) | ir.While(body=one, orelse=two):
                found |= (escapes(one) - {"loop"}) | escapes(two)
            case ir.Try(body=one, handlers=handlers, orelse=two, final=final):
                inner = escapes(one) | escapes(two)
                found |= (inner - {"raise"}) if handlers else inner
                for handler in handlers:
                    found |= escapes(handler.body)
                found |= escapes(final)
            case ir.Match(cases=cases):
                for case in cases:
                    found |= escapes(case.body)
            case _:
                pass
    return frozenset(found)
