"""Text to IR: one small rule for each construct that the language has.

Its one rule: a Python node without a rule here is a diagnostic, never trusted to be harmless. All problems
of a text are reported at once. Python's own parser reads the text; nothing of it survives this stage.
"""

from __future__ import annotations

import ast
import keyword
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Final, TypeVar

from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.errors import PlanRejected
from ringfence.lang import ir
from ringfence.lang.depth import deep_stack, preparing
from ringfence.lang.habits import syntax_hint

MAX_TEXT: Final = 4_000_000
MAX_DEPTH: Final = 200
MAX_PROBLEMS: Final = 50
_BLOCKS: Final = 15  # levels of nodes among which there are far fewer nested blocks than Python can compile: twenty
# Python's compiler looks at all names of a function again for each function, lambda or comprehension in it, and
# compares those that look alike. What stays below these takes a few seconds at most.
MAX_FUNCTIONS: Final = 4_000
MAX_NAMED_FUNCTIONS: Final = 20_000_000

_BINARY: Final = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
_UNARY: Final = {ast.UAdd: "+", ast.USub: "-", ast.Invert: "~", ast.Not: "not"}
_COMPARE: Final = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_HINTS: Final[dict[type[ast.AST], tuple[str, str]]] = {
    ast.AsyncFunctionDef: ("async functions", "write an ordinary `def`; independent calls overlap by themselves"),
    ast.AsyncFor: ("async for", "write an ordinary `for`; independent calls overlap by themselves"),
    ast.AsyncWith: ("async with", "call the tools directly; there is nothing to open or close"),
    ast.With: ("with", "call the tools directly; there is nothing to open or close"),
    ast.Await: ("await", "call the tool without `await`; the engine waits where the value is needed"),
    ast.Yield: ("yield", "build a list, or write a generator expression"),
    ast.YieldFrom: ("yield from", "build a list, or write a generator expression"),
    ast.Global: ("global", "pass the value as an argument and return the new one"),
    ast.Nonlocal: ("nonlocal", "pass the value as an argument and return the new one, or change a list or dict"),
    ast.TryStar: ("except*", "write `except`"),
    ast.MatMult: ("operator @", "multiply the numbers in a loop"),
}


# Of one of Python's nodes: where it begins and ends.
_PLACE: Final[Callable[[ast.AST], tuple[int, int, int, int]]] = attrgetter(
    "lineno", "col_offset", "end_lineno", "end_col_offset"
)
_FUNCTIONS: Final = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class _Refused(Exception):
    """The construct was reported; its parent goes on with the next one."""


def parse(text: str) -> ir.Plan:
    """A plan from its text. Raises PlanRejected with every problem found (E1xx); nothing else."""
    reader = _Reader(text)
    with preparing():
        tree = reader.python(text, "exec")
        assert isinstance(tree, ast.Module)
        body = reader.top(tree.body)
        reader.finish()
        reader.few_functions(tree)
        reader.finish()
        reader.compiles(tree if reader.whole else ast.Module(reader.doubtful, []))
    return ir.Plan(body, text, reader.depth)


def parse_expression(text: str) -> ir.Expr:
    """One expression, as the conditions of a policy are. Raises PlanRejected (E1xx)."""
    reader = _Reader(text)
    tree = reader.python(text.strip(), "eval")
    assert isinstance(tree, ast.Expression)
    result: ir.Expr = ir.Constant(None)
    with deep_stack(), suppress(_Refused):
        result = reader.expr(tree.body)
    reader.finish()
    return result


_Made = TypeVar("_Made")


class _Reader:
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
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text, mode=mode)
        except SyntaxError as error:
            line, column = error.lineno or 1, max(error.offset or 1, 1)
            span = Span(line, column, error.end_lineno or line, max(error.end_offset or 0, column + 1))
            message = (error.msg or "invalid syntax").split(":")[0]
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
            message = (error.msg or "invalid syntax").split(":")[0]
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

    def problem(self, code: str, message: str, node: ast.AST, hint: str | None = None) -> _Refused:
        self.problems.append(Diagnostic(code, message, self.span(node), hint))
        return _Refused()

    def name(self, name: str, node: ast.AST) -> str:
        if name in self.names:
            return name
        if name == "__name__":
            raise self.problem("E209", "a plan has no __name__", node, "write what is under it at the top of the plan")
        if name.startswith("__"):
            raise self.problem(
                "E209", "names that begin with two underscores are reserved", node, "choose another name"
            )
        self.names.add(name)
        return name

    # Each of these goes on after a problem, so that all are reported.

    def each(self, nodes: Sequence[ast.AST], make: Callable[[ast.AST], _Made]) -> tuple[_Made, ...]:
        made: list[_Made] = []
        refused = False
        for node in nodes:
            try:
                made.append(make(node))
            except _Refused:
                refused = True
        if refused and not self.problems:
            raise AssertionError("refused without a diagnostic")
        return tuple(made)

    def block(self, nodes: Sequence[ast.stmt]) -> tuple[ir.Stmt, ...]:
        return self.each(nodes, self.statement)

    def top(self, nodes: Sequence[ast.stmt]) -> tuple[ir.Stmt, ...]:
        """The statements of the plan itself, noting which of them Python's compiler has to look at."""

        def statement(node: ast.AST) -> ir.Stmt:
            assert isinstance(node, ast.stmt)
            self.doubt = False
            made = self.statement(node)
            if self.doubt:
                self.doubtful.append(node)
            return made

        return self.each(nodes, statement)

    def statement(self, node: ast.AST) -> ir.Stmt:
        if type(node) in _DOUBTFUL:
            self.doubt = True
        rule = _STATEMENTS.get(type(node))
        if rule is None:
            raise self.unknown(node)
        return rule(self, node)

    def expr(self, node: ast.AST) -> ir.Expr:
        if type(node) in _DOUBTFUL:
            self.doubt = True
        rule = _EXPRESSIONS.get(type(node))
        if rule is None:
            raise self.unknown(node)
        return rule(self, node)

    def maybe(self, node: ast.AST | None) -> ir.Expr | None:
        return None if node is None else self.expr(node)

    def unknown(self, node: ast.AST) -> _Refused:
        what, hint = _HINTS.get(type(node), (type(node).__name__, "docs/language.md lists the constructs"))
        return self.problem("E102", f"the plan language has no {what}", node, hint)


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
_CERTAIN: Final = (
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
_SAID: Final = (ast.For, ast.While, ast.Break, ast.Continue, ast.FunctionDef, ast.Lambda, ast.Return)

_EXPRESSIONS: Final[dict[type[ast.AST], Callable[[_Reader, ast.AST], ir.Expr]]] = {}
_STATEMENTS: Final[dict[type[ast.AST], Callable[[_Reader, ast.AST], ir.Stmt]]] = {}

_Node = TypeVar("_Node", bound=ast.AST)


def _expression(
    kind: type[_Node],
) -> Callable[[Callable[[_Reader, _Node], ir.Expr]], Callable[[_Reader, _Node], ir.Expr]]:
    def register(rule: Callable[[_Reader, _Node], ir.Expr]) -> Callable[[_Reader, _Node], ir.Expr]:
        _EXPRESSIONS[kind] = rule  # type: ignore[assignment]  # the dispatcher looks the rule up by the node's class
        return rule

    return register


def _statement(
    kind: type[_Node],
) -> Callable[[Callable[[_Reader, _Node], ir.Stmt]], Callable[[_Reader, _Node], ir.Stmt]]:
    def register(rule: Callable[[_Reader, _Node], ir.Stmt]) -> Callable[[_Reader, _Node], ir.Stmt]:
        _STATEMENTS[kind] = rule  # type: ignore[assignment]  # as above
        return rule

    return register


@_expression(ast.Constant)
def _constant(r: _Reader, n: ast.Constant) -> ir.Expr:
    value = n.value
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return ir.Constant(value, span=r.span(n))
    what = "..." if value is ... else "complex numbers"
    raise r.problem("E102", f"the plan language has no {what}", n, "use None, a number, text, or a list")


@_expression(ast.Name)
def _name(r: _Reader, n: ast.Name) -> ir.Expr:
    return ir.Name(r.name(n.id, n), span=r.span(n))


@_expression(ast.BinOp)
def _binary(r: _Reader, n: ast.BinOp) -> ir.Expr:
    op = _BINARY.get(type(n.op))
    if op is None:
        what, hint = _HINTS[type(n.op)]
        raise r.problem("E102", f"the plan language has no {what}", n, hint)
    return ir.Binary(op, r.expr(n.left), r.expr(n.right), span=r.span(n))


@_expression(ast.UnaryOp)
def _unary(r: _Reader, n: ast.UnaryOp) -> ir.Expr:
    return ir.Unary(_UNARY[type(n.op)], r.expr(n.operand), span=r.span(n))


@_expression(ast.Compare)
def _compare(r: _Reader, n: ast.Compare) -> ir.Expr:
    operands = tuple(r.expr(part) for part in (n.left, *n.comparators))
    return ir.Compare(operands, tuple(_COMPARE[type(op)] for op in n.ops), span=r.span(n))


@_expression(ast.BoolOp)
def _logic(r: _Reader, n: ast.BoolOp) -> ir.Expr:
    op = "and" if isinstance(n.op, ast.And) else "or"
    return ir.Logic(op, tuple(r.expr(value) for value in n.values), span=r.span(n))


@_expression(ast.IfExp)
def _conditional(r: _Reader, n: ast.IfExp) -> ir.Expr:
    return ir.Conditional(r.expr(n.test), r.expr(n.body), r.expr(n.orelse), span=r.span(n))


@_expression(ast.Call)
def _call(r: _Reader, n: ast.Call) -> ir.Expr:
    func = r.expr(n.func)
    args = tuple(r.expr(arg) for arg in n.args)
    return ir.Call(func, args, _keywords(r, n.keywords), span=r.span(n))


def _keywords(r: _Reader, nodes: list[ast.keyword]) -> tuple[ir.Keyword, ...]:
    if len(nodes) > 1 and len({node.arg for node in nodes}) < len(nodes):
        r.doubt = True
    return tuple(
        ir.Keyword(None if k.arg is None else r.name(k.arg, k), r.expr(k.value), span=r.span(k)) for k in nodes
    )


@_expression(ast.Attribute)
def _attribute(r: _Reader, n: ast.Attribute) -> ir.Expr:
    if n.attr.startswith("__"):
        hint = (
            "write type names as text" if n.attr == "__name__" else "the language has no access to an object's insides"
        )
        raise r.problem("E202", "attributes that begin with two underscores cannot be read", n, hint)
    return ir.Attribute(r.expr(n.value), n.attr, span=r.span(n))


@_expression(ast.Subscript)
def _subscript(r: _Reader, n: ast.Subscript) -> ir.Expr:
    return ir.Subscript(r.expr(n.value), r.expr(n.slice), span=r.span(n))


@_expression(ast.Slice)
def _slice(r: _Reader, n: ast.Slice) -> ir.Expr:
    return ir.Slice(r.maybe(n.lower), r.maybe(n.upper), r.maybe(n.step), span=r.span(n))


def _display(kind: str) -> Callable[[_Reader, ast.AST], ir.Expr]:
    def rule(r: _Reader, n: ast.AST) -> ir.Expr:
        assert isinstance(n, (ast.List, ast.Tuple, ast.Set))
        return ir.Sequence(kind, tuple(r.expr(item) for item in n.elts), span=r.span(n))

    return rule


_EXPRESSIONS[ast.List] = _display("list")
_EXPRESSIONS[ast.Tuple] = _display("tuple")
_EXPRESSIONS[ast.Set] = _display("set")


@_expression(ast.Dict)
def _dict(r: _Reader, n: ast.Dict) -> ir.Expr:
    keys = tuple(r.maybe(key) for key in n.keys)
    return ir.DictDisplay(keys, tuple(r.expr(value) for value in n.values), span=r.span(n))


@_expression(ast.JoinedStr)
def _fstring(r: _Reader, n: ast.JoinedStr) -> ir.Expr:
    return _joined(r, n)


def _joined(r: _Reader, n: ast.JoinedStr) -> ir.FString:
    parts: list[ir.Constant | ir.Formatted] = []
    for part in n.values:
        made = r.expr(part)
        assert isinstance(made, (ir.Constant, ir.Formatted))
        parts.append(made)
    return ir.FString(tuple(parts), span=r.span(n))


@_expression(ast.FormattedValue)
def _formatted(r: _Reader, n: ast.FormattedValue) -> ir.Expr:
    conversion = "" if n.conversion == -1 else chr(n.conversion)
    spec = None
    if n.format_spec is not None:
        assert isinstance(n.format_spec, ast.JoinedStr)
        spec = _joined(r, n.format_spec)
    return ir.Formatted(r.expr(n.value), conversion, spec, span=r.span(n))


def _comprehension(kind: str) -> Callable[[_Reader, ast.AST], ir.Expr]:
    def rule(r: _Reader, n: ast.AST) -> ir.Expr:
        assert isinstance(n, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
        r.functions += 1
        clauses = tuple(_clause(r, clause) for clause in n.generators)
        if isinstance(n, ast.DictComp):
            return ir.Comprehension(kind, r.expr(n.key), r.expr(n.value), clauses, span=r.span(n))
        return ir.Comprehension(kind, r.expr(n.elt), None, clauses, span=r.span(n))

    return rule


def _clause(r: _Reader, n: ast.comprehension) -> ir.Clause:
    if n.is_async:
        raise r.problem("E102", "the plan language has no async comprehensions", n.iter, "write an ordinary `for`")
    conditions = tuple(r.expr(condition) for condition in n.ifs)
    return ir.Clause(_target(r, n.target), r.expr(n.iter), conditions, span=r.span(n.target))


_EXPRESSIONS[ast.ListComp] = _comprehension("list")
_EXPRESSIONS[ast.SetComp] = _comprehension("set")
_EXPRESSIONS[ast.DictComp] = _comprehension("dict")
_EXPRESSIONS[ast.GeneratorExp] = _comprehension("generator")


@_expression(ast.Lambda)
def _lambda(r: _Reader, n: ast.Lambda) -> ir.Expr:
    r.functions += 1
    return ir.Lambda(_parameters(r, n.args), r.expr(n.body), span=r.span(n))


@_expression(ast.Starred)
def _starred(r: _Reader, n: ast.Starred) -> ir.Expr:
    return ir.Starred(r.expr(n.value), span=r.span(n))


@_expression(ast.NamedExpr)
def _walrus(r: _Reader, n: ast.NamedExpr) -> ir.Expr:
    return ir.Walrus(r.name(n.target.id, n.target), r.expr(n.value), span=r.span(n))


def _parameters(r: _Reader, n: ast.arguments) -> tuple[ir.Parameter, ...]:
    made: list[ir.Parameter] = []
    positional = [("only", arg) for arg in n.posonlyargs] + [("positional", arg) for arg in n.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(n.defaults)) + list(n.defaults)
    for (kind, arg), default in zip(positional, defaults, strict=True):
        made.append(_parameter(r, arg, kind, default))
    if n.vararg is not None:
        made.append(_parameter(r, n.vararg, "args", None))
    for arg, default in zip(n.kwonlyargs, n.kw_defaults, strict=True):
        made.append(_parameter(r, arg, "keyword", default))
    if n.kwarg is not None:
        made.append(_parameter(r, n.kwarg, "kwargs", None))
    r.doubt = r.doubt or len({param.name for param in made}) < len(made)
    return tuple(made)


def _parameter(r: _Reader, n: ast.arg, kind: str, default: ast.expr | None) -> ir.Parameter:
    # An annotation of a plan's own function means nothing to the engine; it is kept so that the text can be shown.
    annotation = r.maybe(n.annotation)
    return ir.Parameter(r.name(n.arg, n), kind, r.maybe(default), annotation, span=r.span(n))


# Statements


def _target(r: _Reader, n: ast.expr) -> ir.Expr:
    if isinstance(n, (ast.Name, ast.Attribute, ast.Subscript)):
        return r.expr(n)
    if isinstance(n, ast.Starred):
        r.doubt = True
        return ir.Starred(_target(r, n.value), span=r.span(n))
    if isinstance(n, (ast.Tuple, ast.List)):
        return ir.Sequence("tuple", tuple(_target(r, part) for part in n.elts), span=r.span(n))
    raise r.unknown(n)


@_statement(ast.Expr)
def _expr_statement(r: _Reader, n: ast.Expr) -> ir.Stmt:
    return ir.ExprStatement(r.expr(n.value), span=r.span(n))


@_statement(ast.Assign)
def _assign(r: _Reader, n: ast.Assign) -> ir.Stmt:
    targets = tuple(_target(r, target) for target in n.targets)
    return ir.Assign(targets, r.expr(n.value), span=r.span(n))


@_statement(ast.AugAssign)
def _aug_assign(r: _Reader, n: ast.AugAssign) -> ir.Stmt:
    op = _BINARY.get(type(n.op))
    if op is None:
        what, hint = _HINTS[type(n.op)]
        raise r.problem("E102", f"the plan language has no {what}", n, hint)
    return ir.AugAssign(_target(r, n.target), op, r.expr(n.value), span=r.span(n))


@_statement(ast.AnnAssign)
def _ann_assign(r: _Reader, n: ast.AnnAssign) -> ir.Stmt:
    return ir.AnnAssign(_target(r, n.target), r.expr(n.annotation), r.maybe(n.value), span=r.span(n))


@_statement(ast.If)
def _if(r: _Reader, n: ast.If) -> ir.Stmt:
    r.doubt = r.doubt or (len(n.orelse) == 1 and isinstance(n.orelse[0], ast.If))  # long chains are nested deeply
    return ir.If(r.expr(n.test), r.block(n.body), r.block(n.orelse), span=r.span(n))


@_statement(ast.For)
def _for(r: _Reader, n: ast.For) -> ir.Stmt:
    target, iterable = _target(r, n.target), r.expr(n.iter)
    return ir.For(target, iterable, _repeated(r, n.body), r.block(n.orelse), span=r.span(n))


@_statement(ast.While)
def _while(r: _Reader, n: ast.While) -> ir.Stmt:
    return ir.While(r.expr(n.test), _repeated(r, n.body), r.block(n.orelse), span=r.span(n))


def _repeated(r: _Reader, body: list[ast.stmt]) -> tuple[ir.Stmt, ...]:
    r.doubt = r.doubt or r.depth > _BLOCKS
    r.loops += 1
    made = r.block(body)
    r.loops -= 1
    return made


@_statement(ast.Break)
def _break(r: _Reader, n: ast.Break) -> ir.Stmt:
    r.doubt = r.doubt or not r.loops
    return ir.Break(span=r.span(n))


@_statement(ast.Continue)
def _continue(r: _Reader, n: ast.Continue) -> ir.Stmt:
    r.doubt = r.doubt or not r.loops
    return ir.Continue(span=r.span(n))


_STATEMENTS[ast.Pass] = lambda r, n: ir.Pass(span=r.span(n))


@_statement(ast.FunctionDef)
def _function(r: _Reader, n: ast.FunctionDef) -> ir.Stmt:
    if n.decorator_list:
        raise r.problem(
            "E102",
            "the plan language has no decorators on functions",
            n.decorator_list[0],
            "call the function yourself",
        )
    r.functions += 1
    body = n.body[1:] if ast.get_docstring(n) is not None and len(n.body) > 1 else n.body
    params = _parameters(r, n.args)
    name, (loops, in_function) = r.name(n.name, n), (r.loops, r.in_function)
    r.loops, r.in_function = 0, True
    made = r.block(body)
    r.loops, r.in_function = loops, in_function
    return ir.FunctionDef(name, params, made, r.maybe(n.returns), span=r.span(n))


@_statement(ast.Return)
def _return(r: _Reader, n: ast.Return) -> ir.Stmt:
    r.doubt = r.doubt or not r.in_function
    return ir.Return(r.maybe(n.value), span=r.span(n))


@_statement(ast.Try)
def _try(r: _Reader, n: ast.Try) -> ir.Stmt:
    handlers = tuple(
        ir.Handler(r.maybe(h.type), None if h.name is None else r.name(h.name, h), r.block(h.body), span=r.span(h))
        for h in n.handlers
    )
    return ir.Try(r.block(n.body), handlers, r.block(n.orelse), r.block(n.finalbody), span=r.span(n))


@_statement(ast.Raise)
def _raise(r: _Reader, n: ast.Raise) -> ir.Stmt:
    return ir.Raise(r.maybe(n.exc), r.maybe(n.cause), span=r.span(n))


@_statement(ast.Assert)
def _assert(r: _Reader, n: ast.Assert) -> ir.Stmt:
    return ir.Assert(r.expr(n.test), r.maybe(n.msg), span=r.span(n))


@_statement(ast.Delete)
def _delete(r: _Reader, n: ast.Delete) -> ir.Stmt:
    return ir.Delete(tuple(_target(r, target) for target in n.targets), span=r.span(n))


@_statement(ast.Import)
def _import(r: _Reader, n: ast.Import) -> ir.Stmt:
    return ir.Import(None, tuple(_imported(r, alias) for alias in n.names), span=r.span(n))


@_statement(ast.ImportFrom)
def _import_from(r: _Reader, n: ast.ImportFrom) -> ir.Stmt:
    r.whole = r.whole or n.module == "__future__"  # which stands before everything else
    if n.level:
        raise r.problem(
            "E206", "the plan language has no relative imports", n, "import one of the allow-listed modules"
        )
    if any(alias.name == "*" for alias in n.names):
        raise r.problem("E206", "the plan language has no star imports", n, "name what you import")
    return ir.Import(n.module, tuple(_imported(r, alias) for alias in n.names), span=r.span(n))


def _imported(r: _Reader, n: ast.alias) -> ir.ImportName:
    return ir.ImportName(n.name, None if n.asname is None else r.name(n.asname, n), span=r.span(n))


@_statement(ast.ClassDef)
def _class(r: _Reader, n: ast.ClassDef) -> ir.Stmt:
    if len(n.decorator_list) > 1:
        raise r.problem("E102", "a class may have one decorator: dataclass", n.decorator_list[1], "remove it")
    decorator = r.expr(n.decorator_list[0]) if n.decorator_list else None
    doc = ast.get_docstring(n) or ""
    fields: list[ir.ClassField] = []
    for part in n.body[1:] if doc else n.body:
        if (field := _class_field(r, part)) is not None:
            fields.append(field)
    bases = tuple(r.expr(base) for base in n.bases)
    return ir.ClassDef(
        r.name(n.name, n), bases, _keywords(r, n.keywords), decorator, tuple(fields), doc, span=r.span(n)
    )


def _class_field(r: _Reader, n: ast.stmt) -> ir.ClassField | None:
    if isinstance(n, ast.Pass) or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)):
        return None
    if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name):
        return ir.ClassField(r.name(n.target.id, n.target), r.expr(n.annotation), r.maybe(n.value), span=r.span(n))
    if isinstance(n, ast.Assign) and len(n.targets) == 1 and isinstance(n.targets[0], ast.Name):
        return ir.ClassField(r.name(n.targets[0].id, n.targets[0]), None, r.expr(n.value), span=r.span(n))
    hint = "classes are schemas: fields with types, and defaults; write a `def` outside of the class"
    r.problem("E102", "a class in a plan holds fields only", n, hint)
    return None


# match


@_statement(ast.Match)
def _match(r: _Reader, n: ast.Match) -> ir.Stmt:
    cases = tuple(
        ir.Case(_pattern(r, case.pattern), r.maybe(case.guard), r.block(case.body), span=r.span(case.pattern))
        for case in n.cases
    )
    return ir.Match(r.expr(n.subject), cases, span=r.span(n))


def _pattern(r: _Reader, n: ast.pattern) -> ir.Pattern:
    span = r.span(n)
    match n:
        case ast.MatchValue(value=value):
            return ir.ValuePattern(r.expr(value), span=span)
        case ast.MatchSingleton(value=value):
            return ir.ValuePattern(ir.Constant(value, span=span), span=span)
        case ast.MatchSequence(patterns=patterns):
            return ir.SequencePattern(tuple(_pattern(r, p) for p in patterns), span=span)
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
            made = tuple(_pattern(r, p) for p in patterns)
            return ir.MappingPattern(tuple(r.expr(key) for key in keys), made, rest, span=span)
        case ast.MatchClass(cls=cls, patterns=patterns, kwd_attrs=names, kwd_patterns=keyword_patterns):
            made = tuple(_pattern(r, p) for p in patterns)
            named = tuple(_pattern(r, p) for p in keyword_patterns)
            return ir.ClassPattern(r.expr(cls), made, tuple(names), named, span=span)
        case ast.MatchStar(name=name):
            return ir.StarPattern(None if name is None else r.name(name, n), span=span)
        case ast.MatchAs(pattern=inner, name=name):
            made_inner = None if inner is None else _pattern(r, inner)
            return ir.CapturePattern(None if name is None else r.name(name, n), made_inner, span=span)
        case ast.MatchOr(patterns=patterns):
            return ir.OrPattern(tuple(_pattern(r, p) for p in patterns), span=span)
        case _:
            raise r.unknown(n)


def is_identifier(name: str) -> bool:
    """Whether `name` could be a variable of a plan."""
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")


# What Python's compiler has to look at, as it may refuse what its parser read.
_DOUBTFUL: Final = frozenset({*_STATEMENTS, *_EXPRESSIONS} - {*_CERTAIN, *_SAID})
