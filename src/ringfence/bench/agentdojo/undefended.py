"""An agent without a firewall: the benchmark's own loop of tool calls, with any model that Ringfence knows.

Its one rule: nothing protects it and nothing hinders it. The loop, the system message, the form of results and the
checks are the benchmark's; only the client is ours, so that both agents use the same model in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, final

from ringfence.llm.accounting import Usage

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import ModelRequestParameters

MOST_TURNS: Final = 15  # as in the benchmark's own pipelines


class Responder(Protocol):
    """Who takes a turn: `llm.providers.ProviderModel`. Raises ModelError."""

    def respond(self, messages: list[ModelMessage], parameters: ModelRequestParameters) -> ModelResponse:
        """The next message."""


@final
@dataclass
class Tally:
    """What an agent cost so far, and each call with its arguments in order."""

    used: Usage = field(default_factory=Usage)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def pipeline_of(turn: Any, name: str) -> Any:
    """The benchmark's pipeline without a defence around an element that takes the model's turns."""
    from agentdojo.agent_pipeline.agent_pipeline import AgentPipeline, load_system_message
    from agentdojo.agent_pipeline.basic_elements import InitQuery, SystemMessage
    from agentdojo.agent_pipeline.tool_execution import ToolsExecutionLoop, ToolsExecutor

    loop = ToolsExecutionLoop([ToolsExecutor(), turn], max_iters=MOST_TURNS)
    made = AgentPipeline([SystemMessage(load_system_message(None)), InitQuery(), turn, loop])
    made.name = name
    return made


def model_turn(model: Responder, tally: Tally) -> Any:
    """The element that asks the model, for `pipeline_of`."""
    from agentdojo.agent_pipeline.base_pipeline_element import BasePipelineElement

    class Turn(BasePipelineElement):  # type: ignore[misc, unused-ignore]
        def query(
            self, query: str, runtime: Any, env: Any = None, messages: Sequence[Any] = (), extra_args: Any = None
        ) -> Any:
            said: list[ModelResponse] = [*(extra_args or {}).get("said", ())]
            response = model.respond(_history(messages, said), _parameters(runtime))
            tally.used += Usage(
                questions=1, input_tokens=response.usage.input_tokens, output_tokens=response.usage.output_tokens
            )
            message = _message(response)
            tally.calls += [(call.function, dict(call.args)) for call in message["tool_calls"]]
            # What providers want back word for word (a signed thought, an id) stays in the response itself.
            return query, runtime, env, [*messages, message], {**(extra_args or {}), "said": [*said, response]}

    return Turn()


def _parameters(runtime: Any) -> ModelRequestParameters:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.tools import ToolDefinition

    tools = [
        ToolDefinition(
            name=function.name,
            description=function.description,
            parameters_json_schema=function.parameters.model_json_schema(),
        )
        for function in runtime.functions.values()
    ]
    return ModelRequestParameters(function_tools=tools)


def _history(messages: Sequence[Any], said: Sequence[ModelResponse]) -> list[ModelMessage]:
    """The benchmark's messages as the client's; what follows one another from our side is one request."""
    from pydantic_ai.messages import ModelRequest, SystemPromptPart, ToolReturnPart, UserPromptPart

    made: list[ModelMessage] = []
    parts: list[Any] = []
    answers = iter(said)
    for message in messages:
        match message["role"]:
            case "system":
                parts.append(SystemPromptPart(_text(message)))
            case "user":
                parts.append(UserPromptPart(_text(message)))
            case "tool":
                text = message["error"] or _text(message)
                call = message["tool_call"]
                parts.append(ToolReturnPart(tool_name=call.function, content=text, tool_call_id=str(call.id)))
            case _:
                made += [ModelRequest(parts=parts), next(answers)]
                parts = []
    return [*made, ModelRequest(parts=parts)]


def _text(message: Any) -> str:
    return "\n".join(block["content"] or "" for block in message["content"])


def _message(response: ModelResponse) -> Any:
    from agentdojo.functions_runtime import FunctionCall
    from agentdojo.types import text_content_block_from_string

    calls, text = [], ""
    for part in response.parts:
        if part.part_kind == "text":
            text += part.content
        elif part.part_kind == "tool-call":
            # Arguments that are no JSON object become one unknown argument, which the benchmark's runtime refuses.
            calls.append(FunctionCall(function=part.tool_name, args=part.args_as_dict(), id=part.tool_call_id))
    return {"role": "assistant", "content": [text_content_block_from_string(text)], "tool_calls": calls}
