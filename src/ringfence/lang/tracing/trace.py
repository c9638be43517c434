"""What the walk knows: the variables, the objects that they hold, the place where it is, and the graph it makes.

Its one rule: rather too much than too little. What each construct means is told by the rules it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar, final

from ringfence.core.diagnostics import Span
from ringfence.core.labels import TRUSTED_PUBLIC, Label, join_all
from ringfence.core.plain import Plain
from ringfence.lang import ir
from ringfence.lang.analysis.sharing import Sharing
from ringfence.lang.check import CheckedPlan
from ringfence.lang.host import Signature
from ringfence.lang.scope import BINDERS, Outline, binds, children, target_names, walk
from ringfence.lang.tracing.influence import NOTHING, Influences

_Result = TypeVar("_Result")
Rules: TypeAlias = "Mapping[type[ir.Node], Callable[[Trace, ir.Node], _Result]]"


@final
@dataclass(frozen=True, slots=True)
class Low:
    """What a label is certainly above: that of the whole (all that can be reached), and that of the shape alone."""

    deep: Label
    shape: Label

    def join(self, other: Low) -> Low:
        if other is NO_LOW:
            return self
        return Low(self.deep.join(other.deep), self.shape.join(other.shape))


NO_LOW: Final = Low(TRUSTED_PUBLIC, TRUSTED_PUBLIC)


@final
@dataclass(frozen=True, slots=True)
class Given:
    """An argument, of which the graph will say what it may be."""

    node: int
    low: Label
    written: ir.Expr | str
    known: tuple[Plain] | None = None


@final
@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens: what decides about it, and whether it always happens."""

    node: ir.Call | ir.Name
    pc: int
    certain: bool
    arguments: Mapping[str, Given]


@final
@dataclass(frozen=True, slots=True)
class Function:
    """A function of which every use is a call of it: what its body is under, and what it gives."""

    params: tuple[ir.Parameter, ...]
    entry: int
    returned: int


@final
class Trace:
    """One walk over the plan, which makes the graph; each expression is a node of it."""

    def __init__(self, checked: CheckedPlan, statements: Rules[None], expressions: Rules[int]) -> None:
        self.checked = checked
        self.statements = statements
        self.expressions = expressions
        self.outline = checked.outline
        self.effects = checked.effects()
        counts, self.made_once = _assigned_once(checked.outline, checked.given)
        for name in self.effects.named_alike:
            self.made_once.pop(name, None)  # it has another value before
        self.own = frozenset(counts) | frozenset(checked.given)
        self.functions = frozenset(node.name for node in checked.outline.of(ir.FunctionDef))
        self.codes = bool(self.functions) or checked.outline.has(ir.Lambda)
        sites = [f"{site.name}#{site.number}" for site in self.effects.sites]
        into = self.into = Influences([*(f"given:{name}" for name in sorted(checked.given)), *sites])
        self.lows: dict[int, Low] = {}
        self.seen: dict[int, int] = {}
        self.variables: dict[str, int] = {}
        self.results: dict[int, int] = {}
        self.texts: int | None = None  # see `said`
        self.calls: dict[int, Place] = {}
        self.observations: list[Place] = []
        self.answers: list[tuple[Span, str]] = []
        self.bodies: list[tuple[int, int, tuple[ir.Node, ...]]] = []
        self.anything, self.returned, self.answer, self.skipping = (into.node() for _ in range(4))
        self.entry, self.giving = NOTHING, self.returned
        self.only_called = {
            node.name: Function(node.params, into.node(), into.node())
            for node in _only_called(self.outline, counts)
            if node.name not in checked.given
        }
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
                self.lows[self.variables[name]] = self.lasting(name, Low(bounds.low, bounds.shape))

    def walk(self) -> None:
        """All of the plan: its top, then the bodies of functions."""
        self.block(self.checked.plan.body)
        end, self.inside = self.pc, True
        while self.bodies:
            self.entry, self.giving, body = self.bodies.pop()
            self.pc, self.certain = self.entry, False
            self.block(body)
            self.into.shade(self.pc, self.giving)
        self.pc = end
        self.pass_on()

    def variable(self, name: str) -> int:
        found = self.variables.get(name)
        if found is None:
            found = self.variables[name] = self.into.node()
            group = self.sharing.of.get(name)
            if group is not None and name in self.own:
                self.into.flow(self.grown[group], found)
        return found

    def lasting(self, name: str, low: Low) -> Low:
        """What is sure of a variable for good: what its objects hold may be taken out of them again."""
        return Low(low.shape, low.shape) if self.sharing.of.get(name) in self.sharing.changed else low

    def low_of_name(self, name: str) -> Low:
        return self.lows.get(self.variable(name), NO_LOW)

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

    def under_pc(self, node: int) -> int:
        """The same, with the label of this place."""
        if not self.pc:
            return node
        found = self.into.node()
        self.into.flow(node, found)
        self.into.shade(self.pc, found)
        return found

    def decide(self, *tests: int) -> None:
        """What follows happens only if it was so decided."""
        for test in tests:
            self.pc = self.into.join(self.pc, test)

    def code(self, params: tuple[ir.Parameter, ...], body: tuple[ir.Node, ...], name: str = "") -> None:
        """A body for later. Who is not known to be only called gets anything that any call passes, under any pc."""
        known = self.only_called.get(name)
        for param in params:
            if param.default is not None:
                self.assign(param.name, self.visit(param.default))
            if known is None:
                self.into.flow(self.anything, self.variable(param.name))
        self.bodies.append(
            (self.anything, self.returned, body) if known is None else (known.entry, known.returned, body)
        )

    def enter(self, function: Function, node: ir.Call) -> None:
        """A call of a function of the plan: its parameters get what is passed, its body is under this place."""
        into, inputs = self.into, self.all((*node.args, *node.keywords))
        into.flow(self.pc, function.entry)
        loose = any(isinstance(arg, ir.Starred) for arg in node.args) or any(k.name is None for k in node.keywords)
        order = [param for param in function.params if param.kind in ("only", "positional")]
        given = {param.name: self.visit(arg) for param, arg in zip(order, node.args, strict=False)}
        given |= {keyword.name: self.visit(keyword.value) for keyword in node.keywords if keyword.name is not None}
        for param in function.params:
            packed = loose or param.kind in ("args", "kwargs")
            into.flow(inputs if packed else given.get(param.name, NOTHING), self.variable(param.name))
            into.shade(function.entry, self.variable(param.name))
        if loose:
            into.flow(inputs, function.entry)

    def signature(self, node: ir.Call) -> Signature | None:
        """That of the tool which is called."""
        func = node.func
        return self.checked.signatures.get(func.id) if isinstance(func, ir.Name) and func.id not in self.own else None

    def result(self, node: ir.Call | ir.Name) -> int:
        """What a call of the host gives by its signature alone; also what a tool that is used as a value may give."""
        found = self.results.get(id(node))
        if found is None:
            name = node.id if isinstance(node, ir.Name) else getattr(node.func, "id", "")
            signature = self.checked.signatures.get(name)
            high = TRUSTED_PUBLIC if signature is None else signature.result.high
            found = self.results[id(node)] = self.into.made(high, f"{name}#{self.effects.site(node)}")
        return found

    def said(self) -> int:
        """The text with which any of the plan's tools may fail: it need not be what its results may be."""
        if self.texts is None:
            self.texts = self.into.node()
            for site in self.effects.sites:
                tool = self.checked.signatures.get(site.name)
                if tool is not None:
                    self.into.flow(self.into.made(tool.said, f"{site.name}#{site.number}"), self.texts)
        return self.texts

    def thrown(self) -> int:
        """How exceptions, and what they hold, may change."""
        return NOTHING if self.sharing.raised is None else self.grown[self.sharing.raised]

    def pass_on(self) -> None:
        """Any call of a function of the plan may pass any variable, and what any call of the host gives."""
        for name in sorted(self.own):
            self.into.flow(self.variable(name), self.anything)
        for node in self.outline.of(ir.Call):
            signature = self.signature(node)
            if signature is not None:
                self.into.flow(self.result(node), self.anything)
                self.into.shade(self.into.made(signature.fact), self.anything)

    def block(self, body: Iterable[ir.Node]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: ir.Node) -> None:
        rule = self.statements.get(type(node))
        if rule is not None:
            rule(self, node)
        elif isinstance(node, (ir.ExprStatement, ir.ClassField)):
            self.all(children(node))
        else:
            self.visit(node)

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
            rule = self.expressions.get(type(node))
            found = self.weak(self.all(children(node))) if rule is None else rule(self, node)
            self.seen[id(node)] = found
        return found

    def low(self, node: ir.Expr) -> Low:
        return self.lows.get(self.visit(node), NO_LOW)

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
        low = Low(whole, whole if shape is None else join_all(set(shape)))
        node = self.weak(node)
        if low == NO_LOW or not node:
            return node
        found = self.into.node()
        self.into.flow(node, found)
        self.lows[found] = low
        return found


def _only_called(outline: Outline, counts: Mapping[str, int]) -> list[ir.FunctionDef]:
    """The functions whose names mean nothing else, and are used for nothing but calls."""
    calls = [node.func.id for node in outline.of(ir.Call) if isinstance(node.func, ir.Name)]
    called, named = Counter(calls), Counter(node.id for node in outline.of(ir.Name))
    return [
        node for node in outline.of(ir.FunctionDef) if counts[node.name] == 1 and called[node.name] == named[node.name]
    ]


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
