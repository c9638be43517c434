"""`ringfence report`: what would have been asked or denied, and the smallest rules that allow what a person calls fine.

Its one rule: nothing is widened without a person. A change is shown; it is written only with `--apply`, after a y that
was typed in a terminal.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from ringfence.cli import options
from ringfence.cli.approvals import where
from ringfence.cli.output import emit, note, say
from ringfence.cli.place import opened
from ringfence.cli.standing import opened_store
from ringfence.cli.status import DENIED, DONE
from ringfence.cli.terminal import ask, has_terminal
from ringfence.config import FILE, Config
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.clock import now
from ringfence.guard.visible import visible
from ringfence.session.findings import Finding, findings
from ringfence.session.proposals import Proposal, loaded, propose, written

_AGO = re.compile(r"(\d{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@click.command("report")
@click.option("--since", metavar="WHEN", help="A date or time (UTC), or how long ago: 90m, 24h, 7d, 2w.")
@click.option("--fine", multiple=True, type=int, metavar="N", help="Propose rules under which finding N is allowed.")
@click.option("--apply", "applying", is_flag=True, help="Write the proposal into the configuration, after a question.")
@options.tools
@where
def command(
    since: str | None,
    fine: tuple[int, ...],
    applying: bool,
    tools: str | None,
    store: str | None,
    policy: str | None,
    workspace: str | None,
    as_json: bool,
) -> int:
    """What was, or would have been, asked or denied, by tool, rule and source. With --fine: rules that allow it."""
    with opened_store(store, policy, workspace) as kept:
        found = findings(kept.audit().records(), "" if since is None else moment(since))
    if not fine:
        from ringfence.cli.place import configuration

        _show(found, configuration(policy, workspace).trusted, as_json)
        return DONE
    if any(not 1 <= number <= len(found) for number in fine):
        raise ConfigError("the report has no such finding", code="C542", hint=f"1 to {len(found)}")
    with opened(policy, workspace, tools) as place:
        chosen, known = [found[number - 1] for number in fine], list(place.tools)
        made = propose(chosen, place.config, known, loaded(place.config, known, place.config.tools))
        return _propose(made, place.config, applying=applying, as_json=as_json)


def moment(text: str) -> str:
    """A time as the audit has it. ConfigError (C542)."""
    if (found := _AGO.fullmatch(text)) is not None:
        return (now() - timedelta(**{_UNITS[found[2]]: int(found[1])})).isoformat(timespec="microseconds")
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError("--since is no time", code="C542", hint="2026-11-21, 2026-11-21T09:00, or 24h") from None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")


# The report


def _show(found: list[Finding], trusted: frozenset[str], as_json: bool) -> None:
    if as_json:
        rows: list[Json] = [one.to_json(number, trusted) for number, one in enumerate(found, 1)]
        emit({"findings": rows, **_sums(found, trusted)})
        return
    if not found:
        note("nothing was asked or denied, and nothing would have been")
        return
    for number, one in enumerate(found, 1):
        _finding(number, one, trusted)
    for title, counts in _sums(found, trusted).items():
        assert isinstance(counts, dict)
        say(f"\n{title}: " + ", ".join(f"{visible(name)} {count}" for name, count in counts.items()))
    say("\nFor the rules that would allow one of these: ringfence report --fine N")


def _finding(number: int, one: Finding, trusted: frozenset[str]) -> None:
    words = {"ask": "put to a person", "deny": "denied"}[one.verdict]
    tense = "would have been" if one.observed == one.count else "was" if not one.observed else "was or would have been"
    runs = f"{len(one.runs)} run{'s' if len(one.runs) != 1 else ''}"
    say(f"{number}. {visible(one.tool)} {tense} {words}: {one.count} time{'s' if one.count != 1 else ''} in {runs}")
    for reason in one.reasons or one.rules:
        say(f"     {visible(reason)}")
    for name, sources in one.sources(trusted).items():
        if sources:
            say(f"     {name} came from {', '.join(visible(source)[:80] for source in sources[:8])}{_more(sources)}")


def _more(sources: tuple[str, ...]) -> str:
    return f" and {len(sources) - 8} more" if len(sources) > 8 else ""


def _sums(found: Iterable[Finding], trusted: frozenset[str]) -> dict[str, Json]:
    tools, rules, sources = Counter[str](), Counter[str](), Counter[str]()
    for one in found:
        tools[one.tool] += one.count
        rules.update(dict.fromkeys(one.rules, one.count))
        named = {source for names in one.sources(trusted).values() for source in names}
        sources.update(dict.fromkeys(sorted(named), one.count))
    return {"by tool": {**tools}, "by rule": {**rules}, "by source": {**sources}}


# Proposals


def _propose(made: list[Proposal], config: Config, *, applying: bool, as_json: bool) -> int:
    path = Path(FILE) if config.path is None else config.path
    before = "" if config.text is None else config.text
    after = written(before, made, path)
    if as_json:
        emit([_json(one) for one in made])
    else:
        for one in made:
            _told(one)
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), f"{path}", f"{path}", lineterm=""):
            say(visible(line))
    if not applying:
        note("\nNothing was changed. --apply writes this, after a question.")
        return DONE
    return _applied(path, before, after)


def _told(one: Proposal) -> None:
    for text in one.widened:
        say(f"# {one.tool}: where {text} is wanted, the sources that were seen count too")
    for text in one.dropped:
        say(f"# {one.tool}: {text} IS TAKEN OUT: nothing narrower allows this")
    if not one.certain:
        say(f"# {one.tool}: whether this allows all of it depends on values, which the audit does not have")


def _json(one: Proposal) -> Json:
    return {
        "tool": one.tool,
        **one.entry,
        "widened": [*one.widened],
        "dropped": [*one.dropped],
        "certain": one.certain,
    }


def _applied(path: Path, before: str, after: str) -> int:
    if not has_terminal():
        raise ConfigError("a change is written only where a person says yes", code="C542", hint="run it in a terminal")
    if (ask(f"Write this into {path}? It allows more than before. [y/N] ") or "").strip().lower() not in ("y", "yes"):
        note("nothing was changed")
        return DENIED
    if (path.read_text("utf-8") if path.exists() else "") != before:
        raise ConfigError("the file has changed meanwhile", code="C542", hint="run it again")
    path.write_text(after, "utf-8")
    say(f"wrote {path}")
    return DONE
