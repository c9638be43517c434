"""Units: the pieces of a plan that repeat, as generated code that is compiled when a run first reaches it.

Its one rule: when a unit is compiled, and in which thread, changes nothing: what it may take for granted was noted
when the plan was prepared, and a unit is compiled once for all runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import CodeType
from typing import Final, final

from ringfence.core.values import Value
from ringfence.lang import ir
from ringfence.lang.codegen.generator import Generator
from ringfence.lang.codegen.scopes import Scope
from ringfence.lang.direct.frame import Frame, Whole
from ringfence.lang.scope import walk

FILE: Final = "<plan "


@final
class Unit:
    """A statement, or an expression, as generated code."""

    __slots__ = ("_code", "_kind", "_moment", "_name", "_node", "_number", "_place", "_whole")

    def __init__(self, whole: Whole, node: ir.Stmt | ir.Expr, place: ir.Node, kind: str) -> None:
        """`kind`: statement, last (statement), expression, key (a lambda), started (a comprehension)."""
        self._whole = whole
        self._node = node
        self._place = place
        self._kind = kind
        self._moment = whole.timeline.now
        self._number = len(whole.units)
        self._name = f"unit{self._number}"
        self._code: CodeType | None = None
        whole.units.append(self)

    def perform(self, frame: Frame) -> Value:
        """Run it."""
        return self._function(frame)(frame.run, frame.names)

    def value(self, frame: Frame, started: Value = None) -> Value:
        """Evaluate it."""
        return self._function(frame)(frame.run, frame.names, started)

    def compiled(self) -> CodeType:
        """Its code. Raises SyntaxError, RecursionError or MemoryError for what Python cannot compile."""
        with self._whole.lock:
            if self._code is None:
                self._code = self._compile()
            return self._code

    def tries(self) -> bool:
        """Whether there is a `try` in it, which nests deeper in code than in the plan."""
        return self._whole.outline.has(ir.Try) and any(isinstance(part, ir.Try) for part in walk((self._node,)))

    def _function(self, frame: Frame) -> Callable[..., Value]:
        found = frame.names.get(self._name)
        if found is None:
            code = self._code
            if code is None:
                started = time.monotonic()
                code = self.compiled()
                frame.run.waited(time.monotonic() - started)  # preparing is not part of what a run may take
            exec(code, frame.names)  # noqa: S102  (text of our own generator; its world is the runtime's table)
            found = frame.names[self._name]
        assert callable(found)
        function: Callable[..., Value] = found
        return function

    def _compile(self) -> CodeType:
        from ringfence.lang.running.runtime import DIRECT

        whole, node = self._whole, self._node
        places, direct = whole.places, frozenset(DIRECT)
        writer = Generator(places, whole.tools, whole.builtins, direct, whole.constants, self._number)
        known: Callable[[str], bool] = lambda name: whole.timeline.sure(name, self._moment)  # noqa: E731
        writer.start(whole.outline, Scope(whole.every_name, None, whole.removed, known))
        if self._kind in ("statement", "last"):
            text = writer.statement_unit(node, whole.shared, self._kind == "last")  # type: ignore[arg-type]  # its kind
        else:
            if self._kind == "key":
                writer.keys.add(id(node))
            text = writer.expression_unit(node, self._place.span, self._kind == "started")  # type: ignore[arg-type]
        file = f"{FILE}{self._number}>"
        whole.spans[file] = tuple(writer.spans)
        return compile(text, file, "exec", dont_inherit=True)
