"""The constraints of a plan: what may flow where, what each place may change, call and consume.

Its one rule: a walk over the plan writes them once, in the words of `lang/pointsto.py`, and leaves nothing out: a place
that is not known to be harmless changes, calls and keeps all that it is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, final

from ringfence.lang import ir
from ringfence.lang.pointsto import NOTHING, Graph
from ringfence.lang.scope import Outline, binds, children, target_names

VERBS: Final = frozenset({"quarantine", "quarantine_each"})
SPEAKS: Final = frozenset({"answer", "print"})
MUTATORS: Final = frozenset(
    "append extend insert pop remove clear sort reverse update setdefault add discard popitem popleft appendleft "
    "extendleft rotate subtract intersection_update difference_update symmetric_difference_update "
    "move_to_end".split()
)
_SEVERAL: Final = MUTATORS - {"append", "appendleft", "add", "insert"}
_PICK: Final = frozenset({"get", "pop", "setdefault", "popleft", "popitem"})
TEXT: Final = frozenset(
    "lower upper strip lstrip rstrip title capitalize casefold swapcase startswith endswith replace join format "
    "zfill center ljust rjust count find rfind index rindex isdigit isalpha isalnum isspace isnumeric isupper islower "
    "strftime isoformat date time weekday isoweekday timestamp total_seconds encode decode removeprefix "
    "removesuffix expandtabs".split()
)
SCALAR: Final = frozenset(
    "len str int float bool abs round ord chr repr format isinstance hash sum any all range divmod pow bin hex oct "
    "callable id type ascii issubclass Decimal date datetime time timedelta".split()
)
FRESH: Final = frozenset({"list", "tuple", "set", "frozenset", "sorted", "dict", "deque", "Counter", "OrderedDict"})
STEPS: Final = frozenset({"enumerate", "zip", "map", "filter", "reversed", "iter"})
_CHOOSE: Final = frozenset({"min", "max", "next"})
FILLS: Final = frozenset({"defaultdict", "DefaultDict"})
HIDES: Final = frozenset({"setitem", "delitem", "methodcaller", "attrgetter"})


_OTHER_BINDERS: Final = (
    ir.AugAssign,
    ir.AnnAssign,
    ir.For,
    ir.Walrus,
    ir.Import,
    ir.ClassDef,
    ir.Handler,
    ir.CapturePattern,
    ir.StarPattern,
    ir.MappingPattern,
)


@final
class Code:
    """A function, lambda or generator expression: something whose body runs when it is called or consumed."""

    def __init__(self, node: ir.Node, body: tuple[ir.Node, ...], params: tuple[ir.Parameter, ...]) -> None:
        self.node = node
        self.body = body
        self.params = params


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
        self.layers: dict[int, int] = {}  # what is made in layers, a list of pairs perhaps: all it could be made of
        self.codes: dict[int, Code] = {}
        self.host_calls: dict[int, ir.Call | ir.Name] = {}
        self.calls: defaultdict[int, list[int]] = defaultdict(list)  # node -> what may be called there
        self.changed: defaultdict[int, list[int]] = defaultdict(list)  # ... what may be changed
        self.consumed: defaultdict[int, list[int]] = defaultdict(list)  # ... which iterators may go on
        self.places: dict[int, tuple[tuple[ir.Node, ...], ir.Node | None]] = {}  # statement -> its function and loop
        self.count = 0
        self._scopes: list[dict[str, int]] = [{}]
        self._place: tuple[tuple[ir.Node, ...], ir.Node | None] = (outline.body, None)
        self._results: list[int] = []
        self.raised = graph.node()  # what any exception of the plan may hold
        self.own_functions = _own_functions(outline)
        named = {node.name for node in outline.of(ir.Attribute)}
        named.update(item.name for item in outline.of(ir.ImportName))
        self.filling = not named.isdisjoint(FILLS)
        self.hiding = not named.isdisjoint(HIDES)
        self._declare({**outline.names, **dict.fromkeys(given)})
        self.given = self._given(given) if given else None
        self._block(outline.body)

    # Small parts

    def _declare(self, names: Iterable[str]) -> None:
        self._scopes[-1].update([(name, self.graph.node()) for name in names])

    def _given(self, names: Iterable[str]) -> int:
        """One allocation site for all that is there before the plan starts: what is in it may be shared."""
        number, place = self._allocate(self.outline.given, blob=True)
        self.graph.store(place, place)
        self.layers[number] = NOTHING
        for name in names:
            self._assign_name(name, place)
        return number

    def _variable(self, name: str) -> int | None:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return None

    def _allocate(self, node: ir.Node, *, blob: bool = False, steps: bool = False) -> tuple[int, int]:
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

    def _changes(self, node: ir.Node, target: int) -> None:
        if target:
            self.changed[id(node)].append(target)

    def _consumes(self, node: ir.Node, source: int) -> None:
        """What is consumed goes on where it stopped: the iterator, those it was made of, and the code in them."""
        if source:
            everything = self.graph.reach(source)
            self.consumed[id(node)].append(everything)
            self.calls[id(node)].append(everything)

    # Statements

    def _block(self, body: Iterable[ir.Stmt]) -> None:
        for statement in body:
            self.places[id(statement)] = self._place
            rule = _STATEMENTS.get(type(statement))
            if rule is None:
                for part in children(statement):
                    self._any(part)
            else:
                rule(self, statement)

    def _assign(self, node: ir.Assign) -> None:
        source = self._expr(node.value)
        for target in node.targets:
            self._bind(target, source, node)

    def _annotated(self, node: ir.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, self._expr(node.value), node)

    def _branch(self, node: ir.If) -> None:
        self._expr(node.test)
        self._block(node.body)
        self._block(node.orelse)

    def _for(self, node: ir.For) -> None:
        self._iterated(node, node.target, self._expr(node.iterable))
        self._looped(node, node.body)
        self._block(node.orelse)

    def _while(self, node: ir.While) -> None:
        self._expr(node.test)
        self._looped(node, node.body)
        self._block(node.orelse)

    def _looped(self, node: ir.Node, body: tuple[ir.Stmt, ...]) -> None:
        outer, self._place = self._place, (self._place[0], node)
        self._block(body)
        self._place = outer

    def _function(self, node: ir.FunctionDef) -> None:
        self._assign_name(node.name, self._code(node, node.params, node.body))

    def _return(self, node: ir.Return) -> None:
        if node.value is not None:
            self.graph.copy(self._expr(node.value), self._results[-1])

    def _raise(self, node: ir.Raise) -> None:
        for given in (node.error, node.cause):
            if given is not None:
                self.graph.copy(self._expr(given), self.raised)

    def _try(self, node: ir.Try) -> None:
        self._block(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                self._expr(handler.type)
            if handler.name is not None:
                self._assign_name(handler.name, self.graph.reach(self.raised))
            self._block(handler.body)
        self._block(node.orelse)
        self._block(node.final)

    def _delete(self, node: ir.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ir.Subscript):
                self._changes(node, self._expr(target.value))
                self._expr(target.index)

    def _match(self, node: ir.Match) -> None:
        everything = self.graph.reach(self._expr(node.subject))
        for case in node.cases:
            for name in self.outline.bound((case.pattern,)):
                self._assign_name(name, everything)
            if case.guard is not None:
                self._expr(case.guard)
            self._block(case.body)

    def _any(self, node: ir.Node) -> None:
        if isinstance(node, ir.ClassField):
            self._inner(node)
        elif not isinstance(node, (ir.Keyword, ir.ImportName)):
            self._expr(node)  # type: ignore[arg-type]  # the remaining statements hold expressions only

    def _augmented(self, node: ir.AugAssign) -> None:
        target, operand = node.target, self._expr(node.value)
        self._consumes(node, operand)
        current = self._expr(target)
        self._changes(node, current)
        _, fresh = self._allocate(target)
        for source in (current, operand):
            loaded = self.graph.contents(source)
            self.graph.store(fresh, loaded)
            self.graph.store(current, loaded)
        if isinstance(target, ir.Name):
            self._assign_name(target.id, current)
            self._assign_name(target.id, fresh)
        else:
            self._bind(target, fresh, node)

    def _assign_name(self, name: str, source: int) -> None:
        variable = self._variable(name)
        if variable is not None:
            self.graph.copy(source, variable)

    def _bind(self, target: ir.Expr, source: int, node: ir.Node) -> None:
        match target:
            case ir.Name(id=name):
                self._assign_name(name, source)
            case ir.Attribute(value=value):
                holder = self._expr(value)
                self.graph.store(holder, source)
                self._changes(node, holder)
            case ir.Subscript(value=value, index=index):
                holder = self._expr(value)
                self._expr(index)
                self.graph.store(holder, source)
                if isinstance(index, ir.Slice):
                    self._consumes(node, source)
                    self._spread(holder, source)
                self._changes(node, holder)
            case ir.Sequence(items=items):
                self._consumes(node, source)
                inner = self.graph.node()
                self.graph.copy(source, inner)
                self.graph.load(source, inner)
                for item in items:
                    self._bind(item, inner, node)
            case ir.Starred(value=value):
                _, fresh = self._allocate(target)
                self.graph.store(fresh, source)
                self._bind(value, fresh, node)
            case _:
                pass

    def _iterated(self, node: ir.Node, target: ir.Expr, source: int) -> None:
        self._consumes(node, source)
        self._bind(target, self.graph.contents(source), node)

    def _code(self, node: ir.FunctionDef | ir.Lambda, params: tuple[ir.Parameter, ...], body: object) -> int:
        number, place = self._allocate(node)
        nodes = tuple(body) if isinstance(body, tuple) else (body,)
        defaults = [(param.name, self._expr(param.default)) for param in params if param.default is not None]
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
                _, packed = self._allocate(param)
                self.graph.store(packed, rest)
                self.graph.copy(packed, scope[param.name])
        order = tuple(param.name for param in params if param.kind in ("only", "positional"))
        self.graph.code(number, {**scope, "*": rest}, order, result)
        self.codes[number] = Code(node, nodes, params)
        outer, self._place = self._place, (nodes, None)
        self._results.append(result)
        if isinstance(node, ir.FunctionDef):
            self._block(node.body)
        else:
            self.graph.copy(self._expr(node.body), result)
        self._results.pop()
        self._place = outer
        self._scopes.pop()
        return place

    # Expressions

    def _expr(self, node: ir.Expr) -> int:
        rule = _EXPRESSIONS.get(type(node))
        return self._inner(node) if rule is None else rule(self, node)

    def _inner(self, node: ir.Node) -> int:
        for inner in children(node):
            self._expr(inner)  # type: ignore[arg-type]  # below these stand expressions only
        return NOTHING

    def _name(self, node: ir.Name) -> int:
        variable = self._variable(node.id)
        if variable is None and node.id in self.tools:
            self.host_calls[id(node)] = node
        return NOTHING if variable is None else variable

    def _conditional(self, node: ir.Conditional) -> int:
        self._expr(node.test)
        return self._either((node.then, node.orelse))

    def _compare(self, node: ir.Compare) -> int:
        for index, operand in enumerate(node.operands):
            source = self._expr(operand)
            if index and node.ops[index - 1] in ("in", "not in"):
                self._consumes(node, source)  # `x in iterator` goes on to where x is
        return NOTHING

    def _binary(self, node: ir.Binary) -> int:
        left, right = self._expr(node.left), self._expr(node.right)
        if _number(node.left, node.op) or _number(node.right, node.op):
            return NOTHING
        _, fresh = self._allocate(node)
        for part in (left, right):
            self._spread(fresh, part)
        return fresh

    def _attribute(self, node: ir.Attribute) -> int:
        source = self._expr(node.value)
        if node.name not in MUTATORS:
            return self.graph.contents(source)
        loaded = self.graph.node()
        self.graph.load(source, loaded)
        self._bound_method(node, source, loaded)
        return loaded

    def _subscript(self, node: ir.Subscript) -> int:
        source = self._expr(node.value)
        self._expr(node.index)
        loaded = self.graph.contents(source)
        if self.filling:  # a defaultdict makes what it is asked for
            self.consumed[id(node)].append(source)
        if isinstance(node.index, ir.Slice):
            _, fresh = self._allocate(node)
            self.graph.store(fresh, loaded)
            return fresh
        return loaded

    def _dict_display(self, node: ir.DictDisplay) -> int:
        pairs = list(zip(node.keys, node.values, strict=True))
        place = self._display(node, tuple(value for key, value in pairs if key is not None))
        for key, value in pairs:
            if key is None:
                self._spread(place, self._expr(value))
            else:
                self.graph.store(place, self._expr(key))
        return place

    def _walrus(self, node: ir.Walrus) -> int:
        source = self._expr(node.value)
        self._assign_name(node.name, source)
        return source

    def _either(self, values: tuple[ir.Expr, ...]) -> int:
        return self._merged([self._expr(value) for value in values])

    def _merged(self, sources: Iterable[int]) -> int:
        """A node that stands for whatever one of the sources stands for; nothing is to be copied into it."""
        distinct = list(dict.fromkeys(source for source in sources if source))
        if len(distinct) < 2:
            return distinct[0] if distinct else NOTHING
        merged = self.graph.node()
        for source in distinct:
            self.graph.copy(source, merged)
        return merged

    def _spread(self, place: int, source: int) -> None:
        self.graph.store(place, self.graph.contents(source))

    def _display(self, node: ir.Expr, items: tuple[ir.Expr, ...]) -> int:
        _, place = self._allocate(node)
        for item in items:
            if isinstance(item, ir.Starred):
                source = self._expr(item.value)
                self._consumes(node, source)
                self._spread(place, source)
            else:
                self.graph.store(place, self._expr(item))
        return place

    def _comprehension(self, node: ir.Comprehension) -> int:
        lazy = node.kind == "generator"
        number, place = self._allocate(node, steps=lazy)
        self._scopes.append({})
        inner: list[ir.Node] = []
        for clause in node.clauses:
            source = self._expr(clause.iterable)
            if lazy:
                self.graph.store(place, source)
            self._declare(target_names(clause.target))
            self._iterated(node, clause.target, source)
            for condition in clause.conditions:
                self._expr(condition)
            inner += [clause.iterable, *clause.conditions]
        for element in (node.element, node.value):
            if element is not None:
                self.graph.store(place, self._expr(element))
                inner.append(element)
        self._scopes.pop()
        if lazy:
            self.codes[number] = Code(node, tuple(inner), ())
        return place

    def _call(self, node: ir.Call) -> int:
        args = [self._expr(arg) for arg in node.args]
        loose = [arg for arg, part in zip(args, node.args, strict=True) if type(part) is ir.Starred]
        named: dict[str, int] = {}
        for keyword in node.keywords:
            given = self._expr(keyword.value)
            if keyword.name is None:
                loose.append(given)
            else:
                named[keyword.name] = given
        everything = [*args, *named.values(), *loose]
        func = node.func
        if isinstance(func, ir.Name) and self._variable(func.id) is None:
            return self._outside_call(node, func.id, everything)
        result = self.graph.node()
        for part in loose:
            self._consumes(node, part)
        spread = tuple([self.graph.contents(part) for part in loose])
        called = self.graph.node() if isinstance(func, ir.Attribute) else self._expr(func)
        self.graph.call(called, tuple(args), named, spread, result)
        if isinstance(func, ir.Attribute):
            return self._method_call(node, func, everything, called, result)
        self.calls[id(node)].append(called)
        self._changes(node, called)  # a bound method, perhaps: what it was taken from may change
        _, fresh = self._allocate(node)
        for part in everything:
            self.graph.store(fresh, part)
        self.graph.copy(fresh, result)
        if not (isinstance(func, ir.Name) and func.id in self.own_functions):
            self._unknown_call(node, everything, result)  # last: the object is then known by this site, a blob's
        return result

    def _unknown_call(self, node: ir.Call, sources: list[int], result: int) -> None:
        """Something that is not known to be a function of the plan is called: an imported built-in, perhaps."""
        given = self.graph.node()
        for source in sources:
            self.graph.copy(source, given)
            self.graph.load(source, given)
        returned = self._fed_back(self._callbacks(node, sources, given), given)
        _, place = self._allocate(node, blob=True, steps=True)
        self.graph.store(place, place)
        self.graph.store(place, given)
        self.graph.store(place, returned)
        for source in (place, given, returned):
            self.graph.copy(source, result)

    def _bound_method(self, node: ir.Attribute, receiver: int, loaded: int) -> None:
        """A method that changes its receiver, taken as a value: code that does so when it is called."""
        number, place = self._allocate(node)
        body = ir.Pass()
        self._changes(body, receiver)
        given = self.graph.node()
        self.graph.store(receiver, given)
        self.codes[number] = Code(node, (body,), ())
        self.graph.code(number, {"*": given}, (), loaded)
        self.graph.copy(place, loaded)

    def _hidden_changes(self, node: ir.Node, sources: list[int]) -> None:
        """`operator.setitem` and its like change what they are given, also when another function calls them."""
        if self.hiding:
            for source in sources:
                everything = self.graph.reach(source)
                self._changes(node, everything)
                self.graph.store(everything, everything)

    def _callbacks(self, node: ir.Node, sources: list[int], given: int) -> int:
        """Functions among the arguments of a built-in are called with what the built-in was given."""
        sources = [source for source in sources if source]
        if not sources:
            return NOTHING
        result = self.graph.node()
        for source in sources:
            self.graph.call(source, (), {}, (given,), result)
            self._consumes(node, source)  # which also says that it is called
        self._hidden_changes(node, sources)
        return result

    def _fed_back(self, returned: int, given: int) -> int:
        """What a function returned may be what it is given the next time: `reduce` and its like."""
        self.graph.copy(returned, given)
        self.graph.load(returned, given)
        return returned

    def _outside_call(self, node: ir.Call, name: str, sources: list[int]) -> int:
        if name in self.tools or name in VERBS:
            self.host_calls[id(node)] = node
            number, place = self._allocate(node, blob=True)
            self.graph.store(place, place)
            self.layers[number] = NOTHING
            return place
        given = self.graph.node()
        for source in sources:
            if name != "sorted":  # its key is told of the elements, and of nothing else that it is given
                self.graph.copy(source, given)
            self.graph.load(source, given)
        returned = self._callbacks(node, sources, given)
        if name in SCALAR or name in SPEAKS:
            return NOTHING
        if name in _CHOOSE:
            self.graph.copy(returned, given)
            return given
        number, place = self._allocate(node, steps=name in STEPS)
        if name not in FRESH:  # what sorted() is told by its key is not in what it makes
            self.graph.store(place, returned)
        for source in sources:
            self._spread(place, self.graph.reach(source) if name == "dict" else source)
            if name == "dict":  # dict(key=value), dict(pairs)
                self.graph.store(place, source)
        if name == "defaultdict":
            filled, product = self._allocate(node.func)
            self.products[id(node)] = filled
            self.graph.store(place, product)
            return place
        if name not in FRESH:
            self.layers[number] = given
            self.graph.store(place, place)
            self.graph.store(place, given)
        return place

    def _method_call(self, node: ir.Call, func: ir.Attribute, sources: list[int], field: int, result: int) -> int:
        """A method, or a function in a field of that name: `field` is what is called then, `result` what it gives."""
        receiver = self._expr(func.value)
        self.graph.load(receiver, field)
        self.calls[id(node)].append(field)
        if func.name in _SEVERAL:  # update([("key", value)]) takes apart what it is given, and does not say how far
            held = self._merged([self.graph.reach(source) for source in sources])
        else:
            held = self._merged(sources)
        given = self.graph.node()
        for source in (held, receiver, *(self.graph.contents(source) for source in sources)):
            self.graph.copy(source, given)
        self.graph.load(receiver, given)
        returned = self._fed_back(self._callbacks(node, sources, given), given)
        self._consumes(node, receiver)
        if func.name in MUTATORS:
            self._changes(node, receiver)
            self.graph.store(receiver, held)
        if func.name in TEXT:
            return result
        if func.name in _PICK:
            self.graph.copy(given, result)
            return result
        blob = func.name in ("loads", "model_validate", "model_validate_json", "deepcopy", "copy")
        number, place = self._allocate(node, blob=blob, steps=True)
        if not blob:
            self.layers[number] = given
        self.graph.store(place, place)
        self.graph.store(place, given)
        self.graph.store(place, returned)
        self.graph.copy(place, result)
        self.graph.copy(given, result)
        self.graph.copy(returned, result)
        return result


def _own_functions(outline: Outline) -> frozenset[str]:
    """Names that stand for functions of the plan wherever they are bound."""
    functions = {node.name for node in outline.of(ir.FunctionDef)}
    others = {param.name for param in outline.of(ir.Parameter)}
    for node in outline.of(ir.Assign):
        (functions if isinstance(node.value, ir.Lambda) else others).update(binds(node))
    for clause in outline.of(ir.Clause):
        others.update(target_names(clause.target))
    for binder in outline.of_any(_OTHER_BINDERS):
        others.update(binds(binder))
    return frozenset(functions - others)


def _number(node: ir.Expr, op: str) -> bool:
    """Whether an operand shows that the operation makes no container."""
    if isinstance(node, ir.FString) or op in ("/", "//", "**", "<<", ">>"):
        return True
    if isinstance(node, ir.Unary):
        return op != "*"
    return isinstance(node, ir.Constant) and (op != "*" or isinstance(node.value, float))


# The rules of statements, each for its class; of others the parts are looked at.
_STATEMENTS: Final[dict[type[ir.Node], Callable[[Constraints, ir.Stmt], object]]] = {
    ir.ExprStatement: lambda self, node: self._expr(node.value),  # type: ignore[union-attr, arg-type]  # its class
    ir.Assign: Constraints._assign,  # type: ignore[dict-item]  # as above
    ir.AugAssign: Constraints._augmented,  # type: ignore[dict-item]
    ir.AnnAssign: Constraints._annotated,  # type: ignore[dict-item]
    ir.If: Constraints._branch,  # type: ignore[dict-item]
    ir.For: Constraints._for,  # type: ignore[dict-item]
    ir.While: Constraints._while,  # type: ignore[dict-item]
    ir.FunctionDef: Constraints._function,  # type: ignore[dict-item]
    ir.Return: Constraints._return,  # type: ignore[dict-item]
    ir.Raise: Constraints._raise,  # type: ignore[dict-item]
    ir.Try: Constraints._try,  # type: ignore[dict-item]
    ir.Delete: Constraints._delete,  # type: ignore[dict-item]
    ir.Match: Constraints._match,  # type: ignore[dict-item]
}


# What is not here has parts and is no object: `children` are looked at, and nothing comes out.
_EXPRESSIONS: Final[dict[type[ir.Node], Callable[[Constraints, ir.Expr], int]]] = {
    ir.Constant: lambda self, node: NOTHING,
    ir.Name: Constraints._name,  # type: ignore[dict-item]  # each is called with nodes of its class
    ir.Logic: lambda self, node: self._either(node.values),  # type: ignore[union-attr]  # as above
    ir.Conditional: Constraints._conditional,  # type: ignore[dict-item]
    ir.Compare: Constraints._compare,  # type: ignore[dict-item]
    ir.Binary: Constraints._binary,  # type: ignore[dict-item]
    ir.Attribute: Constraints._attribute,  # type: ignore[dict-item]
    ir.Subscript: Constraints._subscript,  # type: ignore[dict-item]
    ir.Sequence: lambda self, node: self._display(node, node.items),  # type: ignore[union-attr]
    ir.DictDisplay: Constraints._dict_display,  # type: ignore[dict-item]
    ir.Comprehension: Constraints._comprehension,  # type: ignore[dict-item]
    ir.Lambda: lambda self, node: self._code(node, node.params, node.body),  # type: ignore[union-attr, arg-type]
    ir.Walrus: Constraints._walrus,  # type: ignore[dict-item]
    ir.Starred: lambda self, node: self._expr(node.value),  # type: ignore[union-attr, arg-type]
    ir.Call: Constraints._call,  # type: ignore[dict-item]
}
