"""What reads a text: Python's tree of it, the problems found so far, and the tables of rules.

Its one rule: a Python node without a rule is a diagnostic, never trusted to be harmless. All problems of a text are
reported at once.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final, TypeVar

from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.errors import PlanRejected
from ringfence.lang import ir
from ringfence.lang.habits import syntax_hint

MAX_TEXT: Final = 4_000_000
MAX_WORDS: Final = 1_000_000  # of which Python's tree takes up to a kilobyte each
MAX_DEPTH: Final = 200
MAX_PROBLEMS: Final = 50
# A part of `and`, `or` or a chain of comparisons decides about all that stand behind it, and is compiled within those
# before it: what they cost grows with the square of their number.
MAX_CHAINED: Final = 500
BLOCKS: Final = 15  # levels of nodes among which there are far fewer nested blocks than Python can compile: twenty
# Python's compiler looks at all names of a function again for each function, lambda or comprehension in it, and
# compares those that look alike. What stays below these takes a few seconds at most.
MAX_FUNCTIONS: Final = 4_000
MAX_NAMED_FUNCTIONS: Final = 20_000_000

_WORDS: Final = re.compile(r"\w+|[^\w\s]")

HINTS: Final[dict[type[ast.AST], tuple[str, str]]] = {
    ast.AsyncFunctionDef: ("async functions", "write an ordinary `def`; independent calls overlap by themselves"),
    ast.AsyncFor: ("async for", "write an ordinary `for`; independent calls overlap by themselves"),
    ast.AsyncWith: ("async with", "call the tools directly; there is nothing to open or close"),
    ast.With: ("with", "call the tools directly; there is nothing to open or close"),
    ast.Await: ("await", "call the tool without `await`; the engine waits where the value is needed"),
    ast.Yield: ("yield", "build a list, or write a generator expression"),
    ast.YieldFrom: ("yield from", "build a list, or write a generator expression"),
    ast.Global: ("global", "pass the value as an argument and return the new one, or change a list or dict"),
    ast.Nonlocal: ("nonlocal", "pass the value as an argument and return the new one, or change a list or dict"),
    ast.TryStar: ("except*", "write `except`"),
    ast.MatMult: ("operator @", "multiply the numbers in a loop"),
}


# Of one of Python's nodes: where it begins and ends.
_PLACE: Final[Callable[[ast.AST], tuple[int, int, int, int]]] = attrgetter(
    "lineno", "col_offset", "end_lineno", "end_col_offset"
)
_FUNCTIONS: Final = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Refused(Exception):
    """The construct was reported; its parent goes on with the next one."""


_Made = TypeVar("_Made")


class Reader:
    """The state of one reading: the text's lines, for columns, and the problems found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ascii = text.isascii()
        self.lines: list[str] | None = None
        self.problems: list[Diagnostic] = []
        self.functions = 0
        self.depth = 0
        self.loops = 0  # around the statement being read, in its function
        self.in_function = False
        self.doubt = False  # whether Python's compiler may refuse what its parser read, in the statement being read
        self.doubtful: list[ast.stmt] = []
        self.whole = False
        self.names: set[str] = set()

    def python(self, text: str, mode: str) -> ast.AST:
        """Python's tree of the text, no deeper than MAX_DEPTH."""
        if len(text) > MAX_TEXT:
            raise PlanRejected([Diagnostic("E103", f"the plan is longer than {MAX_TEXT:,} characters", ir.NOWHERE)])
        if len(text) > MAX_WORDS and sum(1 for _ in _WORDS.finditer(text)) > MAX_WORDS:
            message = f"the plan has more than {MAX_WORDS:,} words and signs"
            raise PlanRejected([Diagnostic("E103", message, ir.NOWHERE, "write a loop, or give the data to the plan")])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text, mode=mode)
        except SyntaxError as error:
            line, column = error.lineno or 1, max(error.offset or 1, 1)
            span = Span(line, column, error.end_lineno or line, max(error.end_offset or 0, column + 1))
            message = error.msg or "invalid syntax"
            raise PlanRejected([Diagnostic("E101", message, span, _syntax_hint(error))], text) from None
        except (RecursionError, MemoryError, OverflowError):
            raise PlanRejected([Diagnostic("E103", "the plan is nested too deeply", ir.NOWHERE)], text) from None
        except (ValueError, UnicodeError):
            message = "the plan holds characters that Python text cannot have"
            raise PlanRejected([Diagnostic("E101", message, ir.NOWHERE)], text) from None
        self.depth, last = _levels(tree)
        if self.depth > MAX_DEPTH:
            raise PlanRejected([Diagnostic("E103", "the plan is nested too deeply", self.span(last))], text)
        return tree

    def compiles(self, tree: ast.Module) -> None:
        """What only Python's compiler notices: misplaced jumps and stars, parameters named twice.

        It looks at the statements with something of which it may say so (`_DOUBTFUL`); they do not depend on others.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(tree, "<plan>", "exec", dont_inherit=True)
        except SyntaxError as error:
            line, column = error.lineno or 1, max(error.offset or 1, 1)
            message = error.msg or "invalid syntax"
            code = "E207" if any(word in message for word in ("outside", "not properly in loop")) else "E101"
            span = Span(line, column, error.end_lineno or line, max(error.end_offset or 0, column + 1))
            raise PlanRejected([Diagnostic(code, message, span)], self.text) from None
        except (RecursionError, MemoryError, ValueError, OverflowError):
            raise PlanRejected([Diagnostic("E103", "the plan is nested too deeply", ir.NOWHERE)], self.text) from None

    def few_functions(self, tree: ast.Module) -> None:
        """No more functions than Python can compile in a few seconds."""
        if self.functions > MAX_FUNCTIONS or self.functions * len(self.names) > MAX_NAMED_FUNCTIONS:
            made = [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)]
            message = f"the plan has more functions, lambdas and comprehensions ({len(made):,}) than can be compiled"
            hint = "write one function and call it, or a loop over a list"
            raise PlanRejected([Diagnostic("E103", message, self.span(made[-1]), hint)], self.text)

    def finish(self) -> None:
        if self.problems:
            raise PlanRejected(self.problems[:MAX_PROBLEMS], self.text)

    def span(self, node: ast.AST) -> Span:
        try:
            line, start, end_line, end = _PLACE(node)
        except AttributeError:
            return ir.NOWHERE
        if not self.ascii:
            start, end = self._column(line, start), self._column(end_line, end)
        return tuple.__new__(Span, (line, start + 1, end_line, end + 1))

    def _column(self, line: int, offset: int) -> int:
        if self.lines is None:
            self.lines = self.text.split("\n")
        if not 1 <= line <= len(self.lines):
            return offset
        return len(self.lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))

    def problem(self, code: str, message: str, node: ast.AST, hint: str | None = None) -> Refused:
        self.problems.append(Diagnostic(code, message, self.span(node), hint))
        return Refused()

    def chained(self, parts: Sequence[ast.AST], node: ast.AST) -> None:
        """No more parts of one condition than can be compiled quickly."""
        if len(parts) > MAX_CHAINED:
            message = f"a condition has more than {MAX_CHAINED} parts"
            raise self.problem("E103", message, node, "write all([...]) or any([...]), or a loop over a list")

    def name(self, name: str, node: ast.AST) -> str:
        if name in self.names:
            return name
        if name == "__name__":
            raise self.problem("E209", "__name__ can only be read", node, "choose another name")
        if name.startswith("__"):
            hint = "import it at the top" if name == "__import__" else "choose another name"
            raise self.problem("E209", "names that begin with two underscores are reserved", node, hint)
        self.names.add(name)
        return name

    # Each of these goes on after a problem, so that all are reported.

    def each(self, nodes: Sequence[ast.AST], make: Callable[[ast.AST], _Made]) -> tuple[_Made, ...]:
        made: list[_Made] = []
        refused = False
        for node in nodes:
            try:
                made.append(make(node))
            except Refused:
                refused = True
        if refused and not self.problems:
            raise AssertionError("refused without a diagnostic")
        return tuple(made)

    def block(self, nodes: Sequence[ast.stmt]) -> tuple[ir.Stmt, ...]:
        return self.each(remembering(nodes), self.statement)

    def top(self, nodes: Sequence[ast.stmt]) -> tuple[ir.Stmt, ...]:
        """The statements of the plan itself, noting which of them Python's compiler has to look at."""

        def statement(node: ast.AST) -> ir.Stmt:
            assert isinstance(node, ast.stmt)
            self.doubt = False
            made = self.statement(node)
            if self.doubt:
                self.doubtful.append(node)
            return made

        return self.each(remembering(nodes), statement)

    def statement(self, node: ast.AST) -> ir.Stmt:
        if type(node) not in _SURE:
            self.doubt = True
        rule = STATEMENTS.get(type(node))
        if rule is None:
            raise self.unknown(node)
        return rule(self, node)

    def expr(self, node: ast.AST) -> ir.Expr:
        if type(node) not in _SURE:
            self.doubt = True
        rule = EXPRESSIONS.get(type(node))
        if rule is None:
            raise self.unknown(node)
        return rule(self, node)

    def maybe(self, node: ast.AST | None) -> ir.Expr | None:
        return None if node is None else self.expr(node)

    def unknown(self, node: ast.AST) -> Refused:
        what, hint = HINTS.get(type(node), (type(node).__name__, "docs/language.md lists the constructs"))
        return self.problem("E102", f"the plan language has no {what}", node, hint)


def remembering(nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements, with `@cache` above a function as what it means: `f = cache(f)` below it."""
    made: list[ast.stmt] = []
    for node in nodes:
        made.append(node)
        if isinstance(node, ast.FunctionDef) and all(_remembers(one) for one in node.decorator_list):
            for decorator in reversed(node.decorator_list):
                name, again = ast.Name(node.name, ast.Store()), ast.Name(node.name, ast.Load())
                call = ast.Call(decorator, [again], [])
                kept = ast.Assign([name], call)
                for part in (name, again, call, kept):
                    ast.copy_location(part, decorator)
                made.append(kept)
    return made


def _remembers(node: ast.expr) -> bool:
    """Whether it is `cache` or `lru_cache`, of `functools`, perhaps with a size: decorators without an effect."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "functools":
        return target.attr in ("cache", "lru_cache")
    return isinstance(target, ast.Name) and target.id in ("cache", "lru_cache")


def _syntax_hint(error: SyntaxError) -> str | None:
    text = (error.text or "").lstrip()
    if text.startswith(("```", "Here", "Sure", "I ")):
        return "the text is not a plan; give the plan alone, without prose or code fences"
    line = error.text or ""
    return syntax_hint(line.rstrip("\n"))


def _levels(tree: ast.AST) -> tuple[int, ast.AST]:
    """How many levels of nodes there are, up to one more than MAX_DEPTH, and a node of the last."""
    level, last = [tree], tree
    for depth in range(MAX_DEPTH + 1):
        below: list[ast.AST] = []
        while level:
            node = level.pop()
            for name in _PARTS[type(node)]:
                child = getattr(node, name, None)
                if type(child) is list:
                    # A chain of elifs is one level to a reader; Python nests it.
                    flat = name == "orelse" and len(child) == 1 and type(node) is ast.If
                    (level if flat else below).extend(child)
                elif child is not None:
                    below.append(child)
        if not below:
            return depth, last
        level = below
        last = next((node for node in level if hasattr(node, "lineno")), last)
    return MAX_DEPTH + 1, last


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """Of each of Python's nodes the fields that hold others: no names, operators, contexts and values of constants.

    Among the parts of a node can be None, and names: these have none.
    """

    _plain: Final = frozenset("ctx op ops id attr arg name names kind type_comment conversion level module".split())

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        leaf = kind is ast.Constant or not issubclass(kind, ast.AST)
        found = () if leaf else tuple(name for name in kind._fields if name not in self._plain)
        self[kind] = found
        return found


_PARTS: Final = _Fields()

# What is free of all that Python's compiler refuses and its parser does not: what only reads and binds. The others
# jump, nest blocks, have stars or patterns, or bind where they may not.
CERTAIN: Final = (
    ast.Constant,
    ast.Name,
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.BoolOp,
    ast.IfExp,
    ast.Call,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.List,
    ast.Tuple,
    ast.Set,
    ast.Dict,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.Expr,
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.If,
    ast.Pass,
    ast.Import,
    ast.ImportFrom,
)


# Of these the rules below say where there is doubt: at a jump out of nothing, a parameter named twice, many blocks.
SAID: Final = (ast.For, ast.While, ast.Break, ast.Continue, ast.FunctionDef, ast.Lambda, ast.Return)

_SURE: Final = frozenset({*CERTAIN, *SAID})

EXPRESSIONS: Final[dict[type[ast.AST], Callable[[Reader, ast.AST], ir.Expr]]] = {}
STATEMENTS: Final[dict[type[ast.AST], Callable[[Reader, ast.AST], ir.Stmt]]] = {}

_Node = TypeVar("_Node", bound=ast.AST)


def expression(
    kind: type[_Node],
) -> Callable[[Callable[[Reader, _Node], ir.Expr]], Callable[[Reader, _Node], ir.Expr]]:
    def register(rule: Callable[[Reader, _Node], ir.Expr]) -> Callable[[Reader, _Node], ir.Expr]:
        EXPRESSIONS[kind] = rule  # type: ignore[assignment]  # the dispatcher looks the rule up by the node's class
        return rule

    return register


def statement(
    kind: type[_Node],
) -> Callable[[Callable[[Reader, _Node], ir.Stmt]], Callable[[Reader, _Node], ir.Stmt]]:
    def register(rule: Callable[[Reader, _Node], ir.Stmt]) -> Callable[[Reader, _Node], ir.Stmt]:
        STATEMENTS[kind] = rule  # type: ignore[assignment]  # as above
        return rule

    return register
