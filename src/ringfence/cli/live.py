"""A run as it happens, for a person: the plan, its forecast, each call with its verdict.

Its one rule: it only looks on. What it prints of data is made visible first.
"""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Final, final

from ringfence.cli.foretell import forecast_view, plan_view
from ringfence.core.encoding import dumps, to_json
from ringfence.guard.run import CallMade
from ringfence.guard.visible import visible
from ringfence.session.setup import PlannedRun

if TYPE_CHECKING:
    from rich.console import Console

_MAX_ARGUMENT: Final = 32
_MAX_LINE: Final = 66
_MAX_PARTS: Final = 200


@final
class LiveView:
    """A watcher that prints on a console."""

    def __init__(self, console: Console, trusted: frozenset[str], mode: str) -> None:
        self._console = console
        self._trusted = trusted
        self._mode = mode
        self._begun = False

    def heading(self, title: str) -> None:
        """A line that begins a part."""
        self._console.print()
        self._console.rule(title, align="left", style="cyan")

    def planned(self, planned: PlannedRun) -> None:
        """Show the plan and its forecast."""
        rounds = "" if planned.rounds < 2 else f", written in {planned.rounds} rounds"
        self.heading(f"Plan ({planned.checked.dialect}{rounds})")
        self._console.print(plan_view(planned.text))
        self.heading("Forecast: which data reaches which call, and what the policy will say")
        self._console.print(forecast_view(planned, self._trusted))
        self.heading("Calls" if self._mode != "observe" else "Calls (mode observe: nothing is blocked)")

    def called(self, made: CallMade) -> None:
        """Show a call and its verdict."""
        from rich.text import Text

        arguments = ", ".join(f"{name}={_short(value)}" for name, value in made.arguments.items())
        line = Text("  ")
        line.append(*self._verdict(made))
        line.append(f"  {made.tool}", style="bold")
        line.append(f"({arguments if len(arguments) <= _MAX_LINE else arguments[:_MAX_LINE] + '…'})")
        if made.rules:
            line.append(f"  [{', '.join(made.rules)}]", style="dim")
        self._console.print(line)

    def _verdict(self, made: CallMade) -> tuple[str, str]:
        if made.verdict == "allow":
            return "✓ allowed ", "green"
        if self._mode == "observe":
            return f"! would be {'denied' if made.verdict == 'deny' else 'asked'}", "bold red"
        return "✓ approved", "yellow"


def _short(value: object) -> str:
    if isinstance(value, (date, time)):
        return value.isoformat()
    text = visible(dumps(to_json(value, limit=_MAX_PARTS)))
    return text if len(text) <= _MAX_ARGUMENT else f"{text[: _MAX_ARGUMENT - 1]}…"
