"""One call of one tool, on its own: what the policy says of it, what it returns, and how that is labelled.

Its one rule: the call goes through the monitor like any other; there is no second way to call a tool. Nothing but the
arguments that are given here reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from ringfence.core.errors import ConfigError, PolicyDenied, RingfenceError, RunError, ToolError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import Plain
from ringfence.core.values import Labeled, List, Value, deep, element, label_of, unsafe_plain, unsafe_value
from ringfence.guard.approval import Approver
from ringfence.guard.decision import Decision
from ringfence.guard.labelling import UNKNOWN_SOURCE
from ringfence.guard.ruleset import Mode
from ringfence.guard.tools import Tool
from ringfence.session.arguments import PolicyChoice
from ringfence.session.firewall import Firewall
from ringfence.session.result import Result

OTHERS: Final = "tool:others"  # the source of arguments that are said to be not trusted


@final
@dataclass(frozen=True, slots=True)
class Part:
    """A record of a list that was returned, or the whole result, with its label."""

    value: Plain
    label: Label


@final
@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the call. `error` is None exactly when it was made and returned what it declares.

    verdict: "allow", "ask" or "deny", and `rules`, which gave it. parts: the records. problems: what is wrong with the
    labels. detail: what the tool said when it failed, for its author.
    """

    outcome: str
    verdict: str
    rules: tuple[str, ...]
    label: Label = TRUSTED_PUBLIC
    parts: tuple[Part, ...] = ()
    problems: tuple[str, ...] = ()
    error: RingfenceError | None = None
    detail: str = ""


def trial(
    tool: Tool,
    arguments: Mapping[str, object] | None = None,
    *,
    untrusted: Iterable[str] = (),
    among: Iterable[Tool] = (),
    user: str | None = None,
    policy: PolicyChoice = None,
    mode: Mode | None = None,
    approver: Approver | None = None,
) -> Trial:
    """Call a tool with arguments by their names. Those in `untrusted` come from others and are the user's alone.

    among: the other tools that the policy's file speaks of; they are not called.
    Raises ConfigError (C551) for arguments that the tool does not have.
    """
    given = {} if arguments is None else dict(arguments)
    doubted = frozenset(untrusted)
    _check(tool, given, doubted)
    others = [one for one in among if one.name != tool.name]
    with Firewall([tool, *others], policy=policy, mode=mode, user=user, approver=approver) as firewall:
        label = Label({OTHERS}, {firewall.config.user if user is None else user})
        values = {
            f"argument_{at}": Labeled(value, label if name in doubted else TRUSTED_PUBLIC)
            for at, (name, value) in enumerate(given.items())
        }
        passed = ", ".join(f"{name}=argument_{at}" for at, name in enumerate(given))
        return _trial(firewall.exec(f"result = {tool.name}({passed})", values))


def _check(tool: Tool, given: Mapping[str, object], doubted: frozenset[str]) -> None:
    known = [param.name for param in tool.signature.params if param.kind in ("positional", "keyword")]
    hint = f"it has {', '.join(known) or 'none'}"
    if not given.keys() <= set(known):
        raise ConfigError(f"{tool.name} has no such parameter", code="C551", hint=hint)
    if not doubted <= given.keys():
        raise ConfigError("an argument that is not given cannot be untrusted", code="C551", hint=hint)


def _trial(result: Result) -> Trial:
    error = result.error if isinstance(result.error, RingfenceError) else None
    if isinstance(error, RunError) and isinstance(error.__cause__, RunError):
        error = error.__cause__  # sound: whoever tries a tool is its author or user
    made = result.calls[0] if result.calls else None
    verdict, rules = ("allow", ()) if made is None else (made.verdict, made.rules)
    if isinstance(error, PolicyDenied) and isinstance(error.decision, Decision):
        verdict, rules = error.decision.verdict, error.decision.rules
    elif result.approval is not None:
        verdict, rules = "ask", tuple(result.approval.rules)
    if result.outcome != "completed":
        return Trial(result.outcome, verdict, rules, error=error, detail=_detail(error))
    value = result.variables["result"]
    parts = tuple(_parts(value))
    failed = sum(UNKNOWN_SOURCE in part.label.sources for part in parts)
    problems = (f"the label rule failed for {failed} of {len(parts)}",) if failed else ()
    return Trial(result.outcome, verdict, rules, deep(value), parts, problems)


def _parts(value: Value) -> Iterable[Part]:
    # Sound: whoever tries a tool is its author or user, and sees what it returns.
    holder = unsafe_value(value)
    if not isinstance(holder, List):
        yield Part(unsafe_plain(value), deep(value))
        return
    for at in range(len(holder.items)):
        part = element(holder, holder.items, at, label_of(value))
        yield Part(unsafe_plain(part), deep(part))


def _detail(error: RingfenceError | None) -> str:
    if not isinstance(error, ToolError):
        return ""
    text = unsafe_plain(error.detail)  # sound: for the tool's author
    return text if isinstance(text, str) else ""
