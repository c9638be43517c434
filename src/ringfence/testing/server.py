"""A model server on loopback that speaks the providers' wire formats, for tests with the real clients.

Its one rule: what it answers is the test's script, in order, or a function of what it is asked; it records what it was
sent. OpenAI Chat Completions (also
Ollama's), OpenAI Responses, Anthropic Messages and Ollama's own chat, whole or as streams; Gemini's generateContent,
whole. No TLS.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, final

from ringfence.testing import streams

Json = dict[str, object]


@final
@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the server does with one question.

    `status` other than 200 is an error; `finish` is "stop", "length", "filter" or "refusal"; `hang` answers nothing
    until the server is closed; `raw` replaces the whole body; `drop` closes the connection; `cut` closes it after so
    many events of a stream, or bytes of a whole answer. `thinking` is what a reasoning model thinks before it answers.
    `calls` are the tools that it calls, with their arguments, in whole answers only.
    """

    text: str = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    finish: str = "stop"
    hang: bool = False
    drop: bool = False
    raw: bytes | None = None
    cut: int | None = None
    thinking: str = ""
    calls: tuple[tuple[str, Json], ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Request:
    """What the server was sent."""

    path: str
    headers: dict[str, str]
    body: Json


@final
@dataclass(slots=True)
class ModelServer:
    """A context manager; each question takes the next behaviour, the last one is repeated. A text is a plain answer.

    A script that is a function is given each question and says what to do.
    """

    script: Iterable[Behaviour | str] | Callable[[Request], Behaviour | str] = ("ok",)
    models: tuple[str, ...] = ("test-model",)
    requests: list[Request] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None
    _closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """The base URL for OpenAI-compatible clients, `http://127.0.0.1:PORT/v1`."""
        return f"{self.root}/v1"

    @property
    def root(self) -> str:
        """The base URL for Anthropic's and Google's clients."""
        assert self._server is not None, "the server is not running"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ModelServer:
        script = self.script if callable(self.script) else _in_order([*self.script])
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, script))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(5)
            self._server.server_close()

    def take(self, request: Request, script: Callable[[Request], Behaviour | str]) -> Behaviour:
        """Record the question and choose what to do. Called by the server's threads."""
        with _LOCK:
            self.requests.append(request)
            chosen = script(request)
            return chosen if isinstance(chosen, Behaviour) else Behaviour(chosen)

    def wait_until_closed(self) -> None:
        self._closing.wait(60)


_LOCK: Final = threading.Lock()


def _in_order(behaviours: list[Behaviour | str]) -> Callable[[Request], Behaviour | str]:
    rest = iter(behaviours[:-1])
    return lambda request: next(rest, behaviours[-1])


def _handler(server: ModelServer, script: Callable[[Request], Behaviour | str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.endswith("/api/tags"):
                tags = [{"name": name, "model": name, "size": 1, "digest": "0" * 64} for name in server.models]
                self._send(200, json.dumps({"models": tags}).encode(), ())
                return
            listed = [{"id": name, "object": "model"} for name in server.models]
            self._send(200, json.dumps({"object": "list", "data": listed}).encode(), ())

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", "0"))
            body = json.loads(self.rfile.read(size))
            headers = {name.lower(): value for name, value in self.headers.items()}
            behaviour = server.take(Request(self.path, headers, body), script)
            if behaviour.hang:
                server.wait_until_closed()
            if behaviour.hang or behaviour.drop:
                self.close_connection = True
                return
            stream = _stream(self.path, body, behaviour)
            if stream is not None:
                self._pour(stream, behaviour)
                return
            self._send(behaviour.status, _body(self.path, body, behaviour), behaviour.headers, behaviour.cut)

        def _pour(self, stream: Iterable[bytes], behaviour: Behaviour) -> None:
            self.send_response(200)
            lines = self.path.endswith("/api/chat")
            self.send_header("content-type", "application/x-ndjson" if lines else "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            for number, event in enumerate(stream):
                if behaviour.cut is not None and number >= behaviour.cut:
                    return
                self.wfile.write(event)
                self.wfile.flush()

        def _send(
            self, status: int, payload: bytes, headers: Iterable[tuple[str, str]], cut: int | None = None
        ) -> None:
            self.send_response(status)
            for name, value in (("content-type", "application/json"), ("content-length", str(len(payload))), *headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload if cut is None else payload[:cut])
            self.close_connection = self.close_connection or cut is not None

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: tests read `requests`."""

    return Handler


def _body(path: str, question: Json, behaviour: Behaviour) -> bytes:
    if behaviour.raw is not None:
        return behaviour.raw
    if behaviour.status != 200:
        error = {"type": "error_of_the_script", "message": "the server repeats: " + json.dumps(question)[-200:]}
        return json.dumps({"type": "error", "error": error}).encode()
    for ending, write in _FORMATS:
        if path.split("?")[0].endswith(ending):
            return json.dumps(write(str(question.get("model", "test-model")), behaviour)).encode()
    return json.dumps({"error": {"message": "no such path"}}).encode()


def _stream(path: str, question: Json, behaviour: Behaviour) -> Iterable[bytes] | None:
    """The answer as a stream, if the question asks for one (Ollama streams unless it is told not to)."""
    ending = next((one for one in _STREAMS if path.split("?")[0].endswith(one)), None)
    wanted = question.get("stream", ending == "/api/chat")
    if ending is None or not wanted or behaviour.status != 200 or behaviour.raw is not None:
        return None
    whole = dict(_FORMATS)[ending](str(question.get("model", "test-model")), behaviour)
    return _STREAMS[ending](whole, behaviour.text)


def _ollama(model: str, behaviour: Behaviour) -> Json:
    message: Json = {"role": "assistant", "content": behaviour.text}
    if behaviour.thinking:
        message["thinking"] = behaviour.thinking
    return {
        "model": model,
        "created_at": "2026-01-01T00:00:00Z",
        "message": message,
        "done": True,
        "done_reason": "length" if behaviour.finish == "length" else "stop",
        "total_duration": 1,
        "prompt_eval_count": 11,
        "eval_count": 7,
    }


def _chat(model: str, behaviour: Behaviour) -> Json:
    refused = behaviour.finish == "refusal"
    message: Json = {"role": "assistant", "content": None if refused else behaviour.text}
    if refused:
        message["refusal"] = behaviour.text
    if behaviour.thinking:
        message["reasoning_content"] = behaviour.thinking
    reason = {"stop": "stop", "length": "length", "filter": "content_filter", "refusal": "stop"}[behaviour.finish]
    if behaviour.calls:
        reason = "tool_calls"
        message["tool_calls"] = [
            {"id": id_, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            for id_, name, arguments in _calls(behaviour)
        ]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }


def _calls(behaviour: Behaviour) -> list[tuple[str, str, Json]]:
    """The calls with an id each."""
    return [(f"call_{number}", name, arguments) for number, (name, arguments) in enumerate(behaviour.calls)]


def _responses(model: str, behaviour: Behaviour) -> Json:
    content: Json = {"type": "output_text", "text": behaviour.text, "annotations": []}
    if behaviour.finish == "refusal":
        content = {"type": "refusal", "refusal": behaviour.text}
    reason = {"length": "max_output_tokens", "filter": "content_filter"}.get(behaviour.finish)
    status = "completed" if reason is None else "incomplete"
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_700_000_000,
        "model": model,
        "status": status,
        "incomplete_details": None if reason is None else {"reason": reason},
        "error": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": False,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "output": [
            {"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": [content]},
            *(
                {"id": f"f{id_}", "type": "function_call", "call_id": id_, "name": name, "status": "completed"}
                | {"arguments": json.dumps(arguments)}
                for id_, name, arguments in _calls(behaviour)
            ),
        ],
        "usage": {
            "input_tokens": 11,
            "output_tokens": 7,
            "total_tokens": 18,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }


def _anthropic(model: str, behaviour: Behaviour) -> Json:
    reason = {"stop": "end_turn", "length": "max_tokens", "filter": "refusal", "refusal": "refusal"}[behaviour.finish]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": _thought(behaviour)
        + ([{"type": "text", "text": behaviour.text}] if behaviour.text else [])
        + [{"type": "tool_use", "id": id_, "name": name, "input": args} for id_, name, args in _calls(behaviour)],
        "stop_reason": "tool_use" if behaviour.calls else reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 11, "output_tokens": 7},
    }


def _thought(behaviour: Behaviour) -> list[Json]:
    return [{"type": "thinking", "thinking": behaviour.thinking, "signature": "x"}] if behaviour.thinking else []


def _google(model: str, behaviour: Behaviour) -> Json:
    reason = {"stop": "STOP", "length": "MAX_TOKENS", "filter": "SAFETY", "refusal": "SAFETY"}[behaviour.finish]
    parts: list[Json] = [{"text": behaviour.text}] if behaviour.text else []
    parts += [{"functionCall": {"name": name, "args": arguments}} for name, arguments in behaviour.calls]
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason, "index": 0}],
        "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18},
        "modelVersion": model,
        "responseId": "1",
    }


_FORMATS: Final[tuple[tuple[str, Callable[[str, Behaviour], Json]], ...]] = (
    ("/chat/completions", _chat),
    ("/responses", _responses),
    ("/messages", _anthropic),
    (":generateContent", _google),
    ("/api/chat", _ollama),
)
_STREAMS: Final[dict[str, Callable[[Json, str], Iterable[bytes]]]] = {
    "/chat/completions": streams.chat,
    "/responses": streams.responses,
    "/messages": streams.messages,
    "/api/chat": streams.ollama,
}
