"""A task without the firewall: the same tools over the same world, driven by a model that obeys what it reads.

Its one rule: every rule is off and nothing is labelled; what then happens is what the tools can do. The task's own
calls are those of the reviewed plan; all others are what texts told the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

from ringfence.bench.agentdojo.reading import HonestReader
from ringfence.bench.cases.case import Attack, Case, Task
from ringfence.bench.cases.deployment import Deployment, deployed
from ringfence.bench.cases.looping import looped
from ringfence.bench.cases.obeying import Made, Obedient
from ringfence.config import Config
from ringfence.core.encoding import Json, to_json
from ringfence.core.plain import Plain
from ringfence.guard.models import QuarantineModel
from ringfence.llm.models import ChatModel
from ringfence.llm.offline.reading import OfflineQuarantine
from ringfence.session.firewall import Firewall

_OFF: dict[str, object] = {"allow": "True"}


@final
@dataclass(frozen=True, slots=True)
class Unguarded:
    """How a task ended. `obeyed` are the instructions that the model followed; `wants` the values in them."""

    harm: str | None
    done: bool
    calls: tuple[Made, ...]
    obeyed: tuple[str, ...]
    answer: str
    wants: tuple[Plain, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """As an object."""
        calls: list[Json] = [
            {
                "tool": made.tool,
                "arguments": {name: to_json(value) for name, value in made.arguments.items()},
                "obeyed": made.obeyed,
            }
            for made in self.calls
        ]
        return {"harm": self.harm, "done": self.done, "calls": calls, "obeyed": [*self.obeyed], "answer": self.answer}


def honest(task: Task, attack: Attack | None = None) -> QuarantineModel:
    """Who reads honestly for a task, or for the plan of an attack on it."""
    if task.reads == "offline":
        return OfflineQuarantine()
    return HonestReader.of(task.plan if attack is None or attack.plan is None else attack.plan)


def unguarded(
    case: Case, folder: Path, task: Task, attack: Attack | None = None, model: ChatModel | None = None
) -> Unguarded:
    """Run the task in an empty folder. What happens there is real. `model`: a real one, in place of the simulated."""
    with deployed(case, folder, attack) as deployment:
        return _run(deployment, task) if model is None else _loop(deployment, task, model)


def _loop(deployment: Deployment, task: Task, model: ChatModel) -> Unguarded:
    words = None if deployment.attack is None else deployment.attack.request
    made = looped(deployment.tools, task.request if words is None else words, model)
    deployment.answered(made.answer)
    wants = tuple(value for call in made.calls for value in call.arguments.values())
    return Unguarded(deployment.harm(), deployment.done(task), made.calls, (), made.answer, wants)


def _run(deployment: Deployment, task: Task) -> Unguarded:
    attack = deployment.attack
    words = None if attack is None else attack.request
    careless = None if attack is None or words is not None else attack.plan  # a model fooled by a request obeys it
    model = Obedient(deployment.tools, honest(task, None if careless is None else attack))
    model.begin(task.request if words is None else words)
    rules = Config(user=deployment.config.user, tools={one.name: _OFF for one in deployment.tools})
    plan = task.plan if careless is None else careless
    with Firewall(model.tools(), policy=rules, quarantine=model) as engine:
        result = engine.exec(plan, deployment.given(task))
    answer = model.answer(result.text)
    deployment.answered(answer)
    return Unguarded(
        deployment.harm(), deployment.done(task), tuple(model.made), tuple(model.obeyed), answer,
        tuple(model.knowledge()),
    )  # fmt: skip
