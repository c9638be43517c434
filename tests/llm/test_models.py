"""Names of models, and what the environment offers."""

import socket
import subprocess
import sys

import pytest

from ringfence.core.errors import ConfigError
from ringfence.llm import models
from ringfence.llm.models import ModelSpec, base_url_of, discover, key_of


def never() -> bool:
    raise AssertionError("something is configured, so nothing may be contacted")


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("openai:gpt-6.1-sol", ModelSpec("openai", "gpt-6.1-sol")),
        ("openai:qwen3:8b@http://127.0.0.1:8000/v1", ModelSpec("openai", "qwen3:8b", "http://127.0.0.1:8000/v1")),
        ("openai:@https://llm.example/v1", ModelSpec("openai", "", "https://llm.example/v1")),
        ("openai-responses:gpt-6-luna", ModelSpec("openai-responses", "gpt-6-luna")),
        ("anthropic:claude-sonnet-5-5", ModelSpec("anthropic", "claude-sonnet-5-5")),
        ("google:gemini-3.8-flash", ModelSpec("google", "gemini-3.8-flash")),
        ("ollama:llama3.2:3b-instruct", ModelSpec("ollama", "llama3.2:3b-instruct")),
        ("ollama:", ModelSpec("ollama")),
        (" offline ", ModelSpec("offline")),
    ],
)
def test_parse_and_back(text: str, spec: ModelSpec) -> None:
    assert ModelSpec.parse(text) == spec
    assert ModelSpec.parse(str(spec)) == spec


@pytest.mark.parametrize(
    "text",
    [
        "", "gpt-6", "openai", "openai:", "anthropic:", "bedrock:x", "offline:x", "openai:a b", "openai:x\n",
        "openai:-x", "openai:x@httpfoo", "openai:x@http://user:key@host/v1", "openai:x@http://host:99999/v1",
        "openai:x@http:///v1", "OPENAI:x", "openai:" + "x" * 300,
    ],
)  # fmt: skip
def test_parse_refuses(text: str) -> None:
    if text == "openai:x\n":  # surrounding white space is the shell's
        assert ModelSpec.parse(text) == ModelSpec("openai", "x")
        return
    with pytest.raises(ConfigError) as caught:
        ModelSpec.parse(text)
    assert caught.value.hint is not None
    assert len(text) < 8 or text not in caught.value.render()


@pytest.mark.parametrize(
    ("environ", "planner", "quarantine", "source"),
    [
        ({"OPENAI_API_KEY": "k"}, "openai:gpt-6.1-sol", "openai:gpt-6-luna", "OPENAI_API_KEY"),
        ({"ANTHROPIC_API_KEY": "k"}, "anthropic:claude-sonnet-5-5", "anthropic:claude-haiku-5-5", "ANTHROPIC_API_KEY"),
        ({"GOOGLE_API_KEY": "k"}, "google:gemini-3.8-flash", "google:gemini-3.5-flash-lite", "GOOGLE_API_KEY"),
        ({"GEMINI_API_KEY": "k"}, "google:gemini-3.8-flash", "google:gemini-3.5-flash-lite", "GEMINI_API_KEY"),
        ({"OPENAI_BASE_URL": "http://h/v1"}, "openai:", "openai:", "OPENAI_BASE_URL"),
        ({"OLLAMA_BASE_URL": "http://h/v1"}, "ollama:", "ollama:", "OLLAMA_BASE_URL"),
        ({"RINGFENCE_MODEL": "offline", "OPENAI_API_KEY": "k"}, "offline", "offline", "RINGFENCE_MODEL"),
        (
            {"OPENAI_API_KEY": "k", "RINGFENCE_QUARANTINE_MODEL": "ollama:llama3.2"},
            "openai:gpt-6.1-sol", "ollama:llama3.2", "OPENAI_API_KEY",
        ),
    ],
)  # fmt: skip
def test_discover(environ: dict[str, str], planner: str, quarantine: str, source: str) -> None:
    found = discover(environ, never)
    assert (str(found.planner), str(found.quarantine), found.source) == (planner, quarantine, source)


def test_discover_nothing_is_offline_and_empty_counts_as_unset() -> None:
    found = discover({"OPENAI_API_KEY": "", "RINGFENCE_MODEL": " "}, lambda: False)
    assert found.offline
    assert str(found.quarantine) == "offline"
    assert found.source == "nothing configured"


def test_discover_local_server() -> None:
    found = discover({}, lambda: True)
    assert (str(found.planner), found.source) == ("ollama:", "a local server")


def test_discover_bad_override() -> None:
    with pytest.raises(ConfigError):
        discover({"RINGFENCE_MODEL": "nonsense"}, never)


def test_probe_finds_a_listener_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setattr(models, "OLLAMA_PORT", listener.getsockname()[1])
        assert models.ollama_listens()
    assert not models.ollama_listens()


def test_keys_belong_to_their_provider() -> None:
    environ = {"OPENAI_API_KEY": "open", "GEMINI_API_KEY": "gem", "ANTHROPIC_API_KEY": " "}
    assert key_of(ModelSpec("openai", "x"), environ) == "open"
    assert key_of(ModelSpec("google", "x"), environ) == "gem"
    assert key_of(ModelSpec("anthropic", "x"), environ) is None


def test_base_urls() -> None:
    environ = {"OPENAI_BASE_URL": "http://one/v1"}
    assert base_url_of(ModelSpec("openai", "x"), environ) == "http://one/v1"
    assert base_url_of(ModelSpec("openai", "x", "http://two/v1"), environ) == "http://two/v1"
    assert base_url_of(ModelSpec("ollama", "x"), {}) == "http://127.0.0.1:11434/v1"
    assert base_url_of(ModelSpec("anthropic", "x"), environ) is None
    with pytest.raises(ConfigError):
        base_url_of(ModelSpec("openai", "x"), {"OPENAI_BASE_URL": "ftp://secret@host"})


def test_importing_costs_no_provider() -> None:
    code = (
        "import sys, ringfence.llm.models, ringfence.llm.providers, ringfence.llm.planner, ringfence.llm.composer, "
        "ringfence.llm.quarantine, ringfence.llm.offline.planner, ringfence.llm.offline.reading; "
        "heavy = {'pydantic_ai', 'openai', 'anthropic', 'google.genai', 'httpx2', 'httpx'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
