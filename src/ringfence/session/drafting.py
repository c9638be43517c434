"""Drafts of rules: the planner's model proposes, from the signatures of tools alone; the engine says what that means.

Its one rule: the model is never believed. What it proposes is read strictly and compared with the rules in force by
their meaning; only what narrows, and nothing else, may be taken over, and only by a person.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast, final

from ringfence.config import Config
from ringfence.core.errors import ConfigError
from ringfence.core.labels import Label
from ringfence.core.values import unsafe_plain, wrap
from ringfence.guard.comparison import Change, compare
from ringfence.guard.monitor import Monitor
from ringfence.guard.policy import Policy
from ringfence.guard.predicates import PREDICATES
from ringfence.guard.ruleset import Mode
from ringfence.guard.run import RunInfo
from ringfence.guard.sections import Sections
from ringfence.guard.tools import Tool
from ringfence.llm.models import ChatModel
from ringfence.schema import render

MAX_REPLY: Final = 100_000
_DEVELOPER: Final = Label({"developer"})
_KEYS: Final = ("allow", "ask", "deny")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SYSTEM: Final = """\
You propose rules for a firewall around an agent's tools. Answer with one ```toml block and nothing else: tables
[tools.NAME] with the keys allow, ask and deny, each an expression in quotes over the tool's parameters. `allow` that
holds allows, else `ask` that holds asks a person, else the call is denied; without `ask` a person is asked; `deny` that
holds always denies. Predicates: {predicates}. Also and, or, not, comparisons, len(x), any(... for x in p), all(...).
by= names a parameter that holds receivers. Propose rules only where they should be stricter than those in force: for
tools that spend money, delete, publish or grant access.
"""


@final
@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for one tool, and what it means. `text` is the table; `old` and `new` are rules as shown."""

    tool: str
    text: str
    change: Change
    old: tuple[str, ...]
    new: tuple[str, ...]
    written: bool  # the policy has a table of its own for this tool already

    @property
    def applicable(self) -> bool:
        """Whether it only narrows, and can be added without changing what somebody wrote."""
        return self.change == "narrower" and not self.written


def draft(model: ChatModel, tools: Iterable[Tool], config: Config, mode: Mode | None = None) -> list[Proposal]:
    """Ask the model for rules and say what each means. Raises ConfigError (C527), ModelError."""
    made, chosen = list(tools), config.mode if mode is None else mode
    before = _loaded(made, config.sections, config, chosen)
    prompt = _prompt(before)
    system = _SYSTEM.format(predicates=", ".join(f"{name}()" for name in PREDICATES))
    with Monitor([], Policy.load([]), run=RunInfo("draft")) as monitor:  # only what developers wrote goes to a planner
        value = wrap(prompt, _DEVELOPER)
        answer = monitor.consult("planner", value, lambda text: model.complete(system, text).text)
    return read_draft(cast(str, unsafe_plain(answer)), made, config, chosen)


def read_draft(reply: str, tools: list[Tool], config: Config, mode: Mode) -> list[Proposal]:
    """The proposals in a model's reply. Raises ConfigError (C527)."""
    before = _loaded(tools, config.sections, config, mode)
    made = []
    for name, table in _tables(reply, before).items():
        own = config.tools.get(name)
        merged = {**(own if isinstance(own, Mapping) else {}), **table}
        sections = _with(config.sections, {**config.tools, name: merged})
        try:
            after = _loaded(tools, sections, config, mode)
        except ConfigError as problem:
            raise _bad(f"the proposal for {name} is no rule: {problem.message}") from None
        change = compare(before.rules[name], after.rules[name], mode)
        old, new = _shown(before, name), _shown(after, name)
        made.append(Proposal(name, _text(name, table), change, old, new, name in config.tools))
    return made


def _bad(message: str) -> ConfigError:
    return ConfigError(message, code="C527", hint="try again, or another model with --model; nothing was changed")


def _loaded(tools: list[Tool], sections: Sections, config: Config, mode: Mode) -> Policy:
    return Policy.load(
        tools, mode=mode, trusted=config.trusted, sections=sections, user=config.user, dialect=config.dialect
    )


def _with(sections: Sections, tools: Mapping[str, object]) -> Sections:
    return replace(sections, tools=tools, source=None)


def _prompt(policy: Policy) -> str:
    lines = ["Tools, and the rules in force:"]
    for name, tool in policy.tools.items():
        params = ", ".join(f"{one.name}: {render(one.type)}" for one in tool.signature.params)
        lines.append(f"\n{name}({params})  # effect: {tool.effect}")
        lines += [f"    {line}" for line in _shown(policy, name)]
    return "\n".join(lines)


def _shown(policy: Policy, name: str) -> tuple[str, ...]:
    return tuple(line for rule in policy.rules[name] for line in rule.lines)


def _tables(reply: str, policy: Policy) -> dict[str, dict[str, str]]:
    """The tables of a reply: known tools, known keys, texts."""
    if len(reply) > MAX_REPLY:
        raise _bad("the reply is too long")
    found = re.findall(r"```(?:toml)?[ \t]*\n(.*?)```", reply, re.DOTALL)
    try:
        table = tomllib.loads(found[0] if found else reply)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise _bad("the reply is no TOML") from None
    tools = table.get("tools", {})
    if set(table) - {"tools"} or not isinstance(tools, dict):
        raise _bad("the reply proposes more than rules for tools")
    made: dict[str, dict[str, str]] = {}
    for name, entry in tools.items():
        if name not in policy.tools or _NAME.fullmatch(name) is None:
            raise _bad("the reply speaks of a tool that does not exist")
        texts = isinstance(entry, dict) and all(isinstance(value, str) for value in entry.values())
        if not texts or not set(entry) <= set(_KEYS):
            raise _bad(f"the proposal for {name} is more than allow, ask and deny")
        made[name] = dict(entry)
    return made


def _text(name: str, table: Mapping[str, str]) -> str:
    return "\n".join([f"[tools.{name}]", *(f"{key} = {_quoted(value)}" for key, value in table.items())])


def _quoted(text: str) -> str:
    """A TOML string. Rules hold no control characters: the parser of rules has read them."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
