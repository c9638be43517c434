"""Rules: expressions of the plan language over a call's arguments, checked when they are loaded.

Its one rule: what has no entry in the tables here is refused when the policy is loaded, with its place, and a
rule that fails while it is evaluated denies. Evaluation is three-valued, so that the same rule decides a call at
run time and forecasts it before: a certain answer before the run is the answer of every run.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast, final

from ringfence.core.diagnostics import Diagnostic
from ringfence.guard.predicates import OF_VALUES, PREDICATES, Surroundings, Truth, length, obstacle
from ringfence.guard.views import UNSURE, ArgumentView, RuleError, constant, part, parts, plain_value
from ringfence.lang import ir

_FUNCTIONS: Final = ("len", "any", "all")
_PATTERNS: Final = "write text in RE2 syntax: no look-around, no references back"


@final
@dataclass(frozen=True, slots=True)
class Obstacle:
    """A predicate that did not hold: of which argument (None: of the place), why, and what would make it hold."""

    predicate: str
    argument: str | None
    detail: str | None
    remedy: str


# Checking, when a policy is loaded


def check(expr: ir.Expr, names: Iterable[str]) -> list[Diagnostic]:
    """Every problem of a rule over the parameters `names`: unknown names, functions, constructs, arguments."""
    return list(_check(expr, tuple(names)))


def _problem(node: ir.Node, message: str, hint: str | None = None) -> Diagnostic:
    return Diagnostic("C503", message, node.span, hint)


def meant(name: str, known: Iterable[str]) -> str | None:
    """A hint that names what is spelled most like `name`."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, 1)
    if close:
        return f"did you mean {close[0]}?"
    return f"there are {', '.join(choices)}" if choices else None


def _check(expr: ir.Expr, names: tuple[str, ...]) -> Iterator[Diagnostic]:
    match expr:
        case ir.Constant():
            return
        case ir.Name():
            if expr.id not in names:
                yield _problem(expr, f"unknown parameter: {expr.id}", meant(expr.id, names))
        case ir.Logic():
            for value in expr.values:
                yield from _check(value, names)
        case ir.Unary():
            if expr.op == "~":
                yield _problem(expr, "~ has no meaning in a rule", "write `not`")
            yield from _check(expr.operand, names)
        case ir.Compare():
            for operand in expr.operands:
                yield from _check(operand, names)
        case ir.Attribute():
            yield from _check(expr.value, names)
        case ir.Subscript():
            yield from _check(expr.value, names)
            yield from _check(expr.index, names)
        case ir.Sequence():
            for item in expr.items:
                yield from _check(item, names)
        case ir.Call():
            yield from _check_call(expr, names)
        case _:
            yield _problem(
                expr, "a construct that a rule cannot have", "predicates, and, or, not, comparisons, len, any and all"
            )


def _check_call(expr: ir.Call, names: tuple[str, ...]) -> Iterator[Diagnostic]:
    if not isinstance(expr.func, ir.Name):
        yield _problem(expr, "a rule calls predicates by their name, and no methods")
        return
    name = expr.func.id
    if name in ("any", "all"):
        yield from _check_every(expr, name, names)
        return
    for value in (*expr.args, *(keyword.value for keyword in expr.keywords)):
        yield from _check(value, names)
    if name == "len":
        least, most, by = 1, cast("int | None", 1), False
    elif name in PREDICATES:
        least, most, by = PREDICATES[name].least, PREDICATES[name].most, PREDICATES[name].by
    else:
        yield _problem(expr.func, f"unknown predicate: {name}", meant(name, (*PREDICATES, *_FUNCTIONS)))
        return
    if len(expr.args) < least or (most is not None and len(expr.args) > most):
        wanted = f"{least}" if least == most else f"at least {least}"
        yield _problem(expr, f"{name}() takes {wanted} argument{'s' if least != 1 else ''}")
    if [keyword.name for keyword in expr.keywords] != (["by"] if by else []):
        yield _problem(expr, f"{name}() takes by=" if by else f"{name}() takes no such keyword argument")
    if name == "matches" and len(expr.args) == 2 and not _pattern(expr.args[1]):
        yield _problem(expr.args[1], "the pattern of matches() is no written-out regular expression", _PATTERNS)


def _pattern(expr: ir.Expr) -> bool:
    from ringfence.guard.predicates import compiled

    try:
        return isinstance(expr, ir.Constant) and isinstance(expr.value, str) and compiled(expr.value) is not None
    except RuleError:
        return False


def _check_every(expr: ir.Call, name: str, names: tuple[str, ...]) -> Iterator[Diagnostic]:
    found = expr.args[0] if len(expr.args) == 1 and not expr.keywords else None
    if not isinstance(found, ir.Comprehension) or found.kind != "generator" or len(found.clauses) != 1:
        yield _problem(expr, f"{name}() takes one generator", f"{name}(trusted(x) for x in PARAMETER)")
        return
    clause = found.clauses[0]
    yield from _check(clause.iterable, names)
    if not isinstance(clause.target, ir.Name):
        yield _problem(clause, "the variable of a generator in a rule is one name")
        return
    inner = (*names, clause.target.id)
    for condition in clause.conditions:
        yield from _check(condition, inner)
    yield from _check(found.element, inner)


# Evaluating


@final
class Evaluation:
    """One evaluation of rules over one call's arguments. `obstacles` are the predicates that did not hold."""

    def __init__(self, views: Mapping[str, ArgumentView], around: Surroundings) -> None:
        self.around = around
        self.obstacles: list[Obstacle] = []
        self._views = dict(views)
        self._origins = {name: name for name in views}  # which argument a name of the rule is a part of

    def holds(self, expr: ir.Expr) -> tuple[Truth, bool]:
        """Whether the rule holds (None: not known), and whether evaluating it at run time may fail. RuleError."""
        view = self._value(expr)
        return _truth(view), view.fallible

    def _value(self, expr: ir.Expr) -> ArgumentView:
        rule = _RULES.get(type(expr))
        if rule is None:
            raise RuleError(f"{type(expr).__name__} has no meaning in a rule")
        return rule(self, expr)

    def _logic(self, expr: ir.Logic) -> ArgumentView:
        """`and`, `or`, from left to right. After an operand that may fail nothing is certain."""
        settles = expr.op == "or"
        unsure = fallible = False
        for operand in expr.values:
            try:
                view = self._value(operand)
            except RuleError:
                if not unsure:
                    raise
                return UNSURE  # at run time an earlier operand may stand before it, or not
            fallible = fallible or view.fallible
            truth = _truth(view)
            if truth is settles and not fallible:
                return constant(settles)
            unsure = unsure or truth is None or fallible
        if not unsure:
            return constant(not settles)
        return replace(UNSURE, fallible=fallible)

    def _unary(self, expr: ir.Unary) -> ArgumentView:
        if expr.op == "not":
            kept = len(self.obstacles)
            view = self._value(expr.operand)
            del self.obstacles[kept:]  # what must not hold is no obstacle when it does not
            truth = _truth(view)
            return constant(not truth) if truth is not None else replace(UNSURE, fallible=view.fallible)
        view = self._value(expr.operand)
        if view.known is None:
            return UNSURE
        number = plain_value(view)
        if not isinstance(number, (int, float)):
            raise RuleError(f"{expr.op} of {type(number).__name__}")
        return constant(-number if expr.op == "-" else number)

    def _compare(self, expr: ir.Compare) -> ArgumentView:
        views = [self._value(operand) for operand in expr.operands]
        if any(view.known is None for view in views):
            return UNSURE
        plain = [plain_value(view) for view in views]
        pairs = zip(plain, expr.ops, plain[1:], strict=False)
        return constant(all(_compared(left, op, right) for left, op, right in pairs))

    def _call(self, expr: ir.Call) -> ArgumentView:
        assert isinstance(expr.func, ir.Name)
        name = expr.func.id
        if name in ("any", "all"):
            return self._every(expr, name)
        views = tuple(self._value(argument) for argument in expr.args)
        if name == "len":
            found = length(views[0])
            return UNSURE if found is None else constant(found)
        by = next((self._value(keyword.value) for keyword in expr.keywords), None)
        predicate = PREDICATES.get(name)
        if predicate is None:
            raise RuleError("a predicate that does not exist")
        truth = predicate.decide(self.around, views, by)
        involved = views if by is None else (*views, by)
        fallible = any(view.fallible for view in involved) or (
            name in OF_VALUES and truth is None and any(view.known is None for view in involved)
        )
        if truth is None or fallible:
            return replace(UNSURE, fallible=fallible)
        if not truth:
            self._note(name, expr, views)
        return constant(truth)

    def _note(self, name: str, expr: ir.Call, views: tuple[ArgumentView, ...]) -> None:
        argument = self._argument(expr.args[0]) if expr.args else None
        remedy = PREDICATES[name].remedy.format(x=argument if argument is not None else "it")
        found = Obstacle(name, argument, obstacle(name, self.around, views), remedy)
        if found not in self.obstacles:
            self.obstacles.append(found)

    def _argument(self, expr: ir.Expr) -> str | None:
        """The parameter that an expression speaks about."""
        while isinstance(expr, (ir.Attribute, ir.Subscript)):
            expr = expr.value
        return self._origins.get(expr.id) if isinstance(expr, ir.Name) else None

    def _every(self, expr: ir.Call, name: str) -> ArgumentView:
        generator = expr.args[0]
        assert isinstance(generator, ir.Comprehension)
        clause = generator.clauses[0]
        assert isinstance(clause.target, ir.Name)
        variable = clause.target.id
        source = self._value(clause.iterable)
        items = parts(source)
        if items is None:
            return UNSURE
        outer = self._views.get(variable), self._origins.get(variable)
        origin = self._argument(clause.iterable)
        self._origins[variable] = variable if origin is None else origin
        try:
            return self._over(items, variable, clause.conditions, generator.element, name == "any")
        finally:
            self._views.pop(variable, None)
            self._origins.pop(variable)
            if outer[0] is not None and outer[1] is not None:
                self._views[variable], self._origins[variable] = outer[0], outer[1]

    def _over(
        self,
        items: list[ArgumentView],
        variable: str,
        conditions: tuple[ir.Expr, ...],
        element: ir.Expr,
        settles: bool,
    ) -> ArgumentView:
        unsure = False
        for item in items:
            self._views[variable] = item
            try:
                passed = [_truth(self._value(condition)) for condition in conditions]
                truth = _truth(self._value(element)) if False not in passed else not settles
            except RuleError:
                if not unsure:
                    raise
                return UNSURE
            if truth is None or (None in passed and truth is settles):
                unsure = True
            elif truth is settles and not unsure:
                return constant(settles)
        return UNSURE if unsure else constant(not settles)

    def _name(self, expr: ir.Name) -> ArgumentView:
        found = self._views.get(expr.id)
        if found is None:
            raise RuleError("a parameter that the call does not have")
        return found

    def _attribute(self, expr: ir.Attribute) -> ArgumentView:
        return part(self._value(expr.value), expr.name)

    def _subscript(self, expr: ir.Subscript) -> ArgumentView:
        holder, index = self._value(expr.value), self._value(expr.index)
        return UNSURE if index.known is None else part(holder, plain_value(index))

    def _sequence(self, expr: ir.Sequence) -> ArgumentView:
        views = [self._value(item) for item in expr.items]
        if any(view.known is None for view in views):
            return UNSURE
        return constant(tuple(plain_value(view) for view in views))


def _truth(view: ArgumentView) -> Truth:
    if view.known is None:
        return None
    plain = plain_value(view)
    return (
        bool(plain)
        if isinstance(plain, (bool, int, float, str, list, tuple, dict, set, frozenset))
        else plain is not None
    )


def _compared(left: object, op: str, right: object) -> bool:
    try:
        match op:
            case "==":
                return left == right
            case "!=":
                return left != right
            case "<":
                return bool(left < right)  # type: ignore[operator]
            case "<=":
                return bool(left <= right)  # type: ignore[operator]
            case ">":
                return bool(left > right)  # type: ignore[operator]
            case ">=":
                return bool(left >= right)  # type: ignore[operator]
            case "in":
                return left in right  # type: ignore[operator]
            case "not in":
                return left not in right  # type: ignore[operator]
            case "is" | "is not":
                return (left is right or (left == right and type(left) is type(right))) is (op == "is")
            case _:
                raise RuleError("a comparison that has no meaning in a rule")
    except TypeError as problem:
        raise RuleError(f"{op} of {type(left).__name__} and {type(right).__name__}") from problem


_RULES: Final = cast(
    "Mapping[type, Callable[[Evaluation, ir.Expr], ArgumentView]]",
    {
        ir.Constant: lambda self, expr: constant(expr.value),
        ir.Name: Evaluation._name,
        ir.Logic: Evaluation._logic,
        ir.Unary: Evaluation._unary,
        ir.Compare: Evaluation._compare,
        ir.Call: Evaluation._call,
        ir.Attribute: Evaluation._attribute,
        ir.Subscript: Evaluation._subscript,
        ir.Sequence: Evaluation._sequence,
    },
)
