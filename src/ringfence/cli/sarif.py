"""Verdicts as SARIF 2.1.0, the format of code scanning.

Its one rule: each technique is a rule, each hit a result with its place; nothing of the text is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from ringfence.core.encoding import Json
from ringfence.screens.detector import Hit
from ringfence.screens.rules import TECHNIQUES
from ringfence.screens.verdict import Verdict

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ERROR: Final = 0.85


def sarif_of(files: Sequence[tuple[str, str, Verdict]], least: float) -> Json:
    """One run with all hits over the threshold. A file is its name, its text and its verdict."""
    names = list(TECHNIQUES)
    results: list[Json] = [
        _result(name, text, hit, names)
        for name, text, verdict in files
        if verdict.over(least)
        for hit in verdict.hits
        if hit.score >= least or hit is verdict.hits[0]
    ]
    rules: list[Json] = [
        {
            "id": name,
            "shortDescription": {"text": text},
            "helpUri": "https://genai.owasp.org/llmrisk/llm01-prompt-injection/",
        }
        for name, text in TECHNIQUES.items()
    ]
    driver: dict[str, Json] = {"name": "ringfence", "version": _version(), "rules": rules}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _result(name: str, text: str, hit: Hit, names: list[str]) -> Json:
    rule = f" (rule {hit.rule})" if hit.rule else ""
    return {
        "ruleId": hit.technique,
        "ruleIndex": names.index(hit.technique),
        "level": "error" if hit.score >= _ERROR else "warning",
        "message": {
            "text": f"The text {TECHNIQUES[hit.technique]}: score {hit.score:.2f} by {hit.detector}{rule}; {hit.view}."
        },
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(name)}, "region": _region(text, hit)}}],
        "properties": {"score": hit.score, "view": hit.view, "detector": hit.detector},
    }


def _uri(name: str) -> str:
    return "stdin" if name == "-" else quote(PurePath(name).as_posix())


def _region(text: str, hit: Hit) -> Json:
    from ringfence.cli.scan import place

    line, column = place(text, hit.start)
    last, end = place(text, hit.end)
    return {"startLine": line, "startColumn": column, "endLine": last, "endColumn": end}


def _version() -> str:
    try:
        return version("ringfence")
    except PackageNotFoundError:
        return "0"
