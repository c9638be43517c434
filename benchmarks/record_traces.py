"""Record the traces that ship with `ringfence bench replay`: every pair of AgentDojo against an agent that believes
everything it reads, in the benchmark's own loop without a defence. Kept are those that the benchmark itself counts as
successful attacks.

    python benchmarks/record_traces.py src/ringfence/bench/replay/traces/agentdojo-v1.2.2.jsonl.gz

The requests, texts and solutions are the benchmark's (AgentDojo, MIT licence: see the file beside the traces).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ringfence.bench.agentdojo import injecting
from ringfence.bench.agentdojo.gullible import Gullible
from ringfence.bench.agentdojo.study import suites
from ringfence.bench.agentdojo.undefended import pipeline_of
from ringfence.bench.replay.trace import Injected, Trace, TracedCall, write


def recorded() -> Iterator[Trace | None]:
    """A trace of each pair, None where the attack did not succeed."""
    agent = Gullible(suites())
    for suite in suites().values():
        for task in suite.user_tasks.values():
            for goal in suite.injection_tasks.values():
                yield one(agent, suite, task, goal)


def one(agent: Gullible, suite: Any, task: Any, goal: Any) -> Trace | None:
    from agentdojo.agent_pipeline.base_pipeline_element import BasePipelineElement
    from agentdojo.functions_runtime import FunctionCall
    from agentdojo.types import get_text_content_as_str, text_content_block_from_string

    vectors = injecting.injections(suite, task, goal, injecting.IMPORTANT, "local")
    calls: list[TracedCall] = []

    class Turn(BasePipelineElement):
        def query(self, query: str, runtime: Any, env: Any = None, messages: Any = (), extra_args: Any = None) -> Any:
            results = [message for message in messages if message["role"] == "tool"]
            turn = agent.next(query, [get_text_content_as_str(message["content"]) for message in results])
            tool_calls = []
            if turn.call is not None:
                name, arguments = turn.call
                tool_calls.append(FunctionCall(function=name, args=dict(arguments), id=f"call_{len(results)}"))
                calls.append(TracedCall(name, arguments, by="attacker" if turn.hostile else "user"))
            message = {
                "role": "assistant", "content": [text_content_block_from_string(turn.text)], "tool_calls": tool_calls
            }  # fmt: skip
            return query, runtime, env, [*messages, message], extra_args or {}

    _, succeeded = suite.run_task_with_pipeline(pipeline_of(Turn(), "gullible"), task, goal, vectors)
    if not succeeded:
        return None
    return Trace(
        id=f"{suite.name}/{task.ID}/{goal.ID}",
        request=task.PROMPT,
        calls=tuple(calls),
        injected=tuple(Injected(text) for text in dict.fromkeys(vectors.values())),
        world=f"agentdojo:{suite.name}",
        task=task.ID,
        attack=goal.ID,
        vectors=vectors,
        agent="gullible",
    )


def main(target: Path) -> None:
    warnings.simplefilter("ignore")
    # This folder has an agentdojo.py, which would stand for the package.
    sys.path[:] = [one for one in sys.path if Path(one).resolve() != Path(__file__).resolve().parent]
    found = list(recorded())
    kept = [trace for trace in found if trace is not None]
    write(target, kept)
    print(f"{len(kept)} of {len(found)} attacks succeeded; {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
