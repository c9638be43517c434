"""Questions and answers that travel: signed with a secret that both ends have.

Its one rule: an answer counts if its signature holds over the time and every byte of it, it is fresh, and it names the
question completely, as it was shown; everything else decides nothing. That it counts once is the store's doing.

The signature is HMAC-SHA256 (RFC 2104) over the Unix time in digits, a full stop and the body.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from ringfence.core.encoding import EncodingError, Json, canonical_json, loads
from ringfence.core.errors import ApprovalRefused, ConfigError
from ringfence.guard.approval import Answer, Approval, ApprovalRequest, Approvals, Edit, Rejection, Stored, mismatch

TIME_HEADER: Final = "Ringfence-Timestamp"
SIGNATURE_HEADER: Final = "Ringfence-Signature"
WINDOW: Final = timedelta(minutes=5)
LEAST_SECRET: Final = 16
MAX_BODY: Final = 256 * 1024
_TIME: Final = re.compile("[0-9]{1,11}")
_BOUND: Final = ("id", "run", "plan_hash", "tool", "digest")
_KEYS: Final = frozenset({*_BOUND, "index", "verdict", "by", "reason", "endorse", "edits"})


def secret_of(text: str | None) -> bytes:
    """A secret as bytes. ConfigError (C543) for none, or one that could be guessed."""
    if text is None or len(text.encode()) < LEAST_SECRET:
        raise ConfigError(
            "there is no secret to sign questions and answers with",
            code="C543",
            hint=f"set RINGFENCE_WEBHOOK_SECRET to at least {LEAST_SECRET} bytes, for example `openssl rand -hex 32`",
        )
    return text.encode()


def signature(secret: bytes, time: str, body: bytes) -> str:
    """The signature of a body that is sent at a time."""
    return "v1=" + hmac.new(secret, time.encode() + b"." + body, "sha256").hexdigest()


def signed_headers(secret: bytes, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that go with a body."""
    time = str(int(at.timestamp()))
    return {TIME_HEADER: time, SIGNATURE_HEADER: signature(secret, time, body)}


def check_signature(secrets: Sequence[bytes], time: str | None, given: str | None, body: bytes, at: datetime) -> None:
    """ApprovalRefused (P450) unless one of the secrets made the signature, not long ago and not in the future."""
    if time is None or given is None or not _TIME.fullmatch(time) or not given.isascii():
        raise _unsigned("it has no time or no signature")
    if not any(hmac.compare_digest(given, signature(secret, time, body)) for secret in secrets):
        raise _unsigned("it was made with another secret, or the answer was changed")
    if abs(at - datetime.fromtimestamp(int(time), UTC)) > WINDOW:
        raise _unsigned("it is too old, or a clock is wrong")


def question_body(request: ApprovalRequest) -> bytes:
    """A question as it is sent: all that an answer must name, and what a person is to be shown."""
    bound: dict[str, Json] = {name: str(getattr(request, name)) for name in _BOUND}
    told: dict[str, Json] = {
        "kind": "question",
        **bound,
        "index": request.index,
        "rules": [*request.rules],
        "endorsable": [*request.endorsable],
        "expires": request.expires.isoformat(),
        "text": request.preview.render(),
        "preview": request.preview.to_json(),
    }
    return canonical_json(told).encode("ascii")


def apply_answer(
    approvals: Approvals, secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, at: datetime
) -> Stored:
    """Enter a signed answer. ApprovalRefused (P450: the signature, P451: its shape, P422), ApprovalExpired, AuditError.

    `headers` by their names in lower case.
    """
    if len(body) > MAX_BODY:
        raise _no_answer("it is too large")
    check_signature(secrets, headers.get(TIME_HEADER.lower()), headers.get(SIGNATURE_HEADER.lower()), body, at)
    sent = _read(body)
    found = approvals.get(str(sent["id"]))
    if found is None:
        raise mismatch("there is no such question")
    return approvals.decide(found.request.id, _answer(sent, found.request), at)


def _read(body: bytes) -> Mapping[str, Json]:
    try:
        sent = loads(body.decode("utf-8"))
    except (UnicodeDecodeError, EncodingError, RecursionError):
        raise _no_answer("it is no JSON") from None
    if not isinstance(sent, dict) or not sent.keys() <= _KEYS:
        raise _no_answer("it has a key that no answer has")
    if not all(isinstance(sent.get(name), str) for name in (*_BOUND, "verdict", "by")) or not sent["by"]:
        raise _no_answer("it does not name question, verdict and person")
    if type(sent.get("index")) is not int or not isinstance(sent.get("reason", ""), str):
        raise _no_answer("it does not name the call")
    return sent


def _answer(sent: Mapping[str, Json], request: ApprovalRequest) -> Answer:
    by, reason = str(sent["by"])[:200], str(sent.get("reason", ""))
    bound = tuple(str(sent[name]) for name in _BOUND)
    if (*bound, sent["index"]) != (*(str(getattr(request, name)) for name in _BOUND), request.index):
        raise mismatch("the answer was given to another question")
    match sent["verdict"]:
        case "reject":
            return Rejection(by, reason)
        case "approve" if "edits" not in sent:
            id, run, plan_hash, tool, digest = bound
            return Approval(id, run, plan_hash, request.index, tool, digest, by, _endorsed(sent), reason)
        case "edit":
            return Edit(request.id, by, _edits(sent), reason)
    raise _no_answer("its verdict is none of approve, reject and edit")


def _endorsed(sent: Mapping[str, Json]) -> tuple[str, ...]:
    """What the yes vouches for: nothing that it does not name."""
    found = sent.get("endorse", [])
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise _no_answer("endorse is a list of names")
    return tuple(str(name) for name in found)


def _edits(sent: Mapping[str, Json]) -> Mapping[str, str]:
    found = sent.get("edits")
    if not isinstance(found, dict) or not found:
        raise _no_answer("edits is an object of values")
    return {name: canonical_json(value) for name, value in found.items()}


def _unsigned(why: str) -> ApprovalRefused:
    return ApprovalRefused(f"the signature does not hold: {why}", code="P450", hint="nothing was decided")


def _no_answer(why: str) -> ApprovalRefused:
    return ApprovalRefused(f"what was sent is no answer: {why}", code="P451", hint="nothing was decided")
