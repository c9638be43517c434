"""Detectors with weights of others: sequence classifiers such as Prompt Guard 2 or DeBERTa models, from a local folder.

    [screens.models.prompt-guard]
    path = "models/prompt-guard-2-86m"    # relative to the configuration
    runtime = "onnx"                      # or "transformers"
    sha256 = "…"                          # of model.onnx, or of model.safetensors

A folder holds `config.json` (with `id2label`), `tokenizer.json`, and `model.onnx` or the files of transformers. Its one
rule: nothing is downloaded. What is missing, damaged or not what was pinned is an error (C561).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import file_digest
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol, final

from ringfence.core.errors import ConfigError
from ringfence.screens.detector import Block, Hit
from ringfence.screens.sentences import sentences
from ringfence.screens.settings import BackEnd

_BATCH: Final = 16
_LONGEST: Final = 512
_REPORTED: Final = 0.3
# Labels of published detectors that mean an attack; any other label but these and the harmless ones is an error.
_BAD: Final = frozenset(
    {"injection", "jailbreak", "malicious", "attack", "unsafe", "label_1", "indirect", "prompt_injection"}
)
_GOOD: Final = frozenset({"benign", "safe", "legit", "harmless", "label_0", "no_injection", "normal"})


class Runtime(Protocol):
    """Runs a classifier over texts."""

    def logits(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One row for each text, one number for each label."""


@final
class ModelDetector:
    """A sequence classifier as a detector: each sentence by itself. Thread-safe: one batch at a time."""

    def __init__(self, name: str, runtime: Runtime, labels: Sequence[str]) -> None:
        self.name = name
        self._runtime = runtime
        self._bad = _bad_labels(name, labels)
        self._lock = Lock()

    def hits(self, block: Block) -> Iterator[Hit]:
        """The sentences that score."""
        view = block.view
        places = list(sentences(view.text))
        for first in range(0, len(places), _BATCH):
            batch = places[first : first + _BATCH]
            with self._lock:
                rows = self._runtime.logits([view.text[start:end] for start, end in batch])
            for (start, end), row in zip(batch, rows, strict=True):
                score = self._score(row)
                if score >= _REPORTED:
                    low, high = view.span(start, end)
                    yield Hit("statistical", round(score, 3), low, high, view.name, self.name)

    def _score(self, row: Sequence[float]) -> float:
        """The share of the labels that mean an attack (softmax). What is no number counts as an attack."""
        if not all(map(math.isfinite, row)):
            return 1.0
        top = max(row)
        powers = [math.exp(value - top) for value in row]
        return sum(powers[number] for number in self._bad) / sum(powers)


def load(wanted: BackEnd, base: Path) -> ModelDetector:
    """The detector in a folder. Raises ConfigError (C561)."""
    folder = base / wanted.path
    weights = folder / ("model.onnx" if wanted.runtime == "onnx" else "model.safetensors")
    if not weights.is_file():
        raise _unusable(
            wanted.name, f"there is no {weights.name} in its folder", "put the files there; none is downloaded"
        )
    if wanted.sha256 is not None and _digest(weights) != wanted.sha256.lower():
        raise _unusable(wanted.name, f"{weights.name} is not the file that was pinned", "check where it came from")
    labels = _labels(wanted.name, folder)
    make = partial(_onnx, folder, weights) if wanted.runtime == "onnx" else partial(_transformers, folder)
    try:
        return ModelDetector(wanted.name, make(), labels)
    except ConfigError:
        raise
    except ImportError as problem:
        missing = problem.name if problem.name is not None else "a package"
        raise _unusable(wanted.name, f"{missing} is not installed", "pip install 'ringfence[screens]'") from None
    except Exception as problem:  # whatever the libraries raise for what is no model
        raise _unusable(wanted.name, f"it cannot be loaded ({type(problem).__name__})", "check the files") from None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _labels(name: str, folder: Path) -> list[str]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        found: dict[str, str] = config["id2label"]
        return [str(found[str(number)]) for number in range(len(found))]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise _unusable(name, "its config.json has no id2label", "take the one that came with the model") from None


def _bad_labels(name: str, labels: Sequence[str]) -> frozenset[int]:
    known = [label.strip().lower().replace(" ", "_").replace("-", "_") for label in labels]
    bad = frozenset(number for number, label in enumerate(known) if label in _BAD)
    if not bad or any(label not in _BAD | _GOOD for label in known):
        raise _unusable(name, "its labels are not known", "name them INJECTION and SAFE in config.json")
    return bad


def _unusable(name: str, why: str, hint: str) -> ConfigError:
    shown = name if name.replace("-", "").replace("_", "").replace(".", "").isalnum() else "a detector"
    return ConfigError(f"{shown} cannot be used: {why}", code="C561", hint=hint)


@final
class _Onnx:
    """A model of ONNX with a tokenizer of the `tokenizers` library."""

    def __init__(self, session: Any, tokenizer: Any, numpy: Any) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._numpy = numpy
        self._inputs = [one.name for one in session.get_inputs()]

    def logits(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """See `Runtime`."""
        made = self._tokenizer.encode_batch(list(texts))
        given = {
            "input_ids": [one.ids for one in made],
            "attention_mask": [one.attention_mask for one in made],
            "token_type_ids": [one.type_ids for one in made],
        }
        arrays = {name: self._numpy.array(given[name], dtype=self._numpy.int64) for name in self._inputs}
        rows: list[list[float]] = self._session.run(None, arrays)[0].tolist()
        return rows


def _onnx(folder: Path, weights: Path) -> Runtime:
    runtime, numpy, tokenizers = (import_module(name) for name in ("onnxruntime", "numpy", "tokenizers"))
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(_LONGEST)
    tokenizer.enable_padding()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    return _Onnx(session, tokenizer, numpy)


@final
class _Transformers:
    """A model and a tokenizer of the `transformers` library."""

    def __init__(self, model: Any, tokenizer: Any, torch: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._torch = torch

    def logits(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """See `Runtime`."""
        given = self._tokenizer(list(texts), return_tensors="pt", padding=True, truncation=True, max_length=_LONGEST)
        with self._torch.inference_mode():
            rows: list[list[float]] = self._model(**given).logits.tolist()
        return rows


def _transformers(folder: Path) -> Runtime:
    torch, transformers = import_module("torch"), import_module("transformers")
    alone = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), **alone)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(str(folder), use_safetensors=True, **alone)
    return _Transformers(model.eval(), tokenizer, torch)
