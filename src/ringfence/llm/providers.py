"""Real models, through the providers' own clients.

Its one rule: whatever a provider does (an error, a refusal, silence, half an answer), the caller gets a `Reply` or a
`ModelError` whose message says what kind of thing happened and nothing of what was sent or received. It must not
offer tools of its own, keep a history, or retry without a bound. Providers enforce schemas unevenly: nothing here is
validated.

All clients run on one event loop in one thread of ours, so that connections are shared by the threads that ask.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, assert_never, final

from ringfence.core.errors import ConfigError, ModelError
from ringfence.llm.models import KEYS, ModelSpec, Reply, TooLongError, UnusableReplyError, base_url_of, key_of
from ringfence.schema import (
    AnyType,
    DictType,
    EnumType,
    ListType,
    LiteralType,
    RecordType,
    Scalar,
    TupleType,
    Type,
    UnionType,
    json_schema,
)

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters

_T = TypeVar("_T")
RETRIED: Final = frozenset({408, 429, 500, 502, 503, 504, 529})
_WAITS_AS_TOLD: Final = frozenset({429, 503})


@final
@dataclass(frozen=True, slots=True)
class CallSettings:
    """Bounds of one question: seconds per attempt, tokens of the answer, attempts, longest pause between them."""

    timeout: float = 120.0
    max_tokens: int = 16_000
    attempts: int = 3
    longest_pause: float = 30.0
    max_characters: int = 1_000_000


@final
class ProviderModel:
    """A `ChatModel` at a provider. Made without contacting anybody; the client is made when first asked."""

    def __init__(
        self,
        spec: ModelSpec,
        environ: Mapping[str, str],
        settings: CallSettings = CallSettings(),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._spec = spec
        self._environ = dict(environ)
        self._settings = settings
        self._sleep = sleep
        self._lock = threading.Lock()
        self._model: Model[Any] | None = None
        self._enforces = True

    @property
    def spec(self) -> ModelSpec:
        """Which model it is."""
        return self._spec

    def complete(self, system: str, user: str, schema: Type | None = None) -> Reply:
        """Ask; on an overloaded or failing provider ask again, as often as the settings say. Raises ModelError."""
        from pydantic_ai.messages import ModelRequest, SystemPromptPart, UserPromptPart

        model = self._connected()
        messages: list[ModelMessage] = [ModelRequest(parts=[SystemPromptPart(system), UserPromptPart(user)])]
        for attempt in range(1, self._settings.attempts + 1):
            parameters = _parameters(model, schema if self._enforces else None)
            try:
                return _reply_of(self._ask(model, messages, parameters), self._settings.max_characters)
            except _FailedAttemptError as failed:
                if failed.status == 400 and schema is not None and self._enforces:
                    self._enforces = False  # this server does not know the field: the prompt asks for the schema anyway
                    continue
                pause = self._pause(failed, attempt)
                if pause is None:
                    raise failed.error from None
            self._sleep(pause)
        raise ModelError("the model's server refused every form of the question", status=400)

    def respond(self, messages: list[ModelMessage], parameters: ModelRequestParameters) -> ModelResponse:
        """One turn of a history, as the client has it, with the same attempts. Raises ModelError.

        For comparisons with agents that have no firewall: nothing in the product asks a model this way.
        """
        model = self._connected()
        for attempt in range(1, self._settings.attempts + 1):
            try:
                return self._ask(model, messages, parameters)
            except _FailedAttemptError as failed:
                pause = self._pause(failed, attempt)
                if pause is None:
                    raise failed.error from None
            self._sleep(pause)
        raise ModelError("the model was asked no times", status=400)

    def close(self) -> None:
        """Close the connections. The model can be used again afterwards."""
        with self._lock:
            model, self._model = self._model, None
        if model is not None:
            _loop().run(_close(model), 10.0)

    def _connected(self) -> Model[Any]:
        with self._lock:
            if self._model is None:
                self._model = build(self._spec, self._environ)
            return self._model

    def _ask(
        self, model: Model[Any], messages: list[ModelMessage], parameters: ModelRequestParameters
    ) -> ModelResponse:
        from pydantic_ai.direct import model_request
        from pydantic_ai.settings import ModelSettings

        settings = ModelSettings(
            max_tokens=self._settings.max_tokens,
            timeout=self._settings.timeout,
            request_timeout=self._settings.timeout,
            max_retries=0,
        )
        request = model_request(model, messages, model_settings=settings, model_request_parameters=parameters)
        try:
            return _loop().run(request, self._settings.timeout + 5.0)
        except Exception as problem:
            raise _attempt(problem) from problem

    def _pause(self, failed: _FailedAttemptError, attempt: int) -> float | None:
        """Seconds until the next attempt, or None if there is none."""
        if attempt >= self._settings.attempts or not failed.again:
            return None
        if failed.status in _WAITS_AS_TOLD and failed.retry_after is not None:
            return failed.retry_after if failed.retry_after <= self._settings.longest_pause else None
        return min(0.5 * 2.0 ** (attempt - 1), self._settings.longest_pause)


class _FailedAttemptError(Exception):
    """One attempt failed: the error to tell, and whether another attempt could help."""

    def __init__(self, error: ModelError, *, again: bool, retry_after: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.again = again
        self.status = error.status
        self.retry_after = retry_after


def _attempt(problem: Exception) -> _FailedAttemptError:
    """What a client raised, as ours. The texts of providers echo prompts, so none is kept."""
    from pydantic_ai import exceptions as kinds

    if isinstance(problem, kinds.ModelHTTPError):
        status = problem.status_code
        if status == 413 or (status in (400, 422) and _says_too_long(problem.body)):
            return _FailedAttemptError(TooLongError(_STATUS[413], status=413), again=False)
        again = status in RETRIED
        message = _STATUS.get(status, f"the model's server answered HTTP {status}")
        error = ModelError(message, status=status, retryable=again)
        return _FailedAttemptError(error, again=again, retry_after=problem.retry_after)
    if isinstance(problem, kinds.ModelTimeoutError | kinds.ModelRequestTimeout | TimeoutError | CancelledError):
        return _FailedAttemptError(ModelError("the model did not answer in time", retryable=True), again=False)
    if isinstance(problem, kinds.ContentFilterError):
        return _FailedAttemptError(UnusableReplyError("the provider's content filter stopped the answer"), again=False)
    if isinstance(problem, kinds.ModelAPIError):
        hint = "check the URL, and that the server runs"
        return _FailedAttemptError(
            ModelError("the model's server could not be reached", hint=hint, retryable=True), again=True
        )
    if isinstance(problem, kinds.UnexpectedModelBehavior):
        return _FailedAttemptError(
            ModelError("the model's server answered what its interface does not allow"), again=False
        )
    return _FailedAttemptError(ModelError(f"the model's client failed ({type(problem).__name__})"), again=False)


def _says_too_long(body: object) -> bool:
    """Whether the error is about the length of the question, in one of the ways in which providers say so."""
    text = str(body)[:2_000].lower()
    marks = ("context_length", "context length", "maximum context", "prompt is too long", "input token count")
    return any(mark in text for mark in marks)


_STATUS: Final[dict[int, str]] = {
    400: "the model's server did not accept the question (HTTP 400)",
    401: "the model's server did not accept the key (HTTP 401)",
    403: "the key may not use this model (HTTP 403)",
    404: "the model's server has no such model, or the base URL is wrong (HTTP 404)",
    413: "the question is too long for the model (HTTP 413)",
    429: "the provider's rate limit or quota is used up (HTTP 429)",
    500: "the model's server failed (HTTP 500)",
    503: "the model's server is overloaded (HTTP 503)",
}


def _reply_of(response: ModelResponse, max_characters: int) -> Reply:
    """The text of a complete answer. Raises ModelError for refusals, filters, cut-off and empty answers."""
    details = response.provider_details if response.provider_details is not None else {}
    if "refusal" in details or response.finish_reason == "content_filter":
        raise UnusableReplyError("the model refused, or the provider's content filter stopped the answer")
    if response.finish_reason == "length":
        raise UnusableReplyError("the model's answer was cut off: it needs more tokens than allowed")
    if response.finish_reason == "error":
        raise UnusableReplyError("the model stopped with an error", retryable=True)
    text = "".join(part.content for part in response.parts if part.part_kind == "text")
    if not text.strip():
        raise UnusableReplyError("the model's answer was empty", retryable=True)
    if len(text) > max_characters:
        raise UnusableReplyError("the model's answer was larger than allowed")
    return Reply(text, response.usage.input_tokens, response.usage.output_tokens)


def _parameters(model: Model[Any], schema: Type | None) -> ModelRequestParameters:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition

    if schema is None or not enforceable(schema) or not model.profile.get("supports_json_schema_output", False):
        return ModelRequestParameters()
    wanted = OutputObjectDefinition(json_schema=json_schema(schema), name="reply")
    return ModelRequestParameters(output_mode="native", output_object=wanted, allow_text_output=False)


def enforceable(schema: Type) -> bool:
    """Whether a provider can be given the schema. Open objects cannot be enforced: some providers would force `{}`."""
    match schema:
        case AnyType() | DictType():
            return False
        case ListType():
            return enforceable(schema.item)
        case TupleType():
            return all(map(enforceable, schema.items))
        case UnionType():
            return all(map(enforceable, schema.options))
        case RecordType():
            return all(enforceable(field.type) for field in schema.fields)
        case Scalar() | LiteralType() | EnumType():
            return True
        case _:
            assert_never(schema)


def build(spec: ModelSpec, environ: Mapping[str, str]) -> Model[Any]:
    """The client of a provider. Raises ModelError E361 without a key, ConfigError if the package is missing."""
    key, url = key_of(spec, environ), base_url_of(spec, environ)
    if key is None and url is None:
        raise ModelError(
            f"there is no key for {spec.provider}",
            code="E361",
            hint=f"set {' or '.join(KEYS[spec.provider])}, or choose another model with --model",
        )
    name = spec.name if spec.name else first_model(url, key)
    try:
        return _BUILDERS[spec.provider](name, "not-set" if key is None else key, url)
    except ImportError as problem:
        raise ConfigError(f"the client for {spec.provider} is not installed") from problem


def first_model(base_url: str | None, key: str | None) -> str:
    """The first model that an OpenAI-compatible server lists."""
    import httpx2

    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    try:
        listed = httpx2.get(f"{str(base_url).rstrip('/')}/models", headers=headers, timeout=5.0).json()
        return str(listed["data"][0]["id"])
    except (httpx2.HTTPError, ValueError, KeyError, IndexError, TypeError) as problem:
        raise ModelError(
            "the local model server does not say which models it has", code="E361", hint="name one: --model ollama:NAME"
        ) from problem


def _openai(name: str, key: str, url: str | None) -> Model[Any]:
    """Another server than OpenAI's own speaks Chat Completions; OpenAI's own has Responses."""
    if url is None:
        return _openai_responses(name, key, url)
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIChatModel(name, provider=OpenAIProvider(base_url=url, api_key=key))


def _openai_responses(name: str, key: str, url: str | None) -> Model[Any]:
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    where = "https://api.openai.com/v1" if url is None else url
    return OpenAIResponsesModel(name, provider=OpenAIProvider(base_url=where, api_key=key))


def _anthropic(name: str, key: str, url: str | None) -> Model[Any]:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    return AnthropicModel(name, provider=AnthropicProvider(api_key=key, base_url=url))


def _google(name: str, key: str, url: str | None) -> Model[Any]:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleModel(name, provider=GoogleProvider(api_key=key, base_url=url))


def _ollama(name: str, key: str, url: str | None) -> Model[Any]:
    from pydantic_ai.models.ollama import OllamaModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.ollama import OllamaProvider

    # Ollama knows the older name of the bound only, and would answer without one.
    profile = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False)
    return OllamaModel(name, provider=OllamaProvider(base_url=url, api_key=key), profile=profile)


_BUILDERS: Final[dict[str, Callable[[str, str, str | None], Model[Any]]]] = {
    "openai": _openai,
    "openai-responses": _openai_responses,
    "anthropic": _anthropic,
    "google": _google,
    "ollama": _ollama,
}


async def _close(model: Model[Any]) -> None:
    async with model:
        pass


class _Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="ringfence-models", daemon=True).start()

    def run(self, work: Coroutine[object, object, _T], timeout: float) -> _T:
        """Run to the end and return the result, from any thread but the loop's own."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise


@lru_cache(maxsize=1)
def _loop() -> _Loop:
    return _Loop()
