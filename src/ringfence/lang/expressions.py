"""IR expressions to Python expressions that only call the runtime.

Its one rule: as in `lang/codegen.py`, which writes the statements: every operation is a call of the runtime, every name
is mangled or made here, constants are written by `repr`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, assert_never, final

from ringfence.core.diagnostics import Span
from ringfence.lang import ir
from ringfence.lang.calling import written
from ringfence.lang.host import Signature
from ringfence.lang.kernels import Reduction, comprehension_kernel, fusing, key_kernel
from ringfence.lang.kernelwriting import Written
from ringfence.lang.region import Places
from ringfence.lang.scope import target_names, unbound, used_up

VERBS: Final = frozenset({"quarantine", "quarantine_each", "answer", "refuse", "print"})

BINARY: Final = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "//": "floordiv",
    "%": "mod",
    "**": "power",
    "<<": "lshift",
    ">>": "rshift",
    "&": "bitand",
    "|": "bitor",
    "^": "bitxor",
}
_COMPARE: Final = {
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "is": "same",
    "is not": "not_same",
    "in": "contains",
    "not in": "not_contains",
}
_UNARY: Final = {"-": "negate", "+": "positive", "~": "complement", "not": "negation"}


# Built-ins that use up a generator that is their only positional argument, before anything else can happen.
_USE_UP: Final = frozenset({"sum", "min", "max", "sorted", "list", "set", "tuple", "frozenset", "any", "all"})


@final
class Assigned:
    """The names that are sure to have a value at the place being written; what an arm adds can be taken back.

    `known` says which were sure before the first place that is written here.
    """

    __slots__ = ("_known", "_names", "_order")

    def __init__(self, known: Callable[[str], bool] | None = None) -> None:
        self._known = known
        self._names: set[str] = set()
        self._order: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._names or (self._known is not None and self._known(name))

    def add(self, name: str) -> None:
        if name not in self._names:
            self._names.add(name)
            self._order.append(name)

    def update(self, names: Iterable[str]) -> None:
        for name in names:
            self.add(name)

    def mark(self) -> int:
        """Here; for `take`."""
        return len(self._order)

    def take(self, mark: int) -> set[str]:
        """The names added since; they are sure no more."""
        added = set(self._order[mark:])
        self._names -= added
        del self._order[mark:]
        return added


class Scope:
    """The names of one function of the plan (or of the plan itself), while its code is written."""

    def __init__(
        self,
        names: Iterable[str],
        outer: Scope | None,
        removed: frozenset[str],
        known: Callable[[str], bool] | None = None,
    ) -> None:
        self.names = frozenset(names)
        self.outer = outer
        self.removed = removed
        self.assigned = Assigned(known)
        self.local: list[frozenset[str]] = []  # targets of the comprehensions around the place being written


class ExpressionWriter:
    """Writes expressions; holds what it and the statements share: the lines so far, names, temporaries."""

    def __init__(
        self,
        effects: Places,
        tools: Mapping[str, Signature],
        builtins: frozenset[str],
        direct: frozenset[str],
        constants: list[object],
        unit: int,
    ) -> None:
        self.unit = unit  # the number of what is being written, which makes names of its own
        self.direct = direct  # the built-ins whose call needs no look at what they are
        self.effects = effects
        self.bound = effects.outline.bound
        self.tools = tools
        self.builtins = builtins
        self.lines: list[str] = []
        self.spans: list[Span] = []
        self.constants = constants
        self.depth = 0
        self.temps = 0
        self.span = ir.NOWHERE
        self.scope = Scope((), None, frozenset())
        self.in_try = 0
        self.bodies: list[str] = []  # the variables of the `try`s whose bodies are around the place, in its function
        self.around: list[int] = []  # how many of these are around each of the loops around the place
        self.early = False  # whether a `return` may skip the rest of the function around the place
        self.plain = False  # no walrus may be written here (inside an iterable of a comprehension)
        self.tracking = False
        self.kernels: list[tuple[str, Span]] = []  # one line each: the functions of the kernels
        self.loops: dict[int, str] = {}  # the variables of comprehensions that hold their Loop, by identity
        self.started: dict[int, str] = {}  # where the iterable of a generator is that has been evaluated, by identity
        self.operands: dict[int, str] = {}  # operands that are parameters where the code is written, by identity
        self.lazy = 0  # the generators around the place being written, in its function
        self.repeated = 0  # the loops and functions around the place being written
        self.keys: set[int] = set()  # lambdas that are passed as a key

    def outside(self, name: str) -> str | None:
        """What a name means that no code of the plan binds."""
        if name in self.tools:
            return f'ToolValue("{name}", {self.effects.site_of_tool(name)})'
        return f"b_{name}" if name in self.builtins or name in VERBS else None

    def line(self, code: str) -> None:
        self.lines.append(" " * self.depth + code)
        self.spans.append(self.span)

    def temp(self) -> str:
        self.temps += 1
        return f"t{self.temps}"

    # Names

    def resolve(self, name: str, node: ir.Name | None = None) -> str:
        scope: Scope | None = self.scope
        own = True
        while scope is not None:
            if any(name in names for names in scope.local):
                return f"v_{name}"
            if name in scope.names:
                if name in scope.assigned and name not in scope.removed:
                    return f"v_{name}"
                load = "load" if scope.outer is None else "load_local" if own and not self.lazy else "load_free"
                return self.tracked(f'{load}(v_{name}, "{name}")')
            scope, own = scope.outer, False
        if name in self.tools:
            return (
                f'ToolValue("{name}", {self.effects.site_of_tool(name) if node is None else self.effects.site(node)})'
            )
        found = self.outside(name)
        assert found is not None, "the checker resolves names"
        return found

    def is_outside(self, name: str) -> bool:
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.names or any(name in names for names in scope.local):
                return False
            scope = scope.outer
        return True

    @contextmanager
    def inside(self, names: Iterable[str], body: Iterable[ir.Node], assigned: Iterable[str]) -> Iterator[None]:
        scope, in_try, plain, lazy = self.scope, self.in_try, self.plain, self.lazy
        bodies, around, early = self.bodies, self.around, self.early
        self.repeated += 1
        self.lazy = 0
        self.scope = Scope(names, scope, unbound(body))
        self.scope.assigned.update(assigned)
        self.in_try, self.plain = 0, False
        self.bodies, self.around, self.early = [], [], False
        yield
        self.bodies, self.around, self.early = bodies, around, early
        self.scope, self.in_try, self.plain, self.lazy = scope, in_try, plain, lazy
        self.repeated -= 1

    def parameters(self, params: tuple[ir.Parameter, ...], defaults: list[str]) -> str:
        parts: list[str] = []
        starred = False
        for index, (param, default) in enumerate(zip(params, defaults, strict=True)):
            if param.kind == "keyword" and not starred:
                parts.append("*")
                starred = True
            prefix = {"args": "*", "kwargs": "**"}.get(param.kind, "")
            starred = starred or param.kind == "args"
            parts.append(f"{prefix}v_{param.name}" + (f"={default}" if default else ""))
            if param.kind == "only" and not any(p.kind == "only" for p in params[index + 1 :]):
                parts.append("/")
        return ", ".join(parts)

    def function_value(
        self,
        code: str,
        name: str,
        params: tuple[ir.Parameter, ...],
        defaults: list[str],
        node: ir.Node,
        kernel: str = "",
    ) -> str:
        keywords: tuple[str, ...] = tuple(p.name for p in params if p.kind in ("positional", "keyword"))
        open_ended = any(p.kind == "kwargs" for p in params)
        parts = "".join(f"{default}, " for default in defaults if default)
        names = "ANY_NAME" if open_ended else repr(keywords)
        return self.tagged(node, f"Function({code}, {name!r}, {names}, ({parts}){kernel})")

    def lambda_(self, node: ir.Lambda) -> str:
        defaults = [self.temp() if param.default is not None else "" for param in node.params]
        given = [
            (temp, self.expr(param.default)) for temp, param in zip(defaults, node.params, strict=True) if param.default
        ]
        names = {**dict.fromkeys(param.name for param in node.params), **self.bound((node.body,))}
        # The default values are evaluated where the lambda stands, and passed in by a second, outer lambda.
        with self.inside(names, (node.body,), [param.name for param in node.params]):
            fix = "".join(f"(v_{p.name} := keyword_dict(v_{p.name})), " for p in node.params if p.kind == "kwargs")
            body = self.expr(node.body)
        kernel = self.key_kernel(node)
        inner = f"(lambda {self.parameters(node.params, defaults)}: ({fix}{body}, )[-1])"
        made = self.function_value(inner, "<lambda>", node.params, defaults, node, kernel)
        if not given:
            return made
        outer = ", ".join(temp for temp, _ in given)
        return f"(lambda {outer}: {made})({', '.join(code for _, code in given)})"

    def key_kernel(self, node: ir.Lambda) -> str:
        """The kernel of a function of one parameter that is passed as a key, as a last argument."""
        if id(node) not in self.keys or len(node.params) != 1:
            return ""
        (param,) = node.params
        if param.default is not None or param.kind not in ("positional", "only"):
            return ""
        written = key_kernel(param.name, node.body, self.is_outside)
        return "" if written is None else f", KeyKernel({self.kernel(written)})"

    def kernel(self, written: Written, described: Reduction | None = None) -> str:
        """The kernel's function and description, as two arguments."""
        name = f"q{self.unit}_{len(self.kernels)}"
        self.kernels.append((f"def {name}({', '.join(written.params)}): return {written.result}", self.span))
        return f"{name}, {self.constant(written.kernel if described is None else described)}"

    # Expressions

    def constant(self, value: object) -> str:
        self.constants.append(value)
        return f"K[{len(self.constants) - 1}]"

    def tagged(self, node: ir.Node, code: str) -> str:
        number = self.effects.tracked(node)
        return code if number is None else f"S.tag({code}, {number})"

    def filled(self, node: ir.Call, code: str) -> str:
        """A defaultdict also remembers the allocation site of what it fills itself with."""
        number = self.effects.child_site(node)
        return f"filled({code}, {number})" if number else code

    def tracked(self, code: str) -> str:
        return f"S.touch({code})" if self.tracking else code

    def settled(self, node: ir.Expr) -> str:
        code = self.expr(node)
        return code if _never_pending(node) else f"settle({code})"

    def fused(self, node: ir.Expr) -> str:
        """Several operators on numbers as one call; "" where that is nothing to gain."""
        found = None if self.plain or self.operands else fusing(node, self.sure)
        if found is None or self.bound(found[1].operands):
            return ""
        code, parts = found
        given = "".join(f", {self.expr(operand)}" for operand in parts.operands)
        self.operands = {id(place): f"x{number}" for place, number in parts.places}
        general = self.expr(node)
        self.operands = {}
        params = ", ".join(f"x{number}" for number in range(len(parts.operands)))
        name = f"q{self.unit}_{len(self.kernels)}"
        made = f"fused({len(parts.operands)}, (lambda {params}: {code}), (lambda S, {params}: {general}))"
        self.kernels.append((f"{name} = {made}", self.span))
        return self.tracked(f"{name}(S{given})")

    def sure(self, name: str) -> bool:
        """Whether reading a variable cannot fail."""
        return not self.is_outside(name) and self.resolve(name) == f"v_{name}"

    def expr(self, node: ir.Expr) -> str:
        if self.operands and id(node) in self.operands:
            return self.operands[id(node)]
        match node:
            case ir.Constant(value=value):
                if isinstance(value, float) and not math.isfinite(value):
                    return self.constant(value)
                return repr(value)
            case ir.Name(id=name):
                return self.resolve(name, node)
            case ir.Binary() | ir.Compare() if self.repeated and (code := self.fused(node)):
                return code
            case ir.Binary(op=op, left=left, right=right):
                return self.tracked(self.tagged(node, f"{BINARY[op]}({self.expr(left)}, {self.expr(right)})"))
            case ir.Unary(op=op, operand=operand):
                return self.tracked(f"{_UNARY[op]}({self.expr(operand)})")
            case ir.Compare():
                return self.comparison(node)
            case ir.Logic(op=op, values=values):
                return self.logic(node, op, values)
            case ir.Conditional():
                return self.conditional(node)
            case ir.Call():
                return self.tracked(self.filled(node, self.tagged(node, self.call(node))))
            case ir.Attribute(value=value, name=name):
                return self.tracked(f'attr(S, {self.expr(value)}, "{name}")')
            case ir.Subscript(value=value, index=index):
                if isinstance(index, ir.Slice):
                    return self.tracked(self.tagged(node, f"slice_of(S, {self.expr(value)}, {self.bounds(index)})"))
                return self.tracked(f"item(S, {self.expr(value)}, {self.expr(index)})")
            case ir.Slice():
                return f"slice_value({self.bounds(node)})"
            case ir.Sequence(kind=kind, items=items):
                return self.display(node, kind, items)
            case ir.DictDisplay():
                return self.tagged(node, self.dict_display(node))
            case ir.FString(parts=parts):
                return self.tracked(self.fstring(parts))
            case ir.Formatted():
                return self.fstring((node,))
            case ir.Comprehension():
                return self.comprehension(node)
            case ir.Lambda():
                return self.lambda_(node)
            case ir.Starred():
                raise AssertionError("the checker refuses a star here")
            case ir.Walrus(name=name, value=value):
                code = self.expr(value)
                self.scope.assigned.add(name)
                return f"(v_{name} := {f'S.assigned({code})' if self.in_try else code})"
            case _:
                assert_never(node)

    def bounds(self, node: ir.Slice) -> str:
        return ", ".join("None" if part is None else self.expr(part) for part in (node.lower, node.upper, node.step))

    def comparison(self, node: ir.Compare) -> str:
        if len(node.ops) == 1:
            return self.tracked(
                self.compared(node, node.ops[0], self.expr(node.operands[0]), self.expr(node.operands[1]))
            )
        return self.chained(node, node.operands, node.ops, None)

    def compared(self, node: ir.Compare, op: str, left: str, right: str) -> str:
        """One comparison. `in` may use up an iterator, as far as what is looked for decides."""
        region = self.effects.callbacks(node) if op in ("in", "not in") else 0
        if region:
            found = f"S.call_at({region}, used_up, S, {left}, {right})"
            return f"negation({found})" if op == "not in" else found
        return f"{_COMPARE[op]}({left}, {right})"

    def chained(self, node: ir.Compare, operands: tuple[ir.Expr, ...], ops: tuple[str, ...], first: str | None) -> str:
        left = self.expr(operands[0]) if first is None else first
        if len(ops) == 1:
            return self.compared(node, ops[0], left, self.expr(operands[1]))
        if self.plain:
            rest = f"(lambda p: {self.chained(node, operands[1:], ops[1:], 'p')})"
            compare = f"lambda p, q: {self.compared(node, ops[0], 'p', 'q')}"
            first_two = f"{compare}, {left}, {self.expr(operands[1])}"
            return f"S.compare_then({self.effects.region(node)}, {first_two}, {rest})"
        middle, saved, result = self.temp(), self.temp(), self.temp()
        compared = self.compared(node, ops[0], left, f"({middle} := {self.expr(operands[1])})")
        test = f"({result} := {compared})"
        rest = self.maybe_skipped(lambda: self.chained(node, operands[1:], ops[1:], middle))
        whole = f"S.end({saved} := S.begin({test}, {self.effects.region(node)}), {rest} if {saved}.truth else {result})"
        return self.retainted(whole, self.bound(operands[2:]), f"{saved}.label")

    def maybe_skipped(self, write: Callable[[], str]) -> str:
        """Code of a part that may not be evaluated: what it assigns is not sure to be bound afterwards."""
        before = self.scope.assigned.mark()
        code = write()
        self.scope.assigned.take(before)
        return code

    def logic(self, node: ir.Expr, op: str, values: tuple[ir.Expr, ...]) -> str:
        if len(values) == 1:
            return self.expr(values[0])
        rest = self.maybe_skipped(lambda: self.logic(node, op, values[1:]))
        effects = not self.effects.total(values[1:]) or "load" in rest
        if self.plain:
            flag = "True" if op == "and" else "False"
            return f"S.logic({self.effects.region(node)}, {flag}, {self.expr(values[0])}, lambda: {rest})"
        first = self.temp()
        code = f"({first} := {self.settled(values[0])})"
        if not effects:
            test = f"truth({code})"
            chosen = f"({rest}) if {test} else {first}" if op == "and" else f"{first} if {test} else ({rest})"
            return f"chosen({chosen}, {first})"
        saved = self.temp()
        chosen = f"{rest} if {saved}.truth else {first}" if op == "and" else f"{first} if {saved}.truth else {rest}"
        whole = f"S.end({saved} := S.begin({code}, {self.effects.region(node)}), {chosen})"
        return self.retainted(whole, self.bound(values[1:]), f"{saved}.label")

    def retainted(self, code: str, names: Iterable[str], label: str) -> str:
        """The expression, and then the names that a part of it may have bound, with the condition's label."""
        again = "".join(f", (v_{name} := taint(v_{name}, {label}))" for name in names)
        if not again:
            return code
        result = self.temp()
        return f"(({result} := {code}){again}, {result})[-1]"

    def conditional(self, node: ir.Conditional) -> str:
        region = self.effects.region(node)
        if self.plain:
            then, orelse = self.expr(node.then), self.expr(node.orelse)
            return f"S.choose({region}, {self.expr(node.test)}, lambda: {then}, lambda: {orelse})"
        test = self.temp()
        code = f"({test} := {self.settled(node.test)})"
        then = self.maybe_skipped(lambda: self.expr(node.then))
        orelse = self.maybe_skipped(lambda: self.expr(node.orelse))
        if self.effects.total((node.then, node.orelse)) and "load" not in then + orelse:
            return f"chosen(({then}) if truth({code}) else ({orelse}), {test})"
        saved = self.temp()
        whole = f"S.end({saved} := S.begin({code}, {region}), ({then}) if {saved}.truth else ({orelse}))"
        return self.retainted(whole, self.bound((node.then, node.orelse)), f"{saved}.label")

    def display(self, node: ir.Expr, kind: str, items: tuple[ir.Expr, ...]) -> str:
        if any(isinstance(part, ir.Starred) for part in items):
            parts = "".join(
                f"(True, {self.expr(part.value)}), "
                if isinstance(part, ir.Starred)
                else f"(False, {self.expr(part)}), "
                for part in items
            )
            return self.tracked(self.tagged(node, f'spread_display(S, "{kind}", ({parts}))'))
        parts = "".join(f"{self.expr(part)}, " for part in items)
        if kind == "tuple":
            return f"({parts})"
        if kind == "list":
            return self.tagged(node, f"List([{parts}])")
        return self.tracked(self.tagged(node, f"make_set(S, [{parts}])"))

    def dict_display(self, node: ir.DictDisplay) -> str:
        if all(isinstance(key, ir.Constant) and isinstance(key.value, (str, int)) for key in node.keys):
            pairs = [
                f"{self.expr(k)}: {self.expr(v)}" for k, v in zip(node.keys, node.values, strict=True) if k is not None
            ]
            return f"Dict({{{', '.join(pairs)}}})"
        parts = ""
        for key, value in zip(node.keys, node.values, strict=True):
            parts += f"(None, {self.expr(value)}), " if key is None else f"(({self.expr(key)}, ), {self.expr(value)}), "
        return self.tracked(f"make_dict(S, ({parts}))")

    def fstring(self, parts: tuple[ir.Constant | ir.Formatted, ...]) -> str:
        shape: list[object] = []
        values: list[str] = []
        for part in parts:
            if isinstance(part, ir.Constant):
                shape.append(part.value)
                continue
            values.append(self.expr(part.value))
            spec = part.spec
            if spec is None or all(isinstance(inner, ir.Constant) for inner in spec.parts):
                text = (
                    ""
                    if spec is None
                    else "".join(str(inner.value) for inner in spec.parts if isinstance(inner, ir.Constant))
                )
                shape.append((part.conversion, text))
            else:
                values.append(self.fstring(spec.parts))
                shape.append((part.conversion, None))
        return f"fstring({self.constant(tuple(shape))}, {''.join(value + ', ' for value in values)})"

    # Comprehensions

    def comprehension(self, node: ir.Comprehension) -> str:
        loop, first = "k" + self.temp(), "k" + self.temp()
        self.loops[id(node)] = loop
        start = self.started.get(id(node)) or self.expr(node.clauses[0].iterable)
        region = self.effects.region(node)
        by_kernel = ""
        if not self.plain and node.kind != "generator":
            by_kernel = self.by_kernel(node, region, f"({first} := {start})")
        # A generator outlives the expression, so that its own variables must be its own.
        inner = self.plain or (node.kind == "generator" and not self.bound((node.element, *node.clauses)))
        # Python evaluates the first iterable outside, and wants no assignment in it.
        held = first if inner or by_kernel or ":=" in start else start
        before = self.scope.assigned.mark()
        plain = self.plain
        self.scope.local.append(frozenset())
        self.repeated += 1
        self.lazy += node.kind == "generator"
        clauses = ""
        for index, clause in enumerate(node.clauses):
            self.plain = True
            iterable = held if index == 0 else self.expr(clause.iterable)
            self.plain = plain
            names = frozenset(target_names(clause.target))
            self.scope.local[-1] = self.scope.local[-1] | names
            target, items = self.clause_target(clause.target, f"{loop}.over({iterable})")
            clauses += f" for {target} in {items}"
            for condition in clause.conditions:
                clauses += f" if {loop}.test({self.expr(condition)})"
        element = self.expr(node.element)
        if node.value is not None:
            element = f"({element}, {self.expr(node.value)})"
        self.scope.local.pop()
        self.lazy -= node.kind == "generator"
        self.repeated -= 1
        self.scope.assigned.take(before)
        make = {"list": "list_of", "set": "set_of", "dict": "dict_of", "generator": "generator"}[node.kind]
        opening, closing = "()" if node.kind == "generator" else "[]"
        body = f"{opening}{element}{clauses}{closing}"
        if inner:
            made = f"(lambda {loop}, {first}: {make}(S, {loop}, {body}))(Loop(S, {region}), {start})"
        else:
            head = f"{loop} := Loop(S, {region})"
            if held is first and not by_kernel:
                head = f"(({head}), ({first} := {start}))[0]"
            made = f"{make}(S, {head}, {body})"
        if by_kernel:
            result = "k" + self.temp()
            made = f"({result} if ({result} := {by_kernel}) is not None else {made})"
        assigned_inside = () if plain else self.bound((node.element, *node.clauses))
        return self.retainted(self.tracked(self.tagged(node, made)), assigned_inside, f"{loop}.label")

    def by_kernel(self, node: ir.Comprehension, region: int, start: str) -> str:
        """The comprehension by its kernel: an expression that is None where the kernel cannot be used."""
        written = comprehension_kernel(node, self.is_outside)
        if written is None:
            return ""
        variables = "".join(f"v_{name}, " for name in written.variables)
        kind = "list" if node.kind == "generator" else node.kind
        return f'uniform(S, {region}, {self.kernel(written)}, {start}, ({variables}), "{kind}")'

    def clause_target(self, target: ir.Expr, items: str) -> tuple[str, str]:
        if isinstance(target, ir.Name):
            return f"v_{target.id}", items

        def shape(part: ir.Expr) -> object:
            if isinstance(part, ir.Starred):
                return ("*", shape(part.value))
            if isinstance(part, ir.Sequence):
                return tuple(shape(inner) for inner in part.items)
            return None

        def names(part: ir.Expr) -> str:
            if isinstance(part, ir.Starred):
                return names(part.value)
            if isinstance(part, ir.Sequence):
                return f"({''.join(names(inner) + ', ' for inner in part.items)})"
            assert isinstance(part, ir.Name), "the checker refuses other targets"
            return f"v_{part.id}"

        return names(target), f"unpacked(S, {items}, {self.constant(shape(target))})"

    # Calls

    def call(self, node: ir.Call) -> str:
        self.keys.update(id(k.value) for k in node.keywords if k.name == "key" and isinstance(k.value, ir.Lambda))
        at_once = self.at_once(node)
        code = self.general_call(node)
        if at_once is not None:
            return code.join(at_once)
        generator = used_up(node) if self.effects.outline.walrus else None
        names = () if generator is None else self.bound((generator.element, *generator.clauses))
        if generator is None or not names:
            return code
        # How far it was used up decided what it set: its own course, and what the built-in looked at.
        result, label = self.temp(), self.temp()
        again = "".join(f", (v_{name} := taint(v_{name}, {label}))" for name in names)
        loop = self.loops[id(generator)]
        return f"(({result} := {code}), ({label} := {loop}.after({result})){again}, {result})[-1]"

    def general_call(self, node: ir.Call) -> str:
        func = node.func
        starred = any(isinstance(arg, ir.Starred) for arg in node.args) or any(k.name is None for k in node.keywords)
        if isinstance(func, ir.Name) and self.is_outside(func.id):
            name = func.id
            if name in self.tools or name in ("quarantine", "quarantine_each"):
                number = self.effects.site(node)
                if starred:
                    return self.spread_call(node, "call_tool", [str(number), f'"{name}"'])
                bound = written(self.tools.get(name), len(node.args), tuple(k.name for k in node.keywords))
                if bound is None:
                    return f'call_tool(S, {number}, "{name}", {self.arguments(node)})'
                values = [self.expr(part) for part in (*node.args, *(keyword.value for keyword in node.keywords))]
                by_name = ", ".join(f"{one!r}: {value}" for one, value in zip(bound, values, strict=True))
                return f'S.call_host({number}, "{name}", {{{by_name}}})'
            if not starred:
                parts = [self.expr(arg) for arg in node.args]
                parts += [f"{k.name}={self.expr(k.value)}" for k in node.keywords]
                if name in self.direct and not node.keywords:
                    return self.calling(node, f"c_{name}", ["S", *parts])
                return self.calling(node, "call_builtin", ["S", f"b_{name}", *parts])
        if isinstance(func, ir.Attribute):
            if not starred and not node.keywords:
                listed = [self.expr(arg) for arg in node.args]
                if func.name == "append" and len(listed) == 1:
                    return self.calling(node, "append", ["S", self.expr(func.value), *listed])
                return self.calling(node, "method", ["S", self.expr(func.value), f'"{func.name}"', *listed])
            if starred:
                return self.spread_call(node, "method_with", [self.expr(func.value), f'"{func.name}"'])
            listed = [self.expr(func.value), f'"{func.name}"', self.arguments(node)]
            return self.calling(node, "method_with", ["S", *listed])
        region = self.effects.callbacks(node)
        if starred:
            return self.spread_call(node, "apply", [self.expr(func)])
        return f"apply(S, {self.expr(func)}, {self.arguments(node)}, {region})"

    def at_once(self, node: ir.Call) -> tuple[str, str] | None:
        """A call that uses up a generator at once: the code before and after that of the call without a kernel.

        Nothing can see the generator half used, and what the kernel computes calls nothing.
        """
        func, generator = node.func, node.args[0] if len(node.args) == 1 else None
        if self.plain or not isinstance(generator, ir.Comprehension) or generator.kind != "generator":
            return None
        result, first = "k" + self.temp(), "k" + self.temp()
        if isinstance(func, ir.Name) and func.id in _USE_UP and self.is_outside(func.id):
            if node.keywords and (self.effects.callbacks(node) or any(k.name is None for k in node.keywords)):
                return None
            keywords = "".join(f", {k.name}={self.expr(k.value)}" for k in node.keywords)
            made = f"call_builtin(S, b_{func.id}, {result}{keywords})"
        elif isinstance(func, ir.Attribute) and func.name == "join" and isinstance(func.value, ir.Constant):
            made = f'method(S, {self.expr(func.value)}, "join", {result})'
        else:
            return None
        start = self.expr(generator.clauses[0].iterable)
        by_kernel = self.by_kernel(generator, self.effects.region(generator), f"({first} := {start})")
        if not by_kernel:
            return None
        self.started[id(generator)] = first
        return f"({made} if ({result} := {by_kernel}) is not None else ", ")"

    def calling(self, node: ir.Call, function: str, args: list[str]) -> str:
        """A call of a built-in; one that may call functions of the plan says what these may do."""
        region = self.effects.callbacks(node)
        listed = ", ".join(args)
        if region:
            return f"S.call_at({region}, {function}, {listed})"
        return f"S.heard({function}, {listed})" if self.effects.effects.runs_code(node) else f"{function}({listed})"

    def arguments(self, node: ir.Call) -> str:
        args = "".join(f"{self.expr(arg)}, " for arg in node.args)
        keywords = ", ".join(f'"{k.name}": {self.expr(k.value)}' for k in node.keywords)
        return f"({args}), {{{keywords}}}"

    def spread_call(self, node: ir.Call, function: str, first: list[str]) -> str:
        """A call with `*` or `**`: how many arguments there are, and their names, may tell something."""
        args = "".join(
            f"(True, {self.expr(arg.value)}), " if isinstance(arg, ir.Starred) else f"(False, {self.expr(arg)}), "
            for arg in node.args
        )
        keywords = "".join(
            f"({'None' if keyword.name is None else repr(keyword.name)}, {self.expr(keyword.value)}), "
            for keyword in node.keywords
        )
        head = "".join(f"{part}, " for part in first)
        return f"starred(S, {self.effects.callbacks(node)}, {function}, ({head}), ({args}), ({keywords}))"


def _never_pending(node: ir.Expr) -> bool:
    return isinstance(node, (ir.Compare, ir.Unary, ir.Constant, ir.Binary, ir.FString, ir.Sequence, ir.DictDisplay))
