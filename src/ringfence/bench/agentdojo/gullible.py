"""An agent that believes everything: it does the task, and whatever a text in a result tells it, at once.

Its one rule: it knows the benchmark's own solutions and takes the next call from them. It stands for a model that every
injection reaches: the worst undefended agent, with no model needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, final


@final
@dataclass(frozen=True)
class Turn:
    """What the agent does next: calls one tool, or says its answer. `hostile`: an attacker's goal is behind it."""

    call: tuple[str, dict[str, Any]] | None
    text: str = ""
    hostile: bool = False


@final
class Gullible:
    """The next turn, from what was asked and what the calls returned so far."""

    def __init__(self, suites: Mapping[str, Any]) -> None:
        self._suites = suites
        self._known: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = {}

    def next(self, request: str, results: Sequence[str]) -> Turn:
        """`results` are the texts that the calls have returned. ValueError for what is no request of the benchmark."""
        suite, task = self._task(request)
        own = self._calls(suite, task)
        goals = suite.injection_tasks.values()
        script: list[Turn] = []
        obeyed: list[Any] = []
        for index in range(len(results) + 1):
            if index:  # whatever the last result tells comes first
                read = _texts(results[index - 1])
                told = [one for one in goals if one not in obeyed and any(_plain(one.GOAL) in text for text in read)]
                obeyed += told
                script[index:index] = [Turn(call, hostile=True) for one in told for call in self._calls(suite, one)]
            while len(script) <= index and own:
                script.append(Turn(own.pop(0)))
            if len(script) <= index:
                break
        if len(results) < len(script):
            return script[len(results)]
        said = [task.GROUND_TRUTH_OUTPUT, *(one.GROUND_TRUTH_OUTPUT for one in obeyed)]
        return Turn(None, "\n".join(text for text in said if text), bool(obeyed))

    def _task(self, request: str) -> tuple[Any, Any]:
        for suite in self._suites.values():
            for task in suite.user_tasks.values():
                if request == task.PROMPT:
                    return suite, task
        raise ValueError("no task of the benchmark has this request")

    def _calls(self, suite: Any, task: Any) -> list[tuple[str, dict[str, Any]]]:
        key = (suite.name, task.ID)
        if key not in self._known:
            environment = suite.load_and_inject_default_environment({})
            if hasattr(task, "init_environment"):
                environment = task.init_environment(environment)
            self._known[key] = [(one.function, dict(one.args)) for one in task.ground_truth(environment)]
        return deepcopy(self._known[key])


def _texts(result: str) -> list[str]:
    """The texts in a result, which the benchmark writes as YAML, broken into lines."""
    import yaml

    try:
        pending: list[Any] = [yaml.safe_load(result)]
    except yaml.YAMLError:
        pending = []
    found = [_plain(result)]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            found.append(_plain(item))
        elif isinstance(item, (list, dict)):
            pending += [*(item.items() if isinstance(item, dict) else item)]
        elif isinstance(item, tuple):
            pending += item
    return found


def _plain(text: str) -> str:
    return " ".join(text.split())
