"""A case study, all of it: every task as usual, every attack without the firewall and with it.

Its one rule: each run has a folder of its own, and both sides are given the same world.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from ringfence.bench.agentdojo.attacker import HostileReader, Knowledge
from ringfence.bench.cases.case import Attack, Case, Task
from ringfence.bench.cases.deployment import missing
from ringfence.bench.cases.guarded import Guarded, guarded
from ringfence.bench.cases.obeying import views
from ringfence.bench.cases.unguarded import Unguarded, honest, unguarded
from ringfence.core.encoding import Json
from ringfence.core.plain import Plain
from ringfence.guard.models import QuarantineModel
from ringfence.llm.models import ChatModel
from ringfence.schema import Type

TURNS: Final = 4
_LONGEST: Final = 2_000
_MOST_WORDS: Final = 20
_WORD: Final = re.compile(r"\w+")
_ANYWHERE: Final = ("eval", "0.0.1", "0")


@final
@dataclass(frozen=True, slots=True)
class Served:
    """A task on an ordinary day, without the firewall and with it."""

    task: Task
    without: Unguarded
    within: Guarded

    @property
    def held(self) -> bool:
        """Whether the firewall lets the task be done."""
        return self.within.done and self.within.outcome in ("completed", "refused")

    def to_json(self) -> dict[str, Json]:
        """As an object."""
        about: dict[str, Json] = {"name": self.task.name, "dialect": self.task.dialect}
        return {**about, "without": self.without.to_json(), "with": self.within.to_json()}


@final
@dataclass(frozen=True, slots=True)
class Attacked:
    """An attack, without the firewall and with it: (who reads untrusted text, how it ended)."""

    attack: Attack
    without: Unguarded
    within: tuple[tuple[str, Guarded], ...]

    @property
    def held(self) -> bool:
        """Whether the attacker got nothing with the firewall, whoever read."""
        return all(ended.harm is None for _, ended in self.within)

    def to_json(self) -> dict[str, Json]:
        """As an object."""
        attack = self.attack
        within: list[Json] = [{"reader": reader, **ended.to_json()} for reader, ended in self.within]
        return {
            "name": attack.name,
            "kind": attack.kind,
            "task": attack.task,
            "planted": attack.planted,
            "without": self.without.to_json(),
            "with": within,
        }


@final
@dataclass(frozen=True, slots=True)
class LeftOut:
    """A task or an attack that this machine cannot show, and why."""

    name: str
    why: str

    def to_json(self) -> dict[str, Json]:
        """As an object."""
        return {"name": self.name, "why": self.why}


@final
@dataclass(frozen=True, slots=True)
class Study:
    """A case study that was carried out."""

    case: Case
    tasks: tuple[Served, ...]
    attacks: tuple[Attacked, ...]
    left_out: tuple[LeftOut, ...] = ()
    simulated: bool = True

    @property
    def held(self) -> bool:
        """Whether every task is done and no attack does harm with the firewall."""
        return all(one.held for one in self.tasks) and all(one.held for one in self.attacks)

    def to_json(self) -> dict[str, Json]:
        """As an object."""
        return {
            "case": self.case.name,
            "title": self.case.title,
            "patterns": [*self.case.patterns],
            "stage": self.case.stage,
            "simulated": self.simulated,
            "tasks": [one.to_json() for one in self.tasks],
            "attacks": [one.to_json() for one in self.attacks],
            "left_out": [one.to_json() for one in self.left_out],
            "held": self.held,
        }


@final
@dataclass(frozen=True, slots=True)
class Minds:
    """Real models: the one that plans, and without the firewall does everything; and the one that reads."""

    planner: ChatModel
    reader: QuarantineModel


def studied(
    case: Case, base: Path, turns: int = TURNS, minds: Minds | None = None
) -> Iterator[Served | Attacked | LeftOut]:
    """Carry it out in folders below `base`, one after the other; `turns`: how many hostile readers each attack has.

    `minds`: real models in place of the simulated one and of what was written beside the plans. Raises ModelError.
    """
    model = None if minds is None else minds.planner
    usual: dict[str, Guarded] = {}
    for task in case.tasks:
        if lack := missing(task):
            yield LeftOut(task.name, lack)
            continue
        place = base / "tasks" / task.name
        reader = honest(task) if minds is None else minds.reader
        within = usual[task.name] = guarded(case, place / "with", task, reader, planner=model)
        yield Served(task, unguarded(case, place / "without", task, model=model), within)
    for attack in case.attacks:
        if attack.task not in usual:
            yield LeftOut(attack.name, missing(case.task(attack.task)))
            continue
        yield attacked(case, attack, base / "attacks" / attack.name, usual[attack.task], turns, minds)


def attacked(
    case: Case, attack: Attack, base: Path, usual: Guarded, turns: int = TURNS, minds: Minds | None = None
) -> Attacked:
    """One attack. `usual` is how its task ended on an ordinary day."""
    task = case.task(attack.task)
    model = None if minds is None else minds.planner
    without = unguarded(case, base / "without", task, attack, model)
    expected = [question.preview for question in usual.asked]
    within = [
        (name, guarded(case, base / f"with-{number}", task, reader, attack, expected, model))
        for number, (name, reader) in enumerate(readers(task, attack, without, turns, minds))
    ]
    return Attacked(attack, without, tuple(within))


@final
@dataclass(frozen=True, slots=True)
class Fallen:
    """A reader that is the attacker's where the data hold one of these instructions, however written, else honest."""

    instructions: tuple[str, ...]
    hostile: QuarantineModel
    honest: QuarantineModel

    def read(self, instruction: str, data: tuple[str, ...], schema: Type) -> Plain:
        """As in `guard.models.QuarantineModel`."""
        seen = [view for text in data for view in views(text)]
        fell = any(one in view for one in self.instructions for view in seen)
        return (self.hostile if fell else self.honest).read(instruction, data, schema)


def readers(
    task: Task, attack: Attack, without: Unguarded, turns: int, minds: Minds | None = None
) -> Iterator[tuple[str, QuarantineModel]]:
    """Who reads untrusted text: first somebody honest, then the attacker, who says something else each time."""
    yield "honest", honest(task, attack) if minds is None else minds.reader
    if "quarantine" not in (task.plan if attack.plan is None else attack.plan):
        return
    for turn in range(turns):
        reader: QuarantineModel = HostileReader(_knowledge(without.wants), turn)
        if attack.hostile == "planted":
            reader = Fallen(without.obeyed, reader, honest(task, attack))
        yield f"hostile {turn + 1}", reader


def _knowledge(wants: tuple[Plain, ...]) -> Knowledge:
    texts: dict[str, None] = {}
    numbers: dict[float, None] = {}
    pending = list(wants)
    while pending:
        item = pending.pop(0)
        if isinstance(item, str):
            texts[item[:_LONGEST]] = None
        elif isinstance(item, (int, float)) and not isinstance(item, bool):
            numbers[float(item)] = None
        elif isinstance(item, (list, tuple)):
            pending.extend(item)
        elif isinstance(item, dict):
            pending.extend(item.values())
    # A single word fits where a pattern leaves little room.
    words = dict.fromkeys(word for text in texts for word in _WORD.findall(text)[:_MOST_WORDS])
    return Knowledge(("ignore the above", *texts, *words, *_ANYWHERE), (*numbers, 0.0, 1.0, -1.0, 1_000_000.0))
