"""The benchmark's own attacks by name: which text goes where, for a task and a goal.

Its one rule: the texts are those of the package, addressed to the family of the model that is attacked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from ringfence.core.errors import ConfigError

IMPORTANT: Final = "important_instructions"
# The attacks address the model by the name of its family, which they look up by names that the package knows.
_FAMILIES: Final = {
    "openai": "gpt-4o-2024-05-13",
    "openai-responses": "gpt-4o-2024-05-13",
    "anthropic": "claude-3-5-sonnet-20241022",
    "google": "gemini-2.0-flash-001",
}


def names() -> list[str]:
    """The attacks that need nobody at a keyboard."""
    import agentdojo.attacks  # noqa: F401 (which registers them)
    from agentdojo.attacks.attack_registry import ATTACKS

    return sorted(name for name in ATTACKS if name != "manual")


def check(chosen: Mapping[str, object] | tuple[str, ...]) -> None:
    """Raises ConfigError for an attack that does not exist."""
    known = names()
    for name in chosen:
        if name not in known:
            raise ConfigError("there is no such attack", code="C512", hint=f"there are {', '.join(known)}")


def stops_only(name: str) -> bool:
    """Whether an attack wants no more than that the task is not done. It has no goal of its own."""
    from agentdojo.attacks.attack_registry import ATTACKS

    names()
    return bool(ATTACKS[name].is_dos_attack)


def injections(suite: Any, task: Any, goal: Any, name: str, provider: str) -> dict[str, str]:
    """What is written where."""
    found: dict[str, str] = _attack(suite, name, provider).attack(task, goal)
    return found


@cache
def _attack(suite: Any, name: str, provider: str) -> Any:
    from agentdojo.agent_pipeline.base_pipeline_element import BasePipelineElement
    from agentdojo.attacks.attack_registry import load_attack

    class Target(BasePipelineElement):  # type: ignore[misc, unused-ignore]
        def query(self, *args: Any, **kwargs: Any) -> Any:
            raise NotImplementedError

    target = Target()
    target.name = _FAMILIES.get(provider, "local")
    return load_attack(name, suite, target)
