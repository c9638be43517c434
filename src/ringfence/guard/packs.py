"""Packs: rules that ship with Ringfence, for tools as they are commonly called. `packs = ["mail"]` takes one.

Its one rule: a pack speaks of *roles* (receivers, content), and every parameter of a tool is in one: what a pack does
not know is in `rest`. A rule becomes a plain condition on the tool's own parameters before it is checked, as if it
stood in the policy. A pack never speaks about a tool whose author wrote rules, and always less than the policy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import product
from typing import Final, cast, final

from ringfence.core.errors import ConfigError
from ringfence.guard.entries import Entry
from ringfence.guard.sections import Sections, meant
from ringfence.guard.tools import Tool
from ringfence.lang import ir
from ringfence.lang.parse import parse_expression
from ringfence.lang.render import render_expression
from ringfence.lang.scope import walk

PACKS: Final = ("mail", "calendar", "files", "chat", "payments", "booking", "hosting", "web", "sql")
# For the suites of a benchmark, with labels of its own: taken by name, and never proposed for other tools.
BENCHMARKS: Final = ("agentdojo-workspace", "agentdojo-banking", "agentdojo-slack", "agentdojo-travel")
_TRUE: Final = ir.Constant(True)


@final
@dataclass(frozen=True, slots=True)
class PackRule:
    """One rule of a pack. `needs` are roles that a tool must have for the rule to speak about it."""

    tools: tuple[str, ...]
    needs: tuple[str, ...]
    table: Mapping[str, object]

    def means(self, tool: str) -> bool:
        """Whether a tool has one of the names, or ends in one of two words or more (`gmail_send_email`)."""
        name = tool.lower()
        return any(name == one.lower() or ("_" in one and name.endswith(f"_{one.lower()}")) for one in self.tools)


@final
@dataclass(frozen=True, slots=True)
class Pack:
    """A pack: what it is about, its roles with the names that parameters have, its rules in order."""

    name: str
    about: str
    roles: Mapping[str, tuple[str, ...]]
    rules: tuple[PackRule, ...]
    text: str

    def entry(self, tool: Tool) -> Entry | None:
        """What the pack says of a tool; None: nothing."""
        if tool.rules:
            return None
        cast_of = self._cast(tool)
        for rule in self.rules:
            if rule.means(tool.name) and all(cast_of[role] for role in rule.needs):
                table = _applied(rule.table, cast_of)
                name = f"{self.name}:{tool.name}"
                return Entry(("packs", self.name), name, f"pack {self.name}", table, (0, 0), Sections())
        return None

    def _cast(self, tool: Tool) -> dict[str, tuple[str, ...]]:
        """By role the parameters that have it; `rest` are all others."""
        names = [param.name for param in tool.signature.params]
        found = {role: tuple(name for name in names if name in known) for role, known in self.roles.items()}
        taken = {name for names in found.values() for name in names}
        return {**found, "rest": tuple(name for name in names if name not in taken)}


def load_pack(name: str) -> Pack:
    """A pack by its name. ConfigError (C524)."""
    if name not in PACKS and name not in BENCHMARKS:
        known = (*PACKS, *BENCHMARKS)
        raise ConfigError("`packs` names a pack that does not exist", code="C524", hint=meant(name, known))
    text = resources.files("ringfence").joinpath("packs", f"{name}.toml").read_text(encoding="utf-8")
    table = cast("dict[str, object]", tomllib.loads(text))
    rules = []
    for found in cast("list[dict[str, object]]", table["rules"]):
        rest = {key: value for key, value in found.items() if key not in ("tools", "needs")}
        tools, needs = cast("list[str]", found["tools"]), cast("list[str]", found.get("needs", []))
        rules.append(PackRule(tuple(tools), tuple(needs), rest))
    roles = cast("dict[str, list[str]]", table["roles"])
    return Pack(name, str(table["about"]), {role: tuple(known) for role, known in roles.items()}, tuple(rules), text)


def packed(names: Iterable[str], tools: Mapping[str, Tool]) -> dict[str, Entry]:
    """By tool what the first pack that knows it says. ConfigError (C524)."""
    made: dict[str, Entry] = {}
    for pack in [load_pack(name) for name in names]:
        for name, tool in tools.items():
            entry = None if name in made else pack.entry(tool)
            if entry is not None:
                made[name] = entry
    return made


def fitting(tools: Iterable[Tool]) -> dict[str, tuple[str, ...]]:
    """By pack the tools that it has rules for; only packs that have any."""
    found = list(tools)
    made = {name: tuple(one.name for one in found if load_pack(name).entry(one) is not None) for name in PACKS}
    return {name: known for name, known in made.items() if known}


# From roles to parameters


def _applied(table: Mapping[str, object], cast_of: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    made: dict[str, object] = dict(table)
    for key in ("audience", "egress"):
        if key in table:
            made[key] = [name for role in cast("list[str]", table[key]) for name in cast_of[role]]
    for key in ("allow", "ask", "deny"):
        if key in table:
            made[key] = render_expression(_expanded(parse_expression(str(table[key])), cast_of))
    return made


def _expanded(expr: ir.Expr, cast_of: Mapping[str, tuple[str, ...]]) -> ir.Expr:
    """The condition over parameters. What is said of a role holds of each parameter that has it."""
    if isinstance(expr, ir.Logic) and expr.op == "or":
        shared = _shared(expr, cast_of)
        if any(len(cast_of[role]) != 1 for role in shared):  # each receiver is trusted, or may read
            pairs = (zip(shared, one, strict=True) for one in product(*(cast_of[role] for role in shared)))
            each = [{**cast_of, **{role: (name,) for role, name in pair}} for pair in pairs]
            return _joined("and", [_expanded(expr, one) for one in each])
    if isinstance(expr, ir.Logic):
        return _joined(expr.op, [_expanded(value, cast_of) for value in expr.values])
    roles = [node.id for node in walk([expr]) if isinstance(node, ir.Name) and node.id in cast_of]
    if not roles:
        return expr
    if isinstance(expr, ir.Unary):
        raise ConfigError("a pack says `not` of a role", code="C524")
    used = tuple(dict.fromkeys(roles))
    every = product(*(cast_of[role] for role in used))
    return _joined("and", [_renamed(expr, dict(zip(used, chosen, strict=True))) for chosen in every])


def _shared(expr: ir.Logic, cast_of: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The roles of which more than one alternative speaks."""
    named = [{node.id for node in walk([value]) if isinstance(node, ir.Name)} for value in expr.values]
    return tuple(role for role in cast_of if sum(role in names for names in named) > 1)


def _renamed(expr: ir.Expr, names: Mapping[str, str]) -> ir.Expr:
    """The predicate with parameters in the place of roles."""
    if isinstance(expr, ir.Name):
        return ir.Name(names.get(expr.id, expr.id))
    if isinstance(expr, ir.Call):
        keywords = tuple(ir.Keyword(one.name, _renamed(one.value, names)) for one in expr.keywords)
        return ir.Call(expr.func, tuple(_renamed(one, names) for one in expr.args), keywords)
    if isinstance(expr, ir.Compare):
        return ir.Compare(tuple(_renamed(one, names) for one in expr.operands), expr.ops)
    return expr


def _joined(op: str, values: list[ir.Expr]) -> ir.Expr:
    """The values joined; what is empty holds, and what always holds is left out."""
    if op == "or" and _TRUE in values:
        return _TRUE
    kept = [value for value in dict.fromkeys(values) if value != _TRUE]
    flat = [part for value in kept for part in _flat(op, value)]
    return _TRUE if not flat else flat[0] if len(flat) == 1 else ir.Logic(op, tuple(flat))


def _flat(op: str, value: ir.Expr) -> tuple[ir.Expr, ...]:
    return value.values if isinstance(value, ir.Logic) and value.op == op else (value,)
