"""IR to Python code that only calls the runtime.

Its one rule: every operation of the generated code is a call of a runtime function or method, every name in
it is mangled or made here, and constants are written by `repr`. Control flow, closures and generator
expressions are Python's own; values, attributes, calls and labels are the runtime's. The code is executed with no
builtins (`lang/program.py`). docs/decisions/0001-execution.md says why code is generated.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import assert_never

from ringfence.core.diagnostics import Span
from ringfence.lang import ir
from ringfence.lang.expressions import BINARY, ExpressionWriter, Scope
from ringfence.lang.kernels import loop_kernel
from ringfence.lang.scope import Outline, ends, escapes, statements, variable


class Generator(ExpressionWriter):
    """Writes the code of one unit: a statement of the plan's top, or an expression in one."""

    def start(self, outline: Outline, scope: Scope) -> None:
        """Say where the unit stands."""
        self.tracking = outline.has(ir.Try)
        self.scope = scope

    def statement_unit(self, node: ir.Stmt, shared: Container[str], last: bool) -> str:
        """A function `unit<n>(S, V)` that runs a statement. The plan's variables are in `V`, its global names.

        A loop holds those that it sets, and that no function of the plan knows, in names of its own.
        """
        self.span = node.span
        names = self.bound((node,))
        loops = any(isinstance(part, (ir.For, ir.While)) for part in statements((node,)))
        own = [name for name in names if loops and name not in shared]
        self.line(f"def unit{self.unit}(S, V):")
        self.depth += 1
        for name in own:
            self.line(f"v_{name} = V[{variable(name)!r}]")
        if others := [f"v_{name}" for name in names if name not in own]:
            self.line(f"global {', '.join(others)}")
        if own:
            self.line("try:")
            self.depth += 1
        if last and isinstance(node, ir.ExprStatement):
            self.line(f"S.final = taint({self.expr(node.value)}, S.pc)")
        else:
            self.line("pass")  # some statements leave nothing to be done
            self.statement(node)
        if own:
            self.depth -= 1
            self.line("finally:")
            self.line(" " + "; ".join(f"V[{variable(name)!r}] = v_{name}" for name in own))
        return self.whole()

    def expression_unit(self, node: ir.Expr, span: Span, start: bool) -> str:
        """A function that gives a value: `unit<n>(S, V, started)`.

        start: the first iterable of the comprehension at `node` has been evaluated, and is `started`.
        """
        self.span = span
        if start:
            self.started[id(node)] = "started"
        self.line(f"def unit{self.unit}(S, V, started):")
        self.depth += 1
        self.line(f"return {self.expr(node)}")
        return self.whole()

    def whole(self) -> str:
        self.depth = 0
        for kernel, span in self.kernels:
            self.span = span
            self.line(kernel)
        return "\n".join(self.lines) + "\n"

    def unset(self, names: list[str]) -> None:
        """The variables that have no value yet; a hundred in a line."""
        for start in range(0, len(names), 100):
            self.line("".join(f"v_{name} = " for name in names[start : start + 100]) + "UNBOUND")

    def block(self, body: Iterable[ir.Stmt]) -> None:
        self.depth += 1
        count = len(self.lines)
        for statement in body:
            self.statement(statement)
        if len(self.lines) == count:
            self.line("pass")
        self.depth -= 1

    # Statements

    def statement(self, node: ir.Stmt) -> None:
        self.span = node.span
        temps = self.temps
        self.statement_of(node)
        self.temps = temps  # names of no use any more: the fewer there are, the faster Python compiles

    def statement_of(self, node: ir.Stmt) -> None:
        match node:
            case ir.ExprStatement(value=value):
                self.line(self.expr(value))
            case ir.Assign(targets=targets, value=value):
                self.assignment(targets, value)
            case ir.AugAssign(target=target, op=op, value=value):
                self.augmented(target, op, value)
            case ir.AnnAssign(target=target, value=value):
                if value is not None:
                    self.assignment((target,), value)
            case ir.If():
                self.branch(node)
            case ir.For():
                self.for_loop(node)
            case ir.While():
                self.while_loop(node)
            case ir.Break():
                self.ended(self.around[-1])
                self.line("break")
            case ir.Continue():
                self.ended(self.around[-1])
                self.line("continue")
            case ir.Pass():
                self.line("pass")
            case ir.FunctionDef():
                self.function(node)
            case ir.Return(value=value):
                self.returned(value)
            case ir.Try():
                self.try_statement(node)
            case ir.Raise(error=error):
                self.line("S.rethrow()" if error is None else f"S.throw({self.expr(error)})")
            case ir.Assert():
                self.assertion(node)
            case ir.Delete(targets=targets):
                for target in targets:
                    self.delete(target)
            case ir.Import():
                self.imports(node)
            case ir.ClassDef():
                self.line(f"v_{node.name} = {self.schema_class(node)}")
                self.scope.assigned.add(node.name)
            case ir.Match():
                self.match(node)
            case _:
                assert_never(node)

    def assignment(self, targets: tuple[ir.Expr, ...], value: ir.Expr) -> None:
        code = self.expr(value)
        if len(targets) == 1 and isinstance(targets[0], ir.Name):
            self.store(targets[0], code)
            return
        if len(targets) == 1 and self.pairwise(targets[0], value):
            return
        temp = self.temp()
        self.line(f"{temp} = {code}")
        for target in targets:
            self.store(target, temp)

    def pairwise(self, target: ir.Expr, value: ir.Expr) -> bool:
        """`a, b = b, a` needs no tuple."""
        if not (isinstance(target, ir.Sequence) and isinstance(value, ir.Sequence) and value.kind == "tuple"):
            return False
        if len(target.items) != len(value.items):
            return False
        if any(isinstance(part, ir.Starred) for part in (*target.items, *value.items)):
            return False
        temps = [self.temp() for _ in value.items]
        for temp, part in zip(temps, value.items, strict=True):
            self.line(f"{temp} = {self.expr(part)}")
        for temp, part in zip(temps, target.items, strict=True):
            self.store(part, temp)
        return True

    def store(self, target: ir.Expr, code: str) -> None:
        match target:
            case ir.Name(id=name):
                self.line(f"v_{name} = S.assigned({code}, v_{name})" if self.in_try else f"v_{name} = {code}")
                self.scope.assigned.add(name)
            case ir.Attribute(value=value, name=name):
                holder, temp = self.temp(), self.temp()
                self.line(f"{temp} = {code}")
                self.line(f"{holder} = {self.expr(value)}")
                self.line(f'set_attr(S, {holder}, "{name}", {temp})')
                self.touched(holder)
            case ir.Subscript(value=value, index=index):
                holder, temp, key = self.temp(), self.temp(), self.temp()
                self.line(f"{temp} = {code}")
                self.line(f"{holder} = {self.expr(value)}")
                if isinstance(index, ir.Slice):
                    self.line(f"set_slice(S, {holder}, {self.bounds(index)}, {temp})")
                    self.touched(holder)
                else:
                    self.line(f"{key} = {self.expr(index)}")
                    self.line(f"set_item(S, {holder}, {key}, {temp})")
                    self.touched(holder, key)
            case ir.Sequence(items=items):
                self.unpack(items, code)
            case _:
                raise AssertionError("not a target")

    def touched(self, *temps: str) -> None:
        if self.tracking:
            self.line(f"S.touched({', '.join(temps)})")

    def unpack(self, items: tuple[ir.Expr, ...], code: str) -> None:
        star = next((index for index, part in enumerate(items) if isinstance(part, ir.Starred)), -1)
        temp = self.temp()
        self.line(f"{temp} = unpack(S, {code}, {len(items)}, {star})")
        for index, part in enumerate(items):
            inner = part.value if isinstance(part, ir.Starred) else part
            if isinstance(part, ir.Starred):
                self.line(f"{temp}[{index}] = {self.tagged(part, f'{temp}[{index}]')}")
            self.store(inner, f"{temp}[{index}]")
        if self.tracking:
            self.line(f"S.touched(*{temp})")

    def augmented(self, target: ir.Expr, op: str, value: ir.Expr) -> None:
        function = f"i{BINARY[op]}" if op in ("+", "-", "*", "|", "&", "^") else BINARY[op]
        run = "S, " if function.startswith("i") else ""
        if isinstance(target, ir.Name):
            code = f"{function}({run}{self.resolve(target.id)}, {self.expr(value)})"
            self.store(target, self.tracked(self.tagged(target, code)))
            return
        holder = self.temp()
        if isinstance(target, ir.Attribute):
            self.line(f"{holder} = {self.expr(target.value)}")
            code = self.tracked(f'{function}({run}attr(S, {holder}, "{target.name}"), {self.expr(value)})')
            self.line(f'set_attr(S, {holder}, "{target.name}", {code})')
            self.touched(holder)
            return
        assert isinstance(target, ir.Subscript)
        key = self.temp()
        self.line(f"{holder} = {self.expr(target.value)}")
        index = self.expr(target.index) if not isinstance(target.index, ir.Slice) else "None"
        self.line(f"{key} = {index}")
        code = self.tracked(f"{function}({run}item(S, {holder}, {key}), {self.expr(value)})")
        self.line(f"set_item(S, {holder}, {key}, {code})")
        self.touched(holder, key)

    def delete(self, target: ir.Expr) -> None:
        if isinstance(target, ir.Name):
            self.line(self.resolve(target.id))
            self.line(f"v_{target.id} = UNBOUND")
        elif isinstance(target, ir.Subscript):
            holder = self.temp()
            self.line(f"{holder} = {self.expr(target.value)}")
            if isinstance(target.index, ir.Slice):
                self.line(f"del_slice(S, {holder}, {self.bounds(target.index)})")
            else:
                self.line(f"del_item(S, {holder}, {self.expr(target.index)})")
            self.touched(holder)
        elif isinstance(target, ir.Sequence):
            for part in target.items:
                self.delete(part)
        else:
            raise AssertionError("the checker refuses other targets of del")

    # Branches and loops

    def taints(self, names: Iterable[str], label: str) -> None:
        for name in names:
            self.line(f"v_{name} = taint(v_{name}, {label})")

    def branch(self, node: ir.If) -> None:
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ir.If):
            self.chain(node)
            return
        region = self.effects.region(node)
        saved = self.temp()
        self.line(f"{saved} = {self.expr(node.test)}")
        self.line(f"if {saved} is True or {saved} is not False and ({saved} := S.enter({saved}, {region})):")
        first = len(self.lines)
        before = self.scope.assigned.mark()
        results = [self.arm(node.body, before)]
        if node.orelse:
            self.line("else:")
        results.append(self.arm(node.orelse, before))
        self.scope.assigned.update(meet(results))
        arms = (*node.body, *node.orelse)
        if self.effects.cannot_fail(arms) and not any("load" in line for line in self.lines[first:]):
            self.effects.regions.sure.add(region)
        after = [] if escapes(arms) else [f"S.back({saved}.pc)"]
        after += [f"v_{name} = taint(v_{name}, {saved}.label)" for name in self.bound(arms)]
        if after:
            self.line(f"if type({saved}) is Saved: {'; '.join(after)}")

    def arm(self, body: tuple[ir.Stmt, ...], before: int) -> set[str] | None:
        """Write an arm: the names assigned since `before`, which are taken back; None if nothing comes after it."""
        if body:
            self.block(body)
        added = self.scope.assigned.take(before)
        return None if ends(body) else added

    def chain(self, node: ir.If) -> None:
        loop = self.temp()
        self.line(f"{loop} = Loop(S, {self.effects.region(node)})")
        before = self.scope.assigned.mark()
        results: list[set[str] | None] = []
        word, current, bodies = "if", node, []
        while True:
            self.span = current.test.span
            self.line(f"{word} {loop}.test({self.expr(current.test)}):")
            bodies.append(current.body)
            results.append(self.arm(current.body, before))
            if not (len(current.orelse) == 1 and isinstance(current.orelse[0], ir.If)):
                break
            word, current = "elif", current.orelse[0]
        if current.orelse:
            self.line("else:")
            bodies.append(current.orelse)
        results.append(self.arm(current.orelse, before))
        self.scope.assigned.update(meet(results))
        self.close(loop, [statement for body in bodies for statement in body], [node.test])

    def close(self, loop: str, body: list[ir.Stmt], extra: Iterable[ir.Node] = ()) -> None:
        """After a construct whose course `loop` followed: restore the pc, taint what it could write."""
        self.line(f"if {loop}.label is not TRUSTED_PUBLIC:")
        self.depth += 1
        if not escapes(body):
            self.line(f"S.back({loop}.pc)")
        self.taints(self.bound((*body, *extra)), f"{loop}.label")
        self.line("pass")
        self.depth -= 1

    def for_loop(self, node: ir.For) -> None:
        loop, weight = self.temp(), _weight(node.body)
        region = self.effects.region(node)
        items = f"{loop}.items"
        if (by_kernel := self.reduction(node, loop, region, weight)) is not None:
            items = by_kernel
        else:
            self.line(f"{loop} = Loop(S, {region}).start({self.expr(node.iterable)}, {weight})")
        before = self.scope.assigned.mark()
        if isinstance(node.target, ir.Name):
            self.line(f"for v_{node.target.id} in {items}:")
            self.depth += 1
            if self.in_try:
                self.line(f"v_{node.target.id} = S.assigned(v_{node.target.id})")
            if self.tracking:
                self.line(f"S.touched(v_{node.target.id})")
            self.scope.assigned.add(node.target.id)
        else:
            item = self.temp()
            self.line(f"for {item} in {loop}.items:")
            self.depth += 1
            self.store(node.target, item)
        self.line("pass")
        self.depth -= 1
        self.body_of_loop(node)
        self.scope.assigned.take(before)
        if node.orelse:
            self.line("else:")
            self.block(node.orelse)
            if any("loop" in escapes((statement,)) for statement in node.body):
                self.scope.assigned.take(before)
        self.finish_loop(loop, node)

    def reduction(self, node: ir.For, loop: str, region: int, weight: int) -> str | None:
        """A loop by its kernel, if it has one: what is left to go over, which is all if it cannot be used."""
        found = loop_kernel(node, self.is_outside)
        if found is None or not isinstance(node.target, ir.Name):
            return None
        value, done = self.temp(), self.temp()
        self.line(f"{loop} = Loop(S, {region})")
        self.line(f"{value} = {self.expr(node.iterable)}")
        variables = "".join(f"v_{name}, " for name in found.written.variables)
        function = self.kernel(found.written, found.reduction)
        target = f"v_{node.target.id}"
        ends = f"v_{found.holder}, {target}, {weight}"
        self.line(f"{done} = reduced(S, {loop}, {function}, {value}, ({variables}), {ends})")
        summed = f", v_{found.holder}" if found.reduction.form == "sum" else ", _"
        both = f"S.assigned({done}[0]), S.assigned({done}[1])" if self.in_try else done
        self.line(f"if {done} is not None: {target}{summed} = {both}")
        return f"({loop}.start({value}, {weight}).items if {done} is None else ())"

    def while_loop(self, node: ir.While) -> None:
        loop, weight = self.temp(), _weight(node.body)
        self.line(f"{loop} = Loop(S, {self.effects.region(node)})")
        before = self.scope.assigned.mark()
        self.repeated += 1
        self.line(f"while {loop}.again({self.expr(node.test)}, {weight}):")
        self.repeated -= 1
        self.body_of_loop(node)
        self.scope.assigned.take(before)
        if node.orelse:
            self.line("else:")
            self.block(node.orelse)
            self.scope.assigned.take(before)
        self.finish_loop(loop, node)

    def body_of_loop(self, node: ir.For | ir.While) -> None:
        self.repeated += 1
        self.around.append(len(self.bodies))
        self.block(node.body)
        self.around.pop()
        self.repeated -= 1

    def finish_loop(self, loop: str, node: ir.For | ir.While) -> None:
        left = (escapes(node.body) - {"loop"}) | escapes(node.orelse)
        jumps = "loop" in escapes(node.body)
        names = self.bound((node,))
        if jumps:
            # A labelled break or continue left the pc raised (it may have been so before): all that the loop could
            # write depends on it.
            held = self.temp()
            self.line(f"{held} = S.pc.join({loop}.label)")
        else:
            held = f"{loop}.label"
        self.line(f"if {held} is not TRUSTED_PUBLIC:")
        self.depth += 1
        if not left:
            self.line(f"S.back({loop}.pc)")
        self.taints(names, held)
        self.line("pass")
        self.depth -= 1

    def match(self, node: ir.Match) -> None:
        loop = self.temp()
        self.line(f"{loop} = Loop(S, {self.effects.region(node)})")
        self.line(f"{loop}.subject = {self.settled(node.subject)}")
        before = self.scope.assigned.mark()
        results: list[set[str] | None] = []
        word = "if"
        sure = False
        for case in node.cases:
            self.span = case.span
            pattern, values = self.pattern(case.pattern)
            names = list(self.bound((case.pattern,)))
            taken = "".join(f', (v_{name} := {loop}.captured["{name}"])' for name in names)
            test = f"matched(S, {loop}, {pattern}, ({''.join(value + ', ' for value in values)}))"
            if names:
                test += f" and (True{taken}, True)[-1]"
            self.scope.assigned.update(names)
            if case.guard is not None:
                test += f" and {loop}.test({self.expr(case.guard)})"
            elif isinstance(case.pattern, ir.CapturePattern) and case.pattern.pattern is None:
                sure = True
            self.line(f"{word} {test}:")
            results.append(self.arm(case.body, before))
            word = "elif"
        if not sure:
            results.append(set())
        self.scope.assigned.update(meet(results))
        body = [statement for case in node.cases for statement in case.body]
        self.close(loop, body, [case.pattern for case in node.cases])

    def pattern(self, node: ir.Pattern) -> tuple[str, list[str]]:
        """The pattern as a nested tuple of plain parts, and the code of the values it compares with."""
        values: list[str] = []

        def build(part: ir.Pattern) -> object:
            match part:
                case ir.ValuePattern(value=value):
                    values.append(self.expr(value))
                    return ("value", len(values) - 1)
                case ir.CapturePattern(name=name, pattern=inner):
                    return ("capture", name, None if inner is None else build(inner))
                case ir.StarPattern(name=name):
                    return ("star", name)
                case ir.SequencePattern(patterns=patterns):
                    return ("sequence", tuple(build(p) for p in patterns))
                case ir.MappingPattern(keys=keys, patterns=patterns, rest=rest):
                    places = []
                    for key in keys:
                        values.append(self.expr(key))
                        places.append(len(values) - 1)
                    return ("mapping", tuple(places), tuple(build(p) for p in patterns), rest)
                case ir.ClassPattern(cls=cls, patterns=patterns, names=names, keyword_patterns=named):
                    values.append(self.expr(cls))
                    place = len(values) - 1
                    return ("class", place, tuple(build(p) for p in patterns), names, tuple(build(p) for p in named))
                case ir.OrPattern(patterns=patterns):
                    return ("or", tuple(build(p) for p in patterns))
                case _:
                    assert_never(part)

        built = build(node)
        return self.constant(built), values

    # Functions and classes

    def function(self, node: ir.FunctionDef) -> None:
        self.temps += 1
        name = f"f{self.temps}_{node.name}" if node.name.isascii() else f"f{self.temps}"
        defaults = [self.temp() if param.default is not None else "" for param in node.params]
        for temp, param in zip(defaults, node.params, strict=True):
            if param.default is not None:
                self.line(f"{temp} = {self.expr(param.default)}")
        self.line(f"def {name}({self.parameters(node.params, defaults)}):")
        names = {**dict.fromkeys(param.name for param in node.params), **self.bound(node.body)}
        with self.inside(names, node.body, [param.name for param in node.params]):
            self.depth += 1
            self.line(f"S.tick({len(node.body)})")
            for param in node.params:
                if param.kind == "kwargs":
                    self.line(f"v_{param.name} = {self.tagged(param, f'keyword_dict(v_{param.name})')}")
            self.unset([local for local in names if local not in self.scope.assigned])
            self.depth -= 1
            self.early = any("return" in escapes((one,)) for one in node.body if not isinstance(one, ir.Return))
            self.block(node.body)
            if self.early:
                self.line(" return taint(None, S.pc)")
        self.span = node.span
        self.store(ir.Name(node.name), self.function_value(name, node.name, node.params, defaults, node))

    def schema_class(self, node: ir.ClassDef) -> str:
        bases = "".join(f"{self.expr(base)}, " for base in node.bases)
        decorator = "None" if node.decorator is None else self.expr(node.decorator)
        options = ", ".join(f'"{k.name}": {self.expr(k.value)}' for k in node.keywords if k.name is not None)
        rows: list[str] = []
        for field in node.fields:
            annotation = "None" if field.annotation is None else self.annotation(field.annotation)
            default = "UNBOUND" if field.default is None else self.expr(field.default)
            rows.append(f'("{field.name}", {annotation}, {default}), ')
        doc = repr(node.doc)
        return f'define_class(S, "{node.name}", ({bases}), {decorator}, {{{options}}}, ({"".join(rows)}), {doc})'

    def annotation(self, node: ir.Expr) -> str:
        """An annotation in a class: an expression, or text that holds one."""
        if isinstance(node, ir.Constant) and isinstance(node.value, str):
            from ringfence.core.errors import PlanRejected
            from ringfence.lang.parse import parse_expression

            try:
                return self.annotation(parse_expression(node.value))
            except (PlanRejected, AssertionError):
                return "b_Any"
        if isinstance(node, ir.Name) and self.is_outside(node.id) and self.outside(node.id) is None:
            return f"forward({node.id!r})"
        return self.expr(node)

    # try, assert, import

    def returned(self, value: ir.Expr | None) -> None:
        result = "None" if value is None else self.expr(value)
        if self.bodies and value is not None:
            made = self.temp()
            self.line(f"{made} = {result}")
            result = made
        self.ended(0)
        # Which `return` it is depends on the pc, also where a caller's had that label before.
        self.line(f"return taint({result}, S.pc)" if self.early else f"return {result}")

    def ended(self, outside: int) -> None:
        """A jump ends the body of the innermost `try` that it leaves: failures of calls on their way belong to it."""
        if len(self.bodies) > outside:
            self.line(f"S.settled({self.bodies[-1]})")

    def try_statement(self, node: ir.Try) -> None:
        trying = self.temp()
        region = self.effects.region(node)
        jumps = bool(escapes((node,)) & {"loop", "return"})
        self.line(f"{trying} = S.try_({region})")
        if node.final or jumps:
            self.line("try:")
            self.depth += 1
        before = self.scope.assigned.mark()
        body_names = list(self.bound(node.body))
        if node.handlers:
            self.guarded(node, trying, body_names, before)
        else:
            self.depth -= 1
            self.body_of_try(node, trying)
            self.depth += 1
            self.line(f"S.settled({trying})")
            self.line(f"S.body_done({trying})")
        self.span = node.span
        others = list(node.handlers)
        names = self.bound((*(s for h in others for s in h.body), *node.orelse))
        for handler in others:
            if handler.name is not None:
                names[handler.name] = None
        if node.final or jumps:
            self.depth -= 1
            error = self.temp()
            self.line(f"except Raised as {error}:")
            self.line(f" S.note({trying}, {error})")
            self.line(" raise")
            self.line("finally:")
            self.line(" if S.live():")
            self.depth += 2
            label = self.temp()
            self.line(f"{label} = S.leave({trying}, {jumps})")
            self.taints({**dict.fromkeys(body_names), **names}, label)
            self.scope.assigned.take(before)
            self.depth -= 1
            self.block(node.final)
            self.depth += 1
            if jumps:
                self.line(f"S.stay({trying})")
            self.depth -= 2
        else:
            label = self.temp()
            self.line(f"{label} = S.leave({trying})")
            # Had it failed, the body's variables would have the label of that: so they have it if it did not.
            self.taints({**dict.fromkeys(body_names), **names}, label)
            self.scope.assigned.take(before)

    def body_of_try(self, node: ir.Try, trying: str) -> None:
        self.in_try += 1
        self.bodies.append(trying)
        self.block(node.body)
        self.bodies.pop()
        self.in_try -= 1

    def guarded(self, node: ir.Try, trying: str, body_names: list[str], before: int) -> None:
        error = self.temp()
        self.line("try:")
        self.body_of_try(node, trying)
        self.depth += 1
        self.line(f"S.settled({trying})")
        self.line(f"S.body_done({trying})")
        self.depth -= 1
        after_body = self.scope.assigned.take(before)
        self.line(f"except Raised as {error}:")
        self.depth += 1
        self.line(f"S.caught({trying}, {error})")
        for name in body_names:
            self.line(f"v_{name} = kept(v_{name}, {trying}.label)")
        bare = False
        for index, handler in enumerate(node.handlers):
            self.span = handler.span
            word = "elif" if index else "if"
            if handler.type is None:
                bare = True
                self.line("else:" if index else "if True:")
            else:
                self.line(f"{word} S.matches({error}, {self.expr(handler.type)}):")
            if handler.name is not None:
                self.line(f" v_{handler.name} = S.bound({error})")
                self.scope.assigned.add(handler.name)
            else:
                self.line(" pass")
            self.block(handler.body)
            if handler.name is not None:
                self.line(f" v_{handler.name} = UNBOUND")
            self.scope.assigned.take(before)
        if not bare:
            self.line("else:")
            self.line(f" S.note({trying}, {error})")
            self.line(" raise")
        self.depth -= 1
        if node.orelse:
            self.scope.assigned.update(sorted(after_body))
            self.line("else:")
            self.in_try += 1
            self.block(node.orelse)
            self.in_try -= 1

    def assertion(self, node: ir.Assert) -> None:
        test = self.temp()
        self.line(f"{test} = {self.expr(node.test)}")
        held = f"{test} is True or {test} is not False and S.enter({test}, {self.effects.region(node)})"
        message = "" if node.message is None else f"{self.expr(node.message)}, True"
        self.line(f"if not ({held}): S.check_assert({message})")

    def imports(self, node: ir.Import) -> None:
        for item in node.names if node.module != "__future__" else ():
            name = item.alias if item.alias is not None else item.name.split(".")[0]
            if node.module is None:
                whole = item.name if item.alias is not None else item.name.split(".")[0]
                self.line(f'v_{name} = imported("{whole}", None)')
            else:
                self.line(f'v_{name} = imported("{node.module}", "{item.name}")')
            self.scope.assigned.add(name)


def _weight(body: tuple[ir.Stmt, ...]) -> int:
    """The steps of one turn: the statements in it, those of inner loops and functions counted there."""
    total = 1
    for node in statements(body, loops=False):
        total += isinstance(node, (ir.Assign, ir.AugAssign, ir.ExprStatement, ir.If, ir.Return, ir.Match))
    return total


def meet(results: list[set[str] | None]) -> list[str]:
    """The names that all arms assign after which something comes."""
    reached = [result for result in results if result is not None]
    return sorted(set.intersection(*reached)) if reached else []
