"""Which names a piece of a plan binds, and how code can leave it.

Its one rule: names belong to the function (or plan) in whose text they are bound, as in Python; a
comprehension's targets are its own, a walrus inside it binds outside.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import cached_property
from operator import attrgetter
from typing import Final, TypeVar, final

from ringfence.lang import ir

_Node = TypeVar("_Node", bound=ir.Node)


def children(node: ir.Node) -> Sequence[ir.Node]:
    """The nodes directly below a node, in order."""
    below = _CHILDREN.get(type(node))
    return () if below is None else below(node)


def _node_classes(root: type[ir.Node]) -> Iterator[type[ir.Node]]:
    for cls in root.__subclasses__():
        yield cls
        yield from _node_classes(cls)


# What holds no nodes: names, kinds, constants and places.
_PLAIN: Final = frozenset({"str", "str | None", "bool", "ConstantValue", "Span", "tuple[str, ...]"})


def _children_of(names: tuple[str, ...], kinds: tuple[str, ...]) -> Callable[[ir.Node], Sequence[ir.Node]]:
    """What gives the nodes in fields of these types: they are looked at here, not for each node again."""
    if not any(kind.startswith("tuple") or kind.endswith("None") for kind in kinds):
        (first, *rest) = names
        return attrgetter(*names) if rest else lambda node: (getattr(node, first),)
    if any(kind.endswith("None, ...]") for kind in kinds):  # the keys of a dict's display
        return lambda node: [part for part in _those_there(node, names) if part is not None]
    if len(names) == 1 and kinds[0].startswith("tuple"):
        return attrgetter(*names)
    return lambda node: _those_there(node, names)


def _those_there(node: ir.Node, names: tuple[str, ...]) -> Sequence[ir.Node]:
    found: list[ir.Node] = []
    for name in names:
        value = getattr(node, name)
        if type(value) is not tuple:
            if value is not None:
                found.append(value)
        else:
            found += value
    return found


def _all_children() -> Iterator[tuple[type[ir.Node], Callable[[ir.Node], Sequence[ir.Node]]]]:
    for cls in _node_classes(ir.Node):
        below = {field.name: str(field.type) for field in fields(cls) if field.type not in _PLAIN}
        if below:
            yield cls, _children_of(tuple(below), tuple(below.values()))


# Of the classes whose nodes can have any. There are so many calls and assignments that they are written out.
_CHILDREN: Final[dict[type[ir.Node], Callable[[ir.Node], Sequence[ir.Node]]]] = {
    **dict(_all_children()),
    ir.Call: lambda node: (node.func, *node.args, *node.keywords),  # type: ignore[attr-defined]  # its class
    ir.Assign: lambda node: (*node.targets, node.value),  # type: ignore[attr-defined]  # as above
}


def _defaults(node: ir.FunctionDef | ir.Lambda) -> Sequence[ir.Node]:
    return [param.default for param in node.params if param.default is not None]


_OWN: Final[dict[type[ir.Node], Callable[[ir.Node], Sequence[ir.Node]]]] = {
    **_CHILDREN,
    ir.FunctionDef: _defaults,  # type: ignore[dict-item]  # the rule of its class
    ir.Lambda: _defaults,  # type: ignore[dict-item]  # as above
}


def walk(nodes: Iterable[ir.Node], into: Callable[[ir.Node], bool] | None = None) -> Iterator[ir.Node]:
    """All nodes below and including `nodes`, in order; `into` says whether to descend."""
    pending = list(reversed(list(nodes)))
    while pending:
        node = pending.pop()
        yield node
        below = _CHILDREN.get(type(node))
        if below is not None and (into is None or into(node)):
            pending += below(node)[::-1]


def own(nodes: Iterable[ir.Node]) -> Iterator[ir.Node]:
    """All nodes below and including `nodes` that run where they stand: of a function what its parameters are without
    an argument, and not its body."""
    pending = list(reversed(list(nodes)))
    while pending:
        node = pending.pop()
        yield node
        below = _OWN.get(type(node))
        if below is not None:
            pending += below(node)[::-1]


def target_names(target: ir.Expr) -> Sequence[str]:
    """The names that an assignment target binds."""
    if isinstance(target, ir.Name):
        return (target.id,)
    if isinstance(target, ir.Starred):
        return target_names(target.value)
    if isinstance(target, ir.Sequence):
        return [name for part in target.items for name in target_names(part)]
    return ()


# Where statements stand in others; what stands beside them are expressions, in which only a walrus binds a name.
_BODIES: Final[dict[type[ir.Node], tuple[str, ...]]] = {
    ir.If: ("body", "orelse"),
    ir.For: ("body", "orelse"),
    ir.While: ("body", "orelse"),
    ir.Try: ("body", "handlers", "orelse", "final"),
    ir.Handler: ("body",),
    ir.Match: ("cases",),
    ir.Case: ("pattern", "body"),
    ir.CapturePattern: ("pattern",),
    ir.SequencePattern: ("patterns",),
    ir.MappingPattern: ("patterns",),
    ir.ClassPattern: ("patterns", "keyword_patterns"),
    ir.OrPattern: ("patterns",),
}


def statements(nodes: Iterable[ir.Node], loops: bool = True) -> Iterator[ir.Node]:
    """The statements, handlers, cases and patterns among and below `nodes`, in order; not those of functions.

    `loops` False: nor those of loops.
    """
    pending = list(nodes)
    pending.reverse()
    while pending:
        node = pending.pop()
        yield node
        fields_of = _BODIES.get(type(node))
        if fields_of is not None and (loops or not isinstance(node, (ir.For, ir.While))):
            below: list[ir.Node] = []
            for name in fields_of:
                value = getattr(node, name)
                if type(value) is tuple:
                    below += value
                elif value is not None:
                    below.append(value)
            below.reverse()
            pending += below


def binds(node: ir.Node) -> Iterable[str]:
    """The names that a node itself binds in its function."""
    rule = _BINDS.get(type(node))
    return () if rule is None else rule(node)


def _binds_targets(node: ir.Assign | ir.Delete) -> Iterable[str]:
    if len(node.targets) == 1 and type(node.targets[0]) is ir.Name:
        return (node.targets[0].id,)
    return [name for target in node.targets for name in target_names(target)]


def _binds_target(node: ir.AugAssign | ir.AnnAssign | ir.For) -> Iterable[str]:
    return target_names(node.target)


def _binds_its_name(node: ir.Walrus | ir.FunctionDef | ir.ClassDef) -> Iterable[str]:
    return (node.name,)


def _may_bind(node: ir.Handler | ir.CapturePattern | ir.StarPattern) -> Iterable[str]:
    return () if node.name is None else (node.name,)


def _binds_rest(node: ir.MappingPattern) -> Iterable[str]:
    return () if node.rest is None else (node.rest,)


def _binds_imported(node: ir.Import) -> Iterable[str]:
    if node.module == "__future__":
        return ()
    return [item.alias if item.alias is not None else item.name.split(".")[0] for item in node.names]


_BINDS: Final[dict[type[ir.Node], Callable[[ir.Node], Iterable[str]]]] = {  # each the rule of its class
    ir.Assign: _binds_targets,  # type: ignore[dict-item]
    ir.Delete: _binds_targets,  # type: ignore[dict-item]
    ir.AugAssign: _binds_target,  # type: ignore[dict-item]
    ir.AnnAssign: _binds_target,  # type: ignore[dict-item]
    ir.For: _binds_target,  # type: ignore[dict-item]
    ir.Walrus: _binds_its_name,  # type: ignore[dict-item]
    ir.FunctionDef: _binds_its_name,  # type: ignore[dict-item]
    ir.ClassDef: _binds_its_name,  # type: ignore[dict-item]
    ir.Handler: _may_bind,  # type: ignore[dict-item]
    ir.CapturePattern: _may_bind,  # type: ignore[dict-item]
    ir.StarPattern: _may_bind,  # type: ignore[dict-item]
    ir.MappingPattern: _binds_rest,  # type: ignore[dict-item]
    ir.Import: _binds_imported,  # type: ignore[dict-item]
}
BINDERS: Final = frozenset(_BINDS)


def bound(nodes: Iterable[ir.Node], walrus: bool = True) -> dict[str, None]:
    """The names that these statements or expressions bind in their own function, in order of appearance.

    `walrus` False: it is known that no expression of the plan binds a name, so that none need be looked at.
    """
    names: dict[str, None] = {}
    if walrus:
        nodes = own(nodes)
    for node in nodes:
        if not walrus and type(node) in _BODIES:
            for inner in statements((node,)):
                names.update(dict.fromkeys(binds(inner)))
        elif type(node) in _BINDS:
            for name in _BINDS[type(node)](node):
                names[name] = None
    return names


def variable(name: str) -> str:
    """The key of a plan's variable among the global names of its code, spelled as Python spells names."""
    return f"v_{name}" if name.isascii() else unicodedata.normalize("NFKC", f"v_{name}")


def named_in_functions(outline: Outline) -> frozenset[str]:
    """The names that a function, a lambda or a generator mentions: what they mean there may be the plan's variable."""
    names: set[str] = set()
    done: set[int] = set()
    roots = [*outline.of(ir.FunctionDef), *outline.of(ir.Lambda)]
    roots += [node for node in outline.of(ir.Comprehension) if node.kind == "generator"]
    for root in reversed(roots):  # what stands in another function comes after it, and is looked at once
        for node in walk((root,), into=lambda node: id(node) not in done):
            if isinstance(node, ir.Name):
                names.add(node.id)
        done.add(id(root))
    return frozenset(names)


def unbound(nodes: Iterable[ir.Node]) -> frozenset[str]:
    """The names that something may unbind: `del`, and the end of `except ... as name`; also in functions inside."""
    names: set[str] = set()
    pending = [nodes]
    while pending:
        for node in statements(pending.pop()):
            if isinstance(node, ir.Delete):
                names.update(binds(node))
            elif isinstance(node, ir.Handler) and node.name is not None:
                names.add(node.name)
            elif isinstance(node, ir.FunctionDef):
                pending.append(node.body)
    return frozenset(names)


@final
class Outline:
    """All nodes of a plan by what they are, found in one walk and looked at many times."""

    def __init__(self, body: tuple[ir.Stmt, ...]) -> None:
        self.body = body
        self.given = ir.Pass()  # stands for whatever made the variables that are given
        found: defaultdict[type[ir.Node], list[ir.Node]] = defaultdict(list)

        def collect(nodes: Iterable[ir.Node]) -> None:
            for node in nodes:
                kind = type(node)
                found[kind].append(node)
                if kind in _CHILDREN:
                    collect(_CHILDREN[kind](node))

        collect(body)
        self._by_class: dict[type[ir.Node], list[ir.Node]] = dict(found)
        self.size = sum(map(len, found.values()))
        self.walrus: Final = ir.Walrus in self._by_class

    def of(self, kind: type[_Node]) -> list[_Node]:
        """The nodes of a class, in their order."""
        return self._by_class.get(kind, [])  # type: ignore[return-value]  # stored by their class

    def of_any(self, kinds: Iterable[type[ir.Node]]) -> list[ir.Node]:
        """The same of many classes."""
        return [node for kind in kinds for node in self._by_class.get(kind, ())]

    def has(self, kind: type[ir.Node]) -> bool:
        """Whether there is a node of this class."""
        return kind in self._by_class

    def unbound(self) -> frozenset[str]:
        """As the function `unbound`, of the whole plan."""
        names = {name for node in self.of(ir.Delete) for name in binds(node)}
        names.update(node.name for node in self.of(ir.Handler) if node.name is not None)
        return frozenset(names)

    def bound(self, nodes: Iterable[ir.Node]) -> dict[str, None]:
        """As the function `bound`, of nodes of this plan."""
        return bound(nodes, self.walrus)

    @cached_property
    def names(self) -> dict[str, None]:
        """What the plan itself binds, of which everything asks. Not to be changed."""
        return self.bound(self.body)


# Built-ins that use up a generator that is their only positional argument, before anything else can happen.
USE_UP: Final = frozenset("sum min max sorted list set tuple frozenset dict any all".split())


def used_up(node: ir.Call) -> ir.Comprehension | None:
    """The generator that a call uses up at once, if its function's name means the built-in or is `text.join`."""
    only = node.args[0] if len(node.args) == 1 else None
    if not isinstance(only, ir.Comprehension) or only.kind != "generator" or any(k.name is None for k in node.keywords):
        return None
    func = node.func
    if isinstance(func, ir.Attribute):
        return only if func.name == "join" and isinstance(func.value, ir.Constant) else None
    return only if isinstance(func, ir.Name) and func.id in USE_UP else None


def ends(body: tuple[ir.Stmt, ...]) -> bool:
    """Whether the code after a block is never reached through its end."""
    return bool(body) and isinstance(body[-1], (ir.Return, ir.Raise, ir.Break, ir.Continue))


def _catches_all(handler: ir.Handler) -> bool:
    """Whether a handler catches whatever a plan can raise."""
    kind = handler.type
    return kind is None or (isinstance(kind, ir.Name) and kind.id in ("Exception", "BaseException"))


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
            case ir.ExprStatement(value=ir.Call(func=ir.Name(id="observe"))):
                found.add("raise")  # it ends the round
            case ir.If(body=one, orelse=two):
                found |= escapes(one) | escapes(two)
            case ir.For(body=one, orelse=two) | ir.While(body=one, orelse=two):
                found |= (escapes(one) - {"loop"}) | escapes(two)
            case ir.Try(body=one, handlers=handlers, orelse=two, final=final):
                inner = escapes(one)
                found |= (inner - {"raise"}) if any(map(_catches_all, handlers)) else inner
                found |= escapes(two)
                for handler in handlers:
                    found |= escapes(handler.body)
                found |= escapes(final)
            case ir.Match(cases=cases):
                for case in cases:
                    found |= escapes(case.body)
            case _:
                pass
    return frozenset(found)
