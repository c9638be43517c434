"""The first configuration for some tools: what is safe is written, what a person must judge is a comment.

Its one rule: nothing that is written without a `#` lets more through than no configuration at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from ringfence.guard.labelling import DEFAULT_LABELS
from ringfence.guard.packs import fitting, load_pack
from ringfence.guard.tools import Tool
from ringfence.schema import Scalar

_READS: Final = ("get_", "list_", "search_", "find_", "read_", "describe_", "show_", "count_", "check_", "lookup_")
_LEAVES: Final = frozenset({"url", "uri", "link", "urls", "query", "q", "endpoint", "webhook"})
_RECEIVERS: Final = frozenset(
    {"to", "recipient", "recipients", "cc", "bcc", "channel", "email", "attendees", "participants"}
)
_PLAIN: Final = re.compile("[A-Za-z0-9_]{1,64}")
_AMOUNTS: Final = frozenset({"amount", "sum", "price", "total", "value", "quantity"})


NO_CLAIMS: Final[Mapping[str, str]] = MappingProxyType({})


def starting(tools: Iterable[Tool], claims: Mapping[str, str] = NO_CLAIMS) -> str:
    """The text of a configuration for tools: packs that fit, and a table for each tool that none of them knows.

    `claims` are, by tool, our words for what its server says of it.
    """
    found = list(tools)
    packs = fitting(found)
    known = {name for names in packs.values() for name in names}
    lines = [*_packs(packs)]
    rest = [one for one in found if one.name not in known]
    if rest:
        told = f"# Tools that no pack knows ({len(rest)}). The defaults: docs/policies.md; `ringfence policy show`."
        lines += ["", told]
    for one in rest:
        lines += _tool(one, claims.get(one.name, ""))
    lines += _budgets(found)
    return "\n".join(lines) + "\n"


def _packs(packs: dict[str, tuple[str, ...]]) -> Iterator[str]:
    if not packs:
        return
    yield "# Rules that ship with Ringfence and fit these tools. Look at one with `ringfence policy packs NAME`:"
    yield from (f"#   {name:<9} {load_pack(name).about} ({', '.join(names)})" for name, names in packs.items())
    yield f"# packs = {json.dumps(list(packs))}"


def _tool(tool: Tool, claim: str) -> Iterator[str]:
    names = [param.name for param in tool.signature.params]
    yield ""
    # A server chooses these names: what is no plain name stays out of the file, where it could pretend to be a rule.
    plain = ", ".join(name if _PLAIN.fullmatch(name) else "..." for name in names)
    key = tool.name if _PLAIN.fullmatch(tool.name) else json.dumps(tool.name)
    yield f"[tools.{key}]  # {tool.effect}: {plain or 'no parameters'}"
    if tool.rules:
        yield "# its author wrote rules for it: allow = or ask = here would stand in their place"
        return
    if claim and tool.effect == "write":
        yield f"# its server claims that it {claim}, which proves nothing: it is a write, and its arguments leave"
    leaves = [name for name in names if name in _LEAVES]
    if tool.effect == "write" and (tool.name.startswith(_READS) or "only reads" in claim):
        yield '# effect = "read"               # if it changes nothing for anybody'
    if leaves and tool.effect == "read" and not tool.egress:
        yield f"egress = {json.dumps(leaves)}  # what is asked there leaves this machine"
    receivers = [name for name in names if name in _RECEIVERS]
    if receivers and tool.effect == "write" and not tool.audience:
        yield f"# audience = {json.dumps(receivers)}  # if these name who receives something"
    if tool.effect == "read" and tool.label_rule is DEFAULT_LABELS:
        yield '# labels = { sources = ".AUTHOR", readers = [".READERS"] }  # fields that say who wrote and who may read'


def _budgets(tools: Iterable[Tool]) -> Iterator[str]:
    counted: dict[str, list[str]] = {}
    for tool in tools:
        for param in tool.signature.params if tool.effect == "write" else ():
            number = isinstance(param.type, Scalar) and param.type.name in ("int", "float", "Decimal")
            if param.name in _AMOUNTS and number:
                counted.setdefault(param.name, []).append(tool.name)
    for name, found in counted.items():
        yield ""
        yield f"# [budgets.{name}]"
        yield f"# tools = {json.dumps(found)}"
        yield f'# sum = "{name}"'
        yield "# most = 100"
        yield '# per = "day"                     # or "run"'
        yield '# over = "ask"                    # or "deny"'
