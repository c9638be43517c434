"""The policy: may this call be made, with these labels, at this place?

Its one rule: deny by default, deny wins, and a rule that errors denies. One engine answers at run time
(`decide`), before an arm of a branch is chosen (`foresee`), and before anything runs (`forecast`): a forecast is
only more certain than "depends" if every run would get that verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, final

from ringfence.core.errors import ConfigError
from ringfence.core.labels import Label
from ringfence.core.values import Value
from ringfence.guard.budgets import Budget, load_budgets
from ringfence.guard.decision import Class, Decision, Forecast, Reason, Scope, Verdict
from ringfence.guard.endorsing import Endorsements, endorsed, load_endorsements
from ringfence.guard.entries import entries_of
from ringfence.guard.groups import load_groups
from ringfence.guard.labelling import UNKNOWN_SOURCE
from ringfence.guard.packs import packed
from ringfence.guard.predicates import Surroundings
from ringfence.guard.rules import Evaluation, Obstacle
from ringfence.guard.ruleset import (
    MODES,
    VERBS,
    Loading,
    Mode,
    Rule,
    configured,
    flagged_rule,
    known_tools,
    narrowing,
    rules_for,
    rules_for_verb,
)
from ringfence.guard.sections import Sections
from ringfence.guard.sets import KnownSets, RunSets, SetUnavailable, TrustedSet, check_tool, load_sets
from ringfence.guard.tools import Tool
from ringfence.guard.views import ArgumentView, RuleError, constant
from ringfence.lang import ir
from ringfence.lang.host import UNKNOWN, Bounds, Param
from ringfence.lang.render import render_expression
from ringfence.schema import Type

__all__ = ["ArgumentView", "Decision", "Forecast", "Policy", "Reason", "Verdict"]

TRUSTED_SOURCES: Final = frozenset({"user", "developer"})
_ORDER: Final = {"allow": 0, "ask": 1, "deny": 2}
_APPROVE: Final = "a person can approve this call"
_OTHERWISE: Final = "make the call so that the rule's condition holds"
_NEVER: Final = ir.Constant(False)
_ALWAYS: Final = ir.Constant(True)


@final
@dataclass(frozen=True, slots=True)
class _Judgement:
    """What one rule says: the verdicts that are possible, and what did not hold."""

    rule: Rule
    possible: frozenset[Verdict]
    obstacles: tuple[Obstacle, ...] = ()
    failed: bool = False
    missing: bool = False  # a trusted set could not be loaded
    undecided: tuple[ir.Expr, ...] = ()


@final
class Policy:
    """The rules of all tools, loaded and checked. `Policy.load` makes one."""

    def __init__(
        self,
        tools: Mapping[str, Tool],
        rules: Mapping[str, tuple[Rule, ...]],
        mode: Mode,
        around: Surroundings,
        sets: Mapping[str, TrustedSet],
        endorsing: Mapping[str, Endorsements],
        budgets: Mapping[str, tuple[Budget, ...]],
    ) -> None:
        self.tools = dict(tools)
        self.rules = dict(rules)
        self.mode: Mode = mode
        self.trusted = around.trusted
        self.sets = dict(sets)
        self._around = around
        self._endorsing = dict(endorsing)
        self.budgets = dict(budgets)
        self._expected = {
            name: tuple((one.name, one.type, _absent(tool, one)) for one in tool.signature.params)
            for name, tool in self.tools.items()
        }
        self._always = {
            name: Decision("allow", name, tuple(rule.id for rule in found))
            for name, found in self.rules.items()
            if found and all(rule.allow == _ALWAYS for rule in found)
        }

    @staticmethod
    def load(
        tools: Iterable[Tool],
        *,
        mode: Mode = "enforce",
        trusted: frozenset[str] = TRUSTED_SOURCES,
        table: Mapping[str, object] | None = None,
        sections: Sections | None = None,
        user: str = "user",
        dialect: str = "",
    ) -> Policy:
        """A policy from tools and the sections of a policy file, or its table `[tools]` alone.

        `policy.tools` are the tools with the effects and sinks that the sections give them. `user` and `dialect` are
        those of the runs: rules may speak of them. ConfigError (C502, C503, C520 and following) for what is wrong.
        """
        if mode not in MODES:
            raise ConfigError("a mode that does not exist", code="C503", hint=f"there are {', '.join(MODES)}")
        if UNKNOWN_SOURCE in trusted:
            raise ConfigError(f"the source {UNKNOWN_SOURCE} cannot be trusted", code="C503")
        found = Sections(tools={} if table is None else table) if sections is None else sections
        known = known_tools(tools)
        entries = entries_of(
            found, {name: tool.server for name, tool in known.items()}, VERBS, packed(found.packs, known)
        )
        made = {name: configured(tool, entries[name]) for name, tool in known.items()}
        sets, groups = load_sets(found, user, made), load_groups(found)
        for one in sets.values():
            if one.tool is not None and (problem := check_tool(found, one, made[one.tool])) is not None:
                raise problem
        loading = Loading(found, mode, frozenset(sets), groups, user, dialect)
        rules = {name: rules_for(tool, entries[name], loading) for name, tool in made.items()}
        rules |= {verb: rules_for_verb(verb, entries[verb], loading) for verb in VERBS}
        added = narrowing(made, loading)
        rules = {name: (*own, *added[name]) for name, own in rules.items()}
        endorsing = {name: load_endorsements(entries[name], tool, sets) for name, tool in made.items()}
        around = Surroundings(UNKNOWN, trusted, groups, KnownSets(sets), user, dialect)
        budgets = load_budgets(found, made, strict=mode == "strict")
        return Policy(made, rules, mode, around, sets, endorsing, budgets)

    @cached_property
    def pins(self) -> Mapping[str, str]:
        """By tool, the hash of all that a model and a policy see of it."""
        return {name: tool.pin for name, tool in self.tools.items()}

    def for_run(self, load: Callable[[TrustedSet], Value]) -> Policy:
        """The same policy for one run, whose sets are loaded when a rule first needs them."""
        if all(one.known for one in self.sets.values()):
            return self
        around = replace(self._around, sets=RunSets(self.sets, load))
        return Policy(self.tools, self.rules, self.mode, around, self.sets, self._endorsing, self.budgets)

    def asking_about_flagged(self) -> Policy:
        """The same policy, and a person is asked about every call that depends on what a screen has flagged."""
        rules = {name: (*own, flagged_rule(self.tools[name])) if name in self.tools else own
                 for name, own in self.rules.items()}  # fmt: skip
        return Policy(self.tools, rules, self.mode, self._around, self.sets, self._endorsing, self.budgets)

    def always(self, tool: str) -> Decision | None:
        """The verdict on every call of a tool whose rules hold whatever the call is; None if it depends."""
        return self._always.get(tool)

    def decide(self, tool: str, arguments: Mapping[str, ArgumentView], pc: Bounds) -> Decision:
        """The verdict on a call whose arguments and labels are known."""
        return self._decision(tool, self._judge(tool, arguments, pc), certain=False)

    def forecast(self, tool: str, arguments: Mapping[str, ArgumentView], pc: Bounds) -> Forecast:
        """The verdict that every run within these bounds gets, or "depends"."""
        possible = _worst(self._judge(tool, arguments, pc))
        return next(iter(possible)) if len(possible) == 1 else "depends"

    def open(self, tool: str, arguments: Mapping[str, ArgumentView], pc: Bounds) -> tuple[str, ...]:
        """What a forecast that is not certain depends on: the parts of rules that are not known yet."""
        found = [one for one in self._judge(tool, arguments, pc) if len(one.possible) > 1]
        return tuple(dict.fromkeys(render_expression(part) for one in found for part in one.undecided))

    def foresee(self, tool: str, pc: Label) -> Decision | None:
        """A denial, if a call at a place with this label is denied whatever its arguments; else None."""
        unknown = {name: ArgumentView(UNKNOWN) for name in self._parameters(tool)}
        judgements = self._judge(tool, unknown, Bounds(pc, pc))
        if _worst(judgements) != {"deny"}:
            return None
        return self._decision(tool, judgements, certain=True)

    def known_by(self, tool: str, parameter: str) -> tuple[str, ...]:
        """What the policy takes a parameter's values at their word for: types of low capacity, and sets."""
        return self._endorsing.get(tool, {}).get(parameter, ())

    def vouching(self) -> dict[str, list[str]]:
        """What rules rest on beside themselves: budgets, sets, and what is taken at its word; as text, to compare."""
        budgets = {f"budget {name}": [one.text for one in found] for name, found in self.budgets.items()}
        sets = {f"set {name}": [one.text] for name, one in self.sets.items()}
        words = {
            f"endorse {tool}.{name}": list(kinds)
            for tool, found in self._endorsing.items()
            for name, kinds in found.items()
        }
        return {**budgets, **sets, **words}

    def explain(self, tool: str) -> tuple[tuple[str, str, str | None], ...]:
        """The rules of a tool: id, condition, and the condition under which it asks (None: the mode decides)."""
        return tuple((rule.id, rule.allow_text, rule.ask_text) for rule in self.rules.get(tool, ()))

    def _parameters(self, tool: str) -> tuple[str, ...]:
        found = self.tools.get(tool)
        return VERBS.get(tool, ()) if found is None else tuple(param.name for param in found.signature.params)

    def _judge(self, tool: str, arguments: Mapping[str, ArgumentView], pc: Bounds) -> list[_Judgement]:
        rules = self.rules.get(tool, ())
        found = self.tools.get(tool)
        if found is None:
            names = VERBS.get(tool, ())
            views = {name: _typed(arguments[name], None) if name in arguments else constant(None) for name in names}
        else:
            views = {
                name: _typed(arguments[name], declared) if name in arguments else absent
                for name, declared, absent in self._expected[tool]
            }
        base = self._around
        around = Surroundings(pc, base.trusted, base.groups, base.sets, base.user, base.dialect)
        vouched = self._endorsing.get(tool)
        if vouched:
            views = {
                name: endorsed(view, vouched[name], around) if name in vouched else view for name, view in views.items()
            }
        steps = [0]
        return [self._by(rule, views, around, steps) for rule in rules]

    def _by(self, rule: Rule, views: Mapping[str, ArgumentView], around: Surroundings, steps: list[int]) -> _Judgement:
        evaluation = Evaluation(views, around, steps)
        try:
            possible = self._verdicts(rule, evaluation)
        except SetUnavailable as problem:
            failure = Obstacle("one_of", None, str(problem), "make the set available, or let its rule do without it")
            return _Judgement(rule, frozenset({"deny"}), (failure,), missing=True)
        except Exception as problem:
            # A rule that fails, in whatever way, denies. What it says may hold values: only that it failed is told.
            kind = str(problem) if isinstance(problem, RuleError) else type(problem).__name__
            failure = Obstacle(f"the rule failed: {kind}", None, None, "correct the rule in the policy")
            return _Judgement(rule, frozenset({"deny"}), (failure,), failed=True)
        undecided = tuple(evaluation.undecided)
        return _Judgement(rule, frozenset(possible), tuple(evaluation.obstacles), undecided=undecided)

    def _verdicts(self, rule: Rule, evaluation: Evaluation) -> set[Verdict]:
        truth, fallible = evaluation.holds(rule.allow)
        possible: set[Verdict] = set()
        if fallible:
            possible.add("deny")
        if truth is not False:
            possible.add("allow")
        if truth is True:
            return possible
        if rule.ask is None:
            possible.add("deny" if self.mode == "strict" else "ask")
            return possible
        kept = len(evaluation.obstacles)
        try:
            asks, asking_fallible = evaluation.holds(rule.ask)
        except RuleError:
            if truth is False:
                raise
            return possible | {"deny"}
        if asks is not False:
            del evaluation.obstacles[kept:]
            possible.add("deny" if self.mode == "strict" else "ask")
        if asks is not True or asking_fallible:
            possible.add("deny")
        return possible

    def _decision(self, tool: str, judgements: list[_Judgement], *, certain: bool) -> Decision:
        if not judgements:
            return Decision(
                "deny", tool, (), (), ("use a tool that the policy knows",), "P401", "structural", False, "tool"
            )
        possible = _worst(judgements)
        # At run time everything is known. Should a rule still not know, it does not hold.
        verdict: Verdict = max(possible, key=_ORDER.__getitem__)
        if verdict == "allow":
            return Decision("allow", tool, tuple(one.rule.id for one in judgements))
        made = [one for one in judgements if verdict in one.possible]
        reasons = tuple(
            Reason(one.rule.id, one.rule.allow_text, obstacle.predicate, obstacle.argument, obstacle.detail)
            for one in made
            for obstacle in one.obstacles
        )
        remedies = dict.fromkeys(obstacle.remedy for one in made for obstacle in one.obstacles)
        if not remedies and verdict == "deny":
            remedies[_OTHERWISE] = None
        if verdict == "ask":
            remedies[_APPROVE] = None
        code, kind, again, scope = _classified(verdict, made, reasons, certain)
        return Decision(
            verdict, tool, tuple(one.rule.id for one in made), reasons, tuple(remedies), code, kind, again, scope
        )


def _classified(
    verdict: Verdict, made: list[_Judgement], reasons: tuple[Reason, ...], certain: bool
) -> tuple[str, Class, bool, Scope]:
    """Code, class, whether the same call may be allowed later, and what would have to be another."""
    if verdict != "ask" and any(one.failed for one in made):
        return "P404", "structural", False, "tool"
    if verdict != "ask" and any(one.missing for one in made):
        return "P432", "transient", True, "call"
    if verdict != "ask" and any(one.rule.allow == _NEVER and one.rule.ask == _NEVER for one in made):
        return "P401", "structural", False, "tool"
    scope: Scope = "argument" if any(reason.argument is not None for reason in reasons) else "place"
    if not any(reason.predicate.startswith("pc_") or reason.argument is not None for reason in reasons):
        scope = "call"
    return "P410" if verdict == "ask" else "P403" if certain else "P401", "permission", False, scope


def _absent(tool: Tool, param: Param) -> ArgumentView:
    """An argument that the plan leaves out: its default, which the tool's author wrote."""
    if param.name in tool.defaults:
        return constant(tool.defaults[param.name])
    if param.kind in ("args", "kwargs"):
        return constant(() if param.kind == "args" else {})
    return ArgumentView(constant(None).bounds, None, True, False)  # a default that is no data


def _typed(view: ArgumentView, declared: Type | None) -> ArgumentView:
    """The view with its parameter's type. What is written in the plan is no tool's result."""
    verbatim = False if view.literal and view.verbatim is None else view.verbatim
    kind = view.type if declared is None else declared
    if kind is view.type and verbatim is view.verbatim:
        return view
    return ArgumentView(view.bounds, view.known, view.literal, verbatim, kind, view.endorsed, view.fallible)


def _worst(judgements: Iterable[_Judgement]) -> set[Verdict]:
    """The verdicts that are possible when the strictest of all rules wins. No rule: deny."""
    result: set[Verdict] | None = None
    for judgement in judgements:
        if result is None:
            result = set(judgement.possible)
        else:
            result = {max(one, other, key=_ORDER.__getitem__) for one in result for other in judgement.possible}
    return {"deny"} if result is None else result
