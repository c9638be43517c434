"""Evaluating rules: expressions of the plan language over a call's arguments.

Its one rule: what has no entry in the table here has no meaning, and a rule that fails while it is evaluated, or takes
too many steps, denies. Evaluation is three-valued, so that the same rule decides a call at
run time and forecasts it before: a certain answer before the run is the answer of every run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast, final

from ringfence.guard.predicates import OF_VALUES, PREDICATES, Surroundings, Truth, length, obstacle, one_of
from ringfence.guard.sets import Members
from ringfence.guard.views import UNSURE, ArgumentView, RuleError, constant, part, parts, plain_value
from ringfence.lang import ir

MAX_STEPS: Final = 100_000  # of evaluating the rules of one call


@final
@dataclass(frozen=True, slots=True)
class Obstacle:
    """A predicate that did not hold: of which argument (None: of the place), why, and what would make it hold."""

    predicate: str
    argument: str | None
    detail: str | None
    remedy: str


# Evaluating


@final
class Evaluation:
    """One evaluation of rules over one call's arguments.

    `obstacles` are the predicates that did not hold, `undecided` what is not known before the run.
    """

    def __init__(self, views: Mapping[str, ArgumentView], around: Surroundings, steps: list[int] | None = None) -> None:
        """`steps`: how many steps other rules of the same call have taken."""
        self.around = around
        self.obstacles: list[Obstacle] = []
        self.undecided: list[ir.Expr] = []
        self._steps = [0] if steps is None else steps
        self._views = dict(views)
        self._origins = {name: name for name in views}  # which argument a name of the rule is a part of

    def holds(self, expr: ir.Expr) -> tuple[Truth, bool]:
        """Whether the rule holds (None: not known), and whether evaluating it at run time may fail. RuleError."""
        view = self._value(expr)
        return _truth(view), view.fallible

    def _value(self, expr: ir.Expr) -> ArgumentView:
        self._steps[0] += 1
        if self._steps[0] > MAX_STEPS:
            raise RuleError(f"it takes more than {MAX_STEPS:,} steps")
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
            return self._open(expr)
        plain = [plain_value(view) for view in views]
        pairs = zip(plain, expr.ops, plain[1:], strict=False)
        return constant(all(_compared(left, op, right) for left, op, right in pairs))

    def _call(self, expr: ir.Call) -> ArgumentView:
        assert isinstance(expr.func, ir.Name)
        name = expr.func.id
        if name in ("any", "all"):
            return self._every(expr, name)
        if name == "one_of":
            return self._one_of(expr)
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
            return replace(self._open(expr), fallible=fallible)
        if not truth:
            self._note(name, expr, views)
        return constant(truth)

    def _one_of(self, expr: ir.Call) -> ArgumentView:
        """Membership in sets and in values that the rule lists. A set that is not known yet may fail to load."""
        view, views, members = self._value(expr.args[0]), list[ArgumentView](), list[Members]()
        for argument in expr.args[1:]:
            if not isinstance(argument, ir.Name) or argument.id in self._views:
                views.append(self._value(argument))
            elif view.known is None:
                return self._open(expr)  # nothing is loaded for a call that is not made yet
            else:
                found = self.around.sets.find(argument.id)
                if found is None:
                    return self._open(expr)
                members.append(found)
        truth = one_of(view, views, members)
        if truth is None or view.fallible or any(one.fallible for one in views):
            return self._open(expr)
        if not truth:
            self._note("one_of", expr, (view,))
        return constant(truth)

    def _open(self, expr: ir.Expr) -> ArgumentView:
        self.undecided.append(expr)
        return UNSURE

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
            return self._open(expr)
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
