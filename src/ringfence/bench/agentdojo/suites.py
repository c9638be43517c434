"""A suite of AgentDojo as Ringfence sees it: its tools with effects and label rules, over one environment.

Its one rule: a tool does exactly what the benchmark's function does; labels say who can write what it returns.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final, get_type_hints

from ringfence.bench.agentdojo.worlds import WORLDS, World
from ringfence.core.errors import ConfigError
from ringfence.guard.tools import Tool, tool

VERSION: Final = "v1.2.2"
SUITES: Final = ("workspace", "banking", "slack", "travel")


def benchmark(version: str = VERSION) -> Mapping[str, Any]:
    """The suites of a version, or of the newest one that is known here. Raises ConfigError if the extra is missing."""
    try:
        from agentdojo.task_suite.load_suites import get_suites
    except ImportError:
        raise ConfigError(
            "AgentDojo is not installed", code="C512", hint='pip install "ringfence[agentdojo]"'
        ) from None
    found: Mapping[str, Any] = get_suites(version)
    return found


@final
@dataclass
class Stage:
    """One environment, the tools over it, and what was called: `trace` are (name, arguments) in order of their end."""

    suite: Any
    environment: Any
    world: World
    trace: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tools(self) -> list[Tool]:
        return [self._tool(function) for function in self.suite.tools]

    def _tool(self, function: Any) -> Tool:
        declared = tool(
            name=function.name,
            effect="read" if self.world.reads(function.name) else "write",
            returns=self.world.labels.get(function.name),
        )
        return declared(self._callable(function))

    def _callable(self, function: Any) -> Callable[..., object]:
        hints = get_type_hints(function.run, include_extras=True)
        whole = inspect.signature(function.run)
        kept = [
            parameter.replace(annotation=hints.get(name, object))
            for name, parameter in whole.parameters.items()
            if name not in function.dependencies
        ]
        signature = whole.replace(parameters=kept)

        def call(*given: Any, **named: Any) -> object:
            arguments = signature.bind(*given, **named).arguments
            with self.lock:
                parts = {
                    name: one.extract_dep_from_env(self.environment) for name, one in function.dependencies.items()
                }
                self.trace.append((function.name, arguments))
                return function.run(**parts, **arguments)

        call.__name__ = call.__qualname__ = function.name
        call.__doc__ = function.full_docstring
        call.__annotations__ = {parameter.name: parameter.annotation for parameter in kept}
        if "return" in hints:
            call.__annotations__["return"] = hints["return"]
        call.__signature__ = signature  # type: ignore[attr-defined]
        return call


def stage(suite: Any, task: Any, environment: Any = None) -> tuple[Stage, Any]:
    """The environment of a task (by default without any attack), and a copy as it was before."""
    own = suite.load_and_inject_default_environment({}) if environment is None else environment
    made = task.init_environment(own)
    return Stage(suite, made, WORLDS[suite.name]), made.model_copy(deep=True)
