"""What a plan will ask of the policy, told before it runs: which data reaches which sink, with the expected verdict.

Its one rule: a forecast is only as certain as the bounds of the labels are; what is open is "depends". It decides
nothing: a certain denial is the policy's own, found early (P402).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, final

from ringfence.core.encoding import Json, label_to_json
from ringfence.core.errors import PolicyDenied
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import wrap
from ringfence.guard.decision import Decision
from ringfence.guard.decision import Forecast as Expected
from ringfence.guard.policy import ArgumentView, Policy
from ringfence.guard.ruleset import VERBS
from ringfence.lang.host import UNKNOWN, Bounds, Site
from ringfence.lang.tracing.foreseen import FlowGraph, ForeseenArgument, ForeseenCall

_MOST_SOURCES: Final = 12


@final
@dataclass(frozen=True, slots=True)
class ForecastArgument:
    """An argument before the run. `literal`: it is written in the plan."""

    name: str
    seen: ForeseenArgument
    literal: bool

    @property
    def text(self) -> str:
        """Its text in the plan."""
        return self.seen.text

    @property
    def bounds(self) -> Bounds:
        """Those of its label."""
        return self.seen.bounds

    @property
    def sources(self) -> Sequence[str]:
        """The calls and given variables it comes from: "TOOL#SITE" and "given:NAME"."""
        return self.seen.sources


@final
@dataclass(frozen=True, slots=True)
class ForecastCall:
    """A call before the run. `certain`: every run that gets to an end makes it. `effect` is "read" or "write".

    `depends_on`: if the verdict is "depends", the parts of rules that are not known yet.
    """

    site: Site
    tool: str
    effect: str
    verdict: Expected
    certain: bool
    pc: Bounds
    arguments: tuple[ForecastArgument, ...]
    decision: Decision | None
    depends_on: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """For `ringfence plan --json`."""
        return {
            "site": self.site.number,
            "line": self.site.span.line,
            "tool": self.tool,
            "effect": self.effect,
            "verdict": self.verdict,
            "certain": self.certain,
            "place": bounds_json(self.pc),
            "arguments": [
                {
                    "name": one.name,
                    "text": one.text,
                    "literal": one.literal,
                    "from": [*one.sources],
                    **bounds_json(one.bounds),
                }
                for one in self.arguments
            ],
            "depends_on": [*self.depends_on],
            "reasons": [] if self.decision is None else [reason.render() for reason in self.decision.reasons],
        }


@final
@dataclass(frozen=True, slots=True)
class Forecast:
    """All calls of a plan in the order of its text, and the graph that they were found in."""

    calls: tuple[ForecastCall, ...]
    graph: FlowGraph

    def maker(self, source: str) -> ForecastCall | None:
        """The call that a source ("list_events#0") names."""
        name, _, number = source.rpartition("#")
        if not name or not number.isdecimal():
            return None
        index = bisect_left(self.calls, int(number), key=lambda call: call.site.number)
        found = self.calls[index] if index < len(self.calls) else None
        return found if found is not None and (found.tool, found.site.number) == (name, int(number)) else None

    @property
    def literals(self) -> dict[int, frozenset[str]]:
        """By a site's number, the parameters whose arguments are written in the plan."""
        return {call.site.number: frozenset(one.name for one in call.arguments if one.literal) for call in self.calls}

    def denial(self, bypassed: frozenset[str] = frozenset()) -> PolicyDenied | None:
        """The denial (P402) of the first call that the plan certainly makes and that is certainly denied, or None.

        `bypassed` are the tools of which nothing is stopped now.
        """
        for call in self.calls:
            if call.tool in bypassed:
                continue
            if call.certain and call.verdict == "deny" and call.decision is not None:
                remedies = call.decision.remedies
                return PolicyDenied(
                    f"{call.tool} would be denied ({', '.join(call.decision.rules)}), so nothing has run",
                    code="P402",
                    hint="; ".join(remedies) if remedies else None,
                    decision=call.decision,
                    span=call.site.span,
                )
        return None

    def to_json(self) -> list[Json]:
        """For `ringfence plan --json`."""
        return [call.to_json() for call in self.calls]


def several(sources: Sequence[str], place: Callable[[str], str]) -> str:
    """What an argument comes from, for people: so many that they can be read, and how many more there are."""
    shown = [place(source) for source in islice(sources, _MOST_SOURCES)]
    more = len(sources) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def bounds_json(bounds: Bounds) -> dict[str, Json]:
    """What is known of a label: `{"low": label, "high": label | null}`."""
    return {"low": label_to_json(bounds.low), "high": None if bounds.high is None else label_to_json(bounds.high)}


def forecast(graph: FlowGraph, policy: Policy) -> Forecast:
    """The forecast of a checked plan under a policy."""
    return Forecast(tuple(_call(call, policy) for call in graph.calls), graph)


def _call(call: ForeseenCall, policy: Policy) -> ForecastCall:
    name = call.site.name if call.site.name in VERBS else call.name
    views = _views(name, call.arguments)
    verdict = policy.forecast(name, views, call.pc)
    # The reasons are those of the strictest verdict that is possible: why it might be asked or denied.
    decision = None if verdict == "allow" else policy.decide(name, views, call.pc)
    tool = policy.tools.get(name)
    return ForecastCall(
        call.site,
        call.name,
        "read" if tool is None else tool.effect,
        verdict,
        call.certain,
        call.pc,
        tuple(ForecastArgument(key, found, _written(found)) for key, found in call.arguments.items()),
        decision,
        policy.open(name, views, call.pc) if verdict == "depends" else (),
    )


def _views(name: str, arguments: Mapping[str, ForeseenArgument]) -> dict[str, ArgumentView]:
    views = {key: _view(found) for key, found in arguments.items()}
    if name in VERBS:
        if "items" in views:  # each call gets one of them, whose label may be lower than that of all
            items = views["items"]
            one = ArgumentView(Bounds(TRUSTED_PUBLIC, items.bounds.high), None, items.literal)
            views.setdefault("data", one)
        for parameter in _missing(VERBS[name], views):
            views[parameter] = ArgumentView(UNKNOWN)
    return views


def _missing(parameters: Iterable[str], views: Mapping[str, ArgumentView]) -> list[str]:
    return [parameter for parameter in parameters if parameter not in views]


def _view(found: ForeseenArgument) -> ArgumentView:
    known = None if found.known is None else (wrap(found.known[0], TRUSTED_PUBLIC),)
    return ArgumentView(found.bounds, known, _written(found))


def _written(found: ForeseenArgument) -> bool:
    """Whether the argument is written in the plan, and nothing can have raised its label: as the monitor sees it."""
    return found.known is not None and found.bounds.high is TRUSTED_PUBLIC
