"""`ringfence tools list|show|test|accept`: what tools there are, what is said of each, and one call of one.

Its one rule: a tool is only called by `test`, through the monitor, and one that writes only if that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, cast, final

import click

from ringfence.cli import options
from ringfence.cli.output import console, emit, foreign_code, note, say
from ringfence.cli.place import opened
from ringfence.cli.show import problem
from ringfence.cli.status import BY_OUTCOME, DONE
from ringfence.cli.terminal import approver_for
from ringfence.config import FILE, Config, did_you_mean
from ringfence.core.encoding import EncodingError, Json, label_to_json, loads, to_json
from ringfence.core.errors import ConfigError, RingfenceError
from ringfence.core.labels import Everyone, Label
from ringfence.core.values import unsafe_plain
from ringfence.guard.labelling import LabelRule, NamesRule, names_of
from ringfence.guard.pins import Changes, compare, read_pins, write_pins
from ringfence.guard.policy import Policy
from ringfence.guard.tools import Tool
from ringfence.guard.visible import lines, visible
from ringfence.schema import render
from ringfence.session.shapes import sample
from ringfence.session.trial import Part, Trial, trial

PINS: Final = "ringfence.pins.json"
SHAPES: Final = "ringfence.shapes.json"
_MAX_PARTS: Final = 20
_MAX_VALUE: Final = 2_000
_Function = TypeVar("_Function", bound=Callable[..., Any])

workspace = click.option("--workspace", metavar="DIR", help="The workspace (default: the working directory).")
_where: Callable[[_Function], _Function] = options.together(options.tools, workspace, options.policy, options.as_json)


@click.group("tools")
def command() -> None:
    """What a plan may call: the tools of --tools, of the configuration and of the workspace."""


@final
@dataclass(frozen=True, slots=True)
class _Toolset:
    config: Config
    policy: Policy
    written: dict[str, Tool]  # as their authors wrote them, before the policy: what is accepted
    accepted: dict[str, str] | None  # None: the configuration does not ask that tools be accepted

    def find(self, name: str) -> Tool:
        if name not in self.policy.tools:
            hint = did_you_mean(name[:60], self.policy.tools) if self.policy.tools else "there are none"
            raise ConfigError(f"there is no tool {visible(name)[:60]}", code="C551", hint=hint)
        return self.policy.tools[name]

    def state(self, tool: Tool) -> str:
        if self.accepted is None:
            return "–"
        found = compare([self.written[tool.name]], self.accepted)
        return "new" if found.new else "CHANGED" if found.changed else "accepted"


@contextmanager
def _toolset(policy: str | None, workspace: str | None, tools: str | None) -> Iterator[_Toolset]:
    with opened(policy, workspace, tools) as place:
        config = place.config
        loaded = Policy.load(
            place.tools, mode=config.mode, trusted=config.trusted, sections=config.sections, user=config.user
        )
        written = {tool.name: tool for tool in place.tools}
        yield _Toolset(config, loaded, written, None if config.pins is None else read_pins(config.pins))


# list


@command.command("list")
@_where
def listed(tools: str | None, workspace: str | None, policy: str | None, as_json: bool) -> int:
    """All tools: effect, what leaves and who receives, whether they were accepted, and what they do."""
    with _toolset(policy, workspace, tools) as found:
        if as_json:
            emit([_tool_json(found, tool) for tool in found.policy.tools.values()])
            return DONE
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False)
        for title in ("tool", "effect", "egress", "audience", "accepted"):
            table.add_column(title)
        table.add_column(no_wrap=True, overflow="ellipsis")
        for tool in found.policy.tools.values():
            row = (tool.name, tool.effect, _names(tool.egress), _names(tool.audience), found.state(tool), _first(tool))
            table.add_row(*(Text(cell) for cell in row))
        console(data=True).print(table)
    return DONE


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)


def _first(tool: Tool) -> str:
    return visible(tool.signature.description.strip().split("\n")[0])[:80]


# show


@command.command("show")
@click.argument("name")
@_where
def show(name: str, tools: str | None, workspace: str | None, policy: str | None, as_json: bool) -> int:
    """All that is said of the tool NAME: types, effect, labels of its results, the rules in force, its pin."""
    with _toolset(policy, workspace, tools) as found:
        tool = found.find(name)
        if as_json:
            emit(_tool_json(found, tool))
        else:
            say(_tool_text(found, tool))
    return DONE


def _tool_json(found: _Toolset, tool: Tool) -> Json:
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


def _tool_text(found: _Toolset, tool: Tool) -> str:
    params = ", ".join(
        f"{one.name}: {render(one.type)}{'' if one.required else ' = …'}" for one in tool.signature.params
    )
    made = [f"{tool.name}({params}) -> {render(tool.signature.returns)}"]
    made += [f"    {line}" for line in lines(tool.signature.description)]
    made.append(f"effect    {tool.effect}")
    for key, names in (("egress", tool.egress), ("audience", tool.audience), ("server", (tool.server,))):
        made += [f"{key:<9} {visible(_names(names))}"] if any(names) else []
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
    yield f"{what}sources: {_names(sources)}"
    readers = _principals(rule.readers, "by a function of each record")
    yield f"{what}readers: {'everyone' if readers == ['everyone'] else _names(['the user', *readers])}"
    if rule.shape is not None:
        yield f"{what}shape: {_label(rule.shape)}"
    for field, of_field in rule.fields:
        yield from _rule_lines(of_field, name, f"{field}: ")


def _principals(rule: NamesRule | None, function: str) -> list[str]:
    if rule is None:
        return []
    if callable(rule):
        return [function]
    found = names_of(rule)
    return ["everyone"] if isinstance(found, Everyone) else sorted(found)


def _label(label: Label) -> str:
    found = label.readers
    readers = "everyone" if isinstance(found, Everyone) else _names(sorted(found)) or "nobody"
    return visible(f"from {_names(sorted(label.sources)) or 'nobody'}; may be read by {readers}")


# test


@command.command("test")
@click.argument("name")
@click.argument("arguments", nargs=-1, metavar="[PARAMETER=VALUE]...")
@click.option("--untrusted", multiple=True, metavar="PARAMETER", help="Give this argument as if others wrote it.")
@click.option("--write", is_flag=True, help="Call it although it changes something.")
@options.together(options.mode, options.user, options.approve)
@_where
def test(
    name: str,
    arguments: tuple[str, ...],
    untrusted: tuple[str, ...],
    write: bool,
    mode: str | None,
    user: str | None,
    approve: str | None,
    tools: str | None,
    workspace: str | None,
    policy: str | None,
    as_json: bool,
) -> int:
    """Call the tool NAME once, by itself: what the policy says, what it returns, and the label of each record.

    A VALUE is JSON where it can be read as such, else text: to='["ann@example.com"]' day=2026-01-31.
    """
    with _toolset(policy, workspace, tools) as found:
        tool = found.find(name)
        if tool.effect == "write" and not write:
            hint = "with --write it is called, and does what it does"
            raise ConfigError(f"{tool.name} changes something, so it was not called", code="C551", hint=hint)
        given = dict(_argument(one) for one in arguments)
        with foreign_code():
            ended = trial(
                found.written[name],
                given,
                untrusted=untrusted,
                among=found.written.values(),
                user=user,
                policy=found.config,
                mode=cast(Any, mode),
                approver=approver_for(approve),
            )
    if as_json:
        emit(_trial_json(tool, ended))
    else:
        _show_trial(tool, ended)
    return BY_OUTCOME[ended.outcome]


@command.command("learn")
@click.argument("name")
@click.argument("arguments", nargs=-1, metavar="[PARAMETER=VALUE]...")
@click.option("--write", is_flag=True, help="Keep the shape in the file that `shapes` names (ringfence.shapes.json).")
@_where
def learn(
    name: str,
    arguments: tuple[str, ...],
    write: bool,
    tools: str | None,
    workspace: str | None,
    policy: str | None,
    as_json: bool,
) -> int:
    """Call the tool NAME, which only reads, and show the shape of its result: types and keys, no content.

    Read the keys: with --write they are kept, and every planner is told them from then on.
    """
    from ringfence.schema import json_schema, named_types, stub
    from ringfence.session.shapes import is_open, shape_of, write_shape

    with _toolset(policy, workspace, tools) as found:
        tool = found.find(name)
        if tool.effect == "write":
            raise ConfigError(f"{tool.name} changes something, so it was not called", code="C551", hint="learn a read")
        with foreign_code():
            result = sample(found.written[name], dict(_argument(one) for one in arguments), found.config)
        if isinstance(result.error, RingfenceError):
            note(problem(result.error))
        if result.outcome != "completed":
            return BY_OUTCOME[result.outcome]
        shape = shape_of(unsafe_plain(result.answer))  # sound: types and keys go to the developer who asked
        path = found.config.shapes
        if write:
            path = Path(SHAPES) if path is None else path
            write_shape(path, found.written[name], shape)
        declared = tool.signature.returns
    if as_json:
        emit({"tool": name, "shape": cast(Json, json_schema(shape)), "text": render(shape), "written": write})
        return DONE
    say(
        "\n\n".join(
            [*(visible_lines(stub(one)) for one in named_types([shape])), f"{name} -> {visible(render(shape))}"]
        )
    )
    if not is_open(declared):
        note(f"{name} declares {render(declared)}: a shape adds nothing")
    note(f"kept in {path}" if write else "look at the keys; --write keeps them")
    if write and found.config.shapes is None:
        note(f'add shapes = "{SHAPES}" to the configuration')
    return DONE


def visible_lines(text: str) -> str:
    """Text of several lines, each made visible."""
    return "\n".join(visible(line) for line in text.splitlines())


def _argument(text: str) -> tuple[str, object]:
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        hint = "such as limit=3 or to='[\"ann@example.com\"]'"
        raise ConfigError("an argument is not PARAMETER=VALUE", code="C551", hint=hint)
    try:
        return name, loads(value)
    except EncodingError:
        return name, value


def _trial_json(tool: Tool, ended: Trial) -> Json:
    parts: list[Json] = [{"value": to_json(one.value), "label": label_to_json(one.label)} for one in ended.parts]
    error: Json = None
    if ended.error is not None:
        error = {"code": ended.error.code, "message": ended.error.message, "hint": ended.error.hint}
    return {
        "tool": tool.name,
        "outcome": ended.outcome,
        "verdict": ended.verdict,
        "rules": [*ended.rules],
        "label": label_to_json(ended.label),
        "parts": parts,
        "problems": [*ended.problems],
        "error": error,
        "detail": ended.detail,
    }


def _show_trial(tool: Tool, ended: Trial) -> None:
    by = f" ({_names(ended.rules)})" if ended.rules else ""
    note(f"{tool.name}: {ended.verdict}{by}, {ended.outcome}")
    for text in ended.problems:
        note(f"problem: {text}")
    if ended.error is not None:
        note(problem(ended.error))
    if ended.detail:
        note("it said: " + visible(ended.detail[:_MAX_VALUE]))
    if ended.outcome == "completed":
        note(f"it returned what it declares: {render(tool.signature.returns)}; all of it {_label(ended.label)}")
    for one in ended.parts[:_MAX_PARTS]:
        _show_part(one)
    if len(ended.parts) > _MAX_PARTS:
        note(f"and {len(ended.parts) - _MAX_PARTS} more; --json prints all")


def _show_part(part: Part) -> None:
    from ringfence.core.encoding import dumps

    say(f"{visible(dumps(to_json(part.value)))[:_MAX_VALUE]}\n    {_label(part.label)}")


# accept


@command.command("accept")
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All tools that are there.")
@_where
def accept(
    names: tuple[str, ...],
    everything: bool,
    tools: str | None,
    workspace: str | None,
    policy: str | None,
    as_json: bool,
) -> int:
    """Accept the tools NAMES as they are now. Their pins go into the file that `pins` in the configuration names."""
    with _toolset(policy, workspace, tools) as found:
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
            say(f"accepted, {word}: {visible(_names(names))}")
    say(f"the accepted tools are in {place}")
    if config.pins is None:
        note(f'to refuse all others and all that change, write pins = "{PINS}" into {FILE}')
