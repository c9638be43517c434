"""The receiver of signed answers to questions: one small ASGI app.

Its one rule: it decides nothing itself. `guard/signed.py` says whether an answer counts; who sends one that does not
is told its code and nothing of any question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ringfence.core.errors import ApprovalExpired, ApprovalRefused, RingfenceError
from ringfence.guard.clock import now
from ringfence.guard.signed import MAX_BODY, apply_answer

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from ringfence.stores import Store

_STATUS: Final = {"P450": 401, "P451": 400, "P422": 409, "P421": 410}


def answers_app(store: Store, secrets: Sequence[bytes]) -> Starlette:
    """`POST /answers` enters a signed answer; `GET /health` says that the app runs."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def answers(request: Request) -> JSONResponse:
        body = await _body(request)
        if body is None:
            return JSONResponse({"code": "P451"}, 413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            after = await run_in_threadpool(apply_answer, store.approvals(), secrets, headers, body, now())
        except (ApprovalRefused, ApprovalExpired) as problem:
            return JSONResponse({"code": problem.code}, _STATUS.get(problem.code, 409))
        except RingfenceError as problem:
            return JSONResponse({"code": problem.code}, 503)
        return JSONResponse({"id": after.request.id, "state": after.state, "run": after.request.run})

    async def health(request: Request) -> JSONResponse:
        return JSONResponse({"ok": True})

    return Starlette(routes=[Route("/answers", answers, methods=["POST"]), Route("/health", health)])


async def _body(request: Request) -> bytes | None:
    """The body, or None for one that is larger than an answer may be."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > MAX_BODY:
            return None
    return bytes(found)
