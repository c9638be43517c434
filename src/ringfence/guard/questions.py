"""What a person is asked in a run: one call, or a request before there is a plan.

Its one rule: a question is drawn from the labelled values and the decision alone, never by a model, and has an end.
Who is asked, and what an answer means, is not known here (guard/consent.py).
"""

from __future__ import annotations

from datetime import timedelta
from typing import final

from ringfence.core.labels import Label
from ringfence.core.values import wrap
from ringfence.guard.approval import REQUEST, ApprovalRequest
from ringfence.guard.clock import Clock
from ringfence.guard.decision import Decision
from ringfence.guard.drawing import draw
from ringfence.guard.journal import value_digest
from ringfence.guard.run import Run
from ringfence.guard.tools import Tool
from ringfence.lang.host import HostCall


@final
class Questions:
    """The questions of one run; each ends after `lifetime`."""

    def __init__(self, run: Run, trusted: frozenset[str], clock: Clock, lifetime: timedelta) -> None:
        self._run = run
        self._trusted = trusted
        self._clock = clock
        self._lifetime = lifetime

    def about_call(self, call: HostCall, tool: Tool | None, digest: str, decision: Decision) -> ApprovalRequest:
        """May this call be made? `digest` is that of its arguments; without a tool it is a quarantined one."""
        effect, description = ("read", "") if tool is None else (tool.effect, tool.signature.description)
        audience, orders = ((), "") if tool is None else (tool.audience, tool.orders)
        made = {one.index: one.tool for one in self._run.calls}
        preview = draw(
            call.name, effect, description, audience, call.arguments, decision, self._trusted,
            call.site.span.line, made, orders,
        )  # fmt: skip
        trusting = [reason.argument for reason in decision.reasons if reason.predicate == "trusted"]
        # A yes to orders is one to this call, with these tools: the same text in another call is asked about again.
        endorsable = tuple(dict.fromkeys(name for name in trusting if name is not None and name != orders))
        return ApprovalRequest(
            self._run.id,
            self._run.plan_hash,
            call.index,
            call.name,
            digest,
            decision.rules,
            preview,
            self._clock() + self._lifetime,
            endorsable,
            self._lifetime,
        )

    def about_request(self, text: str) -> ApprovalRequest:
        """May this request be planned, which a screen found suspicious?"""
        decision = Decision("ask", "(request)", ("screens.ask",), code="P410")
        value = wrap(text, Label({"user"}))
        preview = draw("(request)", "write", "", (), {"request": value}, decision, self._trusted, orders="request")
        expires = self._clock() + self._lifetime
        return ApprovalRequest(
            self._run.id, "", REQUEST, "(request)", value_digest(value), decision.rules, preview, expires, (),
            self._lifetime,
        )  # fmt: skip
