"""The server of the doubles speaks the formats closely enough for the official clients, whole and as streams."""

import json

import pytest

from ringfence.core.errors import ModelError
from ringfence.llm.models import ModelSpec, UnusableReplyError
from ringfence.llm.planner import Planner, Task, extract_plan, without_thoughts
from ringfence.llm.providers import CallSettings, ProviderModel
from ringfence.llm.quarantine import Quarantine
from ringfence.schema import type_of
from ringfence.testing import Behaviour, ModelServer, RecordedModel, RecordingModel, ScriptedModel, ScriptEndedError

TEXT = "It is a long answer, in several pieces. Ünïcödé, too."
ASKED = [{"role": "user", "content": "What is it?"}]
PLAN = "```python\nanswer(1)\n```"


def openai_client(server):
    openai = pytest.importorskip("openai")
    return openai.OpenAI(base_url=server.url, api_key="k", max_retries=0)


def anthropic_client(server):
    anthropic = pytest.importorskip("anthropic")
    return anthropic.Anthropic(base_url=server.root, api_key="k", max_retries=0)


def ollama_client(server):
    ollama = pytest.importorskip("ollama", reason="the ollama client is not installed")
    return ollama.Client(host=server.root)


def test_openai_chat_completions():
    with ModelServer([TEXT]) as server, openai_client(server) as client:
        whole = client.chat.completions.create(model="m", messages=ASKED)
        assert (whole.choices[0].message.content, whole.usage.total_tokens) == (TEXT, 18)
        stream = client.chat.completions.create(model="m", messages=ASKED, stream=True)
        assert "".join(event.choices[0].delta.content or "" for event in stream) == TEXT


def test_openai_responses():
    with ModelServer([TEXT]) as server, openai_client(server) as client:
        assert client.responses.create(model="m", input="What?").output_text == TEXT
        with client.responses.stream(model="m", input="What?") as stream:
            text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
            assert (text, stream.get_final_response().output_text) == (TEXT, TEXT)


def test_anthropic_messages():
    with ModelServer([TEXT]) as server, anthropic_client(server) as client:
        whole = client.messages.create(model="m", max_tokens=9, messages=ASKED)
        assert (whole.content[0].text, whole.usage.output_tokens) == (TEXT, 7)
        with client.messages.stream(model="m", max_tokens=9, messages=ASKED) as stream:
            assert "".join(stream.text_stream) == TEXT
            assert stream.get_final_message().stop_reason == "end_turn"


def test_ollama_chat():
    with ModelServer([TEXT], models=("a:3b", "b")) as server:
        client = ollama_client(server)
        whole = client.chat(model="m", messages=ASKED)
        assert (whole.message.content, whole.eval_count) == (TEXT, 7)
        assert "".join(part.message.content for part in client.chat(model="m", messages=ASKED, stream=True)) == TEXT
        assert [one.model for one in client.list().models] == ["a:3b", "b"]
        client._client.close()


def test_a_stream_that_is_cut():
    with ModelServer([Behaviour(TEXT, cut=2)]) as server, openai_client(server) as client:
        stream = client.chat.completions.create(model="m", messages=ASKED, stream=True)
        assert "".join(event.choices[0].delta.content or "" for event in stream) == TEXT[:14]


@pytest.mark.parametrize("provider", ["openai", "openai-responses", "anthropic", "google", "ollama"])
@pytest.mark.parametrize("cut", [0, 1, 40])
def test_half_an_answer_is_an_error(provider, cut):
    with ModelServer([Behaviour(TEXT, cut=cut)]) as server:
        url = server.root if provider in ("anthropic", "google") else server.url
        settings = CallSettings(timeout=10, attempts=2)
        model = ProviderModel(ModelSpec(provider, "m", url), {}, settings, lambda seconds: None)
        with pytest.raises(ModelError) as caught:
            model.complete("s", "u")
        assert TEXT not in caught.value.render()
        model.close()


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe\x00{", b'{"choices": [{"message": {"content": "\xc3\x28"}}]}', b"\x00" * 100]
)
def test_bytes_that_are_no_utf8(raw):
    with ModelServer([Behaviour(raw=raw)]) as server:
        model = ProviderModel(ModelSpec("openai", "m", server.url), {}, CallSettings(attempts=1), lambda seconds: None)
        with pytest.raises(ModelError):
            model.complete("s", "u")
        model.close()


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"code": "context_length_exceeded", "message": "too many"}},
        {"error": {"message": "This model's maximum context length is 8192 tokens"}},
        {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 3 > 2"}},
    ],
)
def test_a_context_that_is_too_long_is_told_apart_and_read_in_parts(error):
    too_long = Behaviour(status=400, raw=json.dumps(error).encode())
    ok = '{"value": 1, "not_enough_information": false}'
    with ModelServer([too_long, ok, ok, ok]) as server:
        model = ProviderModel(ModelSpec("openai", "m", server.url), {}, CallSettings(attempts=1), lambda seconds: None)
        assert Quarantine(model).read("How many?", ("x" * 4000,), type_of(int)) == 1
        assert len(server.requests) == 4
        model.close()


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_what_a_reasoning_model_thinks_is_no_plan(provider):
    with ModelServer([Behaviour(PLAN, thinking="```python\nwipe()\n```")]) as server:
        url = server.root if provider == "anthropic" else server.url
        model = ProviderModel(ModelSpec(provider, "m", url), {})
        assert extract_plan(model.complete("s", "u").text) == "answer(1)\n"
        model.close()


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("<think>\n```python\nwipe()\n```\n</think>\n" + PLAN, PLAN),
        ("<thinking>a</thinking><think>b</think>" + PLAN, PLAN),
        ("  <THINK>x</THINK>" + PLAN, PLAN),
        ("<think>never ends\n" + PLAN, ""),
        (PLAN + "<think>later</think>", PLAN + "<think>later</think>"),
        ("no thought", "no thought"),
    ],
)
def test_thoughts_aloud_are_left_out(answer, left):
    assert without_thoughts(answer).strip() == left.strip()


def test_a_quarantined_model_may_think_aloud():
    replies = ['<think>{"value": 7}</think>{"value": 3, "not_enough_information": false}', "<think>x</think>fine"]
    quarantine = Quarantine(ScriptedModel(replies))
    assert quarantine.read("?", ("x",), type_of(int)) == 3
    assert quarantine.read("?", ("x",), type_of(str)) == "fine"


def test_another_language_is_asked_for_again_in_python():
    from datetime import date

    from ringfence.llm.planner import plan_until_checked

    model = ScriptedModel(["```javascript\nanswer(1);\n```", PLAN])
    task = Task("x", (), date(2026, 3, 4), "user")
    assert plan_until_checked(Planner(model), task, check=lambda text: text).text == "answer(1)\n"
    assert "no other language" in model.asked[1].user


def test_a_recorded_model_asks_once_and_replays_without_a_key(tmp_path):
    path = tmp_path / "recorded.json"
    behind = RecordingModel(ScriptedModel(["hello"]))
    first = RecordedModel(path, behind)
    assert [first.complete("s", "u").text for _ in range(3)] == ["hello"] * 3
    assert len(behind.asked) == 1
    again = RecordedModel(path)
    assert again.complete("s", "u") == first.complete("s", "u")
    with pytest.raises(ScriptEndedError):
        again.complete("s", "another question")
    assert "u" not in json.loads(path.read_text())


def test_refusals_are_no_answers():
    with ModelServer([Behaviour("I cannot", finish="refusal")]) as server:
        model = ProviderModel(ModelSpec("openai", "m", server.url), {})
        with pytest.raises(UnusableReplyError):
            model.complete("s", "u")
        model.close()
