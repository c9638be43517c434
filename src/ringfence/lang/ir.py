"""The plan as a tree: what `parse` makes from text or JSON, and everything after it reads.

Its one rule: a node exists here only for a construct that the language has. All nodes are immutable and
hold a `Span`, which is left out of equality and of the hash: two plans that differ only in layout are the
same plan. Serialisation is in `lang/serial.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ringfence.core.diagnostics import Span

NOWHERE = Span(1, 1, 1, 1)

ConstantValue: TypeAlias = bool | int | float | str | bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# Expressions


@dataclass(frozen=True, slots=True)
class Constant(Node):
    value: ConstantValue


@dataclass(frozen=True, slots=True)
class Name(Node):
    id: str


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`op` is one of + - * / // % ** << >> & | ^ @."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`op` is one of + - ~ not."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`ops` are among == != < <= > >= is "is not" in "not in"; one fewer than operands."""

    operands: tuple[Expr, ...]
    ops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`op` is "and" or "or"."""

    op: str
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    test: Expr
    then: Expr
    orelse: Expr


@dataclass(frozen=True, slots=True)
class Keyword(Node):
    """A keyword argument; `name` is None for `**value`."""

    name: str | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Call(Node):
    func: Expr
    args: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    value: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Subscript(Node):
    value: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Slice(Node):
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """A display; `kind` is list, tuple or set."""

    kind: str
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class DictDisplay(Node):
    """A key of None stands for `**value`."""

    keys: tuple[Expr | None, ...]
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Formatted(Node):
    """`{value!conversion:spec}`; `conversion` is "", "s", "r" or "a"; `spec` None or parts of its own."""

    value: Expr
    conversion: str
    spec: FString | None


@dataclass(frozen=True, slots=True)
class FString(Node):
    parts: tuple[Constant | Formatted, ...]


@dataclass(frozen=True, slots=True)
class Clause(Node):
    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Node):
    """`kind` is list, set, dict or generator; `element` is the key of a dict, `value` its value, else None."""

    kind: str
    element: Expr
    value: Expr | None
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`kind` is "only" (positional-only), "positional", "keyword" (only), "args" or "kwargs"."""

    name: str
    kind: str
    default: Expr | None
    annotation: Expr | None


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    params: tuple[Parameter, ...]
    body: Expr


@dataclass(frozen=True, slots=True)
class Starred(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class Walrus(Node):
    name: str
    value: Expr


Expr: TypeAlias = (
    Constant
    | Name
    | Binary
    | Unary
    | Compare
    | Logic
    | Conditional
    | Call
    | Attribute
    | Subscript
    | Slice
    | Sequence
    | DictDisplay
    | FString
    | Formatted
    | Comprehension
    | Lambda
    | Starred
    | Walrus
)


# Statements


@dataclass(frozen=True, slots=True)
class ExprStatement(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class Assign(Node):
    targets: tuple[Expr, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class AugAssign(Node):
    target: Expr
    op: str
    value: Expr


@dataclass(frozen=True, slots=True)
class AnnAssign(Node):
    target: Expr
    annotation: Expr
    value: Expr | None


@dataclass(frozen=True, slots=True)
class If(Node):
    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class For(Node):
    target: Expr
    iterable: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class While(Node):
    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Break(Node):
    pass


@dataclass(frozen=True, slots=True)
class Continue(Node):
    pass


@dataclass(frozen=True, slots=True)
class Pass(Node):
    pass


@dataclass(frozen=True, slots=True)
class FunctionDef(Node):
    name: str
    params: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    returns: Expr | None


@dataclass(frozen=True, slots=True)
class Return(Node):
    value: Expr | None


@dataclass(frozen=True, slots=True)
class Handler(Node):
    type: Expr | None
    name: str | None
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Try(Node):
    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Stmt, ...]
    final: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Raise(Node):
    error: Expr | None
    cause: Expr | None


@dataclass(frozen=True, slots=True)
class Assert(Node):
    test: Expr
    message: Expr | None


@dataclass(frozen=True, slots=True)
class Delete(Node):
    targets: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ImportName(Node):
    name: str
    alias: str | None


@dataclass(frozen=True, slots=True)
class Import(Node):
    """`module` is None for `import a, b`; else `from module import a, b`."""

    module: str | None
    names: tuple[ImportName, ...]


@dataclass(frozen=True, slots=True)
class ClassField(Node):
    """A field of a schema class, or a member of an Enum (then without annotation)."""

    name: str
    annotation: Expr | None
    default: Expr | None


@dataclass(frozen=True, slots=True)
class ClassDef(Node):
    """A declarative schema. `decorator` is None or the dataclass decorator's expression."""

    name: str
    bases: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]
    decorator: Expr | None
    fields: tuple[ClassField, ...]
    doc: str


# Patterns of match


@dataclass(frozen=True, slots=True)
class ValuePattern(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class CapturePattern(Node):
    """`name` None is the wildcard; with `pattern`, `pattern as name`."""

    name: str | None
    pattern: Pattern | None


@dataclass(frozen=True, slots=True)
class StarPattern(Node):
    name: str | None


@dataclass(frozen=True, slots=True)
class SequencePattern(Node):
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class MappingPattern(Node):
    keys: tuple[Expr, ...]
    patterns: tuple[Pattern, ...]
    rest: str | None


@dataclass(frozen=True, slots=True)
class ClassPattern(Node):
    cls: Expr
    patterns: tuple[Pattern, ...]
    names: tuple[str, ...]
    keyword_patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class OrPattern(Node):
    patterns: tuple[Pattern, ...]


Pattern: TypeAlias = (
    ValuePattern | CapturePattern | StarPattern | SequencePattern | MappingPattern | ClassPattern | OrPattern
)


@dataclass(frozen=True, slots=True)
class Case(Node):
    pattern: Pattern
    guard: Expr | None
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Match(Node):
    subject: Expr
    cases: tuple[Case, ...]


Stmt: TypeAlias = (
    ExprStatement
    | Assign
    | AugAssign
    | AnnAssign
    | If
    | For
    | While
    | Break
    | Continue
    | Pass
    | FunctionDef
    | Return
    | Try
    | Raise
    | Assert
    | Delete
    | Import
    | ClassDef
    | Match
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. `text` is what it was parsed from, `depth` how many levels of nodes it has at most.

    These do not take part in equality.
    """

    body: tuple[Stmt, ...]
    text: str = field(default="", compare=False, repr=False)
    depth: int = field(default=1_000_000, compare=False, repr=False)
