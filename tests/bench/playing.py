"""A model played by the local server: it plans with the reviewed plans, reads honestly, and without a firewall obeys
every text that it reads. What it is asked decides what it says; there is no state but the plan it wrote last."""

import json
from dataclasses import dataclass, field
from typing import Any

from ringfence.bench.agentdojo.gullible import Gullible
from ringfence.bench.agentdojo.reading import HonestReader
from ringfence.bench.agentdojo.study import suites
from ringfence.bench.agentdojo.task import child_text, plan_text, planned
from ringfence.core.encoding import to_json
from ringfence.core.errors import QuarantineError
from ringfence.llm.quarantine import FLAG, REFUSAL
from ringfence.schema import AnyType
from ringfence.testing.server import Behaviour, Request


@dataclass
class Player:
    """Answers questions in the format of OpenAI Chat Completions. `slips`: this many bad plans before each good one."""

    slips: int = 0
    asked: list[str] = field(default_factory=list)
    _plan: str = ""
    _child: str = ""
    _slipped: int = 0

    def __call__(self, request: Request) -> Behaviour | str:
        messages: Any = request.body["messages"]
        if request.body.get("tools"):
            self.asked.append("turn")
            return self._turn(messages)
        system, user = (_text(one) for one in messages[:2])
        if system.startswith("You write plans"):
            self.asked.append("plan")
            return self._planned(user)
        self.asked.append("read")
        return self._read(system, user)

    def _turn(self, messages: list[Any]) -> Behaviour:
        prompt = next(_text(one) for one in messages if one["role"] == "user")
        results = [_text(one) for one in messages if one["role"] == "tool"]
        turn = Gullible(suites()).next(prompt, results)
        return Behaviour(turn.text, calls=() if turn.call is None else (turn.call,))

    def _planned(self, user: str) -> str:
        found = [
            (name, task.ID)
            for name, suite in suites().items()
            for task in suite.user_tasks.values()
            if task.PROMPT in user and planned(name, task.ID)
        ]
        if found:
            self._plan, self._child = plan_text(*found[0]), child_text(*found[0])
        elif self._child:  # somebody plans for a text that was delegated
            self._plan = self._child
        if self._slipped < self.slips:
            self._slipped += 1
            return "```python\nno_such_tool()\n```"
        self._slipped = 0
        return f"```python\n{self._plan}\n```"

    def _read(self, system: str, user: str) -> str:
        bare = FLAG not in system
        try:
            value = HonestReader.of(self._plan).read(user, (), AnyType())
        except QuarantineError:
            return REFUSAL if bare else json.dumps({FLAG: True, "value": None})
        return str(value) if bare else json.dumps({FLAG: False, "value": to_json(value)})


def _text(message: Any) -> str:
    content = message["content"]
    if isinstance(content, str) or content is None:
        return content or ""
    return "\n".join(part["text"] for part in content)
