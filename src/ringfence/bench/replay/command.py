"""`ringfence bench replay`. Its one rule: exit status 0 says that every attack that does something was stopped."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, cast, final

import click

from ringfence.bench.agentdojo.study import Row, Unit, study
from ringfence.bench.agentdojo.sweep import Rules
from ringfence.bench.replay.dojologs import Skipped, logs, trace_of_log
from ringfence.bench.replay.replaying import Deployment, replay
from ringfence.bench.replay.trace import Trace, read, shipped, write
from ringfence.cli import options
from ringfence.cli.loading import load_tools
from ringfence.cli.output import emit, note, say
from ringfence.cli.status import DENIED, DONE
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.ruleset import Mode
from ringfence.guard.visible import visible

RULES: Final = ("off", "none", "packs", "default", "strict")
_SHOWN: Final = 20
_IN_ONE: Final = 16  # traces that a process takes at a time


@click.command("replay")
@click.argument("traces", nargs=-1, metavar="[TRACES]...")
@click.option(
    "--rules", type=click.Choice(RULES), default="default", show_default=True, help="Of a benchmark's traces."
)
@options.policy
@options.mode
@options.tools
@click.option("--first", type=click.IntRange(1), metavar="N", help="Only the first N traces of each file.")
@click.option("--convert", metavar="FILE", help="Write the traces to FILE (.jsonl or .jsonl.gz) and replay nothing.")
@click.option(
    "--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="processors", help="Processes."
)
@click.option("--out", metavar="DIR", help="Keep the results there; go on with what is there already.")
@options.as_json
def command(
    traces: tuple[str, ...],
    rules: str,
    policy: str | None,
    mode: str | None,
    tools: str | None,
    first: int | None,
    convert: str | None,
    jobs: int,
    out: str | None,
    as_json: bool,
) -> int:
    """Replay attacks that succeeded on agents without a firewall: TRACES are files of traces, logs of AgentDojo, or
    folders of them (default: the traces that come with Ringfence).

    Exit status 0: every attack that does something was stopped; 1: one got through or could not be judged.
    """
    paths = [Path(name) for name in traces] or list(shipped())
    if convert is not None:
        found = [trace for path in paths for trace in traces_of(path)[:first]]
        write(Path(convert), found)
        note(f"{len(found)} traces are in {convert}")
        return DONE
    work = Replays(tuple(map(str, paths)), first, cast(Rules, rules), policy, cast("Mode | None", mode), tools)
    rows: list[Row] = []
    for done, whole, some in study(work, None if out is None else Path(out), jobs):
        rows += some
        note(f"{done} of {whole} parts done")
    made = figures(rows)
    if as_json:
        emit(cast(Json, made))
    else:
        say(text(made))
    return DONE if made["through"] == 0 == made["not_reached"] else DENIED


@final
@dataclass(frozen=True)
class Replays:
    """A study of traces; a unit is a part of a file."""

    paths: tuple[str, ...]
    first: int | None
    rules: Rules
    policy: str | None
    mode: Mode | None
    tools: str | None

    def units(self) -> list[Unit]:
        """(path, first, last). ConfigError for a file that holds no traces."""
        made: list[Unit] = []
        for path in self.paths:
            count = len(traces_of(Path(path))[: self.first])
            made += [(path, str(at), str(min(at + _IN_ONE, count))) for at in range(0, count, _IN_ONE)]
        if not made:
            raise ConfigError(
                "there is no successful attack in what is to be replayed", code="C513", hint="check the path"
            )
        return made

    def rows(self, unit: Unit) -> list[Row]:
        """One row for each trace."""
        path, begin, end = unit
        tools = () if self.tools is None else tuple(load_tools(self.tools))
        deployment = Deployment(self.rules, self.policy, self.mode, tools)
        made = [replay(trace, deployment) for trace in traces_of(Path(path))[int(begin) : int(end)]]
        return [{"kind": "replay", "verdict": one.verdict, **asdict(one)} for one in made]


def traces_of(path: Path) -> list[Trace]:
    """The traces of a file or folder. ConfigError."""
    if path.is_dir():
        return [trace for one in logs(path) if (trace := _logged(one)) is not None]
    return [one for one in [_logged(path)] if one is not None] if path.suffix == ".json" else read(path)


def _logged(path: Path) -> Trace | None:
    try:
        return trace_of_log(path)
    except Skipped:
        return None


def figures(rows: Iterable[Row]) -> dict[str, Any]:
    """All figures, in all and by world."""
    listed = [row for row in rows if row["kind"] == "replay"]
    worlds: dict[str, list[Row]] = {}
    for row in listed:
        worlds.setdefault(row["world"], []).append(row)
    return {
        **_counts(listed),
        "worlds": [{"world": world, **_counts(some)} for world, some in worlds.items()],
        "traces": [{key: value for key, value in row.items() if key != "kind"} for row in listed],
    }


def _counts(rows: Sequence[Row]) -> dict[str, Any]:
    verdicts = Counter(row["verdict"] for row in rows)
    hostile = [call for row in rows for call in row["hostile"]]
    return {
        "replayed": len(rows),
        "stopped": verdicts["stopped"],
        "through": verdicts["through"],
        "not_reached": verdicts["not reached"],
        "no_call": verdicts["no call"],
        "hostile_calls": len(hostile),
        "stopped_calls": sum(call["end"] == "stopped" for call in hostile),
        "harmless_calls": sum(row["harmless"] for row in rows),
        "own_completed": sum(row["planned"] == "completed" for row in rows),
        "own_asked": sum(row["asked"] > 0 for row in rows),
    }


def text(found: dict[str, Any]) -> str:
    """The figures for a terminal."""
    acting = found["replayed"] - found["no_call"]
    calls = found["hostile_calls"] + found["harmless_calls"]
    lines = [
        f"{found['replayed']} attacks that succeeded on an agent without a firewall",
        "",
        f"  in the user's plan   none of their {calls} calls: who sees the request only cannot write them",
        f"  in the worst plan    {found['stopped']} of {acting} attacks stopped, {found['through']} through, "
        f"{found['not_reached']} not reached ({found['stopped_calls']} of {found['hostile_calls']} calls stopped)",
    ]
    if found["no_call"]:
        lines.append(f"  text only            {found['no_call']} call nothing that does anything: no policy is asked")
    lines.append(
        f"  the user's own calls {found['own_completed']} of {found['replayed']} plans complete, "
        f"{found['own_asked']} of them ask somebody"
    )
    if len(found["worlds"]) > 1:
        lines.append("")
        for row in found["worlds"]:
            lines.append(
                f"  {row['world'] or 'recorded':<22}{row['replayed']:>5} traces, {row['stopped']} stopped, "
                f"{row['through']} through, {row['not_reached']} not reached, {row['no_call']} text only"
            )
    bad = [row for row in found["traces"] if row["verdict"] in ("through", "not reached")]
    for row in bad[:_SHOWN]:
        calls = ", ".join(f"{call['tool']}: {call['end']} {call['code']}".rstrip() for call in row["hostile"])
        lines.append(f"  {row['verdict'].upper()}: {visible(row['id'])[:80]} ({visible(calls)[:200]})")
    if len(bad) > _SHOWN:
        lines.append(f"  ... and {len(bad) - _SHOWN} more: --json shows all")
    return "\n".join(lines)
