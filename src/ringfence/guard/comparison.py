"""Whether other rules would allow more or less: decided by the meaning of the rules, whoever proposes them.

Its one rule: "narrower" is only said if no call at all could be treated more freely. Each predicate is taken as true,
false or failing, in every combination that is possible; what is known of predicates (who is public is readable; at most
two is at most three) leaves impossible combinations out, and nothing else does. Too many combinations are "unknown".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, TypeAlias, final

from ringfence.guard.decision import Verdict
from ringfence.guard.ruleset import Mode, Rule
from ringfence.lang import ir
from ringfence.lang.values_of import literal

Change: TypeAlias = Literal["same", "narrower", "wider", "both", "unknown"]
MAX_CASES: Final = 20_000
_ORDER: Final = {"allow": 0, "ask": 1, "deny": 2}
# The predicates that never fail on arguments of the tool itself.
_LABELS: Final = frozenset(
    {"trusted", "public", "readable", "verbatim", "literal", "low_capacity", "pc_trusted", "pc_public", "pc_readable"}
    | {"principal", "dialect", "unflagged", "pc_unflagged"}
)
_IMPLIED: Final = frozenset(
    {
        ("public", "readable"),
        ("trusted", "sourced"),
        ("literal", "trusted"),
        ("literal", "public"),
        ("literal", "readable"),
    }
)
_ENDLESS: Final = float("inf")
_FAILS: Final = "fails"
_Truth: TypeAlias = "bool | Literal['fails']"
_Case: TypeAlias = "Mapping[ir.Expr, _Truth]"
_Called: TypeAlias = "tuple[str, tuple[ir.Expr, ...]]"
_Interval: TypeAlias = "tuple[float, bool, float, bool]"  # low, whether it is in, high, whether it is in


@final
@dataclass(frozen=True, slots=True)
class _Atom:
    """A predicate of a rule. `fault`: what it fails with together; None: it cannot fail."""

    expr: ir.Expr
    fault: str | None


def compare(before: Iterable[Rule], after: Iterable[Rule], mode: Mode) -> Change:
    """Whether the rules `after` say something else of a tool's calls than those before."""
    old, new = tuple(before), tuple(after)
    atoms = list(dict.fromkeys(atom for rule in (*old, *new) for atom in _atoms_of(rule)))
    failing = sum(atom.fault is not None for atom in atoms)
    if 3**failing * 2 ** (len(atoms) - failing) > MAX_CASES:
        return "unknown"
    found: set[str] = set()
    for case in _cases(atoms):
        was, now = _ORDER[verdict(old, case, mode)], _ORDER[verdict(new, case, mode)]
        if was != now:
            found.add("narrower" if now > was else "wider")
    if len(found) == 2:
        return "both"
    return "same" if not found else "narrower" if "narrower" in found else "wider"


# Cases


def _cases(atoms: list[_Atom]) -> Iterator[_Case]:
    """Every possible combination. Atoms with the same fault fail together."""
    rules = [(one.expr, other.expr, kind) for one in atoms for other in atoms for kind in _known(one.expr, other.expr)]
    faults = sorted({atom.fault for atom in atoms if atom.fault is not None})
    for failing in product((False, True), repeat=len(faults)):
        broken = {fault for fault, fails in zip(faults, failing, strict=True) if fails}
        free = [atom.expr for atom in atoms if atom.fault not in broken]
        for truths in product((False, True), repeat=len(free)):
            case: dict[ir.Expr, _Truth] = {atom.expr: _FAILS for atom in atoms if atom.fault in broken}
            case.update(zip(free, truths, strict=True))
            if all(_possible(case, *rule) for rule in rules):
                yield case


def _possible(case: _Case, one: ir.Expr, other: ir.Expr, kind: str) -> bool:
    return case[one] is not True or case[other] is not (kind != "implies")


def _known(one: ir.Expr, other: ir.Expr) -> Iterator[str]:
    """What is known of two predicates: that the first `implies` the second, or `excludes` it."""
    if one == other:
        return
    first, second = _called(one), _called(other)
    if first is not None and second is not None:
        if _implied(first, second):
            yield "implies"
        return
    left, right = _bounded(one), _bounded(other)
    if left is not None and right is not None and left[0] == right[0]:
        if _subset(left[1], right[1]):
            yield "implies"
        elif _apart(left[1], right[1]):
            yield "excludes"


def _implied(first: _Called, second: _Called) -> bool:
    names, same, rest = (first[0], second[0]), first[1][:1] == second[1][:1], (first[1][1:], second[1][1:])
    if names == ("pc_public", "pc_readable"):
        return True
    if names == ("within", "within"):
        return same and _inside(*rest)
    if names == ("one_of", "one_of"):
        return same and set(rest[0]) <= set(rest[1])
    return same and names in _IMPLIED


def _called(expr: ir.Expr) -> _Called | None:
    return (expr.func.id, expr.args) if isinstance(expr, ir.Call) and isinstance(expr.func, ir.Name) else None


def _inside(inner: tuple[ir.Expr, ...], outer: tuple[ir.Expr, ...]) -> bool:
    numbers = [_number(one) for one in (*inner, *outer)]
    low, high, least, most = numbers if len(numbers) == 4 else (None, None, None, None)
    if low is None or high is None or least is None or most is None:
        return False
    return least <= low and high <= most


def _number(expr: ir.Expr) -> float | int | None:
    found = literal(expr)
    plain = None if found is None else found[0]
    return plain if isinstance(plain, (int, float)) and not isinstance(plain, bool) and plain == plain else None


def _bounded(expr: ir.Expr) -> tuple[ir.Expr, _Interval] | None:
    """`X < 5` as X and the interval in which it must lie."""
    at = _number(expr.operands[1]) if isinstance(expr, ir.Compare) and len(expr.ops) == 1 else None
    if at is None or not isinstance(expr, ir.Compare):
        return None
    subject, op = expr.operands[0], expr.ops[0]
    match op:
        case "<" | "<=":
            return subject, (-_ENDLESS, False, at, op == "<=")
        case ">" | ">=":
            return subject, (at, op == ">=", _ENDLESS, False)
        case "==":
            return subject, (at, True, at, True)
        case _:
            return None


def _subset(inner: _Interval, outer: _Interval) -> bool:
    low = inner[0] > outer[0] or (inner[0] == outer[0] and (outer[1] or not inner[1]))
    high = inner[2] < outer[2] or (inner[2] == outer[2] and (outer[3] or not inner[3]))
    return low and high


def _apart(one: _Interval, other: _Interval) -> bool:
    return _below(one, other) or _below(other, one)


def _below(one: _Interval, other: _Interval) -> bool:
    return one[2] < other[0] or (one[2] == other[0] and not (one[3] and other[1]))


# Evaluating


def _atoms_of(rule: Rule) -> Iterator[_Atom]:
    for expr in (rule.allow, rule.ask):
        if expr is not None:
            yield from _atoms(expr)


def _atoms(expr: ir.Expr) -> Iterator[_Atom]:
    if isinstance(expr, ir.Logic):
        for value in expr.values:
            yield from _atoms(value)
    elif isinstance(expr, ir.Unary) and expr.op == "not":
        yield from _atoms(expr.operand)
    elif not isinstance(expr, ir.Constant):
        yield _Atom(expr, _fault(expr))


def _fault(expr: ir.Expr) -> str | None:
    """What an atom fails with: a comparison with its left side, membership with its argument, others alone."""
    called, bounded = _called(expr), _bounded(expr)
    plain = called is not None and all(isinstance(one, (ir.Name, ir.Constant)) for one in _parts(expr))
    if called is not None and plain and called[0] in _LABELS:
        return None
    if called is not None and plain and called[0] == "one_of":
        sets = [one.id for one in called[1][1:] if isinstance(one, ir.Name)]
        return f"one_of {called[1][0]!r} {sets}"
    if bounded is None or (isinstance(expr, ir.Compare) and expr.ops == ("==",)):
        return repr(expr)
    return f"compare {bounded[0]!r}"


def _parts(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    return (*expr.args, *(one.value for one in expr.keywords)) if isinstance(expr, ir.Call) else ()


def verdict(rules: Iterable[Rule], case: _Case, mode: Mode) -> Verdict:
    """What rules say in one case: as `Policy` decides, with predicates that are given."""
    found: list[Verdict] = [_of_rule(rule, case, mode) for rule in rules]
    return max(found, key=_ORDER.__getitem__) if found else "deny"


def _of_rule(rule: Rule, case: _Case, mode: Mode) -> Verdict:
    asks: Verdict = "deny" if mode == "strict" else "ask"
    allowed = _evaluated(rule.allow, case)
    if allowed == _FAILS:
        return "deny"
    if allowed:
        return "allow"
    if rule.ask is None:
        return asks
    return asks if _evaluated(rule.ask, case) is True else "deny"


def _evaluated(expr: ir.Expr, case: _Case) -> _Truth:
    if isinstance(expr, ir.Constant):
        return bool(expr.value)
    if isinstance(expr, ir.Unary) and expr.op == "not":
        found = _evaluated(expr.operand, case)
        return _FAILS if found == _FAILS else not found
    if isinstance(expr, ir.Logic):
        settles = expr.op == "or"
        for value in expr.values:
            found = _evaluated(value, case)
            if found == _FAILS or found is settles:
                return found
        return not settles
    return case[expr]
