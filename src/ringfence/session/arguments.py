"""What a program gives to a `Firewall`, checked: policy, tools, user, dialect, times, and each request.

Its one rule: what is wrong is a ConfigError that says what is right, before there is a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeAlias, cast

from ringfence import lang
from ringfence.config import Config, find
from ringfence.core.errors import ConfigError
from ringfence.guard.approval import ApprovalRequest, Approver
from ringfence.guard.labelling import principal
from ringfence.guard.tools import Tool

PolicyChoice: TypeAlias = "str | Path | Mapping[str, object] | Config | None"
ToolLike: TypeAlias = "Tool | Callable[..., object]"
ApproverChoice: TypeAlias = "Approver | Callable[[ApprovalRequest], object] | None"
MAX_REQUEST: Final = 100_000
MAX_MINUTES: Final = 7 * 24 * 60


def lifetime_of(minutes: int) -> timedelta:
    """For how long a question may wait."""
    if not 1 <= minutes <= MAX_MINUTES:
        raise ConfigError("minutes= is no time that a question may wait", code="C541", hint="from 1 to 10,080 (a week)")
    return timedelta(minutes=minutes)


def config_of(policy: PolicyChoice) -> Config:
    """The configuration: read from its file, or that of a table `[tools]` alone."""
    if policy is None:
        return Config()
    if isinstance(policy, Config):
        return policy
    return find(policy) if isinstance(policy, (str, Path)) else Config(tools=policy)


def tools_of(tools: Iterable[ToolLike]) -> list[ToolLike]:
    """The tools, which one tool alone is not."""
    if isinstance(cast(object, tools), Tool):
        raise ConfigError("tools= is no list", code="C502", hint="write tools=[...]")
    return list(tools)


def dialect_of(name: str, most: str, mode: str) -> str:
    """A dialect that exists, and in `strict` is no wider than the configured one."""
    if name not in lang.DIALECTS:
        raise ConfigError("a dialect that does not exist", hint=f"there are {', '.join(lang.DIALECTS)}")
    if mode == "strict" and lang.DIALECTS.index(name) > lang.DIALECTS.index(most):
        raise ConfigError(
            f"the dialect is wider than the configuration allows in strict: {most}", hint="leave it out, or narrow it"
        )
    return name


def user_of(name: str) -> str:
    """The user, by a name that labels can hold."""
    try:
        principal(name)
    except TypeError:
        raise ConfigError("user= is no name", hint='a name or a mail address, such as "ann@example.com"') from None
    return name


def request_of(request: str) -> str:
    """The request, if a model could be given it."""
    if not request.strip():
        raise ConfigError("the request is empty", hint="say what is to be done")
    if len(request) > MAX_REQUEST:
        raise ConfigError(f"the request is longer than {MAX_REQUEST:,} characters")
    try:
        request.encode()
    except UnicodeEncodeError:
        raise ConfigError("the request is not text in UTF-8") from None
    return request
