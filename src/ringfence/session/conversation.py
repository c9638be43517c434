"""Several turns with one user: what was answered and found before is there for the next plan, by name.

    talk = firewall.conversation()
    talk.say("Which of my mails are about the budget?")
    talk.say("Send that to Ann")

Its one rule: the planner sees the user's own requests, and names, types and sources of earlier answers and variables;
their content goes to plans with its labels, and never into a prompt. Turns are a chain under a key: what was changed,
added or left out outside of this object is refused (E372). A conversation belongs to one thread at a time.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Final, cast, final

from ringfence import lang
from ringfence.core.encoding import (
    EncodingError,
    Json,
    canonical_json,
    label_from_json,
    label_to_json,
    labelled_from_json,
    labelled_to_json,
)
from ringfence.core.errors import AuditError, ConfigError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value, deep
from ringfence.lang import ir
from ringfence.lang.analysis.kinds import ANY, Kinds, common
from ringfence.lang.scope import walk
from ringfence.lang.tracing.foreseen import FlowGraph
from ringfence.session.result import Result
from ringfence.session.rounds import (
    Known,
    Round,
    kept,
    known_after,
    known_from_json,
    known_to_json,
    names_after,
    origin_of,
)

if TYPE_CHECKING:
    from ringfence.session.firewall import Firewall

MAX_TURNS: Final = 20
MAX_VARIABLES: Final = 60
_SHOWN: Final = 10
_LONGEST: Final = 2_000
_START: Final = "0" * 64


@final
@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what the user asked, what is left of it, and the end of the chain up to here."""

    number: int
    request: str
    run: str
    variables: Mapping[str, Value]
    known: tuple[Known, ...]
    pc: Label
    seal: str


@final
class Conversation:
    """A conversation; `Firewall.conversation()` makes one."""

    def __init__(self, firewall: Firewall, key: bytes, stored: Json | None = None) -> None:
        """`stored` is what `to_json` gave. Raises AuditError (E372) for what this key did not seal."""
        self._firewall = firewall
        self._key = key
        self.turns: tuple[Turn, ...] = () if stored is None else self._read(stored)
        self._waiting: tuple[str, str] | None = None

    def say(self, request: str, *, today: date | None = None) -> Result:
        """The next turn: planned with what is known of the earlier ones, run, and remembered. As `Firewall.run`."""
        if len(self.turns) >= MAX_TURNS:
            raise ConfigError(f"a conversation has at most {MAX_TURNS} turns", code="C504", hint="begin a new one")
        self.verify()
        result = self._firewall.run(request, today=today, begun=self._begin())
        return self._remembered(request, result)

    def resume(self) -> Result:
        """Go on with the turn that waits for an approval."""
        if self._waiting is None:
            raise ConfigError("no turn of this conversation waits", code="C510")
        request, run = self._waiting
        return self._remembered(request, self._firewall.resume(run))

    def _remembered(self, request: str, result: Result) -> Result:
        self._waiting = (request, result.run_id) if result.outcome == "waiting" else None
        if result.outcome == "completed" and result.forecast is not None:
            self.turns = (*self.turns, self._turn(request, result))
        return result

    def _begin(self) -> Round:
        """What the next turn begins with."""
        if not self.turns:
            return Round()
        last = self.turns[-1]
        return Round(pc=last.pc, given=last.variables, known=last.known, history=(self._told(),))

    def _told(self) -> str:
        """What the planner is told of earlier turns: the user's words, and the names of the answers."""
        lines = ["Earlier in this conversation the user asked (the answers are variables):"]
        for turn in self.turns[-_SHOWN:]:
            lines.append(f"    {turn.request[:_LONGEST]}   -> {_answer_name(turn.number)}")
        return "\n".join(lines)

    def _turn(self, request: str, result: Result) -> Turn:
        begun, number = result.begun, len(self.turns) + 1
        assert result.forecast is not None
        graph = result.forecast.graph
        plan = lang.parse(result.plan)
        signatures = self._firewall.signatures
        kinds = Kinds(plan, signatures, {one.name: one.type for one in begun.known})
        names = names_after(plan, begun.given, signatures)
        ran = lang.RunResult("completed", None, result.variables, 0, ended=_all(result.variables))
        variables = kept(names, ran, begun.pc)
        known = known_after(graph, kinds, names, begun.known, begun.pc, sure=True)
        name = _answer_name(number)
        answered = kept((name,), lang.RunResult("completed", None, {name: result.answer}, 0), begun.pc)
        shown = _answered(name, plan, graph, kinds, begun)
        known = (*(one for one in known if one.name != name), shown)[-MAX_VARIABLES:]
        variables = {one.name: {**variables, **answered}[one.name] for one in known}
        turn = Turn(number, request, result.run_id, variables, known, begun.pc, "")
        return replace(turn, seal=self._seal(turn, self.turns[-1].seal if self.turns else _START))

    # The chain

    def verify(self) -> None:
        """Raise AuditError (E372) if a turn is not what was sealed."""
        before = _START
        for number, turn in enumerate(self.turns, 1):
            if turn.number != number or not hmac.compare_digest(turn.seal, self._seal(turn, before)):
                raise _forged()
            before = turn.seal

    def to_json(self) -> Json:
        """The conversation, for a place that need not be trusted. It holds what was found: it is as private as that."""
        return {"turns": [_turn_json(turn) for turn in self.turns]}

    def _seal(self, turn: Turn, before: str) -> str:
        written = _turn_json(turn)
        written.pop("seal")
        return self._sealed(written, before)

    def _sealed(self, written: dict[str, Json], before: str) -> str:
        return hmac.new(self._key, f"{before}{canonical_json(written)}".encode(), sha256).hexdigest()

    def _read(self, stored: Json) -> tuple[Turn, ...]:
        try:
            found = cast("dict[str, list[Json]]", stored)["turns"]
            before = _START
            for number, one in enumerate(found, 1):
                written = dict(cast("dict[str, Json]", one))
                seal = str(written.pop("seal"))
                if written["number"] != number or not hmac.compare_digest(seal, self._sealed(written, before)):
                    raise _forged()
                before = seal
            return self._again(tuple(_turn_from_json(one) for one in found))
        except (EncodingError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
            raise _forged() from problem

    def _again(self, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
        """Turns that were verified, sealed as they are in memory."""
        made: list[Turn] = []
        for turn in turns:
            made.append(replace(turn, seal=self._seal(turn, made[-1].seal if made else _START)))
        return tuple(made)


def _answered(name: str, plan: ir.Plan, graph: FlowGraph, kinds: Kinds, begun: Round) -> Known:
    """What the plan's text says of its answer."""
    calls = [
        node.args[0]
        for node in walk(plan.body)
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id == "answer" and node.args
    ]
    last = plan.body[-1] if plan.body else None
    ending = [last.value] if not calls and isinstance(last, ir.ExprStatement) else calls
    kind = common(kinds.of(one) for one in ending) if ending else ANY
    origin = origin_of(graph.answer, {one.name: one for one in begun.known})
    return Known(name, kind, f"the answer, {origin}")


def _answer_name(number: int) -> str:
    return f"answer_{number}"


def _all(variables: Mapping[str, Value]) -> Label:
    label = TRUSTED_PUBLIC
    for value in variables.values():
        label = label.join(deep(value))
    return label


def _turn_json(turn: Turn) -> dict[str, Json]:
    return {
        "number": turn.number,
        "request": turn.request,
        "run": turn.run,
        "variables": {name: labelled_to_json(value) for name, value in turn.variables.items()},
        "known": [known_to_json(one) for one in turn.known],
        "pc": label_to_json(turn.pc),
        "seal": turn.seal,
    }


def _turn_from_json(stored: Json) -> Turn:
    found = cast("dict[str, Json]", stored)
    variables = cast("dict[str, Json]", found["variables"])
    known = tuple(known_from_json(one) for one in cast("list[Json]", found["known"]))
    values = {name: labelled_from_json(value) for name, value in variables.items()}
    number = found["number"]
    if not isinstance(number, int) or set(values) != {one.name for one in known}:
        raise EncodingError("a turn of a conversation")
    return Turn(
        number,
        str(found["request"]),
        str(found["run"]),
        values,
        known,
        label_from_json(found["pc"]),
        str(found["seal"]),
    )


def _forged() -> AuditError:
    return AuditError(
        "the history of this conversation is not what was sealed", code="E372", hint="begin a new conversation"
    )
