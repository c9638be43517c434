"""Sends questions to an address, signed; the answer comes back to `ringfence approvals serve`.

Its one rule: a question is not lost because nobody could be told of it. It is in the store before it is sent, and a
failure to send it is said and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final
from urllib.parse import urlsplit

from ringfence.core.errors import ConfigError
from ringfence.guard.approval import Answer, ApprovalRequest
from ringfence.guard.clock import now
from ringfence.guard.signed import question_body, signed_headers

SECONDS: Final = 5.0
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@final
class Webhook:
    """An approver that tells an address of a question and lets the run wait. `failed` is told the kind of a failure."""

    def __init__(self, url: str, secret: bytes, failed: Callable[[str], None] = lambda what: None) -> None:
        self._url = checked_url(url)
        self._secret = secret
        self._failed = failed

    def decide(self, request: ApprovalRequest) -> Answer | None:
        """None: the answer comes later, to the store."""
        import httpx2

        body = question_body(request)
        headers = {"Content-Type": "application/json", **signed_headers(self._secret, body, now())}
        try:
            with httpx2.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as client:
                status = client.post(self._url, content=body, headers=headers).status_code
        except (httpx2.HTTPError, OSError) as problem:
            self._failed(type(problem).__name__)
            return None
        if not 200 <= status < 300:
            self._failed(f"status {status}")
        return None


def checked_url(url: str) -> str:
    """An address that a question may be sent to: it holds values. ConfigError (C543)."""
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    except ValueError:
        secure, parts = False, urlsplit("")
    if not secure or not parts.hostname or parts.username is not None:
        raise ConfigError(
            "the address for questions is none that they may be sent to",
            code="C543",
            hint="an https:// address, or http:// on this machine, without a name and password",
        )
    return url
