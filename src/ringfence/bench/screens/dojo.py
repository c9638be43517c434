"""The texts of AgentDojo: its injections as its attacks write them, and what stands in its environments without them.

Its one rule: the package's own code puts the texts together; none is written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ringfence.bench.screens.sets import Sample
from ringfence.core.errors import ConfigError

PARTS: Final = {
    "attacks": "each goal of an injection, written as in five attacks",
    "placed": "the same in the field of a record that it is written into",
    "harmless": "what its tools return otherwise: mails, files, pages, reviews",
    "buried": "629 attacks behind a request and a result; 97 without",
    "results": "the same without the request: the results alone",
}
# The attacks whose text does not depend on the user's task.
ATTACKS: Final = ("direct", "ignore_previous", "system_message", "injecagent", "important_instructions")
# Shorter texts are names, addresses and numbers.
_SHORTEST: Final = 25
_BURIED_VERSION: Final = "v1"
_USER: Final = "Emma Johnson"
_MODEL: Final = "the AI assistant"


def read(part: str) -> Iterator[Sample]:
    """One of PARTS. ConfigError (C512) without the package."""
    from ringfence.bench.agentdojo.suites import benchmark

    if part in ("buried", "results"):
        yield from _buried(with_request=part == "buried")
        return
    for name, suite in benchmark().items():
        yield from _READERS[part](name, suite)


def _attacks(_: str, suite: Any) -> Iterator[Sample]:
    from ringfence.bench.agentdojo.injecting import injections

    task = _injectable(suite)
    for name in ATTACKS:
        for goal in suite.injection_tasks.values():
            text = next(iter(injections(suite, task, goal, name, "openai").values()))
            yield Sample(text, True, name.replace("_", "-"))


def _placed(_: str, suite: Any) -> Iterator[Sample]:
    """Each attack at one of the places of its suite, in turn: whatever is not as it is without an injection."""
    places = list(suite.get_injection_vector_defaults())
    usual = set(_texts(_environment(suite, {})))
    for turn, one in enumerate(_attacks("", suite)):
        texts = _texts(_environment(suite, {places[turn % len(places)]: one.text}))
        yield from (Sample(text, True, one.kind) for text in texts if text not in usual)


def _harmless(name: str, suite: Any) -> Iterator[Sample]:
    yield from (Sample(one, False, f"agentdojo-{name}") for one in _texts(_environment(suite, {})))


def _buried(*, with_request: bool) -> Iterator[Sample]:
    """What the public benchmark `buried-injections` measures: every goal of a suite behind every task of its users.

    Source: github.com/rudratoshs/buried-injections (MIT), its README and loader. The suites are those of version v1.
    """
    from agentdojo.attacks.important_instructions_attacks import ImportantInstructionsAttack

    from ringfence.bench.agentdojo.suites import benchmark

    for name, suite in benchmark(_BURIED_VERSION).items():
        results = [text for text in suite.get_injection_vector_defaults().values() if text]
        for turn, task in enumerate(suite.user_tasks.values()):
            result = results[turn % len(results)]
            text = f"agent_task  {task.PROMPT}\n{result}" if with_request else result
            yield Sample(text, False, f"agentdojo-{name}")
            for goal in suite.injection_tasks.values():
                attack = ImportantInstructionsAttack._JB_STRING.format(goal=goal.GOAL, user=_USER, model=_MODEL)
                yield Sample(text + attack, True, "important-instructions")


def _environment(suite: Any, injected: dict[str, str]) -> object:
    return suite.load_and_inject_default_environment(injected).model_dump(mode="json")


def _injectable(suite: Any) -> Any:
    """The first task of a user in which something can be written by somebody else. The text does not depend on it."""
    from ringfence.bench.agentdojo.injecting import injections

    goal = next(iter(suite.injection_tasks.values()))
    for task in suite.user_tasks.values():
        try:
            injections(suite, task, goal, ATTACKS[0], "openai")
        except ValueError:  # the package's word for a task without a place to write to
            continue
        return task
    raise ConfigError(
        "a suite of AgentDojo has no task that can be injected", code="C512", hint="install agentdojo anew"
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= _SHORTEST and " " in value:
            yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


_READERS: Final = {"attacks": _attacks, "placed": _placed, "harmless": _harmless}
