"""Which model, and how to talk to one: the interface, its name as text, and what the environment offers.

Its one rule: nothing is imported and nothing is contacted until a model is used. It must not read a key
that belongs to another provider, and must not decide what a model may see: that is the monitor's.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, final
from urllib.parse import urlsplit

from ringfence.core.errors import ConfigError, ModelError
from ringfence.schema import Type

OFFLINE: Final = "offline"
OLLAMA_PORT: Final = 11434
_PROBE_SECONDS: Final = 0.2

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "openai": ("OPENAI_API_KEY",),
    "openai-responses": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "ollama": ("OLLAMA_API_KEY",),
}
BASE_URLS: Final[dict[str, str]] = {
    "openai": "OPENAI_BASE_URL",
    "openai-responses": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "google": "GOOGLE_GEMINI_BASE_URL",
    "ollama": "OLLAMA_BASE_URL",
}
# Planner first, then quarantine: the second reads much and decides nothing, so the small one of each family.
DEFAULT_NAMES: Final[dict[str, tuple[str, str]]] = {
    "openai": ("gpt-6.1-sol", "gpt-6-luna"),
    "anthropic": ("claude-sonnet-5-5", "claude-haiku-5-5"),
    "google": ("gemini-3.8-flash", "gemini-3.5-flash-lite"),
}
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,199}")


class UnusableReplyError(ModelError):
    """The model was reached, and what it answered cannot be used: a refusal, nothing, or half of an answer."""


class TooLongError(ModelError):
    """The question is longer than the model's context."""


@final
@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote, and what it cost in tokens (0 where the provider does not say)."""

    text: str
    input_tokens: int = 0
    output_tokens: int = 0


class ChatModel(Protocol):
    """One question, one answer, no memory. Raises ModelError."""

    def complete(self, system: str, user: str, schema: Type | None = None) -> Reply:
        """Ask. With a `schema`, the provider is asked to enforce it where it can; the caller validates always."""


@final
@dataclass(frozen=True, slots=True)
class ModelSpec:
    """`PROVIDER:NAME`, `PROVIDER:NAME@URL`, or `offline`. An empty name is the first model that the server has."""

    provider: str
    name: str = ""
    base_url: str | None = None

    @classmethod
    def parse(cls, text: str) -> ModelSpec:
        """Read `openai:gpt-…`, `openai:NAME@http://host:port/v1`, `ollama:NAME`, `offline`. Raises ConfigError."""
        if text.strip() == OFFLINE:
            return cls(OFFLINE)
        provider, colon, rest = text.strip().partition(":")
        name, at, tail = rest.partition("@http")
        base_url = f"http{tail}" if at else None
        if not colon or provider not in KEYS:
            raise _bad("the provider of a model is unknown")
        if name and not _NAME.fullmatch(name):
            raise _bad("the name of a model has characters that no model's name has")
        if not name and base_url is None and provider != "ollama":
            raise _bad("a model needs a name")
        if base_url is not None and not _is_base_url(base_url):
            raise _bad("the base URL of a model is not an http(s) URL without credentials")
        return cls(provider, name, base_url)

    def __str__(self) -> str:
        if self.provider == OFFLINE:
            return OFFLINE
        return f"{self.provider}:{self.name}" + (f"@{self.base_url}" if self.base_url is not None else "")


def _bad(message: str) -> ConfigError:
    return ConfigError(
        message,
        hint=f"write PROVIDER:NAME, PROVIDER:NAME@http://host:port/v1 or {OFFLINE}; providers: {', '.join(KEYS)}",
    )


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises if it is no port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


@final
@dataclass(frozen=True, slots=True)
class Configured:
    """The models found. `source` says where: the name of a variable, "a local server", or "nothing configured"."""

    planner: ModelSpec
    quarantine: ModelSpec
    source: str

    @property
    def offline(self) -> bool:
        """Whether the rule-based stand-in plans."""
        return self.planner.provider == OFFLINE


def discover(environ: Mapping[str, str], probe: Callable[[], bool] | None = None) -> Configured:
    """The models that the environment configures, else a local server, else the offline stand-in.

    `RINGFENCE_MODEL` and `RINGFENCE_QUARANTINE_MODEL` come first. `probe` says whether a local Ollama listens; by
    default one connect attempt on loopback of at most 0.2 s, made only if nothing else is configured.
    """
    found = _by_environment(environ)
    if found is None and (probe if probe is not None else ollama_listens)():
        found = Configured(ModelSpec("ollama"), ModelSpec("ollama"), "a local server")
    if found is None:
        found = Configured(ModelSpec(OFFLINE), ModelSpec(OFFLINE), "nothing configured")
    reader = _set(environ, "RINGFENCE_QUARANTINE_MODEL")
    if reader is None:
        return found
    return Configured(found.planner, ModelSpec.parse(reader), found.source)


def _by_environment(environ: Mapping[str, str]) -> Configured | None:
    chosen = _set(environ, "RINGFENCE_MODEL")
    if chosen is not None:
        spec = ModelSpec.parse(chosen)
        return Configured(spec, spec, "RINGFENCE_MODEL")
    for provider, (planner, reader) in DEFAULT_NAMES.items():
        for variable in KEYS[provider]:
            if _set(environ, variable) is not None:
                return Configured(ModelSpec(provider, planner), ModelSpec(provider, reader), variable)
    for provider in ("openai", "ollama"):
        if _set(environ, BASE_URLS[provider]) is not None:
            return Configured(ModelSpec(provider), ModelSpec(provider), BASE_URLS[provider])
    return None


def _set(environ: Mapping[str, str], variable: str) -> str | None:
    """The variable's value; None also for an empty one, which shells use for "not set"."""
    value = environ.get(variable, "").strip()
    return value if value else None


def key_of(spec: ModelSpec, environ: Mapping[str, str]) -> str | None:
    """The provider's own key, or None."""
    for variable in KEYS[spec.provider]:
        value = _set(environ, variable)
        if value is not None:
            return value
    return None


def base_url_of(spec: ModelSpec, environ: Mapping[str, str]) -> str | None:
    """Where the model is: as the spec says, else as the environment says, else the provider's usual place (None)."""
    if spec.base_url is not None:
        return spec.base_url
    url = _set(environ, BASE_URLS[spec.provider])
    if url is not None and not _is_base_url(url):
        raise _bad(f"{BASE_URLS[spec.provider]} is not an http(s) URL without credentials")
    if url is None and spec.provider == "ollama":
        return f"http://127.0.0.1:{OLLAMA_PORT}/v1"
    return url


def ollama_listens() -> bool:
    """Whether something accepts connections on Ollama's usual port of this machine."""
    try:
        with socket.create_connection(("127.0.0.1", OLLAMA_PORT), timeout=_PROBE_SECONDS):
            return True
    except OSError:
        return False
