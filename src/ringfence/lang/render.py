"""IR to text: the plan as a person would read it.

Its one rule: the text parses to the same IR. Python's own unparser writes it, from a tree made here.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from typing import Final, assert_never

from ringfence.lang import ir
from ringfence.lang.depth import deep_stack

_BINARY: Final[dict[str, type[ast.operator]]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "**": ast.Pow,
    "<<": ast.LShift,
    ">>": ast.RShift,
    "&": ast.BitAnd,
    "|": ast.BitOr,
    "^": ast.BitXor,
}
_UNARY: Final[dict[str, type[ast.unaryop]]] = {"+": ast.UAdd, "-": ast.USub, "~": ast.Invert, "not": ast.Not}
_COMPARE: Final[dict[str, type[ast.cmpop]]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "is": ast.Is,
    "is not": ast.IsNot,
    "in": ast.In,
    "not in": ast.NotIn,
}


def render(plan: ir.Plan) -> str:
    """The plan's text, made from its IR. Raises ValueError for IR that no text stands for."""
    with deep_stack():
        tree = ast.Module([_statement(node) for node in plan.body], [])
        return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def render_expression(node: ir.Expr) -> str:
    """One expression as text."""
    with deep_stack():
        return ast.unparse(ast.fix_missing_locations(_expr(node)))


def _exprs(nodes: Iterable[ir.Expr]) -> list[ast.expr]:
    return [_expr(node) for node in nodes]


def _maybe(node: ir.Expr | None) -> ast.expr | None:
    return None if node is None else _expr(node)


def _expr(node: ir.Expr) -> ast.expr:
    match node:
        case ir.Constant(value=value):
            return ast.Constant(value)
        case ir.Name(id=name):
            return ast.Name(name)
        case ir.Binary(op=op, left=left, right=right):
            return ast.BinOp(_expr(left), _BINARY[op](), _expr(right))
        case ir.Unary(op=op, operand=operand):
            return ast.UnaryOp(_UNARY[op](), _expr(operand))
        case ir.Compare(operands=operands, ops=ops):
            return ast.Compare(_expr(operands[0]), [_COMPARE[op]() for op in ops], _exprs(operands[1:]))
        case ir.Logic(op=op, values=values):
            return ast.BoolOp(ast.And() if op == "and" else ast.Or(), _exprs(values))
        case ir.Conditional(test=test, then=then, orelse=orelse):
            return ast.IfExp(_expr(test), _expr(then), _expr(orelse))
        case ir.Call(func=func, args=args, keywords=keywords):
            return ast.Call(_expr(func), _exprs(args), _keywords(keywords))
        case ir.Attribute(value=value, name=name):
            return ast.Attribute(_expr(value), name)
        case ir.Subscript(value=value, index=index):
            return ast.Subscript(_expr(value), _expr(index))
        case ir.Slice(lower=lower, upper=upper, step=step):
            return ast.Slice(_maybe(lower), _maybe(upper), _maybe(step))
        case ir.Sequence(kind=kind, items=items):
            parts = _exprs(items)
            return ast.List(parts) if kind == "list" else ast.Tuple(parts) if kind == "tuple" else ast.Set(parts)
        case ir.DictDisplay(keys=keys, values=values):
            return ast.Dict([_maybe(key) for key in keys], _exprs(values))
        case ir.FString(parts=parts):
            return ast.JoinedStr(_exprs(parts))
        case ir.Formatted(value=value, conversion=conversion, spec=spec):
            return ast.FormattedValue(_expr(value), ord(conversion) if conversion else -1, _maybe(spec))
        case ir.Comprehension():
            return _comprehension(node)
        case ir.Lambda(params=params, body=body):
            return ast.Lambda(_parameters(params), _expr(body))
        case ir.Starred(value=value):
            return ast.Starred(_expr(value))
        case ir.Walrus(name=name, value=value):
            return ast.NamedExpr(ast.Name(name), _expr(value))
        case _:
            assert_never(node)


def _keywords(keywords: tuple[ir.Keyword, ...]) -> list[ast.keyword]:
    return [ast.keyword(keyword.name, _expr(keyword.value)) for keyword in keywords]


def _comprehension(node: ir.Comprehension) -> ast.expr:
    clauses = [
        ast.comprehension(_expr(clause.target), _expr(clause.iterable), _exprs(clause.conditions), 0)
        for clause in node.clauses
    ]
    element = _expr(node.element)
    if node.value is not None:
        return ast.DictComp(element, _expr(node.value), clauses)
    kinds = {"list": ast.ListComp, "set": ast.SetComp, "generator": ast.GeneratorExp}
    return kinds[node.kind](element, clauses)


def _parameters(params: tuple[ir.Parameter, ...]) -> ast.arguments:
    made = ast.arguments([], [], None, [], [], None, [])
    for param in params:
        arg = ast.arg(param.name, _maybe(param.annotation))
        if param.kind in ("only", "positional"):
            (made.posonlyargs if param.kind == "only" else made.args).append(arg)
            if param.default is not None:
                made.defaults.append(_expr(param.default))
        elif param.kind == "keyword":
            made.kwonlyargs.append(arg)
            made.kw_defaults.append(_maybe(param.default))
        elif param.kind == "args":
            made.vararg = arg
        else:
            made.kwarg = arg
    return made


def _block(body: tuple[ir.Stmt, ...]) -> list[ast.stmt]:
    return [_statement(node) for node in body]


def _body(body: tuple[ir.Stmt, ...]) -> list[ast.stmt]:
    return _block(body) if body else [ast.Pass()]


def _statement(node: ir.Stmt) -> ast.stmt:
    match node:
        case ir.ExprStatement(value=value):
            return ast.Expr(_expr(value))
        case ir.Assign(targets=targets, value=value):
            return ast.Assign(_exprs(targets), _expr(value), lineno=1)
        case ir.AugAssign(target=target, op=op, value=value):
            return ast.AugAssign(_expr(target), _BINARY[op](), _expr(value))  # type: ignore[arg-type]  # a target
        case ir.AnnAssign(target=target, annotation=annotation, value=value):
            simple = int(isinstance(target, ir.Name))
            return ast.AnnAssign(_expr(target), _expr(annotation), _maybe(value), simple)  # type: ignore[no-any-return,call-overload]
        case ir.If(test=test, body=body, orelse=orelse):
            return ast.If(_expr(test), _body(body), _block(orelse))
        case ir.For(target=target, iterable=iterable, body=body, orelse=orelse):
            return ast.For(_expr(target), _expr(iterable), _body(body), _block(orelse), lineno=1)
        case ir.While(test=test, body=body, orelse=orelse):
            return ast.While(_expr(test), _body(body), _block(orelse))
        case ir.Break():
            return ast.Break()
        case ir.Continue():
            return ast.Continue()
        case ir.Pass():
            return ast.Pass()
        case ir.FunctionDef(name=name, params=params, body=body, returns=returns):
            made_function = ast.FunctionDef(name, _parameters(params), _body(body), [], _maybe(returns), lineno=1)
            return _without_type_parameters(made_function)
        case ir.Return(value=value):
            return ast.Return(_maybe(value))
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            made = [ast.ExceptHandler(_maybe(h.type), h.name, _body(h.body)) for h in handlers]
            return ast.Try(_body(body), made, _block(orelse), _block(final))
        case ir.Raise(error=error, cause=cause):
            return ast.Raise(_maybe(error), _maybe(cause))
        case ir.Assert(test=test, message=message):
            return ast.Assert(_expr(test), _maybe(message))
        case ir.Delete(targets=targets):
            return ast.Delete(_exprs(targets))
        case ir.Import(module=module, names=names):
            aliases = [ast.alias(item.name, item.alias) for item in names]
            return ast.Import(aliases) if module is None else ast.ImportFrom(module, aliases, 0)
        case ir.ClassDef():
            return _class(node)
        case ir.Match(subject=subject, cases=cases):
            return ast.Match(
                _expr(subject),
                [ast.match_case(_pattern(c.pattern), _maybe(c.guard), _body(c.body)) for c in cases],
            )
        case _:
            assert_never(node)


def _class(node: ir.ClassDef) -> ast.stmt:
    body: list[ast.stmt] = [ast.Expr(ast.Constant(node.doc))] if node.doc else []
    for field in node.fields:
        target = ast.Name(field.name)
        if field.annotation is not None:
            body.append(ast.AnnAssign(target, _expr(field.annotation), _maybe(field.default), 1))
        elif field.default is not None:
            body.append(ast.Assign([target], _expr(field.default), lineno=1))
    decorators = [] if node.decorator is None else [_expr(node.decorator)]
    bases, keywords = _exprs(node.bases), _keywords(node.keywords)
    return _without_type_parameters(ast.ClassDef(node.name, bases, keywords, body or [ast.Pass()], decorators))


def _without_type_parameters(node: ast.stmt) -> ast.stmt:
    """Python 3.12 and newer expect the field; the language has none."""
    if sys.version_info >= (3, 12):
        node.type_params = []  # type: ignore[attr-defined,unused-ignore]
    return node


def _pattern(node: ir.Pattern) -> ast.pattern:
    match node:
        case ir.ValuePattern(value=ir.Constant(value=None | True | False as value)):
            return ast.MatchSingleton(value)
        case ir.ValuePattern(value=value):
            return ast.MatchValue(_expr(value))
        case ir.CapturePattern(name=name, pattern=inner):
            return ast.MatchAs(None if inner is None else _pattern(inner), name)
        case ir.StarPattern(name=name):
            return ast.MatchStar(name)
        case ir.SequencePattern(patterns=patterns):
            return ast.MatchSequence([_pattern(part) for part in patterns])
        case ir.MappingPattern(keys=keys, patterns=patterns, rest=rest):
            return ast.MatchMapping(_exprs(keys), [_pattern(part) for part in patterns], rest)
        case ir.ClassPattern(cls=cls, patterns=patterns, names=names, keyword_patterns=named):
            parts = [_pattern(part) for part in patterns]
            return ast.MatchClass(_expr(cls), parts, list(names), [_pattern(part) for part in named])
        case ir.OrPattern(patterns=patterns):
            return ast.MatchOr([_pattern(part) for part in patterns])
        case _:
            assert_never(node)
