"""Real provider clients against a server on loopback that speaks their formats."""

import threading
import time
from collections.abc import Iterable

import pytest

from ringfence.core.errors import ModelError
from ringfence.llm.models import ModelSpec, Reply, UnusableReplyError
from ringfence.llm.providers import CallSettings, ProviderModel, enforceable
from ringfence.schema import Field, RecordType, Scalar, Type, type_of
from ringfence.testing import Behaviour, ModelServer

PROVIDERS = ["openai", "openai-responses", "anthropic", "google", "ollama"]
NAMES = {"anthropic": "claude-sonnet-5-5", "google": "gemini-3.8-flash"}
ANSWER = RecordType("Reply", (Field("value", Scalar("int")),), mapping=True)
CANARY = "CANARY-4711"


class Naps:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def connect(server: ModelServer, provider: str, naps: Naps | None = None, **settings: float) -> ProviderModel:
    url = server.root if provider in NAMES else server.url
    spec = ModelSpec(provider, NAMES.get(provider, "test-model"), url)
    return ProviderModel(spec, {}, CallSettings(**({"timeout": 20.0} | settings)), naps if naps is not None else Naps())  # type: ignore[arg-type]


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def asked(server: ModelServer, model: ProviderModel, schema: Type | None = None) -> Reply:
    return model.complete("You are terse.", f"What is it? {CANARY}", schema)


def test_answer_and_tokens(provider: str) -> None:
    with ModelServer(["It is this."]) as server:
        model = connect(server, provider)
        assert asked(server, model) == Reply("It is this.", 11, 7)
        [request] = server.requests
        assert "You are terse." in str(request.body)
        assert CANARY in str(request.body)
        bounds = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens")
        assert any(f"'{bound}': 16000" in str(request.body) for bound in bounds)
        assert "tools" not in request.body or not request.body["tools"]
        model.close()
        assert asked(server, model).text == "It is this."  # closed models connect again
        model.close()


def test_schema_reaches_the_provider(provider: str) -> None:
    with ModelServer(['{"value": 3}']) as server:
        model = connect(server, provider)
        assert asked(server, model, ANSWER).text == '{"value": 3}'
        body = str(server.requests[0].body)
        assert "json_schema" in body or "responseJsonSchema" in body
        assert "'additionalProperties': False" in body or provider == "google"
        model.close()


def test_open_schema_is_not_enforced(provider: str) -> None:
    with ModelServer(['{"a": 3}']) as server:
        model = connect(server, provider)
        asked(server, model, type_of(dict[str, int]))
        assert "chema" not in str(server.requests[0].body)
        model.close()


def test_server_that_does_not_know_schemas(provider: str) -> None:
    with ModelServer([Behaviour(status=400), '{"value": 3}', '{"value": 4}']) as server:
        model = connect(server, provider)
        assert asked(server, model, ANSWER).text == '{"value": 3}'
        assert asked(server, model, ANSWER).text == '{"value": 4}'
        assert ["chema" in str(request.body) for request in server.requests] == [True, False, False]
        model.close()


BAD = {
    "cut off": Behaviour("half an ans", finish="length"),
    "refusal": Behaviour(f"I cannot: {CANARY}", finish="refusal"),
    "filter": Behaviour("", finish="filter"),
    "empty": Behaviour(""),
    "blank": Behaviour(" \n"),
}


@pytest.mark.parametrize("kind", BAD)
def test_unusable_replies(provider: str, kind: str) -> None:
    with ModelServer([BAD[kind]]) as server:
        model = connect(server, provider)
        with pytest.raises(UnusableReplyError) as caught:
            asked(server, model)
        assert caught.value.code == "E360"
        assert caught.value.retryable is (kind in ("empty", "blank"))
        assert CANARY not in caught.value.render()
        assert len(server.requests) == 1
        model.close()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_errors_that_no_retry_helps(provider: str, status: int) -> None:
    with ModelServer([Behaviour(status=status)]) as server:
        model = connect(server, provider)
        with pytest.raises(ModelError) as caught:
            asked(server, model)
        assert (caught.value.status, caught.value.retryable, len(server.requests)) == (status, False, 1)
        assert CANARY not in caught.value.render(), "the server's error text repeats the question"
        assert caught.value.__suppress_context__
        assert caught.value.__cause__ is None
        model.close()


def test_retries_are_bounded(provider: str) -> None:
    naps = Naps()
    with ModelServer([Behaviour(status=500)]) as server:
        model = connect(server, provider, naps)
        with pytest.raises(ModelError) as caught:
            asked(server, model)
        assert (caught.value.status, caught.value.retryable, len(server.requests)) == (500, True, 3)
        assert naps.seconds == [0.5, 1.0]
        model.close()


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(provider: str, status: int) -> None:
    naps = Naps()
    with ModelServer([Behaviour(status=status, headers=(("retry-after", "7"),)), "now"]) as server:
        model = connect(server, provider, naps)
        assert asked(server, model).text == "now"
        assert naps.seconds == [7.0]
        model.close()


def test_retry_after_of_other_errors_is_not(provider: str) -> None:
    naps = Naps()
    with ModelServer([Behaviour(status=500, headers=(("retry-after", "7"),)), "now"]) as server:
        model = connect(server, provider, naps)
        assert asked(server, model).text == "now"
        assert naps.seconds == [0.5]
        model.close()


def test_retry_after_too_long_is_an_error_at_once(provider: str) -> None:
    naps = Naps()
    with ModelServer([Behaviour(status=429, headers=(("retry-after", "86400"),)), "never"]) as server:
        model = connect(server, provider, naps)
        with pytest.raises(ModelError) as caught:
            asked(server, model)
        assert (caught.value.status, caught.value.retryable, naps.seconds) == (429, True, [])
        model.close()


@pytest.mark.parametrize(
    "raw", [b'{"half', b"<html>", b"", b"[1, 2]", b'{"choices": "no", "candidates": 3, "content": 5}']
)
def test_garbage_from_the_server(provider: str, raw: bytes) -> None:
    with ModelServer([Behaviour(raw=raw)]) as server:
        model = connect(server, provider)
        with pytest.raises(ModelError):
            asked(server, model)
        assert 1 <= len(server.requests) <= 3
        model.close()


def test_dropped_connection_is_retried(provider: str) -> None:
    with ModelServer([Behaviour(drop=True), "back"]) as server:
        model = connect(server, provider)
        assert asked(server, model).text == "back"
        model.close()


def test_silence_times_out(provider: str) -> None:
    with ModelServer([Behaviour(hang=True)]) as server:
        model = connect(server, provider, timeout=0.3)
        begin = time.monotonic()
        with pytest.raises(ModelError) as caught:
            asked(server, model)
        assert time.monotonic() - begin < 5
        assert (caught.value.status, caught.value.retryable) == (None, True)
        assert len(server.requests) == 1, "a slow model is not asked again"
        model.close()


def test_nobody_listens(provider: str) -> None:
    with ModelServer() as server:
        model = connect(server, provider)
    with pytest.raises(ModelError) as caught:
        asked(server, model)
    assert caught.value.hint == "check the URL, and that the server runs"
    model.close()


def test_huge_answer() -> None:
    with ModelServer(["x" * 5000]) as server:
        model = connect(server, "openai", max_characters=1000)
        with pytest.raises(UnusableReplyError):
            asked(server, model)
        model.close()


def test_no_key_is_no_call() -> None:
    model = ProviderModel(ModelSpec("anthropic", "claude-sonnet-5-5"), {"OPENAI_API_KEY": "k"})
    with pytest.raises(ModelError) as caught:
        model.complete("s", "u")
    assert caught.value.code == "E361"
    assert caught.value.hint is not None
    assert "ANTHROPIC_API_KEY" in caught.value.hint


def test_key_is_sent_to_the_provider_only() -> None:
    with ModelServer() as server:
        model = ProviderModel(
            ModelSpec("openai", "m", server.url), {"OPENAI_API_KEY": "mine", "ANTHROPIC_API_KEY": "other"}
        )
        model.complete("s", "u")
        [request] = server.requests
        assert request.headers["authorization"] == "Bearer mine"
        assert "other" not in str(request)
        model.close()


def test_first_model_of_a_local_server() -> None:
    with ModelServer(["hi"], models=("llama3.2:3b", "other")) as server:
        model = ProviderModel(ModelSpec("ollama", "", server.url), {})
        assert model.complete("s", "u").text == "hi"
        assert server.requests[0].body["model"] == "llama3.2:3b"
        assert server.requests[0].body["max_tokens"] == 16000
        model.close()
    with ModelServer(models=()) as server:
        with pytest.raises(ModelError) as caught:
            ProviderModel(ModelSpec("ollama", "", server.url), {}).complete("s", "u")
        assert caught.value.code == "E361"


def test_threads_share_one_model() -> None:
    with ModelServer([f"answer {number}" for number in range(8)]) as server:
        model = connect(server, "openai")
        found: list[str] = []
        threads = [threading.Thread(target=lambda: found.append(asked(server, model).text)) for _ in range(8)]
        run(threads)
        assert sorted(found) == [f"answer {number}" for number in range(8)]
        model.close()


def run(threads: Iterable[threading.Thread]) -> None:
    threads = list(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


async def test_inside_a_running_loop() -> None:
    with ModelServer(["hi"]) as server:
        model = connect(server, "openai")
        assert asked(server, model).text == "hi"
        model.close()


@pytest.mark.parametrize(
    ("annotation", "whether"),
    [
        (int, True),
        (list[int], True),
        (int | None, True),
        (tuple[int, str], True),
        (dict[str, int], False),
        (list[dict[str, int]], False),
    ],
)
def test_enforceable(annotation: object, whether: bool) -> None:
    assert enforceable(type_of(annotation)) is whether
