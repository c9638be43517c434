"""What a person is asked before a plan starts, and what a result says of questions, modes and bypasses.

Its one rule: a question about a plan shows the calls that the forecast says a person must approve, with the values that
are written in the plan; of all others it says where they will come from, and a yes takes them only where a person took
them by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast, final

from ringfence.core.encoding import Json, digest, dumps, to_json
from ringfence.core.errors import ConfigError
from ringfence.core.plain import Plain
from ringfence.guard.approval import (
    PLAN,
    Answer,
    ApprovalRequest,
    Approver,
    AskCallback,
    meant,
    now,
)
from ringfence.guard.coverage import Shown, causes_of, literal_digest
from ringfence.guard.drawing import asks_of, first_line
from ringfence.guard.policy import Policy
from ringfence.guard.preview import MAX_TAIL, MAX_TEXT, Form, Preview, PreviewArgument, PreviewPart
from ringfence.lang.tracing.foreseen import ForeseenCall
from ringfence.session.forecast import Forecast, ForecastArgument, ForecastCall, several

if TYPE_CHECKING:
    from ringfence.session.result import Result
    from ringfence.stores import Store

OBSERVED: Final = "[mode observe: nothing was blocked]"
POLICY_CHANGED: Final = "the policy has changed since this run began; what is not done yet is decided by the new one"


# The question about a plan


def plan_question(
    run: str, plan_hash: str, forecast: Forecast, policy: Policy, lifetime: timedelta, first: int = 0
) -> tuple[ApprovalRequest, tuple[Shown, ...]] | None:
    """The question about the calls of a plan that a person must, or may have to, approve. None if there are none.

    first: how many calls went before in the run, so that the same plan in a later round is another question.
    """
    known = {call.site.number: call for call in forecast.graph.calls}
    found = [
        (call, known[call.site.number])
        for call in forecast.calls
        if call.decision is not None
        and call.decision.verdict == "ask"
        and call.tool in policy.tools
        and not policy.tools[call.tool].orders  # what is to be carried out is seen before it is approved
    ]
    if not found:
        return None
    shown = tuple(_shown(call, foreseen) for call, foreseen in found)
    previews = tuple(_preview(call, foreseen, forecast, policy) for call, foreseen in found)
    rules = dict.fromkeys(rule for call, _ in found if call.decision is not None for rule in call.decision.rules)
    request = ApprovalRequest(
        run,
        plan_hash,
        PLAN,
        "(plan)",
        digest([*([first] if first else []), *map(_shown_json, shown, (call for call, _ in found))]),
        tuple(rules),
        Preview("(plan)", "write", "", (), (), previews),
        now() + lifetime,
        tuple(one.key(name) for one in shown for name in sorted(one.unseen)),
        lifetime,
    )
    return request, shown


def _shown(call: ForecastCall, foreseen: ForeseenCall) -> Shown:
    assert call.decision is not None
    literals = {one.name: literal_digest(_known(one, foreseen)) for one in call.arguments if _is_known(one, foreseen)}
    unseen = frozenset(one.name for one in call.arguments) - literals.keys()
    return Shown(
        call.site.number, call.tool, literals, unseen, causes_of(call.decision), frozenset(call.decision.rules)
    )


def _shown_json(shown: Shown, call: ForecastCall) -> Json:
    causes: list[Json] = [[*cause] for cause in sorted(shown.causes, key=repr)]
    unseen: dict[str, Json] = {one.name: [*one.sources] for one in call.arguments if one.name in shown.unseen}
    return [shown.site, shown.tool, {**shown.literals}, unseen, causes, [*sorted(shown.rules)]]


def _is_known(one: ForecastArgument, foreseen: ForeseenCall) -> bool:
    return foreseen.arguments[one.name].known is not None


def _known(one: ForecastArgument, foreseen: ForeseenCall) -> Plain:
    found = foreseen.arguments[one.name].known
    assert found is not None
    return found[0]


def _preview(call: ForecastCall, foreseen: ForeseenCall, forecast: Forecast, policy: Policy) -> Preview:
    tool = policy.tools[call.tool]
    arguments = [_argument(one, foreseen, forecast, policy, one.name in tool.audience) for one in call.arguments]
    assert call.decision is not None
    return Preview(
        call.tool,
        call.effect,
        first_line(tool.signature.description),
        tuple(sorted(arguments, key=lambda argument: not argument.audience)),
        asks_of(call.decision),
        line=call.site.span.line,
    )


def _argument(
    one: ForecastArgument, foreseen: ForeseenCall, forecast: Forecast, policy: Policy, audience: bool
) -> PreviewArgument:
    high = one.bounds.high
    trusted = high is not None and high.trusted(policy.trusted)
    if not _is_known(one, foreseen):
        return PreviewArgument(one.name, _origin(one, forecast), 0, (), 0, trusted, audience, "unseen")
    plain = _known(one, foreseen)
    text = plain if isinstance(plain, str) else dumps(to_json(plain))
    omitted = max(0, len(text) - MAX_TEXT)
    tail = text[-min(omitted, MAX_TAIL) :] if omitted else ""
    form: Form = "text" if isinstance(plain, str) else "json"
    parts = (PreviewPart("", (), None),)
    return PreviewArgument(one.name, text[:MAX_TEXT], omitted, parts, 0, trusted, audience, form, tail)


def _origin(one: ForecastArgument, forecast: Forecast) -> str:
    sources = several(one.sources, lambda source: _place(source, forecast))
    return f"whatever comes from {sources}" if sources else "what the plan computes"


def _place(source: str, forecast: Forecast) -> str:
    if source.startswith("given:"):
        return f"the given variable {source.removeprefix('given:')}"
    call = forecast.maker(source)
    return source.rpartition("#")[0] if call is None else f"{call.tool} (line {call.site.span.line})"


# Approvers


@final
class AskAsync:
    """Asks an `async` function; in the loop that was running when this was made, else in one of its own.

    An answer that does not come before the question's time is over is none: the run waits.
    """

    def __init__(self, callback: Callable[[ApprovalRequest], Awaitable[object]], by: str = "callback") -> None:
        self._callback = callback
        self._by = by
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def check_thread(self) -> None:
        """ConfigError if the loop that is to answer would wait for the answer."""
        with suppress(RuntimeError):
            if asyncio.get_running_loop() is self._loop:
                raise ConfigError("the loop that answers waits for the run", hint="await arun(), aexec() or aresume()")

    def decide(self, request: ApprovalRequest) -> Answer | None:
        """A yes, a no, an edit, or None."""
        left = (request.expires - now()).total_seconds()
        work = self._ask(request, left)
        if self._loop is None or self._loop.is_closed() or not self._loop.is_running():
            return asyncio.run(work)
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(left + 1)
        except (TimeoutError, CancelledError):
            return None

    async def _ask(self, request: ApprovalRequest, left: float) -> Answer | None:
        try:
            answer = await asyncio.wait_for(self._callback(request), left)
        except TimeoutError:
            return None
        return meant(answer, request, self._by)


def approver_of(chosen: object) -> Approver | None:
    """An approver, or a function that is one: `async` or not."""
    if chosen is None or hasattr(chosen, "decide"):
        return cast("Approver | None", chosen)
    if asyncio.iscoroutinefunction(chosen):
        return AskAsync(chosen)
    if callable(chosen):
        return AskCallback(chosen)
    raise ConfigError("approver= is nobody who can be asked", hint="a function of one argument, or one with decide()")


# What a result says of itself


def with_standing(result: Result, store: Store, questions: int, notes: tuple[str, ...]) -> Result:
    """The result with what everybody must see: how often a person was asked, the mode observe, bypasses in force."""
    text = result.text
    if result.mode == "observe" and text:
        text = f"{text}\n\n{OBSERVED}"
    return replace(result, text=text, questions=questions, bypasses=store.bypasses().active(now()), notes=notes)


def policy_digest(policy: Policy) -> str:
    """A digest of the rules in force, to see whether they changed while a run waited."""
    rules: dict[str, Json] = {
        tool: [[rule.id, rule.allow_text, rule.ask_text] for rule in found] for tool, found in policy.rules.items()
    }
    rest: dict[str, Json] = {name: [*told] for name, told in policy.vouching().items()}
    return digest({"rules": rules, "mode": policy.mode, "trusted": [*sorted(policy.trusted)], "rest": rest})
