"""Sets of texts that others published, as they are: JSON, JSON lines, CSV, TSV, or a text a line.

Its one rule: what a text is, an attack or harmless, is never guessed. Where a set does not say it, the command line
has to, and a label that is not known is an error (C562).
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, cast, final

from ringfence.bench.screens.sets import Sample
from ringfence.core.errors import ConfigError

_MOST: Final = 256 << 20
_TEXT: Final = ("text", "prompt", "content", "input", "user_input", "sentence", "attack", "payload")
_LABEL: Final = (
    "label",
    "labels",
    "is_injection",
    "injection",
    "injected",
    "is_attack",
    "malicious",
    "jailbreak",
    "class",
)
_KIND: Final = ("category", "technique", "kind", "attack_type", "jailbreak_type", "instruction_type", "type")
_ATTACK: Final = frozenset({"1", "1.0", "true", "yes", "attack", "injection", "malicious", "jailbreak", "unsafe"})
_BENIGN: Final = frozenset({"0", "0.0", "false", "no", "benign", "safe", "legitimate", "harmless", "clean"})


@final
@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set that was read. `digest` is the SHA-256 of its file, so that two people know that they measured the same.

    One that was read by name (named.py) has the digest of its texts, and says which package it is from.
    """

    name: str
    digest: str
    samples: tuple[Sample, ...]
    origin: str = ""
    licence: str = ""


def read_set(path: str, label: bool | None = None) -> PublicSet:
    """The set in a file. `label` says what its texts are where it does not say so. ConfigError (C506, C562)."""
    raw = file_bytes(path)
    name = Path(path).stem
    reader = _READERS.get(Path(path).suffix.lower(), _lines)
    try:
        found = tuple(reader(raw.decode("utf-8-sig"), label))
    except (ValueError, csv.Error, RecursionError) as problem:
        why = "is not UTF-8" if isinstance(problem, UnicodeDecodeError) else "is not what its name says"
        raise bad_set(f"the set {name} {why} ({type(problem).__name__})") from None
    if not found:
        raise bad_set(f"the set {name} has no texts")
    return PublicSet(name, sha256(raw).hexdigest(), tuple(_named(one, name) for one in found))


def _named(one: Sample, name: str) -> Sample:
    return Sample(one.text, one.attack, one.kind or name, one.encoding, name)


def file_bytes(path: str | Path) -> bytes:
    """What is in a file of a set. ConfigError (C506, C562)."""
    try:
        file = Path(path)
        if file.stat().st_size > _MOST:
            raise bad_set("a set is larger than 256 MB")
        return file.read_bytes()
    except OSError as problem:
        raise ConfigError(f"a set cannot be read ({type(problem).__name__})", code="C506") from None


def _json(text: str, label: bool | None) -> Iterator[Sample]:
    """A list of texts or objects; or an object whose members are lists of attacks by category, as BIPIA has them."""
    made = json.loads(text)
    if isinstance(made, list):
        yield from _items(made, label)
        return
    if not isinstance(made, dict):
        raise bad_set("a JSON set is a list, or an object of lists")
    for kind, texts in made.items():
        if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
            raise bad_set("a JSON set that is an object has a list of texts for each category")
        yield from (Sample(one, label is not False, kind) for one in texts if one.strip())


def _json_lines(text: str, label: bool | None) -> Iterator[Sample]:
    yield from _items([json.loads(line) for line in text.split("\n") if line.strip()], label)


def _items(items: Iterable[object], label: bool | None) -> Iterator[Sample]:
    for one in items:
        if isinstance(one, str):
            yield Sample(one, _given(label), "")
        elif isinstance(one, dict):
            yield _record(cast("dict[str, object]", one), label)
        else:
            raise bad_set("a set has an item that is neither a text nor an object")


def _record(one: Mapping[str, object], label: bool | None) -> Sample:
    columns = {str(name).strip().lower(): value for name, value in one.items()}
    text = next((columns[name] for name in _TEXT if isinstance(columns.get(name), str)), None)
    if text is None:
        raise bad_set("a set has an item without a text: a column must be called " + ", ".join(_TEXT))
    kind = next((columns[name] for name in _KIND if columns.get(name) not in (None, "")), "")
    return Sample(cast(str, text), _labelled(columns, label), str(kind))


def _labelled(columns: Mapping[str, object], label: bool | None) -> bool:
    said = next((columns[name] for name in _LABEL if name in columns), None)
    if said is None:
        # NotInject has lists of trigger words instead of labels: all of it is harmless.
        return False if label is None and "word_list" in columns else _given(label)
    word = str(said).strip().lower()
    if word not in _ATTACK | _BENIGN:
        raise bad_set("a set has a label that is not known; known are " + ", ".join(sorted(_ATTACK | _BENIGN)))
    return word in _ATTACK


def _given(label: bool | None) -> bool:
    if label is None:
        raise bad_set(
            "a set does not say which of its texts are attacks", "say it with --label attack or --label benign"
        )
    return label


def _table(separator: str) -> Callable[[str, bool | None], Iterator[Sample]]:
    def read(text: str, label: bool | None) -> Iterator[Sample]:
        csv.field_size_limit(min(sys.maxsize, _MOST))
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        yield from (_record({str(name): value for name, value in row.items()}, label) for row in rows)

    return read


def _lines(text: str, label: bool | None) -> Iterator[Sample]:
    yield from (Sample(line, _given(label), "") for line in text.splitlines() if line.strip())


_READERS: Final[dict[str, Callable[[str, bool | None], Iterator[Sample]]]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".csv": _table(","),
    ".tsv": _table("\t"),
}


def bad_set(message: str, hint: str = "docs/screens.md says which forms of sets can be read") -> ConfigError:
    """The error for whatever is wrong with a set (C562)."""
    return ConfigError(message, code="C562", hint=hint)
