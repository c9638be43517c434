"""The server's answers as streams, in the providers' formats: what the official clients read piece by piece.

Its one rule: a stream tells the same text as the whole answer; `cut` ends it in the middle, without its last event.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

Json = dict[str, object]
_PIECE: Final = 7


def pieces(text: str) -> list[str]:
    """The text in pieces of a few characters."""
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)] or [""]


def chat(whole: Json, text: str) -> Iterator[bytes]:
    """OpenAI Chat Completions: `data: {...}` events, then `data: [DONE]`."""
    base = {"id": whole["id"], "object": "chat.completion.chunk", "created": whole["created"], "model": whole["model"]}
    reason = _first(whole, "choices")["finish_reason"]
    for piece in pieces(text):
        delta = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
        yield _data({**base, "choices": [delta]})
    yield _data({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}], "usage": whole["usage"]})
    yield b"data: [DONE]\n\n"


def responses(whole: Json, text: str) -> Iterator[bytes]:
    """OpenAI Responses: named events with numbers."""
    number = 0

    def event(kind: str, **more: object) -> bytes:
        nonlocal number
        number += 1
        return _event(kind, {"type": kind, "sequence_number": number, **more})

    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    part: Json = {"type": "output_text", "text": "", "annotations": []}
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    yield event("response.created", response=begun)
    yield event("response.output_item.added", output_index=0, item=item)
    yield event("response.content_part.added", part=part, **place)
    for piece in pieces(text):
        yield event("response.output_text.delta", delta=piece, logprobs=[], **place)
    yield event("response.output_text.done", text=text, logprobs=[], **place)
    yield event("response.content_part.done", part={**part, "text": text}, **place)
    yield event("response.output_item.done", output_index=0, item=_first(whole, "output"))
    yield event("response.completed", response=whole)


def messages(whole: Json, text: str) -> Iterator[bytes]:
    """Anthropic Messages."""
    begun = {**whole, "content": [], "stop_reason": None, "usage": {"input_tokens": 11, "output_tokens": 1}}
    yield _event("message_start", {"type": "message_start", "message": begun})
    block = {"type": "text", "text": ""}
    yield _event("content_block_start", {"type": "content_block_start", "index": 0, "content_block": block})
    for piece in pieces(text):
        delta = {"type": "text_delta", "text": piece}
        yield _event("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": delta})
    yield _event("content_block_stop", {"type": "content_block_stop", "index": 0})
    last = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield _event("message_delta", {"type": "message_delta", "delta": last, "usage": {"output_tokens": 7}})
    yield _event("message_stop", {"type": "message_stop"})


def ollama(whole: Json, text: str) -> Iterator[bytes]:
    """Ollama's own chat: a line of JSON for each piece."""
    for piece in pieces(text):
        message = {"role": "assistant", "content": piece}
        line = {"model": whole["model"], "created_at": whole["created_at"], "message": message, "done": False}
        yield json.dumps(line).encode() + b"\n"
    yield json.dumps({**whole, "message": {"role": "assistant", "content": ""}}).encode() + b"\n"


def _data(event: Json) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def _event(kind: str, event: Json) -> bytes:
    return f"event: {kind}\n".encode() + _data(event)


def _first(whole: Json, key: str) -> Json:
    found = whole[key]
    assert isinstance(found, list)
    first: Json = found[0]
    return first
