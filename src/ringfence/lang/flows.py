"""Before the run: what each call may be given, and from where.

Its one rule: sound bounds. The label of an argument at run time always lies below `high`, and above `low`; `None`
for `high` says that nothing is known. It reads the same plan that will run, once: for `high` without regard to the
order of statements, as a graph of what influences what (`lang/influence.py`), and for `low` along assignments that
always happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from ringfence.core.diagnostics import Span
from ringfence.core.labels import TRUSTED_PUBLIC, Label, join_all
from ringfence.core.values import Plain
from ringfence.lang import ir
from ringfence.lang.calling import bind
from ringfence.lang.check import CheckedPlan
from ringfence.lang.constraints import TEXT
from ringfence.lang.depth import preparing
from ringfence.lang.foreseen import FlowGraph, ForeseenArgument, ForeseenCall, ForeseenObservation
from ringfence.lang.host import Bounds, Signature
from ringfence.lang.influence import NOTHING, Influences, Reached
from ringfence.lang.raised import Raised
from ringfence.lang.render import render_expression
from ringfence.lang.scope import BINDERS, Outline, binds, children, escapes, target_names, walk
from ringfence.lang.sharing import Sharing
from ringfence.lang.values_of import literal

_READING: Final = TEXT | {"get", "keys", "values", "items", "index", "copy", "union", "most_common"}


def flows(checked: CheckedPlan) -> FlowGraph:
    """The forecast of a checked plan."""
    with preparing():
        return _Walk(checked).graph()


@final
@dataclass(frozen=True, slots=True)
class _Low:
    """What a label is certainly above: that of the whole (all that can be reached), and that of the shape alone."""

    deep: Label
    shape: Label

    def join(self, other: _Low) -> _Low:
        if other is _NONE:
            return self
        return _Low(self.deep.join(other.deep), self.shape.join(other.shape))


_NONE: Final = _Low(TRUSTED_PUBLIC, TRUSTED_PUBLIC)


@final
@dataclass(frozen=True, slots=True)
class _Given:
    """An argument, of which the graph will say what it may be."""

    node: int
    low: Label
    written: ir.Expr | str
    known: tuple[Plain] | None = None


@final
@dataclass(frozen=True, slots=True)
class _Place:
    """Where something happens: what decides about it, and whether it always happens."""

    node: ir.Call | ir.Name
    pc: int
    certain: bool
    arguments: Mapping[str, _Given]


class _Walk:
    """One walk over the plan, which makes the graph; each expression is a node of it."""

    def __init__(self, checked: CheckedPlan) -> None:
        self.checked = checked
        self.outline = checked.outline
        self.effects = checked.effects()
        counts, self.made_once = _assigned_once(checked.outline, checked.given)
        self.own = frozenset(counts) | frozenset(checked.given)
        self.functions = frozenset(node.name for node in checked.outline.of(ir.FunctionDef))
        self.codes = bool(self.functions) or checked.outline.has(ir.Lambda)
        sites = [f"{site.name}#{site.number}" for site in self.effects.sites]
        into = self.into = Influences([*(f"given:{name}" for name in sorted(checked.given)), *sites])
        self.lows: dict[int, _Low] = {}
        self.seen: dict[int, int] = {}
        self.variables: dict[str, int] = {}
        self.results: dict[int, int] = {}
        self.calls: dict[int, _Place] = {}
        self.observations: list[_Place] = []
        self.answers: list[tuple[Span, str]] = []
        self.bodies: list[tuple[ir.Node, ...]] = []
        self.anything, self.returned, self.answer, self.skipping = (into.node() for _ in range(4))
        self.sharing = Sharing(checked.outline, self.own, checked.signatures)
        self.grown = [into.node() for _ in range(self.sharing.count)]
        for group in self.sharing.open:
            into.flow(self.anything, self.grown[group])
        for group in self.sharing.changed | self.sharing.stepping:
            into.shade(self.skipping, self.grown[group])
        self.pc, self.certain, self.inside = NOTHING, True, False
        for name, bounds in checked.given.items():
            node = into.made(bounds.high, f"given:{name}")
            into.flow(node, self.variable(name))
            if counts.get(name, 0) == 0:
                self.lows[self.variables[name]] = self.lasting(name, _Low(bounds.low, bounds.shape))
        self.block(checked.plan.body)
        end, self.inside = self.pc, True
        while self.bodies:
            self.pc, self.certain = self.anything, False
            for part in self.bodies.pop():
                self.statement(part)
        self.pc = end
        self.pass_on()

    def pass_on(self) -> None:
        """Any call of a function of the plan may pass any variable, and what any call of the host gives."""
        for name in sorted(self.own):
            self.into.flow(self.variable(name), self.anything)
        for node in self.outline.of(ir.Call):
            if isinstance(node.func, ir.Name) and node.func.id in self.checked.signatures:
                self.into.flow(self.result(node), self.anything)

    def graph(self) -> FlowGraph:
        body = self.checked.plan.body
        last = body[-1] if body else None
        answer, text = self.answer, max(self.answers)[1] if self.answers else ""
        if isinstance(last, ir.ExprStatement) and not text:
            answer, text = self.into.join(answer, self.visit(last.value)), render_expression(last.value)
        answer = self.into.join(NOTHING, self.under_pc(answer))
        ending = {}
        for name in dict.fromkeys((*self.checked.given, *self.outline.bound(body))):
            ending[name] = _Given(self.under_pc(self.variable(name)), self.low_of_name(name).deep, name)
        return _told(self, Reached(self.into), _Given(answer, TRUSTED_PUBLIC, text), ending)

    # Variables and the objects that they hold

    def variable(self, name: str) -> int:
        found = self.variables.get(name)
        if found is None:
            found = self.variables[name] = self.into.node()
            group = self.sharing.of.get(name)
            if group is not None and name in self.own:
                self.into.flow(self.grown[group], found)
        return found

    def lasting(self, name: str, low: _Low) -> _Low:
        """What is sure of a variable for good: what its objects hold may be taken out of them again."""
        return _Low(low.shape, low.shape) if self.sharing.of.get(name) in self.sharing.changed else low

    def low_of_name(self, name: str) -> _Low:
        return self.lows.get(self.variable(name), _NONE)

    def under_pc(self, node: int) -> int:
        """The same, with the label of this place."""
        if not self.pc:
            return node
        found = self.into.node()
        self.into.flow(node, found)
        self.into.shade(self.pc, found)
        return found

    def assign(self, name: str, value: int) -> None:
        into, variable = self.into, self.variable(name)
        into.flow(value, variable)
        into.shade(self.pc, variable)

    def bind(self, target: ir.Expr, value: int, at: ir.Node) -> None:
        for name in target_names(target):
            self.assign(name, value)
        if type(target) is ir.Name:
            return
        for node in walk((target,)):
            if isinstance(node, (ir.Attribute, ir.Subscript)):
                self.grow(node.value, self.into.join(value, self.all(children(node))), at)

    def grow(self, holder: ir.Expr, value: int, at: ir.Node) -> None:
        """What is stored in an object reaches every variable that may hold it.

        Which object it is tells something, too, where the change at `at` may hit several.
        """
        if self.effects.hits_several(at):
            value = self.into.join(value, self.visit(holder))
        for node in walk((holder,)):
            if type(node) is ir.Name and node.id in self.sharing.variables:
                group = self.sharing.of.get(node.id)
                target = self.variable(node.id) if group is None else self.grown[group]
                self.into.flow(value, target)
                self.into.shade(self.pc, target)

    def step(self, taken: ir.Expr, *deciding: int) -> None:
        """How far an iterator has come depends on what decided about its steps."""
        if not self.sharing.stepping:
            return
        for node in walk((taken,)):
            if isinstance(node, ir.Name) and self.sharing.of.get(node.id) in self.sharing.stepping:
                for one in (self.pc, self.variable(node.id), *deciding):
                    self.into.shade(one, self.grown[self.sharing.of[node.id]])

    # Statements

    def block(self, body: Iterable[ir.Node]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: ir.Node) -> None:
        rule = _STATEMENTS.get(type(node))
        if rule is not None:
            rule(self, node)
        elif isinstance(node, (ir.ExprStatement, ir.ClassField)):
            self.all(children(node))
        else:
            self.visit(node)

    def decide(self, *tests: int) -> None:
        """What follows happens only if it was so decided."""
        for test in tests:
            self.pc = self.into.join(self.pc, test)

    def under(self, test: int, bodies: Iterable[Iterable[ir.Node]], whole: ir.Stmt, turn: int = NOTHING) -> None:
        """The parts of a construct that `test` decides about; `turn` is what decided about earlier turns of a loop."""
        pc, certain = self.pc, self.certain
        self.certain = False
        self.decide(test, turn)
        for body in bodies:
            self.block(body)
        self.into.flow(self.pc, turn) if turn else None
        for name in self.outline.bound((whole,)):
            self.assign(name, test)
        ways = escapes((whole,))
        if ways:
            self.certain = False  # what follows may be skipped, and is under the pc
            self.skips() if ways != {"loop"} else None
            return
        self.pc, self.certain = pc, certain

    def skips(self) -> None:
        """The rest of what is around may not happen as this place decides: any change there, also of turns before."""
        if not self.inside:
            self.into.flow(self.pc, self.skipping)

    def _assign(self, node: ir.Assign) -> None:
        value = self.visit(node.value)
        for target in node.targets:
            self.bind(target, value, node)
        first = node.targets[0]
        if type(first) is ir.Name and self.made_once.get(first.id) is node.value and value in self.lows:
            self.lows[self.variable(first.id)] = self.lasting(first.id, self.lows[value])

    def _augment(self, node: ir.AugAssign) -> None:
        found = self.into.join(self.visit(node.value), self.visit(node.target))
        self.step(node.value)
        self.bind(node.target, found, node)
        self.grow(node.target, found, node)

    def _annotate(self, node: ir.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.visit(node.value), node)

    def _if(self, node: ir.If) -> None:
        self.under(self.visit(node.test), (node.body, node.orelse), node)

    def _for(self, node: ir.For) -> None:
        source, turn = self.visit(node.iterable), self.into.node()
        self.bind(node.target, source, node)
        self.step(node.iterable, turn)
        self.under(source, (node.body, node.orelse), node, turn)

    def _while(self, node: ir.While) -> None:
        pc, turn = self.pc, self.into.node()
        self.decide(turn)
        test = self.visit(node.test)
        self.pc = pc
        self.under(test, (node.body, node.orelse), node, turn)

    def _match(self, node: ir.Match) -> None:
        source, pc, certain = self.visit(node.subject), self.pc, self.certain
        self.certain = False
        for case in node.cases:
            self.decide(source)
            for name in self.outline.bound((case.pattern,)):
                self.assign(name, source)
            for part in walk((case.pattern,)):
                if isinstance(part, (ir.ClassPattern, ir.ValuePattern)):
                    source = self.into.join(source, self.all(n for n in children(part) if isinstance(n, ir.Expr)))
            if case.guard is not None:
                source = self.into.join(source, self.visit(case.guard))
        self.pc, self.certain = pc, certain
        self.under(source, tuple(case.body for case in node.cases), node)

    def _try(self, node: ir.Try) -> None:
        touched = self.into.node()
        for part in walk(node.body):
            if isinstance(part, ir.Name) and part.id in self.own:
                self.into.flow(self.variable(part.id), touched)
            elif isinstance(part, ir.Call) and self.signature(part) is not None:
                self.into.flow(self.result(part), touched)
            if self.effects.runs_code(part):
                self.into.flow(self.anything, touched)
        for handler in node.handlers:
            if handler.name is not None:
                self.assign(handler.name, touched)
        self.under(touched, (node.body, *(one.body for one in node.handlers), node.orelse), node)
        self.block(node.final)

    def _assert(self, node: ir.Assert) -> None:
        self.decide(self.visit(node.test))
        self.skips()
        self.certain = False
        if node.message is not None:
            self.visit(node.message)

    def _raise(self, node: ir.Raise) -> None:
        self.all(children(node))
        self.certain = False

    def _delete(self, node: ir.Delete) -> None:
        for target in node.targets:
            self.bind(target, self.all(children(target)), node)

    def _function(self, node: ir.FunctionDef) -> None:
        self.assign(node.name, NOTHING)
        self.code(node.params, node.body)

    def code(self, params: tuple[ir.Parameter, ...], body: tuple[ir.Node, ...]) -> None:
        """A function's parameters may be anything that any call passes; its body may run under any pc of the plan."""
        for param in params:
            if param.default is not None:
                self.assign(param.name, self.visit(param.default))
            self.into.flow(self.anything, self.variable(param.name))
        self.bodies.append(body)

    def _return(self, node: ir.Return) -> None:
        if node.value is not None:
            self.into.flow(self.visit(node.value), self.returned)
        self.into.shade(self.pc, self.returned)
        self.certain = False

    def _class(self, node: ir.ClassDef) -> None:
        self.assign(node.name, self.all(children(node)))

    def _import(self, node: ir.Import) -> None:
        for name in binds(node):
            self.assign(name, NOTHING)

    # Expressions

    def all(self, nodes: Iterable[ir.Node]) -> int:
        found = NOTHING
        for node in nodes:
            if type(node) is not ir.Constant:
                found = self.into.join(found, self.visit(node))
        return found

    def visit(self, node: ir.Node) -> int:
        """The node of the graph for what an expression makes. Each is looked at once, at its place."""
        found = self.seen.get(id(node))
        if found is None:
            rule = _EXPRESSIONS.get(type(node))
            found = self.weak(self.all(children(node))) if rule is None else rule(self, node)
            self.seen[id(node)] = found
        return found

    def low(self, node: ir.Expr) -> _Low:
        return self.lows.get(self.visit(node), _NONE)

    def weak(self, node: int) -> int:
        """The same, of whose label nothing is sure: what is computed has no lower bound if nothing says so."""
        if node not in self.lows:
            return node
        found = self.into.node()
        self.into.flow(node, found)
        return found

    def surely(self, node: int, deep: Iterable[Label], shape: Iterable[Label] | None = None) -> int:
        """The same, with lower bounds: of the whole and of the shape (None: it has no parts, so that they are one)."""
        whole = join_all(set(deep))
        low = _Low(whole, whole if shape is None else join_all(set(shape)))
        node = self.weak(node)
        if low == _NONE or not node:
            return node
        found = self.into.node()
        self.into.flow(node, found)
        self.lows[found] = low
        return found

    def _name(self, node: ir.Name) -> int:
        name, into = node.id, self.into
        if name not in self.own:
            signature = self.checked.signatures.get(name)
            return NOTHING if signature is None else self.tool_value(node, signature)
        self.step(node)
        if name not in self.functions:
            return self.variable(name)
        # A function as a value may be called wherever it gets to, and gives there what it gives.
        found = into.node()
        into.flow(self.variable(name), found)
        into.flow(self.returned, found)
        into.shade(self.anything, found)
        return found

    def _logic(self, node: ir.Logic) -> int:
        first = self.visit(node.values[0])
        return self.surely(self.skipped(first, node.values[1:]), [self.low(node.values[0]).shape])

    def _compare(self, node: ir.Compare) -> int:
        left, right = node.operands[:2]
        found = self.into.join(self.visit(left), self.visit(right))
        for operand, op in zip(node.operands[1:], node.ops, strict=True):
            if op in ("in", "not in"):
                self.step(operand, found)
        if len(node.operands) > 2:
            return self.skipped(found, node.operands[2:])
        if node.ops[0] in _LOOKING:
            return self.weak(found)
        return self.surely(found, [self.low(left).shape, self.low(right).shape])

    def _conditional(self, node: ir.Conditional) -> int:
        found = self.skipped(self.visit(node.test), (node.then, node.orelse))
        return self.surely(found, [self.low(node.test).shape])

    def skipped(self, test: int, rest: Iterable[ir.Expr]) -> int:
        pc, certain = self.pc, self.certain
        self.decide(test)
        self.certain = False
        found = self.weak(self.into.join(test, self.all(rest)))
        self.pc, self.certain = pc, certain
        return found

    def _binary(self, node: ir.Binary) -> int:
        found = self.into.join(self.visit(node.left), self.visit(node.right))
        lows = [self.low(node.left), self.low(node.right)]
        shapes = [low.shape for low in lows]
        return self.surely(found, [low.deep for low in lows], shapes) if node.op == "+" else self.surely(found, shapes)

    def _unary(self, node: ir.Unary) -> int:
        return self.surely(self.visit(node.operand), [self.low(node.operand).shape])

    def _fstring(self, node: ir.FString) -> int:
        return self.surely(
            self.all(node.parts), [self.low(part.value).deep for part in node.parts if isinstance(part, ir.Formatted)]
        )

    def _sequence(self, node: ir.Sequence) -> int:
        found = self.all(node.items)
        if node.kind == "set":
            return self.weak(found)
        return self.surely(found, [self.low(item).deep for item in node.items], ())

    def _dict(self, node: ir.DictDisplay) -> int:
        found = self.all(children(node))
        keys = [key.value for key in node.keys if isinstance(key, ir.Constant)]
        if len(set(keys)) < len(node.keys):
            return self.weak(found)  # of two values with one key only the last is there
        return self.surely(found, [self.low(value).deep for value in node.values], ())

    def _subscript(self, node: ir.Subscript) -> int:
        found = self.into.join(self.visit(node.value), self.visit(node.index))
        if self.sharing.filling:  # a defaultdict makes what it is asked for
            self.grow(node.value, found, node)
        if self.parts(node.value):
            return self.weak(found)  # an element may have less than the whole
        return self.surely(found, [self.low(node.value).deep, self.low(node.index).shape])

    def _attribute(self, node: ir.Attribute) -> int:
        found = self.visit(node.value)
        return self.weak(found) if self.parts(node.value) else self.surely(found, [self.low(node.value).deep])

    def parts(self, node: ir.Expr) -> bool:
        """Whether a part of the value may have a lower label than the whole: it was put together in the plan."""
        root = node
        while isinstance(root, (ir.Attribute, ir.Subscript)):
            root = root.value
        if isinstance(root, ir.Name):
            root = self.made_once.get(root.id, root)
        return not (isinstance(root, ir.Call) and self.signature(root) is not None)

    def _walrus(self, node: ir.Walrus) -> int:
        found = self.visit(node.value)
        self.assign(node.name, found)
        return found

    def _lambda(self, node: ir.Lambda) -> int:
        self.code(node.params, (node.body,))
        return self.anything

    def _comprehension(self, node: ir.Comprehension) -> int:
        pc, certain = self.pc, self.certain
        found, turn = self.into.node(), self.into.node()
        self.decide(turn)
        self.into.shade(self.pc, found)
        if node.kind == "generator":  # it runs where it is consumed, and under the pc of that place
            self.decide(self.anything)
        for clause in node.clauses:
            source = self.visit(clause.iterable)
            self.step(clause.iterable, turn)
            self.into.flow(source, found)
            self.decide(source)
            self.certain = False
            self.bind(clause.target, source, node)
            for condition in clause.conditions:
                test = self.visit(condition)
                self.into.flow(test, found)
                self.decide(test)
        self.into.flow(self.visit(node.element), found)
        if node.value is not None:
            self.into.flow(self.visit(node.value), found)
        self.into.flow(self.pc, turn)
        self.pc, self.certain = pc, certain
        return found

    # Calls

    def signature(self, node: ir.Call) -> Signature | None:
        """That of the tool which is called."""
        func = node.func
        return self.checked.signatures.get(func.id) if isinstance(func, ir.Name) and func.id not in self.own else None

    def _call(self, node: ir.Call) -> int:
        signature = self.signature(node)
        if signature is not None:
            return self.tool_call(node, signature)
        func = node.func
        name = func.id if isinstance(func, ir.Name) and func.id not in self.own else ""
        rule = _HOST.get(name)
        if rule is not None:
            return rule(self, node)
        inputs = self.all((*node.args, *node.keywords))
        for arg in node.args:
            self.step(arg, inputs)
        if self.sharing.hiding:  # it may change what it is given
            for part in (*node.args, *(keyword.value for keyword in node.keywords)):
                self.grow(part, inputs, node)
        if isinstance(func, ir.Attribute):
            receiver = self.visit(func.value)
            self.step(func.value, inputs)
            if self.codes or func.name not in _READING:
                self.grow(func.value, inputs, node)
        elif isinstance(func, ir.Name) and func.id in self.own:
            self.step(func, inputs)
            receiver = self.into.join(self.variable(func.id), self.returned if self.codes else NOTHING)
        else:
            receiver = self.visit(func)
        found = self.weak(self.into.join(inputs, receiver))
        only = node.args[0] if len(node.args) == 1 else None
        if only is None or node.keywords or name not in _MEASURES:
            return found
        low = self.low(only)
        return self.surely(found, [low.deep if name in _WRITES else low.shape])

    def tool_value(self, node: ir.Name, signature: Signature) -> int:
        """A tool used as a value may be called anywhere, with anything."""
        anything = self.anything
        arguments = {param.name: _Given(anything, TRUSTED_PUBLIC, "?") for param in signature.params}
        self.calls[self.effects.site(node)] = _Place(node, anything, False, arguments)
        found = self.result(node)
        self.into.flow(found, anything)
        return self.into.join(anything, found)

    def result(self, node: ir.Call | ir.Name) -> int:
        """What a call of the host gives by its signature alone; also what a tool that is used as a value may give."""
        found = self.results.get(id(node))
        if found is None:
            name = node.id if isinstance(node, ir.Name) else getattr(node.func, "id", "")
            signature = self.checked.signatures.get(name)
            high = TRUSTED_PUBLIC if signature is None else signature.result.high
            found = self.results[id(node)] = self.into.made(high, f"{name}#{self.effects.site(node)}")
        return found

    def tool_call(self, node: ir.Call, signature: Signature) -> int:
        try:
            bound = bind(signature, node.args, {k.name: k.value for k in node.keywords if k.name is not None})
        except Raised:
            bound = {}
        spread = _spread(node)
        arguments: dict[str, _Given] = {}
        for param in signature.params:
            given = bound.get(param.name)
            if isinstance(given, tuple):
                arguments[param.name] = self.packed(given)
            elif isinstance(given, ir.Node):
                arguments[param.name] = self.argument(given)  # type: ignore[arg-type]  # arguments are expressions
            elif spread:
                arguments[param.name] = _Given(self.weak(self.all(spread)), TRUSTED_PUBLIC, "?")
        sure = [self.low(part).deep for part in (*node.args, *(keyword.value for keyword in node.keywords))]
        return self.surely(self.happens(node, arguments), [signature.result.low, *sure])

    def happens(self, node: ir.Call, arguments: Mapping[str, _Given]) -> int:
        """A call of the host. It may give back what it was given: its result is labelled with its arguments, too."""
        into, pc = self.into, self.pc
        found = into.node()
        inputs = self.all((*node.args, *node.keywords))
        # How many `*values` there are, and the names of `**values`, decide about the call.
        place = into.join(pc, self.all(one for one in _spread(node) if not _counted(one)))
        self.calls[self.effects.site(node)] = _Place(node, place, self.certain, arguments)
        into.flow(self.result(node), found)
        into.shade(inputs, found)
        into.shade(place, found)
        return found

    def verb_call(self, node: ir.Call) -> int:
        name = getattr(node.func, "id", "")
        arguments: dict[str, _Given] = {}
        plain = [arg.value if isinstance(arg, ir.Starred) else arg for arg in node.args]
        if plain:
            arguments["instruction"] = self.argument(plain[0])
        if len(plain) > 1:
            arguments["data" if name == "quarantine" else "items"] = self.packed(tuple(plain[1:]))
        for keyword in node.keywords:
            if keyword.name is not None and keyword.name != "returns":
                arguments[keyword.name] = self.argument(keyword.value)
        return self.happens(node, arguments)

    def observe(self, node: ir.Call) -> int:
        facts = {keyword.name: self.argument(keyword.value) for keyword in node.keywords if keyword.name is not None}
        self.observations.append(_Place(node, self.pc, self.certain, facts))
        self.certain = False  # it ends the round
        return NOTHING

    def refuse(self, node: ir.Call) -> int:
        self.all((*node.args, *node.keywords))
        self.certain = False
        return NOTHING

    def speak(self, node: ir.Call) -> int:
        self.into.flow(self.all((*node.args, *node.keywords)), self.answer)
        self.into.shade(self.pc, self.answer)
        text = ", ".join(render_expression(arg) for arg in node.args if not isinstance(arg, ir.Starred))
        self.answers.append((node.span, text))
        return NOTHING

    def argument(self, node: ir.Expr) -> _Given:
        return _Given(self.visit(node), self.low(node).deep, node, literal(node))

    def packed(self, nodes: tuple[ir.Expr, ...]) -> _Given:
        """Arguments that arrive as one tuple."""
        whole = ir.Sequence("tuple", nodes)
        low = join_all({self.low(node).deep for node in nodes})
        return _Given(self.weak(self.all(nodes)), low, whole, literal(whole))


_LOOKING: Final = frozenset({"in", "not in", "is", "is not"})  # at identities, or at as many elements as it takes
_WRITES: Final = frozenset({"str", "repr"})
_MEASURES: Final = _WRITES | {"len", "int", "float", "sorted", "list", "tuple"}

_STATEMENTS: Final[dict[type[ir.Node], Callable[[_Walk, ir.Node], None]]] = {  # each is called with its own class
    ir.Assign: _Walk._assign,  # type: ignore[dict-item]
    ir.AugAssign: _Walk._augment,  # type: ignore[dict-item]
    ir.AnnAssign: _Walk._annotate,  # type: ignore[dict-item]
    ir.If: _Walk._if,  # type: ignore[dict-item]
    ir.For: _Walk._for,  # type: ignore[dict-item]
    ir.While: _Walk._while,  # type: ignore[dict-item]
    ir.Match: _Walk._match,  # type: ignore[dict-item]
    ir.Try: _Walk._try,  # type: ignore[dict-item]
    ir.Assert: _Walk._assert,  # type: ignore[dict-item]
    ir.Raise: _Walk._raise,  # type: ignore[dict-item]
    ir.Delete: _Walk._delete,  # type: ignore[dict-item]
    ir.FunctionDef: _Walk._function,  # type: ignore[dict-item]
    ir.Return: _Walk._return,  # type: ignore[dict-item]
    ir.ClassDef: _Walk._class,  # type: ignore[dict-item]
    ir.Import: _Walk._import,  # type: ignore[dict-item]
}

_EXPRESSIONS: Final[dict[type[ir.Node], Callable[[_Walk, ir.Node], int]]] = {  # as above
    ir.Constant: lambda self, node: NOTHING,
    ir.Name: _Walk._name,  # type: ignore[dict-item]
    ir.Logic: _Walk._logic,  # type: ignore[dict-item]
    ir.Compare: _Walk._compare,  # type: ignore[dict-item]
    ir.Conditional: _Walk._conditional,  # type: ignore[dict-item]
    ir.Binary: _Walk._binary,  # type: ignore[dict-item]
    ir.Unary: _Walk._unary,  # type: ignore[dict-item]
    ir.FString: _Walk._fstring,  # type: ignore[dict-item]
    ir.Sequence: _Walk._sequence,  # type: ignore[dict-item]
    ir.DictDisplay: _Walk._dict,  # type: ignore[dict-item]
    ir.Subscript: _Walk._subscript,  # type: ignore[dict-item]
    ir.Attribute: _Walk._attribute,  # type: ignore[dict-item]
    ir.Walrus: _Walk._walrus,  # type: ignore[dict-item]
    ir.Lambda: _Walk._lambda,  # type: ignore[dict-item]
    ir.Comprehension: _Walk._comprehension,  # type: ignore[dict-item]
    ir.Call: _Walk._call,  # type: ignore[dict-item]
}

_HOST: Final[dict[str, Callable[[_Walk, ir.Call], int]]] = {
    "quarantine": _Walk.verb_call,
    "quarantine_each": _Walk.verb_call,
    "observe": _Walk.observe,
    "refuse": _Walk.refuse,
    "answer": _Walk.speak,
    "print": _Walk.speak,
}


def _told(walked: _Walk, reached: Reached, answer: _Given, ending: Mapping[str, _Given]) -> FlowGraph:
    """What the graph says of all that the walk came by."""

    def seen(given: _Given) -> ForeseenArgument:
        bounds = Bounds(given.low, reached.high(given.node))
        return ForeseenArgument(bounds, given.written, given.known, reached.sources(given.node))

    def many(given: Mapping[str, _Given]) -> dict[str, ForeseenArgument]:
        return {name: seen(one) for name, one in given.items()}

    sites = walked.effects.sites
    calls = []
    for number, place in sorted(walked.calls.items()):
        pc = Bounds(TRUSTED_PUBLIC, reached.high(place.pc))
        calls.append(ForeseenCall(sites[number], sites[number].name, pc, many(place.arguments), place.certain))
    observed = [
        ForeseenObservation(place.node.span, Bounds(TRUSTED_PUBLIC, reached.high(place.pc)), many(place.arguments))
        for place in sorted(walked.observations, key=lambda place: (place.node.span.line, place.node.span.column))
    ]
    return FlowGraph(tuple(calls), seen(answer), tuple(observed), many(ending))


def _spread(node: ir.Call) -> tuple[ir.Expr, ...]:
    """What the `*values` and `**values` of a call are taken from."""
    several = (arg.value for arg in node.args if isinstance(arg, ir.Starred))
    return (*several, *(keyword.value for keyword in node.keywords if keyword.name is None))


def _counted(node: ir.Expr) -> bool:
    """Whether the text says how many parts a display has."""
    plain = isinstance(node, ir.Sequence) and node.kind != "set"
    return plain and not any(isinstance(item, ir.Starred) for item in children(node))


def _assigned_once(outline: Outline, given: Iterable[str]) -> tuple[dict[str, int], dict[str, ir.Expr]]:
    """How often each name is bound; and those bound exactly once, by a plain assignment at the top of the plan."""
    counts: dict[str, int] = {}
    made: dict[str, ir.Expr] = {}

    def count(names: Iterable[str]) -> None:
        for name in names:
            counts[name] = counts.get(name, 0) + 1

    count(param.name for param in outline.of(ir.Parameter))
    for clause in outline.of(ir.Clause):
        count(target_names(clause.target))
    for node in outline.of_any(BINDERS):
        count(binds(node))
    for statement in outline.body:
        if isinstance(statement, ir.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ir.Name) and counts.get(target.id) == 1 and target.id not in given:
                made[target.id] = statement.value
    return counts, made
