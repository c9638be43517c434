"""Before the run: what each call may be given, and from where.

Its one rule: sound bounds. The label of an argument at run time always lies below `high`, and above `low`; `None`
for `high` says that nothing is known. It reads the same plan that will run, flow-insensitively for `high` and along
assignments that always happen for `low`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, final, get_args

from ringfence.core.diagnostics import Span
from ringfence.core.labels import EVERYONE, TRUSTED_PUBLIC, Everyone, Label
from ringfence.core.values import Plain
from ringfence.lang import ir
from ringfence.lang.calling import bind
from ringfence.lang.check import CheckedPlan
from ringfence.lang.depth import preparing
from ringfence.lang.host import UNKNOWN, Bounds, Signature, Site
from ringfence.lang.raised import Raised
from ringfence.lang.render import render_expression
from ringfence.lang.scope import BINDERS, Outline, binds, children, escapes, target_names, walk
from ringfence.lang.values_of import literal

VERBS: Final = frozenset({"quarantine", "quarantine_each"})
PUBLIC: Final = Bounds(TRUSTED_PUBLIC, TRUSTED_PUBLIC)


@final
@dataclass(frozen=True, slots=True)
class ForeseenArgument:
    """What is known of an argument: its label's bounds, its text in the plan, its value if it is written out."""

    bounds: Bounds
    text: str
    known: tuple[Plain] | None = None
    sources: tuple[str, ...] = ()  # the calls and variables it comes from: "list_events#0", "given:x"


@final
@dataclass(frozen=True, slots=True)
class ForeseenCall:
    """One call site. `certain`: it is reached whenever the plan runs to its end."""

    site: Site
    name: str
    pc: Bounds
    arguments: Mapping[str, ForeseenArgument]
    certain: bool


@final
@dataclass(frozen=True, slots=True)
class Flow:
    """Data that reaches a sink: from a call (or the plan's text, or a given variable) to a parameter of a call."""

    source: str
    sink: str
    parameter: str
    bounds: Bounds


@final
@dataclass(frozen=True, slots=True)
class ForeseenObservation:
    """One `observe(...)`: its place, the label of that, and what it reports."""

    span: Span
    pc: Bounds
    facts: Mapping[str, ForeseenArgument]


@final
@dataclass(frozen=True, slots=True)
class FlowGraph:
    """The calls of a plan in the order of its text, and the flows between them (`answer` is a sink, too).

    `variables` are those of the plan itself, with the bounds of what they may hold when it ends by itself.
    """

    calls: tuple[ForeseenCall, ...]
    flows: tuple[Flow, ...]
    answer: ForeseenArgument
    observations: tuple[ForeseenObservation, ...] = ()
    variables: Mapping[str, ForeseenArgument] = field(default_factory=dict)


def flows(checked: CheckedPlan) -> FlowGraph:
    """The forecast of a checked plan."""
    with preparing():
        return _Analysis(checked).graph()


@final
@dataclass(frozen=True, slots=True)
class _Known:
    """The abstract value of an expression: the bounds of its deep label and the calls it comes from."""

    low: Label
    high: Label | None
    sources: frozenset[str]

    def join(self, other: _Known) -> _Known:
        high = None if self.high is None or other.high is None else self.high.join(other.high)
        return _Known(self.low.join(other.low), high, self.sources | other.sources)

    def either(self, other: _Known) -> _Known:
        """One or the other, not known which."""
        low = Label(self.low.sources & other.low.sources, _either_readers(self.low, other.low))
        high = None if self.high is None or other.high is None else self.high.join(other.high)
        return _Known(low, high, self.sources | other.sources)

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.low, self.high)


def _either_readers(left: Label, right: Label) -> Iterable[str] | Everyone:
    if left.public or right.public:
        return EVERYONE
    assert isinstance(left.readers, frozenset)
    assert isinstance(right.readers, frozenset)
    return left.readers | right.readers


_NOTHING: Final = _Known(TRUSTED_PUBLIC, TRUSTED_PUBLIC, frozenset())


class _Analysis:
    """Variables to abstract values, by a fixpoint over the plan; then one look at each call."""

    def __init__(self, checked: CheckedPlan) -> None:
        self.checked = checked
        self.outline = checked.outline
        self.effects = checked.effects()
        self.variables: dict[str, _Known] = {}
        self.assigned: dict[str, int] = {}
        counts, self.certain_names = _assigned_once(checked.outline)
        self.own = frozenset(counts) | frozenset(checked.given)
        for name, bounds in checked.given.items():
            self.variables[name] = _Known(bounds.low, bounds.high, frozenset({f"given:{name}"}))
        self.pc = _NOTHING
        self.certain = True
        self.calls: dict[int, ForeseenCall] = {}
        self.observations: dict[int, ForeseenObservation] = {}
        self.answer = _NOTHING
        self.answer_text = ""
        self.returned: dict[str, _Known] = {}
        self.turns: dict[int, _Known] = {}
        self.groups = _Groups(checked.outline).of
        self.grown: dict[int, _Known] = {}
        self.passed_on: _Known | None = None
        self.changed = True
        rounds = 0
        while self.changed and rounds < 50:
            self.changed = False
            self.grown, self.passed_on = {}, None
            self.pc, self.certain = _NOTHING, True
            rounds += 1
            self.block(checked.plan.body)
        if self.changed:
            # It did not settle: nothing is known.
            unknown = _Known(TRUSTED_PUBLIC, None, frozenset())
            self.variables = dict.fromkeys(self.variables, unknown)
            self.returned["*"] = unknown
            self.pc, self.certain, self.passed_on = unknown, False, None
            self.block(checked.plan.body)

    def graph(self) -> FlowGraph:
        calls = tuple(self.calls[number] for number in sorted(self.calls))
        found: list[Flow] = []
        for call in calls:
            for name, argument in call.arguments.items():
                found += [
                    Flow(source, f"{call.name}#{call.site.number}", name, argument.bounds)
                    for source in argument.sources
                ]
        body = self.checked.plan.body
        last = body[-1] if body else None
        answer, text = self.answer, self.answer_text
        if isinstance(last, ir.ExprStatement) and not self.answer_text:
            answer, text = self.value(last.value), render_expression(last.value)
        answer = answer.join(self.weak(self.pc))
        argument = ForeseenArgument(answer.bounds, text, None, tuple(sorted(answer.sources)))
        found += [Flow(source, "answer", "value", argument.bounds) for source in argument.sources]
        return FlowGraph(calls, tuple(found), argument, tuple(self.observations.values()), self.ending())

    def ending(self) -> dict[str, ForeseenArgument]:
        """The variables of the plan itself at its end."""
        made: dict[str, ForeseenArgument] = {}
        for name in dict.fromkeys((*self.checked.given, *self.outline.bound(self.checked.plan.body))):
            known = self.variables.get(name, _NOTHING).join(self.weak(self.pc))
            made[name] = ForeseenArgument(known.bounds, name, None, tuple(sorted(known.sources)))
        return made

    # Statements

    def assign(self, name: str, value: _Known) -> None:
        sure = name in self.certain_names
        value = value if sure else _Known(TRUSTED_PUBLIC, value.high, value.sources)
        value = _Known(
            value.low,
            None if self.pc.high is None or value.high is None else value.high.join(self.pc.high),
            value.sources,
        )
        before = self.variables.get(name)
        joined = value if before is None else before.join(value)
        if before is not None and not sure:
            joined = _Known(TRUSTED_PUBLIC, joined.high, joined.sources)
        if sure and before is not None:
            joined = _Known(value.low, joined.high, joined.sources)
        if joined != before:
            self.variables[name] = joined
            self.changed = True

    def bind(self, target: ir.Expr, value: _Known) -> None:
        for name in target_names(target):
            self.assign(name, value)
        for node in walk((target,)):
            if isinstance(node, (ir.Attribute, ir.Subscript)):
                self.grow(node.value, value.join(self.visit_all(children(node))))

    def grow(self, holder: ir.Expr, value: _Known) -> None:
        """What is stored in an object reaches every variable that may hold it: its root names and their aliases."""
        weak = self.weak(value.join(self.pc))
        for name in {node.id for node in walk((holder,)) if isinstance(node, ir.Name)}:
            group = self.groups.get(name)
            if group is None:
                self.grow_one(name, weak)
                continue
            # Within a round it is enough to say the same of a group once; what is bound later follows in the next.
            before = self.grown.get(id(group))
            joined = weak if before is None else before.join(weak)
            if joined != before:
                self.grown[id(group)] = joined
                for member in group:
                    self.grow_one(member, joined)

    def grow_one(self, name: str, weak: _Known) -> None:
        if name not in self.own:
            return
        before = self.variables.get(name, _NOTHING)
        joined = before.join(weak)
        joined = _Known(before.low, joined.high, joined.sources)
        if joined != before:
            self.variables[name] = joined
            self.changed = True

    def block(self, body: Iterable[ir.Stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def under(self, test: _Known, bodies: Iterable[tuple[ir.Stmt, ...]], whole: ir.Stmt) -> None:
        pc, certain = self.pc, self.certain
        self.pc = self.pc_with(test.join(self.turns.get(id(whole), _NOTHING)))
        self.certain = False
        for body in bodies:
            self.block(body)
        if isinstance(whole, (ir.For, ir.While)):
            self.turned(whole)
        decided = test.join(self.pc)
        for name in self.outline.bound((whole,)):
            if name in self.variables:
                self.assign(name, _Known(TRUSTED_PUBLIC, decided.high, decided.sources))
        if escapes((whole,)):
            self.certain = False  # what follows may be skipped, and is under the pc
            return
        self.pc, self.certain = pc, certain

    def turned(self, node: ir.Node) -> None:
        """What decided about one turn of a loop decides about the next from its beginning: in the next round."""
        before = self.turns.get(id(node), _NOTHING)
        if before.join(self.pc).high != before.high:
            self.turns[id(node)] = self.weak(before.join(self.pc))
            self.changed = True

    def pc_with(self, test: _Known) -> _Known:
        return _Known(TRUSTED_PUBLIC, self.pc.join(test).high, frozenset())

    def statement(self, node: ir.Stmt) -> None:
        match node:
            case ir.Assign(targets=targets, value=value):
                found = self.visit(value)
                for target in targets:
                    self.bind(target, found)
            case ir.AugAssign(target=target, value=value):
                found = self.visit(value).join(self.visit(target))
                self.bind(target, _Known(TRUSTED_PUBLIC, found.high, found.sources))
                self.grow(target, found)
            case ir.AnnAssign(target=target, value=value):
                if value is not None:
                    self.bind(target, self.visit(value))
            case ir.If(test=test, body=body, orelse=orelse):
                self.under(self.visit(test), (body, orelse), node)
            case ir.For(target=target, iterable=iterable, body=body, orelse=orelse):
                source = self.visit(iterable)
                pc = self.pc
                self.bind(target, _Known(TRUSTED_PUBLIC, source.high, source.sources))
                self.pc = pc
                self.under(source, (body, orelse), node)
            case ir.While(test=test, body=body, orelse=orelse):
                pc = self.pc
                self.pc = self.pc_with(self.turns.get(id(node), _NOTHING))
                found = self.visit(test)
                self.pc = pc
                self.under(found, (body, orelse), node)
            case ir.Match(subject=subject, cases=cases):
                source = self.visit(subject)
                for case in cases:
                    for name in self.outline.bound((case.pattern,)):
                        self.assign(name, _Known(TRUSTED_PUBLIC, source.high, source.sources))
                    if case.guard is not None:
                        source = source.join(self.visit(case.guard))
                self.under(source, tuple(case.body for case in cases), node)
            case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
                touched = _NOTHING
                for part in walk(body):
                    if isinstance(part, ir.Name) and part.id in self.variables:
                        touched = touched.join(self.variables[part.id])
                    elif isinstance(part, ir.Call):
                        touched = touched.join(self.result(part))
                for handler in handlers:
                    if handler.name is not None:
                        self.assign(handler.name, _Known(TRUSTED_PUBLIC, touched.high, touched.sources))
                self.under(touched, (body, *(h.body for h in handlers), orelse), node)
                self.block(final)
            case ir.Assert(test=test):
                found = self.visit(test)
                self.pc = _Known(TRUSTED_PUBLIC, self.pc.join(found).high, frozenset())
                self.certain = False
            case ir.Delete(targets=targets):
                for target in targets:
                    self.bind(target, self.visit_all(children(target)))
            case ir.FunctionDef():
                self.function(node, node.params, node.body)
            case ir.Return(value=value):
                if value is not None:
                    found = self.visit(value)
                    before = self.returned.get("*", _NOTHING)
                    joined = before.join(_Known(TRUSTED_PUBLIC, found.join(self.pc).high, found.sources))
                    if joined != before:
                        self.returned["*"] = joined
                        self.changed = True
                self.certain = False
            case ir.Raise():
                self.visit_all(children(node))
                self.certain = False
            case _:
                self.visit_all(children(node))

    def function(self, node: ir.Node, params: tuple[ir.Parameter, ...], body: Iterable[ir.Node]) -> None:
        """A function's parameters may be anything that any call passes; its body may run under any pc of the plan."""
        for param in params:
            if param.default is not None:
                self.assign(param.name, self.weak(self.visit(param.default)))
            self.assign(param.name, self.passed())
        pc, certain = self.pc, self.certain
        self.pc, self.certain = self.anywhere(), False
        for part in body:
            if isinstance(part, ir.Lambda):
                self.visit(part)
            elif hasattr(part, "span"):
                self.part(part)
        self.pc, self.certain = pc, certain

    def part(self, node: ir.Node) -> None:
        self.statement(node)  # type: ignore[arg-type]  # expressions fall through to their visit
        return

    def weak(self, value: _Known) -> _Known:
        return _Known(TRUSTED_PUBLIC, value.high, value.sources)

    def passed(self) -> _Known:
        """What any call of a function of the plan may pass: the join of all variables and calls.

        Worked out once in a round: what changes in a round begins another one, and in the last nothing changes.
        """
        if self.passed_on is not None:
            return self.passed_on
        found = _NOTHING
        for value in self.variables.values():
            found = found.join(value)
        for node in self.outline.of(ir.Call):
            found = found.join(self.result(node))
        self.passed_on = self.weak(found)
        return self.passed_on

    def anywhere(self) -> _Known:
        return self.passed()

    # Expressions

    def visit_all(self, nodes: Iterable[ir.Node]) -> _Known:
        found = _NOTHING
        for node in nodes:
            found = found.join(self.visit(node))
        return found

    def value(self, node: ir.Expr) -> _Known:
        return self.visit(node)

    def visit(self, node: ir.Node) -> _Known:
        match node:
            case ir.Constant():
                return _NOTHING
            case ir.Name(id=name):
                found = self.variables.get(name)
                if name in self.checked.signatures and name not in self.own:
                    return self.tool_value(node, self.checked.signatures[name])
                return _NOTHING if found is None else found
            case ir.Logic(values=values):
                first = self.visit(values[0])
                return self.skipped(first, values[1:])
            case ir.Compare(operands=operands):
                found = self.visit(operands[0]).join(self.visit(operands[1]))
                return found if len(operands) == 2 else self.skipped(found, operands[2:])
            case ir.Conditional(test=test, then=then, orelse=orelse):
                return self.skipped(self.visit(test), (then, orelse))
            case ir.Comprehension():
                return self.comprehension(node)
            case ir.Lambda(params=params, body=body):
                self.function(node, params, (ir.ExprStatement(body),))
                return self.weak(self.passed())
            case ir.Walrus(name=name, value=value):
                found = self.visit(value)
                self.assign(name, self.weak(found))
                return found
            case ir.Subscript(value=value, index=index):
                found = self.visit(value)
                inner = self.visit(index)
                # An element may have less than the whole: the label of the shape is all that is sure.
                return (
                    _Known(TRUSTED_PUBLIC, found.join(inner).high, found.sources | inner.sources)
                    if self.parts(value)
                    else found.join(inner)
                )
            case ir.Attribute(value=value):
                found = self.visit(value)
                return self.weak(found) if self.parts(value) else found
            case ir.Call():
                return self.call(node)
            case ir.Keyword(value=value) | ir.Starred(value=value):
                return self.visit(value)
            case _:
                return self.visit_all(children(node))

    def parts(self, node: ir.Expr) -> bool:
        """Whether a part of the value may have a lower label than the whole: it was put together in the plan."""
        root = node
        while isinstance(root, (ir.Attribute, ir.Subscript)):
            root = root.value
        if isinstance(root, ir.Call) and isinstance(root.func, ir.Name):
            return root.func.id not in self.checked.signatures
        if isinstance(root, ir.Name):
            made = self.certain_names.get(root.id)
            return not (
                isinstance(made, ir.Call) and isinstance(made.func, ir.Name) and made.func.id in self.checked.signatures
            )
        return True

    def skipped(self, test: _Known, rest: Iterable[ir.Expr]) -> _Known:
        pc, certain = self.pc, self.certain
        self.pc = _Known(TRUSTED_PUBLIC, self.pc.join(test).high, frozenset())
        self.certain = False
        found = test
        for node in rest:
            found = found.join(self.weak(self.visit(node)))
        self.pc, self.certain = pc, certain
        return found

    def comprehension(self, node: ir.Comprehension) -> _Known:
        pc, certain = self.pc, self.certain
        found = self.pc = self.pc_with(self.turns.get(id(node), _NOTHING))
        if node.kind == "generator":
            # It runs where it is consumed, and under the pc of that place.
            self.pc = self.pc_with(self.anywhere())
        for clause in node.clauses:
            source = self.visit(clause.iterable)
            found = found.join(source if clause is node.clauses[0] else self.weak(source))
            self.pc = _Known(TRUSTED_PUBLIC, self.pc.join(source).high, frozenset())
            self.certain = False
            for name in target_names(clause.target):
                self.assign(name, self.weak(source))
            for condition in clause.conditions:
                test = self.visit(condition)
                found = found.join(self.weak(test))
                self.pc = _Known(TRUSTED_PUBLIC, self.pc.join(test).high, frozenset())
        found = found.join(self.weak(self.visit(node.element)))
        if node.value is not None:
            found = found.join(self.weak(self.visit(node.value)))
        self.turned(node)
        self.pc, self.certain = pc, certain
        return self.weak(found)

    def result(self, node: ir.Node) -> _Known:
        """The result of a host call by its signature alone; also what a tool that is used as a value may give."""
        func = node.func if isinstance(node, ir.Call) else node
        name = func.id if isinstance(func, ir.Name) else ""
        signature = self.checked.signatures.get(name)
        if signature is None or not isinstance(node, (ir.Call, ir.Name)):
            return _NOTHING
        return self.signed(signature, f"{name}#{self.effects.site(node)}")

    def call(self, node: ir.Call) -> _Known:
        args = [self.visit(arg) for arg in node.args]
        named = [self.visit(keyword.value) for keyword in node.keywords]
        inputs = _NOTHING
        for one in (*args, *named):
            inputs = inputs.join(one)
        func = node.func
        if isinstance(func, ir.Name) and func.id in self.checked.signatures and func.id not in self.own:
            self.foresee(node, self.checked.signatures[func.id])
            # A tool may give back what it was given: the monitor labels its result with its arguments, too.
            sources = self.result(node).sources
            found = self.result(node).join(inputs)
            return _Known(found.low, None if self.pc.high is None else found.join(self.pc).high, sources)
        if isinstance(func, ir.Name) and func.id in VERBS:
            self.foresee_verb(node, func.id)
            sources = frozenset({f"{func.id}#{self.effects.site(node)}"})
            return _Known(TRUSTED_PUBLIC, inputs.join(self.pc).high, sources)
        if isinstance(func, ir.Name) and func.id == "observe" and func.id not in self.own:
            facts = {
                keyword.name: self.argument(keyword.value) for keyword in node.keywords if keyword.name is not None
            }
            self.observations[id(node)] = ForeseenObservation(node.span, Bounds(TRUSTED_PUBLIC, self.pc.high), facts)
            return _NOTHING
        if isinstance(func, ir.Name) and func.id in ("answer", "print"):
            self.answer = self.answer.join(self.weak(inputs.join(self.pc)))
            self.answer_text = ", ".join(render_expression(arg) for arg in node.args if not isinstance(arg, ir.Starred))
            return _NOTHING
        receiver = self.visit(func.value) if isinstance(func, ir.Attribute) else self.visit(func)
        if isinstance(func, ir.Attribute):
            self.grow(func.value, inputs)
        elif isinstance(func, ir.Name) and func.id in self.own:
            inputs = inputs.join(self.returned.get("*", _NOTHING))
        everything = inputs.join(receiver)
        if isinstance(func, ir.Name) and func.id in ("str", "len", "int", "float", "sorted", "list", "repr", "tuple"):
            return everything
        return self.weak(everything)

    # Calls of the host

    def tool_value(self, node: ir.Name, signature: Signature) -> _Known:
        """A tool used as a value may be called anywhere, with anything."""
        number = self.effects.site(node)
        anything = self.passed()
        arguments = {
            param.name: ForeseenArgument(
                Bounds(TRUSTED_PUBLIC, anything.high), "?", None, tuple(sorted(anything.sources))
            )
            for param in signature.params
        }
        pc = Bounds(TRUSTED_PUBLIC, anything.high)
        self.calls[number] = ForeseenCall(self.effects.sites[number], signature.name, pc, arguments, False)
        found = anything.join(self.signed(signature, f"{signature.name}#{number}"))
        return self.weak(found)

    def signed(self, signature: Signature, source: str) -> _Known:
        """A result by its signature alone."""
        return _Known(signature.result.low, signature.result.high, frozenset({source}))

    def foresee(self, node: ir.Call, signature: Signature) -> None:
        try:
            arguments = bind(signature, node.args, {k.name: k.value for k in node.keywords if k.name is not None})
        except Raised:
            arguments = {}
        loose = any(isinstance(arg, ir.Starred) for arg in node.args) or any(k.name is None for k in node.keywords)
        foreseen: dict[str, ForeseenArgument] = {}
        for param in signature.params:
            given = arguments.get(param.name)
            if isinstance(given, tuple):
                foreseen[param.name] = self.argument(ir.Sequence("tuple", given))
            elif isinstance(given, ir.Node):
                foreseen[param.name] = self.argument(given)  # type: ignore[arg-type]  # arguments are expressions
            elif loose:
                foreseen[param.name] = ForeseenArgument(UNKNOWN, "?")
        self.record(node, signature.name, foreseen)

    def foresee_verb(self, node: ir.Call, name: str) -> None:
        foreseen: dict[str, ForeseenArgument] = {}
        plain = [arg.value if isinstance(arg, ir.Starred) else arg for arg in node.args]
        if plain:
            foreseen["instruction"] = self.argument(plain[0])
        if len(plain) > 1:
            foreseen["data" if name == "quarantine" else "items"] = self.argument(
                ir.Sequence("tuple", tuple(plain[1:]))
            )
        for keyword in node.keywords:
            if keyword.name is not None and keyword.name != "returns":
                foreseen[keyword.name] = self.argument(keyword.value)
        self.record(node, name, foreseen)

    def argument(self, node: ir.Expr) -> ForeseenArgument:
        found = self.visit(node)
        return ForeseenArgument(found.bounds, render_expression(node), literal(node), tuple(sorted(found.sources)))

    def record(self, node: ir.Call, name: str, arguments: Mapping[str, ForeseenArgument]) -> None:
        number = self.effects.site(node)
        self.calls[number] = ForeseenCall(
            self.effects.sites[number], name, Bounds(TRUSTED_PUBLIC, self.pc.high), arguments, self.certain
        )


def _assigned_once(outline: Outline) -> tuple[dict[str, int], dict[str, ir.Expr]]:
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
            if isinstance(target, ir.Name) and counts.get(target.id) == 1:
                made[target.id] = statement.value
    return counts, made


_STATEMENTS: Final = frozenset(get_args(ir.Stmt))


@final
class _Groups:
    """For each variable all those that assignments, loops and calls may make share an object, in either direction."""

    def __init__(self, outline: Outline) -> None:
        self.of: dict[str, list[str]] = {}
        self._outline = outline
        self._functions = {node.name: node for node in outline.of(ir.FunctionDef)}
        for statement in outline.body:
            self._visit(statement)

    def _connect(self, names: Iterable[str]) -> None:
        largest: list[str] = []
        for name in dict.fromkeys(names):
            group = self.of.setdefault(name, [name])
            if group is largest:
                continue
            smaller, largest = (largest, group) if len(group) >= len(largest) else (group, largest)
            largest += smaller
            for member in smaller:
                self.of[member] = largest

    def _visit(self, node: ir.Node) -> list[str]:
        """The names in and below a node; those that may share an object are connected."""
        if type(node) is ir.Name:
            return [node.id]
        found: list[str] = []
        for part in children(node):
            if type(part) is not ir.Constant:
                found += self._visit(part)
        match node:
            case ir.Assign() | ir.AugAssign() | ir.AnnAssign():
                self._connect(found)
            case ir.Walrus(name=name):
                found.append(name)
                self._connect(found)
            case ir.For(target=target, iterable=iterable) | ir.Clause(target=target, iterable=iterable):
                self._connect([*self._names(target), *self._names(iterable)])
            case ir.Match(subject=subject):
                self._connect([*self._outline.bound((node,)), *self._names(subject)])
            case ir.Call():
                called = [p.name for name in found if name in self._functions for p in self._functions[name].params]
                self._connect([*found, *called])
            case ir.Return():
                self._connect([*self._functions, *found])
            case _:
                pass
        return [] if type(node) in _STATEMENTS else found

    def _names(self, node: ir.Expr) -> list[str]:
        return [part.id for part in walk((node,)) if isinstance(part, ir.Name)]
