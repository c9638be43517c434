"""What each piece of a plan may do: which hosts calls it makes, and which objects it may change.

Its one rule: over-approximate. A branch that is not taken must leave the same labels behind as one that is, so the
engine has to know what it could have changed, through aliases, called functions, closures, default arguments and
generators. That is a points-to question (`lang/pointsto.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ringfence.core.diagnostics import Span
from ringfence.lang import ir
from ringfence.lang.host import Site
from ringfence.lang.pointsto import Graph, Inclusion, Unification
from ringfence.lang.region import Region
from ringfence.lang.scope import bound, children, escapes, walk

PRECISE: Final = 3000  # nodes; larger plans get the cheaper analysis
VERBS: Final = frozenset({"quarantine", "quarantine_each"})
_SPEAKS: Final = frozenset({"answer", "print"})
MUTATORS: Final = frozenset(
    "append extend insert pop remove clear sort reverse update setdefault add discard popitem popleft appendleft "
    "extendleft rotate subtract intersection_update difference_update symmetric_difference_update "
    "move_to_end".split()
)
_PICK: Final = frozenset({"get", "pop", "setdefault", "popleft", "popitem"})
_TEXT: Final = frozenset(
    "lower upper strip lstrip rstrip title capitalize casefold swapcase startswith endswith replace join format "
    "zfill center ljust rjust count find rfind index rindex isdigit isalpha isalnum isspace isnumeric isupper islower "
    "strftime isoformat date time weekday isoweekday timestamp total_seconds encode decode removeprefix "
    "removesuffix expandtabs".split()
)
_SCALAR: Final = frozenset(
    "len str int float bool abs round ord chr repr format isinstance hash sum any all range divmod pow bin hex oct "
    "callable id type ascii issubclass Decimal date datetime time timedelta".split()
)
_FRESH: Final = frozenset({"list", "tuple", "set", "frozenset", "sorted", "dict", "deque", "Counter", "OrderedDict"})
_STEPS: Final = frozenset({"enumerate", "zip", "map", "filter", "reversed", "iter"})
_CHOOSE: Final = frozenset({"min", "max", "next"})
_FILLS: Final = frozenset({"defaultdict", "DefaultDict"})
_HIDES: Final = frozenset({"setitem", "delitem", "methodcaller", "attrgetter"})
_PURE_CALLS: Final = _SCALAR | _FRESH | _STEPS | {"min", "max"}


class _Code:
    """A function, lambda or generator expression: something whose body runs when it is called or consumed."""

    def __init__(self, node: ir.Node, body: tuple[ir.Node, ...], params: tuple[ir.Parameter, ...]) -> None:
        self.node = node
        self.body = body
        self.params = params


class Effects:
    """The analysis of one plan."""

    def __init__(self, body: tuple[ir.Stmt, ...], tools: frozenset[str]) -> None:
        self.tools = tools
        self.sites: list[Site] = []
        self.regions: list[Region] = [Region(ir.NOWHERE)]
        self._site_of: dict[int, int] = {}
        self._region_of: dict[int, int] = {}
        size = sum(1 for _ in walk(body))
        self._graph: Graph = Inclusion() if size <= PRECISE else Unification()
        self._builder = _Builder(self, body)
        self._graph.solve()
        self._codes = set(self._builder.codes)
        # Numbered as they end in the text, so that an argument's call comes before the call; whoever asks first.
        calls = [node for node in walk(body) if id(node) in self._builder.host_calls]
        for node in sorted(calls, key=lambda node: (node.span.end_line, node.span.end_column)):
            self.site(node)  # type: ignore[arg-type]  # only calls and names are in there
        self._whole = body
        self._mutated: set[int] = set()
        seen: set[int] = set()  # nodes that are one share one set, which is looked at once
        for targets, consumed in self._builder.mutations.values():
            for target in targets:
                points = self._graph.points(target)
                if id(points) not in seen:
                    seen.add(id(points))
                    self._mutated |= points
            for source in consumed:
                points = self._graph.points(source)
                if ~id(points) not in seen:
                    seen.add(~id(points))
                    self._mutated |= points & self._builder.iterators
        self._code_effects: dict[int, tuple[set[int], set[int], bool]] = {}

    @property
    def graph(self) -> Graph:
        return self._graph

    @property
    def companions(self) -> dict[int, tuple[frozenset[int], ...]]:
        """For each allocation site, the sets of sites that a change through one and the same expression may hit."""
        groups: dict[frozenset[int], None] = {}
        seen: set[int] = set()
        for targets, _ in self._builder.mutations.values():
            for target in targets:
                points = self._graph.points(target)
                if len(points) > 1 and id(points) not in seen:
                    seen.add(id(points))  # a set of many targets is one object, or as small as they are few
                    groups[frozenset(number + 1 for number in points)] = None
        found: dict[int, list[frozenset[int]]] = {}
        for group in groups:
            for number in group:
                found.setdefault(number, []).append(group)
        return {number: tuple(sets) for number, sets in found.items()}

    @property
    def deep_sites(self) -> frozenset[int]:
        """The allocation sites whose objects hold others that no site of the plan made."""
        return frozenset(number + 1 for number in self._builder.blobs)

    def child_site(self, node: ir.Node) -> int:
        """The allocation site of what a defaultdict made at `node` fills itself with; 0 if nothing changes those."""
        number = self._builder.products.get(id(node))
        return number + 1 if number is not None and number in self._mutated else 0

    def tracked(self, node: ir.Node) -> int | None:
        """The number of the allocation site at `node`, if something in the plan may change what it makes."""
        number = self._builder.allocated.get(id(node))
        return number + 1 if number is not None and number in self._mutated else None

    def site(self, node: ir.Call | ir.Name) -> int:
        """The number of the call site (or of the place where a tool is used as a value)."""
        found = self._site_of.get(id(node))
        if found is None:
            name = node.id if isinstance(node, ir.Name) else getattr(node.func, "id", "")
            found = len(self.sites)
            self.sites.append(Site(found, name, node.span))
            self._site_of[id(node)] = found
        return found

    def site_of_tool(self, name: str) -> int:
        """A site of its own for a tool that a variable of the same name stands for at first."""
        self.sites.append(Site(len(self.sites), name, ir.NOWHERE))
        return len(self.sites) - 1

    def total(self, nodes: Iterable[ir.Node]) -> bool:
        """Whether evaluating the expressions can neither fail nor do anything but give a value."""
        kinds = (ir.Constant, ir.Name, ir.FString, ir.Formatted, ir.Sequence, ir.Conditional, ir.Logic)
        for node in walk(nodes):
            if isinstance(node, ir.Compare) and all(op in ("==", "!=", "is", "is not") for op in node.ops):
                continue
            if isinstance(node, ir.Unary) and node.op == "not":
                continue
            if not isinstance(node, kinds) or (isinstance(node, ir.Formatted) and node.spec is not None):
                return False
        return True

    # Regions

    def region(self, node: ir.Node) -> int:
        """The number of the region that the construct at `node` decides about."""
        found = self._region_of.get(id(node))
        if found is None:
            sites, objects, answers = self._effects_of(self._decided(node))
            region = Region(
                node.span, tuple(self.sites[number] for number in sorted(sites)), tuple(sorted(objects)), answers
            )
            found = len(self.regions)
            self.regions.append(region)
            self._region_of[id(node)] = found
        return found

    def callbacks(self, node: ir.Call) -> int:
        """The region of all functions that the call at `node` may call; 0 if these can do nothing."""
        key = ~id(node)
        found = self._region_of.get(key)
        if found is None:
            sites: set[int] = set()
            objects: set[int] = set()
            answers = False
            for called in self._builder.calls.get(id(node), ()):
                for number in self._graph.points(called) & self._codes:
                    inner = self._code_effect(number)
                    sites |= inner[0]
                    objects |= inner[1]
                    answers = answers or inner[2]
            found = 0
            if sites or objects or answers:
                found = len(self.regions)
                placed = tuple(self.sites[number] for number in sorted(sites))
                self.regions.append(Region(node.span, placed, tuple(sorted(objects)), answers))
            self._region_of[key] = found
        return found

    def _decided(self, node: ir.Node) -> list[ir.Node]:
        match node:
            case ir.If(body=body, orelse=orelse):
                return [*body, *orelse, *self._skipped(node, escapes((*body, *orelse)))]
            case ir.For(body=body, orelse=orelse):
                return [node.target, *body, *orelse, *self._skipped(node, escapes((node,)))]
            case ir.While(test=test, body=body, orelse=orelse):
                return [test, *body, *orelse, *self._skipped(node, escapes((node,)))]
            case ir.Try(body=body, handlers=handlers, orelse=orelse):
                inner = [*body, *(s for h in handlers for s in h.body), *orelse]
                return [*inner, *self._skipped(node, escapes((node,)))]
            case ir.Match(cases=cases):
                inner = [s for case in cases for s in case.body]
                guards = [case.guard for case in cases if case.guard is not None]
                return [*guards, *inner, *self._skipped(node, escapes(inner))]
            case ir.Assert():
                return list(self._skipped(node, frozenset({"raise"})))
            case _:
                return list(children(node))

    def _skipped(self, node: ir.Node, ways: frozenset[str]) -> tuple[ir.Node, ...]:
        """What a jump out of `node` may skip: the rest of what bounds it (all of it, to be simple and safe)."""
        function, loop = self._builder.places.get(id(node), (self._whole, None))
        if ways - {"loop"}:
            return function
        return (loop,) if "loop" in ways and loop is not None else ()

    def _effects_of(self, nodes: Iterable[ir.Node]) -> tuple[set[int], set[int], bool]:
        sites: set[int] = set()
        objects: set[int] = set()
        answers = False
        for node in walk(nodes, into=_inside):
            own = self._own(node)
            sites |= own[0]
            objects |= own[1]
            answers = answers or own[2]
        return sites, objects, answers

    def _own(self, node: ir.Node) -> tuple[set[int], set[int], bool]:
        sites: set[int] = set()
        objects: set[int] = set()
        answers = False
        if id(node) in self._builder.host_calls:
            sites.add(self.site(node))  # type: ignore[arg-type]  # only calls and names are in there
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id in _SPEAKS:
            answers = True
        targets, consumed = self._builder.mutations.get(id(node), ((), ()))
        for target in targets:
            objects |= {number + 1 for number in self._graph.points(target)}
        for source in consumed:
            objects |= {number + 1 for number in self._graph.points(source) & self._builder.iterators}
        for called in self._builder.calls.get(id(node), ()):
            for number in self._graph.points(called) & self._codes:
                inner = self._code_effect(number)
                sites |= inner[0]
                objects |= inner[1]
                answers = answers or inner[2]
        return sites, objects, answers

    def _code_effect(self, number: int) -> tuple[set[int], set[int], bool]:
        found = self._code_effects.get(number)
        if found is not None:
            return found
        # All that can be reached by calls from here: a fixpoint over the call graph, by a walk over it.
        reached: set[int] = set()
        pending = [number]
        sites: set[int] = set()
        objects: set[int] = set()
        answers = False
        while pending:
            current = pending.pop()
            if current in reached:
                continue
            reached.add(current)
            for node in walk(self._builder.codes[current].body, into=_inside):
                if id(node) in self._builder.host_calls:
                    sites.add(self.site(node))  # type: ignore[arg-type]  # as above
                answers = answers or (
                    isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id in _SPEAKS
                )
                targets, consumed = self._builder.mutations.get(id(node), ((), ()))
                for target in targets:
                    objects |= {n + 1 for n in self._graph.points(target)}
                for source in consumed:
                    objects |= {n + 1 for n in self._graph.points(source) & self._builder.iterators}
                for called in self._builder.calls.get(id(node), ()):
                    pending.extend(self._graph.points(called) & self._codes)
        result = (sites, objects, answers)
        self._code_effects[number] = result
        return result


def _inside(node: ir.Node) -> bool:
    return not isinstance(node, (ir.FunctionDef, ir.Lambda, ir.ClassDef))


class _Builder:
    """Walks a plan once and writes its constraints."""

    def __init__(self, effects: Effects, body: tuple[ir.Stmt, ...]) -> None:
        self.effects = effects
        self.graph = effects.graph
        self.allocated: dict[int, int] = {}  # node -> allocation
        self.products: dict[int, int] = {}
        self.blobs: set[int] = set()
        self.iterators: set[int] = set()
        self.codes: dict[int, _Code] = {}
        self.host_calls: set[int] = set()
        self.calls: dict[int, list[int]] = {}
        self.mutations: dict[int, tuple[list[int], list[int]]] = {}
        self.places: dict[int, tuple[tuple[ir.Node, ...], ir.Node | None]] = {}
        self._count = 0
        self._scopes: list[dict[str, int]] = [{}]
        self._function: tuple[ir.Node, ...] = body
        self._loop: ir.Node | None = None
        self._results: list[int] = []
        self.nothing = self.graph.node()
        self.raised = self.graph.node()  # what any exception of the plan may hold
        self.own_functions = _own_functions(body)
        named = _mentioned(body)
        self.filling = not named.isdisjoint(_FILLS)
        self.hiding = not named.isdisjoint(_HIDES)
        self._declare(bound(body))
        self._block(body)

    # Small parts

    def _declare(self, names: Iterable[str]) -> None:
        self._scopes[-1].update((name, self.graph.node()) for name in names)

    def _variable(self, name: str) -> int | None:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return None

    def _allocate(self, node: ir.Node, *, blob: bool = False, steps: bool = False) -> tuple[int, int]:
        """A new allocation site at `node`: its number, and a graph node that points to it."""
        number = self._count
        self._count += 1
        self.allocated[id(node)] = number
        place = self.graph.node()
        self.graph.allocate(place, number)
        if blob:
            self.blobs.add(number)
        if steps:
            self.iterators.add(number)
        return number, place

    def _changes(self, node: ir.Node, target: int) -> None:
        self.mutations.setdefault(id(node), ([], []))[0].append(target)

    def _consumes(self, node: ir.Node, source: int) -> None:
        """What is consumed goes on where it stopped: the iterator, those it was made of, and the code in them."""
        everything = self._reach(source)
        self.mutations.setdefault(id(node), ([], []))[1].append(everything)
        self.calls.setdefault(id(node), []).append(everything)

    # Statements

    def _block(self, body: Iterable[ir.Stmt]) -> None:
        for statement in body:
            self.places[id(statement)] = (self._function, self._loop)
            self._statement(statement)

    def _statement(self, node: ir.Stmt) -> None:
        match node:
            case ir.ExprStatement(value=value):
                self._expr(value)
            case ir.Assign(targets=targets, value=value):
                source = self._expr(value)
                for target in targets:
                    self._bind(target, source, node)
            case ir.AugAssign(target=target, value=value):
                self._augmented(node, target, value)
            case ir.AnnAssign(target=target, value=value):
                if value is not None:
                    self._bind(target, self._expr(value), node)
            case ir.If(test=test, body=body, orelse=orelse):
                self._expr(test)
                self._block(body)
                self._block(orelse)
            case ir.For(target=target, iterable=iterable, body=body, orelse=orelse):
                self._iterated(node, target, self._expr(iterable))
                self._looped(node, body)
                self._block(orelse)
            case ir.While(test=test, body=body, orelse=orelse):
                self._expr(test)
                self._looped(node, body)
                self._block(orelse)
            case ir.FunctionDef(name=name, params=params, body=body):
                place = self._code(node, params, body)
                variable = self._variable(name)
                if variable is not None:
                    self.graph.copy(place, variable)
            case ir.Return(value=value):
                if value is not None:
                    self.graph.copy(self._expr(value), self._results[-1])
            case ir.Raise(error=error, cause=cause):
                for given in (error, cause):
                    if given is not None:
                        self.graph.copy(self._expr(given), self.raised)
            case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
                self._block(body)
                for handler in handlers:
                    if handler.type is not None:
                        self._expr(handler.type)
                    if handler.name is not None:
                        self._assign_name(handler.name, self._reach(self.raised))
                    self._block(handler.body)
                self._block(orelse)
                self._block(final)
            case ir.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ir.Subscript):
                        self._changes(node, self._expr(target.value))
                        self._expr(target.index)
            case ir.Match(subject=subject, cases=cases):
                source = self._expr(subject)
                everything = self._reach(source)
                for case in cases:
                    for name in bound((case.pattern,)):
                        self._assign_name(name, everything)
                    if case.guard is not None:
                        self._expr(case.guard)
                    self._block(case.body)
            case _:
                for part in children(node):
                    self._any(part)

    def _any(self, node: ir.Node) -> None:
        if isinstance(node, ir.ClassField):
            if node.default is not None:
                self._expr(node.default)
        elif not isinstance(node, (ir.Keyword, ir.ImportName)):
            self._expr(node)  # type: ignore[arg-type]  # the remaining statements hold expressions only

    def _looped(self, node: ir.Node, body: tuple[ir.Stmt, ...]) -> None:
        outer, self._loop = self._loop, node
        self._block(body)
        self._loop = outer

    def _augmented(self, node: ir.AugAssign, target: ir.Expr, value: ir.Expr) -> None:
        operand = self._expr(value)
        self._consumes(node, operand)
        current = self._expr(target)
        self._changes(node, current)
        _, fresh = self._allocate(target)
        for source in (current, operand):
            loaded = self.graph.node()
            self.graph.load(source, loaded)
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
                    loaded = self.graph.node()
                    self.graph.load(source, loaded)
                    self.graph.store(holder, loaded)
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
        inner = self.graph.node()
        self.graph.load(source, inner)
        self._bind(target, inner, node)

    def _code(self, node: ir.FunctionDef | ir.Lambda, params: tuple[ir.Parameter, ...], body: object) -> int:
        number, place = self._allocate(node)
        nodes = tuple(body) if isinstance(body, tuple) else (body,)
        defaults = [(param.name, self._expr(param.default)) for param in params if param.default is not None]
        scope = {param.name: self.graph.node() for param in params}
        self._scopes.append(scope)
        self._declare(name for name in bound(nodes) if name not in scope)
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
        self.codes[number] = _Code(node, nodes, params)
        outer = (self._function, self._loop)
        self._function, self._loop = nodes, None
        self._results.append(result)
        if isinstance(node, ir.FunctionDef):
            self._block(node.body)
        else:
            self.graph.copy(self._expr(node.body), result)
        self._results.pop()
        self._function, self._loop = outer
        self._scopes.pop()
        return place

    # Expressions

    def _reach(self, source: int) -> int:
        """A node that takes in all that can be reached from `source`."""
        node = self.graph.node()
        self.graph.copy(source, node)
        self.graph.load(node, node)
        return node

    def _expr(self, node: ir.Expr) -> int:
        self.places.setdefault(id(node), (self._function, self._loop))
        match node:
            case ir.Name(id=name):
                variable = self._variable(name)
                if variable is None and name in self.effects.tools:
                    self.host_calls.add(id(node))
                return self.nothing if variable is None else variable
            case ir.Logic(values=values):
                return self._either(values)
            case ir.Conditional(test=test, then=then, orelse=orelse):
                self._expr(test)
                return self._either((then, orelse))
            case ir.Compare(operands=operands, ops=ops):
                for index, operand in enumerate(operands):
                    source = self._expr(operand)
                    if index and ops[index - 1] in ("in", "not in"):
                        self._consumes(node, source)  # `x in iterator` goes on to where x is
                return self.nothing
            case ir.Binary(left=left, right=right, op=op):
                if _number(left, op) or _number(right, op):
                    self._expr(left)
                    self._expr(right)
                    return self.nothing
                _, fresh = self._allocate(node)
                for part in (left, right):
                    loaded = self.graph.node()
                    self.graph.load(self._expr(part), loaded)
                    self.graph.store(fresh, loaded)
                return fresh
            case ir.Attribute(value=value, name=name):
                source = self._expr(value)
                loaded = self.graph.node()
                self.graph.load(source, loaded)
                if name in MUTATORS:
                    self._bound_method(node, source, loaded)
                return loaded
            case ir.Subscript(value=value, index=index):
                source = self._expr(value)
                self._expr(index)
                loaded = self.graph.node()
                self.graph.load(source, loaded)
                if self.filling:  # a defaultdict makes what it is asked for
                    self.mutations.setdefault(id(node), ([], []))[1].append(source)
                if isinstance(index, ir.Slice):
                    _, fresh = self._allocate(node)
                    self.graph.store(fresh, loaded)
                    return fresh
                return loaded
            case ir.Sequence(items=items):
                return self._display(node, items)
            case ir.DictDisplay(keys=keys, values=values):
                place = self._display(node, tuple(v for k, v in zip(keys, values, strict=True) if k is not None))
                for key, value in zip(keys, values, strict=True):
                    if key is None:
                        self._spread(place, self._expr(value))
                    else:
                        self.graph.store(place, self._expr(key))
                return place
            case ir.Comprehension():
                return self._comprehension(node)
            case ir.Lambda(params=params, body=body):
                return self._code(node, params, body)
            case ir.Walrus(name=name, value=value):
                source = self._expr(value)
                self._assign_name(name, source)
                return source
            case ir.Starred(value=value):
                return self._expr(value)
            case ir.Call():
                return self._call(node)
            case _:
                for inner in children(node):
                    self._expr(inner)  # type: ignore[arg-type]  # below these stand expressions only
                return self.nothing

    def _either(self, values: tuple[ir.Expr, ...]) -> int:
        result = self.graph.node()
        for value in values:
            self.graph.copy(self._expr(value), result)
        return result

    def _spread(self, place: int, source: int) -> None:
        loaded = self.graph.node()
        self.graph.load(source, loaded)
        self.graph.store(place, loaded)

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
            self._declare(_targets(clause.target))
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
            self.codes[number] = _Code(node, tuple(inner), ())
        return place

    def _call(self, node: ir.Call) -> int:
        args = [self._expr(arg) for arg in node.args]
        named = {k.name: self._expr(k.value) for k in node.keywords if k.name is not None}
        loose = [self._expr(k.value) for k in node.keywords if k.name is None]
        loose += [arg for arg, part in zip(args, node.args, strict=True) if isinstance(part, ir.Starred)]
        everything = [*args, *named.values(), *loose]
        func = node.func
        if isinstance(func, ir.Name) and self._variable(func.id) is None:
            return self._outside_call(node, func.id, everything)
        if isinstance(func, ir.Attribute):
            return self._method_call(node, func, everything)
        called = self._expr(func)
        self.calls.setdefault(id(node), []).append(called)
        self._changes_bound(node, called)
        result = self.graph.node()
        spread = self.graph.node()
        for part in loose:
            self.graph.load(part, spread)
        self.graph.call(called, tuple(args), {str(k): v for k, v in named.items()}, (spread,), result)
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
        returned = self._callbacks(node, sources, given)
        _, place = self._allocate(node, blob=True, steps=True)
        self.graph.store(place, place)
        self.graph.store(place, given)
        self.graph.store(place, returned)
        for source in (place, given, returned):
            self.graph.copy(source, result)

    def _changes_bound(self, node: ir.Call, called: int) -> None:
        """A bound method may be called: what it was taken from may change."""
        self._changes(node, called)

    def _bound_method(self, node: ir.Attribute, receiver: int, loaded: int) -> None:
        """A method that changes its receiver, taken as a value: code that does so when it is called."""
        number, place = self._allocate(node)
        body = ir.Pass()
        self._changes(body, receiver)
        given = self.graph.node()
        self.graph.store(receiver, given)
        self.codes[number] = _Code(node, (body,), ())
        self.graph.code(number, {"*": given}, (), loaded)
        self.graph.copy(place, loaded)

    def _hidden_changes(self, node: ir.Node, sources: list[int]) -> None:
        """`operator.setitem` and its like change what they are given, also when another function calls them."""
        if self.hiding:
            for source in sources:
                everything = self._reach(source)
                self._changes(node, everything)
                self.graph.store(everything, everything)

    def _callbacks(self, node: ir.Node, sources: list[int], given: int) -> int:
        """Functions among the arguments of a built-in are called with what the built-in was given."""
        result = self.graph.node()
        for source in sources:
            self.calls.setdefault(id(node), []).append(source)
            self.graph.call(source, (), {}, (given,), result)
            self._consumes(node, source)
        self._hidden_changes(node, sources)
        return result

    def _outside_call(self, node: ir.Call, name: str, sources: list[int]) -> int:
        if name in self.effects.tools or name in VERBS:
            self.host_calls.add(id(node))
            number, place = self._allocate(node, blob=True)
            self.graph.store(place, place)
            return place
        given = self.graph.node()
        for source in sources:
            self.graph.copy(source, given)
            self.graph.load(source, given)
        returned = self._callbacks(node, sources, given)
        if name in _SCALAR or name in _SPEAKS:
            return self.nothing
        if name in _CHOOSE:
            self.graph.copy(returned, given)
            return given
        _, place = self._allocate(node, steps=name in _STEPS)
        self.graph.store(place, returned)
        for source in sources:
            self._spread(place, self._reach(source) if name == "dict" else source)
            if name == "dict":  # dict(key=value), dict(pairs)
                self.graph.store(place, source)
        if name == "defaultdict":
            number, product = self._allocate(node.func)
            self.products[id(node)] = number
            self.graph.store(place, product)
            return place
        if name not in _FRESH:
            self.graph.store(place, place)
            self.graph.store(place, given)
        return place

    def _method_call(self, node: ir.Call, func: ir.Attribute, sources: list[int]) -> int:
        receiver = self._expr(func.value)
        given = self.graph.node()
        for source in (*sources, receiver):
            self.graph.copy(source, given)
            self.graph.load(source, given)
        returned = self._callbacks(node, sources, given)
        self._consumes(node, receiver)
        if func.name in MUTATORS:
            self._changes(node, receiver)
            self.graph.store(receiver, given)
        if func.name in _TEXT:
            return self.nothing
        result = self.graph.node()
        # A field may hold a function.
        field = self.graph.node()
        self.graph.load(receiver, field)
        self.calls.setdefault(id(node), []).append(field)
        if func.name in _PICK:
            self.graph.copy(given, result)
            return result
        blob = func.name in ("loads", "model_validate", "model_validate_json", "deepcopy", "copy")
        _, place = self._allocate(node, blob=blob, steps=True)
        self.graph.store(place, place)
        self.graph.store(place, given)
        self.graph.store(place, returned)
        self.graph.copy(place, result)
        self.graph.copy(given, result)
        self.graph.copy(returned, result)
        return result


def _mentioned(body: tuple[ir.Stmt, ...]) -> frozenset[str]:
    """The names that a plan imports, and those of its attributes."""
    found: set[str] = set()
    for node in walk(body):
        if isinstance(node, (ir.ImportName, ir.Attribute)):
            found.add(node.name)
    return frozenset(found)


def _own_functions(body: tuple[ir.Stmt, ...]) -> frozenset[str]:
    """Names that stand for functions of the plan wherever they are bound."""
    functions: set[str] = set()
    others: set[str] = set()
    for node in walk(body):
        if isinstance(node, ir.FunctionDef):
            functions.add(node.name)
            others.update(param.name for param in node.params)
        elif isinstance(node, ir.Lambda):
            others.update(param.name for param in node.params)
        elif isinstance(node, ir.Assign) and isinstance(node.value, ir.Lambda):
            functions.update(name for target in node.targets for name in _targets(target))
        elif isinstance(
            node, (ir.Assign, ir.AugAssign, ir.AnnAssign, ir.For, ir.Walrus, ir.Import, ir.Match, ir.Clause)
        ):
            others.update(bound((node,)) if not isinstance(node, ir.Clause) else _targets(node.target))
    return frozenset(functions - others)


def _number(node: ir.Expr, op: str) -> bool:
    """Whether an operand shows that the operation makes no container."""
    if isinstance(node, ir.FString) or op in ("/", "//", "**", "<<", ">>"):
        return True
    if isinstance(node, ir.Unary):
        return op != "*"
    return isinstance(node, ir.Constant) and (op != "*" or isinstance(node.value, float))


def _targets(target: ir.Expr) -> Iterator[str]:
    from ringfence.lang.scope import target_names

    return target_names(target)


__all__ = ["Effects", "Region", "Span"]
