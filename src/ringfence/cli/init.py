"""`ringfence init`: a first configuration, or a demonstration workspace. Its one rule: nothing is overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from ringfence.cli import options
from ringfence.cli.output import emit, note
from ringfence.config import FILE
from ringfence.core.errors import ConfigError

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


@click.command("init")
@click.option("--demo", metavar="DIR", help="Write a demonstration workspace into a new or empty folder.")
@click.option("--attacked", is_flag=True, help="With --demo: an attacker has written into calendar, mail and files.")
@options.together(options.tools, options.as_json)
def command(demo: str | None, attacked: bool, tools: str | None, as_json: bool) -> int:
    """Write ./ringfence.toml, with --tools one for these tools; or with --demo a whole workspace to try things in."""
    if demo is not None and tools is not None:
        raise click.UsageError("--tools goes without --demo")
    if demo is None:
        if attacked:
            raise click.UsageError("--attacked goes with --demo DIR")
        made = _configuration(Path(FILE), tools)
        note(f"wrote {made}; every line says what it is for")
    else:
        from ringfence.connectors.demo import create_demo

        made = create_demo(Path(demo), today=datetime.now(UTC).date(), attacked=attacked).path
        note(f'wrote a workspace into {made}; try: cd {made} && ringfence run "What is on my schedule today?"')
    if as_json:
        emit({"path": str(made), "workspace": demo is not None, "attacked": attacked})
    return 0


def _configuration(path: Path, tools: str | None) -> Path:
    text = _TEMPLATE
    if tools is not None:
        from ringfence.cli.loading import load_tools
        from ringfence.cli.starting import starting

        text = _HEAD + starting(load_tools(tools))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{FILE} is there already; nothing was written", hint="edit it, or remove it first") from None
    except OSError as problem:
        raise ConfigError(
            f"{FILE} cannot be written ({type(problem).__name__})", hint="check the folder's permissions and the disk"
        ) from None
    return path
