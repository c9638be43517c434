"""`ringfence init`: a first configuration, or a demonstration workspace. Its one rule: nothing is overwritten."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ringfence.cli import options
from ringfence.cli.output import emit, note
from ringfence.config import FILE, load
from ringfence.core.errors import ConfigError

if TYPE_CHECKING:
    from ringfence.connectors.mcp_link import Server

_TEMPLATE: Final = """\
# The configuration of Ringfence. Everything here is the default; docs/cli.md describes each key.
mode = "enforce"                    # enforce, strict, or observe (decide and record, block nothing)
user = "user"                       # who the answers are for: a name or a mail address
trusted = ["user", "developer"]     # the sources whose word counts
# store = "ringfence.db"            # runs, approvals and the audit

# Rules for a tool, instead of those that its author wrote:
# [tools.send_email]
# effect = "write"
# allow = "trusted(to) or (readable(body, by=to) and readable(subject, by=to))"
# ask = "len(to) <= 3"              # otherwise it is denied

# What these tables name, the tools can reach; without them there are no such tools:
# [web]                             # fetch_page: docs/web.md
# allow = ["*.example.com"]
# [files]                           # list_files, read_file, write_file: docs/files.md
# root = "files"

# [models]                          # else found in the environment
# planner = "openai:NAME"
# quarantine = "openai:NAME"
"""

_HEAD: Final = """\
# The configuration of Ringfence. What is not written has a default; docs/policies.md describes the rules.
mode = "enforce"                    # enforce, strict, or observe (decide and record, block nothing)
user = "user"                       # who the answers are for: a name or a mail address
# pins = "ringfence.pins.json"      # refuse tools that nobody has accepted

"""
_PINS: Final = '# pins = "ringfence.pins.json"'


@click.command("init")
@click.option("--demo", metavar="DIR", help="Write a demonstration workspace into a new or empty folder.")
@click.option("--attacked", is_flag=True, help="With --demo: an attacker has written into calendar, mail and files.")
@click.option(
    "--mcp", "mcp", multiple=True, metavar="NAME=COMMAND|URL", help="Start this MCP server for its tools; repeatable."
)
@click.option("--from", "other", metavar="FILE", help="Take the MCP servers of this configuration.")
@options.together(options.tools, options.as_json)
def command(
    demo: str | None, attacked: bool, mcp: tuple[str, ...], other: str | None, tools: str | None, as_json: bool
) -> int:
    """Write ./ringfence.toml, with --tools or --mcp for these tools; or with --demo a workspace to try things in."""
    if demo is not None and (tools is not None or mcp or other is not None):
        raise click.UsageError("--tools, --mcp and --from go without --demo")
    if demo is None:
        if attacked:
            raise click.UsageError("--attacked goes with --demo DIR")
        if Path(FILE).exists():  # before a server is started
            raise _there()
        servers = [*_servers_of(other), *(_server(one) for one in mcp)]
        made = _write(Path(FILE), _text(tools, servers))
        note(f"wrote {made}; every line says what it is for")
        if servers:
            note("next: read `ringfence tools show NAME` for each tool, then `ringfence tools accept --all`")
    else:
        from ringfence.connectors.demo import create_demo

        made = create_demo(Path(demo), today=datetime.now(UTC).date(), attacked=attacked).path
        note(f'wrote a workspace into {made}; try: cd {made} && ringfence run "What is on my schedule today?"')
    if as_json:
        emit({"path": str(made), "workspace": demo is not None, "attacked": attacked})
    return 0


def _text(tools: str | None, servers: list[Server]) -> str:
    """The text of the configuration for Python tools and the tools of servers."""
    if tools is None and not servers:
        return _TEMPLATE
    from ringfence.cli.loading import load_tools
    from ringfence.cli.starting import starting

    named = load_tools(tools)
    if not servers:
        return _HEAD + starting(named)
    from ringfence.connectors.mcp import offered, written

    found = offered(servers, [tool.name for tool in named])
    claims = {one.tool.name: one.claims for one in found}
    rules = starting([*named, *(one.tool for one in found)], claims)
    return _HEAD.replace(_PINS, _PINS[2:] + "  ") + rules + "".join(map(written, servers))


def _servers_of(other: str | None) -> list[Server]:
    if other is None:
        return []
    from ringfence.connectors.mcp import servers_of

    path = Path(other)
    return servers_of(load(path).servers, path.parent)


def _server(text: str) -> Server:
    from ringfence.connectors.mcp import server_of

    name, _, place = text.partition("=")
    try:
        command = shlex.split(place)
    except ValueError:
        raise click.UsageError("--mcp has a quote that is not closed") from None
    return server_of(name, {"url": place} if "://" in place.split(" ")[0] else {"command": command}, Path())


def _there() -> ConfigError:
    return ConfigError(f"{FILE} is there already; nothing was written", hint="edit it, or remove it first")


def _write(path: Path, text: str) -> Path:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _there() from None
    except OSError as problem:
        raise ConfigError(
            f"{FILE} cannot be written ({type(problem).__name__})", hint="check the folder's permissions and the disk"
        ) from None
    return path
