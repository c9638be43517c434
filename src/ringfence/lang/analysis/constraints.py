"""The constraints of a plan: what may flow where, what each place may change, call and consume.

Its one rule: a walk over the plan writes them once, in the words of `lang/analysis/pointsto.py`, and leaves nothing
out: a place that is not known to be harmless changes, calls and keeps all that it is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias, final

from ringfence.lang import ir
from ringfence.lang.analysis.callconstraints import (
    FILLS,
    GIVES,
    MUTATORS,
    Code,
    bound_method,
    call,
    hides,
    imported_modules,
    imported_names,
    own_functions,
    record_classes,
    texts,
    tool_taken,
)
from ringfence.lang.analysis.pointsto import NOTHING, Graph
from ringfence.lang.analysis.statementconstraints import STATEMENTS, any_part
from ringfence.lang.scope import Outline, children, target_names

# What a jump may leave: the function, the loop, and the `try` with handlers whose body it is in.
Around: TypeAlias = tuple[tuple[ir.Node, ...], "ir.Node | None", "ir.Try | None"]


@final
class Constraints:
    """The constraints of one plan in `graph`, and what the walk found beside them, by the identity of nodes."""

    def __init__(self, graph: Graph, outline: Outline, tools: frozenset[str], given: frozenset[str]) -> None:
        self.graph = graph
        self.outline = outline
        self.tools = tools
        self.allocated: dict[int, int] = {}  # node -> allocation
        self.products: dict[int, int] = {}
        self.blobs: set[int] = set()
        self.iterators: set[int] = set()
        self.givers: set[int] = set()  # iterators that give what functions of the language gave them
        self.layers: dict[int, int] = {}  # what is made in layers, a list of pairs perhaps: all it could be made of
        self.codes: dict[int, Code] = {}
        self.host_calls: dict[int, ir.Call | ir.Name] = {}
        self.calls: defaultdict[int, list[int]] = defaultdict(list)  # node -> what may be called there
        self.changed: defaultdict[int, list[int]] = defaultdict(list)  # ... what may be changed
        self.consumed: defaultdict[int, list[int]] = defaultdict(list)  # ... which iterators may go on
        self.places: dict[int, Around] = {}  # statement -> what is around it
        self.count = 0
        self._scopes: list[dict[str, int]] = [{}]
        self.place: Around = (outline.body, None, None)
        self.results: list[int] = []
        self.raised = graph.node()  # what any exception of the plan may hold
        self.own_functions = own_functions(outline)
        self.record_classes = record_classes(outline)
        self.modules = imported_modules(outline)
        self.imported = imported_names(outline)
        self.texts = texts(outline)
        named = {node.name for node in outline.of(ir.Attribute)}
        named.update(item.name for item in outline.of(ir.ImportName))
        self.filling = not named.isdisjoint(FILLS)
        self.hiding = hides(outline)
        self.giving = not named.isdisjoint(GIVES)
        self.counting = "Counter" in named
        self.slicing = any(node.id == "slice" for node in outline.of(ir.Name))
        self._declare({**outline.names, **dict.fromkeys(given)})
        self.given = self._given(given) if given else None
        # Of the variables that stand for a tool of their name until they are bound: where the first of them is read.
        self.named_alike: dict[str, ir.Name] = {}
        if not tools.isdisjoint(outline.names):
            self._as_tools(tools & outline.names.keys() - given)
        self.block(outline.body)

    # Small parts

    def _declare(self, names: Iterable[str]) -> None:
        self._scopes[-1].update([(name, self.graph.node()) for name in names])

    def _given(self, names: Iterable[str]) -> int:
        """One allocation site for all that is there before the plan starts: what is in it may be shared."""
        number, place = self.allocate(self.outline.given, blob=True)
        self.graph.store(place, place)
        self.layers[number] = NOTHING
        for name in names:
            self.assign_name(name, place)
        return number

    def _as_tools(self, names: AbstractSet[str]) -> None:
        for node in self.outline.of(ir.Name):
            if node.id in names and node.id not in self.named_alike:
                self.named_alike[node.id] = node
                self.assign_name(node.id, tool_taken(self, node))

    def variable(self, name: str) -> int | None:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return None

    def allocate(self, node: ir.Node, *, blob: bool = False, steps: bool = False) -> tuple[int, int]:
        """A new allocation site at `node`: its number, and a graph node that points to it."""
        number = self.count
        self.count += 1
        self.allocated[id(node)] = number
        place = self.graph.node()
        self.graph.allocate(place, number)
        if blob:
            self.blobs.add(number)
        if steps:
            self.iterators.add(number)
        return number, place

    def changes(self, node: ir.Node, target: int) -> None:
        if target:
            self.changed[id(node)].append(target)

    def consumes(self, node: ir.Node, source: int) -> None:
        """What is consumed goes on where it stopped: the iterator, those it was made of, and the code in them."""
        if source:
            everything = self.graph.reach(source)
            self.consumed[id(node)].append(everything)
            self.calls[id(node)].append(everything)

    # Statements

    def block(self, body: Iterable[ir.Stmt]) -> None:
        for statement in body:
            self.places[id(statement)] = self.place
            rule = STATEMENTS.get(type(statement))
            if rule is None:
                for part in children(statement):
                    any_part(self, part)
            else:
                rule(self, statement)

    def assign_name(self, name: str, source: int) -> None:
        variable = self.variable(name)
        if variable is not None:
            self.graph.copy(source, variable)

    def bind(self, target: ir.Expr, source: int, node: ir.Node) -> None:
        match target:
            case ir.Name(id=name):
                self.assign_name(name, source)
            case ir.Attribute(value=value):
                holder = self.expr(value)
                self.graph.store(holder, source)
                self.changes(node, holder)
            case ir.Subscript(value=value, index=index):
                holder = self.expr(value)
                self.expr(index)
                self.graph.store(holder, source)
                if isinstance(index, ir.Slice):
                    self.consumes(target, source)
                    self.spread(holder, source)
                self.changes(node, holder)
            case ir.Sequence(items=items):
                self.consumes(target, source)
                inner = self.graph.node()
                self.graph.copy(source, inner)
                self.graph.load(source, inner)
                for item in items:
                    self.bind(item, inner, node)
            case ir.Starred(value=value):
                _, fresh = self.allocate(target)
                self.graph.store(fresh, source)
                self.bind(value, fresh, node)
            case _:
                pass

    def iterated(self, node: ir.Node, target: ir.Expr, source: int) -> None:
        self.consumes(node, source)
        self.bind(target, self.graph.contents(source), node)

    def code(self, node: ir.FunctionDef | ir.Lambda, params: tuple[ir.Parameter, ...], body: object) -> int:
        number, place = self.allocate(node)
        nodes = tuple(body) if isinstance(body, tuple) else (body,)
        defaults = [(param.name, self.expr(param.default)) for param in params if param.default is not None]
        scope = {param.name: self.graph.node() for param in params}
        self._scopes.append(scope)
        self._declare(name for name in self.outline.bound(nodes) if name not in scope)
        rest = self.graph.node()
        result = self.graph.node()
        for name, default in defaults:
            self.graph.copy(default, scope[name])
            self.graph.store(place, default)
        for param in params:
            if param.kind in ("args", "kwargs"):
                _, packed = self.allocate(param)
                self.graph.store(packed, rest)
                self.graph.copy(packed, scope[param.name])
        order = tuple(param.name for param in params if param.kind in ("only", "positional"))
        self.graph.code(number, {**scope, "*": rest}, order, result)
        self.codes[number] = Code(node, nodes, params)
        outer, self.place = self.place, (nodes, None, None)
        self.results.append(result)
        if isinstance(node, ir.FunctionDef):
            self.block(node.body)
        else:
            self.graph.copy(self.expr(node.body), result)
        self.results.pop()
        self.place = outer
        self._scopes.pop()
        return place

    # Expressions

    def expr(self, node: ir.Expr) -> int:
        rule = _EXPRESSIONS.get(type(node))
        return self.inner(node) if rule is None else rule(self, node)

    def inner(self, node: ir.Node) -> int:
        for inner in children(node):
            self.expr(inner)  # type: ignore[arg-type]  # below these stand expressions only
        return NOTHING

    def _name(self, node: ir.Name) -> int:
        variable = self.variable(node.id)
        if variable is None:
            return tool_taken(self, node) if node.id in self.tools else NOTHING
        return variable

    def _conditional(self, node: ir.Conditional) -> int:
        self.expr(node.test)
        return self._either((node.then, node.orelse))

    def _compare(self, node: ir.Compare) -> int:
        for index, operand in enumerate(node.operands):
            source = self.expr(operand)
            if index and node.ops[index - 1] in ("in", "not in"):
                self.consumes(node, source)  # `x in iterator` goes on to where x is
        return NOTHING

    def _binary(self, node: ir.Binary) -> int:
        left, right = self.expr(node.left), self.expr(node.right)
        if _number(node.left, node.op) or _number(node.right, node.op):
            return NOTHING
        _, fresh = self.allocate(node)
        for part in (left, right):
            self.spread(fresh, part)
        return fresh

    def _unary(self, node: ir.Unary) -> int:
        source = self.expr(node.operand)
        if not self.counting or node.op not in ("+", "-"):
            return NOTHING
        _, fresh = self.allocate(node)  # of a Counter it makes another one
        self.spread(fresh, source)
        return fresh

    def _attribute(self, node: ir.Attribute) -> int:
        source = self.expr(node.value)
        if node.name in _MADE:
            _, fresh = self.allocate(node)
            return self.merged([fresh, self.graph.contents(source)])
        if node.name not in MUTATORS:
            return self.graph.contents(source)
        loaded = self.graph.node()
        self.graph.load(source, loaded)
        bound_method(self, node, source, loaded)
        return loaded

    def _subscript(self, node: ir.Subscript) -> int:
        source = self.expr(node.value)
        self.expr(node.index)
        loaded = self.graph.contents(source)
        if self.filling:  # a defaultdict makes what it is asked for
            self.consumed[id(node)].append(source)
            self.calls[id(node)].append(self.graph.reach(source))
        if isinstance(node.index, ir.Slice):
            _, fresh = self.allocate(node)
            self.graph.store(fresh, loaded)
            return fresh
        if self.slicing:
            _, fresh = self.allocate(node)
            self.graph.store(fresh, loaded)
            return self.merged([fresh, loaded])
        return loaded

    def _dict_display(self, node: ir.DictDisplay) -> int:
        pairs = list(zip(node.keys, node.values, strict=True))
        place = self._display(node, tuple(value for key, value in pairs if key is not None))
        for key, value in pairs:
            if key is None:
                self.spread(place, self.expr(value))
            else:
                self.graph.store(place, self.expr(key))
        return place

    def _walrus(self, node: ir.Walrus) -> int:
        source = self.expr(node.value)
        self.assign_name(node.name, source)
        return source

    def _either(self, values: tuple[ir.Expr, ...]) -> int:
        return self.merged([self.expr(value) for value in values])

    def merged(self, sources: Iterable[int]) -> int:
        """A node that stands for whatever one of the sources stands for; nothing is to be copied into it."""
        distinct = list(dict.fromkeys(source for source in sources if source))
        if len(distinct) < 2:
            return distinct[0] if distinct else NOTHING
        merged = self.graph.node()
        for source in distinct:
            self.graph.copy(source, merged)
        return merged

    def spread(self, place: int, source: int) -> None:
        self.graph.store(place, self.graph.contents(source))

    def _display(self, node: ir.Expr, items: tuple[ir.Expr, ...]) -> int:
        _, place = self.allocate(node)
        for item in items:
            if isinstance(item, ir.Starred):
                source = self.expr(item.value)
                self.consumes(node, source)
                self.spread(place, source)
            else:
                self.graph.store(place, self.expr(item))
        return place

    def _comprehension(self, node: ir.Comprehension) -> int:
        lazy = node.kind == "generator"
        number, place = self.allocate(node, steps=lazy)
        self._scopes.append({})
        inner: list[ir.Node] = []
        for clause in node.clauses:
            source = self.expr(clause.iterable)
            if lazy:
                self.graph.store(place, source)
            self._declare(target_names(clause.target))
            self.iterated(node, clause.target, source)
            for condition in clause.conditions:
                self.expr(condition)
            inner += [clause.target, clause.iterable, *clause.conditions]
        for element in (node.element, node.value):
            if element is not None:
                self.graph.store(place, self.expr(element))
                inner.append(element)
        self._scopes.pop()
        if lazy:
            self.codes[number] = Code(node, tuple(inner), ())
        return place


# Attributes that are made when they are read, and can be changed.
_MADE: Final = frozenset({"groupindex"})


def _number(node: ir.Expr, op: str) -> bool:
    """Whether an operand shows that the operation makes no container."""
    if isinstance(node, ir.FString) or op in ("/", "//", "**", "<<", ">>"):
        return True
    if isinstance(node, ir.Unary):
        return op != "*"
    return isinstance(node, ir.Constant) and (op != "*" or isinstance(node.value, float))


# What is not here has parts and is no object: `children` are looked at, and nothing comes out.
_EXPRESSIONS: Final[dict[type[ir.Node], Callable[[Constraints, ir.Expr], int]]] = {
    ir.Constant: lambda self, node: NOTHING,
    ir.Name: Constraints._name,  # type: ignore[dict-item]  # each is called with nodes of its class
    ir.Logic: lambda self, node: self._either(node.values),  # type: ignore[union-attr]  # as above
    ir.Conditional: Constraints._conditional,  # type: ignore[dict-item]
    ir.Compare: Constraints._compare,  # type: ignore[dict-item]
    ir.Binary: Constraints._binary,  # type: ignore[dict-item]
    ir.Unary: Constraints._unary,  # type: ignore[dict-item]
    ir.Attribute: Constraints._attribute,  # type: ignore[dict-item]
    ir.Subscript: Constraints._subscript,  # type: ignore[dict-item]
    ir.Sequence: lambda self, node: self._display(node, node.items),  # type: ignore[union-attr]
    ir.DictDisplay: Constraints._dict_display,  # type: ignore[dict-item]
    ir.Comprehension: Constraints._comprehension,  # type: ignore[dict-item]
    ir.Lambda: lambda self, node: self.code(node, node.params, node.body),  # type: ignore[union-attr, arg-type]
    ir.Walrus: Constraints._walrus,  # type: ignore[dict-item]
    ir.Starred: lambda self, node: self.expr(node.value),  # type: ignore[union-attr, arg-type]
    ir.Call: call,  # type: ignore[dict-item]
}
