"""What everybody must see on every status output: bypasses in force. And the store of commands that need one.

Its one rule: whoever looks at a store while something is bypassed is told so, on stderr, whatever else was asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ringfence.cli import options
from ringfence.cli.output import note
from ringfence.cli.place import configuration
from ringfence.core.errors import ConfigError
from ringfence.guard.bypass import Bypass
from ringfence.guard.clock import now
from ringfence.guard.visible import visible
from ringfence.stores import Store, open_store


def opened_store(store: str | None, policy: str | None, workspace: str | None) -> Store:
    """The store of a command that only makes sense with one that is there. ConfigError (C509), AuditError."""
    place = options.store_of(configuration(policy, workspace), store)
    if place is None:
        raise ConfigError(
            "there is no store", code="C509", hint="give --store PATH, or do it in a workspace or with --workspace DIR"
        )
    if "://" not in place and not Path(place).exists():
        raise ConfigError(f"there is no store at {place}", code="C509", hint="nothing has been run there yet")
    kept = open_store(place)
    warn(kept.bypasses().active(now()))
    return kept


def warn(bypasses: Iterable[Bypass]) -> None:
    """Say on stderr which tools nothing is stopped of."""
    for one in bypasses:
        note(
            f"BYPASS {one.id}: nothing that {visible(one.tool)} does is stopped until {one.ends:%Y-%m-%d %H:%M} UTC "
            f"({visible(one.by)}: {visible(one.reason)}); `ringfence bypass stop {one.id}` ends it"
        )
