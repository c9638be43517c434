"""Units: a statement, or an expression of a plan, as Python code that only calls the runtime.

Its one rule: every operation of the generated code is a call of a runtime function or method, every name in
it is mangled or made here, and constants are written by `repr`. Control flow, closures and generator
expressions are Python's own; values, attributes, calls and labels are the runtime's. The code is executed with no
builtins (`lang/program.py`). docs/decisions/0001-execution.md says why code is generated.
"""

from __future__ import annotations

from collections.abc import Container
from typing import assert_never

from ringfence.core.diagnostics import Span
from ringfence.lang import ir
from ringfence.lang.codegen.assignments import assignment, augmented, delete
from ringfence.lang.codegen.branches import assertion, branch, match_statement
from ringfence.lang.codegen.classes import imports, schema_class
from ringfence.lang.codegen.expressions import expression
from ringfence.lang.codegen.functions import function
from ringfence.lang.codegen.loops import for_loop, while_loop
from ringfence.lang.codegen.scopes import Scope
from ringfence.lang.codegen.trying import ended, returned, try_statement
from ringfence.lang.codegen.writer import Writer
from ringfence.lang.scope import Outline, statements, variable


class Generator(Writer):
    """Writes the code of one unit: a statement of the plan's top, or an expression in one."""

    expr = expression  # itself the method: a call more for each expression would make deep plans deeper

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

    def statement(self, node: ir.Stmt) -> None:
        self.span = node.span
        temps = self.temps
        statement_of(self, node)
        self.temps = temps  # names of no use any more: the fewer there are, the faster Python compiles


def statement_of(w: Writer, node: ir.Stmt) -> None:
    match node:
        case ir.ExprStatement(value=value):
            w.line(w.expr(value))
        case ir.Assign(targets=targets, value=value):
            assignment(w, targets, value)
        case ir.AugAssign():
            augmented(w, node)
        case ir.AnnAssign(target=target, value=value):
            if value is not None:
                assignment(w, (target,), value)
        case ir.If():
            branch(w, node)
        case ir.For():
            for_loop(w, node)
        case ir.While():
            while_loop(w, node)
        case ir.Break():
            ended(w, w.around[-1])
            w.line("break")
        case ir.Continue():
            ended(w, w.around[-1])
            w.line("continue")
        case ir.Pass():
            w.line("pass")
        case ir.FunctionDef():
            function(w, node)
        case ir.Return(value=value):
            returned(w, value)
        case ir.Try():
            try_statement(w, node)
        case ir.Raise(error=error, cause=cause):
            parts = [w.expr(part) for part in (error, cause) if part is not None]
            w.line(f"S.throw({', '.join(parts)})" if parts else "S.rethrow()")
        case ir.Assert():
            assertion(w, node)
        case ir.Delete(targets=targets):
            for target in targets:
                delete(w, target)
        case ir.Import():
            imports(w, node)
        case ir.ClassDef():
            w.line(f"v_{node.name} = {schema_class(w, node)}")
            w.scope.assigned.add(node.name)
        case ir.Match():
            match_statement(w, node)
        case _:
            assert_never(node)
