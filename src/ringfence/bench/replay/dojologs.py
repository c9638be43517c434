"""Logs of AgentDojo's own benchmark as traces: `runs/PIPELINE/SUITE/user_task_N/ATTACK/injection_task_M.json`.

Its one rule: only what the benchmark counts as a successful attack becomes a trace. Results in a log are texts; a
replay builds the world again and makes the calls in it, so that only requests, texts and calls are taken from a log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, final

from ringfence.bench.replay.trace import MOST_BYTES, Injected, Trace, TracedCall
from ringfence.core.errors import ConfigError

_KEYS: Final = ("suite_name", "user_task_id", "messages", "injections")


@final
class Skipped(Exception):
    """A log that is no successful attack; the text says why."""


def logs(folder: Path) -> Iterator[Path]:
    """All files below a folder that could be logs of attacks, in order."""
    yield from (path for path in sorted(folder.rglob("*.json")) if path.is_file() and path.name != "none.json")


def trace_of_log(path: Path) -> Trace:
    """The trace of a log. Raises Skipped for a run that is no successful attack; ConfigError (C513, C506)."""
    found = _read(path)
    if not isinstance(found, dict) or any(key not in found for key in _KEYS):
        raise _bad("a file is no log of AgentDojo")
    attack = found.get("injection_task_id")
    if not isinstance(attack, str) or not attack.startswith("injection_task"):
        raise Skipped("without an attack")
    if found.get("error"):
        raise Skipped("ended by an error")
    if found.get("security") is not True:
        raise Skipped("the attack did not succeed")
    suite, task = str(found["suite_name"]), str(found["user_task_id"])
    vectors = {str(name): str(text) for name, text in _mapping(found["injections"]).items()}
    calls, request = _messages(found["messages"])
    pipeline = str(found.get("pipeline_name") or "")
    return Trace(
        id="/".join(part for part in (pipeline, suite, task, attack) if part),
        request=request,
        calls=tuple(calls),
        injected=tuple(Injected(text) for text in dict.fromkeys(vectors.values())),
        world=f"agentdojo:{suite}",
        task=task,
        attack=attack,
        vectors=vectors,
        agent=pipeline,
    )


def _read(path: Path) -> object:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _bad("a log is larger than a log is")
        return json.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError("a log cannot be read", code="C506", hint="is it there, and is it text?") from problem
    except (ValueError, RecursionError):
        raise _bad("a log is no JSON") from None


def _messages(found: object) -> tuple[list[TracedCall], str]:
    """The calls in order, those that failed with their errors; and the request."""
    if not isinstance(found, list):
        raise _bad("a log has no list of messages")
    calls: list[TracedCall] = []
    request, failed = "", 0
    for message in found:
        role = _mapping(message).get("role")
        if role == "user" and not request:
            request = _text(message.get("content"))
        elif role == "assistant":
            calls += [_call(one) for one in message.get("tool_calls") or ()]
        elif role == "tool":
            if message.get("error") and failed < len(calls):
                call = calls[failed]
                calls[failed] = TracedCall(call.tool, call.arguments, error="failed")
            failed += 1
    return calls, request


def _call(found: object) -> TracedCall:
    call = _mapping(found)
    return TracedCall(str(call.get("function") or ""), dict(_mapping(call.get("args") or {})))


def _text(content: object) -> str:
    """The text of a message: as it is in older logs, in blocks in newer ones."""
    if isinstance(content, list):
        return "\n".join(str(_mapping(block).get("content") or "") for block in content)
    return content if isinstance(content, str) else ""


def _mapping(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _bad("a log has something else where an object should be")
    return found


def _bad(message: str) -> ConfigError:
    return ConfigError(message, code="C513", hint="docs/replay.md says which files are read")
