"""The rules of statements and patterns: from Python's nodes to those of the plan.

Its one rule: as in `parsing/reader.py`: what has no rule here is refused. Where Python's compiler may object to a
loop, a function or a jump, its rule says so (`doubt`).
"""

from __future__ import annotations

import ast

from ringfence.lang import ir
from ringfence.lang.parsing.expressions import BINARY, keywords, or_ellipsis, parameters, target_of
from ringfence.lang.parsing.reader import BLOCKS, HINTS, STATEMENTS, Reader, remembering, statement


@statement(ast.Expr)
def _expr_statement(r: Reader, n: ast.Expr) -> ir.Stmt:
    if isinstance(n.value, ast.Constant) and n.value.value is ...:
        return ir.Pass(span=r.span(n))
    return ir.ExprStatement(r.expr(n.value), span=r.span(n))


@statement(ast.Assign)
def _assign(r: Reader, n: ast.Assign) -> ir.Stmt:
    targets = tuple(target_of(r, target) for target in n.targets)
    return ir.Assign(targets, r.expr(n.value), span=r.span(n))


@statement(ast.AugAssign)
def _aug_assign(r: Reader, n: ast.AugAssign) -> ir.Stmt:
    op = BINARY.get(type(n.op))
    if op is None:
        what, hint = HINTS[type(n.op)]
        raise r.problem("E102", f"the plan language has no {what}", n, hint)
    return ir.AugAssign(target_of(r, n.target), op, r.expr(n.value), span=r.span(n))


@statement(ast.AnnAssign)
def _ann_assign(r: Reader, n: ast.AnnAssign) -> ir.Stmt:
    return ir.AnnAssign(target_of(r, n.target), r.expr(n.annotation), r.maybe(n.value), span=r.span(n))


@statement(ast.If)
def _if(r: Reader, n: ast.If) -> ir.Stmt:
    r.doubt = r.doubt or (len(n.orelse) == 1 and isinstance(n.orelse[0], ast.If))  # long chains are nested deeply
    return ir.If(r.expr(n.test), r.block(n.body), r.block(n.orelse), span=r.span(n))


@statement(ast.For)
def _for(r: Reader, n: ast.For) -> ir.Stmt:
    target, iterable = target_of(r, n.target), r.expr(n.iter)
    return ir.For(target, iterable, _repeated(r, n.body), r.block(n.orelse), span=r.span(n))


@statement(ast.While)
def _while(r: Reader, n: ast.While) -> ir.Stmt:
    return ir.While(r.expr(n.test), _repeated(r, n.body), r.block(n.orelse), span=r.span(n))


def _repeated(r: Reader, body: list[ast.stmt]) -> tuple[ir.Stmt, ...]:
    r.doubt = r.doubt or r.depth > BLOCKS
    r.loops += 1
    made = r.block(body)
    r.loops -= 1
    return made


@statement(ast.Break)
def _break(r: Reader, n: ast.Break) -> ir.Stmt:
    r.doubt = r.doubt or not r.loops
    return ir.Break(span=r.span(n))


@statement(ast.Continue)
def _continue(r: Reader, n: ast.Continue) -> ir.Stmt:
    r.doubt = r.doubt or not r.loops
    return ir.Continue(span=r.span(n))


STATEMENTS[ast.Pass] = lambda r, n: ir.Pass(span=r.span(n))


@statement(ast.FunctionDef)
def _function(r: Reader, n: ast.FunctionDef) -> ir.Stmt:
    if remembering([n]) == [n] and n.decorator_list:
        hint = "leave it out; what a function of the plan does to another is written below it: `f = wrap(f)`"
        message = "the plan language has no decorators on functions but @cache and @lru_cache"
        raise r.problem("E102", message, n.decorator_list[0], hint)
    r.functions += 1
    body = n.body[1:] if ast.get_docstring(n) is not None and len(n.body) > 1 else n.body
    params = parameters(r, n.args)
    name, (loops, in_function) = r.name(n.name, n), (r.loops, r.in_function)
    r.loops, r.in_function = 0, True
    made = r.block(body)
    r.loops, r.in_function = loops, in_function
    return ir.FunctionDef(name, params, made, r.maybe(n.returns), span=r.span(n))


@statement(ast.Return)
def _return(r: Reader, n: ast.Return) -> ir.Stmt:
    r.doubt = r.doubt or not r.in_function
    return ir.Return(r.maybe(n.value), span=r.span(n))


@statement(ast.Try)
def _try(r: Reader, n: ast.Try) -> ir.Stmt:
    handlers = tuple(
        ir.Handler(r.maybe(h.type), None if h.name is None else r.name(h.name, h), r.block(h.body), span=r.span(h))
        for h in n.handlers
    )
    return ir.Try(r.block(n.body), handlers, r.block(n.orelse), r.block(n.finalbody), span=r.span(n))


@statement(ast.Raise)
def _raise(r: Reader, n: ast.Raise) -> ir.Stmt:
    return ir.Raise(r.maybe(n.exc), r.maybe(n.cause), span=r.span(n))


@statement(ast.Assert)
def _assert(r: Reader, n: ast.Assert) -> ir.Stmt:
    return ir.Assert(r.expr(n.test), r.maybe(n.msg), span=r.span(n))


@statement(ast.Delete)
def _delete(r: Reader, n: ast.Delete) -> ir.Stmt:
    return ir.Delete(tuple(target_of(r, target) for target in n.targets), span=r.span(n))


@statement(ast.Import)
def _import(r: Reader, n: ast.Import) -> ir.Stmt:
    return ir.Import(None, tuple(_imported(r, alias) for alias in n.names), span=r.span(n))


@statement(ast.ImportFrom)
def _import_from(r: Reader, n: ast.ImportFrom) -> ir.Stmt:
    r.whole = r.whole or n.module == "__future__"  # which stands before everything else
    if n.level:
        raise r.problem(
            "E206", "the plan language has no relative imports", n, "import one of the allow-listed modules"
        )
    if any(alias.name == "*" for alias in n.names):
        raise r.problem("E206", "the plan language has no star imports", n, "name what you import")
    return ir.Import(n.module, tuple(_imported(r, alias) for alias in n.names), span=r.span(n))


def _imported(r: Reader, n: ast.alias) -> ir.ImportName:
    return ir.ImportName(n.name, None if n.asname is None else r.name(n.asname, n), span=r.span(n))


@statement(ast.ClassDef)
def _class(r: Reader, n: ast.ClassDef) -> ir.Stmt:
    if len(n.decorator_list) > 1:
        raise r.problem("E102", "a class may have one decorator: dataclass", n.decorator_list[1], "remove it")
    decorator = r.expr(n.decorator_list[0]) if n.decorator_list else None
    doc = ast.get_docstring(n) or ""
    fields: list[ir.ClassField] = []
    for part in n.body[1:] if doc else n.body:
        if (field := _class_field(r, part)) is not None:
            fields.append(field)
    bases = tuple(r.expr(base) for base in n.bases)
    return ir.ClassDef(r.name(n.name, n), bases, keywords(r, n.keywords), decorator, tuple(fields), doc, span=r.span(n))


def _class_field(r: Reader, n: ast.stmt) -> ir.ClassField | None:
    if isinstance(n, ast.Pass) or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)):
        return None
    if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name):
        default = None if n.value is None else or_ellipsis(r, n.value)
        return ir.ClassField(r.name(n.target.id, n.target), r.expr(n.annotation), default, span=r.span(n))
    if isinstance(n, ast.Assign) and len(n.targets) == 1 and isinstance(n.targets[0], ast.Name):
        return ir.ClassField(r.name(n.targets[0].id, n.targets[0]), None, r.expr(n.value), span=r.span(n))
    hint = "classes are schemas: fields with types, and defaults; write a `def` outside of the class"
    r.problem("E102", "a class in a plan holds fields only", n, hint)
    return None


# match


@statement(ast.Match)
def _match(r: Reader, n: ast.Match) -> ir.Stmt:
    cases = tuple(
        ir.Case(_pattern(r, case.pattern), r.maybe(case.guard), r.block(case.body), span=r.span(case.pattern))
        for case in n.cases
    )
    return ir.Match(r.expr(n.subject), cases, span=r.span(n))


def _pattern(r: Reader, n: ast.pattern) -> ir.Pattern:
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
