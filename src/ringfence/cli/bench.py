"""`ringfence bench`: what the product lets through, what it costs and whom it interrupts. Each benchmark is imported
when it is called.

Its one rule: a benchmark that needs an extra says which.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

BENCHMARKS: Final[dict[str, tuple[str, str]]] = {
    "screens": ("ringfence.bench.screens.command", "Detectors: precision, recall, false positives, speed; a red team."),
    "attack": ("ringfence.bench.adaptive.command", "An adaptive attacker against a live firewall."),
    "agentdojo": ("ringfence.bench.agentdojo.command", "AgentDojo: utility, attacks and interruptions."),
    "replay": ("ringfence.bench.replay.command", "Attacks that succeeded on agents without a firewall, replayed."),
}


class _Benchmarks(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(BENCHMARKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in BENCHMARKS:
            return None
        command = import_module(BENCHMARKS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in BENCHMARKS.items()])


@click.group("bench", cls=_Benchmarks)
def command() -> None:
    """Measure what Ringfence lets through, what it costs and whom it interrupts."""
