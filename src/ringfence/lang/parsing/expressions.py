"""The rules of expressions: from Python's nodes to those of the plan.

Its one rule: as in `parsing/reader.py`: what has no rule here is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from ringfence.lang import ir
from ringfence.lang.parsing.reader import EXPRESSIONS, HINTS, Reader, expression

BINARY: Final = {
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


@expression(ast.Constant)
def _constant(r: Reader, n: ast.Constant) -> ir.Expr:
    value = n.value
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return ir.Constant(value, span=r.span(n))
    what = "... as a value" if value is ... else "complex numbers"
    raise r.problem("E102", f"the plan language has no {what}", n, "use None, a number, text, or a list")


def or_ellipsis(r: Reader, n: ast.AST) -> ir.Expr:
    """An expression where Python's `...` has a meaning: it is the name `Ellipsis` to the plan."""
    if isinstance(n, ast.Constant) and n.value is ...:
        return ir.Name("Ellipsis", span=r.span(n))
    return r.expr(n)


@expression(ast.Name)
def _name(r: Reader, n: ast.Name) -> ir.Expr:
    if n.id == "__name__" and type(n.ctx) is ast.Load:  # what every plan is run as; nothing of the host is behind it
        return ir.Constant("__main__", span=r.span(n))
    return ir.Name(r.name(n.id, n), span=r.span(n))


@expression(ast.BinOp)
def _binary(r: Reader, n: ast.BinOp) -> ir.Expr:
    op = BINARY.get(type(n.op))
    if op is None:
        what, hint = HINTS[type(n.op)]
        raise r.problem("E102", f"the plan language has no {what}", n, hint)
    return ir.Binary(op, r.expr(n.left), r.expr(n.right), span=r.span(n))


@expression(ast.UnaryOp)
def _unary(r: Reader, n: ast.UnaryOp) -> ir.Expr:
    return ir.Unary(_UNARY[type(n.op)], r.expr(n.operand), span=r.span(n))


@expression(ast.Compare)
def _compare(r: Reader, n: ast.Compare) -> ir.Expr:
    r.chained(n.comparators, n)
    operands = tuple(r.expr(part) for part in (n.left, *n.comparators))
    return ir.Compare(operands, tuple(_COMPARE[type(op)] for op in n.ops), span=r.span(n))


@expression(ast.BoolOp)
def _logic(r: Reader, n: ast.BoolOp) -> ir.Expr:
    r.chained(n.values, n)
    op = "and" if isinstance(n.op, ast.And) else "or"
    return ir.Logic(op, tuple(r.expr(value) for value in n.values), span=r.span(n))


@expression(ast.IfExp)
def _conditional(r: Reader, n: ast.IfExp) -> ir.Expr:
    return ir.Conditional(r.expr(n.test), r.expr(n.body), r.expr(n.orelse), span=r.span(n))


@expression(ast.Call)
def _call(r: Reader, n: ast.Call) -> ir.Expr:
    func = r.expr(n.func)
    describes = isinstance(func, ir.Name | ir.Attribute) and (func.id if isinstance(func, ir.Name) else func.name)
    args = tuple(or_ellipsis(r, arg) if describes == "Field" else r.expr(arg) for arg in n.args)
    return ir.Call(func, args, keywords(r, n.keywords), span=r.span(n))


def keywords(r: Reader, nodes: list[ast.keyword]) -> tuple[ir.Keyword, ...]:
    if len(nodes) > 1 and len({node.arg for node in nodes}) < len(nodes):
        r.doubt = True
    return tuple(
        ir.Keyword(None if k.arg is None else r.name(k.arg, k), r.expr(k.value), span=r.span(k)) for k in nodes
    )


# What models read of an object's insides, and what to write instead.
_INSIDES: Final = {
    "__name__": "for an exception write repr(error), or one `except` for each class; else write the name as text",
    "__class__": "type(x), isinstance(x, C)",
    "__doc__": "write the text",
    "__dict__": "asdict(x) or x.model_dump() of a record",
    "__members__": "{member.name: member for member in C} of an Enum",
    "__fields__": "the names of the fields, written in the plan",
    "__annotations__": "the names of the fields, written in the plan",
    "__len__": "len(x)",
    "__str__": "str(x)",
    "__getitem__": "x[key]",
    "__contains__": "key in x",
    "__cause__": "`except` around what raised it first",
    "__traceback__": "str(error)",
}


@expression(ast.Attribute)
def _attribute(r: Reader, n: ast.Attribute) -> ir.Expr:
    if n.attr.startswith("__"):
        hint = _INSIDES.get(n.attr, "the language has no access to an object's insides")
        raise r.problem("E202", "attributes that begin with two underscores cannot be read", n, hint)
    return ir.Attribute(r.expr(n.value), n.attr, span=r.span(n))


@expression(ast.Subscript)
def _subscript(r: Reader, n: ast.Subscript) -> ir.Expr:
    if isinstance(n.slice, ast.Tuple) and any(isinstance(one, ast.Constant) for one in n.slice.elts):
        items = tuple(or_ellipsis(r, one) for one in n.slice.elts)  # tuple[int, ...], Callable[..., str]
        return ir.Subscript(r.expr(n.value), ir.Sequence("tuple", items, span=r.span(n.slice)), span=r.span(n))
    return ir.Subscript(r.expr(n.value), r.expr(n.slice), span=r.span(n))


@expression(ast.Slice)
def _slice(r: Reader, n: ast.Slice) -> ir.Expr:
    return ir.Slice(r.maybe(n.lower), r.maybe(n.upper), r.maybe(n.step), span=r.span(n))


def _display(kind: str) -> Callable[[Reader, ast.AST], ir.Expr]:
    def rule(r: Reader, n: ast.AST) -> ir.Expr:
        assert isinstance(n, (ast.List, ast.Tuple, ast.Set))
        return ir.Sequence(kind, tuple(r.expr(item) for item in n.elts), span=r.span(n))

    return rule


EXPRESSIONS[ast.List] = _display("list")
EXPRESSIONS[ast.Tuple] = _display("tuple")
EXPRESSIONS[ast.Set] = _display("set")


@expression(ast.Dict)
def _dict(r: Reader, n: ast.Dict) -> ir.Expr:
    keys = tuple(r.maybe(key) for key in n.keys)
    return ir.DictDisplay(keys, tuple(r.expr(value) for value in n.values), span=r.span(n))


@expression(ast.JoinedStr)
def _fstring(r: Reader, n: ast.JoinedStr) -> ir.Expr:
    return _joined(r, n)


def _joined(r: Reader, n: ast.JoinedStr) -> ir.FString:
    parts: list[ir.Constant | ir.Formatted] = []
    for part in n.values:
        made = r.expr(part)
        assert isinstance(made, (ir.Constant, ir.Formatted))
        parts.append(made)
    return ir.FString(tuple(parts), span=r.span(n))


@expression(ast.FormattedValue)
def _formatted(r: Reader, n: ast.FormattedValue) -> ir.Expr:
    conversion = "" if n.conversion == -1 else chr(n.conversion)
    spec = None
    if n.format_spec is not None:
        assert isinstance(n.format_spec, ast.JoinedStr)
        spec = _joined(r, n.format_spec)
    return ir.Formatted(r.expr(n.value), conversion, spec, span=r.span(n))


def _comprehension(kind: str) -> Callable[[Reader, ast.AST], ir.Expr]:
    def rule(r: Reader, n: ast.AST) -> ir.Expr:
        assert isinstance(n, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
        r.functions += 1
        clauses = tuple(_clause(r, clause) for clause in n.generators)
        if isinstance(n, ast.DictComp):
            return ir.Comprehension(kind, r.expr(n.key), r.expr(n.value), clauses, span=r.span(n))
        return ir.Comprehension(kind, r.expr(n.elt), None, clauses, span=r.span(n))

    return rule


def _clause(r: Reader, n: ast.comprehension) -> ir.Clause:
    if n.is_async:
        raise r.problem("E102", "the plan language has no async comprehensions", n.iter, "write an ordinary `for`")
    conditions = tuple(r.expr(condition) for condition in n.ifs)
    return ir.Clause(target_of(r, n.target), r.expr(n.iter), conditions, span=r.span(n.target))


EXPRESSIONS[ast.ListComp] = _comprehension("list")
EXPRESSIONS[ast.SetComp] = _comprehension("set")
EXPRESSIONS[ast.DictComp] = _comprehension("dict")
EXPRESSIONS[ast.GeneratorExp] = _comprehension("generator")


@expression(ast.Lambda)
def _lambda(r: Reader, n: ast.Lambda) -> ir.Expr:
    r.functions += 1
    return ir.Lambda(parameters(r, n.args), r.expr(n.body), span=r.span(n))


@expression(ast.Starred)
def _starred(r: Reader, n: ast.Starred) -> ir.Expr:
    return ir.Starred(r.expr(n.value), span=r.span(n))


@expression(ast.NamedExpr)
def _walrus(r: Reader, n: ast.NamedExpr) -> ir.Expr:
    return ir.Walrus(r.name(n.target.id, n.target), r.expr(n.value), span=r.span(n))


def parameters(r: Reader, n: ast.arguments) -> tuple[ir.Parameter, ...]:
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


def _parameter(r: Reader, n: ast.arg, kind: str, default: ast.expr | None) -> ir.Parameter:
    # An annotation of a plan's own function means nothing to the engine; it is kept so that the text can be shown.
    annotation = r.maybe(n.annotation)
    return ir.Parameter(r.name(n.arg, n), kind, r.maybe(default), annotation, span=r.span(n))


def target_of(r: Reader, n: ast.expr) -> ir.Expr:
    if isinstance(n, (ast.Name, ast.Attribute, ast.Subscript)):
        return r.expr(n)
    if isinstance(n, ast.Starred):
        r.doubt = True
        return ir.Starred(target_of(r, n.value), span=r.span(n))
    if isinstance(n, (ast.Tuple, ast.List)):
        return ir.Sequence("tuple", tuple(target_of(r, part) for part in n.elts), span=r.span(n))
    raise r.unknown(n)
