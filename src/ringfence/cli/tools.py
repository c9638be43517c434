"""`ringfence tools list|show|accept`: what tools there are, and what is said of each. `test` and `learn` call one.

Its one rule: nothing is called here; that is for cli/toolcalls.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import click

from ringfence.cli import toolcalls
from ringfence.cli.output import console, emit, note, say
from ringfence.cli.status import DONE
from ringfence.cli.toolset import Toolset, label_text, listed_names, toolset, where
from ringfence.config import FILE, Config
from ringfence.core.encoding import Json
from ringfence.core.labels import Everyone
from ringfence.guard.labelling import LabelRule, NamesRule, names_of
from ringfence.guard.pins import Changes, compare, read_pins, write_pins
from ringfence.guard.tools import Tool
from ringfence.guard.visible import lines, visible
from ringfence.schema import render

PINS: Final = "ringfence.pins.json"


@click.group("tools")
def command() -> None:
    """What a plan may call: the tools of --tools, of the configuration and of the workspace."""


command.add_command(toolcalls.test)
command.add_command(toolcalls.learn)


# list


@command.command("list")
@where
def listed(tools: str | None, workspace: str | None, policy: str | None, as_json: bool) -> int:
    """All tools: effect, what leaves and who receives, whether they were accepted, and what they do."""
    with toolset(policy, workspace, tools) as found:
        if as_json:
            emit([_tool_json(found, tool) for tool in found.policy.tools.values()])
            return DONE
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, expand=True)
        for title in ("tool", "effect", "egress", "audience", "accepted"):
            table.add_column(title, no_wrap=True)  # what is short of room is the description
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for tool in found.policy.tools.values():
            row = (
                tool.name,
                tool.effect,
                listed_names(tool.egress),
                listed_names(tool.audience),
                found.state(tool),
                _first(tool),
            )
            table.add_row(*(Text(cell) for cell in row))
        console(data=True).print(table)
    return DONE


def _first(tool: Tool) -> str:
    return visible(tool.signature.description.strip().split("\n")[0])[:80]


# show


@command.command("show")
@click.argument("name")
@where
def show(name: str, tools: str | None, workspace: str | None, policy: str | None, as_json: bool) -> int:
    """All that is said of the tool NAME: types, effect, labels of its results, the rules in force, its pin."""
    with toolset(policy, workspace, tools) as found:
        tool = found.find(name)
        if as_json:
            emit(_tool_json(found, tool))
        else:
            say(_tool_text(found, tool))
    return DONE


def _tool_json(found: Toolset, tool: Tool) -> Json:
    params: list[Json] = [
        {
            "name": one.name,
            "type": render(one.type),
            "required": one.required,
            "kind": one.kind,
            "text": one.description,
        }
        for one in tool.signature.params
    ]
    rules: list[Json] = [
        {"id": rule.id, "allow": rule.allow_text, "ask": rule.ask_text, "from": rule.origin}
        for rule in found.policy.rules.get(tool.name, ())
    ]
    return {
        "tool": tool.name,
        "description": tool.signature.description,
        "effect": tool.effect,
        "params": params,
        "returns": render(tool.signature.returns),
        "egress": [*tool.egress],
        "audience": [*tool.audience],
        "server": tool.server,
        "labels": cast(Json, [*_rule_lines(tool.label_rule, tool.name)]),
        "rules": rules,
        "pin": found.written[tool.name].pin,
        "accepted": None if found.accepted is None else found.state(tool) == "accepted",
    }


def _tool_text(found: Toolset, tool: Tool) -> str:
    params = ", ".join(
        f"{one.name}: {render(one.type)}{'' if one.required else ' = …'}" for one in tool.signature.params
    )
    made = [f"{tool.name}({params}) -> {render(tool.signature.returns)}"]
    made += [f"    {line}" for line in lines(tool.signature.description)]
    made.append(f"effect    {tool.effect}")
    for key, names in (("egress", tool.egress), ("audience", tool.audience), ("server", (tool.server,))):
        made += [f"{key:<9} {visible(listed_names(names))}"] if any(names) else []
    made += [f"labels    {line}" for line in _rule_lines(tool.label_rule, tool.name)]
    for rule in found.policy.rules.get(tool.name, ()):
        made.append(f"rule      allow {rule.allow_text}    [{rule.id}, {rule.origin}]")
        made += [f"          ask   {rule.ask_text}"] if rule.ask_text is not None else []
    made += [f"budget    {budget.name}: {budget.text}" for budget in found.policy.budgets.get(tool.name, ())]
    made.append(
        f"pin       {found.written[tool.name].pin}{'' if found.accepted is None else f' ({found.state(tool)})'}"
    )
    return "\n".join(made)


def _rule_lines(rule: LabelRule, name: str, what: str = "") -> Iterator[str]:
    """A label rule in words."""
    own = [f"tool:{name}"] if rule.own or rule.sources is None else []
    sources = dict.fromkeys([*own, *_principals(rule.sources, "by a function of each record")])
    yield f"{what}sources: {listed_names(sources)}"
    readers = _principals(rule.readers, "by a function of each record")
    yield f"{what}readers: {'everyone' if readers == ['everyone'] else listed_names(['the user', *readers])}"
    if rule.shape is not None:
        yield f"{what}shape: {label_text(rule.shape)}"
    for field, of_field in rule.fields:
        yield from _rule_lines(of_field, name, f"{field}: ")


def _principals(rule: NamesRule | None, function: str) -> list[str]:
    if rule is None:
        return []
    if callable(rule):
        return [function]
    found = names_of(rule)
    return ["everyone"] if isinstance(found, Everyone) else sorted(found)


# accept


@command.command("accept")
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All tools that are there.")
@where
def accept(
    names: tuple[str, ...],
    everything: bool,
    tools: str | None,
    workspace: str | None,
    policy: str | None,
    as_json: bool,
) -> int:
    """Accept the tools NAMES as they are now. Their pins go into the file that `pins` in the configuration names."""
    with toolset(policy, workspace, tools) as found:
        if not names and not everything:
            raise click.UsageError(
                "name the tools to accept, or give --all; `ringfence tools list` shows which changed"
            )
        chosen = [found.written[found.find(name).name] for name in names] if names else list(found.written.values())
        place = _lock(found.config)
        before = read_pins(place)
        changes = compare(chosen, before)
        kept = {} if everything else before
        write_pins(place, chosen, kept)
    _tell(place, changes, found.config, as_json)
    return DONE


def _lock(config: Config) -> Path:
    if config.pins is not None:
        return config.pins
    return (Path() if config.path is None else config.path.parent) / PINS


def _tell(place: Path, changes: Changes, config: Config, as_json: bool) -> None:
    if as_json:
        emit(
            {
                "path": str(place),
                "new": [*changes.new],
                "changed": [*changes.changed],
                "in_force": config.pins is not None,
            }
        )
        return
    for word, names in (("new", changes.new), ("changed", changes.changed)):
        if names:
            say(f"accepted, {word}: {visible(listed_names(names))}")
    say(f"the accepted tools are in {place}")
    if config.pins is None:
        note(f'to refuse all others and all that change, write pins = "{PINS}" into {FILE}')
