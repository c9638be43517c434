"""What a run tells OpenTelemetry. The names of the conventions stand here and nowhere else.

Its one rule: names, counts, codes and times, never a value. `opentelemetry-api` is used if it is installed, and says
nothing unless the application has set up an SDK (the extra "telemetry"). GenAI conventions are still in development.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol, cast

from ringfence.llm.accounting import Role, Usage

SCOPE: Final = "ringfence"
RUN: Final = "ringfence.run"
RUN_ID: Final = "ringfence.run.id"
OUTCOME: Final = "ringfence.run.outcome"
ROUNDS: Final = "ringfence.run.rounds"
CALLS: Final = "ringfence.run.calls"
CODE: Final = "error.type"
MODE: Final = "ringfence.mode"
INPUT: Final = "gen_ai.usage.input_tokens"
OUTPUT: Final = "gen_ai.usage.output_tokens"
ROLE: Final = "ringfence.role"
MONEY: Final = "ringfence.usage.money"
SECONDS: Final = "gen_ai.client.operation.duration"
USED: Final = "ringfence.usage"


class Span(Protocol):
    """What is used of a span."""

    def set_attribute(self, key: str, value: str | int | float) -> None: ...

    def add_event(self, name: str, attributes: Mapping[str, str | int | float] | None = None) -> None: ...


def run_span(run: str, mode: str) -> AbstractContextManager[Span | None]:
    """A span around one run; nothing without the package."""
    try:
        from opentelemetry import trace
    except ImportError:
        return nullcontext(None)
    tracer = trace.get_tracer(SCOPE)
    started = tracer.start_as_current_span(RUN, attributes={RUN_ID: run, MODE: mode}, record_exception=False)
    return cast("AbstractContextManager[Span | None]", started)


def tell(
    span: Span | None, outcome: str, code: str | None, rounds: int, calls: int, used: Mapping[Role, Usage]
) -> None:
    """How the run ended, and an event for each role of what it used."""
    if span is None:
        return
    total = Usage()
    for role, usage in used.items():
        total += usage
        attributes: dict[str, str | int | float] = {ROLE: role, INPUT: usage.input_tokens, OUTPUT: usage.output_tokens}
        attributes[SECONDS] = usage.seconds
        if usage.money is not None:
            attributes[MONEY] = usage.money
        span.add_event(USED, attributes)
    for key, value in ((OUTCOME, outcome), (ROUNDS, rounds), (CALLS, calls)):
        span.set_attribute(key, value)
    span.set_attribute(INPUT, total.input_tokens)
    span.set_attribute(OUTPUT, total.output_tokens)
    if code is not None:
        span.set_attribute(CODE, code)
