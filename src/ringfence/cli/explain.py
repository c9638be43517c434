"""`ringfence explain CODE`: what a code means. Its one rule: it says what the registry says."""

from __future__ import annotations

from difflib import get_close_matches

import click

from ringfence.cli import options
from ringfence.cli.output import emit, say
from ringfence.core.codes import CODES


@click.command("explain")
@click.argument("code", required=False)
@options.as_json
def command(code: str | None, as_json: bool) -> int:
    """What CODE means and what to do; without CODE, all codes."""
    if code is None:
        if as_json:
            emit({name: {"title": title, "text": text} for name, (title, text) in CODES.items()})
        else:
            say("\n".join(f"{name}  {title}" for name, (title, _) in sorted(CODES.items())))
        return 0
    name = code.strip().upper()
    if name not in CODES:
        near = get_close_matches(name, CODES, 1, 0.7)
        hint = f"did you mean {near[0]}?" if near else "`ringfence explain` lists them"
        raise click.UsageError(f"there is no code {code[:20]!r}: {hint}")
    title, text = CODES[name]
    if as_json:
        emit({"code": name, "title": title, "text": text})
    else:
        say(f"{name}: {title}\n\n{click.wrap_text(text, 78)}")
    return 0
