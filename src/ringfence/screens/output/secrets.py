"""Keys and tokens in text. Its one rule: the form of the issuer, or a name beside it and a value that looks random."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

_FORMS: Final = (
    (
        "private key",
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,8000}?"
        r"(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    ),
    ("AWS key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b|\bgithub_pat_[A-Za-z0-9_]{60,255}\b"),
    ("GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,64}\b"),
    ("Anthropic key", r"\bsk-ant-[A-Za-z0-9_-]{20,200}"),
    ("OpenAI key", r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,200}"),
    ("Google key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("Slack token", r"\bxox[abeprs]-[A-Za-z0-9-]{10,250}"),
    ("Stripe key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,200}\b"),
    ("npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("PyPI token", r"\bpypi-[A-Za-z0-9_-]{50,300}"),
    ("JSON Web Token", r"\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,1000}"),
    ("age key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,70}\b"),
    ("Hugging Face token", r"\bhf_[A-Za-z0-9]{30,60}\b"),
    ("SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}"),
    ("Telegram token", r"\b\d{8,12}:AA[A-Za-z0-9_-]{30,40}"),
    ("Vault token", r"\bhv[sbr]\.[A-Za-z0-9_-]{20,200}"),
    ("Google token", r"\bya29\.[A-Za-z0-9_-]{20,400}|\bGOCSPX-[A-Za-z0-9_-]{20,60}"),
    (
        "token",  # of issuers that put their name before it
        r"\b(?:do[opr]_v1_|shp(?:at|ca|pa|ss)_|gsk_|whsec_|dckr_pat_|gl(?:rt|dt|ptt|soat)-|lin_api_|sbp_|pplx-|xai-|r8_|NRAK-"
        r"|PMAK-|ATATT3|figd_|rubygems_|xapp-\d-|dapi|tskey-)[A-Za-z0-9_-]{16,400}",
    ),
    ("password in an address", r"(?<=://)[^\s/:@]{1,200}:[^\s/:@]{3,200}(?=@)"),
)
_PATTERN: Final = re.compile("|".join(f"(?P<f{index}>{form})" for index, (_, form) in enumerate(_FORMS)))
_NAMED: Final = re.compile(
    r"(?i)(?<![A-Za-z])(?:(?:api[_ -]?key|secret(?:[_ -]?(?:access[_ -]?)?key)?|access[_ -]?key|account[_ -]?key|"
    r"(?:access|auth)[_ -]?token|bearer|basic|passw(?:or)?d|passphrase)\b[\"']?\s{0,3}(?:[:=]|\bis\b|=>)?"
    r"|(?:token|client[_ -]?secret)\b[\"']?\s{0,3}(?:[:=]|\bis\b|=>))"
    r"\s{0,3}[\"']?([A-Za-z0-9+/][A-Za-z0-9+/_.~=-]{11,399})"
)
_RANDOM: Final = 3.2  # bits a character; words of a language have fewer


def secrets(text: str) -> Iterator[tuple[int, int, str]]:
    """Where secrets are, and of which kind; in order, not overlapping."""
    found = [
        (match.start(), match.end(), _FORMS[int(str(match.lastgroup)[1:])][0]) for match in _PATTERN.finditer(text)
    ]
    found += [
        (match.start(1), match.end(1), "secret") for match in _NAMED.finditer(text) if _looks_random(match.group(1))
    ]
    last = 0
    for start, end, kind in sorted(found):
        if start >= last:
            yield start, end, kind
            last = end


def _looks_random(value: str) -> bool:
    if not any(one.isdigit() for one in value) or not any(one.isalpha() for one in value):
        return False
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values()) >= _RANDOM
