"""`ringfence policy check|test|show|explain|draft|packs`: what the rules say, and why.

Its one rule: it decides nothing itself. What is shown comes from the engine that decides at a call.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from ringfence.cli import options
from ringfence.cli.audit import record_json
from ringfence.cli.loading import load_tools, read_given, read_plan
from ringfence.cli.output import emit, note, say
from ringfence.cli.place import opened
from ringfence.cli.standing import opened_store
from ringfence.cli.status import DENIED, DONE, USAGE
from ringfence.config import FILE, parse
from ringfence.core.diagnostics import render_all
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError, PlanRejected
from ringfence.guard.packs import PACKS, fitting, load_pack
from ringfence.guard.policy import Policy
from ringfence.guard.ruleset import VERBS, Mode
from ringfence.guard.tools import Tool
from ringfence.guard.visible import visible
from ringfence.session.firewall import Firewall
from ringfence.session.forecast import ForecastCall
from ringfence.session.report import diagnostic_json, error_json

if TYPE_CHECKING:
    from ringfence.session.drafting import Proposal

CASES: Final = "policies"  # the folder that `test` looks into
_which = options.together(options.tools, options.policy, options.dialect, options.mode, options.user, options.as_json)


@click.group("policy")
def command() -> None:
    """The rules: check a plan against them, test them, show them, say why, propose some."""


def _firewall(
    tools: list[Tool], policy: str | None, dialect: str | None, mode: Mode | None, user: str | None
) -> Firewall:
    return Firewall(tools, policy=options.configuration(policy), mode=mode, user=user, dialect=dialect)


@contextmanager
def _tools(tools: str | None, policy: str | None) -> Iterator[list[Tool]]:
    """The tools of --tools; without it those of the workspace, if this is one."""
    config = options.configuration(policy)
    if tools is not None or config.workspace is None:
        yield load_tools(tools)
        return
    with opened(policy, None, None) as place:
        yield list(place.tools)


# check


@command.command("check")
@click.argument("plan")
@options.given
@_which
def check(
    plan: str,
    given: str | None,
    tools: str | None,
    policy: str | None,
    dialect: str | None,
    mode: Mode | None,
    user: str | None,
    as_json: bool,
) -> int:
    """What would happen at each call of the plan in the file PLAN ("-": stdin), by which rule, and what would help."""
    try:
        with _tools(tools, policy) as found:
            firewall = _firewall(found, policy, dialect, mode, user)
            planned = firewall.check(read_plan(plan), read_given(given, found))
    except PlanRejected as rejected:
        if as_json:
            problems: list[Json] = [diagnostic_json(one) for one in rejected.diagnostics]
            emit({"ok": False, "diagnostics": problems, "error": cast(Json, error_json(rejected)), "calls": []})
        note(f"rejected: {rejected.code}\n{render_all(rejected.diagnostics, rejected.text)}")
        return USAGE
    calls = planned.forecast.calls
    if as_json:
        shown: list[Json] = [_call_json(call) for call in calls]
        error = cast(Json, error_json(planned.denial))
        emit({"ok": planned.denial is None, "diagnostics": [], "error": error, "calls": shown})
    else:
        say("\n".join(_call_text(call, firewall.policy) for call in calls) if calls else "The plan makes no calls.")
    if planned.denial is not None:
        note(planned.denial.render())
    return DONE if planned.denial is None else DENIED


def _call_json(call: ForecastCall) -> dict[str, Json]:
    decision: Json = None if call.decision is None else cast(Json, call.decision.to_json())
    return {
        "site": call.site.number,
        "line": call.site.span.line,
        "tool": call.tool,
        "verdict": call.verdict,
        "certain": call.certain,
        "strictest": decision,
    }


def _call_text(call: ForecastCall, policy: Policy) -> str:
    words = {
        "allow": "allowed",
        "ask": "asks a person",
        "deny": "denied",
        "depends": "depends on what the run brings",
    }
    worst = "" if call.verdict != "depends" or call.decision is None else f"; at worst {words[call.decision.verdict]}"
    rules = ", ".join(rule.id for rule in policy.rules.get(call.tool, ()))
    lines = [f"line {call.site.span.line}: {call.tool}: {words[call.verdict]}{worst} (rules: {rules})"]
    if call.decision is not None:
        when = "" if call.verdict != "depends" else "perhaps: "
        lines += [f"    {when}{reason.render()}" for reason in call.decision.reasons]
        lines += [f"    remedy: {remedy}" for remedy in call.decision.remedies]
    budgets = policy.budgets.get(call.tool, ())
    lines += [f"    counts for the budget {budget.name}: {budget.text}" for budget in budgets]
    return "\n".join(lines)


# test


@command.command("test")
@click.argument("paths", nargs=-1)
@options.together(options.tools, options.policy, options.as_json)
def test(paths: tuple[str, ...], tools: str | None, policy: str | None, as_json: bool) -> int:
    """Run the rule cases in files, and in all *.rules of folders (default: the folder policies)."""
    from ringfence.session.rulecases import check_cases, read_file

    config, found = options.configuration(policy), load_tools(tools)
    checked = []
    for path in _files(paths):
        checked += check_cases(read_file(path), found, config)
    failed = [one for one in checked if one.problem is not None]
    if as_json:
        emit(
            {
                "ok": not failed,
                "cases": len(checked),
                "failures": [
                    {
                        "file": one.case.file,
                        "line": one.case.line,
                        "problem": one.problem,
                        "decision": cast(Json, one.decision.to_json()),
                    }
                    for one in failed
                ],
            }
        )
    for one in failed:
        note(
            f"{one.case.file}:{one.case.line}: {one.problem}\n    {visible(one.case.text)}\n    {one.decision.render()}"
        )
    if not as_json:
        say(f"{len(checked)} cases, {len(failed)} failed")
    return DENIED if failed else DONE


def _files(paths: tuple[str, ...]) -> list[Path]:
    made: list[Path] = []
    for place in [Path(path) for path in paths] or [Path(CASES)]:
        found = sorted(place.rglob("*.rules")) if place.is_dir() else [place]
        if not found or (not paths and not place.is_dir()):
            hint = "write files *.rules; docs/policies.md has the form"
            raise ConfigError(f"there are no rule cases in {place}", code="C525", hint=hint)
        made += found
    return made


# show


@command.command("show")
@click.argument("tool", required=False)
@_which
def show(
    tool: str | None,
    tools: str | None,
    policy: str | None,
    dialect: str | None,
    mode: Mode | None,
    user: str | None,
    as_json: bool,
) -> int:
    """The rules in force, of all tools or of one, and where each comes from."""
    with _tools(tools, policy) as found:
        loaded = _firewall(found, policy, dialect, mode, user).policy
    names = [*loaded.tools, *VERBS]
    if tool is not None and tool not in names:
        raise ConfigError(f"there is no tool {visible(tool)[:60]}", code="C503", hint=f"there are {', '.join(names)}")
    chosen = names if tool is None else [tool]
    if as_json:
        emit(
            {
                "mode": loaded.mode,
                "trusted": [*sorted(loaded.trusted)],
                "tools": [_tool_json(loaded, n) for n in chosen],
            }
        )
        return DONE
    say(f"mode {loaded.mode}; trusted sources: {', '.join(sorted(loaded.trusted)) or 'none'}")
    for name in chosen:
        say(_tool_text(loaded, name))
    return DONE


def _tool_json(policy: Policy, name: str) -> Json:
    tool = policy.tools.get(name)
    rules: list[Json] = [
        {"id": rule.id, "allow": rule.allow_text, "ask": rule.ask_text, "deny": rule.deny_text, "from": rule.origin}
        for rule in policy.rules.get(name, ())
    ]
    return {
        "tool": name,
        "effect": "read" if tool is None else tool.effect,
        "egress": [] if tool is None else [*tool.egress],
        "audience": [] if tool is None else [*tool.audience],
        "server": "" if tool is None else tool.server,
        "rules": rules,
        "budgets": [budget.text for budget in policy.budgets.get(name, ())],
    }


def _tool_text(policy: Policy, name: str) -> str:
    tool = policy.tools.get(name)
    head: str = "read" if tool is None else tool.effect
    for key, names in () if tool is None else (("egress", tool.egress), ("audience", tool.audience)):
        head += f"; {key} {', '.join(names)}" if names else ""
    lines = [f"\n{name} ({head})"]
    for rule in policy.rules.get(name, ()):
        first, *more = rule.lines
        lines += [f"    {first}    [{rule.id}, {rule.origin}]", *(f"    {line}" for line in more)]
    for param in () if tool is None else tool.signature.params:
        vouched = policy.known_by(name, param.name)
        if vouched:
            lines.append(f"    {param.name} is taken at its word if it is one of: {', '.join(vouched)}")
    lines += [f"    budget {budget.name}: {budget.text}" for budget in policy.budgets.get(name, ())]
    return "\n".join(lines)


# explain


@command.command("explain")
@click.argument("run")
@click.argument("call", type=int)
@options.together(
    options.store,
    options.policy,
    click.option("--workspace", metavar="DIR", help="The workspace (default: the working directory, if it is one)."),
    options.as_json,
)
def explain(run: str, call: int, store: str | None, policy: str | None, workspace: str | None, as_json: bool) -> int:
    """Why the CALL with that number (from 0) of a RUN was allowed, asked about or denied: from the audit."""
    with opened_store(store, policy, workspace) as kept:
        records = [one for one in kept.audit().records() if one.run.startswith(run)]
    if len({one.run for one in records}) > 1:
        raise ConfigError("several runs begin so", code="C510", hint="write more of the run's name")
    shown = [cast("dict[str, Json]", record_json(one)) for one in records if one.kind in ("decision", "approval")]
    found = [one for one in shown if cast("dict[str, Json]", one["data"]).get("index") == call]
    if not found:
        raise ConfigError(
            "the audit has no decision on such a call", code="C510", hint=f"`ringfence audit show {visible(run)[:20]}`"
        )
    if as_json:
        emit([{"time": one["time"], "kind": one["kind"], **cast("dict[str, Json]", one["data"])} for one in found])
        return DONE
    for one in found:
        say(_told(str(one["kind"]), str(one["time"]), cast("dict[str, Json]", one["data"])))
    return DONE


def _told(kind: str, time: str, data: dict[str, Json]) -> str:
    if kind == "approval":
        who = "" if data.get("by") is None else f" by {visible(str(data['by']))}"
        return f"{time[:19]}  approval: {data.get('outcome')}{who}"
    words = {"allow": "allowed", "ask": "asked a person", "deny": "denied"}
    rules = ", ".join(map(str, _list(data.get("rules")))) or "no rule allows it"
    mode = f", mode {data['mode']}" if data.get("mode") is not None else ""
    lines = [f"{time[:19]}  {data.get('tool')}: {words.get(str(data.get('verdict')), '?')} ({rules}{mode})"]
    lines += [f"    {visible(str(reason))}" for reason in _list(data.get("reasons"))]
    lines += [f"    remedy: {remedy}" for remedy in _list(data.get("remedies"))]
    labels = data.get("labels")
    for name, label in labels.items() if isinstance(labels, dict) else ():
        lines.append(f"    {name}: {_label(label)}")
    lines.append(f"    the place: {_label(data.get('pc'))}")
    return "\n".join(lines)


def _list(found: Json) -> list[Json]:
    return found if isinstance(found, list) else []


def _label(found: Json) -> str:
    if not isinstance(found, dict):
        return "not recorded"
    sources, readers = _list(found.get("sources")), found.get("readers")
    who = "everyone" if not isinstance(readers, list) else ", ".join(visible(str(one)) for one in readers) or "nobody"
    return f"from {', '.join(visible(str(one)) for one in sources) or 'nobody'}, readable by {who}"


# draft


@command.command("draft")
@options.together(options.tools, options.policy, options.mode, options.model)
@click.option("--apply", "apply", is_flag=True, help="Add what only narrows to the configuration, after asking.")
@click.option("--yes", is_flag=True, help="With --apply: do not ask.")
@options.as_json
def draft(
    tools: str | None, policy: str | None, mode: Mode | None, model: str | None, apply: bool, yes: bool, as_json: bool
) -> int:
    """Have the planner's model propose rules from the tools' signatures alone. Nothing is widened, ever."""
    from ringfence.session.drafting import draft as drafted
    from ringfence.session.models import Models

    config, found = options.configuration(policy), load_tools(tools)
    models = Models(model, None, os.environ, (config.planner, config.quarantine))
    try:
        proposals = drafted(models.chat(), found, config, mode)
    finally:
        models.close()
    narrowing = [one for one in proposals if one.applicable]
    if as_json:
        emit(
            [
                {
                    "tool": one.tool,
                    "change": one.change,
                    "applicable": one.applicable,
                    "text": one.text,
                    "before": [*one.old],
                    "after": [*one.new],
                }
                for one in proposals
            ]
        )
    else:
        say("\n\n".join(_proposal(one) for one in proposals) if proposals else "The model proposes no rules.")
    if apply and narrowing and (yes or click.confirm("Add the rules that only narrow?", err=True)):
        place = config.path if config.path is not None else Path(FILE)
        _append(place, narrowing, found)
        note(f"added rules for {', '.join(one.tool for one in narrowing)} to {place}")
    return DONE


def _proposal(one: Proposal) -> str:
    words = {
        "same": "changes nothing; not added",
        "narrower": "only narrows; there is a table for this tool: edit it" if one.written else "only narrows",
        "wider": "WOULD ALLOW MORE; never added",
        "both": "WOULD ALLOW MORE in some cases; never added",
        "unknown": "too complex to compare; never added",
    }
    lines = difflib.unified_diff(one.old, one.new, "in force", "proposed", lineterm="", n=9)
    return f"{one.tool}: {words[one.change]}\n" + "\n".join(visible(line) for line in lines)


def _append(path: Path, proposals: list[Proposal], tools: list[Tool]) -> None:
    """Add tables at the end of the file, if the whole is a policy then."""
    added = "".join(f"\n{one.text}\n" for one in proposals)
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        Firewall(tools, policy=parse((before + added).encode(), path))
        with path.open("a", encoding="utf-8") as file:
            file.write(added)
    except OSError as problem:
        raise ConfigError(f"{path} cannot be written ({type(problem).__name__})", code="C511") from None


# packs


@command.command("packs")
@click.argument("name", required=False)
@options.together(options.tools, options.as_json)
def packs(name: str | None, tools: str | None, as_json: bool) -> int:
    """The packs of rules that ship with Ringfence; those that fit --tools; or the text of one."""
    if name is not None:
        text = load_pack(name).text
        if as_json:
            emit({"pack": name, "text": text})
        else:
            say(text.rstrip("\n"))
        return DONE
    known = {} if tools is None else fitting(load_tools(tools))
    if as_json:
        emit([{"pack": one, "about": load_pack(one).about, "tools": [*known.get(one, ())]} for one in PACKS])
        return DONE
    for one in PACKS:
        fits = f"  (here: {', '.join(known[one])})" if one in known else ""
        say(f"{one:<9} {load_pack(one).about}{fits}")
    return DONE
