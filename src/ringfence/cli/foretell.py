"""The forecast and the plan for people: a table of calls, what reaches them, and the expected verdicts.

Its one rule: what is not certain is shown as not certain; "may be untrusted" is never shown as trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Literal

from ringfence.core.labels import Everyone, Label
from ringfence.guard.visible import visible
from ringfence.lang.host import Bounds
from ringfence.session.forecast import Forecast, ForecastArgument, ForecastCall, several
from ringfence.session.setup import PlannedRun

if TYPE_CHECKING:
    from rich.console import RenderableType

STYLES: Final = {"allow": "green", "ask": "yellow", "deny": "bold red", "depends": "yellow"}
_SIGNS: Final = {"allow": "✓ allow", "ask": "? ask", "deny": "✗ deny"}
# By title the most columns that it takes; None: as many as it needs.
COLUMNS: Final[dict[str, int | None]] = {
    "line": None, "call": 20, "expected": None, "argument": 14, "comes from": 30, "trust": 22, "readers": 18,
}  # fmt: skip
_MAX_CELL: Final = 160
_MAX_NAMES: Final = 4


def plan_view(text: str) -> RenderableType:
    """The plan with line numbers and colours."""
    from rich.syntax import Syntax

    return Syntax(text.rstrip("\n"), "python", line_numbers=True, word_wrap=True, background_color="default")


def forecast_view(planned: PlannedRun, trusted: frozenset[str]) -> RenderableType:
    """Which data reaches which call, and what the policy will say."""
    from rich import box
    from rich.console import Group
    from rich.table import Table

    if not planned.forecast.calls:
        return "The plan makes no calls."
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for title, widest in COLUMNS.items():
        justify: Literal["left", "right"] = "right" if title == "line" else "left"
        table.add_column(title, justify=justify, overflow="fold", max_width=widest, no_wrap=widest is None)
    for call in planned.forecast.calls:
        _rows(table.add_row, call, planned.forecast, trusted)
    return Group(table, *why(planned))


def sign(call: ForecastCall) -> str:
    """The expected verdict in words; of what is not certain, the strictest that is possible."""
    if call.verdict != "depends":
        return _SIGNS[call.verdict]
    return "~ may ask" if call.decision is None or call.decision.verdict != "deny" else "~ may be denied"


def why(planned: PlannedRun) -> list[str]:
    """For each call that may not simply be allowed, what of it a rule wants."""
    made = []
    for call in planned.forecast.calls:
        if call.decision is not None and (call.decision.reasons or call.depends_on):
            wanted = dict.fromkeys(
                reason.predicate if reason.argument is None else f"{reason.predicate}({reason.argument})"
                for reason in call.decision.reasons
            )
            wanted |= dict.fromkeys(call.depends_on)
            when = "because" if call.verdict in ("ask", "deny") else "unless"
            rest = "does not hold" if when == "because" else "holds then"
            made.append(f"line {call.site.span.line}, {call.tool}: {sign(call)[2:]} {when} {', '.join(wanted)} {rest}")
    return made


def _rows(add: Callable[..., None], call: ForecastCall, forecast: Forecast, trusted: frozenset[str]) -> None:
    from rich.text import Text

    place = str(call.site.span.line)
    name = Text(call.tool + ("" if call.certain else " (perhaps)"), style="bold" if call.effect == "write" else "")
    verdict = Text(sign(call), style=STYLES[call.verdict])
    first: tuple[object, ...] = (place, name, verdict)
    for argument in call.arguments:
        risky = is_risky(argument.bounds, trusted)
        add(
            *first,
            argument.name,
            cell(argument_text(argument, forecast)),
            Text(trust_text(argument.bounds, trusted), style="red" if risky else "green"),
            cell(readers_text(argument.bounds)),
        )
        first = ("", "", "")
    if not call.arguments:
        add(*first, "", "", "", "")


def cell(text: str) -> str:
    """Text of a plan for one cell of a table."""
    shown = visible(text)
    return shown if len(shown) <= _MAX_CELL else f"{shown[:_MAX_CELL]}…"


def argument_text(argument: ForecastArgument, forecast: Forecast) -> str:
    """Where an argument comes from: the plan's own text, or calls and given variables."""
    if argument.sources:
        return several(argument.sources, lambda source: source_text(source, forecast))
    return f"the plan: {argument.text}"


def source_text(source: str, forecast: Forecast) -> str:
    """ "list_events#0" as "list_events (line 2)", "given:x" as "x (given)"."""
    if source.startswith("given:"):
        return f"{source.removeprefix('given:')} (given)"
    call = forecast.maker(source)
    return source.rpartition("#")[0] if call is None else f"{call.tool} (line {call.site.span.line})"


def is_risky(bounds: Bounds, trusted: frozenset[str]) -> bool:
    """Whether the value may hold what untrusted sources wrote."""
    return bounds.high is None or not bounds.high.trusted(trusted)


def trust_text(bounds: Bounds, trusted: frozenset[str]) -> str:
    """What is known of the sources."""
    if not is_risky(bounds, trusted):
        return "trusted"
    certain = sorted(bounds.low.sources - trusted)
    if certain:
        return f"untrusted: {_names(certain)}"
    return "may be untrusted"


def readers_text(bounds: Bounds) -> str:
    """Who may read the value, as far as that is known."""
    if bounds.high is None:
        return "known at run time" if bounds.low.public else f"at most {_readers(bounds.low)}"
    if bounds.low.readers == bounds.high.readers:
        return _readers(bounds.high)
    return f"at least {_readers(bounds.high)}"


def _readers(label: Label) -> str:
    readers = label.readers
    return "everyone" if isinstance(readers, Everyone) else _names(sorted(readers)) if readers else "nobody"


def _names(names: Iterable[str]) -> str:
    found = [visible(name)[:60] for name in names]
    more = len(found) - _MAX_NAMES
    return ", ".join(found[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
