"""Where rules come from: a policy's sections, annotations on the tool, the defaults. All become the same expressions.

Its one rule: everything is checked when it is loaded; an unknown tool, key, parameter or predicate is a
ConfigError (C503) with its place. A table's `allow` or `ask` stands instead of the tool's annotations and of the
defaults: whoever deploys a tool has the last word, and says so in writing. What principals and dialects say is added:
it can only narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, final

from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.errors import ConfigError, PlanRejected
from ringfence.guard.entries import RULE_KEYS, Entry, Merged, fits, listed, merged
from ringfence.guard.groups import Groups
from ringfence.guard.labelling import DEFAULT_LABELS
from ringfence.guard.labeltable import label_rule
from ringfence.guard.parameters import ParameterRule, call
from ringfence.guard.rulecheck import check
from ringfence.guard.sections import Sections, Table, meant, table_of, texts_of
from ringfence.guard.tools import EFFECTS, Tool
from ringfence.lang import ir
from ringfence.lang.dialects import DIALECTS
from ringfence.lang.parse import parse_expression

Mode: TypeAlias = Literal["enforce", "observe", "strict"]
MODES: Final = ("enforce", "observe", "strict")
VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    "quarantine": ("instruction", "data"),
    "quarantine_each": ("instruction", "data"),
}
MAX_RULE: Final = 20_000  # characters


@final
@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one tool. `ask` is None if the rule has none of its own: then the mode decides.

    `origin` says where it stands: a place in a file, "annotation", "default".
    """

    id: str
    allow: ir.Expr
    allow_text: str
    ask: ir.Expr | None = None
    ask_text: str | None = None
    origin: str = "default"
    deny_text: str | None = None  # of a `deny`, whose opposite is then what allows

    @property
    def lines(self) -> tuple[str, ...]:
        """The rule as it is written: `allow ...` and `ask ...`, or `deny ...`."""
        if self.deny_text is not None:
            return (f"deny  {self.deny_text}",)
        return (f"allow {self.allow_text}", *(() if self.ask_text is None else (f"ask   {self.ask_text}",)))


def known_tools(tools: Iterable[Tool]) -> dict[str, Tool]:
    """The tools by name. ConfigError (C502) for two of one name."""
    known: dict[str, Tool] = {}
    for tool in tools:
        if tool.name in known:
            raise ConfigError(
                f"two tools have the name {tool.name}", code="C502", hint="give one another name with name="
            )
        known[tool.name] = tool
    return known


def configured(tool: Tool, entry: Merged) -> Tool:
    """The tool with the effect, the sinks and the labels that the policy gives it."""
    effect = entry.get("effect")
    if effect is None:
        effect = tool.effect
    if effect not in EFFECTS:
        raise _bad(entry.given["effect"], "effect", "has an unknown effect", '"read" or "write"')
    rule = tool.label_rule
    if "labels" in entry.given:
        at = entry.given["labels"]
        if at.rank[0] > 0 or rule is DEFAULT_LABELS:  # a pack does not know better than the tool's author
            rule = label_rule(at.sections, (*at.path, "labels"), at.table["labels"], tool.name)
    return replace(
        tool,
        effect=effect,
        egress=_parameters(tool, entry, "egress", tool.egress),
        audience=_parameters(tool, entry, "audience", tool.audience),
        label_rule=rule,
        signature=replace(tool.signature, effect=effect),
    )


def _bad(entry: Entry, key: str, message: str, hint: str | None = None) -> ConfigError:
    """A problem with a key's value; the key is part of the message."""
    error = entry.sections.bad((*entry.path, key), message, hint)
    told = error.message.replace(f"[{'.'.join((*entry.path, key))}]", f"[{'.'.join(entry.path)}]")
    return ConfigError(told, code=error.code, hint=hint, diagnostics=error.diagnostics, excerpt=error.excerpt)


def _parameters(tool: Tool, entry: Merged, key: str, declared: tuple[str, ...]) -> tuple[str, ...]:
    if key not in entry.given:
        return declared
    at = entry.given[key]
    names, known = at.table[key], [param.name for param in tool.signature.params]
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise _bad(at, key, f"{key} is a list of parameters")
    for name in names:
        if name not in known:
            raise _bad(at, key, f"{key} names an unknown parameter: {name}", meant(name, known))
    return tuple(names)


@final
@dataclass(frozen=True, slots=True)
class Loading:
    """What rules are loaded with: the sections, the mode, the names of sets, who runs plans and in which dialect."""

    sections: Sections
    mode: Mode
    sets: frozenset[str]
    groups: Groups
    user: str
    dialect: str


def rules_for(tool: Tool, entry: Merged, loading: Loading) -> tuple[Rule, ...]:
    """The rules of a tool: the policy's, else the annotations' and the default for sinks, else the defaults."""
    names = [param.name for param in tool.signature.params]
    return (*_own(tool, entry, loading, names), *_denials(entry, loading, names))


def _own(tool: Tool, entry: Merged, loading: Loading, names: list[str]) -> tuple[Rule, ...]:
    at = entry.ruled
    if at is not None:
        return (_of_entry(at, names, loading),)
    if tool.rules:
        bare = [name for name in tool.egress if name not in dict(tool.rules)]
        return (*(_of_parameter(tool.name, name, rule) for name, rule in tool.rules), *_egress(tool.name, bare))
    egress = _egress(tool.name, tool.egress)
    return (*egress, _write(tool, loading.mode)) if tool.effect == "write" else (*egress, *(() if egress else (_READ,)))


def rules_for_verb(name: str, entry: Merged, loading: Loading) -> tuple[Rule, ...]:
    """The rules of `quarantine` and `quarantine_each`: reads, so allowed unless the policy says otherwise."""
    at = entry.ruled
    names = list(VERBS[name])
    own = _READ if at is None else _of_entry(at, names, loading)
    return (own, *_denials(entry, loading, names))


_READ: Final = Rule("default.read", ir.Constant(True), "True")
_NEVER: Final = ir.Constant(False)


def _of_entry(entry: Entry, names: Iterable[str], loading: Loading) -> Rule:
    known, table = tuple(names), entry.table
    allow_text = table.get("allow", "False")
    allow = _condition(entry, "allow", allow_text, known, loading)
    ask_text = table.get("ask")
    ask = None if ask_text is None else _condition(entry, "ask", ask_text, known, loading)
    asks = None if ask_text is None else str(ask_text)
    return Rule(f"{entry.name}.allow", allow, str(allow_text), ask, asks, entry.origin)


def _denials(entry: Merged, loading: Loading, names: Iterable[str]) -> tuple[Rule, ...]:
    """Each `deny` as a rule of its own: it allows what it does not deny, and never asks."""
    known = tuple(names)
    made = []
    for at in entry.denying:
        text = at.table["deny"]
        condition = _condition(at, "deny", text, known, loading)
        made.append(
            Rule(f"{at.name}.deny", ir.Unary("not", condition), f"not ({text})", _NEVER, "False", at.origin, str(text))
        )
        ruled = at.table.get("allow")
        if isinstance(ruled, str) and parse_expression(ruled) == condition:
            raise at.sections.bad(
                (*at.path, "deny"), "denies exactly what it allows", "take one of the two out", code="C520"
            )
    return tuple(made)


def _condition(entry: Entry, key: str, text: object, names: tuple[str, ...], loading: Loading) -> ir.Expr:
    if not isinstance(text, str):
        raise _bad(entry, key, f"{key} is an expression in quotes", 'for example allow = "trusted(to)"')
    if len(text) > MAX_RULE:
        raise _bad(entry, key, f"{key} is longer than {MAX_RULE:,} characters", "use sets and several rules")
    try:
        expr = parse_expression(text)
        problems = check(expr, names, loading.sets)
    except PlanRejected as rejected:
        problems = list(rejected.diagnostics)
    except RecursionError:
        problems = [Diagnostic("C503", "the rule is nested too deeply", Span(1, 1, 1, 2))]
    if problems:
        first = problems[0]
        path = (*entry.path, key)
        error = entry.sections.bad(path, first.message, first.hint, problems)
        told = error.message.replace(f"[{'.'.join(path)}] ", f"[{'.'.join(entry.path)}] {key}: ")
        raise ConfigError(told, code="C503", hint=first.hint, diagnostics=problems, excerpt=error.excerpt)
    return expr


def _of_parameter(tool: str, parameter: str, rule: ParameterRule) -> Rule:
    text = f"{parameter}: {rule!r}"
    return Rule(f"{tool}.{text}", rule.condition(parameter), text, origin="annotation")


# Principals and dialects


def flagged_rule(tool: Tool) -> Rule:
    """What a screen has flagged is used by nobody before a person has said so: no argument, and not the place."""
    names = [param.name for param in tool.signature.params]
    conditions = [*(call("unflagged", name) for name in names), call("pc_unflagged")]
    texts = [*(f"unflagged({name})" for name in names), "pc_unflagged()"]
    allow = conditions[0] if len(conditions) == 1 else ir.Logic("and", tuple(conditions))
    return Rule("screens.ask", allow, " and ".join(texts), origin="screens")


def narrowing(tools: Mapping[str, Tool], loading: Loading) -> dict[str, tuple[Rule, ...]]:
    """By tool the rules that are added for whoever runs plans, and for the dialect. They can only narrow."""
    found = _meant(loading, "principals", loading.sections.principals, _is_user(loading))
    found += _meant(loading, "dialects", loading.sections.dialects, lambda name: name == loading.dialect)
    added: dict[str, tuple[Rule, ...]] = dict.fromkeys((*tools, *VERBS), ())
    for path, table, counts in found:
        for name, rules in _added(tools, path, table, loading).items():
            added[name] = (*added[name], *rules) if counts else added[name]
    return added


def _is_user(loading: Loading) -> Callable[[str], bool]:
    return lambda pattern: loading.groups.covers(pattern, loading.user)


def _meant(
    loading: Loading, kind: str, sections: Table, counts: Callable[[str], bool]
) -> list[tuple[tuple[str, ...], Table, bool]]:
    """The sections of a kind, and which count now. All are read, so that a wrong one is told to everybody."""
    made: list[tuple[tuple[str, ...], Table, bool]] = []
    for name, found in sections.items():
        path = (kind, name)
        if kind == "dialects" and name not in DIALECTS:
            raise loading.sections.bad(path, "is no dialect", meant(name, DIALECTS))
        table = table_of(loading.sections, path, found, ("only", "tools"))
        made.append((path, table, counts(name)))
    return made


def _added(tools: Mapping[str, Tool], path: tuple[str, ...], table: Table, loading: Loading) -> dict[str, list[Rule]]:
    sections, made = loading.sections, {name: list[Rule]() for name in (*tools, *VERBS)}
    if "only" in table:
        patterns = texts_of(sections, (*path, "only"), table["only"], "tool")
        for pattern in patterns:
            if not any(fits(pattern, name) for name in tools):
                raise sections.bad((*path, "only"), f"names no tool: {pattern}", meant(pattern.strip("*?"), tools))
        for name in tools:
            if not any(fits(pattern, name) for pattern in patterns):
                made[name].append(Rule(f"{path[1]}.only", _NEVER, "False", _NEVER, "False", sections.origin(path)))
    inner = table_of(sections, (*path, "tools"), table.get("tools", {}), None)
    found = [
        (pattern, replace(entry, name=f"{path[1]}:{entry.name}"))
        for pattern, entry in listed(sections, inner, (*path, "tools"), tools, VERBS, RULE_KEYS)
    ]
    for name in made:
        own = [entry for pattern, entry in found if (fits(pattern, name) if name in tools else pattern == name)]
        entry = merged(name, own)
        params = list(VERBS[name]) if name in VERBS else [one.name for one in tools[name].signature.params]
        if entry.ruled is not None:
            made[name].append(_of_entry(entry.ruled, params, loading))
        made[name].extend(_denials(entry, loading, params))
    return made


# Defaults


def _egress(tool: str, parameters: Iterable[str]) -> tuple[Rule, ...]:
    """What leaves must be public, or as a tool gave it, or trusted.

    An address that is not trusted may be an attacker's own, who then learns that the call was made: so, beyond
    DESIGN's words, that must be public.
    """
    rules = []
    for name in parameters:
        leaves = ir.Logic("or", (call("public", name), call("verbatim", name)))
        allow = ir.Logic("or", (call("trusted", name), ir.Logic("and", (leaves, call("pc_public")))))
        text = f"trusted({name}) or ((public({name}) or verbatim({name})) and pc_public())"
        rules.append(Rule("default.egress", allow, text))
    return tuple(rules)


def _write(tool: Tool, mode: Mode) -> Rule:
    """Every argument trusted; and trusted receivers, or nobody learns anything private from the call being made."""
    names = [param.name for param in tool.signature.params]
    conditions = [call("trusted", name) for name in names]
    texts = [f"trusted({name})" for name in names]
    if not tool.audience:  # those that name receivers are among the arguments, which are trusted
        conditions.append(call("pc_public"))
        texts.append("pc_public()")
    if mode == "strict":
        conditions.append(call("pc_trusted"))
        texts.append("pc_trusted()")
    return Rule("default.write", ir.Logic("and", tuple(conditions)), " and ".join(texts))
