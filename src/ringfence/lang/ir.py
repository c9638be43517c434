"""The plan as a tree: what `parse` makes from text or JSON, and everything after it reads.

Its one rule: a node exists here only for a construct that the language has. All nodes are immutable and
hold a `Span`, which is left out of equality and of the hash: two plans that differ only in layout are the
same plan. Serialisation is in `lang/serial.py`. One file, though it is long: it is a list, and all others say `ir.X`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar, dataclass_transform

from ringfence.core.diagnostics import Span

NOWHERE = Span(1, 1, 1, 1)

ConstantValue: TypeAlias = bool | int | float | str | bytes | None


_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def node(cls: type[_Class]) -> type[_Class]:
    """A frozen dataclass to mypy, which is where nobody may assign to a field.

    The interpreter does not look after it: making a frozen one takes three times as long, and a plan of 2,000
    statements has 20,000.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


@node
class Node:
    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


# Expressions


@node
class Constant(Node):
    value: ConstantValue


@node
class Name(Node):
    id: str


@node
class Binary(Node):
    """`op` is one of + - * / // % ** << >> & | ^ @."""

    op: str
    left: Expr
    right: Expr


@node
class Unary(Node):
    """`op` is one of + - ~ not."""

    op: str
    operand: Expr


@node
class Compare(Node):
    """`ops` are among == != < <= > >= is "is not" in "not in"; one fewer than operands."""

    operands: tuple[Expr, ...]
    ops: tuple[str, ...]


@node
class Logic(Node):
    """`op` is "and" or "or"."""

    op: str
    values: tuple[Expr, ...]


@node
class Conditional(Node):
    test: Expr
    then: Expr
    orelse: Expr


@node
class Keyword(Node):
    """A keyword argument; `name` is None for `**value`."""

    name: str | None
    value: Expr


@node
class Call(Node):
    func: Expr
    args: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]


@node
class Attribute(Node):
    value: Expr
    name: str


@node
class Subscript(Node):
    value: Expr
    index: Expr


@node
class Slice(Node):
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@node
class Sequence(Node):
    """A display; `kind` is list, tuple or set."""

    kind: str
    items: tuple[Expr, ...]


@node
class DictDisplay(Node):
    """A key of None stands for `**value`."""

    keys: tuple[Expr | None, ...]
    values: tuple[Expr, ...]


@node
class Formatted(Node):
    """`{value!conversion:spec}`; `conversion` is "", "s", "r" or "a"; `spec` None or parts of its own."""

    value: Expr
    conversion: str
    spec: FString | None


@node
class FString(Node):
    parts: tuple[Constant | Formatted, ...]


@node
class Clause(Node):
    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]


@node
class Comprehension(Node):
    """`kind` is list, set, dict or generator; `element` is the key of a dict, `value` its value, else None."""

    kind: str
    element: Expr
    value: Expr | None
    clauses: tuple[Clause, ...]


@node
class Parameter(Node):
    """`kind` is "only" (positional-only), "positional", "keyword" (only), "args" or "kwargs"."""

    name: str
    kind: str
    default: Expr | None
    annotation: Expr | None


@node
class Lambda(Node):
    params: tuple[Parameter, ...]
    body: Expr


@node
class Starred(Node):
    value: Expr


@node
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


@node
class ExprStatement(Node):
    value: Expr


@node
class Assign(Node):
    targets: tuple[Expr, ...]
    value: Expr


@node
class AugAssign(Node):
    target: Expr
    op: str
    value: Expr


@node
class AnnAssign(Node):
    target: Expr
    annotation: Expr
    value: Expr | None


@node
class If(Node):
    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@node
class For(Node):
    target: Expr
    iterable: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@node
class While(Node):
    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


@node
class Break(Node):
    pass


@node
class Continue(Node):
    pass


@node
class Pass(Node):
    pass


@node
class FunctionDef(Node):
    name: str
    params: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    returns: Expr | None


@node
class Return(Node):
    value: Expr | None


@node
class Handler(Node):
    type: Expr | None
    name: str | None
    body: tuple[Stmt, ...]


@node
class Try(Node):
    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Stmt, ...]
    final: tuple[Stmt, ...]


@node
class Raise(Node):
    error: Expr | None
    cause: Expr | None


@node
class Assert(Node):
    test: Expr
    message: Expr | None


@node
class Delete(Node):
    targets: tuple[Expr, ...]


@node
class ImportName(Node):
    name: str
    alias: str | None


@node
class Import(Node):
    """`module` is None for `import a, b`; else `from module import a, b`."""

    module: str | None
    names: tuple[ImportName, ...]


@node
class ClassField(Node):
    """A field of a schema class, or a member of an Enum (then without annotation)."""

    name: str
    annotation: Expr | None
    default: Expr | None


@node
class ClassDef(Node):
    """A declarative schema. `decorator` is None or the dataclass decorator's expression."""

    name: str
    bases: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]
    decorator: Expr | None
    fields: tuple[ClassField, ...]
    doc: str


# Patterns of match


@node
class ValuePattern(Node):
    value: Expr


@node
class CapturePattern(Node):
    """`name` None is the wildcard; with `pattern`, `pattern as name`."""

    name: str | None
    pattern: Pattern | None


@node
class StarPattern(Node):
    name: str | None


@node
class SequencePattern(Node):
    patterns: tuple[Pattern, ...]


@node
class MappingPattern(Node):
    keys: tuple[Expr, ...]
    patterns: tuple[Pattern, ...]
    rest: str | None


@node
class ClassPattern(Node):
    cls: Expr
    patterns: tuple[Pattern, ...]
    names: tuple[str, ...]
    keyword_patterns: tuple[Pattern, ...]


@node
class OrPattern(Node):
    patterns: tuple[Pattern, ...]


Pattern: TypeAlias = (
    ValuePattern | CapturePattern | StarPattern | SequencePattern | MappingPattern | ClassPattern | OrPattern
)


@node
class Case(Node):
    pattern: Pattern
    guard: Expr | None
    body: tuple[Stmt, ...]


@node
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
