"""`ringfence tools test|learn`: one call of one tool, by itself.

Its one rule: a tool is only called through the monitor, and one that writes only if that is said.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

import click

from ringfence.cli import options
from ringfence.cli.output import emit, foreign_code, note, say
from ringfence.cli.show import problem
from ringfence.cli.status import BY_OUTCOME, DONE
from ringfence.cli.terminal import approver_for
from ringfence.cli.toolset import label_text, listed_names, toolset, where
from ringfence.core.encoding import EncodingError, Json, label_to_json, loads, to_json
from ringfence.core.errors import ConfigError, RingfenceError
from ringfence.core.values import unsafe_plain
from ringfence.guard.tools import Tool
from ringfence.guard.visible import visible
from ringfence.schema import render
from ringfence.session.shapes import sample
from ringfence.session.trial import Part, Trial, trial

SHAPES: Final = "ringfence.shapes.json"
_MAX_PARTS: Final = 20
_MAX_VALUE: Final = 2_000


@click.command("test")
@click.argument("name")
@click.argument("arguments", nargs=-1, metavar="[PARAMETER=VALUE]...")
@click.option("--untrusted", multiple=True, metavar="PARAMETER", help="Give this argument as if others wrote it.")
@click.option("--write", is_flag=True, help="Call it although it changes something.")
@options.together(options.mode, options.user, options.approve)
@where
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
    with toolset(policy, workspace, tools) as found:
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


@click.command("learn")
@click.argument("name")
@click.argument("arguments", nargs=-1, metavar="[PARAMETER=VALUE]...")
@click.option("--write", is_flag=True, help="Keep the shape in the file that `shapes` names (ringfence.shapes.json).")
@where
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

    with toolset(policy, workspace, tools) as found:
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
    by = f" ({listed_names(ended.rules)})" if ended.rules else ""
    note(f"{tool.name}: {ended.verdict}{by}, {ended.outcome}")
    for text in ended.problems:
        note(f"problem: {text}")
    if ended.error is not None:
        note(problem(ended.error))
    if ended.detail:
        note("it said: " + visible(ended.detail[:_MAX_VALUE]))
    if ended.outcome == "completed":
        note(f"it returned what it declares: {render(tool.signature.returns)}; all of it {label_text(ended.label)}")
    for one in ended.parts[:_MAX_PARTS]:
        _show_part(one)
    if len(ended.parts) > _MAX_PARTS:
        note(f"and {len(ended.parts) - _MAX_PARTS} more; --json prints all")


def _show_part(part: Part) -> None:
    from ringfence.core.encoding import dumps

    say(f"{visible(dumps(to_json(part.value)))[:_MAX_VALUE]}\n    {label_text(part.label)}")
