"""Which variables of a plan may share an object, and how the objects that they share may change.

Its one rule: without regard to the order or the place, and rather too much than too little. Variables that an
assignment, a loop, a call or an exception may make share an object are one group; what may be stored in an object, or
decide about a step of an iterator, is said of the group of those that may hold it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final, get_args

from ringfence.lang import ir
from ringfence.lang.analysis.callconstraints import (
    FILLS,
    FRESH,
    HIDES,
    MUTATORS,
    SCALAR,
    SPEAKS,
    STEPS,
    VERBS,
    hides,
    texts,
)
from ringfence.lang.scope import Outline, binds, children, target_names, walk

_STATEMENTS: Final = frozenset(get_args(ir.Stmt))
_STEPPING_METHODS: Final = frozenset({"elements", "finditer"})
_TAKING: Final = FRESH | {"next", "sum", "min", "max", "any", "all"}
# Names that no plan can have: what a function of `operator` may change, and what an exception may hold; and the mark
# of an expression that may make an iterator.
_HIDDEN: Final = " hidden"
_RAISED: Final = " raised"
_STEPS: Final = " steps"


@final
class Sharing:
    """The groups of one plan, numbered from 0. `own` are its variables, `tools` the names of the host's."""

    def __init__(self, outline: Outline, own: Iterable[str], tools: Iterable[str]) -> None:
        self._outline = outline
        self._functions = {node.name: node for node in outline.of(ir.FunctionDef)}
        self._pure = texts(outline) if not self._functions and not outline.has(ir.Lambda) else frozenset[str]()
        self._hidden, self._stepping = _imported(outline)
        imported = {name for node in outline.of(ir.Import) for name in binds(node)}
        plain = {node.name for node in outline.of(ir.ClassDef) if not _shares(node)}
        self.variables = frozenset(own) - imported - plain
        self._own = frozenset(own)
        self._calm = (frozenset(tools) | VERBS | SPEAKS | (SCALAR - {"sum"})) - self._own
        self._members: dict[str, list[str]] = {}
        self._steps: set[str] = set()
        self._changed: set[str] = set()
        self._open: set[str] = {_HIDDEN}
        self._inside: list[str] = []
        for statement in outline.body:
            self._visit(statement)
        numbers: dict[int, int] = {}
        self.of = {name: numbers.setdefault(id(group), len(numbers)) for name, group in self._members.items()}
        self.count: Final = len(numbers)
        self.raised: Final = self.of.get(_RAISED)
        named = {node.name for node in outline.of(ir.Attribute)} | {item.name for item in outline.of(ir.ImportName)}
        self.hiding: Final = hides(outline)
        self.filling: Final = not FILLS.isdisjoint(named)
        self.stepping: Final = self._groups(self._steps)
        self.changed: Final = self._groups(self.of if self.hiding else self._changed | self._open)
        self.open: Final = self._groups(self._open)

    def _groups(self, names: Iterable[str]) -> frozenset[int]:
        return frozenset(self.of[name] for name in names if name in self.of)

    def _connect(self, names: Iterable[str]) -> None:
        largest: list[str] = []
        distinct = dict.fromkeys(names)
        if _STEPS in distinct:
            del distinct[_STEPS]
            self._steps.update(distinct)
        for name in distinct:
            group = self._members.setdefault(name, [name])
            if group is largest:
                continue
            smaller, largest = (largest, group) if len(group) >= len(largest) else (group, largest)
            largest += smaller
            for member in smaller:
                self._members[member] = largest

    # What stands below a node: the names whose objects may be what the node makes, or in it

    def _visit(self, node: ir.Node) -> list[str]:
        found = self._parts(node)
        if self._makes_iterator(node):
            found.append(_STEPS)
        return found

    def _all(self, nodes: Iterable[ir.Node]) -> list[str]:
        return [name for node in nodes if type(node) is not ir.Constant for name in self._visit(node)]

    def _taken(self, node: ir.Node) -> list[str]:
        """The same of something whose elements are taken at once: an iterator that is made here is gone then."""
        return self._parts(node.value if isinstance(node, ir.Starred) else node)

    def _makes_iterator(self, node: ir.Node) -> bool:
        if isinstance(node, ir.Comprehension):
            return node.kind == "generator"
        if isinstance(node, ir.Attribute):
            return node.name in _STEPPING_METHODS or (
                isinstance(node.value, ir.Name) and node.value.id in self._stepping
            )
        name = node.func if isinstance(node, ir.Call) else node
        if isinstance(name, ir.Attribute):
            return self._makes_iterator(name)
        return isinstance(name, ir.Name) and (name.id in self._stepping if name.id in self._own else name.id in STEPS)

    def _parts(self, node: ir.Node) -> list[str]:
        if type(node) is ir.Name:
            if node.id in self._hidden:
                return [_HIDDEN]
            return [node.id] if node.id in self.variables else []
        if type(node) in _STATEMENTS:
            self._statement(node)
            return []
        return self._expression(node)

    def _statement(self, node: ir.Node) -> None:
        match node:
            case ir.Assign(targets=targets):
                self._targets(targets)
                self._connect(self._all(children(node)))
            case ir.AugAssign(target=target) | ir.AnnAssign(target=target):
                self._targets((target,))
                self._connect(self._all(children(node)))
                if isinstance(node, ir.AugAssign):
                    self._changed.update(self._named(target))
            case ir.For(target=target, iterable=iterable, body=body, orelse=orelse):
                self._targets((target,))
                self._connect([*self._visit(target), *self._taken(iterable)])
                self._all((*body, *orelse))
            case ir.Delete(targets=targets):
                self._targets(targets)
                self._all(targets)
            case ir.Match(subject=subject, cases=cases):
                self._connect([*self._outline.bound([case.pattern for case in cases]), *self._visit(subject)])
                self._all(cases)
            case ir.Handler(name=name):
                self._connect([_RAISED, *([] if name is None else [name])])
                self._all(children(node))
            case ir.Raise():
                self._connect([_RAISED, *self._all(children(node))])
            case ir.FunctionDef(name=name, params=params, body=body):
                self._connect([name, *(param.name for param in params), *self._all(params)])
                self._inside.append(name)
                self._all(body)
                self._inside.pop()
            case ir.ClassDef(name=name):
                self._connect([name, *self._all(children(node))])
            case ir.Return():
                self._connect([*self._inside[-1:], *self._all(children(node))])
            case _:
                self._all(children(node))

    def _targets(self, targets: Iterable[ir.Expr]) -> None:
        """What is assigned to a part of an object changes it."""
        for node in walk(targets):
            if isinstance(node, (ir.Attribute, ir.Subscript)):
                self._changed.update(self._named(node.value))

    def _named(self, node: ir.Node) -> list[str]:
        return [part.id for part in walk((node,)) if isinstance(part, ir.Name)]

    def _expression(self, node: ir.Node) -> list[str]:
        match node:
            case ir.Handler():
                self._statement(node)
                return []
            case ir.Compare() | ir.FString() | ir.Unary():
                self._all(children(node))
                return []
            case ir.Conditional(test=test, then=then, orelse=orelse):
                self._visit(test)
                return self._all((then, orelse))
            case ir.Subscript(value=value, index=index):
                self._visit(index)  # what is a key cannot change
                return self._visit(value)
            case ir.Starred(value=value):
                return self._taken(value)
            case ir.Walrus(name=name, value=value):
                found = [name, *self._visit(value)]
                self._connect(found)
                return found
            case ir.Clause(target=target, iterable=iterable, conditions=conditions):
                found = [*target_names(target), *self._visit(target), *self._taken(iterable)]
                self._connect(found)
                self._all(conditions)
                return found
            case ir.Lambda(params=params):
                return [*(param.name for param in params), *self._all(children(node))]
            case ir.Attribute(name=name, value=value):
                found = self._visit(value)
                if name in MUTATORS:  # a bound method, which changes what it is bound to when somebody calls it
                    self._open.update(found)
                return [*found, _HIDDEN] if name in HIDES else found
            case ir.Call():
                return self._call(node)
            case _:
                return self._all(children(node))

    def _call(self, node: ir.Call) -> list[str]:
        func = node.func
        if isinstance(func, ir.Name) and func.id not in self._own:
            if func.id in self._calm:
                self._all((*node.args, *node.keywords))
                return []
            taken = func.id in _TAKING
            found = [name for arg in node.args for name in (self._taken(arg) if taken else self._visit(arg))]
            found += self._all(node.keywords)
        else:
            arguments = self._all((*node.args, *node.keywords))
            found = [*self._callee(func, arguments), *arguments]
            if isinstance(func, ir.Attribute) and func.name in self._pure:
                return []
        found += [p.name for name in found if name in self._functions for p in self._functions[name].params]
        self._connect(found)
        return found

    def _callee(self, func: ir.Expr, arguments: list[str]) -> list[str]:
        if not isinstance(func, ir.Attribute) or func.name in HIDES:
            return self._visit(func)
        found = self._visit(func.value)
        if func.name in MUTATORS:
            self._changed.update(found)
            if isinstance(func.value, ir.Name) and func.value.id not in self._own:  # list.append(xs, x)
                self._open.update(arguments)
        return found


def _shares(node: ir.ClassDef) -> bool:
    """Whether what a class makes may share what stands in it. But for a named tuple it copies a container of leaves."""
    named = any(isinstance(base, ir.Name) and base.id == "NamedTuple" for base in node.bases)
    return any(
        field.default is not None
        and (not _is_flat(field.default) or (named and not isinstance(field.default, ir.Constant)))
        for field in node.fields
    )


def _is_flat(default: ir.Expr) -> bool:
    """Whether it is written out, and holds nothing that could be changed."""
    if not isinstance(default, (ir.Constant, ir.Sequence, ir.DictDisplay)):
        return False
    return all(isinstance(part, ir.Constant) for part in children(default))


def _imported(outline: Outline) -> tuple[frozenset[str], frozenset[str]]:
    """The names of functions that change what they are given, and the names of what makes iterators."""
    hidden: set[str] = set()
    stepping: set[str] = set()
    for node in outline.of(ir.Import):
        for item in node.names:
            name = item.name.split(".")[0] if item.alias is None else item.alias
            if item.name in HIDES and node.module is not None:
                hidden.add(name)
            if "itertools" in (item.name, node.module) or item.name in _STEPPING_METHODS:
                stepping.add(name)
    return frozenset(hidden), frozenset(stepping)
