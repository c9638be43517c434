"""Where rules come from: a policy table, annotations on the tool, the defaults. All become the same expressions.

Its one rule: everything is checked when it is loaded; an unknown tool, key, parameter or predicate is a
ConfigError (C503) with its place. A table's `allow` or `ask` stands instead of the tool's annotations and of the
defaults: whoever deploys a tool has the last word, and says so in writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, cast, final

from ringfence.core.diagnostics import Diagnostic, Span
from ringfence.core.errors import ConfigError, PlanRejected
from ringfence.guard.parameters import ParameterRule, call
from ringfence.guard.rules import check, meant
from ringfence.guard.tools import EFFECTS, Tool
from ringfence.lang import ir
from ringfence.lang.parse import parse_expression

Mode: TypeAlias = Literal["enforce", "observe", "strict"]
MODES: Final = ("enforce", "observe", "strict")
_KEYS: Final = ("effect", "egress", "audience", "allow", "ask")
VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    "quarantine": ("instruction", "data"),
    "quarantine_each": ("instruction", "data"),
}


@final
@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one tool. `ask` is None if the rule has none of its own: then the mode decides."""

    id: str
    allow: ir.Expr
    allow_text: str
    ask: ir.Expr | None = None
    ask_text: str | None = None


def configure(tools: Iterable[Tool], table: Mapping[str, object]) -> dict[str, Tool]:
    """The tools by name, with the effects and sinks that the table `[tools]` gives them. ConfigError (C503)."""
    known: dict[str, Tool] = {}
    for tool in tools:
        if tool.name in known:
            raise ConfigError(
                f"two tools have the name {tool.name}", code="C502", hint="give one another name with name="
            )
        known[tool.name] = tool
    for name, entry in table.items():
        if name not in known and name not in VERBS:
            raise _bad(f"[tools.{name}] names no tool", meant(name, (*known, *VERBS)))
        keys = _entry(name, entry)
        if name in known:
            known[name] = _configured(known[name], keys)
        elif keys.keys() & {"effect", "egress", "audience"}:
            raise _bad(f"[tools.{name}] is a verb of the language: it has rules only", "allow and ask")
    return known


def _bad(message: str, hint: str | None = None, diagnostics: Iterable[Diagnostic] = ()) -> ConfigError:
    return ConfigError(message, code="C503", hint=hint, diagnostics=diagnostics)


def _entry(name: str, entry: object) -> Mapping[str, object]:
    if not isinstance(entry, Mapping):
        raise _bad(f"[tools.{name}] is no table", 'write [tools.NAME] and below it allow = "..."')
    for key in entry:
        if key not in _KEYS:
            raise _bad(f"[tools.{name}] has an unknown key: {key}", meant(str(key), _KEYS))
    return cast("Mapping[str, object]", entry)


def _configured(tool: Tool, keys: Mapping[str, object]) -> Tool:
    effect = keys.get("effect", tool.effect)
    if effect not in EFFECTS:
        raise _bad(f"[tools.{tool.name}] has an unknown effect", '"read" or "write"')
    return replace(
        tool,
        effect=effect,
        egress=_parameters(tool, keys, "egress", tool.egress),
        audience=_parameters(tool, keys, "audience", tool.audience),
        signature=replace(tool.signature, effect=effect),
    )


def _parameters(tool: Tool, keys: Mapping[str, object], key: str, declared: tuple[str, ...]) -> tuple[str, ...]:
    if key not in keys:
        return declared
    names, known = keys[key], [param.name for param in tool.signature.params]
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise _bad(f"[tools.{tool.name}] {key} is a list of parameters")
    for name in names:
        if name not in known:
            raise _bad(f"[tools.{tool.name}] {key} names an unknown parameter: {name}", meant(name, known))
    return tuple(names)


def rules_for(tool: Tool, entry: Mapping[str, object], mode: Mode) -> tuple[Rule, ...]:
    """The rules of a tool: the table's, else the annotations' and the default for sinks, else the defaults."""
    if "allow" in entry or "ask" in entry:
        return (_of_table(tool.name, [param.name for param in tool.signature.params], entry),)
    if tool.rules:
        bare = [name for name in tool.egress if name not in dict(tool.rules)]
        return (*(_of_parameter(tool.name, name, rule) for name, rule in tool.rules), *_egress(tool.name, bare))
    egress = _egress(tool.name, tool.egress)
    return (*egress, _write(tool, mode)) if tool.effect == "write" else (*egress, *(() if egress else (_READ,)))


def rules_for_verb(name: str, entry: Mapping[str, object]) -> tuple[Rule, ...]:
    """The rules of `quarantine` and `quarantine_each`: reads, so allowed unless the table says otherwise."""
    if "allow" in entry or "ask" in entry:
        return (_of_table(name, VERBS[name], entry),)
    return (_READ,)


_READ: Final = Rule("default.read", ir.Constant(True), "True")


def _of_table(tool: str, names: Iterable[str], entry: Mapping[str, object]) -> Rule:
    known = tuple(names)
    allow_text = entry.get("allow", "False")
    allow = _condition(tool, "allow", allow_text, known)
    ask_text = entry.get("ask")
    ask = None if ask_text is None else _condition(tool, "ask", ask_text, known)
    return Rule(f"{tool}.allow", allow, str(allow_text), ask, None if ask_text is None else str(ask_text))


def _condition(tool: str, key: str, text: object, names: tuple[str, ...]) -> ir.Expr:
    place = f"[tools.{tool}] {key}"
    if not isinstance(text, str):
        raise _bad(f"{place} is an expression in quotes", 'for example allow = "trusted(to)"')
    try:
        expr = parse_expression(text)
        problems = check(expr, names)
    except PlanRejected as rejected:
        problems = list(rejected.diagnostics)
    except RecursionError:
        problems = [Diagnostic("C503", "the rule is nested too deeply", Span(1, 1, 1, 2))]
    if problems:
        first = problems[0]
        raise _bad(f"{place}: {first.message} (column {first.span.column})", first.hint, problems)
    return expr


def _of_parameter(tool: str, parameter: str, rule: ParameterRule) -> Rule:
    return Rule(f"{tool}.{parameter}: {rule!r}", rule.condition(parameter), f"{parameter}: {rule!r}")


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
