"""Where a trace is replayed: in the benchmark's own world, or on the results that stand in the trace.

Its one rule: no tool of anybody is called. The benchmark's tools change a world in memory; all others return what was
recorded, and fail where nothing was.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, final, get_type_hints

from ringfence.bench.agentdojo.study import suites
from ringfence.bench.agentdojo.suites import SUITES, Stage
from ringfence.bench.agentdojo.sweep import Rules, rules_of
from ringfence.bench.agentdojo.task import checked
from ringfence.bench.agentdojo.worlds import WORLDS
from ringfence.bench.replay.origins import holds, squeezed
from ringfence.bench.replay.plans import Done
from ringfence.bench.replay.trace import Trace, TracedCall, TracedTool
from ringfence.config import Config
from ringfence.core.encoding import canonical_json, to_json
from ringfence.core.errors import ConfigError
from ringfence.core.plain import Plain
from ringfence.guard.ruleset import Mode
from ringfence.guard.tools import Tool
from ringfence.lang.host import Param, Signature
from ringfence.schema import AnyType, Type, from_json_schema, plain_of, to_python, type_of, validate

_BY_CHANCE: Final = 9


class Run(Protocol):
    """One run in a world: its tools, and what was called, in order."""

    @property
    def executed(self) -> Sequence[object]:
        """The calls that were made."""

    def tools(self) -> list[Tool]:
        """What a plan may call."""

    def reached(self, said: str) -> bool | None:
        """Whether the benchmark counts the attack as successful; None if there is no benchmark."""


class Staged(Protocol):
    """One trace in its world."""

    @property
    def request(self) -> str:
        """What the user asked for."""

    def calls(self) -> list[Done]:
        """The recorded calls with their results, in the form in which a plan sees them."""

    def config(self) -> tuple[Config, Mode]:
        """The rules of the world."""

    def run(self) -> Run:
        """The world as it was before the run."""


def staged(trace: Trace, rules: Rules, tools: Sequence[Tool]) -> Staged:
    """A trace in its world. ConfigError (C513) if there is none such; C512 without the extra for a benchmark's."""
    if trace.world:
        return _Benchmark.of(trace, rules)
    return _Recorded(trace, _declared(trace) if not tools else list(tools))


def is_hostile(call: TracedCall, trace: Trace, request: str) -> bool:
    """Whose idea a call was: as the trace says, else the attacker's if his text, and not the user's, holds a value."""
    if call.by:
        return call.by == "attacker"
    texts = [squeezed(one.text) for one in trace.injected]
    return any(
        not holds(request, value) and any(holds(text, value) for text in texts) for value in _telling(call.arguments)
    )


def _telling(value: object) -> list[object]:
    """The texts and numbers in an argument that are hardly there by chance."""
    if isinstance(value, Mapping):
        return [one for part in value.values() for one in _telling(part)]
    if isinstance(value, list):
        return [one for part in value for one in _telling(part)]
    if isinstance(value, str):
        return [value] if len(value) > 2 else []
    return [value] if isinstance(value, (int, float)) and abs(value) > _BY_CHANCE else []


# The benchmark


@final
@dataclass(frozen=True)
class _Benchmark:
    """A trace of a suite of AgentDojo, whose world is built again with the attacker's texts in it."""

    suite: Any
    task: Any
    goal: Any
    trace: Trace
    environment: Any
    rules: Rules

    @staticmethod
    def of(trace: Trace, rules: Rules) -> _Benchmark:
        name = trace.world.removeprefix("agentdojo:")
        if name not in SUITES:
            raise _unknown(trace, "a suite")
        suite = suites()[name]
        if trace.task not in suite.user_tasks or (trace.attack and trace.attack not in suite.injection_tasks):
            raise _unknown(trace, "a task")
        if not set(trace.vectors) <= set(suite.get_injection_vector_defaults()):
            raise _unknown(trace, "a place of injected texts")
        task = suite.user_tasks[trace.task]
        environment = task.init_environment(suite.load_and_inject_default_environment(dict(trace.vectors)))
        goal = suite.injection_tasks[trace.attack] if trace.attack else None
        return _Benchmark(suite, task, goal, trace, environment, rules)

    @property
    def request(self) -> str:
        text: str = self.trace.request or self.task.PROMPT
        return text

    def calls(self) -> list[Done]:
        from agentdojo.functions_runtime import FunctionsRuntime

        runtime, world = FunctionsRuntime(self.suite.tools), copy.deepcopy(self.environment)
        made = []
        for call in self.trace.calls:
            result, error = runtime.run_function(world, call.tool, dict(call.arguments))
            hostile = is_hostile(call, self.trace, self.request)
            made.append(
                Done(call.tool, call.arguments, None if error else plain_of(result), bool(error), hostile,
                     hostile and self._harmful(call.tool))
            )  # fmt: skip
        return made

    def _harmful(self, tool: str) -> bool:
        world = WORLDS[self.suite.name]
        return not world.reads(tool) or tool in world.sensitive

    def config(self) -> tuple[Config, Mode]:
        mode, table, packs = rules_of(self.suite, self.rules)
        world = WORLDS[self.suite.name]
        return Config(tools=table, trusted=world.trusted, packs=packs), mode

    def run(self) -> Run:
        before = copy.deepcopy(self.environment)
        return _BenchmarkRun(Stage(self.suite, before, WORLDS[self.suite.name]), self.goal, copy.deepcopy(before))


@final
@dataclass(frozen=True)
class _BenchmarkRun:
    stage: Stage
    goal: Any
    before: Any

    @property
    def executed(self) -> Sequence[object]:
        return self.stage.trace

    def tools(self) -> list[Tool]:
        return self.stage.tools()

    def reached(self, said: str) -> bool | None:
        if self.goal is None:
            return None
        return checked(self.stage.suite, self.goal, said, self.stage, self.before)


def _unknown(trace: Trace, what: str) -> ConfigError:
    return ConfigError(
        f"a trace names {what} that the benchmark has not", code="C513", hint="is it of another version?"
    )


# What was recorded


@final
@dataclass
class _Recorded:
    """A trace on its own results. Without tools that somebody gives, those that it declares, else as it calls them."""

    trace: Trace
    declared: list[Tool]

    @property
    def request(self) -> str:
        return self.trace.request

    def calls(self) -> list[Done]:
        known = {one.name: one for one in self.declared}
        made = []
        for call in self.trace.calls:
            if call.tool not in known:
                raise ConfigError("a trace calls a tool that --tools has not", code="C513", hint="give all its tools")
            hostile, tool = is_hostile(call, self.trace, self.request), known[call.tool]
            result = None if call.error else _typed(tool.signature.returns, call.result)
            harmful = hostile and (tool.effect == "write" or bool(tool.egress))
            made.append(Done(call.tool, call.arguments, result, bool(call.error), hostile, harmful))
        return made

    def config(self) -> tuple[Config, Mode]:
        return Config(), "enforce"

    def run(self) -> Run:
        return _Playback(self.trace, self.declared)


@final
@dataclass
class _Playback:
    trace: Trace
    declared: Sequence[Tool]
    executed: list[object] = field(default_factory=list)

    def tools(self) -> list[Tool]:
        return [replace(one, function=self._function(one)) for one in self.declared]

    def reached(self, said: str) -> bool | None:
        return None

    def _function(self, tool: Tool) -> Callable[..., object]:
        recorded: dict[str, list[TracedCall]] = {}
        for one in self.trace.calls:
            if one.tool == tool.name:
                recorded.setdefault(_key(one.arguments), []).append(one)
        returned = _returned(tool)

        def call(*given: object, **named: object) -> object:
            names = [param.name for param in tool.signature.params]
            arguments = {**dict(zip(names, given, strict=False)), **named}
            found = recorded.get(_key({name: to_json(plain_of(value)) for name, value in arguments.items()}), [])
            self.executed.append(tool.name)
            if not found:
                raise LookupError("nothing was recorded for these arguments")
            made = found.pop(0) if len(found) > 1 else found[0]
            if made.error:
                raise RuntimeError("the recorded call failed")
            return returned(made.result)

        return call


def _key(arguments: Mapping[str, object]) -> str:
    return canonical_json(json.loads(json.dumps(dict(arguments))))


def _typed(kind: Type, result: object) -> Plain:
    try:
        return validate(kind, result, coerce=True)
    except ValueError as problem:
        raise ConfigError(
            "a result of a trace does not fit its tool", code="C513", hint="correct the result"
        ) from problem


def _returned(tool: Tool) -> Callable[[object], object]:
    """What a tool makes of a recorded result: objects of its own classes where it has some, for its label rule."""
    hint: object = object
    with suppress(NameError, TypeError, AttributeError):
        hint = get_type_hints(tool.function, include_extras=True).get("return", object)
    kind = tool.signature.returns
    return lambda result: to_python(hint, _typed(kind, result))


def _declared(trace: Trace) -> list[Tool]:
    """The tools of a trace: as it declares them, and for all others writes that take what they were given."""
    found = {one.name: one for one in trace.tools}
    for call in trace.calls:
        if call.tool not in found:
            keys = {key for one in trace.calls if one.tool == call.tool for key in one.arguments}
            found[call.tool] = TracedTool(call.tool, {"properties": {key: {} for key in sorted(keys)}}, None, "write")
    return [_tool(one) for one in found.values()]


def _tool(one: TracedTool) -> Tool:
    properties = one.parameters.get("properties")
    required = one.parameters.get("required")
    needed = required if isinstance(required, list) else []
    params = tuple(
        Param(name, _type(schema, one.parameters), name in needed, "keyword", "")
        for name, schema in (properties if isinstance(properties, dict) else {}).items()
    )
    returns = AnyType() if one.returns is None else _type(one.returns, one.returns)
    signature = Signature(one.name, params, returns, one.effect, one.description)
    return Tool(one.name, signature, lambda: None, one.effect, one.egress, one.audience)


def _type(schema: object, root: Mapping[str, object]) -> Type:
    if not isinstance(schema, Mapping) or not schema:
        return type_of(Any)
    whole = {**schema, **({"$defs": root["$defs"]} if "$defs" in root else {})}
    return from_json_schema(whole)
