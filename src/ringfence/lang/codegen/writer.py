"""What writes code for a plan: the lines so far, the names, the temporaries, and the phrases that every part uses.

Its one rule: every name in the code is mangled or made here, and a constant is written by `repr` or kept beside the
code. What each construct is written as is told elsewhere in this folder.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from ringfence.core.diagnostics import Span
from ringfence.lang import ir
from ringfence.lang.analysis.region import Places
from ringfence.lang.codegen.scopes import Scope
from ringfence.lang.host import Signature
from ringfence.lang.kernels.kernel import Reduction, Written
from ringfence.lang.scope import unbound

VERBS: Final = frozenset({"quarantine", "quarantine_each", "answer", "refuse", "print"})
# The runtime's names of the operators.
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


class Writer(ABC):
    """Writes the code of one unit, of which it holds the state."""

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

    @abstractmethod
    def expr(self, node: ir.Expr) -> str:
        """An expression as code that gives its value."""

    @abstractmethod
    def statement(self, node: ir.Stmt) -> None:
        """Write the lines of a statement."""

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

    def kernel(self, written: Written, described: Reduction | None = None) -> str:
        """The kernel's function and description, as two arguments."""
        name = f"q{self.unit}_{len(self.kernels)}"
        self.kernels.append((f"def {name}({', '.join(written.params)}): return {written.result}", self.span))
        return f"{name}, {self.constant(written.kernel if described is None else described)}"

    def constant(self, value: object) -> str:
        self.constants.append(value)
        return f"K[{len(self.constants) - 1}]"

    def tagged(self, node: ir.Node, code: str) -> str:
        number = self.effects.tracked(node)
        return code if number is None else f"S.tag({code}, {number})"

    def using(self, node: ir.Node, function: str, args: str) -> str:
        """A call of something of the runtime that goes on with iterators at the node, or fills a dict."""
        region = self.effects.using_up(node)
        return f"S.using({region}, {function}, {args})" if region else f"{function}({args})"

    def filled(self, node: ir.Call, code: str) -> str:
        """A defaultdict also remembers the allocation site of what it fills itself with."""
        number = self.effects.child_site(node)
        return f"filled({code}, {number})" if number else code

    def tracked(self, code: str) -> str:
        return f"S.touch({code})" if self.tracking else code

    def settled(self, node: ir.Expr) -> str:
        code = self.expr(node)
        return code if _never_pending(node) else f"settle({code})"

    def sure(self, name: str) -> bool:
        """Whether reading a variable cannot fail."""
        return not self.is_outside(name) and self.resolve(name) == f"v_{name}"

    def bounds(self, node: ir.Slice) -> str:
        return ", ".join("None" if part is None else self.expr(part) for part in (node.lower, node.upper, node.step))

    def maybe_skipped(self, write: Callable[[], str]) -> str:
        """Code of a part that may not be evaluated: what it assigns is not sure to be bound afterwards."""
        before = self.scope.assigned.mark()
        code = write()
        self.scope.assigned.take(before)
        return code

    def retainted(self, code: str, names: Iterable[str], label: str) -> str:
        """The expression, and then the names that a part of it may have bound, with the condition's label."""
        again = "".join(f", (v_{name} := taint(v_{name}, {label}))" for name in names)
        if not again:
            return code
        result = self.temp()
        return f"(({result} := {code}){again}, {result})[-1]"

    def block(self, body: Iterable[ir.Stmt]) -> None:
        self.depth += 1
        count = len(self.lines)
        for statement in body:
            self.statement(statement)
        if len(self.lines) == count:
            self.line("pass")
        self.depth -= 1

    def touched(self, *temps: str) -> None:
        if self.tracking:
            self.line(f"S.touched({', '.join(temps)})")

    def taints(self, names: Iterable[str], label: str) -> None:
        for name in names:
            self.line(f"v_{name} = taint(v_{name}, {label})")

    def in_order(self) -> None:
        """What follows is a change that the run does not see: in a `try`, calls before it have not failed."""
        if self.in_try:
            self.line("S.in_order()")

    def unset(self, names: list[str]) -> None:
        """The variables that have no value yet; a hundred in a line."""
        for start in range(0, len(names), 100):
            self.line("".join(f"v_{name} = " for name in names[start : start + 100]) + "UNBOUND")


def _never_pending(node: ir.Expr) -> bool:
    return isinstance(node, (ir.Compare, ir.Unary, ir.Constant, ir.Binary, ir.FString, ir.Sequence, ir.DictDisplay))
