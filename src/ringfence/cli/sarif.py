"""Verdicts as SARIF 2.1.0, the format of code scanning.

Its one rule: each technique is a rule, each hit a result with its place, each file that was not scanned or not looked
at whole a notification; nothing of the text is in it, and no digest of it either, which could be guessed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ringfence.cli.scanned import Scanned, hits_over
from ringfence.core.encoding import Json
from ringfence.screens.detector import Hit
from ringfence.screens.rules import TECHNIQUES

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ERROR: Final = 0.85
_HELP: Final = "https://genai.owasp.org/llmrisk/llm01-prompt-injection/"


def sarif_of(scanned: Sequence[Scanned], least: float) -> Json:
    """One run with all hits over the threshold."""
    seen: Counter[str] = Counter()
    results: list[Json] = [
        _result(one, hit, seen) for one in scanned if one.verdict is not None for hit in hits_over(one.verdict, least)
    ]
    notes = [note for one in scanned for note in _notifications(one)]
    invocation: dict[str, Json] = {
        "executionSuccessful": not any(one.problem for one in scanned),
        "toolExecutionNotifications": notes,
    }
    driver: dict[str, Json] = {
        "name": "ringfence",
        "semanticVersion": _version(),
        "rules": [_rule(name, text) for name, text in TECHNIQUES.items()],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "utf16CodeUnits",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str, text: str) -> Json:
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": f"The text {text}."},
        "fullDescription": {"text": f"A text that a model may read {text}. Screens are telemetry, not a boundary."},
        "help": {"text": "Look at the place. What a model reads there is data, and no order; keep it so by labels."},
        "helpUri": _HELP,
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["security", "prompt-injection"], "problem.severity": "warning"},
    }


def _result(one: Scanned, hit: Hit, seen: Counter[str]) -> Json:
    rule = f" (rule {hit.rule})" if hit.rule else ""
    uri = _uri(one.name)
    about = "\n".join((uri, hit.technique, hit.detector, hit.rule, hit.view))
    seen[about] += 1
    digest = hashlib.sha256(about.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return {
        "ruleId": hit.technique,
        "ruleIndex": list(TECHNIQUES).index(hit.technique),
        "level": "error" if hit.score >= _ERROR else "warning",
        "message": {
            "text": f"The text {TECHNIQUES[hit.technique]}: score {hit.score:.2f} by {hit.detector}{rule}; {hit.view}."
        },
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": _region(one.text, hit)}}],
        # By it a hit is known again in the next scan: the first, second … of its kind in the file, wherever it stands.
        "partialFingerprints": {"primaryLocationLineHash": f"{digest}:{seen[about]}"},
        "properties": {"score": hit.score, "view": hit.view, "detector": hit.detector},
    }


def _notifications(one: Scanned) -> list[Json]:
    """What was not scanned, and what of it was not looked at."""
    found: list[tuple[str, str]] = []
    if one.problem is not None:
        found.append(("error", f"The file {one.problem}."))
    if one.note is not None:
        found.append(("warning" if one.verdict is None else "note", f"The file: {one.note}."))
    if one.verdict is not None:
        found += [("warning", f"Not all was looked at: {limit}.") for limit in one.verdict.unseen]
    return [
        {
            "level": level,
            "message": {"text": text},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(one.name)}}}],
        }
        for level, text in found
    ]


def _uri(name: str) -> str:
    """Relative to the folder that the scan was started in, as code scanning expects; else the whole address."""
    if name == "-":
        return "stdin"
    whole, here = Path(name).absolute().resolve(), Path.cwd().resolve()
    if whole.is_relative_to(here):
        return quote(whole.relative_to(here).as_posix().encode("utf-8", "surrogateescape"))
    return "file://" + quote(whole.as_posix().encode("utf-8", "surrogateescape"))


def _region(text: str, hit: Hit) -> Json:
    line, column = _place(text, hit.start)
    last, end = _place(text, hit.end)
    return {"startLine": line, "startColumn": column, "endLine": last, "endColumn": end}


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from one; of columns a character beyond U+FFFF has two."""
    start = text.rfind("\n", 0, offset) + 1
    before = text[start:offset]
    return text.count("\n", 0, offset) + 1, len(before) + sum(one > "\uffff" for one in before) + 1


def _version() -> str:
    try:
        return version("ringfence")
    except PackageNotFoundError:
        return "0.0.0"
