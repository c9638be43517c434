"""The smallest change of a tool's rules that would have allowed what a person marked as fine.

Its one rule: it proposes and never decides. A condition on who influenced an argument is widened to exactly the sources
that were seen there; another condition that did not hold is taken out, and that is said. What is proposed was tried
with the policy's own engine on the labels that the audit has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final, cast, final

from ringfence.config import Config, parse
from ringfence.core.errors import ConfigError
from ringfence.guard.policy import ArgumentView, Policy
from ringfence.guard.ruleset import Rule
from ringfence.guard.tools import Tool
from ringfence.lang import ir
from ringfence.lang.host import Bounds
from ringfence.lang.render import render_expression
from ringfence.session.findings import Event, Finding

MAX_CAUSES: Final = 8
_KEY: Final = re.compile(r"\s*(allow|ask)\s*=")
_SOURCED: Final = ("trusted", "sourced")


@final
@dataclass(frozen=True, slots=True)
class Proposal:
    """New rules for one tool. `dropped` are conditions that are taken out; `certain`: all of it would be allowed."""

    tool: str
    allow: str
    ask: str | None
    widened: tuple[str, ...]
    dropped: tuple[str, ...]
    certain: bool

    @property
    def entry(self) -> dict[str, str]:
        """What [tools.NAME] then says of it."""
        return {"allow": self.allow} if self.ask is None else {"allow": self.allow, "ask": self.ask}


def propose(found: Iterable[Finding], config: Config, tools: Iterable[Tool], policy: Policy) -> list[Proposal]:
    """One proposal a tool. ConfigError (C542) for what no rule of a tool can change."""
    by_tool: dict[str, list[Finding]] = {}
    for one in found:
        by_tool.setdefault(one.tool, []).append(one)
    known = list(tools)
    return [_Search(tool, fine, config, known, policy).smallest() for tool, fine in by_tool.items()]


@final
class _Search:
    """Tries ever more changes, until the events that are fine would be allowed."""

    def __init__(self, tool: str, fine: list[Finding], config: Config, tools: list[Tool], policy: Policy) -> None:
        self.tool, self.config, self.tools, self.policy = tool, config, tools, policy
        self.own = [rule for rule in policy.rules.get(tool, ()) if _replaceable(rule)]
        ids = {rule.id for rule in self.own}
        causes = dict.fromkeys(cause for one in fine for cause in one.causes)
        if tool not in policy.tools or any(rule not in ids for rule, _, _ in causes) or not causes:
            raise _by_hand(tool, "the rule that decided is not the tool's own, or is gone")
        self.causes = list(dict.fromkeys((predicate, argument) for _, predicate, argument in causes))
        self.sources: dict[str, set[str]] = {}
        for one in fine:
            for name, sources in one.sources(policy.trusted).items():
                self.sources.setdefault(name, set()).update(sources)
        self.events = [event for one in fine for event in one.events]
        self.ask = next((rule.ask_text for rule in self.own if rule.ask_text is not None), None)

    def smallest(self) -> Proposal:
        """The change with the fewest conditions touched; of equal ones that which takes none out."""
        if len(self.causes) > MAX_CAUSES or not self.events:
            raise _by_hand(self.tool, "too much of it is open")
        best: Proposal | None = None
        for size in range(1, len(self.causes) + 1):
            tried = sorted((self._tried(some) for some in combinations(self.causes, size)), key=_preference)
            certain = next((one for one, denied in tried if one.certain and not denied), None)
            if certain is not None:
                return certain
            best = best or next((one for one, denied in tried if not denied), None)
        if best is None:
            raise _by_hand(self.tool, "no change of these conditions allows it")
        return best

    def _tried(self, changed: tuple[tuple[str, str | None], ...]) -> tuple[Proposal, bool]:
        """The proposal that changes these conditions, and whether some event would still not be allowed."""
        rules = [_rewritten(rule.allow, lambda node: self._changed(node, changed)) for rule in self.own]
        whole = _simple(ir.Logic("and", tuple(rules)) if len(rules) > 1 else rules[0])
        told = [_shown(predicate, argument) for predicate, argument in changed]
        widened = tuple(text for text, (name, _) in zip(told, changed, strict=True) if name in _SOURCED)
        dropped = tuple(text for text in told if text not in widened)
        made = Proposal(self.tool, render_expression(whole), self.ask, widened, dropped, False)
        verdicts = set(self._verdicts(made))
        return replace(made, certain=verdicts == {"allow"}), bool(verdicts - {"allow", "depends"})

    def _changed(self, node: ir.Expr, changed: tuple[tuple[str, str | None], ...]) -> ir.Expr:
        if not isinstance(node, ir.Call) or not isinstance(node.func, ir.Name):
            return node
        name, argument = node.func.id, _argument(node)
        if (name, argument) not in changed:
            return node
        sources = self.sources.get(argument or "", set())
        if name not in _SOURCED or not sources:
            return ir.Constant(True)
        named = tuple(ir.Constant(source) for source in sorted(sources))
        return ir.Logic("or", (node, ir.Call(ir.Name("sourced"), (node.args[0], *named), ())))

    def _verdicts(self, proposal: Proposal) -> Iterator[str]:
        try:
            policy = loaded(self.config, self.tools, with_entry(self.config, proposal))
        except ConfigError:
            yield "deny"  # a rule that cannot be written: too long, or a source that no rule can name
            return
        for event in self.events:
            yield policy.forecast(self.tool, _views(event), Bounds(event.pc, event.pc))


def loaded(config: Config, tools: Iterable[Tool], table: Mapping[str, object]) -> Policy:
    """The policy of a configuration, with another table [tools]. As it decides when it enforces."""
    sections = replace(config.sections, tools=table, source=None)
    return Policy.load(tools, trusted=config.trusted, sections=sections, user=config.user, dialect=config.dialect)


def with_entry(config: Config, proposal: Proposal) -> dict[str, object]:
    """The table [tools] with the proposal in it."""
    before = cast("Mapping[str, object]", config.tools.get(proposal.tool, {}))
    kept = {key: found for key, found in before.items() if key not in ("allow", "ask")}
    return {**config.tools, proposal.tool: {**kept, **proposal.entry}}


def _views(event: Event) -> dict[str, ArgumentView]:
    return {name: ArgumentView(Bounds(label, label)) for name, label in event.labels.items()}


def _replaceable(rule: Rule) -> bool:
    """Whether it is what `allow` of [tools.NAME] stands instead of."""
    return not rule.id.endswith(".deny") and not rule.origin.startswith(("[principals", "[dialects"))


def _preference(tried: tuple[Proposal, bool]) -> tuple[int, str]:
    return len(tried[0].dropped), tried[0].allow


def _by_hand(tool: str, why: str) -> ConfigError:
    return ConfigError(f"there is no small change for {tool}: {why}", code="C542", hint="`ringfence policy show`")


def _shown(predicate: str, argument: str | None) -> str:
    return f"{predicate}({'' if argument is None else argument})"


# Expressions


def _argument(node: ir.Call) -> str | None:
    """The argument that a predicate is about, as decisions name it."""
    first = node.args[0] if node.args else None
    while isinstance(first, (ir.Attribute, ir.Subscript)):
        first = first.value
    return first.id if isinstance(first, ir.Name) else None


def _rewritten(node: ir.Expr, change: Callable[[ir.Expr], ir.Expr]) -> ir.Expr:
    """The expression with each of its parts changed, the inner ones first."""
    made = {one.name: _part(getattr(node, one.name), change) for one in fields(node)}
    return change(cast(ir.Expr, replace(cast(Any, node), **made)))


def _part(found: object, change: Callable[[ir.Expr], ir.Expr]) -> object:
    if isinstance(found, tuple):
        return tuple(_part(one, change) for one in found)
    if isinstance(found, ir.Keyword):
        return replace(found, value=_rewritten(found.value, change))
    return _rewritten(cast(ir.Expr, found), change) if is_dataclass(found) and isinstance(found, ir.Node) else found


def _simple(node: ir.Expr) -> ir.Expr:
    """The same without what is always true."""
    if not isinstance(node, ir.Logic):
        return node
    parts: list[ir.Expr] = []
    for part in map(_simple, node.values):
        parts += part.values if isinstance(part, ir.Logic) and part.op == node.op else [part]
    true = [part for part in parts if isinstance(part, ir.Constant) and part.value is True]
    if node.op == "or" and true:
        return ir.Constant(True)
    left = list(dict.fromkeys(part for part in parts if part not in true))
    return ir.Constant(True) if not left else left[0] if len(left) == 1 else ir.Logic(node.op, tuple(left))


# The file


def written(text: str, proposals: Iterable[Proposal], path: Path) -> str:
    """The text of a configuration with the proposals in it. ConfigError (C542) where that cannot be done surely."""
    before = parse(text.encode(), path)
    expected = dict(before.tools)
    for one in proposals:
        expected = with_entry(replace(before, tools=expected), one)
        text = _with(text, one)
    try:
        right = dict(parse(text.encode(), path).tools) == expected
    except (ConfigError, UnicodeEncodeError):
        right = False
    if not right:
        raise ConfigError("the change cannot be written into this file", code="C542", hint="make it by hand")
    return text


def _with(text: str, proposal: Proposal) -> str:
    new = {key: f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in proposal.entry.items()}
    lines = text.splitlines()
    head = re.compile(rf'\s*\[\s*tools\s*\.\s*(?:{proposal.tool}|"{proposal.tool}")\s*\]\s*(?:#.*)?')
    start = next((number for number, line in enumerate(lines) if head.fullmatch(line)), None)
    if start is None:
        return "\n".join([*lines, *([""] if lines else []), f"[tools.{proposal.tool}]", *new.values(), ""])
    end = next((n for n in range(start + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    section = lines[start + 1 : end]
    for number, line in enumerate(section):
        if (found := _KEY.match(line)) is not None:
            section[number] = new.pop(found[1], line)  # a text of several lines is noticed when the result is read
    return "\n".join([*lines[: start + 1], *new.values(), *section, *lines[end:], ""])
