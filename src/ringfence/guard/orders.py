"""Orders: the text in an argument of a call that is to be carried out, as a tool's `orders` names it.

Its one rule: orders count as the user's own words only where a person said yes to this very call and was shown all of
them. So a person is not asked about orders that are too long to be shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import final

from ringfence.core.encoding import Part, label_written
from ringfence.core.labels import Label, join_all
from ringfence.core.values import deep, unsafe_plain
from ringfence.guard.audit import Record
from ringfence.guard.decision import Decision
from ringfence.guard.drawing import is_cut_off
from ringfence.guard.preview import MAX_TEXT
from ringfence.guard.run import values_of
from ringfence.guard.tools import Tool
from ringfence.lang.host import HostCall


@final
class Orders:
    """The calls of one run that carry something out."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._given: dict[int, tuple[HostCall, Tool, bool]] = {}  # by their index; whether a person was asked

    def give(self, call: HostCall, tool: Tool, *, asked: bool) -> None:
        """The call may be made, as it is now."""
        self._given[call.index] = (call, tool, asked)

    def label(self, index: int, *, vouched: bool) -> Label:
        """The label under which a call carries out its orders: that of its arguments and of its place.

        `vouched`: the orders are to count as the user's own. They do if a person said yes to this very call, as it was
        shown whole, whichever rule asked, and for nothing else; who may read them stays as it was.
        """
        call, tool, asked = self._given[index]
        label = deep(call.arguments[tool.orders])
        after = Label({"user"}, label.readers) if vouched and asked and _is_shown_whole(call, tool) else label
        if after is not label:
            data: dict[str, Part] = {"index": index, "tool": call.name, "endorsed": tool.orders, "verdict": "allow"}
            self._record("decision", {**data, "label": label_written(label), "after": label_written(after)}, True)
        rest = (deep(value) for name, value in values_of(call).items() if name != tool.orders)
        return join_all(rest).join(after).join(call.pc)


def showable(decision: Decision, call: HostCall, tool: Tool | None) -> Decision:
    """A denial instead of a question about orders that are too long to be shown whole."""
    if tool is None or decision.verdict != "ask" or all(one.argument != tool.orders for one in decision.reasons):
        return decision
    if _is_shown_whole(call, tool):
        return decision
    remedy = f"take the part that is to be done: a person can be shown {MAX_TEXT:,} characters"
    return replace(decision, verdict="deny", code="P401", remedies=(remedy,))


def _is_shown_whole(call: HostCall, tool: Tool) -> bool:
    # Sound: all that leaves this is whether the text is too long for a person to be asked about, as a question says.
    return not is_cut_off(unsafe_plain(call.arguments[tool.orders]))
